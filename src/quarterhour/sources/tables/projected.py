"""Eastings and northings the wrong way round: in the surveys of China, X points north."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import InputError

_MARGIN_DEG = 1.0
_MOST = 500


def check_axes(places: gpd.GeoDataFrame, what: str, column: Mapping[str, str]) -> None:
    """
    Refuse metres that lie where their projection is meant for only if x and y are exchanged.

    Parameters
    ----------
    places
        With a CRS; one in degrees is looked after elsewhere.
    what
        What to call the table.
    column
        Role to column name, for the advice; empty for geometries.
    """
    crs = places.crs
    area = crs.area_of_use if crs is not None and crs.is_projected else None
    if area is None or area.west > area.east:
        return
    shapes = np.asarray(places.geometry.array, dtype=object)
    xy = shapely.get_coordinates(shapely.centroid(shapes[~shapely.is_missing(shapes)]))[:_MOST]
    if not len(xy) or _inside(crs, xy) >= 0.5 or _inside(crs, xy[:, ::-1]) < 0.5:
        return
    if "lon" in column and "lat" in column:
        cure = f'Pass columns={{"lon": {column["lat"]!r}, "lat": {column["lon"]!r}}}'
    else:
        cure = "Exchange them with shapely.transform(geometry, lambda xy: xy[:, ::-1])"
    raise InputError(
        f"X and Y of the {what} are the wrong way round: only if they are exchanged do they lie "
        f"where {crs.name} is meant for (in Chinese surveys X points north). {cure}."
    )


def _inside(crs: pyproj.CRS, xy: Floats) -> float:
    """Return the share of points that lie in the area of use of a CRS."""
    area = crs.area_of_use
    if area is None:
        return 1.0
    with np.errstate(all="ignore"):
        lon, lat = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(*xy.T)
    good = (lon >= area.west - _MARGIN_DEG) & (lon <= area.east + _MARGIN_DEG)
    good &= (lat >= area.south - _MARGIN_DEG) & (lat <= area.north + _MARGIN_DEG)
    return float(np.mean(good))
