"""What was worked out for one question and serves the next: kept by what it depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.places.carried import plain_record
from quarterhour.places.frames import bare
from quarterhour.scoring.rows_before import addresses

_T = TypeVar("_T")


class _Seen:
    """A table as it was when it was seen: a copy of its cells, not of what they hold."""

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        self.table, self.copy = table, table.copy()
        self.attrs = plain_record(table.attrs)
        plain = bare(self.copy)
        self.columns, self.index, self.crs = plain.columns, plain.index, getattr(table, "crs", None)
        self.cells = [_looked_at(cells) for _, cells in plain.items()]

    def still(self, table: gpd.GeoDataFrame) -> bool:
        """Whether the table is the one that was seen, and nobody has changed it in place."""
        if table is not self.table or plain_record(table.attrs) != self.attrs:
            return False
        now, crs = bare(table), self.crs
        for mine, theirs in ((now.columns, self.columns), (now.index, self.index)):
            if not (mine.is_(theirs) or mine.equals(theirs)):
                return False
        if (own := getattr(table, "crs", None)) is not crs and own != crs:
            return False
        now.columns = pd.RangeIndex(len(now.columns))  # which is quicker to go through than names
        pairs = zip((cells for _, cells in now.items()), self.cells, strict=True)
        return all(_are(one, dtype, then) for one, (dtype, then) in pairs)


def same_cells(now: pd.Series[Any], then: pd.Series[Any]) -> bool:
    """Whether two columns hold the same cells: of objects, the same ones."""
    return _are(now, *_looked_at(then))


def _looked_at(cells: pd.Series[Any]) -> tuple[Any, Any]:
    """Give the type of a column, and its cells as they are held against others."""
    dtype = cells.dtype
    if pd.api.types.is_object_dtype(dtype) or isinstance(dtype, gpd.array.GeometryDtype):
        # The same objects in the same places: what they are is not looked at, which is quick.
        return dtype, addresses(cells.array)
    if dtype == np.float64:
        return dtype, np.asarray(cells)
    return dtype, cells


def _are(now: pd.Series[Any], dtype: Any, then: Any) -> bool:
    """Whether a column has a type and holds the cells of another."""
    if now.dtype is not dtype and now.dtype != dtype:
        return False
    if isinstance(then, np.ndarray):
        if dtype == np.float64:
            return np.array_equal(np.asarray(now), then, equal_nan=True)
        here = addresses(now.array)
        return len(here) == len(then) and bool((here == then).all())
    return bool(now.equals(then))


class Kept:
    """Results of the steps of an answer, each with what it was made from."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._steps: dict[str, tuple[tuple[object, ...], Any]] = {}
        self.told: frozenset[str] = frozenset()

    def copy(self) -> Kept:
        """Give the same for another question: what it works out anew is its own."""
        other = Kept()
        other._seen, other._steps = dict(self._seen), dict(self._steps)
        other.told = self.told
        return other

    def table(self, name: str, table: gpd.GeoDataFrame) -> object:
        """Give a mark of the table, which is another one where a cell of it has changed."""
        if name not in self._seen or not self._seen[name].still(table):
            self._seen[name] = _Seen(table)
        return self._seen[name]

    def still(self, name: str, table: gpd.GeoDataFrame | None) -> bool:
        """Whether a table is the one that was seen last and nobody has changed it in place since.

        ``None`` stands for a table that was made, not given.
        """
        seen = self._seen.get(name)
        return seen is not None and seen.still(seen.table if table is None else table)

    def of_table(self, name: str, step: str, make: Callable[[gpd.GeoDataFrame], _T]) -> _T:
        """Give what was made of a table as it was seen last, made when it is first asked for."""
        seen = self._seen[name]
        return self.step(step, (seen,), lambda: make(seen.table))

    def last(self, name: str) -> tuple[tuple[Any, ...], Any] | None:
        """Give what a step depended on when it was last made, and its result, if it ever was."""
        return self._steps.get(name)

    def put(self, name: str, depends: tuple[object, ...], result: Any) -> None:
        """Keep the result of a step that was made elsewhere."""
        self._steps[name] = (depends, result)

    def step(self, name: str, depends: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """Give the result of a step, made anew where something that it depends on is another."""
        known = self._steps.get(name)
        if known is None or known[0] != depends:
            known = self._steps[name] = (depends, make())
        result: _T = known[1]
        return result
