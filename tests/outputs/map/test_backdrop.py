"""What the map page knows of its ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.map.backdrop import KINDS, backdrop_block, street_names


@pytest.fixture
def ground() -> gpd.GeoDataFrame:
    pond = shapely.Polygon(
        shapely.box(100, 100, 300, 200).exterior, [[(150, 120), (200, 120), (200, 160)]]
    )
    shapes = [pond, shapely.box(0, 0, 90, 90), shapely.LineString([(0, 0), (500, 500)])]
    kinds = ["water", "building", "railway"]
    names = ["未名湖", "十号楼", None]
    return gpd.GeoDataFrame({"kind": kinds, "name": names}, geometry=shapes, crs=worlds.CRS)


def test_shapes_keep_their_holes_and_lakes_their_names(ground):
    block = backdrop_block(ground, worlds.grid_world(5, 100.0))
    assert set(block) == {*KINDS, "labels"}
    assert block["water"]["rings"] == [2]
    assert block["building"]["rings"] == [1]
    assert block["railway"]["points"] == [2]
    assert block["green"]["rings"] == []
    assert block["labels"]["text"] == ["未名湖"]
    assert block["labels"]["wide_m"] == [200]
    lon = np.cumsum(block["railway"]["lon"]) / 1e6
    there = ground.to_crs(4326).geometry.iloc[2]
    assert lon == pytest.approx([x for x, _ in there.coords], abs=1e-6)


def test_what_is_no_ground_is_said(ground):
    network = worlds.grid_world(5, 100.0)
    with pytest.raises(InputError, match="column kind"):
        backdrop_block(ground.drop(columns="kind"), network)
    with pytest.raises(InputError, match="lava"):
        backdrop_block(ground.assign(kind="lava"), network)


def test_an_empty_ground_is_one(ground):
    block = backdrop_block(ground.iloc[:0], worlds.grid_world(5, 100.0))
    assert block["labels"]["text"] == []


def test_each_name_of_a_street_is_told_once():
    network = worlds.grid_world(3, 100.0)
    names = np.full(network.n_edges, "", dtype=object)
    names[[0, 2, 5]] = ["中关村大街", "学院路", "中关村大街"]
    named = network.traits | {"name": names}
    told = street_names(_with(network, named), np.arange(network.n_edges))
    assert sorted(told["texts"]) == ["中关村大街", "学院路"]
    assert np.cumsum(told["edge"]).tolist() == [0, 2, 5]
    assert [told["texts"][code] for code in told["text"]] == ["中关村大街", "学院路", "中关村大街"]


def _with(network, traits):
    arrays = {
        name: getattr(network, name)
        for name in ("crs", "node_xy", "edge_nodes", "coords", "coord_offset")
    }
    return type(network).build(**arrays, traits=dict(traits))
