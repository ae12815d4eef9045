"""Targets and when they are met: by hand, the published ones, and dates of every kind."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
from quarterhour.planning.targets import when


def test_the_published_targets_have_a_date_a_value_and_a_citation():
    table = qh.targets()
    assert table.index.is_unique
    assert (table["value"] > 0).all()
    assert table["citation"].str.len().min() > 5
    assert table["by"].map(when).between(2011, 2040).all()
    for key in table.index:
        found = qh.progress(key)
        assert len(found.seen) == table.loc[key, "seen"]
        assert found.seen["citation"].str.len().gt(5).all()


def test_published_results_are_those_of_the_published_figures():
    figures = qh.published_figures()["value"].astype(float)
    circles = qh.progress("beijing-circles-2011").seen["value"].tolist()
    names = ["circles-2010", "circles-2012", "circles-2017", "circles-2018"]
    assert circles == figures[names].tolist()
    share = qh.progress("beijing-urban-communities-2015").seen["value"]
    urban = figures["urban-communities-2011"]
    assert share[0] == pytest.approx(figures["communities-2010"] / urban, abs=1e-6)
    assert share[1] == pytest.approx(figures["communities-2012"] / urban, abs=1e-6)
    assert share[2] == figures["share-2017"] / 100
    assert (
        qh.targets()["value"]["beijing-urban-communities-2015"] == figures["share-goal-2015"] / 100
    )


def test_the_series_of_beijing():
    circles = qh.progress("beijing-circles-2011")
    # 166 at the end of 2010, 622 two years later: 300 after 0.59 years.
    assert (circles.met, circles.met_in, circles.in_time) == (True, 2011, True)
    assert np.isnan(circles.needed_per_year)
    urban = qh.progress("beijing-urban-communities-2015")
    # 41.1 % at the end of 2012, 87.5 % 4.92 years later: 60 % after 2.004 years.
    assert (urban.met, urban.met_in) == (True, 2015)
    everyone = qh.progress("beijing-all-communities-2020")
    assert not everyone.met
    assert everyone.per_year == pytest.approx(0.025 / (10 / 12))
    assert everyone.met_in == 2022
    assert everyone.in_time is False
    assert everyone.needed_per_year == pytest.approx(0.1 / 2.25)
    assert "2022 at the pace seen" in repr(everyone)


def test_a_target_of_which_nothing_is_known():
    xuzhou = qh.progress("xuzhou-coverage-2020")
    assert (xuzhou.met, xuzhou.met_in, xuzhou.in_time) == (False, None, None)
    assert "no result is known" in repr(xuzhou)
    one = qh.progress("national-convenience-2030")
    assert one.met_in is None
    assert one.in_time is None
    assert one.needed_per_year == pytest.approx((10_000 - 8132) / 5)
    assert "one result shows no pace" in repr(one)


def test_your_own_target_and_your_own_results():
    mine = qh.progress({"value": 0.9, "by": "2027-06"}, {"2025-06-30": 0.7, "2024-06-30": 0.6})
    assert mine.seen["value"].tolist() == [0.6, 0.7]
    assert mine.seen["of_target"].tolist() == pytest.approx([2 / 3, 7 / 9])
    assert mine.per_year == pytest.approx(0.1, rel=1e-2)
    assert mine.met_in == 2027
    falling = qh.progress({"value": 0.9, "by": 2027}, pd.Series({2024: 0.8, 2025: 0.7}))
    assert (falling.met_in, falling.in_time) == (None, False)
    assert "not at the pace seen" in repr(falling)
    # Met once, lost, and met again: since then.
    again = qh.progress({"value": 10, "by": 2030}, {2020: 12, 2021: 8, 2022: 12})
    assert again.met_in == 2022
    first = qh.progress({"value": 10, "by": 2030}, {2020: 12})
    assert (first.met, first.met_in) == (True, 2020)
    late = qh.progress({"value": 10, "by": 2020}, {2021: 5})
    assert np.isnan(late.needed_per_year)


def test_moments_are_the_ends_of_what_is_told():
    assert when(2015) == when("2015-12") == when("2015-12-31") == 2016
    assert when(date(2016, 12, 31)) == 2017
    assert when(pd.Timestamp("2015-01-01 10:00")) == pytest.approx(2015 + 1 / 365)
    for wrong in ("last year", "2015-13", "2015-02-30", None):
        with pytest.raises(qh.QuarterhourError, match=r"date|month|day"):
            when(wrong)


@pytest.mark.parametrize(
    ("target", "seen", "told"),
    [
        ("mars-2030", None, "no target 'mars-2030': there are beijing-circles-2011"),
        ({"value": 0.5}, None, "has a value above 0 and a date"),
        ({"value": 0, "by": 2030}, None, "has a value above 0"),
        ({"value": 1, "by": 2030}, {2020: np.nan}, "1 results are no numbers"),
        ({"value": 1, "by": 2030}, {2020: 0.1, "2020-12": 0.2}, "of the same date"),
    ],
)
def test_what_is_no_target_is_said(target, seen, told):
    with pytest.raises(qh.QuarterhourError, match=told):
        qh.progress(target, seen)
