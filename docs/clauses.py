"""Writes docs/clauses.md from docs/clauses.toml: ``python docs/clauses.py``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TABLE, PAGE = HERE / "clauses.toml", HERE / "clauses.md"

SOURCES = {
    "B": "Beijing 2011: the draft opinion on 一刻钟社区服务圈 with the annex of 30 items",
    "N": "Beijing 2010 to 2011, in the press",
    "T": "Beijing 2017, in the press",
    "P": "Pudong: 家门口服务站, in the press",
    "X": "Xuzhou: 徐州市社区基本公共服务标准, in the press",
}
"""What the first letter of a clause stands for."""

HEAD = """# Every clause has an address

<!-- Written by `python docs/clauses.py` from docs/clauses.toml: change the table instead. -->

The five documents that the project began with say what a service circle is to be. Each of their
clauses that could become a feature stands here once: what answers it, which tests show it, and what
of it cannot be computed from streets and tables, and why. A test holds every name on this page to
what there is, and every test to being run.

{counts}
"""


def clauses() -> list[dict[str, Any]]:
    """Read the table."""
    found: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["clauses"]
    return found


def page(table: Iterable[Mapping[str, Any]]) -> str:
    """Write the page of a table."""
    rows = list(table)
    whole = sum("answer" in one and "why_not" not in one for one in rows)
    part = sum("answer" in one and "why_not" in one for one in rows)
    counts = (
        f"{len(rows)} clauses: {whole} answered, {part} answered in part with what is left told, "
        f"{len(rows) - whole - part} that cannot be computed."
    )
    parts = [HEAD.format(counts=counts)]
    for letter, source in SOURCES.items():
        parts.append(f"## {source}\n\n| clause | says | answer | shown by |\n|---|---|---|---|")
        parts += [_row(one) for one in rows if one["id"].startswith(letter)]
        parts.append("")
    return "\n".join(parts)


def _row(one: Mapping[str, Any]) -> str:
    answer = [one["answer"]] if "answer" in one else []
    if "why_not" in one:
        answer.append(f"*Not computed:* {one['why_not']}")
    shown = "<br>".join(_test(name) for name in one.get("tests", []))
    return f"| {one['id']} | {one['quote']} | {' '.join(answer)} | {shown} |"


def _test(name: str) -> str:
    """Name a test as people read it; the file is in its address."""
    file, _, function = name.partition("::")
    return f"{function.removeprefix('test_').replace('_', ' ')} (`{file.removeprefix('tests/')}`)"


if __name__ == "__main__":
    PAGE.write_text(page(clauses()), encoding="utf-8")
