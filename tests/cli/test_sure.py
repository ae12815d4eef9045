"""quarterhour sure: sentences, the widest intervals, and the interval of every item in a file."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import quarterhour as qh
import worlds
from command_line import HELSINKI, TOWN_OPTIONS, failed, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("card")
    worlds.new_town().save(place)
    return place


def test_a_saved_scorecard_is_told_in_sentences_and_a_table(folder: Path, tmp_path: Path):
    out = tmp_path / "sure.csv"
    result = run(
        "sure", folder, "--draws", "30", "--seed", "2", "--out", out, "--shown", "3", "--lang", "en"
    )
    assert result.exit_code == 0, result.stderr
    found = qh.uncertainty(worlds.new_town(), 30, 2)
    for sentence in qh.uncertainty_text(found, lang="en"):
        assert f"* {sentence}" in result.stdout
    assert "The widest intervals: 3 of 28" in result.stdout
    assert "have no interval: " in result.stdout
    table = pd.read_csv(out)
    assert len(table) == len(found.coverage)
    for name in ("share", "low", "high"):
        assert table[name].to_numpy() == pytest.approx(found.coverage[name], nan_ok=True)
    assert table["main_source"].fillna("").tolist() == found.coverage["main_source"].tolist()


def test_the_widest_come_first_and_hold_what_they_say(folder: Path):
    told = run("sure", folder, "--draws", "20", "--shown", "100", "--lang", "en").stdout
    rows = told[told.index("The widest intervals") :].splitlines()[2:30]
    ends = [row.split("%")[1].split() for row in rows]
    pairs = [[float(end) for end in one[-1].split("–")] for one in ends]
    widths = [pair[-1] - pair[0] for pair in pairs]
    assert all(one >= other - 0.2001 for one, other in pairwise(widths))  # rounded outwards


def test_tables_are_assessed_first_and_json_has_it_all(folder: Path):
    asked = ("--draws", "10", "--lang", "zh", "--json")
    one, two = run("sure", *TOWN_OPTIONS, *asked), run("sure", folder, *asked)
    assert one.exit_code == two.exit_code == 0, one.stderr + two.stderr
    told, again = json.loads(one.stdout), json.loads(two.stdout)
    assert told["text"] == again["text"]
    assert "名居民" in told["text"][0]
    assert (told["draws"], told["seed"], told["level"]) == (10, 0, 0.95)
    assert {"p_met", "close_call", "flip_limit"} <= set(told["results"][0])
    assert told["variance"]
    assert told["sources"]


def test_chinese_on_the_terminal(folder: Path):
    told = run("sure", folder, "--draws", "10", "--lang", "zh").stdout
    assert "95% 置信区间" in told
    assert "walking_speed" not in told


def test_what_cannot_be_asked_is_said(folder: Path, tmp_path: Path):
    other = failed(run("sure", folder, "--pace", "elderly", "--quota", "0.6"))
    assert "--pace, --quota would change them" in other
    assert "saved scorecard" in failed(run("sure", folder, "--facilities", "poi.csv"))
    assert ".csv" in failed(run("sure", folder, "--out", tmp_path / "sure.xlsx"))
    hours = failed(run("sure", HELSINKI, "--at", "2026-11-24 20:00"))
    assert "without --at, or with --mode facility" in hours
    assert run("sure", folder, "--draws", "0").exit_code == 2
    assert run("sure", tmp_path / "nowhere").exit_code == 2


def test_results_alone_say_what_lacks(folder: Path, tmp_path: Path):
    for path in folder.iterdir():
        if path.suffix != ".zip":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    assert "read without" in failed(run("sure", tmp_path, "--draws", "5"))


def test_progress_is_shown_where_it_is_wanted(folder: Path):
    assert "draws: " in run("sure", folder, "--draws", "10", "--progress").stderr
    assert "draws: " not in run("sure", folder, "--draws", "10").stderr
