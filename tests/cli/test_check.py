"""quarterhour check: what is noticed, in text and JSON, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point

import quarterhour as qh
from command_line import HELSINKI, TOWN, run

STREETS = TOWN / "streets.osm"
ALL = [TOWN / "compounds.geojson", TOWN / "buildings.geojson", TOWN / "gates.geojson", STREETS]
POI = f"facilities:{TOWN / 'amap_poi.csv'}"


def findings(*arguments: object) -> tuple[int, dict[str, Any], str]:
    """The exit code, what JSON says, and all warnings and errors in one text."""
    done = run("check", *arguments, "--json")
    said = json.loads(done.stdout)
    faults = [one["text"] for one in said["findings"] if one["level"] != "note"]
    return done.exit_code, said, "\n".join(faults)


def test_sound_files_are_told_as_what_they_are() -> None:
    code, said, faults = findings(*ALL, POI, "--datum=wgs84", "--facilities-datum=gcj02")
    assert (code, faults, said["sound"]) == (0, "", True)
    kinds = ["areas", "buildings", "gates", "extract", "facilities"]
    assert list(said["files"].values()) == kinds
    texts = "\n".join(one["text"] for one in said["findings"])
    assert "Read as UTF-8 with BOM, separated by commas." in texts
    assert "rows are places listed already" in texts
    assert "are entrances of others" in texts
    assert "facilities serve an item of beijing-2011" in texts


def test_an_extract_alone() -> None:
    done = run("check", HELSINKI)
    assert done.exit_code in (0, 1)
    assert f"{HELSINKI}: extract" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" notes")


@pytest.mark.parametrize("wrong", ["gcj02", "bd09"])
def test_wrong_datums_of_each_table_are_told(wrong: str) -> None:
    code, said, faults = findings(*ALL, f"--datum={wrong}")
    assert code == 1
    assert faults.count("but the streets say wgs84") == 2  # compounds and buildings
    code, said, faults = findings(*ALL[:3], STREETS, POI, "--datum=wgs84")
    assert "but the streets say gcj02" in faults
    assert not said["sound"]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("poi.csv", "name,lon,lat\na,,\nb,116.9,39.6\n", "row"),
        ("poi.csv", ",,,\n,,,\n,,,\n", ""),
        ("poi.csv", "", ""),
        ("poi.geojson", "[" * 2000 + "]" * 2000, ""),
        ("poi.geojson", '{"type": "FeatureCollection", "features": []}', ""),
        ("poi.json", '{"pois": ' + "[" * 5000 + "]" * 5000 + "}", ""),
        ("mine.toml", 'key = "a"\nlimit = 5', "mine.toml, line 2: key `limit`"),
        ("streets.osm", "<osm><node id='x'/></osm>", ""),
        ("roads.npz", "no zip", "not a network saved by quarterhour"),
        ("gates.gpkg", "no database", ""),
    ],
)
def test_what_cannot_be_read_or_is_left_out(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    code, _, faults = findings(written(tmp_path / name, text), "--datum=wgs84")
    assert code == 1
    assert told in faults
    assert faults


def test_a_file_that_is_not_there_does_not_hide_the_others(tmp_path: Path) -> None:
    code, said, faults = findings(tmp_path / "no.csv", STREETS)
    assert code == 1
    assert "There is no file" in faults
    assert list(said["files"].values()) == ["extract"]


def test_shapes_say_what_a_table_is(tmp_path: Path) -> None:
    frames = {
        "network": gpd.GeoDataFrame(geometry=[LineString([(24, 60), (24.01, 60)])], crs=4326),
        "areas": gpd.GeoDataFrame(geometry=[Point(24, 60).buffer(0.001)], crs=4326),
        "buildings": gpd.GeoDataFrame(
            {"levels": [3]}, geometry=[Point(24, 60).buffer(0.001)], crs=4326
        ),
        "facilities": gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(24, 60)], crs=4326),
    }
    paths = []
    for number, frame in enumerate(frames.values()):
        paths.append(tmp_path / f"t{number}.gpkg")
        frame.to_file(paths[-1])
    _, said, _ = findings(*paths)
    assert list(said["files"].values()) == list(frames)


def test_streets_in_parts_are_told(tmp_path: Path) -> None:
    lines = [LineString([(0, y), (900, y)]) for y in (0, 500)]
    gpd.GeoDataFrame(geometry=lines, crs=32635).to_file(tmp_path / "roads.gpkg")
    code, _, faults = findings(tmp_path / "roads.gpkg")
    assert code == 1
    assert "fall into 2 parts that are not joined; 0.9 of 1.8 km" in faults


def test_places_far_from_every_street_are_told(tmp_path: Path) -> None:
    town = qh.read_facilities(TOWN / "amap_poi.csv", datum="gcj02").head(40)
    away = pd.DataFrame({"name": town["name"], "lon": town.geometry.x, "lat": town.geometry.y})
    away.loc[away.index[:5], "lat"] += 0.5
    away.to_csv(tmp_path / "poi.csv", index=False)
    code, _, faults = findings(tmp_path / "poi.csv", STREETS, "--datum=wgs84")
    assert code == 1
    assert "of 40 facilities lie farther than 100 m from" in faults
