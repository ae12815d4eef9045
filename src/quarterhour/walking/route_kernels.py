"""The loop that remembers the way: slower than the search, and asked for few walks."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from quarterhour.walking.search_kernels import compiled


@compiled
def traced_search(arcs: Any, starts: Any, limit_s: Any, seconds: Any, arc_before: Any) -> None:
    """Shortest walks from one source, with the arc by which each node is reached.

    Parameters
    ----------
    arcs
        ``(offset, head, seconds)`` in compressed rows.
    starts
        ``(node, seconds)`` of the seeds, at least one.
    limit_s
        Nodes farther away are not reached.
    seconds
        Seconds of each node, all infinite; filled in.
    arc_before
        For each node the arc that leads there; ``-2 - k`` for that of seed k; -1 for none.
    """
    offset, head, cost = arcs
    start_node, start_s = starts
    heap = [(start_s[0], start_node[0])]
    heap.pop()
    for seed in range(start_node.size):
        node = start_node[seed]
        s = start_s[seed]
        if s <= limit_s and s < seconds[node]:
            seconds[node] = s
            arc_before[node] = -2 - seed
            heappush(heap, (s, node))
    while len(heap) > 0:
        s, node = heappop(heap)
        if s > seconds[node]:
            continue
        for arc in range(offset[node], offset[node + 1]):
            there = s + cost[arc]
            ahead = head[arc]
            if there <= limit_s and there < seconds[ahead]:
                seconds[ahead] = there
                arc_before[ahead] = arc
                heappush(heap, (there, ahead))
