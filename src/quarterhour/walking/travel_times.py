"""Who can walk where, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from numbers import Real
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.given import Given, places_given
from quarterhour.shown import Shown
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import SNAP_LIMIT_M, placed_ends, placed_starts, require_snapped
from quarterhour.walking.areas import homes_of, median_found, median_pairs
from quarterhour.walking.engines import Engine, numba_engine
from quarterhour.walking.given import pace_of
from quarterhour.walking.nearest import nearest_by_group
from quarterhour.walking.pace import ADULT, Pace
from quarterhour.walking.searches import Block, Searches


@dataclass(frozen=True, eq=False, repr=False)
class TravelTimes(Shown):
    """Walking times between origins and destinations, as a sparse table.

    Attributes
    ----------
    origin, destination
        Positions in the two tables, one entry per pair within the limit, sorted.
    seconds
        Walking time of each pair: access leg, network, egress leg.
    origin_index, destination_index
        Index labels of the two tables.
    origin_snapped, destination_snapped
        Whether each row has a position on the network at all.
    minutes
        The limit.
    pace
        The pace that made the seconds, as text.
    """

    origin: Ints
    destination: Ints
    seconds: Floats
    origin_index: pd.Index
    destination_index: pd.Index
    origin_snapped: npt.NDArray[np.bool_]
    destination_snapped: npt.NDArray[np.bool_]
    minutes: float
    pace: str

    def to_frame(self) -> pd.DataFrame:
        """One row per pair within the limit: ``origin``, ``destination``, ``seconds``."""
        return pd.DataFrame(
            {
                "origin": self.origin_index.take(self.origin),
                "destination": self.destination_index.take(self.destination),
                "seconds": self.seconds,
            }
        )

    def __len__(self) -> int:
        return len(self.seconds)

    def __repr__(self) -> str:
        lost = int((~self.origin_snapped).sum()), int((~self.destination_snapped).sum())
        return (
            f"<TravelTimes: {len(self):,} pairs within {self.minutes:g} min of "
            f"{len(self.origin_index):,} origins × {len(self.destination_index):,} destinations; "
            f"{self.pace}; not snapped: {lost[0]:,} origins, {lost[1]:,} destinations>"
        )


def travel_times(
    origins: Given,
    destinations: Given,
    network: WalkNetwork,
    minutes: float = 15,
    *,
    pace: Pace | str = ADULT,
    snap_limit_m: float = SNAP_LIMIT_M,
    engine: Engine = numba_engine,
) -> TravelTimes:
    """Walking times of every pair of origin and destination within a limit.

    Parameters
    ----------
    origins
        Where walks begin: points (or what :func:`quarterhour.origins` gives), with a CRS; or a
        pair (longitude, latitude). Of areas the median resident walks, as in
        :func:`quarterhour.assess`.
    destinations
        Where walks end: points, lines or polygons, with a CRS; or a pair.
    network
        The streets.
    minutes
        Limit; pairs farther apart are not in the result. Infinity gives every joined pair.
    pace
        A name ("elderly"), or network -> seconds per edge and direction; its ``speed_m_s``
        walks the off-street legs.
    snap_limit_m
        How far a place may lie from its street, in metres.
    engine
        What searches; see :mod:`quarterhour.walking.engines`.

    Returns
    -------
    TravelTimes
        Both off-network legs are charged; two places on one edge are joined along it.

    Raises
    ------
    InputError
        If a table has no CRS, a row no place, or the limit is not positive.
    DatumError
        If a table is in another datum than the streets.
    NetworkError
        If no origin, or no destination, lies near a street.
    """
    seconds_of(minutes)
    walker = pace_of(pace)
    origins = places_given(origins, "origins")
    destinations = places_given(destinations, "destinations")
    return times_of(origins, destinations, network, minutes, walker, snap_limit_m, engine)


def times_of(
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: float,
    pace: Pace,
    snap_limit_m: float,
    engine: Engine,
) -> TravelTimes:
    """Do what :func:`travel_times` does, of tables that keep their contract."""
    homes = homes_of(origins)
    walkers = origins if homes is None else homes.table
    start = placed_starts(walkers, network, snap_limit_m)
    end = placed_ends(destinations, network, snap_limit_m)
    require_snapped(start.at, len(walkers), "origins", snap_limit_m)
    require_snapped(end.at, len(destinations), "destinations", snap_limit_m)
    times = times_between(start, end, network, minutes, pace=pace, engine=engine)
    if homes is None:
        return times
    area, to, seconds = median_pairs((times.origin, times.destination, times.seconds), homes)
    snapped = np.bincount(homes.row[times.origin_snapped], minlength=len(origins)) > 0
    return replace(
        times,
        origin=area,
        destination=to,
        seconds=seconds,
        origin_index=origins.index,
        origin_snapped=np.asarray(snapped),
    )


def times_between(
    origins: Placed,
    destinations: Placed,
    network: WalkNetwork,
    minutes: float,
    *,
    pace: Pace = ADULT,
    engine: Engine = numba_engine,
) -> TravelTimes:
    """Do what :func:`travel_times` does, of places that are on the network already."""
    searches = Searches.between(origins, destinations, network, seconds_of(minutes), pace, engine)
    parts = dict(chain(*searches.in_threads(partial(_pairs_of, searches))))
    a, b, s = (np.concatenate([parts[first][i] for first in sorted(parts)]) for i in range(3))
    if searches.turned:
        # Each origin's destinations stay in their order.
        order = np.argsort(b, kind="stable")
        a, b, s = b[order], a[order], s[order]
    return TravelTimes(
        origin=a,
        destination=b,
        seconds=s,
        origin_index=origins.labels,
        destination_index=destinations.labels,
        origin_snapped=origins.snapped,
        destination_snapped=destinations.snapped,
        minutes=minutes,
        pace=str(pace),
    )


def nearest(  # noqa: PLR0913 - where, to what, how, and in which form
    origins: Given,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: float = 15,
    *,
    by: str = "item",
    wide: bool = False,
    pace: Pace | str = ADULT,
    snap_limit_m: float = SNAP_LIMIT_M,
    engine: Engine = numba_engine,
) -> pd.DataFrame:
    """Find the nearest facility of each group for every origin: one search per group.

    Parameters
    ----------
    origins
        Where walks begin, as in :func:`travel_times`.
    facilities
        Where walks end, with a CRS and a column that names each row's group. A facility that
        serves several groups has a row for each; the index may repeat.
    network
        The streets.
    minutes
        Limit of the search.
    by
        Column of ``facilities`` that holds the group.
    wide
        Give the seconds alone, as a matrix: a row for each origin, in the order and with the
        index of ``origins``, and a column for each group.
    pace, snap_limit_m, engine
        As in :func:`travel_times`.

    Returns
    -------
    DataFrame
        One row per origin and group, sorted by origin, with ``origin`` (index label), the group
        (named as ``by``), ``seconds`` (NaN beyond the limit), ``facility`` (index label of the
        one reached, None beyond), and ``status``: ``within_limit``, ``beyond_limit``,
        ``unreachable``, ``not_snapped`` or ``no_facility`` (none of the group on the network).
        The group and the status are categories, in the order of their names. If ``wide``, the
        matrix.

    Raises
    ------
    InputError
        If a table has no CRS, the column is missing, or the limit is not positive.
    NetworkError
        If no origin, or no facility, lies near a street.
    """
    walker = pace_of(pace)
    origins, facilities = places_given(origins, "origins"), places_given(facilities, "facilities")
    if by not in facilities:
        msg = f"The facilities have no column {by!r} to group them by: pass by=… ."
        raise InputError(msg)
    limit_s = seconds_of(minutes)
    homes = homes_of(origins)
    walkers = origins if homes is None else homes.table
    start = placed_starts(walkers, network, snap_limit_m)
    end = placed_ends(facilities, network, snap_limit_m)
    require_snapped(start.at, len(walkers), "origins", snap_limit_m)
    require_snapped(end.at, len(facilities), "facilities", snap_limit_m)
    ways = (start, end, facilities[by], network, limit_s)
    found = nearest_by_group(*ways, pace=walker, engine=engine)
    if homes is not None:
        found = median_found(found, homes, len(origins))
    return found.wide(origins.index, by) if wide else found.to_frame(origins.index, by)


def seconds_of(minutes: float) -> float:
    """Turn a limit in minutes into seconds.

    Raises
    ------
    InputError
        If it is not a positive number.
    """
    given: Any = minutes
    if isinstance(given, bool) or not isinstance(given, Real) or not minutes > 0:
        msg = f"minutes={minutes!r} is no limit: give a positive number of minutes."
        raise InputError(msg)
    return float(minutes) * 60.0


def _pairs_of(searches: Searches, blocks: Iterator[Block]) -> list[tuple[int, _Rows]]:
    """First source of each block, and sources, targets and seconds of its pairs.

    Where searches are turned round, targets are in no order: pairs are put in that of the origins.
    """
    from quarterhour.walking.search_kernels import best_pairs  # noqa: PLC0415 - slow

    found: list[tuple[int, _Rows]] = []
    best, room = searches.room(), (np.empty(1 << 16, dtype=np.int64), np.empty(1 << 16))
    for first, last, reached, along in blocks:
        ways = tuple(reached[:3]), searches.exits, along, searches.limit_s, not searches.turned
        offset = best_pairs(*ways, best, room)
        if offset[-1] > len(room[0]):
            room = np.empty(offset[-1], dtype=np.int64), np.empty(offset[-1])
            offset = best_pairs(*ways, best, room)
        target, seconds = room[0][: offset[-1]].copy(), room[1][: offset[-1]].copy()
        source: Ints = np.repeat(np.arange(first, last), np.diff(offset))
        found.append((first, (source, target, seconds)))
    return found


_Rows = tuple[Ints, Ints, Floats]
