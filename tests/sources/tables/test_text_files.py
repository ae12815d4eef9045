"""Encodings, quotes, separators, titles, sheets: files as they come."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from shapely import Point

from quarterhour.errors import InputError
from quarterhour.sources.tables.encodings import decode
from quarterhour.sources.tables.read import read_facilities

NAMES = ["清风小卖部", "东城门药店", "四季水果行"]
PLACES = [(24.94, 60.17), (24.95, 60.18), (24.96, 60.19)]


def told(table: gpd.GeoDataFrame) -> str:
    return "\n".join(table.attrs["notes"])


def a_csv(head: str = "", header: str = "name,lon,lat") -> str:
    rows = [f"{name},{x},{y}" for name, (x, y) in zip(NAMES, PLACES, strict=True)]
    return head + "\n".join([header, *rows]) + "\n"


def read(path: Path, data: bytes | str) -> gpd.GeoDataFrame:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_facilities(path)


# --- encodings ------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_one_bad_byte_spoils_one_name(tmp_path, mark):
    data = bytearray(a_csv().encode())
    data[len("name,lon,lat\n") + 4] = 0xFF  # inside the second character of the first name
    with pytest.warns(UserWarning, match="characters of .* are damaged"):
        table = read(tmp_path / "a.csv", mark + bytes(data))
    assert table["name"].tolist()[1:] == NAMES[1:]
    assert table["name"].iloc[0].startswith("清")
    assert [(p.x, p.y) for p in table.geometry] == PLACES


def test_one_bad_byte_in_gbk(tmp_path):
    data = bytearray(a_csv().encode("gbk"))
    data[len("name,lon,lat\n") + 1] = 0xFF
    with pytest.warns(UserWarning, match="no GB18030"):
        table = read(tmp_path / "a.csv", bytes(data))
    assert table["name"].tolist()[1:] == NAMES[1:]


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("Café Müller, Straße", "cp1252", "Windows-1252"),
        ("Café Müller", "utf-8", "UTF-8"),
        ("中", "gbk", "GB18030"),
        ("plain", "ascii", "UTF-8"),
    ],
)
def test_encodings_found(text, codec, name):
    assert decode(text.encode(codec), "x") == (text, name, 0)


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"\xff\x00\x01", b"\xff" * 3])
def test_what_is_no_text(data):
    with pytest.raises(InputError, match="neither UTF-8 nor GB18030"):
        decode(data * 50, "x")


def shapefile(folder: Path, encoding: str, cpg: str | None) -> Path:
    frame = gpd.GeoDataFrame({"名称": NAMES}, geometry=[Point(p) for p in PLACES], crs=4326)
    frame.to_file(folder / "poi.shp", encoding=encoding)
    (folder / "poi.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (folder / "poi.cpg").write_text(cpg)
    return folder / "poi.shp"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
@pytest.mark.parametrize("cpg", [None, "UTF-8", "ISO-8859-1", "GBK", "936", "nonsense"])
def test_shapefiles_are_read_by_their_text(tmp_path, encoding, cpg):
    path = shapefile(tmp_path, encoding, cpg)
    assert read_facilities(path)["name"].tolist() == NAMES
    packed = tmp_path / "poi.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in tmp_path.glob("poi.*"):
            if file != packed:
                archive.write(file, f"folder/{file.name}")
    table = read_facilities(packed)
    assert table["name"].tolist() == NAMES
    assert f"{encoding}" in told(table)
    folder = tmp_path / "poi"
    folder.mkdir()
    for file in tmp_path.glob("poi.*"):
        if file != packed:
            file.rename(folder / file.name)
    assert read_facilities(folder)["name"].tolist() == NAMES


def features(*xy: tuple[float, float]) -> str:
    places = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Point", "coordinates": at},
        }
        for name, at in zip(NAMES, xy, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": places}, ensure_ascii=False)


def test_geojson_in_gbk_and_with_a_bad_byte(tmp_path):
    table = read(tmp_path / "a.geojson", features(*PLACES).encode("gbk"))
    assert table["name"].tolist() == NAMES
    assert "Read as GB18030" in told(table)
    data = features(*PLACES).encode().replace("城".encode(), b"\xff\xff\xff")
    with pytest.warns(UserWarning, match="3 characters of .* are damaged"):
        table = read(tmp_path / "b.geojson", data)
    assert table["name"].tolist()[::2] == NAMES[::2]


def test_geojson_in_metres(tmp_path):
    path = tmp_path / "a.geojson"
    metres = [(385_000.0, 6_672_000.0), (385_100.0, 6_672_000.0), (385_200.0, 6_672_000.0)]
    path.write_text(features(*metres))
    with pytest.raises(InputError, match=r"Pass crs="):
        read_facilities(path)
    table = read_facilities(path, crs=32635)
    assert table.to_crs(4326).geometry.y.between(60, 61).all()


def test_a_ring_that_is_not_closed_is_left_out_and_said(tmp_path):
    text = features(*PLACES)
    ring = '{"type": "Polygon", "coordinates": [[[24, 60], [25, 60], [25, 61]]]}'
    text = text.replace('{"type": "Point", "coordinates": [24.94, 60.17]}', ring)
    with pytest.warns(UserWarning, match="1 rows of facilities have no usable position"):
        table = read(tmp_path / "a.geojson", text)
    assert table["name"].tolist() == NAMES[1:]


# --- quotes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("header", ["name,lon,lat", "lon,lat,name"])
def test_an_unclosed_quote_swallows_nothing(tmp_path, at, header):
    order = header.split(",")
    lines = [header]
    for row, (name, (x, y)) in enumerate(zip(NAMES, PLACES, strict=True)):
        cells = {"name": f'"{name}' if row == at else name, "lon": str(x), "lat": str(y)}
        lines.append(",".join(cells[key] for key in order))
    with pytest.warns(UserWarning, match=rf"1 lines of .* never closed \(lines {at + 2}\)"):
        table = read(tmp_path / "a.csv", "\n".join(lines))
    assert table["name"].tolist() == NAMES


def test_two_unclosed_quotes_do_not_close_each_other(tmp_path):
    text = 'lon,lat,name\n1,2,"甲\n3,4,乙\n5,6,"丙\n7,8,丁\n'
    with pytest.warns(UserWarning, match="lines 2, 4"):
        assert read(tmp_path / "a.csv", text)["name"].tolist() == ["甲", "乙", "丙", "丁"]


def test_cells_of_several_lines_are_kept(tmp_path):
    text = 'name,lon,lat,address\n甲,1,2,"3 号\n二单元, 后门"\n"乙\n店",3,4,"a ""b"" c"\n'
    table = read(tmp_path / "a.csv", text)
    assert table["address"].tolist() == ["3 号\n二单元, 后门", 'a "b" c']
    assert table["name"].tolist() == ["甲", "乙\n店"]


# --- titles and sheets ----------------------------------------------------------------------


@pytest.mark.parametrize("head", ["某街道设施台账,,\n", "台账\n2024年,,\n\n", ";;\n台账：甲;乙\n"])
def test_a_title_above_the_header(tmp_path, head):
    table = read(tmp_path / "a.csv", a_csv(head))
    assert table["name"].tolist() == NAMES
    assert "The header is in row" in told(table)


def test_two_rows_of_headers(tmp_path):
    text = "名称,坐标信息,\n,经度,纬度\n甲,24.9,60.1\n"
    assert read(tmp_path / "a.csv", text)["name"].tolist() == ["甲"]


def test_columns_that_are_named_find_the_header(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("台账,,\n招牌,E,N\n甲,24.9,60.1\n")
    table = read_facilities(path, columns={"name": "招牌", "lon": "E", "lat": "N"})
    assert table["name"].tolist() == ["甲"]


def test_packed_csv(tmp_path):
    table = read(tmp_path / "a.csv.gz", gzip.compress(a_csv().encode()))
    assert table["name"].tolist() == NAMES
    with pytest.raises(InputError, match="cannot be unpacked"):
        read(tmp_path / "b.csv.gz", b"nonsense")


def workbook(path: Path, head: int = 0) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(head):
        sheet.append(["设施台账"])
    sheet.append(["名称", "经度", "纬度"])
    for name, at in zip(NAMES, PLACES, strict=True):
        sheet.append([name, *at])
    book.save(path)
    return book


def test_a_sheet_with_a_title_and_a_wrong_size(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, head=2)
    wrong = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(wrong, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(b'ref="A1:C6"', b'ref="A1:A2"')
                assert b"A1:A2" in data
            new.writestr(name, data)
    assert read_facilities(wrong)["name"].tolist() == NAMES


def test_charts_and_covers_first(tmp_path):
    path = tmp_path / "a.xlsx"
    book = workbook(path)
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=3))
    book.create_chartsheet("图", 0).add_chart(chart)
    book.create_sheet("封面", 0).append(["2024 年台账"])
    book.save(path)
    table = read_facilities(path)
    assert table["name"].tolist() == NAMES
    assert "Sheets not read: 封面" in told(table)
    with pytest.raises(InputError, match="is a chart, not a sheet"):
        read_facilities(path, layer="图")


def test_a_damaged_sheet(tmp_path):
    workbook(tmp_path / "a.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx") as old,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[: len(data) // 2] if name.endswith("sheet1.xml") else data)
    with pytest.raises(InputError, match=r"b.xlsx"):
        read_facilities(tmp_path / "b.xlsx")


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.ods", "a.xlsb", "a.xlsx"])
def test_old_sheets_are_refused_with_the_cure(tmp_path, name):
    with pytest.raises(InputError, match=r"save it as \.xlsx"):
        read(tmp_path / name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_a_new_workbook_by_an_old_name(tmp_path):
    workbook(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.xls")
    assert read_facilities(tmp_path / "a.xls")["name"].tolist() == NAMES
