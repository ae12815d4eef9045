"""Coverage by hand, and the identities that hold between the measures."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.standards.items import HostRule
from tried import examples

COLUMNS = [
    "measure",
    "item",
    "share",
    "share_observed",
    "numerator",
    "observed",
    "implied",
    "denominator",
    "unknown",
    "unit",
    "share_at_least",
    "share_at_most",
]


def by_hand() -> qh.Scorecard:
    """Three areas on one street: two homes in the first, one in each of the others.

    The shop is at 0, so homes at 100 and 1,100 are within and those at 1,300 and 2,000 not.
    """
    areas = gpd.GeoDataFrame(
        {"residents": [90.0, 200.0, np.nan], "name": ["甲", "乙", "丙"]},
        geometry=[box(0, -20, 1350, 20), box(1900, -20, 2100, 20), box(1060, -80, 1140, -40)],
        index=["a", "b", "c"],
        crs=worlds.CRS,
    )
    homes = worlds.squares((100, 0), (1300, 0), (2000, 0), (1100, -60), size=10)
    homes["levels"] = [4.0, 5.0, 1.0, 1.0]
    places = worlds.points((0, 0), (3000, 0), item=["shop", "station"])
    items = [
        worlds.item("shop"),
        worlds.item("station"),
        worlds.item("board", checkability="D"),
        worlds.item("zoo"),
    ]
    rule = HostRule(("station",), ("board",), 0.5, "by rule", "")
    return qh.assess(
        areas,
        places,
        worlds.network_of([(0, 0), (4000, 0)]),
        worlds.checklist(*items, hosts=[rule]),
        origins=qh.origins(areas, homes),
    )


def test_numerators_and_denominators_by_hand():
    card = by_hand()
    shop = card.results[card.results["item"] == "shop"]
    assert shop["status"].tolist() == ["unmet", "unmet", "unmet"]
    table = qh.coverage(card).set_index(["measure", "item"])
    numbers = ["numerator", "denominator", "unknown"]
    # Of a's 90 residents 4/9 live at 100 m; c has no number and counts as no one.
    assert table.loc[("population", "shop"), numbers].tolist() == [40, 290, 0]
    assert table.loc[("residence", "shop"), numbers].tolist() == [1, 4, 0]
    assert table.loc[("area", "shop"), numbers].tolist() == [0, 3, 0]
    # The station at 3,000 m: only b, 1,000 m away, and what it houses likewise.
    assert table.loc[("population", "station"), numbers].tolist() == [200, 290, 0]
    assert table.loc[("area", "station"), numbers].tolist() == [1, 3, 0]
    assert table.loc[("area", "board"), numbers].tolist() == [1, 1, 2]
    assert table.loc[("population", "board"), numbers].tolist() == [200, 200, 90]
    assert table.loc[("residence", "board"), numbers].tolist() == [1, 1, 3]
    # Nobody knows of a zoo.
    assert table.loc[("area", "zoo"), numbers].tolist() == [0, 0, 3]
    assert table.loc[("item", "all"), numbers].tolist() == [2, 7, 5]


def test_shares_and_their_bounds():
    table = qh.coverage(by_hand()).set_index(["measure", "item"])
    shares = ["share", "share_at_least", "share_at_most"]
    assert table.loc[("population", "shop"), shares].tolist() == pytest.approx([4 / 29] * 3)
    assert table.loc[("area", "board"), shares].tolist() == pytest.approx([1, 1 / 3, 1])
    zoo = table.loc[("area", "zoo"), shares].tolist()
    assert zoo == pytest.approx([np.nan, 0, 1], nan_ok=True)
    assert table.loc[("item", "all"), shares].tolist() == pytest.approx([2 / 7, 2 / 12, 7 / 12])


def test_every_measure_is_named_with_its_unit():
    table = qh.coverage(by_hand())
    assert table.columns.tolist() == COLUMNS
    assert table["measure"].tolist() == (
        ["population"] * 4 + ["residence"] * 4 + ["area"] * 4 + ["item"]
    )
    assert dict(zip(table["measure"], table["unit"], strict=True)) == {
        "population": "residents",
        "residence": "residences",
        "area": "areas",
        "item": "area-item pairs",
    }


def test_without_residents_there_is_no_population():
    card = by_hand()
    homes = card.origins.assign(residents=np.nan)
    table = qh.coverage(qh.Scorecard(**(vars(card) | {"origins": homes})))
    population = table[table["measure"] == "population"]
    assert population[["numerator", "denominator", "unknown"]].eq(0).all(axis=None)
    assert population["share"].isna().all()


# --- laws ---------------------------------------------------------------------------------------

CHECKLIST = worlds.checklist(
    worlds.item("shop"),
    worlds.item("bank", limit_minutes=10, checkability="B"),
    worlds.item("board", checkability="D"),
    hosts=[HostRule(("bank",), ("board",), 0.5, "by rule", "")],
)


def town(seed: int, n_areas=12, n_places=5):
    network = worlds.grid_world(7, 300.0)
    areas = worlds.strewn(network, n_areas, seed, spread_m=120).assign(residents=50.0)
    places = worlds.strewn(network, n_places, seed + 1, spread_m=100)
    places["item"] = np.random.default_rng(seed).choice(["shop", "bank", "board"], n_places)
    return areas, places, network


def measured(areas, places, network, **options) -> pd.DataFrame:
    card = qh.assess(areas, places, network, CHECKLIST, **options)
    return qh.coverage(card).set_index(["measure", "item"])


@examples(6)
@given(seed=st.integers(0, 10_000), equal=st.floats(1, 1000))
def test_with_equal_areas_of_one_home_all_measures_agree(seed, equal):
    areas, places, network = town(seed)
    table = measured(areas.assign(residents=equal), places, network)
    for column in ("numerator", "denominator", "unknown"):
        population = table.loc["population", column] / equal
        assert population.tolist() == pytest.approx(table.loc["area", column].tolist())
        assert table.loc["residence", column].tolist() == table.loc["area", column].tolist()
        total = table.loc[("item", "all"), column]
        assert total == table.loc["area", column].sum()


@examples(6)
@given(seed=st.integers(0, 10_000))
def test_one_facility_more_never_lowers_coverage(seed):
    areas, places, network = town(seed, n_places=6)
    fewer = places.iloc[:-1]
    a, b = (measured(areas, table, network) for table in (fewer, places))
    assert (b["numerator"] >= a["numerator"] - 1e-9).all()
    assert (b["share_at_least"] >= a["share_at_least"] - 1e-9).all()
    a, b = (measured(areas, table, network, surveyed=["all"]) for table in (fewer, places))
    settled = (a["unknown"] == 0) & (b["unknown"] == 0)
    assert (b.loc[settled, "share"] >= a.loc[settled, "share"] - 1e-9).all()


@examples(4)
@given(seed=st.integers(0, 10_000))
def test_the_same_facility_twice_changes_nothing(seed):
    areas, places, network = town(seed)
    again = places.set_index(places.index + "-again")
    both = gpd.GeoDataFrame(pd.concat([places, again]))
    pd.testing.assert_frame_equal(measured(areas, places, network), measured(areas, both, network))


@examples(6)
@given(seed=st.integers(0, 10_000))
def test_the_whole_is_always_accounted_for(seed):
    areas, places, network = town(seed)
    table = measured(areas, places, network)
    whole = table["denominator"] + table["unknown"]
    assert whole.loc["area"].tolist() == [12] * 3
    assert whole.loc["population"].tolist() == pytest.approx([600] * 3)
    assert (table["numerator"] <= table["denominator"] + 1e-9).all()
    assert (table["share_at_least"] <= table["share_at_most"] + 1e-9).all()
    inside = table["share"].dropna()
    assert inside.between(0, 1 + 1e-9).all()


def test_observed_and_implied_are_two_numbers_in_every_measure():
    card = worlds.new_town()
    table = qh.coverage(card).set_index(["measure", "item"])
    assert np.allclose(table["observed"] + table["implied"], table["numerator"])
    results = card.results
    by_host = results[results["reason"] == "implied_by_host"].groupby("item").size()
    keys = list(card.checklist.keys())
    areas = table.loc["area"]["implied"]
    assert areas.astype(int).to_dict() == by_host.reindex(keys, fill_value=0).to_dict()
    assert table.loc[("item", "all"), "implied"] == by_host.sum() == 73
    assert table.loc[("item", "all"), "share_observed"] == 153 / 299
    board = table.loc[("population", "publicity_board")]
    assert (board["observed"], board["share_observed"]) == (0, 0)
    assert board["implied"] == pytest.approx(board["numerator"])
    # Who lives near an observed one counts as such, also where the area has it only by a host.
    walks = card.times.query("item == 'reading_room' and not host and seconds <= 15 * 60")
    met = results.query("item == 'reading_room' and reason == 'within_limit'")["area"]
    hosted = results.query("item == 'reading_room' and reason == 'implied_by_host'")["area"]
    people = card.origins.loc[walks["origin"].unique()].groupby("area")["residents"].sum()
    own = (
        people.reindex([*met, *hosted]).sum() + people.drop([*met, *hosted], errors="ignore").sum()
    )
    assert table.loc[("population", "reading_room"), "observed"] == pytest.approx(own)


def test_the_summary_tells_the_observed_part():
    summary = worlds.new_town().summary()
    assert (summary["observed"] + summary["implied"] == summary["met"]).all()
    known = summary["met"] + summary["unmet"]
    assert np.allclose(summary["items_observed_share"], summary["observed"] / known)
