"""The changes of a scenario to streets: a link more, a street less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from quarterhour.arrays import Mask
from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.planning.proposal import (
    WGS84,
    Place,
    Proposal,
    geometry_of,
    projected,
    require_degrees,
)
from quarterhour.streets.edited import Joint, retold, with_link, without_edges
from quarterhour.streets.elevation import Elevation
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap import joined_positions, nearest_positions
from quarterhour.walking.pace import Sloped

JOIN_M = 25.0
"""The ends of a link are joined to a street that lies this near."""

ON_SCRAP_M = 1.0
"""An end that is drawn this near to a scrap of street, or a dead end above, is joined to that."""

ON_STREET_M = 15.0
"""A point that names a street lies this near to it."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class AddLink:
    """A footway more between two places on the streets: a crossing, a bridge, a path.

    Its ends are joined to the nearest streets; what it crosses on its way it is not joined to.

    Attributes
    ----------
    line
        A line, or two points: (longitude, latitude) in WGS 84, or geometries in ``crs``.
    name
        What it is called.
    traits
        What it is like: ``{"steps": True}``, ``{"crossing": "signals"}``.
    crs
        CRS of ``line``.
    """

    line: Any
    name: str = ""
    traits: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    crs: str = WGS84

    kind = "add_link"

    def __post_init__(self) -> None:
        object.__setattr__(self, "line", self._drawn())

    def __str__(self) -> str:
        return f"add link {self.name}".strip()

    def _drawn(self) -> shapely.LineString:
        """Make a line of what was given.

        Raises
        ------
        InputError
            If it is neither a line nor two points.
        """
        shape = self.line
        if isinstance(shape, (tuple, list)):
            ends = [geometry_of(one, f"{self}, point {n}") for n, one in enumerate(shape, 1)]
            if len(ends) < 2 or any(one.geom_type != "Point" for one in ends):
                msg = f"{self} needs a line, or two points, that it joins; it has {len(ends)}."
                raise InputError(msg)
            shape = shapely.LineString(shapely.get_coordinates(ends))
        shape = geometry_of(shape, str(self))
        if shape.geom_type == "MultiLineString":
            shape = shapely.line_merge(shape)
        if shape.geom_type != "LineString" or shape.length == 0:
            msg = f"{self} needs one line of some length, or two points; it is a {shape.geom_type}."
            raise InputError(msg)
        line: shapely.LineString = shapely.force_2d(shape)
        return line

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the link in its streets.

        Raises
        ------
        InputError
            If an end lies off every street, or both are at the same place.
        """
        network = to.network
        shape = self.line
        require_degrees(shape, self.crs, str(self))
        line = shapely.get_coordinates(projected(shape, self.crs, network.crs))
        ends = np.asarray(shapely.points(line[[0, -1]]), dtype=object)
        at = _joined_to(network, ends)
        for k, end in enumerate(ends):
            if k not in at.row:
                far = _far(network, end)
                msg = (
                    f"{self}: its {'beginning' if k == 0 else 'end'} is {far:,.0f} m from the "
                    f"nearest street, farther than {JOIN_M:g} m: draw it up to a street."
                )
                raise InputError(msg)
        one, other = (
            Joint(int(edge), float(fraction))
            for edge, fraction in zip(at.edge, at.fraction, strict=True)
        )
        # From the street to where it was drawn and on: the legs are part of the link.
        on_street = shapely.get_coordinates(
            shapely.line_interpolate_point(network.lines[at.edge], at.fraction, normalized=True)
        )
        if np.hypot(*(on_street[0] - on_street[1])) < 0.01:
            msg = f"{self}: both ends meet the streets at the same place: it would lead nowhere."
            raise InputError(msg)
        drawn = _without_steps_of_nothing(np.vstack([on_street[0], line, on_street[1]]))
        traits = {"highway": "footway", "name": self.name, **_checked(self, network)}
        changed = with_link(network, drawn, (one, other), traits)
        return on_streets(to, with_note(changed, str(self)))


def _joined_to(network: WalkNetwork, ends: npt.NDArray[np.object_]) -> Positions:
    """Where the ends of a link meet the streets.

    That is where a place would be put on them; but an end that is drawn on a scrap, or on the
    dead end of a bridge, on which no place is put, is meant for that.
    """
    at = nearest_positions(ends, network, JOIN_M)
    passed = np.flatnonzero(network.passed_over)
    if len(passed) == 0:
        return at
    row, hit = shapely.STRtree(network.lines[passed]).query(ends, "dwithin", distance=ON_SCRAP_M)
    edge = passed[hit]
    leg = shapely.distance(network.lines[edge], ends[row])
    along = shapely.line_locate_point(network.lines[edge], ends[row], normalized=True)
    degree = np.bincount(network.edge_nodes.ravel(), minlength=network.n_nodes)
    dead = degree[network.edge_nodes[edge]] == 1
    at_dead_end = (dead[:, 0] & (along == 0)) | (dead[:, 1] & (along == 1))
    known = np.full(len(ends), np.inf)
    known[at.row] = at.leg_m
    meant = ((network.traits["off_ground"][edge] == 0) | at_dead_end) & (leg < known[row])
    order = np.lexsort((edge[meant], leg[meant], row[meant]))
    found = Positions(row[meant], edge[meant], np.asarray(along)[meant], leg[meant]).take(order)
    found = found.take(np.unique(found.row, return_index=True)[1])
    return joined_positions(at.take(~np.isin(at.row, found.row)), found)


@dataclass(frozen=True)
class CloseStreet:
    """A street less: it is walked no more, and nobody steps onto it.

    Attributes
    ----------
    street
        Its name, or the number of its OpenStreetMap way; all pieces that have it.
    at
        A place on the piece that is closed, between two junctions: with ``street`` only that
        piece of it; alone, the nearest.
    crs
        CRS of ``at``.
    """

    street: Any = ""
    at: Place | None = None
    crs: str = WGS84

    kind = "close_street"

    def __post_init__(self) -> None:
        if self.at is not None:
            object.__setattr__(self, "at", geometry_of(self.at, "a street that is closed"))

    def __str__(self) -> str:
        where = "" if self.at is None else " at " + geometry_of(self.at, "a street").wkt
        return f"close street {self.street}{where}".replace("  ", " ").strip()

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal without the street.

        Raises
        ------
        InputError
            If there is no such street, or nothing would be left.
        """
        network = to.network
        if self.at is None and not str(self.street).strip():
            msg = "A street is closed and nothing says which: give its name, its way, or a place."
            raise InputError(msg)
        gone = edges_meant(self, network)
        if gone.all():
            msg = f"{self}: no street would be left."
            raise InputError(msg)
        return on_streets(to, with_note(without_edges(network, gone), str(self)))


class StreetChange(Protocol):
    """A change that names a street, a place on one, or both."""

    @property
    def street(self) -> Any:
        """Name, or number of the way."""

    @property
    def at(self) -> Place | None:
        """A place on it."""

    @property
    def crs(self) -> str:
        """CRS of the place."""


def edges_meant(change: StreetChange, network: WalkNetwork) -> Mask:
    """Find the pieces of street that a change names.

    Raises
    ------
    InputError
        If there is none.
    """
    meant = np.ones(network.n_edges, dtype=bool)
    if str(change.street).strip():
        meant = _named(network, change.street, str(change))
    return meant if change.at is None else _nearest(change, network, meant)


def _named(network: WalkNetwork, street: Any, what: str) -> Mask:
    """Find the edges of a street by its name or its way.

    Raises
    ------
    InputError
        If there is none.
    """
    text = str(street).strip()
    number = text.removeprefix("way/").removeprefix("w").strip()
    if number.isdigit():
        found = network.edge_osmid == int(number)
        if found.any():
            return np.asarray(found)
    names = network.traits["name"].astype(str)
    found = names == text
    if not found.any():
        near = get_close_matches(text, sorted({str(one) for one in names if one}), cutoff=0.5)
        hint = f" Did you mean {' or '.join(repr(one) for one in near)}?" if near else ""
        msg = f"{what}: no street has this name or way number.{hint}"
        raise InputError(msg)
    return np.asarray(found)


def _nearest(change: StreetChange, network: WalkNetwork, among: Mask) -> Mask:
    """The piece, or the pieces that a line runs along, of those that are meant.

    Raises
    ------
    InputError
        If none is near.
    """
    shape = geometry_of(change.at, str(change))
    require_degrees(shape, change.crs, str(change))
    place = projected(shape, change.crs, network.crs)
    index = np.flatnonzero(among)
    tree = shapely.STRtree(network.lines[index])
    gone = np.zeros(network.n_edges, dtype=bool)
    if place.length > 0:  # a line drawn along what is closed: pieces that lie by it all along
        near = index[tree.query(place, "dwithin", distance=ON_STREET_M)]
        along = shapely.hausdorff_distance(
            network.lines[near],
            shapely.intersection(place.buffer(ON_STREET_M), network.lines[near]),
        )
        gone[near[np.nan_to_num(along, nan=np.inf) < AT_ENDS_M]] = True
    else:
        hit, far = tree.query_nearest(place, return_distance=True, all_matches=False)
        gone[index[hit[far <= ON_STREET_M]]] = True
    if not gone.any():
        msg = (
            f"{change}: no street lies there (the nearest is {_far(network, place):,.0f} m away, "
            f"it should be within {ON_STREET_M:g} m)."
        )
        raise InputError(msg)
    return gone


AT_ENDS_M = 1.0
"""A line that is drawn along a street may fall short of it by so much."""


def _far(network: WalkNetwork, place: BaseGeometry) -> float:
    tree = shapely.STRtree(network.lines)
    return float(tree.query_nearest(place, return_distance=True)[1][0])


def _checked(link: AddLink, network: WalkNetwork) -> dict[str, Any]:
    """See that the streets have the traits of a link.

    Raises
    ------
    InputError
        If they have not; then they would change nothing.
    """
    if strange := sorted(set(link.traits) - set(network.traits)):
        msg = (
            f"{link}: streets have no {listed(strange)}. What can be said of one: "
            f"{', '.join(sorted(network.traits))}."
        )
        raise InputError(msg)
    return dict(link.traits)


def _without_steps_of_nothing(xy: Any) -> Any:
    """Leave out vertices that repeat the one before; the two ends stay."""
    moved = np.r_[True, np.hypot(*np.diff(xy, axis=0).T) > 1e-6]
    kept = xy[moved]
    return kept if len(kept) > 1 else xy[[0, -1]]


def with_note(network: WalkNetwork, told: str) -> WalkNetwork:
    """Give the network with what was done to it in its metadata."""
    before = network.metadata.get("scenario")
    said = told if before is None else f"{before}; {told}"
    return retold(network, {**network.metadata, "scenario": said})


def on_streets(to: Proposal, network: WalkNetwork) -> Proposal:
    """Give the proposal on other streets; heights of its walker go on to new nodes."""
    pace = to.question.pace
    more = network.n_nodes - to.network.n_nodes
    if isinstance(pace, Sloped) and more:
        heights = _heights(to.network, network, pace.elevation)
        question = replace(to.question, pace=replace(pace, elevation=heights))
        to = replace(to, question=question)
    return to.with_network(network)


def _heights(before: WalkNetwork, after: WalkNetwork, known: Elevation) -> Elevation:
    """Heights of nodes that were put on an edge: between those of its ends."""
    node_m = np.concatenate([known.node_m, np.full(after.n_nodes - before.n_nodes, np.nan)])
    points = np.asarray(shapely.points(after.node_xy[before.n_nodes :]), dtype=object)
    tree = shapely.STRtree(before.lines)
    row, edge = tree.query_nearest(points, all_matches=False)
    along = shapely.line_locate_point(before.lines[edge], points[row], normalized=True)
    u, v = before.edge_nodes[edge].T
    node_m[before.n_nodes + row] = (1 - along) * known.node_m[u] + along * known.node_m[v]
    node_m.flags.writeable = False
    return replace(known, node_m=node_m)
