"""The compiled grid finds what GEOS finds, to the last bit: edge, position, leg, ties, limits."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import worlds
from quarterhour.streets.edited import retold
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import nearest_positions
from quarterhour.streets.snap_grid import StreetGrid
from quarterhour.streets.snap_kernels import nearest_edges

WORLDS = {
    "line": worlds.line_world,
    "cross": worlds.cross_world,
    "grid": worlds.grid_world,
    "island": worlds.island_world,
    "bridge": worlds.bridge_world,
    "slant": lambda: worlds.network_of([(3, 7), (911, 433)], [(911, 433), (12, 801), (4, 802)]),
    "far apart": lambda: worlds.network_of([(0, 0), (90_000, 5)], [(0, 0), (3, 60_000)]),
    "helsinki": lambda: retold(worlds.helsinki().streets, {}),  # metres of its plane
}


def by_geos(xy, network: WalkNetwork, limit_m: float):
    """Edge, fraction and leg of each point as GEOS has them; of edges as near, the first."""
    edges = np.flatnonzero(~network.passed_over)
    tree = shapely.STRtree(network.lines[edges])
    points = shapely.points(xy)
    hits = tree.query_nearest(points, max_distance=limit_m, all_matches=True)
    best = {}
    for point, hit in sorted(zip(*hits.tolist(), strict=True)):
        best.setdefault(point, int(edges[hit]))
    row, edge = np.array(list(best), dtype=int), np.array(list(best.values()), dtype=int)
    lines = network.lines[edge]
    whole = network.line_length_m[edge]
    along = shapely.line_locate_point(lines, points[row])
    fraction = np.divide(along, whole, out=np.zeros(len(row)), where=whole > 0)
    return row, edge, np.clip(fraction, 0, 1), shapely.distance(lines, points[row])


def asked_at(network: WalkNetwork) -> np.ndarray:
    """Points on nodes and bends, in the middle between them, beside streets, and far away."""
    rng = np.random.default_rng(5)
    u, v = network.edge_nodes.T
    middle = (network.node_xy[u] + network.node_xy[v]) / 2
    beside = network.coords[rng.integers(0, len(network.coords), 400)]
    low, high = network.coords.min(axis=0), network.coords.max(axis=0)
    strewn = rng.uniform(low - 300, high + 300, (400, 2))
    whole = np.round(beside + rng.normal(0, 40, beside.shape))
    return np.concatenate([network.node_xy, network.coords[:500], middle, whole, strewn])


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("limit_m", [100.0, 7.0, np.inf])
def test_the_grid_equals_geos_to_the_last_bit(name, limit_m):
    network = WORLDS[name]()
    xy = asked_at(network)
    found = nearest_positions(shapely.points(xy), network, limit_m)
    for mine, theirs in zip(found, by_geos(xy, network, limit_m), strict=True):
        assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("name", ["cross", "slant", "far apart"])
def test_uncompiled_it_is_the_same(name):
    network = WORLDS[name]()
    grid = StreetGrid.of(network)
    xy = asked_at(network)[::5]
    outs = []
    for search in (nearest_edges.plain, nearest_edges.compiled):
        whole = np.empty(len(xy), dtype=np.int64), np.empty(len(xy), dtype=np.int64)
        out = (*whole, np.empty(len(xy)), np.empty(len(xy)))
        search(xy, (grid.coords, grid.coord_offset, grid.edge_of), tuple(grid[5:12]), 100.0, out)
        outs.append(out)
    assert all(np.array_equal(one, two) for one, two in zip(*outs, strict=True))


def test_what_has_no_place_is_near_nothing():
    xy = np.array([(np.nan, 0), (0, np.inf), (5, 1)])
    found = nearest_positions(shapely.points(xy), worlds.line_world(), np.inf)
    assert found.row.tolist() == [2]


def test_many_points_are_shared_out_and_keep_their_rows():
    network = worlds.grid_world()
    xy = np.random.default_rng(2).uniform(-50, 1050, (30_000, 2))
    whole = StreetGrid.of(network).nearest(xy, 60.0)
    some = StreetGrid.of(network).nearest(xy[20_000:20_100], 60.0)
    assert all(np.array_equal(a[20_000:20_100], b) for a, b in zip(whole, some, strict=True))
