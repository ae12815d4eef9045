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

NODE = np.dtype([("s", "f8"), ("first", "i4"), ("seed", "i4")])
"""A node: best seconds so far, its first arc, and the seed its walk begins with."""

ARC = np.dtype([("s", "f8"), ("head", "i4"), ("unused", "i4")])
"""An arc: its seconds and where it leads."""

ENTRY = np.dtype([("s", "f8"), ("node", "i4"), ("next", "i4")])
"""A node waiting in a bucket, and the entry behind it."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop on first use, and keep the machine code where a folder can be written."""
    try:
        loop: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package nor the home folder is writable
        loop = njit(nogil=True)(function)
    return loop


# Tried on Porto, 30 searches from 20 to 600 nodes (benchmarks/peers.py, W1): a binary heap on
# separate arrays 0.47 s; buckets on separate arrays 0.30 s; buckets on records that keep
# together what is read together, with no array replaced inside the loop, 0.07 s. Renumbering
# the nodes along a Hilbert curve changed nothing that could be told from noise.
@compiled
def bounded_search(
    nodes: Any, arcs: Any, starts: Any, limit_s: Any, buckets: Any, pool: Any, out: Any, first: Any
) -> Any:
    """Shortest walks from each source to every node within a limit.

    Nodes wait in buckets of ``width_s`` seconds; one that is improved after it was looked at
    waits again, so that the seconds are exact whatever the width. Memory follows what is
    reached.

    Parameters
    ----------
    nodes
        NODE records, one more than there are nodes: the arcs of node i are
        ``nodes[i].first`` to ``nodes[i + 1].first``. Seconds are infinite, and are so again on
        return.
    arcs
        ARC records.
    starts
        ``(offset, node, seconds)``: seeds of source k are ``offset[k]:offset[k + 1]``.
    limit_s
        Largest time that counts as reached.
    buckets
        ``(heads, width_s)``: int32, a power of two in number, all -1; together they span any
        arc and all seeds.
    pool
        ENTRY records.
    out
        ``(offset, node, seconds, seed)``: source k reaches ``node[offset[k]:offset[k + 1]]``.
    first
        Source to begin with; ``out`` holds those before it.

    Returns
    -------
    int
        The number of sources, or the source for which ``pool`` or ``out`` has no room.
    """
    start_offset, start_node, start_s = starts
    heads, width_s = buckets
    out_offset, out_node, out_s, out_seed = out
    mask = heads.size - 1
    inverse = 1.0 / width_s
    touched = np.empty(nodes.size, np.int32)
    for k in range(first, start_offset.size - 1):
        n_touched = 0
        n_pool = 0
        waiting = 0
        room = True
        level = np.int64(1) << 60
        for seed in range(start_offset[k], start_offset[k + 1]):
            node = start_node[seed]
            s = start_s[seed]
            if s <= limit_s and s < nodes[node].s:
                if n_pool == pool.size:
                    room = False
                    break
                if nodes[node].s == np.inf:
                    touched[n_touched] = node
                    n_touched += 1
                nodes[node].s = s
                nodes[node].seed = seed
                bucket = np.int64(s * inverse)
                level = min(level, bucket)
                bucket &= mask
                pool[n_pool].s = s
                pool[n_pool].node = node
                pool[n_pool].next = heads[bucket]
                heads[bucket] = n_pool
                n_pool += 1
                waiting += 1
        while waiting > 0:
            bucket = level & mask
            entry = heads[bucket]
            while entry >= 0:
                heads[bucket] = pool[entry].next
                waiting -= 1
                s = pool[entry].s
                node = pool[entry].node
                # Another entry has improved the node since: that one counts.
                if nodes[node].s == s and room:
                    seed = nodes[node].seed
                    for arc in range(nodes[node].first, nodes[node + 1].first):
                        t = s + arcs[arc].s
                        other = arcs[arc].head
                        old = nodes[other].s
                        if t < old and t <= limit_s:
                            if n_pool == pool.size:
                                room = False
                                break
                            if old == np.inf:
                                touched[n_touched] = other
                                n_touched += 1
                            nodes[other].s = t
                            nodes[other].seed = seed
                            behind = np.int64(t * inverse) & mask
                            pool[n_pool].s = t
                            pool[n_pool].node = other
                            pool[n_pool].next = heads[behind]
                            heads[behind] = n_pool
                            n_pool += 1
                            waiting += 1
                entry = heads[bucket]
            level += 1
        at = out_offset[k]
        room = room and at + n_touched <= out_node.size
        for j in range(n_touched):
            node = touched[j]
            if room:
                out_node[at + j] = node
                out_s[at + j] = nodes[node].s
                out_seed[at + j] = nodes[node].seed
            nodes[node].s = np.inf
        if not room:
            return k
        out_offset[k + 1] = at + n_touched
    return start_offset.size - 1


# Two loops without branches that nobody foresees: adding up what 2,000 searches in Las Palmas
# find of 19,132 homes took 25 ms with them, and takes 14.
@compiled
def best_of(k: Any, reached: Any, exits: Any, along: Any, limit_s: Any, best: Any) -> Any:
    """Write the best seconds of source k to every target into ``best``, and list the targets.

    ``best`` is ``(seconds, target)``: infinite where there is no walk within the limit, and room
    for one target more than there are.
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
            if s <= limit_s:
                t = exit_target[e]
                found[count] = t
                count += best_s[t] == np.inf
                best_s[t] = min(best_s[t], s)
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
def best_pairs(
    reached: Any, exits: Any, along: Any, limit_s: Any, in_order: Any, best: Any, room: Any
) -> Any:
    """Best seconds of every source to every target, through nodes and along single edges.

    Parameters
    ----------
    reached
        ``(offset, node, seconds)`` of each source.
    exits
        ``(offset, target, seconds)`` at each node.
    along
        ``(offset, target, seconds)`` of each source: walks that pass no node.
    limit_s
        Largest time that counts.
    in_order
        Whether the targets of each source are to be in order.
    best
        As of :func:`best_of`; its seconds are infinite again on return.
    room
        ``(target, seconds)`` to write to.

    Returns
    -------
    tuple
        Offsets of the sources in the rows; rows beyond the room are only counted.
    """
    out_target, out_s = room
    n = reached[0].size - 1
    best_s, touched = best
    offset = np.zeros(n + 1, np.int64)
    for k in range(n):
        count = best_of(k, reached, exits, along, limit_s, best)
        at = offset[k]
        offset[k + 1] = at + count
        mine = np.sort(touched[:count]) if in_order else touched[:count]
        for j in range(count):
            t = mine[j]
            if at + j < out_s.size:
                out_target[at + j] = t
                out_s[at + j] = best_s[t]
            best_s[t] = np.inf
    return offset
