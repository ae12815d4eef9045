"""A network with a street more or less: nodes keep their numbers, and so does what is not cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, Mask, runs
from quarterhour.streets.ellipsoid import steps_along
from quarterhour.streets.nearness import MADE_OF
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.street_arrays import TRAIT_DEFAULTS

AT_NODE_M = 0.01
"""A cut this near to the end of an edge is at its node."""


class Joint(NamedTuple):
    """A position on an edge, as a fraction of its line."""

    edge: int
    fraction: float


def without_edges(network: WalkNetwork, gone: Mask) -> WalkNetwork:
    """Give the network without some edges; nodes stay, also those that no edge meets any more."""
    return _of_edges(network, np.flatnonzero(~gone), [], {})


class Link(NamedTuple):
    """A line to add: its vertices, the two positions that it joins, what the new edge is like."""

    line: npt.NDArray[np.float64]
    ends: tuple[Joint, Joint]
    traits: Mapping[str, Any]


def with_link(
    network: WalkNetwork,
    line: npt.NDArray[np.float64],
    ends: tuple[Joint, Joint],
    traits: Mapping[str, Any],
) -> WalkNetwork:
    """Give the network with a line more, joined to it at two positions.

    An edge that is met between its ends is cut: the part from its first node keeps its place,
    the rest goes to the end, then comes the line. New nodes come after the old ones.

    Parameters
    ----------
    network
        The streets.
    line
        Vertices in the CRS of the network; its ends are moved to the joints.
    ends
        Where it begins and ends.
    traits
        What the new edge is like, where that differs from the usual.
    """
    return with_links(network, [Link(line, ends, traits)])[0]


def with_links(network: WalkNetwork, links: Sequence[Link]) -> tuple[WalkNetwork, Ints]:
    """Give the network with several lines more, as :func:`with_link` does, and their end nodes."""
    joints = [joint for link in links for joint in link.ends]
    made = _cut_at(network, joints)
    everywhere = np.vstack([network.node_xy, made.new_xy])
    tips = made.nodes.reshape(-1, 2)
    edges = []
    for link, (one, other) in zip(links, tips, strict=True):
        drawn = np.array(link.line, dtype=np.float64)
        drawn[0], drawn[-1] = everywhere[one], everywhere[other]
        length = float(steps_along(network.ellipsoid, drawn, np.array([0, len(drawn)])).sum())
        edges.append(_Edge(int(one), int(other), drawn, length, -1, 1.0, link.traits))
    kept = np.arange(network.n_edges)
    whole = _of_edges(network, kept, [*made.rest, *edges], made.firsts, made.new_xy)
    return whole, np.asarray(tips, dtype=np.int64)


def with_joint(network: WalkNetwork, joints: Sequence[Joint]) -> WalkNetwork:
    """Give the network in which some positions are one node: that of the first of them.

    Edges that are met between their ends are cut; nodes that others take the place of stay,
    without an edge.
    """
    made = _cut_at(network, joints)
    kept = np.arange(network.n_edges)
    cut = network
    if made.rest:
        cut = _of_edges(network, kept, made.rest, made.firsts, made.new_xy)
    nodes = cut.edge_nodes.copy()
    nodes[np.isin(nodes, made.nodes)] = made.nodes[0]
    return _with(cut, np.any(nodes != cut.edge_nodes, axis=1), edge_nodes=nodes)


def with_traits(network: WalkNetwork, edges: Mask, traits: Mapping[str, Any]) -> WalkNetwork:
    """Give the network in which some edges are like something else."""
    told = {name: values.copy() for name, values in network.traits.items()}
    for name, value in traits.items():
        told[name][edges] = value
    return _with(network, edges, traits=told)


def _with(network: WalkNetwork, other: Mask, **changed: Any) -> WalkNetwork:
    """Give the network with other arrays, of some edges that are others; lines stay."""
    arrays = {part.name: getattr(network, part.name) for part in fields(network)}
    arrays |= {"traits": dict(network.traits), "metadata": dict(network.metadata)}
    edited = WalkNetwork.build(**(arrays | changed))
    edited.__dict__["lines"] = network.lines
    edited.__dict__[MADE_OF] = (network, np.where(other, -1, np.arange(network.n_edges)))
    return edited


class _Cut(NamedTuple):
    """What becomes of edges that are cut: first parts in their places, the rest, new nodes.

    ``nodes`` are those of the joints.
    """

    firsts: Mapping[int, _Edge]
    rest: list[_Edge]
    new_xy: npt.NDArray[np.float64]
    nodes: Ints


def _cut_at(network: WalkNetwork, joints: Sequence[Joint]) -> _Cut:
    """Cut edges at the joints between their ends."""
    nodes = [_node_at(network, joint) for joint in joints]
    cuts: dict[int, list[float]] = {}
    for joint, node in zip(joints, nodes, strict=True):
        if node < 0:
            cuts.setdefault(joint.edge, []).append(joint.fraction)
    new_xy: list[Floats] = []
    made: dict[tuple[int, float], int] = {}
    pieces: dict[int, list[_Edge]] = {}
    for edge, fractions in sorted(cuts.items()):
        at = sorted(set(fractions))
        for fraction in at:
            made[edge, fraction] = network.n_nodes + len(new_xy)
            new_xy.append(_xy_at(network, edge, fraction))
        pieces[edge] = _cut(network, edge, at, [made[edge, one] for one in at])
    tips = [
        made[joint.edge, joint.fraction] if node < 0 else node
        for joint, node in zip(joints, nodes, strict=True)
    ]
    rest = [piece for _, parts in sorted(pieces.items()) for piece in parts[1:]]
    firsts = {edge: parts[0] for edge, parts in pieces.items()}
    places = np.array(new_xy, dtype=np.float64).reshape(-1, 2)
    return _Cut(firsts, rest, places, np.array(tips, dtype=np.int64))


class _Edge(NamedTuple):
    """A new edge: a part of an old one (``of``), or one with traits of its own (-1)."""

    u: int
    v: int
    line: Floats
    length_m: float
    of: int
    share: float
    traits: Mapping[str, Any]


def _node_at(network: WalkNetwork, joint: Joint) -> int:
    """The node that a position is at, or -1 where it is between nodes."""
    metres = network.line_length_m[joint.edge]
    u, v = network.edge_nodes[joint.edge]
    if joint.fraction * metres <= AT_NODE_M:
        return int(u)
    return int(v) if (1 - joint.fraction) * metres <= AT_NODE_M else -1


def _xy_at(network: WalkNetwork, edge: int, fraction: float) -> Floats:
    point = shapely.line_interpolate_point(network.lines[edge], fraction, normalized=True)
    return np.asarray(shapely.get_coordinates(point)[0])


def _cut(network: WalkNetwork, edge: int, at: list[float], nodes: list[int]) -> list[_Edge]:
    """Cut an edge at some fractions between its ends, where new nodes are."""
    first, last = network.coord_offset[edge : edge + 2]
    xy = network.coords[first:last]
    steps = np.hypot(*np.diff(xy, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    bounds = [0.0, *at, 1.0]
    u, v = (int(node) for node in network.edge_nodes[edge])
    tips = [u, *nodes, v]
    points = [xy[0], *(_xy_at(network, edge, one) for one in at), xy[-1]]
    parts = []
    for k, (begin, end) in enumerate(pairwise(bounds)):
        inner = xy[(along > begin * along[-1] + 1e-9) & (along < end * along[-1] - 1e-9)]
        line = np.vstack([points[k], inner, points[k + 1]])
        length = float(network.edge_length_m[edge] * (end - begin))
        parts.append(_Edge(tips[k], tips[k + 1], line, length, edge, end - begin, {}))
    return parts


def _of_edges(
    network: WalkNetwork,
    kept: Ints,
    added: list[_Edge],
    instead: Mapping[int, _Edge],
    new_xy: npt.NDArray[np.float64] | None = None,
) -> WalkNetwork:
    """Put a network together of edges that stay, some of them as a part, and new ones."""
    nodes, length = network.edge_nodes[kept].copy(), network.edge_length_m[kept].copy()
    for edge, part in instead.items():  # only where every edge is kept, in its place
        nodes[edge], length[edge] = (part.u, part.v), part.length_m
    was, offset, drawn = _vertices(network, kept, added, instead)
    source = np.concatenate([kept, np.array([one.of for one in added], dtype=np.int64)])
    traits = {name: _trait(name, values, source) for name, values in network.traits.items()}
    _share_waits(network, traits, kept, added, instead)
    for k, one in enumerate(added, start=len(kept)):
        for name, value in one.traits.items():
            traits[name][k] = value
    arrays = {part.name: getattr(network, part.name) for part in fields(network)}
    osmid = np.where(source >= 0, network.edge_osmid[np.maximum(source, 0)], 0)
    extra = np.zeros((0, 2)) if new_xy is None else new_xy
    arrays |= {
        "node_xy": np.vstack([network.node_xy, extra]),
        "node_osmid": np.concatenate([network.node_osmid, np.full(len(extra), -1)]),
        "edge_nodes": np.vstack([nodes, *([[one.u, one.v]] for one in added)]),
        "edge_length_m": np.concatenate([length, [one.length_m for one in added]]),
        "edge_osmid": osmid,
        "coords": _put(network.coords, was, drawn),
        "coord_offset": offset,
        "traits": traits,
        "metadata": dict(network.metadata),
    }
    edited = WalkNetwork.build(**arrays)
    shapes = np.concatenate([network.lines[kept], edited_lines(added)])
    for edge, part in instead.items():
        shapes[edge] = shapely.linestrings(part.line)
    edited.__dict__["lines"] = shapes  # most are those that there were
    if (ground := network.ellipsoid) is not None and network.lonlat is not None:
        edited.__dict__["lonlat"] = _put(network.lonlat, was, ground.degrees(drawn))
    source = np.concatenate([kept, np.full(len(added), -1)])
    source[list(instead)] = -1
    edited.__dict__[MADE_OF] = (network, source)
    return edited


def retold(network: WalkNetwork, metadata: Mapping[str, str]) -> WalkNetwork:
    """Give the same network with other metadata."""
    found = replace(network, metadata=MappingProxyType(dict(metadata)))
    known = {
        name: network.__dict__[name] for name in ("lines", MADE_OF) if name in network.__dict__
    }
    found.__dict__.update(known)
    return found


def edges_before(now: WalkNetwork, before: WalkNetwork) -> Ints | None:
    """Give for each edge which edge of an earlier network it is, -1 for one that is new or cut.

    None where the one was not made of the other.
    """
    found = np.arange(now.n_edges)
    while now is not before:
        if MADE_OF not in now.__dict__:
            return None
        now, source = now.__dict__[MADE_OF]
        found = np.where(found >= 0, source[found], -1)
    return found


def edited_lines(added: list[_Edge]) -> npt.NDArray[np.object_]:
    """Draw new edges."""
    found = np.full(len(added), None, dtype=object)
    found[:] = [shapely.linestrings(one.line) for one in added]
    return found


def _vertices(
    network: WalkNetwork, kept: Ints, added: list[_Edge], instead: Mapping[int, _Edge]
) -> tuple[Ints, Ints, Floats]:
    """Which old vertex each is (-1 for a new one), where the lines begin, and the new vertices."""
    new = [*sorted(instead.items()), *enumerate(added, start=len(kept))]
    begins, counts = network.coord_offset[kept], np.diff(network.coord_offset)[kept]
    begins, counts = (np.pad(one, (0, len(added))) for one in (begins, counts))
    for edge, one in new:
        counts[edge] = len(one.line)
    was = runs(begins, counts)
    offset = np.concatenate([[0], np.cumsum(counts)])
    for edge, _ in new:
        was[offset[edge] : offset[edge + 1]] = -1
    return was, offset, np.vstack([np.zeros((0, 2)), *(one.line for _, one in new)])


def _put(values: Floats, was: Ints, new: Floats) -> Floats:
    """Put what is known of old vertices together with that of new ones."""
    found = values[np.maximum(was, 0)]
    found[was < 0] = new
    return found


def _trait(name: str, values: npt.NDArray[Any], source: Ints) -> npt.NDArray[Any]:
    """What edges are like: as the one that each comes from, or as usual."""
    usual = TRAIT_DEFAULTS.get(name)
    if usual is None:
        usual = "" if values.dtype == object else np.zeros(1, dtype=values.dtype)[0]
    found = values[np.maximum(source, 0)].copy()
    found[source < 0] = usual
    return found


def _share_waits(
    network: WalkNetwork,
    traits: dict[str, npt.NDArray[Any]],
    kept: Ints,
    added: list[_Edge],
    instead: Mapping[int, _Edge],
) -> None:
    """Divide the wait at a crossing among the parts of one that is cut."""
    if not instead:
        return
    before = network.traits.get("crossing_share", np.ones(network.n_edges))
    share = np.concatenate([before[kept], np.ones(len(added))]).astype(np.float64)
    for edge, part in instead.items():
        share[edge] = before[edge] * part.share
    for k, one in enumerate(added, start=len(kept)):
        if one.of >= 0:
            share[k] = before[one.of] * one.share
    traits["crossing_share"] = share
