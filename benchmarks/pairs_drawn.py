"""Draw pairs of walks on a map, twelve on a sheet: ours in blue, the other one in red."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
import shapely.ops
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

import quarterhour as qh

ON_A_SHEET = 12
AROUND_M = 120.0


class Pair(NamedTuple):
    """A pair of positions (edge, fraction), the other's line in our CRS, and what to write."""

    ends: tuple[tuple[int, float], tuple[int, float]]
    other: Any
    told: str


class Routes:
    """Shortest walks on a network, as lines."""

    def __init__(self, network: qh.WalkNetwork) -> None:
        self.network = network
        cost = np.asarray(qh.Profile("walker", 1.25)(network))
        u, v = network.edge_nodes.T
        ends = np.concatenate([np.stack([u, v], 1), np.stack([v, u], 1)])
        spent = np.concatenate([cost[:, 0], cost[:, 1]])
        edge = np.tile(np.arange(network.n_edges), 2)
        order = np.lexsort((spent, ends[:, 1], ends[:, 0]))
        order = order[np.isfinite(spent[order])]
        first = np.unique(ends[order], axis=0, return_index=True)[1]
        kept = order[first]
        self.cost, self.edge_of = cost, {}
        for k in kept:
            self.edge_of[int(ends[k, 0]), int(ends[k, 1])] = int(edge[k])
        shape = (network.n_nodes, network.n_nodes)
        weights = np.maximum(spent[kept], 1e-9)
        self.graph = csr_matrix((weights, (ends[kept, 0], ends[kept, 1])), shape=shape)

    def between(self, ends: tuple[tuple[int, float], tuple[int, float]]) -> Any:
        """The line of our walk; none where there is none."""
        (start, at), (end, to) = ends
        if start == end:
            return self._piece(start, at, to)
        nodes = self.network.edge_nodes
        far, before = dijkstra(self.graph, indices=nodes[start], return_predecessors=True)
        leave = (self.cost[start, 1] * at, self.cost[start, 0] * (1 - at))
        enter = (self.cost[end, 0] * to, self.cost[end, 1] * (1 - to))
        whole = [
            (leave[a] + far[a, nodes[end, b]] + enter[b], a, b) for a in (0, 1) for b in (0, 1)
        ]
        least, a, b = min(whole)
        if not math.isfinite(least):
            return None
        parts, node = [self._piece(end, to, float(b))], int(nodes[end, b])
        while before[a, node] >= 0:
            last = int(before[a, node])
            parts.append(self.network.lines[self.edge_of[last, node]])
            node = last
        return shapely.union_all([*parts, self._piece(start, at, float(a))])

    def _piece(self, edge: int, at: float, to: float) -> Any:
        line = self.network.lines[edge]
        low, high = sorted((at, to))
        return shapely.ops.substring(line, low, high, normalized=True)


def draw(network: qh.WalkNetwork, buildings: Any, pairs: Sequence[Pair], path: Path) -> list[Path]:
    """Write the sheets; buildings are geometries in the CRS of the network."""
    import matplotlib as mpl  # noqa: PLC0415 - only where drawings are wanted

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    routes, written = Routes(network), []
    tree, houses = shapely.STRtree(network.lines), shapely.STRtree(buildings)
    for first in range(0, len(pairs), ON_A_SHEET):
        figure, axes = plt.subplots(3, 4, figsize=(20, 15))
        for axis in axes.flat:
            axis.set_axis_off()
        for axis, pair in zip(axes.flat, pairs[first : first + ON_A_SHEET], strict=False):
            ours = routes.between(pair.ends)
            spots = [
                shapely.line_interpolate_point(network.lines[k], f, normalized=True)
                for k, f in pair.ends
            ]
            whole = shapely.union_all(
                [one for one in (ours, pair.other, *spots) if one is not None]
            )
            box = shapely.box(*whole.bounds).buffer(AROUND_M, join_style="mitre")
            for k in houses.query(box):
                axis.fill(*shapely.get_coordinates(buildings[k]).T, color="#e8e4da")
            for k in tree.query(box):
                alone = network.component[network.edge_nodes[k, 0]] > 0
                below = network.traits["off_ground"][k] != 0
                colour = "#d08000" if alone else "#a0a0ff" if below else "#999999"
                axis.plot(*shapely.get_coordinates(network.lines[k]).T, color=colour, lw=0.8)
            for line, colour, wide in ((pair.other, "#d00000", 4.0), (ours, "#0040d0", 1.8)):
                for part in shapely.get_parts(line) if line is not None else ():
                    axis.plot(*shapely.get_coordinates(part).T, color=colour, lw=wide, alpha=0.8)
            for spot, mark in zip(spots, "os", strict=True):
                axis.plot(spot.x, spot.y, mark, color="black", ms=7)
            axis.set_aspect("equal")
            axis.set_xlim(*shapely.bounds(box)[[0, 2]])
            axis.set_ylim(*shapely.bounds(box)[[1, 3]])
            axis.set_title(pair.told, fontsize=8, wrap=True)
        file = path.with_name(f"{path.stem}-{first // ON_A_SHEET + 1:02}.png")
        figure.tight_layout()
        figure.savefig(file, dpi=70)
        plt.close(figure)
        written.append(file)
    return written
