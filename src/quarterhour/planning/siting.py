"""Where to open new places of an item, so that they serve most, or all, or nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.carried import plain_record
from quarterhour.planning.capacitated import capacitated_cover, capacitated_fewest
from quarterhour.planning.changes import AddFacility
from quarterhour.planning.location_models import (
    TIME_LIMIT_S,
    max_cover,
    p_centre,
    p_median,
    set_cover,
)
from quarterhour.planning.location_problem import Demand, Plan, Sites, Walks, nearest_cost
from quarterhour.planning.scenarios import Scenario
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.items import Item
from quarterhour.streets.compounds import closed_compounds, reached_by_gates
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import in_crs_of, placed_ends, placed_starts
from quarterhour.walking.travel_times import times_between

SPACING_M = 150.0
"""Candidates on the streets: at most one junction in a square of this side."""

Objective = Literal["cover", "fewest", "median", "centre"]


@dataclass(frozen=True, eq=False, repr=False)
class Siting:
    """A plan of new places of one item, and how good it is known to be.

    Attributes
    ----------
    item
        The item that the new places serve.
    objective
        What was asked for.
    sites
        One row per new place, those first that add most: the columns of the candidates,
        ``candidate`` (their index label), ``gained`` (residents that this place adds to those
        before it) and ``served`` (all within the limit of it or of one before it, or of a place
        that exists), geometry as given. Where candidates have a ``capacity``, ``gained`` is
        what a place serves of it.
    value, bound
        What the plan reaches and what no plan can better: residents within the limit
        ("cover"), number of sites ("fewest"), mean minutes ("median"), longest minutes
        ("centre").
    total, before
        All residents counted, and those within the limit of a place that exists.
    measure
        ``residents``, or ``residences`` where residents are not known everywhere.
    curve
        Served by number of sites, in the order of ``sites``: ``sites``, ``served``, ``share``.
    card
        The scorecard that was asked.
    """

    item: Item
    objective: Objective
    sites: gpd.GeoDataFrame
    value: float
    bound: float
    total: float
    before: float
    measure: str
    curve: pd.DataFrame
    card: Scorecard

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share; 0 is proven."""
        return Plan(np.zeros(0, dtype=np.int64), self.value, self.bound).gap

    @property
    def scenario(self) -> Scenario:
        """The plan as a scenario: a facility added at each site, to be asked and to be saved."""
        crs, key = self.sites.crs.to_string(), self.item.key
        labels = [f"new/{key}/{n}" for n in range(1, len(self.sites) + 1)]
        return Scenario(
            tuple(
                AddFacility(at, key, label, label, crs=crs)
                for at, label in zip(self.sites.geometry, labels, strict=True)
            ),
            f"{len(self.sites)} × {key}",
        )

    def facilities(self) -> gpd.GeoDataFrame:
        """Give the facilities of the scorecard with the new places, to be assessed."""
        there = self.card.facilities
        labels = [f"new/{self.item.key}/{n}" for n in range(1, len(self.sites) + 1)]
        new = gpd.GeoDataFrame(
            {"name": labels, "item": self.item.key},
            geometry=self.sites.geometry.to_crs(there.crs).to_numpy(),
            index=pd.Index(labels),
            crs=there.crs,
        )
        together = gpd.GeoDataFrame(pd.concat([there, new]), crs=there.crs)
        together.attrs = plain_record(there.attrs)
        return together

    def __repr__(self) -> str:
        proof = "proven" if self.gap == 0 else f"at most {self.gap:.2%} from the best"
        served = self.curve["served"].iloc[-1]
        return (
            f"<Siting of {len(self.sites)} × {self.item.key} ({self.objective}): {self.measure} "
            f"within {self.item.limit}: {self.before:,.0f} -> {served:,.0f} of {self.total:,.0f}; "
            f"{proof}>"
        )


def site(
    card: Scorecard,
    item: str,
    *,
    k: int = 10,
    candidates: gpd.GeoDataFrame | None = None,
    objective: Objective = "cover",
    share: float = 0.95,
    time_limit_s: float = TIME_LIMIT_S,
) -> Siting:
    """Choose where to open new places of an item.

    Existing places stay and count. Walks are those of the scorecard: from its origins, on its
    streets, by its walker, with the legs off the street, so that what is promised is what
    :func:`quarterhour.assess` finds when the places are there.

    Parameters
    ----------
    card
        The scorecard that is asked.
    item
        Key of the item.
    k
        How many places to open (not for ``fewest``).
    candidates
        Points or premises where a place could be, with a CRS; ``required`` and ``forbidden``
        (bool) are kept to, and so is ``capacity`` (residents that a place can serve, for
        "cover" and "fewest"): who is within the limit of several is shared out among them.
        Not given: junctions of the streets, one in a square of 150 m.
    objective
        "cover": most residents within the item's limit (maximal covering); "fewest": the
        smallest number of places for a ``share`` of the residents (set covering); "median":
        the least mean walk, whoever is beyond twice the limit counting as that (p-median);
        "centre": the shortest longest walk of those who can be served at all (p-centre).
    share
        For "fewest": share of all residents that is to be within the limit.
    time_limit_s
        How long proof is looked for; then the best plan so far comes with its gap.

    Returns
    -------
    Siting

    Raises
    ------
    InputError
        If the item asks for several places or is limited in metres, no candidate can be walked
        to, k is more than the candidates, or the share cannot be had.

    Notes
    -----
    Church and ReVelle 1974 (cover), Toregas et al. 1971 (fewest), Hakimi 1964 (median, centre);
    solved by HiGHS.
    """
    line = card.checklist[item]
    _answerable(line, k, objective)
    limit_s = line.limit.most
    horizon_s = limit_s if objective in {"cover", "fewest"} else 2 * limit_s
    places = street_candidates(card.network) if candidates is None else candidates
    walks = walks_to_candidates(card, places, horizon_s)
    weight, measure = _weights(card.origins)
    demand = Demand(weight, _already(card, line))
    asked = (k, share, limit_s, time_limit_s)
    if "capacity" in places:
        capacity = _capacity(places, objective, measure)
        plan, order, gained = _shared(demand, walks, (sites_of(places), capacity), objective, asked)
    else:
        plan = _solve(demand, walks, sites_of(places), objective, asked)
        order, gained = _in_order(demand, walks, plan.chosen, limit_s)
    before = float(weight[demand.already <= limit_s].sum())
    served = before + np.cumsum(gained)
    chosen = places.iloc[order]
    sites = chosen.assign(candidate=chosen.index, gained=gained, served=served)
    counted = np.concatenate([[before], served])
    total = float(weight.sum())
    unit = {"median": 60.0 * total, "centre": 60.0}.get(objective, 1.0)
    curve = {"sites": np.arange(len(counted)), "served": counted, "share": counted / total}
    return Siting(
        item=line,
        objective=objective,
        sites=sites.reset_index(drop=True),
        value=plan.value / unit,
        bound=plan.bound / unit,
        total=total,
        before=before,
        measure=measure,
        curve=pd.DataFrame(curve),
        card=card,
    )


def street_candidates(network: WalkNetwork, spacing_m: float = SPACING_M) -> gpd.GeoDataFrame:
    """Junctions of the best connected streets, at most one in each square of a grid."""
    degree = np.bincount(network.edge_nodes.ravel(), minlength=network.n_nodes)
    nodes = np.flatnonzero(network.component == 0)
    square = np.floor(network.node_xy[nodes] / spacing_m).astype(np.int64)
    # In each square the junction of most streets stands for all, of several the first.
    order = np.lexsort((nodes, -degree[nodes]))
    _, first = np.unique(square[order], axis=0, return_index=True)
    kept = np.sort(nodes[order[first]])
    points = shapely.points(network.node_xy[kept])
    return gpd.GeoDataFrame({"node": kept}, geometry=points, crs=network.crs)


def _answerable(item: Item, k: int, objective: str) -> None:
    if objective not in ("cover", "fewest", "median", "centre"):
        msg = f"objective={objective!r} is none: use 'cover', 'fewest', 'median' or 'centre'."
        raise InputError(msg)
    if item.at_least > 1:
        msg = f"{item.key} asks for {item.at_least} places at once: siting opens one kind of one."
        raise InputError(msg)
    if item.limit.in_metres:
        msg = f"{item.key} is limited in metres ({item.limit}): siting needs a limit in minutes."
        raise InputError(msg)
    if k < 1:
        msg = f"k={k}: give at least one place to open."
        raise InputError(msg)


def walks_to_candidates(card: Scorecard, places: gpd.GeoDataFrame, limit_s: float) -> Walks:
    """Walk from every origin of the card to every candidate, within a limit.

    Raises
    ------
    InputError
        If no candidate lies near a street, or none is within the limit of any home.
    """
    if (question := card.question) is None:
        msg = "This scorecard does not know its question: make it with assess, or read it again."
        raise InputError(msg)
    network, snap_m = card.network, question.snap_limit_m
    compounds = closed_compounds(card.areas, card.origins, network)
    reached, _ = reached_by_gates(places, compounds, network)
    homes = placed_starts(card.origins, network, snap_m)
    ends = placed_ends(reached, network, snap_m)
    if not ends.snapped.any():
        points = in_crs_of(places, network, "candidates")
        far = float(np.min(shapely.distance(points, network.extent)))
        msg = (
            f"None of the {len(places)} candidates lies near a street (the nearest is {far:,.0f} m "
            "from where the streets are): check their CRS and datum."
        )
        raise InputError(msg)
    times = times_between(homes, ends, network, limit_s / 60.0, pace=question.pace)
    if len(times) == 0:
        msg = f"No candidate is within {limit_s / 60:g} minutes of any home."
        raise InputError(msg)
    return Walks(times.origin, times.destination, times.seconds, len(places))


def _weights(origins: gpd.GeoDataFrame) -> tuple[Floats, str]:
    """Residents of each origin, or one residence each; a home counts once."""
    once = ~origins.get("again", pd.Series(data=False, index=origins.index)).to_numpy(dtype=bool)
    residents = origins["residents"].to_numpy(dtype=float)
    if np.isnan(residents).any() or not residents.sum() > 0:
        return once.astype(float), "residences"
    return residents * once, "residents"


def _already(card: Scorecard, item: Item) -> Floats:
    """Seconds of each origin to the nearest place that exists, infinite where there is none."""
    times = card.times
    mine = times[(times["item"] == item.key) & ~times["host"].astype(bool)]
    seconds = mine.set_index("origin")["seconds"].reindex(card.origins.index)
    return seconds.fillna(np.inf).to_numpy(dtype=float)


def sites_of(places: gpd.GeoDataFrame) -> Sites:
    """Read which candidates have to be opened, and which may not."""
    none = pd.Series(data=False, index=places.index)
    flags = [places.get(name, none).fillna(value=False) for name in ("required", "forbidden")]
    return Sites(*(np.asarray(flag, dtype=bool) for flag in flags))


def _solve(
    demand: Demand,
    walks: Walks,
    sites: Sites,
    objective: Objective,
    asked: tuple[int, float, float, float],
) -> Plan:
    k, share, limit_s, time_limit_s = asked
    if objective == "cover":
        return max_cover(demand, walks, limit_s, k, sites, time_limit_s=time_limit_s)
    if objective == "fewest":
        return set_cover(demand, walks, limit_s, sites, share=share, time_limit_s=time_limit_s)
    if objective == "median":
        beyond = 2 * limit_s
        return p_median(demand, walks, k, sites, miss=beyond, time_limit_s=time_limit_s)
    free = np.bincount(walks.home[~sites.forbidden[walks.candidate]], minlength=len(demand.weight))
    can = (free > 0) | np.isfinite(demand.already)
    within = Demand(demand.weight, np.where(can, demand.already, 0.0))
    return p_centre(within, walks, k, sites, time_limit_s=time_limit_s)


def _capacity(places: gpd.GeoDataFrame, objective: Objective, measure: str) -> Floats:
    """Give the capacity of each candidate.

    Raises
    ------
    InputError
        If the objective knows none, or residents are not known, so that they cannot be counted.
    """
    if objective not in {"cover", "fewest"}:
        msg = f"objective={objective!r} knows no capacities: use 'cover' or 'fewest'."
        raise InputError(msg)
    if measure != "residents":
        msg = (
            "Capacities count residents, and not every home has a number of them: give the areas "
            "a column 'residents', or the candidates no column 'capacity'."
        )
        raise InputError(msg)
    return np.asarray(pd.to_numeric(places["capacity"], errors="coerce"), dtype=np.float64)


def _shared(
    demand: Demand,
    walks: Walks,
    candidates: tuple[Sites, Floats],
    objective: Objective,
    asked: tuple[int, float, float, float],
) -> tuple[Plan, Ints, Floats]:
    """Solve with capacities: the plan, its sites in the order of what they serve, and that."""
    (sites, capacity), (k, share, limit_s, time_limit_s) = candidates, asked
    if objective == "cover":
        found = capacitated_cover(
            demand, walks, limit_s, k, capacity, sites, time_limit_s=time_limit_s
        )
    else:
        found = capacitated_fewest(
            demand, walks, limit_s, capacity, sites, share=share, time_limit_s=time_limit_s
        )
    order = np.argsort(-found.assigned, kind="stable")
    return found.plan, found.plan.chosen[order], found.assigned[order]


def _in_order(demand: Demand, walks: Walks, chosen: Ints, limit_s: float) -> tuple[Ints, Floats]:
    """The chosen sites, those first that add most, and what each adds."""
    left, order, gained = set(chosen.tolist()), [], []
    best = demand.already
    while left:
        gains = {}
        for one in sorted(left):
            with_it = nearest_cost(Demand(demand.weight, best), walks, np.array([one]))
            gains[one] = float(demand.weight[(with_it <= limit_s) & (best > limit_s)].sum())
        first = max(gains, key=lambda one: gains[one])
        order.append(first)
        gained.append(gains[first])
        best = nearest_cost(Demand(demand.weight, best), walks, np.array([first]))
        left.remove(first)
    return np.array(order, dtype=np.int64), np.array(gained, dtype=float)
