"""Compiled loops that add up, or rank, the walks between two tables as they are found."""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.walking.search_kernels import compiled


@compiled
def _best_of(k: Any, reached: Any, exits: Any, along: Any, limit_s: Any, best: Any) -> Any:
    """Write the best seconds of source k to every target into ``best``, and list the targets.

    ``best`` is ``(seconds, target)``: infinite where there is no walk within the limit.
    """
    reached_offset, node, seconds = reached
    exit_offset, exit_target, exit_s = exits
    along_offset, along_target, along_s = along
    best_s, found = best
    count = 0
    for r in range(reached_offset[k], reached_offset[k + 1]):
        here = node[r]
        for e in range(exit_offset[here], exit_offset[here + 1]):
            s = seconds[r] + exit_s[e]
            t = exit_target[e]
            if s <= limit_s and s < best_s[t]:
                if best_s[t] == np.inf:
                    found[count] = t
                    count += 1
                best_s[t] = s
    for e in range(along_offset[k], along_offset[k + 1]):
        s = along_s[e]
        t = along_target[e]
        if s <= limit_s and s < best_s[t]:
            if best_s[t] == np.inf:
                found[count] = t
                count += 1
            best_s[t] = s
    return count


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
        shortest limit that it keeps; and room for one source: infinite seconds, and targets.
    """
    group, amount = offers
    sums, best_s, found = out
    for k in range(reached[0].size - 1):
        count = _best_of(k, reached, exits, along, limits[-1], (best_s, found))
        # In order of the destinations, so that sums are the same however they are found.
        mine = found[:count] if turned else np.sort(found[:count])
        for t in mine:
            level = 0
            while limits[level] < best_s[t]:
                level += 1
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
        count = _best_of(k, reached, exits, along, limit_s, (best_s, found))
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
