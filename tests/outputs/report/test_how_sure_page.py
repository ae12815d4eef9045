"""The section of the report that says how sure it is."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.how_sure import interval_text
from quarterhour.outputs.report import how_sure
from quarterhour.outputs.report.how_sure import how_sure_of
from quarterhour.outputs.report.parts import interval_bar
from quarterhour.outputs.report.sections import SECTIONS
from quarterhour.planning.uncertainty import Uncertainty


@cache
def sure() -> Uncertainty:
    return qh.uncertainty(worlds.new_town(), 40)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_section_tells_the_numbers_of_the_tables(lang):
    found, card = sure(), worlds.new_town()
    html = how_sure_of(found)(card, lang)
    assert html.count("<section") == html.count("</section>") == 1
    assert not re.search(r"\{\w+\}|\bnan\b|\bNone\b", html)
    for text in qh.uncertainty_text(found, lang=lang)[:2]:
        assert text in html
    assert qh.uncertainty_text(found, lang=lang)[-1] in html
    rows = found.coverage.query("measure == 'population' and low == low")
    assert html.count('class="bounds"') == len(rows)
    for low, high in zip(rows["low"], rows["high"], strict=True):
        assert f">{interval_text(low, high)}</td>" in html
    assert html.count('class="call"') == found.results["close_call"].sum()
    if lang == "zh":
        assert "walking_speed" not in html


def test_it_stands_in_the_report_of_both_languages(tmp_path):
    sections = (*SECTIONS, how_sure_of(sure()))
    out = qh.write_report(worlds.new_town(), tmp_path / "r.html", lang="both", sections=sections)
    text = out.read_text(encoding="utf-8")
    assert "95% 置信区间" in text
    assert "95% intervals" in text


def test_a_report_of_another_scorecard_is_refused():
    other = worlds.new_town().again(quota=0.9)
    with pytest.raises(InputError, match="another scorecard"):
        how_sure_of(sure())(other, "en")


def test_without_errors_nothing_moves_and_nothing_is_close():
    card = worlds.new_town()
    html = how_sure_of(qh.uncertainty(card, 2, sources=()))(card, "en")
    assert "0 of 360 answers are close calls" in html
    assert 'class="call"' not in html
    assert "What the intervals come from" not in html  # nothing was drawn
    assert '<td class="n">95.4%</td><td class="n">95.4%</td>' in html


def test_homes_stand_for_residents_where_nobody_has_counted():
    card = worlds.new_town()
    bare = card.again(origins=card.origins.assign(residents=np.nan))
    html = how_sure_of(qh.uncertainty(bare, 5))(bare, "en")
    assert "the table counts homes" in html


def test_areas_that_are_not_listed_are_counted(monkeypatch):
    monkeypatch.setattr(how_sure, "AREAS_SHOWN", 2)
    n = sure().results.query("close_call")["area"].nunique()
    html = how_sure_of(sure())(worlds.new_town(), "en")
    assert f"{n - 2} more areas are not shown here" in html


def test_the_bar_of_a_point_is_seen_and_stays_within():
    for at in (0.0, 0.5, 1.0):
        x, width = map(
            float, re.findall(r'<rect x="([\d.]+)" width="([\d.]+)"', interval_bar(at, at, at))[0]
        )
        assert width > 0
        assert 0 <= x <= x + width <= 100
    assert interval_bar(float("nan"), 1.0, 0.5) == ""
