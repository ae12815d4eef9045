"""Parking that residents and offices share: cars and spaces by day and by night."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError

LOT = worlds.item("public_parking", limit_minutes=10)


def card_of(lots=None, *, areas=None, **options) -> qh.Scorecard:
    """Two compounds 2 km apart; unless said, an office's lot beside the first."""
    if areas is None:
        areas = {"cars": [140.0, 40.0], "spaces": [80.0, 60.0]}
    homes = worlds.points((0, 0), (2000, 0), index=["west", "east"], name=["西", "东"])
    lots = (
        worlds.points((150, 0), item="public_parking", name="写字楼", capacity=50)
        if lots is None
        else lots
    )
    street = worlds.network_of([(0, 0), (3000, 0)])
    return qh.assess(homes.assign(**areas), lots, street, worlds.checklist(LOT), **options)


def told(found, window, *columns) -> list:
    rows = found.areas[found.areas["window"] == window]
    return rows[list(columns)].to_numpy().tolist()


def test_eighty_spaces_and_a_hundred_and_forty_cars():
    lots = worlds.points((150, 0), item="public_parking", capacity_day=5, capacity_night=70)
    found = qh.parking(card_of(lots))
    columns = ("cars", "spaces", "short", "placed", "without", "spare")
    assert told(found, "night", *columns) == [[140, 80, 60, 60, 0, 0], [40, 60, 0, 0, 0, 20]]
    assert told(found, "day", "placed", "without") == [[5, 55], [0, 0]]
    lot = found.lots.set_index("window")
    assert lot.loc["night", ["spaces", "used", "free"]].tolist() == [70, 60, 10]
    assert lot.loc["day", ["spaces", "used", "free"]].tolist() == [5, 5, 0]
    assert found.areas["mean_minutes"].iloc[0] == pytest.approx(2.0)
    assert "day 5 of 60 cars; night 60 of 60 cars" in repr(found)


def test_fewer_cars_are_there_by_day():
    areas = {"cars": [140.0, 40.0], "cars_day": [60.0, np.nan], "spaces": [80.0, 60.0]}
    found = qh.parking(card_of(areas=areas))
    assert told(found, "day", "cars", "short", "spare") == [[60, 0, 20], [40, 0, 20]]


@pytest.mark.parametrize(
    ("columns", "day", "night"),
    [
        ({"capacity": 50}, 50, 50),
        ({"capacity": 50, "capacity_night": 0}, 50, 0),
        ({"capacity_hours": "7:00-19:00 30; 19:00-7:00 80"}, 30, 60),
        ({"capacity_hours": "７：００—１９：００：30个，19：00至7：00：80个"}, 30, 60),
        ({"capacity_hours": "18:00-8:00 40", "capacity": 99}, 0, 40),
        ({"capacity_hours": "看情况", "capacity": 20}, 20, 20),
        ({"capacity": 50, "status": "停用"}, None, None),
        ({"capacity": 50, "owner": "某厂", "consent": ""}, None, None),
    ],
)
def test_spaces_of_a_lot_by_the_hour(columns, day, night):
    card = card_of(worlds.points((150, 0), item="public_parking", **columns))
    if day is None:
        with pytest.raises(InputError, match="None of the 0 lots"):
            qh.parking(card)
        return
    found = qh.parking(card)
    assert [told(found, w, "placed")[0][0] for w in ("day", "night")] == [day, night]
    assert any("看情况" in note for note in found.notes) == ("看情况" in columns.values())


def test_a_lot_that_is_closed_has_no_spaces():
    pytest.importorskip("opening_hours")
    lots = worlds.points((150, 0), item="public_parking", capacity=50, opening_hours="18:00-08:00")
    for options in ({}, {"at": "2026-11-24 10:00"}):
        found = qh.parking(card_of(lots, **options))
        assert told(found, "day", "placed")[0] == [0]
        assert told(found, "night", "placed")[0] == [50]
    unread = qh.parking(card_of(lots.assign(opening_hours="看情况")))
    assert told(unread, "day", "placed")[0] == [50]
    assert "hours could not be read" in unread.notes[0]


def test_as_many_as_possible_are_placed_and_with_the_least_walking():
    """The nearer compound takes the farther lot, since the other one cannot."""
    lots = worlds.points(
        (700, 0), (300, 0), item="public_parking", capacity=[10, 10], index=["far", "near"]
    )
    homes = worlds.points((0, 0), (500, 0), index=["a", "b"], cars=[10.0, 10.0], spaces=0.0)
    street = worlds.network_of([(0, 0), (3000, 0)])
    card = qh.assess(homes, lots, street, worlds.checklist(LOT))
    found = qh.parking(card, minutes=5)  # 375 m: a reaches near alone, b both
    assert told(found, "day", "placed") == [[10], [10]]
    roomy = qh.parking(card.again(facilities=lots.assign(capacity=30)), minutes=10)
    assert told(roomy, "day", "mean_minutes") == [
        [pytest.approx(300 / 75)],
        [pytest.approx(200 / 75)],
    ]


@pytest.mark.parametrize("seed", range(5))
def test_nobody_parks_twice_and_no_lot_is_overfull(seed):
    rng = np.random.default_rng(seed)
    network = worlds.grid_world(8, 200.0)
    homes = worlds.strewn(network, 15, seed).assign(cars=rng.integers(0, 60, 15).astype(float))
    lots = worlds.strewn(network, 8, seed + 1).assign(
        item="public_parking", capacity=rng.integers(0, 90, 8)
    )
    card = qh.assess(homes.assign(spaces=10.0), lots, network, worlds.checklist(LOT))
    found = qh.parking(card)
    areas, used = found.areas, found.lots
    assert (areas["placed"] <= areas["short"] + 1e-6).all()
    assert (used["used"] <= used["spaces"] + 1e-6).all()
    sums = areas.groupby("window")["placed"].sum()
    assert sums.tolist() == pytest.approx(used.groupby("window")["used"].sum().tolist())
    further = qh.parking(card, minutes=15).areas.groupby("window")["placed"].sum()
    assert (further >= sums - 1e-6).all()


def test_households_stand_for_cars_where_nobody_counted_them():
    areas = {"households": [200.0, 100.0], "cars": [np.nan, 30.0], "spaces": [80.0, 60.0]}
    found = qh.parking(card_of(areas=areas), cars_per_household=0.5)
    assert told(found, "night", "cars") == [[100], [30]]


def test_what_is_not_counted_stays_unknown_and_is_said():
    areas = {"cars": [140.0, np.nan], "spaces": [80.0, np.nan]}
    lots = worlds.points((150, 0), (300, 0), item="public_parking", capacity=[50, None])
    found = qh.parking(card_of(lots, areas=areas))
    assert np.isnan(told(found, "night", "placed", "without")[1]).all()
    said = " ".join(found.notes)
    assert "Lots without a number of spaces, which have none here: 1 of 2." in said
    assert "Areas without a number of spaces of their own, which have none here: 1 of 2." in said


def test_lots_beyond_the_walk_help_nobody():
    found = qh.parking(
        card_of(worlds.points((1500, 0), item="public_parking", capacity=50)), minutes=5
    )
    assert told(found, "night", "placed", "without") == [[0, 60], [0, 0]]


def test_own_windows():
    lots = worlds.points((150, 0), item="public_parking", capacity=9, capacity_evening=33)
    found = qh.parking(card_of(lots), windows={"evening": "19:30"})
    assert told(found, "evening", "placed")[0] == [33]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"item": "garage"}, "garage"),
        ({"minutes": 0}, "is no walk"),
        ({"windows": {"day": "noon"}}, "no time of day"),
        ({"cars_per_household": -1}, "no number of cars"),
    ],
)
def test_what_cannot_be_asked_is_said(options, message):
    with pytest.raises(qh.QuarterhourError, match=message):
        qh.parking(card_of(), **options)


def test_cars_and_spaces_have_to_be_counted_by_somebody():
    with pytest.raises(InputError, match="add a column cars"):
        qh.parking(card_of(areas={"spaces": 10.0}))
    with pytest.raises(InputError, match="or say cars_per_household"):
        qh.parking(card_of(areas={"households": 10.0}))
    with pytest.raises(InputError, match="None of the 1 lots says"):
        qh.parking(card_of(worlds.points((150, 0), item="public_parking")))


def test_chinese_headings_are_recognised(tmp_path):
    (tmp_path / "小区.csv").write_text(
        "名称,经度,纬度,户数,机动车数,自有车位\n甲,116.39,39.9,200,140辆,80余\n", encoding="utf-8"
    )
    areas = qh.read_areas(tmp_path / "小区.csv", datum="wgs84")
    assert areas[["households", "cars", "spaces"]].iloc[0].tolist() == [200, 140, 80]
    (tmp_path / "车场.csv").write_text(
        "名称,经度,纬度,车位数,夜间车位,分时车位\n乙,116.39,39.9,30,70,7:00-19:00 30\n",
        encoding="utf-8",
    )
    lots = qh.read_facilities(tmp_path / "车场.csv", datum="wgs84")
    assert lots[["capacity", "capacity_night"]].iloc[0].tolist() == [30, 70]
    assert pd.notna(lots["capacity_hours"].iloc[0])
