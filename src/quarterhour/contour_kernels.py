"""Compiled loops that trace the boundary of what lies within a limit.

The plane is sampled on a fixed grid whose points have whole numbers as coordinates in units of
the sampling step, so that neighbouring squares agree and the same input gives the same bytes.
Squares in which the boundary cannot pass are left out: a square is cut into four, and each
quarter looks only at the pieces of street that may be nearest to one of its points.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.field_kernels import (
    FAR,
    foot,
    localise,
    seconds_along,
    slack,
)
from quarterhour.kernels import compiled

_BISECTIONS = 8
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
    if n == 0 or least - half > reach:
        return -1
    inside = least + half <= reach
    outside = True
    for j in range(n):
        row = rows[j]
        _, along = foot(table, row, x, y)
        spare = (limit_s - seconds_along(table, row, along)) * speed
        step = half * np.sqrt(table[row, 4]) * max(table[row, 8], table[row, 9]) * speed
        if not spare - step >= least + half:
            inside = False
        if spare + step >= max(0.0, near[j] - half):
            outside = False
        if not inside and not outside:
            return 0
    return 1 if inside else -1


@compiled
def _crossing(table: Any, rows: Any, n: Any, ends: Any, rule: Any) -> Any:
    """Where the boundary crosses a line from inside to outside, as a share of it.

    ``ends`` is (x, y, dx, dy, slack at the start, slack at the end). Where the slack runs on
    smoothly one guess does; across a jump from one street's side to another's we bisect.
    """
    x, y, dx, dy, g_in, g_out = ends
    low, high = 0.0, 1.0
    if g_out > FAR:
        guess = g_in / (g_in - g_out)
        g = slack(table, rows, n, x + guess * dx, y + guess * dy, rule)
        if abs(g) < 0.01:
            return guess
        if g >= 0.0:
            low = guess
        else:
            high = guess
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if slack(table, rows, n, x + middle * dx, y + middle * dy, rule) >= 0.0:
            low = middle
        else:
            high = middle
    return low


@compiled
def _sample(table: Any, rows: Any, n: Any, at: Any, rule: Any, g: Any) -> Any:
    """Slack at the corners of 2 × 2 steps; tells whether the boundary passes between them."""
    i, j, step_m = at
    mixed = False
    for b in range(3):
        for a in range(3):
            g[b, a] = slack(table, rows, n, (i + a) * step_m, (j + b) * step_m, rule)
            mixed = mixed or (g[b, a] >= 0.0) != (g[0, 0] >= 0.0)
    return mixed


@compiled
def _cross_lines(table: Any, rows: Any, n: Any, at: Any, rule: Any, g: Any, shares: Any) -> Any:
    """Find the crossings on the grid lines of 2 × 2 steps, as shares of a step."""
    i, j, step_m = at
    across, up = shares
    for b in range(3):
        for a in range(3):
            for upright in range(2):
                c, d = (a, b + 1) if upright else (a + 1, b)
                if c > 2 or d > 2 or (g[b, a] >= 0.0) == (g[d, c] >= 0.0):
                    continue
                x, y = (i + a) * step_m, (j + b) * step_m
                dx, dy = (0.0, step_m) if upright else (step_m, 0.0)
                if g[b, a] >= 0.0:
                    ends = (x, y, dx, dy, g[b, a], g[d, c])
                    share = _crossing(table, rows, n, ends, rule)
                else:
                    ends = (x + dx, y + dy, -dx, -dy, g[d, c], g[b, a])
                    share = 1.0 - _crossing(table, rows, n, ends, rule)
                if upright:
                    up[b, a] = share
                else:
                    across[b, a] = share


@compiled
def _piece_end(case: Any, corner: Any, joined: Any) -> Any:
    """Side on which the piece that begins on side ``corner`` ends.

    Corners run anticlockwise from the lower left, side k lies between corners k and k + 1.
    Where two opposite corners are inside, ``joined`` tells whether the middle is.
    """
    if case in (5, 10) and not joined:
        return (corner + 3) & 3
    end = (corner + 1) & 3
    while not (((case >> end) & 1) == 0 and ((case >> ((end + 1) & 3)) & 1) == 1):
        end = (end + 1) & 3
    return end


@compiled
def _side(i: Any, j: Any, side: Any) -> Any:
    """Grid line of a side of the step at (i, j): its start, and whether it is upright."""
    return i + (side == 1), j + (side == 2), side % 2


@compiled
def _key(i: Any, j: Any, upright: Any) -> Any:
    """Number of a grid line: the same wherever it is met."""
    return ((np.int64(j) + _HALF_RANGE) << 32) | ((np.int64(i) + _HALF_RANGE) << 1) | upright


@compiled
def _march(table: Any, rows: Any, n: Any, at: Any, rule: Any, g: Any, shares: Any, out: Any) -> Any:
    """Write down the boundary pieces in 2 × 2 steps; returns how many there are then."""
    i, j, step_m = at
    across, up = shares
    keys, xy, n_out = out
    for cell in range(4):
        a, b = cell % 2, cell // 2
        case = (
            (g[b, a] >= 0.0)
            + 2 * (g[b, a + 1] >= 0.0)
            + 4 * (g[b + 1, a + 1] >= 0.0)
            + 8 * (g[b + 1, a] >= 0.0)
        )
        joined = False
        if case in (5, 10):
            x, y = (i + a + 0.5) * step_m, (j + b + 0.5) * step_m
            joined = slack(table, rows, n, x, y, rule) >= 0.0
        for corner in range(4):
            # A piece begins on the side where one leaves the inside.
            if ((case >> corner) & 1) == 0 or ((case >> ((corner + 1) & 3)) & 1) == 1:
                continue
            p, q, upright = _side(a, b, _piece_end(case, corner, joined))
            keys[n_out, 1] = _key(i + p, j + q, upright)
            p, q, upright = _side(a, b, corner)
            keys[n_out, 0] = _key(i + p, j + q, upright)
            xy[n_out, 0] = (i + p + (0.0 if upright else across[q, p])) * step_m
            xy[n_out, 1] = (j + q + (up[q, p] if upright else 0.0)) * step_m
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
        if near[k] <= least + 2.0 * half:
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
        if not (limit_s - late) * speed >= reach:
            core = False
        if not dead and not core:
            return 0
    return -1 if dead else 1


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
        row): ``lists`` is (offset, piece), the pieces that may be nearest in each square;
        ``ready`` is (offset, keys, xy), the boundary in each square where every street there
        is reached early, or empty arrays if that is what is asked for.
    window
        ``(column, row, columns, rows)``: squares of the tile to look at.
    grain
        ``(step_m, levels)``: sampling step, and how often a square is cut into four before it
        has 2 × 2 steps.
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
    offset, piece = lists
    ready_offset, ready_keys, ready_xy = ready
    keys, xy, marks, n_out = out
    steps = 2 << levels
    most = np.max(offset[1:] - offset[:-1]) + field.start_edge.size
    table = np.empty((most, 10))
    listed = np.empty((levels + 2, most), np.int64)
    listed[0] = np.arange(most)
    near = np.empty(most)
    count = np.zeros(levels + 2, np.int64)
    waiting = np.empty((4 * levels + 4, 3), np.int64)
    g = np.empty((3, 3))
    shares = (np.empty((3, 3)), np.empty((3, 3)))
    while square < window[2] * window[3]:
        marks[square] = n_out
        if n_out + 2 * steps * steps > keys.shape[0]:
            return square, n_out
        column, row = window[0] + square % window[2], window[1] + square // window[2]
        square += 1
        marks[square] = n_out
        k = (row - tile_row) * side + column - tile_column
        mine = piece[offset[k] : offset[k + 1]]
        state = _state(streets, field, mine, rule)
        if state < 0:
            continue
        if state > 0 and ready_offset.size > 0:
            for known in range(ready_offset[k], ready_offset[k + 1]):
                keys[n_out] = ready_keys[known]
                xy[n_out] = ready_xy[known]
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
            size = steps >> level
            half = size * step_m * np.sqrt(0.5)
            x, y = (i + size / 2) * step_m, (j + size / 2) * step_m
            rows = listed[level + 1]
            n, least = _narrow(table, listed[level], count[level], (x, y, half), rows, near)
            count[level + 1] = n
            if _verdict(table, rows, n, (x, y, half, least), near, rule) != 0:
                continue
            if level < levels:
                for quarter in range(4):
                    waiting[n_waiting, 0] = level + 1
                    waiting[n_waiting, 1] = i + (quarter % 2) * (size // 2)
                    waiting[n_waiting, 2] = j + (quarter // 2) * (size // 2)
                    n_waiting += 1
                continue
            at = (i, j, step_m)
            if _sample(table, rows, n, at, rule, g):
                _cross_lines(table, rows, n, at, rule, g, shares)
                n_out = _march(table, rows, n, at, rule, g, shares, (keys, xy, n_out))
        marks[square] = n_out
    return square, n_out


@compiled
def trace(following: Any) -> Any:
    """Walk the cycles of a permutation: members in order, and where each cycle begins."""
    n = following.size
    member = np.empty(n, np.int64)
    offset = np.empty(n + 1, np.int64)
    seen = np.zeros(n, np.bool_)
    at = 0
    cycles = 0
    for first in range(n):
        if seen[first]:
            continue
        offset[cycles] = at
        cycles += 1
        i = first
        while not seen[i]:
            seen[i] = True
            member[at] = i
            at += 1
            i = following[i]
    offset[cycles] = n
    return member, offset[: cycles + 1]


@compiled
def thin(x: Any, y: Any, offset: Any, tolerance_m: Any) -> Any:
    """Mark the vertices of closed rings to keep: the others lie within a tolerance of the rest."""
    keep = np.zeros(x.size, np.bool_)
    for ring in range(offset.size - 1):
        first, last = offset[ring], offset[ring + 1]
        n = last - first
        keep[first] = True
        kept = 1
        anchor = 0
        while anchor < n:
            reach = anchor + 1
            while reach < n and reach - anchor < 64:
                bx = x[first + (reach + 1) % n] - x[first + anchor]
                by = y[first + (reach + 1) % n] - y[first + anchor]
                whole = bx * bx + by * by
                fits = True
                for k in range(anchor + 1, reach + 1):
                    px = x[first + k] - x[first + anchor]
                    py = y[first + k] - y[first + anchor]
                    along = 0.0
                    if whole > 0.0:
                        along = min(1.0, max(0.0, (px * bx + py * by) / whole))
                    ex = px - along * bx
                    ey = py - along * by
                    if ex * ex + ey * ey > tolerance_m * tolerance_m:
                        fits = False
                        break
                if not fits:
                    break
                reach += 1
            anchor = reach
            if anchor < n:
                keep[first + anchor] = True
                kept += 1
        if kept < 3:
            for k in range(first, last):
                keep[k] = True
    return keep
