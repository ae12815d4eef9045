"""The changes of a scenario that mend streets: ends that are joined, one-way footways opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from quarterhour.arrays import Ints
from quarterhour.errors import InputError
from quarterhour.planning.proposal import (
    WGS84,
    Place,
    Proposal,
    geometry_of,
    projected,
    require_degrees,
)
from quarterhour.planning.street_changes import edges_meant, on_streets, with_note
from quarterhour.streets.edited import Joint, with_joint, with_traits
from quarterhour.streets.network import WalkNetwork

MEET_M = 1.0
"""Streets that pass this near to a place where they are joined are joined there."""

AT_END_M = 0.01


@dataclass(frozen=True)
class JoinStreets:
    """Streets joined at a place where they lie on each other and do not meet.

    A barrier that can be passed after all, a junction that was drawn twice, a crossing without a
    node, a bridge that hangs over the street it ends on.

    Attributes
    ----------
    at
        Where: a longitude and latitude in WGS 84, or a point in ``crs``. All streets that end
        within 1 m of it are joined; where fewer than two do, so are those that pass there.
    name
        What it is called.
    crs
        CRS of ``at``.
    """

    at: Place
    name: str = ""
    crs: str = WGS84

    kind = "join_streets"

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", geometry_of(self.at, str(self)))

    def __str__(self) -> str:
        return f"join streets {self.name}".strip()

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the streets joined.

        Raises
        ------
        InputError
            If fewer than two streets lie there, or they meet already.
        """
        shape: Any = self.at
        if shape.geom_type != "Point":
            msg = f"{self}: streets are joined at a point, not at a {shape.geom_type}."
            raise InputError(msg)
        require_degrees(shape, self.crs, str(self))
        place = projected(shape, self.crs, to.network.crs)
        joints = joints_at(to.network, place)
        nodes = {_end_of(to.network, one) for one in joints}
        if len(joints) < 2 or (len(nodes) == 1 and None not in nodes):
            told = "meet already" if joints else "are not there"
            msg = (
                f"{self}: the streets within {MEET_M:g} m of {place_text(shape)} {told}: give a "
                "place where two lie on each other and do not meet, or add a link between them."
            )
            raise InputError(msg)
        return on_streets(to, with_note(with_joint(to.network, joints), str(self)))


@dataclass(frozen=True)
class OpenBothWays:
    """A street that may be walked in one direction only, walked in both.

    Attributes
    ----------
    street
        Its name, or the number of its OpenStreetMap way; all pieces that have it.
    at
        A place on the piece that is meant, between two junctions: with ``street`` only that
        piece of it; alone, the nearest; a line, all pieces that lie along it.
    name
        What the change is called.
    crs
        CRS of ``at``.
    """

    street: Any = ""
    at: Place | None = None
    name: str = ""
    crs: str = WGS84

    kind = "open_both_ways"

    def __post_init__(self) -> None:
        if self.at is not None:
            object.__setattr__(self, "at", geometry_of(self.at, "a street that is opened"))

    def __str__(self) -> str:
        words = ("open both ways", self.name, str(self.street))
        return " ".join(word for word in words if word)

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal in which the street is walked both ways.

        Raises
        ------
        InputError
            If there is no such street, or none of it is one-way.
        """
        if self.at is None and not str(self.street).strip():
            msg = f"{self}: nothing says which street: give its name, its way, or a place on it."
            raise InputError(msg)
        network = to.network
        mine = edges_meant(self, network) & (network.traits["oneway_foot"] != 0)
        if not mine.any():
            msg = (
                f"{self}: it is walked both ways already. One-way streets of vehicles are, unless "
                "they say oneway:foot."
            )
            raise InputError(msg)
        changed = with_traits(network, mine, {"oneway_foot": 0})
        return on_streets(to, with_note(changed, str(self)))


def joints_at(network: WalkNetwork, place: Any) -> list[Joint]:
    """Positions on the streets that would become one: ends near a place, else what passes there."""
    edge = shapely.STRtree(network.lines).query(place, "dwithin", distance=MEET_M)
    edge = np.sort(edge)
    ends = np.concatenate([edge, edge])
    fraction = np.repeat([0.0, 1.0], len(edge))
    node = np.concatenate([network.edge_nodes[edge, 0], network.edge_nodes[edge, 1]])
    far = np.hypot(*(network.node_xy[node] - shapely.get_coordinates(place)[0]).T)
    near = far <= MEET_M
    order = np.lexsort((ends[near], far[near]))
    node, ends, fraction = node[near][order], ends[near][order], fraction[near][order]
    _, first = np.unique(node, return_index=True)
    first = np.sort(first)
    found = [Joint(int(ends[k]), float(fraction[k])) for k in first]
    if len(found) > 1:
        return found
    passing = np.setdiff1d(edge, ends)
    return found + _passing(network, passing, place)


def _passing(network: WalkNetwork, edge: Ints, place: Any) -> list[Joint]:
    along = shapely.line_locate_point(network.lines[edge], place, normalized=True)
    return [Joint(int(e), float(f)) for e, f in zip(edge, np.asarray(along), strict=True)]


def _end_of(network: WalkNetwork, joint: Joint) -> int | None:
    """The node that a joint is at; none between nodes."""
    u, v = network.edge_nodes[joint.edge]
    metres = network.line_length_m[joint.edge]
    if joint.fraction * metres <= AT_END_M:
        return int(u)
    return int(v) if (1 - joint.fraction) * metres <= AT_END_M else None


def place_text(shape: Any) -> str:
    """Say where a point is."""
    return f"{shape.x:.6f}, {shape.y:.6f}"
