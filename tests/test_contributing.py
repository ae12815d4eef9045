"""What somebody who picks the project up is told is there, and what public CI tries."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import tried

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLACES = re.findall(r"`((?:src|tests|docs|data)/[\w./-]+)`", GUIDE)


@pytest.mark.parametrize("place", sorted(set(PLACES)))
def test_a_place_that_is_named_exists(place: str) -> None:
    assert (ROOT / place).exists()


def test_every_kind_of_addition_has_a_place() -> None:
    told = GUIDE[GUIDE.index("## The one place") : GUIDE.index("## How it is written")]
    rows = [row.split("|") for row in told.splitlines() if row.startswith("| a")]
    named = " ".join(row[1] for row in rows)
    for kind in ("status", "option", "output", "command", "standard", "source"):
        assert kind in named
    assert all("`" in row[2] and "`tests/" in row[3] for row in rows)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("QUESTION", "src/quarterhour/cli/options.py"),
        ("LOOKS", "src/quarterhour/outputs/looks.py"),
        ("_HOME", "src/quarterhour/__init__.py"),
    ],
)
def test_a_table_that_is_named_stands_in_its_file(name: str, file: str) -> None:
    assert f"`{name}` in `{file}`" in GUIDE
    assert re.search(rf"^{name}\b.* = ", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_public_ci_tries_every_python_that_is_promised_on_three_systems() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = project["requires-python"].removeprefix(">=")
    (versions,) = re.findall(r"python: \[(.*)\]", workflow)
    assert re.findall(r"3\.\d+", versions)[0] == lowest
    for system in ("ubuntu", "macos", "windows"):
        line = f'{{os: {system}-latest, python: "{lowest}", dependencies: lowest}}'
        assert line in workflow


def test_who_reports_a_fault_is_asked_for_the_version_and_the_manifest() -> None:
    for form in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"):
        text = form.read_text(encoding="utf-8")
        assert "quarterhour --version" in text
        assert "manifest" in text


def test_the_citation_names_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    source = (ROOT / "src" / "quarterhour" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"', source, re.MULTILINE)
    assert version is not None
    assert f"version: {version[1]}\n" in citation


def test_files_that_begin_first_are_there() -> None:
    here = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert set(tried.LONGEST) <= here
