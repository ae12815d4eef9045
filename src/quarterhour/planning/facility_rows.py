"""Rows of facilities as a change leaves them: one more, elsewhere, another; and its twins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Ints
from quarterhour.places.contracts import listed
from quarterhour.places.duplicates import (
    Whole,
    families_of,
    metric_crs_of,
    same_among,
    sizes_of,
)
from quarterhour.places.frames import bare
from quarterhour.places.names import NAME_COLUMNS
from quarterhour.places.namesakes import REGION_COLUMNS, regions_of, spread_of
from quarterhour.places.origins import BEHIND

_AROUND_M = 1_000.0
"""How far places that are called alike may be from each other and yet be one."""

WAYS_IN = ("entrances", "exits")
"""Columns that tell how a place is entered."""

_OBJECT = np.dtype(object)


def with_row(
    there: gpd.GeoDataFrame, label: str, shape: Any, row: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Put a row below a table, whose columns keep their types where they can."""
    plain = bare(there)
    kinds = plain.dtypes
    objects = [name for name in plain.columns if pd.api.types.is_object_dtype(kinds[name])]
    # Most columns are of objects, and quicker put together as one.
    cells = np.empty((len(objects), len(there) + 1), dtype=object)
    cells[:, :-1] = plain[objects].to_numpy().T
    for place, name in enumerate(objects):
        cells[place, -1] = row.get(str(name))
    text = isinstance(there.index.dtype, pd.StringDtype)
    old = there.index if text else there.index.astype(object)
    index = old.append(pd.Index([label], dtype=old.dtype))
    table = gpd.GeoDataFrame(
        cells.T, index=index, columns=pd.Index(objects), dtype=object, copy=False
    )
    for place, name in enumerate(plain.columns):
        if name in objects:
            continue
        value = shape if name == there.geometry.name else row.get(str(name))
        if isinstance(kinds[name], gpd.array.GeometryDtype):
            shapes = np.full(len(table), None, dtype=object)
            shapes[:-1], shapes[-1] = np.asarray(plain[name].array, dtype=object), value
            table.insert(place, name, gpd.array.GeometryArray(shapes, crs=plain[name].array.crs))
        else:
            new = _as(pd.Series([value], dtype=object), kinds[name])
            both = pd.concat([plain[name], new], ignore_index=True).set_axis(index)
            table.insert(place, name, both)
    for name in row:
        if name not in there:
            column = np.full(len(table), None, dtype=object)
            column[-1] = row[name]
            table[name] = pd.Series(column, index=index, dtype=object)
    return gpd.GeoDataFrame(table, geometry=there.geometry.name, crs=there.crs)


def rows_like(
    there: gpd.GeoDataFrame, labels: Sequence[Any], rows: Sequence[Mapping[str, Any]]
) -> gpd.GeoDataFrame:
    """Make rows that could stand in a table: with its types, without columns that say nothing."""
    plain = bare(there)
    names = [name for row in rows for name, cell in row.items() if not _is_nothing(cell)]
    text = isinstance(there.index.dtype, pd.StringDtype)
    index = pd.Index(list(labels), dtype=there.index.dtype if text else object)
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [row.get(name) for row in rows]
        dtype = plain[name].dtype if name in plain else _OBJECT
        if isinstance(dtype, gpd.array.GeometryDtype):
            columns[name] = gpd.array.GeometryArray(cells, crs=plain[name].array.crs)
        elif dtype == _OBJECT:
            columns[name] = cells
        else:
            columns[name] = _as(pd.Series(cells, index=index), dtype)
    table = pd.DataFrame(columns, index=index, copy=False)
    return gpd.GeoDataFrame(table, geometry=there.active_geometry_name)


def row_of(there: gpd.GeoDataFrame, label: Any) -> dict[str, Any]:
    """Give the cells of a row that say something."""
    row = bare(there).iloc[there.index.get_loc(label)]
    cells = zip(map(str, row.index), row.array, strict=True)
    return {name: cell for name, cell in cells if not _is_nothing(cell)}


def _is_nothing(cell: Any) -> bool:
    return bool(cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)))


def _as(cells: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    """Give cells the type that their column had, where they can have it."""
    if (
        pd.api.types.is_bool_dtype(dtype) and cells.isna().any()
    ):  # which would become False, or True
        return cells
    try:
        return cells.astype(dtype)
    except (TypeError, ValueError):
        return cells


def moved(table: gpd.GeoDataFrame, label: Any, shape: Any) -> gpd.GeoDataFrame:
    """Give a table with one row elsewhere, where nothing is known of its ways in."""
    row = table.index.get_loc(label)
    shapes = np.asarray(table.geometry.array, dtype=object).copy()
    shapes[row] = shape
    found = table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))
    for column in WAYS_IN:
        if column in found:
            found[column] = _cleared(found[column], row, found.crs)
    if BEHIND in found:
        found[BEHIND] = found[BEHIND].astype(object).mask(found.index == label, None)
    return found


def changed(table: gpd.GeoDataFrame, label: Any, values: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Give a table with other values in one row."""
    found = table.copy()
    row = found.index.get_loc(label)
    for name, value in values.items():
        cells = np.full(len(found), None, dtype=object)
        if name in found:
            cells = found[name].to_numpy(dtype=object, copy=True)
        cells[row] = value
        dtype = found[name].dtype if name in found else object
        found[name] = _as(pd.Series(cells, index=found.index), dtype)
    return found


class Called(NamedTuple):
    """What the places of a table are called: the number of each row's family, -1 for none."""

    family: Ints
    whole: Whole

    @classmethod
    def of(cls, there: gpd.GeoDataFrame) -> Self:
        """Read the names of all rows."""
        names = [n for n in (*NAME_COLUMNS, *REGION_COLUMNS) if n in there]
        named, crs = there[[there.geometry.name, *names]], metric_crs_of(there)
        regions = regions_of(named)
        family = np.array(families_of(named, regions), dtype=object)
        family[family == ""] = None
        number = np.asarray(pd.factorize(family)[0], dtype=np.int64)
        spread = spread_of(sizes_of(named, crs), number >= 0)
        return cls(number, Whole(crs, regions, spread))


def twins_of(there: gpd.GeoDataFrame, label: Any, called: Called | None = None) -> list[Any]:
    """Name the other rows that are the same place: of those around, only such as are called so.

    ``called`` is what the places of the table are called, where that is known.
    """
    called = Called.of(there) if called is None else called
    row = there.index.get_loc(label)
    alike = np.flatnonzero(called.family == called.family[row])
    if called.family[row] < 0 or len(alike) < 2:
        return []
    shapes = there.geometry.iloc[alike].to_crs(called.whole.crs)
    near = alike[(shapes.distance(shapes.loc[label]) <= _AROUND_M).to_numpy()]
    if len(near) < 2:
        return []
    part = there.iloc[near]
    kept, why, _ = same_among(part, called.whole)
    row = int(np.flatnonzero(near == row)[0])
    if why[row] == "entrance":  # a door of something that stays
        return []
    mine = (part.index[kept[row]], *part.index[kept == kept[row]])
    return [one for one in dict.fromkeys(mine) if one != label]


def also(twins: list[Any]) -> str:
    """Say which rows go with another, in brackets."""
    return f" (listed as {listed(twins)}, too)" if twins else ""


def _cleared(column: Any, row: Any, crs: Any) -> gpd.GeoSeries:
    cells = np.asarray(column.array, dtype=object).copy()
    cells[row] = None
    return gpd.GeoSeries(cells, index=column.index, crs=getattr(column, "crs", None) or crs)
