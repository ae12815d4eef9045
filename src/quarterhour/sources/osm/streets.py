"""Walkable ways to a network: joined where they share an OSM node, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from quarterhour.arrays import Mask, handed_over, narrow, runs
from quarterhour.errors import NetworkError
from quarterhour.places.notes import Note
from quarterhour.sources.osm.file import MISSING, FloatArray, IntArray, OsmFile
from quarterhour.sources.osm.shapes import gather, member_ways
from quarterhour.sources.osm.sidewalks import Edges, left_out
from quarterhour.sources.osm.squares import Square, chords, find_squares, is_walkable_area
from quarterhour.sources.osm.tag_text import Tags, asked_of, sets_of
from quarterhour.sources.osm.trunks import built_up_trunks
from quarterhour.sources.osm.walls import gate_ways, wall_ways
from quarterhour.sources.osm.ways import not_understood, sorted_ways
from quarterhour.streets import access
from quarterhour.streets.ellipsoid import GEODESIC, LENGTHS
from quarterhour.streets.network import WalkNetwork


@dataclass(frozen=True)
class Rows:
    """What is walked: one row per way, relation outline way, or line across a square."""

    osmid: list[int]
    tags: list[Tags]
    node: IntArray  # node positions of all rows, end to end
    row: IntArray  # the row of each of them
    run: IntArray  # unbroken runs of nodes; a row has several where nodes are missing
    first_chord: int  # rows from here on are lines across squares

    @cached_property
    def sets(self) -> tuple[list[Tags], IntArray]:
        """The sets of tags that rows have, and which of them each has."""
        return sets_of(self.tags)


def read_streets(
    file: OsmFile, xy: FloatArray, crs: pyproj.CRS, extent: shapely.Polygon, source: str
) -> tuple[WalkNetwork, list[str]]:
    """Build the walkable network of a file.

    Parameters
    ----------
    file, xy
        The file, and its nodes in metres.
    crs, extent
        The metric CRS and the area that the data covers.
    source
        Name of the file, for messages and metadata.

    Returns
    -------
    tuple
        The network, and sentences on what was left out.
    """
    ways, tags, notes = _walkable(file, xy)
    if not ways:
        highways = len(file.ways_where(lambda tags: "highway" in tags))
        raise NetworkError(
            f"{source} holds no way that can be walked: it has {len(file.way_id)} ways, "
            f"{highways} of them with a highway tag. Pass an extract that has streets."
        )
    squares = find_squares(file, xy, ways, tags)
    rows = _rows(file, ways, tags)
    if not len(rows.node):
        raise NetworkError(f"{source} holds walkable ways, but none of their nodes has a position.")
    blocked = _blocked(file)
    across, corners = chords(squares, rows.node, rows.row, blocked, xy)
    told = _told_of_nodes(file, rows.node, tags)
    if squares:
        crossed = "{0} squares are crossed along {1} straight lines."
        told.insert(0, Note("squares_crossed", crossed, len(squares), len(across)))
    rows = _with_chords(rows, squares, across)
    del squares, ways, tags  # a city's streets are large: what is done with goes
    network, more = _network(file, xy, rows, blocked, corners)
    del rows
    metadata = {
        "source": source,
        "osm_timestamp": file.timestamp,
        "sha256": file.sha256,
        "datum": "wgs84",
        LENGTHS: GEODESIC,
        "attribution": file.attribution,
    }
    made = WalkNetwork.build(crs=crs, extent=extent, metadata=metadata, **network)
    return made, [*notes, *more, *told]


def _told_of_nodes(file: OsmFile, street_nodes: IntArray, tags: Sequence[Tags]) -> list[str]:
    """Say what is not understood of streets and their barriers, and which walls are open."""
    barriers = np.sort(file.nodes_where(lambda tags: bool(tags.get("barrier")))).astype(np.int64)
    here = barriers[np.isin(barriers, street_nodes)]
    notes = not_understood([*tags, *(file.node_tags[at] for at in here.tolist())])
    open_walls = _walls_without_gate(file, street_nodes)
    if open_walls:
        notes.append(
            Note(
                "walls_open",
                "{0} nodes that a street shares with a wall or fence, without a mapped gate, "
                "are taken as open.",
                open_walls,
            )
        )
    return notes


def _walkable(file: OsmFile, xy: FloatArray) -> tuple[list[int], list[Tags], list[str]]:
    """Return the ways that are walked, the tags that count for each, and notes."""
    found = sorted_ways(file)
    ways, soft = found.walked, found.soft
    in_parts = 0
    trunks = built_up_trunks(file, xy, ways)
    tags_of = {way: found.tags.get(way, file.way_tags[way]) for way in (*ways, *trunks)}
    index = file.member_index
    for relation, tags in enumerate(file.relation_tags):
        if is_walkable_area(tags):
            # A ring whose outer or inner ring is not in the file is no surface of its own.
            whole = member_ways(file, relation, index) is not None
            in_parts += not whole
            for way in member_ways(file, relation, index, partly=True) or []:
                tags_of.setdefault(way, {**tags, "area": "yes" if whole else "no"})
    # A platform or pier without a highway tag counts if a walkable way leads onto it: the many
    # that stand alone in the data would only be islands.
    street_nodes = np.zeros(len(file.node_id) + 1, bool)
    street_nodes[file.way_nodes[gather(file.way_offset, list(tags_of))[0]]] = True
    street_nodes[MISSING] = False
    for way in soft:
        if street_nodes[file.nodes_of(way)].any():
            tags = file.way_tags[way]
            tags_of.setdefault(way, {**tags, "highway": access.soft_highway(tags)})
    notes = list(found.notes)
    if trunks:
        notes.append(
            Note(
                "trunks_walked",
                "{0} trunk roads in built-up places, which say nothing of walkers, are walked: "
                "streets end on them.",
                len(trunks),
            )
        )
    if in_parts:
        notes.append(
            Note(
                "squares_cut",
                "{0} squares are cut at the edge of the file, which lacks some of their "
                "outline: what is there is walked.",
                in_parts,
            )
        )
    return list(tags_of), list(tags_of.values()), notes


def _rows(file: OsmFile, ways: Sequence[int], tags: list[Tags]) -> Rows:
    flat, row = gather(file.way_offset, ways)
    node = file.way_nodes[flat]
    absent = node == MISSING
    begins = np.ones(len(node), bool)
    begins[1:] = (row[1:] != row[:-1]) | absent[:-1]
    run = np.cumsum(begins, dtype=narrow(len(node))) - 1
    again = np.zeros(len(node), bool)
    again[1:] = (node[1:] == node[:-1]) & ~begins[1:]
    kept = ~absent & ~again
    kept &= np.bincount(run, weights=kept)[run] >= 2
    osmid = file.way_id[list(ways)].tolist()
    return Rows(osmid, tags, node[kept], row[kept], run[kept], len(osmid))


def _with_chords(rows: Rows, squares: list[Square], across: IntArray) -> Rows:
    """Add the lines across squares as rows of two nodes each."""
    if not len(across):
        return rows
    square, ends = across[:, 0], across[:, 1:]
    first = len(rows.osmid)
    added = np.arange(len(across), dtype=rows.row.dtype)
    return Rows(
        rows.osmid + [squares[s].osmid for s in square],
        rows.tags + [squares[s].tags for s in square],
        np.concatenate([rows.node, ends.ravel().astype(rows.node.dtype)]),
        np.concatenate([rows.row, np.repeat(first + added, 2)]),
        np.concatenate([rows.run, np.repeat(rows.run.max() + 1 + added, 2)]),
        first,
    )


def _walls_without_gate(file: OsmFile, street_nodes: IntArray) -> int:
    of_wall, of_street = np.zeros((2, len(file.node_id) + 1), bool)
    of_wall[file.way_nodes[gather(file.way_offset, wall_ways(file))[0]]] = True
    of_street[street_nodes] = True
    shared = np.flatnonzero(of_wall[:-1] & of_street[:-1])  # the last are the missing ones
    tags = [file.node_tags.get(at, {}) for at in shared.tolist()]
    return sum("barrier" not in t and "entrance" not in t for t in tags)


def _is_passed_by_none(tags: Tags) -> bool:
    return bool(tags.get("barrier")) and access.blocks_walkers(tags)


def _blocked(file: OsmFile) -> Mask:
    blocked = np.zeros(len(file.node_id), bool)
    for way in gate_ways(file):
        if access.blocks_walkers(file.way_tags[way]):
            nodes = file.nodes_of(way)
            blocked[nodes[nodes != MISSING]] = True
    # What a node says of itself counts before the gate that it is part of.
    said = file.nodes_where(lambda tags: bool(tags.get("barrier")))
    blocked[said] = False
    blocked[file.nodes_where(_is_passed_by_none)] = True
    return blocked


def _network(
    file: OsmFile, xy: FloatArray, rows: Rows, blocked: Mask, corners: Mask
) -> tuple[dict[str, Any], list[str]]:
    """Cut the rows into edges; return the arrays of the network, and notes."""
    place, row, run, n_blocked = _part_at_barriers(rows, blocked)
    node = _unshare(place, blocked)
    start, end, edge_row = _split(node, row, run, corners[place])
    length = end - start + 1
    offset = np.concatenate([[0], np.cumsum(length)])
    ends = np.column_stack([node[start], node[end]])
    edges = Edges(ends, place[runs(start, length, narrow(int(offset[-1]) + 1))], offset, edge_row)
    notes: list[str] = []
    if n_blocked:
        notes.append(
            Note("barriers", "{0} barriers on streets cannot be passed on foot.", n_blocked)
        )
    edges, more = _without_separate(rows, edges, xy)
    place_of = np.full(int(node.max()) + 1, MISSING, place.dtype)
    place_of[node] = place
    del place, row, run, node, start, end
    is_used = np.zeros(len(place_of), bool)
    is_used[edges.nodes] = True
    used = np.flatnonzero(is_used)
    number = np.cumsum(is_used, dtype=np.int32) - 1
    arrays: dict[str, Any] = {
        "node_xy": xy[place_of[used]],
        "node_osmid": file.node_id[place_of[used]],
        "edge_nodes": number[edges.nodes],
        "coords": xy[edges.place],
        "coord_offset": edges.offset,
        "edge_osmid": np.array(rows.osmid, np.int64)[edges.row],
        "traits": _traits(file, rows, edges.row),
    }
    shared = {key: handed_over(part) for key, part in arrays.items() if key != "traits"}
    return arrays | shared, notes + more


def _without_separate(rows: Rows, edges: Edges, xy: FloatArray) -> tuple[Edges, list[str]]:
    """Leave out carriageways whose pavements are ways of their own."""
    sets, which = rows.sets
    of_edge = which[edges.row]
    separate = asked_of(sets, access.pavements_elsewhere)[of_edge]
    if not separate.any():
        return edges, []
    footway = asked_of(sets, _is_footway)[of_edge]
    _, numbered = np.unique(edges.nodes, return_inverse=True)
    gone, note = left_out(replace(edges, nodes=numbered.reshape(-1, 2)), xy, separate, footway)
    return edges.only(~gone), [note]


def _part_at_barriers(rows: Rows, blocked: Mask) -> tuple[IntArray, IntArray, IntArray, int]:
    """Cut each run in two at a barrier in its middle."""
    edge_of_run = np.ones(len(rows.run) + 1, bool)
    edge_of_run[1:-1] = rows.run[1:] != rows.run[:-1]
    middle = blocked[rows.node] & ~edge_of_run[:-1] & ~edge_of_run[1:]
    times = np.where(middle, np.int8(2), np.int8(1))
    second = np.zeros(times.sum(), bool)
    second[np.cumsum(times)[middle] - 1] = True
    new_run = np.repeat(edge_of_run[:-1], times)
    new_run[1:] &= ~(np.repeat(middle, times)[1:] & second[1:])
    run = np.cumsum(new_run | second, dtype=narrow(len(second))) - 1
    n_blocked = len(np.unique(rows.node[blocked[rows.node]]))
    return np.repeat(rows.node, times), np.repeat(rows.row, times), run, n_blocked


def _unshare(node: IntArray, blocked: Mask) -> IntArray:
    """Give every way that ends at a blocking barrier a node of its own there."""
    apart = np.flatnonzero(blocked[node])
    node = node.astype(narrow(len(blocked) + len(apart)))
    node[apart] = len(blocked) + np.arange(len(apart))
    return node


def _split(
    node: IntArray, row: IntArray, run: IntArray, forced: Mask
) -> tuple[IntArray, IntArray, IntArray]:
    """Cut runs into edges at their ends and wherever a node is used more than once."""
    at_border = np.ones(len(run) + 1, bool)
    at_border[1:-1] = run[1:] != run[:-1]
    cut = at_border[:-1] | at_border[1:] | forced | (np.bincount(node)[node] > 1)
    cuts = np.flatnonzero(cut)
    same = run[cuts[:-1]] == run[cuts[1:]]
    start, end = cuts[:-1][same], cuts[1:][same]
    return start, end, row[start]


def _is_footway(tags: Tags) -> bool:
    return tags.get("highway") in access.FOR_FEET and not access.crossing_kind(tags)


def _traits(file: OsmFile, rows: Rows, edge_row: IntArray) -> Mapping[str, npt.NDArray[Any]]:
    sets, which = rows.sets
    at = which[edge_row]
    texts = ("highway", "surface", "foot", "access", "incline", "name")
    traits = {key: np.array([t.get(key, "") for t in sets], dtype=object)[at] for key in texts}
    traits["crossing"] = _crossings(file, rows, sets, which)[edge_row]
    # A crossing way is often cut in two by the carriageway it crosses; its parts share one wait.
    share = np.where(traits["crossing"] != "", 1.0, 0.0) / np.bincount(edge_row)[edge_row]
    traits["crossing_share"] = share
    traits["off_ground"] = np.array([access.off_ground(t) for t in sets], np.int8)[at]
    traits["layer"] = np.array([access.layer_of(t) for t in sets], np.int8)[at]
    oneway = [access.oneway_on_foot(t) for t in sets]
    traits["oneway_foot"] = np.array(oneway, np.int8)[at]
    flags = {
        "steps": [t.get("highway") == "steps" for t in sets],
        "bridge": [access.is_truthy(t.get("bridge")) for t in sets],
        "tunnel": [access.is_truthy(t.get("tunnel")) for t in sets],
    }
    traits |= {key: np.array(values, bool)[at] for key, values in flags.items()}
    traits["square"] = edge_row >= rows.first_chord
    return {key: handed_over(values) for key, values in traits.items()}


def _crossings(
    file: OsmFile, rows: Rows, sets: list[Tags], which: IntArray
) -> npt.NDArray[np.object_]:
    """Say of each row what kind of crossing it is; where it does not say, its nodes may."""
    of_set = np.array([access.crossing_kind(tags) for tags in sets], dtype=object)
    kinds: npt.NDArray[np.object_] = of_set[which]
    unclear = np.flatnonzero(kinds == "unknown").astype(rows.row.dtype)
    begin, end = (np.searchsorted(rows.row, unclear, side) for side in ("left", "right"))
    for row, first, last in zip(unclear.tolist(), begin, end, strict=True):
        for place in rows.node[first:last].tolist():
            found = access.crossing_kind(rows.tags[row], file.node_tags.get(place))
            kinds[row] = found if found != "unknown" else kinds[row]
    return kinds
