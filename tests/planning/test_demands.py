"""Three lists: which demands some supply in reach meets, and which none does."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError


def card_of(**columns) -> qh.Scorecard:
    """West has a market, a club and a room that offers several services; east is far away."""
    areas = worlds.squares((0, 0), (5000, 0), index=["w", "e"], name=["西", "东"])
    places = worlds.points((100, 0), (300, 0), (600, 0), item=["market", None, None])
    places["name"] = ["菜场", "活动室", "修理铺"]
    places["services"] = [None, "法律咨询、量血压", "家电修理服务|配钥匙"]
    items = [
        worlds.item("market", zh="菜市场", en="Market", include="菜市场|买菜"),
        worlds.item("toilet", zh="厕所", checkability="D"),
    ]
    street = worlds.network_of([(-100, 0), (6000, 0)])
    return qh.assess(areas, places.assign(**columns), street, worlds.checklist(*items))


def asked(*needs, area="西", **columns) -> pd.DataFrame:
    return pd.DataFrame({"需求": list(needs), "社区": area, **columns})


def answers(table) -> list[tuple]:
    rows = table[["matched", "by", "status", "reason", "facility_name"]].itertuples(index=False)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in rows]


def test_demands_are_met_by_items_services_and_what_they_sound_like():
    table = qh.match_demands(card_of(), asked("菜市场", "量血压", "家电修理", "想就近买菜", "理发"))
    assert answers(table) == [
        ("market", "item", "met", "within_limit", "菜场"),
        ("量血压", "service", "met", "within_limit", "活动室"),
        ("家电修理", "service", "met", "within_limit", "修理铺"),
        ("market", "name", "met", "within_limit", "菜场"),
        (None, None, "unmet", "no_supply", None),
    ]
    assert table.attrs["unmet"] == 1.0


def test_what_is_too_far_is_not_met():
    table = qh.match_demands(card_of(), asked("market", "法律咨询服务", area="东", 人数=[3, 4]))
    assert table["status"].tolist() == ["unmet", "unmet"]
    assert table["reason"].tolist() == ["beyond_limit", "beyond_limit"]
    assert table.attrs["unmet"] == 7.0
    near = qh.match_demands(card_of(), asked("配钥匙"), minutes=5)
    assert near["status"].tolist() == ["unmet"]


def test_what_is_not_known_stays_unknown():
    table = qh.match_demands(card_of(), asked("厕所", "量血压", area=["西", "南"]))
    assert table["status"].tolist() == ["unknown", "unknown"]
    assert table["reason"].iloc[1] == "no_such_area"
    assert table.attrs["notes"] == [
        "Demands whose area is none of the scorecard, or the name of several: 1."
    ]


def test_rules_of_the_card_hold_for_services_too():
    removed = qh.match_demands(card_of(status=[None, "停业", None]), asked("量血压"))
    assert removed["reason"].tolist() == ["not_in_service"]
    at_home = card_of(service_mode=[None, None, "上门"])
    table = qh.match_demands(at_home, asked("配钥匙", area="东"))
    assert table["reason"].tolist() == ["needs_no_walk"]
    low = card_of(satisfaction=[None, "60%", None]).again(min_satisfaction=0.8)
    assert qh.match_demands(low, asked("量血压"))["status"].tolist() == ["unmet"]


def test_who_could_offer_it_is_named():
    resources = pd.DataFrame(
        {"单位": ["中学", "诊所", "理发店"], "可提供服务": ["操场", "量血压", "理发服务、烫发"]}
    )
    table = qh.match_demands(card_of(), asked("理发", "量血压", "舞蹈"), resources=resources)
    assert table["resources"].tolist() == ["理发店", "诊所", ""]


def test_demands_are_where_their_points_are():
    points = worlds.points((0, 0), (5000, 0), (2000, 0), need="market").to_crs(4326)
    table = qh.match_demands(card_of(), points)
    assert table["area"].tolist() == ["w", "e", None]
    assert table["status"].tolist() == ["met", "unmet", "unknown"]


def test_labels_names_and_numbers_are_read_as_people_write_them():
    demands = asked("market", "market", "market", area=["w", " 西 ", "e"], 人数=["2", "几个", -1])
    demands.index = ["a", "b", "c"]
    table = qh.match_demands(card_of(), demands)
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["area"].tolist() == ["w", "w", "e"]
    assert table["people"].tolist() == [2.0, 1.0, 1.0]
    assert any("count as one: 2." in note for note in table.attrs["notes"])


def test_a_demand_for_nothing_is_said():
    table = qh.match_demands(card_of(), asked(None, " ", "菜市场"))
    assert table["reason"].tolist() == ["no_need", "no_need", "within_limit"]
    assert table.attrs["notes"] == ["Demands that say no need: 2."]


def test_the_supply_list_is_read_from_a_chinese_table(tmp_path):
    path = tmp_path / "设施.csv"
    path.write_text("名称,经度,纬度,服务项目\n甲,116.39,39.9,理发、修鞋\n", encoding="utf-8")
    assert qh.read_facilities(path, datum="wgs84")["services"].tolist() == ["理发、修鞋"]


def test_without_a_supply_list_items_still_answer():
    card = card_of()
    plain = card.again(facilities=card.facilities.drop(columns="services"))
    table = qh.match_demands(plain, asked("菜市场", "量血压"))
    assert table["status"].tolist() == ["met", "unmet"]
    assert qh.match_demands(card, asked("菜市场").iloc[:0]).empty


def test_what_cannot_be_matched_is_said():
    with pytest.raises(InputError, match="no column 'need'"):
        qh.match_demands(card_of(), pd.DataFrame({"社区": ["西"]}))
    with pytest.raises(InputError, match="no column 'area'"):
        qh.match_demands(card_of(), pd.DataFrame({"需求": ["理发"]}))
    nowhere = gpd.GeoDataFrame({"need": ["x"]}, geometry=gpd.points_from_xy([0], [0]))
    with pytest.raises(InputError, match="name no CRS"):
        qh.match_demands(card_of(), nowhere)
    with pytest.raises(InputError, match="no column 'offers'"):
        qh.match_demands(card_of(), asked("x"), resources=pd.DataFrame({"name": []}))
