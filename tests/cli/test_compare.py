"""quarterhour compare."""

from __future__ import annotations

import json
import shutil
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
    assert "food (wet) market: met -> unmet (the place that was nearest is gone)" in result.stdout
    chinese = run("compare", *folders, "--lang", "zh", "--no-causes").stdout
    assert "菜市场：达标 → 未达标（原来最近的设施没有了）" in chinese
    items = pd.read_csv(tmp_path / "change" / "items.csv", index_col="item")
    assert items.loc["food_market", "lost"] > 0
    machine = json.loads(run("compare", *folders, "--json", "--no-causes").stdout)
    assert machine["measure"] == "residents"
    turned = pd.read_csv(tmp_path / "change" / "turned.csv")
    assert (tmp_path / "change" / "change.png").stat().st_size > 10_000
    assert [row["item"] for row in machine["turned"]] == turned["item"].tolist()
    back = json.loads(run("compare", *reversed(folders), "--json", "--no-causes").stdout)
    assert [row["gained"] for row in back["items"]] == [row["lost"] for row in machine["items"]]


def test_what_the_change_is_due_to_is_told(folders: tuple[Path, Path], tmp_path: Path):
    result = run("compare", *folders, "--out", tmp_path)
    told = result.stdout.partition("Due to")[2]
    assert "  homes and residents: " in told
    assert "  facilities: " in told
    assert "    1 facilities less: 惠民菜市场." in told
    assert "  streets: " not in told
    table = pd.read_csv(tmp_path / "causes.csv", index_col="cause")
    answers = pd.read_csv(tmp_path / "causes_turned.csv")
    assert table["turned"].sum() == pytest.approx(len(answers))
    assert len(pd.read_csv(tmp_path / "matched.csv")) == 12
    machine = json.loads(run("compare", *folders, "--json").stdout)
    assert [row["cause"] for row in machine["causes"] if row["changed"]] == ["homes", "facilities"]
    assert "Due to" not in run("compare", *folders, "--no-causes").stdout


def test_folders_of_results_alone_are_compared_too(folders: tuple[Path, Path], tmp_path: Path):
    whole = run("compare", *folders, "--json", "--no-causes").stdout
    alone = []
    for name, folder in zip(("one", "two"), folders, strict=True):
        alone.append(shutil.copytree(folder, tmp_path / name))
        (alone[-1] / "asked.zip").unlink()
    for pair in ((alone[0], folders[1]), (folders[0], alone[1]), alone):
        result = run("compare", *pair)
        assert result.exit_code == 0, result.stderr
        assert "What it is due to is not known: This scorecard was read without" in result.stdout
        machine = json.loads(run("compare", *pair, "--json").stdout)
        turned = [[row[k] for k in ("area", "item", "status")] for row in machine["turned"]]
        known = json.loads(whole)["turned"]
        assert turned == [[row[k] for k in ("area", "item", "status")] for row in known]
        assert "facility_gone" in [row["why"] for row in machine["turned"]]


def test_the_same_twice_is_no_change(folders: tuple[Path, Path]):
    result = run("compare", folders[0], folders[0], "--shown", "3")
    assert "no result changes" in result.stdout
    assert "no residents gained or lost anything" in result.stdout


def test_a_folder_that_is_none(folders: tuple[Path, Path], tmp_path: Path):
    assert "does not exist" in failed(run("compare", folders[0], tmp_path / "nowhere"))
