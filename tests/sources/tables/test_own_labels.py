"""Ids of a table's own are the labels of its rows."""

from __future__ import annotations

import warnings

import geopandas as gpd
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import QuarterhourWarning

CODES = ["A7", "B2", "C9"]


def areas(**columns: list[object]) -> gpd.GeoDataFrame:
    table = worlds.squares((150, 130), (650, 130), (150, 830), name=["甲", "乙", "丙"], **columns)
    return table.to_crs(4326)


def read(table: gpd.GeoDataFrame, **options: object) -> gpd.GeoDataFrame:
    return qh.read_areas(table, datum="wgs84", **options)


def notes(table: gpd.GeoDataFrame) -> str:
    return " ".join(table.attrs["notes"])


@pytest.mark.parametrize(
    "header", ["id", "ID", "编号", "code", "小区编号", "社区_ID", "@id", "uid"]
)
def test_a_column_of_ids_is_the_label_and_stays(header):
    table = read(areas(**{header: CODES}))
    assert table.index.tolist() == CODES
    assert table[header].tolist() == CODES


def test_the_role_can_be_given():
    table = read(areas(id=[1, 2, 3], 地块=CODES), columns={"id": "地块"})
    assert table.index.tolist() == CODES
    assert table["id_original"].tolist() == [1, 2, 3]


def test_numbers_stay_numbers_and_leading_zeros_stay():
    assert read(areas(id=[7, 8, 9])).index.tolist() == [7, 8, 9]
    assert read(areas(id=[7.0, 8.0, 9.0])).index.tolist() == [7, 8, 9]
    assert read(areas(id=["007", " 08 ", "9"])).index.tolist() == ["007", "08", "9"]


def test_an_index_of_the_callers_own_stays():
    table = areas(id=[1, 2, 3]).set_axis(CODES)
    assert read(table).index.tolist() == CODES
    named = areas(id=[1, 2, 3]).set_axis(pd.Index([30, 20, 10], name="nr"))
    assert read(named).index.tolist() == [30, 20, 10]


def test_rows_without_an_id_of_their_own_are_known_by_their_number_and_said():
    ids = ["A7", None, "C9", "C9", "D1", "E5", "F6"]
    places = [(150 + 100 * n, 130) for n in range(7)]
    with pytest.warns(QuarterhourWarning, match=r"'id', 2 occur .* and 1 are missing"):
        table = read(worlds.squares(*places, id=ids).to_crs(4326))
    labels = ["A7", "row 1", "row 2", "row 3", "D1", "E5", "F6"]
    assert table.index.tolist() == labels
    assert "row 1, row 2, row 3" in notes(table)


def test_ids_that_name_hardly_a_row_are_refused_in_a_note_and_the_next_column_is_taken():
    with pytest.warns(QuarterhourWarning, match="does not name the rows"):
        table = read(areas(id=["x", "x", None]))
    assert table.index.tolist() == [0, 1, 2]
    with pytest.warns(QuarterhourWarning, match="'id' does not name"):
        table = read(areas(id=["x", "x", "x"], 编号=CODES))
    assert table.index.tolist() == CODES


def test_a_class_code_is_no_id():
    """Shapefiles of OpenStreetMap have osm_id for the thing and code for its kind."""
    shops = worlds.points((1, 1), (2, 2), (3, 3), osm_id=["5", "6", "7"], code=[2501, 2501, 2501])
    table = qh.read_facilities(shops.to_crs(4326), datum="wgs84")
    assert table.index.tolist() == ["5", "6", "7"]
    table = qh.read_facilities(shops.drop(columns="osm_id").to_crs(4326), datum="wgs84")
    assert table.index.tolist() == [0, 1, 2]
    assert "'code' does not name the rows" in notes(table)


def test_a_file_and_rows_that_are_left_out(tmp_path):
    path = tmp_path / "shops.csv"
    path.write_text(
        "编号,名称,经度,纬度,备注\n001,药店,24.9,60.1,甲\n002,菜店,,,乙\n003,书店,24.8,60.2,丙\n",
        encoding="utf-8",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = qh.read_facilities(path, datum="wgs84")
    assert table.index.tolist() == ["001", "003"]
    assert table["备注"].tolist() == ["甲", "丙"]


def test_shuffled_rows_give_the_same_answers_by_id():
    network = worlds.grid_world(12, 100.0)
    codes = {"id": CODES}
    shops = worlds.points(
        (150, 100), (820, 800), (500, 520), (300, 300),
        id=["s1", "s2", "s3", "s4"], name=["菜市场", "药店", "便利店", "邮局"],
    )  # fmt: skip

    def answers(homes: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> pd.DataFrame:
        card = qh.assess(
            read(homes),
            qh.read_facilities(places.to_crs(4326), datum="wgs84"),
            network,
            qh.Checklist.load("beijing-2011"),
        )
        return card.to_frame().sort_values(["area", "item"], ignore_index=True)

    straight = answers(areas(**codes), shops)
    shuffled = answers(areas(**codes).iloc[[2, 0, 1]].reset_index(drop=True), shops.iloc[::-1])
    assert set(straight["area"]) == set(CODES)
    assert "s1" in set(straight["facility"])
    pd.testing.assert_frame_equal(straight, shuffled)
