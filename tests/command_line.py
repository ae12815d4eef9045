"""What the tests of the command line share: how it is run, and the samples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
from click.testing import CliRunner, Result

from quarterhour.cli.main import cli

ROOT = Path(__file__).parents[1]
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
    *("areas.geojson", "areas.gpkg", "asked.zip", "coverage.csv", "gaps.csv", "manifest.json"),
    *("map.png", "matches.csv", "results.csv", "summary.csv"),
]


ALSO_WRITES = {"report", "map"}
"""Commands whose --lang is also that of a page."""

ASK_BEIJING = {"score", "report", "gaps", "site", "sure", "coverage", "links", "audit", "map"}


def run(*arguments: object) -> Result:
    """Run a command, which speaks English unless another language is asked for.

    Helsinki is asked the annex of Beijing, whose items the tests name.
    """
    words = [str(argument) for argument in arguments]
    if HELSINKI in words and words[0] in ASK_BEIJING and "--checklist" not in words:
        words += ["--checklist", "beijing-2011"]
    command = cli.commands.get(words[0])
    takes = command is not None and any(one.name == "lang" for one in command.params)
    if takes and words[0] not in ALSO_WRITES and "--lang" not in words:
        words[1:1] = ["--lang", "en"]
    return CliRunner().invoke(cli, words)


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
