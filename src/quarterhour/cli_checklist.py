"""Checklists as plain text."""

from __future__ import annotations

import quarterhour
from quarterhour.checklist import Checklist, Item
from quarterhour.cli_text import fitted, table_text

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
    lines = [f"{found.key}: {found.zh}", found.en, f"{found.citation} ({found.status})", ""]
    rows = [["item", "", "", "limit", "data", "status"]]
    for item in found:
        limit = f"{item.limit_m:g} m" if item.limit_m is not None else _minutes(item)
        several = f", {item.at_least} of them" if item.at_least > 1 else ""
        rows.append(
            [
                item.key,
                fitted(item.zh, 36),
                fitted(item.en, 44),
                limit + several,
                CHECKABILITY[item.checkability],
                item.status,
            ]
        )
    table = table_text(rows, left=6)
    lines.append(table[0])
    for group in found.groups:
        lines.append(f"{group.zh} {group.en}")
        lines += [
            line for line, item in zip(table[1:], found, strict=True) if item.group == group.key
        ]
    return [*lines, "", *(["Note:" + found.note.rstrip()] if found.note else [])]


def _minutes(item: Item) -> str:
    return f"{15 if item.limit_minutes is None else item.limit_minutes:g} min"
