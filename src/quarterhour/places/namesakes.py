"""What places are called, told so that one place has one name, and which namesakes are near."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.places.frames import bare
from quarterhour.places.names import NAME_COLUMNS, normalised

MAIN_KEYS = (
    "amenity", "shop", "leisure", "healthcare", "office", "craft", "tourism", "place", "highway",
    "railway", "public_transport", "advertising", "emergency", "historic", "landuse", "natural",
    "man_made",
)  # fmt: skip
BRACKETED = re.compile(r"\(([^()]*)\)")
REGION_COLUMNS = ("pname", "cityname", "adname", "business_area")
_PUNCTUATION = re.compile(r"[\s·•,，。.\-—_'\"&/]+")
ENTRANCE = re.compile(r"[-(]?([东西南北正侧大后]{1,2}\d?门|[A-Z]?\d?(出入口|[出入进]口))\)?$")
"""The end of a name that is the entrance of a place."""


def best_names(table: gpd.GeoDataFrame) -> list[str]:
    """Give each row's name, of the first name column that has one; "" for none."""
    table = bare(table)
    names = np.full(len(table), "", dtype=object)
    for column in reversed([name for name in NAME_COLUMNS if name in table.columns]):
        there = table[column].notna().to_numpy(dtype=bool)
        names[there] = table[column].to_numpy(dtype=object)[there]
    known = {name: normalised(str(name)) for name in dict.fromkeys(names)}
    return [known[name] for name in names]


def regions_of(table: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the names of city and district that the table gives: often put before a name."""
    words: set[str] = set()
    for column in REGION_COLUMNS:
        if column in table.columns:
            for value in table[column].dropna().unique():
                word = normalised(str(value))
                words |= {word, re.sub(r"(省|市|新?区|县)$", "", word)}
    usable = (word for word in words if len(word) > 1 and word.isalpha())
    return tuple(sorted(usable, key=len, reverse=True))


def stem_of(name: str, regions: tuple[str, ...]) -> str:
    """Give a name without punctuation, brackets, capitals, and a region put before it."""
    # An entrance in brackets, as in 停车场(出口), is part of the name.
    kept = name
    if "(" in name:
        kept = BRACKETED.sub(lambda found: found[1] if ENTRANCE.search(found[1]) else "", name)
    stem = _PUNCTUATION.sub("", kept or name).casefold()
    for region in regions:
        if stem.startswith(region) and len(stem) > len(region) + 1:
            return stem.removeprefix(region)
    return stem


def main_tags_of(table: gpd.GeoDataFrame) -> list[frozenset[str]]:
    """Give the tags of OpenStreetMap that say what each row is."""
    table = bare(table)
    tags: list[set[str]] = [set() for _ in range(len(table))]
    for key in [key for key in MAIN_KEYS if key in table.columns]:
        values = table[key].to_numpy(dtype=object)
        for row in np.flatnonzero(table[key].notna()).tolist():
            if isinstance(values[row], str):
                tags[row].update(f"{key}={part.strip()}" for part in values[row].split(";"))
    return [frozenset(own) for own in tags]


def extents_of(geometry: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Give the diagonal of the box around each geometry."""
    bounds = shapely.bounds(geometry)
    return np.asarray(np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]))


def spread_of(sizes_m: npt.NDArray[np.float64], named: npt.NDArray[np.bool_]) -> float:
    """How far a point of a geometry may be from the point that stands for it, at most 500 m."""
    return float(min(np.nanmax(sizes_m[named], initial=0.0), 500.0))


def near_namesakes(
    stems: list[str], xy: npt.NDArray[np.float64], reach_m: float
) -> npt.NDArray[np.intp]:
    """Return pairs of rows with one stem within reach."""
    codes, _ = pd.factorize(np.array(stems, dtype=object))
    usable = np.array([bool(stem) for stem in stems], dtype=bool) & np.isfinite(xy).all(axis=1)
    counts = np.bincount(codes[usable], minlength=codes.max(initial=-1) + 1)
    rows = np.flatnonzero(usable)
    rows = rows[counts[codes[rows]] > 1]
    if not len(rows):
        return np.zeros((0, 2), dtype=np.intp)
    # Every name has a copy of the town of its own, side by side, so that only namesakes are near.
    x, y = xy[rows].T
    town = codes[rows] * (np.ptp(x) + 4 * reach_m + 1)
    spots = shapely.points(x - x.min() + town, y)
    pairs = shapely.STRtree(spots).query(spots, "dwithin", distance=reach_m + 1e-3).T
    return rows[pairs[pairs[:, 0] < pairs[:, 1]]]
