"""quarterhour checklist: the shipped checklists, and the lines of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from quarterhour.cli.options import checklist_names, example
from quarterhour.cli.streams import echo

if TYPE_CHECKING:
    from quarterhour.standards.items import Item

CHECKABILITY = {
    "A": "mapped well",
    "B": "mapped in part",
    "C": "rarely mapped",
    "D": "not mapped",
}
"""What the letters say of how well maps and point tables show an item."""


@click.group(
    "checklist",
    short_help="List and show the shipped checklists.",
    epilog=example("checklist show beijing-2011"),
)
def command() -> None:
    """List and show the shipped checklists."""


@command.command(
    "list", short_help="List the shipped checklists.", epilog=example("checklist list")
)
def _list() -> None:
    """List the shipped checklists with their number of items."""
    echo("\n".join(list_lines()))


@command.command(
    "show",
    short_help="Show the items of a checklist.",
    epilog=example("checklist show beijing-2011"),
)
@click.argument("name", shell_complete=checklist_names)
def _show(name: str) -> None:
    """Show the items of a checklist: NAME is a shipped one or a TOML file."""
    echo("\n".join(show_lines(name)))


def list_lines() -> list[str]:
    """Tabulate the shipped checklists."""
    from quarterhour.cli.text import fitted, table_text
    from quarterhour.standards.checklist import checklists

    rows = [["checklist", "", "", "items", "groups", "status"]]
    for key, row in checklists().iterrows():
        words = [str(key), fitted(row["zh"], 48), fitted(row["en"], 60)]
        rows.append([*words, str(row["items"]), str(row["groups"]), row["status"]])
    return table_text(rows, left=3, indent="")


def show_lines(name: str) -> list[str]:
    """Tabulate the items of one checklist, group by group.

    Raises
    ------
    ChecklistError
        If it is unknown or its file has a mistake.
    """
    from quarterhour.standards.checklist import Checklist

    found = Checklist.load(name)
    lines = [f"{found.key}: {found.zh}", found.en, f"Status: {found.status}"]
    lines.append(f"Source of every line that names no other: {found.citation}")
    number = {item.key: str(n) for n, item in enumerate(found, 1)}
    counts = []
    for group in found.groups:
        mine = [item for item in found if item.group == group.key]
        counts.append(len(mine))
        lines += ["", f"{group.zh} {group.en} ({len(mine)})"]
        for item in mine:
            lines.append(f"{number[item.key]:>4}  {item.zh}  {item.key}")
            lines.append(f"      {item.en}")
            lines.append(f"      {'; '.join(_facts(item, found.citation))}")
    total = " + ".join(map(str, counts))
    lines += ["", f"Lines: {total} = {sum(counts)}" if len(counts) > 1 else f"Lines: {total}"]
    return [*lines, *(["", f"Note: {found.note.strip()}"] if found.note else [])]


def _facts(item: Item, source: str) -> list[str]:
    """Say of a line what it asks for, how it is shown by data, and where it comes from."""
    limit = str(item.limit)
    facts = [item.kind, limit + (f", {item.at_least} of them" if item.at_least > 1 else "")]
    facts += [] if item.required else ["optional"]
    facts += [f"any of: {', '.join(item.any_of)}"] if len(item.any_of) > 1 else []
    facts += [f"parts: {', '.join(item.parts)}"] if item.parts else []
    facts += [CHECKABILITY[item.checkability], item.status]
    cited = item.citation or "no citation"
    return facts if cited == source else [*facts, cited]
