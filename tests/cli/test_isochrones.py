"""quarterhour isochrones."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

import quarterhour as qh
from command_line import HELSINKI, run
from quarterhour.outputs.walker_words import walker_words


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


def test_how_far_off_the_street_they_are_drawn_is_asked_for(tmp_path: Path) -> None:
    point = ["--lon", "24.9414", "--lat", "60.1719", "--minutes", "5", "--method", "fast"]
    areas = []
    for reach in ("100", "30"):
        out = tmp_path / f"{reach}.gpkg"
        result = run("isochrones", HELSINKI, *point, "--reach-m", reach, "--out", out)
        assert f"up to {reach} m off the street" in result.stdout, result.stderr
        areas.append(gpd.read_file(out)["area_m2"].iloc[0])
    assert areas[1] < areas[0]
    refused = run("isochrones", HELSINKI, *point, "--reach-m", "500")
    assert refused.exit_code == 2
    assert "between 1 and 100 m" in refused.stderr


def test_isochrones_of_several_walkers(tmp_path: Path) -> None:
    out = tmp_path / "rings.gpkg"
    point = ["--lon", "24.9414", "--lat", "60.1719", "--minutes", "10", "--out", out]
    walkers = ["--pace", "planning-cn", "--pace", "wheelchair", "--pace", "wheelchair"]
    result = run("isochrones", HELSINKI, *point, *walkers)
    assert result.exit_code == 0, result.stderr
    rings = gpd.read_file(out)
    names = ["planning-cn", "wheelchair"]
    assert rings["pace"].tolist() == [str(qh.profile(name)) for name in names]
    for name in names:
        told = walker_words(qh.profile(name), "en")
        assert f"Walking from: {told}; up to 100 m off the street" in result.stdout
    assert result.stdout.count("Closed to this walker: ") == 1
    faster = run("isochrones", HELSINKI, *point, *walkers[:2], "--speed-kmh", "4.2")
    assert "1.17 m/s (4.20 km/h)" in faster.stdout
    assert gpd.read_file(out)["area_m2"].iloc[0] > rings["area_m2"].iloc[0]


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
