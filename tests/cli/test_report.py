"""quarterhour report: all of its files, or none."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest

import quarterhour as qh
from command_line import HELSINKI, TOWN_OPTIONS, failed, run


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
    assert "How sure: 95% intervals" not in page
    assert "draws (seed" not in page
    assert len(gpd.read_file(files[3], layer="areas")) == 12


def test_how_sure_it_is_stands_in_the_report_where_it_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "sure.html"
    result = run("report", *TOWN_OPTIONS, "--out", out, "--lang", "en", "--sure")
    assert result.exit_code == 0, result.stderr
    page = out.read_text(encoding="utf-8")
    assert "How sure: 95% intervals" in page
    assert "1,000 draws (seed 0)" in page


def test_nothing_is_delivered_where_the_last_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "town.gpkg")

    monkeypatch.setattr("quarterhour.outputs.files.exports.write_geopackage", fail)
    files = ["--out", tmp_path / "out" / "a.html", "--geopackage", tmp_path / "out" / "a.gpkg"]
    assert "No space left" in failed(run("report", HELSINKI, *files))
    assert list(tmp_path.iterdir()) == []


TARGETS = """
[[targets]]
key = "markets"
zh = "九成小区菜市场达标"
en = "a food market for nine of ten"
value = 0.9
by = "2030"
measure = "area"
item = "food_market"
[[targets.seen]]
date = "2020"
value = 0.2
"""


def test_last_year_a_scenario_and_targets_stand_beside_it(tmp_path: Path) -> None:
    out, old = tmp_path / "report.html", tmp_path / "2025"
    assert run("score", *TOWN_OPTIONS, "--quota", "0.8", "--out", old).exit_code == 0
    (tmp_path / "goals.toml").write_text(TARGETS, encoding="utf-8")
    qh.Scenario([qh.CloseFacility("惠民菜市场")], "x").save(tmp_path / "closed.geojson")
    beside = ["--before", old, "--targets", tmp_path / "goals.toml"]
    beside += ["--scenario", tmp_path / "closed.geojson"]
    result = run("report", *TOWN_OPTIONS, "--out", out, "--lang", "en", *beside)
    assert result.exit_code == 0, result.stderr
    page = out.read_text(encoding="utf-8")
    for told in ("Plan 1: closed", "Comparison 2: 2025", "Target 3: markets"):
        assert told in page
    assert "A place is closed" in page
    assert "a food market for nine of ten" in page
    assert page.count('<section class="plan"') == 3


def test_what_stands_beside_it_is_looked_at_first(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[[targets]]\nvalue = 0.9\n", encoding="utf-8")
    for option, value, why in (
        ("--targets", tmp_path / "bad.toml", "A target has a value above 0 and a date"),
        ("--targets", tmp_path / "none.toml", "there is no such file of targets"),
        ("--before", tmp_path / "none", "none"),
    ):
        told = failed(run("report", *TOWN_OPTIONS, "--out", tmp_path / "a.html", option, value))
        assert why in told
        assert "Assessing" not in told
    assert not (tmp_path / "a.html").exists()


def test_a_pdf_needs_something_that_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERHOUR_CHROMIUM", "no-such-program")
    told = failed(run("report", *TOWN_OPTIONS, "--out", tmp_path / "a.pdf"))
    assert "'no-such-program' is no program that can be run" in told
    assert "Assessing" not in told
    told = failed(run("report", *TOWN_OPTIONS, "--out", tmp_path / "a.docx"))
    assert "has to end in .html" in told
