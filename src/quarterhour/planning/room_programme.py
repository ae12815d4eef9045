"""Which rooms to open, and which items each of them serves: an integer programme with its bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.errors import InputError
from quarterhour.planning.cover_search import greedy, interchange, merged, served_by
from quarterhour.planning.integer_programme import Rows, matrix, solve
from quarterhour.planning.location_problem import Demand, Sites, Walks

FEWER = 1e-7
"""Of plans that serve as many the one with fewer rooms: a room counts so much of all residents."""


class Asked(NamedTuple):
    """The items: who is to be served, within what; which rooms may serve which, and how many.

    ``rooms`` is how many rooms at most, ``places`` how many places of each item; one is given.
    """

    demands: tuple[Demand, ...]
    limits: tuple[float, ...]
    may: Mask
    uses: Floats
    rooms: int | None
    places: tuple[int, ...] | None


class Covering(NamedTuple):
    """Walks to rooms that serve an item, of homes without it, those with equal rooms merged."""

    walks: Walks
    weight: Floats
    base: float


class Rooms(NamedTuple):
    """The plan: which rooms (rows) serve which items (columns), and what that is worth."""

    serves: Mask
    covers: tuple[Covering, ...]
    value: float
    bound: float

    @property
    def before(self) -> list[float]:
        """Residents within the limit of each item without the rooms."""
        return [cover.base for cover in self.covers]

    @property
    def served(self) -> list[float]:
        """Residents within the limit of each item with the rooms."""
        return [_served(cover, np.flatnonzero(mine)) for cover, mine in zip(
            self.covers, self.serves.T, strict=True
        )]  # fmt: skip

    def in_order(self) -> tuple[Ints, Floats]:
        """The rooms, those first that add most, and what each adds."""
        left = np.flatnonzero(self.serves.any(axis=1)).tolist()
        done = [np.zeros(len(cover.weight), dtype=bool) for cover in self.covers]
        order, gained = [], []
        while left:
            gains = {}
            for room in left:
                new = [
                    served_by(cover.walks, len(cover.weight), np.array([room])) & ~seen
                    for cover, seen, on in zip(self.covers, done, self.serves[room], strict=True)
                    if on
                ]
                mine = [c for c, on in zip(self.covers, self.serves[room], strict=True) if on]
                gains[room] = sum(float(c.weight[n].sum()) for c, n in zip(mine, new, strict=True))
            first = max(left, key=lambda room: gains[room])
            for k, on in enumerate(self.serves[first]):
                if on:
                    cover = self.covers[k]
                    done[k] |= served_by(cover.walks, len(cover.weight), np.array([first]))
            order.append(first)
            gained.append(gains[first])
            left.remove(first)
        return np.array(order, dtype=np.int64), np.array(gained, dtype=float)


def choose_rooms(asked: Asked, walks: Walks, sites: Sites, time_limit_s: float) -> Rooms:
    """Choose rooms and what they serve, so that most residents × items are within the limits.

    Raises
    ------
    InputError
        If no plan keeps to what is required and forbidden.
    """
    covers = tuple(
        _covering(demand, walks, limit, may & ~sites.forbidden)
        for demand, limit, may in zip(asked.demands, asked.limits, asked.may.T, strict=True)
    )
    programme = _Programme(asked, covers, sites)
    start = programme.start()
    begin = None if start is None else programme.point(start)
    found = solve(
        programme.costs(), programme.rows(), programme.limits(), time_limit_s, start=begin
    )
    serves = start
    if found.x is not None:
        serves = programme.read(found.x)
        if start is not None and programme.worth(start) > programme.worth(serves):
            serves = start
    if serves is None:
        msg = (
            "No plan keeps to what is asked: more rooms are required than k or the budget allows, "
            "or the time was too short. Give more of them."
        )
        raise InputError(msg)
    base = sum(cover.base for cover in covers)
    value = base + programme.worth(serves)
    most = base + sum(float(cover.weight.sum()) for cover in covers)
    slack = FEWER * programme.total * int(serves.any(axis=1).sum())
    bound = max(value, min(base - found.bound + slack, most))
    bound = value if bound - value <= slack + 1e-6 * max(1.0, value) else bound
    return Rooms(serves, covers, value, bound)


def _covering(demand: Demand, walks: Walks, limit: float, may: Mask) -> Covering:
    served = demand.already <= limit
    near = walks.within(limit)
    near = near.take(~served[near.home] & may[near.candidate])
    kept, weight = merged(near, demand.weight)
    return Covering(kept, weight, float(demand.weight[served].sum()))


def _served(cover: Covering, rooms: Ints) -> float:
    return cover.base + float(cover.weight[served_by(cover.walks, len(cover.weight), rooms)].sum())


class _Programme:
    """Columns: room j opened, then room j serves item i (item by item), then home h has item i."""

    def __init__(self, asked: Asked, covers: tuple[Covering, ...], sites: Sites) -> None:
        self.asked, self.covers, self.sites = asked, covers, sites
        self.n, self.m = asked.may.shape
        self.homes = [len(cover.weight) for cover in covers]
        self.width = self.n * (1 + self.m) + sum(self.homes)
        self.total = max(1.0, float(asked.demands[0].weight.sum()))

    def serve(self, item: int) -> Ints:
        return np.arange(self.n * (1 + item), self.n * (2 + item), dtype=np.int64)

    def has(self, item: int) -> Ints:
        begin = self.n * (1 + self.m) + sum(self.homes[:item])
        return np.arange(begin, begin + self.homes[item], dtype=np.int64)

    def costs(self) -> Floats:
        opened = np.full(self.n, FEWER * self.total)
        weights = [-cover.weight for cover in self.covers]
        return np.concatenate([opened, np.zeros(self.n * self.m), *weights])

    def limits(self) -> tuple[Floats, Floats, Floats]:
        whole = np.concatenate([np.ones(self.n * (1 + self.m)), np.zeros(sum(self.homes))])
        lower = np.concatenate([self.sites.required, np.zeros(self.width - self.n)]).astype(float)
        free = (~self.sites.forbidden).astype(float)
        may = (self.asked.may & ~self.sites.forbidden[:, None]).T.ravel().astype(float)
        return whole, lower, np.concatenate([free, may, np.ones(sum(self.homes))])

    def rows(self) -> list[Rows]:
        n, room = self.n, np.arange(self.n)
        found: list[Rows] = []
        for item, cover in enumerate(self.covers):
            size, pairs = self.homes[item], len(cover.walks.home)
            left = matrix(
                np.concatenate([cover.walks.home, np.arange(size)]),
                np.concatenate([self.serve(item)[cover.walks.candidate], self.has(item)]),
                np.concatenate([-np.ones(pairs), np.ones(size)]),
                (size, self.width),
            )
            found.append((left, np.full(size, -np.inf), np.zeros(size)))
            opened = matrix(
                np.concatenate([room, room]),
                np.concatenate([self.serve(item), room]),
                np.concatenate([np.ones(n), -np.ones(n)]),
                (n, self.width),
            )
            found.append((opened, np.full(n, -np.inf), np.zeros(n)))
        together = np.concatenate([self.serve(item) for item in range(self.m)])
        at_once = matrix(
            np.concatenate([np.tile(room, self.m), room]),
            np.concatenate([together, room]),
            np.concatenate([np.ones(n * self.m), -self.asked.uses]),
            (n, self.width),
        )
        found.append((at_once, np.full(n, -np.inf), np.zeros(n)))
        if self.asked.rooms is not None:
            found.append(self._at_most(room, np.ones(n), self.asked.rooms))
        for item, most in enumerate(self.asked.places or ()):
            found.append(self._at_most(self.serve(item), np.ones(n), most))
        if self.sites.price is not None and np.isfinite(self.sites.budget):
            found.append(self._at_most(room, self.sites.price, self.sites.budget))
        return found

    def _at_most(self, columns: Ints, values: Floats, most: float) -> Rows:
        left = matrix(np.zeros(len(columns), dtype=int), columns, values, (1, self.width))
        return left, np.array([-np.inf]), np.array([float(most)])

    def start(self) -> Mask | None:
        """A plan by search, one item after the other, where nothing but numbers binds."""
        asked, sites = self.asked, self.sites
        bound = np.isfinite(sites.budget) or sites.required.any() or (asked.uses < self.m).any()
        if bound or asked.places is None:
            return None
        serves = np.zeros((self.n, self.m), dtype=bool)
        for item, (cover, most) in enumerate(zip(self.covers, asked.places, strict=True)):
            mine = Sites(sites.required, ~asked.may[:, item] | sites.forbidden)
            if most > int((~mine.forbidden).sum()):
                return None
            begin = greedy(cover.walks, cover.weight, most, mine)
            serves[interchange(cover.walks, cover.weight, begin, mine), item] = True
        return serves

    def point(self, serves: Mask) -> Floats:
        has = [
            served_by(cover.walks, len(cover.weight), np.flatnonzero(mine))
            for cover, mine in zip(self.covers, serves.T, strict=True)
        ]
        return np.concatenate([serves.any(axis=1), serves.T.ravel(), *has]).astype(float)

    def read(self, x: Floats) -> Mask:
        """Which rooms serve which items."""
        return np.asarray(x[self.n : self.n * (1 + self.m)].reshape(self.m, self.n).T > 0.5)

    def worth(self, serves: Mask) -> float:
        return sum(
            _served(cover, np.flatnonzero(mine)) - cover.base
            for cover, mine in zip(self.covers, serves.T, strict=True)
        )
