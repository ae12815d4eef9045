"""What a page takes for granted that its reader has: files of one's own, and the network."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import pandas as pd
import pyproj
import pytest
from shapely import LineString, Point, box

import osm_worlds
import quarterhour as qh
from command_line import HELSINKI, SAMPLES, TOWN
from osm_worlds import TRUE_METRES

CITIES = ("my-city.osm.pbf", "city.osm.pbf")
FACILITIES = pd.DataFrame({"名称": ["同仁药房", "小超市"], "typecode": ["090601", "060400"]})
MARKET = qh.Scenario([qh.AddFacility((24.934, 60.166), item="food_market")], "a market")


def equip(page: Path, folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put into a folder what the reader of a page has; give the names that its code may use."""
    (folder / "data").symlink_to(SAMPLES.parent)  # what a page writes stays out of the checkout
    (folder / "examples").symlink_to(SAMPLES.parents[1] / "examples")
    (folder / "tests").symlink_to(SAMPLES.parents[1] / "tests")
    for name in CITIES:
        (folder / name).symlink_to(HELSINKI)
    patch.chdir(folder)
    patch.setattr("quarterhour.sources.osm.overpass.fetch", _fetched)
    return READERS.get(page.name, lambda *_: {})(folder, patch)


def _fetched(_: object, out: Path, **__: object) -> Path:
    """Answer as OpenStreetMap's servers would, with the extract that is here."""
    out.unlink(missing_ok=True)
    return Path(shutil.copy(HELSINKI, out))


def _item_and_group(_: Path, __: pytest.MonkeyPatch) -> dict[str, Any]:
    group = qh.Checklist.load("beijing-2011").groups[0]
    item = qh.Item("tea_room", "茶室", "tea room", group.key, "commercial", "B")
    return {"item": item, "group": group}


def _lists_and_plans(folder: Path, _: pytest.MonkeyPatch) -> dict[str, Any]:
    MARKET.save(folder / "market.json")
    (folder / "needs.toml").write_text('[elderly]\nrequired = ["pharmacy"]\n', encoding="utf-8")
    demands = pd.DataFrame({"需求": ["药店"], "社区": ["Kamppi"], "人数": [25]})
    demands.to_csv(folder / "需求清单.csv", index=False)
    offers = pd.DataFrame({"单位": ["职业学校"], "可提供服务": ["修鞋、配钥匙"]})
    offers.to_excel(folder / "资源清单.xlsx", index=False)
    places = pd.read_csv(TOWN / "amap_poi.csv", dtype=str).assign(车位数=20)
    places.to_csv(folder / "设施.csv", index=False)
    _street_with_years(folder)
    return {}


def _street_with_years(folder: Path) -> None:
    """Two areas on a street, and a table of places with the days from which they are there."""
    street = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1000, 0)])], crs=TRUE_METRES)
    street.to_crs(4326).to_file(folder / "streets.gpkg")
    areas = gpd.GeoDataFrame({"name": ["东里", "西里"]}, geometry=[Point(0, 9), Point(900, 9)])
    areas.set_crs(TRUE_METRES).to_crs(4326).to_file(folder / "areas.gpkg")
    at = gpd.GeoSeries([Point(100, 9), Point(800, 9)], crs=TRUE_METRES).to_crs(4326)
    places = FACILITIES.assign(lon=at.x, lat=at.y, valid_from=["2023-04-01", None])
    places.to_csv(folder / "poi.csv", index=False)


def _scenario(folder: Path, _: pytest.MonkeyPatch) -> dict[str, Any]:
    MARKET.save(folder / "scenario.json")
    return {}


def _districts(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    halves = [box(24.90, 60.14, 24.94, 60.20), box(24.94, 60.14, 24.98, 60.20)]
    names = {"name": ["West", "East"]}
    gpd.GeoDataFrame(names, geometry=halves, crs=4326).to_file(folder / "districts.gpkg")
    _one_machine(patch)
    return {}


def _one_machine(patch: pytest.MonkeyPatch) -> None:
    """Let workers and clusters be threads of this process."""
    distributed = pytest.importorskip("distributed")
    client = distributed.Client

    def here(*_: object, **__: object) -> Any:
        return client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0")

    patch.setattr(distributed, "Client", here)


def _tables(folder: Path, _: pytest.MonkeyPatch) -> dict[str, Any]:
    places = {"经度": [24.938, 24.941], "纬度": [60.168, 60.170]}
    FACILITIES.assign(**places).to_csv(folder / "设施.csv", index=False)
    estates = pd.DataFrame({"名称": ["东里", "西里"]}).assign(**places)
    estates.to_excel(folder / "小区.xlsx", index=False)
    return {}


def _graph(_: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    import osmnx as ox  # noqa: PLC0415

    def answered(place: str, network_type: str) -> Any:
        assert (place, network_type) == ("Kamppi, Helsinki", "walk")
        return ox.graph_from_xml(TOWN / "streets.osm")

    patch.setattr(ox, "graph_from_place", answered)
    return {}


def _boulder(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A made-up town where the page says; Overture's downloader copies it."""
    worlds = pytest.importorskip("overture_worlds", reason="pyarrow is not installed")
    metres = pyproj.CRS(
        f"+proj=tmerc +lon_0=-105.25 +lat_0=40 +x_0={osm_worlds.EAST} +y_0={osm_worlds.NORTH}"
    )
    there = pyproj.Transformer.from_crs(metres, 4326, always_xy=True)
    for module in (osm_worlds, worlds):
        patch.setattr(module, "TO_DEGREES", there)
    source = worlds.city(folder / "source", "2026-06", "a file a type")
    worlds.division(source, "Boulder")
    shutil.copytree(source, folder / "overture")
    twin = worlds.twin(folder)
    with osmium.SimpleWriter(str(folder / "boulder.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(twin)):
            writer.add(thing)
    _downloader(folder, source, patch)
    _one_machine(patch)
    return {}


def _downloader(folder: Path, source: Path, patch: pytest.MonkeyPatch) -> None:
    """Put Overture's downloader on the path, which copies a file for each type."""
    stub = folder / "bin" / "overturemaps"
    stub.parent.mkdir()
    stub.write_text(
        f"#!/bin/sh\nkind=${{5#--type=}}\n[ -f {source}/$kind.parquet ] || exit 0\n"
        f'cp {source}/$kind.parquet "$7"\n'
    )
    stub.chmod(0o755)
    patch.setenv("PATH", f"{stub.parent}:/usr/bin:/bin")


READERS: dict[str, Callable[[Path, pytest.MonkeyPatch], dict[str, Any]]] = {
    "checklists.md": _item_and_group,
    "cli.md": _lists_and_plans,
    "country.md": _districts,
    "electronic-map.md": _scenario,
    "osmnx.md": _graph,
    "overture.md": _boulder,
    "zh.md": _tables,
}
"""What readers of some pages have besides."""
