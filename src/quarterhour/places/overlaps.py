"""Areas that share land: who lives in several of them counts in each, and once in the city."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Ints
from quarterhour.errors import QuarterhourWarning
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note

Shapes = npt.NDArray[np.object_]

SAME_SHARE = 0.999
"""Two areas that share this part of the land of both are one area, given twice."""

SLIVER_SHARE = 0.001
"""Neighbours share slivers along a border drawn twice: not worth a word."""


def homes_of_areas(points: Shapes, shapes: Shapes) -> tuple[Ints, Ints]:
    """Pairs of (point, area) in which the point lies, in order of the points.

    A point inside several areas belongs to each of them. One on the border of areas that only
    touch belongs to the first.
    """
    tree = shapely.STRtree(shapes)
    point, area = tree.query(points, "intersects")
    order = np.lexsort((area, point))
    point, area = point[order], area[order]
    doubted = np.flatnonzero(np.bincount(point, minlength=len(points))[point] > 1)
    if len(doubted) == 0:
        return point, area
    inside = np.ones(len(point), dtype=bool)
    inside[doubted] = shapely.contains_properly(shapes[area[doubted]], points[point[doubted]])
    # The area that a point certainly belongs to: the first around it, else the first it touches.
    best = np.lexsort((area, ~inside, point))
    first = best[np.unique(point[best], return_index=True)[1]]
    sure = inside.copy()
    sure[first] = True
    touching = np.flatnonzero(~sure)
    main = area[first][np.searchsorted(point[first], point[touching])]
    shared = shapely.area(shapely.intersection(shapes[area[touching]], shapes[main]))
    sure[touching] = shared > 0
    return point[sure], area[sure]


def shared_land(shapes: Shapes) -> pd.DataFrame:
    """Pairs of areas that share land: ``first``, ``second`` (positions), ``shared_m2``, ``same``.

    Slivers along a common border are left out.
    """
    polygons = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    tree = shapely.STRtree(shapes[polygons])
    first, second = (polygons[found] for found in tree.query(shapes[polygons], "intersects"))
    first, second = first[first < second], second[first < second]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    size = shapely.area(shapes)
    real = shared > SLIVER_SHARE * np.minimum(size[first], size[second])
    same = shared >= SAME_SHARE * np.maximum(size[first], size[second])
    columns = {"first": first, "second": second, "shared_m2": shared, "same": same}
    return pd.DataFrame({name: values[real] for name, values in columns.items()})


def counted_before(area: Ints, home: Ints, size: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether each origin is a home that a smaller area has counted already.

    ``home`` says which origins are the same home; one below 0 is a home of its own.
    """
    order = np.lexsort((area, size[area], home))
    again = np.zeros(len(home), dtype=bool)
    again[order[1:]] = (home[order[1:]] == home[order[:-1]]) & (home[order[1:]] >= 0)
    return again


def overlap_notes(areas: gpd.GeoDataFrame, shapes: Shapes, pairs: pd.DataFrame) -> list[str]:
    """Say how much land the areas share, and warn of areas that are given twice."""
    notes: list[str] = []
    if len(twice := pairs[pairs["same"]]):
        same = zip(twice["first"], twice["second"], strict=True)
        some = listed(f"{_named(areas, int(a))} = {_named(areas, int(b))}" for a, b in same)
        notes.append(
            Note(
                "areas_given_twice",
                "Areas given twice: {0} (same outline: {1}). They have the same answer twice: "
                "drop one of each if that is not meant.",
                len(twice),
                some,
            )
        )
        warnings.warn(notes[0], QuarterhourWarning, stacklevel=4)
    if len(pairs):
        who = np.unique(pairs[["first", "second"]].to_numpy())
        whole = float(shapely.area(shapely.union_all(shapes[who])))
        doubled = float(shapely.area(shapes[who]).sum()) - whole
        notes.append(
            Note(
                "areas_overlap",
                "{0} of {1} areas overlap: {2:,.1f} ha lie in more than one, of {3:,.1f} ha. Who "
                "lives there counts in each of them, and once in the totals of the city, with the "
                "number of residents of the smallest.",
                len(who),
                len(shapes),
                doubled / 10_000,
                whole / 10_000,
            )
        )
    return notes


def _named(areas: gpd.GeoDataFrame, row: int) -> str:
    name: Any = areas["name"].iloc[row] if "name" in areas else None
    return name if isinstance(name, str) and name else str(areas.index[row])
