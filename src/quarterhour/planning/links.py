"""Which gate, which footway: what each of them would be worth to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError, QuarterhourError
from quarterhour.planning.compare import compare
from quarterhour.planning.link_candidates import at_nodes, gate_candidates, link_candidates
from quarterhour.planning.proposal import Proposal
from quarterhour.planning.scenarios import Scenario, scenario
from quarterhour.planning.street_changes import AddLink
from quarterhour.planning.wall_changes import OpenGate
from quarterhour.scoring.judge import costs
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import start_positions
from quarterhour.walking.pace import off_street_speed_m_s
from quarterhour.walking.travel_times import times_between

Change = AddLink | OpenGate

APART_M = 100.0
"""Of candidates that begin this near to one that is worth more, only that one is told."""


@dataclass(frozen=True, eq=False, repr=False)
class LinkValues:
    """Gates and links, those first that are worth most.

    Attributes
    ----------
    table
        One row per candidate: ``change`` (open_gate, add_link), ``area`` (of a gate),
        ``length_m`` (of a link), ``gained`` (residents who would have an item more within its
        limit), ``gained_pairs`` (residents × items), ``best_item`` (the item that most of them
        would gain), ``exact`` (the whole assessment was asked again; else the gain was reckoned
        for the homes that could use it, see :func:`link_value`), geometry in WGS 84.
    changes
        The candidates as changes of a scenario, in the same order.
    measure
        ``residents``, or ``residences`` where residents are not known everywhere.
    """

    table: gpd.GeoDataFrame
    changes: tuple[Change, ...]
    measure: str

    def scenario(self, n: int = 1) -> Scenario:
        """Make a scenario of the first n of them."""
        return Scenario(self.changes[:n], f"the {n} gates and links that are worth most")

    def __repr__(self) -> str:
        best = self.table["gained"].max() if len(self.table) else 0
        return (
            f"<LinkValues: {len(self.table):,} gates and links, the best worth {best:,.0f} "
            f"{self.measure}; {int(self.table['exact'].sum())} exact>"
        )


class _Reckoned(NamedTuple):
    change: Change
    pairs: float
    where: shapely.Point


def link_value(
    card: Scorecard, candidates: Scenario | None = None, *, exact: int = 20, show: int = 100
) -> LinkValues:
    """Say what a gate more or a footway more would be worth, and to how many.

    Parameters
    ----------
    card
        The scorecard that is asked.
    candidates
        A scenario of :class:`OpenGate` and :class:`AddLink` changes, each valued by itself. Not
        given: points in the walls of closed compounds with a street before them, and pairs of
        places on the streets at most 60 m apart that are 400 m or more apart on foot. Whether
        a footway can be built there, a map or a visit has to tell.
    exact
        For how many of the best the whole assessment is asked again. Candidates that are given
        are all exact.
    show
        How many are told at most.

    Returns
    -------
    LinkValues

    Raises
    ------
    InputError
        If a candidate is neither a gate nor a link, or cannot be made.

    Notes
    -----
    The gain of a candidate is reckoned first: a walk by way of it is the walk to its one end,
    the link, and the walk from its other end to the nearest place of the item. That holds for
    each link where the walk back is as long as the walk there; of gates it counts those who
    walk out, not those who walk in. The best are then asked again in whole, and ranked by that.
    """
    Proposal.of(card)  # says what is missing
    if candidates is not None:
        changes = _given(candidates)
        chosen = [_Reckoned(change, np.nan, _point(change)) for change in changes]
        rows = [_exact(card, one) for one in chosen]
    else:
        chosen = _thinned([*_gates(card), *_links(card)], show)
        rows = [_exact(card, one) for one in chosen[:exact]]
        rows += [_told(one, None) for one in chosen[exact:]]
    order = sorted(range(len(rows)), key=lambda i: (not rows[i]["exact"], -_rank(rows[i])))
    columns = ["change", "area", "length_m", "gained", "gained_pairs", "best_item", "exact"]
    table = gpd.GeoDataFrame(
        pd.DataFrame([rows[i] for i in order], columns=columns),
        geometry=gpd.GeoSeries([_shape(chosen[i].change) for i in order], crs="EPSG:4326"),
        crs="EPSG:4326",
    )
    measure = "residents" if card.origins["residents"].notna().all() else "residences"
    return LinkValues(table, tuple(chosen[i].change for i in order), measure)


def _rank(row: dict[str, object]) -> float:
    return float(str(row["gained_pairs"]))


def _given(candidates: Scenario) -> tuple[Change, ...]:
    changes = []
    for change in candidates:
        if not isinstance(change, (AddLink, OpenGate)):
            msg = f"{change} is neither a gate nor a link: give OpenGate and AddLink changes."
            raise InputError(msg)
        changes.append(change)
    return tuple(changes)


def _exact(card: Scorecard, one: _Reckoned) -> dict[str, object]:
    """Ask the whole assessment with one change."""
    try:
        found = compare(card, scenario(card, [one.change]))
    except QuarterhourError as error:
        if np.isnan(one.pairs):  # it was given
            raise
        return _told(one, None) | {"gained_pairs": 0.0, "best_item": f"({error})"}
    return _told(one, found.items["gained"]) | {"gained": float(found.areas["gained"].sum())}


def _told(one: _Reckoned, gained: pd.Series[float] | None) -> dict[str, object]:
    change = one.change
    exact = gained is not None
    pairs = float(gained.sum()) if gained is not None else one.pairs
    best = gained.idxmax() if gained is not None and pairs > 0 else ""
    metres = gpd.GeoSeries([_shape(change)], crs="EPSG:4326")
    metres = metres.to_crs(metres.estimate_utm_crs())
    return {
        "change": change.kind,
        "area": change.area if isinstance(change, OpenGate) else None,
        "length_m": float(metres.length.iloc[0]),
        "gained": np.nan,
        "gained_pairs": pairs,
        "best_item": best,
        "exact": exact,
    }


def _shape(change: Change) -> shapely.Geometry:
    shape = change.at if isinstance(change, OpenGate) else change.line
    found: shapely.Geometry = gpd.GeoSeries([shape], crs=change.crs).to_crs("EPSG:4326").iloc[0]
    return found


def _point(change: Change) -> shapely.Point:
    return shapely.point_on_surface(_shape(change))


class _Walks(NamedTuple):
    """What the reckoning knows of the card: homes by rows, items by columns, infinite beyond."""

    cost: Floats
    most: Floats
    weight: Floats


def _known(card: Scorecard) -> _Walks:
    cost, most = _matrix(card)
    once = ~card.origins["again"].to_numpy(dtype=bool) if "again" in card.origins else True
    residents = card.origins["residents"].to_numpy(dtype=float)
    weight = np.ones(len(residents)) if np.isnan(residents).any() else residents
    return _Walks(cost, most, weight * once)


def _matrix(card: Scorecard) -> tuple[Floats, Floats]:
    """Seconds of each origin to each item of the list (by itself or a host), and the limits.

    Items in metres are left out: their column is infinite everywhere.
    """
    keys = pd.Index(card.checklist.keys())
    cost, _ = costs(card.times, card.checklist)
    row = card.origins.index.get_indexer(pd.Index(card.times["origin"]))
    column = keys.get_indexer(pd.Index(card.times["item"]))
    table = np.full((len(card.origins), len(keys)), np.inf)
    np.minimum.at(table, (row, column), np.where(np.isnan(cost), np.inf, cost))
    in_metres = np.array([item.limit.in_metres for item in card.checklist])
    table[:, in_metres] = np.inf
    return table, np.array([item.limit.most for item in card.checklist])


def _from_points(card: Scorecard, points: gpd.GeoSeries) -> Floats:
    """Seconds from points on the streets to the nearest place of each item."""
    places = gpd.GeoDataFrame(geometry=points.to_numpy(), crs=points.crs)
    places.attrs = {"datum": card.areas.attrs.get("datum")}
    return _matrix(card.again(areas=places, origins=None))[0]


def _gates(card: Scorecard) -> list[_Reckoned]:
    """Gates, and what those who would leave by them gain."""
    spots = gate_candidates(card)
    if spots.empty or card.question is None:
        return []
    beyond = _from_points(card, spots.geometry)
    known = _known(card)
    speed = off_street_speed_m_s(card.question.pace)
    homes = np.asarray(card.origins.geometry.to_crs(spots.crs).array, dtype=object)
    found = []
    for row, (area, spot) in enumerate(zip(spots["area"], spots.geometry, strict=True)):
        mine = np.flatnonzero((card.origins["area"] == area).to_numpy())
        inside = shapely.distance(homes[mine], spot) / speed
        new = inside[:, None] + beyond[row]
        gain = (known.cost[mine] > known.most) & (new <= known.most)
        pairs = float((known.weight[mine, None] * gain).sum())
        if pairs > 0:
            change = OpenGate(spot, area=area, crs=spots.crs.to_string())
            found.append(_Reckoned(change, pairs, spot))
    return found


def _links(card: Scorecard) -> list[_Reckoned]:
    """Links, and what those who would walk over them gain."""
    if card.question is None:
        return []
    network, pace = card.network, card.question.pace
    ends = link_candidates(network, pace)
    if len(ends.one) == 0:
        return []
    nodes = np.unique(np.concatenate([ends.one, ends.other]))
    xy = network.node_xy[nodes]
    beyond = _from_points(card, gpd.GeoSeries(shapely.points(xy), crs=network.crs))
    walks = _Crossed(_known(card), _to_nodes(card, nodes), beyond)
    link_s = ends.length_m / off_street_speed_m_s(pace)
    pairs = np.searchsorted(nodes, np.column_stack([ends.one, ends.other]))
    found = []
    for (one, other), seconds in zip(pairs, link_s, strict=True):
        if (gained := walks.gained_by(one, other, seconds)) > 0:
            line = shapely.LineString(xy[[one, other]])
            change = AddLink(line, crs=network.crs.to_string())
            found.append(_Reckoned(change, gained, shapely.centroid(line)))
    return found


def _to_nodes(card: Scorecard, nodes: Ints) -> tuple[Ints, Ints, Floats]:
    """Walks of every origin to nodes within the longest limit: bounds by node, origin, seconds."""
    question, network = card.question, card.network
    limits = [item.limit.most for item in card.checklist if not item.limit.in_metres]
    if question is None or not limits:
        return np.zeros(len(nodes) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    starts = start_positions(card.origins, network, question.snap_limit_m)
    homes = Placed(card.origins.index, starts)
    minutes = max(limits) / 60.0
    walks = times_between(homes, at_nodes(network, nodes), network, minutes, pace=question.pace)
    order = np.argsort(walks.destination, kind="stable")
    bounds = np.searchsorted(walks.destination[order], np.arange(len(nodes) + 1))
    return bounds, walks.origin[order], walks.seconds[order]


class _Crossed(NamedTuple):
    """Walks by way of a link: from homes to its one end, and on from the other."""

    known: _Walks
    to_nodes: tuple[Ints, Ints, Floats]
    beyond: Floats

    def gained_by(self, one: int, other: int, link_s: float) -> float:
        """Residents × items that a link between two nodes brings within the limit."""
        bounds, origin, seconds = self.to_nodes
        rows, gains = [], []
        for begin, end in ((one, other), (other, one)):
            mine = slice(bounds[begin], bounds[begin + 1])
            new = seconds[mine, None] + link_s + self.beyond[end]
            rows.append(origin[mine])
            gains.append((self.known.cost[rows[-1]] > self.known.most) & (new <= self.known.most))
        # A home may walk over it either way, and gains an item once.
        homes, place = np.unique(np.concatenate(rows), return_inverse=True)
        gained = np.zeros((len(homes), len(self.known.most)), dtype=bool)
        np.logical_or.at(gained, place, np.concatenate(gains))
        return float((self.known.weight[homes, None] * gained).sum())


def _thinned(found: list[_Reckoned], show: int) -> list[_Reckoned]:
    """The best, none of them beside a better one of its kind."""
    kept: list[_Reckoned] = []
    for one in sorted(found, key=lambda one: -one.pairs):
        near = any(
            one.change.kind == other.change.kind
            and shapely.distance(one.where, other.where) < APART_M
            for other in kept
        )
        if not near:
            kept.append(one)
        if len(kept) >= show:
            break
    return kept
