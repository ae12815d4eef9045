"""Street lines as others draw them: joints, crossings, and metres that are none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

import worlds
from quarterhour.errors import InputError, NetworkError, QuarterhourWarning
from quarterhour.streets.joints import joined
from quarterhour.streets.network import WalkNetwork


def table(*lines, crs=worlds.CRS, **columns):
    return gpd.GeoDataFrame(columns, geometry=[LineString(line) for line in lines], crs=crs)


def parts(network):
    return len(network.component_length_m)


@pytest.mark.parametrize("x", [0.005, 0.015, 12.345, 440_000.005, 440_000.0149999])
def test_ends_a_hair_apart_are_one_joint_wherever_they_lie(x):
    streets = table([(x - 90, 0), (x, 0)], [(x + 1e-9, 0), (x + 90, 0)], [(x, 1e-9), (x, 50)])
    network = WalkNetwork.from_edges(streets)
    assert (network.n_nodes, parts(network)) == (4, 1)


def test_the_joining_tolerance_is_a_distance():
    streets = table([(0, 0), (100, 0)], [(100.3, 0.4), (200, 0)])
    assert parts(WalkNetwork.from_edges(streets)) == 2
    assert parts(WalkNetwork.from_edges(streets, join_m=0.49)) == 2
    joint = WalkNetwork.from_edges(streets, join_m=0.5)
    assert (parts(joint), joint.n_nodes) == (1, 3)


@pytest.mark.parametrize("join_m", [0, -1, float("nan"), float("inf")])
def test_a_tolerance_that_is_no_distance_is_refused(join_m):
    with pytest.raises(InputError, match="is no distance"):
        WalkNetwork.from_edges(table([(0, 0), (9, 0)]), join_m=join_m)


def test_random_vertices_are_joined_as_their_distances_say():
    xy = np.random.default_rng(5).random((300, 2))
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= 0.03
    reach = np.linalg.matrix_power(near.astype(float), 299) > 0
    number = joined(xy, np.full(300, np.nan), 0.03)
    assert ((number[:, None] == number[None]) == reach).all()


def test_lines_with_heights_are_joined_on_one_height():
    deck = [(0, -50, 8), (0, 0, 8), (0, 50, 8)]
    road = [(-50, 0, 0), (0, 0, 0), (50, 0, 0)]
    assert parts(WalkNetwork.from_edges(table(deck, road))) == 2
    ramp = [(0, 0, 0.5), (30, 30, 8)]
    assert parts(WalkNetwork.from_edges(table(road, ramp))) == 1
    flat = [(0, 0), (30, 30)]
    assert parts(WalkNetwork.from_edges(table(road, flat))) == 1


def whole_streets():
    """A grid of three by three streets, each drawn as one line without a vertex on its way."""
    rows = [[(-10, y), (210, y)] for y in (0, 100, 200)]
    return table(*rows, *([(x, -10), (x, 210)] for x in (0, 100, 200)))


def test_crossings_without_a_vertex_are_said_with_figures():
    with pytest.warns(QuarterhourWarning, match="fall into 6 parts, and at 9 places lines cross"):
        network = WalkNetwork.from_edges(whole_streets())
    assert network.n_edges == 6


def test_crossings_are_split_if_asked_for():
    network = WalkNetwork.from_edges(whole_streets(), split_crossings=True)
    assert (parts(network), network.n_nodes, network.n_edges) == (1, 9 + 12, 24)
    assert network.edge_length_m.sum() == pytest.approx(6 * 220)


def test_an_end_on_another_street_is_a_crossing_too():
    streets = table([(0, 0), (100, 0)], [(40, 0.004), (40, 70)])
    with pytest.warns(QuarterhourWarning, match="at 1 places"):
        assert parts(WalkNetwork.from_edges(streets)) == 2
    assert parts(WalkNetwork.from_edges(streets, split_crossings=True)) == 1


@pytest.mark.parametrize(
    "told",
    [{"bridge": ["", "yes"]}, {"tunnel": ["yes", None]}, {"layer": [2, 1]}, {"level": [1, 2]}],
)
def test_what_is_on_another_level_is_not_split(told):
    streets = table([(-50, 0), (50, 0)], [(0, -50), (0, 50)], **told)
    assert parts(WalkNetwork.from_edges(streets, split_crossings=True)) == 2


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3395", "ESRI:54009"])
def test_metres_by_name_only_are_measured_anew(crs):
    drawn = table([(500_000, 4_420_000), (501_000, 4_420_000)], crs="EPSG:32650").to_crs(crs)
    with pytest.warns(QuarterhourWarning, match="so the streets are measured in WGS 84 / UTM"):
        network = WalkNetwork.from_edges(drawn)
    # In the middle of its zone UTM has 0.9996 units for a metre.
    assert network.edge_length_m.sum() == pytest.approx(1000 / 0.9996, rel=1e-6)


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:2154", "EPSG:3067", "EPSG:27700", "EPSG:25833"])
def test_projections_of_countries_are_kept(crs):
    x, y = {"EPSG:2154": (650_000, 6_860_000)}.get(crs, (500_000, 400_000))
    y = 4_420_000 if crs == "EPSG:4549" else y
    y = 6_670_000 if crs in ("EPSG:3067", "EPSG:25833") else y
    assert WalkNetwork.from_edges(table([(x, y), (x + 100, y)], crs=crs)).crs.to_string() == crs


def test_degrees_beyond_the_pole_are_refused():
    with pytest.raises(NetworkError, match="a latitude is at most 90"):
        WalkNetwork.from_edges(table([(39.9, 116.3), (39.91, 116.3)], crs="EPSG:4326"))
