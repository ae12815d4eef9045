"""Which rows of a table were in the table before, and are what they were."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Ints, Mask
from quarterhour.places.frames import bare

MOST_CHANGED = 0.2
"""Where more than this share of the rows has changed, all are looked at anew."""


class RowsBefore(NamedTuple):
    """The rows of a table held against those of the table before.

    ``row`` is where each was (-1: nowhere), ``words`` whether every cell of it but its shapes is
    what it was, ``shapes`` whether these are the very same; ``columns`` are those whose type and
    name were there before.
    """

    row: Ints
    words: Mask
    shapes: Mask
    columns: frozenset[Any]

    @property
    def same(self) -> Mask:
        """Rows of which nothing is another."""
        return self.words & self.shapes

    @property
    def few_others(self) -> bool:
        """Whether it pays to look at the other rows alone."""
        return bool(self.same.sum() >= (1 - MOST_CHANGED) * len(self.row))

    @property
    def in_order(self) -> bool:
        """Whether rows that are the same follow each other as they did."""
        return bool((np.diff(self.row[self.same]) > 0).all())

    @classmethod
    def of(cls, now: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> Self | None:
        """Hold two tables side by side; none where they cannot be."""
        if not before.columns.isin(now.columns).all() or before.crs != now.crs:
            return None
        if before.geometry.name != now.geometry.name:
            return None
        row = rows_in(before.index, now.index)
        there = row >= 0
        mine, theirs = np.flatnonzero(there), row[there]
        words, shapes = there.copy(), there.copy()
        known: set[Any] = set()
        before_cells = bare(before)
        for name, column in bare(now).items():
            drawn = isinstance(column.dtype, gpd.array.GeometryDtype)
            same = shapes if drawn else words
            if name not in before_cells:  # a column more says something of the rows that fill it
                same &= column.isna().to_numpy()
                continue
            other = before_cells[name]
            if column.dtype != other.dtype or (drawn and column.array.crs != other.array.crs):
                same[:] = False
                continue
            known.add(name)
            same[mine] &= _alike(column, other, mine, theirs)
        return cls(row, words, shapes, frozenset(known))


def rows_in(before: pd.Index, now: pd.Index) -> Ints:
    """Give where each label of an index was in another, -1 for nowhere.

    Labels that are the same from the first on, and from the last back, are not looked up: most
    tables differ from the one before in a row or two.
    """
    n = min(len(before), len(now))
    if n == 0 or not before.is_unique:
        return np.asarray(before.get_indexer(now), dtype=np.int64)
    if before.dtype == object and now.dtype == object:
        then, here = addresses(before), addresses(now)
    else:
        then, here = (np.asarray(one, dtype=object) for one in (before, now))
    head = _run(then[:n] == here[:n])
    tail = min(_run((then[-n:] == here[-n:])[::-1]), n - head)
    row = np.arange(len(now), dtype=np.int64)
    last = len(now) - tail
    row[last:] += len(before) - len(now)
    row[head:last] = -1
    if head < last:
        rest = before[head : len(before) - tail]
        found = np.asarray(rest.get_indexer(now[head:last]), dtype=np.int64)
        row[head:last] = np.where(found >= 0, found + head, -1)
    return row


def _run(same: Mask) -> int:
    """How many are true before the first that is not."""
    return len(same) if same.all() else int(np.argmin(same))


def _alike(one: pd.Series[Any], other: pd.Series[Any], mine: Ints, theirs: Ints) -> Mask:
    if one.dtype == object or isinstance(one.dtype, gpd.array.GeometryDtype):
        # The same objects: what they are is not looked at, which is quick.
        return np.asarray(addresses(one.array)[mine] == addresses(other.array)[theirs])
    a, b = one.iloc[mine].reset_index(drop=True), other.iloc[theirs].reset_index(drop=True)
    equal = (a == b).fillna(value=False).to_numpy(dtype=bool)
    return np.asarray(equal | (a.isna() & b.isna()).to_numpy())


_NUMBERS = {"typestr": np.dtype(np.intp).str, "descr": [("", np.dtype(np.intp).str)]}


class _Addresses:
    """The cells of an array of objects as numbers, where they are: nothing is copied."""

    def __init__(self, objects: npt.NDArray[np.object_]) -> None:
        self.objects = objects
        self.__array_interface__ = {**objects.__array_interface__, **_NUMBERS}


def addresses(cells: Any) -> npt.NDArray[np.intp]:
    """Give where each object of a column is kept; no two that are alive are at one place."""
    objects = np.asarray(cells, dtype=object)
    return np.array(_Addresses(objects), copy=None)
