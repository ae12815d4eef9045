"""The seam between geography and search, and the engines that fit it.

An engine takes a graph, starts and a limit as arrays and gives arrays back::

    Engine = Callable[[Graph, Starts, float], Reached]

:func:`numba_engine` is the one used by default; :func:`networkx_engine` is slow, obvious, and
the reference that tests hold the other to.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints, Whole, cores
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.street_arrays import kept_with


@dataclass(frozen=True, eq=False)
class Graph:
    """Arcs in compressed rows: those of node i are ``offset[i]:offset[i + 1]``.

    What an engine works out about it stays with it, for the next search.
    """

    offset: Ints
    head: npt.NDArray[np.int32]
    seconds: Floats

    @cached_property
    def longest_s(self) -> float:
        """Seconds of the longest arc."""
        return float(self.seconds.max(initial=0.0))

    @cached_property
    def arc_records(self) -> npt.NDArray[np.void]:
        """Arcs as :data:`quarterhour.walking.search_kernels.ARC`."""
        from quarterhour.walking.search_kernels import ARC  # noqa: PLC0415 - numba is slow to import

        arcs = np.zeros(len(self.head), dtype=ARC)
        arcs["s"], arcs["head"] = self.seconds, self.head
        return arcs

    @cached_property
    def idle_nodes(self) -> list[npt.NDArray[np.void]]:
        """Node records that no search is using."""
        return []

    def node_records(self) -> npt.NDArray[np.void]:
        """Nodes as :data:`quarterhour.walking.search_kernels.NODE`, their seconds infinite."""
        from quarterhour.walking.search_kernels import NODE  # noqa: PLC0415

        nodes = np.zeros(len(self.offset), dtype=NODE)
        nodes["s"], nodes["first"] = np.inf, self.offset
        return nodes


class Starts(NamedTuple):
    """Seeds of each source: nodes with the seconds spent before reaching them."""

    offset: Ints
    node: npt.NDArray[np.int32]
    seconds: Floats


class Reached(NamedTuple):
    """Nodes that each source reaches, their seconds, and the seed the walk begins with."""

    offset: Ints
    node: npt.NDArray[np.int32]
    seconds: Floats
    seed: Whole


Engine = Callable[[Graph, Starts, float], Reached]
"""Graph, starts, limit in seconds -> every node within the limit, per source."""


def graph_of(network: WalkNetwork, seconds: Floats, *, reverse: bool = False) -> Graph:
    """Lay out a network and its seconds as a graph.

    Parameters
    ----------
    network
        The streets.
    seconds
        ``(m, 2)`` forward and backward seconds of each edge; infinity closes a direction.
    reverse
        Turn every arc round, to search from where walks end.
    """
    last: list[tuple[Floats, Graph]] = kept_with(network, ("graph", reverse), list)
    for known, graph in last[:1]:
        if np.array_equal(known, seconds):
            return graph
    order, tail, head = kept_with(network, ("arcs", reverse), lambda: _arcs(network, reverse))
    cost = np.concatenate([seconds[:, 0], seconds[:, 1]])[order]
    open_arc = np.isfinite(cost)
    if not open_arc.all():
        tail, head, cost = tail[open_arc], head[open_arc], cost[open_arc]
    offset = np.zeros(network.n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=network.n_nodes), out=offset[1:])
    graph = Graph(offset, head, cost)
    last[:] = [(seconds.copy(), graph)]
    return graph


def _arcs(network: WalkNetwork, reverse: bool) -> tuple[Ints, Ints, Ints]:
    """Arcs in the order of the nodes that they leave: which each is, its tail, its head."""
    u, v = network.edge_nodes.T
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    if reverse:
        tail, head = head, tail
    order = np.argsort(tail, kind="stable")
    return order, tail[order], head[order]


def numba_engine(graph: Graph, starts: Starts, limit_s: float) -> Reached:
    """Search on all cores, by :func:`quarterhour.walking.search_kernels.bounded_search`."""
    n_sources = len(starts.offset) - 1
    workers = min(cores(), max(1, len(starts.node) // _SEEDS_PER_THREAD))
    if workers == 1 or n_sources == 1:
        return _search(graph, starts, limit_s)
    # Sources are dealt out by their number of seeds, which is what a search costs.
    bounds = np.searchsorted(starts.offset, np.linspace(0, len(starts.node), workers + 1)[1:-1])
    bounds = np.unique(np.concatenate([[0], bounds, [n_sources]]))
    shares = [_share(starts, int(a), int(b)) for a, b in itertools.pairwise(bounds)]
    with ThreadPoolExecutor(workers) as threads:
        parts = list(threads.map(lambda share: _search(graph, share, limit_s), shares))
    return _joined(parts, [int(starts.offset[b]) for b in bounds[:-1]])


_SEEDS_PER_THREAD = 64
_GRAIN_S = 4.0
_MOST_BUCKETS = 1 << 16

Out = tuple[npt.NDArray[np.int32], Floats, npt.NDArray[np.int32]]
"""Nodes, seconds and seeds, one source after the other."""


def _search(graph: Graph, starts: Starts, limit_s: float) -> Reached:
    with Room(graph, 1 << 20) as room:  # memory that is not written to costs nothing
        return room.search(starts, limit_s)


class Room:
    """Room for one search after the other: what one has reached lies in it until the next."""

    def __init__(self, graph: Graph, size: int) -> None:
        from quarterhour.walking import search_kernels as kernels  # noqa: PLC0415 - numba is slow to import

        self._loop = kernels.bounded_search
        self._graph = graph
        self._pool = np.empty(len(graph.head) + 1, dtype=kernels.ENTRY)
        self._out: Out = np.empty(size, np.int32), np.empty(size), np.empty(size, np.int32)

    def __enter__(self) -> Room:
        try:
            self._nodes = self._graph.idle_nodes.pop()
        except IndexError:
            self._nodes = self._graph.node_records()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:  # a search that was broken off leaves seconds behind
            self._graph.idle_nodes.append(self._nodes)

    def search(self, starts: Starts, limit_s: float) -> Reached:
        """Search from each source on its own."""
        arcs, buckets = self._graph.arc_records, _buckets(self._graph, starts, limit_s)
        n_sources = len(starts.offset) - 1
        offset = np.zeros(n_sources + 1, dtype=np.int64)
        done = 0
        while True:
            ways = self._nodes, arcs, tuple(starts), float(limit_s), buckets, self._pool
            done = self._loop(*ways, (offset, *self._out), done)
            if done == n_sources:
                break
            # Growing outside the loop lets the compiler keep every address in a register.
            node, s, seed = self._out
            if offset[done] * 2 < len(node):
                self._pool = np.empty(2 * len(self._pool), dtype=self._pool.dtype)
            self._out = _doubled(node), _doubled(s), _doubled(seed)
        node, s, seed = self._out
        n = offset[-1]
        return Reached(offset, node[:n], s[:n], seed[:n])


def _doubled(cells: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.concatenate([cells, np.empty_like(cells)])


def _buckets(graph: Graph, starts: Starts, limit_s: float) -> tuple[npt.NDArray[np.int32], float]:
    """Empty buckets that together span the longest arc, and the seeds."""
    span = max(graph.longest_s, float(starts.seconds.max(initial=0.0)))
    span = min(span, float(limit_s)) + 2 * _GRAIN_S
    count = 1 << int(np.ceil(np.log2(span / _GRAIN_S + 2)))
    width = _GRAIN_S if count <= _MOST_BUCKETS else span / (_MOST_BUCKETS - 2)
    return np.full(min(count, _MOST_BUCKETS), -1, dtype=np.int32), width


def _share(starts: Starts, first: int, last: int) -> Starts:
    a, b = starts.offset[first], starts.offset[last]
    return Starts(starts.offset[first : last + 1] - a, starts.node[a:b], starts.seconds[a:b])


def _joined(parts: list[Reached], first_seed: list[int]) -> Reached:
    counts = np.concatenate([np.diff(part.offset) for part in parts])
    return Reached(
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([part.node for part in parts]),
        np.concatenate([part.seconds for part in parts]),
        np.concatenate([part.seed + a for part, a in zip(parts, first_seed, strict=True)]),
    )


def networkx_engine(graph: Graph, starts: Starts, limit_s: float) -> Reached:
    """Search with networkx's Dijkstra, one source after the other: slow, and plain to see."""
    import networkx as nx  # noqa: PLC0415 - only the reference needs it

    tail = np.repeat(np.arange(len(graph.offset) - 1), np.diff(graph.offset))
    streets: nx.DiGraph[int] = nx.DiGraph()
    streets.add_nodes_from(range(len(graph.offset) - 1))
    for a, b, s in zip(tail.tolist(), graph.head.tolist(), graph.seconds.tolist(), strict=True):
        if not streets.has_edge(a, b) or s < streets[a][b]["weight"]:
            streets.add_edge(a, b, weight=s)
    home = -1
    rows = []
    for first, last in zip(starts.offset[:-1], starts.offset[1:], strict=True):
        seeds: dict[int, tuple[float, int]] = {}
        for seed in range(first, last):
            node, s = int(starts.node[seed]), float(starts.seconds[seed])
            if s < seeds.get(node, (np.inf, 0))[0]:
                seeds[node] = (s, seed)
        streets.add_node(home)
        streets.add_weighted_edges_from((home, node, s) for node, (s, _) in seeds.items())
        found, paths = cast(
            "tuple[dict[int, float], dict[int, list[int]]]",
            nx.single_source_dijkstra(streets, home, cutoff=limit_s),
        )
        streets.remove_node(home)
        rows.append([(n, s, seeds[paths[n][1]][1]) for n, s in found.items() if n != home])
    flat = [entry for row in rows for entry in row]
    return Reached(
        np.cumsum([0, *map(len, rows)]),
        np.array([n for n, _, _ in flat], dtype=np.int32),
        np.array([s for _, s, _ in flat], dtype=np.float64),
        np.array([seed for _, _, seed in flat], dtype=np.int64),
    )
