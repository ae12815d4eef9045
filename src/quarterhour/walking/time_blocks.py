"""Travel times a block of origins at a time, so that only one block is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from quarterhour.errors import InputError
from quarterhour.places.given import Given, places_given
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import SNAP_LIMIT_M, require_snapped, start_positions
from quarterhour.walking.areas import homes_of
from quarterhour.walking.engines import Engine, numba_engine
from quarterhour.walking.given import pace_of
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


def placed(blocks: Iterator[TravelTimes]) -> Iterator[tuple[slice, TravelTimes]]:
    """Blocks with the rows of the whole table that they are about."""
    first = 0
    for block in blocks:
        last = first + len(block.origin_index)
        yield slice(first, last), block
        first = last
