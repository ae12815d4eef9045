"""Checklists as plain text."""

from __future__ import annotations

import quarterhour
from quarterhour.cli.text import fitted, table_text
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.items import Item

CHECKABILITY = {
    "A": "mapped well",
    "B": "mapped in part",
    "C": "rarely mapped",
    "D": "not mapped",
}
"""What the letters say of how well maps and point tables show an item."""


def list_lines() -> list[str]:
    """Tabulate the shipped checklists."""
    rows = [["checklist", "", "", "items", "groups", "status"]]
    for key, row in quarterhour.checklists().iterrows():
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
