"""The section that says how even things are, and sets groups of walkers side by side."""

from __future__ import annotations

import re

import numpy as np
import pytest

import quarterhour as qh
import worlds
from quarterhour.outputs.report.for_whom import for_whom, for_whom_of
from quarterhour.outputs.report.sections import SECTIONS


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_section_tells_the_numbers_of_the_tables(lang):
    card = worlds.new_town()
    html = for_whom(card, lang)
    assert html.count("<section") == html.count("</section>") == 1
    assert not re.search(r"\{\w+\}|\bnan\b|\bNone\b", html)
    for text in qh.coverage_text(card, "all_items", lang=lang)[:3]:
        assert text in html
    row = qh.equity(card).set_index(["of", "item"]).loc[("minutes", "food_market")]
    assert f"{row['mean']:.1f}" in html
    several = qh.redundancy(card).set_index("item").loc["food_market"]
    assert f"{several['one']:,.0f}" in html


def test_groups_stand_side_by_side_in_the_report(tmp_path):
    card = worlds.new_town()
    groups = qh.Groups.of(card, ["adult", "elderly"])
    out = qh.write_report(
        card, tmp_path / "r.html", lang="both", sections=(*SECTIONS, for_whom_of(groups))
    )
    text = out.read_text(encoding="utf-8")
    assert "老年人" in text
    assert "older person" in text
    gap = groups.to_frame()["gap"].max()
    assert f"{np.floor(gap * 1000) / 10:.1f}%" in text
    assert "Counted as all residents" in text


def test_without_residents_homes_are_counted():
    card = worlds.new_town()
    bare = qh.Scorecard(**(vars(card) | {"origins": card.origins.assign(residents=np.nan)}))
    assert "the table counts homes" in for_whom(bare, "en")
    groups = qh.Groups({"adult": bare}, {"adult": None})
    assert "<table" in for_whom_of(groups)(bare, "en")
