from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import osmnx
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from quarterhour.errors import (
    DatumError,
    InputError,
    NetworkError,
    OutputError,
    QuarterhourError,
    QuarterhourWarning,
)
from quarterhour.places.datum import convert_datum, declare_datum, from_wgs84
from quarterhour.sources.tables.read import (
    read_areas,
    read_buildings,
    read_facilities,
    read_gates,
    read_network,
)
from quarterhour.streets.network import WalkNetwork

TRUE = (116.3912, 39.9075)  # WGS 84
GCJ = tuple(float(value) for value in from_wgs84(*TRUE, "gcj02"))
BD = tuple(float(value) for value in from_wgs84(*TRUE, "bd09"))
HELSINKI = (24.94, 60.17)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def a_csv(rows: int = 1, lon: object = GCJ[0], lat: object = GCJ[1]) -> str:
    lines = ["名称,类型编码,经度,纬度", *[f"店{i},060200,{lon},{lat}" for i in range(rows)]]
    return "\n".join(lines) + "\n"


def at(table: gpd.GeoDataFrame, row: int = 0) -> tuple[float, float]:
    return tuple(table.to_crs(4326).geometry.iloc[row].coords[0])


def told(table: gpd.GeoDataFrame) -> str:
    return "\n".join(table.attrs["notes"])


# --- CSV ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 (BOM)"),
        ("gb18030", "GB18030"),
        ("gbk", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
def test_the_encoding_is_found_and_said(tmp_path, encoding, said):
    table = read_facilities(write(tmp_path / "poi.csv", a_csv(), encoding), datum="gcj02")
    assert table["name"].tolist() == ["店0"]
    assert f"Read as {said}," in told(table)


def test_a_chinese_csv_is_recognised_converted_and_told(tmp_path):
    path = write(tmp_path / "poi.csv", a_csv(3))
    table = read_facilities(path, datum="高德")
    assert at(table) == pytest.approx(TRUE, abs=1e-9)
    assert table.crs == 4326
    assert list(table.index) == [0, 1, 2]
    assert list(table.columns) == ["name", "typecode", "geometry"]
    assert table["typecode"].tolist() == ["060200"] * 3
    assert table.attrs["datum"] == "wgs84"
    assert table.attrs["declared_datum"] == "gcj02"
    assert table.attrs["source"] == str(path)
    assert "名称 = name, 类型编码 = typecode" in told(table) or "经度 = lon" in told(table)


@pytest.mark.parametrize(("datum", "pair"), [("bd09", BD), ("gcj02", GCJ), ("cgcs2000", TRUE)])
def test_every_datum_comes_out_as_wgs84(tmp_path, datum, pair):
    table = read_facilities(write(tmp_path / "a.csv", a_csv(1, *pair)), datum=datum)
    assert at(table) == pytest.approx(TRUE, abs=1e-9)


def test_points_in_china_without_a_datum_are_refused(tmp_path):
    path = write(tmp_path / "a.csv", a_csv())
    with pytest.raises(DatumError, match=r'facilities lie in mainland China.*datum="gcj02"'):
        read_facilities(path)
    elsewhere = read_facilities(write(tmp_path / "b.csv", a_csv(1, *HELSINKI)))
    assert elsewhere.attrs["datum"] == "wgs84"
    assert elsewhere.attrs["declared_datum"] is None


def test_unknown_datum(tmp_path):
    with pytest.raises(DatumError, match="wgs84, gcj02, bd09, cgcs2000"):
        read_facilities(write(tmp_path / "a.csv", a_csv()), datum="mars99")


def test_a_datum_in_the_column_names_counts_as_declared(tmp_path):
    path = write(tmp_path / "a.csv", f"name,gcj02_lng,gcj02_lat\nx,{GCJ[0]},{GCJ[1]}\n")
    table = read_facilities(path)
    assert at(table) == pytest.approx(TRUE, abs=1e-9)
    assert "datum gcj02 was taken from the column names" in told(table)
    with pytest.raises(DatumError, match="contradicts the column names"):
        read_facilities(path, datum="wgs84")


def test_a_declared_shift_outside_china_is_said(tmp_path):
    table = read_facilities(write(tmp_path / "a.csv", a_csv(1, *HELSINKI)), datum="gcj02")
    assert at(table) == HELSINKI
    assert "no map is shifted" in told(table)


@pytest.mark.parametrize("text", ["{0},{1}", "{0}, {1}", "[{0}，{1}]", "{0} {1}", "{0};{1}"])
def test_location_as_amap_writes_it(tmp_path, text):
    cell = text.format(*GCJ)
    path = write(tmp_path / "a.csv", f'name,location\n店,"{cell}"\n')
    assert at(read_facilities(path, datum="gcj02")) == pytest.approx(TRUE, abs=1e-9)


def test_wkt_polygons(tmp_path):
    text = f'小区名称,人口,wkt\n甲,"1,200","{box(*HELSINKI, 25, 60.2).wkt}"\n'
    areas = read_areas(write(tmp_path / "a.csv", text))
    assert areas.geometry.iloc[0].equals(box(*HELSINKI, 25, 60.2))
    assert areas["residents"].tolist() == [1200.0]


def test_delimiters_full_width_digits_and_units_in_the_header(tmp_path):
    text = "名称;经度(°);纬度(°);床位数\n甲;１１６．３９;３９．９;１２\n"
    table = read_facilities(write(tmp_path / "a.csv", text), datum="wgs84")
    assert at(table) == (116.39, 39.9)
    assert table["capacity"].tolist() == [12.0]
    assert "semicolons" in told(table)


def test_empty_cells_as_they_are_exported(tmp_path):
    text = "name,lon,lat,tel,address\nx,24.9,60.1,[],NULL\ny,24.9,60.1,1,\n"
    table = read_facilities(write(tmp_path / "a.csv", text))
    assert table["phone"].isna().tolist() == [True, False]
    assert table["address"].isna().all()


def test_columns_can_be_named(tmp_path):
    path = write(tmp_path / "a.csv", "招牌,E,N\n甲,24.94,60.17\n")
    with pytest.raises(InputError, match=r"No column .* says where a row is; it has 招牌, E, N"):
        read_facilities(path)
    table = read_facilities(path, columns={"name": "招牌", "lon": "E", "lat": "N"})
    assert table["name"].tolist() == ["甲"]
    assert at(table) == HELSINKI
    with pytest.raises(InputError, match="no such column"):
        read_facilities(path, columns={"name": "店名"})
    with pytest.raises(InputError, match="no column known here"):
        read_facilities(path, columns={"colour": "招牌"})


def test_a_named_column_keeps_the_other_one(tmp_path):
    path = write(tmp_path / "a.csv", "name,店名,lon,lat\nshop,店,24.94,60.17\n")
    table = read_facilities(path, columns={"name": "店名"})
    assert table["name"].tolist() == ["店"]
    assert table["name_original"].tolist() == ["shop"]


@pytest.mark.parametrize("text", ["lon,lat\n39.9075,116.3912\n", 'location\n"39.9075,116.3912"\n'])
def test_swapped_columns_are_refused_with_the_cure(tmp_path, text):
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(InputError, match="the wrong way round") as error:
        read_facilities(path, datum="wgs84")
    cure = eval(str(error.value).split("Pass columns=")[1].rstrip("."))  # noqa: S307
    assert at(read_facilities(path, datum="wgs84", columns=cure)) == TRUE


def test_metres_without_a_crs_are_refused(tmp_path):
    text = "x,y\n448000,4417000\n449000,4418000\n"
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(InputError, match="Pass the CRS"):
        read_facilities(path, datum="wgs84")
    table = read_facilities(path, datum="wgs84", crs=32650)
    assert at(table)[0] == pytest.approx(116.39, abs=0.01)
    assert table.crs == 32650


def bad_rows(rows: int = 100) -> str:
    lines = ["name,lon,lat"]
    bad = ["24.9,", ",60.1", "abc,60.1", "0,0", "24.9,60.1,9", "60.1,240.9", "nan,60", "24.9,95"]
    lines += [f"n{i},{HELSINKI[0]},{HELSINKI[1]}" for i in range(rows)]
    lines += [f"bad{i},{text}" for i, text in enumerate(bad)]
    return "\n".join(lines)


def test_bad_rows_are_counted_told_and_written(tmp_path):
    path = write(tmp_path / "a.csv", bad_rows())
    rejects = tmp_path / "rejects.csv"
    with pytest.warns(QuarterhourWarning, match="8 rows of facilities .* are left out") as caught:
        table = read_facilities(path, rejects=rejects)
    assert caught[0].filename == __file__
    assert len(table) == 100
    assert list(table.index) == list(range(100))
    assert "8 rows of facilities" in told(table)
    written = pd.read_csv(rejects)
    assert list(written.columns) == ["row", "name", "lon", "lat", "reason"]
    assert written["row"].tolist() == list(range(102, 110))
    assert written["name"].tolist() == [f"bad{i}" for i in range(8)]
    reasons = written["reason"].tolist()
    assert reasons[0] == "no latitude"
    assert reasons[1] == "no longitude"
    assert reasons[2] == "longitude 'abc' is not a number"
    assert reasons[3] == "position 0, 0"
    assert reasons[4] == "more cells than the 3 columns"
    assert "not on the globe" in reasons[5]
    assert not list(tmp_path.glob("*.part"))


def test_no_rejects_no_warning_but_a_file_on_request(tmp_path):
    read_facilities(
        write(tmp_path / "a.csv", a_csv(2)), datum="gcj02", rejects=tmp_path / "none.csv"
    )
    assert pd.read_csv(tmp_path / "none.csv").empty


def test_rejects_that_cannot_be_written(tmp_path):
    table = write(tmp_path / "a.csv", a_csv())
    with pytest.raises(OutputError, match="rejects cannot be written"):
        read_facilities(table, datum="gcj02", rejects=table / "r.csv")


def test_rejects_hold_nothing_that_a_spreadsheet_runs(tmp_path):
    text = "name,lon,lat\nfine,24.9,60.1\n=1+1,,\n@sum,24.9,\n-5,x,60\n"
    with pytest.warns(QuarterhourWarning, match="3 rows"):
        read_facilities(write(tmp_path / "a.csv", text), rejects=tmp_path / "out" / "r.csv")
    written = pd.read_csv(tmp_path / "out" / "r.csv", dtype=str)
    assert written["name"].tolist() == ["'=1+1", "'@sum", "-5"]
    assert written["row"].tolist() == ["3", "4", "5"]


def test_a_table_without_one_usable_row(tmp_path):
    path = write(tmp_path / "a.csv", "name,lon,lat\na,,\nb,x,y\n")
    with pytest.raises(InputError, match="Not one of the 2 rows"):
        read_facilities(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"name,lon,lat\n", "has no rows"),
        (b"name,name,lon,lat\na,b,1,2\n", "more than one column called name"),
        (b"\xff\x81\xfe\x00name", "neither UTF-8 nor GB18030"),
    ],
)
def test_files_that_are_no_tables(tmp_path, data, message):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_facilities(path)


def test_missing_file_and_wrong_source(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        read_facilities(tmp_path / "none.csv")
    with pytest.raises(InputError, match="a path or a GeoDataFrame, not list"):
        read_facilities([1, 2])
    with pytest.raises(InputError, match="cannot be read as a map file"):
        read_facilities(write(tmp_path / "a.gpkg", "nonsense"))


def test_facility_attributes(tmp_path):
    text = (
        "名称,经度,纬度,服务方式,是否签约,床位,启用日期,停业日期,营业时间,状态\n"
        "甲,24.94,60.17,上门服务,是,20,2020年5月1日,2030/1/2,Mo-Fr 09:00-18:00,营业\n"
        "乙,24.94,60.17,神秘,否,很多,不详,,,\n"
    )
    table = read_facilities(write(tmp_path / "a.csv", text))
    assert table["service_mode"].tolist() == ["door_to_door", "神秘"]
    assert table["contracted"].tolist() == [True, False]
    assert table["capacity"].iloc[0] == 20
    assert np.isnan(table["capacity"].iloc[1])
    assert table["valid_from"].iloc[0] == pd.Timestamp("2020-05-01")
    assert table["valid_to"].iloc[0] == pd.Timestamp("2030-01-02")
    assert table["opening_hours"].iloc[0] == "Mo-Fr 09:00-18:00"
    for word in ("神秘", "很多", "不详"):
        assert word in told(table)


@pytest.mark.parametrize(
    ("cell", "code"),
    [("60200", "060200"), ("060200|061000", "060200|061000"), ("060200；61000", "060200|061000")],
)
def test_typecodes_get_their_zero_back(tmp_path, cell, code):
    path = write(tmp_path / "a.csv", f"lon,lat,typecode\n24.9,60.1,{cell}\n")
    assert read_facilities(path)["typecode"].tolist() == [code]
    number = gpd.GeoDataFrame({"typecode": [60200.0, None]}, geometry=[Point(1, 1)] * 2, crs=4326)
    assert read_facilities(number)["typecode"].tolist() == ["060200", None]


# --- areas ----------------------------------------------------------------------------------


def areas_frame(**more: list[object]) -> gpd.GeoDataFrame:
    shapes = [box(24.94, 60.17, 24.95, 60.18), box(24.96, 60.17, 24.97, 60.18)]
    return gpd.GeoDataFrame({"小区名称": ["甲", "乙"], **more}, geometry=shapes, crs=4326)


def test_areas_from_a_frame_keep_index_and_argument():
    frame = areas_frame(人口=["1000", None], 封闭=["是", "否"], area_kind=["小区", "社区"])
    frame.index = ["a", "b"]
    before = frame.copy()
    areas = read_areas(frame)
    assert list(areas.index) == ["a", "b"]
    assert areas["residents"].iloc[0] == 1000
    assert areas["walled"].tolist() == [True, False]
    assert areas["area_kind"].tolist() == ["compound", "community"]
    assert "1 of 2 areas have no number of residents" in told(areas)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    assert frame.attrs == {}


def test_missing_residents_are_said():
    assert "No column of residents" in told(read_areas(areas_frame()))


def test_negative_residents_are_refused():
    with pytest.raises(InputError, match="1 of the areas have a negative number of residents"):
        read_areas(areas_frame(residents=[5, -3]))


def test_wrong_geometry_types_are_refused():
    frame = areas_frame()
    frame.loc[1, "geometry"] = LineString([(24.9, 60.1), (24.95, 60.1)])
    with pytest.raises(InputError, match="1 LineString among them"):
        read_areas(frame)
    with pytest.raises(InputError, match="have to be Point"):
        read_gates(areas_frame())
    with pytest.raises(InputError, match="have to be MultiPolygon or Polygon"):
        read_buildings(gpd.GeoDataFrame(geometry=[Point(1, 1)], crs=4326))


def test_duplicate_index_empty_table_and_no_crs():
    frame = areas_frame()
    frame.index = [7, 7]
    with pytest.raises(InputError, match="index of the areas is not unique"):
        read_areas(frame)
    with pytest.raises(InputError, match="is empty"):
        read_areas(areas_frame().iloc[:0])
    nowhere = areas_frame().set_crs(None, allow_override=True)
    with pytest.raises(InputError, match="have no CRS"):
        read_areas(nowhere)
    assert read_areas(nowhere, crs=4326).crs == 4326
    with pytest.raises(InputError, match="crs= says"):
        read_areas(areas_frame(), crs=32635)
    with pytest.raises(InputError, match="is not a CRS"):
        read_areas(nowhere, crs="nonsense")


def test_null_and_invalid_geometries(tmp_path):
    bow = Polygon([(24.9, 60.1), (24.92, 60.12), (24.92, 60.1), (24.9, 60.12)])
    frame = gpd.GeoDataFrame(
        {"name": list("abcd")}, geometry=[bow, None, Polygon(), box(24.9, 60, 25, 60.1)], crs=4326
    )
    with pytest.warns(QuarterhourWarning) as caught:
        areas = read_areas(frame, rejects=tmp_path / "r.csv")
    messages = "\n".join(str(warning.message) for warning in caught)
    assert "1 invalid geometries of areas repaired (0)" in messages
    assert "2 rows of areas have no usable position" in messages
    assert areas["name"].tolist() == ["a", "d"]
    assert isinstance(areas.geometry.iloc[0], MultiPolygon)
    assert areas.geometry.is_valid.all()
    written = pd.read_csv(tmp_path / "r.csv")
    assert written["reason"].tolist() == ["no geometry", "empty geometry"]


def test_swapped_map_files_are_refused():
    frame = gpd.GeoDataFrame(geometry=[Point(39.9, 116.4)], crs=4326)
    with pytest.raises(InputError, match="the wrong way round"):
        read_facilities(frame, datum="wgs84")
    metres = gpd.GeoDataFrame(geometry=[Point(448000, 4417000)], crs=4326)
    with pytest.raises(InputError, match="say that they hold degrees"):
        read_facilities(metres, datum="wgs84")


# --- map files ------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.json", "a.shp", "a.fgb", "a.parquet"])
def test_map_files(tmp_path, name):
    path = tmp_path / name
    frame = areas_frame(人口=[100, 200])
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_file(path)
    areas = read_areas(path)
    areas = areas.sort_values("residents")  # FlatGeobuf sorts by place
    assert areas["name"].tolist() == ["甲", "乙"]
    assert areas["residents"].tolist() == [100, 200]
    both = areas.geometry.to_numpy(), frame.geometry.to_numpy()
    assert shapely.equals_exact(*both, 1e-9, normalize=True).all()


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_shapefile_in_gbk_without_a_cpg(tmp_path):
    frame = areas_frame(opening_hours=["24/7", "08:00-20:00"])
    frame["geometry"] = frame.geometry.representative_point()
    frame.to_file(tmp_path / "a.shp", encoding="GB18030")
    (tmp_path / "a.cpg").unlink()
    table = read_facilities(tmp_path / "a.shp", columns={"name": "小区名称"})
    assert table["name"].tolist() == ["甲", "乙"]
    assert table["opening_hours"].tolist() == ["24/7", "08:00-20:00"]
    assert "read as GB18030" in told(table)


def test_layers(tmp_path):
    path = tmp_path / "a.gpkg"
    areas_frame().to_file(path, layer="one")
    areas_frame().to_file(path, layer="two")
    with pytest.raises(InputError, match=r"2 layers: one, two. Pass layer="):
        read_areas(path)
    assert "Read from layer 'two'" in told(read_areas(path, layer="two"))
    with pytest.raises(InputError, match="has no layer 'three'"):
        read_areas(path, layer="three")


def test_the_crs_may_name_the_datum(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[Point(*TRUE)], crs=4490).to_crs(4548)
    table = read_facilities(frame)
    assert table.attrs["declared_datum"] == "cgcs2000"
    assert at(table) == pytest.approx(TRUE, abs=1e-7)


def test_declared_tables_are_converted_once():
    frame = gpd.GeoDataFrame(geometry=[Point(*GCJ)], crs=4326)
    table = read_facilities(declare_datum(frame, "gcj02"))
    assert at(table) == pytest.approx(TRUE, abs=1e-9)
    assert at(read_facilities(table)) == at(table)
    assert at(convert_datum(table, "gcj02")) == pytest.approx(GCJ, abs=1e-9)


def test_buildings_and_gates(tmp_path):
    frame = areas_frame(层数=["6", "１８"], 住宅=["是", "否"])
    buildings = read_buildings(frame)
    assert buildings["levels"].tolist() == [6, 18]
    assert buildings["residential"].tolist() == [True, False]
    gates = read_gates(write(tmp_path / "g.csv", "经度,纬度\n24.9,60.1\n"))
    assert gates["kind"].tolist() == ["gate"]
    assert {"access", "foot"} <= set(gates.columns)


# --- Excel and the services' JSON -------------------------------------------------------------


def test_excel(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "设施"
    for row in (["名称", "经度", "纬度", "类型编码"], ["甲", 24.94, 60.17, 60200], [None] * 4):
        sheet.append(row)
    sheet.append(["乙", "２４．９４", "60.17", "060200"])
    book.create_sheet("说明").append(["x"])
    book.save(tmp_path / "a.xlsx")
    table = read_facilities(tmp_path / "a.xlsx")
    assert table["name"].tolist() == ["甲", "乙"]
    assert table["typecode"].tolist() == ["060200", "060200"]
    assert at(table, 1) == HELSINKI
    assert "Sheets not read: 说明" in told(table)
    with pytest.raises(InputError, match="has no sheet 'x'"):
        read_facilities(tmp_path / "a.xlsx", layer="x")
    with pytest.raises(InputError, match="cannot be read as an Excel file"):
        read_facilities(write(tmp_path / "b.xlsx", "nonsense"))


AMAP_V3 = {
    "status": "1", "count": "2", "info": "OK", "infocode": "10000",
    "pois": [
        {"id": "B0", "parent": [], "name": "社区卫生服务站", "type": "医疗保健服务;诊所;诊所",
         "typecode": "090300|090102", "biz_type": [], "address": "某街1号",
         "location": f"{GCJ[0]},{GCJ[1]}", "tel": [], "biz_ext": {"rating": "4.5", "cost": []},
         "pname": "北京市", "entr_location": f"{GCJ[0]},{GCJ[1]}"},
        {"id": "B1", "name": "无位置", "typecode": "060200", "location": []},
    ],
}  # fmt: skip
AMAP_V5 = {
    "status": "1", "infocode": "10000", "info": "OK", "count": "1",
    "pois": [{"name": "便利店", "id": "B2", "location": f"{GCJ[0]},{GCJ[1]}", "typecode": "060200",
              "business": {"opentime_week": "00:00-24:00", "tel": "010-1"},
              "navi": {"entr_location": f"{GCJ[0]},{GCJ[1]}"}}],
}  # fmt: skip
BAIDU = {
    "status": 0, "message": "ok", "total": 1,
    "results": [{"name": "药店", "location": {"lat": BD[1], "lng": BD[0]}, "uid": "u1",
                 "telephone": "010-2", "detail": 1,
                 "detail_info": {"tag": "医疗;药店", "shop_hours": "08:00-20:00",
                                 "navi_location": {"lng": BD[0], "lat": BD[1]}}}],
}  # fmt: skip


def save_json(path: Path, document: object) -> Path:
    return write(path, json.dumps(document, ensure_ascii=False))


def test_amap_v3(tmp_path):
    path = save_json(tmp_path / "a.json", AMAP_V3)
    with pytest.warns(QuarterhourWarning, match="1 rows of facilities"):
        table = read_facilities(path, datum="gcj02")
    assert table["typecode"].tolist() == ["090300|090102"]
    assert table["rating"].tolist() == ["4.5"]
    assert at(table) == pytest.approx(TRUE, abs=1e-9)
    assert table["entrances"].iloc[0].coords[0] == pytest.approx(TRUE, abs=1e-9)
    with pytest.raises(DatumError, match=r"answer\(s\) of Amap"):
        read_facilities(path)


def test_amap_v5_pages_and_lines(tmp_path):
    pages = save_json(tmp_path / "a.json", [AMAP_V5, AMAP_V5])
    table = read_facilities(pages, datum="amap")
    assert table["opening_hours"].tolist() == ["00:00-24:00"] * 2
    assert table["phone"].tolist() == ["010-1"] * 2
    assert "1 places occur more than once (same id)" in told(table)
    text = "\n".join(json.dumps(page) for page in (AMAP_V5, AMAP_V5))
    assert len(read_facilities(write(tmp_path / "a.jsonl", text), datum="amap")) == 2
    assert len(read_facilities(save_json(tmp_path / "b.json", AMAP_V5["pois"]), datum="amap")) == 1


def test_baidu(tmp_path):
    table = read_facilities(save_json(tmp_path / "a.json", BAIDU), datum="baidu")
    assert at(table) == pytest.approx(TRUE, abs=1e-9)
    assert table["entrances"].iloc[0].coords[0] == pytest.approx(TRUE, abs=1e-9)
    assert table["type"].tolist() == ["医疗;药店"]
    assert table["opening_hours"].tolist() == ["08:00-20:00"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}, "INVALID_USER_KEY"),
        ({"status": 240, "message": "APP 服务被禁用"}, "服务被禁用"),
        ({"status": "1", "infocode": "10000", "pois": []}, "has no rows"),
        ({"hello": 1}, "neither GeoJSON nor an answer"),
        ([1, 2], "neither GeoJSON nor an answer"),
    ],
)
def test_json_that_holds_no_places(tmp_path, document, message):
    with pytest.raises(InputError, match=message):
        read_facilities(save_json(tmp_path / "a.json", document), datum="gcj02")


def test_broken_json(tmp_path):
    with pytest.raises(InputError, match="is not JSON"):
        read_facilities(write(tmp_path / "a.json", '{"pois": ['), datum="gcj02")


# --- streets --------------------------------------------------------------------------------


def street_lines() -> gpd.GeoDataFrame:
    x, y = 448000, 4417000
    lines = [LineString([(x, y), (x + 100, y)]), LineString([(x + 100, y), (x + 100, y + 50)])]
    return gpd.GeoDataFrame({"fclass": ["footway", "steps"]}, geometry=lines, crs=32650)


def test_read_network_of_lines(tmp_path):
    with pytest.raises(DatumError, match="streets lie in mainland China"):
        read_network(street_lines())
    network = read_network(street_lines(), datum="wgs84")
    assert network.edge_length_m.sum() == pytest.approx(150)
    assert sorted(network.traits["highway"]) == ["footway", "steps"]
    street_lines().to_file(tmp_path / "s.gpkg")
    assert read_network(tmp_path / "s.gpkg", datum="wgs84").n_edges == 2
    saved = network.save(tmp_path / "net.npz")
    assert read_network(saved).sha256 == network.sha256
    assert read_network(network) is network
    with pytest.raises(InputError, match="datum cannot be given"):
        read_network(saved, datum="wgs84")


def test_read_network_of_graphs(tmp_path):
    graph = read_network(street_lines(), datum="wgs84").to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert isinstance(read_network(graph), WalkNetwork)
    assert read_network(graph).edge_length_m.sum() == pytest.approx(150, rel=1e-3)


@pytest.mark.parametrize("source", ["none.osm.pbf", "none.npz", "none.graphml", "none.gpkg"])
def test_read_network_of_missing_files(tmp_path, source):
    with pytest.raises(QuarterhourError, match="There is no file"):
        read_network(tmp_path / source)


def test_read_network_of_something_else():
    with pytest.raises(NetworkError, match=r"not dict"):
        read_network({})


def test_openstreetmap_files_and_graphml(samples, tmp_path):
    path = samples / "helsinki.osm.pbf"
    if not path.exists():
        pytest.skip("the sample extract is not there")
    small = tmp_path / "small.osm"
    small.write_text(OSM, encoding="utf-8")
    network = read_network(small)
    assert network.n_edges == 1
    assert read_facilities(small)["shop"].tolist() == ["bakery"]
    with pytest.raises(InputError, match="There is no file"):
        read_areas(tmp_path / "none.osm.pbf")
    graph = network.to_networkx()
    osmnx.save_graphml(graph, tmp_path / "g.graphml")
    assert read_network(tmp_path / "g.graphml").n_edges == 1
    with pytest.raises(InputError, match="no GraphML file"):
        read_network(write(tmp_path / "bad.graphml", "nonsense"))


OSM = """<osm version="0.6"><node id="1" lat="60.17" lon="24.94"/><node id="2" lat="60.171"
lon="24.94"/><node id="3" lat="60.1705" lon="24.9402"><tag k="shop" v="bakery"/></node>
<way id="9"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way></osm>"""


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.parquet", "nonsense", "cannot be read as GeoParquet"),
        ("a.csv", '"name,lon\n"x,1', "says where a row is"),
    ],
)
def test_damaged_files(tmp_path, name, content, message):
    with pytest.raises(InputError, match=message):
        read_facilities(write(tmp_path / name, content))


def test_a_layer_without_geometries(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path, layer="plain")
    with pytest.raises(InputError, match="no layer with geometries"):
        read_facilities(path)
    with pytest.raises(InputError, match=r"'plain' of .* has no geometries"):
        read_facilities(path, layer="plain")
