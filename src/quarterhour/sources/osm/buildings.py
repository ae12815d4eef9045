"""Buildings and gates of an OpenStreetMap file as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from quarterhour.places.notes import Note
from quarterhour.sources.osm.file import MISSING, FloatArray, OsmFile
from quarterhour.sources.osm.places import FACILITY_KEYS, Picked, pick, points, tag_table
from quarterhour.sources.osm.shapes import gather
from quarterhour.sources.osm.tag_text import Tags
from quarterhour.sources.osm.walls import gate_ways
from quarterhour.streets import access

RESIDENTIAL = frozenset(
    [
        "apartments",
        "residential",
        "house",
        "detached",
        "semidetached_house",
        "semi",
        "terrace",
        "dormitory",
        "bungalow",
        "villa",
        "farm",
        "cabin",
        "static_caravan",
        "houseboat",
        "ger",
        "stilt_house",
        "trullo",
        "allotment_house",
    ]
)
_USES = frozenset(FACILITY_KEYS)
STOREY_M = 3.0
MAX_LEVELS = 200.0

_LEVELS = re.compile(r"\d+(?:\.\d+)?")


def parse_levels(tags: Tags) -> float:
    """Return the storeys of a building: the highest number in ``building:levels``.

    Else its height / 3 m; NaN if neither can be read.
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
    picked, flaws = pick(file, xy, lambda t: t.get("building", "no") != "no", areas_only=True)
    table = tag_table(picked, ["building", "name"], crs)
    table["levels"] = np.array([parse_levels(tags) for tags in picked.tags], np.float64)
    table["residential"] = np.array([t["building"] in RESIDENTIAL for t in picked.tags], bool)
    other_use = [any(t[key] != "no" for key in _USES & t.keys()) for t in picked.tags]
    unsaid = np.array([t["building"] == "yes" for t in picked.tags], bool)
    table["maybe_residential"] = unsaid & ~np.array(other_use, bool)
    notes: list[str] = []
    if flaws.cut:
        notes.append(
            Note(
                "buildings_closed_at_edge",
                "{0} buildings are cut at the edge: closed with a straight line.",
                flaws.cut,
            )
        )
    if flaws.no_area:
        notes.append(
            Note("buildings_no_area", "{0} buildings form no area: left out.", flaws.no_area)
        )
    return table, notes


def settle_maybe_residential(
    buildings: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> npt.NDArray[np.bool_]:
    """Tell which buildings of unsaid kind may be homes.

    Those tagged just ``building=yes`` that carry no use of their own, lie in a residential area,
    and not on the grounds of a facility (a school yard, a hospital). A shop inside does not
    count against them: dwellings over shops are what ``building=yes`` in a street mostly is.
    """
    maybe: npt.NDArray[np.bool_] = buildings["maybe_residential"].to_numpy(bool).copy()
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


def _is_shut(tags: Tags) -> bool:
    """Tell whether nobody passes a gate; ``private`` is what residents have the key of."""
    foot = {word.strip() for word in tags.get("foot", "").split(";")}
    return foot == {"no"} or (tags.get("access") == "no" and not access.allows(tags.get("foot")))


def _gates_in_walls(file: OsmFile, known: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the gates that are drawn as lines, and the node at which each is passed.

    That is the one that a street uses, else the middle one; none where it is a gate by itself.
    """
    gates = gate_ways(file)
    if not gates:
        return
    streets = file.ways_where(lambda tags: "highway" in tags)
    on_street = np.zeros(len(file.node_id) + 1, bool)
    on_street[file.way_nodes[gather(file.way_offset, streets)[0]]] = True
    for way in gates:
        nodes = file.nodes_of(way)
        nodes = nodes[nodes != MISSING]
        if not len(nodes) or known & set(nodes.tolist()):
            continue
        passed = nodes[on_street[nodes]]
        yield way, int(passed[0] if len(passed) else nodes[len(nodes) // 2])


def read_gates(
    file: OsmFile, xy: FloatArray, crs: pyproj.CRS, outlines: Sequence[int]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the gates: barrier nodes one can open, and entrances through mapped outlines.

    Parameters
    ----------
    file, xy, crs
        The file, and its nodes in a metric CRS.
    outlines
        Ways (walls, fences, residential areas) whose ``entrance=yes`` or ``main`` nodes count as
        gates, unless they belong to a building.
    """
    buildings = file.ways_where(lambda tags: "building" in tags)
    in_outline = np.zeros(len(file.node_id) + 1, bool)  # the last one stands for MISSING
    in_outline[file.way_nodes[gather(file.way_offset, list(outlines))[0]]] = True
    in_outline[file.way_nodes[gather(file.way_offset, buildings)[0]]] = False
    found: list[tuple[str, int, Tags]] = []
    shut = 0
    for at in file.nodes_where(lambda tags: "barrier" in tags or "entrance" in tags):
        tags = file.node_tags[at]
        kind = tags.get("barrier", "")
        if kind not in access.GATES:
            kind = tags.get("entrance", "")
            if kind not in ("yes", "main") or not in_outline[at]:
                continue
        if _is_shut(tags):
            shut += 1
            continue
        found.append((f"node/{file.node_id[at]}", at, {**tags, "kind": kind}))
    for way, at in _gates_in_walls(file, {at for _, at, _ in found}):
        tags = file.way_tags[way]
        if _is_shut(tags):
            shut += 1
        else:
            found.append((f"way/{file.way_id[way]}", at, {**tags, "kind": tags["barrier"]}))
    nodes = [at for _, at, _ in found]
    label, said = [name for name, _, _ in found], [tags for _, _, tags in found]
    picked = Picked(label, said, points(xy, nodes), [[] for _ in nodes])
    gates = tag_table(picked, ["kind", "access", "foot", "name"], crs)
    return gates, [
        Note("gates_closed", "{0} gates are closed to walkers: left out.", shut)
    ] if shut else []
