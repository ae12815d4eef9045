"""Where facilities are on the streets, given where they were: only others are looked for."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Mask
from quarterhour.streets.grounds import grounds_of, inside_m
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import Placed, Positions, placed_ends, places_of_entry


class PlacedBefore(NamedTuple):
    """Facilities, and where they are on the network, each by its own row alone."""

    serving: gpd.GeoDataFrame
    ends: Placed

    @classmethod
    def of(
        cls,
        serving: gpd.GeoDataFrame,
        network: WalkNetwork,
        snap_limit_m: float,
        before: PlacedBefore | None,
    ) -> Self:
        """Place facilities; ``before`` is where they were on the same network."""
        if before is None or before.serving.crs != serving.crs or len(before.serving) == 0:
            return cls(serving, placed_ends(serving, network, snap_limit_m))
        row = before.serving.index.get_indexer(serving.index)
        same = _unmoved(before.serving, serving, row)
        old, new = np.flatnonzero(same), np.flatnonzero(~same)
        known = before.ends.take(row[old]).at
        fresh = placed_ends(serving.iloc[new], network, snap_limit_m).at
        parts = known._replace(row=old[known.row]), fresh._replace(row=new[fresh.row])
        both = Positions(*(np.concatenate(pair) for pair in zip(*parts, strict=True)))
        at = both.take(np.argsort(both.row, kind="stable"))
        grounds = None
        if len(serving):
            grounds = grounds_of(serving, places_of_entry(serving, network))
        return cls(serving, Placed(serving.index, at, grounds))


def _unmoved(before: gpd.GeoDataFrame, now: gpd.GeoDataFrame, row: Any) -> Mask:
    """Tell which facilities have the very shapes that they had, and are reached by no gates."""
    same = np.asarray(row >= 0, dtype=bool)
    for name in ("geometry", "entrances", "exits"):
        mine, theirs = _shapes(now, name), _shapes(before, name)[np.maximum(row, 0)]
        same &= _addresses(mine) == _addresses(theirs)
        if name == "exits":  # made anew each time
            same &= np.array([one is None for one in mine], dtype=bool)
    same &= inside_m(now) == inside_m(before)[np.maximum(row, 0)]
    return same


def _shapes(table: gpd.GeoDataFrame, name: str) -> npt.NDArray[np.object_]:
    if name == "geometry":
        return np.asarray(table.geometry.array, dtype=object)
    if name not in table:
        return np.full(len(table), None, dtype=object)
    return np.asarray(gpd.GeoSeries(table[name]).array, dtype=object)


def _addresses(cells: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    return np.frombuffer(cells.tobytes(), dtype=np.intp)
