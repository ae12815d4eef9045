"""What lies within reach of each origin: counts, sums, and the k nearest.

All of it streams: travel times come block by block (:func:`travel_time_blocks`), and only sums
per origin are kept, so that memory does not grow with the number of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.given import Given, places_given
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import SNAP_LIMIT_M, require_snapped, start_positions
from quarterhour.walking.areas import homes_of
from quarterhour.walking.engines import Engine, numba_engine
from quarterhour.walking.given import limits_of, pace_of
from quarterhour.walking.pace import ADULT, Pace, Seconds, checked_seconds, off_street_speed_m_s
from quarterhour.walking.travel_times import TravelTimes, seconds_of, times_of

BLOCK_PAIRS = 40_000_000
"""Origins times destinations in a block; of these, a walk joins a few in a hundred."""


def travel_time_blocks(
    origins: Given,
    destinations: Given,
    network: WalkNetwork,
    minutes: float = 15,
    *,
    rows: int | None = None,
    pace: Pace | str = ADULT,
    snap_limit_m: float = SNAP_LIMIT_M,
    engine: Engine = numba_engine,
) -> Iterator[TravelTimes]:
    """Walking times of every pair within a limit, a block of origins at a time.

    One block after the other, they hold what :func:`quarterhour.travel_times` gives in one
    piece; only one is in memory at a time.

    Parameters
    ----------
    origins, destinations, network, minutes, pace, snap_limit_m, engine
        As in :func:`quarterhour.travel_times`.
    rows
        Origins per block; by default as many as make ``BLOCK_PAIRS`` with the destinations.

    Yields
    ------
    TravelTimes
        Of the origins ``origin_index``, in the order of the table.

    Raises
    ------
    InputError
        If a table has no CRS, or the limit or ``rows`` is not positive.
    NetworkError
        If no origin, or no destination, lies near a street.
    """
    seconds_of(minutes)
    walker = pace_of(pace)
    origins = places_given(origins, "origins")
    destinations = places_given(destinations, "destinations")
    if rows is None:
        rows = max(1, BLOCK_PAIRS // max(1, len(destinations)))
    if rows < 1:
        msg = f"rows={rows} is no size of a block: give a positive number of origins."
        raise InputError(msg)
    seconds = checked_seconds(walker, network)
    ready = _Walked(seconds, off_street_speed_m_s(walker), str(walker))
    homes = homes_of(origins)
    at = start_positions(origins if homes is None else homes.table, network, snap_limit_m)
    require_snapped(at, len(origins), "origins", snap_limit_m)
    # Blocks are counted in origins that are snapped, so that each of them has some.
    cuts = np.unique(at.row if homes is None else homes.row[at.row])[rows::rows].tolist()
    for first, last in zip([0, *cuts], [*cuts, len(origins)], strict=True):
        block = origins.iloc[first:last]
        yield times_of(block, destinations, network, minutes, ready, snap_limit_m, engine)


@dataclass(frozen=True, eq=False)
class _Walked:
    """A pace that was applied already, so that blocks share the network it walks."""

    seconds: Seconds
    speed_m_s: float
    text: str

    def __call__(self, _: WalkNetwork) -> Seconds:
        return self.seconds

    def __str__(self) -> str:
        return self.text


def count_within(
    origins: Given,
    facilities: Given,
    network: WalkNetwork,
    minutes: float | Sequence[float] = (5, 10, 15),
    *,
    by: str | None = None,
    pace: Pace | str = ADULT,
    snap_limit_m: float = SNAP_LIMIT_M,
    engine: Engine = numba_engine,
) -> pd.DataFrame:
    """Count the facilities that each origin can walk to within each limit.

    Parameters
    ----------
    origins
        Where walks begin, with a CRS.
    facilities
        Where walks end, with a CRS; every row counts once.
    network
        The streets.
    minutes
        Limits.
    by
        Column of ``facilities`` to count by; rows without a value are an error.
    pace, snap_limit_m, engine
        As in :func:`quarterhour.travel_times`.

    Returns
    -------
    DataFrame
        Aligned to the index of ``origins``; one column per limit, or per group and limit
        (``by``, ``minutes``). Whole numbers; NA for an origin that is not snapped, as nothing is
        known of it. ``attrs`` says the pace, and how many rows were not snapped.

    Raises
    ------
    InputError
        If a table has no CRS, a limit is not positive, or the column is missing or has gaps.
    NetworkError
        If no origin, or no facility, lies near a street.
    """
    origins, facilities = places_given(origins, "origins"), places_given(facilities, "facilities")
    task = _Task.of(facilities, minutes, by)
    walks = travel_time_blocks(
        origins,
        facilities,
        network,
        task.minutes[-1],
        pace=pace,
        snap_limit_m=snap_limit_m,
        engine=engine,
    )
    return _summed(origins, walks, task, None).astype("Int64")


def cumulative_opportunities(
    origins: Given,
    facilities: Given,
    network: WalkNetwork,
    minutes: float | Sequence[float] = (5, 10, 15),
    *,
    weight: str = "capacity",
    by: str | None = None,
    pace: Pace | str = ADULT,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> pd.DataFrame:
    """Add up what the facilities within each limit offer: places, beds, square metres.

    Parameters
    ----------
    origins, facilities, network, minutes, by, pace, snap_limit_m
        As in :func:`count_within`.
    weight
        Column of ``facilities`` that is added up: numbers of at least 0, without gaps.

    Returns
    -------
    DataFrame
        As from :func:`count_within`, of sums; NaN for an origin that is not snapped.

    Raises
    ------
    InputError
        As in :func:`count_within`, or if a weight is missing or negative.
    NetworkError
        If no origin, or no facility, lies near a street.
    """
    origins, facilities = places_given(origins, "origins"), places_given(facilities, "facilities")
    offered = amounts(facilities, weight, "facilities")
    task = _Task.of(facilities, minutes, by)
    walks = travel_time_blocks(
        origins, facilities, network, task.minutes[-1], pace=pace, snap_limit_m=snap_limit_m
    )
    return _summed(origins, walks, task, offered)


def k_nearest(
    origins: Given,
    facilities: Given,
    network: WalkNetwork,
    k: int = 3,
    *,
    minutes: float = 15,
    pace: Pace | str = ADULT,
    snap_limit_m: float = SNAP_LIMIT_M,
    engine: Engine = numba_engine,
) -> pd.DataFrame:
    """Find the k nearest facilities of every origin, nearest first.

    Parameters
    ----------
    origins, facilities, network, minutes, pace, snap_limit_m, engine
        As in :func:`quarterhour.travel_times`.
    k
        How many.

    Returns
    -------
    DataFrame
        k rows per origin: ``origin`` (index label), ``rank`` (1 to k), ``seconds`` (NaN where
        there is none), ``facility`` (index label, or None) and ``status``: ``within_limit``,
        ``beyond_limit`` (no such facility within it) or ``not_snapped``. Of facilities equally
        near, the one that comes first in the table is the nearer.

    Raises
    ------
    InputError
        If k is not at least 1, a table has no CRS, or the limit is not positive.
    NetworkError
        If no origin, or no facility, lies near a street.
    """
    if k < 1:
        msg = f"k={k} is no number of facilities: give 1 or more."
        raise InputError(msg)
    origins, facilities = places_given(origins, "origins"), places_given(facilities, "facilities")
    seconds = np.full((len(origins), k), np.nan)
    facility = np.full((len(origins), k), None, dtype=object)
    status = np.full((len(origins), k), "beyond_limit", dtype=object)
    walks = travel_time_blocks(
        origins,
        facilities,
        network,
        minutes,
        pace=pace,
        snap_limit_m=snap_limit_m,
        engine=engine,
    )
    for here, block in placed(walks):
        order = np.lexsort((block.destination, block.seconds, block.origin))
        row = block.origin[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        near = rank < k
        at = (here.start + row[near], rank[near])
        seconds[at] = block.seconds[order][near]
        facility[at] = facilities.index.take(block.destination[order][near])
        status[at] = "within_limit"
        status[here][~block.origin_snapped] = "not_snapped"
    return pd.DataFrame(
        {
            "origin": origins.index.repeat(k),
            "rank": np.tile(np.arange(1, k + 1), len(origins)),
            "seconds": seconds.ravel(),
            "facility": facility.ravel(),
            "status": status.ravel(),
        }
    )


class _Task(NamedTuple):
    """Limits in order, and the group of each facility."""

    minutes: list[float]
    by: str | None
    codes: Ints
    groups: pd.Index

    @classmethod
    def of(
        cls, facilities: gpd.GeoDataFrame, minutes: float | Sequence[float], by: str | None
    ) -> _Task:
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

    def columns(self) -> pd.Index:
        if self.by is None:
            return pd.Index(self.minutes, name="minutes")
        return pd.MultiIndex.from_product([self.groups, self.minutes], names=[self.by, "minutes"])


def _summed(
    origins: gpd.GeoDataFrame, walks: Iterator[TravelTimes], task: _Task, offered: Floats | None
) -> pd.DataFrame:
    """Add up ones, or what is offered, per origin, group and limit."""
    limits_s = np.array([seconds_of(limit) for limit in task.minutes])
    shape = (len(task.groups), len(limits_s))
    table = np.full((len(origins), *shape), np.nan)
    attrs: dict[str, str | int] = {}
    for here, block in placed(walks):
        # Each pair counts for the shortest limit that it keeps, and so for the longer ones.
        limit = np.searchsorted(limits_s, block.seconds)
        cell = np.ravel_multi_index(
            (block.origin, task.codes[block.destination], limit),
            (here.stop - here.start, *shape),
        )
        weight = None if offered is None else offered[block.destination]
        sums = np.bincount(cell, weight, minlength=(here.stop - here.start) * shape[0] * shape[1])
        sums = sums.reshape(-1, *shape).cumsum(axis=2)
        table[here] = np.where(block.origin_snapped[:, None, None], sums, np.nan)
        attrs = {
            "pace": block.pace,
            "facilities_not_snapped": int((~block.destination_snapped).sum()),
        }
    found = pd.DataFrame(
        table.reshape(len(origins), -1), index=origins.index, columns=task.columns()
    )
    lost = int(found.isna().any(axis=1).sum())
    found.attrs.update(attrs, origins_not_snapped=lost)
    return found


def placed(blocks: Iterator[TravelTimes]) -> Iterator[tuple[slice, TravelTimes]]:
    """Blocks with the rows of the whole table that they are about."""
    first = 0
    for block in blocks:
        last = first + len(block.origin_index)
        yield slice(first, last), block
        first = last


def amounts(table: gpd.GeoDataFrame, column: str, what: str) -> Floats:
    """Numbers of a column, none of them missing.

    Raises
    ------
    InputError
        If the column is missing, or a number is missing or negative.
    """
    if column not in table:
        msg = f"The {what} have no column {column!r}; they have {', '.join(map(str, table))}."
        raise InputError(msg)
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
    bad = int((~np.isfinite(values) | (values < 0)).sum())
    if bad:
        msg = (
            f"{bad} of {len(table)} {what} have no number of at least 0 in {column!r}: fill them "
            "in or leave them out, as what is not known cannot be added up."
        )
        raise InputError(msg)
    return np.asarray(values)
