"""Compiled loops that trace the boundary of what lies within a limit.

The plane is sampled on a fixed grid whose points have whole numbers as coordinates in units of
the sampling step, so that neighbouring squares agree and the same input gives the same bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.field_kernels import gather, keep_near, project, slack, verdict
from quarterhour.kernels import compiled

_BISECTIONS = 9


@compiled
def _crossing(streets: Any, field: Any, found: Any, n: Any, a: Any, b: Any, rule: Any) -> Any:
    """Where the boundary crosses the line from a (inside) to b (outside), as a share of it."""
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        mid = 0.5 * (low + high)
        x = a[0] + mid * (b[0] - a[0])
        y = a[1] + mid * (b[1] - a[1])
        if slack(streets, field, found, n, x, y, rule) >= 0.0:
            low = mid
        else:
            high = mid
    return low


@compiled
def contour(streets: Any, field: Any, window: Any, step: Any, rule: Any) -> Any:
    """Pieces of the boundary of what lies within a limit, inside on their left.

    Parameters
    ----------
    streets, field
        Where the streets are, and what the search knows of them.
    window
        ``(column, row, columns, rows)`` of large squares to look at.
    step
        ``(step_m, n_small, n_large)``: sampling step, steps per small square, and small
        squares per large one; a large square is looked at closely only where the boundary may
        pass, and so is a small one.
    rule
        ``(limit_s, speed_m_s, reach_m)``.

    Returns
    -------
    tuple of arrays
        ``(start_key, end_key, x, y)``: each piece leads from grid line ``start_key``, which it
        crosses at (x, y), to grid line ``end_key``.
    """
    step_m, n_small, n_large = step
    first_column, first_row, columns, rows = window
    small_m = step_m * n_small
    large_m = small_m * n_large
    half_small = small_m * np.sqrt(0.5)
    half_large = large_m * np.sqrt(0.5)
    width = np.int64(columns) * n_large * n_small + 2
    near_m = rule[2] + 2.0 * half_large
    most = 9 * np.max(np.diff(streets.offset))
    found = np.empty(most, np.int32)
    distance = np.empty(most)
    mine = np.empty(most, np.int32)
    mine_m = np.empty(most)
    g = np.empty((n_small + 1, n_small + 1))
    across = np.empty((n_small + 1, n_small))
    up = np.empty((n_small, n_small + 1))
    start_key = np.empty(4096, np.int64)
    end_key = np.empty(4096, np.int64)
    out_x = np.empty(4096)
    out_y = np.empty(4096)
    n_out = 0
    for large_row in range(rows):
        for large_column in range(columns):
            x_large = (first_column + large_column) * large_m
            y_large = (first_row + large_row) * large_m
            n = gather(
                streets, x_large + large_m / 2, y_large + large_m / 2, near_m, found, distance
            )
            n, least = keep_near(found, distance, n, 2.0 * half_large)
            if verdict(streets, field, found, n, (least, half_large), rule) != 0:
                continue
            for small in range(n_large * n_large):
                i0 = (large_column * n_large + small % n_large) * n_small
                j0 = (large_row * n_large + small // n_large) * n_small
                i_abs = first_column * n_large * n_small + i0
                j_abs = first_row * n_large * n_small + j0
                cx = (i_abs + n_small / 2) * step_m
                cy = (j_abs + n_small / 2) * step_m
                for k in range(n):
                    mine[k] = found[k]
                    d2, _ = project(streets, found[k], cx, cy)
                    mine_m[k] = np.sqrt(d2)
                m, least = keep_near(mine, mine_m, n, 2.0 * half_small)
                if verdict(streets, field, mine, m, (least, half_small), rule) != 0:
                    continue
                mixed = False
                for j in range(n_small + 1):
                    for i in range(n_small + 1):
                        x = (i_abs + i) * step_m
                        y = (j_abs + j) * step_m
                        g[j, i] = slack(streets, field, mine, m, x, y, rule)
                        if (g[j, i] >= 0.0) != (g[0, 0] >= 0.0):
                            mixed = True
                if not mixed:
                    continue
                for j in range(n_small + 1):
                    for i in range(n_small):
                        across[j, i] = -1.0
                        if (g[j, i] >= 0.0) != (g[j, i + 1] >= 0.0):
                            a = ((i_abs + i) * step_m, (j_abs + j) * step_m)
                            b = ((i_abs + i + 1) * step_m, (j_abs + j) * step_m)
                            if g[j, i] >= 0.0:
                                across[j, i] = _crossing(streets, field, mine, m, a, b, rule)
                            else:
                                across[j, i] = 1.0 - _crossing(streets, field, mine, m, b, a, rule)
                for j in range(n_small):
                    for i in range(n_small + 1):
                        up[j, i] = -1.0
                        if (g[j, i] >= 0.0) != (g[j + 1, i] >= 0.0):
                            a = ((i_abs + i) * step_m, (j_abs + j) * step_m)
                            b = ((i_abs + i) * step_m, (j_abs + j + 1) * step_m)
                            if g[j, i] >= 0.0:
                                up[j, i] = _crossing(streets, field, mine, m, a, b, rule)
                            else:
                                up[j, i] = 1.0 - _crossing(streets, field, mine, m, b, a, rule)
                for j in range(n_small):
                    for i in range(n_small):
                        # Corners anticlockwise from the lower left; sides follow each corner.
                        case = (
                            (g[j, i] >= 0.0)
                            + 2 * (g[j, i + 1] >= 0.0)
                            + 4 * (g[j + 1, i + 1] >= 0.0)
                            + 8 * (g[j + 1, i] >= 0.0)
                        )
                        if case in (0, 15):
                            continue
                        joined = False
                        if case in (5, 10):
                            x = (i_abs + i + 0.5) * step_m
                            y = (j_abs + j + 0.5) * step_m
                            joined = slack(streets, field, mine, m, x, y, rule) >= 0.0
                        for corner in range(4):
                            here = (case >> corner) & 1
                            ahead = (case >> ((corner + 1) & 3)) & 1
                            # A piece begins on the side where one leaves the inside.
                            if not (here == 1 and ahead == 0):
                                continue
                            end = corner
                            if case in (5, 10) and not joined:
                                end = (corner + 3) & 3
                            else:
                                end = (corner + 1) & 3
                                while not (
                                    ((case >> end) & 1) == 0
                                    and ((case >> ((end + 1) & 3)) & 1) == 1
                                ):
                                    end = (end + 1) & 3
                            if n_out == start_key.size:
                                start_key = np.concatenate((start_key, np.empty(n_out, np.int64)))
                                end_key = np.concatenate((end_key, np.empty(n_out, np.int64)))
                                out_x = np.concatenate((out_x, np.empty(n_out)))
                                out_y = np.concatenate((out_y, np.empty(n_out)))
                            for last in range(2):
                                side = end if last else corner
                                gi = i0 + i + (1 if side == 1 else 0)
                                gj = j0 + j + (1 if side == 2 else 0)
                                upright = side % 2 == 1
                                key = 2 * (np.int64(gj) * width + gi) + (1 if upright else 0)
                                if last:
                                    end_key[n_out] = key
                                    continue
                                start_key[n_out] = key
                                li = i + (1 if side == 1 else 0)
                                lj = j + (1 if side == 2 else 0)
                                if upright:
                                    out_x[n_out] = (i_abs + li) * step_m
                                    out_y[n_out] = (j_abs + lj + up[lj, li]) * step_m
                                else:
                                    out_x[n_out] = (i_abs + li + across[lj, li]) * step_m
                                    out_y[n_out] = (j_abs + lj) * step_m
                            n_out += 1
    return start_key[:n_out], end_key[:n_out], out_x[:n_out], out_y[:n_out]


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
