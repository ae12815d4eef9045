"""The command line as a whole: it is fast, has help, and fails in a sentence."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import click
import pytest

import quarterhour as qh
from command_line import HELSINKI, ROOT, TOWN, TOWN_FACILITIES, commands, failed, python, run
from quarterhour.cli.main import cli


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
        (["score", HELSINKI, "--pace", "runner"], "'wheelchair'"),
        (["isochrones", HELSINKI, "--pace", "runner"], "'wheelchair'"),
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
        (["isochrones", HELSINKI, "--out", "rings.dxf"], "rings.dxf"),
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
        (["map", HELSINKI, "--out", "map.pdf"], "open it in a browser and print it"),
        (["report", HELSINKI, "--out", "report.docx"], "has to end in .html"),
        (["report", HELSINKI, "--out", "a.xlsx"], "--workbook a.xlsx"),
        (["report", HELSINKI, "--out", "a.html", "--cards", "a.xlsx"], "has to end in .html"),
        (["score", HELSINKI, "--out", "a.html"], "name the folder a."),
        (["demo", "--out", "a.pdf"], "name the folder a."),
        (["demo", "--pictures", "a.png"], "--pictures a.png: several files"),
        (["site", HELSINKI, "--item", "pharmacy", "--out", "a.html"], "name the folder a."),
        (["circles", HELSINKI, "--out", "a.html"], "name the folder a."),
        (["links", HELSINKI, "--out", "a.geojson"], "name the folder a."),
        (["audit", HELSINKI, "--out", "a.csv"], "name the folder a."),
        (["split", HELSINKI, "--out", "a.parquet"], "name the folder a."),
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
    if arguments[0] == "score" and "--out" not in arguments:
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
