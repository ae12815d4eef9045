"""The search that buckets replaced: Dijkstra with a binary heap on separate arrays.

Kept for the evidence in docs/decisions/0010-engine.md; the library does not use it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True)
def heap_search(graph: Any, starts: Any, limit_s: float) -> Any:  # noqa: PLR0915 - one loop
    """Every node within the limit of each source: ``(offset, node, seconds, seed)``."""
    offset, head, seconds = graph
    start_offset, start_node, start_s = starts
    n = offset.size - 1
    best = np.full(n, np.inf)
    origin_seed = np.full(n, -1, np.int64)
    done = np.zeros(n, np.bool_)
    heap_s = np.empty(1024)
    heap_node = np.empty(1024, np.int32)
    out_node = np.empty(1024, np.int32)
    out_s = np.empty(1024)
    out_seed = np.empty(1024, np.int64)
    touched = np.empty(n, np.int32)
    out_offset = np.zeros(start_offset.size, np.int64)
    n_out = 0
    for k in range(start_offset.size - 1):
        n_heap = 0
        n_touched = 0
        for seed in range(start_offset[k], start_offset[k + 1]):
            node = start_node[seed]
            s = start_s[seed]
            if s <= limit_s and s < best[node]:
                if origin_seed[node] < 0:
                    touched[n_touched] = node
                    n_touched += 1
                best[node] = s
                origin_seed[node] = seed
                if n_heap == heap_s.size:
                    heap_s = np.concatenate((heap_s, np.empty(n_heap)))
                    heap_node = np.concatenate((heap_node, np.empty(n_heap, np.int32)))
                n_heap = push(heap_s, heap_node, n_heap, s, node)
        while n_heap > 0:
            s = heap_s[0]
            node = heap_node[0]
            n_heap = pop(heap_s, heap_node, n_heap)
            if done[node]:
                continue
            done[node] = True
            if n_out == out_node.size:
                out_node = np.concatenate((out_node, np.empty(n_out, np.int32)))
                out_s = np.concatenate((out_s, np.empty(n_out)))
                out_seed = np.concatenate((out_seed, np.empty(n_out, np.int64)))
            out_node[n_out] = node
            out_s[n_out] = s
            out_seed[n_out] = origin_seed[node]
            n_out += 1
            for arc in range(offset[node], offset[node + 1]):
                other = head[arc]
                t = s + seconds[arc]
                if t <= limit_s and t < best[other]:
                    if origin_seed[other] < 0:
                        touched[n_touched] = other
                        n_touched += 1
                    best[other] = t
                    origin_seed[other] = origin_seed[node]
                    if n_heap == heap_s.size:
                        heap_s = np.concatenate((heap_s, np.empty(n_heap)))
                        heap_node = np.concatenate((heap_node, np.empty(n_heap, np.int32)))
                    n_heap = push(heap_s, heap_node, n_heap, t, other)
        for j in range(n_touched):
            best[touched[j]] = np.inf
            origin_seed[touched[j]] = -1
            done[touched[j]] = False
        out_offset[k + 1] = n_out
    return out_offset, out_node[:n_out], out_s[:n_out], out_seed[:n_out]


@njit(nogil=True, inline="always")
def push(heap_s: Any, heap_node: Any, n: Any, s: Any, node: Any) -> Any:
    i = n
    while i > 0:
        parent = (i - 1) >> 1
        if heap_s[parent] <= s:
            break
        heap_s[i] = heap_s[parent]
        heap_node[i] = heap_node[parent]
        i = parent
    heap_s[i] = s
    heap_node[i] = node
    return n + 1


@njit(nogil=True, inline="always")
def pop(heap_s: Any, heap_node: Any, n: Any) -> Any:
    n -= 1
    last_s = heap_s[n]
    last_node = heap_node[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and heap_s[child + 1] < heap_s[child]:
            child += 1
        if last_s <= heap_s[child]:
            break
        heap_s[i] = heap_s[child]
        heap_node[i] = heap_node[child]
        i = child
    heap_s[i] = last_s
    heap_node[i] = last_node
    return n
