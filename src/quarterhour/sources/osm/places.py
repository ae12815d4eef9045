"""Facilities of an OpenStreetMap file, and the picking of objects by their tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.places.notes import Note
from quarterhour.sources.osm.file import MISSING, FloatArray, OsmFile
from quarterhour.sources.osm.shapes import (
    Shapes,
    gather,
    is_area,
    member_ways,
    relation_areas,
    way_lines,
    way_polygons,
)
from quarterhour.sources.osm.tag_text import Tags

FACILITY_KEYS = [
    "amenity",
    "shop",
    "leisure",
    "healthcare",
    "office",
    "craft",
    "tourism",
    "advertising",
    "social_facility",
    "community_centre",
    "recycling_type",
    "public_transport",
]
"""An object with one of these is a facility, whatever the value (``no`` apart)."""

FACILITY_VALUES = {
    "place": {"square"},
    "highway": {"bus_stop"},
    "railway": {"station", "halt", "tram_stop", "subway_entrance"},
    "landuse": {"recreation_ground", "village_green"},
}
"""An object with one of these key-value pairs is a facility as well."""

_KEYS = frozenset({*FACILITY_KEYS, *FACILITY_VALUES})

MORE_COLUMNS = [
    "name",
    "name:zh",
    "name:en",
    "operator",
    "brand",
    "access",
    "opening_hours",
    "phone",
    "contact:phone",
    "wheelchair",
    "capacity",
    "fee",
    "cuisine",
    "information",
    "building",
    "station",
    "sport",
    "religion",
]

NOT_NOW = re.compile(r"^(disused|abandoned|was|demolished|razed|removed|closed|construction):(.+)$")
NOT_NOW_VALUES = frozenset({"no", "disused", "vacant", "abandoned", "construction", "proposed"})
CLOSED_HOURS = frozenset({"closed", "off", '"closed"', "closed permanently", "permanently closed"})
NO_WAY_IN = frozenset({"emergency", "exit", "service", "garage", "no"})
GROUPS = frozenset({"stop_area", "stop_area_group"})


@dataclass(frozen=True)
class Picked:
    """Objects of one kind: where they stand in the file, what they are, and their shapes."""

    label: list[str]
    tags: list[Tags]
    shape: Shapes
    outline: list[list[int]]  # the ways of each object's outline; none for a node


@dataclass(frozen=True)
class Flaws:
    """How many objects did not have the shape that they should have."""

    cut: int  # closed over a gap at the edge of the file
    no_area: int  # open outlines: kept as lines or points where lines will do
    no_shape: int  # no member in the file: left out


def pick(
    file: OsmFile, xy: FloatArray, wanted: Callable[[Tags], bool], *, areas_only: bool = False
) -> tuple[Picked, Flaws]:
    """Collect the objects whose tags are wanted, each with its shape.

    An object that should be an area but whose outline is open is kept as its lines (or points)
    unless ``areas_only``.
    """
    nodes = [] if areas_only else file.nodes_where(wanted)
    ways = file.ways_where(wanted)
    relations = [r for r, tags in enumerate(file.relation_tags) if tags and wanted(tags)]
    of_ways, cut, no_area = _way_shapes(file, xy, ways, areas_only=areas_only)
    index = file.member_index
    of_relations = relation_areas(file, xy, relations)
    open_relations = np.flatnonzero(shapely.is_missing(of_relations)).tolist()
    for i in open_relations if not areas_only else ():
        of_relations[i] = _scattered(file, xy, relations[i], index)
    shape = np.concatenate([points(xy, nodes), of_ways, of_relations])
    label = [f"node/{file.node_id[n]}" for n in nodes]
    label += [f"way/{file.way_id[w]}" for w in ways]
    label += [f"relation/{file.relation_id[r]}" for r in relations]
    tags = [file.node_tags[n] for n in nodes] + [file.way_tags[w] for w in ways]
    tags += [file.relation_tags[r] for r in relations]
    outline: list[list[int]] = [[] for _ in nodes] + [[way] for way in ways]
    outline += [member_ways(file, r, index) or [] for r in relations]
    kept = np.flatnonzero(~(shapely.is_missing(shape) | shapely.is_empty(shape))).tolist()
    picked = Picked(
        [label[i] for i in kept], [tags[i] for i in kept], shape[kept], [outline[i] for i in kept]
    )
    return picked, Flaws(cut, no_area + len(open_relations), len(shape) - len(kept))


def _way_shapes(
    file: OsmFile, xy: FloatArray, ways: Sequence[int], *, areas_only: bool
) -> tuple[Shapes, int, int]:
    """Return the shapes of ways, and how many were mended and how many stay open."""
    surface = np.array([is_area(file.way_tags[way]) for way in ways], bool)
    shapes = way_polygons(file, xy, ways, mend_cut=True)
    shapes[~surface] = None
    open_ways = np.flatnonzero(shapely.is_missing(shapes)).tolist()
    flat, row = gather(file.way_offset, ways)
    lacking = np.bincount(row[file.way_nodes[flat] == MISSING], minlength=len(ways)) > 0
    cut = int((lacking & ~shapely.is_missing(shapes)).sum())
    if not areas_only:
        shapes[open_ways] = way_lines(file, xy, [ways[i] for i in open_ways])
    return shapes, cut, int(sum(_should_close(file, ways[i]) for i in open_ways if surface[i]))


def _should_close(file: OsmFile, way: int) -> bool:
    nodes = file.nodes_of(way)
    return bool(len(nodes) >= 4 and (nodes[0] == nodes[-1] or (nodes == MISSING).any()))


def points(xy: FloatArray, nodes: Sequence[int]) -> Shapes:
    """Return nodes as points."""
    return np.asarray(shapely.points(xy[list(nodes)].reshape(-1, 2)), dtype=object)


def _scattered(file: OsmFile, xy: FloatArray, relation: int, index: dict[int, int]) -> object:
    """Return the lines of a relation that forms no area, or else its points."""
    members = file.relation_members[relation]
    ways = [index[ref] for kind, ref, _ in members if kind == "w" and ref in index]
    lines = [line for line in way_lines(file, xy, ways) if line is not None]
    if lines:
        return shapely.union_all(lines)
    refs = np.array([ref for kind, ref, _ in members if kind == "n"], np.int64)
    found = xy[np.isin(file.node_id, refs)]
    return shapely.multipoints(found) if len(found) else None


def facility_tags(tags: Tags) -> bool:
    """Tell whether an object is a facility, open or closed."""
    if _KEYS.isdisjoint(tags) or tags.get("public_transport") in GROUPS:
        return False
    return any(_says_facility(key, tags[key]) for key in _KEYS.intersection(tags))


def _says_facility(key: str, value: str) -> bool:
    if key in FACILITY_VALUES:
        return value in FACILITY_VALUES[key]
    return value != "no"


def is_closed(tags: Tags) -> bool:
    """Tell whether a facility no longer (or not yet) works."""
    if tags.get("disused") == "yes" or tags.get("abandoned") == "yes":
        return True
    if tags.get("opening_hours", "").strip().lower() in CLOSED_HOURS:
        return True
    keys = [key for key in _KEYS.intersection(tags) if _says_facility(key, tags[key])]
    return all(tags[key] in NOT_NOW_VALUES for key in keys)


def _was_facility(tags: Tags) -> bool:
    return any(map(_says_past, tags))


@cache
def _says_past(key: str) -> bool:
    """Tell whether a key says what kind of facility something no longer is."""
    found = NOT_NOW.match(key)
    return found is not None and found[2] in FACILITY_KEYS


def _is_open(tags: Tags) -> bool:
    return facility_tags(tags) and not is_closed(tags)


def _is_shut(tags: Tags) -> bool:
    """Tell whether something is, or was, a facility and does not work now."""
    return is_closed(tags) if facility_tags(tags) else _was_facility(tags)


def read_facilities_osm(
    file: OsmFile, xy: FloatArray, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the facilities, with their tags as columns and their mapped entrances."""
    picked, flaws = pick(file, xy, _is_open)
    closed = sum(map(len, (file.nodes_where(_is_shut), file.ways_where(_is_shut))))
    closed += sum(map(_is_shut, file.relation_tags))
    address = {key for t in picked.tags for key in t if key.startswith("addr:")}
    keys = [*FACILITY_KEYS, *FACILITY_VALUES, *MORE_COLUMNS, *sorted(address)]
    table = tag_table(picked, keys, crs)
    table["entrances"] = gpd.GeoSeries(_entrances(file, xy, picked), index=table.index, crs=crs)
    notes: list[str] = []
    if closed:
        notes.append(
            Note(
                "facilities_not_now",
                "{0} facilities are tagged as closed, disused or planned: left out.",
                closed,
            )
        )
    if flaws.cut:
        notes.append(
            Note(
                "facilities_closed_at_edge",
                "{0} facilities are cut at the edge: closed with a straight line.",
                flaws.cut,
            )
        )
    if flaws.no_area:
        notes.append(
            Note(
                "facilities_no_area",
                "{0} facilities form no area: kept as lines or points.",
                flaws.no_area,
            )
        )
    if flaws.no_shape:
        notes.append(
            Note(
                "facilities_no_shape",
                "{0} facilities have no member in the file: left out.",
                flaws.no_shape,
            )
        )
    return table, notes


def tag_table(
    picked: Picked,
    keys: Sequence[str],
    crs: pyproj.CRS,
    more: Mapping[str, npt.NDArray[Any]] | None = None,
) -> gpd.GeoDataFrame:
    """Return objects as a table with tags as columns, None where an object lacks the tag."""
    columns = {key: np.full(len(picked.label), None, dtype=object) for key in keys}
    for at, tags in enumerate(picked.tags):
        for key in columns.keys() & tags.keys():
            columns[key][at] = tags[key]
    index = pd.Index(picked.label, dtype=object)
    series = {
        # said outright: pandas 3 would guess its text type and turn None into NaN
        key: pd.Series(column, index, dtype=column.dtype)
        for key, column in {**columns, **(more or {})}.items()
    }
    return gpd.GeoDataFrame(series, geometry=picked.shape, crs=crs, index=index)


def _is_way_in(tags: Tags) -> bool:
    if tags.get("entrance", "no") in NO_WAY_IN:
        return False
    return tags.get("access") != "no" and tags.get("foot") != "no"


def _entrances(file: OsmFile, xy: FloatArray, picked: Picked) -> Shapes:
    """Return the entrances mapped on the outline of each facility."""
    is_entrance = np.zeros(len(file.node_id) + 1, bool)  # the last one stands for MISSING
    is_entrance[file.nodes_where(_is_way_in)] = True
    result: Shapes = np.full(len(picked.label), None, dtype=object)
    pairs = [(i, way) for i, outline in enumerate(picked.outline) for way in outline]
    flat, row = gather(file.way_offset, [way for _, way in pairs])
    node = file.way_nodes[flat]
    found = is_entrance[node]
    owner = np.array([i for i, _ in pairs], np.int64)[row[found]]
    entrance = np.unique(np.column_stack([owner, node[found]]), axis=0)
    for at in np.unique(entrance[:, 0]):
        result[at] = shapely.multipoints(xy[entrance[entrance[:, 0] == at, 1]])
    return result
