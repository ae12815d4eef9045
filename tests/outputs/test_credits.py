"""Whose data is shown: what the readers set, the tables carry, and every picture names."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

import quarterhour as qh
import worlds
from quarterhour.outputs.credits import credit, credit_html, sources
from quarterhour.outputs.map.data import Walk, page_blocks
from quarterhour.outputs.report.report import report_html
from quarterhour.places.attribution import attribution_of

OSM_NAME = "© OpenStreetMap contributors"


def card_of(*, streets: str = "", areas: str = "", facilities: str = "") -> qh.Scorecard:
    lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs=worlds.CRS)
    places = worlds.points((300, 0), item="shop")
    homes = worlds.squares((100, 0), residents=[10.0], name=["A"])
    for table, said in ((lines, streets), (homes, areas), (places, facilities)):
        if said:
            table.attrs["attribution"] = said
    network = qh.WalkNetwork.from_edges(lines)
    return qh.assess(homes, places, network, worlds.checklist(worlds.item("shop")))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, []),
        ({"streets": "osm"}, ["osm"]),
        ({"areas": "osm"}, ["osm"]),
        ({"facilities": "osm", "streets": "osm"}, ["osm"]),
        ({"areas": "synthetic", "streets": "osm"}, ["synthetic", "osm"]),
        ({"facilities": "© City <of> X"}, ["© City <of> X"]),
    ],
)
def test_a_scorecard_names_whatever_any_of_its_tables_is_made_of(said, expected):
    assert sources(card_of(**said)) == expected


def test_figure_map_report_and_cards_name_the_same():
    card = card_of(streets="osm", areas="© City <of> X")
    figure = qh.plot_items_met(card, lang="en")
    told = " ".join(text.get_text() for text in figure.texts)
    assert f"© City <of> X · {OSM_NAME}" in told
    about = page_blocks(card, Walk((15.0,), card.question.pace), isochrones=False)["card"]["about"]
    assert about["credit"]["zh"] == "© City <of> X · © OpenStreetMap 贡献者"
    assert about["credit_html"]["zh"].startswith("© City &lt;of&gt; X · <a href=")
    report = report_html(card, lang="en")
    assert "© City &lt;of&gt; X" in report
    assert "Map data © OpenStreetMap contributors" in report


def test_nothing_is_named_that_nobody_said():
    card = card_of()
    assert credit(sources(card), "zh") == ""
    assert "OpenStreetMap contributors" not in report_html(card, lang="en")


def test_a_page_escapes_what_it_prints_and_links_to_the_licence():
    told = credit_html(["osm", "<b>"], "zh")
    assert "https://www.openstreetmap.org/copyright" in told
    assert told.endswith(" · &lt;b&gt;")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"osmid": [4711]}, "osm"),
        ({"osm_id": ["4711"]}, "osm"),
        ({"osmid": [[1, 2]]}, "osm"),
        ({"osmid": [0]}, ""),
        ({"osmid": [None]}, ""),
        ({"source": ["synthetic"]}, "synthetic"),
        ({"source": ["OpenStreetMap"]}, "osm"),
        ({"source": ["survey"]}, ""),
        ({}, ""),
    ],
)
def test_a_table_says_it_by_its_columns_where_no_reader_did(columns, expected):
    table = gpd.GeoDataFrame(columns, geometry=[Point(0, 0)], crs=worlds.CRS)
    assert attribution_of(table) == expected
    table.attrs["attribution"] = "mine"
    assert attribution_of(table) == "mine"


def test_readers_of_files_set_it(tmp_path: Path):
    table = gpd.GeoDataFrame(
        {"name": ["a"], "source": ["synthetic"]},
        geometry=[box(24.9, 60.1, 24.91, 60.11)],
        crs="EPSG:4326",
    )
    table.to_file(tmp_path / "a.gpkg")
    assert qh.read_areas(tmp_path / "a.gpkg").attrs["attribution"] == "synthetic"
    table.drop(columns="source").to_file(tmp_path / "b.gpkg")
    assert "attribution" not in qh.read_areas(tmp_path / "b.gpkg").attrs


def test_it_lasts_when_streets_are_saved_and_exchanged(tmp_path: Path):
    network = card_of(streets="synthetic").network
    network.save(tmp_path / "streets.npz")
    for again in (
        qh.WalkNetwork.load(tmp_path / "streets.npz"),
        qh.WalkNetwork.from_networkx(network.to_networkx()),
    ):
        assert again.metadata["attribution"] == "synthetic"


def test_streets_with_ids_of_openstreetmap_say_so():
    line = gpd.GeoDataFrame(
        {"osmid": [12]}, geometry=[LineString([(0, 0), (9, 0)])], crs=worlds.CRS
    )
    network = qh.WalkNetwork.from_edges(line)
    assert network.metadata["attribution"] == "osm"


def test_an_extract_is_openstreetmaps_unless_its_file_says_that_it_is_made_up():
    real = worlds.helsinki()
    for table in (real.areas, real.facilities, real.buildings, real.gates):
        assert table.attrs["attribution"] == "osm"
    assert real.streets.metadata["attribution"] == "osm"
    assert sources(worlds.new_town()) == ["synthetic"]
