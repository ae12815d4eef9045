"""Places and functions are two numbers."""

from __future__ import annotations

import math

import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.standards.items import HostRule

ITEMS = [worlds.item(key) for key in ("room", "library", "court", "clinic")]


def card_of(places, *, hosts=(), **options) -> qh.Scorecard:
    checklist = worlds.checklist(*ITEMS, hosts=hosts)
    return qh.assess(worlds.points((0, 0)), places, worlds.line_world(), checklist, **options)


def test_a_room_with_three_uses_is_one_place_and_three_functions():
    places = worlds.points((0, 0), (300, 0), (600, 0), index=["a", "b", "c"])
    places["item"] = ["clinic", "room|library|court", None]
    places["name"] = ["甲", "乙", "丙"]
    places["services"] = [None, "调解、法律服务、图书，讲堂", "理发"]
    places["opening_hours"] = ["9:00-18:00", None, None]
    table = qh.functions(card_of(places))
    assert table.index.tolist() == ["b", "a"]
    assert table["functions"].tolist() == [3, 1]
    assert table["items"].tolist() == ["room|library|court", "clinic"]
    assert table["services"].tolist()[0] == 4
    assert math.isnan(table["services"].tolist()[1])
    assert table["hours_told"].tolist() == [False, True]
    assert table.attrs == {"places": 2, "functions": 4, "one_stop": 1}


def test_what_a_host_houses_is_counted_apart():
    rule = HostRule(("room",), ("library", "court"), 0.5, "judgement", "")
    places = worlds.points((0, 0), item="room|court")
    (row,) = qh.functions(card_of(places, hosts=[rule])).to_dict("records")
    assert (row["functions"], row["implied"], row["items"]) == (2, 1, "room|court|library")
    alone = card_of(places, hosts=[rule], mode="facility")
    assert qh.functions(alone)["implied"].tolist() == [0]


def test_a_place_listed_twice_is_one_with_the_functions_of_both():
    places = worlds.points((0, 0), (3, 0), item=["room", "library"], name="社区服务站")
    assert qh.functions(card_of(places)).attrs == {"places": 1, "functions": 2, "one_stop": 1}


def test_what_does_not_count_is_no_place():
    places = worlds.points((0, 0), (90, 0), item=["room", "clinic"], status=["停业", None])
    assert qh.functions(card_of(places))["items"].tolist() == ["clinic"]
    nothing = qh.functions(card_of(places.assign(status="停业")))
    assert nothing.empty
    assert nothing.attrs["functions"] == 0


def test_without_facilities_it_is_refused(tmp_path):
    card = card_of(worlds.points((0, 0), item="room"))
    card.save(tmp_path)
    (tmp_path / "asked.zip").unlink()
    alone = qh.read_scorecard(tmp_path, checklist=card.checklist)
    with pytest.raises(InputError, match="score it anew"):
        qh.functions(alone)


def test_the_new_town_has_fewer_places_than_functions():
    sums = qh.functions(worlds.new_town()).attrs
    assert 0 < sums["one_stop"] < sums["places"] < sums["functions"]
