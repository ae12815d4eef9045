"""A loop that finds where outlines meet streets: plain Python, compiled where that is worth it.

Which segments meet is told by the signs of four areas. One that is nothing but rounding, some
1e-13 m off a street, is none: an end there touches.
"""

from __future__ import annotations

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
    segment, piece = np.empty(0, np.int64), np.empty(0, np.int64)
    point = np.empty((0, 2))
    for writing in range(2):
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
                            if writing:
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
                            if writing:
                                segment[count], piece[count] = i, k
                                point[count, 0], point[count, 1] = x, y
                            count += 1
        if not writing:
            segment, piece = np.empty(count, np.int64), np.empty(count, np.int64)
            point = np.empty((count, 2))
    return segment, piece, point
