"""Compiled loops that add up, or rank, the walks between two tables as they are found."""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.walking.search_kernels import best_of, compiled


@compiled
def added_up(
    reached: Any,
    exits: Any,
    along: Any,
    first: Any,
    turned: Any,
    offers: Any,
    limits: Any,
    out: Any,
) -> Any:
    """Add what destinations offer to the origins that walk to them within each limit.

    Parameters
    ----------
    reached, exits, along
        As in :func:`quarterhour.walking.search_kernels.best_pairs`, of a block of sources.
    first
        Number of the first source.
    turned
        Whether the sources are the destinations, and the targets the origins.
    offers
        ``(group, amount)`` of each destination.
    limits
        Seconds, in order.
    out
        ``(sums, seconds, target)``: sums (origins, groups, limits), each walk counted at the
        shortest limit that it keeps; and room for one source: infinite seconds, and targets, of
        which there is one more.
    """
    group, amount = offers
    sums, best_s, found = out
    for k in range(reached[0].size - 1):
        count = best_of(k, reached, exits, along, limits[-1], (best_s, found))
        # In order of the destinations, so that sums are the same however they are found.
        mine = found[:count] if turned else np.sort(found[:count])
        for t in mine:
            level = 0
            for limit_s in limits[:-1]:
                level += limit_s < best_s[t]
            if turned:
                sums[t, group[first + k], level] += amount[first + k]
            else:
                sums[first + k, group[t], level] += amount[t]
            best_s[t] = np.inf
    return 0


@compiled
def ranked(
    reached: Any, exits: Any, along: Any, first: Any, turned: Any, limit_s: Any, out: Any
) -> Any:
    """Keep the nearest few destinations of each origin, of those as near the first.

    ``out`` is ``(few_s, few, seconds, target)``: (origins, k) seconds (infinite) and destinations
    in order, and room for one source. The other words are those of :func:`added_up`.
    """
    few_s, few, best_s, found = out
    most = few.shape[1]
    for k in range(reached[0].size - 1):
        count = best_of(k, reached, exits, along, limit_s, (best_s, found))
        for t in found[:count]:
            s = best_s[t]
            best_s[t] = np.inf
            origin, place = (t, first + k) if turned else (first + k, t)
            at = most
            while at > 0 and (
                s < few_s[origin, at - 1]
                or (s == few_s[origin, at - 1] and place < few[origin, at - 1])
            ):
                at -= 1
            if at < most:
                for behind in range(most - 1, at, -1):
                    few_s[origin, behind] = few_s[origin, behind - 1]
                    few[origin, behind] = few[origin, behind - 1]
                few_s[origin, at] = s
                few[origin, at] = place
    return 0
