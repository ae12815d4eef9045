"""The READMEs, English and Chinese: code runs as printed, links lead somewhere, same commands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from quarterhour.scoring.scorecard import REASONS, STATUSES

ROOT = Path(__file__).parents[1]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")
both = pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])


def blocks(text: str, language: str) -> list[str]:
    fence = rf"^```{language}\n(.*?)^```"
    return re.findall(fence, text, flags=re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[str]:
    """The commands, without their comments and but for the language of what they write."""
    lines = "".join(blocks(text, "sh")).splitlines()
    return [re.sub(r" *#.*| --lang \w+", "", line) for line in lines]


def code_of(text: str) -> str:
    """The Python, without its comments and but for the language of what it says."""
    return re.sub(r" *#.*|lang=\"\w+\"", "", "".join(blocks(text, "python")))


def test_there_are_a_dozen_lines_of_python_and_both_languages_have_the_same() -> None:
    first, then = blocks(ENGLISH, "python")
    assert len([line for line in first.splitlines() if line.strip()]) == 12
    assert len([line for line in then.splitlines() if line.strip()]) == 6
    assert code_of(CHINESE) == code_of(ENGLISH)


def test_both_languages_have_the_same_commands() -> None:
    assert len(commands(ENGLISH)) >= 10
    assert commands(CHINESE) == commands(ENGLISH)


def test_both_languages_have_the_same_parts() -> None:
    for part in (r"^## ", r"^\| ", r"^- ", r"^!\["):
        found = [len(re.findall(part, text, re.MULTILINE)) for text in (ENGLISH, CHINESE)]
        assert found[0] == found[1], part


def test_the_code_runs_as_printed(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")  # what it writes stays out of the checkout
    command = [sys.executable, "-c", "".join(blocks(ENGLISH, "python"))]
    done = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "items_met_share" in done.stdout
    assert "area_m2" in done.stdout
    assert (tmp_path / "out" / "helsinki" / "areas.gpkg").is_file()
    report = (tmp_path / "out" / "helsinki" / "report.html").read_text(encoding="utf-8")
    assert "体检报告" in report
    plans = (tmp_path / "out" / "helsinki" / "plans.html").read_text(encoding="utf-8")
    assert "What is changed" in plans


@both
@pytest.mark.parametrize(
    "said",
    ["make demo", "make test", "pip install ", "OpenStreetMap contributors", "Open Database Licen"],
)
def test_what_a_newcomer_needs_is_said(text: str, said: str) -> None:
    assert said in text


def test_the_commands_of_the_readme_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^make (\w+)", ENGLISH, flags=re.MULTILINE)
    assert targets == ["demo", "test", "docs"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


@both
def test_the_links_lead_somewhere(text: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    local = [link for link in links if not link.startswith("http")]
    assert len(local) > 15
    assert [link for link in local if not (ROOT / link).exists()] == []


@both
def test_the_pictures_are_small(text: str) -> None:
    pictures = [ROOT / path for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)]
    assert len(pictures) >= 2
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 400_000


@both
def test_every_status_and_reason_is_explained(text: str) -> None:
    for word in (*STATUSES, *REASONS):
        assert word in text
