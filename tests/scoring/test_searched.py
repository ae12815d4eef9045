"""What is searched and judged again is what has changed; the rest is what it was, to the digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.scoring import searched
from quarterhour.scoring.classified import Classified, classified
from quarterhour.scoring.rows_before import RowsBefore
from quarterhour.standards.classify import classify
from tried import few_of


def same_answer(one: qh.Scorecard, other: qh.Scorecard) -> None:
    pd.testing.assert_frame_equal(one.results, other.results)
    pd.testing.assert_frame_equal(one.times, other.times)
    pd.testing.assert_frame_equal(one.matches, other.matches)


def fresh(card: qh.Scorecard) -> qh.Scorecard:
    """The same question asked of the same inputs, with nothing known beforehand."""
    asked, question = card.asked, card.question
    return qh.assess(
        asked.areas, asked.facilities, asked.network, question.checklist,
        origins=asked.origins, pace=question.pace, quota=question.quota,
        surveyed=question.surveyed, mode=question.mode,
    )  # fmt: skip


def asked_of(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The items of every search from now on."""
    seen: list[set[str]] = []
    search = searched.nearest_by_group

    def counted(homes, places, items, *args, **options):
        seen.append(set(items))
        return search(homes, places, items, *args, **options)

    monkeypatch.setattr(searched, "nearest_by_group", counted)
    return seen


def test_only_the_item_of_the_new_place_is_searched(monkeypatch):
    card = worlds.new_town()
    seen = asked_of(monkeypatch)
    spot = worlds.new_town().areas.geometry.iloc[0].centroid
    new = qh.AddFacility((spot.x, spot.y), "pharmacy", "x")
    after = qh.scenario(card, new)
    assert [len(items) for items in seen] == [1]  # what the new place serves, as one
    same_answer(after, fresh(after))


def test_another_walker_and_other_streets_search_everything(monkeypatch):
    card = worlds.new_town()
    seen = asked_of(monkeypatch)
    everything = set(card.times["item"])
    after = card.again(pace="elderly")
    assert set.union(*seen) == everything
    seen.clear()
    cut = qh.scenario(
        card, qh.CloseStreet(at=card.network.lines[3].centroid, crs=str(card.network.crs))
    )
    assert set.union(*seen) == everything
    for one in (after, cut):
        same_answer(one, fresh(one))


def test_the_results_of_a_card_may_be_written_to():
    card = worlds.new_town().again(quota=0.6)
    card.results["status"] = "met"
    after = card.again(facilities=card.facilities.iloc[1:])
    same_answer(after, fresh(after))


def test_an_item_that_comes_and_goes():
    card = worlds.new_town()
    mine = card.matches.loc[card.matches["item"] == "post_office", "facility"].unique()
    without = card.again(facilities=card.asked.facilities.drop(index=mine))
    same_answer(without, fresh(without))
    again = without.again(facilities=card.asked.facilities)
    same_answer(again, card)


@pytest.mark.parametrize("seed", few_of(5, 2))
@pytest.mark.parametrize("hosts", [True, False])
def test_classified_again_is_classified_anew(seed, hosts):
    rng = np.random.default_rng(seed)
    card = worlds.new_town() if seed % 2 else None
    table = card.asked.facilities if card else worlds.helsinki().facilities
    checklist = worlds.new_town().checklist
    before = classify(table, checklist, hosts=hosts)
    now = table.sample(frac=0.95, random_state=seed).copy()
    if seed != 3:
        now = now.sort_index()
    names = now["name"].to_numpy(dtype=object, copy=True)
    names[rng.integers(len(names), size=5)] = "惠民药店"
    now["name"] = pd.Series(names, index=now.index, dtype=now["name"].dtype)
    now["item"] = pd.Series(None, index=now.index, dtype=object)
    now.loc[now.index[7], "item"] = "pharmacy"
    parts = Classified.of(before, table, checklist), RowsBefore.of(now, table)
    found = classified(now, checklist, hosts=hosts, before=parts).matches
    anew = classify(now, checklist, hosts=hosts)
    pd.testing.assert_frame_equal(found, anew)
    assert found.attrs == anew.attrs


@pytest.mark.parametrize("seed", range(2))
def test_a_real_town_with_places_moved_added_and_gone(seed):
    rng = np.random.default_rng(seed)
    city = worlds.helsinki()
    homes = qh.origins(city.areas, city.buildings, city.gates)
    card = qh.assess(city.areas, city.facilities, city.streets, "beijing-2011", origins=homes)
    labels = rng.choice(city.facilities.index, 3, replace=False)
    spots = city.facilities.geometry.to_crs(4326).representative_point()
    at = spots.loc[rng.choice(city.facilities.index, 2)].tolist()
    plan = [
        qh.AddFacility(at[0], "pharmacy", "new one"),
        qh.MoveFacility(labels[0], at[1]),
        qh.CloseFacility(labels[1]),
        qh.ChangeFacility(labels[2], {"name": "R-kioski"}),
    ]
    for number in range(1, len(plan) + 1):
        after = qh.scenario(card, plan[:number])
        same_answer(after, fresh(after))


def test_a_gate_more_searches_only_the_homes_behind_the_wall(monkeypatch):
    card = worlds.new_town()
    behind = card.origins.loc[card.origins["way_out"] == "gates", "area"].value_counts()
    area = behind.index[-1]
    outline = card.areas.to_crs(card.network.crs).geometry.loc[area].boundary
    searched_homes: list[int] = []
    search = searched.nearest_by_group

    def counted(homes, *args, **options):
        searched_homes.append(len(homes.labels))
        return search(homes, *args, **options)

    monkeypatch.setattr(searched, "nearest_by_group", counted)
    gate = qh.OpenGate(outline.interpolate(0.3, normalized=True), area, crs=str(card.network.crs))
    after = qh.scenario(card, gate)
    assert searched_homes
    assert max(searched_homes) <= behind.iloc[-1] < len(card.origins) / 10
    same_answer(after, fresh(after))
