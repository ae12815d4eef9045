"""Where homes and facilities are on the streets, given where they were: only others are found."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Ints, Mask
from quarterhour.scoring.rows_before import addresses
from quarterhour.streets.edited import edges_before
from quarterhour.streets.grounds import Grounds, grounds_of, inside_m
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, Positions
from quarterhour.streets.snap import places_of_entry

Placing = Callable[[gpd.GeoDataFrame, WalkNetwork, float], Placed]
"""Table, streets, snap limit -> where its rows are."""

_SHAPES = ("geometry", "entrances", "exits")
_BEYOND_M = 1.0
"""A street that is farther than the snap limit, and this much, has no bearing on a place."""


class PlacedBefore(NamedTuple):
    """A table, and where its rows are on the network, each by its own row alone."""

    table: gpd.GeoDataFrame
    at: Placed
    network: WalkNetwork

    @classmethod
    def of(
        cls,
        table: gpd.GeoDataFrame,
        network: WalkNetwork,
        snap_limit_m: float,
        place: Placing,
        before: PlacedBefore | None = None,
    ) -> Self:
        """Place the rows; ``before`` is where those of another table were, within the same limit.

        Where the network is another one that was made of the one before, the rows near streets
        that are new, gone or cut are placed anew.
        """
        edges = None
        if before is not None and before.table.crs == table.crs and len(before.table):
            edges = edges_before(network, before.network)
        if before is None or edges is None:
            return cls(table, place(table, network, snap_limit_m), network)
        row = np.asarray(before.table.index.get_indexer(table.index), dtype=np.int64)
        same = _unmoved(before.table, table, row)
        now_edge = np.full(before.network.n_edges, -1)
        now_edge[edges[edges >= 0]] = np.flatnonzero(edges >= 0)
        if before.network is not network:
            others = _other_streets(network, before.network, edges, now_edge)
            same &= ~_near(table, others, network, snap_limit_m + _BEYOND_M)
        old, new = np.flatnonzero(same), np.flatnonzero(~same)
        known = before.at.take(row[old]).at
        known = known._replace(row=old[known.row], edge=now_edge[known.edge])
        fresh = place(table.iloc[new], network, snap_limit_m).at if len(new) else known.take(new)
        fresh = fresh._replace(row=new[fresh.row])
        both = Positions(*(np.concatenate(pair) for pair in zip(known, fresh, strict=True)))
        at = both.take(np.argsort(both.row, kind="stable"))
        return cls(table, Placed(table.index, at, _grounds(table, network)), network)


def _grounds(table: gpd.GeoDataFrame, network: WalkNetwork) -> Grounds | None:
    return grounds_of(table, places_of_entry(table, network), network) if len(table) else None


def _other_streets(
    now: WalkNetwork, before: WalkNetwork, edges: Ints, now_edge: Ints
) -> npt.NDArray[np.object_]:
    """Lines that are new, gone or cut, or that places are joined to now and were not, or were."""
    stays = edges >= 0
    other = ~stays
    other[stays] = now.passed_over[stays] != before.passed_over[edges[stays]]
    return np.concatenate([now.lines[other], before.lines[now_edge < 0]])


def _near(
    table: gpd.GeoDataFrame,
    lines: npt.NDArray[np.object_],
    network: WalkNetwork,
    reach_m: float,
) -> Mask:
    """Tell which rows have any of some lines within reach: of themselves, or of their doors."""
    found = np.zeros(len(table), dtype=bool)
    tree = shapely.STRtree(lines)
    for name in _SHAPES:
        if name == "geometry" or name in table:
            shapes = table.geometry if name == "geometry" else gpd.GeoSeries(table[name])
            there = shapes.to_crs(network.crs) if shapes.crs is not None else shapes
            places = np.asarray(there.array, dtype=object)
            found[np.unique(tree.query(places, "dwithin", reach_m)[0])] = True
    return found


def _unmoved(before: gpd.GeoDataFrame, now: gpd.GeoDataFrame, row: Ints) -> Mask:
    """Tell which rows have the very shapes, and legs, that they had; gates are made anew."""
    same = np.asarray(row >= 0, dtype=bool)
    same &= inside_m(now) == inside_m(before)[np.maximum(row, 0)]
    for name in _SHAPES:
        mine, theirs = _shapes(now, name), _shapes(before, name)[np.maximum(row, 0)]
        same &= addresses(mine) == addresses(theirs)
    return same


def _shapes(table: gpd.GeoDataFrame, name: str) -> npt.NDArray[np.object_]:
    if name == "geometry":
        return np.asarray(table.geometry.array, dtype=object)
    if name not in table:
        return np.full(len(table), None, dtype=object)
    return np.asarray(gpd.GeoSeries(table[name]).array, dtype=object)
