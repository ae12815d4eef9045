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

from collections.abc import Callable
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike

from quarterhour.errors import DatumError
from quarterhour.places import datum_shifts as shifts
from quarterhour.places.datum_shifts import Degrees, Pair, in_mainland

DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")

_ALIASES = {
    "wgs84": "wgs84 wgs1984 gps osm epsg4326 4326 gps坐标 原始坐标 世界大地坐标系",
    "gcj02": "gcj02 gcj mars amap gaode autonavi tencent 火星坐标 火星坐标系 国测局坐标 高德 腾讯",
    "bd09": "bd09 bd09ll bd baidu 百度 百度坐标 百度坐标系 百度经纬度",
    "cgcs2000": "cgcs2000 cgcs epsg4490 4490 国家2000 2000国家大地坐标系 天地图 tianditu",
}

_CHUNK = 8_192  # points at a time: the temporary arrays stay in the processor's cache


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
    return _convert(lon, lat, datum_name(datum), shifts.invert)


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
    return _convert(lon, lat, datum_name(datum), shifts.shift)


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

    Returns
    -------
    table
        A copy, with `attrs["datum"]` set.

    Raises
    ------
    DatumError
        If the datum is not known.
    """
    name = datum_name(datum)
    result = table.copy()
    result.attrs = {**table.attrs, "datum": name, "declared_datum": name}
    return result


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
    box = shapely.bounds(np.asarray(table.geometry.array, dtype=object))
    box = box[~np.isnan(box).any(axis=1)]  # what is missing or empty is nowhere
    if len(box) == 0:
        return False
    middle = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    return bool(in_mainland(*_to_degrees(table.crs).transform(*middle)).any())


@lru_cache(maxsize=32)
def _to_degrees(crs: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, 4326, always_xy=True)


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


def check_same_datum(areas: gpd.GeoDataFrame, table: gpd.GeoDataFrame | None, what: str) -> None:
    """
    Refuse a table that is in another datum than the areas, or says nothing beside areas in China.

    Parameters
    ----------
    areas
        The areas.
    table
        What is laid over them, if anything.
    what
        What to call it: "buildings", "gates".
    """
    if table is None or table.empty or table.crs is None:
        return
    theirs, datum = areas.attrs.get("datum"), table.attrs.get("datum")
    if datum is None:
        if theirs is not None and needs_datum(table):
            raise DatumError(undeclared(what))
    elif theirs is not None and _family(datum_name(datum)) != _family(datum_name(theirs)):
        raise DatumError(
            f"The {what} are in {datum_name(datum)}, the areas in {datum_name(theirs)}; laid over "
            f"each other they are 500 to 1,400 m apart. Call quarterhour.convert_datum({what}, "
            f'"{datum_name(theirs)}") first.'
        )


def undeclared(what: str) -> str:
    """Return the sentence that refuses an undeclared table in China."""
    return (
        f"The {what} lie in mainland China and their datum is not declared; a wrong one shifts "
        'everything by 500 to 1,400 m. Pass datum="gcj02" (Amap, Tencent), "bd09" (Baidu), '
        '"wgs84" (OpenStreetMap, GPS) or "cgcs2000" (official surveys) where it '
        "is read, or call quarterhour.declare_datum(table, ...). Tables read with datum=... are in "
        "wgs84; pandas.concat drops the declaration where the joined tables differ in what they "
        'were declared or in whose data they are: call declare_datum(joined, "wgs84").'
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
