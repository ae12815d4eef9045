"""quarterhour gaps."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from command_line import TOWN_OPTIONS, run


def test_gaps_are_listed_and_written(tmp_path: Path) -> None:
    out = tmp_path / "gaps.csv"
    result = run("gaps", *TOWN_OPTIONS, "--shown", "3", "--out", out)
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(out)
    assert f"3 of {len(table)}" in result.stdout
    assert f"… and {len(table) - 3} more, see gaps.csv" in result.stdout
    assert "61 area-item pairs are unknown and not listed" in result.stdout
    machine = run("gaps", *TOWN_OPTIONS, "--json")
    rows = json.loads(machine.stdout)["gaps"]
    assert [row["item"] for row in rows] == table["item"].tolist()
    assert rows[0]["residents_without"] == pytest.approx(table["residents_without"].iloc[0])


def test_why_and_by_rank_items(tmp_path: Path) -> None:
    out = tmp_path / "why.csv"
    result = run("gaps", *TOWN_OPTIONS, "--why", "--shown", "5", "--out", out)
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(out)
    assert {"minutes_short", "in_the_way", "saves_minutes", "geometry"} <= set(table)
    assert table["in_the_way"].iloc[0] == "distance"
    assert "it is far" in result.stdout
    city = run("gaps", *TOWN_OPTIONS, "--why", "--by", "city", "--json")
    rows = json.loads(city.stdout)["gaps"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row["areas"] for row in rows) == len(table)
    plain = run("gaps", *TOWN_OPTIONS, "--by", "area", "--shown", "2")
    assert "What is missing, for most residents first: 2 of" in plain.stdout
