"""W3: a table of walking times between junctions, up to 15 minutes."""

# ruff: noqa: PLC0415 - only the process that needs a library loads it

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

import quarterhour as qh
from contest.ground import LIMIT_S, SPEED_M_S, Ground

Ask = Callable[[], np.ndarray]
BLOCK = 250
NETWORKX_ROWS = 10
PANDANA_ROWS = 300


def ours(ground: Ground) -> Ask:
    a, b = ground.table_nodes
    origins, destinations = ground.points(a), ground.points(b)
    pace = qh.Profile("walker", SPEED_M_S)
    # The peers walk every street both ways: so do we here, escalators and all.
    traits = {**ground.network.traits, "oneway_foot": np.zeros(ground.network.n_edges, np.int8)}
    network = replace(ground.network, traits=traits)
    qh.travel_times(origins.head(1), destinations.head(1), network, pace=pace)

    def ask() -> np.ndarray:
        times = qh.travel_times(origins, destinations, network, LIMIT_S / 60, pace=pace)
        table = np.full((len(a), len(b)), np.inf)
        table[times.origin, times.destination] = times.seconds
        return table

    return ask


def scipy(ground: Ground) -> Ask:
    """In blocks of origins: each row of scipy's answer has a column for every node."""
    from scipy.sparse.csgraph import dijkstra

    a, b = ground.table_nodes
    matrix = ground.matrix()
    blocks = np.array_split(a, max(1, len(a) // BLOCK))
    return lambda: np.concatenate(
        [dijkstra(matrix, indices=block, limit=LIMIT_S)[:, b] for block in blocks]
    )


def pandana(ground: Ground) -> Ask:
    """A tenth of the origins; contraction hierarchies know no limit, so every pair is walked."""
    import pandana
    import pandas as pd

    u, v, s = ground.simple
    xy = pd.DataFrame(ground.network.node_xy, columns=["x", "y"])
    weights = pd.DataFrame({"s": s})
    net = pandana.Network(xy["x"], xy["y"], pd.Series(u), pd.Series(v), weights, twoway=True)
    a, b = ground.table_nodes
    rows = len(a) // 10
    starts, ends = np.repeat(a[:rows], len(b)), np.tile(b, rows)

    def ask() -> np.ndarray:
        table = np.full((len(a), len(b)), np.nan)
        table[:rows] = np.reshape(net.shortest_path_lengths(starts, ends), (rows, len(b)))
        return table

    return ask


def networkx(ground: Ground) -> Ask:
    """Ten origins; the rest are unanswered."""
    import networkx as nx

    u, v, s = ground.simple
    graph = nx.Graph()
    graph.add_nodes_from(range(ground.network.n_nodes))
    graph.add_weighted_edges_from(zip(u.tolist(), v.tolist(), s.tolist(), strict=True))
    a, b = ground.table_nodes
    column = {node: k for k, node in enumerate(b.tolist())}

    def ask() -> np.ndarray:
        table = np.full((len(a), len(b)), np.nan)
        for row, node in enumerate(a[:NETWORKX_ROWS].tolist()):
            found = nx.single_source_dijkstra_path_length(graph, node, cutoff=LIMIT_S)
            table[row] = np.inf
            for other, t in found.items():
                if other in column:
                    table[row, column[other]] = t
        return table

    return ask


CONTESTANTS = {
    "quarterhour": ours,
    "scipy": scipy,
    "pandana": pandana,
    "networkx": networkx,
}
