"""Facilities, buildings and gates of hand-made worlds."""

import numpy as np
import pytest
import shapely

from osm_worlds import FOOTWAY, STREET, box, node_xml, nodes, relation_xml, way_xml, write
from quarterhour.sources.osm.buildings import parse_levels
from quarterhour.sources.osm.read import read_osm

ROAD = nodes({1: (0, -20), 2: (400, -20)}) + way_xml(1, [1, 2], STREET)


def city(tmp_path, *parts):
    return read_osm(write(tmp_path, ROAD, *parts))


def test_facilities_of_all_three_kinds_with_their_tags(tmp_path):
    market, refs = box(11, 0, 0, 40, 30)
    park, ring = box(21, 100, 0, 200, 100)
    shop = {"shop": "bakery", "name": "面包房", "name:en": "Bakery", "addr:street": "学院路"}
    found = city(
        tmp_path,
        market,
        park,
        node_xml(31, 5, 5, shop),
        node_xml(32, 6, 5, {"highway": "bus_stop"}),
        node_xml(33, 7, 5, {"natural": "tree"}),
        node_xml(34, 8, 5, {"amenity": "no"}),
        node_xml(35, 9, 5, {"public_transport": "stop_position", "railway": "tram_stop"}),
        way_xml(12, refs, {"amenity": "marketplace", "building": "retail"}),
        way_xml(13, ring, {}),
        way_xml(14, ring, {"leisure": "track"}),
        relation_xml(5, [("w", 13, "outer")], {"type": "multipolygon", "leisure": "park"}),
        relation_xml(
            6, [("n", 32, "")], {"type": "public_transport", "public_transport": "stop_area"}
        ),
    ).facilities
    assert found.index.tolist() == [
        "node/31",
        "node/32",
        "node/35",
        "way/12",
        "way/14",
        "relation/5",
    ]
    assert found.loc["node/31", ["shop", "name", "name:en", "addr:street"]].tolist() == [
        "bakery",
        "面包房",
        "Bakery",
        "学院路",
    ]
    assert found.loc["node/31", "amenity"] is None
    assert found.geom_type.tolist() == ["Point"] * 3 + ["Polygon", "LineString", "Polygon"]
    assert found.area["way/12"] == pytest.approx(1200 * 0.9996**2, rel=1e-3)
    assert found.loc["way/12", "building"] == "retail"


def test_a_closed_way_is_one_facility(tmp_path):
    yard, refs = box(11, 0, 0, 40, 30)
    found = city(tmp_path, yard, way_xml(12, refs, {"amenity": "school"})).facilities
    assert found.index.tolist() == ["way/12"]
    assert found.index.is_unique


@pytest.mark.parametrize(
    "tags",
    [
        {"disused:shop": "bakery"},
        {"shop": "bakery", "disused": "yes"},
        {"shop": "vacant"},
        {"shop": "bakery", "opening_hours": "closed"},
        {"amenity": "cafe", "opening_hours": "off"},
        {"was:amenity": "school"},
        {"construction:amenity": "school"},
    ],
)
def test_closed_places_are_left_out_and_counted(tmp_path, tags):
    found = city(tmp_path, node_xml(31, 5, 5, tags), node_xml(32, 6, 6, {"shop": "books"}))
    assert found.facilities.index.tolist() == ["node/32"]
    assert any("1 facilities are tagged as closed" in n for n in found.facilities.attrs["notes"])
    assert any("1 facilities are tagged as closed" in note for note in found.notes)


def test_a_place_with_a_former_use_and_a_present_one_is_open(tmp_path):
    tags = {"disused:shop": "bakery", "amenity": "cafe"}
    assert len(city(tmp_path, node_xml(31, 5, 5, tags)).facilities) == 1


def test_relations_and_ways_that_form_no_area_keep_a_shape(tmp_path):
    places = nodes({11: (0, 0), 12: (50, 0), 13: (50, 50), 14: (90, 90)})
    site = [("n", 11, ""), ("n", 14, "")]
    found = city(
        tmp_path,
        places,
        way_xml(12, [11, 12, 13], {}),
        way_xml(13, [12, 13, 14], {"leisure": "slipway"}),
        relation_xml(5, [("w", 12, "outer")], {"type": "multipolygon", "amenity": "school"}),
        relation_xml(6, site, {"type": "site", "amenity": "clinic"}),
        relation_xml(7, [("w", 99, "outer")], {"type": "multipolygon", "amenity": "school"}),
    )
    shapes = found.facilities.geometry
    assert shapes.index.tolist() == ["way/13", "relation/5", "relation/6"]
    assert shapes.geom_type.tolist() == ["LineString", "LineString", "MultiPoint"]
    assert shapes["relation/5"].length == pytest.approx(100, abs=0.05)
    assert any("3 facilities form no area" in note for note in found.notes)
    assert any("1 facilities have no member" in note for note in found.notes)


def test_an_outline_cut_at_the_edge_is_closed_straight(tmp_path):
    park, refs = box(11, 0, 0, 100, 100)
    cut = [*refs[:4], 77, refs[0]]
    half = [refs[0], refs[1], 78, 79, refs[0]]
    found = city(
        tmp_path,
        park,
        way_xml(12, cut, {"leisure": "park"}),
        way_xml(13, [80, *refs[:3], 80], {"leisure": "garden"}),
        way_xml(14, half, {"leisure": "garden"}),
    )
    areas = found.facilities.area
    assert areas["way/12"] == pytest.approx(10_000, rel=1e-3)
    assert areas["way/13"] == pytest.approx(5_000, rel=1e-3)
    assert areas["way/14"] == 0
    assert any("2 facilities are cut at the edge" in note for note in found.notes)


def test_entrances_on_the_outline(tmp_path):
    doors = nodes(
        {11: (0, 0), 12: (20, 0), 13: (40, 0), 14: (40, 30), 15: (20, 30), 16: (0, 30)},
        n12={"entrance": "main"},
        n15={"entrance": "emergency"},
        n14={"entrance": "yes", "access": "no"},
        n16={"entrance": "yes"},
    )
    ring = [11, 12, 13, 14, 15, 16, 11]
    found = city(
        tmp_path,
        doors,
        way_xml(12, ring, {"amenity": "library", "building": "yes"}),
        way_xml(13, [11, 12, 13, 14, 11], {"shop": "mall"}),
        way_xml(14, [13, 14, 15, 13], {"shop": "books"}),
        relation_xml(5, [("w", 12, "outer")], {"type": "multipolygon", "office": "government"}),
    ).facilities
    assert found["entrances"].crs == found.crs
    library = shapely.get_coordinates(found.loc["way/12", "entrances"]) - (500_000, 6_670_000)
    assert np.allclose(np.sort(library, axis=0), [(0, 0), (20, 30)], atol=0.05)
    assert len(found.loc["way/13", "entrances"].geoms) == 1
    assert found.loc["way/14", "entrances"] is None
    assert found.loc["relation/5", "entrances"].equals(found.loc["way/12", "entrances"])


@pytest.mark.parametrize(
    ("tags", "levels"),
    [
        ({"building:levels": "6"}, 6),
        ({"building:levels": "2.5"}, 2.5),
        ({"building:levels": "5;12"}, 12),
        ({"building:levels": "3-4"}, 4),
        ({"building:levels": "18层"}, 18),
        ({"building:levels": "many", "height": "30 m"}, 10),
        ({"building:levels": "0", "height": "9.2"}, 3),
        ({"height": "1.5"}, np.nan),
        ({"building:levels": "99999"}, np.nan),
        ({}, np.nan),
    ],
)
def test_levels(tags, levels):
    assert parse_levels(tags) == pytest.approx(levels, nan_ok=True)


def test_buildings_and_which_of_them_are_homes(tmp_path):
    shapes = {"flats": 0, "shed": 20, "plain": 40, "shop": 60, "class": 80, "far": 300}
    tags = {
        "flats": {"building": "apartments", "building:levels": "6"},
        "shed": {"building": "garage"},
        "plain": {"building": "yes"},
        "shop": {"building": "yes", "shop": "supermarket"},
        "class": {"building": "yes"},
        "far": {"building": "yes"},
    }
    parts, first = [], 100
    for at, (name, x) in enumerate(shapes.items()):
        ring, refs = box(first, x, 0, x + 10, 10)
        parts += [ring, way_xml(100 + at, refs, tags[name])]
        first += 10
    land, land_refs = box(11, -5, -5, 120, 50)
    yard, yard_refs = box(21, 75, -1, 95, 20)
    found = city(
        tmp_path,
        land,
        yard,
        *parts,
        way_xml(11, land_refs, {"landuse": "residential"}),
        way_xml(21, yard_refs, {"amenity": "school"}),
        node_xml(31, 45, 5, {"shop": "bakery"}),
        node_xml(32, 46, 5, {"building": "yes"}),
        way_xml(22, [11, 12], {"building": "yes"}),
        way_xml(23, yard_refs, {"building": "no"}),
    )
    homes = found.buildings
    assert homes.index.tolist() == [f"way/{100 + at}" for at in range(6)]
    assert homes["residential"].tolist() == [True] + [False] * 5
    assert homes["maybe_residential"].tolist() == [False, False, True, False, False, False]
    assert homes["levels"].iloc[0] == 6
    assert homes["levels"].isna().sum() == 5
    assert any("buildings form no area" in note for note in found.notes) is False


def test_gates_are_what_a_walker_can_open(tmp_path):
    kinds = {
        11: {"barrier": "gate", "access": "private"},
        12: {"barrier": "lift_gate", "foot": "yes", "access": "no"},
        13: {"barrier": "gate", "foot": "no"},
        14: {"barrier": "gate", "access": "no"},
        15: {"barrier": "turnstile"},
        16: {"barrier": "bollard"},
        17: {"entrance": "yes"},
        18: {"entrance": "yes"},
        19: {"entrance": "staircase"},
    }
    places = "".join(node_xml(i, 10.0 * (i - 10), 0, tags) for i, tags in kinds.items())
    wall = way_xml(12, [11, 17, 19], {"barrier": "wall"})
    found = city(tmp_path, places, wall)
    assert found.gates.index.tolist() == ["node/11", "node/12", "node/15", "node/17"]
    assert found.gates["kind"].tolist() == ["gate", "lift_gate", "turnstile", "yes"]
    assert found.gates["access"].tolist() == ["private", "no", None, None]
    assert found.gates["foot"].tolist() == [None, "yes", None, None]
    assert any("2 gates are closed" in note for note in found.notes)


def test_tables_keep_the_contract(tmp_path):
    found = city(tmp_path, node_xml(31, 5, 5, {"shop": "books"}))
    tables = (found.facilities, found.areas, found.buildings, found.gates)
    for table in tables:
        assert table.crs == found.streets.crs
        assert table.index.is_unique
        assert table.attrs["datum"] == table.attrs["declared_datum"] == "wgs84"
        assert table.attrs["source"].endswith("world.osm")
        assert isinstance(table.attrs["notes"], list)
    assert found.streets.crs.name == "WGS 84 / UTM zone 35N"
    assert found.streets.metadata["source"] == "world.osm"
    assert len(found.streets.metadata["sha256"]) == 64
    assert "1 facilities" in repr(found)


def test_the_zone_is_that_of_the_data(tmp_path):
    south = '<node id="1" lat="-30.03" lon="-51.2"/><node id="2" lat="-30.02" lon="-51.2"/>'
    path = write(tmp_path, south, way_xml(1, [1, 2], FOOTWAY))
    assert read_osm(path).streets.crs.name == "WGS 84 / UTM zone 22S"
