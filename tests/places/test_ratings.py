"""Ratings as people write them, as shares of the best one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from quarterhour.places.ratings import ratings_of


def scores(**columns) -> list[float]:
    return np.round(ratings_of(pd.DataFrame(columns)).score, 6).tolist()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["92%", "９５％"], [0.92, 0.95]),
        (["4.5/5", "8/10", "92/100分"], [0.9, 0.8, 0.92]),
        ([4.5, 4], [0.9, 0.8]),
        (["92分", "88"], [0.92, 0.88]),
        ([0.92, 1], [0.92, 1.0]),
        ([9.2, 5], [0.92, 0.5]),
        ([92, 4.5], [0.92, 0.045]),
        (["92%", 4.5], [0.92, 0.9]),
    ],
)
def test_any_scale(cells, expected):
    assert scores(satisfaction=cells) == expected


def test_the_scale_of_bare_numbers_is_told():
    notes = ratings_of(pd.DataFrame({"satisfaction": [4.5, 3]})).notes
    assert notes == ["satisfaction is read as out of 5: the largest of its numbers is 4.5."]
    assert ratings_of(pd.DataFrame({"satisfaction": ["90%", None]})).notes == []


@pytest.mark.parametrize("cell", ["满意", "120%", "-3", "6/5", "4/0", "1.2.3", ".", "5/."])
def test_what_is_no_rating_is_told_and_is_none(cell):
    ratings = ratings_of(pd.DataFrame({"satisfaction": ["90%", cell]}))
    assert np.isnan(ratings.score[1])
    assert f"1 cells of satisfaction are not understood: {cell!r}." in ratings.notes


def test_numbers_beyond_every_scale_are_none():
    assert np.isnan(scores(satisfaction=[4000, 90])).all()


def test_dimensions_stand_for_the_whole_where_it_is_not_known():
    columns = {
        "satisfaction": ["90%", None, None, None],
        "satisfaction_attitude": ["50%", "80%", "80%", None],
        "satisfaction_ability": ["50%", "60%", None, None],
    }
    ratings = ratings_of(pd.DataFrame(columns))
    assert ratings.score[:3].round(6).tolist() == [0.9, 0.7, 0.8]
    assert ratings.known.tolist() == [True, True, True, False]
    assert list(ratings.dimensions) == ["satisfaction_attitude", "satisfaction_ability"]


def test_rated_by_nobody_is_not_rated():
    columns = {"satisfaction": ["90%", "90%", "90%"], "satisfaction_n": [12, 0, None]}
    assert ratings_of(pd.DataFrame(columns)).known.tolist() == [True, False, True]
