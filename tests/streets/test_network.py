"""The network as frozen arrays: checks at the door, components, passed-over scraps, digest."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.arrays import PIECE, handed_over
from quarterhour.errors import NetworkError
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.street_arrays import ISLAND_REACH_M, TRAIT_DEFAULTS
from quarterhour.walking.isochrones.isochrones import isochrones
from tried import examples

GOOD = {
    "crs": worlds.CRS,
    "node_xy": [(0, 0), (100, 0), (100, 50)],
    "edge_nodes": [(0, 1), (1, 2)],
    "coords": [(0, 0), (60, 0), (100, 0), (100, 0), (100, 50)],
    "coord_offset": [0, 3, 5],
}


def built(**changes) -> WalkNetwork:
    return WalkNetwork.build(**(GOOD | changes))


# --- build --------------------------------------------------------------------------------------


def test_what_is_not_given_is_filled_in():
    network = built()
    assert network.edge_length_m.tolist() == [100.0, 50.0]
    assert network.node_osmid.tolist() == [-1, -1, -1]
    assert network.edge_osmid.tolist() == [0, 0]
    assert network.extent.bounds == (0, 0, 100, 50)
    assert set(network.traits) == set(TRAIT_DEFAULTS)
    assert network.traits["highway"].tolist() == ["", ""]
    assert network.traits["steps"].dtype == bool
    assert network.traits["layer"].dtype == np.int8
    assert dict(network.metadata) == {}


def test_arrays_of_the_caller_are_copied_and_those_handed_over_are_not():
    coords, name = np.array(GOOD["coords"], float), np.array(["a", "b"], object)
    theirs = built(coords=coords, traits={"name": name})
    coords[:], name[:] = 7.0, "c"
    assert theirs.coords.tolist() == built().coords.tolist()
    assert theirs.traits["name"].tolist() == ["a", "b"]
    ours = handed_over(np.array(GOOD["coords"], float)), handed_over(np.array(["a", "b"], object))
    network = built(coords=ours[0], traits={"name": ours[1]})
    assert np.shares_memory(network.coords, ours[0])
    assert network.traits["name"] is ours[1]


def test_a_network_is_measured_in_little_more_memory_than_it_keeps():
    # Degrees and steps are kept: 24 bytes a coordinate. What lies between them is made in pieces.
    x = np.linspace(400_000, 600_000, 24 * PIECE + 3)
    coords = handed_over(np.column_stack([x, 4_400_000 + 50 * np.sin(x)]))
    ends = {"node_xy": coords[[0, -1]], "edge_nodes": [(0, 1)], "coord_offset": [0, len(x)]}
    tracemalloc.start()
    network = built(coords=coords, metadata={"lengths": "geodesic"}, **ends)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 48 * len(x)
    lonlat = network.ellipsoid.degrees(coords[PIECE - 1 : PIECE + 2])
    steps = network.ellipsoid.apart_m(lonlat[:-1], lonlat[1:])
    assert network.steps_m[PIECE - 1 : PIECE + 1].tolist() == steps.tolist()


def test_what_is_given_is_kept():
    extent = shapely.box(-10, -10, 200, 200)
    network = built(
        edge_length_m=[120, 50],
        node_osmid=[7, 8, 9],
        edge_osmid=[70, 80],
        extent=extent,
        traits={"highway": ["steps", "path"], "own": [1.5, 2.5]},
        metadata={"source": "by hand"},
    )
    assert network.edge_length_m.tolist() == [120, 50]
    assert network.line_length_m.tolist() == [100, 50]
    assert network.extent == extent
    assert network.traits["own"].tolist() == [1.5, 2.5]
    assert network.metadata["source"] == "by hand"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"crs": None}, "no CRS"),
        ({"crs": 4326}, "projected CRS in metres; WGS 84 is in degree"),
        ({"crs": 2263}, "in metres"),  # New York, US feet
        ({"edge_nodes": [], "coords": [], "coord_offset": [0]}, "no edge in the network"),
        ({"edge_nodes": [(0, 1), (1, 3)]}, "name nodes 0 to 3, but there are 3 nodes"),
        ({"edge_nodes": [(-1, 1), (1, 2)]}, "name nodes -1 to 2"),
        ({"coord_offset": [0, 3]}, "cut 5 coordinates into 2 lines"),
        ({"coord_offset": [0, 3, 4]}, "cut 5 coordinates into 2 lines"),
        ({"coord_offset": [1, 3, 5]}, "cut 5 coordinates into 2 lines"),
        ({"coord_offset": [0, 4, 5]}, "two or more"),
        ({"node_xy": [(0, 0), (100, np.nan), (100, 50)]}, "not a finite number"),
        ({"coords": [(0, 0), (np.inf, 0), (100, 0), (100, 0), (100, 50)]}, "not a finite number"),
        ({"edge_length_m": [1, 2, 3]}, "2 finite lengths"),
        ({"edge_length_m": [1, -2]}, "at least 0 m"),
        ({"edge_length_m": [1, np.nan]}, "finite lengths"),
        ({"traits": {"highway": ["path"]}}, r"Trait 'highway' has shape \(1,\); there are 2 edges"),
        ({"node_osmid": [1]}, "3 nodes and 2 edges have"),
        ({"edge_osmid": [1, 2, 3]}, "3 nodes and 2 edges have"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, says):
    with pytest.raises(NetworkError, match=says):
        built(**changes)


def test_everything_is_read_only():
    network = built(traits={"highway": np.array(["path", "steps"], dtype=object)})
    arrays = {f.name: getattr(network, f.name) for f in dataclasses.fields(network)}
    arrays = {name: a for name, a in arrays.items() if isinstance(a, np.ndarray)}
    assert len(arrays) == 7
    for array in (*arrays.values(), *network.traits.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]
    with pytest.raises(TypeError):
        network.traits["highway"] = network.traits["surface"]
    with pytest.raises(TypeError):
        network.metadata["source"] = "changed"
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.crs = None


def test_the_arrays_of_the_caller_stay_their_own():
    mine = np.array(GOOD["node_xy"], dtype=float)
    steps = np.array([True, False])
    network = built(node_xy=mine, traits={"steps": steps})
    mine[0], steps[0] = -1, False
    assert network.node_xy[0].tolist() == [0, 0]
    assert network.traits["steps"].tolist() == [True, False]


def test_lines_run_from_u_to_v():
    network = worlds.grid_world(4)
    ends = shapely.get_coordinates([shapely.get_point(network.lines, i) for i in (0, -1)])
    u, v = network.edge_nodes.T
    assert np.array_equal(ends, network.node_xy[np.concatenate([u, v])])
    assert network.line_length_m.tolist() == [100.0] * network.n_edges


# --- components and scraps ----------------------------------------------------------------------


def test_components_are_ranked_by_street():
    network = worlds.island_world()
    assert network.component_length_m.tolist() == [2000, 200, 50]
    by_edge = network.component[network.edge_nodes[:, 0]]
    assert by_edge.tolist() == [0, 2, 1]
    report = network.component_summary()
    assert report == {
        "components": 3,
        "total_m": 2250,
        "largest_m": 2000,
        "largest_share": 2000 / 2250,
        "edges_passed_over": 1,
    }


def test_a_scrap_beside_a_street_is_passed_over_and_an_island_is_not():
    assert worlds.island_world().passed_over.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("y", "length", "passed"),
    [(49.9, 50, True), (50.1, 50, False), (30, 999, True), (30, 1000.1, False)],
)
def test_what_counts_as_a_scrap(y, length, passed):
    network = worlds.network_of([(0, 0), (3000, 0)], [(100, y), (100 + length, y)])
    assert network.passed_over.tolist() == [False, passed]


@pytest.mark.parametrize(
    ("kinds", "passed"),
    [
        (("primary", "trunk_link"), True),
        (("primary", "service"), False),
        (("residential", "residential"), False),
    ],
)
def test_a_long_road_that_no_street_meets_takes_no_place(kinds, passed):
    """A road in a cutting, 2 km of it: streets lie 30 m beside, and nobody gets onto it."""
    network = worlds.network_of(
        [(0, 0), (2500, 0)],
        [(100, 30), (1100, 30)],
        [(1100, 30), (2100, 30)],
        highway=["residential", *kinds],
    )
    assert network.passed_over.tolist() == [False, passed, passed]


def test_a_scrap_that_leads_away_is_kept():
    network = worlds.network_of([(0, 0), (3000, 0)], [(100, 10), (100, 120)])
    assert not network.passed_over.any()


def test_a_network_of_scraps_keeps_its_largest():
    network = worlds.network_of([(0, 0), (90, 0)], [(0, 20), (80, 20)])
    assert network.passed_over.tolist() == [False, True]


def test_streets_of_no_length_under_long_lines_are_refused():
    with pytest.raises(NetworkError, match="2 of 2 edges are given a length of less than a tenth"):
        built(edge_length_m=[0, 0])


coordinate = st.integers(-40, 40).map(lambda k: 10.0 * k)
segment = st.tuples(coordinate, coordinate, st.integers(-12, 12), st.integers(-12, 12)).filter(
    lambda s: s[2] or s[3]
)


@examples(60)
@pytest.mark.filterwarnings("ignore:The streets .* cross or touch")
@given(segments=st.lists(segment, min_size=1, max_size=8), seed=st.integers(0, 10_000))
def test_passing_scraps_over_costs_at_most_the_island_reach(segments, seed):
    """Law: the nearest street that counts is at most 50 m farther than the nearest of all."""
    lines = [[(x, y), (x + 10 * dx, y + 10 * dy)] for x, y, dx, dy in segments]
    network = worlds.network_of([(-400, 0), (800, 0)], *lines)
    points = shapely.points(np.random.default_rng(seed).uniform(-500, 500, (20, 2)))
    kept = network.lines[~network.passed_over]
    distance = shapely.distance(points[:, None], network.lines[None, :]).min(axis=1)
    to_kept = shapely.distance(points[:, None], kept[None, :]).min(axis=1)
    assert np.all(to_kept <= distance + ISLAND_REACH_M + 1e-9)


# --- digest and repr ----------------------------------------------------------------------------


def test_digest_is_stable():
    assert built().sha256 == built().sha256
    assert built().sha256 == built(metadata={"source": "elsewhere"}).sha256
    assert len(built().sha256) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"crs": "EPSG:32651"},
        {"node_xy": [(0, 1), (100, 0), (100, 50)]},
        {"edge_nodes": [(1, 0), (1, 2)]},
        {"edge_length_m": [100.001, 50]},
        {"coords": [(0, 0), (60, 1), (100, 0), (100, 0), (100, 50)], "edge_length_m": [100, 50]},
        {"traits": {"highway": ["steps", ""]}},
        {"traits": {"highway": ["", "steps"]}},
        {"traits": {"oneway_foot": np.array([0, 1], dtype=np.int8)}},
        {"traits": {"own": [0, 1]}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_digest_sees_all_that_bears_on_a_walk(changes):
    assert built(**changes).sha256 != built().sha256


def test_repr_says_size_and_place():
    assert repr(built()) == (
        "<WalkNetwork: 3 nodes, 2 edges, 0.15 km, 1 component, WGS 84 / UTM zone 50N>"
    )
    assert "3 components" in repr(worlds.island_world())


def test_a_network_travels_to_other_processes_and_is_as_frozen_there():
    city = worlds.helsinki().streets
    isochrones(worlds.strewn(city, 3, 1), city, (3,), method="fast")  # it keeps what it worked out
    there = pickle.loads(pickle.dumps(city))  # noqa: S301 - our own bytes
    assert repr(there) == repr(city)
    assert (there.coords == city.coords).all()
    assert there.metadata == city.metadata
    assert not there.coords.flags.writeable
    assert there.sha256 == city.sha256 == copy.deepcopy(city).sha256
