"""How content residents are with a place, as shares of the best rating whatever the scale was."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.places.cell_words import cells_not_understood, half_width
from quarterhour.places.notes import Note

RATING = "satisfaction"
DIMENSIONS = ("satisfaction_attitude", "satisfaction_ability")
"""服务态度 and 服务能力, the two that residents of Pudong rate."""

_SCALES = (1.0, 5.0, 10.0, 100.0)
_NUMBER = r"\d+(?:\.\d*)?|\.\d+"
_CELL = re.compile(rf"({_NUMBER})\s*(%|分|/\s*({_NUMBER})分?)?")


class Ratings(NamedTuple):
    """Ratings of each place as shares of the best one; NaN where nobody rated.

    ``score`` is that of the place as a whole, or the mean of its dimensions where only these were
    asked; ``n`` how many people rated it (NaN where nobody says).
    """

    score: Floats
    dimensions: dict[str, Floats]
    n: Floats
    notes: list[str]

    @property
    def known(self) -> Any:
        """Mark the places that were rated."""
        return np.isfinite(self.score)


def ratings_of(table: pd.DataFrame) -> Ratings:
    """
    Read the ratings of a table of facilities.

    Parameters
    ----------
    table
        With ``satisfaction``, ``satisfaction_attitude`` and ``satisfaction_ability`` as 92%,
        4.5/5, 4.6 or 92 (the scale of bare numbers is the smallest of 1, 5, 10 and 100 that holds
        the largest of the column, and is noted), and ``satisfaction_n``, how many people rated.
        What nobody rated has no rating.
    """
    notes: list[str] = []
    n = np.full(len(table), np.nan)
    if "satisfaction_n" in table:
        n = pd.to_numeric(table["satisfaction_n"], errors="coerce").to_numpy(dtype=np.float64)
    columns = [name for name in (RATING, *DIMENSIONS) if name in table]
    shares = {name: _shares(table[name], name, notes) for name in columns}
    for values in shares.values():
        values[n == 0] = np.nan
    nothing = np.full(len(table), np.nan)
    whole = shares.pop(RATING, nothing)
    if shares:
        parts = np.column_stack(list(shares.values()))
        count = np.isfinite(parts).sum(axis=1)
        total = np.nansum(parts, axis=1)
        mean = np.divide(total, count, out=nothing.copy(), where=count > 0)
        whole = np.where(np.isfinite(whole), whole, mean)
    return Ratings(whole, shares, n, notes)


def _shares(column: pd.Series[Any], name: str, notes: list[str]) -> Floats:
    """Give the cells as shares; those that are none are noted."""
    values = np.full(len(column), np.nan)
    best = np.full(len(column), np.nan)
    for row, cell in enumerate(column):
        found = _CELL.fullmatch(half_width(cell)) if pd.notna(cell) else None
        if found is None:
            continue
        values[row] = float(found[1])
        if found[3] or found[2] == "%":
            best[row] = float(found[3] or 100)
    bare = np.isfinite(values) & np.isnan(best)
    if bare.any():
        largest = float(values[bare].max())
        scale = next((one for one in _SCALES if largest <= one), None)
        best[bare] = np.nan if scale is None else scale
        if scale is not None:
            told = "{0} is read as out of {1:g}: the largest of its numbers is {2:g}."
            notes.append(Note("rating_scale", told, name, scale, largest))
    share: Floats = np.full(len(values), np.nan)
    np.divide(values, best, out=share, where=best > 0)
    share[~((share >= 0) & (share <= 1))] = np.nan
    said = pd.Series(np.where(np.isfinite(share), 1.0, np.nan), index=column.index)
    empty = column.isna() | column.map(half_width).eq("")
    notes += cells_not_understood(column[said.isna() & ~empty], name)
    return share
