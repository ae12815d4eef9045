"""What a gate or a footway more is worth: reckoned, and asked in whole."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

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
    gate = found.changes[0]
    comparison = qh.compare(card, qh.scenario(card, [gate]))
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
