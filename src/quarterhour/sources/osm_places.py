"""Facilities, buildings and gates of an OpenStreetMap file as tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from quarterhour.sources import osm_access as access
from quarterhour.sources.osm_file import MISSING, FloatArray, OsmFile, Tags
from quarterhour.sources.osm_shapes import (
    Shapes,
    gather,
    is_area,
    relation_areas,
    way_lines,
    way_polygons,
)

FACILITY_KEYS = (
    "amenity shop leisure healthcare office craft tourism advertising social_facility "
    "community_centre recycling_type public_transport"
).split()
"""An object with one of these is a facility, whatever the value (``no`` apart)."""

FACILITY_VALUES = {
    "place": {"square"},
    "highway": {"bus_stop"},
    "railway": {"station", "halt", "tram_stop", "subway_entrance"},
    "landuse": {"recreation_ground", "village_green"},
}
"""An object with one of these key-value pairs is a facility as well."""

MORE_COLUMNS = (
    "name name:zh name:en operator brand access opening_hours phone contact:phone wheelchair "
    "capacity fee cuisine information building station sport religion"
).split()

NOT_NOW = re.compile(r"^(disused|abandoned|was|demolished|razed|removed|closed|construction):(.+)$")
NOT_NOW_VALUES = frozenset({"no", "disused", "vacant", "abandoned", "construction", "proposed"})
CLOSED_HOURS = frozenset({"closed", "off", '"closed"', "closed permanently", "permanently closed"})
NO_WAY_IN = frozenset({"emergency", "exit", "service", "garage", "no"})
GROUPS = frozenset({"stop_area", "stop_area_group"})

RESIDENTIAL = frozenset(
    "apartments residential house detached semidetached_house semi terrace dormitory bungalow "
    "villa farm cabin static_caravan houseboat ger stilt_house trullo allotment_house".split()
)
STOREY_M = 3.0
MAX_LEVELS = 200.0

_LEVELS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Picked:
    """Objects of one kind: where they stand in the file, what they are, and their shapes."""

    label: list[str]
    tags: list[Tags]
    shape: Shapes
    way: list[int]  # the way of each object, -1 for nodes and relations


def pick(
    file: OsmFile, xy: FloatArray, wanted: Callable[[Tags], bool], *, areas_only: bool = False
) -> tuple[Picked, dict[str, int]]:
    """Collect the objects whose tags are wanted, each with its shape.

    An object that should be an area but whose outline is open or cut off is kept as its lines
    (or points) unless ``areas_only``. The second result counts ``no_area`` and ``no_shape``.
    """
    nodes = [] if areas_only else [at for at, tags in file.node_tags.items() if wanted(tags)]
    ways = [way for way, tags in enumerate(file.way_tags) if tags and wanted(tags)]
    relations = [r for r, tags in enumerate(file.relation_tags) if tags and wanted(tags)]
    surface = np.array([is_area(file.way_tags[way]) for way in ways], bool)
    of_ways = way_polygons(file, xy, ways)
    of_ways[~surface] = None
    of_relations = relation_areas(file, xy, relations)
    open_ways = np.flatnonzero(shapely.is_missing(of_ways))
    open_relations = np.flatnonzero(shapely.is_missing(of_relations))
    expected = sum(_should_close(file, ways[i]) for i in open_ways if surface[i])
    counts = {"no_area": expected + len(open_relations)}
    if not areas_only:
        of_ways[open_ways] = way_lines(file, xy, [ways[i] for i in open_ways])
        index = file.way_index()
        for i in open_relations:
            of_relations[i] = _scattered(file, xy, relations[i], index)
    shape = np.concatenate([_points(xy, nodes), of_ways, of_relations])
    label = [f"node/{file.node_id[n]}" for n in nodes]
    label += [f"way/{file.way_id[w]}" for w in ways]
    label += [f"relation/{file.relation_id[r]}" for r in relations]
    tags = [file.node_tags[n] for n in nodes] + [file.way_tags[w] for w in ways]
    tags += [file.relation_tags[r] for r in relations]
    way = [-1] * len(nodes) + ways + [-1] * len(relations)
    kept = np.flatnonzero(~(shapely.is_missing(shape) | shapely.is_empty(shape)))
    counts["no_shape"] = len(shape) - len(kept)
    picked = Picked(
        [label[i] for i in kept], [tags[i] for i in kept], shape[kept], [way[i] for i in kept]
    )
    return picked, counts


def _should_close(file: OsmFile, way: int) -> bool:
    nodes = file.nodes_of(way)
    return bool(len(nodes) >= 4 and (nodes[0] == nodes[-1] or (nodes == MISSING).any()))


def _points(xy: FloatArray, nodes: Sequence[int]) -> Shapes:
    return np.asarray(shapely.points(xy[list(nodes)].reshape(-1, 2)), dtype=object)


def _scattered(file: OsmFile, xy: FloatArray, relation: int, index: dict[int, int]) -> object:
    """Return the lines of a relation that forms no area, or else its points."""
    members = file.relation_members[relation]
    ways = [index[ref] for kind, ref, _ in members if kind == "w" and ref in index]
    lines = [line for line in way_lines(file, xy, ways) if line is not None]
    if lines:
        return shapely.union_all(lines)
    refs = np.array([ref for kind, ref, _ in members if kind == "n"], np.int64)
    points = xy[np.isin(file.node_id, refs)]
    return shapely.multipoints(points) if len(points) else None


def facility_tags(tags: Tags) -> bool:
    """Tell whether an object is a facility, open or closed."""
    if tags.get("public_transport") in GROUPS:
        return False
    if any(tags.get(key, "no") != "no" for key in FACILITY_KEYS):
        return True
    if tags.get("tourism") == "information":
        return True
    return any(tags.get(key) in values for key, values in FACILITY_VALUES.items())


def is_closed(tags: Tags) -> bool:
    """Tell whether a facility no longer (or not yet) works."""
    if tags.get("disused") == "yes" or tags.get("abandoned") == "yes":
        return True
    if tags.get("opening_hours", "").strip().lower() in CLOSED_HOURS:
        return True
    values = [tags[key] for key in FACILITY_KEYS if key in tags]
    values += [tags[key] for key, known in FACILITY_VALUES.items() if tags.get(key) in known]
    return all(value in NOT_NOW_VALUES for value in values)


def _was_facility(tags: Tags) -> bool:
    found = (NOT_NOW.match(key) for key in tags if ":" in key)
    return any(f is not None and f[2] in FACILITY_KEYS for f in found)


def read_facilities_osm(
    file: OsmFile, xy: FloatArray, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the facilities, with their tags as columns and their mapped entrances."""
    picked, counts = pick(file, xy, lambda t: facility_tags(t) and not is_closed(t))
    everything = [*file.node_tags.values(), *file.way_tags, *file.relation_tags]
    closed = sum(is_closed(t) if facility_tags(t) else _was_facility(t) for t in everything if t)
    address = {key for t in picked.tags for key in t if key.startswith("addr:")}
    keys = [*FACILITY_KEYS, *FACILITY_VALUES, *MORE_COLUMNS, *sorted(address)]
    table = _table(picked, keys, crs)
    table["entrances"] = gpd.GeoSeries(_entrances(file, xy, picked), index=table.index, crs=crs)
    notes = []
    if closed:
        notes.append(f"{closed} facilities are tagged as closed, disused or planned: left out.")
    notes += _shape_notes("facilities", counts)
    return table, notes


def _shape_notes(what: str, counts: dict[str, int]) -> Iterable[str]:
    if counts["no_area"]:
        yield f"{counts['no_area']} {what} form no area (open or cut off): kept as lines or points."
    if counts["no_shape"]:
        yield f"{counts['no_shape']} {what} have no member in the file: left out."


def _table(picked: Picked, keys: Sequence[str], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    columns = {key: np.array([tags.get(key) for tags in picked.tags], dtype=object) for key in keys}
    table = gpd.GeoDataFrame(columns, geometry=picked.shape, crs=crs, index=picked.label)
    return table.astype({key: object for key in keys})


def _entrances(file: OsmFile, xy: FloatArray, picked: Picked) -> Shapes:
    is_entrance = np.zeros(len(file.node_id) + 1, bool)
    for at, tags in file.node_tags.items():
        usable = tags.get("access") not in ("no",) and tags.get("foot") != "no"
        if tags.get("entrance", "no") not in NO_WAY_IN and usable:
            is_entrance[at] = True
    result: Shapes = np.full(len(picked.label), None, dtype=object)
    rows = [i for i, way in enumerate(picked.way) if way >= 0]
    flat, row = gather(file.way_offset, [picked.way[i] for i in rows])
    node = file.way_nodes[flat]
    found = is_entrance[node]
    pairs = np.unique(np.column_stack([row[found], node[found]]), axis=0)
    for at in np.unique(pairs[:, 0]):
        result[rows[at]] = shapely.multipoints(xy[pairs[pairs[:, 0] == at, 1]])
    return result


def parse_levels(tags: Tags) -> float:
    """Return the storeys of a building: the highest number in ``building:levels``, else height / 3 m.

    NaN if neither can be read.
    """
    found = [float(number) for number in _LEVELS.findall(tags.get("building:levels", ""))]
    if found and 0 < max(found) <= MAX_LEVELS:
        return max(found)
    height = _LEVELS.match(tags.get("height", "").strip())
    if height and STOREY_M <= float(height[0]) <= MAX_LEVELS * STOREY_M:
        return float(round(float(height[0]) / STOREY_M))
    return float("nan")


def read_buildings_osm(
    file: OsmFile, xy: FloatArray, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return all building areas; ``residential`` is True for the explicit kinds only."""
    picked, counts = pick(file, xy, lambda t: t.get("building", "no") != "no", areas_only=True)
    table = _table(picked, ["building", "name"], crs)
    table["levels"] = np.array([parse_levels(tags) for tags in picked.tags], np.float64)
    table["residential"] = np.array([t["building"] in RESIDENTIAL for t in picked.tags], bool)
    other_use = [any(t.get(key, "no") != "no" for key in FACILITY_KEYS) for t in picked.tags]
    table["maybe_residential"] = (table["building"] == "yes") & ~np.array(other_use, bool)
    notes = []
    if counts["no_area"]:
        notes.append(f"{counts['no_area']} buildings form no area: left out.")
    return table, notes


def settle_maybe_residential(
    buildings: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> npt.NDArray[np.bool_]:
    """Tell which buildings of unsaid kind may be homes.

    Those tagged just ``building=yes`` that carry no use of their own, lie in a residential area,
    and not on the grounds of a facility (a school yard, a hospital). A shop inside does not
    count against them: dwellings over shops are what ``building=yes`` in a street mostly is.
    """
    maybe = buildings["maybe_residential"].to_numpy(bool).copy()
    candidates = np.flatnonzero(maybe)
    inside = shapely.point_on_surface(buildings.geometry.to_numpy()[candidates])
    in_area = np.zeros(len(candidates), bool)
    tree = shapely.STRtree(inside)
    in_area[np.unique(tree.query(areas.geometry.to_numpy(), "intersects")[1])] = True
    shapes = facilities.geometry.to_numpy()
    grounds = (shapely.get_dimensions(shapes) == 2) & facilities[
        ["amenity", "healthcare", "office", "shop", "tourism"]
    ].notna().any(axis=1).to_numpy()
    in_area[np.unique(tree.query(shapes[grounds], "intersects")[1])] = False
    maybe[candidates] = in_area
    return maybe


def read_gates(
    file: OsmFile, xy: FloatArray, crs: pyproj.CRS, outlines: Sequence[int]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the gates: barrier nodes (and short gate ways), and entrances in mapped outlines.

    Parameters
    ----------
    file, xy, crs
        The file, and its nodes in a metric CRS.
    outlines
        Ways (walls, fences, residential areas) whose ``entrance`` nodes count as gates.
    """
    nodes = np.unique(file.way_nodes[gather(file.way_offset, list(outlines))[0]])
    on_outline = set(nodes.tolist())
    found, shut = [], 0
    for at, tags in file.node_tags.items():
        kind = tags.get("barrier", "")
        if kind not in access.GATES:
            kind = tags.get("entrance", "no") if at in on_outline else "no"
        if kind in NO_WAY_IN:
            continue
        foot, allowed = tags.get("foot"), tags.get("access")
        if foot == "no" or (allowed == "no" and foot not in access.YES):
            shut += 1
            continue
        found.append((f"node/{file.node_id[at]}", kind, allowed, foot, tags.get("name"), at))
    gates = gpd.GeoDataFrame(
        {
            key: np.array([row[i] for row in found], dtype=object)
            for i, key in enumerate(["kind", "access", "foot", "name"], start=1)
        },
        geometry=_points(xy, [row[-1] for row in found]),
        crs=crs,
        index=[row[0] for row in found],
    )
    return gates, [f"{shut} gates are closed to walkers: left out."] if shut else []
