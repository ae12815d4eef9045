"""The loop that looks at the walks of each area's residents: the median, the worst, whither."""

from __future__ import annotations

from typing import Any

import numpy as np

from quarterhour.streets.snap_kernels import Loop


@Loop
def numbered(keys: Any, number: Any, first: Any) -> Any:
    """Number keys by what they are, and list where each is first; give how many there are."""
    size = 16
    while size < 2 * keys.size:
        size *= 2
    table = np.full(size, -1, np.int64)
    count = 0
    for i in range(keys.size):
        # Objects lie 16 bytes apart; what is above is stirred in.
        at = ((keys[i] >> 4) ^ (keys[i] >> 15)) & (size - 1)
        while table[at] >= 0 and keys[first[table[at]]] != keys[i]:
            at = (at + 1) & (size - 1)
        if table[at] < 0:
            table[at] = count
            first[count] = i
            count += 1
        number[i] = table[at]
    return count


@Loop
def spread(homes: Any, cost: Any, by_cost: Any, place: Any, most: Any, out: Any) -> Any:
    """Write the cost of each area's median and worst resident, and the home of its favourite.

    Parameters
    ----------
    homes
        ``(area, share)`` of each home: the number of its area, its share of that one's residents.
    cost, by_cost
        What the walk of each home costs (infinite: none), and the homes in the order of that.
    place
        Number of the place where its walk leads, below ``most``.
    most
        How many places there are.
    out
        ``(median, worst, home)`` of each area, which has homes: two costs, and the first home that
        walks to the place where most residents walk to, -1 if nobody does.
    """
    area, share = homes
    median, worst, favourite = out
    n = median.size
    first = np.zeros(n + 1, np.int64)
    for a in area:
        first[a + 1] += 1
    for a in range(n):
        first[a + 1] += first[a]
    rows, nearest = np.empty(area.size, np.int64), np.empty(area.size, np.int64)
    filled = first.copy()
    for i in range(area.size):
        rows[filled[area[i]]] = i
        filled[area[i]] += 1
    filled = first.copy()
    for i in by_cost:
        nearest[filled[area[i]]] = i
        filled[area[i]] += 1
    residents = np.zeros(most)
    for a in range(n):
        begin, end = first[a], first[a + 1]
        whole, here, middle = 0.0, 0.0, begin
        for i in nearest[begin:end]:
            whole += share[i]
        for i in nearest[begin : end - 1]:
            here += share[i]
            if here >= 0.5 * whole - 1e-9:
                break
            middle += 1
        median[a], worst[a] = cost[nearest[middle]], cost[nearest[end - 1]]
        best, favourite[a] = -np.inf, -1
        for i in rows[begin:end]:
            if cost[i] < np.inf:
                residents[place[i]] += share[i]
        for i in rows[begin:end]:
            if cost[i] < np.inf and residents[place[i]] > best:
                best, favourite[a] = residents[place[i]], i
        for i in rows[begin:end]:
            residents[place[i]] = 0.0
    return 0
