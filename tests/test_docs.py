"""The documentation: its code runs, its links lead somewhere, every command is in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest

import quarterhour as qh
from quarterhour.cli import cli
from quarterhour.scorecard import REASONS, STATUSES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
NAMES = [str(page.relative_to(DOCS)) for page in PAGES]


def code_of(page: Path) -> list[str]:
    """The Python of a page, block by block."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def given(page: Path) -> dict[str, Any]:
    """What a page says that its reader has: an item and a group of one's own."""
    if page.name != "checklists.md":
        return {}
    group = qh.Checklist.load("beijing-2011").groups[0]
    item = qh.Item("tea_room", "茶室", "tea room", group.key, "commercial", "B")
    return {"item": item, "group": group}


@pytest.mark.parametrize("page", [page for page in PAGES if code_of(page)], ids=lambda p: p.stem)
@pytest.mark.filterwarnings("ignore::quarterhour.errors.QuarterhourWarning")
def test_the_code_of_the_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = given(page)
    for number, block in enumerate(code_of(page), start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)  # noqa: S102


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_links_of_the_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if name != "index.md" and name not in index] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(page.name[:4]) for page in (DOCS / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_command_and_option_is_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    for name, command in cli.commands.items():
        subcommands = command.commands if isinstance(command, click.Group) else {}
        for words in [f"{name} {inner}" for inner in subcommands] or [name]:
            assert f"`quarterhour {words}`" in text
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in text, f"{name} {option.opts[0]}"


def test_every_status_reason_and_measure_is_documented() -> None:
    text = (DOCS / "conventions.md").read_text(encoding="utf-8")
    for word in (*STATUSES, *REASONS, "population", "residence", "area", "item"):
        assert f"`{word}`" in text
