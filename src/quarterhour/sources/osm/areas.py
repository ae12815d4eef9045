"""Residential areas of an OpenStreetMap file: found, told apart, and described.

Rules (see ``docs/decisions/0002-walkable-streets.md``): what is drawn twice counts once; of areas
within areas the smaller ones are scored; no land is scored twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.places.notes import Note
from quarterhour.sources.osm.file import FloatArray, OsmFile
from quarterhour.sources.osm.places import Picked, pick, tag_table
from quarterhour.sources.osm.shapes import Shapes, valid_areas
from quarterhour.sources.osm.tag_text import Tags

SAME_SHARE = 0.9
"""Two areas that share this part of the larger one are one area, drawn twice."""

COVERED_SHARE = 0.5
"""An area covered to this part by smaller ones is not scored itself."""

INSIDE_SHARE = 0.25
"""An area with less than this part of it inside the data's extent is left out."""

MIN_PIECE_M2 = 200.0
"""What is left of an area counts from this size on: nobody lives on less."""

CLUSTER = "cluster of buildings"
"""The source of areas that are not mapped."""

CLUSTER_LABEL = "cluster/"
"""What stands before the label of its first home in the label of a cluster."""

JOIN_M = 20.0
CELL_M = 500.0
MAX_CLUSTER_M2 = 250_000.0
MAX_CLUSTER_M = 1000.0
"""A cluster that is longer from west to east or from south to north is cut."""

_POPULATION = re.compile(r"\d[\d ,']*(?:\.\d+)?")


@dataclass(frozen=True)
class Candidates:
    """Residential areas on their way to the table; every array has one row per area."""

    label: npt.NDArray[np.object_]
    tags: npt.NDArray[np.object_]
    shape: Shapes
    outline: Shapes  # as drawn, before smaller areas are cut out
    within: npt.NDArray[np.object_]

    def only(self, chosen: npt.NDArray[np.generic]) -> Candidates:
        """Return some of the rows."""
        columns = (self.label, self.tags, self.shape, self.outline, self.within)
        return Candidates(*(column[chosen] for column in columns))


def is_residential(tags: Tags) -> bool:
    """Tell whether an object is drawn as a residential area."""
    return bool(area_source(tags))


def area_source(tags: Tags) -> str:
    """Return the tag that makes an object a residential area, ``""`` if none does."""
    if tags.get("landuse") == "residential":
        return "landuse=residential"
    if tags.get("place") in ("neighbourhood", "quarter"):
        return f"place={tags['place']}"
    is_relation = tags.get("type") in ("multipolygon", "boundary")
    if is_relation and tags.get("name") and tags.get("residential", "no") != "no":
        return f"residential={tags['residential']}"
    return ""


def find_areas(
    file: OsmFile, xy: FloatArray, extent: shapely.Polygon
) -> tuple[Candidates, list[str]]:
    """Find the residential areas of a file, no two of them on the same land."""
    picked, flaws = pick(file, xy, is_residential, areas_only=True)
    n = len(picked.label)
    columns = (np.empty(n, object), np.empty(n, object))
    columns[0][:], columns[1][:] = picked.label, picked.tags
    found = Candidates(*columns, picked.shape, picked.shape, np.full(n, None, dtype=object))
    notes: list[str] = []
    if flaws.cut:
        notes.append(
            Note(
                "areas_closed_at_edge",
                "Residential areas cut at the edge, closed straight there: {0}.",
                flaws.cut,
            )
        )
    if flaws.no_area:
        notes.append(
            Note(
                "areas_open_outline",
                "Residential areas with an open outline, left out: {0}.",
                flaws.no_area,
            )
        )
    found, more = _clip(found, extent)
    notes += more
    found, more = _merge_same(found)
    notes += more
    found, more = _unnest(found)
    return found, notes + more


def _clip(found: Candidates, extent: shapely.Polygon) -> tuple[Candidates, list[str]]:
    size = shapely.area(found.shape)
    shapely.prepare(extent)
    out = ~shapely.covers(extent, found.shape)
    clipped = found.shape.copy()
    clipped[out] = shapely.intersection(found.shape[out], extent)
    inside = shapely.area(clipped) / np.maximum(size, 1e-9) >= INSIDE_SHARE
    notes: list[str] = []
    if (~inside).any():
        notes.append(
            Note(
                "areas_outside",
                "Residential areas mostly outside the data, left out: {0}.",
                (~inside).sum(),
            )
        )
    if (out & inside).any():
        notes.append(
            Note(
                "areas_cut",
                "Residential areas cut at the edge of the data: {0}.",
                (out & inside).sum(),
            )
        )
    scrap = inside & (shapely.area(clipped) < MIN_PIECE_M2)
    if scrap.any():
        notes.append(
            Note(
                "area_scraps",
                "Scraps of residential areas below {0:g} m², left out: {1}.",
                MIN_PIECE_M2,
                scrap.sum(),
            )
        )
    return replace(found, shape=clipped, outline=clipped).only(inside & ~scrap), notes


def _merge_same(found: Candidates) -> tuple[Candidates, list[str]]:
    first, second, shared = _overlaps(found.shape)
    size = shapely.area(found.shape)
    same = shared >= SAME_SHARE * np.maximum(size[first], size[second])
    tags, gone = found.tags.copy(), np.zeros(len(size), bool)
    for a, b in zip(first[same].tolist(), second[same].tolist(), strict=True):
        if gone[a] or gone[b]:
            continue
        # The named one stays; it takes from the other what it does not say itself.
        stays, goes = (b, a) if "name" in tags[b] and "name" not in tags[a] else (a, b)
        tags[stays] = {**tags[goes], **tags[stays]}
        gone[goes] = True
    notes: list[str] = (
        [Note("areas_twice", "Residential areas drawn twice, counted once: {0}.", gone.sum())]
        if gone.any()
        else []
    )
    return replace(found, tags=tags).only(~gone), notes


def _overlaps(
    shape: Shapes,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the pairs of shapes that overlap, and the area they share."""
    first, second = shapely.STRtree(shape).query(shape, "intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.area(shapely.intersection(shape[first], shape[second]))
    return first[shared > 0], second[shared > 0], shared[shared > 0]


def _unnest(found: Candidates) -> tuple[Candidates, list[str]]:
    first, second, _ = _overlaps(found.shape)
    size = shapely.area(found.shape)
    rank = np.empty(len(size), np.int64)
    rank[np.argsort(size, kind="stable")] = np.arange(len(size))
    swap = rank[first] > rank[second]
    small, large = np.where(swap, second, first), np.where(swap, first, second)
    shape, within = found.shape.copy(), found.within.copy()
    gone = np.zeros(len(size), bool)
    cut = 0
    for area in np.unique(large)[np.argsort(rank[np.unique(large)])]:
        children = small[(large == area) & ~gone[small]]
        land = shapely.union_all(shape[children])
        _name_parent(within, children, found, area)
        rest = shapely.difference(found.shape[area], land)
        if rest.area <= (1 - COVERED_SHARE) * size[area]:
            gone[area] = True
        else:
            parts = shapely.get_parts(rest)
            shape[area] = shapely.union_all(parts[shapely.area(parts) >= MIN_PIECE_M2])
            cut += 1
    notes: list[str] = []
    if gone.any():
        notes.append(
            Note(
                "areas_of_areas",
                "Residential areas that consist mostly of smaller ones, which are scored in their "
                "place: {0}.",
                gone.sum(),
            )
        )
    if cut:
        notes.append(
            Note(
                "areas_without_inner",
                "Residential areas scored without the smaller areas on their land: {0}.",
                cut,
            )
        )
    return replace(found, shape=shape, within=within).only(~gone & (shapely.area(shape) > 0)), notes


def _name_parent(
    within: npt.NDArray[np.object_], children: npt.NDArray[np.int64], found: Candidates, area: int
) -> None:
    """Note the name of the smallest named area around each child."""
    name = found.tags[area].get("name")
    centre = shapely.point_on_surface(found.shape[children])
    for child in children[shapely.covers(found.shape[area], centre)]:
        within[child] = within[child] or name


def cluster_buildings(homes: Shapes) -> Shapes:
    """Join homes less than 40 m apart to clusters, large or long ones cut by a grid of 500 m.

    The grid is that of the coordinates, and what is cut is seen from a kilometre away: wherever a
    cluster is whole in the data, it is the same, however far the data reach.
    """
    land = shapely.get_parts(shapely.union_all(shapely.buffer(homes, JOIN_M, quad_segs=2)))
    pieces: list[Shapes] = []
    for part in land:
        west, south, east, north = part.bounds
        if part.area <= MAX_CLUSTER_M2 and max(east - west, north - south) <= MAX_CLUSTER_M:
            pieces.append(np.array([part], dtype=object))
            continue
        first = np.floor(np.array([west, south]) / CELL_M) * CELL_M
        x, y = np.meshgrid(np.arange(first[0], east, CELL_M), np.arange(first[1], north, CELL_M))
        cells = shapely.box(x.ravel(), y.ravel(), x.ravel() + CELL_M, y.ravel() + CELL_M)
        pieces.append(shapely.intersection(part, cells))
    if not pieces:
        return np.empty(0, dtype=object)
    shapes = np.concatenate(pieces)
    shapes = valid_areas(shapes[shapely.area(shapes) > MIN_PIECE_M2])
    tree = shapely.STRtree(shapely.centroid(homes))
    return np.asarray(shapes[np.unique(tree.query(shapes, "intersects")[0])])


def areas_table(
    found: Candidates, crs: pyproj.CRS, walled: npt.NDArray[np.bool_], kind: npt.NDArray[np.object_]
) -> gpd.GeoDataFrame:
    """Return the areas as a table that keeps the contract."""
    picked = Picked(list(found.label), list(found.tags), found.shape, [])
    return tag_table(
        picked,
        ["name", "name:en", "name:zh"],
        crs,
        {
            "residents": np.array([parse_population(t) for t in found.tags], np.float64),
            "area_kind": kind,
            "walled": walled,
            "source": np.array([area_source(t) for t in found.tags], dtype=object),
            "within": found.within,
        },
    )


def clusters_table(
    shapes: Shapes, first_homes: npt.NDArray[np.object_], crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return clusters of buildings as a table that keeps the contract.

    Each is labelled by the first of its homes, so that it has one name in every extract.
    """
    n = len(shapes)
    tags, none = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
    tags[:] = [{} for _ in range(n)]
    label = np.array([f"{CLUSTER_LABEL}{home}" for home in first_homes], dtype=object)
    kind = np.full(n, "community", dtype=object)
    found = Candidates(label, tags, shapes, shapes, none)
    table = areas_table(found, crs, np.zeros(n, bool), kind)
    table["source"] = pd.Series(CLUSTER, index=table.index, dtype=object)
    return table


def parse_population(tags: Tags) -> float:
    """Return the number in the ``population`` tag, NaN without one."""
    number = _POPULATION.search(tags.get("population", ""))
    return float(re.sub(r"[ ,']", "", number[0])) if number else float("nan")
