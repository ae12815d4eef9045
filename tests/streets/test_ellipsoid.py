"""Metres are those of the ground: the same street is as long in whatever plane it is drawn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point

import quarterhour as qh
import worlds
from quarterhour.streets.ellipsoid import GEODESIC, LENGTHS, ellipsoid_under, foot
from quarterhour.streets.ellipsoid_kernels import feet
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import nearest_positions
from tried import examples

GEOD = pyproj.Geod(ellps="WGS84")
SIDE = 7
STEP_DEGREES = 0.003
WEST, EAST = (10.3, 47.4), (21.6, 48.9)
"""South-western corners of two towns 860 km apart; alone, they lie in UTM zones 32 and 34."""


def town(first: int, corner: tuple[float, float]) -> tuple[list[str], list[str], gpd.GeoSeries]:
    """Crooked streets of a town as nodes and ways of an OSM file, and places beside them."""
    rng = np.random.default_rng(first)
    nodes, ways = [], []
    at = np.array([(x, y) for y in range(SIDE) for x in range(SIDE)]) * STEP_DEGREES
    lonlat = np.round(np.array(corner) + at + rng.uniform(-8e-4, 8e-4, at.shape), 7)
    for k, (lon, lat) in enumerate(lonlat):
        nodes.append(f'<node id="{first + k}" lat="{lat:.7f}" lon="{lon:.7f}"/>')
    rows = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    for number, street in enumerate([*rows, *rows.T]):
        refs = "".join(f'<nd ref="{first + k}"/>' for k in street)
        tag = '<tag k="highway" v="residential"/>'
        ways.append(f'<way id="{first + number}">{refs}{tag}</way>')
    places = lonlat[rng.integers(0, len(lonlat), 60)] + rng.uniform(-7e-4, 7e-4, (60, 2))
    return nodes, ways, gpd.GeoSeries(shapely.points(places), crs=4326)


def streets_of(folder, *towns) -> WalkNetwork:
    path = folder / f"{len(list(folder.iterdir()))}.osm"
    parts = [*(node for one in towns for node in one[0]), *(way for one in towns for way in one[1])]
    path.write_text(f'<osm version="0.6">{"".join(parts)}</osm>', encoding="utf-8")
    return qh.read_osm(path).streets


def walks(places: gpd.GeoSeries, network: WalkNetwork) -> np.ndarray:
    homes, shops = (gpd.GeoDataFrame(geometry=part) for part in (places[:25], places[25:]))
    found = qh.travel_times(homes, shops, network, minutes=60).to_frame()
    return found.pivot_table(index="origin", columns="destination", values="seconds").to_numpy()


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Two towns, each alone and both in one file."""
    folder = tmp_path_factory.mktemp("towns")
    towns = town(1, WEST), town(1000, EAST)
    return towns, [streets_of(folder, one) for one in towns], streets_of(folder, *towns)


def test_a_wide_extract_gives_the_seconds_of_each_town_alone(read):
    towns, alone, both = read
    assert len({network.crs.name for network in (*alone, both)}) == 3  # three planes
    for (_, _, places), network in zip(towns, alone, strict=True):
        one, wide = walks(places, network), walks(places, both)
        assert np.isfinite(one).sum() > 700
        np.testing.assert_allclose(wide, one, rtol=0, atol=1e-6)


def test_the_plane_alone_would_be_off_by_seconds(read):
    (town_west, _), (alone, _), both = read
    in_planes = [WalkNetwork.build(**plane_of(n)) for n in (alone, both)]
    one, wide = (walks(town_west[2], network) for network in in_planes)
    assert np.nanmax(np.abs(wide - one)) > 1.0


def plane_of(network: WalkNetwork) -> dict:
    names = ("crs", "node_xy", "edge_nodes", "coords", "coord_offset", "extent")
    return {name: getattr(network, name) for name in names}


def test_lengths_are_those_of_the_geodesic(read):
    for network in (*read[1], read[2]):
        lines = gpd.GeoSeries(network.lines, crs=network.crs).to_crs(4326)
        exact = [GEOD.geometry_length(line) for line in lines]
        np.testing.assert_allclose(network.edge_length_m, exact, rtol=1e-9, atol=1e-7)


def test_isochrones_are_as_large_wherever_the_plane_has_its_middle(read):
    towns, alone, both = read
    for (_, _, places), network in zip(towns, alone, strict=True):
        home = gpd.GeoDataFrame(geometry=places[:2])
        one, wide = (qh.isochrones(home, n, minutes=[5, 9]) for n in (network, both))
        np.testing.assert_allclose(wide["area_m2"], one["area_m2"], rtol=2e-4)
        true = [abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in wide.geometry]
        np.testing.assert_allclose(wide["area_m2"], true, rtol=2e-4)


latitudes = st.floats(-84, 84)
turns = st.floats(0, 360)


@given(latitudes, st.floats(-180, 180), turns, st.floats(0.0, 10_000))
@examples(200)
def test_the_bent_chord_is_the_geodesic(lat, lon, azimuth, metres):
    there = GEOD.fwd(lon, lat, azimuth, metres)[:2]
    ground = ellipsoid_under("EPSG:32631")
    one, other = np.array([[lon, lat]]), np.array([there])
    assert ground.apart_m(one, other)[0] == pytest.approx(metres, rel=2e-9, abs=1e-7)


@given(latitudes, st.floats(0.1, 5.9), turns, st.floats(10, 1500), st.integers(-2, 2))
@examples(60)
def test_a_street_and_the_way_to_it_do_not_hang_on_the_zone(lat, lon, azimuth, metres, zones):
    bend = GEOD.fwd(lon, lat, azimuth, metres / 3)[:2]
    end = GEOD.fwd(*bend, azimuth + 40, metres)[:2]
    home = Point(GEOD.fwd(*bend, azimuth - 20, metres / 4)[:2])
    found = []
    for zone in (31, (30 + zones) % 60 + 1):
        crs = f"EPSG:{32600 + zone}"
        line = gpd.GeoSeries([LineString([(lon, lat), bend, end])], crs=4326).to_crs(crs)
        xy = shapely.get_coordinates(line.iloc[0])
        network = WalkNetwork.build(
            crs=crs,
            node_xy=xy[[0, 2]],
            edge_nodes=[[0, 1]],
            coords=xy,
            coord_offset=[0, 3],
            metadata={LENGTHS: GEODESIC},
        )
        point = gpd.GeoSeries([home], crs=4326).to_crs(crs).to_numpy()
        at = nearest_positions(point, network, 1000.0)
        found.append((network.edge_length_m[0], at.fraction[0] * metres, at.leg_m[0]))
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-6)


def test_the_foot_is_the_nearest_of_many_positions():
    ground = ellipsoid_under("EPSG:32633")
    ends = gpd.GeoSeries([Point(15.01, 59.01), Point(15.013, 59.0105), Point(15.012, 59.011)])
    xy = shapely.get_coordinates(ends.set_crs(4326).to_crs(32633).to_numpy())
    a, b, place = ground.degrees(xy).reshape(3, 1, 2)
    share, leg = foot(ground, place, a, b)
    along = np.linspace(0, 1, 20_001)[:, None]
    lonlat = a + along * (b - a)
    here = np.repeat(place, len(along), axis=0)
    exact = GEOD.inv(*here.T, *lonlat.T)[2]
    assert leg[0] == pytest.approx(exact.min(), abs=1e-5)
    assert share[0] == pytest.approx(along[exact.argmin(), 0], abs=1e-3)


def test_uncompiled_the_foot_is_the_same():
    ground = ellipsoid_under("EPSG:32628")
    rng = np.random.default_rng(1)
    here, a, b = rng.uniform((-16, 27.9), (-15.9, 28.1), (3, 50, 2))
    b[0] = a[0]  # a piece of no length
    one, other = (tuple(np.empty((2, 50))) for _ in range(2))
    ends, piece = np.concatenate([b[:1], np.stack([a, b], 1).reshape(-1, 2)]), 2 * np.arange(50) + 1
    feet.plain(here, ends, piece, ground.axes_m, one)
    feet.compiled(here, ends, piece, ground.axes_m, other)
    assert np.array_equal(one, other)
    assert np.array_equal(one, foot(ground, here, a, b))
    share, metres = one
    np.testing.assert_allclose(metres, ground.apart_m(here, a + share[:, None] * (b - a)), 1e-9)
    assert share[0] == 0.0


def test_metres_along_a_line_do_not_hang_on_the_lines_before_it():
    rng = np.random.default_rng(3)
    lines = []
    for k, n in enumerate(rng.integers(2, 9, 30).tolist()):  # one behind the other
        y = np.r_[0.0, rng.uniform(0, 90, n - 2), 0.0]
        lines.append(shapely.LineString(np.column_stack([np.linspace(k, k + 1, n) * 100.0, y])))
    whole, last = (
        WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=some, crs=worlds.CRS))
        for some in (lines, lines[-1:])
    )
    np.testing.assert_array_equal(whole.along_m[-len(last.along_m) :], last.along_m)
    ends = whole.coord_offset[1:] - 1
    np.testing.assert_allclose(whole.along_m[ends], whole.line_length_m)


def test_a_plane_that_was_given_keeps_its_metres(tmp_path):
    network = worlds.line_world()
    assert LENGTHS not in network.metadata
    assert network.ellipsoid is None
    degrees = gpd.GeoDataFrame(geometry=network.lines, crs=network.crs).to_crs(4326)
    measured = WalkNetwork.from_edges(degrees)
    assert measured.metadata[LENGTHS] == GEODESIC
    exact = sum(GEOD.geometry_length(line) for line in degrees.geometry)
    assert measured.edge_length_m.sum() == pytest.approx(exact, rel=1e-9)
    again = [WalkNetwork.load(measured.save(tmp_path / "streets.npz"))]
    again.append(WalkNetwork.from_networkx(measured.to_networkx()))
    for one in again:
        assert one.metadata[LENGTHS] == GEODESIC
        np.testing.assert_allclose(one.line_length_m, measured.line_length_m, rtol=1e-12)
