"""quarterhour compare."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import quarterhour as qh
import worlds
from command_line import failed, run


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    card = worlds.new_town()
    after = qh.scenario(card, [qh.CloseFacility("惠民菜市场"), qh.RemoveWall("梧桐苑")])
    one, two = (tmp_path_factory.mktemp(name) for name in ("one", "two"))
    card.save(one)
    after.save(two)
    return one, two


def test_who_gained_and_who_lost_is_told_and_written(folders: tuple[Path, Path], tmp_path: Path):
    result = run("compare", *folders, "--out", tmp_path / "change")
    assert result.exit_code == 0, result.stderr
    assert "梧桐苑" in result.stdout
    assert "food_market: met -> unmet (facility gone)" in result.stdout
    items = pd.read_csv(tmp_path / "change" / "items.csv", index_col="item")
    assert items.loc["food_market", "lost"] > 0
    machine = json.loads(run("compare", *folders, "--json").stdout)
    assert machine["measure"] == "residents"
    turned = pd.read_csv(tmp_path / "change" / "turned.csv")
    assert (tmp_path / "change" / "change.png").stat().st_size > 10_000
    assert [row["item"] for row in machine["turned"]] == turned["item"].tolist()
    back = json.loads(run("compare", *reversed(folders), "--json").stdout)
    assert [row["gained"] for row in back["items"]] == [row["lost"] for row in machine["items"]]


def test_the_same_twice_is_no_change(folders: tuple[Path, Path]):
    result = run("compare", folders[0], folders[0], "--shown", "3")
    assert "0 turned met, 0 met no more" in result.stdout
    assert "none gained or lost anything" in result.stdout


def test_a_folder_that_is_none(folders: tuple[Path, Path], tmp_path: Path):
    assert "does not exist" in failed(run("compare", folders[0], tmp_path / "nowhere"))
