"""The twelve kinds of inputs that give the worst wrong numbers: each is named before it does.

They were chosen by how far the answer goes astray without a word, and are built here anew: streets
in a map's metres, homes over a tunnel, streets that cross without a joint, stairs in a list,
lengths in kilometres, two pairs of coordinates, areas in another datum, a table converted twice,
a quote that swallows rows, numbers in other notations, an encoding that lies, and walls.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pytest
from shapely import LineString, Point, box

import quarterhour as qh
from command_line import run

X, Y = 380_000.0, 6_670_000.0  # in Helsinki, where no datum has to be said
CRS = 32635
TEXT = "name,lon,lat\n药店,24.94,60.17\n书店,24.95,60.17\n"


def lines(path: Path, *rows: list[tuple[float, float]], crs: int = CRS, **columns: object) -> Path:
    shapes = [LineString([(X + x, Y + y) for x, y in row]) for row in rows]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_crs(crs).to_file(path)
    return path


def places(path: Path, *shapes: object, crs: int = CRS, **columns: object) -> Path:
    table = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
    table.to_file(path)
    return path


def world_metres(folder: Path) -> list[object]:
    return [lines(folder / "roads.gpkg", [(0, 0), (900, 0)], crs=3857)]


def homes_over_a_tunnel(folder: Path) -> list[object]:
    rows = [[(0, 0), (400, 0)], [(400, 0), (400, 30)], [(400, 30), (0, 30)]]
    roads = lines(folder / "roads.gpkg", *rows, highway="footway", layer=["0", "0", "-1"])
    return [roads, f"areas:{places(folder / 'a.gpkg', Point(X + 100, Y + 28))}"]


def crossings_without_a_joint(folder: Path) -> list[object]:
    across = [[(100.0 * i, -300), (100.0 * i, 300)] for i in range(4)]
    return [lines(folder / "roads.gpkg", [(-100, 0), (500, 0)], *across)]


def stairs_in_a_list(folder: Path) -> list[object]:
    kinds = ["footway", "['footway', 'steps']"]
    return [lines(folder / "roads.gpkg", [(0, 0), (90, 0)], [(90, 0), (200, 0)], highway=kinds)]


def lengths_in_kilometres(folder: Path) -> list[object]:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for i in range(4):
        graph.add_node(i, x=24.94 + 0.001 * i, y=60.17)
    for i in range(3):
        graph.add_edge(i, i + 1, length=0.0556, highway="residential")
        graph.add_edge(i + 1, i, length=0.0556, highway="residential")
    nx.write_graphml(graph, folder / "town.graphml")
    return [folder / "town.graphml"]


def two_pairs(folder: Path) -> list[object]:
    text = 'name,location,lng_wgs84,lat_wgs84\n药店,"116.4,39.9",116.394,39.8986\n'
    return [file(folder / "poi.csv", text)]


def areas_in_another_datum(folder: Path) -> list[object]:
    x, y = 448_000.0, 4_418_000.0
    areas = gpd.GeoDataFrame(
        {"area_kind": ["compound"] * 3},
        geometry=[box(x + 300 * k, y, x + 300 * k + 100, y + 100) for k in range(3)],
        crs=32650,
    )
    shifted = qh.convert_datum(qh.declare_datum(areas, "wgs84"), "gcj02")
    shifted.to_file(folder / "areas.gpkg")
    houses = [box(x + 300 * k + 30, y + 30, x + 300 * k + 50, y + 60) for k in range(3)]
    homes = places(folder / "houses.gpkg", *houses, crs=32650)
    doors = [Point(x + 300 * k + 50, y) for k in range(3)]
    gates = places(folder / "gates.gpkg", *doors, crs=32650)
    files = [f"areas:{folder / 'areas.gpkg'}", f"buildings:{homes}", f"gates:{gates}"]
    return [*files, "--datum=wgs84"]


def converted_before(folder: Path) -> list[object]:
    poi = file(folder / "poi.csv", "name,lon,lat\n药店,116.4,39.9\n")
    qh.read_facilities(poi, datum="gcj02").to_parquet(folder / "kept.parquet")
    return [folder / "kept.parquet", "--datum=gcj02"]


def an_open_quote(folder: Path) -> list[object]:
    text = 'lon,lat,name\n24.94,60.17,"药店\n24.95,60.17,书店\n24.96,60.17,菜店\n'
    return [file(folder / "poi.csv", text)]


def numbers_of_another_country(folder: Path) -> list[object]:
    text = "name;lon;lat;人口(万人)\n东里;24,94;60,17;1,2\n西里;24,95;60,17;0,8\n"
    return [f"areas:{file(folder / 'areas.csv', text)}"]


def an_encoding_that_lies(folder: Path) -> list[object]:
    shop = gpd.GeoDataFrame({"名称": ["青禾便民超市"]}, geometry=[Point(24.94, 60.17)], crs=4326)
    shop.to_file(folder / "poi.shp", encoding="GB18030")
    (folder / "poi.cpg").write_text("UTF-8")
    return [folder / "poi.shp"]


def deep_within_walls(folder: Path) -> list[object]:
    wall = box(X + 200, Y + 10, X + 800, Y + 610)
    areas = places(folder / "a.gpkg", wall, walled=["是"], area_kind=["compound"])
    shops = places(folder / "f.gpkg", Point(X + 500, Y + 300), Point(X, Y), name=["药店", "药店"])
    gates = places(folder / "g.gpkg", Point(X + 500, Y + 10))
    roads = lines(folder / "roads.gpkg", [(0, 0), (900, 0)])
    return [f"areas:{areas}", f"facilities:{shops}", f"gates:{gates}", f"network:{roads}"]


def file(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


WORST: list[tuple[Callable[[Path], list[object]], str, str]] = [
    (world_metres, "warning", "The metres of WGS 84 / Pseudo-Mercator are off by up to"),
    (homes_over_a_tunnel, "note", "1 of 1 areas lie nearest to a street below or above the ground"),
    (crossings_without_a_joint, "warning", "The streets fall into 5 parts, and at 4 places lines"),
    (stairs_in_a_list, "note", "1 edges are steps (0.11 km); 1 of them by a list"),
    (lengths_in_kilometres, "error", "0.001 times those of the lines that it draws"),
    (two_pairs, "note", "read from lng_wgs84, lat_wgs84, not from location"),
    (areas_in_another_datum, "warning", "3 of 3 residential buildings lie in no area"),
    (areas_in_another_datum, "warning", "3 of 3 gates stand at the outline of no area"),
    (converted_before, "error", "in wgs84, to which they were converted from gcj02"),
    (an_open_quote, "warning", "open a quote that is never closed (lines 2)"),
    (numbers_of_another_country, "note", "in 万人, as column '人口(万人)' says: times 10,000"),
    (numbers_of_another_country, "note", "A comma in lon is a decimal one"),
    (an_encoding_that_lies, "note", "says UTF-8, but the text is GB18030; read as GB18030"),
    (deep_within_walls, "note", "1 facilities lie inside closed compounds and are reached through"),
]


@pytest.mark.parametrize(("make", "level", "told"), WORST)
def test_the_fault_is_named(
    make: Callable[[Path], list[object]], level: str, told: str, tmp_path: Path
) -> None:
    said = json.loads(run("check", *make(tmp_path), "--json").stdout)
    found = {(one["level"], one["text"]) for one in said["findings"]}
    assert any(told in text and level == worse for worse, text in found), found


def test_sound_gates_and_buildings_are_no_fault(tmp_path: Path) -> None:
    areas = places(tmp_path / "a.gpkg", box(X, Y, X + 100, Y + 100), area_kind=["compound"])
    homes = places(tmp_path / "h.gpkg", box(X + 30, Y + 30, X + 50, Y + 50))
    gates = places(tmp_path / "g.gpkg", Point(X + 50, Y), Point(X + 900, Y))
    done = run("check", f"areas:{areas}", f"buildings:{homes}", f"gates:{gates}")
    assert done.exit_code == 0, done.stdout
