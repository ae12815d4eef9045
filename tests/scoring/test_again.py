"""The same question with one thing changed: the answer of a full run, without its work."""

from __future__ import annotations

import copy
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.scoring import found
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.later import waits
from quarterhour.walking.pace import Profile

ITEMS = (
    worlds.item("shop"),
    worlds.item("bank", limit_minutes=None, limit_m=300.0),
    worlds.item("club", at_least=2, kind="commercial"),
)


def town() -> dict:
    """Two areas, two homes each, places with hours, contracts and a delivery."""
    network = worlds.grid_world()
    areas = worlds.squares((120, 120), (800, 700), size=60.0, index=["a", "b"])
    areas = areas.assign(name=["A", "B"], residents=[100.0, 200.0])
    places = worlds.points(
        *((100 * i + 7, 90 * i + 3) for i in range(9)),
        item=["shop", "bank", "club"] * 3,
        name=[f"place {i}" for i in range(9)],
        opening_hours=["Mo-Su 08:00-20:00", None, "24/7"] * 3,
        contracted=[True, False, False] * 3,
        service_mode=["on_site", "on_site", "delivered"] * 3,
    )
    return {"areas": areas, "facilities": places, "network": network}


def ask(world: dict, **words) -> qh.Scorecard:
    return qh.assess(**world, **({"checklist": worlds.checklist(*ITEMS)} | words))


def same(one: qh.Scorecard, other: qh.Scorecard) -> None:
    for table in ("results", "times", "matches"):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table))
    pd.testing.assert_frame_equal(one.summary(), other.summary())
    plain = [{k: v for k, v in card.manifest.items() if k != "made_at"} for card in (one, other)]
    assert plain[0] == plain[1]
    assert one.question == other.question


CHANGES = [
    {},
    {"pace": "elderly"},
    {"pace": Profile("quick", 2.0)},
    {"at": "2026-11-24 21:00"},
    {"quota": 1.0},
    {"surveyed": "all"},
    {"surveyed": ["shop", "club"]},
    {"contracted_only": True},
    {"mode": "facility"},
    {"checklist": worlds.checklist(worlds.item("shop", limit_minutes=2), *ITEMS[1:])},
    {"at": "2026-11-24 21:00", "pace": "wheelchair", "mode": "facility"},
]


@cache
def asked() -> tuple[dict, qh.Scorecard]:
    """A world and its answer, of which all tests ask again: none changes it."""
    world = town()
    return world, ask(world)


@pytest.mark.parametrize("change", CHANGES)
def test_again_is_a_full_run(change):
    world, card = asked()
    before = card.results.copy(), card.matches.copy(), dict(card.manifest)
    same(card.again(**change), ask(world, **change))
    pd.testing.assert_frame_equal(card.results, before[0])
    pd.testing.assert_frame_equal(card.matches, before[1])
    assert card.manifest == before[2]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(one, marks=[] if {"at", "mode"} & set(one) else pytest.mark.long)
        for one in CHANGES
    ],
)
def test_again_of_what_was_asked_again_is_a_full_run(change):
    world, card = asked()
    same(card.again(**change).again(pace="child"), ask(world, **(change | {"pace": "child"})))


@pytest.mark.parametrize("which", ["facilities", "network", "areas", "origins"])
def test_again_with_another_input_is_a_full_run(which):
    world, card = asked()
    other = {
        "facilities": world["facilities"].iloc[::2],
        "network": worlds.grid_world(n=12),
        "areas": world["areas"].assign(geometry=world["areas"].translate(90, 0)),
        "origins": qh.origins(world["areas"].assign(geometry=world["areas"].translate(0, 50))),
    }
    change = {which: other[which]}
    same(card.again(**change), ask(world | change))
    same(card.again(**change, pace="elderly"), ask(world | change, pace="elderly"))


def test_what_was_asked_at_an_hour_can_be_asked_at_none():
    world = town()
    same(ask(world, at="2026-11-24 21:00").again(at=None), ask(world))


def test_a_table_that_was_changed_in_place_counts_as_changed():
    world = town()
    card = ask(world)
    places = world["facilities"]
    places.loc[0, "item"] = "club"
    same(card.again(), ask(world))
    places.loc[3, "geometry"] = shapely.Point(640, 640)
    same(card.again(), ask(world))
    places["status"] = "closed"
    same(card.again(), ask(world))
    world["areas"].loc["a", "residents"] = 7.0
    homes = qh.origins(world["areas"])
    same(card.again(origins=homes), ask(world, origins=homes))


def test_what_does_not_depend_on_the_change_is_not_done_again(monkeypatch):
    done = []

    def counted(step):
        def count(*args, **words):
            done.append(step.__name__)
            return step(*args, **words)

        return count

    card = ask(town())
    for step in (found.classified, found._places):
        monkeypatch.setattr(found, step.__name__, counted(step))
    for place in ("quarterhour.streets.snap", "quarterhour.scoring.left_out"):
        for snap in ("start_positions", "end_positions"):
            monkeypatch.setattr(f"{place}.{snap}", lambda *_: pytest.fail("snapped again"))
    card.again(pace="elderly")
    card.again(at="2026-11-24 21:00", quota=0.9)
    assert done == []
    card.again(facilities=card.facilities.iloc[1:])
    assert done == ["classified", "_places"]
    done.clear()
    card.again(mode="facility")  # hosts are not looked at
    assert done == ["classified", "_places"]


def test_other_areas_need_homes_where_homes_were_given():
    world = town()
    card = ask(world, origins=qh.origins(world["areas"]))
    moved = world["areas"].assign(geometry=world["areas"].translate(90, 0))
    with pytest.raises(InputError, match="Other areas have other homes: pass origins="):
        card.again(areas=moved)
    homes = qh.origins(moved)
    same(card.again(areas=moved, origins=homes), ask(world | {"areas": moved}, origins=homes))


def test_a_scorecard_made_by_hand_knows_no_question():
    card = ask(town())
    bare = replace(card, question=None)
    with pytest.raises(InputError, match="does not know its question"):
        bare.again(pace="elderly")


def test_names_stand_for_nouns():
    world = town()
    world["facilities"]["item"] = "pharmacy"
    one = qh.assess(**world, checklist="beijing-2011", pace="elderly", surveyed="all")
    words = {"checklist": qh.Checklist.load("beijing-2011"), "pace": qh.profile("elderly")}
    same(one, qh.assess(**world, **words, surveyed=["all"]))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"pace": "runner"}, "no walker named 'runner'"),
        ({"pace": 1.2}, "pace=1.2 is no pace"),
        ({"checklist": 5}, "checklist is a int"),
        ({"quota": 0}, "quota=0 is no share"),
        ({"surveyed": "shoop"}, "surveyed names shoop"),
        ({"mode": "both"}, "mode='both' is not known"),
        ({"at": "yesterday"}, "yesterday"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_work(words, said):
    _, card = asked()
    with pytest.raises(InputError, match=said):
        card.again(**words)
    with pytest.raises(InputError, match=said):
        ask(town(), **words)


def test_a_pace_without_a_name_is_told_by_its_code_and_by_no_address():
    def level(network):
        return np.repeat(network.edge_length_m[:, None], 2, axis=1)

    told = [
        ask(town(), pace=pace).manifest["parameters"]["pace"]
        for pace in (
            level,
            lambda network: np.repeat(network.edge_length_m[:, None], 2, axis=1),
            lambda network: np.repeat(network.edge_length_m[:, None] / 2, 2, axis=1),
        )
    ]
    assert not any("0x" in one for one in told)
    assert len(set(told)) == 3
    assert "level (code " in told[0]


def test_doubts_about_the_datum_are_told_once():
    folder = worlds.SAMPLES / "new-town"
    areas = qh.read_areas(folder / "compounds.geojson", datum="wgs84")
    places = qh.read_facilities(folder / "amap_poi.csv", datum="wgs84")  # they are gcj02
    streets = qh.read_osm(folder / "streets.osm").streets
    with pytest.warns(QuarterhourWarning, match="Facilities: "):
        card = qh.assess(areas, places, streets, "beijing-2011")
    again = card.again(pace="elderly")  # a warning is an error here
    notes = [one.manifest["inputs"]["facilities"]["notes"] for one in (card, again)]
    assert notes[0] == notes[1]


@cache
def helsinki() -> tuple[qh.Scorecard, dict]:
    city = worlds.helsinki()
    homes = qh.origins(city.areas, city.buildings, city.gates)
    words = {
        "areas": city.areas,
        "facilities": city.facilities,
        "network": city.streets,
        "checklist": "beijing-2011",
        "origins": homes,
    }
    return qh.assess(**words), words


@pytest.mark.parametrize("change", [{"pace": "elderly"}, {"pace": "wheelchair"}, {"quota": 0.8}])
def test_again_equals_a_full_run_of_a_city(change):
    card, words = helsinki()
    same(card.again(**change), qh.assess(**words, **change))


def test_again_takes_less_than_half_of_the_time():
    card, words = helsinki()

    def best(run) -> float:
        times = []
        for _ in range(5):
            begin = time.process_time()
            run()
            times.append(time.process_time() - begin)
        return min(times)

    full = best(lambda: qh.assess(**words, pace="elderly"))
    assert best(lambda: card.again(pace="elderly")) < full / 2


def test_kept_steps_are_made_once_for_what_they_depend_on():
    kept, made = Kept(), []
    for depends in ((1, "a"), (1, "a"), (2, "a"), (2, "a")):
        assert kept.step("step", depends, lambda: made.append(1) or len(made)) == len(made)
    assert len(made) == 2
    other = kept.copy()
    other.step("step", (3, "a"), lambda: made.append(1))
    assert kept.step("step", (2, "a"), lambda: made.append(1)) == 2


def test_walks_and_manifest_of_an_answer_are_made_when_they_are_looked_at():
    card = worlds.new_town().again(quota=0.4)  # one that no other test looks at
    assert waits(card) == {"times", "manifest"}
    after = card.again(facilities=card.asked.facilities.iloc[1:])
    assert waits(after) == {"times", "manifest"}
    copied = pickle.loads(pickle.dumps(after))  # noqa: S301 - our own
    assert copied.times.equals(after.times)
    assert copied.manifest == after.manifest
    assert not waits(after)
    third = card.again(facilities=card.asked.facilities.iloc[1:])
    by_hand = qh.Scorecard(**{**vars(third), "question": None})
    assert by_hand.times.equals(after.times)
    assert copy.copy(third).times.equals(after.times)
    assert not hasattr(after, "tables")


def test_what_waits_is_made_for_every_thread_that_looks_at_it():
    card = worlds.new_town()
    meet = threading.Barrier(8)

    def look(_) -> tuple:
        meet.wait()
        return card.times, card.manifest

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(look, range(8)))
    assert all(times is card.times and told is card.manifest for times, told in found)


def test_what_is_written_to_the_tables_of_an_answer_is_not_in_its_manifest():
    card = worlds.new_town()
    table = card.asked.facilities.iloc[1:].copy()
    after, other = card.again(facilities=table), card.again(facilities=table.copy())
    after.matches["counts"] = "no"
    after.facilities["name"] = "x"
    table["name"] = "y"
    known = {key: value for key, value in other.manifest.items() if key != "made_at"}
    assert {key: value for key, value in after.manifest.items() if key != "made_at"} == known


@pytest.mark.long
def test_many_answers_after_one_another_wait_for_a_few_tables_only():
    card = worlds.new_town()
    one, other = (card.asked.facilities.iloc[k:] for k in (1, 2))
    after = card
    for step in range(25):
        after = after.again(facilities=(one, other)[step % 2])
    assert after.kept.last("searched")[1].times.waiting < 12
    assert after.times.equals(card.again(facilities=one).times)


def test_metres_walked_within_the_premises_count_at_both_ends_and_may_change() -> None:
    network = worlds.network_of([(0, 0), (1000, 0)])
    homes = worlds.squares((0, 0), residents=100.0, name="a")
    shop = worlds.points((500, 0), item="shop", name="Shop")
    card = qh.assess(homes, shop, network, worlds.checklist(worlds.item("shop")), surveyed="all")
    plain = card.times["seconds"].iloc[0]
    deep = shop.assign(inside_m=100.0)
    far = card.origins.assign(inside_m=50.0)
    for one in (
        card.again(facilities=deep),
        qh.assess(homes, deep, network, card.checklist, surveyed="all"),
        card.again(facilities=deep.assign(inside_m=40.0)).again(facilities=deep),
    ):
        assert one.times["seconds"].iloc[0] == pytest.approx(plain + 100 / 1.25)
    both = card.again(origins=far, facilities=deep)
    assert both.times["seconds"].iloc[0] == pytest.approx(plain + 150 / 1.25)
    assert both.again(origins=card.origins).times["seconds"].iloc[0] == pytest.approx(plain + 80)
