from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import Point

from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classification_counts import classification_counts

ROWS = [
    {"name": "阳光菜市场", "typecode": "060703"},
    {"name": "阳光菜市场(暂停营业)", "typecode": "060703"},
    {"name": "老街早市", "typecode": None},
    {"name": "菜市场路口", "typecode": "190301"},
    {"name": "阳光社区居委会", "typecode": "130106"},
    {"name": "中石油(一店)", "typecode": "010100"},
    {"name": "中石油(二店)", "typecode": "010100"},
    {"name": "粮油批发市场", "typecode": "060703"},
    {"name": "厕所", "typecode": None, "amenity": "toilets", "access": "private"},
    {"name": "菜场", "typecode": None, "shop": "greengrocer"},
    {"name": "菜市场", "typecode": None, "highway": "bus_stop"},
    {"name": None, "typecode": None, "shop": "greengrocer"},
]


@pytest.fixture
def table() -> gpd.GeoDataFrame:
    points = [Point(number, 0) for number in range(len(ROWS))]
    return gpd.GeoDataFrame(ROWS, geometry=points, crs=32650)


def test_evidence_and_rules_are_counted(table: gpd.GeoDataFrame) -> None:
    report = classification_counts(table, Checklist.load("beijing-2011"))
    market = report.items.loc["food_market"]
    assert market["zh"] == "菜市场"
    assert (market["typecode"], market["name"], market["tag"]) == (1, 2, 0)
    assert (market["item_exclude"], market["global_exclude"]) == (1, 1)
    assert (market["typecode_veto"], market["osm_veto"]) == (1, 1)
    assert market["only_proxy"] == 1
    assert report.items.loc["public_toilet", "access"] == 1
    assert report.items.loc["party_office", "host"] == 1
    assert len(report.items) == 30


def test_the_rest_is_listed(table: gpd.GeoDataFrame) -> None:
    report = classification_counts(table, Checklist.load("beijing-2011"))
    assert (report.facilities, report.matched) == (12, 4)
    assert report.names["中石油"] == 2
    assert report.typecodes["010100"] == 2
    text = repr(report)
    assert "4 serve an item, 8 serve none" in text
    assert "中石油 (2)" in text
    assert "菜市场" in report._repr_html_()


def test_a_table_without_names(table: gpd.GeoDataFrame) -> None:
    report = classification_counts(table[["amenity", "geometry"]], Checklist.load("beijing-2011"))
    assert report.names.empty
    assert "serve no item: none." in repr(report)
