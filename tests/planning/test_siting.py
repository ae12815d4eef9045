"""New places: what siting promises is what the assessment then finds."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.planning.site_candidates import street_candidates

CRS = 32650


def a_street(homes: list[float], shops: list[float], residents: float = 100.0) -> qh.Scorecard:
    """Homes and shops along a straight street of six kilometres, limit ten minutes (750 m)."""
    line = [LineString([(x, 0), (x + 500, 0)]) for x in range(0, 6000, 500)]
    network = qh.WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=line, crs=CRS))
    areas = gpd.GeoDataFrame(
        {"name": [f"home {x:g}" for x in homes], "residents": residents},
        geometry=[Point(x, 0) for x in homes],
        crs=CRS,
    )
    facilities = gpd.GeoDataFrame(
        {"name": [f"shop {x:g}" for x in shops], "item": "pharmacy"},
        geometry=[Point(x, 0) for x in shops],
        crs=CRS,
    )
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    checklist = qh.Checklist.load("beijing-2011").override({"pharmacy": {"limit_minutes": 10}})
    return qh.assess(areas, facilities, network, checklist)


def within(card: qh.Scorecard, item: str) -> float:
    """Residents of the origins within the limit of the item, by the card's own walks."""
    times = card.times[(card.times["item"] == item) & ~card.times["host"].astype(bool)]
    near = times.loc[times["seconds"] <= card.checklist[item].limit.most, "origin"]
    return float(card.origins["residents"].loc[near].sum())


def test_one_shop_goes_where_most_live_and_none_is_near():
    card = a_street(homes=[100, 200, 2000, 2200, 2400, 5500], shops=[0])
    spots = gpd.GeoDataFrame(geometry=[Point(x, 0) for x in (0, 2100, 5500)], crs=CRS)
    plan = qh.site(card, "pharmacy", k=1, candidates=spots)
    assert plan.sites["candidate"].tolist() == [1]
    assert (plan.before, plan.value, plan.total, plan.gap) == (200, 500, 600, 0)
    assert plan.curve["served"].tolist() == [200, 500]
    again = card.again(facilities=plan.facilities())
    assert within(again, "pharmacy") == plan.value


@pytest.mark.parametrize(
    ("objective", "chosen", "value"),
    [
        ("fewest", {1, 3}, 2),  # homes in three clumps, one of them served by the shop at 0
        ("centre", {1, 3}, 200 / 1.25 / 60),
    ],
)
def test_fewest_places_and_the_shortest_longest_walk(objective, chosen, value):
    card = a_street(homes=[100, 2000, 2200, 2400, 5500], shops=[0])
    spots = gpd.GeoDataFrame(geometry=[Point(x, 0) for x in (0, 2200, 2900, 5500)], crs=CRS)
    plan = qh.site(card, "pharmacy", k=2, candidates=spots, objective=objective, share=1.0)
    assert set(plan.sites["candidate"]) == chosen
    assert plan.value == pytest.approx(value)
    assert plan.gap == 0


def test_the_least_mean_walk_counts_whoever_is_left_as_twice_the_limit():
    card = a_street(homes=[100, 2000, 5500], shops=[0])
    spots = gpd.GeoDataFrame(geometry=[Point(x, 0) for x in (2100, 4900)], crs=CRS)
    plan = qh.site(card, "pharmacy", k=1, candidates=spots, objective="median")
    assert plan.sites["candidate"].tolist() == [0]
    assert plan.value == pytest.approx((100 / 75 + 100 / 75 + 20) / 3)


def test_required_and_forbidden_candidates_are_kept_to():
    card = a_street(homes=[2000, 2200, 5500], shops=[0])
    spots = gpd.GeoDataFrame(
        {"required": [False, False, True], "forbidden": [True, False, False]},
        geometry=[Point(x, 0) for x in (2100, 1300, 3000)],
        crs=CRS,
    )
    plan = qh.site(card, "pharmacy", k=2, candidates=spots)
    assert set(plan.sites["candidate"]) == {1, 2}
    assert plan.value == 100  # only the home at 2,000 is 700 m from 1,300


def test_residences_count_where_residents_are_not_known():
    card = a_street(homes=[100, 2000, 2200], shops=[0], residents=np.nan)
    plan = qh.site(card, "pharmacy", k=1)
    assert (plan.measure, plan.before, plan.value, plan.total) == ("residences", 1, 3, 3)
    assert "residences within 10 min: 1 -> 3 of 3; proven" in repr(plan)


def test_candidates_of_their_own_accord_are_junctions_a_square_apart():
    spots = street_candidates(worlds.grid_world(n=11, block_m=50.0))
    squares = {(int(p.x // 150), int(p.y // 150)) for p in spots.geometry}
    assert len(squares) == len(spots) == 16


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"k": 0}, "places to open, at least 1"),
        ({"k": 9}, "9 sites cannot be chosen"),
        ({"objective": "best"}, "use 'cover'"),
        ({"objective": "fewest", "share": 1.0}, "together serve"),
    ],
)
def test_what_cannot_be_asked_is_said(options, says):
    card = a_street(homes=[100, 2000, 5500], shops=[0])
    spots = gpd.GeoDataFrame(geometry=[Point(2000, 0)], crs=CRS)
    with pytest.raises(InputError, match=says):
        qh.site(card, "pharmacy", candidates=spots, **{"k": 1, **options})


def test_candidates_in_the_sea_are_said():
    card = a_street(homes=[100, 2000], shops=[0])
    sea = gpd.GeoDataFrame(geometry=[Point(0, 90_000)], crs=CRS)
    with pytest.raises(InputError, match="None of the 1 candidates lies near a street"):
        qh.site(card, "pharmacy", k=1, candidates=sea)


def test_in_the_new_town_the_promise_is_kept():
    card = worlds.new_town()
    for item in ("pharmacy", "food_market"):
        plan = qh.site(card, item, k=2)
        again = card.again(facilities=plan.facilities())
        assert plan.gap == 0
        assert within(again, item) == pytest.approx(plan.value)
        assert plan.curve["served"].iloc[-1] == pytest.approx(plan.value)
        assert np.all(np.diff(plan.curve["served"]) >= 0)


def test_places_that_serve_only_so_many_are_shared_out():
    card = a_street(homes=[100, 2000, 2200, 2400, 5500], shops=[0])
    spots = gpd.GeoDataFrame(
        {"capacity": [250.0, 80.0, 500.0]},
        geometry=[Point(x, 0) for x in (2200, 2300, 5500)],
        crs=CRS,
    )
    one = qh.site(card, "pharmacy", k=1, candidates=spots)
    assert (one.sites["candidate"].tolist(), one.value) == ([0], 350)
    two = qh.site(card, "pharmacy", k=2, candidates=spots)
    assert two.sites["gained"].tolist() == [250, 100]
    assert (two.value, two.gap) == (450, 0)
    fewest = qh.site(card, "pharmacy", candidates=spots, objective="fewest", share=0.8)
    assert fewest.value == 2
    few = spots.assign(capacity=[200.0, 80.0, 500.0])
    with pytest.raises(InputError, match=r"can serve 96\.0% of the weight"):
        qh.site(card, "pharmacy", candidates=few, objective="fewest", share=1.0)


def test_capacities_need_residents_and_a_model_that_knows_them():
    spots = gpd.GeoDataFrame({"capacity": [250.0]}, geometry=[Point(2200, 0)], crs=CRS)
    unknown = a_street(homes=[100, 2000], shops=[0], residents=np.nan)
    with pytest.raises(InputError, match="Capacities count residents"):
        qh.site(unknown, "pharmacy", k=1, candidates=spots)
    card = a_street(homes=[100, 2000], shops=[0])
    with pytest.raises(InputError, match="knows no capacities"):
        qh.site(card, "pharmacy", k=1, candidates=spots, objective="median")
