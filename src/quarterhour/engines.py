"""The seam between geography and search, and the engines that fit it.

An engine takes a graph, starts and a limit as arrays and gives arrays back::

    Engine = Callable[[Graph, Starts, float], Reached]

:func:`numba_engine` is the one used by default; :func:`networkx_engine` is slow, obvious, and
the reference that tests hold the other to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from quarterhour.network import Floats, Ints, WalkNetwork


class Graph(NamedTuple):
    """Arcs in compressed rows: those of node i are ``offset[i]:offset[i + 1]``."""

    offset: Ints
    head: npt.NDArray[np.int32]
    seconds: Floats


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
    seed: Ints


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
    u, v = network.edge_nodes.T
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    if reverse:
        tail, head = head, tail
    cost = np.concatenate([seconds[:, 0], seconds[:, 1]])
    open_arc = np.isfinite(cost)
    tail, head, cost = tail[open_arc], head[open_arc], cost[open_arc]
    order = np.argsort(tail, kind="stable")
    offset = np.zeros(network.n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=network.n_nodes), out=offset[1:])
    return Graph(offset, head[order], cost[order])


def numba_engine(graph: Graph, starts: Starts, limit_s: float) -> Reached:
    """Search with compiled loops (:func:`quarterhour.kernels.bounded_search`)."""
    from quarterhour.kernels import bounded_search  # noqa: PLC0415 - numba is slow to import

    return Reached(*bounded_search(*graph, *starts, float(limit_s)))


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
