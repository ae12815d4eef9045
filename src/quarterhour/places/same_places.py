"""Which facilities are one place, found again only among those whose names are concerned."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask, are_comparable
from quarterhour.places.duplicates import (
    Whole,
    families_of,
    metric_crs_of,
    same_among,
    sizes_of,
)
from quarterhour.places.names import NAME_COLUMNS
from quarterhour.places.namesakes import REGION_COLUMNS, regions_of, spread_of


class SamePlaces(NamedTuple):
    """Of each facility the place that it is (the label of a row), and why it is another's.

    ``reason`` is "duplicate", "entrance", or "" for a place of its own.
    """

    labels: pd.Index
    place: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]
    whole: Whole
    family: npt.NDArray[np.object_]
    size_m: Floats

    @classmethod
    def of(
        cls,
        table: gpd.GeoDataFrame,
        rows: Ints | None = None,
        before: tuple[Self, Mask] | None = None,
    ) -> Self:
        """Find the places of the rows of a table, or of some of them.

        ``before`` are those of another table, and which of these rows are as they were. Only a
        row of the same family can be the same place, so that families of which no row has come,
        gone or changed are what they were.
        """
        table = table.copy(deep=False)
        table.attrs = {}  # which are copied at every look at a column
        rows = np.arange(len(table)) if rows is None else rows
        known, same = before or (None, np.zeros(len(rows), dtype=bool))
        said = [table.geometry.name]
        said += [name for name in (*REGION_COLUMNS, *NAME_COLUMNS) if name in table]
        facilities = table[said].iloc[rows]  # most tables have many columns that matter little
        crs, regions = metric_crs_of(facilities), regions_of(facilities)
        if known is not None and (known.whole.crs != crs or known.whole.regions != regions):
            known = None
        labels = facilities.index
        row = np.full(len(labels), -1)
        if known is not None and same.any():
            row[same] = known.labels.get_indexer(labels[same])
        family, size = _described(facilities, row, known, (crs, regions))
        spread = spread_of(size, family != "")
        whole = Whole(crs, regions, spread, comparable=are_comparable(labels))
        if known is None or known.whole != whole or (np.diff(row[row >= 0]) < 0).any():
            known, row = None, np.full(len(labels), -1)
        place = np.asarray(labels.to_numpy(dtype=object), dtype=object).copy()
        reason = np.full(len(labels), "", dtype=object)
        some = np.arange(len(labels))
        if known is not None:
            there = row >= 0
            place[there], reason[there] = known.place[row[there]], known.reason[row[there]]
            some = _concerned(family, row, known)
        place[some], reason[some] = place_of(labels, some), ""
        some = some[_called_alike(family[some])]
        if len(some):
            kept, why, _ = same_among(table.iloc[rows[some]], whole)
            place[some], reason[some] = place_of(labels, some[kept]), why
        return cls(labels, place, reason, whole, family, size)


def place_of(labels: pd.Index, rows: Ints) -> npt.NDArray[np.object_]:
    """Give labels as objects."""
    return np.asarray(labels.take(rows).to_numpy(dtype=object), dtype=object)


def _described(
    facilities: gpd.GeoDataFrame, row: Ints, known: SamePlaces | None, whole: Any
) -> tuple[npt.NDArray[np.object_], Floats]:
    """Give the family and the size of each row; those of rows that are as they were are known."""
    crs, regions = whole
    family = np.full(len(row), "", dtype=object)
    size = np.full(len(row), np.nan)
    new = np.flatnonzero(row < 0)
    if known is not None:
        there = row >= 0
        family[there], size[there] = known.family[row[there]], known.size_m[row[there]]
    if len(new):
        some = facilities.iloc[new]
        family[new] = families_of(some, regions)
        size[new] = sizes_of(some, crs)
    return family, size


def _called_alike(family: npt.NDArray[np.object_]) -> Mask:
    """Mark the rows of families that have several."""
    codes, _ = pd.factorize(family)
    several = np.bincount(codes, minlength=1) > 1
    return np.asarray(several[codes] & (family != ""), dtype=bool)


def _concerned(family: npt.NDArray[np.object_], row: Ints, known: SamePlaces) -> Ints:
    """Rows of the families in which something has come, gone or changed."""
    gone = np.ones(len(known.labels), dtype=bool)
    gone[row[row >= 0]] = False
    touched = {*family[row < 0], *known.family[gone]} - {""}
    mine = np.fromiter((one in touched for one in family), dtype=bool, count=len(family))
    return np.flatnonzero(mine | (row < 0))
