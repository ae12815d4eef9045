"""Facilities changed: what is answered at once is what the whole question answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.later import waits
from quarterhour.scoring.patched import untouched

CRS = worlds.CRS
SPOTS = {"a": (107.0, 130.0), "b": (500.0, 300.0), "c": (900.0, 900.0), "d": (300.0, 880.0)}
ITEMS = {"a": "shop", "b": "shop", "c": "bank", "d": "shop|bank"}


def town(**more: object) -> qh.Scorecard:
    """Nine areas on a grid of streets, four places of two items, of which one only is declared."""
    at = [(x, y) for x in (120.0, 480.0, 860.0) for y in (140.0, 520.0, 880.0)]
    areas = worlds.squares(*at, size=60.0, residents=100.0, name=[f"area {n}" for n in range(9)])
    places = worlds.points(*SPOTS.values(), index=list(SPOTS), name=list(SPOTS), **more)
    places["item"] = list(ITEMS.values())
    rare = worlds.item("board", limit_minutes=3, checkability="D")
    items = worlds.item("shop", limit_minutes=5), worlds.item("bank", limit_minutes=6), rare
    return qh.assess(areas, places, worlds.grid_world(), worlds.checklist(*items))


CHANGES = {
    "added": [qh.AddFacility((860.0, 160.0), "shop", crs=CRS)],
    "two added": [
        qh.AddFacility((860.0, 160.0), "shop", crs=CRS),
        qh.AddFacility((130.0, 860.0), "shop|bank", crs=CRS),
    ],
    "closed": [qh.CloseFacility("d")],
    "closed, and others are left": [qh.CloseFacility("b")],
    "moved": [qh.MoveFacility("b", (880.0, 140.0), crs=CRS)],
    "moved to the spot of another": [qh.MoveFacility("d", SPOTS["b"], crs=CRS)],
    "moved a little": [qh.MoveFacility("a", (109.0, 130.0), crs=CRS)],
    "something else": [qh.ChangeFacility("a", {"item": "bank"})],
    "an item that nobody had": [qh.AddFacility((480.0, 500.0), "board", crs=CRS)],
    "on the spot of another": [qh.AddFacility(SPOTS["b"], "shop", crs=CRS)],
}


def full_run(card: qh.Scorecard) -> qh.Scorecard:
    asked = card.asked
    assert asked is not None
    given = asked.areas, asked.facilities, asked.network, card.checklist
    return qh.assess(*given, origins=asked.origins)


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_told_at_once_is_what_a_full_run_tells(name):
    card = town()
    after = qh.scenario(card, CHANGES[name])
    told = qh.coverage(after), qh.compare(card, after)
    assert {"times", "matches", "kept"} <= waits(after)  # no whole table was needed for it
    whole = full_run(after)
    pd.testing.assert_frame_equal(after.results, whole.results, check_exact=True)
    pd.testing.assert_frame_equal(told[0], qh.coverage(whole), check_exact=True)
    again = qh.compare(card, whole)
    for part in ("turned", "pairs", "areas", "items", "groups", "matched", "unmatched"):
        pd.testing.assert_frame_equal(getattr(told[1], part), getattr(again, part))
    assert (told[1].gained, told[1].lost) == (again.gained, again.lost)
    for part in ("results", "times", "matches", "facilities"):
        mine, theirs = getattr(after, part), getattr(whole, part)
        pd.testing.assert_frame_equal(pd.DataFrame(mine), pd.DataFrame(theirs))


def test_a_scenario_of_a_scenario_is_that_of_both():
    card = town()
    one, other = CHANGES["added"][0], CHANGES["closed"][0]
    after = qh.scenario(qh.scenario(card, one), other)
    assert "times" in waits(after)
    whole = full_run(qh.scenario(card, [one, other]))
    pd.testing.assert_frame_equal(after.results, whole.results, check_exact=True)
    pd.testing.assert_frame_equal(after.times, whole.times, check_exact=True)
    assert len(after.manifest["scenario"]) == 2


def test_a_table_changed_in_place_is_asked_as_it_is_now():
    card = town()
    assert card.asked is not None
    card.asked.facilities.loc["a", "item"] = "bank"
    after = qh.scenario(card, CHANGES["added"])
    assert "kept" not in waits(after)
    pd.testing.assert_frame_equal(after.results, full_run(after).results, check_exact=True)


@pytest.mark.parametrize(("table", "column", "value"), [
    ("areas", "residents", 250.0),
    ("facilities", "name", "another"),
    ("origins", "share", 0.5),
])  # fmt: skip
def test_a_cell_changed_in_place_is_seen(table, column, value):
    card = town()
    asked = card.asked
    assert asked is not None
    homes = qh.origins(asked.areas)
    card = qh.assess(asked.areas, asked.facilities, asked.network, card.checklist, origins=homes)
    assert card.asked is not None
    given = getattr(card.asked, table)
    given.loc[given.index[0], column] = value
    assert not untouched(card.asked, card.kept)


@pytest.mark.parametrize("change", [
    lambda table: table.__setitem__("tag 9", 1),
    lambda table: table.loc.__setitem__(("b", "tag 9"), "another"),
    lambda table: table.insert(3, "more", "x"),
    lambda table: table.__setitem__("tag 3", table["tag 3"].astype("category")),
    lambda table: table["tag 0"].array.__setitem__(2, "another"),
    lambda table: table.geometry.array.__setitem__(0, shapely.Point(100.0, 130.0)),
])  # fmt: skip
def test_a_cell_changed_in_place_among_many_columns_of_objects_is_seen(change):
    tags = {f"tag {n}": ["x", "y", None, "z"] for n in range(12)}
    facilities = worlds.points(*SPOTS.values(), index=list(SPOTS), name=list(SPOTS), **tags)
    facilities = facilities.astype(dict.fromkeys(tags, object)).copy()
    facilities["item"] = list(ITEMS.values())
    kept = Kept()
    kept.table("facilities", facilities)
    assert kept.still("facilities", facilities)
    change(facilities)
    assert not kept.still("facilities", facilities)


def test_closing_a_place_asks_only_who_went_there_and_nothing_of_the_last_one():
    card = town()
    banks = card.matches.query("item == 'bank'")["facility"].tolist()
    for label in banks:
        card = qh.scenario(card, qh.CloseFacility(label))
    whole = full_run(card)
    assert (whole.results.query("item == 'bank'")["status"] != "met").all()
    pd.testing.assert_frame_equal(card.results, whole.results, check_exact=True)
    pd.testing.assert_frame_equal(card.times, whole.times, check_exact=True)


def test_a_place_listed_twice_goes_with_its_twin_at_once():
    twice = [*SPOTS.values(), (501.0, 301.0)]
    labels = [*SPOTS, "b again"]
    areas = town().areas
    places = worlds.points(*twice, index=labels, name=["a", "Market", "c", "d", "market"])
    places["item"] = [*ITEMS.values(), "shop"]
    items = worlds.item("shop", limit_minutes=5), worlds.item("bank", limit_minutes=6)
    card = qh.assess(areas, places, worlds.grid_world(), worlds.checklist(*items))
    after = qh.scenario(card, qh.CloseFacility("b"))
    assert qh.coverage(after)["numerator"].notna().any()
    assert "facilities" in waits(after)
    assert after.facilities.index.tolist() == ["a", "c", "d"]
    pd.testing.assert_frame_equal(after.results, full_run(after).results, check_exact=True)


def test_what_hangs_on_more_than_its_own_row_is_asked_of_the_whole():
    card = town()
    full = qh.scenario(card, qh.ChangeFacility("a", {"capacity": 0}))
    assert "kept" not in waits(full)
    two = worlds.checklist(
        worlds.item("shop", limit_minutes=5, at_least=2), worlds.item("bank", limit_minutes=6)
    )
    asked = card.asked
    assert asked is not None
    several = qh.assess(asked.areas, asked.facilities, asked.network, two)
    after = qh.scenario(several, qh.CloseFacility("b"))
    assert "kept" not in waits(after)
    whole = qh.assess(asked.areas, asked.facilities.drop(index="b"), asked.network, two)
    pd.testing.assert_frame_equal(after.results, whole.results, check_exact=True)


def test_the_first_place_that_there_is_to_walk_to_is_found():
    card = town()
    asked = card.asked
    assert asked is not None
    none = qh.assess(
        asked.areas,
        asked.facilities.assign(item=None),
        asked.network,
        card.checklist,
    )
    after = qh.scenario(none, CHANGES["added"])
    whole = full_run(after)
    assert (whole.results["status"] == "met").any()
    pd.testing.assert_frame_equal(after.results, whole.results, check_exact=True)


def test_what_cannot_be_done_is_said_of_the_change():
    with pytest.raises(InputError, match=r"Change 1 of 1: .*nothing says what it is"):
        qh.scenario(town(), qh.AddFacility((860.0, 160.0), crs=CRS))


def test_the_label_decides_between_two_as_near():
    card = town()
    spot = SPOTS["b"]
    before, behind = (
        qh.scenario(card, qh.AddFacility(spot, "shop", label=label, name=label, crs=CRS))
        for label in ("aa", "zz")
    )
    nearest = [
        np.unique(one.results.query("item == 'shop'")["facility"].dropna())
        for one in (before, behind)
    ]
    assert "aa" in nearest[0]
    assert "b" not in nearest[0]
    assert "zz" not in nearest[1]
