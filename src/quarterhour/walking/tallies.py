"""Walks between two tables added up, or ranked, as they are found: pairs are never kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask, cores
from quarterhour.errors import InputError
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import placed_ends, placed_starts, require_snapped
from quarterhour.walking.areas import homes_of
from quarterhour.walking.engines import Engine
from quarterhour.walking.given import limits_of
from quarterhour.walking.pace import Pace
from quarterhour.walking.searches import Block, Searches
from quarterhour.walking.time_blocks import placed, travel_time_blocks
from quarterhour.walking.travel_times import TravelTimes, seconds_of


class Ways(NamedTuple):
    """By whom is walked, from how far off the streets, and what searches."""

    pace: Pace
    snap_limit_m: float
    engine: Engine

    def blocks(
        self,
        origins: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        network: WalkNetwork,
        minutes: float,
    ) -> Iterator[TravelTimes]:
        """Walks of areas, some areas at a time."""
        return travel_time_blocks(
            origins,
            facilities,
            network,
            minutes,
            pace=self.pace,
            snap_limit_m=self.snap_limit_m,
            engine=self.engine,
        )

    def searches(
        self,
        origins: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        network: WalkNetwork,
        limit_s: float,
    ) -> tuple[Searches, Placed, Placed]:
        """Put both tables on the streets, and make the searches between them ready."""
        start = placed_starts(origins, network, self.snap_limit_m)
        end = placed_ends(facilities, network, self.snap_limit_m)
        require_snapped(start.at, len(origins), "origins", self.snap_limit_m)
        require_snapped(end.at, len(facilities), "destinations", self.snap_limit_m)
        ways = network, limit_s, self.pace, self.engine
        return Searches.between(start, end, *ways), start, end


class Few(NamedTuple):
    """Seconds (infinite) and rows of the nearest few of each origin, and who is snapped."""

    seconds: Floats
    place: Ints
    snapped: Mask


def nearest_few(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: float,
    k: int,
    ways: Ways,
) -> Few:
    """Rank the walks of every origin; those of areas are the walks of their median residents."""
    rank = _few_of_places if homes_of(origins) is None else _few_of_areas
    return rank(origins, facilities, network, minutes, k, ways)


def _few_of_places(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: float,
    k: int,
    ways: Ways,
) -> Few:
    """Rank the walks of origins that are places of their own, as they are found."""
    from quarterhour.walking.tally_kernels import ranked  # noqa: PLC0415 - numba is slow to import

    limit_s = seconds_of(minutes)
    searches, start, _ = ways.searches(origins, facilities, network, limit_s)
    few = Few(np.full((len(origins), k), np.inf), np.full((len(origins), k), -1), start.snapped)
    out = few.seconds, few.place, *searches.room()
    for first, _, reached, along in searches.blocks():
        walks = tuple(reached[:3]), searches.exits, along, first, searches.turned
        ranked(*walks, limit_s, out)
    return few


def _few_of_areas(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: float,
    k: int,
    ways: Ways,
) -> Few:
    """Rank the walks of the median resident of each area."""
    shape = len(origins), k
    few = Few(np.full(shape, np.inf), np.full(shape, -1), np.zeros(len(origins), dtype=bool))
    for here, block in placed(ways.blocks(origins, facilities, network, minutes)):
        order = np.lexsort((block.destination, block.seconds, block.origin))
        row = block.origin[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        near = rank < k
        at = (here.start + row[near], rank[near])
        few.seconds[at] = block.seconds[order][near]
        few.place[at] = block.destination[order][near]
        few.snapped[here] = block.origin_snapped
    return few


class Task(NamedTuple):
    """Limits in order, and the group of each facility."""

    minutes: list[float]
    by: str | None
    codes: Ints
    groups: pd.Index

    @classmethod
    def of(
        cls, facilities: gpd.GeoDataFrame, minutes: float | Sequence[float], by: str | None
    ) -> Task:
        """Read what is asked for.

        Raises
        ------
        InputError
            If a limit is not positive, or the column is missing or has gaps.
        """
        limits = sorted(set(limits_of(minutes)))
        seconds_of(limits[0])
        if by is None:
            return cls(limits, None, np.zeros(len(facilities), dtype=np.int64), pd.Index([None]))
        if by not in facilities:
            msg = f"The facilities have no column {by!r} to count by."
            raise InputError(msg)
        codes, groups = pd.factorize(facilities[by], sort=True)
        if (codes < 0).any():
            msg = f"{(codes < 0).sum()} facilities have no value in {by!r}: leave them out or fill."
            raise InputError(msg)
        return cls(limits, by, codes.astype(np.int64), pd.Index(groups))

    def limits_s(self) -> Floats:
        """Limits in seconds."""
        return np.array([seconds_of(limit) for limit in self.minutes])

    def columns(self) -> pd.Index:
        """Columns of the result: limits, or groups and limits."""
        if self.by is None:
            return pd.Index(self.minutes, name="minutes")
        return pd.MultiIndex.from_product([self.groups, self.minutes], names=[self.by, "minutes"])


def summed(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    task: Task,
    offered: Floats | None,
    ways: Ways,
) -> pd.DataFrame:
    """Add up ones, or what is offered, per origin, group and limit."""
    add = _sums_of_places if homes_of(origins) is None else _sums_of_areas
    sums, lost = add(origins, facilities, network, task, offered, ways)
    found = pd.DataFrame(
        sums.cumsum(axis=2).reshape(len(origins), -1), index=origins.index, columns=task.columns()
    )
    found.attrs.update(
        pace=str(ways.pace),
        facilities_not_snapped=lost,
        origins_not_snapped=int(found.isna().any(axis=1).sum()),
    )
    return found


def _sums_of_places(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    task: Task,
    offered: Floats | None,
    ways: Ways,
) -> tuple[Floats, int]:
    """Add to the shortest limit that each walk keeps, as walks are found; NaN for who is lost."""
    from quarterhour.walking.tally_kernels import added_up  # noqa: PLC0415 - numba is slow to import

    limits_s = task.limits_s()
    searches, start, end = ways.searches(origins, facilities, network, float(limits_s[-1]))
    shape = len(origins), len(task.groups), len(limits_s)
    offers = task.codes, np.ones(len(facilities)) if offered is None else offered

    def add(blocks: Iterator[Block]) -> Floats:
        mine, room = np.zeros(shape), searches.room()
        for first, _, reached, along in blocks:
            walks = tuple(reached[:3]), searches.exits, along, first, searches.turned
            added_up(*walks, offers, limits_s, (mine, *room))
        return mine

    in_any_order = _whole(offers[1]) and np.prod(shape) * cores() < _MOST_IN_THREADS
    parts = searches.in_threads(add) if in_any_order else [add(searches.blocks())]
    sums = reduce(np.add, parts)
    sums[~start.snapped] = np.nan
    return sums, int((~end.snapped).sum())


_MOST_IN_THREADS = 40_000_000
"""Sums that all threads may have together, each its own: 320 MB."""


def _whole(offered: Floats) -> bool:
    """Tell whether sums of these are the same in any order: whole numbers, and not too large."""
    return bool((offered == np.floor(offered)).all() and offered.sum() < 2.0**53)


def _sums_of_areas(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    task: Task,
    offered: Floats | None,
    ways: Ways,
) -> tuple[Floats, int]:
    """Add up what the median resident of each area walks to."""
    limits_s = task.limits_s()
    shape = (len(task.groups), len(limits_s))
    table = np.full((len(origins), *shape), np.nan)
    lost = 0
    for here, block in placed(ways.blocks(origins, facilities, network, task.minutes[-1])):
        limit = np.searchsorted(limits_s, block.seconds)
        cell = np.ravel_multi_index(
            (block.origin, task.codes[block.destination], limit),
            (here.stop - here.start, *shape),
        )
        weight = None if offered is None else offered[block.destination]
        sums = np.bincount(cell, weight, minlength=(here.stop - here.start) * shape[0] * shape[1])
        sums = sums.reshape(-1, *shape)
        table[here] = np.where(block.origin_snapped[:, None, None], sums, np.nan)
        lost = int((~block.destination_snapped).sum())
    return table, lost
