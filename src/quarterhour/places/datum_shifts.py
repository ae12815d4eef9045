"""The shifts of GCJ-02 and BD-09, and where they are in use: arrays in, arrays out.

What the names mean, and on what ground the shift is taken to hold here and not there, stands in
`quarterhour.places.datum`, which is the door to this module.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]
Floating = NDArray[np.floating]

# Coarse outlines of where the shifts are in use. Of the 14,740 Chinese towns in GeoNames'
# cities1000 they miss 2; of foreign ones they hold 35, all within about 15 km of the border.
_OUTLINES = "china.geojson"
_FULL_DEG, _NONE_DEG = 0.05, 0.55  # distance from the outline: full shift up to, none beyond

# The public GCJ-02 formula: Krasovsky's ellipsoid.
_AXIS_M = 6378245.0
_E2 = 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0

_STOP_DEG = 1e-9  # a tenth of a millimetre; what is left after that step is 40 times smaller
_ROUNDS = 12


def in_mainland(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """
    Tell which points lie in mainland China, by a coarse outline (about 10 km).

    Parameters
    ----------
    lon, lat
        Degrees, in whatever datum.

    Returns
    -------
    inside
        True in the mainland; False in Hong Kong, Macau, Taiwan and abroad.
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    return np.asarray(shapely.contains_xy(_mainland(), x, y))


def invert(lon: Degrees, lat: Degrees, name: str) -> Pair:
    """
    Find the WGS 84 points whose shifted image is (lon, lat).

    Parameters
    ----------
    lon, lat
        Degrees in the datum `name`.
    name
        "gcj02" or "bd09".

    Returns
    -------
    lon, lat
        Degrees in WGS 84.
    """
    # A share of None stays: the shift is smaller than the margin in which all of it holds.
    share = _share(lon, lat, name)
    x, y = (lon.copy(), lat.copy()) if share is not None else _guess(lon, lat, name)
    for _ in range(_ROUNDS):
        image_x, image_y = _formula(x, y, name, share)
        step_x, step_y = lon - image_x, lat - image_y
        x += step_x
        y += step_y
        # NaN compares false, so a missing position does not keep the loop going.
        if not ((np.abs(step_x) > _STOP_DEG) | (np.abs(step_y) > _STOP_DEG)).any():
            break
        if share is not None:
            share = _share(x, y, name)
    return x, y


def _guess(lon: Degrees, lat: Degrees, name: str) -> Pair:
    """Return WGS 84 points to some centimetres: two rounds in single precision, 4 times faster."""
    if name == "bd09":
        lon, lat = lon - 0.0065, lat - 0.006
        radius = np.hypot(lon, lat) - 0.00002 * np.sin(lat * _BD)
        angle = np.arctan2(lat, lon) - 0.000003 * np.cos(lon * _BD)
        lon, lat = radius * np.cos(angle), radius * np.sin(angle)
    x, y = lon, lat
    for _ in range(2):
        shift = _gcj_shift((x - 105.0).astype(np.float32), (y - 35.0).astype(np.float32))
        x, y = lon - shift[0], lat - shift[1]
    return x, y


def shift(lon: Degrees, lat: Degrees, name: str) -> Pair:
    """
    Return the image of WGS 84 points in GCJ-02 or BD-09, where these are in use.

    Parameters
    ----------
    lon, lat
        Degrees in WGS 84.
    name
        "gcj02" or "bd09".

    Returns
    -------
    lon, lat
        Degrees in the datum `name`.
    """
    return _formula(lon, lat, name, _share(lon, lat, name))


def _formula(lon: Degrees, lat: Degrees, name: str, share: Degrees | None) -> Pair:
    """Shift each point by its share of the formula; None means all of it."""
    east, north = _gcj_shift(lon - 105.0, lat - 35.0)
    x, y = lon + east, lat + north
    if name == "bd09":
        x, y = _bd(x, y)
    if share is None:
        return x, y
    return lon + share * (x - lon), lat + share * (y - lat)


def _share(lon: Degrees, lat: Degrees, name: str) -> Degrees | None:
    """Return how much of the shift holds at each point, 0 to 1, or None where all of it does."""
    region, around = _region(name)
    inside = shapely.contains_xy(region, lon, lat)
    if inside.all():
        return None
    share = inside.astype(float)
    strip = shapely.contains_xy(around, lon, lat) & ~inside
    away_deg = shapely.distance(region, shapely.points(lon[strip], lat[strip]))
    share[strip] = np.clip((_NONE_DEG - away_deg) / (_NONE_DEG - _FULL_DEG), 0.0, 1.0)
    return share


def _gcj_shift(x: Floating, y: Floating) -> tuple[Floating, Floating]:
    """
    Return by how many degrees GCJ-02 shifts a point, x and y degrees from 105° E, 35° N.

    This is the public formula. Multiples of an angle come from the angle, since a sine is most of
    the cost: sin 3a = sin a (3 - 4 sin² a).
    """
    pi_x, pi_y = np.pi * x, np.pi * y
    third_x, third_y = np.sin(pi_x / 3.0), np.sin(pi_y / 3.0)
    once_x, once_y = third_x * (3.0 - 4.0 * third_x**2), third_y * (3.0 - 4.0 * third_y**2)
    twice_x = 2.0 * once_x * np.cos(pi_x)
    waves = 20.0 * (twice_x * (3.0 - 4.0 * twice_x**2) + twice_x)
    root, product = np.sqrt(np.abs(x)), 0.1 * x * y
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + product + 0.2 * root
    north_m += (waves + 20.0 * once_y + 40.0 * third_y) * (2.0 / 3.0)
    north_m += (160.0 * np.sin(pi_y / 12.0) + 320.0 * np.sin(pi_y / 30.0)) * (2.0 / 3.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + product + 0.1 * root
    east_m += (waves + 20.0 * once_x + 40.0 * third_x) * (2.0 / 3.0)
    east_m += (150.0 * np.sin(pi_x / 12.0) + 300.0 * np.sin(pi_x / 30.0)) * (2.0 / 3.0)
    sin2 = np.sin((y + 35.0) * (np.pi / 180.0)) ** 2
    w2 = 1.0 - _E2 * sin2
    per_m = 180.0 / (np.pi * _AXIS_M)
    east = east_m * np.sqrt(w2 / (1.0 - sin2)) * per_m
    return east, north_m * w2 * np.sqrt(w2) * (per_m / (1.0 - _E2))


def _bd(lon: Degrees, lat: Degrees) -> Pair:
    """Apply Baidu's further distortion to GCJ-02 coordinates."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


@cache
def _outlines() -> dict[str, shapely.Geometry]:
    """Return the outlines by name."""
    text = (files("quarterhour.places") / _OUTLINES).read_text(encoding="utf-8")
    features = json.loads(text)["features"]
    return {
        feature["properties"]["name"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in features
    }


@cache
def _region(name: str) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Return where a datum's shift is in use, and that with the strip in which it fades."""
    names = ["mainland-hong-kong-macau", "hainan"] + ["taiwan"] * (name == "bd09")
    region = shapely.union_all([_outlines()[part] for part in names])
    around = shapely.buffer(region, _NONE_DEG * 1.02)
    shapely.prepare([region, around])
    return region, around


@cache
def _mainland() -> shapely.Geometry:
    """Return the outline of mainland China."""
    apart = shapely.union_all([_outlines()["hong-kong"], _outlines()["macau"]])
    mainland = shapely.difference(_region("gcj02")[0], apart)
    shapely.prepare(mainland)
    return mainland
