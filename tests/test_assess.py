"""The sentence, on worlds whose answer is known by hand, and its laws."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.assess import HORIZON, walks_to_items
from quarterhour.checklist import HostRule
from quarterhour.errors import DatumError, InputError, NetworkError
from quarterhour.network import WalkNetwork
from quarterhour.pace import Profile


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


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), speed=st.floats(0.6, 1.5), faster=st.floats(1.0, 1.5))
def test_a_faster_pace_never_loses_a_met_item(seed, speed, faster):
    slow = random_card(seed, pace=Profile("slow", speed)).results
    fast = random_card(seed, pace=Profile("fast", speed * faster)).results
    was_met = slow["status"] == "met"
    assert (fast.loc[was_met, "status"] == "met").all()
    assert (fast["share"] >= slow["share"] - 1e-9).all()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), quota=st.floats(0.1, 0.9))
def test_a_higher_quota_never_gains_an_item(seed, quota):
    low, high = (random_card(seed, quota=q).results["status"].map(RANK) for q in (quota, 1.0))
    assert (high <= low).all()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_survey_only_turns_unknown_into_unmet(seed):
    plain, full = random_card(seed).results, random_card(seed, surveyed=["all"]).results
    changed = plain["status"] != full["status"]
    assert (plain.loc[changed, "status"] == "unknown").all()
    assert (full.loc[changed, "status"] == "unmet").all()
    assert not (full["status"] == "unknown").where(full["reason"] != "not_snapped", False).any()


def test_the_answer_is_the_same_twice():
    pd.testing.assert_frame_equal(random_card(5).results, random_card(5).results)
