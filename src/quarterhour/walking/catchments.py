"""Two-step floating catchments: a capacity shared among those who can walk to it."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.opportunities import amounts
from quarterhour.walking.pace import ADULT, Pace
from quarterhour.walking.time_blocks import placed, travel_time_blocks
from quarterhour.walking.travel_times import TravelTimes

Decay = Callable[[Floats], Floats]
"""Minutes of walking -> weight of a pair, at least 0."""


def two_step_catchment(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: float = 15,
    *,
    demand: str = "residents",
    capacity: str = "capacity",
    decay: Decay | None = None,
    pace: Pace = ADULT,
) -> pd.Series[float]:
    """Share each facility's capacity among those who can walk to it (2SFCA).

    Step one divides the capacity of a facility by the demand within its catchment; step two adds
    up, for every origin, the quotients of the facilities within reach (Luo & Wang 2003). With a
    decay both sums are weighted by it (enhanced 2SFCA).

    Parameters
    ----------
    origins
        Where walks begin, with a CRS and the demand.
    facilities
        Where walks end, with a CRS and the capacity.
    network
        The streets.
    minutes
        Size of a catchment.
    demand, capacity
        Columns of ``origins`` and ``facilities``: numbers of at least 0, without gaps.
    decay
        Minutes -> weight, on arrays, such as ``lambda m: 1 - m / 15``; None weighs all alike.
    pace
        As in :func:`quarterhour.travel_times`.

    Returns
    -------
    Series
        Capacity per head, aligned to the index of ``origins``; NaN where not snapped. Times the
        demand it sums to ``attrs["shared"]``, the capacity of the facilities whose catchment
        holds somebody; ``attrs["unshared"]`` is the capacity of the others, ``attrs["alone"]``
        their number.

    Raises
    ------
    InputError
        If a table has no CRS, a number is missing or negative, or the decay gives one.
    NetworkError
        If no origin, or no facility, lies near a street.
    """
    people = amounts(origins, demand, "origins")
    supply = amounts(facilities, capacity, "facilities")
    sought = np.zeros(len(facilities))
    # Two passes, as pairs are not kept: what a place is worth depends on all who seek it.
    for here, block in placed(travel_time_blocks(origins, facilities, network, minutes, pace=pace)):
        weight = _weights(block, decay) * people[here][block.origin]
        sought += np.bincount(block.destination, weight, minlength=len(facilities))
    wanted = sought > 0
    quotient = np.divide(supply, sought, out=np.zeros(len(supply)), where=wanted)
    share = np.full(len(origins), np.nan)
    for here, block in placed(travel_time_blocks(origins, facilities, network, minutes, pace=pace)):
        weight = _weights(block, decay) * quotient[block.destination]
        found = np.bincount(block.origin, weight, minlength=len(block.origin_index))
        share[here] = np.where(block.origin_snapped, found, np.nan)
    result = pd.Series(share, index=origins.index, name="capacity_per_head")
    result.attrs = {
        "pace": str(pace),
        "minutes": minutes,
        "shared": float(supply[wanted].sum()),
        "unshared": float(supply[~wanted].sum()),
        "alone": int((~wanted).sum()),
    }
    return result


def _weights(block: TravelTimes, decay: Decay | None) -> Floats:
    if decay is None:
        return np.ones(len(block))
    weight = np.asarray(decay(block.seconds / 60.0), dtype=np.float64)
    if weight.shape != block.seconds.shape or not (np.isfinite(weight) & (weight >= 0)).all():
        msg = "A decay gives every pair a finite weight of at least 0."
        raise InputError(msg)
    return weight
