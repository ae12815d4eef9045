"""Loops that find where outlines meet streets: plain Python, compiled where that is worth it.

Which segments meet is told by the signs of four areas. One that is nothing but rounding, some
1e-13 m off a street, is none: an end there touches.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from quarterhour.streets.snap_kernels import Loop

_ROUNDING = 7e-16


@Loop
def where_met(xy: Any, begins: Any, street_xy: Any, grid: Any) -> Any:
    """List the points that segments of outlines share with the straight pieces of streets.

    Where a piece runs along a segment, these are the ends of either that lie on the other.

    Parameters
    ----------
    xy
        ``(n, 2)`` coordinates of outlines.
    begins
        ``(n,)`` whether a segment leads from a coordinate to the next.
    street_xy
        Coordinates of the streets: piece k leads from k to k + 1.
    grid
        As in :func:`quarterhour.streets.snap_kernels.nearest_edges`.

    Returns
    -------
    tuple
        Segments, pieces and ``(m, 2)`` points; one may be there several times.
    """
    cell_offset, pieces, x0, y0, cell_m, columns, rows = grid
    room = 4 * xy.shape[0] + 64
    while True:
        segment, piece = np.empty(room, np.int64), np.empty(room, np.int64)
        point = np.empty((room, 2))
        count = 0
        for i in range(xy.shape[0] - 1):
            if not begins[i]:
                continue
            px, py, qx, qy = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            west, east, south, north = min(px, qx), max(px, qx), min(py, qy), max(py, qy)
            left, right = max(0.0, (west - x0) // cell_m), min(columns - 1, (east - x0) // cell_m)
            low, high = max(0.0, (south - y0) // cell_m), min(rows - 1, (north - y0) // cell_m)
            for row in range(int(low), int(high) + 1):
                for cell in range(row * columns + int(left), row * columns + int(right) + 1):
                    for at in range(cell_offset[cell], cell_offset[cell + 1]):
                        k = pieces[at]
                        ax, ay = street_xy[k, 0], street_xy[k, 1]
                        bx, by = street_xy[k + 1, 0], street_xy[k + 1, 1]
                        if max(ax, bx) < west or min(ax, bx) > east:
                            continue
                        if max(ay, by) < south or min(ay, by) > north:
                            continue
                        # Twice the areas of a, b beside the segment, of p, q beside the piece.
                        one, two = (qx - px) * (ay - py), (qy - py) * (ax - px)
                        of_a = one - two if abs(one - two) > _ROUNDING * abs(one) else 0.0
                        one, two = (qx - px) * (by - py), (qy - py) * (bx - px)
                        of_b = one - two if abs(one - two) > _ROUNDING * abs(one) else 0.0
                        one, two = (bx - ax) * (py - ay), (by - ay) * (px - ax)
                        of_p = one - two if abs(one - two) > _ROUNDING * abs(one) else 0.0
                        one, two = (bx - ax) * (qy - ay), (by - ay) * (qx - ax)
                        of_q = one - two if abs(one - two) > _ROUNDING * abs(one) else 0.0
                        if of_a * of_b < 0.0 and of_p * of_q < 0.0:
                            if count < room:
                                share = of_a / (of_a - of_b)
                                segment[count], piece[count] = i, k
                                point[count, 0] = ax + share * (bx - ax)
                                point[count, 1] = ay + share * (by - ay)
                            count += 1
                            continue
                        for x, y, off, ox, oy, tx, ty in (
                            (ax, ay, of_a, px, py, qx, qy),
                            (bx, by, of_b, px, py, qx, qy),
                            (px, py, of_p, ax, ay, bx, by),
                            (qx, qy, of_q, ax, ay, bx, by),
                        ):
                            if off != 0.0 or x < min(ox, tx) or x > max(ox, tx):
                                continue
                            if y < min(oy, ty) or y > max(oy, ty):
                                continue
                            if count < room:
                                segment[count], piece[count] = i, k
                                point[count, 0], point[count, 1] = x, y
                            count += 1
        if count <= room:
            return segment[:count], piece[:count], point[:count]
        room = count


@Loop
def nearest_of(
    xy: Any, begins: Any, shape_of: Any, streets: Any, grid: Any, hair: Any, best: Any, out: Any
) -> Any:
    """List the lines that are about as near to outlines as the nearest, none of which they meet.

    Parameters
    ----------
    xy, begins
        As of :func:`where_met`.
    shape_of
        Number of the outline of each coordinate.
    streets
        ``(xy, line_of)``: piece k leads from k to k + 1, and belongs to ``line_of[k]``.
    grid
        As in :func:`where_met`.
    hair
        What is nearer to the nearest than this is about as near.
    best
        How far off the nearest line of each outline is at most; how far it is, on return.
    out
        ``(outline, line)`` to write to.

    Returns
    -------
    int
        How many pairs there are, each once or several times; those beyond the room are counted.
    """
    cell_offset, pieces, x0, y0, cell_m, columns, rows = grid
    street_xy, line_of = streets
    ends = np.empty((4, 6))
    count = 0
    for writing in range(2):
        for i in range(xy.shape[0] - 1):
            if not begins[i]:
                continue
            shape = shape_of[i]
            reach = best[shape] + hair
            px, py, qx, qy = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            west, east, south, north = min(px, qx), max(px, qx), min(py, qy), max(py, qy)
            left = max(0.0, (west - reach - x0) // cell_m)
            right = min(columns - 1, (east + reach - x0) // cell_m)
            low = max(0.0, (south - reach - y0) // cell_m)
            high = min(rows - 1, (north + reach - y0) // cell_m)
            for row in range(int(low), int(high) + 1):
                for cell in range(row * columns + int(left), row * columns + int(right) + 1):
                    for at in range(cell_offset[cell], cell_offset[cell + 1]):
                        k = pieces[at]
                        ax, ay = street_xy[k, 0], street_xy[k, 1]
                        bx, by = street_xy[k + 1, 0], street_xy[k + 1, 1]
                        far = max(west - max(ax, bx), min(ax, bx) - east)
                        if max(far, south - max(ay, by), min(ay, by) - north) > best[shape] + hair:
                            continue
                        ends[0] = px, py, ax, ay, bx, by
                        ends[1] = qx, qy, ax, ay, bx, by
                        ends[2] = ax, ay, px, py, qx, qy
                        ends[3] = bx, by, px, py, qx, qy
                        near = np.inf
                        for e in range(4):
                            x, y, ox, oy, tx, ty = ends[e]
                            dx, dy = tx - ox, ty - oy
                            whole = dx * dx + dy * dy
                            r = ((x - ox) * dx + (y - oy) * dy) / whole if whole > 0.0 else 0.0
                            if r <= 0.0:
                                off = sqrt((x - ox) * (x - ox) + (y - oy) * (y - oy))
                            elif r >= 1.0:
                                off = sqrt((x - tx) * (x - tx) + (y - ty) * (y - ty))
                            else:
                                off = abs(((oy - y) * dx - (ox - x) * dy) / whole) * sqrt(whole)
                            near = min(near, off)
                        if writing == 0:
                            best[shape] = min(best[shape], near)
                        elif near <= best[shape] + hair:
                            if count < out[0].size:
                                out[0][count], out[1][count] = shape, line_of[k]
                            count += 1
    return count
