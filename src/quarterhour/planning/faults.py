"""What may be wrong with the streets and walls of a scorecard, each with what would mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely

from quarterhour.arrays import Ints
from quarterhour.places.origins import GATE_REACH_M
from quarterhour.planning.street_changes import AddLink
from quarterhour.planning.street_gaps import (
    AT_BORDER_M,
    ON_EACH_OTHER_M,
    Gap,
    border_of,
    street_gaps,
)
from quarterhour.planning.street_repairs import JoinStreets, OpenBothWays
from quarterhour.planning.wall_changes import OpenGate
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.compounds import closed_compounds
from quarterhour.streets.edited import Joint, Link
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import in_crs_of
from quarterhour.walking.pace import Pace

Repair: TypeAlias = AddLink | JoinStreets | OpenBothWays | OpenGate

KINDS = {
    "near_miss": "a street ends just short of another",
    "barrier": "a barrier that cannot be passed on foot parts a street",
    "level": "a street above or below the ground ends on another and is not joined to it",
    "crossing": "streets cross on one level without being joined",
    "one_way": "a way is walked in one direction only",
    "component": "a piece of the streets is joined to no other",
    "wall": "a wall whose gates lead to no street",
    "wall_without_gate": "a wall without a known gate: residents are taken to walk straight out",
}
"""What each kind of fault is."""

ACROSS_M = 100.0
"""A piece of the streets that is farther than this from all others is an island, and no fault."""


@dataclass(frozen=True, eq=False)
class Fault:
    """Something that may be wrong.

    Attributes
    ----------
    kind
        A word of ``KINDS``.
    shape
        Where, in the CRS of the network.
    metres
        How wide the gap is, or how long the street.
    edges
        Streets that it concerns.
    area
        Row of the compound that a wall is around; -1.
    repair
        Changes that mend it; none where nobody can say what would.
    links
        The same for streets that are to be joined, on the network itself.
    """

    kind: str
    shape: shapely.Geometry
    metres: float
    edges: tuple[int, ...] = ()
    area: int = -1
    repair: tuple[Repair, ...] = ()
    links: tuple[Link, ...] = ()


def faults_of(card: Scorecard, pace: Pace) -> list[Fault]:
    """Find the faults, in an order that hangs on the data alone."""
    network = card.network
    found = [*_gaps_and_components(network, pace), *_one_ways(network), *_walls(card)]
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(found, key=lambda fault: order[fault.kind])


def _gaps_and_components(network: WalkNetwork, pace: Pace) -> list[Fault]:
    """Gaps one by one; but those of a piece that has several, or only far ones, with the piece."""
    gaps = street_gaps(network, pace)
    part = network.component
    streets = np.where(network.traits["square"].astype(bool), 0.0, network.edge_length_m)
    metres = np.bincount(part[network.edge_nodes[:, 0]], weights=streets)
    of_piece: dict[int, list[Gap]] = {}
    alone: list[Gap] = []
    for gap in gaps:
        sides = {int(part[network.edge_nodes[joint.edge, 0]]) for joint in (gap.one, gap.other)}
        piece = max(sides)  # numbers go from the longest piece to the shortest
        if len(sides) == 1:
            alone.append(gap)
        else:
            of_piece.setdefault(piece, []).append(gap)
    found = []
    for piece in range(1, len(metres)):
        if metres[piece] == 0:
            continue
        near = of_piece.get(piece, [])
        if len(near) == 1:
            alone.append(near[0])
            continue
        edges = np.flatnonzero(part[network.edge_nodes[:, 0]] == piece)
        near = near or _shortest_way_out(network, edges)
        found.append(_component(network, edges, near))
    return [*(_gap(network, gap) for gap in alone), *found]


def _gap(network: WalkNetwork, gap: Gap) -> Fault:
    edges = (gap.one.edge, gap.other.edge)
    shape = (
        shapely.Point(gap.xy[0]) if gap.metres <= ON_EACH_OTHER_M else shapely.LineString(gap.xy)
    )
    return Fault(
        gap.kind, shape, gap.metres, edges, repair=(_repair(network, gap),), links=(_link(gap),)
    )


def _component(network: WalkNetwork, edges: Ints, gaps: list[Gap]) -> Fault:
    shape = shapely.union_all(network.lines[edges])
    by_place = {gap.xy.tobytes(): gap for gap in gaps}
    repairs = tuple(_repair(network, gap) for gap in by_place.values())
    metres = float(network.edge_length_m[edges].sum())
    links = tuple(_link(gap) for gap in gaps)
    return Fault("component", shape, metres, tuple(map(int, edges)), repair=repairs, links=links)


def _repair(network: WalkNetwork, gap: Gap) -> Repair:
    crs = network.crs.to_string()
    if gap.metres <= ON_EACH_OTHER_M:
        return JoinStreets(shapely.Point(gap.xy.mean(axis=0)), crs=crs)
    return AddLink(shapely.LineString(gap.xy), crs=crs)


def _link(gap: Gap) -> Link:
    return Link(gap.xy, (gap.one, gap.other), {})


def _shortest_way_out(network: WalkNetwork, edges: Ints) -> list[Gap]:
    """The shortest line from a piece of the streets to the others on the ground, if it is short."""
    others = np.setdiff1d(np.flatnonzero(~network.passed_over), edges)
    ground = edges[network.traits["off_ground"][edges] == 0]
    if len(others) == 0 or len(ground) == 0 or _at_border(network, edges):
        return []
    tree = shapely.STRtree(network.lines[others])
    row, hit = tree.query_nearest(network.lines[ground], max_distance=ACROSS_M, all_matches=False)
    if len(row) == 0:
        return []
    ways = shapely.shortest_line(network.lines[ground[row]], network.lines[others[hit]])
    best = int(np.argmin(shapely.length(ways)))
    xy = shapely.get_coordinates(ways[best])
    ends = [
        Joint(
            int(edge), float(shapely.line_locate_point(network.lines[edge], point, normalized=True))
        )
        for edge, point in zip(
            (ground[row[best]], others[hit[best]]), map(shapely.Point, xy), strict=True
        )
    ]
    return [Gap("component", ends[0], ends[1], xy, float(shapely.length(ways[best])))]


def _at_border(network: WalkNetwork, edges: Ints) -> bool:
    """Whether a piece goes on beyond the border of the data, as far as anybody can tell."""
    return bool(shapely.dwithin(network.lines[edges], border_of(network), AT_BORDER_M).any())


def _one_ways(network: WalkNetwork) -> list[Fault]:
    """Ways that are walked in one direction only, each whole."""
    one_way = np.flatnonzero(network.traits["oneway_foot"] != 0)
    way = network.edge_osmid[one_way]
    found = []
    for osmid in dict.fromkeys(way.tolist()):
        mine = one_way[way == osmid]
        for edges in [mine] if osmid > 0 else mine[:, None]:
            shape = shapely.line_merge(shapely.union_all(network.lines[edges]))
            if osmid > 0:
                repair = OpenBothWays(str(osmid))
            else:
                at = shapely.line_interpolate_point(network.lines[edges[0]], 0.5, normalized=True)
                repair = OpenBothWays(at=at, crs=network.crs.to_string())
            metres = float(network.edge_length_m[edges].sum())
            found.append(Fault("one_way", shape, metres, tuple(map(int, edges)), repair=(repair,)))
    return found


def _walls(card: Scorecard) -> list[Fault]:
    """Walls without a gate, and those whose gates lead to no street."""
    network, origins = card.network, card.origins
    if "way_out" not in origins or card.question is None:
        return []
    shapes = in_crs_of(card.areas, network, "areas")
    word = origins.drop_duplicates("area").set_index("area")["way_out"].reindex(card.areas.index)
    found = [
        Fault("wall_without_gate", shapes[row], float(shapely.length(shapes[row])), area=int(row))
        for row in np.flatnonzero((word == "wall_without_gate").to_numpy())
    ]
    compounds = closed_compounds(card.areas, origins, network)
    snap_m = card.question.snap_limit_m
    tree = shapely.STRtree(network.lines[~network.passed_over])
    rows = card.areas.index.get_indexer(compounds.labels)
    for row, gates in zip(rows, compounds.gates, strict=True):
        _, far = tree.query_nearest(gates, return_distance=True, all_matches=False)
        if far[0] > snap_m:
            repair = _gate_to_street(card, shapes[row], int(row), tree)
            wall = float(shapely.length(shapes[row]))
            found.append(Fault("wall", shapes[row], wall, area=int(row), repair=repair))
    return found


def _gate_to_street(
    card: Scorecard, shape: shapely.Geometry, row: int, tree: shapely.STRtree
) -> tuple[Repair, ...]:
    """A gate where the wall is nearest to a street, if one is near enough."""
    network = card.network
    wall = shapely.boundary(shape)
    hit, far = tree.query_nearest(wall, return_distance=True, all_matches=False)
    if card.question is None or far[0] > card.question.snap_limit_m - GATE_REACH_M:
        return ()
    spot = shapely.get_point(shapely.shortest_line(wall, tree.geometries[hit[0]]), 0)
    crs = network.crs.to_string()
    return (OpenGate(spot, area=card.areas.index[row], crs=crs),)


def street_of(network: WalkNetwork, fault: Fault) -> tuple[str, int]:
    """Name and way of the street that a fault is at: of the first that has one."""
    edges = list(fault.edges)
    names = [str(name) for name in network.traits["name"][edges] if name]
    ways = [int(way) for way in network.edge_osmid[edges] if way > 0]
    return (names[0] if names else "", ways[0] if ways else 0)
