"""Time fields: what one search says of every position on the streets and beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Positions
from quarterhour.streets.street_arrays import kept_with
from quarterhour.walking.engines import Engine, Graph, graph_of
from quarterhour.walking.isochrones.field_kernels import Field
from quarterhour.walking.isochrones.near_kernels import Streets, cell_lists, edges_at
from quarterhour.walking.pace import (
    Pace,
    Profile,
    Seconds,
    Sloped,
    checked_seconds,
    off_street_speed_m_s,
)
from quarterhour.walking.seeds import seeds_of, starts

Direction = Literal["from", "to"]

_SPARE_M = 145.0
"""Cells are larger than the reach, so that nine of them hold whatever may be nearest in one, or
in 4 x 4 squares of 50 m."""


class Reach(NamedTuple):
    """One source's field, and the edges that a walk may enter."""

    source: int
    field: Field
    edges: Ints


@dataclass(frozen=True, eq=False)
class Walks:
    """What all searches of one walker share; see :func:`walks_of`.

    ``speed_m_s`` walks off the streets, ``direction`` tells whether sources are where walks
    begin or where they end.
    """

    network: WalkNetwork
    seconds: Seconds
    speed_m_s: float
    direction: Direction
    engine: Engine

    @cached_property
    def graph(self) -> Graph:
        """The streets, turned round if the walks end at the sources."""
        return graph_of(self.network, self.seconds, reverse=self.direction == "to")

    @cached_property
    def columns(self) -> tuple[Floats, Floats]:
        """Seconds from a source onwards along each edge, and against it."""
        ahead, back = (np.ascontiguousarray(c) for c in self.seconds.T)
        return (back, ahead) if self.direction == "to" else (ahead, back)

    @cached_property
    def closed(self) -> npt.NDArray[np.bool_]:
        """Edges that this walker cannot use."""
        return np.asarray(np.isinf(self.seconds).all(axis=1))

    @cached_property
    def idle(self) -> list[_Room]:
        """Room to work in that no search is using."""
        return []


class _Room(NamedTuple):
    """Arrays as long as the network: seconds at nodes, marks on edges. As new when unused."""

    node_s: Floats
    has_start: npt.NDArray[np.bool_]
    seen: npt.NDArray[np.bool_]


def walks_of(network: WalkNetwork, pace: Pace, direction: Direction, engine: Engine) -> Walks:
    """Prepare the searches of a walker.

    Those of the last few profiles are kept with the network: so an isochrone takes as long as
    its own surroundings ask for, and not the network around them. What a pace of one's own
    gives is asked anew each time.
    """
    kept: dict[Any, Walks] = kept_with(network, "walks", dict)
    key = (pace, direction, engine)
    if isinstance(pace, (Profile, Sloped)) and key in kept:
        return kept[key]
    seconds = checked_seconds(pace, network)
    walks = Walks(network, seconds, off_street_speed_m_s(pace), direction, engine)
    if isinstance(pace, (Profile, Sloped)):
        while len(kept) >= _KEPT_WALKS:
            kept.pop(next(iter(kept)))
        kept[key] = walks
    return walks


_KEPT_WALKS = 4


def streets_of(network: WalkNetwork, reach_m: float) -> Streets:
    """Cut the streets that places snap to into straight pieces and list them by cell.

    Kept with the network, as every call asks for the same.
    """
    streets: Streets = kept_with(
        network, ("streets", reach_m), lambda: _cut(network, reach_m + _SPARE_M)
    )
    return streets


def units_at(network: WalkNetwork, sources: Positions, n_sources: int) -> Floats:
    """Units of the plane that a metre is around each source; 1 where none is snapped."""
    units = np.ones(n_sources)
    if network.ellipsoid is not None:
        there = network.coords[network.coord_offset[sources.edge]]
        units[sources.row] = network.ellipsoid.units_per_metre(there)
    return units


def _cut(network: WalkNetwork, cell_m: float) -> Streets:
    line_offset, xy = network.coord_offset, network.coords
    step = np.hypot(*np.diff(xy, axis=0).T)
    along = network.along_m
    edge = np.repeat(np.arange(network.n_edges), np.diff(line_offset))[:-1]
    inside = np.ones(len(step), dtype=bool)
    inside[line_offset[1:-1] - 1] = False  # the jump from one line to the next
    whole = network.line_length_m[edge]
    with np.errstate(invalid="ignore", divide="ignore"):
        fa = np.where(whole > 0, along[:-1] / whole, 0.0)
        fb = np.where(whole > 0, along[1:] / whole, 1.0)
    kept = inside & ~network.passed_over[edge] & ((step > 0) | (whole == 0))
    a, b = xy[:-1][kept], xy[1:][kept]
    corner = np.minimum(a.min(axis=0), b.min(axis=0)) - 1.0
    far = np.maximum(a.max(axis=0), b.max(axis=0)) + 1.0
    columns, rows = (int(c) + 1 for c in (far - corner) // cell_m)
    x0, y0 = float(corner[0]), float(corner[1])
    box = np.column_stack([np.minimum(a, b), np.maximum(a, b)])
    offset, piece = cell_lists(box, x0, y0, cell_m, (columns, rows))
    dx, dy = (np.ascontiguousarray(c) for c in (b - a).T)
    squared = dx * dx + dy * dy
    return Streets(
        ax=np.ascontiguousarray(a[:, 0]),
        ay=np.ascontiguousarray(a[:, 1]),
        dx=dx,
        dy=dy,
        inverse=np.divide(1.0, squared, out=np.zeros(len(a)), where=squared > 0),
        fa=np.clip(fa[kept], 0.0, 1.0),
        fb=np.clip(fb[kept], 0.0, 1.0),
        edge=edge[kept].astype(np.int32),
        offset=offset,
        piece=piece,
        column=((box[:, 0] - x0) // cell_m).astype(np.int32),
        row=((box[:, 1] - y0) // cell_m).astype(np.int32),
        x0=x0,
        y0=y0,
        cell_m=float(cell_m),
        columns=columns,
        rows=rows,
        most=int(np.diff(offset).max(initial=1)),
    )


def fields(
    walks: Walks, sources: Positions, bounds: tuple[int, int], limit_s: float
) -> Iterator[Reach | None]:
    """Search from some sources and give the field of each; None for one that is not snapped.

    ``sources.row`` says which source a position belongs to, in order; ``bounds`` are the first
    source and the one after the last, which are searched together. The arrays of a field are
    used again for the next one: look at it before going on.
    """
    network, leaving = walks.network, walks.direction == "from"
    edge_of, (u, v) = edges_by_node(network), edge_ends(network)
    rows = np.searchsorted(sources.row, np.arange(bounds[0], bounds[1] + 1))
    sources = sources.take(np.arange(rows[0], rows[-1]))
    sources = sources.take(~walks.closed[sources.edge])
    rows = np.searchsorted(sources.row, np.arange(bounds[0], bounds[1] + 1))
    seeds = seeds_of(network, walks.seconds, sources, walks.speed_m_s, leaving=leaving)
    try:
        room = walks.idle.pop()
    except IndexError:
        room = _new_room(network)
    first = bounds[0]
    reached = walks.engine(walks.graph, starts(seeds, *bounds), limit_s)
    for k in range(*bounds):
        here = slice(rows[k - first], rows[k - first + 1])
        if here.start == here.stop:
            yield None
            continue
        found = slice(reached.offset[k - first], reached.offset[k - first + 1])
        node = reached.node[found]
        order = np.lexsort((sources.fraction[here], sources.edge[here]))
        edge, fraction = sources.edge[here][order], sources.fraction[here][order]
        leg_s = sources.leg_m[here][order] / walks.speed_m_s
        room.node_s[node] = reached.seconds[found]
        room.has_start[edge] = True
        field = Field(room.node_s, u, v, *walks.columns, room.has_start, edge, fraction, leg_s)
        yield Reach(k, field, np.sort(edges_at(*edge_of, node, edge, room.seen)))
        room.node_s[node] = np.inf
        room.has_start[edge] = False
    walks.idle.append(room)


def _new_room(network: WalkNetwork) -> _Room:
    marks = [np.zeros(network.n_edges, dtype=bool) for _ in range(2)]
    return _Room(np.full(network.n_nodes, np.inf), *marks)


def edge_ends(network: WalkNetwork) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Nodes at which edges begin, and at which they end; kept with the network.

    They are copies, also of a single edge: loops are compiled anew for arrays that are read only.
    """
    ends: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]] = kept_with(
        network, "edge ends", lambda: tuple(ends.copy() for ends in network.edge_nodes.T)
    )
    return ends


def edges_by_node(network: WalkNetwork) -> tuple[Ints, Ints]:
    """Edges at node i: ``edge[offset[i]:offset[i + 1]]``; kept with the network."""
    by_node: tuple[Ints, Ints] = kept_with(network, "edges by node", lambda: _by_node(network))
    return by_node


def _by_node(network: WalkNetwork) -> tuple[Ints, Ints]:
    node = network.edge_nodes.ravel()
    offset = np.zeros(network.n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(node, minlength=network.n_nodes), out=offset[1:])
    return offset, np.argsort(node, kind="stable") // 2


def edge_boxes(network: WalkNetwork) -> Floats:
    """Bounding boxes of all edges, ``(m, 4)``; kept with the network."""
    boxes: Floats = kept_with(network, "edge boxes", lambda: shapely.bounds(network.lines))
    return boxes


def bounds_of(network: WalkNetwork, edges: Ints) -> tuple[float, float, float, float]:
    """Bounding box of some edges."""
    box = edge_boxes(network)[edges]
    low, high = box[:, :2].min(axis=0), box[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def reached_lines(
    network: WalkNetwork, field: Field, edges: Ints, limit_s: float
) -> list[shapely.LineString]:
    """Parts of edges that lie within a limit, from both ends and from starts on them."""
    lines = []
    for e in edges.tolist():
        spans = _spans(field, e, limit_s)
        whole = network.line_length_m[e]
        for low, high in spans:
            lines.append(_part_of(network, e, low * whole, high * whole))
    return [line for line in lines if line is not None]


def _spans(field: Field, e: int, limit_s: float) -> list[tuple[float, float]]:
    ahead, back = field.ahead[e], field.back[e]
    spans = []
    from_u = limit_s - field.node_s[field.u[e]]
    from_v = limit_s - field.node_s[field.v[e]]
    if from_u >= 0:
        spans.append((0.0, min(1.0, from_u / ahead) if ahead > 0 else 1.0))
    if from_v >= 0:
        spans.append((max(0.0, 1.0 - from_v / back) if back > 0 else 0.0, 1.0))
    if field.has_start[e]:
        for k in np.flatnonzero(field.start_edge == e):
            left = limit_s - field.start_s[k]
            if left >= 0:
                f = float(field.start_fraction[k])
                low = max(0.0, f - left / back) if back > 0 else 0.0
                spans.append((low, min(1.0, f + left / ahead) if ahead > 0 else 1.0))
    return _merged(spans)


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _part_of(
    network: WalkNetwork, e: int, low_m: float, high_m: float
) -> shapely.LineString | None:
    if high_m <= low_m:
        return None
    xy = network.coords[network.coord_offset[e] : network.coord_offset[e + 1]]
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    inner = xy[(at > low_m) & (at < high_m)]
    ends = [[np.interp(m, at, xy[:, 0]), np.interp(m, at, xy[:, 1])] for m in (low_m, high_m)]
    return shapely.LineString([ends[0], *inner, ends[1]])
