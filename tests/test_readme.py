"""The README: its code runs as printed, its links lead somewhere, its picture is small."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def test_there_are_twelve_lines_of_python() -> None:
    assert len(CODE) == 1
    assert len([line for line in CODE[0].splitlines() if line.strip()]) == 12


def test_the_code_runs_as_printed(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")  # what it writes stays out of the checkout
    command = [sys.executable, "-c", CODE[0]]
    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "<Scorecard: " in done.stdout
    assert "completeness" in done.stdout
    assert "area_m2" in done.stdout
    assert (tmp_path / "out" / "helsinki" / "areas.gpkg").is_file()


@pytest.mark.parametrize(
    "said",
    [
        "make demo",
        "make test",
        "pip install .",
        "MIT licence",
        "OpenStreetMap contributors",
        "ODbL",
    ],
)
def test_what_a_newcomer_needs_is_said(said: str) -> None:
    if said == "ODbL":
        said = "Open Database License"
    assert said in README


def test_the_commands_of_the_readme_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^make (\w+)", README, flags=re.MULTILINE)
    assert targets == ["demo", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
    local = [link for link in links if not link.startswith("http")]
    assert len(local) > 4
    missing = [link for link in local if not (ROOT / link).exists()]
    assert missing == []


def test_the_picture_is_small() -> None:
    picture = ROOT / re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)[0]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 400_000


def test_every_status_and_reason_is_explained() -> None:
    from quarterhour.scorecard import REASONS, STATUSES  # noqa: PLC0415 - after the text

    for word in (*STATUSES, *REASONS):
        assert word in README
