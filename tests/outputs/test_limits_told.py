"""Limits are told in their own unit: in text, report, map and page of a notebook."""

from __future__ import annotations

import pytest

import quarterhour as qh
import worlds
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
