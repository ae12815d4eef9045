"""Coordinates in true metres: a projection is taken only where its metres are metres.

Streets that are projected here lie in a plane that nobody asked for: they are measured on the
ellipsoid (:mod:`quarterhour.streets.ellipsoid`).
"""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import NetworkError, QuarterhourWarning
from quarterhour.places.frames import utm_of
from quarterhour.streets.ellipsoid import GEODESIC, LENGTHS

MOST_OFF = 0.005
"""A projection whose metres are wrong by more than this share is left for the UTM zone."""

_NO_CITY = 2.0
"""Streets that all lie within so many units, where degrees may be, are in degrees."""

_STEP_M = 100.0
_SAMPLE = 100


def in_true_metres(lines: gpd.GeoSeries, *, stacklevel: int) -> gpd.GeoSeries:
    """Return lines in a CRS whose unit is the metre, in name and on the ground.

    Degrees and feet are projected to the UTM zone. So is a projection that is in metres by name
    only: at 40° N, a unit of web Mercator is 0.77 m.

    Parameters
    ----------
    lines
        Lines with a CRS.
    stacklevel
        That of the warning, seen from the caller.

    Raises
    ------
    NetworkError
        If the coordinates lie nowhere on Earth.
    """
    xy = _sample(lines)
    if not np.all(np.isfinite(xy)):
        msg = "A coordinate of the streets is not a finite number."
        raise NetworkError(msg)
    crs = lines.crs
    _refuse_degrees(crs, lines)
    in_metres = crs.is_projected and {axis.unit_name for axis in crs.axis_info[:2]} == {"metre"}
    off = scale_error(crs, xy) if in_metres else np.inf
    if off <= MOST_OFF:
        return lines
    utm = _utm_of(crs, lines)
    moved = lines.to_crs(utm)
    if in_metres:
        if not scale_error(utm, _sample(moved)) < off:
            return lines
        note = (
            f"The metres of {crs.name} are off by up to {off:.1%} at these streets, so the streets "
            f"are measured in {utm.name}."
        )
        warnings.warn(note, QuarterhourWarning, stacklevel=stacklevel + 1)
    return moved


def lengths_told(given: Any, taken: Any) -> dict[str, str]:
    """Say in a network's metadata what its lengths are: geodesic where the plane is another."""
    return {} if pyproj.CRS(given) == pyproj.CRS(taken) else {LENGTHS: GEODESIC}


def _refuse_degrees(crs: pyproj.CRS, lines: gpd.GeoSeries) -> None:
    """Refuse a projection whose numbers are those of degrees: no city is two metres wide."""
    west, south, east, north = lines.total_bounds
    wide, reach = max(east - west, north - south), max(abs(east), abs(north))
    on_globe = max(-west, east) <= 180 and max(-south, north) <= 90
    if not crs.is_projected or wide >= _NO_CITY or reach < _NO_CITY or not on_globe:
        return
    msg = (
        f"All streets lie within {wide:.2g} units of {crs.name}, from {west:.6g}, {south:.6g} to "
        f"{east:.6g}, {north:.6g}: they seem to be degrees. If so, correct the table with "
        "set_crs(4326, allow_override=True), or the CRS of the graph."
    )
    raise NetworkError(msg)


def scale_error(crs: pyproj.CRS, xy: Floats) -> float:
    """Return by how much a metre of a projection is wrong at some points, at the most.

    Parameters
    ----------
    crs
        A projected CRS in metres.
    xy
        ``(n, 2)`` points in it.

    Examples
    --------
    >>> round(scale_error(pyproj.CRS(3857), np.array([[12945000.0, 4854000.0]])), 2)
    0.31
    """
    east, north = xy + np.array([_STEP_M, 0.0]), xy + np.array([0.0, _STEP_M])
    lon, lat = _lonlat(crs, np.concatenate([xy, east, north]))
    geod = crs.get_geod() or pyproj.Geod(ellps="WGS84")
    n = len(xy)
    both = np.r_[:n, :n]
    _, _, true = geod.inv(lon[both], lat[both], lon[n:], lat[n:])
    return float(np.abs(_STEP_M / np.maximum(true, 1e-9) - 1.0).max())


def _sample(lines: gpd.GeoSeries) -> Floats:
    xy = shapely.get_coordinates(lines.array)
    return np.asarray(xy[np.linspace(0, len(xy) - 1, min(len(xy), _SAMPLE)).astype(int)])


def _lonlat(crs: pyproj.CRS, xy: Floats) -> tuple[Floats, Floats]:
    base = crs.geodetic_crs or pyproj.CRS(4326)
    lon, lat = pyproj.Transformer.from_crs(crs, base, always_xy=True).transform(*xy.T)
    if not (np.all(np.isfinite(lon)) and np.all(np.isfinite(lat))):
        msg = (
            f"The streets lie at {xy[0, 0]:g}, {xy[0, 1]:g}, which is nowhere in {crs.name}: check "
            "the CRS that their table names."
        )
        raise NetworkError(msg)
    return np.asarray(lon), np.asarray(lat)


def _utm_of(crs: pyproj.CRS, lines: gpd.GeoSeries) -> pyproj.CRS:
    west, south, east, north = lines.total_bounds
    if crs.is_geographic and (max(-south, north) > 90 or max(-west, east) > 360):
        msg = (
            f"The streets reach from {west:g}, {south:g} to {east:g}, {north:g}, but {crs.name} is "
            "in degrees, and a latitude is at most 90: they are in another CRS, or latitude and "
            "longitude are exchanged."
        )
        raise NetworkError(msg)
    try:
        return pyproj.CRS(utm_of(lines))
    except (RuntimeError, ValueError) as error:
        msg = f"No UTM zone is found for the streets in {crs.name}: check the CRS that they name."
        raise NetworkError(msg) from error
