"""Measures of inequality: PySAL's, known values, and laws that they keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality.gini import Gini
from inequality.theil import Theil, TheilD

import quarterhour as qh
from tried import examples

SOME = st.lists(st.floats(0.01, 1000), min_size=2, max_size=40)


@examples(60)
@given(values=SOME)
def test_gini_and_theil_are_those_of_pysal(values):
    values = np.array(values)
    assert qh.gini(values) == pytest.approx(float(Gini(values).g), abs=1e-12)
    assert qh.theil(values) == pytest.approx(float(Theil(values).T), abs=1e-12)


@examples(40)
@given(values=SOME, seed=st.integers(0, 999))
def test_weights_are_people_one_by_one(values, seed):
    rng = np.random.default_rng(seed)
    values = np.array(values)
    people = rng.integers(0, 5, len(values))
    people[0] = 1
    rank = rng.integers(0, 4, len(values))
    each, ranks = np.repeat(values, people), np.repeat(rank, people)
    assert qh.gini(values, people) == pytest.approx(float(Gini(each).g), abs=1e-12)
    assert qh.theil(values, people) == pytest.approx(float(Theil(each).T), abs=1e-12)
    assert qh.palma(values, people) == pytest.approx(qh.palma(each), rel=1e-9)
    one, other = (
        qh.concentration_index(values, rank, people),
        qh.concentration_index(each, ranks),
    )
    assert one == pytest.approx(other, abs=1e-12)


@examples(40)
@given(values=SOME, seed=st.integers(0, 999))
def test_theil_between_and_within_are_those_of_pysal(values, seed):
    values = np.array(values)
    groups = np.random.default_rng(seed).integers(0, 3, len(values))
    parts = TheilD(values, groups)
    assert qh.theil_between(values, groups) == pytest.approx(float(parts.bg[0]), abs=1e-12)
    within = qh.theil(values) - qh.theil_between(values, groups)
    assert within == pytest.approx(float(parts.wg[0]), abs=1e-12)


def test_known_values():
    assert qh.gini([2, 2, 2]) == 0
    assert qh.gini([0, 0, 0, 8]) == 0.75
    # Of something that a share p has and the rest has not, Gini is 1 - p.
    assert qh.gini([0, 1], [30, 70]) == pytest.approx(0.3)
    # The worked example of Bellù & Liberati, FAO EASYPol 040: incomes 1,000 to 5,000.
    assert qh.gini(np.arange(1, 6) * 1000) == pytest.approx(4 / 15)
    assert qh.theil([0, 0, 0, 8]) == pytest.approx(np.log(4))
    assert np.isnan(qh.gini([0, 0]))
    assert np.isnan(qh.theil([0, 0]))
    assert np.isnan(qh.palma([0, 0]))


def test_palma_cuts_people_exactly():
    assert qh.palma([5, 5]) == pytest.approx(1)
    # Of two the upper one is cut: a tenth of 4 against 4 tenths of 1.
    assert qh.palma([1, 4]) == pytest.approx(4)
    assert qh.palma([0, 4]) == np.inf
    assert qh.palma([3, 1], rank=[1, 2]) == pytest.approx(1 / 3)
    # Who has the same rank has the mean of it.
    assert qh.palma([3, 1], rank=[1, 1]) == pytest.approx(1)


def test_concentration_is_the_covariance_with_the_rank():
    rng = np.random.default_rng(0)
    values, rank = rng.random(50), rng.random(50)
    share = (np.argsort(np.argsort(rank)) + 0.5) / 50
    expected = 2 * np.cov(values, share, bias=True)[0, 1] / values.mean()
    assert qh.concentration_index(values, rank) == pytest.approx(expected)
    assert qh.concentration_index(values, -rank) == pytest.approx(-expected)
    assert qh.concentration_index(values, values) == pytest.approx(qh.gini(values))
    assert np.isnan(qh.concentration_index([0, 0], [1, 2]))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (([1, np.nan],), "1 of 2 values are no numbers"),
        (([1, -1],), "1 of 2 values"),
        (([1, 2], [1, -1]), "1 of 2 weights"),
        (([1, 2], [1]), "1 weights do not fit 2 values"),
        (([],), "do not fit"),
        (([1, 2], [0, 0]), "nobody is counted"),
    ],
)
@pytest.mark.parametrize("function", [qh.gini, qh.theil, qh.palma])
def test_what_is_not_known_is_not_guessed(function, asked, told):
    with pytest.raises(qh.QuarterhourError, match=told):
        function(*asked)


def test_ranks_and_groups_fit():
    with pytest.raises(qh.QuarterhourError, match="1 ranks do not fit 2 values"):
        qh.concentration_index([1, 2], [1, np.nan])
    with pytest.raises(qh.QuarterhourError, match="1 groups do not fit"):
        qh.theil_between([1, 2], ["a"])
