"""Attributes of facilities that have an effect: hours, service modes, contracts, validity."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.scoring.assessable import items_shown, source_kind
from quarterhour.scoring.service import Rules, in_service, service_of
from quarterhour.standards.classify import classify
from quarterhour.standards.items import HostRule
from quarterhour.streets.network import WalkNetwork
from tried import few_of

pytest.importorskip("opening_hours")
pytest.importorskip("chinese_calendar")

TEN, EIGHT = "2026-11-24 10:00", "2026-11-24 20:00"  # a Tuesday
FIELDS = list(WalkNetwork.__dataclass_fields__)


def street(length=4000.0) -> WalkNetwork:
    """A straight street whose data reach far beyond it."""
    line = worlds.network_of([(0, 0), (length, 0)])
    values = {f: getattr(line, f) for f in FIELDS}
    return WalkNetwork(**(values | {"extent": box(-9000, -9000, 13000, 9000)}))


def shops(*xs, **columns) -> gpd.GeoDataFrame:
    return worlds.points(*((x, 0) for x in xs), **({"item": "shop"} | columns))


def card_of(home_x, facilities, *, item=None, **options) -> qh.Scorecard:
    areas = worlds.points(*((x, 0) for x in home_x), residents=[100.0] * len(home_x))
    item = item or worlds.item("shop")
    items = item if isinstance(item, list) else [item]
    hosts = options.pop("hosts", ())
    return qh.assess(areas, facilities, street(), worlds.checklist(*items, hosts=hosts), **options)


def rows(card) -> list[tuple[str, str]]:
    return list(zip(card.results["status"], card.results["reason"], strict=True))


def notes(card) -> str:
    return " ".join(card.manifest["inputs"]["facilities"]["notes"])


# --- hours --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ("9:00-18:00", TEN, ("met", "within_limit")),
        ("9:00-18:00", EIGHT, ("unmet", "not_in_service")),
        ("9:00-20:00", EIGHT, ("met", "within_limit")),
        ("看情况", TEN, ("unknown", "hours_unknown")),
        (None, TEN, ("unknown", "hours_unknown")),
        ("9:00-18:00", None, ("met", "within_limit")),
        ("看情况", None, ("met", "within_limit")),
    ],
)
def test_a_shop_and_a_station_at_ten_and_at_eight(hours, at, expected):
    card = card_of([100], shops(0, opening_hours=hours), at=at)
    assert rows(card) == [expected]
    assert card.manifest["parameters"]["at"] == at


@pytest.mark.parametrize(
    ("at", "status", "met"), [(EIGHT, "met", 8), ("2026-11-24 20:01", "unmet", 0)]
)
def test_a_pudong_station_is_open_until_eight(at, status, met):
    table = worlds.points(
        (0, 0), name="潍坊街道家门口服务站", opening_hours="周一至周日 8:30-20:00"
    )
    areas = worlds.points((400, 0), residents=100.0)
    card = qh.assess(areas, table, street(), qh.Checklist.load("pudong-2019"), at=at)
    station = card.results.set_index("item").loc["doorstep_station"]
    assert station["status"] == status
    assert card.summary()["met"].tolist() == [met]  # the station and its services
    assert card.summary()["implied"].gt(5).tolist() == [met > 0]
    assert card.summary()["unknown"].tolist() == [0 if met else 7]


def test_another_one_that_is_open_goes_before_an_unknown_one():
    table = shops(0, 600, opening_hours=["看情况", "0:00-24:00"])
    card = card_of([0, 3000], table, at=EIGHT)
    assert rows(card) == [("met", "within_limit"), ("unmet", "beyond_limit")]
    assert card.results["facility"].tolist() == [1, None]


def test_only_where_it_would_make_a_difference_hours_are_unknown():
    # 0 m: within reach of the unknown one only; 2,000 m: of neither; 3,000 m: of the open one.
    table = shops(0, 3000, opening_hours=["看情况", "24/7"])
    card = card_of([0, 1500, 3000], table, at=EIGHT)
    assert rows(card) == [
        ("unknown", "hours_unknown"),
        ("unmet", "beyond_limit"),
        ("met", "within_limit"),
    ]
    assert "count perhaps, having no opening hours that could be read: 1." in notes(card)


def test_what_is_too_far_whether_open_or_not_is_unmet():
    card = card_of([0, 3000], shops(0, opening_hours="看情况"), at=TEN)
    assert rows(card) == [("unknown", "hours_unknown"), ("unmet", "beyond_limit")]


def test_closed_places_are_known_to_be_there():
    """The data show the item, so that nobody has it in reach is known."""
    card = card_of([0], shops(0, 10, opening_hours=["9:00-18:00", "8:00-19:00"]), at=EIGHT)
    assert rows(card) == [("unmet", "not_in_service")]
    assert "do not count, being closed at that time: 2." in notes(card)


def test_boards_have_no_hours():
    board = worlds.item("board", form="object")
    items = [worlds.item("shop"), board]
    card = card_of([0], shops(0, item="shop|board"), item=items, at=EIGHT)
    assert rows(card) == [("unknown", "hours_unknown"), ("met", "within_limit")]
    assert "no column opening_hours" in notes(card)
    shut = shops(0, item="board", opening_hours="9:00-18:00")
    assert rows(card_of([0], shut, item=board, at=EIGHT)) == [("unmet", "not_in_service")]


def test_two_of_them_with_hours():
    two = worlds.item("shop", at_least=2)
    for hours, expected in (
        (["24/7", "24/7", "closed"], ("met", "within_limit")),
        (["24/7", "看情况", "closed"], ("unknown", "hours_unknown")),
        (["24/7", "closed", "closed"], ("unmet", "beyond_limit")),
    ):
        table = shops(0, 300, 600, opening_hours=hours)
        assert rows(card_of([0], table, item=two, at=TEN)) == [expected]


def test_a_host_that_may_be_shut():
    items = [worlds.item("station"), worlds.item("room", checkability="C")]
    rule = HostRule(("station",), ("room",), 0.5, "by rule", "")
    for hours, expected in (
        ("24/7", [("met", "within_limit"), ("met", "implied_by_host")]),
        ("看情况", [("unknown", "hours_unknown")] * 2),
        ("closed", [("unmet", "not_in_service"), ("unknown", "not_assessable")]),
    ):
        table = shops(0, item="station", opening_hours=hours)
        assert rows(card_of([0], table, item=items, hosts=[rule], at=TEN)) == expected


def test_half_of_the_residents_and_unknown_hours():
    area = gpd.GeoDataFrame({"residents": [100.0]}, geometry=[box(-10, -10, 4000, 10)], crs=32650)
    homes = worlds.squares((0, 0), (1000, 0), (2900, 0), (3000, 0), size=10)
    args = (area, shops(0, 3000, opening_hours=["24/7", "看情况"]), street())
    origins = qh.origins(area, homes)
    checklist = worlds.checklist(worlds.item("shop"))
    half = qh.assess(*args, checklist, origins=origins, at=TEN)
    assert rows(half) == [("met", "within_limit")]
    more = qh.assess(*args, checklist, origins=origins, at=TEN, quota=0.6)
    assert rows(more) == [("unknown", "hours_unknown")]
    assert more.results["share"].tolist() == [pytest.approx(0.5)]


# --- service modes ------------------------------------------------------------------------------


def test_what_comes_to_the_home_needs_no_walk():
    card = card_of([0, 3900], shops(0, service_mode="上门"))
    assert rows(card) == [("met", "needs_no_walk")] * 2
    assert card.results["median_minutes"].tolist() == [0, 0]
    assert rows(card_of([0], shops(0, service_mode="上门"), mode="facility")) == [
        ("unmet", "not_in_service")
    ]


def test_a_walk_goes_before_a_delivery():
    table = shops(0, 3900, service_mode=["delivered", "on_site"])
    card = card_of([0, 3900], table)
    assert rows(card) == [("met", "needs_no_walk"), ("met", "within_limit")]
    assert card.results["facility"].tolist() == [0, 1]
    both = card_of([0], shops(100, service_mode="到店|配送"))
    assert rows(both) == [("met", "within_limit")]


def test_a_service_radius_and_a_service_area():
    radius = shops(0, service_mode="delivered", service_radius_m=1000.0)
    assert rows(card_of([999, 1001], radius)) == [
        ("met", "needs_no_walk"),
        ("unmet", "beyond_limit"),
    ]
    zone = shops(0, service_mode="delivered", service_radius_m=1.0)
    zone["service_area"] = gpd.GeoSeries([box(2000, -50, 4000, 50)], crs=worlds.CRS)
    assert rows(card_of([999, 2001], zone)) == [
        ("unmet", "beyond_limit"),
        ("met", "needs_no_walk"),
    ]
    degrees = zone.assign(service_area=zone["service_area"].to_crs(4326)).to_crs(4326)
    assert rows(card_of([999, 2001], degrees))[1] == ("met", "needs_no_walk")
    mixed = zone.to_crs(4326)  # which converts the active geometry only
    assert rows(card_of([999, 2001], mixed)) == rows(card_of([999, 2001], zone))
    bare = zone.assign(service_area=zone["service_area"].astype(object))
    assert rows(card_of([999, 2001], bare)) == rows(card_of([999, 2001], zone))


def test_coverage_counts_homes_that_are_served():
    area = gpd.GeoDataFrame({"residents": [100.0]}, geometry=[box(-10, -10, 4000, 10)], crs=32650)
    origins = qh.origins(area, worlds.squares((0, 0), (2000, 0), (2100, 0), size=10))
    table = shops(0, 0, service_mode=["on_site", "delivered"])
    table["service_radius_m"] = [np.nan, 2050.0]
    card = qh.assess(area, table, street(), worlds.checklist(worlds.item("shop")), origins=origins)
    assert rows(card) == [("met", "needs_no_walk")]
    assert card.results["share"].tolist() == [pytest.approx(2 / 3)]
    measures = qh.coverage(card).set_index("measure")
    assert measures.loc["residence", ["numerator", "denominator"]].tolist() == [2, 3]
    assert measures.loc["population", "share"] == pytest.approx(2 / 3)


def test_a_delivery_with_hours():
    for hours, expected in (
        ("24/7", ("met", "needs_no_walk")),
        ("看情况", ("unknown", "hours_unknown")),
        ("closed", ("unmet", "not_in_service")),
    ):
        table = shops(0, service_mode="delivered", opening_hours=hours)
        assert rows(card_of([3000], table, at=TEN)) == [expected]


def test_what_comes_at_times_counts_with_a_note():
    card = card_of([0], shops(0, service_mode="定期"))
    assert rows(card) == [("met", "within_limit")]
    assert "only at times and count as if always, since no time was given" in notes(card)
    at = card_of([0], shops(0, service_mode="定期", opening_hours="周二 9:00-11:00"), at=TEN)
    assert rows(at) == [("met", "within_limit")]
    assert rows(card_of([0], shops(0, service_mode="预约"), at=TEN)) == [
        ("unknown", "hours_unknown")
    ]


def test_words_that_are_not_understood_have_no_effect_and_are_told():
    card = card_of([0], shops(0, service_mode="随缘", status="?"))
    assert rows(card) == [("met", "within_limit")]
    assert "Words of service_mode that are not understood and have no effect: '随缘'" in notes(card)
    assert "Words of status that are not understood" in notes(card)


def test_an_employer_shares_its_canteen():
    table = shops(0, shared="是", opening_hours="11:00-13:00")
    assert rows(card_of([0], table)) == [("met", "within_limit")]
    assert rows(card_of([0], table, at="2026-11-24 12:00")) == [("met", "within_limit")]
    assert rows(card_of([0], table, at=EIGHT)) == [("unmet", "not_in_service")]
    assert rows(card_of([0], table, mode="facility")) == [("unmet", "not_in_service")]


def test_places_of_their_own_only():
    items = [worlds.item("station"), worlds.item("room", checkability="C")]
    rule = HostRule(("station",), ("room",), 0.5, "by rule", "")
    table = shops(0, item="station")
    function = card_of([0], table, item=items, hosts=[rule])
    assert rows(function)[1] == ("met", "implied_by_host")
    assert function.summary()["implied"].tolist() == [1]
    facility = card_of([0], table, item=items, hosts=[rule], mode="facility")
    assert rows(facility)[1] == ("unknown", "not_assessable")
    assert "host" not in set(facility.matches["evidence"])
    assert facility.manifest["parameters"]["mode"] == "facility"


# --- there or not -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"status": "停业"}, "gone"),
        ({"status": "closed"}, "gone"),
        ({"status": "已拆除"}, "gone"),
        ({"status": "在建"}, "planned"),
        ({"status": "营业中"}, ""),
        ({"status": None}, ""),
        ({"capacity": 0}, "no_capacity"),
        ({"capacity": "12"}, ""),
        ({"capacity": np.nan}, ""),
        ({"valid_to": "2026-11-23"}, "not_valid"),
        ({"valid_to": "2026-11-24"}, ""),
        ({"valid_from": "2026-11-24"}, ""),
        ({"valid_from": "2026-11-25"}, "not_valid"),
        ({"valid_from": "?", "valid_to": None}, ""),
        ({"opening_hours": "9:00-18:00", "status": "停业"}, "gone"),
    ],
)
def test_why_a_facility_does_not_count(columns, why):
    table = shops(0, **({"opening_hours": "24/7"} | columns))
    service = service_of(table, Rules.of(TEN, contracted_only=False, mode="function"))
    assert service.why.tolist() == [why]
    card = card_of([0], table, at=TEN)
    expected = ("unmet", "not_in_service") if why else ("met", "within_limit")
    assert rows(card) == [expected]
    assert card.matches["why"].tolist() == [why]


def test_without_a_time_facilities_have_to_be_valid_today():
    today = pd.Timestamp.now().normalize()
    for days, expected in ((-1, "unmet"), (0, "met"), (1, "met")):
        table = shops(0, valid_to=today + pd.Timedelta(days=days))
        card = card_of([0], table)
        assert rows(card)[0][0] == expected
    assert card.manifest["parameters"]["valid_on"] == today.date().isoformat()


def test_only_contracted_ones():
    items = [worlds.item("shop", kind="commercial"), worlds.item("toilet", kind="public")]
    table = shops(0, 2000, item="shop|toilet", contracted=[False, True])
    card = card_of([0, 2000], table, item=items, contracted_only=True)
    assert rows(card) == [
        ("unmet", "beyond_limit"),
        ("met", "within_limit"),
        ("met", "within_limit"),
        ("met", "within_limit"),
    ]
    assert "do not count, not being contracted: 1." in notes(card)
    assert rows(card_of([0], table, item=items))[0] == ("met", "within_limit")
    hours = table.assign(opening_hours="看情况", item="shop")
    unsure = card_of([0], hours, item=items[0], contracted_only=True, at=TEN)
    assert rows(unsure) == [("unmet", "beyond_limit")]


def test_who_is_contracted_has_to_be_said():
    with pytest.raises(InputError, match="needs a column 'contracted'"):
        card_of([0], shops(0), contracted_only=True)


def test_modes_are_two():
    with pytest.raises(InputError, match="mode='walk' is not known"):
        card_of([0], shops(0), mode="walk")
    with pytest.raises(InputError, match="is no moment"):
        card_of([0], shops(0), at="tonight")


def test_attributes_read_from_a_chinese_table(tmp_path):
    path = tmp_path / "设施.csv"
    path.write_text(
        "名称,经度,纬度,清单项,营业时间,服务方式,是否签约,营业状态,容量,启用日期,停用日期\n"
        "甲,116.39,39.90,shop,９：００－１８：００,到店,是,营业,20,2020-01-01,\n"
        "乙,116.39,39.90,shop,24小时,上门,否,停业,0,2020年1月1日,2021/12/31\n",
        encoding="utf-8",
    )
    table = qh.read_facilities(path, datum="wgs84")
    checklist = worlds.checklist(worlds.item("shop"))
    matches, _ = in_service(
        classify(table, checklist),
        table,
        checklist,
        Rules.of(EIGHT, contracted_only=False, mode="function"),
    )
    assert matches["why"].tolist() == ["closed", "gone"]
    assert matches["no_walk"].tolist() == [False, True]


# --- laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", few_of(4, 2))
def test_plain_facilities_give_the_same_answer_however_it_is_asked(seed):
    """Always open, contracted, on site: no attribute changes anything."""
    network = worlds.grid_world(8, 300.0)
    areas = worlds.strewn(network, 12, seed, spread_m=120).assign(residents=10.0)
    places = worlds.strewn(network, 6, seed + 1)
    places["item"] = np.random.default_rng(seed).choice(["shop", "bank", "shop|bank"], 6)
    checklist = worlds.checklist(worlds.item("shop"), worlds.item("bank", at_least=2))
    plain = qh.assess(areas, places, network, checklist)
    told = places.assign(
        opening_hours="24/7", status="open", service_mode="on_site", contracted=True, capacity=5
    )
    full = qh.assess(areas, told, network, checklist, at=TEN, contracted_only=True, mode="facility")
    pd.testing.assert_frame_equal(plain.results, full.results)


@pytest.mark.parametrize("seed", few_of(4, 2))
def test_hours_are_unknown_exactly_where_they_decide(seed):
    """Unknown is what would differ if all of the unknown were open, or all were closed."""
    network = worlds.grid_world(8, 300.0)
    areas = worlds.strewn(network, 12, seed, spread_m=40).assign(residents=10.0)
    places = worlds.strewn(network, 12, seed + 1, spread_m=40).assign(item="shop")
    hours = np.resize(["24/7", "?", "closed", "?"], 12)
    checklist = worlds.checklist(worlds.item("shop", limit_minutes=6))

    def status(unknown):
        table = places.assign(opening_hours=[unknown if h == "?" else h for h in hours])
        return qh.assess(areas, table, network, checklist, at=TEN).results["status"]

    least, between, most = status("closed"), status("?"), status("24/7")
    decides = least != most
    assert decides.any()
    assert between.tolist() == least.mask(decides, "unknown").tolist()


# --- what the data can show -----------------------------------------------------------------------


def shown(table, *items) -> set[str]:
    checklist = worlds.checklist(*items)
    return set(items_shown(checklist, table, classify(table, checklist)))


def test_a_declared_item_can_be_shown_whatever_its_checkability():
    board, room = worlds.item("board", checkability="D"), worlds.item("room", checkability="C")
    assert shown(shops(0, item="board"), board, room) == {"board"}
    card = card_of([0, 3000], shops(0, item="board"), item=[board, room])
    assert rows(card) == [
        ("met", "within_limit"),
        ("unknown", "not_assessable"),
        ("unmet", "beyond_limit"),
        ("unknown", "not_assessable"),
    ]


def test_openstreetmap_shows_what_it_has_tags_for():
    items = [
        worlds.item("shop", osm=("shop=convenience",)),
        worlds.item("committee", include="居委会", checkability="B"),
        worlds.item("party", osm=("office=political_party",), osm_confidence="very low"),
        worlds.item("post", osm=("amenity=post_office",), amap=("0704",)),
    ]
    table = shops(0, name="某居委会", item=None, shop="convenience")
    assert source_kind(table, worlds.checklist(*items)) == "tags"
    assert shown(table, *items) == {"shop", "post"}
    coded = table.assign(typecode="130106")
    assert source_kind(coded, worlds.checklist(*items)) == "typecodes"
    assert shown(coded, *items) == {"shop", "committee", "party", "post"}
    plain = shops(0, name="某居委会", item=None)
    assert source_kind(plain, worlds.checklist(*items)) == "names"
    assert shown(plain, *items) == {"shop", "committee", "party", "post"}
