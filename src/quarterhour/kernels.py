"""Compiled loops on plain arrays. They know no geography.

Everything here is plain Python that numba compiles on first use; the compiled code is kept
beside the package or in the user's cache folder, and where neither can be written it is
compiled anew in each process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Nodes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop on first use, and keep the machine code where a folder can be written."""
    try:
        loop: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package nor the home folder is writable
        loop = njit(nogil=True)(function)
    return loop


@compiled
def bounded_search(
    offset: Ints,
    head: Nodes,
    seconds: Floats,
    start_offset: Ints,
    start_node: Nodes,
    start_s: Floats,
    limit_s: float,
) -> tuple[Ints, Nodes, Floats, Ints]:
    """Shortest walks from each source to every node within a limit.

    A source has seeds: nodes with the seconds already spent on reaching them. Dijkstra's
    algorithm with a binary heap and lazy deletion; memory follows what is reached.

    Parameters
    ----------
    offset, head, seconds
        The graph: arcs of node i are ``offset[i]:offset[i + 1]``, each with head and seconds.
    start_offset, start_node, start_s
        Seeds of source k are ``start_offset[k]:start_offset[k + 1]``.
    limit_s
        Largest time that counts as reached.

    Returns
    -------
    tuple of arrays
        ``(reached_offset, node, seconds, seed)``: source k reached ``node[a:b]`` with a and b
        from ``reached_offset``, in order of time; ``seed`` is the position of the winning seed.
    """
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
    n_sources = start_offset.size - 1
    out_offset = np.zeros(n_sources + 1, np.int64)
    n_out = 0
    for k in range(n_sources):
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
                i = n_heap
                n_heap += 1
                while i > 0:
                    parent = (i - 1) >> 1
                    if heap_s[parent] <= s:
                        break
                    heap_s[i] = heap_s[parent]
                    heap_node[i] = heap_node[parent]
                    i = parent
                heap_s[i] = s
                heap_node[i] = node
        while n_heap > 0:
            s = heap_s[0]
            node = heap_node[0]
            n_heap -= 1
            last_s = heap_s[n_heap]
            last_node = heap_node[n_heap]
            i = 0
            while True:
                child = 2 * i + 1
                if child >= n_heap:
                    break
                if child + 1 < n_heap and heap_s[child + 1] < heap_s[child]:
                    child += 1
                if last_s <= heap_s[child]:
                    break
                heap_s[i] = heap_s[child]
                heap_node[i] = heap_node[child]
                i = child
            heap_s[i] = last_s
            heap_node[i] = last_node
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
                    i = n_heap
                    n_heap += 1
                    while i > 0:
                        parent = (i - 1) >> 1
                        if heap_s[parent] <= t:
                            break
                        heap_s[i] = heap_s[parent]
                        heap_node[i] = heap_node[parent]
                        i = parent
                    heap_s[i] = t
                    heap_node[i] = other
        for j in range(n_touched):
            best[touched[j]] = np.inf
            origin_seed[touched[j]] = -1
            done[touched[j]] = False
        out_offset[k + 1] = n_out
    return out_offset, out_node[:n_out], out_s[:n_out], out_seed[:n_out]
