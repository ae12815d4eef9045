"""Which row of a sheet is its header: ledgers have a title, a date, or two rows of headers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.sources.tables import positions

_SEARCHED = 15  # rows from the top


class Found(NamedTuple):
    """The names of the columns, where their row is, and what there is to tell."""

    names: list[str]
    row: int
    notes: list[str]


def find_header(
    rows: Sequence[Sequence[str | None]], wanted: Collection[str], source: str
) -> Found:
    """
    Find the header among the first rows.

    It is the first row, unless a later one holds what the first does not: columns that say where
    a row is, or the columns that the caller names.

    Parameters
    ----------
    rows
        The rows, without empty ones.
    wanted
        Column names that the caller gave.
    source
        What to call the file.

    Returns
    -------
    found
        The names of the columns, the number of their row in `rows`, and notes.
    """
    cells = [[(cell or "").strip().lstrip("\ufeff") for cell in row] for row in rows[:_SEARCHED]]
    if not any(any(row) for row in cells):
        raise InputError(f"{source} holds no row with anything in it.")
    number = next((number for number, row in enumerate(cells) if is_header(row, wanted)), 0)
    names = cells[number]
    notes: list[str] = []
    if number:
        above = cells[number - 1]
        if sum(map(bool, above)) > 1:  # cells merged over two rows have their name in the upper one
            width = max(len(names), len(above))
            padded = [*above, *[""] * (width - len(above))], [*names, *[""] * (width - len(names))]
            names = [lower or upper for upper, lower in zip(*padded, strict=True)]
        title = " ".join(cell for row in cells[:number] for cell in row if cell)
        told = "The header is in row {0}; above it stands: {1}."
        notes.append(Note("header_row", told, number + 1, title[:80]))
    return Found(_named(names, source), number, notes)


def is_header(row: Sequence[str], wanted: Collection[str]) -> bool:
    """
    Tell whether a row can be the header.

    Parameters
    ----------
    row
        Its cells.
    wanted
        Column names that the caller gave.

    Returns
    -------
    is_so
        True if it holds these, or columns that say where a row is.
    """
    if wanted:
        return set(wanted) <= set(row)
    return bool(positions.found([cell for cell in row if cell], {}))


def _named(cells: Sequence[str], source: str) -> list[str]:
    names = list(cells)
    while names and not names[-1]:
        names.pop()
    names = [name or f"column {number}" for number, name in enumerate(names, 1)]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise InputError(f"{source} has more than one column called {listed(double)}.")
    return names
