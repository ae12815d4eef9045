"""Walls bind whoever walks in: places inside closed compounds are reached by the gates."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point, box

import quarterhour as qh
import worlds
from quarterhour.places.origins import origins
from quarterhour.streets.compounds import closed_compounds, reached_by_gates

WALL = box(200, 10, 800, 610)
"""A compound north of a street along y = 0; its gate is at (500, 10)."""


def world(*streets, walled=True, **columns):
    areas = gpd.GeoDataFrame(
        {"area_kind": ["compound", "community"], "walled": [walled, False]} | columns,
        geometry=[WALL, Point(100, 0)],
        crs=worlds.CRS,
    )
    return areas, worlds.network_of([(0, 0), (500, 0), (2400, 0)], *streets)


def card_of(shops, gates, *streets, at="point", **options) -> qh.Scorecard:
    areas, network = world(*streets, **options)
    homes = origins(areas, None, gates, at=at)
    return qh.assess(areas, shops, network, worlds.checklist(worlds.item("shop")), origins=homes)


def walk_of(card: qh.Scorecard, area: int = 1) -> float:
    """Metres from an area to the nearest shop; the street begins where area 1 is."""
    return float(card.results.set_index("area").loc[area, "median_minutes"] * 60 * 1.25)


@pytest.mark.parametrize("at", ["point", "gate"])
def test_a_place_deep_in_a_compound_is_reached_through_the_gate(at):
    shops = worlds.points((500, 310), item="shop")
    card = card_of(shops, worlds.points((500, 10)), at=at)
    assert walk_of(card) == pytest.approx(400 + 10 + 300)
    assert any(
        "1 facilities lie inside closed compounds and are reached through their gates, 1 of them"
        in note
        for note in card.manifest["inputs"]["facilities"]["notes"]
    )
    assert "exits" not in shops


def test_the_nearest_of_several_gates_counts():
    gates = worlds.points((500, 10), (200, 310), (210, 10))
    card = card_of(worlds.points((500, 310), item="shop"), gates)
    # By the gate at the corner: 110 along, 10 to the gate, and the hypotenuse of 290 and 300.
    assert walk_of(card) == pytest.approx(110 + 10 + (290**2 + 300**2) ** 0.5)


def test_nobody_walks_through_the_wall_to_a_place_behind_it():
    card = card_of(worlds.points((500, 40), item="shop"), worlds.points((220, 10)))
    assert walk_of(card) == pytest.approx(120 + 10 + (280**2 + 30**2) ** 0.5)


def test_a_place_on_a_street_of_the_compound_is_reached_on_that_street():
    inner = [(500, 0), (500, 400)]
    card = card_of(worlds.points((520, 300), item="shop"), worlds.points((500, 10)), inner)
    assert walk_of(card) == pytest.approx(400 + 300 + 20)


@pytest.mark.parametrize(("walled", "y", "through_gate"), [
    (False, 18, False), (False, 25, True), (True, 11, False), (True, 18, True),
])  # fmt: skip
def test_a_shop_front_is_entered_from_the_street(walled, y, through_gate):
    shop = worlds.points((700, y), item="shop")
    card = card_of(shop, worlds.points((300, 10)), walled=walled)
    by_gate = 200 + 10 + (400**2 + (y - 10) ** 2) ** 0.5
    assert walk_of(card) == pytest.approx(by_gate if through_gate else 600 + y)


def test_a_building_that_meets_the_street_is_not_behind_the_wall():
    house = gpd.GeoDataFrame({"item": ["shop"]}, geometry=[box(600, 5, 650, 60)], crs=worlds.CRS)
    card = card_of(house, worlds.points((300, 10)))
    assert 500 + 5 <= walk_of(card) <= 550 + 5 + 1e-6


def test_a_building_behind_the_wall_is_as_far_as_its_nearest_side():
    house = gpd.GeoDataFrame({"item": ["shop"]}, geometry=[box(480, 300, 520, 340)], crs=worlds.CRS)
    card = card_of(house, worlds.points((500, 10)))
    assert walk_of(card) == pytest.approx(400 + 10 + 290)


def test_where_no_gate_is_known_places_are_joined_as_homes_are():
    card = card_of(worlds.points((500, 40), item="shop"), None)
    assert walk_of(card) == pytest.approx(400 + 40)


def test_an_open_area_has_no_walls():
    areas, network = world(area_kind=["community", "community"], walled=False)
    homes = origins(areas, None, worlds.points((220, 10)))
    assert len(closed_compounds(areas, homes, network).shapes) == 0


def test_of_compounds_within_compounds_the_inner_wall_counts():
    areas = gpd.GeoDataFrame(
        {"walled": [True, True]}, geometry=[WALL, box(400, 210, 600, 410)], crs=worlds.CRS
    )
    network = worlds.network_of([(0, 0), (2400, 0)])
    homes = origins(areas, None, worlds.points((500, 10), (500, 210)), at="point")
    compounds = closed_compounds(areas, homes, network)
    assert [len(gates.geoms) for gates in compounds.gates] == [1, 1]
    table, notes = reached_by_gates(worlds.points((500, 310), (300, 310)), compounds, network)
    assert [exits.geoms[0].y for exits in table["exits"]] == [210, 10]
    assert notes[0].startswith("2 facilities lie inside closed compounds")


def test_files_are_written_and_read_where_places_have_gates(tmp_path):
    card = card_of(worlds.points((500, 310), item="shop"), worlds.points((500, 10)))
    qh.write_geopackage(card, tmp_path / "town.gpkg")
    qh.write_map(card, tmp_path / "map.html", isochrones=False)
    card.save(tmp_path / "out")
