"""GCJ-02, BD-09 and CGCS2000 to WGS 84 and back, exact and vectorised.

A table's *datum* says what its longitudes and latitudes mean. Chinese web maps shift them: Amap,
Tencent and others use GCJ-02 (100 to 700 m away from WGS 84), Baidu uses BD-09 (900 to 1,400 m).
CGCS2000, the official datum, agrees with WGS 84 within decimetres and is treated as equal to it.

The declaration decides what is converted; where a map does not shift, neither do the functions:

* GCJ-02 holds in mainland China, Hong Kong and Macau. Amap's own test of whether a point lies in
  its data covers these three (lbs.amap.com, location SDK, ``isAMapDataAvailable``); Huawei's map
  documentation says the same of GCJ-02, and WGS 84 for Taiwan and abroad
  (developer.huawei.com, map-convert-coordinate).
* BD-09 holds in these and in Taiwan; abroad Baidu uses WGS 84 (lbs.baidu.com, FAQ "coordinate").
  Whether Baidu's Taiwan carries the GCJ-02 part of the shift is not documented; it is assumed.
* What Google and others did in Hong Kong and Macau changed over the years. Declare such a table
  ``wgs84`` if its points lie right on a satellite image.

The shift fades from full at 5 km outside the coarse outline below to nothing 55 km further out, at
sea or abroad, so that the conversion is one-to-one everywhere. Only in that strip is it not what
any map does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from quarterhour.errors import DatumError

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")

_ALIASES = {
    "wgs84": "wgs84 wgs1984 gps osm epsg4326 4326 gps坐标 原始坐标 世界大地坐标系",
    "gcj02": "gcj02 gcj mars amap gaode autonavi tencent 火星坐标 火星坐标系 国测局坐标 高德 腾讯",
    "bd09": "bd09 bd09ll bd baidu 百度 百度坐标 百度坐标系 百度经纬度",
    "cgcs2000": "cgcs2000 cgcs epsg4490 4490 国家2000 2000国家大地坐标系 天地图 tianditu",
}

# Coarse outlines of where the shifts are in use. Of the 14,740 Chinese towns in GeoNames'
# cities1000 they miss 2; of foreign ones they hold 35, all within about 15 km of the border.
_OUTLINES = "china.geojson"
_FULL_DEG, _NONE_DEG = 0.05, 0.55  # distance from the outline: full shift up to, none beyond

# The public GCJ-02 formula: Krasovsky's ellipsoid.
_AXIS_M = 6378245.0
_E2 = 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0

_CHUNK = 32_768  # points at a time: the temporary arrays stay in the processor's cache
_STOP_DEG = 1e-9  # a tenth of a millimetre; what is left after that step is 40 times smaller
_ROUNDS = 12


def datum_name(datum: str) -> str:
    """
    Return the canonical name of a datum.

    Parameters
    ----------
    datum
        A name as people write it: "gcj02", "GCJ-02", "火星坐标", "amap", "EPSG:4490" ...

    Returns
    -------
    name
        One of `DATUMS`.
    """
    wanted = "".join(char for char in str(datum).lower() if char.isalnum())
    for name, aliases in _ALIASES.items():
        if wanted in aliases.split():
            return name
    raise DatumError(
        f"The datum {datum!r} is not known. Pass one of {', '.join(DATUMS)} "
        "(or amap, tencent, baidu, tianditu, gps)."
    )


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str = "gcj02") -> Pair:
    """
    Convert longitudes and latitudes of a datum to WGS 84.

    The inverse is exact: the forward formula is inverted by fixed-point iteration until the last
    step is below a tenth of a millimetre, which leaves an error of a few thousandths of one.

    Parameters
    ----------
    lon, lat
        Degrees; scalars or arrays that broadcast. NaN stays NaN.
    datum
        What the coordinates are in now: "gcj02", "bd09", "cgcs2000" or "wgs84".

    Returns
    -------
    lon, lat
        Degrees in WGS 84.

    Examples
    --------
    >>> lon, lat = to_wgs84(116.3975, 39.9087, datum="gcj02")
    >>> f"{lon:.5f} {lat:.5f}"
    '116.39126 39.90730'
    """
    return _convert(lon, lat, datum_name(datum), _invert)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str = "gcj02") -> Pair:
    """
    Convert WGS 84 longitudes and latitudes to another datum.

    Parameters
    ----------
    lon, lat
        Degrees in WGS 84; scalars or arrays that broadcast. NaN stays NaN.
    datum
        What to convert to: "gcj02", "bd09", "cgcs2000" or "wgs84".

    Returns
    -------
    lon, lat
        Degrees in that datum.
    """
    return _convert(lon, lat, datum_name(datum), _shift)


def convert_datum(
    table: gpd.GeoDataFrame, to: str = "wgs84", *, datum: str | None = None
) -> gpd.GeoDataFrame:
    """
    Return a copy of a table whose geometries are in another datum.

    Every geometry column is converted, vertex by vertex; the CRS stays what it was.

    Parameters
    ----------
    table
        A table with a CRS.
    to
        The datum wanted.
    datum
        What the table is in now; without it, what `declare_datum` or a reader wrote down.

    Returns
    -------
    table
        The converted copy, with `attrs["datum"]` set.
    """
    target = datum_name(to)
    declared = datum if datum is not None else table.attrs.get("datum")
    if declared is None:
        raise DatumError(
            "The table's datum is not declared, so it cannot be converted. "
            'Pass datum="gcj02" (Amap, Tencent), "bd09" (Baidu), "wgs84" or "cgcs2000".'
        )
    if table.crs is None:
        raise DatumError("A table without a CRS cannot be converted; call table.set_crs(4326).")
    source = datum_name(declared)
    result = table.copy()
    if _family(source) != _family(target):
        for column in table.columns[table.dtypes == "geometry"]:
            result[column] = _convert_column(table[column], source, target)
    result.attrs = {**table.attrs, "datum": target}
    result.attrs.setdefault("declared_datum", source)
    return result


def declare_datum(table: gpd.GeoDataFrame, datum: str) -> gpd.GeoDataFrame:
    """
    Return a copy of a table whose `attrs` say which datum its coordinates are in.

    Parameters
    ----------
    table
        Any GeoDataFrame; its coordinates are not touched.
    datum
        The datum of the coordinates as they are.
    """
    name = datum_name(datum)
    result = table.copy()
    result.attrs = {**table.attrs, "datum": name, "declared_datum": name}
    return result


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


def needs_datum(table: gpd.GeoDataFrame) -> bool:
    """
    Tell whether a table must have its datum declared, having places in mainland China.

    Parameters
    ----------
    table
        A table with a CRS.

    Returns
    -------
    needed
        True if any geometry's middle lies in mainland China.
    """
    geometry = table.geometry[table.geometry.notna() & ~table.geometry.is_empty]
    if geometry.empty:
        return False
    box = geometry.bounds.to_numpy(dtype=float)
    middle = gpd.points_from_xy((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2)
    middles = gpd.GeoSeries(middle, crs=table.crs).to_crs(4326)
    return bool(in_mainland(middles.x, middles.y).any())


def check_datum(table: gpd.GeoDataFrame, what: str = "table") -> None:
    """
    Refuse a table in China whose datum is undeclared, or one that is not in WGS 84 yet.

    Parameters
    ----------
    table
        A table with a CRS.
    what
        What to call it in the error: "facilities", "areas" ...
    """
    datum = table.attrs.get("datum")
    if datum is None:
        if needs_datum(table):
            raise DatumError(undeclared(what))
    elif _family(datum_name(datum)) != "wgs84":
        raise DatumError(
            f"The {what} are in {datum_name(datum)}, the streets in wgs84; mixing them shifts "
            f"everything by half a kilometre. Call quarterhour.convert_datum({what}) first."
        )


def undeclared(what: str) -> str:
    """Return the sentence that refuses an undeclared table in China."""
    return (
        f"The {what} lie in mainland China and their datum is not declared; a wrong one shifts "
        'everything by 500 to 1,400 m. Pass datum="gcj02" (Amap, Tencent), "bd09" (Baidu), '
        '"wgs84" (OpenStreetMap, GPS) or "cgcs2000" (official surveys), or call '
        "quarterhour.declare_datum(table, ...)."
    )


def _family(name: str) -> str:
    """Return the datum that a datum is numerically equal to."""
    return "wgs84" if name == "cgcs2000" else name


def _convert_column(column: gpd.GeoSeries, source: str, target: str) -> gpd.GeoSeries:
    """Convert one geometry column, through longitudes and latitudes, back to its CRS."""

    def convert(xy: Degrees) -> Degrees:
        lon, lat = to_wgs84(xy[:, 0], xy[:, 1], source)
        return np.column_stack(from_wgs84(lon, lat, target))

    series = gpd.GeoSeries(column)
    degrees = series.to_crs(4326)
    moved = gpd.GeoSeries(
        shapely.transform(degrees.to_numpy(), convert), index=degrees.index, crs=4326
    )
    return moved.to_crs(series.crs)


def _convert(
    lon: ArrayLike, lat: ArrayLike, name: str, way: Callable[[Degrees, Degrees, str], Pair]
) -> Pair:
    """Broadcast, convert in chunks, and give the result the shape of the input."""
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    out_x, out_y = x.copy(), y.copy()
    if _family(name) != "wgs84" and x.size:
        flat_x, flat_y = out_x.reshape(-1), out_y.reshape(-1)
        for start in range(0, flat_x.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            flat_x[part], flat_y[part] = way(flat_x[part], flat_y[part], name)
    return out_x[()], out_y[()]


def _invert(lon: Degrees, lat: Degrees, name: str) -> Pair:
    """Find the WGS 84 points whose shifted image is (lon, lat)."""
    x, y = lon.copy(), lat.copy()
    # A share of None stays: the shift is smaller than the margin in which all of it holds.
    share = _share(lon, lat, name)
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


def _shift(lon: Degrees, lat: Degrees, name: str) -> Pair:
    """Return the image of WGS 84 points in GCJ-02 or BD-09, where these are in use."""
    return _formula(lon, lat, name, _share(lon, lat, name))


def _formula(lon: Degrees, lat: Degrees, name: str, share: Degrees | None) -> Pair:
    """Shift each point by its share of the formula; None means all of it."""
    x, y = _gcj(lon, lat)
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


def _gcj(lon: Degrees, lat: Degrees) -> Pair:
    """Apply the public GCJ-02 formula."""
    x, y = lon - 105.0, lat - 35.0
    root, product = np.sqrt(np.abs(x)), 0.1 * x * y
    waves = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * (2.0 / 3.0)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + product + 0.2 * root + waves
    north_m += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * (2.0 / 3.0)
    north_m += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * (2.0 / 3.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + product + 0.1 * root + waves
    east_m += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * (2.0 / 3.0)
    east_m += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * (2.0 / 3.0)
    phi = np.radians(lat)
    w2 = 1.0 - _E2 * np.sin(phi) ** 2
    w = np.sqrt(w2)
    lat_deg = np.degrees(north_m * w2 * w / (_AXIS_M * (1.0 - _E2)))
    return lon + np.degrees(east_m * w / (_AXIS_M * np.cos(phi))), lat + lat_deg


def _bd(lon: Degrees, lat: Degrees) -> Pair:
    """Apply Baidu's further distortion to GCJ-02 coordinates."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


@cache
def _outlines() -> dict[str, shapely.Geometry]:
    """Return the outlines by name."""
    text = (files("quarterhour") / _OUTLINES).read_text(encoding="utf-8")
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
