"""quarterhour coverage: measures of a saved scorecard, by part, by group, and how even."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from command_line import failed, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("card")
    worlds.new_town().save(place)
    return place


def test_each_row_is_a_sentence_and_the_file_has_them_all(folder: Path, tmp_path: Path):
    out = tmp_path / "coverage.csv"
    result = run("coverage", folder, "--measure", "population", "--out", out, "--shown", "2")
    assert result.exit_code == 0, result.stderr
    assert "93,415 of 97,900 residents whose answer is known have citizens' school" in result.stdout
    assert "… and 26 more" in result.stdout
    table = pd.read_csv(out)
    expected = qh.coverage(worlds.new_town(), "population")
    assert table["numerator"].tolist() == pytest.approx(expected["numerator"].tolist())


def test_parts_are_written_with_their_shapes(folder: Path, tmp_path: Path):
    out = tmp_path / "hexagons.geojson"
    told = ("coverage", folder, "--measure", "residence", "--by", "h3:8")
    assert run(*told, "--out", out).exit_code == 0
    shapes = gpd.read_file(out)
    assert set(shapes.geom_type) == {"Polygon"}
    machine = json.loads(run(*told, "--json").stdout)
    assert len(machine["coverage"]) == len(shapes)
    assert "geometry" not in machine["coverage"][0]
    squares = json.loads(run("coverage", folder, "--by", "500", "--json").stdout)["coverage"]
    assert squares[0]["part"].startswith("500mN")
    kinds = run("coverage", folder, "--measure", "area", "--by", "area_kind", "--out", out)
    assert "these parts have no shapes" in failed(kinds)


def test_districts_come_from_a_file(folder: Path, tmp_path: Path):
    areas = worlds.new_town().areas
    halves = areas.assign(name=["west"] * 6 + ["east"] * 6).dissolve("name").reset_index()
    path = tmp_path / "districts.gpkg"
    halves[["name", "geometry"]].to_file(path)
    told = ("coverage", folder, "--measure", "population", "--by", path)
    result = run(*told, "--datum", "wgs84", "--shown", "3")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(("west: ", "east: "))
    assert "datum is not declared" in failed(run(*told))


def test_groups_and_equity(folder: Path):
    sides = run("coverage", folder, "--group", "adult", "--group", "elderly", "--shown", "100")
    assert "adult: " in sides.stdout
    assert "older person: " in sides.stdout
    assert "as if all walked so" in sides.stdout
    fair = run("coverage", folder, "--equity", "--by", "area_kind")
    assert fair.stdout.startswith("items all: mean 0.")
    assert "minutes day-care room: nothing is known" in fair.stdout
    assert "--equity takes" in failed(run("coverage", folder, "--equity", "--measure", "item"))
    two = run("coverage", folder, "--group", "adult", "--measure", "item", "--measure", "area")
    assert "--group takes one --measure" in failed(two)


def test_designation_takes_a_table_of_circles(folder: Path, tmp_path: Path):
    areas = worlds.new_town().areas.index
    table = tmp_path / "circles.csv"
    pd.DataFrame({"community": areas[:9], "circle": "c"}).to_csv(table, index=False)
    result = run("coverage", folder, "--measure", "designation", "--circles", table)
    assert result.stdout.startswith("9 of 12 communities are assigned to a circle (75.0%)")
    assert "pass circles=" in failed(run("coverage", folder, "--measure", "designation"))
    table.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read as a CSV" in failed(
        run("coverage", folder, "--measure", "designation", "--circles", table)
    )


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--measure", "people"], "no measure people"),
        (["--by", "ward"], "no way to part the areas"),
        (["--out", "x.doc"], "shapes are written as"),
    ],
)
def test_what_cannot_be_asked_is_one_line(folder: Path, asked, told):
    assert told in failed(run("coverage", folder, *asked))
