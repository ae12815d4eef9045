"""quarterhour split, and quarterhour score of what it wrote."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import pytest

from command_line import HELSINKI, failed, run
from country_worlds import QUESTION, country
from quarterhour.cli.options import USUAL
from quarterhour.scoring.country import tile_files
from quarterhour.scoring.country.reaching import halo_of
from quarterhour.scoring.question import Question
from quarterhour.sources.country.tiles import open_tiles
from quarterhour.standards.usual import ELSEWHERE, IN_CHINA
from quarterhour.standards.write import write


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A country, its checklist, and two tiles of it."""
    made = tmp_path_factory.mktemp("country")
    country(made)
    sourced = replace(QUESTION.checklist, citation="Made up", missing="all")
    write(sourced, made / "tiny.toml")
    words = ("--tiles", 2, "--checklist", made / "tiny.toml")
    done = run("split", made / "country.osm", "--out", made / "tiles", *words)
    assert done.exit_code == 0, done.stderr
    assert "2 tiles of country.osm" in done.stdout
    assert "a halo of 3,109 m" in done.stdout
    return made


def scored(folder, out, *words):
    asked = ("--checklist", folder / "tiny.toml", "--no-progress")
    return run("score", folder / "tiles", "--out", out, *asked, *words)


def test_tiles_are_scored_and_not_twice(folder, tmp_path):
    done = scored(folder, tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert "2 tiles scored; answers in" in done.stdout
    again = scored(folder, tmp_path / "out")
    assert "0 tiles scored, 2 before; answers in" in again.stdout
    assert again.stdout.splitlines()[1] == done.stdout.splitlines()[1]
    areas = gpd.read_parquet(tmp_path / "out" / "areas" / "tile-1.parquet")
    assert f"{len(areas):,} areas" not in done.stdout  # those of one tile are not all
    told = json.loads(scored(folder, tmp_path / "out", "--json").stdout)
    assert told["before"] == ["tile-1", "tile-2"]


def test_the_coverage_of_a_country_is_that_of_its_tiles_and_says_what_lacks(folder, tmp_path):
    scored(folder, tmp_path / "out")
    told = json.loads(run("coverage", tmp_path / "out", "--measure", "area", "--json").stdout)
    parts = run("coverage", tmp_path / "out", "--measure", "area", "--by", "tile", "--json").stdout
    by_tile = json.loads(parts)["coverage"]
    assert {row["part"] for row in by_tile} == {"tile-1", "tile-2"}
    assert sum(row["denominator"] for row in by_tile) == sum(
        row["denominator"] for row in told["coverage"]
    )
    assert told["notes"] == []
    words = run("coverage", tmp_path / "out", "--measure", "residence")
    assert "Food is within 6 minutes" in words.stdout
    assert words.stderr == ""
    assert "leave out --equity" in failed(run("coverage", tmp_path / "out", "--equity"))
    (tmp_path / "out" / "done" / "tile-2.json").unlink()
    lacks = run("coverage", tmp_path / "out", "--measure", "area")
    assert "1 of 2 tiles are not answered (tile-2)" in lacks.stdout
    assert "Warning: 1 of 2 tiles are not answered (tile-2)" in lacks.stderr


def test_the_map_of_a_country_and_of_one_of_its_tiles(folder, tmp_path):
    pytest.importorskip("maplibre", reason="the extra map is not installed")
    out, path = tmp_path / "out", tmp_path / "country.html"
    scored(folder, out)
    words = ("--pages", folder / "tiles", "--tile", "tile-2", "--lang", "en")
    done = run("map", out, "--out", path, *words)
    assert done.exit_code == 0, done.stderr
    page = tmp_path / "country-tiles" / "tile-2.html"
    assert done.stdout.splitlines() == [f"Written: {path}", f"Written: {page}"]
    assert page.is_file()
    told = failed(run("map", out, "--out", path, "--pace", "elderly"))
    assert "whose question is its own: leave out --pace" in told
    told = failed(run("map", out, "--out", path, "--tile", "tile-1"))
    assert "say with --pages where the tiles are" in told
    assert "is for the answers of a country" in failed(
        run("map", HELSINKI, "--out", path, "--by", "x.gpkg")
    )


def test_a_bad_tile_is_named_at_the_end_and_run_alone(folder, tmp_path):
    tiles = open_tiles(folder / "tiles")
    whole = tiles.path("tile-2").read_bytes()
    try:
        tiles.path("tile-2").write_bytes(whole[:1000])
        done = scored(folder, tmp_path / "out")
    finally:
        tiles.path("tile-2").write_bytes(whole)
    assert done.exit_code == 2
    assert "1 tiles scored" in done.stdout
    assert "tile-2 failed: Tile tile-2" in done.stdout
    assert "--tile tile-2" in done.stderr
    alone = scored(folder, tmp_path / "out", "--tile", "tile-2")
    assert alone.exit_code == 0, alone.stderr
    assert "1 tiles scored; answers" in alone.stdout


def test_an_interrupted_run_says_what_stays(folder, tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(tile_files, "write", stopped)
    done = scored(folder, tmp_path / "out")
    assert done.exit_code == 130
    assert "tiles that are done stay in" in done.stderr
    assert "nothing was written" not in done.stderr


def test_tiles_by_boundaries_and_by_a_grid(folder, tmp_path):
    own = [tile.own for tile in open_tiles(folder / "tiles").tiles]
    lands = gpd.GeoDataFrame({"name": ["West", "Ost"]}, geometry=own, crs=4326)
    lands.to_file(tmp_path / "lands.geojson")
    where = (folder / "country.osm", "--out", tmp_path / "tiles")
    asked = ("--checklist", folder / "tiny.toml", "--json")
    words = ("--boundaries", tmp_path / "lands.geojson", "--datum", "wgs84")
    told = json.loads(run("split", *where, *words, *asked).stdout)
    assert [(one["title"], one["dwellings"]) for one in told["tiles"]] == [
        ("West", 102),
        ("Ost", 102),
    ]
    other = (folder / "country.osm", "--out", tmp_path / "grid")
    told = json.loads(run("split", *other, "--grid-km", 7, *asked).stdout)
    assert len(told["tiles"]) == 2
    assert sum(one["dwellings"] for one in told["tiles"]) == 204


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--origins-at", "gate"], "leave out --origins-at"),
        (["--areas", "areas.gpkg"], "leave out --areas"),
        (["--workers", 0], "--workers 0 are no workers"),
        (["--workers", 2, "--scheduler", "tcp://127.0.0.1:1"], "not both"),
        (["--tile", "tile-9"], "There is no tile tile-9"),
        (["--quota", 3], "is not in (0, 1]"),
    ],
)
def test_what_tiles_do_not_answer_is_refused(folder, tmp_path, words, said):
    assert said in failed(scored(folder, tmp_path / "out", *words))
    assert not (tmp_path / "out" / "done").exists()


def test_tiles_need_a_folder_for_their_answers(folder):
    done = run("score", folder / "tiles", "--checklist", folder / "tiny.toml")
    assert "say with --out where their answers go" in failed(done)


def test_workers_are_for_tiles():
    assert "--workers is for a folder of tiles" in failed(run("score", HELSINKI, "--workers", 2))


@pytest.mark.long
def test_workers_of_this_machine(folder, tmp_path):
    done = scored(folder, tmp_path / "out", "--workers", 2)
    assert done.exit_code == 0, done.stderr
    assert "2 tiles scored; answers in" in done.stdout
    assert "Dask's dashboard: http" in done.stderr


def test_tiles_of_one_country_are_asked_one_checklist(folder, tmp_path):
    done = run("score", folder / "tiles", "--out", tmp_path / "out", "--no-progress")
    assert done.stderr.count("Checklist sony-2024, as the areas lie outside mainland China") == 1
    assert "this question needs 4,472 m" in failed(done)  # the tiles were cut for a shorter one


def test_the_halo_of_split_serves_both_usual_checklists():
    here, elsewhere = (halo_of(Question.of(name)) for name in USUAL)
    assert (IN_CHINA, ELSEWHERE) == USUAL
    assert here == elsewhere
