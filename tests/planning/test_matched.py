"""What is the same thing in two tables: by id, else by the ground, never by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.planning.matched import matched_areas, matched_facilities

SHOPS = {"name": ["a", "b", "c"], "item": ["shop", "shop", "bank"]}


def town(order=(0, 1, 2), places=(0, 1, 2), labels=None, shift=0.0) -> qh.Scorecard:
    """Three areas and three places whose rows are numbered in any order."""
    at = np.array([(120.0 + shift, 120.0), (800.0, 700.0), (300.0, 900.0)])
    areas = worlds.squares(*at[list(order)], size=60.0, index=labels)
    residents = np.array([100.0, 200.0, 50.0])[list(order)]
    areas = areas.assign(name=[f"area {n}" for n in order], residents=residents)
    spots = np.array([(107.0, 130.0), (500.0, 300.0), (900.0, 900.0)])[list(places)]
    columns = {key: [some[n] for n in places] for key, some in SHOPS.items()}
    facilities = worlds.points(*spots, **columns)
    items = worlds.item("shop", limit_minutes=5), worlds.item("bank", limit_minutes=10)
    return qh.assess(areas, facilities, worlds.grid_world(), worlds.checklist(*items))


def test_the_order_of_rows_changes_nothing():
    one, mixed = town(), town(order=(2, 0, 1), places=(1, 2, 0))
    found = qh.compare(one, mixed)
    assert found.turned.empty
    assert (found.gained, found.lost, found.measure) == (0, 0, "residents")
    assert (found.pairs["why"] == "").all()
    assert found.unmatched.empty
    assert found.matched.to_numpy().tolist() == [
        [0, 1, "overlap", 1.0],
        [1, 2, "overlap", 1.0],
        [2, 0, "overlap", 1.0],
    ]


def test_what_changes_is_the_same_whatever_the_order():
    straight = qh.compare(town(), town(places=(1, 2)))
    mixed = qh.compare(town(order=(1, 2, 0)), town(order=(2, 0, 1), places=(2, 1)))
    assert straight.turned["why"].tolist() == mixed.turned["why"].tolist() == ["facility_gone"]
    for card, table in ((straight.after, straight.turned), (mixed.after, mixed.turned)):
        assert table["area"].map(card.areas["name"]).tolist() == ["area 0"]
    columns = ["item", "status_before", "status", "gained", "lost", "minutes_before"]
    pd.testing.assert_frame_equal(straight.turned[columns], mixed.turned[columns])
    assert straight.items.equals(mixed.items)


def test_ids_go_before_the_ground_and_numbers_of_rows_do_not():
    labels = ["w", "e", "n"]
    moved = matched_areas(town(labels=labels).areas, town(labels=labels, shift=500.0).areas)
    assert moved.how.tolist() == ["id", "id", "id"]
    assert moved.overlap.tolist() == [0.0, 1.0, 1.0]
    by_land = matched_areas(town().areas, town(shift=500.0).areas)
    assert by_land.before.tolist() == [1, 2]
    codes = [110101, 110102, 110103]  # numbers, and too large for rows
    assert len(matched_areas(town(labels=codes).areas, town(labels=codes, shift=500).areas)[0]) == 3


@pytest.mark.parametrize("labels", [["cluster/1", "cluster/2", "cluster/3"], ["0", "1", "2"]])
def test_clusters_and_numbers_in_text_are_matched_by_land(labels):
    one, two = town(labels=labels), town(order=(1, 2, 0), labels=labels)
    found = qh.compare(one, two)
    assert found.turned.empty
    assert found.matched["area"].tolist() == [labels[2], labels[0], labels[1]]


def test_an_outline_drawn_anew_is_the_area_that_shares_most_of_its_land():
    one = worlds.squares((0, 0), (100, 0), size=80.0, name=["x", "y"])
    two = worlds.squares((98, 3), (4, 2), (500, 0), size=80.0, name=["y", "x", "new"])
    found = matched_areas(one, two)
    assert (found.before.tolist(), found.after.tolist()) == ([0, 1], [1, 0])
    assert (found.overlap > 0.8).all()


def test_places_without_ids_are_known_by_name_and_place():
    one = worlds.points((0, 0), (100, 0), (200, 0), (300, 0), name=["a", "b", None, "d"])
    two = worlds.points((301, 0), (200, 0), (5, 0), (900, 0), name=["d", None, "a", "b"])
    found = matched_facilities(one, two)
    pairs = dict(zip(found.before.tolist(), found.after.tolist(), strict=True))
    assert pairs == {0: 2, 2: 1, 3: 0}
    # Moved far, and still row 1 of its name: that is the place, somewhere else.
    far = worlds.points((0, 0), (900, 0), (200, 0), (300, 0), name=["a", "b", None, "d"])
    assert matched_facilities(one, far).how.tolist()[1] == "name"


def test_labels_of_before_only_keep_apart_from_those_of_after():
    one = town(labels=["0", "1", "2"])
    two = town(order=(1, 2), labels=["0", "1"])
    found = qh.compare(one, two)
    assert found.before.areas.index.tolist() == ["0 (before)", "0", "1"]
    assert found.unmatched.to_numpy().tolist() == [["area", "0 (before)", "before"]]
    assert found.turned.empty


def test_folders_and_cards_compare_alike(tmp_path):
    one, two = town(), town(places=(1, 2))
    one.save(tmp_path / "then")
    two.save(tmp_path / "now")
    found = qh.compare(tmp_path / "then", str(tmp_path / "now"))
    assert found.turned.equals(qh.compare(one, two).turned)
    found = qh.compare(tmp_path / "then", two)
    assert found.turned.equals(qh.compare(one, two).turned)


def test_tables_streets_and_days_are_asked_the_question_of_the_other_side():
    card = town()
    fewer = card.facilities.iloc[1:]
    assert qh.compare(card, fewer).turned.equals(
        qh.compare(card, card.again(facilities=fewer)).turned
    )
    tables = qh.compare(card.facilities, fewer, of=card)
    assert tables.turned["why"].tolist() == ["facility_gone"]
    assert qh.compare(card, worlds.grid_world(12)).turned.empty
    years = card.facilities.assign(valid_to=["2022-06-30", None, None])
    dated = card.again(facilities=years)
    found = qh.compare(2021, "2022", of=dated)
    assert found.turned["status"].tolist() == ["unmet"]
    assert found.after.manifest["parameters"]["valid_on"] == "2022-12-31"


def test_extracts_are_asked_a_question():
    city = worlds.helsinki()
    question = qh.Question.of("moreno-2016")
    found = qh.compare(city, city, of=question)
    assert found.turned.empty
    assert len(found.areas) == len(city.areas)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ((2020, 2021, None), r"the day 2020-12-31 is not said: pass of= a scorecard"),
        ((2020, 2021, "card"), "of is a str"),
        (([1], [2], None), "not list"),
        (("2020-13-01", "2021", None), "is no year or day"),
        (("nowhere", "2021", None), "does not exist"),
    ],
)
def test_what_is_no_side_is_said(given, match):
    with pytest.raises(InputError, match=match):
        qh.compare(*given[:2], of=given[2])
