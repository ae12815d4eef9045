"""A whole city with a table of hexagons: residents kept, parts that add up, older people apart."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import quarterhour as qh

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
import populations

# Small grids and hexagons are counted in test_residents_from.py.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def city(shared_data):
    folder = shared_data("porto-alegre-hexgrid.csv").parent
    shared_data("porto-alegre.osm.pbf")
    return (*populations.assessed(folder), populations.hexagons(folder))


def test_hexagons_points_and_squares_keep_the_population(city):
    _, counted, cells = city
    total = cells["population"].sum()
    assert total == 812_935
    for areas in counted.values():
        here, elsewhere = populations.placed(areas)
        assert here + elsewhere == pytest.approx(total, rel=1e-9)
    assert counted["H3 cells"]["residents"].sum() == pytest.approx(total, rel=1e-9)
    assert counted["points"]["residents"].sum() == pytest.approx(total, rel=1e-9)
    one, other = (counted[name]["residents"].to_numpy() for name in ("H3 cells", "points"))
    assert one == pytest.approx(other, abs=1e-6)


@pytest.mark.parametrize("group", ["adult", "elderly"])
def test_hexagons_squares_and_labels_add_up_to_the_same(city, group):
    card = city[0].cards[group]
    whole = qh.coverage(card, "population").set_index("item")
    numbers = ["numerator", "denominator", "unknown"]
    for by in ("h3:9", 500, "id"):
        parts = qh.coverage(card, "population", by)
        sums = parts.groupby("item", sort=False)[numbers].sum()
        assert np.allclose(sums, whole[numbers], rtol=1e-9, atol=1e-6)
    both = whole["denominator"] + whole["unknown"]
    assert both.to_numpy() == pytest.approx(np.full(4, 812_935.0), rel=1e-9)


def test_older_people_have_less_and_longer_limits_more(city):
    side = city[0].to_frame()
    assert (side["elderly"] <= side["adult"]).all()
    for kind in ("school", "health"):
        assert side.loc[f"{kind}_15", "adult"] < side.loc[f"{kind}_30", "adult"]
    assert side.loc["health_15", "gap"] > 0.15
    fair = qh.equity(city[0].cards["adult"]).set_index(["of", "item"])
    assert 0 < fair.loc[("items", "all"), "gini"] < fair.loc[("minutes", "health_15"), "gini"] < 1
