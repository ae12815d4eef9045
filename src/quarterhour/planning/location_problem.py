"""A location problem as arrays: who is to be served, by which walks, from which sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints, Mask


class Demand(NamedTuple):
    """Who is to be served.

    ``weight`` has one number per home, such as residents; ``already`` the cost of the walk to
    the nearest place that exists, infinite where there is none. ``people`` take up capacity, where
    they do not count one each.
    """

    weight: Floats
    already: Floats
    people: Floats | None = None

    @property
    def heads(self) -> Floats:
        """How many take up capacity in each home."""
        return self.weight if self.people is None else self.people

    @property
    def counts(self) -> Floats:
        """How much each of a home counts: its weight by head; nothing where nobody lives."""
        heads = self.heads
        return np.divide(self.weight, heads, out=np.zeros(len(heads)), where=heads > 0)


class Walks(NamedTuple):
    """Possible walks: one entry per home and candidate that can be joined, with its cost."""

    home: Ints
    candidate: Ints
    cost: Floats
    n_candidates: int

    def within(self, limit: float) -> Walks:
        """Only the walks of at most a cost."""
        return self.take(self.cost <= limit)

    def take(self, keep: Mask) -> Walks:
        """Only the walks of a mask."""
        home, candidate = self.home[keep], self.candidate[keep]
        return Walks(home, candidate, self.cost[keep], self.n_candidates)


class Sites(NamedTuple):
    """What is said of the candidates: those that have to be opened, and those that may not.

    ``price`` is what each costs; all that are opened cost no more than ``budget``.
    """

    required: Mask
    forbidden: Mask
    price: Floats | None = None
    budget: float = np.inf

    @classmethod
    def free(cls, n_candidates: int) -> Sites:
        """Candidates of which each may be opened or not."""
        none = np.zeros(n_candidates, dtype=bool)
        return cls(none, none.copy())


@dataclass(frozen=True)
class Plan:
    """The sites to open, and how good the plan is known to be.

    Attributes
    ----------
    chosen
        Numbers of the candidates to open, ascending.
    value
        What the plan reaches: weight served, number of sites, total or largest cost.
    bound
        What no plan can better.
    """

    chosen: Ints
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share of its value; 0 is proven."""
        difference = abs(self.value - self.bound)
        return 0.0 if difference <= 1e-6 * max(1.0, abs(self.value)) else difference / self.value


def total_cost(demand: Demand, walks: Walks, chosen: Ints, miss: float = np.inf) -> float:
    """Weighted cost of everyone's walk to the nearest chosen site or existing place."""
    return float((demand.weight * nearest_cost(demand, walks, chosen, miss)).sum())


def nearest_cost(demand: Demand, walks: Walks, chosen: Ints, miss: float = np.inf) -> Floats:
    """Cost of each home's walk to the nearest chosen site or existing place."""
    best = np.minimum(demand.already, miss)
    mine = np.isin(walks.candidate, chosen)
    np.minimum.at(best, walks.home[mine], walks.cost[mine])
    return best
