"""Walks that draws are judged by, searched once: of each home and item to the nearest places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.planning.draw_kernels import nearest_kept, within_limits
from quarterhour.planning.draw_setting import Setting
from quarterhour.planning.draws import Draw
from quarterhour.scoring.judge import costs
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import placed_starts
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import off_street_speed_m_s
from quarterhour.walking.travel_times import times_between

NEAREST = 12
"""Listed places kept of each home and item, with all missing ones that are as near: that all of
them are gone and the next is not is beyond any number of draws."""

MOST = 128
"""Places kept of each home and item at most, listed and missing."""

BLOCK_PAIRS = 8_000_000
"""Homes times places that are searched at once."""

BLOCK_CELLS = 100_000
"""Homes times columns of which the nearest places are kept at once."""


class Reach(NamedTuple):
    """How far walks are looked for: so many times the limit, and so many metres beyond."""

    times: float
    more_m: float


@dataclass(frozen=True, eq=False)
class Walks:
    """The nearest places of every home and column: an item by itself, or through a host.

    Those of home h and column c are ``slot[offset[h * columns + c]:offset[h * columns + c + 1]]``,
    nearest first, with what the walk costs (seconds, or metres where the item's limit is such).
    ``host`` is the column of each item through hosts, or -1. ``limit`` is the limit of each
    column, ``per_m`` what a metre more costs, ``need`` how many places are asked for.
    """

    offset: Ints
    slot: Ints
    cost: Floats
    host: Ints
    limit: Floats
    in_metres: Mask
    per_m: Floats
    need: Ints
    snapped: Mask

    def within(self, draws: list[Draw]) -> npt.NDArray[np.uint8]:
        """Say for each home, column and draw whether enough places are within the limit."""
        factor = np.array([draw.factor for draw in draws])
        limit = np.where(
            self.in_metres[:, None], self.limit[:, None], self.limit[:, None] / factor[None, :]
        )
        alive = np.ascontiguousarray(np.array([draw.alive for draw in draws]).T)
        more = np.ascontiguousarray(np.array([draw.place_m for draw in draws]).T)
        home = np.ascontiguousarray(np.array([draw.home_m for draw in draws]).T)
        out = np.empty((len(home), len(self.limit), len(draws)), dtype=np.uint8)
        within_limits(
            (self.offset, self.slot, self.cost),
            (np.ascontiguousarray(limit), self.per_m, self.need),
            (alive, more, more.min(axis=0)),
            home,
            out,
        )
        return out


def walks_of(setting: Setting, reach: Reach) -> Walks:
    """Search once for what draws need, a block of homes at a time."""
    card, question = setting.card, setting.card.question
    assert question is not None  # noqa: S101 - a setting has one
    items = list(card.checklist)
    hosted = np.unique(setting.serves.loc[setting.serves["column"] >= len(items), "column"])
    host = np.full(len(items), -1)
    host[hosted - len(items)] = len(items) + np.arange(len(hosted))
    of_item = np.concatenate([np.arange(len(items)), hosted - len(items)]).astype(np.int64)
    limits = [items[i].limit for i in of_item]
    in_metres = np.array([limit.in_metres for limit in limits], dtype=bool)
    speed = off_street_speed_m_s(question.pace)
    homes = placed_starts(card.origins, card.network, question.snap_limit_m)
    parts = [
        _block(setting, homes, rows, host, in_metres, reach)
        for rows in _blocks(len(homes.labels), len(setting.ends.labels), len(of_item))
    ]
    count = np.concatenate([part[0] for part in parts])
    need = [items[i].at_least if c < len(items) else 1 for c, i in enumerate(of_item)]
    walks = Walks(
        offset=np.concatenate([[0], np.cumsum(count)]),
        slot=np.concatenate([part[1] for part in parts]),
        cost=np.concatenate([part[2] for part in parts]),
        host=host,
        limit=np.array([limit.most for limit in limits]),
        in_metres=in_metres,
        per_m=np.where(in_metres, 1.0, 1.0 / speed),
        need=np.array(need, dtype=np.int64),
        snapped=homes.snapped,
    )
    _hold_to(walks, setting)
    return walks


def _blocks(n_homes: int, n_places: int, n_columns: int) -> list[Ints]:
    size = max(1, min(BLOCK_PAIRS // max(1, n_places), BLOCK_CELLS // max(1, n_columns)))
    return [np.arange(at, min(at + size, n_homes)) for at in range(0, n_homes, size)]


_Kept = tuple[Ints, Ints, Floats]
"""How many of each home and column, their slots, and what the walks cost."""


def _block(
    setting: Setting, homes: Placed, rows: Ints, host: Ints, in_metres: Mask, reach: Reach
) -> _Kept:
    """Search from some homes, in seconds and in metres as their items need."""
    n_columns = len(in_metres)
    slot = np.zeros((len(rows), n_columns, MOST), dtype=np.int32)
    cost = np.zeros((len(rows), n_columns, MOST))
    count, certain = np.zeros((2, len(rows), n_columns), dtype=np.int64)
    most = max(item.at_least for item in setting.card.checklist)
    listed = len(setting.world.places), NEAREST * most
    column = setting.serves["column"].to_numpy(dtype=np.int64)
    n_items = len(setting.card.checklist)
    column = np.where(column < n_items, column, host[column % n_items])
    for metres in (False, True):
        mine = in_metres[column] == metres
        if mine.any():
            serves = _by_place(setting, column, np.flatnonzero(mine))
            pairs = _pairs(setting, homes.take(rows), metres, reach)
            nearest_kept(pairs, serves, listed, (slot, cost, count, certain))
    kept = np.arange(MOST)[None, None, :] < count[:, :, None]
    return count.ravel(), slot[kept].astype(np.int64), cost[kept]


def _by_place(setting: Setting, column: Ints, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Columns and slots that each place fills."""
    place = setting.serves["facility"].to_numpy(dtype=np.int64)[rows]
    order = np.argsort(place, kind="stable")
    offset = np.searchsorted(place[order], np.arange(len(setting.ends.labels) + 1))
    slot = setting.serves["slot"].to_numpy(dtype=np.int64)[rows]
    return offset, column[rows[order]], slot[order]


def _pairs(
    setting: Setting, homes: Placed, metres: bool, reach: Reach
) -> tuple[Ints, Ints, Floats]:
    """Places within reach of each home, nearest first."""
    card, question = setting.card, setting.card.question
    assert question is not None  # noqa: S101 - a setting has one
    most = max(item.limit.most for item in card.checklist if item.limit.in_metres == metres)
    pace = Metres(question.pace) if metres else question.pace
    far = most * (1.0 if metres else reach.times)
    far += reach.more_m / (1.0 if metres else off_street_speed_m_s(question.pace))
    used = np.unique(setting.serves["facility"])
    found = times_between(homes, setting.ends.take(used), card.network, far / 60.0, pace=pace)
    # Home by home, nearest first: one sort of one number is quicker than of two.
    order = np.argsort(found.origin * (2.0 * far + 1.0) + found.seconds)
    offset = np.searchsorted(found.origin[order], np.arange(len(homes.labels) + 1))
    return offset, used[found.destination[order]], found.seconds[order]


def _hold_to(walks: Walks, setting: Setting) -> None:
    """Let no walk be shorter than the scorecard's own, which was added up in another order."""
    card = setting.card
    times, n_columns = card.times, len(walks.limit)
    cost, _ = costs(times, card.checklist)
    home = card.origins.index.get_indexer(pd.Index(times["origin"]))
    item = pd.Index(card.checklist.keys()).get_indexer(pd.Index(times["item"]))
    hosted = times["host"].to_numpy(dtype=bool)
    column = np.where(hosted, walks.host[item], item)
    known = np.isfinite(cost) & (column >= 0)
    cell = home[known] * n_columns + column[known]
    # Exactly the same walk, but for the last digits: take the digits that were judged.
    first = walks.offset[cell]
    some = (walks.offset[cell + 1] > first) & (walks.need[column[known]] == 1)
    first, told = first[some], cost[known][some]
    near = np.abs(walks.cost[first] - told) <= 1e-6
    walks.cost[first[near]] = told[near]
