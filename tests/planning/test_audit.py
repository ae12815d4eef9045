"""What may be wrong with the streets, whom it cuts off, and what mends it."""

from __future__ import annotations

import dataclasses
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

import quarterhour as qh
import town_faults as town
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.audit_words import audit_text
from quarterhour.planning.street_gaps import street_gaps

pytestmark = pytest.mark.filterwarnings("ignore:.*cross or touch without a common vertex")
CRS = worlds.CRS

# What was planted, the kind that it is found as, and the street.
FENCE_ON_STREET = (town.bar("新华街", "1059", "1060", 9002), "barrier", "新华街")
BRIDGE_TOO_SHORT = (town.falls_short("云桥路", "1032", "1041", 3.0, 9001), "level", "云桥路")
ONE_WAY = (town.one_way("建设路", "1039", "-1"), "one_way", "建设路")
FENCE_ON_BRIDGE = (town.bar("云桥路", "1032", "1041", 9001), "barrier", "云桥路")
NO_NODE = (town.falls_short("学府街", "1065", "1066", 4.0, 9002), "crossing", "学府街")
OTHER_ONE_WAY = (town.one_way("新华街", "1055", "-1"), "one_way", "新华街")
END_TOO_SHORT = (town.falls_short("滨河北路", "1038", "1037", 6.0, 9003), "near_miss", "滨河北路")

TRIOS = {
    "fence, short bridge, one-way": (FENCE_ON_STREET, BRIDGE_TOO_SHORT, ONE_WAY),
    "fenced bridge, no node, one-way": (FENCE_ON_BRIDGE, NO_NODE, OTHER_ONE_WAY),
    "short end, fence, one-way": (END_TOO_SHORT, FENCE_ON_STREET, ONE_WAY),
}


def town_of(name: str) -> qh.Scorecard:
    return town.town_with(*(plant for plant, _, _ in TRIOS[name]))


@cache
def looked_at(name: str, exact: int = 20) -> qh.Audit:
    """What an audit of a town with a trio of faults finds, once for all tests."""
    return qh.audit(town_of(name), exact=exact)


def areas_that_differ(one: qh.Scorecard, other: qh.Scorecard) -> set[str]:
    """Areas with another answer to any item: status, share, minutes, facility."""
    columns = ["status", "reason", "share", "median_minutes", "worst_minutes"]
    a, b = (card.results.set_index(["area", "item"])[columns] for card in (one, other))
    numbers = columns[2:]
    same = (a[["status", "reason"]] == b[["status", "reason"]]).all(axis=1)
    near = np.isclose(a[numbers].astype(float), b[numbers].astype(float), atol=0.05, equal_nan=True)
    return set(a.index.get_level_values("area")[~(same & near.all(axis=1))])


def test_a_sound_town_has_no_fault():
    found = qh.audit(town.sound())
    assert len(found.faults) == 0
    assert repr(found) == "<Audit: 0 faults (none); the worst cuts off 0 residents; 0 exact>"


@pytest.mark.parametrize(
    "planted",
    [pytest.param(n, marks=[pytest.mark.long] * (place > 0)) for place, n in enumerate(TRIOS)],
)
def test_the_audit_finds_the_three_faults_planted_in_the_streets_and_nothing_worse(planted):
    trio, card, found = TRIOS[planted], town_of(planted), looked_at(planted)
    table = found.faults
    assert set(zip(table["kind"], table["street"], strict=True)) == {one[1:] for one in trio}
    assert table["exact"].all()
    assert table["cut_off"].is_monotonic_decreasing
    for plant, kind, _ in trio:
        others = [one[0] for one in trio if one[0] is not plant]
        without = town.town_with(*others)
        (name,) = table.loc[table["kind"] == kind, "fault"]
        told = table.set_index("fault").loc[name]
        assert told["cut_off"] == pytest.approx(qh.compare(card, without).gained, rel=1e-6)
        mended = qh.scenario(card, found.repair(name))
        # Opened, it changes exactly the areas that it should, to what they are without the fault.
        assert areas_that_differ(card, mended) == areas_that_differ(card, without)
        assert areas_that_differ(mended, without) == set()
        assert [one["properties"]["name"] for one in mended.manifest["scenario"]] == [name]


def test_all_repairs_together_make_the_town_sound_again(tmp_path):
    name = "fenced bridge, no node, one-way"
    card, found = town_of(name), looked_at(name, 0)
    plan = found.repair(*found.faults["fault"])
    assert len(plan) == 3
    assert areas_that_differ(qh.scenario(card, plan), town.sound()) == set()
    saved = qh.read_scenario(plan.save(tmp_path / "repairs.geojson"), datum="wgs84")
    assert areas_that_differ(qh.scenario(card, saved), town.sound()) == set()
    assert {one.name for one in saved} == set(found.faults["fault"])


@pytest.mark.parametrize("planted", TRIOS)
def test_what_is_exact_is_never_beyond_the_bound(planted):
    exact, bound = (looked_at(planted, n).faults.set_index("fault") for n in (20, 0))
    assert not bound["exact"].any()
    bound = bound.loc[exact.index]
    assert (exact["cut_off"] <= bound["cut_off"] + 1e-6).all()
    # Gaps are measured in the plane, walks on the ellipsoid: a millionth is let pass.
    assert (exact["resident_minutes"] <= bound["resident_minutes"] * (1 + 1e-6) + 1e-3).all()


def card_of(lines, homes, shops, *, areas=None, gates=None, **columns) -> qh.Scorecard:
    """Homes and shops on some streets, a hundred residents to a home or area."""
    table = gpd.GeoDataFrame(columns, geometry=[LineString(line) for line in lines], crs=CRS)
    network = qh.WalkNetwork.from_edges(table)
    if areas is None:
        areas = worlds.points(*homes, residents=100.0)
    places = worlds.points(*shops, item="shop")
    areas.attrs["datum"] = places.attrs["datum"] = "wgs84"
    given = None if gates is None else qh.origins(areas, gates=gates)
    checklist = worlds.checklist(worlds.item("shop"))
    return qh.assess(areas, places, network, checklist, origins=given)


MAIN = [(0, 0), (0, 300), (0, 600), (0, 1200)]


def test_an_island_is_one_fault_with_all_that_joins_it():
    """A footbridge whose two ends hang in the air a metre or two from the streets."""
    lines = [MAIN, [(1.5, 600), (398, 600)], [(400, 0), (400, 1200)]]
    card = card_of(lines, [(0, 600)], [(400, 600)])
    found = qh.audit(card)
    worst = found.faults.iloc[0]
    assert (worst["kind"], worst["cut_off"]) == ("component", 100)
    assert worst["repair"] == "a link of 1.5 m, a link of 2.0 m"
    mended = qh.scenario(card, found.repair(worst["fault"]))
    assert (mended.results["status"] == "met").all()


def test_a_far_piece_is_joined_by_its_shortest_way_if_that_is_short():
    lines = [[(0, 0), (0, 2400), (2000, 2400)], [(40, 600), (640, 600), (640, 1400)]]
    card = card_of(lines, [(640, 700)], [(0, 650)])
    found = qh.audit(card)
    (worst,) = found.faults.to_dict("records")
    assert (worst["kind"], worst["repair"]) == ("component", "a link of 40.0 m")
    assert worst["cut_off"] == 100
    lines = [[(0, 0), (0, 2400), (2600, 2400)], [(900, 600), (2400, 600)]]
    island = card_of(lines, [(1000, 600)], [(0, 650)])
    (alone,) = qh.audit(island).faults.to_dict("records")
    assert (alone["kind"], alone["repair"], alone["cut_off"]) == ("component", "", 0)
    with pytest.raises(InputError, match="has no repair of its own"):
        qh.audit(island).repair(alone["fault"])


def test_a_short_cul_de_sac_beside_its_own_street_is_no_fault():
    lines = [MAIN, [(0, 600), (12, 600)], [(0, 300), (300, 300), (300, 312), (12, 312)]]
    kinds = qh.audit(card_of(lines, [(0, 10)], [(0, 900)])).faults
    assert kinds["metres"].tolist() == [12.0], "the second, 600 m round, and not the first"


def test_what_lies_on_another_level_is_not_joined():
    lines = [MAIN, [(-300, 700), (300, 700), (300, 1200)]]
    under = {"tunnel": [False, True], "layer": [0, -1]}
    found = qh.audit(card_of(lines, [(0, 10)], [(300, 705)], **under)).faults
    assert "crossing" not in set(found["kind"])
    open_air = qh.audit(card_of(lines, [(0, 10)], [(300, 705)])).faults
    assert open_air["kind"].tolist() == ["crossing"]
    assert open_air["cut_off"].tolist() == [100.0]


def test_streets_that_end_at_the_border_of_the_data_go_on_beyond_it():
    lines = [[(0, 0), (0, 600), (10, 600), (10, 0)]]
    halves = [LineString(lines[0][:3]), LineString(lines[0][2:])]
    streets = gpd.GeoDataFrame(geometry=halves, crs=CRS)
    for bottom, count in ((0, 0), (-100, 1)):
        network = qh.WalkNetwork.from_edges(streets)
        parts = {one.name: getattr(network, one.name) for one in dataclasses.fields(network)}
        network = qh.WalkNetwork.build(**parts | {"extent": box(-900, bottom, 900, 900)})
        gaps = street_gaps(network, qh.ADULT)
        assert len([gap for gap in gaps if gap.xy[0][1] == 0]) == count


def test_a_wall_whose_gate_leads_nowhere_and_one_without_a_gate():
    areas = gpd.GeoDataFrame(
        {"residents": [100.0, 100.0], "walled": [True, True]},
        geometry=[box(20, 100, 420, 500), box(-420, 100, -20, 500)],
        index=["east", "west"],
        crs=CRS,
    )
    gates = worlds.points((420, 300))
    card = card_of([MAIN], [], [(0, 700)], areas=areas, gates=gates)
    found = qh.audit(card).faults.set_index("kind")
    assert found.loc["wall", "area"] == "east"
    assert found.loc["wall", "cut_off"] == 100
    assert found.loc["wall_without_gate", ["area", "repair"]].tolist() == ["west", ""]
    audit = qh.audit(card)
    mended = qh.scenario(card, audit.repair(found.loc["wall", "fault"]))
    assert (mended.results.set_index("area").loc["east", "status"]) == "met"


def test_limits_in_metres_count_as_well():
    network = worlds.network_of([(0, 0), (0, 900)], [(0, 900), (10, 900), (10, 0)])
    areas = worlds.points((0, 20), residents=100.0)
    shops = worlds.points((10, 30), item="shop")
    areas.attrs["datum"] = shops.attrs["datum"] = "wgs84"
    checklist = worlds.checklist(worlds.item("shop", limit_minutes=None, limit_m=500))
    card = qh.assess(areas, shops, network, checklist)
    for exact in (0, 5):
        worst = qh.audit(card, exact=exact).faults.iloc[0]
        assert (worst["kind"], worst["cut_off"]) == ("near_miss", 100)


def test_what_is_not_listed_is_counted():
    lines = [MAIN, [(1.5, 600), (398, 600)], [(400, 0), (400, 1200)], [(401, 300), (600, 300)]]
    card = card_of([*lines, [(401.5, 900), (600, 900)]], [(0, 600)], [(400, 600)])
    whole, some = qh.audit(card, exact=0), qh.audit(card, exact=0, show=1)
    assert len(some.faults) == 1 < len(whole.faults) == whole.found == some.found
    assert sum(some.faults.attrs["found"].values()) == some.found
    assert f"{some.found} were found in all; the 1 that" in " ".join(audit_text(some, "en"))
    assert f"共发现 {some.found} 处" in " ".join(audit_text(some, "zh"))
    assert "found in all" not in " ".join(audit_text(whole, "en"))


def test_faults_are_asked_for_by_name():
    card = town.town_with(ONE_WAY[0])
    found = qh.audit(card, exact=1)
    assert str(found.repair(["one_way-1"])) == (
        "repair of one_way-1: open both ways one_way-1 2015"
    )
    with pytest.raises(InputError, match="There is no fault 'one_way-7'; the worst are: one_way-1"):
        found.repair("one_way-7")
    with pytest.raises(InputError, match="Which faults"):
        found.repair()
    with pytest.raises(InputError, match="give how many"):
        qh.audit(card, exact=-1)


def test_the_table_is_the_same_each_time():
    name = "short end, fence, one-way"
    anew = qh.audit(town_of(name), exact=0)
    one, two = (found.faults.set_index("fault") for found in (looked_at(name, 0), anew))
    pd.testing.assert_frame_equal(one.drop(columns="geometry"), two.drop(columns="geometry"))
