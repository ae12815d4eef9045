"""Where streets nearly meet, or lie on each other and do not: what a look at their lines tells."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from quarterhour.arrays import Floats, Ints, Mask, components
from quarterhour.streets.edited import Joint
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, Positions
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import Pace
from quarterhour.walking.travel_times import times_between

NEAR_M = 15.0
"""A dead end this near to another street may be meant to meet it."""

ON_EACH_OTHER_M = 1.0
"""Streets this near to each other lie on each other."""

ROUND_M = 50.0
"""… and are not joined if it is farther than this from one to the other on foot."""

AT_BORDER_M = 1.0
"""A street that ends this near to the border of the data goes on beyond it."""


class Gap(NamedTuple):
    """Two positions that are not joined, where they are, and what the gap looks like.

    ``kind`` is ``barrier`` (one node of OpenStreetMap, parted), ``level`` (one of the streets is
    above or below the other), ``crossing`` (lines cross without a node) or ``near_miss``.
    """

    kind: str
    one: Joint
    other: Joint
    xy: Floats
    metres: float


def street_gaps(network: WalkNetwork, pace: Pace) -> list[Gap]:
    """Find what nearly meets and is far apart on foot, nearest first."""
    found = [*_nodes_at_one_place(network), *_dead_ends(network), *_crossings(network)]
    far = ~_walked_within(network, found, pace)
    kept = [gap for gap, is_far in zip(found, far, strict=True) if is_far]
    return _nearest_of_each(sorted(kept, key=lambda gap: gap.metres))


def _nodes_at_one_place(network: WalkNetwork) -> list[Gap]:
    """Different nodes at one place: a barrier, a junction drawn twice, a bridge over its street."""
    used = np.unique(network.edge_nodes)
    pairs = cKDTree(network.node_xy[used]).query_pairs(ON_EACH_OTHER_M, output_type="ndarray")
    if len(pairs) == 0:
        return []
    part = components(len(used), pairs[:, 0], pairs[:, 1])
    first = _edge_at(network)
    low, high = _levels_at(network)
    found = []
    for group in _groups(part):
        nodes = used[group]
        one = int(nodes[0])
        for node in nodes[1:]:
            other = int(node)
            same = network.node_osmid[one] == network.node_osmid[other] >= 0
            apart = low[one] > high[other] or low[other] > high[one]
            kind = "barrier" if same else ("level" if apart else "near_miss")
            xy = network.node_xy[[one, other]]
            joints = (_joint_of(network, first, one), _joint_of(network, first, other))
            found.append(Gap(kind, *joints, xy, float(np.hypot(*(xy[0] - xy[1])))))
    return found


def _dead_ends(network: WalkNetwork) -> list[Gap]:
    """Dead ends with another street near."""
    degree = np.bincount(network.edge_nodes.ravel(), minlength=network.n_nodes)
    tips = np.flatnonzero(degree == 1)
    points = np.asarray(shapely.points(network.node_xy[tips]), dtype=object)
    inside = ~shapely.dwithin(points, border_of(network), AT_BORDER_M)
    tips, points = tips[inside], points[inside]
    own = _edge_at(network)[tips]
    row, edge = shapely.STRtree(network.lines).query(points, "dwithin", distance=NEAR_M)
    other = edge != own[row]
    row, edge = row[other], edge[other]
    metres = shapely.distance(network.lines[edge], points[row])
    side = network.traits["off_ground"]
    level = side[own[row]] != side[edge]
    # A bridge that ends in the air was meant to come down; a street below it goes on.
    meets = ~level | (metres <= ON_EACH_OTHER_M) | ((side[own[row]] > 0) & (side[edge] == 0))
    first = _edge_at(network)
    found = []
    for k in np.flatnonzero(meets):
        line, tip = network.lines[edge[k]], int(tips[row[k]])
        along = float(shapely.line_locate_point(line, points[row[k]], normalized=True))
        there = shapely.line_interpolate_point(line, along, normalized=True)
        xy = np.vstack([network.node_xy[tip], shapely.get_coordinates(there)])
        joints = (_joint_of(network, first, tip), Joint(int(edge[k]), along))
        found.append(Gap("level" if level[k] else "near_miss", *joints, xy, float(metres[k])))
    return found


def border_of(network: WalkNetwork) -> shapely.Geometry:
    """Where the data end; nowhere, if all that is known is the box around the streets."""
    box = shapely.box(*network.coords.min(axis=0), *network.coords.max(axis=0))
    known = not shapely.equals_exact(box.normalize(), network.extent.normalize(), AT_BORDER_M)
    return shapely.boundary(network.extent) if known else shapely.Point()


def _crossings(network: WalkNetwork) -> list[Gap]:
    """Lines that cross on one level without a node; those across squares do so all the time."""
    index = np.flatnonzero(~network.traits["square"].astype(bool))
    lines = network.lines[index]
    one, other = shapely.STRtree(lines).query(lines, "crosses")
    once = one < other
    one, other = index[one[once]], index[other[once]]
    level = [network.traits[name] for name in ("off_ground", "layer", "bridge", "tunnel")]
    same = np.all([trait[one] == trait[other] for trait in level], axis=0)
    found = []
    for a, b in zip(one[same], other[same], strict=True):
        meeting = shapely.intersection(network.lines[a], network.lines[b])
        for point in shapely.get_parts(shapely.extract_unique_points(meeting)):
            joints = [
                Joint(
                    int(e),
                    float(shapely.line_locate_point(network.lines[e], point, normalized=True)),
                )
                for e in (a, b)
            ]
            xy = np.repeat(shapely.get_coordinates(point), 2, axis=0)
            found.append(Gap("crossing", joints[0], joints[1], xy, 0.0))
    return found


def _walked_within(network: WalkNetwork, gaps: list[Gap], pace: Pace) -> Mask:
    """Which gaps are gone round within some metres, either way."""
    if not gaps:
        return np.zeros(0, dtype=bool)
    sides = []
    for joints in ([gap.one for gap in gaps], [gap.other for gap in gaps]):
        edge = np.array([joint.edge for joint in joints], dtype=np.int64)
        fraction = np.array([joint.fraction for joint in joints], dtype=np.float64)
        at = Positions(np.arange(len(gaps)), edge, fraction, np.zeros(len(gaps)))
        sides.append(Placed(pd.RangeIndex(len(gaps)), at))
    near = np.zeros(len(gaps), dtype=bool)
    for begin, end in (sides, sides[::-1]):
        walks = times_between(begin, end, network, ROUND_M / 60.0, pace=Metres(pace))
        near[walks.origin[walks.origin == walks.destination]] = True
    return near


def _nearest_of_each(gaps: list[Gap]) -> list[Gap]:
    """Of the gaps of one dead end, or between the same streets at one place, the nearest."""
    kept: list[Gap] = []
    tips: set[tuple[int, float]] = set()
    places = np.array([gap.xy.mean(axis=0) for gap in gaps]).reshape(-1, 2)
    near = cKDTree(places).query_pairs(NEAR_M) if len(gaps) else set()
    beside: dict[int, list[int]] = {}
    for a, b in near:
        beside.setdefault(max(a, b), []).append(min(a, b))
    pair = [frozenset((gap.one.edge, gap.other.edge)) for gap in gaps]
    taken: set[int] = set()
    for k, gap in enumerate(gaps):
        tip = gap.one.edge, gap.one.fraction
        twin = any(j in taken and pair[j] == pair[k] for j in beside.get(k, ()))
        if twin or (
            gap.kind in {"near_miss", "level"} and gap.one.fraction in (0, 1) and tip in tips
        ):
            continue
        tips.add(tip)
        taken.add(k)
        kept.append(gap)
    return kept


def _edge_at(network: WalkNetwork) -> Ints:
    """For each node the first of its edges; -1 where it has none."""
    found = np.full(network.n_nodes, -1, dtype=np.int64)
    for side in (1, 0):
        found[network.edge_nodes[::-1, side]] = np.arange(network.n_edges)[::-1]
    return found


def _joint_of(network: WalkNetwork, first: Ints, node: int) -> Joint:
    edge = int(first[node])
    return Joint(edge, 0.0 if network.edge_nodes[edge, 0] == node else 1.0)


def _levels_at(network: WalkNetwork) -> tuple[Ints, Ints]:
    """The lowest and the highest level of the streets at each node."""
    side = network.traits["off_ground"].astype(np.int64)
    low, high = np.full(network.n_nodes, 99), np.full(network.n_nodes, -99)
    for end in network.edge_nodes.T:
        np.minimum.at(low, end, side)
        np.maximum.at(high, end, side)
    return low, high


def _groups(part: Ints) -> list[Ints]:
    """Members of each part that has several."""
    order = np.argsort(part, kind="stable")
    bounds = np.flatnonzero(np.diff(part[order])) + 1
    return [group for group in np.split(order, bounds) if len(group) > 1]
