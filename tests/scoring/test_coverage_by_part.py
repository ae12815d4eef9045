"""Coverage by district, column, square and hexagon: by hand, and parts that add up to the whole."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.standards.items import HostRule

NUMBERS = ["numerator", "observed", "implied", "denominator", "unknown"]


def by_hand(**change) -> qh.Scorecard:
    """Two areas on one street, with two homes each; shop at 0, bank at 1,900, school nowhere.

    Homes at 100 and 1,300 (area a, 90 residents: 40 and 50), 2,000 and 2,700 (area b: 100 each).
    """
    areas = gpd.GeoDataFrame(
        {"residents": [90.0, 200.0], "district": ["west", None]},
        geometry=[box(0, -20, 1350, 20), box(1900, -20, 2800, 20)],
        index=["a", "b"],
        crs=worlds.CRS,
    ).assign(**change)
    homes = worlds.squares((100, 0), (1300, 0), (2000, 0), (2700, 0), size=10)
    homes["levels"] = [4.0, 5.0, 3.0, 3.0]
    places = worlds.points((0, 0), (1900, 0), item=["shop", "bank"])
    items = [
        worlds.item("shop"),
        worlds.item("bank", group="h"),
        worlds.item("room", group="h", checkability="D"),
        worlds.item("school", group="h"),
    ]
    rule = HostRule(("bank",), ("room",), 0.5, "by rule", "")
    return qh.assess(
        areas,
        places,
        worlds.network_of([(0, 0), (4000, 0)]),
        worlds.checklist(*items, hosts=[rule]),
        origins=qh.origins(areas, homes),
    )


def table_of(card, *args, **options) -> pd.DataFrame:
    return qh.coverage(card, *args, **options).set_index(["measure", "item"])


def test_every_item_at_once_all_but_one_and_so_on():
    card = by_hand()
    table = table_of(card, "all_items")
    # a: shop at 100 (1,300 is beyond 1,125 m); bank at 600 m for the home at 1,300, which is the
    # median one, so bank and (through it) the room are met in a. b: no shop, both have the bank.
    status = card.results.pivot_table(
        index="area", columns="item", values="reason", aggfunc="first"
    )
    assert status.loc["a"].to_dict() == {
        "bank": "within_limit",
        "room": "implied_by_host",
        "school": "no_facility",
        "shop": "beyond_limit",
    }
    assert table.loc[("all_items", "all"), NUMBERS].tolist() == [0, 0, 0, 290, 0]
    # One lacks the home at 1,300 (the shop), and in b everyone (the shop).
    assert table.loc[("all_items", "all_but_1"), NUMBERS].tolist() == [250, 0, 250, 290, 0]
    # The home at 100 lacks the bank and the room; the others see shop and room lacking.
    assert table.loc[("all_items", "all_but_2"), NUMBERS].tolist() == [290, 290, 0, 290, 0]
    assert set(table["items"]) == {"shop, bank, room"}
    assert set(table["unit"]) == {"residents"}
    assert table["share_at_least"].tolist() == table["share"].tolist()


def test_what_is_unknown_in_one_area_bounds_all_items():
    card = by_hand()
    results = card.results.copy()
    silent = (results["area"] == "b") & (results["item"] == "bank")
    results.loc[silent, ["status", "reason"]] = ["unknown", "not_assessable"]
    table = table_of(qh.Scorecard(**(vars(card) | {"results": results})), "all_items")
    one = table.loc[("all_items", "all_but_1")]
    assert one["numerator"] == 250
    assert one["share_at_least"] == 50 / 290  # b may lack the bank as well


def test_nobody_counted_makes_residences_the_unit():
    card = by_hand(residents=np.nan)
    table = table_of(card, "all_items")
    assert table["unit"].unique().tolist() == ["residences"]
    assert table["denominator"].unique().tolist() == [4]
    assert "2 of 2 areas have no number" in table_of(card, "population").attrs["notes"][0]


def test_groups_and_all_pairs():
    table = table_of(by_hand(), ["item", "group"])
    assert table.loc[("item", "all"), NUMBERS].tolist() == [4, 2, 2, 6, 2]
    assert table.loc[("group", "g"), NUMBERS].tolist() == [0, 0, 0, 2, 0]
    assert table.loc[("group", "h"), NUMBERS].tolist() == [4, 2, 2, 4, 2]
    assert table.loc[("group", "h"), "items"] == "bank, room"


def test_measures_alone_are_those_of_the_whole_table():
    card = by_hand()
    every = qh.coverage(card)
    asked = qh.coverage(card, measure=["item", "area", "residence", "population"])
    assert asked.columns.tolist() == [*every.columns, "items"]
    pd.testing.assert_frame_equal(asked[every.columns], every, check_dtype=False)


def test_polygons_part_homes_where_they_are():
    districts = gpd.GeoDataFrame(
        {"name": ["West", "East", "Empty"]},
        geometry=[box(-10, -99, 600, 99), box(1000, -99, 2500, 99), box(9000, 0, 9100, 100)],
        index=[7, 8, 9],
        crs=worlds.CRS,
    )
    card = by_hand()
    table = qh.coverage(card, ["population", "area"], districts.to_crs(4326))
    assert isinstance(table, gpd.GeoDataFrame)
    assert table.crs == card.areas.crs
    shop = table.query("measure == 'population' and item == 'shop'")
    assert shop["part"].tolist() == [7, 8, 9, None]
    assert shop["part_name"].tolist() == ["West", "East", "Empty", None]
    assert shop["numerator"].tolist() == [40, 0, 0, 0]
    assert shop["denominator"].tolist() == [40, 150, 0, 100]
    assert np.isnan(shop["share"].iloc[2])
    assert shop["items"].tolist() == ["shop", "shop", "", "shop"]
    # The inner point of a is at 675 m, in none of them, that of b at 2,350.
    areas = table.query("measure == 'area' and item == 'bank'")
    assert areas["denominator"].tolist() == [0, 1, 0, 1]
    (note,) = table.attrs["notes"]
    assert note.startswith("1 homes with 100 residents and 1 areas lie in none of the parts")
    assert table.geometry.isna().sum() == len(table) / 4


def test_polygons_that_overlap_count_in_each_and_say_so():
    layer = gpd.GeoDataFrame(
        geometry=[box(-10, -99, 3000, 99), box(-10, -99, 600, 99)], crs=worlds.CRS
    )
    table = qh.coverage(by_hand(), "population", layer).query("item == 'shop'")
    assert table["denominator"].tolist() == [290, 40]
    assert "1 homes lie in several parts" in table.attrs["notes"][0]


def test_a_column_with_gaps_has_a_row_for_them():
    table = qh.coverage(by_hand(), "population", "district").query("item == 'bank'")
    assert table["part"].tolist() == ["west", None]
    assert table["numerator"].tolist() == [50, 200]
    assert not isinstance(table, gpd.GeoDataFrame)


def test_squares_and_hexagons_of_the_street():
    card = by_hand()
    table = qh.coverage(card, "population", by=1000).query("item == 'bank'")
    assert table["part"].str.startswith("1000mN").all()
    assert table["denominator"].sum() == pytest.approx(290, rel=1e-12)
    homes = card.origins.geometry
    assert table.union_all().buffer(1e-6).covers(homes.union_all())


@pytest.mark.parametrize("by", [173.0, 400, "h3:8", "H3-10", "area_kind"])
def test_parts_add_up_to_the_whole(by):
    card = worlds.new_town()
    measures = ["population", "residence", "area", "item", "group", "all_items"]
    whole = qh.coverage(card, measures)
    parts = qh.coverage(card, measures, by)
    sums = parts.groupby(["measure", "item"], sort=False)[NUMBERS].sum().reset_index()
    assert sums["item"].tolist() == whole["item"].tolist()
    assert np.abs(sums[NUMBERS].to_numpy() - whole[NUMBERS].to_numpy()).max() < 1e-9 * 101_300
    assert (parts["observed"] + parts["implied"] - parts["numerator"]).abs().max() < 1e-6


def test_who_lives_in_two_areas_counts_once_in_any_part():
    areas = worlds.squares((500, 0), (500, 0), size=900, residents=[100.0, 30.0])
    areas.geometry = [box(0, -50, 1000, 50), box(100, -50, 300, 50)]
    homes = worlds.squares((200, 0), (800, 0), size=10, levels=1.0)
    card = qh.assess(
        areas,
        worlds.points((0, 0), item=["shop"]),
        worlds.network_of([(0, 0), (2000, 0)]),
        worlds.checklist(worlds.item("shop")),
        origins=qh.origins(areas, homes),
    )
    whole = qh.coverage(card)
    for by in (500, "h3:9", areas.iloc[[0]]):
        parts = qh.coverage(card, by=by)
        sums = parts.groupby(["measure", "item"], sort=False)[NUMBERS].sum()
        assert np.allclose(sums.to_numpy(), whole[NUMBERS].to_numpy())


def test_designation_by_district_from_a_table_or_a_column():
    card = by_hand(circle=[None, "c1"])
    table = pd.DataFrame({"community": ["b", "b"], "circle": ["x", "y"]})
    for circles in (table, "circle"):
        whole = qh.coverage(card, "designation", circles=circles)
        assert whole[NUMBERS].to_numpy().tolist() == [[1, 1, 0, 2, 0]]
        parts = qh.coverage(card, "designation", "district", circles=circles)
        assert parts["share"].tolist() == [0, 1]
    official = qh.designation_coverage(card.areas, table)
    assert official["share"].tolist() == [0.5]
    with pytest.raises(qh.QuarterhourError, match="pass circles="):
        qh.coverage(card, "designation")
    with pytest.raises(qh.QuarterhourError, match="no column 'ring'"):
        qh.coverage(card, "designation", circles="ring")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"measure": "people"}, "no measure people: there are population, residence"),
        ({"measure": []}, "no measure in an empty list"),
        ({"by": "ward"}, r"by='ward' is no way to part .*residents, district"),
        ({"by": True}, "no way to part"),
        ({"by": 0}, "no size of a cell"),
        ({"by": "h3:99"}, "no resolution 99"),
    ],
)
def test_what_cannot_be_asked_is_said(asked, told):
    with pytest.raises(qh.QuarterhourError, match=told):
        qh.coverage(by_hand(), **asked)


def test_lines_are_no_districts_and_labels_are_unique():
    card = by_hand()
    with pytest.raises(qh.QuarterhourError, match="Point"):
        qh.coverage(card, by=worlds.points((0, 0)))
    twice = worlds.squares((0, 0), (50, 0), index=["d", "d"])
    with pytest.raises(qh.QuarterhourError, match=r"unique|twice|more than once"):
        qh.coverage(card, by=twice)


def test_without_homes_parts_are_refused(tmp_path):
    card = qh.Scorecard(**(vars(by_hand()) | {"missing": ("origins",)}))
    with pytest.raises(qh.QuarterhourError, match="read without its homes"):
        qh.coverage(card, by=500)


def test_districts_that_cross_themselves_are_refused():
    bow = gpd.GeoDataFrame(
        geometry=[shapely.Polygon([(0, -9), (900, 9), (900, -9), (0, 9)])], crs=worlds.CRS
    )
    with pytest.raises(qh.QuarterhourError, match="invalid geometries"):
        qh.coverage(by_hand(), by=bow)
