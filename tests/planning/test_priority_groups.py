"""Priority groups: required items and weights of their own, at their own pace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError

ITEMS = [
    worlds.item("clinic", zh="卫生站"),
    worlds.item("market", weight=2.0),
    worlds.item("club", checkability="D"),
]


def card_of(**columns) -> qh.Scorecard:
    """West has a clinic at its door and a market at 1,000 m, east neither."""
    areas = worlds.points((0, 0), (3000, 0), index=["west", "east"], name=["西", "东"])
    areas = areas.assign(residents=[100.0, 300.0], **columns)
    places = worlds.points((10, 0), (1000, 0), item=["clinic", "market"])
    street = worlds.network_of([(0, 0), (4000, 0)])
    return qh.assess(areas, places, street, worlds.checklist(*ITEMS))


def test_what_a_group_lacks_is_listed_with_its_residents():
    card = card_of(residents_elderly=[20.0, 90.0])
    found = qh.group_needs(card, {"elderly": {"required": ["clinic", "market"]}})
    (row,) = found.groups.to_dict("records")
    assert (row["name"], row["unit"], row["required"]) == ("老年人", "residents", 2)
    assert (row["all_met"], row["some_unmet"], row["unknown"]) == (20.0, 90.0, 0.0)
    assert row["share"] == pytest.approx(20 / 110)
    assert found.lacking[["area", "name", "item", "residents"]].to_numpy().tolist() == [
        ["east", "东", "clinic", 90.0],
        ["east", "东", "market", 90.0],
    ]
    assert "elderly 18%" in repr(found)


def test_a_group_walks_at_its_own_pace():
    asked = {"required": "market"}
    card = card_of(residents_elderly=[20.0, 90.0])
    as_all = qh.group_needs(card, {"elderly": asked}).areas
    slow = qh.group_needs(card, {"elderly": asked | {"pace": "elderly"}})
    assert as_all["status"].tolist() == ["met", "unmet"]
    assert slow.areas["status"].tolist() == ["unmet", "unmet"]  # 1,000 m at 0.9 m/s is 18.5 min
    assert slow.groups["pace"].iloc[0].startswith("elderly")


def test_weights_of_a_group_take_the_place_of_those_of_the_checklist():
    card = card_of()
    asked = {"child": {"weights": {"clinic": 0, "market": 1}}, "elderly": {}}
    areas = qh.group_needs(card, asked).areas.set_index(["group", "area"])["items_met_share"]
    assert areas["child"].tolist() == [1.0, 0.0]
    assert areas["elderly"].tolist() == card.summary()["items_met_share"].tolist()
    lighter = qh.group_needs(card, {"child": {"weights": {"market": 0}}}).areas
    assert lighter["items_met_share"].tolist() == [1.0, 0.0]


def test_what_is_not_known_is_neither_met_nor_missing():
    card = card_of(residents_child=[10.0, np.nan])
    found = qh.group_needs(card, {"child": {"required": ["club", "卫生站"]}})
    assert found.areas["status"].tolist() == ["unknown", "unmet"]
    assert found.areas[["met", "unmet", "unknown"]].to_numpy().tolist() == [[1, 0, 1], [0, 1, 1]]
    assert found.groups[["all_met", "some_unmet", "unknown"]].to_numpy().tolist() == [[0, 0, 10]]
    assert pd.isna(found.groups["share"].iloc[0])
    assert found.lacking["residents"].isna().all()


def test_areas_count_where_nobody_counts_the_group():
    found = qh.group_needs(card_of(), {"disabled": {"required": ["clinic"]}})
    assert found.groups[["unit", "all_met", "some_unmet"]].to_numpy().tolist() == [["areas", 1, 1]]


def test_nothing_required_is_nothing_known():
    found = qh.group_needs(card_of(), {"child": {}})
    assert found.areas["status"].tolist() == ["unknown", "unknown"]
    assert found.lacking.empty


def test_needs_in_a_file_and_columns_of_a_table_in_chinese(tmp_path):
    (tmp_path / "needs.toml").write_text(
        '[low_income]\nrequired = ["卫生站"]\n["老人"]\nresidents = "old"\nrequired = ["market"]\n',
        encoding="utf-8",
    )
    found = qh.group_needs(card_of(old=[1, 2]), tmp_path / "needs.toml")
    assert found.groups["group"].tolist() == ["low_income", "老人"]
    assert found.groups["name"].tolist() == ["低保对象", "老人"]
    (tmp_path / "社区.csv").write_text(
        "名称,经度,纬度,人口,老年人口,未成年人数,残疾人数,低保人数,优抚对象\n"
        "甲,116.39,39.9,9000,1800人,1500,120,45,约30\n",
        encoding="utf-8",
    )
    table = qh.read_areas(tmp_path / "社区.csv", datum="wgs84")
    groups = ["elderly", "child", "disabled", "low_income", "entitled"]
    assert table[[f"residents_{g}" for g in groups]].iloc[0].tolist() == [1800, 1500, 120, 45, 30]


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ({}, "asks of no group"),
        ({"child": ["clinic"]}, "give a table"),
        ({"child": {"must": ["clinic"]}}, "say must: known are"),
        ({"child": {"required": ["nothing"]}}, "needs 'nothing', which tiny does not have"),
        ({"child": {"weights": {"clinic": -1}}}, "give a number from 0 up"),
        ({"child": {"weights": {"clinic": "2"}}}, "give a number from 0 up"),
        ({"child": {"weights": {"nothing": 1}}}, "needs 'nothing'"),
        ({"child": {"residents": "kids"}}, "no column 'kids'"),
        ({"child": {"pace": "runner"}}, "runner"),
        ("nowhere.toml", "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_said(needs, message):
    with pytest.raises(InputError, match=message):
        qh.group_needs(card_of(), needs)


def test_numbers_of_a_group_are_numbers():
    with pytest.raises(InputError, match="has to hold numbers"):
        qh.group_needs(card_of(residents_child=["many", "few"]), {"child": {}})
