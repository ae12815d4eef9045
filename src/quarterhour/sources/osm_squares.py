"""Pedestrian squares: straight lines across a surface between the places where one enters it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.sources import osm_access as access
from quarterhour.sources.osm_file import FloatArray, IntArray, OsmFile, Tags
from quarterhour.sources.osm_shapes import gather, member_ways, relation_areas, way_polygons

MAX_STOPS = 40
"""Entries and corners of one square that are joined with each other; 780 lines at the most."""

TOUCH_M = 0.05
REFLEX_DEGREES = 10.0


@dataclass(frozen=True)
class Square:
    """A surface that is walked across."""

    osmid: int
    tags: Tags
    shape: shapely.Polygon | shapely.MultiPolygon
    rows: tuple[int, ...]  # the rows of its own outline
    rings: tuple[IntArray, ...]  # the node positions of its outline, in order


def find_squares(
    file: OsmFile, xy: FloatArray, ways: Sequence[int], tags: Sequence[Tags]
) -> list[Square]:
    """Find the walkable ways with ``area=yes`` and the walkable multipolygons.

    Parameters
    ----------
    file, xy
        The file, and its nodes in metres.
    ways, tags
        The walkable ways and the tags that count for each; a square's ``rows`` index them.
    """
    closed = [row for row, t in enumerate(tags) if t.get("area") == "yes" or _is_platform(t)]
    shapes = way_polygons(file, xy, [ways[row] for row in closed])
    squares = [
        Square(int(file.way_id[ways[r]]), tags[r], shape, (r,), (file.nodes_of(ways[r]),))
        for r, shape in zip(closed, shapes, strict=True)
        if shape is not None and "area" not in _relation_outline(tags[r])
    ]
    row_of = {way: row for row, way in enumerate(ways)}
    relations = [
        r
        for r, t in enumerate(file.relation_tags)
        if t.get("type") == "multipolygon" and "highway" in t and access.is_walkable(t)
    ]
    index = file.way_index()
    areas = relation_areas(file, xy, relations)
    for relation, shape in zip(relations, areas, strict=True):
        members = member_ways(file, relation, index) or []
        if shape is not None:
            outline = tuple(row_of[way] for way in members)
            rings = tuple(file.nodes_of(way) for way in members)
            osmid, own_tags = file.relation_id[relation], file.relation_tags[relation]
            squares.append(Square(osmid, own_tags, shape, outline, rings))
    return squares


def _is_platform(tags: Tags) -> bool:
    return tags.get("highway") in ("platform", "pier") and tags.get("area") != "no"


def _relation_outline(tags: Tags) -> Tags:
    """Return the tags if they came from a relation: its ring is no square of its own."""
    return tags if tags.get("type") == "multipolygon" else {}


def chords(
    squares: Sequence[Square],
    node: IntArray,
    row: IntArray,
    blocked: npt.NDArray[np.bool_],
    xy: FloatArray,
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Draw the lines across the squares.

    A square's stops are its entries (nodes of its outline that another walkable way uses) and
    the corners that one has to walk round: with them, the shortest way over the surface is made
    of straight lines between stops. Beyond ``MAX_STOPS`` entries go first, evenly picked along
    the outline, then the sharpest corners. A line counts if it stays on the surface, holes
    respected, and is no piece of the outline.

    Parameters
    ----------
    squares
        The surfaces.
    node, row
        Node positions of all walkable rows, and the row of each.
    blocked
        Per node, whether it is a barrier that cannot be passed.
    xy
        Node coordinates in metres.

    Returns
    -------
    tuple
        ``(k, 3)``: square, node, node for each line; and per node whether it is such an end.
    """
    uses = np.bincount(node, minlength=len(xy))
    order = np.argsort(row, kind="stable")
    offset = np.searchsorted(row[order], np.arange(row.max() + 2))
    is_stop = np.zeros(len(xy), bool)
    found = [np.empty((0, 3), np.int64)]
    for at, square in enumerate(squares):
        flat, _ = gather(offset, square.rows)
        own = np.bincount(node[order[flat]], minlength=1)
        ring = np.unique(np.concatenate(square.rings))
        entered = uses[ring] > own[ring]
        entries = _in_order(square, ring[entered & ~blocked[ring]])
        if len(entries) < 2:
            continue
        stops = _stops(square, entries, ring[~blocked[ring]], xy)
        lines = _visible(square, stops, xy)
        found.append(np.column_stack([np.full(len(lines), at), lines]))
        is_stop[lines.ravel()] = True
    return np.concatenate(found), is_stop


def _in_order(square: Square, chosen: IntArray) -> IntArray:
    """Return chosen nodes in the order in which they stand along the outline."""
    along = np.concatenate(square.rings)
    _, first = np.unique(along, return_index=True)
    along = along[np.sort(first)]
    return along[np.isin(along, chosen)]


def _stops(square: Square, entries: IntArray, ring: IntArray, xy: FloatArray) -> IntArray:
    if len(entries) >= MAX_STOPS:
        return entries[np.linspace(0, len(entries) - 1, MAX_STOPS).round().astype(int)]
    corners = _corners(square.shape)
    candidates = ring[~np.isin(ring, entries)]
    if not len(corners) or not len(candidates):
        return entries
    place = {
        tuple(point): int(node) for node, point in zip(candidates, xy[candidates], strict=True)
    }
    nodes = [place[tuple(point)] for point in corners if tuple(point) in place]
    return np.concatenate([entries, np.array(nodes[: MAX_STOPS - len(entries)], np.int64)])


def _corners(shape: shapely.Polygon | shapely.MultiPolygon) -> FloatArray:
    """Return the points where the surface is concave, the sharpest first."""
    points, turns = [], []
    for ring in shapely.get_rings(shapely.get_parts(shapely.orient_polygons(shape))):
        xy = shapely.get_coordinates(ring)[:-1]
        back, ahead = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
        cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
        turn = np.degrees(np.arctan2(cross, (back * ahead).sum(axis=1)))
        # Shells run anticlockwise and holes clockwise: the surface is always on the left, and a
        # turn to the right is a corner that stands out into it.
        points.append(xy[turn < -REFLEX_DEGREES])
        turns.append(turn[turn < -REFLEX_DEGREES])
    order = np.argsort(np.concatenate(turns), kind="stable")
    return np.asarray(np.concatenate(points)[order])


def _visible(square: Square, stops: IntArray, xy: FloatArray) -> IntArray:
    first, second = np.triu_indices(len(stops), 1)
    pairs = np.column_stack([stops[first], stops[second]])
    outline = {
        frozenset(step)
        for ring in square.rings
        for step in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True)
    }
    pairs = pairs[[frozenset(pair) not in outline for pair in pairs.tolist()]]
    surface = shapely.buffer(square.shape, TOUCH_M)
    shapely.prepare(surface)
    lines = shapely.linestrings(xy[pairs]) if len(pairs) else np.empty(0, object)
    return np.asarray(pairs[shapely.covers(surface, lines)], np.int64).reshape(-1, 2)
