"""Which centres to open, and which units walk to which: an assignment solved with a bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.planning.circle_units import Units
from quarterhour.planning.integer_programme import Found, Rows, matrix, solve
from quarterhour.planning.location_problem import Sites

OFF_TARGET = 1.0
"""Minutes that each resident counts by whom a circle is larger or smaller than was asked."""

AWAY = 2.0
"""Whoever is in no circle counts as this many times the limit."""

GAP = 0.005
"""Proof is looked for until the circles are known to be this near to the best ones."""


class Sizes(NamedTuple):
    """How large a circle should be, and may be, and what it costs to be in none (minutes)."""

    residents: float
    at_least: float
    at_most: float
    away: float


class Assigned(NamedTuple):
    """The centres that are opened, the share of each pair's unit that goes there, and proof.

    ``value`` and ``bound`` are resident-minutes.
    """

    opened: Ints
    share: Floats
    value: float
    bound: float


def assign(units: Units, sites: Sites, sizes: Sizes, time_limit_s: float) -> Assigned:
    """Choose centres and assign units, so that residents walk least and few are in no circle.

    The bound is that of units which may be divided; the answer divides no small community, if
    that can be had.
    """
    n, p = len(sites.required), len(units.pair_unit)
    found = _solve(units, sites, sizes, np.zeros(len(units.residents), bool), time_limit_s)
    # Where nothing was found in time: the centres that have to be are always possible.
    opened = sites.required & ~sites.forbidden if found.x is None else found.x[:n] > 0.5
    kept = Sites(opened, ~opened)
    seconds_left = max(5.0, time_limit_s / 4)
    share, value = np.zeros(p), np.inf
    for whole in (units.whole, np.zeros_like(units.whole)):
        second = _solve(units, kept, sizes, whole, seconds_left, forced=sites.required)
        if second.x is not None:
            share = np.clip(second.x[n : n + p], 0.0, 1.0)
            share[share < 1e-9] = 0.0
            value = _value(units, sizes, opened, share)
            break
    return Assigned(np.flatnonzero(opened), share, value, min(found.bound, value))


def _value(units: Units, sizes: Sizes, opened: Mask, share: Floats) -> float:
    people = share * units.residents[units.pair_unit]
    size = np.bincount(units.pair_centre, weights=people, minlength=len(opened))
    away = float(units.residents.sum() - people.sum())
    off = float(np.abs(size - sizes.residents)[opened].sum())
    return float((people * units.pair_minutes).sum()) + sizes.away * away + OFF_TARGET * off


def _solve(
    units: Units,
    sites: Sites,
    sizes: Sizes,
    whole: Mask,
    time_limit_s: float,
    *,
    forced: Mask | None = None,
) -> Found:
    """Solve for the centres, the shares, who is left and how far sizes are off, in this order."""
    n, m, p = len(sites.required), len(units.residents), len(units.pair_unit)
    people = units.residents[units.pair_unit]
    # Pairs of centres that are not opened only make the programme larger.
    use = ~sites.forbidden[units.pair_centre]
    costs = np.concatenate(
        [
            np.zeros(n),
            people * units.pair_minutes,
            units.residents * sizes.away,
            np.full(n, OFF_TARGET),
        ]
    )
    integral = np.concatenate([np.ones(n), whole[units.pair_unit] & use, np.zeros(m + n)])
    lower = np.concatenate([sites.required, np.zeros(p + m + n)]).astype(float)
    upper = np.concatenate([~sites.forbidden, use, np.ones(m), np.full(n, np.inf)])
    must_not = sites.required if forced is None else forced
    rows = _rows(units, sizes, must_not, people)
    return solve(
        costs, rows, (integral.astype(float), lower, upper.astype(float)), time_limit_s, gap=GAP
    )


def _rows(units: Units, sizes: Sizes, required: Mask, people: Floats) -> list[Rows]:
    n, m, p = len(required), len(units.residents), len(units.pair_unit)
    width = n + p + m + n
    centre, pair, left, off = np.split(np.arange(width), [n, n + p, n + p + m])
    infinite = np.inf

    def size_rows(per_centre: Floats, off_by: float, least: float, most: float) -> Rows:
        """Residents of each centre, plus so much for its opening and its being off."""
        at = [units.pair_centre, np.arange(n), np.arange(n)]
        columns = [pair, centre, off]
        values = [people, per_centre, np.full(n, off_by)]
        left_side = matrix(
            np.concatenate(at), np.concatenate(columns), np.concatenate(values), (n, width)
        )
        return left_side, np.full(n, least), np.full(n, most)

    once = matrix(
        np.concatenate([units.pair_unit, np.arange(m)]),
        np.concatenate([pair, left]),
        np.ones(p + m),
        (m, width),
    )
    step = np.arange(p)
    opened = matrix(
        np.concatenate([step, step]),
        np.concatenate([pair, centre[units.pair_centre]]),
        np.concatenate([np.ones(p), -np.ones(p)]),
        (p, width),
    )
    fewest = np.where(required, 0.0, -sizes.at_least)  # a given centre stays, however few come
    target = np.full(n, -sizes.residents)
    return [
        (once, np.ones(m), np.ones(m)),
        (opened, np.full(p, -infinite), np.zeros(p)),
        size_rows(np.full(n, -sizes.at_most), 0.0, -infinite, 0.0),
        size_rows(fewest, 0.0, 0.0, infinite),
        size_rows(target, -1.0, -infinite, 0.0),
        size_rows(target, 1.0, 0.0, infinite),
    ]
