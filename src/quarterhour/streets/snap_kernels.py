"""Loops that find the nearest street of points: plain Python, compiled where that is worth it.

A distance and a position are reckoned step by step as GEOS does, so that they are the same to the
last bit, whichever way a place was joined.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt


class Loop:
    """A loop on arrays that is compiled when first called with much work, and not before.

    Numba takes a third of a second to load: a process that asks for one doorstep does without.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.plain = function

    @cached_property
    def compiled(self) -> Callable[..., Any]:
        """The machine code, kept where a folder can be written."""
        from numba import njit  # noqa: PLC0415 - see the class

        try:
            loop: Callable[..., Any] = njit(cache=True, nogil=True)(self.plain)
        except RuntimeError:  # neither the package nor the home folder is writable
            loop = njit(nogil=True)(self.plain)
        return loop

    def __call__(self, *args: Any, little: bool = False) -> Any:
        """Run it; what is ``little`` work waits for no compiler."""
        if little and "numba" not in sys.modules:
            return self.plain(*args)
        return self.compiled(*args)


@Loop
def cells_of_pieces(
    xy: npt.NDArray[np.float64], first: Any, x0: Any, y0: Any, cell_m: Any, shape: Any
) -> Any:
    """List the straight pieces of lines by the cells of a grid that they may pass through.

    Parameters
    ----------
    xy
        Coordinates of the lines, one behind the other.
    first
        Coordinates at which a piece begins: it leads to the next one.
    x0, y0, cell_m, shape
        Corner of the grid, side of a cell, and (columns, rows).

    Returns
    -------
    tuple
        Cell k = row * columns + column holds ``piece[offset[k]:offset[k + 1]]``, in order.
    """
    columns, rows = shape
    offset = np.zeros(columns * rows + 1, np.int64)
    piece = np.empty(0, np.int32)
    place = offset[:-1].copy()
    hair = 1e-6 * cell_m
    for writing in range(2):
        for i in range(first.size):
            k = first[i]
            ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
            if ay > by:
                ax, ay, bx, by = bx, by, ax, ay
            low = max(0, int((ay - hair - y0) // cell_m))
            high = min(rows - 1, int((by + hair - y0) // cell_m))
            for row in range(low, high + 1):
                # The part of the piece that lies in this row of cells.
                west, east = min(ax, bx), max(ax, bx)
                if high > low and by > ay:
                    below, above = y0 + row * cell_m, y0 + (row + 1) * cell_m
                    at = ax + (min(max(below, ay), by) - ay) / (by - ay) * (bx - ax)
                    to = ax + (min(max(above, ay), by) - ay) / (by - ay) * (bx - ax)
                    west, east = max(west, min(at, to)), min(east, max(at, to))
                left = max(0, int((west - hair - x0) // cell_m))
                right = min(columns - 1, int((east + hair - x0) // cell_m))
                for cell in range(row * columns + left, row * columns + right + 1):
                    if writing:
                        piece[place[cell]] = k
                        place[cell] += 1
                    else:
                        offset[cell + 1] += 1
        if not writing:
            for cell in range(columns * rows):
                offset[cell + 1] += offset[cell]
            place = offset[:-1].copy()
            piece = np.empty(offset[-1], np.int32)
    return offset, piece


@Loop
def nearest_edges(points: Any, lines: Any, grid: Any, limit_m: Any, out: Any) -> Any:
    """Find the nearest line of each point, within a limit, and where on it; ties: the first line.

    Parameters
    ----------
    points
        ``(n, 2)`` coordinates; those that are no numbers are near nothing.
    lines
        ``(xy, offset, line_of)``: line e is ``xy[offset[e]:offset[e + 1]]``, and the piece that
        begins at coordinate k belongs to ``line_of[k]``.
    grid
        ``(offset, piece, x0, y0, cell_m, columns, rows)`` of :func:`cells_of_pieces`.
    limit_m
        Largest distance that counts.
    out
        ``(line, piece, along_m, distance_m)`` to write to; line -1 where none is within the limit.
    """
    xy, line_offset, line_of = lines
    cell_offset, piece, x0, y0, cell_m, columns, rows = grid
    out_line, out_piece, out_along, out_distance = out
    hair = 1e-6 * cell_m
    for i in range(points.shape[0]):
        px, py = points[i, 0], points[i, 1]
        best, line = limit_m, -1
        fx, fy = (px - x0) / cell_m, (py - y0) / cell_m
        ring = 0
        if not (abs(fx) < 1e15 and abs(fy) < 1e15):
            ring = -1
        else:
            cx, cy = int(np.floor(fx)), int(np.floor(fy))
            # Rings that lie beside the grid altogether hold nothing.
            ring = max(0, -cx, -cy, cx - columns + 1, cy - rows + 1)
        while ring >= 0:
            # Nothing in this ring or beyond is nearer than the rim of what was looked at.
            rim = (ring - 1 + min(fx - cx, cx + 1 - fx, fy - cy, cy + 1 - fy)) * cell_m
            if rim > best + hair:
                break
            if (
                cx - ring < 0
                and cy - ring < 0
                and cx + ring >= columns
                and cy + ring >= rows
                and ring > max(cx, columns - 1 - cx, cy, rows - 1 - cy)
            ):
                break
            for row in range(max(0, cy - ring), min(rows - 1, cy + ring) + 1):
                step = 1 if row in (cy - ring, cy + ring) or ring == 0 else 2 * ring
                column = cx - ring
                if step == 1:
                    column = max(0, column)
                while column <= cx + ring:
                    if 0 <= column < columns:
                        cell = row * columns + column
                        for at in range(cell_offset[cell], cell_offset[cell + 1]):
                            k = piece[at]
                            ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
                            # Most pieces of a cell are farther, by the box round them alone.
                            far = max(min(ax, bx) - px, px - max(ax, bx))
                            if max(far, min(ay, by) - py, py - max(ay, by)) > best + hair:
                                continue
                            dx, dy = bx - ax, by - ay
                            whole = dx * dx + dy * dy
                            if whole == 0.0:
                                distance = sqrt((px - ax) * (px - ax) + (py - ay) * (py - ay))
                            else:
                                r = ((px - ax) * dx + (py - ay) * dy) / whole
                                if r <= 0.0:
                                    distance = sqrt((px - ax) * (px - ax) + (py - ay) * (py - ay))
                                elif r >= 1.0:
                                    distance = sqrt((px - bx) * (px - bx) + (py - by) * (py - by))
                                else:
                                    s = ((ay - py) * dx - (ax - px) * dy) / whole
                                    distance = abs(s) * sqrt(whole)
                            if distance < best or (
                                distance == best and (line < 0 or line_of[k] < line)
                            ):
                                best, line = distance, line_of[k]
                    elif column >= columns:
                        break
                    column += step
            ring += 1
        out_line[i], out_piece[i], out_along[i], out_distance[i] = line, 0, 0.0, best
        if line < 0:
            continue
        # How far along the line: by its first piece that is nearest.
        nearest, begin = np.inf, 0.0
        for k in range(line_offset[line], line_offset[line + 1] - 1):
            ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
            dx, dy = bx - ax, by - ay
            whole = dx * dx + dy * dy
            length = sqrt(whole)
            to_a = sqrt((px - ax) * (px - ax) + (py - ay) * (py - ay))
            to_b = sqrt((px - bx) * (px - bx) + (py - by) * (py - by))
            along = begin
            distance = to_a
            if whole > 0.0:
                r = ((px - ax) * dx + (py - ay) * dy) / whole
                if r <= 0.0:
                    distance = to_a
                elif r >= 1.0:
                    distance = to_b
                else:
                    distance = abs(((ay - py) * dx - (ax - px) * dy) / whole) * length
                if px == ax and py == ay:
                    r = 0.0
                elif px == bx and py == by:
                    r = 1.0
                if r > 1.0:
                    along = begin + length
                elif r > 0.0:
                    along = begin + r * length
            if distance < nearest:
                nearest = distance
                out_piece[i], out_along[i] = k, along
            begin += length
    return 0


@Loop
def metres_off(points: Any, xy: Any, begins: Any, out: Any) -> Any:
    """Write how far each point is off the nearest of the pieces that lead from k to k + 1."""
    for i in range(points.shape[0]):
        px, py = points[i, 0], points[i, 1]
        best = np.inf
        for k in range(begins.size):
            ax, ay, bx, by = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]
            far = max(min(ax, bx) - px, px - max(ax, bx))
            if not begins[k] or max(far, min(ay, by) - py, py - max(ay, by)) > best:
                continue
            dx, dy = bx - ax, by - ay
            whole = dx * dx + dy * dy
            r = ((px - ax) * dx + (py - ay) * dy) / whole if whole > 0.0 else 0.0
            if r <= 0.0:
                distance = sqrt((px - ax) * (px - ax) + (py - ay) * (py - ay))
            elif r >= 1.0:
                distance = sqrt((px - bx) * (px - bx) + (py - by) * (py - by))
            else:
                distance = abs(((ay - py) * dx - (ax - px) * dy) / whole) * sqrt(whole)
            best = min(best, distance)
        out[i] = best
    return 0
