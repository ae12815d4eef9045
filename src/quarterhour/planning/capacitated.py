"""Covering by places that serve only so many: capacitated maximal and set covering.

Who is within the limit of several opened places may be shared out among them (Current and
Storbeck 1988). A home within the limit of a place that exists is served by that. People may count
more than one each; a place is as full with one as with another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.planning.integer_programme import Found, Rows, matrix, solve
from quarterhour.planning.location_models import TIME_LIMIT_S, checked, how_many
from quarterhour.planning.location_problem import Demand, Plan, Sites, Walks

MOST_PAIRS = 2_000_000
"""Pairs of home and site beyond which the programme would not fit into a machine's memory."""


class Shared(NamedTuple):
    """A plan, and how many people each of its sites serves, in the order of ``plan.chosen``.

    ``gained`` is what these count.
    """

    plan: Plan
    assigned: Floats
    gained: Floats


def capacitated_cover(
    demand: Demand,
    walks: Walks,
    limit: float,
    k: int,
    capacity: Floats,
    sites: Sites | None = None,
    *,
    time_limit_s: float = TIME_LIMIT_S,
) -> Shared:
    """Choose k sites so that most weight can be served within the limit and their capacities.

    With a budget, k is the most that are opened.

    Raises
    ------
    InputError
        If a capacity is no number of at least 0, k sites cannot be chosen, or there are too
        many pairs.
    """
    sites = checked(sites, walks.n_candidates, k)
    programme = _Programme.of(demand, walks, limit, _sound(capacity, walks), sites)
    choose = how_many(sites, programme.n, k)
    served = demand.already <= limit
    base = float(demand.weight[served].sum())
    gain = np.concatenate([np.zeros(programme.n), -programme.counts])
    found = programme.solved(gain, choose, sites, time_limit_s)
    if found.x is None:
        msg = "No plan was found in time: give more time or fewer candidates."
        raise InputError(msg)
    chosen, assigned, gained = programme.read(found)
    value = base + float(gained.sum())
    most = float(demand.weight.sum())
    return Shared(Plan(chosen, value, max(value, min(base - found.bound, most))), assigned, gained)


def capacitated_fewest(
    demand: Demand,
    walks: Walks,
    limit: float,
    capacity: Floats,
    sites: Sites | None = None,
    *,
    share: float = 1.0,
    time_limit_s: float = TIME_LIMIT_S,
) -> Shared:
    """Choose the fewest sites that can serve a share of all weight within limit and capacities.

    Raises
    ------
    InputError
        If all candidates together cannot: the message says how much they can serve.
    """
    sites = checked(sites, walks.n_candidates, None)
    capacity = _sound(capacity, walks)
    programme = _Programme.of(demand, walks, limit, capacity, sites)
    total = float(demand.weight.sum())
    base = float(demand.weight[demand.already <= limit].sum())
    pairs = len(programme.near.home)
    everyone = matrix(
        np.zeros(pairs, dtype=int),
        programme.n + np.arange(pairs),
        programme.counts,
        (1, programme.n + pairs),
    )
    least = (share * total - base) * (1 - 1e-9)
    enough: Rows = (everyone, np.array([least]), np.array([np.inf]))
    cost = np.concatenate([np.ones(programme.n), np.zeros(pairs)])
    found = programme.solved(cost, [enough], sites, time_limit_s)
    if found.x is None:
        gain = np.concatenate([np.zeros(programme.n), -programme.counts])
        all_open = programme.solved(gain, [], sites, time_limit_s)
        most = base - all_open.bound
        msg = (
            f"All {programme.n:,} candidates together can serve {min(most / total, 1):.1%} of the "
            f"weight within the limit and their capacities, not {share:.1%}: ask for a smaller "
            "share, or give more candidates or larger ones."
        )
        raise InputError(msg)
    chosen, assigned, gained = programme.read(found)
    plan = Plan(chosen, float(len(chosen)), float(np.ceil(found.bound - 1e-6)))
    return Shared(plan, assigned, gained)


class _Programme(NamedTuple):
    """Sites opened, then people who go from each home to each site, and what each counts."""

    near: Walks
    people: Floats
    counts: Floats
    capacity: Floats
    rows: list[Rows]
    n: int

    @classmethod
    def of(
        cls, demand: Demand, walks: Walks, limit: float, capacity: Floats, sites: Sites
    ) -> _Programme:
        near = walks.within(limit)
        unserved = ~(demand.already <= limit)[near.home]
        near = near.take(unserved & ~sites.forbidden[near.candidate])
        n, m, pairs = walks.n_candidates, len(demand.weight), len(near.home)
        if pairs > MOST_PAIRS:
            msg = (
                f"{pairs:,} pairs of homes and candidates with capacities are too many: give "
                f"fewer candidates, so that they are at most {MOST_PAIRS:,}."
            )
            raise InputError(msg)
        flow = n + np.arange(pairs)
        once = matrix(near.home, flow, np.ones(pairs), (m, n + pairs))
        within = matrix(
            np.concatenate([near.candidate, np.arange(n)]),
            np.concatenate([flow, np.arange(n)]),
            np.concatenate([np.ones(pairs), -capacity]),
            (n, n + pairs),
        )
        rows = [
            (once, np.full(m, -np.inf), demand.heads),
            (within, np.full(n, -np.inf), np.zeros(n)),
        ]
        return cls(near, demand.heads, demand.counts[near.home], capacity, rows, n)

    def solved(self, cost: Floats, more: list[Rows], sites: Sites, time_limit_s: float) -> Found:
        pairs = len(self.near.home)
        whole = np.concatenate([np.ones(self.n), np.zeros(pairs)])
        lower = np.concatenate([sites.required, np.zeros(pairs)]).astype(float)
        upper = np.concatenate([(~sites.forbidden).astype(float), self.people[self.near.home]])
        return solve(cost, [*self.rows, *more], (whole, lower, upper), time_limit_s)

    def read(self, found: Found) -> tuple[Ints, Floats, Floats]:
        """Give the sites, ascending, how many people each serves, and what these count."""
        if found.x is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
        chosen = np.flatnonzero(found.x[: self.n] > 0.5)
        people = found.x[self.n :]
        heads, worth = (
            np.bincount(self.near.candidate, weights=one, minlength=self.n)[chosen].astype(float)
            for one in (people, people * self.counts)
        )
        return chosen, heads, worth


def _sound(capacity: Floats, walks: Walks) -> Floats:
    capacity = np.asarray(capacity, dtype=float)
    if capacity.shape != (walks.n_candidates,) or not np.all(
        np.isfinite(capacity) & (capacity >= 0)
    ):
        msg = f"Each of the {walks.n_candidates} candidates needs a capacity of at least 0."
        raise InputError(msg)
    return capacity
