"""quarterhour needs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from command_line import TOWN_OPTIONS, failed, run


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of needs, a list of demands in a Chinese encoding, and one of resources."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "needs.toml").write_text(
        '[elderly]\nrequired = ["health_station", "food_market"]\npace = "elderly"\n', "utf-8"
    )
    (folder / "需求.csv").write_text(
        "需求,社区,人数\n菜市场,松园,40\n磨刀,松园,12\n菜市场,无此地,3\n", "gb18030"
    )
    resources = pd.DataFrame({"单位": ["老张"], "可提供服务": ["磨刀、修伞"]})
    resources.to_excel(folder / "资源.xlsx", index=False)
    return folder


def test_groups_and_lists_are_told_and_written(lists: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["--groups", lists / "needs.toml", "--demands", lists / "需求.csv"]
    asked += ["--resources", lists / "资源.xlsx", "--out", out]
    result = run("needs", *TOWN_OPTIONS, *asked)
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        *("demands.csv", "group_areas.csv", "groups.csv", "lacking.csv"),
    ]
    demands = pd.read_csv(out / "demands.csv")
    assert demands["reason"].tolist()[1:] == ["no_supply", "no_such_area"]
    assert demands["resources"].tolist()[1] == "老张"
    assert "demands are met" in result.stdout
    assert "older people" in result.stdout
    machine = run("needs", *TOWN_OPTIONS, *asked[:-2], "--json")
    told = json.loads(machine.stdout)
    assert [row["need"] for row in told["demands"]] == ["菜市场", "磨刀", "菜市场"]
    assert told["groups"][0]["required"] == 2
    assert told["files"] == []


def test_cars_and_visits(tmp_path: Path) -> None:
    areas = tmp_path / "areas.csv"
    areas.write_text("名称,lon,lat,户数,自有车位\n甲,0.001,0.0001,100,20\n", "utf-8")
    places = tmp_path / "places.csv"
    places.write_text(
        "名称,lon,lat,清单项,车位数,服务周期\n"
        "车场,0.003,0.0001,public_parking,30,\n理发,0.002,0.0001,barber_shop,,每周五\n",
        "utf-8",
    )
    street = {"type": "LineString", "coordinates": [[0, 0], [0.01, 0]]}
    streets = tmp_path / "streets.geojson"
    streets.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": street}))
    tables = ["--areas", areas, "--facilities", places, "--network", streets, "--datum", "wgs84"]
    asked = ["--parking", "--cars-per-household", "0.6", "--period", "2026-11"]
    asked += ["--checklist", "beijing-2011"]
    result = run("needs", *tables, *asked, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    night = next(row for row in told["parking_areas"] if row["window"] == "night")
    assert (night["cars"], night["placed"], night["without"]) == (60, 30, 10)
    assert [row["at_least"] for row in told["visits"]] == [4]
    shown = run("needs", *tables, *asked).stdout
    assert "Cars and spaces" in shown
    assert "每周五" in shown


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "asks nothing"),
        (["--resources", "x.csv", "--parking"], "give --demands FILE as well"),
        (["--groups", "nowhere.toml"], "nowhere.toml"),
        (["--parking", "--period", "soon"], "give a month"),
    ],
)
def test_what_cannot_be_asked_is_said_before_the_work(asked: list[str], message: str) -> None:
    assert message in failed(run("needs", *TOWN_OPTIONS, *asked))
