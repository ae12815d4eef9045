"""Positions as people write them: letters, minutes, keys, datum words, and metres turned round."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from quarterhour.errors import InputError
from quarterhour.sources.tables.read import read_areas, read_facilities

AT = (24.9414, 60.1719)


def read(tmp_path: Path, header: str, row: str, *, encoding: str = "utf-8") -> gpd.GeoDataFrame:
    path = tmp_path / "poi.csv"
    path.write_bytes(f"name;{header}\nplace;{row}\n".encode(encoding))
    return read_facilities(path)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("lon;lat", "E24.9414;N60.1719"),
        ("lon;lat", "24.9414E;60.1719 N"),
        ("lon;lat", "24.9414°;60.1719°"),
        ("经度;纬度", "东经24.9414;北纬60.1719"),
        ("经度;纬度", "24.9414度;60.1719度"),
        ("lon;lat", "24°56′29.04″;60°10′18.84″"),
        ("lon;lat", "24°56'29.04''E;60°10'18.84''N"),
        ("lon;lat", "24°56.484′;60°10.314′"),
        ("lon;lat", "24度56分29.04秒;60度10分18.84秒"),
        ("lon;lat", "N60.1719;E24.9414"),
        ("location", "24°56′29.04″E 60°10′18.84″N"),
        ("location", "N60°10′18.84″, E24°56′29.04″"),
        ("location", "60.1719N 24.9414E"),
        ("location", '\'{"lat": 60.1719, "lng": 24.9414}\''),
        ("location", "lng=24.9414,lat=60.1719"),
        ("geometry", '\'{"type":"Point","coordinates":[24.9414,60.1719]}\''.strip("'")),
        ("lon_wgs84ll;lat_wgs84ll", "24.9414;60.1719"),
    ],
)
def test_a_position_in_other_words(tmp_path: Path, header: str, row: str) -> None:
    found = read(tmp_path, header, row).geometry.iloc[0]
    assert (found.x, found.y) == pytest.approx(AT, abs=1e-5)


def test_west_and_south_are_negative(tmp_path: Path) -> None:
    found = read(tmp_path, "lon;lat", "43°10′30″W;南纬22.9").geometry.iloc[0]
    assert (found.x, found.y) == pytest.approx((-43.175, -22.9))


@pytest.mark.parametrize("row", ["E24.9W;N60.1", "24°E56′;60.1", "A24.9;60.1"])
def test_what_is_no_degree_is_left_out(tmp_path: Path, row: str) -> None:
    with pytest.raises(InputError, match="is not a number"):
        read(tmp_path, "lon;lat", row)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_without_a_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "poi.csv"
    path.write_bytes("名称,lon,lat\n柳湾药房,24.9414,60.1719\n".encode(encoding))
    table = read_facilities(path)
    assert table["name"].tolist() == ["柳湾药房"]
    assert "UTF-16" in table.attrs["notes"][0]


@pytest.mark.parametrize(
    ("crs", "point"), [(4547, (116.3, 39.9)), (4527, (117.2, 31.8)), (32650, (116.3, 39.9))]
)
def test_x_that_points_north_is_told(tmp_path: Path, crs: int, point: tuple[float, float]) -> None:
    (metres,) = gpd.GeoSeries(gpd.points_from_xy([point[0]], [point[1]]), crs=4326).to_crs(crs)
    path = tmp_path / "poi.csv"
    path.write_text(f"name,X,Y\na,{metres.y},{metres.x}\n", encoding="utf-8")
    with pytest.raises(InputError, match="only if they are exchanged"):
        read_facilities(path, crs=crs, datum="cgcs2000")
    ways = {"lon": "Y", "lat": "X"}
    table = read_facilities(path, crs=crs, datum="cgcs2000", columns=ways).to_crs(4326)
    assert (table.geometry.x[0], table.geometry.y[0]) == pytest.approx(point, abs=1e-5)


def test_millionths_of_a_degree_are_guessed_and_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="millionths of a degree"):
        read(tmp_path, "lon;lat", "116390000;39900000")


@pytest.mark.parametrize(
    ("cells", "people"),
    [
        (["1.200", "980", "12.345.678"], [1200, 980, 12345678]),
        (["1.200", "3.4"], [1.2, 3.4]),
        (["0.500", "0.250"], [0.5, 0.25]),
    ],
)
def test_dots_between_thousands(tmp_path: Path, cells: list[str], people: list[float]) -> None:
    rows = "".join(f"a{i};24.9;60.1;{cell}\n" for i, cell in enumerate(cells))
    path = tmp_path / "areas.csv"
    path.write_text(f"name;lon;lat;residents\n{rows}", encoding="utf-8")
    table = read_areas(path)
    np.testing.assert_allclose(table["residents"], people)
    told = any("sets thousands apart" in note for note in table.attrs["notes"])
    assert told == (people[0] > 1000)


def test_dots_are_decimal_where_the_header_counts_thousands(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_text("name,lon,lat,人口(万人)\na,24.9,60.1,1.200\n", encoding="utf-8")
    assert read_areas(path)["residents"].tolist() == [12000.0]
