"""Places inside the same walls: one walks straight from one to another, not out and in again."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, Mask, runs
from quarterhour.places.origins import BEHIND
from quarterhour.streets.street_arrays import StreetArrays

INSIDE = "inside_m"
"""Column of homes and facilities: metres walked beyond the door, which every walk has more."""


def inside_m(table: pd.DataFrame) -> Floats:
    """Metres that are walked within the premises of each row; none where nothing is said."""
    if INSIDE not in table:
        return np.zeros(len(table))
    more = pd.to_numeric(table[INSIDE], errors="coerce").fillna(0.0)
    return np.asarray(more, dtype=np.float64)


class Grounds(NamedTuple):
    """For each row the number of the compound it lies in (-1: none), its label, and its shape.

    ``more_m`` are the metres walked within the premises, ``units`` how many units of the plane a
    metre is.
    """

    number: Ints
    labels: pd.Index
    shapes: npt.NDArray[np.object_]
    more_m: Floats
    units: Floats

    def take(self, rows: Ints) -> Grounds | None:
        """Only the rows that are asked for, in that order; None where none of them is in one."""
        number = self.number[rows]
        if not (number >= 0).any():
            return None
        more_m, units = self.more_m[rows], self.units[rows]
        return Grounds(number, self.labels, self.shapes[rows], more_m, units)

    def same(self, other: Grounds) -> bool:
        """Whether the rows lie in the same compounds, at the same places."""
        mine, theirs = self.labels_of_rows(), other.labels_of_rows()
        if not np.array_equal(mine, theirs) or not np.array_equal(self.more_m, other.more_m):
            return False
        return np.array_equal(self.shapes, other.shapes)

    def labels_of_rows(self) -> npt.NDArray[np.object_]:
        """Give the label of the compound of each row, or None."""
        found = np.full(len(self.number), None, dtype=object)
        inside = self.number >= 0
        found[inside] = np.asarray(self.labels, dtype=object)[self.number[inside]]
        return found


def same_grounds(one: Grounds | None, other: Grounds | None) -> bool:
    """Whether two tables lie in the same compounds, at the same places, or both in none."""
    if one is None or other is None:
        return one is other
    return one.same(other)


def grounds_of(
    table: gpd.GeoDataFrame, shapes: npt.NDArray[np.object_], network: StreetArrays
) -> Grounds | None:
    """Read off a table in which compound each row lies; None where nobody is in one.

    ``shapes`` are where the rows are entered or left, in the CRS of the streets.
    """
    if BEHIND not in table or table[BEHIND].isna().all():
        return None
    number, labels = pd.factorize(table[BEHIND].astype(object))
    kept = np.full(len(shapes), None, dtype=object)
    kept[number >= 0] = shapes[number >= 0]
    inside = pd.Index(labels, dtype=object)
    units = network.units_per_metre(kept)
    return Grounds(np.asarray(number, dtype=np.int64), inside, kept, inside_m(table), units)


def grounds_of_both(one: Grounds | None, n: int, other: Grounds | None, m: int) -> Grounds | None:
    """Give the compounds of the rows of two tables, of ``n`` and ``m`` rows, as of one table."""
    if one is None and other is None:
        return None
    parts = [_in_none(size) if one is None else one for one, size in ((one, n), (other, m))]
    label = np.concatenate([part.labels_of_rows() for part in parts])
    number, labels = pd.factorize(label)
    rest = [[getattr(part, name) for part in parts] for name in ("shapes", "more_m", "units")]
    inside = pd.Index(labels, dtype=object)
    return Grounds(np.asarray(number, dtype=np.int64), inside, *map(np.concatenate, rest))


def _in_none(n: int) -> Grounds:
    nowhere, shapes = np.full(n, -1, dtype=np.int64), np.full(n, None, dtype=object)
    return Grounds(nowhere, pd.Index([], dtype=object), shapes, np.zeros(n), np.ones(n))


def straight_walks(
    start: Grounds | None, end: Grounds | None, walking: tuple[Mask, Mask], speed_m_s: float
) -> tuple[Ints, Ints, Floats]:
    """Walks from start to end within the same walls: rows of both, and seconds.

    ``walking`` says which rows of each are joined to the streets at all; others walk nowhere.
    """
    none = np.zeros(0, dtype=np.int64)
    if start is None or end is None:
        return none, none, np.zeros(0)
    theirs = np.append(start.labels.get_indexer(end.labels), -1)[end.number]
    here, there = start.number.copy(), np.where(walking[1], theirs, -1)
    here[~walking[0]] = -1
    order = np.argsort(there, kind="stable")
    row = np.flatnonzero(here >= 0)
    first = np.searchsorted(there[order], here[row], side="left")
    count = np.searchsorted(there[order], here[row], side="right") - first
    which = np.repeat(np.arange(len(row)), count)
    i, j = row[which], order[runs(first, count)]
    # The mean of both ends, so that the way back is as long.
    straight = shapely.distance(start.shapes[i], end.shapes[j])
    straight *= (1.0 / start.units[i] + 1.0 / end.units[j]) / 2.0
    metres = straight + start.more_m[i] + end.more_m[j]
    near = np.isfinite(metres)
    return i[near], j[near], metres[near] / speed_m_s
