"""Files for other programs hold what the scorecard holds, and open there."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError, MissingExtraError, OutputError
from quarterhour.outputs.files.exports import (
    class_names,
    styled_areas,
    write_geopackage,
    write_geoparquet,
)
from quarterhour.outputs.files.qgis_style import class_style, status_style
from quarterhour.outputs.files.workbook import write_workbook
from quarterhour.scoring.gaps import gaps

SAMPLES = Path(__file__).parents[3] / "data" / "samples"


@cache
def card() -> qh.Scorecard:
    folder = SAMPLES / "new-town"
    areas = qh.read_areas(folder / "compounds.geojson", datum="wgs84")
    facilities = qh.read_facilities(folder / "amap_poi.csv", datum="gcj02")
    streets = qh.read_osm(folder / "streets.osm").streets
    return qh.assess(areas, facilities, streets, qh.Checklist.load("beijing-2011"))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_geopackage(card(), tmp_path_factory.mktemp("gpkg") / "town.gpkg")


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as base:
        return base.execute(query).fetchall()


# GeoPackage


def test_the_layers_hold_the_results(package: Path) -> None:
    layers = [str(name) for name, _ in pyogrio.list_layers(package)]
    expected = ["areas", "facilities", "results", "gaps", "quarterhour_manifest", "layer_styles"]
    assert layers == expected
    areas = gpd.read_file(package, layer="areas")
    summary = card().summary()
    assert areas.crs == card().areas.crs
    assert areas["met"].tolist() == summary["met"].tolist()
    assert areas["items_met_share"].tolist() == pytest.approx(
        summary["items_met_share"].tolist(), nan_ok=True
    )
    results = gpd.read_file(package, layer="results")
    assert results["status"].tolist() == card().to_frame()["status"].tolist()
    assert len(gpd.read_file(package, layer="gaps")) == len(gaps(card()))
    facilities = gpd.read_file(package, layer="facilities")
    assert len(facilities) == card().matches["facility"].nunique()
    assert facilities["items"].str.contains("food_market").any()


def test_the_manifest_is_in_the_package(package: Path) -> None:
    ((text,),) = ask(package, "SELECT manifest FROM quarterhour_manifest")
    assert json.loads(text)["parameters"] == json.loads(
        json.dumps(card().manifest["parameters"], default=str)
    )


def test_the_package_keeps_the_rules_of_the_format(package: Path) -> None:
    assert ask(package, "PRAGMA integrity_check") == [("ok",)]
    assert ask(package, "PRAGMA foreign_key_check") == []
    told = {name for (name,) in ask(package, "SELECT table_name FROM gpkg_contents")}
    tables = {n for (n,) in ask(package, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert told <= tables
    assert "layer_styles" in told


def test_the_style_of_the_areas_is_the_default_and_fits_the_layer(package: Path) -> None:
    rows = ask(
        package,
        "SELECT styleName, f_geometry_column, styleQML, useAsDefault FROM layer_styles "
        "WHERE f_table_name = 'areas'",
    )
    assert len(rows) == 1 + len(card().checklist)
    assert [name for name, _, _, default in rows if default] == ["items met"]
    ((column,),) = ask(
        package, "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = 'areas'"
    )
    areas = gpd.read_file(package, layer="areas")
    for _, geometry, text, _ in rows:
        assert geometry == column
        renderer = ET.fromstring(text).find("renderer-v2")  # noqa: S314 - our own
        assert renderer is not None
        assert renderer.get("type") == "categorizedSymbol"
        values = {c.get("value") for c in renderer.iter("category")}
        assert set(areas[str(renderer.get("attr"))]) <= values
        assert {c.get("symbol") for c in renderer.iter("category")} == {
            s.get("name") for s in renderer.iter("symbol")
        }


def test_facilities_have_one_style_of_their_own(package: Path) -> None:
    rows = ask(
        package,
        "SELECT styleQML, useAsDefault FROM layer_styles WHERE f_table_name = 'facilities'",
    )
    assert [default for _, default in rows] == [1]
    renderer = ET.fromstring(rows[0][0]).find("renderer-v2")  # noqa: S314 - our own
    assert renderer is not None
    assert renderer.get("type") == "singleSymbol"
    assert [symbol.get("type") for symbol in renderer.iter("symbol")] == ["marker"]


def test_unknown_has_a_brush_of_its_own() -> None:
    def looks(text: str, option: str) -> dict[str, str]:
        root = ET.fromstring(text)  # noqa: S314 - our own
        symbols = {
            s.get("name"): [o.get("value") for o in s.iter("Option") if o.get("name") == option][-1]
            for s in root.iter("symbol")
        }
        return {str(c.get("value")): str(symbols[c.get("symbol")]) for c in root.iter("category")}

    brushes = looks(status_style("item_x", "polygon"), "style")
    assert len(set(brushes.values())) == 4
    shapes = looks(status_style("item_x", "point"), "name")
    assert len(set(shapes.values())) == 4
    classes = looks(class_style("c", class_names(), "unknown", "polygon"), "style")
    assert classes.pop("unknown") != "solid"
    assert set(classes.values()) == {"solid"}


def test_every_area_has_a_class() -> None:
    areas = styled_areas(card())
    share = areas["items_met_share"]
    assert set(areas["items_met_class"]) <= {*class_names(), "unknown"}
    low = share.idxmin()
    bounds = areas.loc[low, "items_met_class"].removesuffix(" %").split("-")
    assert float(bounds[0]) <= share[low] * 100 < float(bounds[1])
    blank = card().results.assign(status="unknown", reason="not_assessable")
    nothing = replace(card(), results=blank)
    assert set(styled_areas(nothing)["items_met_class"]) == {"unknown"}
    assert (areas["item_mediation_room"] == "implied").any()


def test_a_city_with_entrances_and_mixed_shapes_is_written(tmp_path: Path) -> None:
    city = qh.read_osm(SAMPLES / "helsinki.osm.pbf")
    made = qh.assess(city.areas, city.facilities, city.streets, qh.Checklist.load("beijing-2011"))
    path = write_geopackage(made, tmp_path / "helsinki.gpkg")
    facilities = gpd.read_file(path, layer="facilities")
    assert len(facilities) == made.matches["facility"].nunique()
    assert set(facilities.geom_type) >= {"Point"}


# GeoParquet


def test_geoparquet_holds_areas_and_manifest(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = write_geoparquet(card(), tmp_path / "town.parquet")
    areas = gpd.read_parquet(path)
    assert areas.crs == card().areas.crs
    assert areas["unmet"].tolist() == card().summary()["unmet"].tolist()
    told = json.loads(parquet.read_schema(path).metadata[b"quarterhour"])
    assert told["parameters"]["quota"] == 0.5


# What goes wrong


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (write_geopackage, "town.gpkg"),
        (write_geoparquet, "town.parquet"),
        (write_workbook, "town.xlsx"),
    ],
)
def test_nothing_is_left_where_writing_fails(write: Any, name: str, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(OutputError):
        write(card(), taken / name)
    with pytest.raises(InputError, match="has to end in"):
        write(card(), tmp_path / "town.txt")
    assert list(tmp_path.iterdir()) == [taken]


@pytest.mark.parametrize(
    ("write", "name", "extra"),
    [(write_geoparquet, "a.parquet", "parquet"), (write_workbook, "a.xlsx", "excel")],
)
def test_a_missing_extra_is_named(
    write: Any, name: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(package: str) -> Any:
        return None if package in ("pyarrow", "openpyxl") else find_spec(package)

    monkeypatch.setattr("quarterhour.places.written.find_spec", find)
    monkeypatch.setattr("quarterhour.outputs.files.workbook.find_spec", find)
    with pytest.raises(MissingExtraError, match=rf"quarterhour\[{extra}\]"):
        write(card(), tmp_path / name)


def test_the_language_of_a_workbook_is_one_of_two(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'zh' or 'en'"):
        write_workbook(card(), tmp_path / "a.xlsx", lang="both")  # type: ignore[arg-type]


def with_own_columns() -> qh.Scorecard:
    """Areas and shops with ids and columns of their own, some called like ours."""
    areas = worlds.squares(
        (150, 150), (850, 850), index=["A7", "B2"], name=["甲\x00", "乙"], id=["A7", "B2"],
        户数=[120, 340], met=["自填", None], fid=[5, 6], 备注=["一\x0b二", "三"],
    )  # fmt: skip
    shops = worlds.points(
        (150, 100), index=["s9"], name=["药店"], amenity=["pharmacy"], 店长=["李"], items=["自填"]
    )
    network = worlds.grid_world(12, 100.0)
    return qh.assess(areas, shops, network, qh.Checklist.load("beijing-2011"))


def test_own_columns_are_in_the_geopackage(tmp_path: Path) -> None:
    path = qh.write_geopackage(with_own_columns(), tmp_path / "town.gpkg")
    areas = gpd.read_file(path, layer="areas").set_index("area")
    assert areas.index.tolist() == ["A7", "B2"]
    assert areas["name"].tolist() == ["甲", "乙"]
    assert areas["户数"].tolist() == [120, 340]
    assert areas.loc["A7", "met_original"] == "自填"
    assert areas["fid_original"].tolist() == [5, 6]
    places = gpd.read_file(path, layer="facilities").set_index("facility")
    assert places.loc["s9", "店长"] == "李"
    assert (places.loc["s9", "items"], places.loc["s9", "items_original"]) == ("pharmacy", "自填")


def test_own_columns_are_in_the_workbook_without_control_characters(tmp_path: Path) -> None:
    path = qh.write_workbook(with_own_columns(), tmp_path / "town.xlsx", lang="en")
    sheets = pd.read_excel(path, sheet_name=None)
    areas = sheets["areas"].set_index("id")
    assert areas["area"].tolist() == ["甲", "乙"]
    assert areas["户数"].tolist() == [120, 340]
    assert areas["备注"].tolist() == ["一二", "三"]
    assert "id_original" not in areas
    assert sheets["facilities"].set_index("id").loc["s9", "店长"] == "李"
    about = " ".join(map(str, sheets["method"].to_numpy().ravel()))
    assert "texts held control characters" in about
