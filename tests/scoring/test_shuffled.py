"""Helsinki from files with ids of their own: the order of the rows changes nothing.

Own columns travel along to the GeoPackage, the workbook and the panel of the map.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds


class Asked(NamedTuple):
    """A scorecard, and the id of the area and the place of each home."""

    card: qh.Scorecard
    homes: pd.DataFrame


def own(table: gpd.GeoDataFrame, prefix: str, seed: int) -> gpd.GeoDataFrame:
    """A table as an office keeps it: a code of its own, and a column that nobody here knows."""
    number = np.random.default_rng(seed).permutation(len(table)) + 1
    codes = [f"{prefix}{n:04d}" for n in number]
    return table.reset_index(drop=True).assign(编号=codes, 责任人=[f"员{n}" for n in number])


def asked(
    folder: Path, areas: gpd.GeoDataFrame, places: gpd.GeoDataFrame, houses: gpd.GeoDataFrame
) -> Asked:
    for name, table in (("areas", areas), ("places", places), ("houses", houses)):
        table.to_file(folder / f"{name}.gpkg", layer=name)
    city = worlds.helsinki()
    read = qh.read_areas(folder / "areas.gpkg", datum="wgs84")
    homes = qh.origins(read, qh.read_buildings(folder / "houses.gpkg", datum="wgs84"), city.gates)
    facilities = qh.read_facilities(folder / "places.gpkg", datum="wgs84")
    card = qh.assess(read, facilities, city.streets, "beijing-2011", origins=homes)
    where = homes.geometry.apply(lambda point: f"{point.x:.3f} {point.y:.3f}")
    return Asked(card, pd.DataFrame({"home": homes["area"].astype(str) + " at " + where}))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Asked, Asked]:
    city = qh.read_osm(worlds.SAMPLES / "helsinki.osm.pbf")
    flat = city.facilities[city.facilities.geom_type != "GeometryCollection"]
    areas = own(city.areas.drop(columns="within"), "A", 1)
    places = own(flat.drop(columns="entrances"), "F", 2)
    houses = city.buildings[["levels", "residential", "geometry"]].reset_index(drop=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", qh.QuarterhourWarning)
        straight = asked(tmp_path_factory.mktemp("straight"), areas, places, houses)
        rng = np.random.default_rng(7)
        mixed = (table.iloc[rng.permutation(len(table))] for table in (areas, places, houses))
        shuffled = asked(tmp_path_factory.mktemp("shuffled"), *mixed)
    return straight, shuffled


def by_id(table: pd.DataFrame, *keys: str) -> pd.DataFrame:
    return table.sort_values(list(keys), ignore_index=True)


def tables(one: Asked) -> dict[str, pd.DataFrame]:
    """Every table of an answer, its rows in the order of their ids."""
    card = one.card
    times = card.times.assign(home=card.times["origin"].map(one.homes["home"]))
    homes = card.origins.drop(columns=["geometry", "exits"]).assign(home=one.homes["home"])
    summary = card.summary()
    return {
        "results": by_id(card.to_frame(), "area", "item"),
        "summary": summary.rename_axis("id").reset_index().pipe(by_id, "id"),
        "gaps": by_id(qh.gaps(card), "area", "item"),
        "coverage": by_id(qh.coverage(card), "measure", "item"),
        "left out": by_id(card.left_out, "what", "reason"),
        "matches": by_id(card.matches, "facility", "item", "evidence"),
        "walks": by_id(times.drop(columns="origin"), "home", "item", "host"),
        "homes": by_id(homes, "home"),
        "directory": by_id(qh.service_directory(card), "area", "item", "facility"),
    }


def test_every_table_is_equal_by_id(both: tuple[Asked, Asked]) -> None:
    straight, shuffled = (tables(one) for one in both)
    assert set(straight["results"]["area"].str[0]) == {"A"}
    assert set(straight["results"]["facility"].dropna().str[0]) == {"F"}
    assert both[0].card.areas.index.tolist() != both[1].card.areas.index.tolist()
    for name, table in straight.items():
        assert len(table) >= 5, name
        pd.testing.assert_frame_equal(table, shuffled[name], obj=name, rtol=0, atol=1e-9)


def test_own_columns_are_in_every_file(both: tuple[Asked, Asked], tmp_path: Path) -> None:
    """The files of the shuffled tables say of every id what the straight tables say of it."""
    straight, card = both[0].card, both[1].card
    path = qh.write_geopackage(card, tmp_path / "city.gpkg")
    package = {
        name: gpd.read_file(path, layer=name).set_index(label)["责任人"].to_dict()
        for name, label in (("areas", "area"), ("facilities", "facility"))
    }
    sheets = pd.read_excel(
        qh.write_workbook(card, tmp_path / "city.xlsx", lang="en"), sheet_name=None
    )
    workbook = {
        name: sheets[name].drop_duplicates("id").set_index("id")["责任人"].to_dict()
        for name in ("areas", "facilities")
    }
    page = panel(qh.write_map(card, tmp_path / "map.html", isochrones=False))
    areas, mine = (table["责任人"].to_dict() for table in (straight.areas, straight.facilities))
    serving = set(straight.matches["facility"])
    for told in (package, workbook, page):
        assert told["areas"] == areas
        places = told["facilities"]
        assert len(places) > 300
        assert places == {key: mine[key] for key in places}
        assert set(places) >= serving or set(places) <= serving


def panel(path: Path) -> dict[str, dict[str, str]]:
    """What the panel of the map says under the heading of the own column, by id."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r'<script type="application/gzip" id="block-(\w+)">([^<]*)</script>', text)
    blocks = {name: json.loads(gzip.decompress(base64.b64decode(body))) for name, body in found}
    told = {"areas": blocks["card"]["areas"], "facilities": blocks["facilities"]}
    return {
        name: {block["label"][int(row)]: text for row, text in block["own"]["责任人"].items()}
        for name, block in told.items()
    }


def test_of_two_places_as_near_the_label_decides() -> None:
    home = worlds.points((100, 0), index=["h"])
    shops = worlds.points((300, 0), (300, 0), index=["s2", "s1"], item="shop", name=["乙", "甲"])
    listed = worlds.checklist(worlds.item("shop"))
    for places in (shops, shops.iloc[::-1]):
        card = qh.assess(home, places, worlds.line_world(), listed)
        assert card.to_frame()["facility"].tolist() == ["s1"]
