"""Compiled loops that join the pieces of a boundary to closed rings."""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.walking.search_kernels import compiled

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: multiplying by it spreads keys evenly."""

_LONGEST = 64
"""So many vertices may be left out in a row."""


@compiled
def rings(keys: Any, xy: Any, tolerance_m: Any) -> Any:
    """Join pieces that lead from one grid line to the next, and leave out needless vertices.

    Parameters
    ----------
    keys
        ``(n, 2)``: the grid line that a piece begins on, and that on which it ends. On each
        line one piece ends and another begins.
    xy
        ``(n, 2)``: where a piece begins.
    tolerance_m
        Vertices are left out that lie this near to the line between others.

    Returns
    -------
    tuple
        Closed rings ``(k, 2)``, where each begins, and the area of each, negative if it runs
        clockwise.
    """
    n = keys.shape[0]
    following = _following(keys)
    member = np.empty((n + 1, 2))
    kept = np.empty((2 * n + 1, 2))
    offset = np.empty(n + 1, np.int64)
    area = np.empty(n)
    seen = np.zeros(n, np.bool_)
    n_rings, n_kept = np.int64(0), np.int64(0)
    for first in range(n):
        if seen[first]:
            continue
        size = 0
        i = first
        while not seen[i]:
            seen[i] = True
            member[size, 0], member[size, 1] = xy[i, 0], xy[i, 1]
            size += 1
            i = following[i]
        offset[n_rings] = n_kept
        n_kept = _thinned(member, size, tolerance_m, kept, n_kept)
        area[n_rings] = _signed_area(kept, offset[n_rings], n_kept)
        n_rings += 1
    offset[n_rings] = n_kept
    return kept[:n_kept].copy(), offset[: n_rings + 1], area[:n_rings]


@compiled
def _following(keys: Any) -> Any:
    """Piece that begins where each piece ends, by a table of the grid lines."""
    n = keys.shape[0]
    bits = 4
    while (1 << bits) < 2 * n:
        bits += 1
    shift = np.uint64(64 - bits)
    mask = (1 << bits) - 1
    begun = np.full(1 << bits, -1, np.int32)
    for i in range(n):
        slot = np.int64((np.uint64(keys[i, 0]) * _MIX) >> shift)
        while begun[slot] >= 0:
            slot = (slot + 1) & mask
        begun[slot] = i
    following = np.empty(n, np.int64)
    for i in range(n):
        slot = np.int64((np.uint64(keys[i, 1]) * _MIX) >> shift)
        while begun[slot] >= 0 and keys[begun[slot], 0] != keys[i, 1]:
            slot = (slot + 1) & mask
        if begun[slot] < 0:
            raise AssertionError("a boundary ends in the open: neighbouring squares disagree")
        following[i] = begun[slot]
    return following


@compiled
def _thinned(member: Any, n: Any, tolerance_m: Any, kept: Any, n_kept: Any) -> Any:
    """Copy a ring, closed, without the vertices that lie near the line between their neighbours."""
    begin = n_kept
    member[n, 0], member[n, 1] = member[0, 0], member[0, 1]
    kept[n_kept, 0], kept[n_kept, 1] = member[0, 0], member[0, 1]
    n_kept += 1
    anchor = 0
    while anchor < n:
        ahead = anchor + 1
        while ahead < n and ahead - anchor < _LONGEST and _fits(member, anchor, ahead, tolerance_m):
            ahead += 1
        anchor = ahead
        kept[n_kept, 0], kept[n_kept, 1] = member[anchor, 0], member[anchor, 1]
        n_kept += 1
    if n_kept - begin < 4:  # too few for a ring: keep them all
        for k in range(n + 1):
            kept[begin + k, 0], kept[begin + k, 1] = member[k, 0], member[k, 1]
        n_kept = begin + n + 1
    return n_kept


@compiled
def _fits(member: Any, anchor: Any, ahead: Any, tolerance_m: Any) -> Any:
    """Whether all vertices up to one lie near the line from an anchor to the one after it."""
    x, y = member[anchor, 0], member[anchor, 1]
    bx, by = member[ahead + 1, 0] - x, member[ahead + 1, 1] - y
    whole = bx * bx + by * by
    for k in range(anchor + 1, ahead + 1):
        px, py = member[k, 0] - x, member[k, 1] - y
        along = 0.0
        if whole > 0.0:
            along = min(1.0, max(0.0, (px * bx + py * by) / whole))
        ex, ey = px - along * bx, py - along * by
        if ex * ex + ey * ey > tolerance_m * tolerance_m:
            return False
    return True


@compiled
def _signed_area(xy: Any, first: Any, last: Any) -> Any:
    """Area of a closed ring, positive if it runs anticlockwise."""
    x, y = xy[first, 0], xy[first, 1]
    area = 0.0
    for k in range(first, last - 1):
        area += (xy[k, 0] - x) * (xy[k + 1, 1] - y) - (xy[k + 1, 0] - x) * (xy[k, 1] - y)
    return 0.5 * area
