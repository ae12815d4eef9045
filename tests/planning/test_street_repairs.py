"""Streets that are joined, and one-way footways that are opened, as changes of a scenario."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

import quarterhour as qh
import worlds
from quarterhour.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:.*cross or touch without a common vertex")

CRS = worlds.CRS
TEXT = f"EPSG:{CRS}" if isinstance(CRS, int) else str(CRS)


def card_on(*lines, home=(10, 0), shop=(900, 0), **columns) -> qh.Scorecard:
    """A home and a shop on some streets; a shop is to be within a quarter-hour."""
    table = gpd.GeoDataFrame(columns, geometry=[LineString(line) for line in lines], crs=CRS)
    network = qh.WalkNetwork.from_edges(table)
    areas = gpd.GeoDataFrame({"residents": [100.0]}, geometry=[Point(home)], crs=CRS)
    shops = gpd.GeoDataFrame({"item": ["shop"]}, geometry=[Point(shop)], crs=CRS)
    for one in (areas, shops):
        one.attrs["datum"] = "wgs84"
    return qh.assess(areas, shops, network, worlds.checklist(worlds.item("shop")))


def status(card: qh.Scorecard) -> str:
    return str(card.results["status"].iloc[0])


def seconds(card: qh.Scorecard) -> float:
    return float(card.times["seconds"].iloc[0])


def whole(card: qh.Scorecard, changed: qh.Scorecard) -> qh.Scorecard:
    """The same as the changed card, asked anew from its tables."""
    return qh.assess(
        changed.areas, changed.asked.facilities, changed.network, card.checklist,
        origins=changed.origins,
    )  # fmt: skip


def test_two_ends_at_one_place_are_joined():
    card = card_on([(0, 0), (500, 0)], [(500.02, 0), (1000, 0)])
    assert status(card) == "unmet"
    mended = qh.scenario(card, qh.JoinStreets(Point(500, 0), name="the bar", crs=TEXT))
    assert status(mended) == "met"
    assert seconds(mended) == pytest.approx(890 / 1.25, abs=0.1)
    assert seconds(whole(card, mended)) == seconds(mended)
    assert mended.manifest["scenario"][0]["properties"] == {
        "change": "join_streets",
        "name": "the bar",
    }


def test_a_crossing_without_a_node_becomes_one():
    card = card_on([(0, 0), (500, 0)], [(400, -300), (400, 300)], shop=(400, 200))
    assert status(card) == "unmet"
    mended = qh.scenario(card, qh.JoinStreets(Point(400, 0), crs=TEXT))
    assert seconds(mended) == pytest.approx(590 / 1.25)
    assert seconds(whole(card, mended)) == seconds(mended)


def test_an_end_on_a_street_that_passes_is_joined_to_it():
    card = card_on([(0, 0), (500, 0)], [(400.0, 0.3), (400, 300)], shop=(400, 200))
    mended = qh.scenario(card, qh.JoinStreets(Point(400, 0), crs=TEXT))
    assert seconds(mended) == pytest.approx((390 + 199.7) / 1.25, abs=0.5)


@pytest.mark.parametrize(
    ("lines", "at", "told"),
    [
        ([[(0, 0), (500, 0)], [(500, 0), (1000, 0)]], (500, 0), "meet already"),
        ([[(0, 0), (500, 0)], [(500, 0), (1000, 0)]], (250, 0), "meet already"),
        ([[(0, 0), (500, 0)], [(500, 0), (1000, 0)]], (250, 40), "are not there"),
    ],
)
def test_what_meets_already_or_is_not_there_is_told(lines, at, told):
    with pytest.raises(InputError, match=told):
        qh.scenario(card_on(*lines), qh.JoinStreets(Point(at), crs=TEXT))


def test_streets_are_joined_at_a_point():
    with pytest.raises(InputError, match="at a point"):
        qh.scenario(
            card_on([(0, 0), (1000, 0)]), qh.JoinStreets(LineString([(0, 0), (9, 0)]), crs=TEXT)
        )


def one_way() -> qh.Scorecard:
    """The short way to the shop is walked from the shop to the home only."""
    return card_on(
        [(0, 0), (1000, 0)],
        [(0, 0), (0, 700), (1000, 700), (1000, 0)],
        shop=(999, 0),
        oneway_foot=[-1, 0],
        name=["Mill Lane", ""],
    )


@pytest.mark.parametrize(
    "change",
    [
        qh.OpenBothWays("Mill Lane"),
        qh.OpenBothWays(at=Point(500, 3), crs=TEXT),
        qh.OpenBothWays("Mill Lane", Point(500, 3), crs=TEXT),
        qh.OpenBothWays(at=LineString([(1, 0), (999, 0)]), crs=TEXT),
    ],
)
def test_a_one_way_footway_is_opened(change):
    card = one_way()
    assert status(card) == "unmet"
    mended = qh.scenario(card, change)
    assert seconds(mended) == pytest.approx(989 / 1.25)
    assert (mended.network.traits["oneway_foot"] == 0).all()
    assert (card.network.traits["oneway_foot"] != 0).any(), "the card itself stays as it is"


def test_what_is_no_one_way_street_is_told():
    with pytest.raises(InputError, match="walked both ways already"):
        qh.scenario(one_way(), qh.OpenBothWays(at=Point(0, 300), crs=TEXT))
    with pytest.raises(InputError, match="nothing says which street"):
        qh.scenario(one_way(), qh.OpenBothWays())
    with pytest.raises(InputError, match="Did you mean 'Mill Lane'"):
        qh.scenario(one_way(), qh.OpenBothWays("Mil Lane"))


def test_repairs_are_written_and_read_again(tmp_path):
    card = one_way()
    plan = qh.Scenario(
        [qh.OpenBothWays("Mill Lane", name="one_way-1"), qh.JoinStreets((117.0, 40.0), "bar")],
        "mended",
    )
    again = qh.read_scenario(plan.save(tmp_path / "plan.geojson"), datum="wgs84")
    assert [(one.kind, one.name) for one in again] == [
        ("open_both_ways", "one_way-1"),
        ("join_streets", "bar"),
    ]
    mended = qh.scenario(card, qh.Scenario(again.changes[:1]))
    assert status(mended) == "met"


def test_a_link_that_is_drawn_on_a_scrap_is_joined_to_it():
    """No home is put on scraps beside streets; a link that ends on one is meant for it."""
    card = card_on(
        [(0, 0), (400, 0)],
        [(404, 0), (450, 0)],
        [(454, 0), (1000, 0)],
        [(1000, 0), (1000, 900)],
        [(0, 0), (0, -1500)],
        shop=(900, 0),
    )
    assert card.network.passed_over.sum() == 1
    both = [
        qh.AddLink([Point(400, 0), Point(404, 0)], crs=TEXT),
        qh.AddLink([Point(450, 0), Point(454, 0)], crs=TEXT),
    ]
    mended = qh.scenario(card, both)
    assert seconds(mended) == pytest.approx(890 / 1.25)
    assert np.isfinite(seconds(whole(card, mended)))
