"""Facts about real extracts, most of them counted a second time by other means."""

from functools import cache

import numpy as np
import osmium
import pyproj
import pytest
import shapely

from quarterhour.sources.osm.read import read_osm
from quarterhour.streets.access import is_walkable, pavements_elsewhere

LAS_PALMAS = pytest.param("las-palmas", marks=pytest.mark.long)


@cache
def city_of(path):
    return read_osm(path)


@pytest.fixture
def city(shared_data):
    return lambda name: city_of(shared_data(f"{name}.osm.pbf"))


def kilometres(network, *, squares=False):
    chosen = network.traits["square"] == squares
    return network.edge_length_m[chosen].sum() / 1000


@pytest.mark.parametrize(
    ("name", "amenities_and_shops"),
    [
        ("helsinki", 1606),
        ("beijing-haidian-2017", 260),
        ("monaco", 1060),
        pytest.param("las-palmas", 8423, marks=pytest.mark.long),
    ],
)
def test_number_of_amenities_and_shops(city, name, amenities_and_shops):
    found = city(name).facilities
    count = (found["amenity"].notna() | found["shop"].notna()).sum()
    assert amenities_and_shops * 0.98 <= count <= amenities_and_shops


@pytest.mark.parametrize("name", ["helsinki", "beijing-haidian-2017", "monaco", LAS_PALMAS])
def test_no_facility_is_lost_against_a_plain_count(city, shared_data, name):
    keys = ("amenity", "shop", "leisure", "healthcare", "office", "craft", "tourism")
    letter = {"n": "node", "w": "way", "r": "relation"}
    objects = osmium.FileProcessor(str(shared_data(f"{name}.osm.pbf")))
    objects = objects.with_filter(osmium.filter.KeyFilter(*keys))
    there = {f"{letter[o.type_str()]}/{o.id}" for o in objects}
    here = city(name).facilities
    here = set(here.index[here[list(keys)].notna().any(axis=1)])
    assert here <= there
    assert len(there - here) <= 0.02 * len(there)


@pytest.mark.parametrize("name", ["helsinki", "monaco", "beijing-xueyuanlu-2026"])
def test_every_metre_of_walkable_way_is_there(city, shared_data, name):
    """Street length against geodesic lengths of the plain ways, where no rule leaves any out."""
    geod = pyproj.Geod(ellps="WGS84")
    expected = {}
    objects = osmium.FileProcessor(str(shared_data(f"{name}.osm.pbf"))).with_locations()
    for way in objects.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)):
        tags = dict(way.tags)
        if "highway" in tags and is_walkable(tags) and not pavements_elsewhere(tags):
            at = [(n.lon, n.lat) if n.location.valid() else (np.nan, np.nan) for n in way.nodes]
            lon, lat = np.array(at).T
            expected[way.id] = np.nansum(geod.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2])
    streets = city(name).streets
    rows = ~streets.traits["square"] & np.isin(streets.edge_osmid, list(expected))
    metres = dict.fromkeys(expected, 0.0)
    for osmid, length in zip(
        streets.edge_osmid[rows].tolist(), streets.edge_length_m[rows].tolist(), strict=True
    ):
        metres[osmid] += length
    off = [i for i in expected if abs(metres[i] - expected[i]) > 0.05 + 0.001 * expected[i]]
    assert off == []
    assert len(expected) > 250


def test_haidian_streets_hang_together(city):
    streets = city("beijing-haidian-2017").streets
    # 124 km with the 13 km of cycleways that do not say that one may walk there
    assert kilometres(streets) == pytest.approx(124 - 13.3, abs=2)
    report = streets.component_summary()
    assert report["largest_share"] == pytest.approx(0.97, abs=0.01)
    west, south, east, north = streets.extent.bounds
    assert (east - west, north - south) == pytest.approx((2000, 2350), abs=60)


@pytest.mark.slow
def test_las_palmas_streets(city):
    streets = city("las-palmas").streets
    assert kilometres(streets) == pytest.approx(2_026, rel=0.035)
    assert streets.metadata["osm_timestamp"] == "2023-02-21T03:31:14Z"
    assert streets.crs.name == "WGS 84 / UTM zone 28N"
    junctions = streets.n_nodes - np.count_nonzero(np.bincount(streets.edge_nodes.ravel()) <= 1)
    assert 15_000 <= junctions <= 21_000


def test_squares_of_helsinki_are_crossed(city):
    streets = city("helsinki").streets
    square = streets.traits["square"]
    assert 2_000 <= square.sum() <= 3_500
    u, v = streets.edge_nodes[square].T
    straight = np.hypot(*(streets.node_xy[u] - streets.node_xy[v]).T)
    assert np.allclose(streets.edge_length_m[square], straight, rtol=1e-3)  # by UTM, and true


@pytest.mark.parametrize("name", ["helsinki", "beijing-haidian-2017", "monaco", LAS_PALMAS])
def test_no_land_is_scored_twice(city, name):
    found = city(name)
    assert len(found.areas) >= 5
    assert shapely.is_valid(found.areas.geometry.to_numpy()).all()
    assert found.areas.union_all().area == pytest.approx(found.areas.area.sum(), rel=1e-6)
    extent = found.streets.extent.buffer(0.01)
    within = extent.covers(found.areas.geometry.to_numpy())
    # Homes that the border of the extract crosses are in clusters of their own land.
    assert (found.areas["source"][~within] == "cluster of buildings").all()
    assert within.all() == (name != "beijing-haidian-2017")


def test_compounds_of_beijing(city):
    areas = city("beijing-xueyuanlu-2026").areas
    assert {"富润家园", "静淑苑", "石科院生活区"} <= set(areas["name"])
    walled = areas[areas["walled"]]
    assert "way/609225889" in walled.index
    assert len(walled) < len(areas) / 2
    assert set(walled["area_kind"]) == {"compound"}


def test_buildings_of_haidian(city):
    buildings = city("beijing-haidian-2017").buildings
    assert len(buildings) == pytest.approx(529, abs=10)
    assert buildings["residential"].sum() == 147
    assert not (buildings["residential"] & buildings["maybe_residential"]).any()


def test_entrances_and_gates_of_helsinki(city):
    found = city("helsinki")
    assert found.facilities["entrances"].notna().sum() >= 30
    assert 55 <= len(found.gates) <= 75
    assert "gate" in set(found.gates["kind"])


def test_an_extract_of_roads_alone_says_what_it_lacks(city):
    found = city("porto-alegre")
    assert len(found.areas) == 0
    assert any("maps no residential area" in note for note in found.notes)
    assert any("nobody lives here" in note for note in found.notes)
