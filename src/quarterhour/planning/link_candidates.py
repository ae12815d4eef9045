"""Where a gate or a footway could be: walls beside streets, dead ends, and long ways round."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from quarterhour.arrays import Floats, Ints
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.compounds import closed_compounds
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, Positions
from quarterhour.streets.snap import in_crs_of
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import Pace
from quarterhour.walking.travel_times import times_between

ALONG_WALL_M = 25.0
"""Gates are tried this far apart along a wall."""

BEFORE_WALL_M = 30.0
"""A gate is tried where a street is this near, on the far side of the wall."""

FROM_GATE_M = 75.0
"""Nearer than this to a gate that exists, another one is not tried."""

ACROSS_M = 60.0
"""A link is tried between places on the streets that lie this near to each other."""

ROUND_M = 400.0
"""… and are this far apart on foot, or farther."""

SAME_PLACE_M = 0.1
"""Nodes nearer than this to each other lie at one place, on different levels."""

SQUARE_M = 60.0
"""Of links that begin in a square of this side and end in one, the shortest is tried."""


class Ends(NamedTuple):
    """Links that could be: for each the nodes that it would join, and its length in metres."""

    one: Ints
    other: Ints
    length_m: Floats


def gate_candidates(card: Scorecard) -> gpd.GeoDataFrame:
    """Points in the walls of closed compounds before which there is a street.

    Returns
    -------
    GeoDataFrame
        Points in the CRS of the network, with ``area``: the label of the compound.
    """
    network = card.network
    compounds = closed_compounds(card.areas, card.origins, network)
    shapes = in_crs_of(card.areas, network, "areas")
    tree = shapely.STRtree(network.lines)
    found: list[shapely.Point] = []
    label: list[int] = []
    for shape, gates in zip(compounds.shapes, compounds.gates, strict=True):
        wall = shapely.boundary(shape)
        steps = np.arange(0.0, shapely.length(wall), ALONG_WALL_M)
        spots = shapely.line_interpolate_point(wall, steps)
        spots = spots[shapely.distance(spots, gates) > FROM_GATE_M]
        at, line = tree.query_nearest(spots, max_distance=BEFORE_WALL_M, all_matches=False)
        way = shapely.shortest_line(spots[at], network.lines[line])
        outside = shapely.length(shapely.intersection(way, shape)) < 1.0
        same = int(np.flatnonzero(shapely.equals(shapes, shape))[0])
        found += list(spots[at[outside]])
        label += [same] * int(outside.sum())
    areas = card.areas.index.take(np.array(label, dtype=np.intp))
    return gpd.GeoDataFrame({"area": areas}, geometry=found, crs=network.crs)


def link_candidates(network: WalkNetwork, pace: Pace) -> Ends:
    """Pairs of junctions and dead ends that lie near each other and are far apart on foot.

    Edges off the ground are left out: what lies above or below is not across.
    """
    off = network.passed_over
    nodes = np.unique(network.edge_nodes[~off])
    xy = network.node_xy[nodes]
    pairs = cKDTree(xy).query_pairs(ACROSS_M, output_type="ndarray")
    one, other = nodes[pairs[:, 0]], nodes[pairs[:, 1]]
    length = np.hypot(*(network.node_xy[one] - network.node_xy[other]).T)
    apart = length > SAME_PLACE_M  # one above the other is not beside it
    one, other, length = one[apart], other[apart], length[apart]
    far = ~_walked_within(network, (one, other), ROUND_M, pace)
    one, other, length = one[far], other[far], length[far]
    kept = _shortest_of_squares(network, one, other, length)
    return Ends(one[kept], other[kept], length[kept])


def _walked_within(
    network: WalkNetwork, pairs: tuple[Ints, Ints], metres: float, pace: Pace
) -> npt.NDArray[np.bool_]:
    """Which pairs of nodes are within some metres of each other on foot."""
    one, other = pairs
    if len(one) == 0:
        return np.zeros(0, dtype=bool)
    nodes = np.unique(np.concatenate([one, other]))
    placed = at_nodes(network, nodes)
    walks = times_between(placed, placed, network, metres / 60.0, pace=Metres(pace))
    size = len(nodes)
    known = walks.origin * size + walks.destination
    asked = np.searchsorted(nodes, one) * size + np.searchsorted(nodes, other)
    return np.isin(asked, known)


def at_nodes(network: WalkNetwork, nodes: Ints) -> Placed:
    """Nodes as places: each at the end of the first of its edges."""
    ends = network.edge_nodes.ravel()
    order = np.argsort(ends, kind="stable")
    first = order[np.searchsorted(ends[order], nodes)]
    at = Positions(
        np.arange(len(nodes)), first // 2, (first % 2).astype(np.float64), np.zeros(len(nodes))
    )
    return Placed(pd.RangeIndex(len(nodes)), at)


def _shortest_of_squares(network: WalkNetwork, one: Ints, other: Ints, length_m: Floats) -> Ints:
    """Of links between the same two squares the shortest; their positions, ascending."""
    squares = np.floor(network.node_xy / SQUARE_M).astype(np.int64)
    both = np.hstack([squares[np.minimum(one, other)], squares[np.maximum(one, other)]])
    order = np.lexsort((np.arange(len(one)), length_m))
    _, first = np.unique(both[order], axis=0, return_index=True)
    return np.sort(order[first])
