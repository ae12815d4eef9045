"""Faults of a table as such, whatever it holds: its index, its column names, its cells."""

from __future__ import annotations

from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely import Point

from quarterhour.arrays import Floats
from quarterhour.errors import InputError

TEXTS = ("name", "name:zh", "name:en", "typecode", "type", "item", "area_kind", "opening_hours")
"""Columns whose cells are one text each."""

_SHOWN = 5


def bare(table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the columns of a table without what it carries, which is copied at every look."""
    plain = pd.DataFrame(table, copy=False)
    plain.attrs = {}
    return plain


def check_one_index(table: pd.DataFrame, what: str) -> None:
    """
    Refuse an index of several levels: results are aligned to one label a row.

    Parameters
    ----------
    table
        The table.
    what
        What to call it.

    Raises
    ------
    InputError
        If it has a MultiIndex.
    """
    if isinstance(table.index, pd.MultiIndex):
        levels = ", ".join(str(name) for name in table.index.names)
        raise InputError(
            f"The index of the {what} has {table.index.nlevels} levels ({levels}), but a row is "
            "known by one label. Call table.reset_index(), or join the levels into one text."
        )


def check_columns(table: pd.DataFrame, what: str) -> None:
    """
    Refuse two columns of one name, and column names of several levels.

    Parameters
    ----------
    table
        The table.
    what
        What to call it.

    Raises
    ------
    InputError
        If nobody can say which column is meant.
    """
    if isinstance(table.columns, pd.MultiIndex):
        raise InputError(
            f"The columns of the {what} have names of {table.columns.nlevels} levels. Give each "
            'one name, such as table.columns = ["_".join(names) for names in table.columns].'
        )
    double = table.columns[table.columns.duplicated()].unique()
    if len(double):
        names = ", ".join(repr(name) for name in double[:_SHOWN])
        raise InputError(
            f"The {what} have more than one column called {names}, as joins leave them. Drop or "
            "rename one of each: table.loc[:, ~table.columns.duplicated()] keeps the first."
        )


def check_cells(table: pd.DataFrame, what: str) -> None:
    """
    Refuse lists and the like in the cells of columns that hold one text each.

    Parameters
    ----------
    table
        The table.
    what
        What to call it.

    Raises
    ------
    InputError
        If a cell holds several things.
    """
    for name in TEXTS:
        if name not in table.columns or not pd.api.types.is_object_dtype(table[name]):
            continue
        if pd.api.types.infer_dtype(table[name], skipna=True) in ("string", "empty"):
            continue  # texts alone
        several = table[name].map(_holds_several).to_numpy(dtype=bool)
        if several.any():
            row = table.index[several][0]
            raise InputError(
                f"{int(several.sum())} cells of the column {name!r} of the {what} hold several "
                f"things instead of one text (row {row}: {table[name][several].iloc[0]!r}). "
                f'Join them, such as table[{name!r}].str.join("|").'
            )


def _holds_several(cell: Any) -> bool:
    return pd.api.types.is_list_like(cell)


def is_in_metres(table: gpd.GeoDataFrame) -> bool:
    """Tell whether both axes are in metres."""
    units = {axis.unit_name for axis in table.crs.axis_info}
    return bool(table.crs.is_projected and units == {"metre"})


def utm_of(table: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """Give the UTM zone of a table, as ``estimate_utm_crs`` does, which is slow to look it up."""
    if table.crs.is_geographic:
        west, south, east, north = table.total_bounds
        lon, lat = (west + east) / 2, (south + north) / 2
        # Where zones meet, and near the poles, the library decides.
        if abs(lon) < 180 and lon % 6 > 0 and 0 < abs(lat) < 80:
            return _utm_zone(int(lon // 6), north=bool(lat > 0))
    crs: pyproj.CRS = table.estimate_utm_crs()
    return crs


@cache
def _utm_zone(column: int, *, north: bool) -> pyproj.CRS:
    """Give the zone that begins at six times so many degrees of longitude."""
    middle = Point(6 * column + 3, 40 if north else -40)
    crs: pyproj.CRS = gpd.GeoSeries([middle], crs=4326).estimate_utm_crs()
    return crs


def counted_residents(areas: gpd.GeoDataFrame) -> Floats:
    """Give the residents of each area, NaN where nobody has counted."""
    if "residents" not in areas:
        return np.full(len(areas), np.nan)
    return np.asarray(areas["residents"].to_numpy(dtype=np.float64, na_value=np.nan))
