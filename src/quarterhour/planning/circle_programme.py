"""Which centres to open, and which units walk to which: an assignment solved with a bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.planning.circle_ground import Neighbours, apart
from quarterhour.planning.circle_units import Units
from quarterhour.planning.integer_programme import Found, Rows, matrix, solve
from quarterhour.planning.location_problem import Sites

OFF_TARGET = 1.0
"""Minutes that each resident counts by whom a circle is larger or smaller than was asked."""

AWAY = 2.0
"""Whoever is in no circle counts as this many times the limit."""

GAP = 0.005
"""Proof is looked for until the circles are known to be this near to the best ones."""

DIVIDED = 10.0
"""Each circle that a community is in counts as much as so many residents in none."""

NEAR = 0.0005
"""Of circles with the same centres, the assignment is known to be this near to the best."""

PART = 4.0
"""A unit goes wholly to a centre to which at least a quarter of a nearer neighbour goes."""

ROUNDS = 4
"""How often is tried to make circles hang together by assigning again."""


class Sizes(NamedTuple):
    """How large a circle should be, and may be, and what it costs to be in none (minutes)."""

    residents: float
    at_least: float
    at_most: float
    away: float


class Assigned(NamedTuple):
    """The centres that are opened, the share of each pair's unit that goes there, and proof.

    ``value`` and ``bound`` are resident-minutes; ``loose`` are units that were left out because
    they do not hang together with a circle.
    """

    opened: Ints
    share: Floats
    value: float
    bound: float
    loose: Ints


def assign(
    units: Units,
    sites: Sites,
    sizes: Sizes,
    time_limit_s: float,
    known: Neighbours | None = None,
) -> Assigned:
    """Choose centres and assign units, so that residents walk least and few are in no circle.

    The bound is that of units which may be divided; the answer divides no small community, if
    that can be had. With neighbours the units of each circle hang together on the streets; the
    bound is that of circles which need not.
    """
    n, p = len(sites.required), len(units.pair_unit)
    found = _solve(units, sites, sizes, np.zeros(len(units.residents), bool), time_limit_s)
    # Where nothing was found in time: the centres that have to be are always possible.
    opened = sites.required & ~sites.forbidden if found.x is None else found.x[:n] > 0.5
    kept = Sites(opened, ~opened)
    seconds_left = max(5.0, time_limit_s / 4)
    share, value, loose = np.zeros(p), np.inf, np.zeros(0, dtype=np.int64)
    second = _Second(units, kept, sizes, sites.required, seconds_left)
    for whole in (units.whole, np.zeros_like(units.whole)):
        if (first := second.share(whole, {})) is not None:
            share = _together(second, whole, first, known)
            loose = np.setdiff1d(units.pair_unit[first > 0], units.pair_unit[share > 0])
            value = _value(units, sizes, opened, share)
            break
    return Assigned(np.flatnonzero(opened), share, value, min(found.bound, value), loose)


class _Second(NamedTuple):
    """The assignment to centres that are chosen."""

    units: Units
    kept: Sites
    sizes: Sizes
    required: Mask
    seconds: float

    def share(self, whole: Mask, bound: dict[int, Neighbours]) -> Floats | None:
        """Solve it; at the centres of ``bound`` a unit needs a neighbour that is nearer."""
        n, p = len(self.required), len(self.units.pair_unit)
        more = [_nearer_first(self.units, centre, known) for centre, known in bound.items()]
        found = _solve(
            self.units, self.kept, self.sizes, whole, self.seconds, again=(self.required, more)
        )
        if found.x is None:
            return None
        share = np.clip(found.x[n : n + p], 0.0, 1.0)
        share[share < 1e-9] = 0.0
        return share


def _together(second: _Second, whole: Mask, share: Floats, known: Neighbours | None) -> Floats:
    """Assign again until every circle hangs together; what still does not is in none of them."""
    if known is None:
        return share
    units, opened = second.units, np.flatnonzero(second.kept.required)
    bound: dict[int, Neighbours] = {}
    for _ in range(ROUNDS):
        loose = apart(units, share, opened, known)
        if not loose:
            return share
        bound |= dict.fromkeys(loose, known)
        if (better := second.share(whole, bound)) is None:
            break
        share = better
    share = share.copy()
    for centre, pairs in apart(units, share, opened, known).items():
        people = share * units.residents[units.pair_unit] * (units.pair_centre == centre)
        if people.sum() - people[pairs].sum() >= second.sizes.at_least or second.required[centre]:
            share[pairs] = 0.0
    return share


def _nearer_first(units: Units, centre: int, known: Neighbours) -> Rows:
    """A unit goes to a centre only if a neighbour does that is nearer to it, or none is nearer.

    Zoltners and Sinha 1983; a neighbour of which a part goes there is enough.
    """
    mine = np.flatnonzero(units.pair_centre == centre)
    pair_of = dict(zip(units.pair_unit[mine].tolist(), mine.tolist(), strict=True))
    minutes = units.pair_minutes
    row: list[int] = []
    column: list[int] = []
    value: list[float] = []
    first = int(mine[np.argmin(minutes[mine])])
    count = 0
    for pair in mine.tolist():
        if pair == first:
            continue
        around = [
            pair_of[one] for one in known.of(int(units.pair_unit[pair])).tolist() if one in pair_of
        ]
        near = [one for one in around if minutes[one] < minutes[pair]] or around
        row += [count] * (len(near) + 1)
        column += [pair, *near]
        value += [1.0, *[-PART] * len(near)]
        count += 1
    shape = (count, len(units.pair_unit))
    left = matrix(np.array(row), np.array(column), np.array(value), shape)
    return left, np.full(count, -np.inf), np.zeros(count)


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
    again: tuple[Mask, list[Rows]] | None = None,
) -> Found:
    """Solve for the centres, the shares, who is left and how far sizes are off, in this order.

    Once the centres are chosen they are assigned ``again``: some have to be, however few come, and
    pairs keep to further rows. Then communities are in few circles, which are counted last.
    """
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
    must_not, more = (sites.required, []) if again is None else again
    rows = _rows(units, sizes, must_not, people)
    for left, least, most in more:  # of pairs alone: their columns come after the centres
        wide = matrix(
            np.repeat(np.arange(left.shape[0]), np.diff(left.indptr)),
            n + left.indices,
            left.data,
            (left.shape[0], len(costs)),
        )
        rows.append((wide, least, most))
    if again is not None:
        few, number = _counted(
            units, np.flatnonzero(use & ~whole[units.pair_unit]), (n, len(costs))
        )
        rows.append(few)
        costs = np.append(costs, np.full(number, DIVIDED * sizes.away))
        integral, upper = (np.append(one, np.ones(number)) for one in (integral, upper))
        lower = np.append(lower, np.zeros(number))
    box = integral.astype(float), lower, upper.astype(float)
    return solve(costs, rows, box, time_limit_s, gap=GAP if again is None else NEAR)


def _counted(units: Units, pairs: Ints, columns: tuple[int, int]) -> tuple[Rows, int]:
    """Count the circles of each community that may be divided: a pair is taken in a counted one.

    ``columns`` are where those of the pairs begin, and where those of the circles.
    """
    both = np.column_stack([units.area[units.pair_unit[pairs]], units.pair_centre[pairs]])
    circles, which = np.unique(both, axis=0, return_inverse=True)
    first, width = columns
    at, k = np.arange(len(pairs)), len(pairs)
    left = matrix(
        np.concatenate([at, at]),
        np.concatenate([first + pairs, width + which.ravel()]),
        np.concatenate([np.ones(k), -np.ones(k)]),
        (k, width + len(circles)),
    )
    return (left, np.full(k, -np.inf), np.zeros(k)), len(circles)


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
