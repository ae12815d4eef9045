"""Pedestrian squares: straight lines across a surface between the places where one enters it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.sources.osm.file import FloatArray, IntArray, OsmFile
from quarterhour.sources.osm.shapes import gather, member_ways, relation_areas, way_polygons
from quarterhour.sources.osm.tag_text import Tags
from quarterhour.streets import access

MAX_STOPS = 40
"""Entries and corners of one square that are joined with each other; 780 lines at the most."""

NEEDLESS = 0.002
"""A line is not drawn if the way over one other stop is at most this much longer."""

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
    squares = _of_relations(file, xy, {way: row for row, way in enumerate(ways)})
    # The ring of a multipolygon is no square of its own: it would hide the holes.
    outlines = {row for square in squares for row in square.rows}
    closed = [row for row, t in enumerate(tags) if row not in outlines and _is_surface(t)]
    shapes = way_polygons(file, xy, [ways[row] for row in closed])
    squares += [
        Square(int(file.way_id[ways[r]]), tags[r], shape, (r,), (file.nodes_of(ways[r]),))
        for r, shape in zip(closed, shapes, strict=True)
        if shape is not None
    ]
    return squares


def _of_relations(file: OsmFile, xy: FloatArray, row_of: dict[int, int]) -> list[Square]:
    relations = [r for r, t in enumerate(file.relation_tags) if is_walkable_area(t)]
    index = file.way_index
    squares = []
    shapes = relation_areas(file, xy, relations, partly=True)
    for relation, shape in zip(relations, shapes, strict=True):
        members = member_ways(file, relation, index, partly=True) or []
        if shape is not None:
            rows = tuple(row_of[way] for way in members)
            rings = tuple(file.nodes_of(way) for way in members)
            osmid, tags = file.relation_id[relation], file.relation_tags[relation]
            squares.append(Square(osmid, tags, shape, rows, rings))
    return squares


def is_walkable_area(tags: Tags) -> bool:
    """Tell whether a relation is a surface for walking."""
    is_multipolygon = tags.get("type") == "multipolygon" and "highway" in tags
    return is_multipolygon and access.is_walkable(tags)


def _is_surface(tags: Tags) -> bool:
    """Tell whether a closed walkable way is a surface: platforms and piers are by themselves."""
    is_platform = tags.get("highway") in ("platform", "pier") and tags.get("area") != "no"
    return is_platform or tags.get("area") == "yes"


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
    respected, is no piece of the outline, and is shorter by more than 0.2 % than two lines over
    another stop (on a long pavement with many entries most are not).

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
        ring = np.unique(np.concatenate(square.rings))
        passed = node[order[flat]]
        at_ring = np.searchsorted(ring, passed)
        hit = ring[np.minimum(at_ring, len(ring) - 1)] == passed
        own = np.bincount(at_ring[hit], minlength=len(ring))
        entered = uses[ring] > own
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
    return np.asarray(along[np.isin(along, chosen)])


def _stops(square: Square, entries: IntArray, ring: IntArray, xy: FloatArray) -> IntArray:
    if len(entries) >= MAX_STOPS:
        spread = np.linspace(0, len(entries) - 1, MAX_STOPS).round().astype(np.int64)
        return np.asarray(entries[spread])
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
    """Return the pairs of stops that see each other, but for the needless ones."""
    first, second = np.triu_indices(len(stops), 1)
    surface = shapely.buffer(square.shape, TOUCH_M)
    shapely.prepare(surface)
    ends = xy[stops[np.column_stack([first, second])]]
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    seen = shapely.covers(surface, lines)
    away = np.full((len(stops), len(stops)), np.inf)
    away[first[seen], second[seen]] = away[second[seen], first[seen]] = shapely.length(lines[seen])
    through = (away[:, :, None] + away[None, :, :]).min(axis=1)
    needed = seen & (away[first, second] * (1 + NEEDLESS) < through[first, second])
    pairs = np.column_stack([stops[first[needed]], stops[second[needed]]])
    outline = {
        frozenset(step)
        for ring in square.rings
        for step in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True)
    }
    drawn = np.array([frozenset(pair) in outline for pair in pairs.tolist()], bool)
    return np.asarray(pairs[~drawn], np.int64).reshape(-1, 2)
