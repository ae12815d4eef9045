"""One pair of columns makes a position, in one datum."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from quarterhour.errors import DatumError, InputError
from quarterhour.places.baidu_mercator import to_bd09
from quarterhour.places.datum import from_wgs84
from quarterhour.sources.tables.headers import read_header
from quarterhour.sources.tables.read import read_areas, read_facilities

TRUE = (116.3912, 39.9075)
GCJ = tuple(float(value) for value in from_wgs84(*TRUE, "gcj02"))
BD = tuple(float(value) for value in from_wgs84(*TRUE, "bd09"))


def a_table(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({name: [str(value)] for name, value in columns.items()}, dtype=object)


def at(table: gpd.GeoDataFrame) -> tuple[float, float]:
    return tuple(table.geometry.iloc[0].coords[0])


def told(table: gpd.GeoDataFrame) -> str:
    return "\n".join(table.attrs["notes"])


@pytest.mark.parametrize(
    ("name", "axis", "datum"),
    [
        ("gcj_lng", "lon", "gcj02"),
        ("lngGCJ02", "lon", "gcj02"),
        ("WGS84_X", "lon", "wgs84"),
        ("GPS纬度", "lat", "wgs84"),
        ("纬度（WGS-84）", "lat", "wgs84"),
        ("高德经度(WGS84)", "lon", "wgs84"),
        ("gcj02_to_wgs84_lng", "lon", "wgs84"),
        ("lng84", "lon", "wgs84"),
        ("bd_lat", "lat", "bd09"),
        ("百度坐标", "location", "bd09"),
        ("bd09mc_x", "lon", "bd09mc"),
        ("国家2000经度", "lon", "cgcs2000"),
        ("location.lng", "lon", None),
        ("经度(°)", "lon", None),
        ("坐标(纬度,经度)", "latlon", None),
        ("location", "location", None),
    ],
)
def test_names_of_position_columns(name, axis, datum):
    header = read_header(name)
    assert (header.axis, header.datum) == (axis, datum)


@pytest.mark.parametrize("name", ["entr_location", "max", "名称", "gcj02", "wgs84_gcj02_lng", "层"])
def test_names_of_other_columns(name):
    assert read_header(name) is None


@pytest.mark.parametrize("datum", [None, "gcj02", "wgs84"])
def test_the_declared_datum_chooses_the_pair(datum):
    rows = a_table(location=f"{GCJ[0]},{GCJ[1]}", lng_wgs84=TRUE[0], lat_wgs84=TRUE[1])
    table = read_facilities(rows, datum=datum)
    assert at(table) == pytest.approx(TRUE, abs=1e-8)
    assert "The position is read from" in told(table)


def test_longitude_and_latitude_are_of_one_pair():
    rows = a_table(gcj_lng=GCJ[0], wgs_lng=TRUE[0], wgs84_lat=TRUE[1], gcj02_lat=GCJ[1])
    assert at(read_facilities(rows)) == pytest.approx(TRUE, abs=1e-8)
    assert at(read_facilities(rows, datum="gcj02")) == pytest.approx(TRUE, abs=1e-8)
    halves = a_table(name="x", gcj_lng=GCJ[0], wgs_lat=TRUE[1])
    with pytest.raises(DatumError, match="gcj_lng, wgs_lat are in different datums"):
        read_facilities(halves, columns={"lon": "gcj_lng", "lat": "wgs_lat"})


def test_a_header_contradicts_or_confirms_the_declared_datum():
    rows = a_table(**{"经度(GCJ02)": GCJ[0], "纬度(GCJ02)": GCJ[1]})
    assert at(read_facilities(rows, datum="gcj02")) == pytest.approx(TRUE, abs=1e-8)
    with pytest.raises(DatumError, match=r"contradicts the column names of the table \(经度"):
        read_facilities(rows, datum="wgs84")


def test_two_nameless_positions_that_differ_are_refused():
    rows = a_table(location=f"{GCJ[0]},{GCJ[1]}", lon=TRUE[0], lat=TRUE[1])
    with pytest.raises(InputError, match="say different places"):
        read_facilities(rows, datum="gcj02")
    same = a_table(location=f"{GCJ[0]},{GCJ[1]}", lon=GCJ[0], lat=GCJ[1])
    assert at(read_facilities(same, datum="gcj02")) == pytest.approx(TRUE, abs=1e-8)


def test_pairs_that_do_not_agree_are_told():
    rows = a_table(gcj_lng=TRUE[0], gcj_lat=TRUE[1], wgs_lng=TRUE[0], wgs_lat=TRUE[1])
    with pytest.warns(UserWarning, match="do not agree: they are 5.. m apart"):
        read_facilities(rows)


def test_a_column_that_is_no_position_does_not_count():
    rows = a_table(location="中山路 5 号", lon=GCJ[0], lat=GCJ[1])
    assert at(read_facilities(rows, datum="gcj02")) == pytest.approx(TRUE, abs=1e-8)


def test_metres_beside_degrees():
    rows = a_table(x=448_000.0, y=4_418_000.0, lon=TRUE[0], lat=TRUE[1])
    assert at(read_facilities(rows, datum="wgs84")) == pytest.approx(TRUE, abs=1e-8)
    assert read_facilities(rows, crs=32650, datum="wgs84").geometry.x.iloc[0] == 448_000.0


def test_entrances_are_of_the_datum_of_their_location():
    rows = a_table(
        location=f"{GCJ[0]},{GCJ[1]}",
        entr_location=f"{GCJ[0]},{GCJ[1]}",
        wgs_lng=TRUE[0],
        wgs_lat=TRUE[1],
    )
    with pytest.warns(UserWarning, match="entr_location is not read"):
        assert "entrances" not in read_facilities(rows)
    table = read_facilities(rows, datum="gcj02")
    assert tuple(table["entrances"].iloc[0].coords[0]) == pytest.approx(TRUE, abs=1e-8)


def test_a_table_is_not_converted_twice(tmp_path):
    once = read_facilities(a_table(lon=GCJ[0], lat=GCJ[1]), datum="gcj02")
    with pytest.raises(DatumError, match="converted from gcj02"):
        read_facilities(once, datum="gcj02")
    once.to_parquet(tmp_path / "once.parquet")
    with pytest.raises(DatumError, match="converted from gcj02"):
        read_facilities(tmp_path / "once.parquet", datum="gcj02")
    assert at(read_facilities(once, datum="wgs84")) == pytest.approx(TRUE, abs=1e-8)
    assert at(read_facilities(once)) == pytest.approx(TRUE, abs=1e-8)


@pytest.mark.parametrize("text", ["{0},{1},88", "[{0}, {1}, 88.5]", "{0} {1} 12", "({0}；{1})"])
def test_the_third_number_of_a_location_is_a_height(text):
    rows = a_table(location=text.format(TRUE[0], "39.9"))
    table = read_facilities(rows, datum="wgs84")
    assert at(table) == pytest.approx((TRUE[0], 39.9), abs=1e-9)


def test_baidu_metres():
    # Baidu's metres of a place in Beijing, and its degrees, as Baidu's own service gives them.
    lon, lat = to_bd09([12_958_160.97], [4_825_923.77])
    assert (lon[0], lat[0]) == pytest.approx((116.404, 39.915), abs=2e-3)
    rows = a_table(x=12_958_160.97, y=4_825_923.77)
    table = read_facilities(rows, datum="BD-09 MC")
    plain = read_facilities(a_table(lon=lon[0], lat=lat[0]), datum="bd09")
    assert at(table) == pytest.approx(at(plain), abs=1e-12)
    assert table.attrs["declared_datum"] == "bd09"
    with pytest.raises(InputError, match="means Baidu's metres"):
        read_facilities(a_table(x=BD[0], y=BD[1]), datum="bd09mc")
    assert to_bd09(-1000.0, -1000.0)[0] < 0
    assert np.isfinite(to_bd09(0.0, 0.0)).all()


def test_wkt_goes_before_points():
    square = f"POLYGON (({TRUE[0]} 39.9, 116.4 39.9, 116.4 39.91, {TRUE[0]} 39.9))"
    rows = a_table(name="甲", wkt=square, lon=TRUE[0], lat=TRUE[1])
    assert read_areas(rows, datum="wgs84").geom_type.tolist() == ["Polygon"]
