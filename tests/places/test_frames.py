"""Indices, column names and cells that no table of places may have."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from quarterhour.errors import DatumError, InputError
from quarterhour.places.contracts import check_areas, check_facilities
from quarterhour.places.datum import convert_datum, declare_datum
from quarterhour.places.frames import utm_of
from quarterhour.places.origins import origins
from quarterhour.sources.tables.read import read_areas, read_facilities


def squares(**columns: list[object]) -> gpd.GeoDataFrame:
    shapes = [box(0, 0, 50, 50), box(100, 0, 150, 50)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=32650)


def test_an_index_of_two_levels():
    areas = squares()
    areas.index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["district", "number"])
    for check in (check_areas, read_areas):
        with pytest.raises(InputError, match=r"index of the areas has 2 levels \(district, number"):
            check(areas)


def test_two_columns_of_one_name():
    areas = squares(name=["甲", "乙"], residents=[1.0, 2.0])
    twice = pd.concat([areas, areas[["name", "residents"]]], axis=1)
    for check in (check_areas, read_areas, origins):
        with pytest.raises(InputError, match="more than one column called 'name', 'residents'"):
            check(twice)


def test_column_names_of_two_levels():
    table = pd.DataFrame([[1.0, 2.0]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]))
    with pytest.raises(InputError, match="names of 2 levels"):
        read_facilities(table)


@pytest.mark.parametrize("cell", [["店", "分店"], ("店",), {"zh": "店"}, {"店"}])
@pytest.mark.parametrize("column", ["name", "item", "type"])
def test_lists_where_a_text_belongs(cell, column):
    table = gpd.GeoDataFrame({column: [cell, "x"]}, geometry=[Point(1, 1)] * 2, crs=32650)
    with pytest.raises(InputError, match=f"1 cells of the column '{column}' of the facilities"):
        check_facilities(table)
    other = table.rename(columns={column: "photos"})
    check_facilities(other)


def china() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    x, y = 448_000.0, 4_418_000.0
    areas = gpd.GeoDataFrame(geometry=[box(x, y, x + 100, y + 100)], crs=32650)
    houses = gpd.GeoDataFrame(geometry=[box(x + 40, y + 40, x + 60, y + 60)], crs=32650)
    gates = gpd.GeoDataFrame(geometry=[Point(x + 50, y)], crs=32650)
    return areas, houses, gates


def test_buildings_and_gates_share_the_datum_of_the_areas():
    areas, houses, gates = china()
    areas, told = declare_datum(areas, "wgs84"), declare_datum(houses, "cgcs2000")
    doors = declare_datum(gates, "wgs84")
    assert len(origins(areas, told, doors)) == 1
    with pytest.raises(DatumError, match="buildings are in gcj02, the areas in wgs84"):
        origins(areas, convert_datum(told, "gcj02"), doors)
    with pytest.raises(DatumError, match="gates are in bd09, the areas in wgs84"):
        origins(areas, told, convert_datum(doors, "bd09"))
    with pytest.raises(DatumError, match="buildings lie in mainland China"):
        origins(areas, houses, doors)


def test_the_utm_zone_is_the_one_that_is_looked_up():
    rng = np.random.default_rng(1)
    anywhere = zip(rng.uniform(-180, 180, 9), rng.uniform(-80, 83, 9), strict=True)
    edges = [(0, 0), (6, 10), (3, 0), (180, 3), (-180, 3), (179.99, 70), (5.999, 60), (6.001, 60)]
    for lon, lat in [*anywhere, *edges]:
        there = gpd.GeoSeries([Point(lon - 0.3, lat), Point(lon + 0.3, lat)], crs=4326)
        assert utm_of(there) == there.estimate_utm_crs(), (lon, lat)
    metres = squares()
    assert utm_of(metres) == metres.estimate_utm_crs()
