"""Areas that share land: everybody counts in each of them, and once in the city."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import MultiPoint, Point, box

import quarterhour as qh
import worlds
from quarterhour.places.grids import MAX_GRID_CELLS
from quarterhour.places.origins import origins

SHOP_AT = 0
"""The shop stands at the beginning of the street, the homes at 300, 600, 1500 and 1800 m."""


def community(*shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=worlds.CRS)


def row_of_homes() -> gpd.GeoDataFrame:
    return worlds.squares((300, 20), (600, 20), (1500, 20), (1800, 20), levels=1.0)


def card_of(areas, homes=None, gates=None) -> qh.Scorecard:
    street = worlds.network_of([(0, 0), (2400, 0)])
    shop = worlds.points((SHOP_AT, 5), item="shop")
    where = origins(areas, homes, gates)
    return qh.assess(areas, shop, street, worlds.checklist(worlds.item("shop")), origins=where)


def total(card: qh.Scorecard, measure: str) -> tuple[float, float]:
    row = qh.coverage(card).set_index("measure").loc[measure]
    return row["numerator"], row["denominator"]


@pytest.mark.parametrize("small_first", [True, False])
def test_who_lives_in_two_areas_counts_in_both_and_once_in_the_city(small_first):
    order = [0, 1] if small_first else [1, 0]
    areas = community(
        box(200, 5, 700, 45), box(200, 5, 1900, 45), residents=[80.0, 400.0], name=["里", "片"]
    ).iloc[order]
    card = card_of(areas, row_of_homes())
    assert card.results.set_index("area")["share"].to_dict() == pytest.approx({0: 1.0, 1: 0.5})
    assert total(card, "residence") == (2, 4)
    # 80 by the small area's own number, and 2 × 100 of the rest of the large one.
    assert total(card, "population") == pytest.approx((80, 280))
    notes = card.origins.attrs["notes"]
    assert any("2 of 2 areas overlap: 2.0 ha lie in more than one, of 6.8 ha" in n for n in notes)


def test_the_same_area_twice_has_the_same_answer_twice_and_a_warning():
    shape = box(200, 5, 1900, 40)
    areas = community(shape, shape, residents=[400.0, 400.0], name=["2020版", "2024版"])
    with pytest.warns(qh.QuarterhourWarning, match="same outline: 2020版 = 2024版"):
        card = card_of(areas, row_of_homes())
    assert card.results["share"].tolist() == pytest.approx([0.5, 0.5])
    assert total(card, "residence") == (2, 4)
    assert total(card, "population") == pytest.approx((200, 400))


@pytest.mark.parametrize("at", ["point", "gate"])
def test_the_same_area_twice_counts_once_also_without_homes(at):
    shape = box(200, 5, 700, 40)
    areas = community(shape, shape, residents=[400.0, 400.0])
    with pytest.warns(qh.QuarterhourWarning, match="same outline"):
        assert origins(areas, at=at)["again"].tolist() == [False, True]


def test_points_of_a_grid_that_two_areas_share_count_once():
    areas = community(box(0, 0, 200, 100), box(100, 0, 300, 100))
    found = origins(areas)
    assert len(found) == 16
    assert int(found["again"].sum()) == 4


def test_two_communities_at_one_address_are_not_one():
    areas = worlds.points((300, 20), (300, 20), residents=[100.0, 50.0])
    card = card_of(areas)
    assert total(card, "population") == (150, 150)


def test_neighbours_that_touch_do_not_overlap_and_share_no_home():
    areas = community(box(200, 5, 600, 40), box(600, 5, 1900, 40))
    found = origins(areas, row_of_homes())
    assert found["area"].tolist() == [0, 0, 1, 1]
    assert not found["again"].any()
    assert not any("overlap" in note for note in found.attrs["notes"])


def test_a_home_on_the_border_of_areas_that_overlap_is_in_both():
    areas = community(box(200, 5, 600, 40), box(200, 5, 600, 80), box(600, 5, 700, 40))
    found = origins(areas, row_of_homes().iloc[[1]])
    homes = found[found["kind"] == "building"]
    assert homes["area"].tolist() == [0, 1]


def test_a_wall_stands_also_for_who_is_counted_with_the_community_around_it():
    areas = community(
        box(200, 5, 700, 40), box(200, 5, 1900, 40), area_kind=["compound", "community"]
    )
    found = origins(areas, row_of_homes(), worlds.points((700, 20)))
    inside = found.geometry.x < 700
    assert {geometry.wkt for geometry in found.loc[inside, "exits"]} == {
        MultiPoint([Point(700, 20)]).wkt
    }
    assert found.loc[~inside, "exits"].isna().all()


def test_homes_outside_every_area_are_counted():
    found = origins(community(box(200, 5, 700, 40)), row_of_homes())
    assert (
        "2 of 4 residential buildings lie in no area: nobody is scored there."
        in (found.attrs["notes"])
    )


def test_a_very_large_area_has_a_coarser_grid():
    found = origins(community(box(0, 0, 900_000, 900_000), box(0, 0, 60, 60)))
    assert len(found) <= MAX_GRID_CELLS + 4
    assert any("1 very large ones over a coarser one" in note for note in found.attrs["notes"])
    assert np.isclose(found.groupby("area")["share"].sum(), 1).all()
