"""Which gate, which wall, which footway: what each of them would be worth to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.errors import InputError, QuarterhourError
from quarterhour.places.frames import utm_of
from quarterhour.planning.compare import compare
from quarterhour.planning.link_candidates import at_nodes, gate_candidates, link_candidates
from quarterhour.planning.proposal import Proposal, row_named
from quarterhour.planning.scenarios import Scenario, scenario
from quarterhour.planning.sound import require_scorecard, require_whole
from quarterhour.planning.street_changes import AddLink
from quarterhour.planning.through import Hop, Through
from quarterhour.planning.wall_changes import OpenGate, RemoveWall
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.compounds import closed_compounds
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import nearest_positions

Change = AddLink | OpenGate | RemoveWall

APART_M = 100.0
"""Of candidates that begin this near to one that is worth more, only that one is told."""


@dataclass(frozen=True, eq=False, repr=False)
class LinkValues:
    """Gates and links, those first that are worth most.

    Attributes
    ----------
    table
        One row per candidate: ``change`` (open_gate, remove_wall, add_link), ``area`` (of a gate
        or wall), ``length_m`` (of a link or wall), ``gained`` (residents who would have an item
        more within its limit), ``gained_pairs`` (residents × items), ``best_item`` (the item that
        most of them
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
        best, exact = self.table["gained"].max(), int(self.table["exact"].sum())
        told = (
            f"the best worth {0 if self.table.empty else best:,.0f} {self.measure}; {exact} exact"
        )
        told = told if exact or self.table.empty else "none exact"
        return f"<LinkValues: {len(self.table):,} gates and links, {told}>"


class _Reckoned(NamedTuple):
    change: Change
    pairs: float
    where: shapely.Point


def link_value(
    card: Scorecard, candidates: Scenario | None = None, *, exact: int = 100, show: int = 200
) -> LinkValues:
    """Say what a gate more, a wall less or a footway more would be worth, and to how many.

    Parameters
    ----------
    card
        The scorecard that is asked.
    candidates
        A scenario of :class:`OpenGate`, :class:`RemoveWall` and :class:`AddLink` changes, each
        valued by itself. Not given: points in the walls of closed compounds with a street before
        them, these walls as a whole, and pairs of places on the streets at most 60 m apart that
        are 400 m or more apart on foot. Whether a footway can be built there, a map or a visit
        has to tell.
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
        If a candidate is no gate, wall or link, or cannot be made.

    Notes
    -----
    The gain of a candidate is reckoned first: a walk by way of it is the walk to its one end,
    the link, and the walk from its other end to the nearest place of the item. That holds for
    each link where the walk back is as long as the walk there; of gates and walls it counts
    those who walk out, not those who walk in. The best are then asked again in whole, and ranked
    by that.
    """
    require_scorecard(card, "link_value")
    require_whole(exact, "exact", 0, "candidates that are asked in whole")
    require_whole(show, "show", 1, "candidates to be told")
    Proposal.of(card)  # says what is missing
    if candidates is not None:
        changes = _given(candidates)
        chosen = [_Reckoned(change, np.nan, _point(card, change)) for change in changes]
        rows = [_exact(card, one) for one in chosen]
    else:
        chosen = _thinned([*_gates(card), *_walls(card), *_links(card)], show)
        rows = [_exact(card, one) for one in chosen[:exact]]
        rows += [_told(card, one, None) for one in chosen[exact:]]
    order = sorted(range(len(rows)), key=lambda i: (not rows[i]["exact"], -_rank(rows[i])))
    columns = ["change", "area", "length_m", "gained", "gained_pairs", "best_item", "exact"]
    table = gpd.GeoDataFrame(
        pd.DataFrame([rows[i] for i in order], columns=columns),
        geometry=gpd.GeoSeries([_shape(card, chosen[i].change) for i in order], crs="EPSG:4326"),
        crs="EPSG:4326",
    )
    measure = "residents" if card.origins["residents"].notna().all() else "residences"
    return LinkValues(table, tuple(chosen[i].change for i in order), measure)


def _rank(row: dict[str, object]) -> float:
    return float(str(row["gained_pairs"]))


def _given(candidates: Scenario) -> tuple[Change, ...]:
    changes = []
    for change in candidates:
        if not isinstance(change, (AddLink, OpenGate, RemoveWall)):
            msg = (
                f"{change} is neither a gate nor a link, nor a wall: give OpenGate, RemoveWall "
                "and AddLink changes."
            )
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
        return _told(card, one, None) | {"gained_pairs": 0.0, "best_item": f"({error})"}
    return _told(card, one, found.items["gained"]) | {"gained": found.gained}


def _told(card: Scorecard, one: _Reckoned, gained: pd.Series[float] | None) -> dict[str, object]:
    change = one.change
    exact = gained is not None
    pairs = float(gained.sum()) if gained is not None else one.pairs
    best = gained.idxmax() if gained is not None and pairs > 0 else ""
    metres = gpd.GeoSeries([_shape(card, change)], crs="EPSG:4326")
    metres = metres.to_crs(utm_of(metres))
    return {
        "change": change.kind,
        "area": None if isinstance(change, AddLink) else change.area,
        "length_m": float(metres.length.iloc[0]),
        "gained": np.nan,
        "gained_pairs": pairs,
        "best_item": best,
        "exact": exact,
    }


def _shape(card: Scorecard, change: Change) -> shapely.Geometry:
    if isinstance(change, RemoveWall):
        label = row_named(card.areas, change.area, "areas")
        outline: shapely.Geometry = card.areas.geometry.to_crs("EPSG:4326").loc[label].boundary
        return outline
    shape = change.at if isinstance(change, OpenGate) else change.line
    found: shapely.Geometry = gpd.GeoSeries([shape], crs=change.crs).to_crs("EPSG:4326").iloc[0]
    return found


def _point(card: Scorecard, change: Change) -> shapely.Point:
    return shapely.point_on_surface(_shape(card, change))


def _gates(card: Scorecard) -> list[_Reckoned]:
    """Gates, and what those who would leave by them gain."""
    spots = gate_candidates(card)
    if spots.empty or card.question is None:
        return []
    places = np.asarray(spots.geometry.array, dtype=object)
    at = nearest_positions(places, card.network, card.question.snap_limit_m)
    through = Through.of(card, card.network, Placed(pd.RangeIndex(len(spots)), at))
    homes = np.asarray(card.origins.geometry.to_crs(spots.crs).array, dtype=object)
    found = []
    for row, (area, spot) in enumerate(zip(spots["area"], spots.geometry, strict=True)):
        mine = np.flatnonzero((card.origins["area"] == area).to_numpy())
        metres = shapely.distance(homes[mine], spot)
        pairs = through.pairs(through.gains_from(mine, metres, row))
        if pairs > 0:
            change = OpenGate(spot, area=area, crs=spots.crs.to_string())
            found.append(_Reckoned(change, pairs, spot))
    return found


def _walls(card: Scorecard) -> list[_Reckoned]:
    """Walls of closed compounds, and what those inside gain who walk straight to the street."""
    compounds = closed_compounds(card.areas, card.origins, card.network)
    if len(compounds.labels) == 0 or card.question is None:
        return []
    inside = np.flatnonzero(card.origins["area"].isin(compounds.labels).to_numpy())
    at_gates = "kind" in card.origins and bool((card.origins["kind"] == "gate").any())
    if at_gates:  # nobody knows where walks would begin without the wall
        return []
    homes = np.asarray(card.origins.geometry.to_crs(card.network.crs).array, dtype=object)[inside]
    at = nearest_positions(shapely.centroid(homes), card.network, card.question.snap_limit_m)
    inside = inside[at.row]
    placed = Placed(pd.RangeIndex(len(at.row)), at._replace(row=np.arange(len(at.row))))
    through = Through.of(card, card.network, placed)
    area = card.origins["area"].to_numpy(dtype=object)[inside]
    found = []
    for label, shape in zip(compounds.labels, compounds.shapes, strict=True):
        mine = np.flatnonzero(area == label)
        gains = through.gains_from(inside[mine], np.zeros(len(mine)), mine)
        if (pairs := through.pairs(gains)) > 0:
            found.append(_Reckoned(RemoveWall(label), pairs, shapely.point_on_surface(shape)))
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
    through = Through.of(card, network, at_nodes(network, nodes))
    pairs = np.searchsorted(nodes, np.column_stack([ends.one, ends.other]))
    found = []
    for (one, other), metres in zip(pairs, ends.length_m, strict=True):
        hops = [Hop(one, other, metres), Hop(other, one, metres)]
        if (gained := through.pairs(through.gains(hops))) > 0:
            line = shapely.LineString(xy[[one, other]])
            change = AddLink(line, crs=network.crs.to_string())
            found.append(_Reckoned(change, gained, shapely.centroid(line)))
    return found


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
