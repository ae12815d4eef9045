"""Map files by their ending, GeoJSON as RFC 7946 has it, and CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import Point, Polygon

from command_line import HELSINKI, run
from quarterhour.errors import InputError
from quarterhour.places.written import DRIVERS, harmless, write_csv, write_geojson, write_shapes

CLOCKWISE = Polygon(
    [(0, 0), (0, 90), (90, 90), (90, 0)], [[(30, 30), (60, 30), (60, 60), (30, 60)]]
)


@pytest.fixture
def table() -> gpd.GeoDataFrame:
    columns = {"name": ["药店", "=1+1"], "a_long_name_1": [1, 2], "a_long_name_2": [3.5, 4.5]}
    shapes = [CLOCKWISE, shapely.MultiPolygon([CLOCKWISE])]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=32635)


def test_geojson_follows_its_standard(tmp_path: Path, table: gpd.GeoDataFrame) -> None:
    write_geojson(table, tmp_path / "a.geojson")
    text = (tmp_path / "a.geojson").read_text(encoding="utf-8")
    found = json.loads(text)
    assert "crs" not in found
    assert max(len(d) for d in re.findall(r"\.(\d+)", text.split('"coordinates"', 1)[1])) <= 7
    for feature in found["features"]:
        for part in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)


@pytest.mark.parametrize("ending", DRIVERS)
def test_each_format_is_read_back(tmp_path: Path, table: gpd.GeoDataFrame, ending: str) -> None:
    path = tmp_path / f"rings{ending}"
    said = write_shapes(table, path)
    back = gpd.read_parquet(path) if ending == ".parquet" else gpd.read_file(path)
    assert back["name"].tolist() == ["药店", "=1+1"]  # no spreadsheet opens these as text
    assert back.to_crs(32635).area.to_numpy() == pytest.approx(table.area.to_numpy(), rel=1e-3)
    if ending == ".shp":
        assert said == [
            (
                "A Shapefile holds names of 10 characters: a_long_name_1 as a_long_nam, "
                "a_long_name_2 as a_long_n_1."
            )
        ]
        assert back["a_long_n_1"].tolist() == [3.5, 4.5]
        assert sorted(p.suffix for p in tmp_path.iterdir()) == [
            ".cpg", ".dbf", ".prj", ".shp", ".shx",
        ]  # fmt: skip
    else:
        assert said == []


def test_other_endings_are_refused(tmp_path: Path, table: gpd.GeoDataFrame) -> None:
    with pytest.raises(InputError, match=r"a.kml: shapes are written as .gpkg, .geojson"):
        write_shapes(table, tmp_path / "a.kml")


@pytest.mark.parametrize("cell", ["=1+1", "+86 10", "-", "@a", "\t=1", "=HYPERLINK(1)", "-a"])
def test_text_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+5.5", "a=1", "", None, -5, float("nan"), "药店"])
def test_other_cells_are_left_alone(cell: object) -> None:
    assert str(harmless(cell)) == str(cell)


def test_labels_headers_and_cells_of_a_csv_are_harmless(tmp_path: Path) -> None:
    labels = pd.Index(["=a", "b"], name="area")
    frame = pd.DataFrame({"=x": ["@y", "z"], "n": [-1.5, None]}, index=labels)
    write_csv(frame, tmp_path / "a.csv", index=True)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["area", "'=x", "n"], ["'=a", "'@y", "-1.5"], ["b", "z", ""]]


@pytest.mark.parametrize("ending", [".geojson", ".parquet", ".fgb", ".shp"])
def test_isochrones_are_written_in_each_format(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"rings{ending}"
    point = ["--lon=24.9414", "--lat=60.1719", "--minutes=5", "--method=fast"]
    done = run("isochrones", HELSINKI, *point, "--out", out)
    assert done.exit_code == 0, done.stderr
    back = gpd.read_parquet(out) if ending == ".parquet" else gpd.read_file(out)
    assert back["minutes"].tolist() == [5]
    assert back.crs.to_epsg() == 4326


def test_a_point_is_left_a_point(tmp_path: Path) -> None:
    dot = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(24, 60)], crs=4326)
    write_geojson(dot, tmp_path / "a.geojson")
    assert gpd.read_file(tmp_path / "a.geojson").geometry.iloc[0].equals(Point(24, 60))


def test_an_area_with_a_hair_stays_an_area(tmp_path: Path) -> None:
    # Two squares joined by a strip, and a spike, both thinner than the seventh decimal.
    hair = 1e-9
    strip = shapely.box(24.0, 60.0, 24.003, 60.0 + hair)
    squares = [shapely.box(x, 60.0, x + 0.001, 60.001) for x in (24.0, 24.002)]
    speck = shapely.box(24.01, 60.0, 24.01 + hair, 60.0 + hair)
    shapes = [shapely.union_all([*squares, strip]), speck, Point(24.0, 60.0)]
    table = gpd.GeoDataFrame({"n": [0, 1, 2]}, geometry=shapes, crs=4326)
    write_geojson(table, tmp_path / "hair.geojson")
    kinds = [one["geometry"]["type"] for one in json.loads(read(tmp_path))["features"]]
    assert kinds[0] == "MultiPolygon"
    assert kinds[2] == "Point"
    assert len(kinds) == 3, "no row is lost, however small its area"


def read(folder: Path) -> str:
    return (folder / "hair.geojson").read_text("utf-8")


def test_isochrones_are_areas_in_geojson(tmp_path: Path) -> None:
    out = tmp_path / "iso.geojson"
    assert run("isochrones", HELSINKI, "--lon", 24.94, "--lat", 60.17, "--out", out).exit_code == 0
    kinds = {one["geometry"]["type"] for one in json.loads(out.read_text("utf-8"))["features"]}
    assert kinds <= {"Polygon", "MultiPolygon"}
