"""Communities as the units of which circles are made: small ones whole, large ones in parts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.planning.location_problem import Walks

EXTENT_M = 500.0
"""Homes of one community that lie farther apart than this are in different parts."""


class Homes(NamedTuple):
    """Homes that can be in a circle: their number, community, residents and place."""

    home: Ints
    area: Ints
    residents: Floats
    xy: Floats


class Units(NamedTuple):
    """Parts of communities, each within one walk of the same centres, and these walks.

    ``unit`` has the unit of each home, ``residents`` those of each unit, ``whole`` those that
    are a whole small community, not to be divided, ``area`` their communities; ``pair_unit``,
    ``pair_centre`` and ``pair_minutes`` say from which unit everybody is within the limit of
    which centre, and how long the mean resident walks.
    """

    unit: Ints
    residents: Floats
    whole: Mask
    pair_unit: Ints
    pair_centre: Ints
    pair_minutes: Floats
    area: Ints


class Limits(NamedTuple):
    """Residents of a community that stays whole, and of a part of a larger one."""

    whole: float
    part: float


def units_of(homes: Homes, walks: Walks, most: Limits) -> Units:
    """Split communities until each part is small and has a centre that all of it reaches.

    ``walks`` are those of the homes (by their position in ``homes``) to the centres, in seconds.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - slow to load

    n = len(homes.home)
    seconds = csr_array((walks.cost, (walks.home, walks.candidate)), (n, walks.n_candidates))
    # A walk of no seconds is a walk: what is reached is kept beside how long it takes.
    ones = np.ones(len(walks.cost))
    reached = csr_array((ones, (walks.home, walks.candidate)), (n, walks.n_candidates))
    order = np.argsort(homes.area, kind="stable")
    first = np.flatnonzero(np.diff(homes.area[order], prepend=-1))
    waiting = np.split(order, first[1:]) if n else []
    small = np.bincount(homes.area, weights=homes.residents)[homes.area] <= most.whole
    unit = np.full(n, -1, dtype=np.int64)
    count = 0
    while waiting:
        rows = waiting.pop(0)
        allowed = most.whole if small[rows[0]] else most.part
        if len(rows) == 1 or _is_unit(rows, homes, reached, allowed):
            unit[rows] = count
            count += 1
        else:
            waiting[:0] = _halves(rows, homes)
    return _with_walks(unit, count, homes, (seconds, reached), most.whole)


def _is_unit(rows: Ints, homes: Homes, reached: Any, most_residents: float) -> bool:
    if homes.residents[rows].sum() > most_residents:
        return False
    if np.ptp(homes.xy[rows], axis=0).max() > EXTENT_M:
        return False
    return bool((reached[rows].sum(axis=0) >= len(rows)).any())


def _halves(rows: Ints, homes: Homes) -> list[Ints]:
    """Split homes across the longer side, so that as many live on either side."""
    xy = homes.xy[rows]
    side = int(np.argmax(np.ptp(xy, axis=0)))
    order = rows[np.lexsort((rows, xy[:, 1 - side], xy[:, side]))]
    sums = np.cumsum(homes.residents[order])
    cut = int(np.searchsorted(sums, sums[-1] / 2)) + 1
    cut = min(max(cut, 1), len(rows) - 1)
    return [order[:cut], order[cut:]]


def _with_walks(
    unit: Ints, count: int, homes: Homes, walked: tuple[Any, Any], most_whole: float
) -> Units:
    from scipy.sparse import csr_array  # noqa: PLC0415 - slow to load

    (seconds, reached), residents, n = walked, homes.residents, len(unit)
    total = np.bincount(unit, weights=residents, minlength=count).astype(float)
    size = np.bincount(unit, minlength=count)
    member = csr_array((np.ones(n), (unit, np.arange(n))), (count, n))
    weighted = csr_array((residents, (unit, np.arange(n))), (count, n))
    reach = (member @ reached).tocoo()
    whole = reach.data >= size[reach.row] - 0.5
    pair_unit, pair_centre = reach.row[whole].astype(np.int64), reach.col[whole].astype(np.int64)
    order = np.lexsort((pair_centre, pair_unit))
    pair_unit, pair_centre = pair_unit[order], pair_centre[order]
    sums = (weighted @ seconds).tocsr()
    walked_s = np.asarray(sums[pair_unit, pair_centre], dtype=float).ravel()
    minutes = walked_s / 60.0 / total[pair_unit]
    area = np.zeros(count, dtype=np.int64)
    area[unit] = homes.area
    parts = np.bincount(area)[area]
    whole = (parts == 1) & (total <= most_whole)
    return Units(unit, total, whole, pair_unit, pair_centre, minutes, area)
