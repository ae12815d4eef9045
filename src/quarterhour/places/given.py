"""Whatever was given as places, as a table that keeps its contract, at every door."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.places.contracts import check_bounds, check_frame, listed
from quarterhour.places.datum import check_datum

Given: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | shapely.Geometry | Sequence[Any]
"""A table; or a longitude and latitude, a point, or several of them, in WGS 84 degrees."""


def places_given(given: Given, what: str) -> gpd.GeoDataFrame:
    """
    Make a table of places of what was given, and see that it can be walked from or to.

    Parameters
    ----------
    given
        A table, which is handed back as it is; or a pair (longitude, latitude), a Point, or
        several of either, in degrees.
    what
        What to call it: "origins", "facilities" ...

    Returns
    -------
    GeoDataFrame
        With rows, a CRS, and in every row a geometry of finite coordinates; not in another datum
        than the streets.

    Raises
    ------
    InputError
        If it is nothing that has a place; the sentence says how to mend it.
    DatumError
        If it is in another datum than the streets, or in China and in none that is declared.
    """
    table = given if isinstance(given, gpd.GeoDataFrame) else _table_of(given, what)
    check_frame(table, what)
    shapes = np.asarray(table.geometry.array, dtype=object)
    placeless = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if placeless.any():
        msg = (
            f"{int(placeless.sum())} of the {len(table)} {what} have no geometry "
            f"({listed(table.index[placeless])}): leave them out with "
            "table[table.geometry.notna() & ~table.geometry.is_empty], or give them a place."
        )
        raise InputError(msg)
    check_bounds(table, what)
    check_walked_datum(table, what)
    return table


def check_walked_datum(table: gpd.GeoDataFrame, what: str) -> None:
    """
    Refuse a table in another datum than the streets, and undeclared degrees in China.

    Undeclared metres pass: maps that shift their places give degrees, and points that were
    reckoned from the streets carry no declaration.

    Parameters
    ----------
    table
        A table with a CRS.
    what
        What to call it.
    """
    if table.attrs.get("datum") is not None or table.crs.is_geographic:
        check_datum(table, what)


def _table_of(given: Any, what: str) -> Any:
    """Points of pairs and geometries in degrees; whatever else as it is, to be refused."""
    if isinstance(given, gpd.GeoSeries):
        return given.to_frame("geometry")
    if isinstance(given, shapely.Geometry) or _is_pair(given):
        given = [given]
    if not isinstance(given, (list, tuple, np.ndarray)) or not given:
        return given
    shapes = [shapely.Point(*one) if _is_pair(one) else one for one in given]
    if not all(isinstance(one, shapely.Geometry) for one in shapes):
        return given
    table = gpd.GeoDataFrame(geometry=shapes, crs=4326)
    xy = shapely.get_coordinates(table.geometry.array)
    if np.isfinite(xy).all() and (np.abs(xy) > [[180.0, 180.0]]).any():
        msg = (
            f"The {what} are given as plain coordinates, which are read as longitude and latitude "
            f"in degrees; {xy.max():g} is none. For metres pass a GeoDataFrame with its crs=… ."
        )
        raise InputError(msg)
    return table


def _is_pair(given: Any) -> bool:
    """Whether something is two numbers."""
    if not isinstance(given, (tuple, list, np.ndarray)) or len(given) != 2:
        return False
    return all(isinstance(n, Real) and not isinstance(n, bool) for n in given)
