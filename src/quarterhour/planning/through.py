"""What walks by way of places on the streets would bring: within the limit, and how much sooner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.planning.proposal import Proposal
from quarterhour.scoring.item_walks import walks_to_items
from quarterhour.scoring.judge import costs
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import placed_ends, placed_starts
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import off_street_speed_m_s
from quarterhour.walking.travel_times import times_between


class Hop(NamedTuple):
    """A step from one place to another, by their numbers, and how long it is."""

    begin: int
    end: int
    metres: float = 0.0


class Gains(NamedTuple):
    """Homes by row, the items that each would gain, and the resident-minutes that it would save."""

    homes: Ints
    items: Mask
    saved_min: Floats


class _Round(NamedTuple):
    """Walks in one unit, seconds or metres: the items that are limited in it, walks to the places.

    Walks to place i are ``bounds[i]:bounds[i + 1]``; a step of a metre costs ``per_m``, and one
    of the unit lasts ``minutes``.
    """

    columns: Mask
    bounds: Ints
    home: Ints
    cost: Floats
    per_m: float
    minutes: float


@dataclass(frozen=True, eq=False)
class Through:
    """Walks of all homes by way of some places on a network.

    Attributes
    ----------
    cost
        Of each home to each item as it is, in the unit of the item's limit.
    most
        The limits.
    weight
        Residents of each home, or 1; a home that was counted before has none.
    beyond
        From each place to the nearest facility of each item.
    rounds
        Walks from homes to the places.
    """

    cost: Floats
    most: Floats
    weight: Floats
    beyond: Floats
    rounds: tuple[_Round, ...]

    @classmethod
    def of(cls, card: Scorecard, network: WalkNetwork, places: Placed) -> Through:
        """Look for the walks on a network: that of the scorecard, or one that was made of it."""
        cost = item_costs(card.times, card.origins.index, card.checklist)
        most = np.array([item.limit.most for item in card.checklist], dtype=float)
        beyond = _beyond(card, network, places)
        return cls(cost, most, weight_of(card), beyond, _to(card, network, places))

    def gains(self, hops: Iterable[Hop], known: tuple[Ints, Floats] | None = None) -> Gains:
        """Say what homes gain that may take any of some steps; of some all costs are known."""
        rows: list[Ints] = []
        costs_by: list[Floats] = []
        if known is not None:
            rows.append(known[0])
            costs_by.append(np.where(known[1] <= self.most, known[1], np.inf))
        for begin, end, metres in hops:
            for part in self.rounds:
                mine = slice(part.bounds[begin], part.bounds[begin + 1])
                new = part.cost[mine, None] + metres * part.per_m + self.beyond[end]
                rows.append(part.home[mine])
                costs_by.append(np.where(part.columns & (new <= self.most), new, np.inf))
        if not rows:
            nobody = np.zeros(0, dtype=np.int64)
            return self._gains(nobody, np.zeros((0, len(self.most))))
        # A home may take any of the steps, and gains an item once.
        homes, place = np.unique(np.concatenate(rows), return_inverse=True)
        best = np.full((len(homes), len(self.most)), np.inf)
        np.minimum.at(best, place, np.concatenate(costs_by))
        return self._gains(homes, best)

    def gains_from(self, homes: Ints, metres: Floats, place: int | Ints) -> Gains:
        """Say what some homes gain that walk so many metres straight to a place, and on.

        ``place`` is one for all of them, or one for each.
        """
        best = np.full((len(homes), len(self.most)), np.inf)
        for part in self.rounds:
            new = metres[:, None] * part.per_m + self.beyond[place]
            best = np.where(part.columns & (new <= self.most), new, best)
        return self._gains(homes, best)

    def _gains(self, homes: Ints, best: Floats) -> Gains:
        now = self.cost[homes]
        sooner = np.clip(np.minimum(now, self.most) - best, 0.0, None)
        minutes = sum(
            (sooner[:, part.columns].sum(axis=1) * part.minutes for part in self.rounds),
            start=np.zeros(len(homes)),
        )
        gained = (now > self.most) & np.isfinite(best)
        return Gains(homes, gained, minutes * self.weight[homes])

    def residents(self, gains: Gains) -> float:
        """Residents who would gain any item."""
        return float(self.weight[gains.homes[gains.items.any(axis=1)]].sum())

    def pairs(self, gains: Gains) -> float:
        """Residents × items that would be gained."""
        return float((self.weight[gains.homes, None] * gains.items).sum())


def weight_of(card: Scorecard) -> Floats:
    """Residents of each home, or 1 where they are not known everywhere; a home counts once."""
    once = ~card.origins["again"].to_numpy(dtype=bool) if "again" in card.origins else True
    residents = card.origins["residents"].to_numpy(dtype=float)
    weight = np.ones(len(residents)) if np.isnan(residents).any() else residents
    return np.asarray(weight * once, dtype=float)


def item_costs(times: pd.DataFrame, homes: pd.Index, checklist: Checklist) -> Floats:
    """Cost of each home to each item, by itself or a host; infinite where there is no walk."""
    keys = pd.Index(checklist.keys())
    cost, _ = costs(times, checklist)
    row = homes.get_indexer(pd.Index(times["origin"]))
    column = keys.get_indexer(pd.Index(times["item"]))
    table = np.full((len(homes), len(keys)), np.inf)
    np.minimum.at(table, (row, column), np.where(np.isnan(cost), np.inf, cost))
    return table


def _beyond(card: Scorecard, network: WalkNetwork, places: Placed) -> Floats:
    """Cost from places on the network to the nearest facility of each item."""
    question, at = Proposal.of(card).question, places.at
    on_street = shapely.line_interpolate_point(network.lines[at.edge], at.fraction, normalized=True)
    points = gpd.GeoDataFrame(geometry=on_street, index=places.labels, crs=network.crs)
    points = points.to_crs(card.origins.crs)
    serving = card.facilities.loc[card.matches["facility"].unique()]
    ends = placed_ends(serving, network, question.snap_limit_m)
    times = walks_to_items(
        points,
        card.facilities,
        card.matches,
        network,
        card.checklist,
        question.pace,
        at=(places, ends),
        horizon=1.0,
    )
    return item_costs(times, places.labels, card.checklist)


def _to(card: Scorecard, network: WalkNetwork, places: Placed) -> tuple[_Round, ...]:
    """Walks of all homes to places, as long as the longest limit in each unit."""
    question = Proposal.of(card).question
    homes = placed_starts(card.origins, network, question.snap_limit_m)
    in_metres = np.array([item.limit.in_metres for item in card.checklist])
    most = np.array([item.limit.most for item in card.checklist])
    speed = off_street_speed_m_s(question.pace)
    rounds = []
    for columns, pace, per_m, minutes in (
        (~in_metres, question.pace, 1 / speed, 1 / 60.0),
        (in_metres, Metres(question.pace), 1.0, 1 / speed / 60.0),
    ):
        if columns.any():
            limit = float(most[columns].max()) / 60.0
            walks = times_between(homes, places, network, limit, pace=pace)
            order = np.argsort(walks.destination, kind="stable")
            bounds = np.searchsorted(walks.destination[order], np.arange(len(places.labels) + 1))
            walked = walks.origin[order], walks.seconds[order]
            rounds.append(_Round(columns, bounds, *walked, per_m, minutes))
    return tuple(rounds)
