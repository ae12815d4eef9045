"""The loop that looks along a walk for two points that a short link would join."""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.walking.search_kernels import compiled


@compiled
def shortcut(xy: Any, along: Any, link_m: Any, part: Any) -> tuple[float, int, int]:
    """Find the shortest link of those that save most.

    Parameters
    ----------
    xy
        Points along a walk, shape ``(n, 2)``, in metres.
    along
        Metres walked up to each of them, shape ``(n,)``.
    link_m
        A link is at most so long.
    part
        A link that saves at least this part of the most that one saves is as good.

    Returns
    -------
    tuple
        The most metres that a link saves, ``-inf`` where there is none; and the points that the
        shortest of those as good joins.
    """
    n = along.size
    most = -np.inf
    shortest = np.inf
    best = (most, 0, 0)
    for choosing in (False, True):  # how much is saved at most; then which link is the shortest
        for i in range(n):
            j = i + 1
            while j < n:
                apart = np.hypot(xy[i, 0] - xy[j, 0], xy[i, 1] - xy[j, 1])
                saved = along[j] - along[i] - apart
                if apart > link_m:  # nor is the next in reach before so much more is walked
                    again = along[j] + (apart - link_m) - 1e-6
                    j += 1
                    while j < n and along[j] < again:
                        j += 1
                    continue
                if not choosing:
                    most = max(most, saved)
                elif saved >= part * most and apart < shortest:
                    shortest = apart
                    best = (most, i, j)
                j += 1
    return best
