"""Draws: one realisation after the other of what may be wrong, each the same for all homes."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.errors import InputError
from quarterhour.places.carried import plain_record
from quarterhour.planning.draw_setting import Setting
from quarterhour.planning.error_source import ErrorSource
from quarterhour.planning.missing_places import rows_of
from quarterhour.streets.grounds import INSIDE, inside_m
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Pace, Seconds, off_street_speed_m_s


@dataclass(frozen=True)
class Slower:
    """A pace at which every walk takes so many times as long.

    Parameters
    ----------
    pace
        The pace.
    factor
        How many times as long.
    """

    pace: Pace
    factor: float

    @property
    def speed_m_s(self) -> float:
        """Speed off the streets."""
        return off_street_speed_m_s(self.pace) / self.factor

    def __call__(self, network: WalkNetwork) -> Seconds:
        """Seconds of each edge."""
        return np.asarray(self.pace(network), dtype=np.float64) * self.factor

    def __str__(self) -> str:
        return f"{self.pace}, every walk {self.factor:.4f} times as long"


class Draw(NamedTuple):
    """One realisation: ``alive`` and ``place_m`` by slot."""

    factor: float
    alive: Mask
    place_m: Floats
    home_m: Floats


@dataclass(frozen=True, eq=False)
class Lottery:
    """Draws of some sources: draw number n is the same whatever others are asked for."""

    setting: Setting
    sources: tuple[ErrorSource, ...]
    seed: int
    only: frozenset[int] | None = None

    @cached_property
    def _marks(self) -> list[int]:
        """A number of each source, by its name, so that its draws are its own."""
        seen: Counter[str] = Counter()
        marks = []
        for source in self.sources:
            seen[source.name] += 1
            marks.append(zlib.crc32(f"{source.name} {seen[source.name]}".encode()))
        return marks

    @cached_property
    def _missing(self) -> tuple[Ints, Ints, Ints]:
        """Source and item of each place that may be missing, and how many each item has."""
        extra, items = self.setting.extra, self.setting.world.items
        return extra["source"].to_numpy(), extra["item"].to_numpy(), items["places"].to_numpy()

    def draw(self, number: int) -> Draw:
        """Give a draw."""
        world = self.setting.world
        n = len(world.places)
        alive = np.zeros(self.setting.n_slots, dtype=bool)
        alive[:n] = True
        more = np.zeros(self.setting.n_slots)
        home = np.zeros(len(world.homes))
        factor = 1.0
        for index, (source, mark) in enumerate(zip(self.sources, self._marks, strict=True)):
            if self.only is not None and index not in self.only:
                continue
            random = np.random.default_rng([self.seed, mark, number])
            effect = source.draw(random, world)
            factor *= effect.factor
            _add(more[:n], effect.place_m)
            _add(home, effect.home_m)
            if effect.gone is not None:
                alive[:n] &= ~effect.gone
            self._found(index, source, random, alive[n:])
        return Draw(factor, alive, more, home)

    def _found(
        self, index: int, source: ErrorSource, random: np.random.Generator, there: Mask
    ) -> None:
        """Draw how many places of each item are missing, and where they are."""
        share = source.completeness(random, self.setting.world)
        if share is None:
            return
        of_source, of_item, listed = self._missing
        first, last = np.searchsorted(of_source, [index, index + 1])
        if first == last:
            return
        some = (listed > 0) & (share < 1)
        number = np.zeros(len(listed), dtype=np.int64)
        number[some] = random.negative_binomial(listed[some], share[some])
        item = of_item[first:last]
        # Rows are in the order of the items: random keys between them shuffle each item's own.
        order = np.argsort(item + random.random(len(item)))
        rank = np.arange(len(item)) - np.searchsorted(item, item)
        there[first + order[rank < number[item]]] = True


def _add(total: Floats, part: Floats | None) -> None:
    if part is not None:
        total += part


def inputs_of(setting: Setting, draw: Draw) -> dict[str, Any]:
    """Give a draw as tables and a pace, which :meth:`Scorecard.again` answers."""
    card = setting.card
    if card.asked is None or card.question is None:  # pragma: no cover - seen to before
        raise InputError("This scorecard does not know its question.")
    n = len(setting.world.places)
    given = card.asked.facilities
    more = pd.Series(inside_m(given), index=given.index)
    more.loc[setting.serving] += draw.place_m[setting.slot]
    table = given.assign(**{INSIDE: more})
    gone = setting.serving[~draw.alive[:n][setting.slot]]
    table = table.drop(index=gone)
    extra = setting.extra[draw.alive[n:]]
    if len(extra):
        table = pd.concat([table, rows_of(card, setting.sites, extra)])
    table = gpd.GeoDataFrame(table, geometry=given.geometry.name, crs=given.crs)
    table.attrs = plain_record(given.attrs)
    origins = card.origins.assign(**{INSIDE: inside_m(card.origins) + draw.home_m})
    origins.attrs = dict(card.origins.attrs)
    keys = np.array(card.checklist.keys(), dtype=object)
    return {
        "facilities": table,
        "origins": origins,
        "pace": Slower(card.question.pace, draw.factor),
        "surveyed": (*card.question.surveyed, *keys[setting.firm]),
    }
