"""Who and what is in no score is counted, by reason, wherever a score is told."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

import quarterhour as qh
import worlds
from quarterhour.cli.scorecard_text import scorecard_lines
from quarterhour.outputs.words import left_out_text
from quarterhour.places.origins import origins
from quarterhour.scoring.left_out import COUNTED, REASONS, WHAT


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    """Five homes and seven places along 1 km of street; most of them out of the score."""
    areas = gpd.GeoDataFrame(
        {"residents": [300.0, 100.0], "walled": [False, True], "name": ["里", "苑"]},
        geometry=[box(0, 5, 400, 300), box(450, 5, 950, 500)],
        crs=worlds.CRS,
    )
    # The third is far from the street, behind a wall, the last two in no area.
    homes = worlds.squares((50, 20), (150, 20), (700, 380), (980, 20), (990, 20), levels=1.0)
    places = worlds.points(
        *((100, 5), (100, 5.2), (200, 5), (3000, 5), (420, 300), (700, 400), (300, 5)),
        item=["shop", "shop", "", "shop", "shop", "shop", "shop"],
        name=["一店", "一店", "山", "远店", "深店", "墙内店", "旧店"],
        valid_to=[None, None, None, None, None, None, "2001-01-01"],
    )
    street = worlds.network_of([(0, 0), (1000, 0), (1000, 900)])
    listed = worlds.checklist(worlds.item("shop"))
    return qh.assess(areas, places, street, listed, origins=origins(areas, homes))


def counts(card: qh.Scorecard, what: str) -> dict[str, int]:
    mine = card.left_out[card.left_out["what"] == what]
    return dict(zip(mine["reason"], mine["count"], strict=True))


def test_facilities_are_counted_by_the_first_reason_that_holds(card):
    assert counts(card, "facilities") == {
        COUNTED: 1,
        "serves_no_item": 1,
        "beyond_extent": 1,
        "not_snapped": 1,
        "behind_wall": 1,
        "not_in_service": 1,
        "listed_twice": 1,
    }


def test_residences_and_residents_are_counted(card):
    assert counts(card, "residences") == {COUNTED: 2, "not_snapped": 1, "in_no_area": 2}
    known = counts(card, "residents")
    assert known[COUNTED] + known["not_snapped"] == 400
    assert counts(card, "areas") == {COUNTED: 2}


def test_the_counts_of_each_thing_add_up(card):
    table = card.left_out
    assert (table.groupby("what")["count"].sum() == table.groupby("what")["of"].first()).all()


def test_every_reason_has_words_in_both_languages(card):
    assert set(card.left_out["reason"]) <= set(REASONS)
    assert set(card.left_out["what"]) <= set(WHAT)
    assert "facilities: 1 of 7 in the score" in "\n".join(left_out_text(card.left_out, "en"))
    assert "设施：7 中计入 1" in "\n".join(left_out_text(card.left_out, "zh"))


def test_terminal_report_and_manifest_say_it(card, tmp_path):
    lines = "\n".join(scorecard_lines(card, "en"))
    assert "residences: 2 of 5 in the score; 1 far from every street; 2 in no area" in lines
    qh.write_report(card, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "住宅：5 中计入 2" in text
    english = qh.write_report(card, tmp_path / "report-en.html", lang="en")
    assert "Residences: 2 of 5 in the score" in english.read_text(encoding="utf-8")
    card.save(tmp_path / "out")
    told = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert pd.DataFrame(told["left_out"]).equals(card.left_out)


def test_who_lives_in_two_areas_is_one():
    areas = gpd.GeoDataFrame(
        {"residents": [100.0, 300.0]},
        geometry=[box(0, 5, 200, 50), box(0, 5, 400, 50)],
        crs=worlds.CRS,
    )
    homes = worlds.squares((50, 20), (150, 20), (250, 20), levels=1.0)
    shop = worlds.points((100, 5), item="shop")
    card = qh.assess(
        areas,
        shop,
        worlds.line_world(),
        worlds.checklist(worlds.item("shop")),
        origins=origins(areas, homes),
    )
    assert counts(card, "residences") == {COUNTED: 3}
    assert counts(card, "residents") == {COUNTED: 200, "in_several_areas": 200}


def test_rows_that_a_reader_left_out_are_counted(tmp_path):
    path = tmp_path / "shops.csv"
    path.write_text("name,item,lon,lat\n店,shop,21.0001,47.0\n无,shop,,\n", encoding="utf-8")
    with pytest.warns(qh.QuarterhourWarning, match="1 rows"):
        shops = qh.read_facilities(path, datum="wgs84")
    street = worlds.network_of([(21.0, 47.0), (21.01, 47.0)], crs=4326)
    areas = gpd.GeoDataFrame(geometry=[Point(21.0, 47.0)], crs=4326)
    card = qh.assess(areas, shops, street, worlds.checklist(worlds.item("shop")))
    rows = counts(card, "facility_rows")
    assert rows.pop(COUNTED) == 1
    assert list(rows.values()) == [1]
