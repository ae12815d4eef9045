"""The command line: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import click
import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import quarterhour as qh
from quarterhour.cli.demo import find_samples
from quarterhour.cli.fetch import point_of
from quarterhour.cli.main import cli
from quarterhour.cli.options import WALKERS
from quarterhour.cli.text import (
    area_lines,
    bullet_lines,
    count_text,
    fitted,
    gap_lines,
    scorecard_lines,
    table_text,
    width,
)

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"
HELSINKI = str(SAMPLES / "helsinki.osm.pbf")
TOWN = SAMPLES / "new-town"
TOWN_FACILITIES = ["--facilities", str(TOWN / "amap_poi.csv"), "--facilities-datum", "gcj02"]
TOWN_OPTIONS = [
    *("--areas", str(TOWN / "compounds.geojson"), "--buildings", str(TOWN / "buildings.geojson")),
    *("--gates", str(TOWN / "gates.geojson"), "--network", str(TOWN / "streets.osm")),
    *TOWN_FACILITIES,
    *("--datum", "wgs84"),
]
FILES = [
    *("areas.geojson", "areas.gpkg", "coverage.csv", "gaps.csv", "manifest.json", "map.png"),
    *("matches.csv", "results.csv", "summary.csv"),
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def failed(result: Result) -> str:
    """The one line that a failure gives, and nothing else."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert "Traceback" not in result.stderr
    return errors[0]


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [path]
    for name, command in group.commands.items():
        inner = (*path, name)
        found += commands(command, inner) if isinstance(command, click.Group) else [inner]
    return found


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def helsinki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("helsinki") / "deep" / "out"
    return run("score", HELSINKI, "--out", out), out


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("town") / "out"
    return run("score", *TOWN_OPTIONS, "--out", out), out


# Speed and side effects


def test_help_answers_within_a_second() -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        process = python("from quarterhour.cli.main import main; main()", "--help")
        out, _ = process.communicate(timeout=60)
        times.append(time.perf_counter() - start)
        assert process.returncode == 0
        assert "isochrones" in out
    assert min(times) < 1.0


@pytest.mark.parametrize("module", ["quarterhour", "quarterhour.cli.main"])
def test_importing_is_cheap_and_has_no_side_effect(module: str) -> None:
    code = f"""
import logging, sys, warnings
before = (logging.root.level, list(logging.root.handlers), list(warnings.filters))
import {module}
assert (logging.root.level, list(logging.root.handlers), list(warnings.filters)) == before
heavy = ["osmnx", "matplotlib", "numba", "geopandas", "pandas", "numpy", "osmium", "networkx"]
print([name for name in heavy if name in sys.modules])
"""
    process = python(code)
    out, err = process.communicate(timeout=60)
    assert out.strip() == "[]", err


def test_a_whole_run_leaves_logging_and_pyplot_alone() -> None:
    code = f"""
import logging, sys
before = (logging.root.level, list(logging.root.handlers))
from click.testing import CliRunner
from quarterhour.cli.main import cli
result = CliRunner().invoke(cli, ["isochrones", {HELSINKI!r}, "--lon", "24.9414", "--lat", "60.17",
    "--method", "fast"])
assert result.exit_code == 0, result.output
assert (logging.root.level, list(logging.root.handlers)) == before
print([name for name in ("osmnx", "matplotlib") if name in sys.modules])
"""
    process = python(code)
    out, err = process.communicate(timeout=120)
    assert out.strip() == "[]", err


# Help


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    example = result.stdout.split("Example")[1]
    assert f"quarterhour {' '.join(path)}".strip() in example
    documented = result.stdout.split("Options:")[0].strip().splitlines()
    assert len(documented) >= 3, "usage, and a sentence that says what it does"


def test_every_option_has_help() -> None:
    for path in commands():
        command: click.Command = cli
        for name in path:
            assert isinstance(command, click.Group)
            command = command.commands[name]
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{path} {option.name}"


def test_the_version_is_told() -> None:
    assert run("--version").stdout.strip() == f"quarterhour, version {qh.__version__}"


# score


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
        "Pääskynen",
        "food_market",
        "菜市场",
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
    assert "云河家园" in result.stdout
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
    assert "at least 80 %" in result.stdout
    assert "OpenStreetMap: streets" not in result.stderr
    parameters = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["parameters"]
    assert parameters["surveyed"] == ["food_market", "pharmacy"]
    assert parameters["origins_at"] == "point"


def test_long_tables_are_cut_and_say_so() -> None:
    card = _card()
    n = len(card.areas)
    assert f"  … and {n - 5} more, see summary.csv" in area_lines(card, shown=5)
    assert area_lines(card, shown=5)[0].startswith(f"Areas: {n}, ")
    assert any(line.endswith("more, see gaps.csv") for line in gap_lines(card, shown=3))
    assert not any("more, see" in line for line in area_lines(card, shown=n))


def test_limits_that_differ_are_counted() -> None:
    changes = {"pharmacy": {"limit_minutes": 10}, "eatery": {"limit_minutes": None, "limit_m": 300}}
    checklist = qh.Checklist.load("beijing-2011").override(changes)
    city = qh.read_osm(HELSINKI)
    card = qh.assess(city.areas, city.facilities, city.streets, checklist)
    line = "Limit: 15 min (1,125 m) for 28 items; 300 m for 1 item; 10 min (750 m) for 1 item"
    assert line in scorecard_lines(card)


def test_notes_come_first_and_only_once() -> None:
    lines = scorecard_lines(_card(), ["One thing.", "One thing."])
    assert lines[0] == "What the data say of themselves"
    assert lines.count("  * One thing.") == 1


@cache
def _card() -> qh.Scorecard:
    city = qh.read_osm(HELSINKI)
    return qh.assess(city.areas, city.facilities, city.streets, qh.Checklist.load("beijing-2011"))


# Failures


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score"], "Nothing to read"),
        (["score", "--areas", str(TOWN / "compounds.geojson")], "--facilities, --network"),
        (["score", "nowhere.osm.pbf"], "There is no file nowhere.osm.pbf"),
        (["score", HELSINKI, "--checklist", "beijing"], "There is no checklist 'beijing'"),
        (["score", HELSINKI, "--checklist", "no.toml"], "no.toml"),
        (["score", HELSINKI, "--quota", "0"], "quota=0"),
        (["score", HELSINKI, "--speed-kmh", "45"], "--speed-kmh 45"),
        (["score", HELSINKI, "--walker", "runner"], "'wheelchair'"),
        (["isochrones", HELSINKI, "--walker", "runner"], "'wheelchair'"),
        (["score", HELSINKI, "--surveyed", "cinema"], "cinema"),
        (
            ["score", HELSINKI, "--areas", str(TOWN / "compounds.geojson")],
            "On the command line: --datum",
        ),
        (
            ["score", HELSINKI, "--areas", str(TOWN / "compounds.geojson"), "--datum", "wgs84"],
            "None of the 12 areas lies on the street network",
        ),
        (
            ["score", str(TOWN / "streets.osm"), *TOWN_FACILITIES],
            "There is no residential area to assess",
        ),
        (["isochrones", str(TOWN / "streets.osm")], "maps no residential area"),
        (["isochrones", HELSINKI, "--lon", "24.9"], "in pairs"),
        (["isochrones", HELSINKI, "--lon", "24.9", "--lat", "0.5"], "street"),
        (["isochrones", HELSINKI, "--minutes", "5;10"], "--minutes"),
        (["isochrones", HELSINKI, "--out", "rings.shp"], "rings.shp"),
        (["isochrones", "nowhere.npz", "--lon", "24.9", "--lat", "60.2"], "There is no file"),
        (["isochrones", str(ROOT / "pyproject.toml")], "From where?"),
        (
            ["isochrones", HELSINKI, "--lon", "1", "--lat", "1", "--origins", HELSINKI],
            "not both",
        ),
        (["checklist", "show", "beijing"], "There is no checklist 'beijing'"),
        (["score", HELSINKI, "--at", "teatime"], "teatime"),
        (["map", HELSINKI, "--out", "map.png"], "has to end in .html"),
        (["map", HELSINKI, "--out", "map.html", "--minutes", "5;10"], "--minutes"),
        (["report", HELSINKI, "--out", "report.pdf"], "has to end in .html"),
        (["report", HELSINKI, "--out", "a.html", "--workbook", "a.csv"], "has to end in .xlsx"),
        (["report", HELSINKI, "--out", "a.html", "--cards", "a.html"], "have the same name"),
        (["gaps", HELSINKI, "--out", "gaps.xlsx"], "has to end in .csv"),
        (["gaps", "nowhere.osm.pbf"], "There is no file nowhere.osm.pbf"),
        (["demo", "--samples", "nowhere"], "The samples are not in nowhere"),
    ],
    ids=lambda value: " ".join(map(str, value))[-40:] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if arguments[0] == "score":
        arguments = [*arguments, "--out", str(tmp_path / "out")]
    assert said in failed(run(*arguments))
    assert list(tmp_path.iterdir()) == [], "nothing may be left behind"


def test_a_truncated_extract_is_said(tmp_path: Path) -> None:
    part = tmp_path / "part.osm.pbf"
    part.write_bytes(Path(HELSINKI).read_bytes()[:300_000])
    assert "part.osm.pbf" in failed(run("score", part, "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_an_output_folder_that_cannot_be_written_is_said_before_the_work(
    below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> None:
        pytest.fail("the work began")

    monkeypatch.setattr("quarterhour.sources.osm.read.read_osm", read)
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    for command in (["score", HELSINKI], ["demo"]):
        assert "Cannot write to the folder" in failed(run(*command, "--out", taken / below))
    assert "Cannot write" in failed(run("score", HELSINKI, "--out", "/proc/quarterhour"))
    rings = ["isochrones", HELSINKI, "--lon", "24.94", "--lat", "60.17", "--out"]
    assert "Cannot write" in failed(run(*rings, taken / "rings.gpkg"))
    assert taken.read_text() == "a file, not a folder"


def test_nothing_is_written_where_the_last_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "map.png")

    monkeypatch.setattr("quarterhour.outputs.figures.figures.plot_completeness", fail)
    result = run("score", HELSINKI, "--out", tmp_path / "out")
    assert "map.png: No space left on device" in failed(result)
    assert list(tmp_path.iterdir()) == []


def test_warnings_are_one_line_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("checklist", "show", "xuzhou-2017")
    assert result.exit_code == 0
    lines = [line for line in result.stderr.splitlines() if line]
    assert all(line.startswith("Warning: ") for line in lines)


def test_an_interrupt_ends_in_130_and_one_line(tmp_path: Path) -> None:
    code = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # nohup and & hand down "ignore"
import quarterhour.sources.osm.read
def slow(*_, **__):
    print("working", file=sys.stderr, flush=True)
    time.sleep(60)
quarterhour.sources.osm.read.read_osm = slow
from quarterhour.cli.main import main
main()
"""
    process = python(code, "score", HELSINKI, "--out", str(tmp_path / "out"))
    assert process.stderr is not None
    while "working" not in process.stderr.readline():
        assert process.poll() is None
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip().splitlines() == ["Interrupted; nothing was written."]
    assert out == ""
    assert list(tmp_path.iterdir()) == []


# map, report, gaps


def test_the_map_is_one_file_that_asks_no_host(tmp_path: Path) -> None:
    pytest.importorskip("maplibre")
    out = tmp_path / "new" / "map.html"
    options = ["--no-tiles", "--no-isochrones", "--lang", "en", "--title", "Helsinki centre"]
    result = run("map", HELSINKI, "--out", out, *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"Written: {out}\n"
    text = out.read_text(encoding="utf-8")
    assert "Helsinki centre" in text
    assert "tile.openstreetmap.org" not in text


def test_the_report_and_what_goes_with_it(tmp_path: Path) -> None:
    names = ["report.html", "cards.html", "town.xlsx", "town.gpkg", "town.parquet"]
    files = [tmp_path / "out" / name for name in names]
    flags = ["--out", "--cards", "--workbook", "--geopackage", "--geoparquet"]
    asked = [word for pair in zip(flags, files, strict=True) for word in pair]
    result = run("report", *TOWN_OPTIONS, *asked, "--lang", "both", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {"files": [str(path) for path in files]}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(names)
    page = files[0].read_text(encoding="utf-8")
    assert "云河家园" in page
    assert "Yunhe Jiayuan" in page
    assert len(gpd.read_file(files[3], layer="areas")) == 12


def test_nothing_is_delivered_where_the_last_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "town.gpkg")

    monkeypatch.setattr("quarterhour.outputs.files.exports.write_geopackage", fail)
    files = ["--out", tmp_path / "out" / "a.html", "--geopackage", tmp_path / "out" / "a.gpkg"]
    assert "No space left" in failed(run("report", HELSINKI, *files))
    assert list(tmp_path.iterdir()) == []


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


# The other commands


def test_the_checklists_are_listed() -> None:
    result = run("checklist", "list")
    assert result.exit_code == 0
    for key in qh.checklists().index:
        assert key in result.stdout


def test_a_checklist_is_shown_in_the_order_of_its_source() -> None:
    result = run("checklist", "show", "beijing-2011")
    checklist = qh.Checklist.load("beijing-2011")
    lines = [f"{n:>4}  {item.zh}  {item.key}\n" for n, item in enumerate(checklist, 1)]
    places = [result.stdout.index(line) for line in lines]
    assert places == sorted(places)
    assert "Lines: 1 + 2 + 3 + 4 + 5 + 6 + 9 = 30\n" in result.stdout
    assert all(item.en in result.stdout for item in checklist)
    assert [result.stdout.index(group.zh) for group in checklist.groups]
    assert checklist.citation in result.stdout


def test_isochrones_are_written_and_nested(tmp_path: Path) -> None:
    out = tmp_path / "new" / "rings.gpkg"
    point = ["--lon", "24.9414", "--lat", "60.1719"]
    result = run("isochrones", HELSINKI, *point, "--minutes", "10, 5", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "24.9414, 60.1719" in result.stdout
    rings = gpd.read_file(out)
    assert rings["minutes"].tolist() == [5, 10]
    assert rings["area_m2"].is_monotonic_increasing
    assert rings.crs.to_epsg() == 4326
    assert f"{rings['area_m2'].iloc[0] / 10_000:,.1f}" in result.stdout


def test_the_walkers_are_those_of_the_library() -> None:
    assert list(WALKERS) == qh.profiles()["name"].tolist()


def test_who_walks_is_said_with_what_is_closed_to_them(tmp_path: Path) -> None:
    shares = {}
    for walker in ("adult", "wheelchair"):
        out = tmp_path / walker
        result = run("score", HELSINKI, "--walker", walker, "--no-progress", "--out", out)
        assert result.exit_code == 0, result.stderr
        parameters = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["parameters"]
        assert parameters["pace"] == str(qh.profile(walker))
        assert f"Walking: {qh.profile(walker)}, from" in result.stdout
        closed = parameters["closed_streets"]
        pieces = f"Closed to this walker: {closed['edges']:,} pieces of street"
        assert (pieces in result.stdout) == (walker == "wheelchair")
        assert (closed["metres"] > 0) == (walker == "wheelchair")
        table = pd.read_csv(out / "coverage.csv").set_index(["measure", "item"])
        shares[walker] = table.loc[("item", "all"), "numerator"]
    assert shares["wheelchair"] < shares["adult"]


def test_isochrones_of_several_walkers(tmp_path: Path) -> None:
    out = tmp_path / "rings.gpkg"
    point = ["--lon", "24.9414", "--lat", "60.1719", "--minutes", "10", "--out", out]
    walkers = ["--walker", "planning-cn", "--walker", "wheelchair", "--walker", "wheelchair"]
    result = run("isochrones", HELSINKI, *point, *walkers)
    assert result.exit_code == 0, result.stderr
    rings = gpd.read_file(out)
    names = ["planning-cn", "wheelchair"]
    assert rings["pace"].tolist() == [str(qh.profile(name)) for name in names]
    for name in names:
        assert f"Walking from: {qh.profile(name)};" in result.stdout
    assert result.stdout.count("Closed to this walker: ") == 1
    faster = run("isochrones", HELSINKI, *point, *walkers[:2], "--speed-kmh", "4.2")
    assert "planning-cn, 1.17 m/s (4.20 km/h)" in faster.stdout
    assert gpd.read_file(out)["area_m2"].iloc[0] > rings["area_m2"].iloc[0]


def test_bash_completes_commands_options_and_walkers() -> None:
    bash, program = shutil.which("bash"), Path(sys.executable).with_name("quarterhour")
    if bash is None or not program.exists():
        pytest.skip("needs bash, and the command installed beside this Python")
    script = f"""
    PATH={program.parent}:$PATH
    eval "$(_QUARTERHOUR_COMPLETE=bash_source quarterhour)"
    for words in "quarterhour ch" "quarterhour score --wal" "quarterhour score --walker w"; do
        COMPREPLY=() COMP_WORDS=($words) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _quarterhour_completion quarterhour
        echo "${{COMPREPLY[*]}}"
    done
    """
    command = [bash, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.splitlines() == ["checklist", "--walker", "wheelchair"]


def test_isochrones_of_a_table_on_a_saved_network(tmp_path: Path) -> None:
    saved = qh.read_osm(HELSINKI).streets.save(tmp_path / "helsinki.npz")
    table = tmp_path / "homes.csv"
    table.write_text("name,lon,lat\nstation,24.9414,60.1719\nfar,25.4,60.4\n", encoding="utf-8")
    out = tmp_path / "rings.geojson"
    options = ["--origins", table, "--method", "fast", "--direction", "to", "--out", out]
    result = run("isochrones", saved, *options)
    assert result.exit_code == 0, result.stderr
    assert "Walking to: adult" in result.stdout
    assert "station" in result.stdout
    assert "not snapped" in result.stdout
    assert gpd.read_file(out).crs.to_epsg() == 4326


def test_isochrones_of_the_areas_of_an_extract() -> None:
    result = run("isochrones", HELSINKI, "--minutes", "5", "--method", "fast")
    assert result.exit_code == 0, result.stderr
    assert "Pääskynen" in result.stdout


@pytest.mark.parametrize(
    ("place", "asked"), [("Kamppi, Helsinki", "Kamppi, Helsinki"), ("24.9, 60.1", (24.9, 60.1))]
)
def test_fetch_asks_for_the_place(
    place: str, asked: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, dict[str, object]]] = []

    def fetch(what: object, out: Path, **options: object) -> Path:
        calls.append((what, options))
        return out

    monkeypatch.setattr("quarterhour.sources.osm.overpass.fetch", fetch)
    out = tmp_path / "place.osm.pbf"
    url = ["--overpass-url", "http://localhost:1/api"]
    result = run("fetch", place, "--out", out, "--distance-m", "800", *url)
    assert result.exit_code == 0, result.stderr
    assert "© OpenStreetMap contributors" in result.stdout
    what, options = calls[0]
    assert what == asked
    assert options["distance_m"] == 800
    assert options["margin_m"] == 1500
    assert getattr(options["servers"], "overpass_url") == "http://localhost:1/api"  # noqa: B009


def test_fetch_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert "Cannot write" in failed(run("fetch", "Kamppi", "--out", tmp_path / "taken" / "k.osm"))


def test_a_place_is_a_name_or_a_point() -> None:
    assert point_of("东城区, 北京") == "东城区, 北京"
    assert point_of("116.4,39.9") == (116.4, 39.9)
    assert point_of("1,2,3") == "1,2,3"


# The demo


def test_the_demo_shows_both_samples_and_lists_what_it_wrote(tmp_path: Path) -> None:
    result = run("demo", "--out", tmp_path / "demo", "--pictures", tmp_path / "pictures")
    assert result.exit_code == 0, result.stderr
    for folder in ("helsinki", "new-town"):
        written = sorted(path.name for path in (tmp_path / "demo" / folder).iterdir())
        assert written == sorted([*FILES, "map.html", "report.html"])
        for name in written:
            assert str(tmp_path / "demo" / folder / name) in result.stdout
        picture = tmp_path / "pictures" / f"{folder}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 400_000
    table = result.stdout.split("== Both samples")[1]
    areas = len(pd.read_csv(tmp_path / "demo" / "helsinki" / "summary.csv"))
    assert f"helsinki ({areas})" in table
    assert "new-town (12)" in table
    assert "菜市场" in table
    counted = next(line for line in table.splitlines() if "all items" in line)
    numbers = [int(word) for word in counted.split()[2:]]
    assert sum(numbers[:3]) == areas * 30
    assert sum(numbers[3:]) == 12 * 30


def test_the_samples_are_found_below_the_working_folder_or_beside_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert find_samples(None) == Path("data/samples")
    monkeypatch.chdir(tmp_path)
    assert find_samples(None) == SAMPLES
    assert find_samples(SAMPLES) == SAMPLES


def test_an_installed_package_brings_its_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "quarterhour"
    (package / "cli").mkdir(parents=True)
    monkeypatch.setattr("quarterhour.cli.demo.__file__", str(package / "cli" / "demo.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(qh.QuarterhourError, match=r"not in .*samples: helsinki\.osm\.pbf and"):
        find_samples(None)
    (package / "samples").symlink_to(SAMPLES)
    assert find_samples(None) == package / "samples"


# Text


def test_chinese_characters_count_twice() -> None:
    assert width("菜市场") == 6
    assert width("a\u0301") == 1, "a combining accent takes no column"
    rows = table_text([["地点", "x"], ["a", "10"]])
    assert [width(row) for row in rows] == [width(rows[0])] * 2


def test_texts_are_cut_to_their_columns() -> None:
    for columns in range(2, 12):
        assert width(fitted("社区卫生服务站", columns)) <= columns
    assert fitted("short", 5) == "short"


def test_counts_and_bullets() -> None:
    assert count_text(1234.4) == "1,234"
    assert bullet_lines(["a", "b", "a"]) == ["  * a", "  * b"]


def test_the_public_words_are_those_of_the_command_line() -> None:
    words = {"isochrones", "score", "demo", "fetch", "checklist", "map", "report", "gaps"}
    assert words <= set(cli.commands)
    options = {option.name for option in cli.commands["score"].params}
    assert options >= set(inspect.signature(qh.assess).parameters) - {"origins", "pace"}
