"""Columns of a user's own table on their way to a file."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from quarterhour.places.own_columns import own_columns, unwritable, writable


def test_numbers_truths_and_texts_stay_as_they_are():
    table = pd.DataFrame(
        {
            "flats": [12, 7],
            "rent": [3.5, np.nan],
            "built": pd.to_datetime(["1998-01-01", "2004-05-06"]),
            "lift": [True, False],
            "说明": ["好", None],
        },
        index=["A7", "B2"],
    )
    own = own_columns(table)
    pd.testing.assert_frame_equal(own[["flats", "rent", "built", "lift"]], table.iloc[:, :4])
    assert own["说明"].tolist() == ["好", None]


def test_the_shape_is_left_to_the_file_and_other_shapes_are_text():
    table = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(0, 0)], crs=4326)
    table["door"] = gpd.GeoSeries([Point(1, 2)], crs=4326)
    assert own_columns(table)["door"].tolist() == ["POINT (1 2)"]
    assert list(own_columns(table)) == ["a", "door"]


@pytest.mark.parametrize(
    ("cell", "told"),
    [([1, "二"], '[1, "二"]'), ({"k": 1}, '{"k": 1}'), ({"b", "a"}, '["a", "b"]'), (7, "7")],
)
def test_cells_that_no_file_can_hold_are_told_as_text(cell, told):
    table = pd.DataFrame({"x": pd.Series([cell, "text"], dtype=object)})
    assert own_columns(table)["x"].tolist() == [told, "text"]


def test_names_of_ours_are_not_overwritten_whatever_their_case():
    table = pd.DataFrame({"Met": [1], "met_original": [2], "MET": [3]})
    assert list(own_columns(table, ["met"])) == [
        "Met_original",
        "met_original_original",
        "MET_original_original_original",
    ]


def test_control_characters_are_counted_and_left_out():
    table = pd.DataFrame({"na\x00me": ["甲\x0b乙", "丙\n丁\t", None]})
    assert unwritable(table) == 2
    own = own_columns(table)
    assert list(own) == ["name"]
    assert own["name"].tolist() == ["甲乙", "丙\n丁\t", None]
    assert writable("\ud800a\ufffe") == "a"
