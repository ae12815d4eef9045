"""Areas of any size: a few thousand starts at most, and none where no street is known."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.places.grids import MAX_GRID_POINTS
from quarterhour.places.origins import DATA_REACH_M, origins


@pytest.mark.parametrize("side_m", [3_000.0, 40_000.0, 2_000_000.0])
def test_an_area_of_any_size_has_a_few_thousand_starts(side_m):
    area = worlds.squares((0, 0), size=side_m)
    began = time.monotonic()
    found = origins(area)
    assert time.monotonic() - began < 10
    assert MAX_GRID_POINTS / 8 < len(found) <= 1.1 * MAX_GRID_POINTS
    coarse = any("very large ones over a coarser one" in note for note in found.attrs["notes"])
    assert coarse == (side_m > 3_200)


def test_no_start_lies_where_no_street_is_known():
    network = worlds.grid_world()  # 1 km by 1 km
    areas = worlds.squares((500, 500), (1_000, 500), (50_000, 0), size=900.0)
    areas.loc[len(areas)] = [shapely.box(-2e6, -2e6, 2e6, 2e6)]
    data = gpd.GeoSeries([network.extent], crs=network.crs)
    found = origins(areas, data=data)
    beyond = found.distance(network.extent) > DATA_REACH_M + 1
    assert found.loc[beyond, "area"].tolist() == [2]  # wholly beyond: a point that is not joined
    assert found["share"].groupby(found["area"]).sum().to_numpy() == pytest.approx(1.0)
    assert found["area"].value_counts()[3] > 300
    said = "3 areas without known buildings reach beyond the streets"
    assert any(said in note for note in found.attrs["notes"])


def test_districts_over_a_small_extract_are_scored_at_once():
    network = worlds.grid_world()
    side = np.arange(18) * 8_000.0 - 72_000.0
    areas = worlds.squares(*[(x, y) for x in side for y in side], size=8_000.0)
    places = gpd.GeoDataFrame({"item": ["a"]}, geometry=[shapely.Point(500, 500)], crs=worlds.CRS)
    began = time.monotonic()
    card = qh.assess(areas, places, network, worlds.checklist(worlds.item("a")))
    assert time.monotonic() - began < 20
    assert len(card.origins) < 2_000
    assert set(card.results["status"]) <= {"met", "unmet", "unknown"}
