"""What the commands are given: what is no file is said, and tables are read as asked."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

import quarterhour as qh
from command_line import HELSINKI, TOWN, TOWN_OPTIONS, failed, run
from quarterhour.cli.inputs import Sources, ways_of


@pytest.mark.parametrize("option", ["", "--areas", "--network", "--gates"])
def test_what_is_no_file_is_said(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("full").mkdir()
    Path("full/streets.osm").write_text("")
    os.mkfifo("pipe")
    Path("broken.osm").symlink_to("gone.osm")
    said = {
        "empty": "empty is a folder: name a file in it (it is empty)",
        "full": "full is a folder: name a file in it (streets.osm)",
        "pipe": "pipe is a pipe or a device",
        "/dev/null": "/dev/null is a pipe or a device",
        "broken.osm": "it is a link to gone.osm, which is not there",
        "-": "standard input is not read",
        "": "is empty: say which file to read",
        "nowhere.csv": "There is no file nowhere.csv",
    }
    for path, what in said.items():
        given = [option, path] if option else ["--datum", "wgs84", "--", path]
        source = [HELSINKI] if option else []
        assert what in failed(run("score", *source, *given))
        assert what in failed(run("isochrones", path or "", "--lon", "24.9", "--lat", "60.2"))


def test_a_folder_that_is_a_table_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "shops.gdb"
    shops = gpd.GeoDataFrame({"name": ["青禾"]}, geometry=[Point(24.94, 60.17)], crs=4326)
    try:
        shops.to_file(folder, driver="OpenFileGDB")
    except Exception:  # noqa: BLE001 - an older GDAL only reads them
        pytest.skip("needs a GDAL that writes the format")
    result = run("score", HELSINKI, "--facilities", folder, "--json")
    assert result.exit_code == 0, result.stderr
    assert "1 facilities" in result.stderr


def test_layers_columns_and_crs_reach_the_readers(tmp_path: Path) -> None:
    table, rejects = tmp_path / "town.gpkg", tmp_path / "rejects.csv"
    xy = gpd.read_file(TOWN / "compounds.geojson").to_crs(4547).representative_point()
    shops = pd.DataFrame({"招牌": ["店"] * len(xy), "东": xy.x, "北": xy.y, "item": "pharmacy"})
    shops.loc[len(xy)] = ["无", None, None, "pharmacy"]
    shops.to_csv(tmp_path / "shops.csv", index=False)
    areas = gpd.read_file(TOWN / "compounds.geojson")
    areas.to_file(table, layer="compounds")
    areas.iloc[:2].to_file(table, layer="others")
    options = [word for word in TOWN_OPTIONS if "amap" not in word and "compounds" not in word]
    for name in ("--facilities", "--areas", "--facilities-datum", "gcj02"):
        options.remove(name)
    given = ["--areas", table, "--facilities", tmp_path / "shops.csv", "--layer", "areas:others"]
    given += ["--columns", "facilities:name=招牌,lon=东", "--columns", "facilities:lat=北"]
    given += ["--crs", "facilities:4547", "--facilities-datum", "wgs84"]
    given += ["--rejects", f"facilities:{rejects}", "--json"]
    result = run("score", *options, *given)
    assert result.exit_code == 0, result.stderr
    assert f"Assessing 2 areas against 30 items, {len(xy)} facilities" in result.stderr
    assert len(pd.read_csv(rejects)) == 1


def test_which_table_is_meant_has_to_be_clear() -> None:
    two = ["areas", "facilities"]
    ways = ways_of(Sources(columns=("facilities:name:zh=a,b",), crs=("areas:4326",)), two)
    assert ways == {"facilities": {"columns": {"name:zh": "a,b"}}, "areas": {"crs": "EPSG:4326"}}
    wrong = {
        "of which table.*--layer areas:a or --layer facilities:a": Sources(layer=("a",)),
        "no table is given with --gates": Sources(crs=("gates:4326",)),
        "has to be ROLE=COLUMN": Sources(columns=("areas:name",)),
        "no CRS that is known": Sources(crs=("areas:99999999",)),
        "given twice for areas": Sources(layer=("areas:a", "areas:b")),
        "is empty": Sources(layer=("areas:",)),
    }
    for said, sources in wrong.items():
        with pytest.raises(qh.QuarterhourError, match=said):
            ways_of(sources, two)
    with pytest.raises(qh.QuarterhourError, match="None is given"):
        ways_of(Sources(layer=("a",)), [])
