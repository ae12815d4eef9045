"""Whoever lives inside the same walls walks straight there, in every function the same."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import quarterhour as qh
import worlds
from quarterhour.places.origins import BEHIND, origins

GATE = (500, 10)
HOMES = ((300, 300), (700, 500), (500, 40))


def town() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """A compound with a gate in the south, a community around it, and a compound beside it."""
    areas = gpd.GeoDataFrame(
        {
            "area_kind": ["compound", "community", "compound"],
            "walled": [True, False, True],
            "name": ["园", "社区", "邻园"],
        },
        index=["yard", "around", "next"],
        geometry=[box(200, 10, 800, 610), box(100, 5, 900, 700), box(800, 10, 1200, 610)],
        crs=worlds.CRS,
    )
    houses = worlds.squares(*HOMES, (850, 300), (150, 20), levels=1.0)
    return areas, houses, worlds.points(GATE, (830, 10))


def streets(*more) -> qh.WalkNetwork:
    return worlds.network_of([(0, 0), (500, 0), (2400, 0)], *more)


def card_of(shops: gpd.GeoDataFrame, *more, **options) -> qh.Scorecard:
    areas, houses, gates = town()
    homes = origins(areas, houses, gates, **options)
    listed = worlds.checklist(worlds.item("shop"))
    return qh.assess(areas, shops, streets(*more), listed, origins=homes)


def metres(card: qh.Scorecard) -> pd.Series:
    """Walks of the homes, by area and place."""
    at = card.origins.geometry.apply(lambda home: (round(home.x), round(home.y)))
    walks = card.times.set_index("origin")["seconds"] * 1.25
    names = pd.MultiIndex.from_arrays([card.origins["area"], at.reindex(card.origins.index)])
    return walks.reindex(card.origins.index).set_axis(names)


SHOP = (500, 310)


def test_neighbours_inside_walk_straight_and_others_through_the_gate() -> None:
    walks = metres(card_of(worlds.points(SHOP, item="shop")))
    for home in HOMES:
        straight = np.hypot(home[0] - SHOP[0], home[1] - SHOP[1])
        assert walks["yard", home] == pytest.approx(straight)
        # Counted with the community around the compound, the same home has the same walk.
        assert walks["around", home] == pytest.approx(straight)
    assert walks["around", (150, 20)] == pytest.approx(20 + 350 + 10 + 300)
    to_gate = np.hypot(20, 290)
    assert walks["next", (850, 300)] == pytest.approx(to_gate + 10 + 330 + 10 + 300)


def test_a_gate_that_two_compounds_share_is_no_way_through_the_wall() -> None:
    areas, houses, _ = town()
    shared = worlds.points((801, 8))
    homes = origins(areas, houses, shared)
    assert homes["exits"].notna().sum() >= 4
    shop = worlds.points((750, 600), item="shop")
    listed = worlds.checklist(worlds.item("shop"))
    walks = metres(qh.assess(areas, shop, streets(), listed, origins=homes))
    there = np.hypot(51, 592)
    assert walks["next", (850, 300)] == pytest.approx(np.hypot(49, 292) + 8 + 8 + there)


@pytest.mark.parametrize(
    ("shop", "inside"),
    [
        ((500, 300), True),  # on a street of the compound
        ((500, 11), False),  # a shop front in the wall
        ((500, 612), False),  # behind the back wall, outside
    ],
)
def test_what_lies_inside(shop: tuple[int, int], inside: bool) -> None:
    card = card_of(worlds.points(shop, item="shop"), [(500, 0), (500, 700)])
    walk = metres(card)["yard", (300, 300)]
    straight = float(np.hypot(shop[0] - 300, shop[1] - 300))
    assert (walk == pytest.approx(straight)) == inside
    assert walk >= straight - 1e-6


def test_every_function_has_the_same_seconds() -> None:
    shops = worlds.points(SHOP, (600, 500), (2000, 5), item="shop")
    card = card_of(shops)
    pairs = qh.travel_times(card.origins, card.facilities, card.network, 30).to_frame()
    best = pairs.groupby("origin")["seconds"].min()
    walks = card.times.set_index("origin")["seconds"]
    pd.testing.assert_series_equal(best, walks, check_names=False, rtol=0, atol=0)
    near = qh.nearest(card.origins, card.facilities, card.network, 30, by="item")
    assert near["seconds"].tolist() == walks.reindex(near["origin"]).tolist()
    back = qh.travel_times(card.facilities, card.origins, card.network, 30).to_frame()
    turned = pairs.set_index(["destination", "origin"])["seconds"].sort_index()
    assert back.set_index(["origin", "destination"])["seconds"].sort_index().to_numpy() == (
        pytest.approx(turned.to_numpy())
    )
    few = qh.k_nearest(card.origins, card.facilities, card.network, 1, minutes=30)
    assert few.set_index("origin")["seconds"].to_dict() == walks.to_dict()
    again = card.again(facilities=shops.iloc[::-1])
    assert again.times.set_index("origin")["seconds"].to_dict() == walks.to_dict()


def test_who_starts_at_the_gate_walks_on_from_there() -> None:
    card = card_of(worlds.points(SHOP, item="shop"), at="gate")
    at_gates = card.origins[card.origins["kind"] == "gate"]
    assert at_gates[BEHIND].tolist() == ["yard", "next"]
    walk = card.times.set_index("origin")["seconds"] * 1.25
    assert walk[card.origins.index[0]] == pytest.approx(300)


def test_homes_that_nobody_can_leave_walk_nowhere() -> None:
    areas, houses, _ = town()
    homes = origins(areas, houses, worlds.points((500, 610)))  # far from every street
    shops = worlds.points(SHOP, (100, 0), item="shop")
    listed = worlds.checklist(worlds.item("shop"))
    card = qh.assess(areas, shops, streets(), listed, origins=homes)
    mine = card.times[card.times["origin"].isin(homes.index[homes["area"] == "yard"])]
    assert set(mine["status"]) == {"not_snapped"}
    assert mine["seconds"].isna().all()


def test_without_its_wall_nobody_walks_farther() -> None:
    card = card_of(worlds.points(SHOP, item="shop"))
    before = metres(card)
    opened = qh.scenario(card, [qh.RemoveWall("yard")])
    after = metres(opened)
    assert (after <= before + 1e-6).all()
    assert after["yard", (300, 300)] == before["yard", (300, 300)]


def test_a_place_that_moves_leaves_its_walls(tmp_path) -> None:
    shops = worlds.points(SHOP, index=["s"], item="shop", name="店")
    card = card_of(shops)
    moved = qh.scenario(card, [qh.MoveFacility("s", to=Point(2000, 5), crs=worlds.CRS)])
    assert metres(moved)["yard", (500, 40)] == pytest.approx(30 + 10 + 1500 + 5)
    card.save(tmp_path / "out")
    read = qh.read_scorecard(tmp_path / "out").again(quota=0.6)
    pd.testing.assert_series_equal(metres(read), metres(card))
