"""The sentence, on worlds whose answer is known by hand, and its laws."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.errors import DatumError, InputError, NetworkError, QuarterhourWarning
from quarterhour.scoring.item_walks import walks_to_items
from quarterhour.scoring.question import HORIZON
from quarterhour.scoring.scorecard import REASONS
from quarterhour.standards.items import HostRule
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Profile

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import three_checklists

from tried import examples


def street(length=4000.0, **build) -> WalkNetwork:
    """A straight street; the extent is the whole neighbourhood of it unless said."""
    line = worlds.network_of([(0, 0), (length, 0)])
    extent = build.pop("extent", box(-9000, -9000, 9000 + length, 9000))
    return WalkNetwork(**({f: getattr(line, f) for f in FIELDS} | {"extent": extent}))


FIELDS = list(WalkNetwork.__dataclass_fields__)


def at_x(*xs, y=0.0, **columns) -> gpd.GeoDataFrame:
    return worlds.points(*((x, y) for x in xs), **columns)


def card_of(home_x, shop_x, *, item=None, network=None, **options) -> qh.Scorecard:
    """Point areas on the street, shops on the street, one item."""
    item = item or worlds.item("shop")
    areas = at_x(*home_x, residents=[100.0] * len(home_x))
    shops = at_x(*shop_x, item="shop")
    return qh.assess(areas, shops, network or street(), worlds.checklist(item), **options)


def rows(card) -> list[tuple[str, str]]:
    return list(zip(card.results["status"], card.results["reason"], strict=True))


# --- answers by hand ----------------------------------------------------------------------------


def test_on_one_street():
    card = card_of([0, 1125, 1126, 3375.5], [0])
    assert rows(card) == [("met", "within_limit")] * 2 + [("unmet", "beyond_limit")] * 2
    minutes = card.results["median_minutes"]
    assert minutes.tolist() == pytest.approx([0, 15, 1126 / 75, np.nan], nan_ok=True)
    assert card.results["facility"].tolist() == [0, 0, 0, None]
    assert card.results["residents_without"].tolist() == [0, 0, 100, 100]


def test_the_search_goes_on_beyond_the_limit_to_say_how_far():
    assert HORIZON == 2.0
    card = card_of([2250, 2251], [0])
    assert card.results["median_minutes"].tolist() == pytest.approx([30, np.nan], nan_ok=True)


def test_an_item_with_a_shorter_limit():
    shop = worlds.item("shop", limit_minutes=5)
    assert rows(card_of([375, 376], [0], item=shop)) == [
        ("met", "within_limit"),
        ("unmet", "beyond_limit"),
    ]


def test_a_limit_in_metres_does_not_depend_on_the_pace():
    stop = worlds.item("shop", limit_minutes=None, limit_m=300.0)
    for speed in (0.5, 1.25, 2.0):
        card = card_of([300, 301], [0], item=stop, pace=Profile("p", speed))
        assert card.results["status"].tolist() == ["met", "unmet"]
        assert card.results["median_minutes"].tolist() == pytest.approx(
            [300 / speed / 60, 301 / speed / 60]
        )


def steps_and_a_way_round() -> WalkNetwork:
    """From x = 0 to 200: 200 m by steps, or 400 m round them."""
    return worlds.network_of(
        [(0, 0), (200, 0)], [(0, 0), (0, 100), (200, 100), (200, 0)], steps=[True, False]
    )


@pytest.mark.parametrize("limit", [{"limit_m": 300.0}, {"limit_m": 300.0, "at_least": 1}])
def test_metres_are_those_of_the_streets_that_this_walker_may_use(limit):
    stop = worlds.item("shop", limit_minutes=None, **limit)
    far = worlds.item("shop", limit_minutes=None, limit_m=400.0)
    network = steps_and_a_way_round()
    verdicts = {
        name: [
            card_of([0], [200], item=item, network=network, pace=qh.profile(name))
            .results["status"]
            .item()
            for item in (stop, far)
        ]
        for name in ("adult", "elderly", "wheelchair", "stroller")
    }
    assert verdicts["adult"] == verdicts["elderly"] == ["met", "met"]
    assert verdicts["wheelchair"] == verdicts["stroller"] == ["unmet", "met"]


def test_metres_are_never_in_a_column_called_seconds():
    stop = worlds.item("shop", limit_minutes=None, limit_m=300.0)
    card = card_of([0, 260, 4000], [0], item=stop, pace=Profile("slow", 0.5))
    assert card.times["metres"].tolist() == pytest.approx([0, 260, np.nan], nan_ok=True)
    assert card.times["seconds"].tolist() == pytest.approx([0, 520, np.nan], nan_ok=True)
    timed = card_of([0, 260], [0], pace=Profile("slow", 0.5))
    assert timed.times["metres"].isna().all()
    assert timed.times["seconds"].tolist() == [0, 520]
    found = qh.service_directory(card)
    assert found["minutes"].tolist() == pytest.approx([0, 520 / 60, np.nan], nan_ok=True)
    assert found["share_within"].tolist() == pytest.approx([1, 1, np.nan], nan_ok=True)
    rates = qh.coverage(card).set_index("measure")["numerator"]
    assert rates[["population", "residence", "area"]].tolist() == [200, 2, 2]


def test_what_comes_to_the_home_is_no_metres_away():
    stop = worlds.item("shop", limit_minutes=None, limit_m=300.0)
    shops = at_x(0, 3000, item="shop", service_mode=["door_to_door", "on_site"])
    card = qh.assess(at_x(0, residents=[9.0]), shops, street(), worlds.checklist(stop))
    assert rows(card) == [("met", "needs_no_walk")]
    assert card.times[["seconds", "metres"]].to_numpy().tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("shops", "expected"),
    [
        ([0, 1000], ("met", "within_limit")),
        ([0, 2000], ("unmet", "beyond_limit")),
        ([0], ("unmet", "beyond_limit")),
        ([1500, 3000], ("unmet", "beyond_limit")),
    ],
)
def test_at_least_two(shops, expected):
    two = worlds.item("shop", at_least=2)
    assert rows(card_of([0], shops, item=two)) == [expected]


def test_at_least_two_is_timed_to_the_second():
    card = card_of([0], [150, 600, 900], item=worlds.item("shop", at_least=2))
    assert card.results["median_minutes"].tolist() == [pytest.approx(8)]
    assert card.results["facility"].tolist() == [1]


def test_at_least_two_when_nothing_of_it_is_near_any_street_or_there():
    items = [worlds.item("shop", at_least=2), worlds.item("bank"), worlds.item("zoo", at_least=3)]
    places = at_x(0, 0, 10, item=["shop", "shop", "bank"])
    places.loc[[0, 1], "geometry"] = at_x(5, 6, y=500.0).geometry.to_numpy()
    card = qh.assess(at_x(0), places, street(), worlds.checklist(*items), surveyed=["shop"])
    assert rows(card) == [
        ("unknown", "not_snapped"),
        ("met", "within_limit"),
        ("unknown", "no_facility"),
    ]


def test_one_place_listed_twice_is_not_two():
    two = worlds.checklist(worlds.item("shop", at_least=2))
    table = at_x(0, 10, 900, item="shop", name=["好邻居便利店", "好邻居便利店", "物美超市"])
    card = qh.assess(at_x(0), table.iloc[:2], street(), two)
    assert rows(card) == [("unmet", "beyond_limit")]
    assert card.manifest["inputs"]["facilities"]["notes"] == [
        "Places listed already: 1 that serve an item."
    ]
    assert set(card.matches["place"]) == {0}
    card = qh.assess(at_x(0), table, street(), two)
    assert rows(card) == [("met", "within_limit")]
    assert card.results["median_minutes"].tolist() == [pytest.approx(12)]


@pytest.mark.parametrize("at_least", [1, 2])
def test_listing_everything_twice_changes_nothing(at_least):
    network = worlds.grid_world(8, 300.0)
    areas = worlds.strewn(network, 12, 5, spread_m=60).assign(residents=10.0)
    table = worlds.strewn(network, 6, 6, spread_m=30)
    table["item"], table["name"] = "shop", [f"{letter}商店" for letter in "甲乙丙丁戊己"]
    again = table.set_axis([f"z again {label}" for label in table.index])
    checklist = worlds.checklist(worlds.item("shop", at_least=at_least, limit_minutes=9))
    once = qh.assess(areas, table, network, checklist).results
    twice = qh.assess(areas, pd.concat([table, again]), network, checklist).results
    pd.testing.assert_frame_equal(once, twice)
    assert set(once["status"]) == {"met", "unmet"}


def test_what_is_there_but_lost_is_not_missing():
    """A surveyed item whose only facility is not on the network is unknown, not unmet."""
    items = worlds.checklist(worlds.item("shop"), worlds.item("bank"), worlds.item("stop"))
    places = gpd.GeoDataFrame(
        pd.concat([at_x(0, item="shop"), at_x(0, y=500.0, item="bank")], ignore_index=True)
    )
    card = qh.assess(at_x(0), places, street(), items, surveyed=["all"])
    assert rows(card) == [
        ("met", "within_limit"),
        ("unknown", "not_snapped"),
        ("unmet", "no_facility"),
    ]


def test_lost_in_a_round_of_its_own():
    items = worlds.checklist(
        worlds.item("shop"), worlds.item("stop", limit_minutes=None, limit_m=500.0)
    )
    places = gpd.GeoDataFrame(
        pd.concat([at_x(0, item="shop"), at_x(0, y=500.0, item="stop")], ignore_index=True)
    )
    card = qh.assess(at_x(0, 100), places, street(), items)
    assert rows(card) == [("met", "within_limit"), ("unknown", "not_snapped")] * 2


def test_hosts_imply_what_they_house():
    items = [worlds.item("station"), worlds.item("board", checkability="D")]
    rule = HostRule(("station",), ("board",), 0.5, "by rule", "")
    checklist = worlds.checklist(*items, hosts=[rule])
    card = qh.assess(at_x(0, 2000), at_x(100, item="station"), street(), checklist)
    assert rows(card) == [
        ("met", "within_limit"),
        ("met", "implied_by_host"),
        ("unmet", "beyond_limit"),
        ("unknown", "not_assessable"),
    ]
    assert card.summary()["implied"].tolist() == [1, 0]


def test_unreachable_is_not_far():
    network = worlds.network_of([(0, 0), (3000, 0)], [(0, 500), (3000, 500)])
    areas = worlds.points((0, 0), (0, 500))
    checklist = worlds.checklist(worlds.item("shop"))
    card = qh.assess(areas, at_x(10, item="shop"), network, checklist)
    assert rows(card) == [("met", "within_limit"), ("unmet", "unreachable")]


def test_an_area_off_the_network_is_unknown():
    areas = worlds.points((0, 0), (0, 800))
    card = qh.assess(areas, at_x(10, item="shop"), street(), worlds.checklist(worlds.item("shop")))
    assert rows(card)[1] == ("unknown", "not_snapped")


def test_edges_of_the_data_are_flagged():
    network = street(extent=box(-10, -10, 4010, 10))
    near = card_of([2000], [0], network=network)
    assert near.results["edge_affected"].tolist() == [True]
    wide = card_of([2000], [0], network=street(extent=box(-10, -5000, 4010, 5000)))
    assert wide.results["edge_affected"].tolist() == [False]


def test_half_of_the_residents_decide_and_the_quota_can_be_chosen():
    areas = gpd.GeoDataFrame({"residents": [100.0]}, geometry=[box(0, -20, 2400, 20)], crs=32650)
    homes = worlds.squares((100, 0), (200, 0), (2000, 0), size=10)
    checklist = worlds.checklist(worlds.item("shop"))
    origins = qh.origins(areas, homes)
    args = (areas, at_x(0, item="shop"), street(), checklist)
    card = qh.assess(*args, origins=origins)
    assert rows(card) == [("met", "within_limit")]
    assert card.results["share"].tolist() == [pytest.approx(2 / 3)]
    assert card.results["residents_without"].tolist() == [pytest.approx(100 / 3)]
    assert card.results["median_minutes"].tolist() == [pytest.approx(200 / 75)]
    strict = qh.assess(*args, origins=origins, quota=0.7)
    assert rows(strict) == [("unmet", "beyond_limit")]


def test_without_origins_they_are_made_of_the_areas():
    areas = worlds.squares((500, 0), size=100)
    card = qh.assess(areas, at_x(0, item="shop"), street(), worlds.checklist(worlds.item("shop")))
    assert set(card.origins["kind"]) == {"grid"}
    assert card.manifest["parameters"]["origins_at"] == "residence"


def test_degrees_and_metres_together():
    shift = (500_000.0, 1_000_000.0)
    line = gpd.GeoDataFrame(geometry=worlds.line_world().lines[:1], crs=worlds.CRS).translate(
        *shift
    )
    network = WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=line))
    areas = gpd.GeoDataFrame(geometry=at_x(0).translate(*shift)).to_crs(4326)
    shops = gpd.GeoDataFrame({"item": ["shop"]}, geometry=at_x(750).translate(*shift)).to_crs(3857)
    card = qh.assess(areas, shops, network, worlds.checklist(worlds.item("shop")))
    assert card.results["median_minutes"].tolist() == [pytest.approx(10, abs=1e-4)]


def test_every_place_is_snapped_once(monkeypatch):
    """Limits in metres and items that ask for several all walk from and to the same."""
    asked = []

    def counted(snap):
        def count(table, *args):
            asked.append(len(table))
            return snap(table, *args)

        return count

    snap = sys.modules["quarterhour.streets.snap"]
    for name in ("start_positions", "end_positions"):
        monkeypatch.setattr(snap, name, counted(getattr(snap, name)))
    items = [worlds.item("shop", at_least=2), worlds.item("bank", limit_minutes=None, limit_m=9.0)]
    shops = at_x(10, 20, 30, item=["shop", "shop", "bank"])
    qh.assess(at_x(0, 50), shops, street(), worlds.checklist(*items))
    assert sorted(asked) == [2, 3]


def test_no_argument_is_changed():
    areas, shops = at_x(0, 100, residents=[1.0, 2.0]), at_x(50, item="shop")
    before = areas.copy(), shops.copy(), dict(areas.attrs)
    qh.assess(areas, shops, street(), worlds.checklist(worlds.item("shop")))
    pd.testing.assert_frame_equal(areas, before[0])
    pd.testing.assert_frame_equal(shops, before[1])
    assert areas.attrs == before[2]


def test_a_checklist_that_nothing_matches():
    checklist = worlds.checklist(worlds.item("zoo"), worlds.item("shop"))
    card = card_of([0], [0])
    assert (
        len(
            walks_to_items(
                card.origins, card.facilities, card.matches.iloc[:0], street(), checklist
            )
        )
        == 0
    )
    nothing = qh.assess(at_x(0), at_x(0, item="shop"), street(), checklist)
    assert rows(nothing) == [("unknown", "no_facility"), ("met", "within_limit")]


def test_what_made_the_numbers_travels_with_them():
    card = card_of([0], [0], quota=0.6, surveyed=["shop"], pace=Profile("elder", 1.0))
    parameters = card.manifest["parameters"]
    assert parameters["pace"] == "elder, 1.00 m/s (3.60 km/h)"
    assert parameters["quota"] == 0.6
    assert parameters["surveyed"] == ["shop"]
    assert parameters["limits"] == {"shop": "15 min"}
    assert card.manifest["inputs"]["network"]["sha256"] == card.network.sha256
    assert card.manifest["inputs"]["checklist"]["sha256"] == card.checklist.sha256
    assert card.manifest["inputs"]["facilities"]["rows"] == 1
    metres = card_of([0], [0], item=worlds.item("shop", limit_minutes=None, limit_m=250.0))
    assert metres.manifest["parameters"]["limits"] == {"shop": "250 m"}


# --- refusals -----------------------------------------------------------------------------------


def test_areas_beside_the_network_are_refused():
    with pytest.raises(NetworkError, match="None of the 1 areas lies on the street network"):
        qh.assess(
            at_x(50_000), at_x(0, item="shop"), street(), worlds.checklist(worlds.item("shop"))
        )


def test_facilities_of_which_none_snaps_are_refused():
    with pytest.raises(NetworkError, match="None of the 2 facilities lies within 100 m"):
        qh.assess(
            at_x(0),
            at_x(0, 10, y=700.0, item="shop"),
            street(),
            worlds.checklist(worlds.item("shop")),
        )


@pytest.mark.parametrize("which", ["areas", "facilities"])
def test_another_datum_is_refused(which):
    tables = {"areas": at_x(0), "facilities": at_x(0, item="shop")}
    tables[which].attrs["datum"] = "gcj02"
    with pytest.raises(DatumError, match=f"{which} are in gcj02, the streets in wgs84"):
        qh.assess(**tables, network=street(), checklist=worlds.checklist(worlds.item("shop")))


def test_a_table_in_china_without_a_datum_is_refused():
    beijing = gpd.GeoDataFrame(geometry=at_x(450_000, y=4_420_000.0).geometry)
    with pytest.raises(DatumError, match="areas lie in mainland China"):
        qh.assess(beijing, at_x(0, item="shop"), street(), worlds.checklist(worlds.item("shop")))


def in_beijing(network, **columns) -> gpd.GeoDataFrame:
    """Shops 8 m beside the streets of a small grid in Beijing, in WGS 84."""
    rng = np.random.default_rng(3)
    edge = rng.choice(network.n_edges, 120)
    on = shapely.line_interpolate_point(network.lines[edge], rng.random(120), normalized=True)
    xy = shapely.get_coordinates(on) + rng.choice([-8.0, 8.0], (120, 2))
    return gpd.GeoDataFrame(columns, geometry=shapely.points(xy), crs=network.crs)


def beijing_streets() -> WalkNetwork:
    grid = worlds.grid_world(12, 210.0).lines
    lines = gpd.GeoSeries(grid, crs=worlds.CRS).translate(450_000, 4_420_000)
    lines = lines.rotate(7, origin=(451_000, 4_421_000))
    return WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=lines))


@pytest.mark.parametrize("wrong", ["wgs84", "bd09"])
def test_a_wrongly_declared_datum_is_noticed(wrong):
    network = beijing_streets()
    areas = qh.declare_datum(in_beijing(network).iloc[:3], "wgs84")
    table = in_beijing(network, item=["shop"] * 120)
    amap = qh.convert_datum(table, "gcj02", datum="wgs84")
    checklist = worlds.checklist(worlds.item("shop"))
    right = qh.read_facilities(qh.declare_datum(amap, "gcj02"))
    card = qh.assess(areas, right, network, checklist)
    assert not [n for n in card.manifest["inputs"]["facilities"]["notes"] if "streets say" in n]
    read = qh.read_facilities(qh.declare_datum(amap, wrong))
    with pytest.warns(QuarterhourWarning, match=f"declared {wrong}, but the streets say gcj02"):
        card = qh.assess(areas, read, network, checklist)
    assert "streets say gcj02" in " ".join(card.manifest["inputs"]["facilities"]["notes"])


@pytest.mark.parametrize("wrong", ["wgs84", "bd09"])
def test_the_new_town_with_the_wrong_datum_says_so(wrong):
    town = worlds.SAMPLES / "new-town"
    streets = qh.read_osm(town / "streets.osm").streets
    areas = qh.read_areas(town / "compounds.geojson", datum="wgs84")
    table = qh.read_facilities(town / "amap_poi.csv", datum=wrong)
    with pytest.warns(QuarterhourWarning, match=rf"declared {wrong}.*datum=.gcj02"):
        qh.assess(areas, table, streets, qh.Checklist.load("beijing-2011"))


def test_facilities_in_china_without_a_datum_are_refused():
    network = beijing_streets()
    areas = qh.declare_datum(in_beijing(network).iloc[:3], "wgs84")
    table = in_beijing(network, item=["shop"] * 120)
    with pytest.raises(DatumError, match="facilities lie in mainland China"):
        qh.assess(areas, table, network, worlds.checklist(worlds.item("shop")))


def test_origins_of_another_datum_are_refused():
    areas = at_x(0)
    origins = qh.origins(areas, at="point")
    origins.attrs["datum"] = "bd09"
    with pytest.raises(DatumError, match="origins are in bd09, the streets in wgs84"):
        card_of([0], [0], origins=origins)


def test_points_that_are_no_origins_are_refused():
    with pytest.raises(InputError, match="origins have no column area"):
        card_of([0], [0], origins=at_x(0))


# --- laws ---------------------------------------------------------------------------------------


RANK = {"met": 2, "unknown": 1, "unmet": 0}


def random_card(seed: int, **options) -> qh.Scorecard:
    network = worlds.grid_world(8, 300.0)
    rng = np.random.default_rng(seed)
    areas = worlds.strewn(network, 12, seed, spread_m=120)
    areas["residents"] = rng.integers(1, 500, 12).astype(float)
    places = worlds.strewn(network, 6, seed + 1)
    places["item"] = rng.choice(["shop", "bank", "board", "shop|bank"], 6)
    items = [
        worlds.item("shop"),
        worlds.item("bank", limit_minutes=10, checkability="B", at_least=2),
        worlds.item("board", checkability="D"),
        worlds.item("stop", limit_minutes=None, limit_m=500.0),
    ]
    return qh.assess(areas, places, network, worlds.checklist(*items), **options)


@examples(5)
@given(seed=st.integers(0, 10_000), speed=st.floats(0.6, 1.5), faster=st.floats(1.0, 1.5))
def test_a_faster_pace_never_loses_a_met_item(seed, speed, faster):
    slow = random_card(seed, pace=Profile("slow", speed)).results
    fast = random_card(seed, pace=Profile("fast", speed * faster)).results
    was_met = slow["status"] == "met"
    assert (fast.loc[was_met, "status"] == "met").all()
    assert (fast["share"] >= slow["share"] - 1e-9).all()


@examples(5)
@given(seed=st.integers(0, 10_000), quota=st.floats(0.1, 0.9))
def test_a_higher_quota_never_gains_an_item(seed, quota):
    low, high = (random_card(seed, quota=q).results["status"].map(RANK) for q in (quota, 1.0))
    assert (high <= low).all()


@examples(5)
@given(seed=st.integers(0, 10_000))
def test_a_survey_only_turns_unknown_into_unmet(seed):
    plain, full = random_card(seed).results, random_card(seed, surveyed=["all"]).results
    changed = plain["status"] != full["status"]
    assert (plain.loc[changed, "status"] == "unknown").all()
    assert (full.loc[changed, "status"] == "unmet").all()
    assert not (full["status"] == "unknown").where(full["reason"] != "not_snapped", False).any()


def test_the_answer_is_the_same_twice():
    pd.testing.assert_frame_equal(random_card(5).results, random_card(5).results)


# --- a real extract against three checklists ------------------------------------------------------


@pytest.fixture(scope="module")
def three(shared_data) -> dict[str, qh.Scorecard]:
    return three_checklists.cards(shared_data("beijing-xueyuanlu-2026.osm.pbf"))


def test_no_item_is_missing_that_the_data_cannot_show(three):
    for name, card in three.items():
        unmet = card.results[card.results["status"] == "unmet"]
        assert set(unmet["reason"]) <= {"beyond_limit", "unreachable"}
        table = three_checklists.unmet_items(card)
        assert set(unmet["item"]) == set(table.index)
        assert (table["in the data"] > 0).all()
        for key in table.index:
            item = card.checklist[key]
            assert item.checkability in "AB", (name, key)
            assert item.osm, (name, key)
            assert item.osm_confidence != "very low", (name, key)


def test_met_unmet_unknown_and_implied_per_compound(three):
    assert list(three) == ["beijing-2011", "xuzhou-2017", "pudong-2019"]
    for card in three.values():
        table = three_checklists.per_area(card)
        assert (table[["met", "unmet", "unknown"]].sum(axis=1) == len(card.checklist)).all()
        assert (table["implied"] <= table["met"]).all()
        reasons = table.columns.intersection(REASONS)
        assert (table[reasons].sum(axis=1) == table["unknown"]).all()
    assert three["beijing-2011"].summary()["met"].max() >= 10
    # Only the station is a place; its seven services are rooms in it that no map shows.
    assert three["pudong-2019"].summary()["unmet"].sum() == 0
