"""Where street lines meet: at shared vertices, or, if asked for, wherever they cross."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, Mask, components

JOIN_M = 0.01
"""Vertices this near to each other are one joint."""

SAME_HEIGHT_M = 2.0
"""Vertices of lines with heights are one joint only if they differ by no more than this."""


def joined(xy: Floats, height: Floats, join_m: float) -> Ints:
    """Number the joints of vertices: those within a distance of each other share a number.

    Rounding to a grid would part vertices a nanometre from each other that lie on either side
    of a grid line.

    Parameters
    ----------
    xy, height
        The vertices; a height that is not known is NaN.
    join_m
        How far apart vertices of one joint may be.

    Examples
    --------
    >>> xy = np.array([[0.0, 0.005], [0.0, 0.00499], [9.0, 0.0]])
    >>> joined(xy, np.full(3, np.nan), 0.01).tolist()
    [0, 0, 1]
    """
    places = np.column_stack([xy, np.nan_to_num(height, nan=-9e9)])
    places, place = np.unique(places, axis=0, return_inverse=True)
    close = _in_one_cell(places[:, :2], join_m)
    points = np.asarray(shapely.points(places[close, :2]), dtype=object)
    a, b = shapely.STRtree(points).query(points, "dwithin", distance=join_m)
    a, b = close[a[a < b]], close[b[a < b]]
    high = places[:, 2]
    level = np.abs(high[a] - high[b]) <= SAME_HEIGHT_M
    level |= (high[a] < -8e9) | (high[b] < -8e9)
    part = components(len(places), a[level], b[level])[place.ravel()]
    # Numbers go by first appearance, so that the first vertex of a joint gives its position.
    _, first, number = np.unique(part, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[number.ravel()])


def _in_one_cell(xy: Floats, join_m: float) -> Ints:
    """Return the few places that may have another one near.

    Of two grids that are shifted by half a cell, one has both places of a near pair in one cell.
    """
    near = np.zeros(len(xy), dtype=bool)
    for shift in ((0.0, 0.0), (0.0, 0.5), (0.5, 0.0), (0.5, 0.5)):
        cell = np.floor(xy / (2 * join_m) + shift).astype(np.int64)
        _, which, uses = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
        near |= uses[which.ravel()] > 1
    return np.flatnonzero(near)


def crossings(
    lines: npt.NDArray[np.object_], level: Ints, join_m: float
) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Find where lines meet without a vertex that both have.

    Bridges and tunnels meet what is on their own level only.

    Parameters
    ----------
    lines
        The lines.
    level
        The level of each.
    join_m
        How near to a line an end has to be to lie on it.

    Returns
    -------
    line, point
        Each line that lacks a vertex, and the point where it does.
    """
    tree = shapely.STRtree(lines)
    a, b = tree.query(lines, "dwithin", distance=join_m)
    fits = (a < b) & (level[a] == level[b])
    a, b = a[fits], b[fits]
    crossed = shapely.intersection(lines[a], lines[b])
    points, pair = shapely.get_parts(shapely.extract_unique_points(crossed), return_index=True)
    found, where = [np.concatenate([a[pair], b[pair]])], [np.concatenate([points, points])]
    for one, other in ((a, b), (b, a)):
        for end in (0, -1):
            tip = shapely.get_point(lines[one], end)
            on = shapely.distance(tip, lines[other]) <= join_m
            found.append(other[on])
            where.append(tip[on])
    line, point = np.concatenate(found), np.concatenate(where)
    lacks = _lacks_vertex(lines, line, point, join_m)
    return line[lacks], point[lacks]


def _lacks_vertex(
    lines: npt.NDArray[np.object_], line: Ints, point: npt.NDArray[np.object_], join_m: float
) -> Mask:
    used, at = np.unique(line, return_inverse=True)
    vertices = np.asarray(shapely.extract_unique_points(lines[used]), dtype=object)
    return np.asarray(shapely.distance(vertices[at.ravel()], point) > join_m, dtype=bool)


def with_vertices(
    lines: npt.NDArray[np.object_], line: Ints, point: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return lines with points along them made vertices."""
    lines = lines.copy()
    for at in np.unique(line):
        xyz = shapely.get_coordinates(lines[at], include_z=shapely.has_z(lines[at]))
        flat = shapely.LineString(xyz[:, :2])
        new = point[line == at]
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xyz[:, :2], axis=0).T))])
        where = shapely.line_locate_point(flat, new)
        added = np.full((len(new), xyz.shape[1]), np.nan)
        added[:, :2] = shapely.get_coordinates(new)
        if xyz.shape[1] > 2:
            added[:, 2] = np.interp(where, along, xyz[:, 2])
        order = np.argsort(np.concatenate([along, where]), kind="stable")
        lines[at] = shapely.LineString(np.concatenate([xyz, added])[order])
    return lines
