"""The pages of plans in the report and their sheets in the workbook say what the plans say."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.plan_tables import changed_areas, changed_items, member_texts, site_table
from quarterhour.outputs.plan_words import plan_title
from quarterhour.outputs.report.report import report_html
from quarterhour.outputs.words import LANGS, Lang, number, say


@cache
def plans() -> dict[str, Any]:
    card = worlds.new_town()
    market = qh.AddFacility((116.9097, 39.6087), "food_market", "新菜市场")
    after = qh.scenario(card, [qh.CloseFacility("惠民菜市场"), market, qh.RemoveWall("梧桐苑")])
    return {
        "market <b>": qh.compare(card, after),
        "sites": qh.site(card, "food_market", k=4),
        "circles": qh.circles(card),
    }


@cache
def page(lang: Lang) -> str:
    return report_html(worlds.new_town(), lang=lang, sections=(), plans=plans())


def told(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def section(lang: Lang, place: int) -> str:
    whole = page(lang).partition(f'id="plan-{place}-{lang}"')[2]
    return whole.partition("</section>")[0]


@pytest.mark.parametrize("lang", LANGS)
def test_a_scenario_says_what_is_changed_who_gains_and_why(lang: Lang) -> None:
    html, plan = section(lang, 1), plans()["market <b>"]
    text = told(html)
    assert "market <b>" in text
    for key, sign in (("gained", "+"), ("lost", "−")):
        for table in (plan.items, plan.areas, plan.groups):
            for count in table[key][table[key] > 0]:
                assert f"{sign}{number(count)}" in text
    for why in plan.turned["why"]:
        assert say(lang, f"why_{why}") in text
    assert html.count("<li>") - html.count('class="box"') == 3
    assert html.count("→ <svg") == len(plan.turned)
    discs = re.findall(r'r="12.0"[^/]*/><text[^>]*>(\d+)<', html)
    assert sorted(discs) == ["1", "2", "3"]
    assert len(changed_items(plan)) + 23 == len(plan.items)
    assert len(changed_areas(plan)) == 3


def test_a_scenario_without_a_name_is_called_by_its_first_change() -> None:
    plan = plans()["market <b>"]
    assert plan_title(plan, 2, "", "zh") == "方案 2：关闭设施：惠民菜市场等 3 项改动"
    assert plan_title(plan, 2, "", "en") == "Plan 2: A place is closed: 惠民菜市场, and 2 more"
    assert plan_title(plan, 2, "菜市场", "zh") == "方案 2：菜市场"
    named = qh.Scenario([qh.CloseFacility("惠民菜市场")], "一场换一场")
    one = qh.compare(plan.before, qh.scenario(plan.before, named))
    assert plan_title(one, 2, "", "zh") == "方案 2：一场换一场"
    one = qh.compare(plan.before, qh.scenario(plan.before, named.changes))
    assert plan_title(one, 1, "", "zh") == "方案 1：关闭设施：惠民菜市场"
    years = qh.compare(plan.before, plan.before)
    assert plan_title(years, 1, "", "en") == "Comparison 1"


@pytest.mark.parametrize("lang", LANGS)
def test_new_places_are_numbered_on_map_table_and_curve(lang: Lang) -> None:
    html, plan = section(lang, 2), plans()["sites"]
    discs = re.findall(r'r="12.0"[^/]*/><text[^>]*>(\d+)<', html)
    assert sorted(discs) == ["1", "2", "3", "4"]
    text = told(html)
    for row in site_table(plan, lang).to_dict("records"):
        assert f"{row['lon']:.5f}, {row['lat']:.5f} +{number(row['gained'])}" in text
        assert row["where"] in text
    assert say(lang, "site_proven_cover", {"n": 4}) in text
    curve = html.partition('class="curve"')[2]
    assert curve.count("<circle") == len(plan.curve) == 5


@pytest.mark.parametrize("lang", LANGS)
def test_circles_have_a_line_each_and_who_is_in_none_is_told(lang: Lang) -> None:
    html, plan = section(lang, 3), plans()["circles"]
    rows = html.partition('class="circles')[2].partition("</table>")[0]
    assert rows.count("<tr>") - 1 == len(plan.circles)
    for members in member_texts(plan, lang).values():
        assert members in told(rows)
    left = html.partition('class="leftout')[2]
    assert left.count("<tr>") - 1 == len(plan.left_out)
    for row in plan.left_out.to_dict("records"):
        assert say(lang, f"circle_{row['reason']}") in told(left)


@pytest.mark.parametrize("lang", LANGS)
def test_the_head_leads_to_every_plan(lang: Lang) -> None:
    for href in re.findall(r'href="#([^"]+)"', page(lang).partition("</header>")[0]):
        assert f'id="{href}"' in page(lang)
    assert page(lang).partition("</header>")[0].count('href="#plan-') == 3


def test_places_are_told_by_their_own_name_and_the_area_around() -> None:
    card = worlds.new_town()
    at = card.areas.iloc[[0, 3]].representative_point()
    given = card.areas.iloc[[0, 3]][[]].set_geometry(at.set_axis(card.areas.index[[0, 3]]))
    given = given.assign(name=["旧厂房", None], required=True)
    plan = qh.site(card, "food_market", k=2, candidates=given)
    names = card.areas["name"].tolist()
    expected = {f"旧厂房 (in {one})" for one in _named(card, [0])} | set()
    texts = set(site_table(plan, "en")["where"])
    assert expected <= texts
    assert {f"in {one}" for one in _named(card, [3])} <= texts
    assert len(names) == len(card.areas)


def _named(card: qh.Scorecard, rows: list[int]) -> list[str]:
    return card.areas["name:en"].iloc[rows].tolist()


def test_a_plan_of_nothing_and_a_comparison_of_two_dates_are_told() -> None:
    card = worlds.new_town()
    html = report_html(card, lang="en", sections=(), plans=[qh.compare(card, card)])
    assert "Nobody gains or loses" in html
    assert "No list of changes" in html


def test_what_is_no_plan_is_refused(tmp_path: Path) -> None:
    card = worlds.new_town()
    for write, name in ((qh.write_report, "a.html"), (qh.write_workbook, "a.xlsx")):
        with pytest.raises(InputError, match="number 1 is a str"):
            write(card, tmp_path / name, plans=["market"])  # type: ignore[operator]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_workbook_has_sheets_for_every_plan(lang: Lang, tmp_path: Path) -> None:
    card = worlds.new_town()
    path = qh.write_workbook(card, tmp_path / "plans.xlsx", lang=lang, plans=plans())
    book = openpyxl.load_workbook(path)
    found = plans()
    sheets = {
        ("x_changes", 1): 3,
        ("x_turned", 1): len(found["market <b>"].turned),
        ("x_plan_items", 1): len(card.checklist),
        ("x_plan_areas", 1): len(card.areas),
        ("x_sites", 2): 4,
        ("x_curve", 2): 5,
        ("x_circles", 3): len(found["circles"].circles),
        ("x_members", 3): len(found["circles"].members),
        ("x_left", 3): len(found["circles"].left_out),
    }
    for (key, place), rows in sheets.items():
        assert book[f"{say(lang, key)} {place}"].max_row == rows + 1
    sites = [row[4] for row in book[f"{say(lang, 'x_sites')} 2"].iter_rows(2, values_only=True)]
    assert sites == found["sites"].sites["gained"].round().tolist()


def test_places_that_add_nobody_are_said_to_add_nobody() -> None:
    card = worlds.new_town()
    plan = qh.site(card, "food_market", k=6)
    adds = int((plan.sites["gained"] > 0).sum())
    assert adds < 6
    for lang, word in (("en", f"With the first {adds} everybody"), ("zh", f"建到第 {adds} 处")):
        html = report_html(card, lang=lang, sections=(), plans=[plan])  # type: ignore[arg-type]
        assert word in html
        assert "+0<" not in html


def test_a_nameless_link_has_a_length_and_a_nameless_place_a_position() -> None:
    card = worlds.new_town()
    crs = card.network.crs.to_string()
    one, other = card.network.node_xy[[0, -1]]
    link = qh.AddLink(shapely.LineString([one, other]), crs=crs)
    spot = shapely.line_interpolate_point(card.network.lines[0], 0.5, normalized=True)
    plan = qh.compare(card, qh.scenario(card, [qh.CloseStreet(at=spot, crs=crs), link]))
    text = told(report_html(card, lang="en", sections=(), plans=[plan]))
    assert re.search(r"A street is closed: at 116\.\d{5}, 39\.\d{5}", text)
    (metres,) = re.findall(r"A footway is added: about ([\d,]+) m long", text)
    assert float(metres.replace(",", "")) == pytest.approx(np.hypot(*(other - one)), rel=2e-3)
