"""quarterhour score: what it prints and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import Result

import quarterhour as qh
from command_line import FILES, HELSINKI, TOWN, TOWN_OPTIONS, failed, run
from quarterhour.cli.text import width
from quarterhour.outputs.walker_words import walker_words


@pytest.fixture(scope="module")
def helsinki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("helsinki") / "deep" / "out"
    return run("score", HELSINKI, "--progress", "--out", out), out


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("town") / "out"
    return run("score", *TOWN_OPTIONS, "--out", out), out


def test_score_of_an_extract_prints_a_summary_and_writes_the_files(
    helsinki: tuple[Result, Path],
) -> None:
    result, out = helsinki
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == FILES
    for said in (
        "Walking: adult, 1.25 m/s (4.50 km/h)",
        "Limit: 15 min (1,125 m)\n",
        "The extent is",
        "Areas: 31, each with 30 items",
        "residences: 90 of 90 in the score",
        "food_market",
        "food (wet) market",
        "Coverage of all items together",
        "What is missing",
        "Residents are spread over",
    ):
        assert said in result.stdout
    for name in FILES:
        assert str(out / name) in result.stdout
    assert "stage" not in result.stdout, "progress belongs on standard error"
    assert "OpenStreetMap: streets" in result.stderr


def test_the_files_agree_with_each_other_and_with_the_api(helsinki: tuple[Result, Path]) -> None:
    _, out = helsinki
    city = qh.read_osm(HELSINKI)
    homes = qh.origins(city.areas, city.buildings, city.gates)
    checklist = qh.Checklist.load("beijing-2011")
    card = qh.assess(city.areas, city.facilities, city.streets, checklist, origins=homes)
    results = pd.read_csv(out / "results.csv")
    expected = card.to_frame()
    assert results["status"].tolist() == expected["status"].tolist()
    assert results["item"].tolist() == expected["item"].tolist()
    assert len(pd.read_csv(out / "summary.csv")) == len(city.areas)
    assert len(pd.read_csv(out / "gaps.csv")) == (results["status"] == "unmet").sum()
    coverage = pd.read_csv(out / "coverage.csv")
    last = coverage[coverage["measure"] == "item"].iloc[0]
    assert last["numerator"] == (results["status"] == "met").sum()
    assert last["unknown"] == (results["status"] == "unknown").sum()
    areas = gpd.read_file(out / "areas.gpkg")
    assert areas.crs == city.areas.crs
    assert gpd.read_file(out / "areas.geojson").crs.to_epsg() == 4326
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"]["speed_m_s"] == 1.25
    assert manifest["inputs"]["network"]["osm_timestamp"].startswith("2019-04-21")
    assert (out / "map.png").read_bytes().startswith(b"\x89PNG")


def test_score_of_tables_equals_the_truth_of_the_synthetic_town(town: tuple[Result, Path]) -> None:
    result, out = town
    assert result.exit_code == 0, result.stderr
    truth = pd.read_csv(TOWN / "truth.csv").set_index(["compound", "item"])
    results = pd.read_csv(out / "results.csv")
    names = pd.read_csv(out / "summary.csv", index_col=0)["name"]
    found = results.assign(compound=results["area"].map(names)).set_index(["compound", "item"])
    found = found.reindex(truth.index)
    assert len(found) == 360
    wrong = found["status"] != truth["status"]
    assert not wrong.any(), found[wrong]
    assert (found["reason"] == truth["reason"]).all()
    assert "Yunhe Jiayuan" in result.stdout
    assert "32,400" in result.stdout
    assert "residents within the limit" in result.stdout


def test_columns_line_up_under_their_headings(town: tuple[Result, Path]) -> None:
    lines = town[0].stdout.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("Areas: ")) + 1
    rows = lines[first : first + 13]
    assert len({width(row) for row in rows}) == 1, "right-aligned columns end together"
    first = next(i for i, line in enumerate(lines) if line.startswith("Items of ")) + 1
    assert len({width(row) for row in lines[first : first + 31]}) == 1


def test_a_table_takes_the_place_of_what_is_in_the_extract(tmp_path: Path) -> None:
    areas = tmp_path / "mine.geojson"
    table = qh.read_osm(HELSINKI).areas.to_crs(4326).iloc[[0, 1]]
    gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=table.geometry.array, crs=4326).to_file(areas)
    result = run("score", HELSINKI, "--areas", areas)
    assert result.exit_code == 0, result.stderr
    assert "Areas: 2, each with 30 items" in result.stdout
    assert "Written" not in result.stdout
    assert "Buildings and gates are those of the extract." in result.stdout


def test_the_options_reach_the_assessment(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(
        *("score", HELSINKI, "--origins-at", "point", "--speed-kmh", "3", "--quota", "0.8"),
        *("--surveyed", "food_market", "--surveyed", "pharmacy", "--no-progress", "--out", out),
    )
    assert result.exit_code == 0, result.stderr
    assert "adult, 0.83 m/s (3.00 km/h)" in result.stdout
    assert "at least 80% of" in result.stdout
    assert "OpenStreetMap: streets" not in result.stderr
    parameters = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["parameters"]
    assert parameters["surveyed"] == ["food_market", "pharmacy"]
    assert parameters["origins_at"] == "point"


def test_nothing_is_written_where_the_last_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "map.png")

    monkeypatch.setattr("quarterhour.outputs.figures.figures.plot_items_met", fail)
    result = run("score", HELSINKI, "--out", tmp_path / "out")
    assert "map.png: No space left on device" in failed(result)
    assert list(tmp_path.iterdir()) == []


def test_score_tells_machines_the_same() -> None:
    result = run("score", HELSINKI, "--json", "--no-progress")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    city = qh.read_osm(HELSINKI)
    assert [row["area"] for row in told["areas"]] == list(city.areas.index)
    assert len(told["results"]) == len(city.areas) * 30
    assert told["areas"][0]["residents"] is None, "no number is null, not NaN"
    assert told["coverage"][-1]["measure"] == "item"
    assert told["manifest"]["parameters"]["quota"] == 0.5
    assert told["files"] == []


def test_when_and_what_counts_reaches_the_assessment() -> None:
    options = ["--mode", "facility", "--contracted-only"]
    said = failed(run("score", *TOWN_OPTIONS, *options))
    assert "contracted" in said
    result = run("score", *TOWN_OPTIONS, "--mode", "facility", "--json", "--no-progress")
    told = json.loads(result.stdout)
    assert told["manifest"]["parameters"]["mode"] == "facility"
    assert "implied_by_host" not in {row["reason"] for row in told["results"]}
    result = run("gaps", *TOWN_OPTIONS, "--mode", "facility", "--no-progress")
    assert "Counted: places of their own only" in result.stdout
    result = run("score", HELSINKI, "--at", "2026-11-24 03:00", "--json", "--no-progress")
    told = json.loads(result.stdout)
    assert told["manifest"]["parameters"]["at"] == "2026-11-24 03:00"
    assert {"hours_unknown", "not_in_service"} & {row["reason"] for row in told["results"]}


def test_who_walks_is_said_with_what_is_closed_to_them(tmp_path: Path) -> None:
    shares = {}
    for walker in ("adult", "wheelchair"):
        out = tmp_path / walker
        result = run("score", HELSINKI, "--pace", walker, "--no-progress", "--out", out)
        assert result.exit_code == 0, result.stderr
        parameters = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["parameters"]
        assert parameters["pace"] == str(qh.profile(walker))
        assert f"Walking: {walker_words(qh.profile(walker), 'en')}, from" in result.stdout
        closed = parameters["closed_streets"]
        pieces = f"Closed to this walker: {closed['edges']:,} pieces of street"
        assert (pieces in result.stdout) == (walker == "wheelchair")
        assert (closed["metres"] > 0) == (walker == "wheelchair")
        table = pd.read_csv(out / "coverage.csv").set_index(["measure", "item"])
        shares[walker] = table.loc[("item", "all"), "numerator"]
    assert shares["wheelchair"] < shares["adult"]


def test_what_if(tmp_path: Path) -> None:
    plan = qh.Scenario(
        [qh.CloseFacility("惠民菜市场"), qh.ChangeItem("pharmacy", {"limit_minutes": 6})]
    )
    path = plan.save(tmp_path / "plan.json")
    told = json.loads(run("score", *TOWN_OPTIONS, "--scenario", path, "--json").stdout)
    assert [one["properties"]["change"] for one in told["manifest"]["scenario"]] == [
        "close_facility",
        "change_item",
    ]
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    assert "is no GeoJSON" in failed(run("score", "--scenario", tmp_path / "bad.json"))
