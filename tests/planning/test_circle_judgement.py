"""Designated circles, judged by walking: small worlds whose answer can be told by looking."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

import quarterhour as qh
import worlds
from quarterhour.errors import InputError

CRS = 32650


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    """Four communities of 1,000 along a street, at 0, 600, 1,500 and 4,000 m."""
    street = worlds.network_of(*([(x, 0), (x + 500, 0)] for x in range(0, 5000, 500)), crs=CRS)
    at = [0, 600, 1500, 4000]
    areas = worlds.points(*((x, 0) for x in at), crs=CRS, index=["a", "b", "c", "d"])
    areas = areas.assign(name=["a", "b", "c", "d"], residents=1000.0)
    shop = worlds.points((0, 0), crs=CRS, name="shop", item="pharmacy")
    for table in (areas, shop):
        table.attrs["datum"] = "wgs84"
    return qh.assess(areas, shop, street, qh.Checklist.load("beijing-2011"))


def designated(*rows: tuple[str, str, float | None]) -> gpd.GeoDataFrame:
    spots = [None if x is None else Point(x, 0) for _, _, x in rows]
    return gpd.GeoDataFrame(
        {"community": [r[0] for r in rows], "circle": [r[1] for r in rows]},
        geometry=spots,
        crs=CRS,
    )


def test_walks_to_the_own_centre_are_told_beside_the_designation(card):
    table = designated(("a", "one", 300), ("b", "one", 300), ("c", "one", 300), ("b", "two", 2700))
    told = qh.judge_circles(table, card)
    one, two = told.circles.set_index("circle").loc[["one", "two"]].itertuples()
    # 75 m are a minute: 4, 4 and 16 minutes to the first centre, 28 to the second.
    assert one.mean_minutes == pytest.approx(8)
    assert one.longest_minutes == pytest.approx(16)
    assert (one.residents, one.within, one.beyond, one.shared) == (3000, 2000, 1000, 1000)
    assert (two.residents, two.within, two.shared) == (1000, 0, 1000)
    share = told.coverage.set_index("measure")["share"]
    assert share["designation"] == 0.75
    assert share["own_centre"] == 0.5
    # c is 1,200 m from either centre; d 1,300 m from the second.
    assert share["any_centre"] == 0.5
    assert told.left_out[["area", "residents"]].to_numpy().tolist() == [["d", 1000.0]]
    assert "75.0% of areas belong to one, 50.0% of residents walk there" in repr(told)


def test_a_shop_near_one_member_counts_for_the_circle(card):
    table = designated(("a", "one", 300), ("d", "one", 300), ("c", "two", 1500))
    items = qh.judge_circles(table, card).circles.set_index("circle")["items"]
    assert items["one"] == items["two"] + 1


def test_without_centres_walks_are_unknown_not_zero(card):
    table = pd.DataFrame({"community": ["a", "b"], "circle": [1, 1]})
    told = qh.judge_circles(table, card)
    assert told.circles[["mean_minutes", "within", "beyond"]].isna().all(axis=None)
    share = told.coverage.set_index("measure")["share"]
    assert np.isnan(share["own_centre"])
    assert share["designation"] == 0.5
    assert "centres unknown" in repr(told)


def test_one_circle_without_a_centre_leaves_the_others(card):
    told = qh.judge_circles(designated(("a", "one", 0), ("b", "two", None)), card)
    within = told.circles.set_index("circle")["within"]
    assert within["one"] == 1000
    assert np.isnan(within["two"])


def test_planned_circles_are_judged_in_the_same_terms(card):
    made = qh.circles(
        card, 2_000, at_least=1_500, at_most=3_000, candidates=designated(("a", "x", 700.0))
    )
    told = qh.judge_circles(made, card)
    assert told.circles["residents"].tolist() == made.circles["residents"].tolist()
    assert told.circles["beyond"].tolist() == pytest.approx([0])
    for column in ("mean_minutes", "longest_minutes", "items"):
        np.testing.assert_allclose(told.circles[column], made.circles[column])


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pd.DataFrame({"circle": [1]}), "no column community"),
        (pd.DataFrame({"circle": [1], "community": ["zz"]}), "None of the communities"),
        (designated(("a", "one", 0), ("b", "one", 500)), "has 2 centres"),
    ],
)
def test_what_cannot_be_judged_is_said(card, table, says):
    with pytest.raises(InputError, match=says):
        qh.judge_circles(table, card)
