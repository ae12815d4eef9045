"""The way itself: over which edges the shortest walk leads, and how long it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, Positions
from quarterhour.walking.pace import Seconds
from quarterhour.walking.seeds import direct_walks, seeds_of


class Route(NamedTuple):
    """A walk: its seconds and metres, its edges in their order, and its line on the streets.

    Of a walk that passes no street (inside the same walls) there are no edges and no line.
    """

    seconds: float
    metres: float
    edges: Ints
    line: shapely.LineString | None


class Tracer:
    """Walks from one place at a time over streets with given seconds, with their ways."""

    def __init__(self, network: WalkNetwork, seconds: Seconds, speed_m_s: float) -> None:
        self.network, self.seconds, self.speed_m_s = network, seconds, speed_m_s
        u, v = network.edge_nodes.T
        tail, head = np.concatenate([u, v]), np.concatenate([v, u])
        cost = np.concatenate([seconds[:, 0], seconds[:, 1]])
        kept = np.flatnonzero(np.isfinite(cost))
        kept = kept[np.argsort(tail[kept], kind="stable")]
        self._arc = kept
        offset = np.zeros(network.n_nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(tail[kept], minlength=network.n_nodes), out=offset[1:])
        self._tail = tail[kept].astype(np.int64)
        self._arcs = offset, head[kept].astype(np.int64), cost[kept]

    def routes(self, start: Placed, ends: Placed, limit_s: float) -> list[Route | None]:
        """Give the shortest walk from the one row of ``start`` to each row of ``ends``.

        None where there is none within the limit.
        """
        from quarterhour.walking.route_kernels import traced_search  # noqa: PLC0415 - numba

        n = self.network.n_nodes
        seconds, before = np.full(n, np.inf), np.full(n, -1, dtype=np.int64)
        args = self.network, self.seconds
        seeds = seeds_of(*args, start.at, self.speed_m_s, leaving=True)
        if len(seeds.node):
            seeded = seeds.node.astype(np.int64), seeds.seconds
            traced_search(self._arcs, seeded, limit_s, seconds, before)
        targets = seeds_of(*args, ends.at, self.speed_m_s, leaving=False)
        _, row, along_s = direct_walks(start, ends, self.seconds, self.speed_m_s)
        found: list[Route | None] = []
        for place in range(len(ends.labels)):
            mine = np.flatnonzero(targets.row == place)
            total = seconds[targets.node[mine]] + targets.seconds[mine]
            best = float(total.min(initial=np.inf))
            straight = float(along_s[row == place].min(initial=np.inf))
            if min(best, straight) > limit_s:
                found.append(None)
            elif straight <= best:
                found.append(self._direct(start.at, ends.take(np.array([place])).at, straight))
            else:
                node = int(targets.node[mine[int(total.argmin())]])
                found.append(
                    self._route(start.at, ends.take(np.array([place])).at, node, before, best)
                )
        return found

    def _direct(self, start: Positions, end: Positions, seconds: float) -> Route:
        """A walk along one edge, or straight on inside the same walls."""
        for i in range(len(start.edge)):
            for j in np.flatnonzero(end.edge == start.edge[i]):
                edge = int(start.edge[i])
                share = abs(end.fraction[j] - start.fraction[i])
                legs = float(start.leg_m[i] + end.leg_m[j])
                way = int(end.fraction[j] <= start.fraction[i])
                walk = self.seconds[edge, way] * share if share > 0 else 0.0
                if abs(walk + legs / self.speed_m_s - seconds) < 1e-6:
                    line = self._piece(edge, float(start.fraction[i]), float(end.fraction[j]))
                    metres = legs + share * float(self.network.edge_length_m[edge])
                    return Route(seconds, metres, np.array([edge]), shapely.LineString(line))
        return Route(seconds, seconds * self.speed_m_s, np.zeros(0, dtype=np.int64), None)

    def _route(
        self, start: Positions, end: Positions, last: int, before: Ints, seconds: float
    ) -> Route:
        arcs, node = [], last
        while before[node] >= 0:
            arcs.append(int(before[node]))
            node = int(self._tail[arcs[-1]])
        arcs.reverse()
        m, ways = self.network.n_edges, self._arc[np.array(arcs, dtype=np.int64)]
        edges, backward = ways % m, ways >= m
        first_edge, first = self._beside(start, node, leaving=True)
        last_edge, final = self._beside(end, last, leaving=False)
        pieces = [self._piece(first_edge, *first), self._whole(edges, backward)]
        pieces.append(self._piece(last_edge, *final))
        length = self.network.edge_length_m
        metres = float(length[edges].sum())
        metres += abs(first[1] - first[0]) * float(length[first_edge])
        metres += abs(final[1] - final[0]) * float(length[last_edge])
        metres += self._leg(start, first_edge, first[0]) + self._leg(end, last_edge, final[1])
        line = shapely.LineString(np.concatenate(pieces))
        return Route(seconds, metres, np.concatenate([[first_edge], edges, [last_edge]]), line)

    def _beside(
        self, at: Positions, node: int, *, leaving: bool
    ) -> tuple[int, tuple[float, float]]:
        """Give the quickest edge between a place and a node, and from where to where on it."""
        best, found = np.inf, (int(at.edge[0]), (0.0, 0.0))
        for edge, share, leg in zip(at.edge, at.fraction, at.leg_m, strict=True):
            for end in (0, 1):
                if self.network.edge_nodes[edge, end] != node:
                    continue
                way = int((end == 0) == leaving)  # away from u is forward, and towards v
                part = share if end == 0 else 1.0 - share
                walk = self.seconds[edge, way] * part if part > 0 else 0.0
                if (total := walk + leg / self.speed_m_s) < best:
                    ends = (float(share), float(end))
                    best, found = total, (int(edge), ends if leaving else ends[::-1])
        return found

    def _leg(self, at: Positions, edge: int, fraction: float) -> float:
        same = (at.edge == edge) & (np.abs(at.fraction - fraction) < 1e-12)
        return float(at.leg_m[same].min(initial=np.inf)) if same.any() else 0.0

    def _whole(self, edges: Ints, backward: Mask) -> Floats:
        """Coordinates of whole edges, in the order in which they are walked."""
        xy, row = shapely.get_coordinates(self.network.lines[edges], return_index=True)
        place = np.arange(len(row))
        return xy[np.lexsort((np.where(backward[row], -place, place), row))]

    def _piece(self, edge: int, begin: float, end: float) -> npt.NDArray[np.float64]:
        """Coordinates of a piece of an edge, in the order in which it is walked."""
        line = self.network.lines[edge]
        low, high = min(begin, end), max(begin, end)
        inner = shapely.get_coordinates(line)
        at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(inner, axis=0).T))])
        share = at / at[-1] if at[-1] > 0 else at
        between = inner[(share > low) & (share < high)]
        tips = shapely.get_coordinates(
            shapely.line_interpolate_point(line, [low, high], normalized=True)
        )
        piece = np.vstack([tips[:1], between, tips[1:]])
        return piece if begin <= end else piece[::-1]


def metres_along(line: shapely.LineString) -> Floats:
    """Metres from the beginning of a line to each of its vertices."""
    xy = shapely.get_coordinates(line)
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
