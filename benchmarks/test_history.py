"""Our own history: a few searches on the sample of Helsinki, for pytest-benchmark.

``python -m pytest benchmarks/test_history.py --benchmark-autosave``, and with
``--benchmark-compare`` after a change. Comparing with others is what ``peers.py`` does.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import quarterhour as qh
from quarterhour.walking.engines import Graph, Starts, graph_of, numba_engine

pytest.importorskip("pytest_benchmark")

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "helsinki.osm.pbf"
CATEGORIES = 30


@pytest.fixture(scope="module")
def network() -> qh.WalkNetwork:
    return qh.read_osm(SAMPLE, progress=False).streets


@pytest.fixture(scope="module")
def graph(network: qh.WalkNetwork) -> Graph:
    return graph_of(network, np.repeat(network.edge_length_m[:, None] / 1.25, 2, axis=1))


def some_junctions(network: qh.WalkNetwork, count: int) -> gpd.GeoDataFrame:
    connected = np.flatnonzero(network.component == 0)
    chosen = np.random.default_rng(1).choice(connected, count, replace=False)
    return gpd.GeoDataFrame(geometry=shapely.points(network.node_xy[chosen]), crs=network.crs)


def test_nearest_of_30_categories(benchmark, network: qh.WalkNetwork, graph: Graph) -> None:
    rng = np.random.default_rng(0)
    sizes = np.linspace(2, 60, CATEGORIES).astype(int)
    node = rng.choice(network.n_nodes, sizes.sum()).astype(np.int32)
    starts = Starts(np.cumsum([0, *sizes]), node, np.zeros(len(node)))
    reached = benchmark(numba_engine, graph, starts, 900.0)
    assert len(reached.offset) == CATEGORIES + 1
    assert reached.seconds.max() <= 900.0


@pytest.mark.parametrize("method", ["exact", "fast"])
def test_isochrones(benchmark, network: qh.WalkNetwork, method: str) -> None:
    places = some_junctions(network, 10)
    found = benchmark.pedantic(
        qh.isochrones,
        args=(places, network, (15,)),
        kwargs={"method": method, "reach_m": 50.0},
        rounds=3,
        warmup_rounds=1,
    )
    assert (found["area_m2"] > 0).all()


def test_travel_times(benchmark, network: qh.WalkNetwork) -> None:
    places = some_junctions(network, 400)
    times = benchmark.pedantic(
        qh.travel_times, args=(places, places, network), rounds=5, warmup_rounds=1
    )
    assert len(times) > len(places)


def test_reading_openstreetmap(benchmark) -> None:
    city = benchmark.pedantic(
        qh.read_osm, args=(SAMPLE,), kwargs={"progress": False}, rounds=3, warmup_rounds=1
    )
    assert city.streets.n_edges > 1_000
