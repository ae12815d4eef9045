"""What lies within reach of each origin: counts, sums, and the k nearest.

All of it streams: walks are added up as they are found, and only sums per origin are kept, so that
memory does not grow with the number of pairs.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.places.given import Given, places_given
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import SNAP_LIMIT_M
from quarterhour.walking.engines import Engine, numba_engine
from quarterhour.walking.given import pace_of
from quarterhour.walking.nearest import labelled, statuses_of
from quarterhour.walking.node_walks import STATUSES
from quarterhour.walking.pace import ADULT, Pace
from quarterhour.walking.tallies import Task, Ways, nearest_few, summed


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
    task = Task.of(facilities, minutes, by)
    ways = Ways(pace_of(pace), snap_limit_m, engine)
    return summed(origins, facilities, network, task, None, ways).astype("Int64")


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
    task = Task.of(facilities, minutes, by)
    ways = Ways(pace_of(pace), snap_limit_m, numba_engine)
    return summed(origins, facilities, network, task, offered, ways)


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
        ``beyond_limit`` (no such facility within it) or ``not_snapped``, as categories. Of
        facilities equally near, the one that comes first in the table is the nearer.

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
    ways = Ways(pace_of(pace), snap_limit_m, engine)
    few = nearest_few(origins, facilities, network, minutes, k, ways)
    found = np.isfinite(few.seconds)
    code = np.where(found, STATUSES.index("within_limit"), STATUSES.index("beyond_limit"))
    code[~few.snapped] = STATUSES.index("not_snapped")
    columns = {
        "origin": origins.index.repeat(k),
        "rank": np.tile(np.arange(1, k + 1), len(origins)),
        "seconds": np.where(found, few.seconds, np.nan).ravel(),
        "facility": labelled(facilities.index, np.where(found, few.place, -1).ravel()),
        "status": statuses_of(code.astype(np.int8).ravel()),
    }
    return pd.DataFrame(columns, copy=False)


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
