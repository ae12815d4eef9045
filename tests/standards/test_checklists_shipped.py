"""What the shipped checklists say, held to what their sources say."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from quarterhour.errors import QuarterhourWarning
from quarterhour.standards import checklist as module
from quarterhour.standards.checklist import Checklist, checklists
from quarterhour.standards.classify import classify

ITEMS = {
    "beijing-2011": 30,
    "beijing-2011-current": 28,
    "beijing-commerce-2021": 8,
    "gb50180-2018": 40,
    "ghsci-2022": 6,
    "itdp": 4,
    "mofcom-2021": 28,
    "mohurd-2020": 20,
    "moreno-2016": 6,
    "pudong-2019": 8,
    "sdg-11.2.1": 2,
    "sdg-11.7.1": 1,
    "sony-2024": 9,
    "xuzhou-2017": 21,
}
UNVERIFIED = {"gb50180-2018", "mofcom-2021", "mohurd-2020", "xuzhou-2017"}


@pytest.fixture(autouse=True)
def untold() -> None:
    module._WARNED.clear()


def load(name: str) -> Checklist:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", QuarterhourWarning)
        return Checklist.load(name)


def places(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    points = [Point(number, 0) for number in range(len(rows))]
    return gpd.GeoDataFrame(list(rows), geometry=points, crs=32650)


def test_the_table_of_checklists() -> None:
    table = checklists()
    assert table["items"].to_dict() == ITEMS
    assert list(table.index) == sorted(ITEMS)
    assert set(table.index[table["status"] == "unverified"]) == UNVERIFIED


@pytest.mark.parametrize("name", sorted(UNVERIFIED))
def test_an_unverified_one_warns_with_what_is_missing(name: str) -> None:
    with pytest.warns(QuarterhourWarning, match=f"{name} is unverified: .{{20,}}"):
        Checklist.load(name)


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_what_is_recalled_is_unverified(name: str) -> None:
    checklist = load(name)
    assert checklist.key == name
    for item in checklist:
        if "recalled" in item.citation or item.zh.startswith("("):
            assert item.status == "unverified", item.key
        if item.status == "verified":
            assert not item.citation.startswith("none"), item.key
    if any(item.status == "unverified" for item in checklist):
        assert checklist.status == "unverified"
        assert checklist.missing


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_every_pattern_can_be_used(name: str) -> None:
    table = places(
        {"name": "阳光社区服务站", "typecode": "130106", "amenity": "community_centre"},
        {"name": "好邻居便利店", "typecode": "060200", "amenity": None},
    )
    checklist = load(name)
    matches = classify(table, checklist, proxies=True)
    assert set(matches["item"]) <= set(checklist.keys())
    for item in checklist:
        for pattern in (item.include, item.include_typed, item.exclude):
            # No pattern may match everything: an empty alternative would.
            assert not pattern or re.search(pattern, "") is None, item.key


def test_the_current_profile_says_what_it_leaves_out() -> None:
    current, annex = load("beijing-2011-current"), load("beijing-2011")
    gone = dict(current.removed)
    assert set(annex.keys()) - set(current.keys()) == set(gone)
    assert set(gone) == {"public_telephone", "migrant_rental_service_station"}
    assert all(len(why) > 40 for why in gone.values())
    diff = annex.diff(current)
    assert set(diff["difference"]) == {"only here"}


def test_pudong_is_the_station_and_its_seven_services() -> None:
    pudong = load("pudong-2019")
    names = [item.zh for item in pudong if item.group == "services"]
    assert [name.removesuffix("服务") for name in names] == [
        "党群", "政务", "生活", "法律", "健康", "文化", "社区管理",
    ]  # fmt: skip
    found = classify(places({"name": "洋泾家门口服务站", "typecode": "130106"}), pudong)
    assert set(found["item"]) == set(pudong.keys())
    assert {item.limit_minutes for item in pudong} == {15}


def test_xuzhou_is_not_mistaken_for_the_standard() -> None:
    xuzhou = load("xuzhou-2017")
    named = [item for item in xuzhou if item.status == "verified"]
    assert [item.zh for item in named] == [
        "幼儿园", "卫生服务站", "文体活动广场", "农贸市场", "残疾人之家", "警务室", "快递点",
        "综治中心", "居家养老服务中心",
    ]  # fmt: skip
    rest = [item for item in xuzhou if item.status == "unverified"]
    assert len(rest) == 12
    for item in rest:
        assert not (item.osm)
        assert not (item.osm_proxy)
        assert not (item.amap)
        assert not (item.amap_needs_name)
        assert not (item.include)
        assert not (item.any_of)
        assert item.checkability == "D"


def test_commerce_has_its_eight_kinds_and_no_limit() -> None:
    commerce = load("beijing-commerce-2021")
    assert [item.zh for item in commerce] == [
        "蔬菜零售", "便利店(社区超市)", "早餐", "家政", "美发美容", "末端配送(快递柜)", "洗染",
        "便民维修",
    ]  # fmt: skip
    assert {(item.limit_minutes, item.limit_m) for item in commerce} == {(None, None)}


def test_a_facility_of_an_upper_tier_does_not_serve_a_lower_one() -> None:
    code = load("gb50180-2018")
    assert {item.tier: item.limit_minutes for item in code} == {
        "5min": 5, "10min": 10, "15min": 15, "block": None,
    }  # fmt: skip
    assert all(item.status == "unverified" for item in code)
    found = classify(places({"name": "卫生服务中心", "typecode": "090102"}), code, hosts=False)
    assert "health_centre_15" in set(found["item"])
    assert code.hosts == ()


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("itdp", [1000, 1000, 500, 100]),
        ("sdg-11.2.1", [500, 1000]),
        ("sdg-11.7.1", [400]),
        ("ghsci-2022", [500] * 6),
    ],
)
def test_limits_in_metres(name: str, limits: list[float]) -> None:
    checklist = load(name)
    assert [item.limit_m for item in checklist] == limits
    assert {item.limit_minutes for item in checklist} == {None}


def test_mofcom_has_layered_times() -> None:
    mofcom = load("mofcom-2021")
    assert mofcom["convenience_store"].limit_minutes == 5
    assert mofcom["pharmacy"].limit_minutes == 8
    assert mofcom["supermarket"].limit_minutes == 15
    assert not mofcom["gym"].required
    assert mofcom["recycling"].status == "unverified"


@pytest.mark.parametrize(
    ("name", "row", "item"),
    [
        ("sdg-11.2.1", {"highway": "bus_stop"}, "low_capacity_stop"),
        ("sdg-11.2.1", {"railway": "subway_entrance"}, "high_capacity_stop"),
        ("sdg-11.7.1", {"leisure": "park"}, "open_public_space"),
        ("itdp", {"amenity": "school"}, "school"),
        ("moreno-2016", {"office": "lawyer"}, "working"),
        ("sony-2024", {"shop": "florist"}, "supplies"),
        ("ghsci-2022", {"shop": "greengrocer"}, "fresh_food"),
        ("mohurd-2020", {"name": "小神童托育中心", "typecode": "072000"}, "nursery"),
        ("mofcom-2021", {"name": "快印图文", "typecode": "071300"}, "photo_and_copies"),
        ("beijing-commerce-2021", {"name": "丰巢快递柜", "typecode": "070500"}, "parcel_delivery"),
    ],
)
def test_places_are_recognised(name: str, row: dict[str, object], item: str) -> None:
    assert item in set(classify(places(row), load(name))["item"])


def test_a_park_that_is_closed_to_the_public_is_none() -> None:
    closed = places({"leisure": "park", "access": "private"})
    assert classify(closed, load("sdg-11.7.1")).empty


def test_the_documented_file_can_be_loaded(tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "checklists.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", document, flags=re.DOTALL)
    path = tmp_path / "our-town.toml"
    path.write_text(blocks[0], encoding="utf-8")
    town = Checklist.load(path)
    assert (town["pharmacy"].limit_m, town["pharmacy"].limit_minutes) == (800, None)
    assert town["pharmacy"].amap == ("090601",)
    assert town.typecode_veto == load("beijing-2011").typecode_veto
    rows = dict(re.findall(r"^\| `([\w.-]+)` \| (\d+) \|", document, flags=re.MULTILINE))
    assert {name: int(count) for name, count in rows.items()} == ITEMS
