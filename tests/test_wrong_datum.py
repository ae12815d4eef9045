"""Compounds, buildings and gates whose datum was declared wrongly are found out, each by itself."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest

import quarterhour as qh
import worlds
from command_line import TOWN_OPTIONS, run
from quarterhour.errors import QuarterhourWarning
from quarterhour.places.datum_fit import declared_anew
from quarterhour.streets.detect_datum import contradiction

TOWN = worlds.SAMPLES / "new-town"
TABLES = {
    "areas": (qh.read_areas, "compounds.geojson"),
    "buildings": (qh.read_buildings, "buildings.geojson"),
    "gates": (qh.read_gates, "gates.geojson"),
}
DATUMS = ("wgs84", "gcj02", "bd09")


@cache
def town() -> dict[str, gpd.GeoDataFrame]:
    return {name: read(TOWN / file, datum="wgs84") for name, (read, file) in TABLES.items()}


@cache
def streets() -> qh.WalkNetwork:
    return qh.read_osm(TOWN / "streets.osm").streets


@cache
def places() -> gpd.GeoDataFrame:
    return qh.read_facilities(TOWN / "amap_poi.csv", datum="gcj02")


def read_as(name: str, actual: str, said: str) -> gpd.GeoDataFrame:
    """Give a table that is in one datum and was declared to be in another."""
    raw = qh.convert_datum(town()[name], actual)
    raw.attrs = {"datum": said, "declared_datum": said, "source": f"{name}.geojson"}
    return qh.convert_datum(raw, "wgs84")


def told(
    areas: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    *,
    streets_too: bool = True,
) -> str:
    """Say what is warned of on the way from tables to origins, and to a scorecard."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", QuarterhourWarning)
        homes = qh.origins(areas, buildings, gates)
        if streets_too:
            qh.assess(areas, places(), streets(), "beijing-2011", origins=homes)
    return "\n".join(str(one.message) for one in caught)


@pytest.mark.parametrize("actual", DATUMS)
@pytest.mark.parametrize("said", DATUMS)
@pytest.mark.parametrize("wrong", TABLES)
def test_one_table_in_another_datum_than_was_said(wrong: str, said: str, actual: str) -> None:
    tables = {
        name: read_as(name, *((actual, said) if name == wrong else ("wgs84", "wgs84")))
        for name in TABLES
    }
    # Buildings and gates are laid over the areas before the streets are looked at.
    found = told(**tables, streets_too=wrong == "areas" or said == actual)
    if said == actual:
        assert "datum" not in found
    elif wrong == "areas":
        assert f"Areas: The table was declared {said}, but the streets say {actual}." in found
    else:
        assert f"The {wrong} were declared {said}, but they fit the areas as {actual}" in found
        assert f'datum="{actual}"' in found


@pytest.mark.parametrize("said", ["gcj02", "bd09"])
def test_all_tables_wrong_together_fit_each_other_but_not_the_streets(said: str) -> None:
    tables = {name: read_as(name, "wgs84", said) for name in TABLES}
    found = told(**tables)
    assert "streets say wgs84" in found
    assert "fit the areas" not in found


@pytest.mark.parametrize("actual", DATUMS)
@pytest.mark.parametrize("said", DATUMS)
def test_streets_through_buildings_tell(said: str, actual: str) -> None:
    doubt = contradiction(read_as("buildings", actual, said), streets())
    assert (doubt is None) == (said == actual)
    if doubt is not None:
        assert f"the streets say {actual}" in doubt
        assert "run through 0 of the outlines" in doubt


def test_a_table_declared_anew_is_where_it_would_be() -> None:
    wrong = read_as("gates", "gcj02", "wgs84")
    right = declared_anew(wrong, "gcj02").to_crs(streets().crs)
    there = town()["gates"].to_crs(streets().crs)
    assert right.distance(there).max() < 0.01


def test_the_note_is_kept_with_the_origins() -> None:
    with pytest.warns(QuarterhourWarning, match="fit the areas as wgs84"):
        homes = qh.origins(town()["areas"], gates=read_as("gates", "wgs84", "bd09"))
    assert any("fit the areas" in note for note in homes.attrs["notes"])


def test_the_command_line_says_it(tmp_path: Path) -> None:
    gates = qh.convert_datum(town()["gates"], "gcj02")
    gates.to_file(tmp_path / "gates.geojson", driver="GeoJSON")
    options = [str(tmp_path / "gates.geojson") if "gates." in one else one for one in TOWN_OPTIONS]
    done = run("score", *options)
    assert "The gates were declared wgs84, but they fit the areas as gcj02" in done.stderr
