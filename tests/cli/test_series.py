"""quarterhour series."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import worlds
from command_line import failed, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    card = worlds.new_town()
    places = card.asked.facilities
    market = places["name"].eq("惠民菜市场")
    dated = places.assign(valid_from=market.map({True: "2019-03-01", False: None}))
    path: Path = tmp_path_factory.mktemp("town")
    card.again(facilities=dated).save(path)
    return path


def test_every_year_has_a_line_and_a_row(folder: Path, tmp_path: Path):
    result = run("series", folder, "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "  2018-12-31: " in result.stdout
    line = result.stdout.partition("  2019-12-31: ")[2].partition("\n")[0]
    assert "(+1 -0)" in line
    days = pd.read_csv(tmp_path / "days.csv")
    assert days["day"].tolist() == ["2018-12-31", "2019-12-31"]
    assert days["gained"].iloc[1] > 0
    coverage = pd.read_csv(tmp_path / "coverage.csv")
    assert set(coverage["day"]) == set(days["day"])
    machine = json.loads(run("series", folder, "--json").stdout)
    assert [row["met"] for row in machine["days"]] == days["met"].tolist()


def test_days_are_named_and_wrong_ones_told(folder: Path):
    named = run("series", folder, "--day", "2010", "--day", "2019-02-28", "--day", "2019-03-01")
    assert "  2019-02-28: " in named.stdout
    assert "is no year or day" in failed(run("series", folder, "--day", "never", "--day", "2019"))
    assert "two days or more" in failed(run("series", folder, "--day", "2019"))
