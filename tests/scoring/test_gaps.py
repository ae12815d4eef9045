"""Gaps: what is unmet, for whom, most touched first; what is unknown is not listed."""

from __future__ import annotations

import numpy as np
import pytest

import quarterhour as qh
import worlds

COLUMNS = [
    "area",
    "name",
    "item",
    "zh",
    "en",
    "reason",
    "residents_without",
    "share_without",
    "median_minutes",
    "worst_minutes",
    "facility",
    "edge_affected",
]


def card(**columns) -> qh.Scorecard:
    areas = worlds.points((0, 0), (1500, 0), (2500, 0), index=["a", "b", "c"], **columns)
    places = worlds.points((0, 0), (2900, 0), item=["shop", "bank"], index=["s", "k"])
    items = [
        worlds.item("shop", zh="商店"),
        worlds.item("bank", zh="银行"),
        worlds.item("board", checkability="D"),
        worlds.item("zoo"),
    ]
    network = worlds.network_of([(0, 0), (3000, 0)])
    return qh.assess(areas, places, network, worlds.checklist(*items))


def test_unmet_items_with_most_residents_first():
    table = qh.gaps(card(residents=[10.0, 70.0, np.nan], name=["甲", "乙", "丙"]))
    assert table.columns.tolist() == COLUMNS
    found = table[["area", "name", "item", "zh", "en"]].to_numpy().tolist()
    assert found == [
        ["b", "乙", "shop", "商店", "Shop"],
        ["b", "乙", "bank", "银行", "Bank"],
        ["a", "甲", "bank", "银行", "Bank"],
        ["c", "丙", "shop", "商店", "Shop"],
    ]
    assert table["residents_without"].tolist() == pytest.approx([70, 70, 10, np.nan], nan_ok=True)
    assert table["share_without"].tolist() == [1, 1, 1, 1]
    assert table["median_minutes"].tolist() == pytest.approx(
        [20, 1400 / 75, np.nan, np.nan], nan_ok=True
    )
    assert table["facility"].dropna().tolist() == ["s", "k"]
    assert set(table["reason"]) == {"beyond_limit"}
    assert table.index.tolist() == [0, 1, 2, 3]


def test_the_unknown_is_not_listed():
    one = card(residents=[10.0, 70.0, 1.0])
    listed = set(qh.gaps(one)["item"])
    assert listed == {"shop", "bank"}
    assert (one.results.loc[one.results["item"] == "zoo", "status"] == "unknown").all()


def test_areas_without_names_or_residents():
    table = qh.gaps(card())
    assert table["name"].isna().all()
    assert table["residents_without"].isna().all()
    assert len(table) == 4


def test_where_nothing_is_missing_the_table_is_empty_with_its_columns():
    areas = worlds.points((0, 0))
    checklist = worlds.checklist(worlds.item("shop"))
    network = worlds.network_of([(0, 0), (3000, 0)])
    table = qh.gaps(qh.assess(areas, worlds.points((5, 0), item="shop"), network, checklist))
    assert table.empty
    assert table.columns.tolist() == COLUMNS
