from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiPoint, Point, Polygon, box

from quarterhour.errors import InputError
from quarterhour.places.contracts import (
    check_areas,
    check_buildings,
    check_facilities,
    check_points,
    listed,
)
from quarterhour.places.mending import mend

HERE = box(448000, 4417000, 448100, 4417100)


def areas(**more: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(more, geometry=[HERE, HERE.centroid], crs=32650)


def test_tables_that_keep_the_contract_pass():
    good = areas(residents=[1.0, np.nan], area_kind=["community", None])
    before = good.copy()
    assert check_areas(good) is None
    pd.testing.assert_frame_equal(pd.DataFrame(good), pd.DataFrame(before))
    check_facilities(good)
    check_buildings(good.iloc[:1].assign(levels=[6.0]))
    check_points(good.iloc[1:], "gates")
    check_areas(areas(residents=pd.array([5, None], dtype="Int64")))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"a": [1]}), "have to be a GeoDataFrame, not DataFrame"),
        (gpd.GeoDataFrame({"a": [1]}), "have no geometry column"),
        (areas().iloc[:0], "is empty"),
        (areas().set_crs(None, allow_override=True), r"have no CRS.*set_crs\(4326\)"),
        (areas().set_axis([3, 3]), r"index of the areas is not unique \(3 occur"),
        (areas().set_geometry([HERE, None], crs=32650), r"1 of the areas have no geometry \(1\)"),
        (areas().set_geometry([HERE, Polygon()], crs=32650), "have no geometry"),
        (
            areas().set_geometry([HERE, Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], crs=32650),
            r"invalid geometries \(1\)",
        ),
        (
            areas().set_geometry([HERE, LineString([(0, 0), (1, 1)])], crs=32650),
            "1 LineString among them",
        ),
        (areas(residents=[-1, 2]), "1 of the areas have a negative number of residents"),
        (areas(residents=[np.inf, 2]), "infinite"),
        (areas(residents=["many", "few"]), "has to hold numbers"),
        (areas(area_kind=["village", None]), "kind village are not known"),
        (
            areas().set_geometry([Point(39.9, 116.4)] * 2, crs=4326),
            "the wrong way round",
        ),
        (areas().set_geometry([Point(4e5, 4e6)] * 2, crs=4326), "hold degrees"),
        (areas().set_geometry([Point(np.inf, 1)] * 2, crs=4326), "not finite"),
    ],
)
def test_broken_areas(table, message):
    with pytest.raises(InputError, match=message) as error:
        check_areas(table)
    assert "\n" not in str(error.value)


def test_entrances():
    doors = gpd.GeoSeries([MultiPoint([(0, 0)]), None], crs=32650)
    check_facilities(areas(entrances=doors))
    with pytest.raises(InputError, match="different CRS"):
        check_facilities(areas(entrances=doors.set_crs(4326, allow_override=True)))
    with pytest.raises(InputError, match="have to be points; the facilities hold Polygon"):
        check_facilities(areas(entrances=gpd.GeoSeries([HERE, None], crs=32650)))
    with pytest.raises(InputError, match="has to hold points"):
        check_facilities(areas(entrances=["a", "b"]))


def test_buildings():
    house = areas().iloc[:1]
    with pytest.raises(InputError, match="negative number of levels"):
        check_buildings(house.assign(levels=[-2]))
    with pytest.raises(InputError, match="'levels' of the buildings has to hold numbers"):
        check_buildings(house.assign(levels=["six"]))


def test_mend_repairs_and_sets_apart():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    spike = Polygon([(0, 0), (1, 0), (0, 0), (1, 0)])
    table = gpd.GeoDataFrame(
        {"name": list("abcdef")},
        geometry=[bow, spike, None, Point(1, 2, 3), Point(np.nan, 1), Point()],
        index=list("uvwxyz"),
        crs=32650,
    )
    fixed, rejected, notes = mend(table, "facilities")
    assert list(fixed.index) == ["u", "x"]
    assert fixed.geometry["u"].is_valid
    assert fixed.geometry["u"].area == pytest.approx(2)
    assert not fixed.geometry["x"].has_z
    assert rejected["w"] == "no geometry"
    assert rejected["v"] == "invalid geometry that cannot be repaired"
    assert set(rejected.index) == {"v", "w", "y", "z"}
    assert notes == ["1 invalid geometries of facilities repaired (u)."]
    assert list(table.geometry.isna()) == [False, False, True, False, False, False]


def test_listed():
    assert listed([1, 2]) == "1, 2"
    assert listed(range(9)) == "0, 1, 2, 3, 4 and 4 more"
