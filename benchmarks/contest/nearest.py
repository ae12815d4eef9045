"""W1: seconds to the nearest facility of 30 categories, for every node, up to 15 minutes.

A contestant is prepared once, then asked as often as wanted; the answer is a table of 30 rows
with a column for each node, whatever form the library gives it in.
"""

# ruff: noqa: PLC0415 - only the process that needs a library loads it

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from contest.ground import LIMIT_S, Ground

Ask = Callable[[], np.ndarray]


def ours(ground: Ground, engine: Callable[..., Any] | None = None) -> Ask:
    from quarterhour.walking.engines import Reached, Starts, graph_of, numba_engine

    search = engine or numba_engine
    graph = graph_of(ground.network, ground.seconds)
    node = np.concatenate(ground.categories)
    offset = np.cumsum([0, *map(len, ground.categories)]).astype(np.int64)
    starts = Starts(offset, node, np.zeros(len(node)))

    def ask() -> np.ndarray:
        reached = Reached(*search(graph, starts, LIMIT_S))
        table = np.full((len(ground.categories), ground.network.n_nodes), np.inf)
        for k, row in enumerate(table):
            mine = slice(reached.offset[k], reached.offset[k + 1])
            row[reached.node[mine]] = reached.seconds[mine]
        return table

    return ask


def ours_one_thread(ground: Ground) -> Ask:
    from quarterhour.walking import engines

    engines.cores = lambda: 1  # this process alone
    return ours(ground)


def heap(ground: Ground) -> Ask:
    """The search that the library had before, on one thread."""
    from contest.heap import heap_search

    def search(graph: Any, starts: Any, limit_s: float) -> Any:
        return heap_search((graph.offset, graph.head, graph.seconds), starts, limit_s)

    return ours(ground, search)


def stream(ground: Ground) -> Ask:
    """No search at all: read the graph's arrays once per category."""
    from numba import njit

    from quarterhour.walking.engines import graph_of

    @njit
    def add(words: np.ndarray) -> int:
        total = 0
        for i in range(words.size):
            total += words[i]
        return total

    graph = graph_of(ground.network, ground.seconds)
    arrays = graph.offset, graph.head, graph.seconds
    words = np.concatenate([np.ascontiguousarray(a).view(np.uint8) for a in arrays])
    words = words[: len(words) // 8 * 8].view(np.int64)
    add(words)
    return lambda: np.array([add(words) for _ in ground.categories])


def stream_bytes(ground: Ground) -> int:
    from quarterhour.walking.engines import graph_of

    graph = graph_of(ground.network, ground.seconds)
    return graph.offset.nbytes + graph.head.nbytes + graph.seconds.nbytes


def scipy(ground: Ground) -> Ask:
    from scipy.sparse.csgraph import dijkstra

    matrix = ground.matrix()
    return lambda: np.array(
        [dijkstra(matrix, indices=c, min_only=True, limit=LIMIT_S) for c in ground.categories]
    )


def pandana(ground: Ground) -> Ask:
    import pandana
    import pandas as pd

    u, v, s = ground.simple
    xy = pd.DataFrame(ground.network.node_xy, columns=["x", "y"])
    weights = pd.DataFrame({"s": s})
    net = pandana.Network(xy["x"], xy["y"], pd.Series(u), pd.Series(v), weights, twoway=True)
    for k, nodes in enumerate(ground.categories):
        at = xy.iloc[nodes]
        net.set_pois(f"c{k}", LIMIT_S, 1, at["x"], at["y"])

    def ask() -> np.ndarray:
        rows = [
            net.nearest_pois(LIMIT_S, f"c{k}", num_pois=1, max_distance=np.inf)[1].to_numpy()
            for k in range(len(ground.categories))
        ]
        return np.array(rows)

    return ask


def _with_hubs(ground: Ground) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arcs with a node for each category that leads to its facilities in no time."""
    tail, head, s = ground.arcs
    n = ground.network.n_nodes
    hub = np.repeat(n + np.arange(len(ground.categories)), [len(c) for c in ground.categories])
    node = np.concatenate(ground.categories)
    return np.r_[tail, hub], np.r_[head, node], np.r_[s, np.zeros(len(node))]


def igraph(ground: Ground) -> Ask:
    import igraph

    tail, head, s = _with_hubs(ground)
    n, k = ground.network.n_nodes, len(ground.categories)
    graph = igraph.Graph(n + k, np.column_stack([tail, head]), directed=True)
    graph.es["s"] = s
    hubs = list(range(n, n + k))
    return lambda: np.array(graph.distances(source=hubs, weights="s", mode="out"))[:, :n]


def rustworkx(ground: Ground) -> Ask:
    import rustworkx

    tail, head, s = _with_hubs(ground)
    n, k = ground.network.n_nodes, len(ground.categories)
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(n + k))
    graph.add_edges_from(list(zip(tail.tolist(), head.tolist(), s.tolist(), strict=True)))

    def ask() -> np.ndarray:
        table = np.full((k, n + k), np.inf)
        for row in range(k):
            found = rustworkx.dijkstra_shortest_path_lengths(graph, n + row, float)
            table[row, list(found.keys())] = list(found.values())
        return table[:, :n]

    return ask


def networkit(ground: Ground) -> Ask:
    import networkit

    tail, head, s = _with_hubs(ground)
    n, k = ground.network.n_nodes, len(ground.categories)
    graph = networkit.Graph(n + k, weighted=True, directed=True)
    for a, b, w in zip(tail.tolist(), head.tolist(), s.tolist(), strict=True):
        graph.addEdge(a, b, w)

    def ask() -> np.ndarray:
        rows = []
        for row in range(k):
            search = networkit.distance.Dijkstra(graph, n + row, storePaths=False)
            search.run()
            rows.append(np.array(search.getDistances())[:n])
        return np.array(rows)

    return ask


def networkx(ground: Ground) -> Ask:
    """Three categories only (the smallest, the middle, the largest): the rest are unanswered."""
    import networkx as nx

    u, v, s = ground.simple
    graph = nx.Graph()
    graph.add_nodes_from(range(ground.network.n_nodes))
    graph.add_weighted_edges_from(zip(u.tolist(), v.tolist(), s.tolist(), strict=True))

    def ask() -> np.ndarray:
        table = np.full((len(ground.categories), ground.network.n_nodes), np.nan)
        for k in NETWORKX_ROWS:
            facilities = set(ground.categories[k].tolist())
            found = nx.multi_source_dijkstra_path_length(graph, facilities, cutoff=LIMIT_S)
            table[k] = np.inf
            table[k, list(found)] = list(found.values())
        return table

    return ask


NETWORKX_ROWS = (0, 14, 29)

CONTESTANTS = {
    "quarterhour": ours,
    "quarterhour, 1 thread": ours_one_thread,
    "numba heap, 1 thread": heap,
    "scipy": scipy,
    "pandana": pandana,
    "igraph": igraph,
    "rustworkx": rustworkx,
    "networkit": networkit,
    "networkx": networkx,
    "stream": stream,
}
