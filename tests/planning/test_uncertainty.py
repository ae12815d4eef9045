"""How sure: intervals from draws that full runs answer alike, and the scorecard itself of none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
from quarterhour.errors import InputError
from quarterhour.planning.error_source import Effect
from quarterhour.scoring.assess import assess
from worlds import checklist, item, network_of, new_town, points, squares


def town(*items, facilities, homes=((0, 0), (400, 0), (900, 0), (1400, 0)), **words):
    """One street of three kilometres, an area of one home each at ``homes``."""
    streets = network_of([(-100, 0), (3000, 0)])
    areas = squares(*homes, residents=100.0, name="a")
    return assess(areas, facilities, streets, checklist(*items), surveyed="all", **words)


def shops(*xy, key="shop"):
    return points(*xy, item=key, name=None)


def agree(card, found, draws):
    """Ask draws in full and hold every share beside that of the draw."""
    for number in draws:
        full = qh.coverage(card.again(**found.inputs(number)))["share"].to_numpy()
        np.testing.assert_allclose(full, found.shares[:-1, number], atol=1e-9, equal_nan=True)


def test_without_sources_the_interval_is_the_scorecard():
    card = new_town()
    found = qh.uncertainty(card, 3, sources=())
    table = found.coverage
    np.testing.assert_array_equal(table["low"], table["high"])
    np.testing.assert_allclose(table["low"], table["share"], atol=1e-12)
    pd.testing.assert_frame_equal(
        table.iloc[:-1][qh.coverage(card).columns], qh.coverage(card), check_dtype=False
    )
    status = card.results["status"]
    assert (found.results["p_met"].eq(1.0) == status.eq("met")).all()
    assert (found.results["p_unknown"].eq(1.0) == status.eq("unknown")).all()
    assert not found.results["close_call"].any()
    assert (table["main_source"] == "").all()


def test_draws_of_the_new_town_are_what_full_runs_give():
    card = new_town()
    agree(card, qh.uncertainty(card, 6, seed=3), range(6))


def test_draws_agree_for_an_older_walker_on_a_strict_quota():
    card = new_town().again(pace="elderly", quota=0.8, surveyed=("food_market",))
    agree(card, qh.uncertainty(card, 2, seed=8), range(2))


def test_limits_in_metres_and_items_that_ask_for_several_agree():
    key = "shop"
    facilities = pd.concat([shops((100, 30), (700, 0), (1500, 20), (2100, 0))])
    facilities = facilities.reset_index(drop=True)
    for one in (item(key, limit_m=700.0), item(key, at_least=2), item(key, kind="commercial")):
        card = town(one, facilities=facilities)
        agree(card, qh.uncertainty(card, 8), range(8))


def test_metres_do_not_change_with_the_walker():
    card = town(item("shop", limit_m=500.0), facilities=shops((450, 0)))
    found = qh.uncertainty(card, 50, sources=[qh.WalkingSpeed(), qh.CrossingWaits()])
    assert (found.coverage["low"] == found.coverage["high"]).all()


def test_one_place_that_may_be_closed():
    card = town(item("shop", kind="commercial"), facilities=shops((500, 0)))
    found = qh.uncertainty(card, 2000, sources=[qh.ClosedPlaces(0.3, 0.0)])
    p = found.results["p_met"].to_numpy()
    assert p.max() == p.min() == pytest.approx(0.7, abs=0.04)  # one place, drawn once for all
    assert found.results["close_call"].all()
    assert found.coverage["low"].eq(0).all()
    assert found.coverage["high"].eq(1).all()


@pytest.mark.parametrize(("confidence", "still"), [(0.6, 305 / 393), (0.99, 1497 / 1568)])
def test_a_place_with_a_confidence_is_there_as_often_as_such_places_were(confidence, still):
    there = shops((500, 0)).assign(confidence=confidence).set_axis(["08f2af608b8633ac"])
    card = town(item("shop", kind="commercial"), facilities=there)
    found = qh.uncertainty(card, 3000, sources=[qh.ClosedPlaces(0.5, 0.5)])
    assert found.results["p_met"].iloc[0] == pytest.approx(still, abs=0.025)


def test_a_place_without_a_confidence_closes_as_others_do_and_shares_may_be_ones_own():
    there = shops((500, 0)).assign(confidence=0.6).set_axis(["08f2af608b8633ac"])
    card = town(item("shop", kind="commercial"), facilities=there)
    silent = town(item("shop", kind="commercial"), facilities=there.assign(confidence=np.nan))
    found = qh.uncertainty(silent, 3000, sources=[qh.ClosedPlaces(0.5, 0.5)])
    assert found.results["p_met"].iloc[0] == pytest.approx(0.5, abs=0.04)
    mine = qh.ClosedPlaces(open_by_confidence=((1.0, 1, 4),))
    found = qh.uncertainty(card, 3000, sources=[mine])
    assert found.results["p_met"].iloc[0] == pytest.approx(2 / 6, abs=0.04)  # a flat prior
    with pytest.raises(InputError, match="open_by_confidence"):
        qh.ClosedPlaces(open_by_confidence=((1.0, 5, 4),))


def test_a_place_of_overture_is_what_it_says_as_often_as_its_categories_are_right():
    tagged = points((500, 0), (520, 10), shop="greengrocer").assign(name=["One", "Other"])
    tagged = tagged.set_axis(["08f-1", "08f-2"])
    asked = item("shop", kind="commercial", osm=("shop=greengrocer",))
    wrong = qh.WrongKind(1.0, 1.0, overture_precision=0.4, overture_recall=1.0)
    sure = town(asked, facilities=tagged.assign(confidence=0.9))
    found = qh.uncertainty(sure, 2000, sources=[wrong])
    assert found.results["p_met"].iloc[0] == pytest.approx(1 - 0.6**2, abs=0.04)
    silent = town(asked, facilities=tagged)
    assert qh.uncertainty(silent, 50, sources=[wrong]).results["p_met"].eq(1.0).all()
    half = town(asked, facilities=tagged.assign(confidence=[0.9, np.nan]))
    misses = qh.WrongKind(1.0, 1.0, overture_precision=1.0, overture_recall=0.5)
    lists = misses.fewest_listed(qh.uncertainty(half, 1).lottery.setting.world)
    np.testing.assert_allclose(lists, 0.75)  # one of two places has categories of Overture


def test_a_place_that_is_listed_twice_closes_once():
    twice = points((500, 0), (501, 0), item="shop", name="Corner Shop")
    card = town(item("shop", kind="commercial"), facilities=twice)
    found = qh.uncertainty(card, 1000, sources=[qh.ClosedPlaces(0.3, 0.0)])
    assert found.results["p_met"].iloc[0] == pytest.approx(0.7, abs=0.05)


def test_missing_places_only_add():
    card = town(item("shop", kind="commercial"), facilities=shops((100, 0), (2900, 0)))
    unsure = card.again(surveyed=())
    found = qh.uncertainty(unsure, 300, sources=[qh.MissingPlaces((0.3, 0.5))])
    assert (found.results["p_met"] >= (unsure.results["status"] == "met")).all()
    sure = qh.uncertainty(card, 50, sources=[qh.MissingPlaces((0.3, 0.5))])
    assert (sure.coverage["low"] == sure.coverage["high"]).all()  # surveyed: none is missing


def test_draws_do_not_depend_on_how_many_or_on_other_sources():
    card = town(item("shop"), facilities=shops((1500, 0), (2500, 0)))
    few, many = (qh.uncertainty(card, n, seed=5).shares for n in (7, 40))
    np.testing.assert_array_equal(few, many[:, :7])
    other = qh.uncertainty(card, 40, seed=6).shares
    assert not np.array_equal(many, other)


def test_a_source_of_ones_own():
    class Flood(qh.ErrorSource):
        citation = "the river"

        def draw(self, random, world):  # noqa: ARG002 - as sources are called
            return Effect(home_m=np.full(len(world.homes), 5000.0))

    card = town(item("shop"), facilities=shops((500, 0)))
    found = qh.uncertainty(card, 5, sources=[Flood()])
    assert (found.results["p_met"] == 0).all()
    assert found.sources["source"].tolist() == ["flood"]
    agree(card, found, range(2))


def test_shares_of_variance_name_what_matters():
    card = town(item("shop", kind="commercial"), facilities=shops((500, 0)))
    found = qh.uncertainty(card, 200, sources=[qh.HomePosition(0.1), qh.ClosedPlaces(0.4, 0.0)])
    mine = found.variance.query("measure == 'item'")
    assert mine["share"].sum() == pytest.approx(1)
    assert found.coverage.iloc[-1]["main_source"] == "closed_places"


def test_fragility_by_hand():
    card = town(item("shop", limit_minutes=10.0), facilities=shops((700, 0)), homes=((0, 0),))
    row = qh.fragility(card).iloc[0]
    assert row["flip_limit"] == pytest.approx(700 / 1.25 / 60)
    assert row["flip_speed_m_s"] == pytest.approx(700 / 600)
    assert row["share_near_limit"] == 1  # 9.33 minutes
    quick = card.again(pace=qh.profile("adult", speed_m_s=row["flip_speed_m_s"] + 1e-6))
    slow = card.again(pace=qh.profile("adult", speed_m_s=row["flip_speed_m_s"] - 1e-6))
    assert quick.results["status"].tolist() == ["met"]
    assert slow.results["status"].tolist() == ["unmet"]


def test_metres_within_the_premises_are_walked():
    streets = network_of([(0, 0), (1000, 0)])
    homes, shop = points((0, 0)), points((500, 0), inside_m=50.0)
    walk = qh.travel_times(homes, shop, streets).to_frame()["seconds"].iloc[0]
    assert walk == pytest.approx(550 / 1.25)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"draws": 0}, "no number of draws"),
        ({"level": 1.0}, "no share of the draws"),
        ({"sources": [qh.ClosedPlaces]}, "no source of error"),
    ],
)
def test_what_cannot_be_drawn_is_said(words, told):
    card = town(item("shop"), facilities=shops((500, 0)))
    with pytest.raises(qh.QuarterhourError, match=told):
        qh.uncertainty(card, **words)


@pytest.mark.parametrize(
    "make",
    [
        lambda: qh.WalkingSpeed(mean_m_s=1.2),
        lambda: qh.WalkingSpeed(1.0, 1.2),
        lambda: qh.ClosedPlaces(commercial_a_year=1.5),
        lambda: qh.MissingPlaces((0.9, 0.5)),
        lambda: qh.CrossingWaits(low_s=50, high_s=10),
        lambda: qh.WrongKind(precision=0.0),
        lambda: qh.WrongKind(overture_recall=1.2),
    ],
)
def test_sizes_that_are_none_are_refused(make):
    with pytest.raises(qh.QuarterhourError):
        make()


def test_every_source_has_a_size_and_a_citation():
    card = town(item("shop"), facilities=shops((500, 0)))
    told = qh.uncertainty(card, 2).sources
    assert len(told) == len(qh.error_sources())
    assert told["citation"].str.len().gt(10).all()
    assert told.loc[told["source"] != "walking_speed", "size"].str.len().gt(0).all()


def test_a_draw_that_is_not_there():
    card = town(item("shop"), facilities=shops((500, 0)))
    with pytest.raises(qh.QuarterhourError, match="numbered 0 to 1"):
        qh.uncertainty(card, 2).inputs(2)
