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
    assert "Read as UTF-8 (BOM), separated by commas." in texts
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


def told_of(tmp_path: Path, name: str, text: str, *options: str) -> list[tuple[str, str]]:
    """The level and the text of every finding about one file."""
    _, said, _ = findings(written(tmp_path / name, text), *options)
    return [(one["level"], one["text"]) for one in said["findings"]]


@pytest.mark.parametrize(
    ("name", "text", "level", "told"),
    [
        ("poi.csv", "name;lon;lat\na;24,94;60,17\n", "note", "A comma in lon is a decimal one"),
        (
            "areas.csv",
            "name,lon,lat,人口\na,24.9,60.1,约300人\n",
            "note",
            "'约300人' is read as 300",
        ),
        ("areas.csv", 'name,lon,lat,residents\na,24.9,60.1,"1,200"\n', "note", "sets thousands"),
        ("areas.csv", "name,lon,lat,人口（万人）\na,24.9,60.1,1.5\n", "note", "times 10,000"),
        ("poi.csv", 'name,location\na,"24.9,60.1,35"\n', "note", "hold a third number"),
        ("poi.csv", "name,lon,lat\na\x07b,24.9,60.1\n", "note", "cannot be seen (U+0007)"),
        ("poi.csv", "name,lon,lat\na\u200bb,24.9,60.1\n", "note", "cannot be seen (U+200B)"),
        ("poi.csv", "name,lon,lat\n=1+2,24.9,60.1\n", "note", "begin as formulas do"),
        ("poi.csv", 'name,lon,lat\n"open,24.9,60.1\nb,24.9,60.2\n', "warning", "never closed"),
        ("gates.csv", "name,lon,lat\na,12614500,4127020\n", "error", 'datum="bd09mc"'),
        ("poi.csv", "name,lat,lon\na,116.39,39.9\n", "error", "the wrong way round"),
    ],
)
def test_faults_of_cells_are_named(
    tmp_path: Path, name: str, text: str, level: str, told: str
) -> None:
    assert any(a == level and told in b for a, b in told_of(tmp_path, name, text))


def test_exchanged_axes_are_told_with_and_without_streets(tmp_path: Path) -> None:
    rows = "".join(f"p{i},{24.94 + i / 1000},60.17\n" for i in range(6))
    some = written(tmp_path / "poi.csv", f"name,lon,lat\n{rows}x,60.17,24.942\n")
    every = written(tmp_path / "all.csv", "name,lon,lat\na,60.17,24.942\nb,60.171,24.943\n")
    for files, count in (([some], "1 of 7"), ([some, HELSINKI], "1 of 7"), ([every, HELSINKI], 2)):
        _, _, faults = findings(*files)
        assert f"{count}" in faults
        assert "if their longitude and latitude were exchanged" in faults
    _, _, faults = findings(tmp_path / "all.csv")
    assert "exchanged" not in faults


def test_a_datum_that_nobody_says_hides_nothing_else(tmp_path: Path) -> None:
    told = told_of(tmp_path, "areas.csv", "name,lon,lat,人口（万人）\na,116.3,39.9,1.5\n")
    levels = [level for level, _ in told]
    assert levels.count("error") == 1
    assert "datum is not declared" in told[0][1]
    assert any("times 10,000" in text for _, text in told)
    assert any("as wgs84" in text for _, text in told)
    said = told_of(tmp_path, "poi.csv", "name,gcj_lng,gcj_lat\na,116.3,39.9\n", "--datum=wgs84")
    assert "contradicts the column names" in said[0][1]
    assert any("as the table says itself" in text for _, text in said)


def test_what_is_said_twice_is_said_once_at_its_higher_level(tmp_path: Path) -> None:
    told = told_of(tmp_path, "poi.csv", "name,lon,lat\na,24.9,60.1\nb,,\n")
    left = [level for level, text in told if "are left out (rows" in text]
    assert left == ["warning"]


def lines_file(path: Path, rows: list[list[tuple[float, float]]], **columns: list[Any]) -> Path:
    shapes = [LineString(row) for row in rows]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=32635).to_file(path)
    return path


def test_ends_that_miss_each_other_are_told(tmp_path: Path) -> None:
    x, y = 380_000.0, 6_670_000.0
    joined = [[(x, y), (x + 90, y)], [(x + 90 + 1e-9, y), (x + 200, y)]]
    code, said, _ = findings(lines_file(tmp_path / "roads.gpkg", joined))
    assert code == 0
    assert any("1 vertices lie within 0.01 m" in one["text"] for one in said["findings"])
    apart = [[(x, y), (x + 90, y)], [(x + 90.4, y), (x + 200, y)]]
    code, _, faults = findings(lines_file(tmp_path / "streets.gpkg", apart))
    assert code == 1
    assert "2 dead ends lie within 1 m of another street" in faults


def test_steps_and_values_that_say_nothing_are_told(tmp_path: Path) -> None:
    x, y = 380_000.0, 6_670_000.0
    rows = [[(x, y), (x + 90, y)], [(x + 90, y), (x + 200, y)], [(x + 200, y), (x + 300, y)]]
    kinds = {
        "highway": ["footway", "steps", "['footway', 'steps']"],
        "access": ["perhaps", "", "yes"],
    }
    _, said, _ = findings(lines_file(tmp_path / "roads.gpkg", rows, **kinds))
    texts = "\n".join(one["text"] for one in said["findings"])
    assert "2 edges are steps (0.21 km); 1 of them by a list" in texts
    assert "Values of access on streets that say nothing of walkers: 'perhaps'" in texts


def test_the_edges_of_a_saved_graph_are_its_streets(tmp_path: Path) -> None:
    graph = tmp_path / "saved.gpkg"
    line = LineString([(380_000.0, 6_670_000.0), (380_100.0, 6_670_000.0)])
    nodes = gpd.GeoDataFrame(geometry=[Point(line.coords[0])], crs=32635)
    nodes.to_file(graph, layer="nodes")
    gpd.GeoDataFrame(geometry=[line], crs=32635).to_file(graph, layer="edges")
    code, said, _ = findings(graph)
    assert (code, list(said["files"].values())) == (0, ["network"])
    assert qh.read_network(graph).n_edges == 1


def test_homes_above_a_tunnel_are_told(tmp_path: Path) -> None:
    nodes = {1: (24.94, 60.17), 2: (24.95, 60.17), 3: (24.94, 60.1703), 4: (24.95, 60.1703)}
    placed = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in nodes.items())
    way = '<way id="{0}"><nd ref="{1}"/><nd ref="{2}"/>{3}</way>'
    tag = '<tag k="{0}" v="{1}"/>'
    footway = tag.format("highway", "footway")
    ways = [
        way.format(1, 1, 2, footway + tag.format("access", "perhaps")),
        way.format(2, 3, 4, footway + tag.format("tunnel", "yes")),
        way.format(3, 1, 3, footway),
        way.format(4, 2, 4, footway),
    ]
    streets = written(tmp_path / "a.osm", f'<osm version="0.6">{placed}{"".join(ways)}</osm>')
    poi = written(tmp_path / "poi.csv", "name,lon,lat\na,24.945,60.17025\nb,24.945,60.17002\n")
    _, said, _ = findings(streets, poi)
    texts = "\n".join(one["text"] for one in said["findings"])
    assert "1 of 2 facilities lie nearest to a street below or above the ground" in texts
    assert "1 edges run below the ground and 0 above it" in texts
    assert "Tags on streets and barriers that are not understood, and say nothing: access" in texts
