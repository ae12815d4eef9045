"""Compiled loops for time fields: the nearest street position of a point, and its seconds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.walking.isochrones.near_kernels import gather, project
from quarterhour.walking.search_kernels import Floats, Ints, Nodes, compiled

NEVER = 1e18
"""Seconds to what cannot be reached: so large, and yet a number that can be reckoned with."""

FAR = -1e15
"""Slack beyond which nothing is reached."""


WIDTH = 14
"""Columns of the table that `localise` writes."""


class Field(NamedTuple):
    """What a search knows: seconds at nodes, on edges, and at starts that lie on an edge.

    From u a walk takes ``fraction * ahead[edge]``, from v ``(1 - fraction) * back[edge]``. An
    edge with starts of its own is marked in ``has_start``; starts are sorted by edge and fraction.
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
def first_start(field: Any, edge: Any) -> Any:
    """Position of the first start on an edge."""
    low, high = 0, field.start_edge.size
    while low < high:
        middle = (low + high) // 2
        if field.start_edge[middle] < edge:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def seconds_at(field: Any, edge: Any, fraction: Any) -> Any:
    """Seconds from the nearest start to a position on an edge."""
    s = field.node_s[field.u[edge]]
    if fraction > 0.0:
        s += fraction * field.ahead[edge]
    t = field.node_s[field.v[edge]]
    if fraction < 1.0:
        t += (1.0 - fraction) * field.back[edge]
    s = min(s, t)
    if field.has_start[edge]:
        k = first_start(field, edge)
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
def localise(streets: Any, field: Any, found: Any, n: Any, table: Any) -> Any:
    """Write down the pieces around a square, with their seconds; returns the number of rows.

    A row of ``table`` is x, y, dx, dy, 1 / length², edge, seconds at its start and at its end,
    the seconds that the whole piece takes ahead and back, and the part of the piece that the row
    stands for. A piece with starts on it has a row for each part between them, so that the
    seconds on a row are those of its nearer end; such a row has the seconds at the ends of its
    part too, and those at the ends of the piece are what they would be if the walk went on.
    All have the geometry of the whole piece: how far away a street is does not depend on who
    starts on it, to the last bit.
    """
    rows = 0
    for j in range(n):
        i = found[j]
        edge = streets.edge[i]
        fa, fb = streets.fa[i], streets.fb[i]
        ahead, back = min(NEVER, field.ahead[edge]), min(NEVER, field.back[edge])
        if field.has_start[edge]:
            rows = _localise_parts(streets, field, i, table, rows)
            continue
        from_u, from_v = field.node_s[field.u[edge]], field.node_s[field.v[edge]]
        table[rows, 0] = streets.ax[i]
        table[rows, 1] = streets.ay[i]
        table[rows, 2] = streets.dx[i]
        table[rows, 3] = streets.dy[i]
        table[rows, 4] = streets.inverse[i]
        table[rows, 5] = edge
        table[rows, 6] = min(NEVER, from_u + fa * ahead, from_v + (1.0 - fa) * back)
        table[rows, 7] = min(NEVER, from_u + fb * ahead, from_v + (1.0 - fb) * back)
        table[rows, 8] = (fb - fa) * ahead
        table[rows, 9] = (fb - fa) * back
        table[rows, 10] = 0.0
        table[rows, 11] = 1.0
        rows += 1
    return rows


@compiled
def _localise_parts(streets: Any, field: Any, i: Any, table: Any, rows: Any) -> Any:
    """Write down the parts of a piece that has starts on it; returns the number of rows."""
    edge = streets.edge[i]
    fa, fb = streets.fa[i], streets.fb[i]
    part = fb - fa
    ahead, back = part * min(NEVER, field.ahead[edge]), part * min(NEVER, field.back[edge])
    low, wa = fa, 0.0
    k = first_start(field, edge)
    while True:
        high = fb
        while k < field.start_edge.size and field.start_edge[k] == edge:
            cut = field.start_fraction[k]
            k += 1
            if low < cut < fb:
                high = cut
                break
        wb = (high - fa) / part if high < fb else 1.0
        at_low = min(NEVER, seconds_at(field, edge, low))
        at_high = min(NEVER, seconds_at(field, edge, high))
        table[rows, 0] = streets.ax[i]
        table[rows, 1] = streets.ay[i]
        table[rows, 2] = streets.dx[i]
        table[rows, 3] = streets.dy[i]
        table[rows, 4] = streets.inverse[i]
        table[rows, 5] = edge
        table[rows, 6] = at_low - wa * ahead
        table[rows, 7] = at_high - (1.0 - wb) * back
        table[rows, 8] = ahead
        table[rows, 9] = back
        table[rows, 10] = wa
        table[rows, 11] = wb
        table[rows, 12] = at_low
        table[rows, 13] = at_high
        rows += 1
        low, wa = high, wb
        if high >= fb:
            return rows


@compiled
def foot(table: Any, row: Any, x: Any, y: Any) -> Any:
    """Nearest point of a row's piece: squared distance, and how far along the piece (0 to 1)."""
    px = x - table[row, 0]
    py = y - table[row, 1]
    along = (px * table[row, 2] + py * table[row, 3]) * table[row, 4]
    along = min(1.0, max(0.0, along))
    ex = px - along * table[row, 2]
    ey = py - along * table[row, 3]
    return ex * ex + ey * ey, along


@compiled
def seconds_along(table: Any, row: Any, along: Any) -> Any:
    """Seconds to a position on a row, by way of whichever end is nearer in time.

    Beyond the part that a row stands for, they are less than the true ones, and change no
    faster than a walker does: good for bounds.
    """
    return min(
        table[row, 6] + along * table[row, 8],
        table[row, 7] + (1.0 - along) * table[row, 9],
    )


@compiled
def seconds_by_part(table: Any, row: Any, along: Any) -> Any:
    """Seconds to a position on a piece by way of an end of the row's part, also beyond it."""
    low, high = table[row, 10], table[row, 11]
    if low <= 0.0 and high >= 1.0:
        return seconds_along(table, row, along)
    if along < low:
        return table[row, 12] + (low - along) * table[row, 9]
    if along > high:
        return table[row, 13] + (along - high) * table[row, 8]
    return min(
        table[row, 12] + (along - low) * table[row, 8],
        table[row, 13] + (high - along) * table[row, 9],
    )


@compiled
def slack(table: Any, rows: Any, n: Any, x: Any, y: Any, rule: Any) -> Any:
    """Metres to spare at a point: at least 0 inside, negative outside, below FAR if unreachable.

    ``rule`` is (limit_s, speed_m_s, reach_m). Of rows equally near the first counts, which has
    the lowest edge, as in snapping.
    """
    limit_s, speed, reach = rule
    best = np.inf
    s = NEVER
    for j in range(n):
        d2, along = foot(table, rows[j], x, y)
        if d2 < best and table[rows[j], 10] <= along <= table[rows[j], 11]:
            best = d2
            s = seconds_by_part(table, rows[j], along)
    d = np.sqrt(best)
    return min(reach - d, (limit_s - s) * speed - d)


@compiled
def seconds_on_grid(streets: Any, field: Any, grid: Any, speed_m_s: Any, reach_m: Any) -> Any:
    """Seconds at the centres of the cells of a grid; infinity beyond ``reach_m`` of a street.

    ``grid`` is (x of the left edge, y of the upper edge, cell size, columns, rows); row 0 is
    the northernmost, as in an image.
    """
    left, top, size, columns, rows = grid
    seconds = np.full((rows, columns), np.inf)
    found = np.empty(9 * streets.most, np.int32)
    table = np.empty((1 + field.start_edge.size, WIDTH))
    everything = np.empty(table.shape[0], np.int64)
    for k in range(everything.size):
        everything[k] = k
    for row in range(rows):
        for column in range(columns):
            x = left + (column + 0.5) * size
            y = top - (row + 0.5) * size
            n = gather(streets, x, y, reach_m, found)
            best = np.inf
            for k in range(n):
                d2, _ = project(streets, found[k], x, y)
                if d2 < best or (d2 == best and found[k] < found[0]):
                    best = d2
                    found[0] = found[k]
            n = localise(streets, field, found, min(n, 1), table)
            spare = slack(table, everything, n, x, y, (0.0, speed_m_s, np.inf))
            if spare > FAR:
                seconds[row, column] = -spare / speed_m_s
    return seconds
