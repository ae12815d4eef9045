"""What if: every change does what it says, and the answer is that of a full assessment."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

import quarterhour as qh
import worlds
from quarterhour.errors import ChecklistError, InputError
from tried import few_of

CRS = worlds.CRS
LIMIT = {"limit_minutes": 10}  # 750 m at the adult's 1.25 m/s


def town(
    homes: list[tuple[float, float]],
    shops: dict[str, tuple[float, float]],
    network: qh.WalkNetwork | None = None,
    **columns: object,
) -> qh.Scorecard:
    """Point homes of 100 residents and pharmacies on the streets, which reach 3 km east."""
    network = network or worlds.network_of(
        *([(x, 0), (x + 500, 0)] for x in range(0, 3000, 500)), name=[f"s{k}" for k in range(6)]
    )
    areas = worlds.points(*homes, name=[f"home {k}" for k in range(len(homes))], residents=100.0)
    facilities = worlds.points(
        *shops.values(), index=list(shops), name=list(shops), item="pharmacy", **columns
    )
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    return qh.assess(areas, facilities, network, checklist())


def checklist() -> qh.Checklist:
    return worlds.checklist(worlds.item("pharmacy", **LIMIT), worlds.item("park", kind="area"))


def share(card: qh.Scorecard, area: int = 0, item: str = "pharmacy") -> float:
    rows = card.results
    return float(rows[(rows["area"] == area) & (rows["item"] == item)]["share"].iloc[0])


def minutes(card: qh.Scorecard, area: int = 0) -> float:
    rows = card.results
    mine = (rows["area"] == area) & (rows["item"] == "pharmacy")
    return float(rows[mine]["median_minutes"].iloc[0])


def same_answer(one: qh.Scorecard, other: qh.Scorecard) -> None:
    pd.testing.assert_frame_equal(one.results, other.results)
    pd.testing.assert_frame_equal(one.times, other.times)


def test_a_facility_added_is_found_and_the_first_card_stays():
    card = town([(100, 0), (2900, 0)], {"old": (0, 0)})
    new = qh.AddFacility((2800.0, 0.0), "pharmacy", "new one", crs=CRS)
    after = qh.scenario(card, new)
    assert (share(card, 1), share(after, 1)) == (0.0, 1.0)
    assert minutes(after, 1) == pytest.approx(100 / 75)
    assert after.results["facility"].dropna().tolist() == ["old", "new/pharmacy/1"]
    assert len(card.facilities) == 1
    assert after.manifest["scenario"][0]["properties"]["name"] == "new one"
    assert any("add new one" in note for note in after.manifest["inputs"]["facilities"]["notes"])
    full = qh.assess(card.areas, after.asked.facilities, card.network, card.checklist)
    same_answer(after, full)


def test_moved_closed_and_changed():
    card = town([(100, 0), (2900, 0)], {"a": (0, 0), "b": (1500, 0)})
    moved = qh.scenario(card, [qh.MoveFacility("b", (2900.0, 0.0), crs=CRS)])
    assert minutes(moved, 1) == 0.0
    closed = qh.scenario(card, [qh.CloseFacility("a")])
    assert minutes(closed) == pytest.approx(1400 / 75)
    full = qh.scenario(card, [qh.ChangeFacility("a", {"capacity": 0})])
    assert minutes(full) == pytest.approx(1400 / 75)
    assert "a" in full.facilities.index


def test_changes_are_made_one_after_the_other():
    card = town([(100, 0)], {"a": (2900, 0)})
    new = qh.AddFacility((2000.0, 0.0), "pharmacy", label="b", crs=CRS)
    after = qh.scenario(card, [new, qh.MoveFacility("b", (200.0, 0.0), crs=CRS)])
    assert minutes(after) == pytest.approx(100 / 75)
    again = qh.scenario(after, qh.CloseFacility("b"))
    assert len(again.manifest["scenario"]) == 3
    same_answer(again, card)


def test_a_place_that_is_listed_twice_closes_as_one():
    card = town([(100, 0)], {"a": (0, 0), "b": (2, 0), "c": (2900, 0)})
    twice = card.asked.facilities.assign(name=["康宁大药房", "康宁大药房", "other"])
    card = card.again(facilities=twice)
    after = qh.scenario(card, qh.CloseFacility("a"))
    assert after.facilities.index.tolist() == ["c"]
    assert any("listed as b, too" in n for n in after.manifest["inputs"]["facilities"]["notes"])


def test_columns_keep_their_types_when_a_row_is_added():
    card = town([(100, 0)], {"a": (0, 0)}, shared=[True], capacity=[3])
    there = card.asked.facilities
    there["entrances"] = gpd.GeoSeries([Point(0, 0)], index=["a"], crs=CRS)
    card = card.again(facilities=there)
    after = qh.scenario(card, qh.AddFacility((50.0, 0.0), "pharmacy", crs=CRS)).facilities
    assert isinstance(after["entrances"], gpd.GeoSeries)
    assert after["entrances"].crs == there.crs
    assert after["capacity"].dtype == there["capacity"].dtype or after["capacity"].isna().any()
    assert after["shared"].tolist() == [True, None]


def test_another_limit_and_another_walker():
    card = town([(700, 0)], {"a": (0, 0)})
    assert share(card) == 1.0
    assert share(qh.scenario(card, qh.ChangeItem("pharmacy", {"limit_minutes": 5}))) == 0.0
    slow = qh.scenario(card, qh.ChangeWalker("elderly"))
    assert minutes(slow) == pytest.approx(700 / 0.9 / 60)
    quick = qh.scenario(card, qh.ChangeWalker("elderly", speed_kmh=7.2))
    assert minutes(quick) == pytest.approx(700 / 2 / 60)


def two_streets() -> qh.WalkNetwork:
    """Two streets 200 m apart that meet 2 km to the east; each of one piece."""
    return worlds.network_of(
        [(0, 0), (2000, 0)],
        [(0, 200), (2000, 200)],
        [(2000, 0), (2000, 200)],
        name=["south", "north", "east"],
    )


def test_a_link_joins_two_streets_between_their_ends():
    card = town([(500, 0)], {"a": (500, 200)}, two_streets())
    after = qh.scenario(card, qh.AddLink([(600.0, 0.0), (600.0, 200.0)], "bridge", crs=CRS))
    assert minutes(after) == pytest.approx((100 + 200 + 100) / 75)
    network = after.network
    assert network.n_edges == 3 + 2 + 1
    assert network.n_nodes == card.network.n_nodes + 2
    assert np.array_equal(network.node_xy[: card.network.n_nodes], card.network.node_xy)
    assert network.edge_length_m.sum() == pytest.approx(card.network.edge_length_m.sum() + 200)
    assert network.metadata["scenario"] == "add link bridge"
    assert network.traits["name"].tolist()[-1] == "bridge"


def test_a_link_with_both_ends_on_one_street_and_one_at_a_junction():
    card = town([(0, 0)], {"a": (1000, 0)}, worlds.network_of([(0, 0), (500, 400), (1000, 0)]))
    line = LineString([(0, 0), (1000, 0)])
    after = qh.scenario(card, qh.AddLink(line, crs=CRS))
    assert minutes(after) == pytest.approx(1000 / 75)
    assert after.network.n_nodes == card.network.n_nodes
    inner = qh.scenario(card, qh.AddLink(LineString([(250, 200), (750, 200)]), crs=CRS))
    whole = float(card.network.edge_length_m[0])
    assert minutes(inner) == pytest.approx((whole / 2 + 500) / 75)


def test_a_cut_crossing_waits_once():
    network = worlds.network_of(
        [(0, 0), (1000, 0)], [(500, 300), (800, 300)], crossing=["signals", ""]
    )
    card = town([(0, 0)], {"a": (1000, 0)}, network)
    slow = card.again(pace="elderly")
    linked = qh.scenario(slow, qh.AddLink([(500.0, 0.0), (500.0, 300.0)], crs=CRS))
    seconds = slow.times["seconds"].iloc[0]
    assert linked.times["seconds"].iloc[0] == pytest.approx(seconds)


@pytest.mark.parametrize(
    "change",
    [
        qh.CloseStreet("south"),
        qh.CloseStreet(at=(1000.0, 3.0), crs=CRS),
        qh.CloseStreet("south", at=Point(1000, 0), crs=CRS),
        qh.CloseStreet(at=LineString([(0, 1), (2000, 1)]), crs=CRS),
    ],
)
def test_a_closed_street_is_walked_no_more(change):
    card = town([(1000, 150)], {"a": (2000, 0)}, two_streets())
    on_it = town([(1990, 100)], {"a": (1500, 0), "b": (0, 200)}, two_streets())
    assert minutes(on_it) == pytest.approx(610 / 75)
    after = qh.scenario(card, change)
    assert after.network.n_edges == 2
    assert "south" not in after.network.traits["name"]
    assert minutes(after) == pytest.approx(minutes(card))
    lost = qh.scenario(on_it, change)  # the shop itself is off every street now
    assert (share(on_it), share(lost)) == (1.0, 0.0)


def compound(**columns: object) -> qh.Scorecard:
    """A closed compound of one home, its gate in the west, a street and a shop in the east."""
    network = worlds.network_of([(-20, -500), (-20, 500)], [(220, -500), (220, 500)],
                                [(-20, 500), (220, 500)])  # fmt: skip
    areas = gpd.GeoDataFrame(
        {"name": ["court"], "residents": [300.0], "walled": [True], **columns},
        geometry=[box(0, 0, 200, 200)],
        crs=CRS,
    )
    home = gpd.GeoDataFrame(geometry=[box(95, 95, 105, 105)], crs=CRS)
    gates = worlds.points((0, 100))
    shop = worlds.points((225, 100), index=["shop"], name="shop", item="pharmacy")
    for table in (areas, home, gates, shop):
        table.attrs["datum"] = "wgs84"
    homes = qh.origins(areas, home, gates)
    return qh.assess(areas, shop, network, checklist(), origins=homes)


def test_an_opened_gate_is_the_gate_that_origins_would_have_found():
    card = compound()
    assert minutes(card) == pytest.approx((100 + 20 + 400 + 240 + 400 + 5) / 75)
    after = qh.scenario(card, qh.OpenGate((200.0, 100.0), crs=CRS))
    assert minutes(after) == pytest.approx((100 + 20 + 5) / 75)
    home = gpd.GeoDataFrame(geometry=[box(95, 95, 105, 105)], crs=CRS)
    gates = worlds.points((0, 100), (200, 100))
    for table in (home, gates):
        table.attrs["datum"] = "wgs84"
    full = card.again(origins=qh.origins(card.areas, home, gates))
    same_answer(after, full)


def test_a_wall_removed_lengthens_no_walk():
    card = compound()
    after = qh.scenario(card, qh.RemoveWall("court"))
    assert minutes(after) <= minutes(card)
    assert after.summary()["way_out"].tolist() == ["open"]
    assert after.areas["walled"].tolist() == [False]
    assert card.areas["walled"].tolist() == [True]


SEA = (9_000.0, 9_000.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (qh.CloseFacility("b"), "no 'b' among the 1 facilities"),
        (qh.CloseFacility("a"), "only facility"),
        (qh.MoveFacility("a", SEA, crs=CRS), "m from the nearest street"),
        (qh.AddFacility(SEA, "pharmacy", crs=CRS), "m from the nearest street"),
        (qh.AddFacility((0.0, 0.0), "farmacy", crs=CRS), "no item farmacy"),
        (qh.AddFacility((0.0, 0.0), crs=CRS), "nothing says what it is"),
        (qh.AddFacility((0.0, 0.0), "pharmacy", label="a", crs=CRS), "has already"),
        (qh.AddFacility((500_000.0, 0.0), "pharmacy"), "no longitude and latitude"),
        (qh.ChangeFacility("a", {"openig_hours": "24/7"}), "have no openig_hours"),
        (qh.ChangeFacility("a", {}), "nothing that changes"),
        (qh.OpenGate((0.0, 300.0), crs=CRS), "no wall that it could be in"),
        (qh.RemoveWall("home 0"), "no wall is known"),
        (qh.RemoveWall("home 7"), "Did you mean 'home 0'"),
        (qh.AddLink([(0.0, 0.0), SEA], crs=CRS), "its end is"),
        (qh.AddLink([(0.0, 0.0), (0.0, 1.0)], crs=CRS), "same place"),
        (qh.AddLink([(0.0, 0.0), (900.0, 0.0)], traits={"stairs": 1}, crs=CRS), "no stairs"),
        (qh.CloseStreet("s9"), "Did you mean"),
        (qh.CloseStreet(at=SEA, crs=CRS), "no street lies there"),
        (qh.CloseStreet(), "nothing says which"),
        (qh.ChangeWalker("runner"), "no walker named 'runner'"),
    ],
)
def test_what_cannot_be_done_is_said(change, says):
    card = town([(100, 0)], {"a": (0, 0)})
    with pytest.raises(InputError, match=says) as found:
        qh.scenario(card, [change])
    assert str(found.value).startswith("Change 1 of 1: ")


def test_more_that_cannot_be_done():
    card = town([(100, 0)], {"a": (0, 0)})
    with pytest.raises(ChecklistError, match="Change 1 of 1"):
        qh.scenario(card, qh.ChangeItem("bakery", {"limit_minutes": 5}))
    with pytest.raises(InputError, match="no change in it"):
        qh.scenario(card, [])
    with pytest.raises(InputError, match="read a file with"):
        qh.scenario(card, "plan.json")
    with pytest.raises(InputError, match="needs one line of some length"):
        qh.AddLink(Point(0, 0))
    with pytest.raises(InputError, match="no finite numbers"):
        qh.AddFacility((float("nan"), 1.0), "pharmacy")
    two = town([(100, 0)], {"a": (0, 0), "b": (900, 0)})
    named = two.again(facilities=two.asked.facilities.assign(name="x"))
    with pytest.raises(InputError, match="2 facilities are called 'x'"):
        qh.scenario(named, qh.CloseFacility("x"))


def test_a_siting_is_a_scenario_that_keeps_its_promise():
    card = worlds.new_town()
    plan = qh.site(card, "food_market", k=2)
    after = qh.scenario(card, plan.scenario)
    once = card.again(facilities=plan.facilities())
    assert after.results["share"].equals(once.results["share"])
    gained = qh.compare(card, after).items.loc["food_market", "gained"]
    assert gained == pytest.approx(plan.value - plan.before)


def random_change(card: qh.Scorecard, rng: np.random.Generator) -> object:
    """A change that can be made to the new town, whatever came before."""
    network = worlds.new_town().network
    edge = int(rng.integers(network.n_edges))
    spot = shapely.line_interpolate_point(network.lines[edge], rng.random(), normalized=True)
    there = rng.choice(worlds.new_town().facilities.index)
    crs = network.crs.to_string()
    items = worlds.new_town().checklist.keys()
    kind = rng.integers(4)
    if kind == 0:
        return qh.AddFacility(spot, str(rng.choice(items)), crs=crs)
    if kind == 1:
        return qh.MoveFacility(there, spot, crs=crs)
    if kind == 2:
        return qh.ChangeFacility(there, {"capacity": 0})
    return qh.CloseStreet(at=spot, crs=crs)


@pytest.mark.parametrize("seed", few_of(6, 3))
def test_random_scenarios_equal_a_full_assessment_cell_for_cell(seed):
    rng = np.random.default_rng(seed)
    card = worlds.new_town()
    after = qh.scenario(card, [random_change(card, rng) for _ in range(1 + seed % 3)])
    asked = after.asked
    full = qh.assess(
        asked.areas, asked.facilities, asked.network, after.checklist, origins=asked.origins
    )
    same_answer(after, full)
