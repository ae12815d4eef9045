"""Who has how much, and several places of one kind: by hand, and against the coverage."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.scoring.reached import Reached


def street(**change) -> qh.Scorecard:
    """Homes at 75, 300 and 1,500 m in three areas of 10, 20 and 70; shops at 0, 0 again, 600."""
    areas = gpd.GeoDataFrame(
        {
            "residents": [10.0, 20.0, 70.0],
            "kind": ["old", "new", "new"],
            "income": [1.0, 2.0, 3.0],
        },
        geometry=[box(x - 5, -5, x + 5, 5) for x in (75, 300, 1500)],
        crs=worlds.CRS,
    ).assign(**change)
    homes = worlds.squares((75, 0), (300, 0), (1500, 0), size=4, levels=1.0)
    places = worlds.points(
        *((0, 0), (0.5, 0), (600, 0), (5000, 0)),
        item=["shop", "shop", "shop", "bank"],
        name=["甲店", "甲店", "乙店", "银行"],
        capacity=[100.0, 100.0, 40.0, None],
    )
    return qh.assess(
        areas,
        places,
        worlds.network_of([(0, 0), (6000, 0)]),
        worlds.checklist(worlds.item("shop"), worlds.item("bank"), worlds.item("zoo")),
        origins=qh.origins(areas, homes),
    )


def test_minutes_and_items_by_hand():
    table = qh.equity(street(), by="kind", rank="income").set_index(["of", "item"])
    shop = table.loc[("minutes", "shop")]
    minutes = np.array([1.0, 4.0, 12.0])
    people = np.array([10.0, 20.0, 70.0])
    assert shop["mean"] == pytest.approx(9.3, abs=0.02)
    assert shop["gini"] == pytest.approx(qh.gini(minutes, people), abs=2e-3)
    assert shop["palma"] == pytest.approx(qh.palma(minutes, people), abs=2e-2)
    assert (shop["most"], shop["least"]) == ("new", "old")
    assert shop["gap"] == pytest.approx((4 * 20 + 12 * 70) / 90 - 1, abs=0.02)
    assert shop["concentration"] == pytest.approx(shop["gini"])
    assert shop[["counted", "beyond", "unknown", "unit"]].tolist() == [100, 0, 0, "residents"]
    # The bank at 5,000 m is farther than twice the limit from all; nobody knows of a zoo.
    assert table.loc[("minutes", "bank"), ["counted", "beyond", "unknown"]].tolist() == [0, 100, 0]
    assert table.loc[("minutes", "zoo"), ["counted", "beyond", "unknown"]].tolist() == [0, 0, 100]
    assert np.isnan(table.loc[("minutes", "zoo"), "gini"])
    # Of shop and bank, which are known, all have the shop: a half each.
    items = table.loc[("items", "all")]
    assert items[["mean", "gini", "palma", "theil", "gap"]].tolist() == pytest.approx(
        [0.5, 0, 1, 0, 0]
    )


def test_who_has_no_rank_or_group_is_left_out_of_them_alone():
    card = street(income=[np.nan, 2.0, 3.0], kind=[None, "a", "b"])
    shop = (
        qh.equity(card, by="kind", rank="income").set_index(["of", "item"]).loc[("minutes", "shop")]
    )
    assert shop["counted"] == 100
    assert shop["gap"] == pytest.approx(8, abs=0.02)
    assert shop["concentration"] == pytest.approx(qh.gini([4, 12], [20, 70]), abs=2e-3)


def test_where_nobody_has_counted_residences_are():
    table = qh.equity(street(residents=np.nan))
    assert table["unit"].unique().tolist() == ["residences"]
    assert table["counted"].iloc[0] == 3


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"by": "ward"}, "no column 'ward'; they have residents"),
        ({"rank": "kind"}, "has no numbers to put people in order by"),
    ],
)
def test_columns_are_there_and_numbers(asked, told):
    with pytest.raises(qh.QuarterhourError, match=told):
        qh.equity(street(), **asked)


def test_several_places_by_hand_and_a_place_listed_twice_is_one():
    table = qh.redundancy(street()).set_index("item")
    numbers = ["places", "none", "one", "two", "three_or_more", "unknown"]
    assert table.loc["shop", numbers].tolist() == [2, 0, 70, 30, 0, 0]
    assert table.loc["shop", "mean_places"] == pytest.approx(1.3)
    assert table.loc["bank", numbers].tolist() == [1, 100, 0, 0, 0, 0]
    assert table.loc["zoo", numbers].tolist() == [0, 0, 0, 0, 0, 100]


def test_who_goes_to_which_place():
    loads = qh.place_loads(street())
    assert loads["item"].tolist() == ["shop", "shop"]
    assert loads["name"].tolist() == ["乙店", "甲店"]
    assert loads["residents"].tolist() == [70, 30]  # 300 m from both: by label
    assert loads["residents_per_capacity"].tolist() == [70 / 40, 0.3]
    bare = qh.place_loads(street(), capacity="seats")
    assert bare["capacity"].isna().all()
    with pytest.raises(qh.QuarterhourError, match="4 capacities in 'name' are no numbers"):
        qh.place_loads(street(), capacity="name")


@pytest.mark.filterwarnings("ignore:Checklist gb50180")
@pytest.mark.parametrize("card", [worlds.new_town, None])
def test_who_has_one_in_reach_is_who_is_covered(card):
    if card is None:
        city = worlds.helsinki()
        homes = qh.origins(city.areas, city.buildings, city.gates)
        found = qh.assess(city.areas, city.facilities, city.streets, "gb50180-2018", origins=homes)
    else:
        found = card()
    reached = Reached.of(found)
    weight = reached.weight if reached.weight.sum() > 0 else reached.once.astype(float)
    table = qh.redundancy(found)
    some = table[["one", "two", "three_or_more"]].sum(axis=1)
    for number, item in enumerate(found.checklist):
        if item.at_least == 1:
            assert some.iloc[number] == pytest.approx((reached.near[number] * weight).sum())
    whole = some + table["none"] + table["unknown"]
    assert whole.to_numpy() == pytest.approx(np.full(len(table), weight.sum()))
    loads = qh.place_loads(found).groupby("item")["residents"].sum()
    one = [item.key for item in found.checklist if item.at_least == 1]
    covered = pd.Series(some.to_numpy(), index=table["item"])[one]
    covered = covered[covered > 0]
    assert loads.reindex(covered.index).to_numpy() == pytest.approx(covered.to_numpy())


def test_without_homes_it_is_refused():
    card = qh.Scorecard(**(vars(street()) | {"missing": ("origins",)}))
    for function in (qh.equity, qh.redundancy, qh.place_loads):
        with pytest.raises(qh.QuarterhourError, match="read without its homes"):
            function(card)
