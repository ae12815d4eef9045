"""quarterhour score --out FILE: the areas with their results, as the ending says."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from command_line import HELSINKI, run


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".parquet", ".fgb", ".shp"])
def test_areas_in_every_format(tmp_path: Path, ending: str) -> None:
    out = tmp_path / "new" / f"areas{ending}"
    done = run("score", HELSINKI, "--out", out)
    assert done.exit_code == 0
    assert str(out) in done.stdout
    layer = {"layer": "areas"} if ending == ".gpkg" else {}
    table = gpd.read_parquet(out) if ending == ".parquet" else gpd.read_file(out, **layer)
    assert len(table) == 31
    if ending == ".geojson":
        assert table.crs.to_epsg() == 4326
    shapefile = ending == ".shp"
    assert ("A Shapefile holds names of 10 characters" in done.stdout) == shapefile
    assert any(str(name).startswith("item_food") for name in table.columns)


def test_other_endings_and_folders_are_folders(tmp_path: Path) -> None:
    (tmp_path / "old.shp").mkdir()
    for name in ("old.shp", "v1.2"):
        done = run("score", HELSINKI, "--out", tmp_path / name)
        assert done.exit_code == 0
        assert (tmp_path / name / "results.csv").exists()


def test_a_file_that_cannot_be_written_is_told_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("score", HELSINKI, "--out", tmp_path / "file" / "areas.fgb")
    assert done.exit_code == 2
    assert "is a file" in done.stderr
