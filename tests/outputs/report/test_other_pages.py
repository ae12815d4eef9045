"""Pages of rooms, of the audit and of targets, and their sheets, say what these say."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.audit_words import repair_text
from quarterhour.outputs.report.report import report_html
from quarterhour.outputs.words import LANGS, Lang, number, percent, say, shares_down

TARGET = {"value": 0.9, "by": 2028, "measure": "area", "item": "food_market"}
TARGET |= {"zh": "九成小区有菜市场", "en": "nine of ten compounds with a food market"}


@cache
def town() -> qh.Scorecard:
    return worlds.new_town()


@cache
def faulty() -> qh.Scorecard:
    """A street that ends 8 m short of the next, with the shop behind the gap."""
    network = worlds.network_of([(0, 0), (500, 0)], [(508, 0), (1000, 0)], [(508, 0), (508, 900)])
    homes = worlds.points((100, 0), (900, 0), residents=[120.0, 80.0], name=["West", "East"])
    shops = worlds.points((700, 0), index=["s"], item="shop")
    lines = worlds.checklist(worlds.item("shop", limit_minutes=15))
    return qh.assess(homes, shops, network, lines)


@cache
def plans() -> dict[str, Any]:
    before = town().again(facilities=town().facilities.iloc[::2])
    return {
        "rooms": qh.site_rooms(town(), ["food_market", "pharmacy"], k=3),
        "last year": qh.compare(before, town()),
        "target": qh.progress(TARGET, {2025: before, 2026: town()}),
    }


def told(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def section(html: str, place: int, lang: Lang) -> str:
    return told(html.partition(f'id="plan-{place}-{lang}"')[2].partition("</section>")[0])


@cache
def page(lang: Lang) -> str:
    return report_html(town(), lang=lang, sections=(), plans=plans())


@pytest.mark.parametrize("lang", LANGS)
def test_rooms_say_what_each_serves_and_what_each_item_gains(lang: Lang) -> None:
    text, plan = section(page(lang), 1, lang), plans()["rooms"]
    for gained in plan.rooms["gained"]:
        assert f"+{number(gained)}" in text
    for row in plan.items.to_dict("records"):
        assert f"{row['places']} {number(row['before'])} {number(row['served'])}" in text
    assert page(lang).count('class="numbers"><circle') >= len(plan.rooms)


@pytest.mark.parametrize("lang", LANGS)
def test_two_years_are_a_comparison_and_no_plan(lang: Lang) -> None:
    head = {"zh": "比较 2：last year", "en": "Comparison 2: last year"}[lang]
    assert head in told(page(lang))
    assert say(lang, "plan_causes") in section(page(lang), 2, lang)


@pytest.mark.parametrize("lang", LANGS)
def test_the_first_page_has_a_sentence_of_each(lang: Lang) -> None:
    first = told(page(lang).partition("</header>")[0])
    change = plans()["last year"]
    assert number(change.gained) in first
    assert str(TARGET[lang]) in first


@pytest.mark.parametrize("lang", LANGS)
def test_a_target_says_what_was_reached_and_when_it_is_met(lang: Lang) -> None:
    text, plan = section(page(lang), 3, lang), plans()["target"]
    for value in plan.seen["value"]:
        assert percent(value) in text
    assert str(plan.met_in) in text
    now = qh.coverage(town(), "area").set_index("item")["share"]["food_market"]
    assert plan.seen["value"].iloc[-1] == now


@pytest.mark.parametrize("lang", LANGS)
def test_the_audit_says_where_whom_and_what_would_mend_it(lang: Lang) -> None:
    card = faulty()
    found = qh.audit(card, exact=1)
    worst = found.faults.iloc[0]
    assert (worst["kind"], worst["cut_off"]) == ("near_miss", 120)
    html = report_html(card, lang=lang, sections=(), plans=[found])
    text = section(html, 1, lang)
    assert say(lang, "fault_near_miss") in text
    assert repair_text(found.changes[worst["fault"]], lang) in text
    assert "8.0" in repair_text(found.changes[worst["fault"]], lang)
    assert f" 8 120 {number(worst['resident_minutes'])}" in text


def test_sheets_hold_the_numbers(tmp_path: Path) -> None:
    path = qh.write_workbook(town(), tmp_path / "x.xlsx", lang="en", plans=plans())
    book = openpyxl.load_workbook(path)
    rooms = list(book["new places 1"].iter_rows(values_only=True))
    gained = plans()["rooms"].rooms["gained"].round()  # people are whole
    assert [row[-1] for row in rooms[1:]] == gained.tolist()
    items = list(book["rooms and items 1"].iter_rows(values_only=True))
    assert [row[3] for row in items[1:]] == plans()["rooms"].items["served"].round().tolist()
    target = list(book["target and results 3"].iter_rows(values_only=True))
    assert [row[1] for row in target[1:]] == shares_down(plans()["target"].seen["value"]).tolist()
    found = qh.audit(faulty(), exact=1)
    path = qh.write_workbook(faulty(), tmp_path / "y.xlsx", lang="zh", plans=[found])
    faults = list(openpyxl.load_workbook(path)["路网可疑之处 1"].iter_rows(values_only=True))
    assert [row[5] for row in faults[1:]] == found.faults["cut_off"].tolist()


def test_the_map_says_which_plans_it_shows() -> None:
    with pytest.raises(InputError, match="is a Progress: give what compare"):
        qh.write_map(town(), "x.html", plans=[plans()["target"]])


def test_an_own_target_has_to_fit_the_scorecard() -> None:
    for wrong, why in (
        ({"measure": "circles"}, "has the measure 'circles'"),
        ({"item": "moon"}, "asks for item='moon'"),
        ({"measure": ""}, "has no measure"),
    ):
        with pytest.raises(InputError, match=why):
            qh.progress(TARGET | wrong, town())
    alone = qh.progress(TARGET | {"seen": [{"date": "2024", "value": 0.5}]}, town())
    assert alone.seen["date"].iloc[0] == "2024"
    assert alone.seen["date"].iloc[-1] == town().manifest["parameters"]["valid_on"]


def test_small_maps_are_drawn_for_what_is_known_and_stay_small() -> None:
    html = report_html(town(), lang="en")
    status = town().results.assign(known=town().results["status"] != "unknown")
    known = status.groupby("item")["known"].any()
    assert html.count('<svg class="small"') == len(town().checklist.groups) + int(known.sum())
    areas = worlds.points(*[(10 * n, 0) for n in range(4100)], residents=1.0)
    many = qh.assess(
        areas,
        worlds.points((0, 0), index=["s"], item="shop"),
        worlds.network_of([(0, 0), (42000, 0)]),
        worlds.checklist(worlds.item("shop")),
    )
    # 4,100 areas in two maps are dots: at most one on each spot of 4 units.
    with_dots = report_html(many, lang="en")
    small = re.findall(r'<svg class="small".*?</svg>', with_dots)
    assert len(small) == 2
    assert max(map(len, small)) < 2500
    assert say("en", "maps_dots") not in told(html)


@pytest.mark.parametrize("kind", ["polygon", "multipolygon", "point"])
def test_small_maps_take_areas_of_every_kind(kind: str) -> None:
    shape: Any = shapely.box(0, 0, 200, 100)
    shape = {"polygon": shape, "point": shape.centroid}.get(kind, shape)
    if kind == "multipolygon":
        shape = shapely.MultiPolygon([shape, shapely.box(300, 0, 400, 90)])
    areas = gpd.GeoDataFrame({"residents": [10.0]}, geometry=[shape], crs=worlds.CRS)
    shop = worlds.points((50, 0), index=["s"], item="shop")
    street = worlds.network_of([(-500, 0), (900, 0)])
    card = qh.assess(areas, shop, street, worlds.checklist(worlds.item("shop")))
    assert '<svg class="small"' in report_html(card, lang="zh")
