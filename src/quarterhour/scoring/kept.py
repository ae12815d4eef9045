"""What was worked out for one question and serves the next: kept by what it depends on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.places.carried import plain_record
from quarterhour.places.frames import bare
from quarterhour.scoring.rows_before import addresses

_T = TypeVar("_T")

_FEW = 6
"""So many columns are quicker looked at one by one."""


class _Seen:
    """A table as it was when it was seen: a copy of its cells, not of what they hold."""

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        self.table, self.copy = table, table.copy()
        self.attrs = plain_record(table.attrs)
        plain = bare(self.copy)
        self.columns, self.index, self.drawn = plain.columns, plain.index, _drawn(table)
        self.kinds = plain.dtypes.tolist()
        pieces = _pieces(_numbered(bare(table)))
        self.cells = [(one, *_looked_at(_cut(_numbered(plain), one))) for one in pieces]

    def still(self, table: gpd.GeoDataFrame) -> bool:
        """Whether the table is the one that was seen, and nobody has changed it in place."""
        if table is not self.table or plain_record(table.attrs) != self.attrs:
            return False
        now = bare(table)
        for mine, theirs in ((now.columns, self.columns), (now.index, self.index)):
            if not (mine.is_(theirs) or mine.equals(theirs)):
                return False
        if _drawn(table) != self.drawn or now.dtypes.tolist() != self.kinds:
            return False
        now = _numbered(now)
        return all(_are(_cut(now, one), crs, then) for one, crs, then in self.cells)


def _numbered(plain: pd.DataFrame) -> pd.DataFrame:
    """Number the columns, which are quicker to go through than names; they may be double, too."""
    plain.columns = pd.RangeIndex(len(plain.columns))
    return plain


def _drawn(table: pd.DataFrame) -> str | None:
    """Give the name of the column in which a table has its shapes, if it has any."""
    name: str | None = getattr(table, "active_geometry_name", None)
    return name


def _pieces(plain: pd.DataFrame) -> list[slice | int]:
    """Columns as they are looked at: each, or neighbours of objects that lie side by side."""
    of_objects = [pd.api.types.is_object_dtype(kind) for kind in plain.dtypes]
    pieces: list[slice | int] = []
    for objects, group in itertools.groupby(range(len(of_objects)), of_objects.__getitem__):
        several = list(group)
        run = slice(several[0], several[-1] + 1)
        many = objects and len(several) > _FEW
        # Otherwise they would be put side by side at every look.
        beside = many and np.may_share_memory(_cut(plain, run), _cut(plain, run.start))
        pieces += [run] if beside else several
    return pieces


def _cut(plain: pd.DataFrame, piece: slice | int) -> Any:
    """Give the cells of a column, or of several."""
    if isinstance(piece, slice):
        several: pd.DataFrame = plain.iloc[:, piece]
        return several.to_numpy()
    return _cells_of(plain[piece])


def _cells_of(column: Any) -> Any:
    cells = column.array
    return cells.to_numpy() if isinstance(cells, pd.arrays.NumpyExtensionArray) else cells


def same_cells(now: pd.Series[Any], then: pd.Series[Any]) -> bool:
    """Whether two columns hold the same cells: of objects, the same ones."""
    return now.dtype == then.dtype and _are(_cells_of(now), *_looked_at(_cells_of(then)))


def _looked_at(cells: Any) -> tuple[Any, Any]:
    """Give the CRS of cells that are shapes, and the cells as they are held against others."""
    # The same objects in the same places: what they are is not looked at, which is quick.
    if isinstance(cells, gpd.array.GeometryArray):
        return cells.crs, addresses(cells)
    return None, addresses(cells) if cells.dtype == object else cells


def _are(now: Any, crs: Any, then: Any) -> bool:
    """Whether cells are those of another table; both are of one type."""
    if isinstance(now, gpd.array.GeometryArray) and now.crs is not crs and now.crs != crs:
        return False
    if not isinstance(then, np.ndarray):
        return bool(now.equals(then))
    if then.dtype == np.float64:
        return np.array_equal(now, then, equal_nan=True)
    here = addresses(now) if then.dtype == np.intp and now.dtype != np.intp else now
    return here.shape == then.shape and bool((here == then).all())


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
