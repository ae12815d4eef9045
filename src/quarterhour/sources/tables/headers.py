"""Headers of position columns: a word for the axis, and perhaps a word for the datum.

"经度", "gcj_lng", "WGS84_X", "GPS纬度", "经度(GCJ02)", "百度坐标" are all put together in the
same way, so they are taken apart rather than listed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DATUM_WORDS = {
    "bd09mc": "bd09mc 百度墨卡托 百度米制",
    "wgs84": "wgs1984 wgs84ll wgs84 wgs gps epsg4326 84坐标系 84坐标",
    "gcj02": "gcj02ll gcj02 gcj 火星坐标系 火星 高德地图 高德 amap gaode autonavi "
    "腾讯地图 腾讯 tencent 国测局 mars",
    "bd09": "bd09ll bd09 bd 百度地图 百度 baidu",
    "cgcs2000": "cgcs2000 cgcs 国家2000 大地2000 2000国家大地 天地图 tianditu epsg4490",
}
_AXES = {
    "lon": "lon lng long longitude x 经度 东经 easting",
    "lat": "lat lat latitude latitude y 纬度 北纬 northing",
    "location": "location lnglat lonlat longlat longitudelatitude 坐标 经纬度 经度纬度 经纬度坐标 "
    "位置坐标 地理坐标 坐标位置 空间坐标 点坐标 coordinates coordinate coords coord",
    "latlon": "latlng latlon latlong latitudelongitude 纬经度 纬度经度",
    "wkt": "wkt geometry geom thegeom wktgeom geomwkt shape 几何 空间数据",
}
_FAMILIES = (
    "lon lng long longitude lat latitude",
    "x y",
    "经度 纬度",
    "东经 北纬",
    "easting northing",
)
_NOISE = tuple(
    word
    for line in (
        "坐标系 坐标 coordinates coordinate coords coord poi point location position pos centroid",
        "center centre 中心点 中心 位置 点位 地理 空间 map 的 值 deg degrees degree 十进制",
    )
    for word in line.split()
)

_AXIS = {word: axis for axis, words in _AXES.items() for word in words.split()}
_FAMILY = {word: number for number, words in enumerate(_FAMILIES) for word in words.split()}
_DATUM = sorted(
    ((word, datum) for datum, words in _DATUM_WORDS.items() for word in words.split()),
    key=lambda pair: -len(pair[0]),
)
_SIGNS = re.compile(r"[\s_\-.,/、:;·]+")
_BRACKETS = re.compile(r"[(\[{【<]([^)\]}】>]*)[)\]}】>]?")
_BECOMES = re.compile(r"转换为|转换|转为|转|to|2(?=wgs|gcj|bd)")
_BACKWARDS = re.compile(r"lat.*l(on|ng)|纬.*经")


@dataclass(frozen=True)
class Header:
    """What the name of a position column says."""

    axis: str  # lon, lat, location, latlon or wkt
    datum: str | None
    family: int  # how the axis is written: lon goes with lat, 经度 with 纬度
    stem: str  # the rest of the name: two columns of one pair share it


def read_header(name: str) -> Header | None:
    """
    Take the name of a column apart.

    Parameters
    ----------
    name
        Any column name.

    Returns
    -------
    header
        What it says; None if it does not name a position, or two datums at once.
    """
    text = unicodedata.normalize("NFKC", str(name)).lower().strip()
    inside = _SIGNS.sub("", "".join(_BRACKETS.findall(text)))
    outside = _SIGNS.sub("", _BRACKETS.sub("", text)) or inside
    datum, core = _without_datum(outside)
    in_brackets = _without_datum(inside)[0]
    if _TWO in (datum, in_brackets):
        return None
    axis = core if core in _AXIS else _without_noise(core)
    if axis not in _AXIS:
        short = re.sub(r"^84|84$", "", axis)  # lng84, 84经度
        if short not in _AXIS or datum is not None:
            return None
        axis, datum = short, "wgs84"
    kind = _AXIS[axis]
    if kind == "location" and _BACKWARDS.search(inside):
        kind = "latlon"
    stem = outside.replace(axis, "", 1) + inside
    return Header(kind, in_brackets or datum, _FAMILY.get(axis, -1), stem)


_TWO = "two"


def _without_datum(text: str) -> tuple[str | None, str]:
    """Return the datum that a text names, and the text without the words for it."""
    tail = _BECOMES.split(text)[-1] if _BECOMES.search(text) else ""
    found: list[str] = []
    rest = text
    for word, datum in _DATUM:
        if word in rest and not _inside_a_word(word, rest):
            rest = rest.replace(word, "")
            found.append(datum)
    if len(set(found)) > 1:
        last = _without_datum(tail)[0] if tail and tail != text else None
        return last or _TWO, _BECOMES.sub("", rest)
    return (found[0] if found else None), rest


def _inside_a_word(word: str, text: str) -> bool:
    """Tell whether a short Latin word is but a part of a longer one: "bd" in "abdomen"."""
    if len(word) > 3 or not word.isascii():
        return False
    before, _, after = text.partition(word)
    rest = _without_noise(before + after)
    return rest not in _AXIS and not any(rest.replace(other, "") in _AXIS for other, _ in _DATUM)


def _without_noise(text: str) -> str:
    for word in _NOISE:
        if word in text and text != word:
            text = text.replace(word, "")
    return text
