from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString

from quarterhour.errors import InputError
from quarterhour.places.datum import convert_datum, declare_datum
from quarterhour.sources.osm.read import City, read_osm
from quarterhour.sources.tables.read import read_facilities
from quarterhour.streets.detect_datum import FEWEST, contradiction, detect_datum
from quarterhour.streets.network import WalkNetwork

EXTRACTS = [
    "beijing-xueyuanlu-2026",
    pytest.param("beijing-haidian-2017", marks=pytest.mark.long),
    pytest.param("beijing-bupt-2025", marks=pytest.mark.long),
]
DATUMS = ["wgs84", "gcj02", "bd09"]


@pytest.fixture(scope="module")
def grid() -> WalkNetwork:
    """Return an irregular street grid of 3 km in Beijing."""
    rng = np.random.default_rng(4)
    corner, size = np.array([447_000.0, 4_416_000.0]), 3_000.0
    lines = []
    for axis in (0, 1):
        for at in np.cumsum(rng.uniform(90, 260, 16)):
            ends = np.array([[at, 0.0], [at, size]])
            lines.append(LineString(corner + (ends[:, ::-1] if axis else ends)))
    noded = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    table = gpd.GeoDataFrame({"highway": ["residential"] * len(noded)}, geometry=noded, crs=32650)
    return WalkNetwork.from_edges(table)


def shops(network: WalkNetwork, count: int, seed: int = 1) -> gpd.GeoDataFrame:
    """Return shops 7 to 18 m beside a street."""
    rng = np.random.default_rng(seed)
    lines = network.lines[rng.integers(0, network.n_edges, count)]
    at = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, rng.random(count), normalized=True)
    )
    ends = shapely.get_coordinates(lines).reshape(count, -1, 2)
    along = ends[:, -1] - ends[:, 0]
    aside = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    xy = at + aside * (rng.uniform(7, 18, count) * rng.choice([-1, 1], count))[:, None]
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs).to_crs(4326)


@pytest.mark.parametrize("datum", DATUMS)
def test_shops_beside_streets_tell_their_datum(grid, datum):
    table = convert_datum(shops(grid, 200), datum, datum="wgs84")
    guess = detect_datum(table, grid)
    assert guess.datum == datum
    assert guess.confidence > 0.9
    assert guess.evidence["score"].idxmax() == datum
    assert guess.evidence.loc[datum, "pattern"] > 4
    assert f"The datum is {datum}" in str(guess)


def test_the_pattern_alone_tells_where_the_extent_does_not(grid):
    middle = dataclasses.replace(grid, extent=grid.extent.buffer(-1000))
    for datum in DATUMS:
        table = convert_datum(shops(grid, 1500), datum, datum="wgs84")
        guess = detect_datum(table, middle)
        assert guess.evidence["inside_share"].max() < 0.7
        assert guess.datum == datum


@pytest.mark.parametrize("datum", DATUMS)
def test_street_lines_tell_their_datum(grid, datum):
    lines = gpd.GeoDataFrame(geometry=grid.lines[::3], crs=grid.crs)
    assert detect_datum(convert_datum(lines, datum, datum="wgs84"), grid).datum == datum


@pytest.mark.parametrize("count", [3, FEWEST - 1])
def test_a_few_points_cannot_tell(grid, count):
    guess = detect_datum(shops(grid, count), grid)
    assert guess.datum is None
    assert guess.confidence == pytest.approx(1 / 3)
    assert f"Cannot tell the datum of {count} places" in str(guess)


def test_distances_are_those_to_the_nearest_carriageway(grid):
    footways = np.arange(grid.n_edges) % 3 > 0
    kinds = np.where(footways, "footway", "residential").astype(object)
    mixed = dataclasses.replace(grid, traits={**grid.traits, "highway": kinds})
    table = shops(grid, 300)
    roads = grid.lines[~footways]
    places = table.to_crs(grid.crs).geometry
    inside = places[places.within(grid.extent)].to_numpy()
    _, off_m = shapely.STRtree(roads).query_nearest(inside, return_distance=True, all_matches=False)
    assert detect_datum(table, mixed).evidence.loc["wgs84", "median_m"] == np.median(off_m)


def test_points_at_random_cannot_tell(grid):
    rng = np.random.default_rng(2)
    west, south, east, north = grid.extent.buffer(1500).bounds
    xy = np.column_stack([rng.uniform(west, east, 400), rng.uniform(south, north, 400)])
    guess = detect_datum(gpd.GeoDataFrame(geometry=shapely.points(xy), crs=grid.crs), grid)
    assert guess.datum is None
    assert "but not clearly" in str(guess)


def test_points_elsewhere_cannot_tell(grid):
    away = shops(grid, 100)
    away["geometry"] = away.translate(1.0, 0.0)
    guess = detect_datum(away, grid)
    assert guess.datum is None
    assert "at most 0 places" in str(guess)


def test_an_empty_table_is_refused(grid):
    with pytest.raises(InputError, match="is empty"):
        detect_datum(shops(grid, 5).iloc[:0], grid)


def test_a_wrong_declaration_is_noticed(grid, tmp_path):
    table = convert_datum(shops(grid, 200), "gcj02", datum="wgs84")
    assert contradiction(read_facilities(declare_datum(table, "gcj02")), grid) is None
    for wrong in ("wgs84", "bd09", "cgcs2000"):
        said = contradiction(read_facilities(declare_datum(table, wrong)), grid)
        assert said is not None
        assert f"declared {wrong}, but the streets say gcj02" in said
    undeclared = shops(grid, 50)
    assert contradiction(undeclared, grid) is None


@pytest.fixture(scope="module", params=EXTRACTS)
def city(request, shared_data) -> City:
    return read_osm(shared_data(f"{request.param}.osm.pbf"))


@pytest.mark.parametrize("datum", DATUMS)
def test_beijing_facilities(city, datum):
    assert detect_datum(convert_datum(city.facilities, datum), city.streets).datum == datum


def test_beijing_samples_are_never_wrong(city):
    for seed, datum in enumerate(DATUMS):
        for count in (3, 25, 60):
            some = city.facilities.sample(count, random_state=seed)
            guess = detect_datum(convert_datum(some, datum), city.streets)
            assert guess.datum in (None, datum)
            if count == 3:
                assert guess.datum is None
