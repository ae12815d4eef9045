"""Limits are told in their own unit: in text, report, map and page of a notebook."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import quarterhour as qh
import worlds
from quarterhour.cli.scorecard_text import gap_lines
from quarterhour.outputs.map.data import Walk, page_blocks
from quarterhour.outputs.report.report import report_html
from quarterhour.outputs.words import limit, searched

MINUTES = worlds.item("shop", limit_minutes=15)
METRES = worlds.item("stop", limit_minutes=None, limit_m=500.0)
FAR = worlds.item("park", limit_minutes=None, limit_m=800.0)


def card_of(*items) -> qh.Scorecard:
    shops = worlds.points((4000, 0), item="|".join(item.key for item in items))
    network = worlds.network_of([(0, 0), (4000, 0)])
    areas = worlds.points((0, 0), residents=[9.0])
    return qh.assess(areas, shops, network, worlds.checklist(*items))


@pytest.mark.parametrize(
    ("items", "en", "zh"),
    [
        ([MINUTES], "30 min", "30 分钟"),
        ([METRES], "1000 m", "1000 米"),
        ([METRES, FAR], "1600 m", "1600 米"),
        ([FAR, MINUTES], "30 min, 1600 m", "30 分钟、1600 米"),
        ([], "", ""),
    ],
)
def test_how_far_was_looked_is_told_in_the_units_of_the_limits(items, en, zh):
    assert searched(items, 2.0, "en") == en
    assert searched(items, 2.0, "zh") == zh


def test_a_limit_is_told_in_its_unit():
    assert [limit(item, "en") for item in (MINUTES, METRES)] == ["15 min", "500 m"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_on_metres_does_not_speak_of_minutes_of_search(lang):
    said = {"zh": ("1000 米的搜索范围", "30 分钟的"), "en": ("search of 1000 m", "of 30 min")}[lang]
    html = report_html(card_of(METRES), lang=lang)
    assert said[0] in html
    assert said[1] not in html
    assert said[1] in report_html(card_of(MINUTES), lang=lang)


def test_the_map_has_each_limit_in_its_own_unit_only():
    card = card_of(MINUTES, METRES)
    block = page_blocks(card, Walk((15.0,), qh.ADULT), isochrones=False)["card"]
    told = [(one["limit_minutes"], one["limit_m"]) for one in block["checklist"]["items"]]
    assert told == [(15, None), (None, 500)]


NEAR = worlds.item("stop", limit_minutes=None, limit_m=2000.0)


def walked(*items) -> qh.Scorecard:
    """An area at 0 m, places at 900.4 m; the walker makes 1.25 m/s."""
    places = worlds.points((900.4, 0), item="|".join(item.key for item in items), name="站")
    network = worlds.network_of([(0, 0), (4000, 0)])
    areas = worlds.points((0, 0), residents=[9.0])
    return qh.assess(areas, places, network, worlds.checklist(*items))


def test_results_and_gaps_have_metres_where_limits_are_in_metres():
    card = walked(METRES, MINUTES)
    row = card.results.set_index("item")
    lengths = ["median_metres", "worst_metres"]
    assert row.loc["stop", lengths].tolist() == pytest.approx([900.4, 900.4])
    assert row.loc["stop", "median_minutes"] == pytest.approx(900.4 / 75)
    assert row.loc["shop", lengths].isna().all()
    gaps = qh.gaps(card)
    assert gaps["median_metres"].tolist() == pytest.approx([900.4])
    assert list(gaps.columns).index("median_metres") > list(gaps.columns).index("worst_minutes")
    directory = qh.service_directory(card).set_index("item")
    lengths = ["metres", "median_metres"]
    assert directory.loc["stop", lengths].tolist() == pytest.approx([900.4, 900.4])
    for table in (card.results, qh.gaps(card), qh.service_directory(card)):
        assert not [c for c in walked(MINUTES).results if "metres" in c]
        assert [c for c in table if "metres" in c]


@pytest.mark.parametrize(
    ("items", "head", "cell"),
    [
        ([METRES], "median (m)", "901 m"),
        ([METRES, MINUTES], "median (min or m)", "901 m"),
        ([worlds.item("shop", limit_minutes=10)], "median (min)", "12.1"),
    ],
)
def test_the_report_tells_gaps_in_the_unit_of_the_limit(items, head, cell):
    html = report_html(walked(*items), lang="en")
    assert head in html
    assert f">{cell}<" in html
    assert (">12.1<" in html) == (cell == "12.1")


@pytest.mark.parametrize("items", [[METRES], [NEAR], [NEAR, MINUTES]])
def test_cards_tell_walks_in_the_unit_of_the_limit(items, tmp_path):
    html = qh.write_cards(walked(*items), tmp_path / "cards.html", lang="en").read_text("utf-8")
    assert "901 m" in html
    assert (">12.1<" in html) == (MINUTES in items)
    assert ("walk (min or m)" if MINUTES in items else "walk (m)") in html


@pytest.mark.parametrize("items", [[METRES], [METRES, worlds.item("shop", limit_minutes=10)]])
def test_the_workbook_has_a_column_for_each_unit(items, tmp_path):
    book = qh.write_workbook(walked(*items), tmp_path / "book.xlsx", lang="en")
    sheets = pd.read_excel(book, sheet_name=None)
    gaps = next(t for t in sheets.values() if "worst (m)" in t)
    walks = next(t for t in sheets.values() if "walk (m)" in t)
    both = len(items) == 2
    for table, head in ((gaps, "median"), (walks, "walk")):
        assert (f"{head} (min)" in table) == both
        mine = table[table["item"] == "Stop"].iloc[0]
        assert mine[f"{head} (m)"] == 901
        if both:
            other = table[table["item"] == "Shop"].iloc[0]
            assert np.isnan(mine[f"{head} (min)"])
            assert np.isnan(other[f"{head} (m)"])
            assert other[f"{head} (min)"] == pytest.approx(12.1)


def test_the_command_line_tells_gaps_in_the_unit_of_the_limit():
    only, both = (
        "\n".join(gap_lines(walked(METRES, *more), "en"))
        for more in ((), (worlds.item("shop", limit_minutes=10),))
    )
    assert "median metres" in only
    assert "901" in only
    assert "median walk" in both
    assert "901 m" in both
    assert "12.1 min" in both
    assert "median minutes" in "\n".join(
        gap_lines(walked(worlds.item("shop", limit_minutes=10)), "en")
    )


def test_the_map_has_metres_for_items_in_metres():
    block = page_blocks(walked(METRES, MINUTES), Walk((15.0,), qh.ADULT), isochrones=False)["card"]
    assert block["results"]["metres"] == [901, -1]
    block = page_blocks(walked(MINUTES), Walk((15.0,), qh.ADULT), isochrones=False)["card"]
    assert block["results"]["metres"] == []


def test_the_figure_of_gaps_counts_metres():
    figure = qh.plot_gaps(walked(METRES), lang="en")
    told = [text.get_text() for text in figure.findobj(Text)]
    assert "901" in told
    assert any("metres to the nearest" in text for text in told)
    figure = qh.plot_gaps(walked(METRES, worlds.item("shop", limit_minutes=10)), lang="en")
    assert {"901m", "12.1"} <= {text.get_text() for text in figure.findobj(Text)}
