"""Time fields: what one search says of every position on the streets and beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.engines import Engine, Starts, graph_of
from quarterhour.field_kernels import Field, Streets, cell_lists
from quarterhour.joints import seeds_of, starts
from quarterhour.network import Floats, Ints, WalkNetwork
from quarterhour.pace import Seconds
from quarterhour.snap import Positions

BLOCK = 64
"""Searches made at a time."""

Direction = Literal["from", "to"]

_SPARE_M = 100.0
"""Cells are larger than the reach, so that nine of them hold whatever may be nearest."""


class Reach(NamedTuple):
    """One source's field, and the edges that a walk may enter."""

    source: int
    field: Field
    edges: Ints


@dataclass(frozen=True)
class Walks:
    """What all the searches of a call share.

    ``speed_m_s`` walks off the streets, ``direction`` tells whether sources are where walks
    begin or where they end.
    """

    network: WalkNetwork
    seconds: Seconds
    speed_m_s: float
    direction: Direction
    engine: Engine


def streets_of(network: WalkNetwork, reach_m: float) -> Streets:
    """Cut the streets that places snap to into straight pieces and list them by cell.

    Kept with the network, as every call asks for the same.
    """
    key = f"_streets_{reach_m!r}"
    if key not in network.__dict__:
        network.__dict__[key] = _cut(network, reach_m + _SPARE_M)
    streets: Streets = network.__dict__[key]
    return streets


def _cut(network: WalkNetwork, cell_m: float) -> Streets:
    line_offset, xy = network.coord_offset, network.coords
    step = np.hypot(*np.diff(xy, axis=0).T)
    edge = np.repeat(np.arange(network.n_edges), np.diff(line_offset))[:-1]
    inside = np.ones(len(step), dtype=bool)
    inside[line_offset[1:-1] - 1] = False  # the jump from one line to the next
    travelled = np.concatenate([[0.0], np.cumsum(np.where(inside, step, 0.0))])
    begun = travelled[line_offset[:-1]]
    whole = network.line_length_m[edge]
    with np.errstate(invalid="ignore", divide="ignore"):
        fa = np.where(whole > 0, (travelled[:-1] - begun[edge]) / whole, 0.0)
        fb = np.where(whole > 0, (travelled[1:] - begun[edge]) / whole, 1.0)
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
        x0=x0,
        y0=y0,
        cell_m=float(cell_m),
        columns=columns,
        rows=rows,
        most=int(np.diff(offset).max(initial=1)),
    )


def fields(
    walks: Walks, sources: Positions, n_sources: int, limit_s: float
) -> Iterator[Reach | None]:
    """Search from each source and give its field; None for a source that is not snapped.

    ``sources.row`` says which source a position belongs to, in order. The arrays of a field
    are used again for the next one: look at it before going on.
    """
    network, to = walks.network, walks.direction == "to"
    graph = graph_of(network, walks.seconds, reverse=to)
    ahead, back = (np.ascontiguousarray(c) for c in walks.seconds.T)
    if to:
        ahead, back = back, ahead
    u, v = (np.ascontiguousarray(c) for c in network.edge_nodes.T)
    closed = np.asarray(np.isinf(walks.seconds).all(axis=1))
    sources = sources.take(~closed[sources.edge])
    node_s = np.full(network.n_nodes, np.inf)
    marked = np.zeros(network.n_edges, dtype=bool)
    seeds = seeds_of(network, walks.seconds, sources, walks.speed_m_s, leaving=not to)
    bounds = np.searchsorted(sources.row, np.arange(n_sources + 1))
    at_node = _edges_by_node(network)
    for first in range(0, n_sources, BLOCK):
        last = min(first + BLOCK, n_sources)
        mine: Starts = starts(seeds, first, last)
        reached = walks.engine(graph, mine, limit_s)
        for k in range(first, last):
            here = slice(bounds[k], bounds[k + 1])
            if here.start == here.stop:
                yield None
                continue
            found = slice(reached.offset[k - first], reached.offset[k - first + 1])
            node, s = reached.node[found], reached.seconds[found]
            order = np.lexsort((sources.fraction[here], sources.edge[here]))
            edge = sources.edge[here][order]
            leg_s = sources.leg_m[here][order] / walks.speed_m_s
            node_s[node] = s
            marked[edge] = True
            field = Field(
                node_s, u, v, ahead, back, marked, edge, sources.fraction[here][order], leg_s
            )
            yield Reach(k, field, _edges_at(node, edge, at_node))
            node_s[node] = np.inf
            marked[edge] = False


def _edges_by_node(network: WalkNetwork) -> tuple[Ints, Ints]:
    node = network.edge_nodes.ravel()
    offset = np.zeros(network.n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(node, minlength=network.n_nodes), out=offset[1:])
    return offset, np.argsort(node, kind="stable") // 2


def _edges_at(node: npt.NDArray[np.int32], own: Ints, at_node: tuple[Ints, Ints]) -> Ints:
    """Edges at the reached nodes, and those on which the walk starts."""
    offset, edge = at_node
    count = offset[node + 1] - offset[node]
    first = np.repeat(offset[node] - (np.cumsum(count) - count), count)
    return np.unique(np.concatenate([edge[first + np.arange(count.sum())], own]))


def edge_boxes(network: WalkNetwork) -> Floats:
    """Bounding boxes of all edges, ``(m, 4)``; kept with the network."""
    if "_edge_boxes" not in network.__dict__:
        network.__dict__["_edge_boxes"] = shapely.bounds(network.lines)
    boxes: Floats = network.__dict__["_edge_boxes"]
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
