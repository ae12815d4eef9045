"""Two real cities, cut through the middle: every verdict and every second is that of the whole."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Way

import quarterhour as qh
from country_worlds import cards_of, differences, uncut
from quarterhour.scoring.country import answering
from quarterhour.scoring.question import Question
from quarterhour.sources.country.split import Division, split_extract

HOMES, PLACES = 1500, 400
KINDS = [
    {"shop": "supermarket"},
    {"amenity": "pharmacy"},
    {"amenity": "school"},
    {"leisure": "park"},
    {"amenity": "clinic"},
    {"amenity": "library"},
]


def peopled(source, path):
    """Write an extract of streets alone with homes and places beside them."""
    at = {}
    last = {"n": 0, "w": 0}
    for one in osmium.FileProcessor(str(source)).with_locations():
        if one.is_node():
            last["n"] = max(last["n"], one.id)
        elif one.is_way():
            last["w"] = max(last["w"], one.id)
            if "highway" in one.tags:
                middle = one.nodes[len(one.nodes) // 2]
                at[one.id] = (middle.lon, middle.lat)
    rng = np.random.default_rng(15)
    spots = np.array(list(at.values()))[rng.permutation(len(at))[: HOMES + PLACES]] + 2e-4
    nodes, ways = [], []
    for k, (lon, lat) in enumerate(spots[:HOMES]):
        first = last["n"] + 1 + 4 * k
        corners = [(0, 0), (1e-4, 0), (1e-4, 1e-4), (0, 1e-4)]
        nodes += [(first + c, (lon + x, lat + y), {}) for c, (x, y) in enumerate(corners)]
        ways.append((last["w"] + 1 + k, [first, first + 1, first + 2, first + 3, first]))
    first = last["n"] + 1 + 4 * HOMES
    for k, spot in enumerate(spots[HOMES:]):
        nodes.append((first + k, tuple(spot), KINDS[k % len(KINDS)]))
    with osmium.io.Reader(str(source), osmium.osm.NOTHING) as reader:
        header = reader.header()
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for one in osmium.FileProcessor(str(source), osmium.osm.NODE):
            writer.add_node(one)
        for osmid, place, tags in nodes:
            writer.add_node(Node(id=osmid, location=place, tags=tags))
        for one in osmium.FileProcessor(str(source), osmium.osm.WAY):
            writer.add_way(one)
        for osmid, refs in ways:
            writer.add_way(Way(id=osmid, nodes=refs, tags={"building": "house"}))
        for one in osmium.FileProcessor(str(source), osmium.osm.RELATION):
            writer.add_relation(one)
    return path


@pytest.fixture(scope="module", params=["las-palmas", "porto"])
def city(request, shared_data, tmp_path_factory):
    """A city's extract, a question, and what one run answers."""
    source = shared_data(f"{request.param}.osm.pbf")
    if request.param == "porto":
        source = peopled(source, tmp_path_factory.mktemp("porto") / "porto.osm.pbf")
    question = Question.of("moreno-2016" if request.param == "porto" else "beijing-2011")
    return source, question, uncut(source, question)


@pytest.mark.long
@pytest.mark.parametrize("number", [4, 9])
def test_a_city_in_tiles_is_the_city(city, tmp_path, number):
    source, question, whole = city
    tiles = qh.split(source, tmp_path / "tiles", question, tiles=number)
    cards = cards_of(tiles, question)
    assert len(cards) == number
    assert len(whole.areas) > 100
    assert differences(whole, cards) == []


@pytest.mark.long
def test_the_coverage_of_a_city_in_tiles_is_that_of_the_city(city, tmp_path):
    source, question, whole = city
    tiles = qh.split(source, tmp_path / "tiles", question, tiles=4)
    qh.assess_tiles(tiles, question, out=tmp_path / "out")
    found = qh.open_results(tmp_path / "out")
    for measures, by in ((None, None), (["residence", "area", "item"], 1000.0)):
        got, want = found.coverage(measures, by), qh.coverage(whole, measures, by)
        assert got.drop(columns="geometry", errors="ignore").columns.tolist() == [
            name for name in want.columns if name != "geometry"
        ]
        for name in want.columns.drop("geometry", errors="ignore"):
            a, b = got[name], want[name]
            if b.dtype.kind == "f":
                np.testing.assert_array_equal(a.to_numpy(dtype=float), b.to_numpy())
            else:
                assert a.tolist() == b.tolist(), name


def at_a_seam(tiles, whole):
    """The home that lies nearest to where two tiles meet, and the tiles that hold it."""
    own = np.array([tile.own for tile in tiles.tiles], dtype=object)
    seams = shapely.union_all(shapely.boundary(own)).difference(shapely.union_all(own).boundary)
    homes = whole.origins.geometry.to_crs(4326)
    home = homes[homes.distance(seams).idxmin()]
    return home, [tile.name for tile in tiles.tiles if tile.own.distance(home) < 0.005]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
def test_a_scenario_and_isochrones_at_a_seam_of_a_city(city, tmp_path):
    source, question, whole = city
    tiles = qh.split(source, tmp_path / "tiles", question, tiles=4)
    home, beside = at_a_seam(tiles, whole)
    assert len(beside) > 1
    item = question.checklist.keys()[0]
    plan = qh.Scenario([qh.AddFacility((home.x, home.y), item=item)], "at the seam")
    then = qh.scenario(whole, plan).results.set_index(["area", "item"])
    before = whole.results.set_index(["area", "item"])
    table = gpd.GeoDataFrame(geometry=[home], crs=4326)
    table.attrs["datum"] = "wgs84"
    crs = whole.network.crs
    rings = qh.isochrones(table, whole.network, minutes=(5, 15)).geometry.to_crs(crs)
    changed = 0
    for name in beside:
        card = qh.assess_tile(tiles, name, question)
        mine = qh.scenario(card, plan).results.set_index(["area", "item"])
        mine = mine[mine.index.get_level_values("item") == item]
        want = then.loc[mine.index]
        assert mine["status"].tolist() == want["status"].tolist()
        apart = (mine["median_minutes"] - want["median_minutes"]).abs()
        assert not (apart > 1e-6 / 60).any()
        assert mine["median_minutes"].isna().equals(want["median_minutes"].isna())
        changed += int((want["median_minutes"] != before.loc[mine.index, "median_minutes"]).sum())
        got = qh.isochrones(table, card.network, minutes=(5, 15)).geometry.to_crs(crs)
        assert got.symmetric_difference(rings).area.max() < 1e-3 * rings.area.min()
    assert changed > 0


@pytest.mark.long
def test_a_city_with_a_halo_too_small_is_another(city, tmp_path, monkeypatch):
    source, question, whole = city
    monkeypatch.setattr(answering, "require_halo", lambda *_: None)
    tiles = split_extract(source, tmp_path / "tiles", Division(tiles=9), 100.0)
    found = differences(whole, cards_of(tiles, question))
    assert len(found) > 10
