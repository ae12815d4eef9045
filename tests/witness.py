"""An independent witness: networkx on a graph that is split at every place, one by one."""

from __future__ import annotations

import itertools

import networkx as nx
import shapely

from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Positions


def split_graph(
    network: WalkNetwork, seconds, start: Positions, end: Positions, speed_m_s: float
) -> nx.DiGraph:
    """Every place becomes a node of its own on its edge, with a leg to the place itself."""
    graph = nx.DiGraph()

    def join(a, b, s):
        if s < graph.get_edge_data(a, b, {"weight": float("inf")})["weight"]:
            graph.add_edge(a, b, weight=s)

    on_edge: dict[int, list] = {}
    for kind, at in (("o", start), ("d", end)):
        for k in range(len(at.row)):
            stop = (kind, "stop", k)
            on_edge.setdefault(int(at.edge[k]), []).append((float(at.fraction[k]), stop))
            leg = float(at.leg_m[k]) / speed_m_s
            place = (kind, int(at.row[k]))
            if kind == "o":
                join(place, stop, leg)
            else:
                join(stop, place, leg)
    for e in range(network.n_edges):
        u, v = (int(x) for x in network.edge_nodes[e])
        stops = [(0.0, u), *sorted(on_edge.get(e, []), key=lambda s: s[0]), (1.0, v)]
        for (f, a), (g, b) in itertools.pairwise(stops):
            join(a, b, (g - f) * float(seconds[e, 0]))
            join(b, a, (g - f) * float(seconds[e, 1]))
    return graph


def witness_times(graph: nx.DiGraph, n_origins: int, cutoff_s: float) -> dict:
    """(origin row, destination row) -> seconds, by networkx alone."""
    times = {}
    for row in range(n_origins):
        if ("o", row) not in graph:
            continue
        found = nx.single_source_dijkstra_path_length(graph, ("o", row), cutoff=cutoff_s)
        times |= {
            (row, n[1]): s
            for n, s in found.items()
            if isinstance(n, tuple) and n[0] == "d" and len(n) == 2
        }
    return times


def brute_nearest(point, network: WalkNetwork) -> float:
    """Distance of a point to the nearest street, over all streets that places may snap to."""
    return float(shapely.distance(network.lines[~network.passed_over], point).min())
