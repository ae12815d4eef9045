"""What stands in the way of a walk: what it would be without a wall, stairs, a wait, a block."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from quarterhour.arrays import Ints, Mask
from quarterhour.places.origins import BEHIND
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import placed_ends, placed_starts
from quarterhour.walking.pace import Pace, checked_seconds, off_street_speed_m_s
from quarterhour.walking.routes import Route, Tracer, metres_along

WORDS = {
    "wall": "a wall without a gate on the way there",
    "closed": "stairs, kerbs or slopes that slow this walker or are closed to this walker",
    "crossing": "crossings, and the wait at them",
    "way_round": "a way round, where a link is missing",
    "no_street": "no street leads there",
    "distance": "nothing: it is far",
    "no_place": "there is no such place",
    "not_in_service": "there is one, which does not count then",
}
"""What stands in the way, by the word in the column ``in_the_way``."""

LINK_M = 150.0
"""A missing link is at most so long."""

ROUND_M = 100.0
"""A way round is worth a link if the link saves so much."""

LEAST_S = 30.0
"""What saves less than this does not stand in the way."""

LEAST_SHARE = 0.2
"""… nor does what saves less than this part of what is lacking."""

AS_GOOD = 0.9
"""The shortest link is taken of those that save at least this part of the most."""

STEP_M = 10.0
"""Ends of missing links are tried this far apart along the way."""


class Obstacle(NamedTuple):
    """What stands in the way, the seconds that it costs, how many or how long, and where."""

    word: str
    saves_s: float
    detail: float
    where: shapely.Geometry | None


class Walkers(NamedTuple):
    """Where homes and places are on the streets, as they are and as if no wall were there."""

    homes: Placed
    places: Placed
    free_homes: Placed
    free_places: Placed
    home_at: np.ndarray[tuple[int], np.dtype[np.object_]]
    place_at: np.ndarray[tuple[int], np.dtype[np.object_]]

    @classmethod
    def of(
        cls,
        homes: gpd.GeoDataFrame,
        places: gpd.GeoDataFrame,
        network: WalkNetwork,
        snap_limit_m: float,
    ) -> Walkers:
        """Put homes and places on the streets."""
        bare = (table.drop(columns=["exits", BEHIND], errors="ignore") for table in (homes, places))
        free_homes, free_places = bare
        return cls(
            placed_starts(homes, network, snap_limit_m),
            placed_ends(places, network, snap_limit_m),
            placed_starts(free_homes, network, snap_limit_m),
            placed_ends(free_places, network, snap_limit_m),
            np.asarray(homes.geometry.to_crs(network.crs).array, dtype=object),
            np.asarray(places.geometry.to_crs(network.crs).array, dtype=object),
        )


class Ways:
    """The walks of one walker, as they are and as they would be without an obstacle."""

    def __init__(self, network: WalkNetwork, pace: Pace, walkers: Walkers) -> None:
        self.network, self.walkers = network, walkers
        self.speed_m_s = off_street_speed_m_s(pace)
        self.seconds = checked_seconds(pace, network)
        self.as_is = Tracer(network, self.seconds, self.speed_m_s)
        self._level = network.edge_length_m / self.speed_m_s

    @cached_property
    def _waits(self) -> Mask:
        """Crossings at which this walker waits."""
        crossing = self.network.traits["crossing"].astype(str)
        there = ~np.isin(crossing, ("", "no", "nan", "None"))
        best = self.seconds.min(axis=1)
        return np.asarray(there & np.isfinite(best) & (best > self._level + 1e-6))

    @cached_property
    def _slowed(self) -> Mask:
        """Stairs on which this walker is slow, and what is closed to this walker both ways."""
        best = self.seconds.min(axis=1)
        steps = self.network.traits["steps"].astype(bool) & (best > self._level + 1e-6)
        return np.asarray((steps | np.isinf(best)) & ~self._waits)

    @cached_property
    def without_waits(self) -> Tracer | None:
        """Walks that wait nowhere; none where this walker never waits."""
        return self._eased(self._waits)

    @cached_property
    def opened(self) -> Tracer | None:
        """Walks over stairs and closed streets at the speed of level ground; none without any."""
        return self._eased(self._slowed)

    def _eased(self, edges: Mask) -> Tracer | None:
        if not edges.any():
            return None
        seconds = self.seconds.copy()
        seconds[edges] = np.minimum(seconds[edges], self._level[edges, None])
        return Tracer(self.network, seconds, self.speed_m_s)

    def routes(self, home: int, places: Ints, limit_s: float) -> list[Route | None]:
        """Give the walks from a home to places."""
        start = self.walkers.homes.take(np.array([home]))
        return self.as_is.routes(start, self.walkers.places.take(places), limit_s)

    def obstacles(
        self, home: int, places: Ints, found: list[Route | None], limit_s: float
    ) -> list[list[Obstacle]]:
        """Say what stands in the way of walks from a home to places, what costs most first."""
        ends = self.walkers.places.take(places)
        start = self.walkers.homes.take(np.array([home]))
        eased: dict[str, list[Route | None]] = {}
        for word, tracer in (("closed", self.opened), ("crossing", self.without_waits)):
            if tracer is not None:
                eased[word] = tracer.routes(start, ends, limit_s)
        free = self.walkers.free_homes.take(np.array([home]))
        free_ends = self.walkers.free_places.take(places)
        if not (_alike(start, free) and _alike(ends, free_ends)):
            eased["wall"] = self.as_is.routes(free, free_ends, limit_s)
        told = []
        for k, (place, route) in enumerate(zip(places, found, strict=True)):
            mine = [
                one
                for word, routes in eased.items()
                if (one := self._cost_of(word, route, routes[k], (home, int(place)))) is not None
            ]
            if route is None and not mine:
                mine = [self._no_street(home, int(place))]
            elif route is not None and route.line is not None:
                mine += self._way_round(route, home, int(place))
            mine.sort(key=lambda one: -one.saves_s)
            words = [one.word for one in mine]
            told.append([one for n, one in enumerate(mine) if one.word not in words[:n]])
        return told

    def _cost_of(
        self, word: str, now: Route | None, eased: Route | None, ends: tuple[int, int]
    ) -> Obstacle | None:
        """Hold a walk beside what it would be without an obstacle."""
        if eased is None:
            return None
        saved = np.inf if now is None else now.seconds - eased.seconds
        if not saved >= LEAST_S:
            return None
        if word == "wall":
            return Obstacle(word, saved, np.nan, self._opening(eased, *ends))
        mine = self._waits if word == "crossing" else self._slowed
        way = now if word == "crossing" and now is not None else eased
        edges = np.unique(way.edges[mine[way.edges]])
        if len(edges) == 0:  # it is quicker elsewhere, and of another kind
            edges = np.unique(eased.edges[mine[eased.edges]])
        lines = shapely.MultiLineString(list(self.network.lines[edges]))
        detail = float(len(edges))
        if word == "crossing":
            detail = float((self.seconds[edges].min(axis=1) - self._level[edges]).sum())
        return Obstacle(word, saved, detail, lines if len(edges) else None)

    def _opening(self, eased: Route, home: int, place: int) -> shapely.Geometry:
        """Where the walk without walls goes through them: from the home, or to the place."""
        ends = [shapely.centroid(self.walkers.home_at[home]), self.walkers.place_at[place]]
        if eased.line is None:
            return _straight(ends[0], ends[1])
        tips = shapely.get_coordinates(eased.line)[[0, -1]]
        legs = [_straight(end, shapely.Point(tip)) for end, tip in zip(ends, tips, strict=True)]
        gated = self._gated(home, place)
        return shapely.MultiLineString([leg for leg, one in zip(legs, gated, strict=True) if one])

    def _way_round(self, route: Route, home: int, place: int) -> list[Obstacle]:
        """Find the short link that would save most of a walk."""
        assert route.line is not None  # noqa: S101 - for the type checker
        from quarterhour.scoring.shortcut_kernels import shortcut  # noqa: PLC0415 - numba

        whole = shapely.get_coordinates(route.line)
        into = _straight(self.walkers.place_at[place], shapely.Point(whole[-1]))
        home_at = shapely.centroid(self.walkers.home_at[home])
        ends = np.vstack([shapely.get_coordinates(home_at), shapely.get_coordinates(into)[:1]])
        line = shapely.LineString(np.vstack([ends[:1], whole, ends[1:]]))
        dense = shapely.segmentize(line, max(STEP_M, line.length / 400.0))
        xy, along = shapely.get_coordinates(dense), metres_along(dense)
        most, i, j = shortcut(xy, along, LINK_M, AS_GOOD)
        if most < ROUND_M or most / self.speed_m_s < LEAST_S:
            return []
        link = shapely.LineString(xy[[i, j]])
        saved = float(along[j] - along[i]) - link.length
        legs = np.hypot(*(ends - whole[[0, -1]]).T)
        inside = along[i] < legs[0] - 1e-6, along[j] > along[-1] - legs[1] + 1e-6
        walled = any(a and b for a, b in zip(inside, self._gated(home, place), strict=True))
        word = "wall" if walled else "way_round"  # a link that begins inside walls needs a gate
        return [Obstacle(word, saved / self.speed_m_s, link.length, link)]

    def _gated(self, home: int, place: int) -> tuple[bool, bool]:
        """Whether a home, and a place, are behind walls that make a difference."""
        walkers = self.walkers
        one, other = np.array([home]), np.array([place])
        return (
            not _alike(walkers.homes.take(one), walkers.free_homes.take(one)),
            not _alike(walkers.places.take(other), walkers.free_places.take(other)),
        )

    def _no_street(self, home: int, place: int) -> Obstacle:
        """Find the shortest link between the streets of a home and those of a place."""
        network = self.network
        at = [
            self.walkers.homes.take(np.array([home])).at,
            self.walkers.places.take(np.array([place])).at,
        ]
        if not all(len(one.edge) for one in at):
            return Obstacle("no_street", np.nan, np.nan, None)
        parts = [network.component[network.edge_nodes[one.edge].ravel()] for one in at]
        nodes = [np.flatnonzero(np.isin(network.component, part)) for part in parts]
        if np.isin(nodes[0], nodes[1]).any():  # joined, and not for this walker this way
            return Obstacle("no_street", np.nan, np.nan, None)
        found = cKDTree(network.node_xy[nodes[1]]).query(network.node_xy[nodes[0]])
        metres, other = (np.asarray(part) for part in found)
        one = int(np.argmin(metres))
        tips = network.node_xy[[nodes[0][one], nodes[1][int(other[one])]]]
        return Obstacle("no_street", np.nan, float(metres[one]), shapely.LineString(tips))


def _straight(one: shapely.Geometry, other: shapely.Geometry) -> shapely.LineString:
    """Give the shortest line from one shape to another."""
    line: shapely.LineString = shapely.shortest_line(one, other)
    return line


def _alike(one: Placed, other: Placed) -> bool:
    """Tell whether places join the streets alike."""
    if len(one.at.row) != len(other.at.row):
        return False
    return all(np.array_equal(a, b) for a, b in zip(tuple(one.at), tuple(other.at), strict=True))
