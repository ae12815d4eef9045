"""quarterhour report: all of its files, or none."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest

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
    assert len(gpd.read_file(files[3], layer="areas")) == 12


def test_how_sure_it_is_stands_in_the_report_where_it_is_asked_for(tmp_path: Path) -> None:
    for name, more in (("sure", ["--sure"]), ("plain", [])):
        out = tmp_path / f"{name}.html"
        result = run("report", *TOWN_OPTIONS, "--out", out, "--lang", "en", *more)
        assert result.exit_code == 0, result.stderr
        page = out.read_text(encoding="utf-8")
        assert ("How sure: 95% intervals" in page) == bool(more)
        assert ("1,000 draws (seed 0)" in page) == bool(more)


def test_nothing_is_delivered_where_the_last_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "town.gpkg")

    monkeypatch.setattr("quarterhour.outputs.files.exports.write_geopackage", fail)
    files = ["--out", tmp_path / "out" / "a.html", "--geopackage", tmp_path / "out" / "a.gpkg"]
    assert "No space left" in failed(run("report", HELSINKI, *files))
    assert list(tmp_path.iterdir()) == []
