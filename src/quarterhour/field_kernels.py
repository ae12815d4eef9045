"""Compiled loops for time fields: the nearest street position of a point, and its seconds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.kernels import Floats, Ints, Nodes, compiled

FAR = -1e18
"""Slack of what cannot be reached."""


class Streets(NamedTuple):
    """Straight pieces of streets, and a grid of square cells to find them by.

    Piece i runs from ``(ax, ay)`` to ``(bx, by)`` and is the part ``fa`` to ``fb`` of ``edge``.
    Cell (column, row) holds the pieces ``piece[offset[k]:offset[k + 1]]``, k = row * columns +
    column; its corner is ``(x0 + column * cell_m, y0 + row * cell_m)``.
    """

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    fa: Floats
    fb: Floats
    edge: Nodes
    offset: Ints
    piece: Nodes
    x0: float
    y0: float
    cell_m: float
    columns: int
    rows: int


class Field(NamedTuple):
    """What a search knows: seconds at nodes, on edges, and at starts that lie on an edge.

    From u a walk takes ``fraction * ahead[edge]``, from v ``(1 - fraction) * back[edge]``. An
    edge with starts of its own is marked in ``has_start``; starts are sorted by edge.
    """

    node_s: Floats
    u: Nodes
    v: Nodes
    ahead: Floats
    back: Floats
    has_start: npt.NDArray[np.bool_]
    start_edge: Ints
    start_fraction: Floats
    start_s: Floats


@compiled
def cell_lists(
    ax: Any, ay: Any, bx: Any, by: Any, x0: Any, y0: Any, cell_m: Any, shape: Any
) -> Any:
    """List the pieces whose bounding box touches each cell; ``shape`` is (columns, rows)."""
    columns, rows = shape
    offset = np.zeros(columns * rows + 1, np.int64)
    for i in range(ax.size):
        for row in range(
            int((min(ay[i], by[i]) - y0) // cell_m), int((max(ay[i], by[i]) - y0) // cell_m) + 1
        ):
            for column in range(
                int((min(ax[i], bx[i]) - x0) // cell_m), int((max(ax[i], bx[i]) - x0) // cell_m) + 1
            ):
                offset[row * columns + column + 1] += 1
    for k in range(columns * rows):
        offset[k + 1] += offset[k]
    place = offset[:-1].copy()
    piece = np.empty(offset[-1], np.int32)
    for i in range(ax.size):
        for row in range(
            int((min(ay[i], by[i]) - y0) // cell_m), int((max(ay[i], by[i]) - y0) // cell_m) + 1
        ):
            for column in range(
                int((min(ax[i], bx[i]) - x0) // cell_m), int((max(ax[i], bx[i]) - x0) // cell_m) + 1
            ):
                k = row * columns + column
                piece[place[k]] = i
                place[k] += 1
    return offset, piece


@compiled
def project(streets: Any, i: Any, x: Any, y: Any) -> Any:
    """Nearest point of piece i: squared distance, and how far along the piece (0 to 1)."""
    dx = streets.bx[i] - streets.ax[i]
    dy = streets.by[i] - streets.ay[i]
    px = x - streets.ax[i]
    py = y - streets.ay[i]
    whole = dx * dx + dy * dy
    along = 0.0
    if whole > 0.0:
        along = min(1.0, max(0.0, (px * dx + py * dy) / whole))
    ex = px - along * dx
    ey = py - along * dy
    return ex * ex + ey * ey, along


@compiled
def _seconds_at(field: Any, edge: Any, fraction: Any) -> Any:
    """Seconds from the nearest start to a position on an edge."""
    s = np.inf
    if fraction > 0.0:
        s = field.node_s[field.u[edge]] + fraction * field.ahead[edge]
    else:
        s = field.node_s[field.u[edge]]
    if fraction < 1.0:
        s = min(s, field.node_s[field.v[edge]] + (1.0 - fraction) * field.back[edge])
    else:
        s = min(s, field.node_s[field.v[edge]])
    if field.has_start[edge]:
        k = np.searchsorted(field.start_edge, edge)
        while k < field.start_edge.size and field.start_edge[k] == edge:
            ahead = fraction - field.start_fraction[k]
            walk = 0.0
            if ahead > 0.0:
                walk = ahead * field.ahead[edge]
            elif ahead < 0.0:
                walk = -ahead * field.back[edge]
            s = min(s, field.start_s[k] + walk)
            k += 1
    return s


@compiled
def gather(streets: Any, x: Any, y: Any, near_m: Any, found: Any, distance: Any) -> Any:
    """Pieces in the cells around a point within near_m of it; returns their number.

    ``near_m`` is at most one cell. ``found`` and ``distance`` are filled.
    """
    column = int((x - streets.x0) // streets.cell_m)
    row = int((y - streets.y0) // streets.cell_m)
    n = 0
    for r in range(max(0, row - 1), min(streets.rows, row + 2)):
        for c in range(max(0, column - 1), min(streets.columns, column + 2)):
            k = r * streets.columns + c
            for at in range(streets.offset[k], streets.offset[k + 1]):
                i = streets.piece[at]
                d2, _ = project(streets, i, x, y)
                if d2 <= near_m * near_m:
                    found[n] = i
                    distance[n] = np.sqrt(d2)
                    n += 1
    return n


@compiled
def keep_near(found: Any, distance: Any, n: Any, spread_m: Any) -> Any:
    """Drop pieces that cannot be nearest within spread_m / 2 of the point they were measured from.

    A piece that touches several cells is listed several times: once is enough.
    """
    least = np.inf
    for j in range(n):
        least = min(least, distance[j])
    kept = 0
    for j in range(n):
        if distance[j] <= least + spread_m:
            twin = False
            for k in range(kept):
                if found[k] == found[j]:
                    twin = True
                    break
            if not twin:
                found[kept] = found[j]
                distance[kept] = distance[j]
                kept += 1
    return kept, least


@compiled
def slack(streets: Any, field: Any, found: Any, n: Any, x: Any, y: Any, rule: Any) -> Any:
    """Metres to spare at a point: at least 0 inside, negative outside.

    ``rule`` is (limit_s, speed_m_s, reach_m). Of pieces equally near, the lowest edge counts,
    as it does in snapping.
    """
    limit_s, speed, reach = rule
    best = np.inf
    best_edge = -1
    best_fraction = 0.0
    for j in range(n):
        i = found[j]
        d2, along = project(streets, i, x, y)
        edge = streets.edge[i]
        if d2 < best or (d2 == best and edge < best_edge):
            best = d2
            best_edge = edge
            best_fraction = streets.fa[i] + along * (streets.fb[i] - streets.fa[i])
    if best_edge < 0:
        return FAR
    d = np.sqrt(best)
    s = _seconds_at(field, best_edge, best_fraction)
    if not s < np.inf:
        return FAR
    return min(reach - d, (limit_s - s) * speed - d)


@compiled
def verdict(streets: Any, field: Any, found: Any, n: Any, span: Any, rule: Any) -> Any:
    """Whether all of a square is inside (1), outside (-1), or has to be looked at (0).

    ``span`` is (distance of the centre from the nearest piece, half the diagonal).
    """
    limit_s, speed, reach = rule
    least, half = span
    if n == 0 or least - half > reach:
        return -1
    inside = least + half <= reach
    outside = True
    for j in range(n):
        i = found[j]
        edge = streets.edge[i]
        sa = _seconds_at(field, edge, streets.fa[i])
        sb = _seconds_at(field, edge, streets.fb[i])
        part = abs(streets.fb[i] - streets.fa[i])
        # The latest position is where the walks from both ends meet.
        late = 0.5 * (sa + sb + part * max(field.ahead[edge], field.back[edge]))
        if not (limit_s - late) * speed >= reach:
            inside = False
        # The earliest is an end, unless a walk starts on the piece itself.
        if field.has_start[edge] or min(sa, sb) <= limit_s:
            outside = False
        if not inside and not outside:
            return 0
    if inside:
        return 1
    if outside:
        return -1
    return 0


@compiled
def seconds_on_grid(streets: Any, field: Any, grid: Any, speed_m_s: Any, reach_m: Any) -> Any:
    """Seconds at the centres of the cells of a grid; infinity beyond ``reach_m`` of a street.

    ``grid`` is (x of the left edge, y of the upper edge, cell size, columns, rows); row 0 is
    the northernmost, as in an image.
    """
    left, top, size, columns, rows = grid
    seconds = np.full((rows, columns), np.inf)
    most = 9 * np.max(np.diff(streets.offset))
    found = np.empty(most, np.int32)
    distance = np.empty(most)
    for row in range(rows):
        for column in range(columns):
            x = left + (column + 0.5) * size
            y = top - (row + 0.5) * size
            n = gather(streets, x, y, reach_m, found, distance)
            best = -1
            for j in range(n):
                nearer = best < 0 or distance[j] < distance[best]
                if nearer or (
                    distance[j] == distance[best]
                    and streets.edge[found[j]] < streets.edge[found[best]]
                ):
                    best = j
            if best >= 0:
                i = found[best]
                _, along = project(streets, i, x, y)
                fraction = streets.fa[i] + along * (streets.fb[i] - streets.fa[i])
                s = _seconds_at(field, streets.edge[i], fraction)
                seconds[row, column] = s + distance[best] / speed_m_s
    return seconds
