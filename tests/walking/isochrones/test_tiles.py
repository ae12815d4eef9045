"""What the loops that find streets and join rings promise, against plain numpy."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

import worlds
from quarterhour.walking.isochrones import tiles as tiles_module
from quarterhour.walking.isochrones.fields import streets_of
from quarterhour.walking.isochrones.isochrones import _polygons, isochrones
from quarterhour.walking.isochrones.near_kernels import gather, nearest_lists, square_of, windows
from quarterhour.walking.isochrones.ring_kernels import rings
from quarterhour.walking.isochrones.tiles import SIDE, Grain, tiles_of
from tried import as_many

REACH_M = 50.0
SQUARE_M = 44.0


@pytest.fixture(scope="module")
def network():
    return worlds.helsinki().streets


def distances(network, xy):
    """From points to every straight piece of street, in the order of the pieces."""
    s = streets_of(network, REACH_M)
    a = np.column_stack([s.ax, s.ay])
    lines = shapely.linestrings(np.stack([a, a + np.column_stack([s.dx, s.dy])], axis=1))
    return shapely.distance(lines[None, :], shapely.points(xy)[:, None])


def test_gathering_finds_each_piece_within_reach_once(network):
    streets = streets_of(network, REACH_M)
    found = np.empty(9 * streets.most, np.int32)
    rng = np.random.default_rng(0)
    xy = network.node_xy[rng.choice(network.n_nodes, 20)] + rng.normal(0, 80, (20, 2))
    away = distances(network, xy)
    for k, (x, y) in enumerate(xy):
        for near_m in (5.0, 60.0, 170.0):
            n = gather(streets, x, y, near_m, found)
            assert sorted(found[:n]) == list(np.flatnonzero(away[k] <= near_m))


def test_a_square_lists_in_order_whatever_is_nearest_to_one_of_its_points(network):
    streets = streets_of(network, REACH_M)
    middle = np.median(network.node_xy, axis=0)
    corner = tuple(int(c // SQUARE_M) for c in middle)
    offset = np.zeros(SIDE * SIDE + 1, dtype=np.int64)
    room = nearest_lists(streets, corner, SQUARE_M, REACH_M, offset, np.empty(0, np.int32))
    piece = np.empty(room, np.int32)
    assert nearest_lists(streets, corner, SQUARE_M, REACH_M, offset, piece) == room
    rng = np.random.default_rng(1)
    for _ in range(as_many(40, 10)):
        column, row = rng.integers(0, SIDE, 2)
        k = square_of(column, row, SIDE)
        mine = piece[offset[k] : offset[k + 1]]
        assert (np.diff(mine) > 0).all()
        corner_xy = np.add(corner, (column, row)) * SQUARE_M
        away = distances(network, corner_xy + rng.uniform(0, SQUARE_M, (30, 2)))
        close = away.min(axis=1) <= REACH_M
        assert set(away.argmin(axis=1)[close]) <= set(mine)


def test_every_square_has_its_number():
    numbers = [square_of(column, row, SIDE) for row in range(SIDE) for column in range(SIDE)]
    assert sorted(numbers) == list(range(SIDE * SIDE))


def test_windows_hold_the_surroundings_of_every_edge():
    rng = np.random.default_rng(2)
    low = rng.uniform(-3000, 3000, (60, 2))
    box = np.hstack([low, low + rng.exponential(150, (60, 2))])
    edges = np.arange(0, 60, 2)
    found = windows(box, edges, REACH_M, SQUARE_M, SIDE)
    squares = set()
    for column, row, columns, rows in found.tolist():
        assert (column // SIDE, row // SIDE) == (
            (column + columns - 1) // SIDE,
            (row + rows - 1) // SIDE,
        )
        squares |= {(column + c, row + r) for c in range(columns) for r in range(rows)}
    for west, south, east, north in box[edges]:
        first = np.floor((np.array([west, south]) - REACH_M) / SQUARE_M).astype(int)
        last = np.floor((np.array([east, north]) + REACH_M) / SQUARE_M).astype(int)
        for c in range(first[0], last[0] + 1):
            for r in range(first[1], last[1] + 1):
                assert (c, r) in squares
    assert len({tuple(row[:2] // SIDE) for row in found}) == len(found)


def pieces_of(*loops):
    """Rings of points as boundary pieces in a shuffled order, each on a grid line of its own."""
    keys, xy, first = [], [], 0
    for loop in loops:
        n = len(loop)
        keys += [(first + k, first + (k + 1) % n) for k in range(n)]
        xy += loop
        first += n
    order = np.random.default_rng(3).permutation(len(keys))
    return np.array(keys, dtype=np.int64)[order] * 977, np.array(xy, dtype=float)[order]


def test_pieces_become_rings_without_their_needless_points():
    outer = [(x, 0) for x in range(10)] + [(10, y) for y in range(10)]
    outer += [(10 - x, 10) for x in range(10)] + [(0, 10 - y) for y in range(10)]
    hole = [(4, 4), (4, 6), (6, 6), (6, 4)]
    xy, offset, area = rings(*pieces_of(outer, hole), 0.01)
    assert sorted(area) == pytest.approx([-4, 100])
    for k in range(2):
        ring = xy[offset[k] : offset[k + 1]]
        assert (ring[0] == ring[-1]).all()
        assert len(ring) in (5, 6)  # the corners, and where the walk round began
        assert abs(shapely.Polygon(ring).area) == pytest.approx(abs(area[k]))


def test_a_ring_of_three_points_keeps_them_all():
    xy, _, area = rings(*pieces_of([(0, 0), (1, 0), (0, 0.001)]), 0.5)
    assert len(xy) == 4
    assert area[0] == pytest.approx(0.0005)


def test_what_collapses_to_a_line_is_not_kept():
    keys, xy = pieces_of([(0, 0), (10, 0), (10, 10), (5, 10), (5, 20), (5, 10), (0, 10)])
    land = _polygons(SimpleNamespace(keys=keys, xy=xy), 0.01)
    assert land.geom_type == "Polygon"
    assert land.area == pytest.approx(100)


def test_a_boundary_that_ends_in_the_open_is_an_error():
    with pytest.raises(AssertionError, match="ends in the open"):
        rings(np.array([[1, 2], [2, 3]]), np.zeros((2, 2)), 0.1)


def test_tiles_unused_for_longest_are_given_up(monkeypatch):
    city = worlds.grid_world(5, 400.0)
    monkeypatch.setattr(tiles_module, "_KEPT", 2)
    tiles = tiles_of(city, REACH_M, Grain(5.5, 0))
    first, second = tiles.at(0, 0), tiles.at(SIDE, 0)
    assert tiles.at(3, 3) is first
    tiles.at(0, SIDE)
    assert second not in tiles.kept.values()
    assert tiles.at(1, 1) is first


def test_walkers_are_kept_with_the_network_and_paces_of_ones_own_are_asked_anew():
    city = worlds.line_world()
    place = gpd.GeoDataFrame(geometry=[shapely.Point(500, 0)], crs=city.crs)
    speed = [1.25]

    def moody(network):
        return np.repeat(network.edge_length_m[:, None] / speed[0], 2, axis=1)

    before = isochrones(place, city, (4,), pace=moody)
    speed[0] = 0.625
    after = isochrones(place, city, (4,), pace=moody)
    assert after.area_m2.iloc[0] < 0.7 * before.area_m2.iloc[0]
