"""Where places join the graph: seeds for the search, and walks along a single edge."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints, runs
from quarterhour.streets.positions import Placed, Positions
from quarterhour.walking.engines import Starts

Pairs = tuple[Ints, Ints, Floats]
"""Source (within its block), target, seconds."""


_MANY = 4096


class Edges(Protocol):
    """Streets, of which the nodes that an edge joins are enough."""

    @property
    def edge_nodes(self) -> npt.NDArray[np.int32]:
        """``(m, 2)``: the nodes u and v of each edge."""


class Seeds(NamedTuple):
    """Ends of the edges that places lie on, each with the seconds between place and node.

    ``row`` is the place's position in its table; rows are in order.
    """

    row: Ints
    node: npt.NDArray[np.int32]
    seconds: Floats

    def take(self, keep: npt.NDArray[np.bool_] | Ints) -> Seeds:
        """Only the seeds that are asked for, in that order."""
        return Seeds(self.row[keep], self.node[keep], self.seconds[keep])


def seeds_of(
    streets: Edges, seconds: Floats, at: Positions, speed_m_s: float, *, leaving: bool
) -> Seeds:
    """Both ends of the edge of each position, with the seconds of the legs in between.

    ``leaving`` tells whether one walks from the place to the node or from the node to the place.
    """
    u, v = streets.edge_nodes[at.edge].T
    to_v, to_u = seconds[at.edge].T if leaving else seconds[at.edge, ::-1].T
    leg_s = at.leg_m / speed_m_s
    cost = np.column_stack([_part(at.fraction, to_u) + leg_s, _part(1 - at.fraction, to_v) + leg_s])
    seeds = Seeds(np.repeat(at.row, 2), np.column_stack([u, v]).ravel(), cost.ravel())
    return seeds.take(np.isfinite(seeds.seconds))


def _part(fraction: Floats, seconds: Floats) -> Floats:
    """A part of an edge; none of a closed one is 0, not 0 × infinity."""
    return np.multiply(fraction, seconds, out=np.zeros(len(fraction)), where=fraction > 0)


def starts(seeds: Seeds, first: int, last: int) -> Starts:
    """Seeds of the sources first to last; seeds are sorted by row."""
    bounds = np.searchsorted(seeds.row, np.arange(first, last + 1))
    inside = slice(bounds[0], bounds[-1])
    return Starts(bounds - bounds[0], seeds.node[inside], seeds.seconds[inside])


def by_node(seeds: Seeds, n_nodes: int) -> tuple[Ints, Ints, Floats]:
    """Seeds looked up by node: those of node i are rows and seconds ``offset[i]:offset[i + 1]``."""
    order = np.argsort(seeds.node, kind="stable")
    offset = np.zeros(n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(seeds.node, minlength=n_nodes), out=offset[1:])
    return offset, seeds.row[order], seeds.seconds[order]


def expand(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Indices of runs: run i is ``first[i]`` and the ``count[i] - 1`` after it."""
    return np.repeat(np.arange(len(count)), count), runs(first, count)


def _on_same_edge(start: Positions, end: Positions) -> tuple[Ints, Ints]:
    if (end.edge[1:] >= end.edge[:-1]).all():  # in order already, for one place that asks
        first, last = (np.searchsorted(end.edge, start.edge, side) for side in ("left", "right"))
        return expand(first, last - first)
    order = np.argsort(end.edge, kind="stable")
    if len(start.edge) > _MANY:  # counted by edge: quicker than to look each up
        offset = np.bincount(end.edge + 1, minlength=int(start.edge.max()) + 2).cumsum()
        first, last = offset[start.edge], offset[start.edge + 1]
    else:
        first = np.searchsorted(end.edge[order], start.edge, "left")
        last = np.searchsorted(end.edge[order], start.edge, "right")
    i, j = expand(first, last - first)
    return i, order[j]


def along_edges(start: Positions, end: Positions, seconds: Floats, speed_m_s: float) -> Pairs:
    """Walks from start to end that stay on one edge: origin row, destination row, seconds."""
    i, j = _on_same_edge(start, end)
    ahead = end.fraction[j] - start.fraction[i]
    forward, backward = seconds[start.edge[i]].T
    walk = _part(np.abs(ahead), np.where(ahead > 0, forward, backward))
    walk[np.isinf(forward) & np.isinf(backward)] = np.inf  # nobody stands on a closed edge
    legs = (start.leg_m[i] + end.leg_m[j]) / speed_m_s
    return start.row[i], end.row[j], walk + legs


def direct_walks(start: Placed, end: Placed, seconds: Floats, speed_m_s: float) -> Pairs:
    """Walks that pass no node: along a single edge, or straight on inside the same walls."""
    along = along_edges(start.at, end.at, seconds, speed_m_s)
    if start.grounds is None or end.grounds is None:
        return along
    walking = start.snapped, end.snapped
    from quarterhour.streets.grounds import straight_walks  # noqa: PLC0415 - pandas is slow

    inside = straight_walks(start.grounds, end.grounds, walking, speed_m_s)
    i, j, s = (np.concatenate(pair) for pair in zip(along, inside, strict=True))
    return i, j, s
