"""What the commands ask: items by any of their names, and slips of units that are questioned."""

from __future__ import annotations

import inspect
import json
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

import quarterhour as qh
from command_line import HELSINKI, TOWN_OPTIONS, failed, run
from quarterhour.cli.asking import TRANSLATED, chosen_checklist, item_keys, profile_of
from quarterhour.cli.main import cli
from quarterhour.cli.options import QUESTION, usual_question
from worlds import points

LIST = qh.Checklist.load("beijing-2011")


@pytest.mark.parametrize("item", LIST, ids=lambda item: item.key)
def test_an_item_answers_to_its_key_and_its_names(item: qh.Item) -> None:
    for word in (item.key, item.zh, item.en, item.en.upper(), item.key.replace("_", " ")):
        assert item_keys(LIST, (word,)) == (item.key,)


def test_names_are_taken_once_and_unknown_ones_are_refused() -> None:
    assert item_keys(LIST, ("菜市场", "food_market", "ALL")) == ("food_market", "all")
    with pytest.raises(qh.QuarterhourError, match="电影院"):
        item_keys(LIST, ("电影院",))
    twins = LIST.override({"pharmacy": {"zh": "菜市场"}})
    with pytest.raises(qh.QuarterhourError, match=r"food_market and pharmacy|pharmacy and food_m"):
        item_keys(twins, ("菜市场",))
    assert item_keys(twins, ("pharmacy",)) == ("pharmacy",)


def test_a_name_means_what_the_key_means() -> None:
    told = [
        json.loads(run("score", HELSINKI, "--surveyed", word, "--json").stdout)
        for word in ("food_market", "菜市场")
    ]
    assert told[0]["results"] == told[1]["results"]
    assert told[1]["manifest"]["parameters"]["surveyed"] == ["food_market"]


@pytest.mark.parametrize(("speed", "meant"), [(1.25, "4.5"), (0.8, "2.88"), (1.9, "6.84")])
def test_a_speed_in_metres_a_second_is_questioned(speed: float, meant: str) -> None:
    with pytest.warns(qh.QuarterhourWarning, match=f"--speed-kmh {meant}"):
        assert profile_of("adult", speed).speed_m_s == pytest.approx(speed / 3.6)


@pytest.mark.parametrize("speed", [2.0, 2.9, 4.5, 6.0])
def test_a_walking_speed_is_not_questioned(speed: float) -> None:
    assert profile_of("adult", speed).speed_m_s == pytest.approx(speed / 3.6)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score", HELSINKI, "--speed-kmh", "75"], "75 m a minute is 4.5"),
        (["score", HELSINKI, "--quota", "50"], "For 50 %, say 0.5"),
        (["isochrones", HELSINKI, "--lon", "60.2", "--lat", "124.9"], "--lon 124.9 --lat 60.2"),
        (["isochrones", HELSINKI, "--minutes", "300,600,900"], "seconds"),
        (["fetch", "Kamppi", "--out", "k.osm", "--distance-m", "1.5"], "say 1500"),
        (["score", HELSINKI, "--out", ""], "the name is empty"),
        (["score", HELSINKI, "--out", "  "], "the name is empty"),
        (["report", HELSINKI, "--out", "r.html", "--cards", ""], "the name is empty"),
        (["map", HELSINKI, "--out", "r.pdf"], "Write r.html, open it in a browser"),
        (["map", HELSINKI, "--out", "m.png"], "map.png of `score --out FOLDER`"),
        (["report", HELSINKI, "--out", "r.xlsx"], "--workbook r.xlsx"),
        (["help", "scor"], "There is no command 'scor'"),
        (["help", "checklist", "nix"], "list, show"),
    ],
)
def test_a_slip_is_answered_with_what_to_say(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in failed(run(*arguments))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["folder.html", "pipe.html"])
def test_an_output_that_is_no_file_is_said_before_the_work(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> None:
        pytest.fail("the work began")

    monkeypatch.setattr("quarterhour.sources.osm.read.read_osm", read)
    (tmp_path / "folder.html").mkdir()
    os.mkfifo(tmp_path / "pipe.html")
    assert "Cannot write" in failed(run("report", HELSINKI, "--out", tmp_path / target))


def test_help_as_a_word_is_the_help_of_the_command() -> None:
    for words in ([], ["score"], ["checklist"], ["checklist", "show"]):
        asked, usual = run("help", *words), run(*words, "--help")
        assert asked.exit_code == 0
        assert asked.stdout == usual.stdout


def test_every_option_of_the_question_reaches_the_assessment() -> None:
    assert list(usual_question()) == list(QUESTION)
    taken = set(inspect.signature(qh.assess).parameters)
    assert set(QUESTION) - set(TRANSLATED) <= taken


def test_the_checklist_follows_where_the_areas_lie(capsys: pytest.CaptureFixture[str]) -> None:
    here, there = points((116.4, 39.9), crs=4326), points((24.9, 60.2), crs=4326)
    assert chosen_checklist(here) == "beijing-2011"
    assert "Checklist beijing-2011, as the areas lie in mainland China" in capsys.readouterr().err
    assert chosen_checklist(there) == "sony-2024"
    assert "outside mainland China; --checklist names another" in capsys.readouterr().err
    assert chosen_checklist(gpd.GeoDataFrame(pd.concat([there, there, here]))) == "sony-2024"
    assert chosen_checklist(there.iloc[:0]) == "sony-2024"


def test_items_are_looked_for_in_the_list_that_is_asked(tmp_path: Path) -> None:
    town = run("score", *TOWN_OPTIONS, "--surveyed", "food_market", "--json", "--no-progress")
    assert json.loads(town.stdout)["manifest"]["parameters"]["surveyed"] == ["food_market"]
    wrong = CliRunner().invoke(cli, ["score", HELSINKI, "--surveyed", "food_market"])
    assert "sony-2024 has no item 'food_market'" in failed(wrong)
    right = CliRunner().invoke(cli, ["gaps", HELSINKI, "--surveyed", "healthcare", "--json"])
    assert right.exit_code == 0, right.stderr
    assert "sony-2024" in right.stderr
