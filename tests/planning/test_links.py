"""What a gate or a footway more is worth: reckoned, and asked in whole."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.planning.link_candidates import gate_candidates, link_candidates
from quarterhour.planning.links import link_value

CRS = 32650


def two_streets(residents: float = 100.0) -> qh.Scorecard:
    """Two streets of 1,200 m, 40 m apart, joined at their west ends; the shop is far out north."""
    south = [LineString([(x, 0), (x + 200, 0)]) for x in range(0, 1200, 200)]
    north = [LineString([(x, 40), (x + 200, 40)]) for x in range(0, 1200, 200)]
    lines = [*south, *north, LineString([(0, 0), (0, 40)])]
    network = qh.WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=lines, crs=CRS))
    homes = [Point(x, 0) for x in (100, 900, 1000, 1100)]
    areas = gpd.GeoDataFrame({"residents": [residents] * 4}, geometry=homes, crs=CRS)
    shops = gpd.GeoDataFrame({"item": ["shop"]}, geometry=[Point(1150, 40)], crs=CRS)
    for table in (areas, shops):
        table.attrs["datum"] = "wgs84"
    return qh.assess(areas, shops, network, worlds.checklist(worlds.item("shop")))


def test_the_missing_footway_is_found_and_its_worth_is_that_of_the_assessment():
    card = two_streets()
    # From the west end it is 1,150 m to the shop, and a quarter-hour is 1,125 m.
    assert (card.results["status"] == "met").sum() == 0
    found = link_value(card)
    best = found.table.iloc[0]
    assert (best["change"], best["best_item"], bool(best["exact"])) == ("add_link", "shop", True)
    assert best["length_m"] == pytest.approx(40, rel=0.01)
    assert best["gained"] == best["gained_pairs"] == 400
    after = qh.scenario(card, found.scenario())
    assert (after.results["status"] == "met").all()
    assert found.measure == "residents"


def test_what_is_reckoned_is_what_the_assessment_finds():
    card = two_streets()
    asked, reckoned = (link_value(card, exact=n).table for n in (100, 0))
    assert asked["exact"].all()
    assert not reckoned["exact"].any()
    assert sorted(asked["gained_pairs"]) == pytest.approx(sorted(reckoned["gained_pairs"]))
    assert reckoned["gained"].isna().all()


def test_links_are_pairs_near_each_other_and_far_on_foot():
    network = two_streets().network
    ends = link_candidates(network, qh.ADULT)
    xy = network.node_xy
    assert np.allclose(xy[ends.one][:, 0], xy[ends.other][:, 0])
    assert set(ends.length_m) == {40.0}
    assert xy[ends.one][:, 0].min() >= 200, "round the west end it is less than 400 m"
    grid = worlds.grid_world(n=5, block_m=50.0)
    assert len(link_candidates(grid, qh.ADULT).one) == 0, "nothing is far from its neighbour"


def test_gates_are_tried_in_walls_with_a_street_before_them():
    card = worlds.new_town()
    spots = gate_candidates(card)
    assert len(spots) > 0
    shapes = card.areas.geometry.to_crs(spots.crs).loc[spots["area"]]
    assert spots.geometry.distance(shapes.boundary, align=False).max() < 0.01
    streets = gpd.GeoSeries(card.network.lines, crs=spots.crs).union_all()
    assert spots.distance(streets).max() <= 30
    found = link_value(card, exact=3, show=10)
    assert len(found.table) <= 10
    assert found.table["exact"].sum() == 3
    best = found.changes[0]
    comparison = qh.compare(card, qh.scenario(card, [best]))
    assert found.table["gained_pairs"].iloc[0] == comparison.items["gained"].sum()


def test_candidates_of_ones_own_are_valued_each_by_itself():
    card = two_streets()
    mine = qh.Scenario(
        [
            qh.AddLink([Point(200, 0), Point(200, 40)], name="west", crs=f"EPSG:{CRS}"),
            qh.AddLink([Point(1000, 0), Point(1000, 40)], name="east", crs=f"EPSG:{CRS}"),
        ]
    )
    found = link_value(card, mine)
    assert found.table["exact"].all()
    assert found.changes[0].name == "east"
    assert found.table["gained"].tolist() == [400, 100]


def test_what_is_no_gate_and_no_link_is_refused():
    with pytest.raises(InputError, match="neither a gate nor a link"):
        link_value(two_streets(), qh.Scenario([qh.CloseFacility(0)]))


def test_where_nothing_is_gained_nothing_is_told():
    lines = [LineString([(0, 0), (500, 0)])]
    network = qh.WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=lines, crs=CRS))
    areas = gpd.GeoDataFrame(geometry=[Point(10, 0)], crs=CRS)
    shops = gpd.GeoDataFrame({"item": ["shop"]}, geometry=[Point(400, 0)], crs=CRS)
    for table in (areas, shops):
        table.attrs["datum"] = "wgs84"
    card = qh.assess(areas, shops, network, worlds.checklist(worlds.item("shop")))
    found = link_value(card)
    assert len(found.table) == 0
    assert repr(found) == "<LinkValues: 0 gates and links, the best worth 0 residences; 0 exact>"


def walled() -> qh.Scorecard:
    """Two compounds on a street; the gate of one is far from the shop, its wall is not.

    Built to be found: who lives in the west walks 400 m to the gate in the north and 1.1 km round.
    """
    lines = [[(0, 0), (600, 0), (1200, 0)], [(0, 0), (0, 900)], [(0, 900), (600, 900)]]
    network = worlds.network_of(*lines, crs=CRS)
    areas = gpd.GeoDataFrame(
        {"residents": [500.0, 300.0], "walled": True, "name": ["west", "east"]},
        geometry=[box(100, 20, 500, 880), box(700, 20, 1100, 300)],
        index=["west", "east"],
        crs=CRS,
    )
    gates = worlds.points((300, 880), (900, 20), crs=CRS)
    homes = worlds.squares((300, 100), (320, 160), (900, 100), crs=CRS, levels=1, residential=True)
    shops = worlds.points((600, 0), crs=CRS, item="shop")
    for table in (areas, gates, homes, shops):
        table.attrs["datum"] = "wgs84"
    origins = qh.origins(areas, homes, gates)
    return qh.assess(areas, shops, network, worlds.checklist(worlds.item("shop")), origins=origins)


def test_the_wall_that_was_built_to_be_found_is_found_and_changes_exactly_its_area():
    card = walled()
    found = link_value(card)
    assert found.table["area"].iloc[0] == "west"
    assert set(found.table["change"]) == {"open_gate", "remove_wall"}
    assert set(found.table["area"]) == {"west"}
    assert found.table.iloc[0]["gained"] == 500
    for change in found.changes:
        opened = qh.scenario(card, [change])
        turned = qh.compare(card, opened).turned
        assert turned["area"].tolist() == ["west"]
        same = card.results["area"] != "west"
        assert opened.results[same.to_numpy()].equals(card.results[same])


def test_the_best_gate_of_the_town_is_that_of_a_town_with_the_gate():
    """Opened in the scenario, it changes what a gate more in the table of gates changes."""
    card = worlds.new_town()
    found = link_value(card, exact=5)
    best = next(change for change in found.changes if isinstance(change, qh.OpenGate))
    town = worlds.SAMPLES / "new-town"
    gates = qh.read_gates(town / "gates.geojson", datum="wgs84")
    spot = gpd.GeoSeries([best.at], crs=best.crs, index=["more"]).to_crs(gates.crs)
    rows = [gates, gpd.GeoDataFrame(geometry=spot, index=["more"])]
    more = gpd.GeoDataFrame(pd.concat(rows), crs=gates.crs)
    more.attrs = dict(gates.attrs)
    buildings = qh.read_buildings(town / "buildings.geojson", datum="wgs84")
    whole = card.again(origins=qh.origins(card.areas, buildings, more))
    opened = qh.scenario(card, [best])
    told = ["area", "item", "status", "reason", "share", "median_minutes"]
    pd.testing.assert_frame_equal(opened.results[told], whole.results[told], atol=1e-6)
    changed = qh.compare(card, opened)
    assert set(changed.turned["area"]) == {best.area}


def test_a_home_in_two_areas_is_gained_once():
    card = walled()
    areas = pd.concat([card.areas, card.areas.loc[["west"]].rename(index={"west": "again"})])
    areas = gpd.GeoDataFrame(areas.assign(walled=[True, True, False]), crs=CRS)
    areas.geometry = [*areas.geometry.iloc[:2], box(90, 15, 510, 890)]
    areas.attrs = dict(card.areas.attrs)
    gates = worlds.points((300, 880), (900, 20), crs=CRS)
    homes = worlds.squares((300, 100), (320, 160), (900, 100), crs=CRS, levels=1, residential=True)
    gates.attrs["datum"] = homes.attrs["datum"] = "wgs84"
    twice = card.again(areas=areas, origins=qh.origins(areas, homes, gates))
    assert link_value(twice, exact=1).table["gained"].iloc[0] == 500
