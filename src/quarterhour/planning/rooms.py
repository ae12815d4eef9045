"""Several items in one plan, in rooms that may serve several of them at once (一室多用)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.planning.changes import AddFacility
from quarterhour.planning.location_models import TIME_LIMIT_S
from quarterhour.planning.location_problem import Demand, Plan
from quarterhour.planning.room_programme import Asked, Rooms, choose_rooms
from quarterhour.planning.scenarios import Scenario
from quarterhour.planning.site_candidates import candidates_of, sites_of
from quarterhour.planning.site_walks import nearest_already, walks_to_candidates, weights_of
from quarterhour.planning.siting_terms import SitingTerms, require_answerable
from quarterhour.planning.sound import require_scorecard
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.items import Item


@dataclass(frozen=True, eq=False, repr=False)
class RoomSiting:
    """A plan of rooms, what each of them serves, and how good it is known to be.

    Attributes
    ----------
    rooms
        One row per room, those first that add most: the columns of the candidates, ``candidate``
        (their index label), ``serves`` (the items it takes, joined by "|") and ``gained``
        (residents × items that it adds to those before it), geometry as given.
    items
        One row per item: ``item``, ``places`` (new ones), ``before``, ``served`` (residents
        within its limit, without and with them), ``total`` and ``share``.
    value, bound
        Residents × items within the limits, and what no plan can better.
    measure
        ``residents``, or ``residences`` where residents are not known everywhere.
    card
        The scorecard that was asked.
    """

    rooms: gpd.GeoDataFrame
    items: pd.DataFrame
    value: float
    bound: float
    measure: str
    card: Scorecard

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share; 0 is proven."""
        return Plan(np.zeros(0, dtype=np.int64), self.value, self.bound).gap

    @property
    def scenario(self) -> Scenario:
        """The plan as a scenario: a facility in each room, which serves all of its items."""
        crs = self.rooms.crs.to_string()
        changes = []
        for n, (at, serves) in enumerate(
            zip(self.rooms.geometry, self.rooms["serves"], strict=True), start=1
        ):
            label = f"new/room/{n}"
            changes.append(AddFacility(at, serves, label, label, crs=crs))
        return Scenario(tuple(changes), f"{len(changes)} rooms for {', '.join(self.items['item'])}")

    def __repr__(self) -> str:
        proof = "proven" if self.gap == 0 else f"at most {self.gap:.2%} from the best"
        told = ", ".join(
            f"{item} {before:,.0f} -> {served:,.0f}"
            for item, before, served in self.items[["item", "before", "served"]].itertuples(
                index=False
            )
        )
        return f"<RoomSiting of {len(self.rooms)} rooms: {self.measure} within {told}; {proof}>"


def site_rooms(
    card: Scorecard,
    items: Sequence[str],
    *,
    k: int | Mapping[str, int] = 10,
    candidates: gpd.GeoDataFrame | str | None = None,
    budget: float | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> RoomSiting:
    """Choose rooms for several items at once; a room may serve several of them (一室多用).

    Parameters
    ----------
    card
        The scorecard that is asked.
    items
        Keys of the items.
    k
        How many rooms at most; or for each item how many places at most, such as
        ``{"pharmacy": 10, "food_market": 10}``.
    candidates
        As in :func:`quarterhour.site`; three further columns are kept to: ``items`` (which of
        them a room may serve, joined by "|"; empty: all), ``uses`` (how many of them at once;
        empty: all), ``price``.
    budget
        What all rooms may cost.
    time_limit_s
        How long proof is looked for; then, or after Ctrl-C, the best plan so far comes with its
        gap.

    Returns
    -------
    RoomSiting
        The plan that brings most residents × items within their limits; of two that bring as
        many, one with fewer rooms.

    Raises
    ------
    InputError
        If an item cannot be sited, or the candidates or the budget allow no plan.
    """
    require_scorecard(card, "site_rooms")
    if isinstance(items, str) or len(items) == 0:
        msg = f"items={items!r}: give a list of items, such as ['pharmacy', 'food_market']."
        raise InputError(msg)
    lines = [card.checklist[key] for key in dict.fromkeys(items)]
    _require_items(lines, k)
    places = candidates_of(card, candidates)
    sites = sites_of(places, budget)
    uses = _uses(places, len(lines))
    weight, measure = weights_of(card.origins)
    limits = [line.limit.most for line in lines]
    walks = walks_to_candidates(card, places, max(limits))
    asked = Asked(
        tuple(Demand(weight, nearest_already(card, line)) for line in lines),
        tuple(limits),
        np.column_stack([_may_serve(places, line.key) for line in lines]),
        uses,
        k if isinstance(k, int) else None,
        None if isinstance(k, int) else tuple(int(k[line.key]) for line in lines),
    )
    done = choose_rooms(asked, walks, sites, time_limit_s)
    return _told(card, places, lines, asked, done, measure)


def _require_items(lines: list[Item], k: int | Mapping[str, int]) -> None:
    """See that the items can be sited together.

    Raises
    ------
    InputError
        If not.
    """
    keys = {line.key for line in lines}
    if not isinstance(k, int) and set(k) != keys:
        msg = f"k says how many of {listed(k)}; the items are {listed(sorted(keys))}: name each."
        raise InputError(msg)
    for line in lines:
        most = k if isinstance(k, int) else k[line.key]
        require_answerable(line, most, "cover", SitingTerms())


def _uses(places: gpd.GeoDataFrame, n: int) -> Any:
    """How many items each room serves at once.

    Raises
    ------
    InputError
        If a cell is no number of at least 0.
    """
    if "uses" not in places:
        return np.full(len(places), float(n))
    uses = pd.to_numeric(places["uses"], errors="coerce").to_numpy(dtype=float)
    bad = places["uses"].notna().to_numpy() & ~(uses >= 0)
    if bad.any():
        row = places.index[np.flatnonzero(bad)[0]]
        msg = (
            f"Candidate {row!r} has uses={places['uses'].loc[row]!r}: give how many items at once."
        )
        raise InputError(msg)
    return np.where(np.isnan(uses), float(n), np.floor(uses))


def _may_serve(places: gpd.GeoDataFrame, item: str) -> Mask:
    """Which rooms may serve an item; those that do not say may."""
    if "items" not in places:
        return np.ones(len(places), dtype=bool)
    words = places["items"].fillna("").astype(str)
    silent = words.str.strip() == ""
    named = [item in [one.strip() for one in cell.split("|")] for cell in words]
    return np.asarray(silent | np.array(named, dtype=bool), dtype=bool)


def _told(
    card: Scorecard,
    places: gpd.GeoDataFrame,
    lines: list[Item],
    asked: Asked,
    done: Rooms,
    measure: str,
) -> RoomSiting:
    keys = [line.key for line in lines]
    order, gained = done.in_order()
    chosen = places.iloc[order]
    serves = [
        "|".join(key for key, on in zip(keys, done.serves[j], strict=True) if on) for j in order
    ]
    rooms = chosen.drop(columns="serves", errors="ignore").assign(
        candidate=chosen.index, serves=serves, gained=gained
    )
    table = pd.DataFrame(
        {
            "item": keys,
            "places": done.serves.sum(axis=0),
            "before": done.before,
            "served": done.served,
            "total": float(asked.demands[0].weight.sum()),
        }
    )
    table["share"] = table["served"] / table["total"]
    return RoomSiting(rooms.reset_index(drop=True), table, done.value, done.bound, measure, card)
