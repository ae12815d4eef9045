"""Parts of a document that commands put into it, each between marks of its own."""

from __future__ import annotations

import re
from pathlib import Path


def put(document: Path, text: str, begin: str, end: str) -> None:
    """Put a part into a document, in place of the one between the same marks."""
    page = document.read_text(encoding="utf-8")
    if begin in page:
        page = page[: page.index(begin)] + page[page.index(end) + len(end) :].lstrip("\n")
    document.write_text(page.rstrip() + "\n\n" + text + "\n", encoding="utf-8")


def kept_parts(page: str) -> str:
    """What other commands have put into the document, between marks of theirs."""
    parts = re.findall(r"<!-- ([\w ]+) -->.*?<!-- end of \1 -->", page, flags=re.DOTALL)
    found = []
    for name in parts:
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        found.append(page[page.index(begin) : page.index(end) + len(end)])
    return "".join(f"\n{part}\n" for part in found)
