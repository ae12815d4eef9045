from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.names import Names, normalised
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify


@pytest.fixture(scope="module")
def beijing() -> Checklist:
    return Checklist.load("beijing-2011")


def places(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    points = [Point(number, 0) for number in range(len(rows))]
    return gpd.GeoDataFrame(list(rows), geometry=points, crs=32650)


def items(matches: pd.DataFrame, facility: object = 0) -> dict[str, str]:
    own = matches[matches["facility"] == facility]
    return dict(zip(own["item"], own["evidence"], strict=True))


# --- names --------------------------------------------------------------------------------------


def test_names_are_normalised() -> None:
    assert normalised("好邻居便利店(北三环店)") == "好邻居便利店(北三环店)"
    assert normalised("７－１１【东门】 ") == "7-11(东门)"
    assert normalised("Café  de  Paris") == "Café de Paris"


def test_all_name_columns_are_read(beijing: Checklist) -> None:
    table = places({"name": "Pharmacy", "name:zh": "同仁堂药店"}, {"name": None, "name:zh": None})
    assert Names.of(table).distinct == ["", "Pharmacy", "同仁堂药店"]
    assert items(classify(table, beijing)) == {"pharmacy": "name"}


# --- the kinds of evidence ----------------------------------------------------------------------


def test_tag(beijing: Checklist) -> None:
    table = places(
        {"amenity": "pharmacy"},
        {"amenity": "post_office;bank"},
        {"amenity": "community_centre", "community_centre": "cultural_centre"},
        {"community_centre": "cultural_centre"},
    )
    matches = classify(table, beijing, hosts=False)
    assert items(matches) == {"pharmacy": "tag"}
    assert items(matches, 1) == {"financial_outlet": "tag", "postal_outlet": "tag"}
    assert "cultural_centre_plaza" in items(matches, 2)
    assert items(matches, 3) == {}  # a sub-key without its parent tag
    first = matches.iloc[0]
    assert (first["strength"], first["detail"]) == (0.9, "amenity=pharmacy")


def test_a_private_place_is_left_out_where_the_item_says_so(beijing: Checklist) -> None:
    table = places(
        {"amenity": "toilets", "access": "customers"},
        {"amenity": "toilets", "access": "yes"},
        {"amenity": "restaurant", "access": "customers"},
        {"amenity": "restaurant", "access": "private"},
    )
    assert classify(table, beijing)["facility"].tolist() == [1, 2]


def test_proxies_only_on_demand(beijing: Checklist) -> None:
    table = places({"shop": "greengrocer"})
    assert classify(table, beijing).empty
    matches = classify(table, beijing, proxies=True)
    assert items(matches) == {"food_market": "tag"}
    assert matches["strength"].tolist() == [0.3]
    assert matches["detail"].tolist() == ["proxy shop=greengrocer"]


@pytest.mark.parametrize("typecode", ["060200", "060200|050100", 60200, 60200.0, "60200"])
def test_typecode(beijing: Checklist, typecode: object) -> None:
    matches = classify(places({"typecode": typecode, "name": "某某"}), beijing)
    assert items(matches)["convenience_store"] == "typecode"


def test_a_wide_typecode_needs_the_name(beijing: Checklist) -> None:
    table = places(
        {"typecode": "130106", "name": "阳光里社区居委会"},
        {"typecode": "130106", "name": "阳光里志愿者协会"},
        {"typecode": "141205", "name": "湖里街道徐厝社区风采长廊"},
    )
    matches = classify(table, beijing, hosts=False)
    assert items(matches) == {"residents_committee_office": "typecode"}
    assert set(matches["facility"]) == {0}


def test_name_alone_is_weaker(beijing: Checklist) -> None:
    matches = classify(places({"name": "阳光里菜市场"}), beijing)
    assert items(matches) == {"food_market": "name"}
    assert matches["strength"].tolist() == [0.5]
    assert matches["detail"].tolist() == ["name 菜市场"]


def test_agreement_is_stronger(beijing: Checklist) -> None:
    table = places({"name": "同仁堂药店", "typecode": "090601", "amenity": "pharmacy"})
    matches = classify(table, beijing)
    assert items(matches) == {"pharmacy": "tag"}
    assert matches["strength"].tolist() == [1.0]
    assert matches["detail"].tolist() == ["amenity=pharmacy; typecode 090601; name 同仁堂"]


@pytest.mark.parametrize("said", ["food_market|public_toilet", " food_market | 公共厕所"])
def test_declared(beijing: Checklist, said: str) -> None:
    matches = classify(places({"item": said}, {"item": None}), beijing)
    assert items(matches) == {"food_market": "declared", "public_toilet": "declared"}
    assert set(matches["strength"]) == {1.0}


def test_declared_in_another_column(beijing: Checklist) -> None:
    table = places({"services": "laundry", "item": "no such thing"})
    assert items(classify(table, beijing, item_column="services")) == {"laundry": "declared"}


def test_declared_but_unknown_is_refused(beijing: Checklist) -> None:
    with pytest.raises(InputError, match=r"food_markt.*Did you mean 'food_market'"):
        classify(places({"item": "food_markt"}), beijing)


def test_declared_of_another_checklist_is_told(beijing: Checklist) -> None:
    outlets = beijing.only(groups=["wangdian"])
    table = places({"item": "food_market|pharmacy"})
    with pytest.warns(QuarterhourWarning, match=r"left out: food_market \(1 facilities\)"):
        matches = classify(table, outlets)
    assert items(matches) == {"pharmacy": "declared"}


def test_host(beijing: Checklist) -> None:
    table = places({"name": "阳光里社区居委会", "typecode": "130106"})
    matches = classify(table, beijing)
    found = items(matches)
    assert found["residents_committee_office"] == "typecode"
    assert {item for item, evidence in found.items() if evidence == "host"} == {
        "party_office", "police_office", "reading_room", "indoor_activity_centre",
        "mediation_room", "publicity_board", "affairs_notice_board", "citizen_school",
    }  # fmt: skip
    strength = matches.set_index("item")["strength"]
    assert strength["party_office"] > strength["publicity_board"]
    detail = matches.set_index("item")["detail"]
    assert detail["publicity_board"] == "implied by residents_committee_office (judgement)"
    assert len(classify(table, beijing, hosts=False)) == 1


def test_a_host_that_is_only_a_proxy_implies_nothing(beijing: Checklist) -> None:
    table = places({"amenity": "townhall"})
    matches = classify(table, beijing, proxies=True)
    assert set(matches["item"]) == {"residents_committee_office"}


# --- look-alikes --------------------------------------------------------------------------------

LOOK_ALIKES = [
    ("菜市口地铁站", "150500"),
    ("菜市口地铁站", None),
    ("菜市场(公交站)", "150700"),
    ("银行家属院", "120302"),
    ("邮电小区", "120302"),
    ("万达广场", "060101"),
    ("美发培训学校", "141400"),
    ("家政培训中心", "141400"),
    ("宠物医院药房", "090701"),
    ("动物卫生监督所", "130106"),
    ("阳光里菜市场停车场出入口", "150907"),
    ("便利店(暂停营业)", "060200"),
    ("屈臣氏", "060411"),
    ("某某餐饮管理有限公司", "170200"),
    ("粮油批发", "060700"),
    ("阳光社区", "120302"),
]


@pytest.mark.parametrize(("name", "typecode"), LOOK_ALIKES)
def test_look_alikes_are_nothing(beijing: Checklist, name: str, typecode: str | None) -> None:
    matches = classify(places({"name": name, "typecode": typecode}), beijing)
    assert matches.to_dict("records") == []


def test_a_post_bank_is_a_bank(beijing: Checklist) -> None:
    matches = classify(places({"name": "中国邮政储蓄银行ATM", "typecode": "160139"}), beijing)
    assert items(matches) == {"financial_outlet": "typecode"}


def test_tags_of_something_else_veto_a_name(beijing: Checklist) -> None:
    table = places({"name": "菜市场", "highway": "bus_stop"}, {"name": "菜市场", "highway": None})
    assert classify(table, beijing)["facility"].tolist() == [1]


# --- the table that comes out -------------------------------------------------------------------


def test_the_result_is_ordered_and_counted(beijing: Checklist) -> None:
    table = places(
        {"amenity": "bank"}, {"amenity": "bench"}, {"amenity": "cafe;pharmacy;post_office"}
    ).set_index(pd.Index(["node/3", "node/1", "way/2"]))
    before = table.copy()
    matches = classify(table, beijing)
    assert list(matches.columns) == ["facility", "item", "evidence", "strength", "detail"]
    assert matches["facility"].tolist() == ["node/3", "way/2", "way/2"]
    assert matches["item"].tolist() == ["financial_outlet", "pharmacy", "postal_outlet"]
    assert matches.attrs == {"checklist": "beijing-2011", "facilities": 3, "unmatched": 1}
    pd.testing.assert_frame_equal(table, before)


def test_an_empty_table(beijing: Checklist) -> None:
    empty = places({"amenity": "bank"}).iloc[:0]
    matches = classify(empty, beijing)
    assert matches.empty
    assert list(matches.columns) == ["facility", "item", "evidence", "strength", "detail"]


def test_a_table_without_anything_to_go_by_is_told(beijing: Checklist) -> None:
    with pytest.warns(QuarterhourWarning, match="has no name, no typecode, no OpenStreetMap"):
        assert classify(places({"colour": "red"}), beijing).empty


def test_a_label_that_is_there_twice_is_refused(beijing: Checklist) -> None:
    table = places({"amenity": "bank"}, {"amenity": "bank"}).set_index(pd.Index([7, 7]))
    with pytest.raises(InputError, match="has 7 more than once"):
        classify(table, beijing)
