"""Overture Maps on the command line: merged with an extract, and divided into tiles."""

from __future__ import annotations

from pathlib import Path

import overture_worlds as worlds
from command_line import failed, run


def test_merging_asks_for_two_tables_and_says_what_was_merged(tmp_path: Path) -> None:
    twin = worlds.twin(tmp_path)
    asked = ["score", twin, "--merge-facilities", "--checklist", "moreno-2016"]
    assert "--merge-facilities takes two" in failed(run(*asked))
    folder = worlds.city(tmp_path / "o", "2026-06", "a file a type")
    table = ["--facilities", folder / "place.parquet", "--datum", "wgs84"]
    done = run(*asked, *table)
    assert done.exit_code == 0, done.stderr
    assert f"{len(worlds.PLACES)} places" in done.output


def test_a_folder_is_divided_and_scored_by_tiles(tmp_path: Path) -> None:
    folder = worlds.city(tmp_path / "o", "2026-06", "folders")
    tiles = tmp_path / "tiles"
    made = run("split", folder, "--out", tiles, "--tiles", 2, "--checklist", "moreno-2016")
    assert made.exit_code == 0, made.stderr
    assert "read straight from the files" in made.stdout
    asked = ["score", tiles, "--out", tmp_path / "answers", "--checklist", "moreno-2016"]
    done = run(*asked)
    assert done.exit_code == 0, done.stderr
    assert "2 tiles scored" in done.stdout
    assert "9 homes" in done.stdout
