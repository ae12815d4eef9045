"""Compiled loops that trace the boundary of what lies within a limit.

The plane is sampled on a fixed grid whose points have whole numbers as coordinates in units of
the sampling step, so that neighbouring squares agree and the same input gives the same bytes.
Squares in which the boundary cannot pass are left out: a square is cut into four until it has
8 × 8 steps, and each quarter looks only at the pieces of street that may be nearest to one of
its points. What is left is sampled at all its points, one piece of street after the other,
which the compiler turns into vector instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.walking.isochrones.field_kernels import (
    FAR,
    WIDTH,
    foot,
    localise,
    seconds_along,
    seconds_by_part,
    slack,
)
from quarterhour.walking.isochrones.near_kernels import HAIR_M, square_of
from quarterhour.walking.search_kernels import compiled

BLOCK = 8
"""Steps along the side of the smallest squares; the loops below are laid out for it."""

_EDGE = BLOCK + 1
_POINTS = _EDGE * _EDGE
_BISECTIONS = 6
_HALF_RANGE = 1 << 30


@compiled
def _verdict(table: Any, rows: Any, n: Any, square: Any, near: Any, rule: Any) -> Any:
    """Whether all of a square is inside (1), outside (-1), or has to be looked at (0).

    ``square`` is (x, y of the centre, half the diagonal, distance of the nearest row). Feet of
    points of the square lie within half the diagonal of the foot of its centre, so their
    seconds differ by no more than that walk takes.
    """
    limit_s, speed, reach = rule
    x, y, half, least = square
    if n == 0 or least - half > reach + HAIR_M:
        return -1
    inside = least + half <= reach - HAIR_M
    outside = True
    for j in range(n):
        row = rows[j]
        _, along = foot(table, row, x, y)
        spare = (limit_s - seconds_along(table, row, along)) * speed
        step = half * np.sqrt(table[row, 4]) * max(table[row, 8], table[row, 9]) * speed
        if not spare - step >= least + half + HAIR_M:
            inside = False
        if spare + step >= max(0.0, near[j] - half) - HAIR_M:
            outside = False
        if not inside and not outside:
            return 0
    return 1 if inside else -1


@compiled
def _sample(table: Any, rows: Any, n: Any, whole: Any, at: Any, rule: Any, points: Any) -> Any:
    """Nearest row and metres to spare at the points of a block; tells whether they are mixed.

    Of rows equally near the first counts, which belongs to the lowest edge. ``whole`` tells that
    no row stands for a part of its piece, as nearly everywhere.
    """
    i, j, step_m = at
    limit_s, speed, reach = rule
    px, py, best, _, g = points
    for p in range(_POINTS):
        px[p] = (i + p % _EDGE) * step_m
        py[p] = (j + p // _EDGE) * step_m
        best[p] = np.inf
    if whole:
        _nearest_rows(table, rows, n, points)
    else:
        _nearest_parts(table, rows, n, points)
    n_inside = 0
    for p in range(_POINTS):
        d = np.sqrt(best[p])
        in_time = (limit_s - g[p]) * speed - d
        g[p] = in_time if in_time < reach - d else reach - d
        n_inside += g[p] >= 0.0
    return 0 < n_inside < _POINTS


@compiled
def _nearest_rows(table: Any, rows: Any, n: Any, points: Any) -> Any:
    """Squared distance of the nearest row, which one it is, and the seconds there."""
    px, py, best, nearest, g = points
    for k in range(n):
        row = rows[k]
        x, y, dx, dy = table[row, 0], table[row, 1], table[row, 2], table[row, 3]
        inverse, s_start, s_end = table[row, 4], table[row, 6], table[row, 7]
        ahead, back = table[row, 8], table[row, 9]
        # Without branches, and as floats of one size, so that points are done side by side.
        for p in range(_POINTS):
            ax = px[p] - x
            ay = py[p] - y
            along = (ax * dx + ay * dy) * inverse
            along = along if along > 0.0 else 0.0
            along = along if along < 1.0 else 1.0
            ex = ax - along * dx
            ey = ay - along * dy
            d2 = ex * ex + ey * ey
            s = s_start + along * ahead
            t = s_end + (1.0 - along) * back
            s = s if s < t else t
            nearer = d2 < best[p]
            nearest[p] = row if nearer else nearest[p]
            g[p] = s if nearer else g[p]
            best[p] = d2 if nearer else best[p]


@compiled
def _nearest_parts(table: Any, rows: Any, n: Any, points: Any) -> Any:
    """Do what `_nearest_rows` does where rows stand for parts of their pieces."""
    px, py, best, nearest, g = points
    for k in range(n):
        row = rows[k]
        for p in range(_POINTS):
            d2, along = foot(table, row, px[p], py[p])
            if d2 < best[p] and table[row, 10] <= along <= table[row, 11]:
                best[p], nearest[p], g[p] = d2, row, seconds_by_part(table, row, along)


@compiled
def _spare(table: Any, row: Any, x: Any, y: Any, rule: Any) -> Any:
    """Metres to spare at a point that belongs to a row, and its squared distance."""
    limit_s, speed, reach = rule
    d2, along = foot(table, row, x, y)
    d = np.sqrt(d2)
    return min(reach - d, (limit_s - seconds_by_part(table, row, along)) * speed - d), d2


@compiled
def _crossing(table: Any, pair: Any, line: Any, slacks: Any, rule: Any, enough_m: Any) -> Any:
    """Where the boundary crosses a grid line from inside to outside, as a share of it.

    ``pair`` are the rows that are nearest at its ends, ``line`` is (x, y, dx, dy). Where the
    slack runs on smoothly one guess mostly does; across a jump from one street's side to
    another's we bisect.
    """
    first, last = pair
    x, y, dx, dy = line
    g_in, g_out = slacks
    low, high = 0.0, 1.0
    share = g_in / (g_in - g_out) if g_out > FAR else 0.5
    for _ in range(_BISECTIONS):
        g, d2 = _spare(table, first, x + share * dx, y + share * dy, rule)
        if last != first:
            other, other_d2 = _spare(table, last, x + share * dx, y + share * dy, rule)
            if other_d2 < d2 or (other_d2 == d2 and other > g):  # two parts of a piece: the earlier
                g = other
        if abs(g) < enough_m:
            return share
        if g >= 0.0:
            low = share
        else:
            high = share
        share = 0.5 * (low + high)
    return low


@compiled
def _key(i: Any, j: Any, side: Any) -> Any:
    """Number of the grid line on a side of the step at (i, j): the same wherever it is met.

    Corners run anticlockwise from the lower left, side k lies between corners k and k + 1.
    """
    i += side == 1
    j += side == 2
    return ((np.int64(j) + _HALF_RANGE) << 32) | ((np.int64(i) + _HALF_RANGE) << 1) | (side % 2)


@compiled
def _march(table: Any, rows: Any, n: Any, at: Any, rule: Any, points: Any, out: Any) -> Any:
    """Write down the boundary pieces in a block; returns how many there are then."""
    i, j, step_m = at
    px, py, _, nearest, g = points
    keys, xy, n_out = out
    for cell in range(BLOCK * BLOCK):
        a, b = cell % BLOCK, cell // BLOCK
        p = b * _EDGE + a
        case = (
            (g[p] >= 0.0)
            + 2 * (g[p + 1] >= 0.0)
            + 4 * (g[p + _EDGE + 1] >= 0.0)
            + 8 * (g[p + _EDGE] >= 0.0)
        )
        if case in (0, 15):
            continue
        joined = True
        if case in (5, 10):  # opposite corners are inside: the middle tells whether they touch
            x, y = px[p] + 0.5 * step_m, py[p] + 0.5 * step_m
            joined = slack(table, rows, n, x, y, rule) >= 0.0
        for side in range(4):
            # A piece begins on a side where one leaves the inside, and ends where one enters it.
            after = (side + 1) & 3
            if ((case >> side) & 1) == 0 or ((case >> after) & 1) == 1:
                continue
            end = after if joined else (side + 3) & 3
            while not (((case >> end) & 1) == 0 and ((case >> ((end + 1) & 3)) & 1) == 1):
                end = (end + 1) & 3
            inner = p + (side in (1, 2)) + _EDGE * (side > 1)
            outer = p + (after in (1, 2)) + _EDGE * (after > 1)
            dx, dy = px[outer] - px[inner], py[outer] - py[inner]
            pair = (int(nearest[inner]), int(nearest[outer]))
            line = (px[inner], py[inner], dx, dy)
            share = _crossing(table, pair, line, (g[inner], g[outer]), rule, 0.02 * step_m)
            keys[n_out, 0] = _key(i + a, j + b, side)
            keys[n_out, 1] = _key(i + a, j + b, end)
            xy[n_out, 0] = px[inner] + share * dx
            xy[n_out, 1] = py[inner] + share * dy
            n_out += 1
    return n_out


@compiled
def _narrow(table: Any, above: Any, n_above: Any, square: Any, rows: Any, near: Any) -> Any:
    """Keep the rows that may be nearest to a point of a square (x, y, half the diagonal).

    Returns their number and the distance of the nearest from the centre.
    """
    x, y, half = square
    least = np.inf
    for k in range(n_above):
        d2, _ = foot(table, above[k], x, y)
        near[k] = np.sqrt(d2)
        least = min(least, near[k])
    n = 0
    for k in range(n_above):
        if near[k] <= least + 2.0 * half + HAIR_M:
            rows[n] = above[k]
            near[n] = near[k]
            n += 1
    return n, least


@compiled
def _state(streets: Any, field: Any, pieces: Any, rule: Any) -> Any:
    """Whether all pieces are out of reach (-1), all so early that only reach counts (1), or not."""
    limit_s, speed, reach = rule
    dead, core = True, True
    for k in range(pieces.size):
        edge = streets.edge[pieces[k]]
        a, b = field.node_s[field.u[edge]], field.node_s[field.v[edge]]
        if min(a, b) < np.inf or field.has_start[edge]:
            dead = False
        # The latest position on an edge is where the walks from both ends meet.
        late = 0.5 * (a + b + max(field.ahead[edge], field.back[edge]))
        if not (limit_s - late) * speed >= reach + HAIR_M:
            core = False
        if not dead and not core:
            return 0
    return -1 if dead else 1


@compiled
def _winners(points: Any, rows: Any, n: Any, used: Any) -> Any:
    """Keep the rows that are nearest to one of the points; returns their number."""
    nearest = points[3]
    for k in range(n):
        used[rows[k]] = False
    for p in range(_POINTS):
        used[int(nearest[p])] = True
    kept = 0
    for k in range(n):
        if used[rows[k]]:
            rows[kept] = rows[k]
            kept += 1
    return kept


@compiled
def contour(
    streets: Any, tile: Any, field: Any, window: Any, grain: Any, rule: Any, out: Any, square: Any
) -> Any:
    """Pieces of the boundary of what lies within a limit, inside on their left.

    Parameters
    ----------
    streets, field
        Where the streets are, and what the search knows of them.
    tile
        ``(lists, ready, column, row, side)`` of side × side squares, the first at (column,
        row): ``lists`` is (offset, size, settled, piece), the ``size[k]`` pieces from
        ``offset[k]`` on that may be nearest in square k, in order, and whether those were left
        out that are nearest to no sampled point; ``ready`` is (offset, keys, xy), the boundary
        in each square where every street there is reached early, or empty arrays if that is
        what is asked for.
    window
        ``(column, row, columns, rows)``: squares of the tile to look at.
    grain
        ``(step_m, levels)``: sampling step, and how often a square is cut into four before it
        has 8 × 8 steps.
    rule
        ``(limit_s, speed_m_s, reach_m)``.
    out
        ``(keys, xy, marks, n)``: a piece leads from grid line ``keys[:, 0]``, which it crosses
        at ``xy``, to grid line ``keys[:, 1]``; the first n are there already. ``marks`` tells
        how many there are before each square of the window.
    square
        Square of the window to begin with.

    Returns
    -------
    tuple
        Square to go on with when ``out`` has no more room, or how many there are; and n.
    """
    step_m, levels = grain
    lists, ready, tile_column, tile_row, side = tile
    offset, size, settled, piece = lists
    ready_offset, ready_keys, ready_xy = ready
    keys, xy, marks, n_out = out
    steps = BLOCK << levels
    most = 0
    for k in range(size.size):
        most = max(most, size[k])
    most += field.start_edge.size
    table = np.empty((most, WIDTH))
    listed = np.empty((levels + 2, most), np.int64)
    for k in range(most):
        listed[0, k] = k
    near = np.empty(most)
    used = np.empty(most, np.bool_)
    count = np.zeros(levels + 2, np.int64)
    waiting = np.empty((4 * levels + 4, 3), np.int64)
    points = (
        np.empty(_POINTS),
        np.empty(_POINTS),
        np.empty(_POINTS),
        np.empty(_POINTS),
        np.empty(_POINTS),
    )
    while square < window[2] * window[3]:
        marks[square] = n_out
        if n_out + 2 * steps * steps > keys.shape[0]:
            return square, n_out
        column, row = window[0] + square % window[2], window[1] + square // window[2]
        square += 1
        marks[square] = n_out
        k = square_of(column - tile_column, row - tile_row, side)
        mine = piece[offset[k] : offset[k] + size[k]]
        state = _state(streets, field, mine, rule)
        if state < 0:
            continue
        if state > 0 and ready_offset.size > 0:
            flat = (row - tile_row) * side + column - tile_column
            for known in range(ready_offset[flat], ready_offset[flat + 1]):
                for axis in range(2):  # by element: whole rows would be checked for their shape
                    keys[n_out, axis] = ready_keys[known, axis]
                    xy[n_out, axis] = ready_xy[known, axis]
                n_out += 1
            marks[square] = n_out
            continue
        count[0] = localise(streets, field, mine, mine.size, table)
        waiting[0, 0] = 0
        waiting[0, 1] = column * steps
        waiting[0, 2] = row * steps
        n_waiting = 1
        while n_waiting > 0:
            n_waiting -= 1
            level = waiting[n_waiting, 0]
            i, j = waiting[n_waiting, 1], waiting[n_waiting, 2]
            width = steps >> level
            half = width * step_m * np.sqrt(0.5)
            x, y = (i + width / 2) * step_m, (j + width / 2) * step_m
            rows = listed[level + 1]
            n, least = _narrow(table, listed[level], count[level], (x, y, half), rows, near)
            count[level + 1] = n
            if _verdict(table, rows, n, (x, y, half, least), near, rule) != 0:
                continue
            if level < levels:
                for quarter in range(4):
                    waiting[n_waiting, 0] = level + 1
                    waiting[n_waiting, 1] = i + (quarter % 2) * (width // 2)
                    waiting[n_waiting, 2] = j + (quarter // 2) * (width // 2)
                    n_waiting += 1
                continue
            at = (i, j, step_m)
            whole = count[0] == mine.size
            mixed = _sample(table, rows, n, whole, at, rule, points)
            n = _winners(points, rows, n, used)
            if levels == 0 and not settled[k] and whole:
                for j in range(n):
                    mine[j] = mine[rows[j]]
                size[k] = n
                settled[k] = True
            if mixed:
                n_out = _march(table, rows, n, at, rule, points, (keys, xy, n_out))
        marks[square] = n_out
    return square, n_out
