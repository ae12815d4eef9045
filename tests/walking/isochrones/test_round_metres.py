"""Streets on whole metres: what lies exactly at the reach is decided one way, whatever came before.

Grid points of the sampling then lie exactly 50 m from a street, and the last bit of a distance
decides. All squares at a corner must see the same bit, also where the boundary of one was traced
before, and where a walk begins on the street.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

import worlds
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.isochrones.isochrones import ERROR_M, isochrones
from quarterhour.walking.isochrones.verify import verify


def ragged_grid(block_m: float, noise_m: float, seed: int) -> WalkNetwork:
    """Blocks on whole metres, give or take some noise, with a third of their sides missing."""
    rng = np.random.default_rng(seed)
    at = np.arange(17)
    corner = np.stack(np.meshgrid(at, at, indexing="ij"), -1) * block_m
    corner = corner + rng.normal(0.0, noise_m, corner.shape) if noise_m else corner
    sides = [((i, j), (i + 1, j)) for i in at[:-1] for j in at]
    sides += [((i, j), (i, j + 1)) for i in at for j in at[:-1]]
    drawn = [LineString([corner[a], corner[b]]) for a, b in sides if rng.random() < 0.66]
    return WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=drawn, crs=worlds.CRS))


def homes(network: WalkNetwork, n: int, seed: int) -> gpd.GeoDataFrame:
    """Whole metres beside the streets, some right on one, some twice on the same one."""
    rng = np.random.default_rng(seed)
    xy = network.node_xy[rng.choice(network.n_nodes, n)] + rng.integers(-24, 25, (n, 2))
    xy[::3, 0] = network.node_xy[rng.choice(network.n_nodes, len(xy[::3])), 0]
    return worlds.points(*np.round(xy).tolist())


@pytest.mark.parametrize("noise_m", [0.0, 1e-9, 1e-7])
@pytest.mark.parametrize("block_m", [25.0, 50.0, 44.0, 100.0])
def test_fast_isochrones_are_the_same_whatever_was_asked_before(block_m, noise_m):
    network = ragged_grid(block_m, noise_m, seed=int(block_m))
    places = homes(network, 24, seed=1)
    first = isochrones(places, network, (3, 6), method="fast")
    for k in range(5):  # from the fourth use on, tiles have their boundary ready
        again = isochrones(places.iloc[k:], network, (3, 6), method="fast")
        mine = first[first["origin"].isin(places.index[k:])]
        assert again["area_m2"].tolist() == pytest.approx(mine["area_m2"].tolist(), abs=1e-3)
    fresh = ragged_grid(block_m, noise_m, seed=int(block_m))
    backwards = isochrones(places.iloc[::-1], fresh, (3, 6), method="fast")
    by_origin = backwards.set_index(["origin", "minutes"])["area_m2"]
    assert by_origin.sort_index().tolist() == pytest.approx(
        first.set_index(["origin", "minutes"])["area_m2"].sort_index().tolist()
    )


@pytest.mark.parametrize("method", ["fast", "exact"])
def test_isochrones_on_whole_metres_keep_their_promise(method):
    network = ragged_grid(50.0, 1e-9, seed=3)
    places = homes(network, 8, seed=2)
    for _ in range(4):
        drawn = isochrones(places, network, [5], method=method)
    found = verify(drawn, network, samples=400)
    assert found["error_m"].max() <= ERROR_M[method]


def test_several_starts_on_one_street_keep_their_seconds():
    """Three doors of an area on one edge: the time between them is that of the nearer one."""
    network = worlds.network_of([(0, 0), (3000, 0)])
    doors = worlds.points((100, 10), (1500, 10), (2900, 10), area=0, share=1 / 3)
    for method in ("exact", "fast"):
        for _ in range(5):
            drawn = isochrones(doors, network, [4], method=method)
        assert (
            verify(drawn, network, places=doors, samples=2000)["error_m"].max() <= ERROR_M[method]
        )
        # 240 s at 1.25 m/s less 10 m: 290 m to either side, but the street ends at 0 and 3,000.
        assert len(drawn.geometry.iloc[0].geoms) == 3
