"""Residential areas: duplicates, nesting, edges, walls, gates, clusters."""

import numpy as np
import pytest

from osm_worlds import STREET, box, node_xml, nodes, relation_xml, way_xml, write
from quarterhour.sources.osm.areas import area_source, parse_population
from quarterhour.sources.osm.read import read_osm

ROAD = nodes({1: (-50, -20), 2: (900, -20)}) + way_xml(1, [1, 2], STREET)
LAND = {"landuse": "residential"}


def read(tmp_path, *parts):
    return read_osm(write(tmp_path, ROAD, *parts))


def patch(osmid, west, south, east, north, tags):
    """A rectangle drawn as one closed way."""
    ring, refs = box(osmid * 10, west, south, east, north)
    return ring + way_xml(osmid, refs, tags)


@pytest.mark.parametrize(
    ("tags", "source"),
    [
        (LAND, "landuse=residential"),
        ({"place": "neighbourhood"}, "place=neighbourhood"),
        ({"place": "quarter"}, "place=quarter"),
        ({"place": "suburb"}, ""),
        ({"type": "multipolygon", "residential": "gated", "name": "苑"}, "residential=gated"),
        ({"type": "multipolygon", "residential": "gated"}, ""),
        ({"landuse": "retail"}, ""),
    ],
)
def test_what_makes_a_residential_area(tags, source):
    assert area_source(tags) == source


@pytest.mark.parametrize(
    ("text", "residents"), [("1200", 1200), ("1,200", 1200), ("~ 3 500", 3500), ("many", np.nan)]
)
def test_residents_from_the_population_tag(text, residents):
    assert parse_population({"population": text}) == pytest.approx(residents, nan_ok=True)


def test_the_table(tmp_path):
    tags = LAND | {"name": "双泉嘉苑", "name:en": "Shuangquan", "population": "900"}
    areas = read(tmp_path, patch(10, 0, 0, 100, 100, tags), patch(11, 200, 0, 300, 100, LAND)).areas
    assert areas.index.tolist() == ["way/10", "way/11"]
    assert areas["name"].tolist() == ["双泉嘉苑", None]
    assert areas["name:en"].tolist() == ["Shuangquan", None]
    assert areas["residents"].iloc[0] == 900
    assert np.isnan(areas["residents"].iloc[1])
    assert areas["area_kind"].tolist() == ["community"] * 2
    assert areas["walled"].tolist() == [False] * 2
    assert areas["source"].tolist() == ["landuse=residential"] * 2


def test_an_area_drawn_twice_counts_once_under_its_name(tmp_path):
    quarter = {"place": "quarter", "name": "Kallio"}
    parts = [
        patch(10, 0, 0, 100, 100, LAND | {"population": "70"}),
        patch(11, 1, 0, 101, 101, quarter),
    ]
    city = read(tmp_path, *parts)
    assert city.areas.index.tolist() == ["way/11"]
    assert city.areas["name"].tolist() == ["Kallio"]
    assert city.areas["residents"].tolist() == [70]
    assert "Residential areas drawn twice, counted once: 1." in city.areas.attrs["notes"]


def test_an_area_made_of_smaller_ones_gives_way_to_them(tmp_path):
    parts = [
        patch(10, 0, 0, 200, 100, {"place": "quarter", "name": "Parent"}),
        patch(11, 0, 0, 80, 100, LAND | {"name": "West"}),
        patch(12, 100, 0, 180, 100, LAND),
    ]
    city = read(tmp_path, *parts)
    assert city.areas.index.tolist() == ["way/11", "way/12"]
    assert city.areas["within"].tolist() == ["Parent", "Parent"]
    assert any("Residential areas that consist mostly of smaller" in note for note in city.notes)


def test_an_area_with_a_small_one_inside_is_scored_without_it(tmp_path):
    parts = [
        patch(10, 0, 0, 200, 100, LAND | {"name": "Parent"}),
        patch(11, 20, 20, 60, 60, LAND | {"name": "Child"}),
    ]
    city = read(tmp_path, *parts)
    assert (city.areas.area / 0.9996**2).round(-1).tolist() == [18_400, 1_600]
    assert city.areas["within"].tolist() == [None, "Parent"]
    assert "Residential areas scored without the smaller areas on their land: 1." in city.notes


def test_no_land_is_scored_twice_over_three_levels(tmp_path):
    parts = [
        patch(10, 0, 0, 400, 400, LAND | {"name": "A"}),
        patch(11, 0, 0, 200, 200, LAND | {"name": "B"}),
        patch(12, 0, 0, 150, 190, LAND | {"name": "C"}),
        patch(13, 380, 380, 450, 450, LAND | {"name": "D"}),
    ]
    areas = read(tmp_path, *parts).areas
    assert areas["name"].tolist() == ["A", "C", "D"]
    assert areas["within"].tolist() == [None, "B", None]
    assert areas.union_all().area == pytest.approx(areas.area.sum(), rel=1e-6)


def test_areas_at_the_edge_are_cut_and_those_outside_left_out(tmp_path):
    bounds = '<bounds minlon="27.0" minlat="60.16" maxlon="27.02" maxlat="60.18"/>'
    parts = [
        patch(10, -40, 100, 60, 200, LAND),
        patch(11, -190, 300, 10, 400, LAND),
        patch(12, 100, 100, 200, 200, LAND),
    ]
    city = read_osm(write(tmp_path, bounds, ROAD, *parts))
    assert city.areas.index.tolist() == ["way/10", "way/12"]
    assert city.areas.area["way/10"] == pytest.approx(6_000, rel=0.01)
    assert "Residential areas mostly outside the data, left out: 1." in city.notes
    assert "Residential areas cut at the edge of the data: 1." in city.notes


@pytest.mark.parametrize(
    ("wall", "walled"),
    [
        ([101, 102, 103, 100], True),
        ([101, 102], False),
        ([100, 101, 102, 103, 100], True),
    ],
)
def test_walls_along_half_of_the_outline(tmp_path, wall, walled):
    fence = way_xml(20, wall, {"barrier": "fence"})
    areas = read(tmp_path, patch(10, 0, 0, 100, 100, LAND), fence).areas
    assert areas["walled"].tolist() == [walled]
    assert areas["area_kind"].tolist() == ["compound" if walled else "community"]


def test_a_wall_some_metres_off_and_a_barrier_tag_of_the_area(tmp_path):
    near, refs = box(300, -4, -4, 104, 104)
    far, more = box(400, 191, -9, 309, 109)
    parts = [
        patch(10, 0, 0, 100, 100, LAND),
        patch(11, 200, 0, 300, 100, LAND),
        patch(12, 400, 0, 500, 100, LAND | {"barrier": "wall"}),
        near,
        far,
        way_xml(30, refs, {"barrier": "wall"}),
        way_xml(40, more, {"barrier": "wall"}),
    ]
    assert read(tmp_path, *parts).areas["walled"].tolist() == [True, False, True]


def street_world(*, side_gate, dead_end=False):
    """An area of 100 m with a street through its south side at a gate, and one to the east."""
    places = {31: (50, -20), 32: (50, 0), 33: (50, 50), 34: (100, 50), 35: (150, 50)}
    gates = {"n32": {"barrier": "gate"}}
    if side_gate:
        gates["n34"] = {"barrier": "lift_gate"}
    return [
        patch(10, 0, 0, 100, 100, LAND),
        nodes(places, **gates),
        way_xml(20, [31, 32, 33], STREET),
        way_xml(21, [33, 34] if dead_end else [33, 34, 35], STREET),
    ]


def test_entered_through_gates_only_is_a_compound(tmp_path):
    areas = read(tmp_path, *street_world(side_gate=True)).areas
    assert areas["area_kind"].tolist() == ["compound"]
    assert areas["walled"].tolist() == [False]


def test_one_street_without_a_gate_makes_it_open(tmp_path):
    assert read(tmp_path, *street_world(side_gate=False)).areas["area_kind"].iloc[0] == "community"


def test_a_path_that_ends_at_the_outline_does_not_open_it(tmp_path):
    parts = street_world(side_gate=False, dead_end=True)
    assert read(tmp_path, *parts).areas["area_kind"].iloc[0] == "compound"


def test_a_gate_far_from_the_outline_makes_no_compound(tmp_path):
    gate = node_xml(90, 50, 50, {"barrier": "gate"})
    areas = read(tmp_path, patch(10, 0, 0, 100, 100, LAND), gate).areas
    assert areas["area_kind"].tolist() == ["community"]


def test_multipolygon_areas_keep_their_holes(tmp_path):
    outer, o = box(100, 0, 0, 100, 100)
    inner, i = box(200, 40, 40, 60, 60)
    members = [("w", 10, "outer"), ("w", 11, "inner")]
    tags = {"type": "multipolygon", **LAND, "name": "Ring"}
    parts = [outer, inner, way_xml(10, o, {}), way_xml(11, i, {}), relation_xml(7, members, tags)]
    areas = read(tmp_path, *parts).areas
    assert areas.index.tolist() == ["relation/7"]
    assert areas.area.iloc[0] == pytest.approx(9_600, rel=1e-3)


def test_without_mapped_areas_homes_are_clustered(tmp_path):
    homes = [
        patch(10, 0, 0, 10, 10, {"building": "house"}),
        patch(11, 45, 0, 55, 10, {"building": "apartments"}),
        patch(12, 300, 0, 310, 10, {"building": "house"}),
        patch(13, 600, 0, 610, 10, {"building": "industrial"}),
    ]
    city = read(tmp_path, *homes)
    assert city.areas.index.tolist() == ["cluster/way/10", "cluster/way/12"]
    assert set(city.areas["source"]) == {"cluster of buildings"}
    assert any("2 clusters of 3 residential buildings" in note for note in city.notes)
    inside = city.areas.union_all().contains(city.buildings.geometry)
    assert inside.tolist() == [True, True, True, False]


def test_a_large_cluster_is_cut_to_pieces(tmp_path):
    rows = [
        patch(10 + i * 30 + j, 35 * i, 35 * j, 35 * i + 10, 35 * j + 10, {"building": "house"})
        for i in range(30)
        for j in range(30)
    ]
    areas = read(tmp_path, *rows).areas
    assert len(areas) == 9
    assert areas.area.max() <= 250_001


def test_clusters_of_buildings_of_unsaid_kind(tmp_path):
    parts = [
        patch(10, 0, 0, 10, 10, {"building": "yes"}),
        patch(11, 300, 0, 310, 10, {"building": "yes", "shop": "mall"}),
    ]
    city = read(tmp_path, *parts)
    assert len(city.areas) == 1
    assert city.buildings["maybe_residential"].tolist() == [True, False]
    assert any("building=yes" in note for note in city.notes)


def test_nothing_to_live_in_gives_an_empty_table_and_says_so(tmp_path):
    city = read(tmp_path)
    assert len(city.areas) == 0
    assert {"name", "residents", "area_kind", "walled", "source"} <= set(city.areas.columns)
    assert city.areas.crs == city.streets.crs
    assert any("neither residential areas nor residential buildings" in n for n in city.notes)
