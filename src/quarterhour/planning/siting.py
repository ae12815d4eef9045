"""Where to open new places of an item, so that they serve most, or all, or nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.carried import plain_record
from quarterhour.places.contracts import listed
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
from quarterhour.planning.site_candidates import candidates_of, group_weights, sites_of
from quarterhour.planning.site_walks import (
    nearest_already,
    reached_already,
    walks_to_candidates,
    weights_of,
)
from quarterhour.planning.siting_terms import Objective, SitingTerms, item_with, require_answerable
from quarterhour.planning.sound import is_above_zero, require_part, require_scorecard
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.items import Item


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
        what those count whom a place serves, and ``assigned`` how many residents they are.
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
    candidates: gpd.GeoDataFrame | str | None = None,
    objective: Objective = "cover",
    share: float = 0.95,
    terms: SitingTerms | None = None,
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
        "cover" and "fewest"): who is within the limit of several is shared out among them;
        ``price`` is what a place costs. Or a word: "streets" (also if not given: junctions, one
        in a square of 150 m), "areas" (the middle of each), "vacated" (premises of facilities
        whose ``valid_to`` has passed); those that OpenStreetMap calls vacant are read by
        :func:`quarterhour.vacant_premises`.
    objective
        "cover": most residents within the item's limit (maximal covering); "fewest": the
        smallest number of places for a ``share`` of the residents (set covering); "cheapest":
        the places of the lowest price for it; "median":
        the least mean walk, whoever is beyond twice the limit counting as that (p-median);
        "centre": the shortest longest walk of those who can be served at all (p-centre).
    share
        For "fewest" and "cheapest": share of all residents that is to be within the limit.
    terms
        Further terms: another limit, a reserve, a budget, weights of groups.
    time_limit_s
        How long proof is looked for; then the best plan so far comes with its gap. So it does
        after Ctrl-C; a terminal shows the gap meanwhile.

    Returns
    -------
    Siting

    Raises
    ------
    InputError
        If the item asks for several places or is limited in metres, no candidate can be walked
        to, k is more than the candidates, or the share cannot be had.
    DatumError
        If the candidates lie in China and their datum is not declared.

    Notes
    -----
    Church and ReVelle 1974 (cover), Toregas et al. 1971 (fewest), Hakimi 1964 (median, centre);
    solved by HiGHS.
    """
    terms = _sound(card, terms, share, time_limit_s)
    line = item_with(card.checklist[item], terms)
    require_answerable(line, k, objective, terms)
    limit_s = line.limit.most
    horizon_s = 2 * limit_s if objective in {"median", "centre"} else limit_s
    places = candidates_of(card, candidates)
    sites = sites_of(places, terms.budget)
    if objective == "cheapest" and sites.price is None:
        msg = "objective='cheapest' needs prices: give the candidates a column 'price'."
        raise InputError(msg)
    if objective == "fewest":
        sites = Sites(sites.required, sites.forbidden)
    walks = walks_to_candidates(card, places, horizon_s)
    people, measure = weights_of(card.origins)
    weight = people
    if terms.weights is not None:
        weight = group_weights(card, terms.weights)
    demand = Demand(weight, nearest_already(card, line), people)
    asked = _Asked(k, share, limit_s, time_limit_s)
    assigned: dict[str, Floats] = {}
    if "capacity" in places:
        capacity = _capacity(places, objective, measure, terms)
        _require_heads(demand, card)
        plan, order, gained, filled = _shared(demand, walks, (sites, capacity), objective, asked)
        assigned = {"assigned": filled}
    else:
        there = reached_already(card, line) if terms.backup > 1 else None
        plan = _solve(demand, walks, sites, objective, asked, (terms.backup, there))
        order, gained = _in_order(demand, walks, plan.chosen, limit_s)
    before = float(weight[demand.already <= limit_s].sum())
    served = before + np.cumsum(gained)
    chosen = places.iloc[order]
    sites = chosen.assign(candidate=chosen.index, gained=gained, served=served, **assigned)
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
        measure=measure if terms.weights is None else "weighted residents",
        curve=pd.DataFrame(curve),
        card=card,
    )


def _sound(card: Scorecard, terms: Any, share: float, time_limit_s: float) -> SitingTerms:
    """See that a question is made of what it takes, and give its terms."""
    require_scorecard(card, "site")
    require_part(share, "share")
    if not is_above_zero(time_limit_s):
        msg = f"time_limit_s={time_limit_s!r}: give seconds above 0 in which proof is looked for."
        raise InputError(msg)
    if not isinstance(terms, SitingTerms | None):
        msg = f"terms={terms!r}: give quarterhour.SitingTerms(…), such as SitingTerms(minutes=10)."
        raise InputError(msg)
    return SitingTerms() if terms is None else terms


class _Asked(NamedTuple):
    """The numbers of a question."""

    k: int
    share: float
    limit_s: float
    time_limit_s: float


def _solve(
    demand: Demand,
    walks: Walks,
    sites: Sites,
    objective: Objective,
    asked: _Asked,
    backup: tuple[int, Ints | None],
) -> Plan:
    k, share, limit_s, time_limit_s = asked
    if objective == "cover":
        return max_cover(demand, walks, limit_s, k, sites, time_limit_s=time_limit_s)
    if objective in {"fewest", "cheapest"}:
        return set_cover(
            demand,
            walks,
            limit_s,
            sites,
            share=share,
            backup=backup[0],
            there=backup[1],
            time_limit_s=time_limit_s,
        )
    if objective == "median":
        beyond = 2 * limit_s
        return p_median(demand, walks, k, sites, miss=beyond, time_limit_s=time_limit_s)
    free = np.bincount(walks.home[~sites.forbidden[walks.candidate]], minlength=len(demand.weight))
    can = (free > 0) | np.isfinite(demand.already)
    within = Demand(demand.weight, np.where(can, demand.already, 0.0))
    return p_centre(within, walks, k, sites, time_limit_s=time_limit_s)


def _capacity(
    places: gpd.GeoDataFrame, objective: Objective, measure: str, terms: SitingTerms
) -> Floats:
    """Give the capacity of each candidate.

    Raises
    ------
    InputError
        If the objective knows none, or residents are not known, so that they cannot be counted.
    """
    if objective not in {"cover", "fewest"}:
        msg = f"objective={objective!r} knows no capacities: use 'cover' or 'fewest'."
        raise InputError(msg)
    if terms.backup > 1:
        msg = (
            "Capacities count residents, each at one place: they go with no backup. "
            "Leave it out, or the column 'capacity' of the candidates."
        )
        raise InputError(msg)
    if measure != "residents":
        msg = (
            "Capacities count residents, and not every home has a number of them: give the areas "
            "a column 'residents', or the candidates no column 'capacity'."
        )
        raise InputError(msg)
    return np.asarray(pd.to_numeric(places["capacity"], errors="coerce"), dtype=np.float64)


def _require_heads(demand: Demand, card: Scorecard) -> None:
    """See that whoever counts takes up capacity.

    Raises
    ------
    InputError
        If a group has people where nobody lives.
    """
    if (odd := (demand.weight > 0) & (demand.heads <= 0)).any():
        msg = (
            f"{int(odd.sum())} homes have people of the weighted groups and no residents (areas "
            f"{listed(card.origins['area'][odd].unique())}): correct the columns of the areas."
        )
        raise InputError(msg)


def _shared(
    demand: Demand,
    walks: Walks,
    candidates: tuple[Sites, Floats],
    objective: Objective,
    asked: _Asked,
) -> tuple[Plan, Ints, Floats, Floats]:
    """Solve with capacities: the plan, its sites in the order of what they gain, that, and whom."""
    (sites, capacity), (k, share, limit_s, time_limit_s) = candidates, asked
    if objective == "cover":
        found = capacitated_cover(
            demand, walks, limit_s, k, capacity, sites, time_limit_s=time_limit_s
        )
    else:
        found = capacitated_fewest(
            demand, walks, limit_s, capacity, sites, share=share, time_limit_s=time_limit_s
        )
    order = np.argsort(-found.gained, kind="stable")
    return found.plan, found.plan.chosen[order], found.gained[order], found.assigned[order]


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
