"""Pedestrian squares: straight lines across a surface between the places where one enters it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.sources.osm.file import MISSING, FloatArray, IntArray, OsmFile
from quarterhour.sources.osm.shapes import gather, member_ways, relation_areas, way_polygons
from quarterhour.sources.osm.tag_text import Tags
from quarterhour.streets import access

MAX_STOPS = 40
"""Entries and corners of one square that are joined with each other; 780 lines at the most."""

NEEDLESS = 0.002
"""A line is not drawn if the way over one other stop is at most this much longer."""

TOUCH_M = 0.05
REFLEX_DEGREES = 10.0
_AT_ONCE = 4_096
"""Lines that are drawn before it is seen which of them stay on their surface."""


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
    index = file.member_index
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
    is_stop = np.zeros(len(xy), bool)
    if not squares:
        return np.empty((0, 3), np.int64), is_stop
    uses = np.bincount(node, minlength=len(xy))
    order = np.argsort(row, kind="stable")
    offset = np.searchsorted(row[order], np.arange(row.max(initial=-1) + 2))
    corners = _corners([square.shape for square in squares])
    entered: list[int] = []
    stops: list[IntArray] = []
    for at, square in enumerate(squares):
        own = Counter(node[order[gather(offset, square.rows)[0]]].tolist())
        along = dict.fromkeys(n for ring in square.rings for n in ring.tolist() if n != MISSING)
        ring = np.fromiter(along, np.int64, len(along))
        ring = ring[~blocked[ring]]
        entry = uses[ring] > np.array([own[n] for n in ring.tolist()], np.int64)
        if entry.sum() >= 2:
            entered.append(at)
            stops.append(_stops(ring[entry], ring[~entry], corners[at], xy))
    lines = _visible([squares[at] for at in entered], stops, xy)
    found = [
        np.column_stack([np.full(len(some), at), some])
        for at, some in zip(entered, lines, strict=True)
    ]
    across = np.concatenate([np.empty((0, 3), np.int64), *found])
    is_stop[across[:, 1:].ravel()] = True
    return across, is_stop


def _stops(entries: IntArray, others: IntArray, corners: FloatArray, xy: FloatArray) -> IntArray:
    """Choose the stops of a square: of its entries, then of the corners among its other nodes."""
    if len(entries) >= MAX_STOPS:
        spread = np.linspace(0, len(entries) - 1, MAX_STOPS).round().astype(np.int64)
        return np.asarray(entries[spread])
    if not len(corners) or not len(others):
        return entries
    others = np.sort(others)
    place = dict(zip(map(tuple, xy[others].tolist()), others.tolist(), strict=True))
    nodes = [place[point] for point in map(tuple, corners.tolist()) if point in place]
    return np.concatenate([entries, np.array(nodes[: MAX_STOPS - len(entries)], np.int64)])


def _corners(shapes: Sequence[shapely.Geometry]) -> list[FloatArray]:
    """Return the points where each surface is concave, the sharpest first."""
    parts, of_part = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    offset = np.searchsorted(ring, np.arange(len(rings) + 1))
    # A ring ends where it begins: before its first point comes its last but one.
    before = np.arange(len(xy)) - 1
    before[offset[:-1]] = offset[1:] - 2
    is_last = np.zeros(len(xy), bool)
    is_last[offset[1:] - 1] = True
    at = np.flatnonzero(~is_last)
    back, ahead = xy[at] - xy[before[at]], xy[at + 1] - xy[at]
    cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
    turn = np.degrees(np.arctan2(cross, (back * ahead).sum(axis=1)))
    # Shells run anticlockwise and holes clockwise: the surface is always on the left, and a
    # turn to the right is a corner that stands out into it.
    sharp = turn < -REFLEX_DEGREES
    points, turn, shape = xy[at][sharp], turn[sharp], of_part[of_ring[ring[at]]][sharp]
    order = np.lexsort((turn, shape))
    cuts = np.searchsorted(shape[order], np.arange(1, len(shapes)))
    return np.split(points[order], cuts)


def _visible(squares: Sequence[Square], stops: list[IntArray], xy: FloatArray) -> list[IntArray]:
    """Return the pairs of stops of each square that see each other, but for the needless ones."""
    lines = np.cumsum([len(some) * (len(some) - 1) // 2 for some in stops])
    cuts = np.flatnonzero(np.diff(lines // _AT_ONCE, prepend=0)).tolist()
    parts = pairwise([*dict.fromkeys([0, *cuts, len(stops)])])
    return [lines for a, b in parts for lines in _seen(squares[a:b], stops[a:b], xy)]


def _seen(squares: Sequence[Square], stops: list[IntArray], xy: FloatArray) -> list[IntArray]:
    pairs = [np.column_stack(np.triu_indices(len(some), 1)) for some in stops]
    which = np.repeat(np.arange(len(pairs)), [len(some) for some in pairs])
    surfaces = shapely.buffer(np.array([square.shape for square in squares], dtype=object), TOUCH_M)
    shapely.prepare(surfaces)
    nodes = [some[pair] for some, pair in zip(stops, pairs, strict=True)]
    ends = xy[np.concatenate(nodes)]
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    seen = shapely.covers(surfaces[which], lines)
    length = np.where(seen, shapely.length(lines), np.inf)
    cuts = np.searchsorted(which, np.arange(1, len(pairs)))
    told = zip(squares, stops, pairs, nodes, np.split(length, cuts), strict=True)
    return [_needed(square, len(some), *rest) for square, some, *rest in told]


def _needed(
    square: Square, n_stops: int, pairs: IntArray, nodes: IntArray, length: FloatArray
) -> IntArray:
    """Of the lines between stops, infinitely long where they leave the surface, those to draw."""
    first, second = pairs.T
    away = np.full((n_stops, n_stops), np.inf)
    away[first, second] = away[second, first] = length
    needed = np.isfinite(length)
    through = (away[first[needed]] + away[second[needed]]).min(axis=1)
    needed[needed] = length[needed] * (1 + NEEDLESS) < through
    outline = {
        frozenset(step)
        for ring in square.rings
        for step in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True)
    }
    drawn = [pair for pair in nodes[needed].tolist() if frozenset(pair) not in outline]
    return np.array(drawn, np.int64).reshape(-1, 2)
