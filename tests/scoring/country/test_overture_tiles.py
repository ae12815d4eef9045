"""Tiles that are read straight from files of Overture Maps answer as the whole does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

import overture_worlds as worlds
import quarterhour as qh
from country_worlds import LONG_M, QUESTION, differences
from quarterhour.errors import InputError, NetworkError
from quarterhour.scoring.country.answering import card_of
from quarterhour.scoring.country.census import items_of

STEP_M = 1000


def long_street(folder: Path) -> Path:
    """Two streets from west to east with houses, shops, a pharmacy in the west, a wide park."""
    segments, homes, places = [], [], []
    for x in range(0, LONG_M, STEP_M):
        for y in (0, 400):
            ends = [f"c-{x + dx}-{y}" for dx in (0, STEP_M)]
            told = [{"connector_id": end, "at": float(at)} for at, end in enumerate(ends)]
            geometry = worlds.line((x, y), (x + STEP_M, y))
            row = {"id": f"s-{x}-{y}", "geometry": geometry, "connectors": told}
            segments.append(row | {"subtype": "road", "class": "residential"})
        told = [{"connector_id": f"c-{x}-{y}", "at": y / 400} for y in (0, 400)]
        row = {"id": f"n-{x}", "geometry": worlds.line((x, 0), (x, 400)), "connectors": told}
        segments.append(row | {"subtype": "road", "class": "residential"})
    for n, x in enumerate(range(20, LONG_M, 70)):
        y = (10, 410)[n % 2]
        shape = shapely.Polygon(
            [worlds.lonlat(x + dx, y + dy) for dx, dy in ((0, 0), (10, 0), (10, 10), (0, 10))]
        )
        row = {"id": f"home-{n:03d}", "geometry": worlds.wkb(shape), "class": "house"}
        homes.append(row | {"subtype": "residential"})
    for n, x in enumerate((300, 3100, 7290, 11_100)):
        places.append(_place(f"shop-{n}", x, "supermarket"))
    places.append(_place("pharmacy", 60, "pharmacy"))
    corners = [(8900, -300), (11_300, -300), (11_300, -20), (8900, -20)]
    park = shapely.Polygon([worlds.lonlat(*corner) for corner in corners])
    land = [{"id": "park", "geometry": worlds.wkb(park), "subtype": "park", "class": "park"}]
    folder.mkdir()
    for kind, rows in (
        ("segment", segments), ("building", homes), ("place", places), ("land_use", land)
    ):  # fmt: skip
        table = pa.Table.from_pylist([worlds.with_box(row) for row in rows])
        pq.write_table(table, folder / f"{kind}.parquet", row_group_size=20)
    return folder


def _place(name: str, x: float, category: str) -> dict[str, Any]:
    point = worlds.wkb(shapely.Point(worlds.lonlat(x, 15)))
    kind = {"categories": {"primary": category, "alternate": ["shop"]}, "confidence": 0.9}
    return {"id": name, "geometry": point, "names": {"primary": name}, **kind}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return long_street(tmp_path_factory.mktemp("country") / "overture")


@pytest.fixture(scope="module")
def tiles(files: Path) -> qh.Tiles:
    return qh.split(files, files.parent / "tiles", QUESTION, grid_km=4)


def whole_of(files: Path) -> qh.Scorecard:
    city = qh.read_overture(files)
    data = gpd.GeoSeries([city.streets.extent], crs=city.streets.crs)
    homes = qh.origins(city.areas, city.buildings, city.gates, data=data)
    asked = (city.areas, city.facilities, city.streets, QUESTION.checklist)
    return qh.assess(*asked, origins=homes, pace=QUESTION.pace)


def test_tiles_answer_as_the_whole_does(files: Path, tiles: qh.Tiles) -> None:
    assert len(tiles) == 4
    assert [one.name for one in sorted(tiles.folder.iterdir())] == ["tiles.json"]
    every = frozenset().union(*(items_of(tiles, name, QUESTION) for name in tiles.names()))
    assert every == {"food", "pharmacy", "park"}
    cards = [card_of(tiles, name, QUESTION, every) for name in tiles.names()]
    whole = whole_of(files)
    assert differences(whole, [card for card in cards if card is not None]) == []
    said = set(zip(whole.results["item"], whole.results["reason"], strict=True))
    assert ("pharmacy", "beyond_limit") in said
    parts = [tiles.read(name).streets.n_edges for name in tiles.names()]
    assert max(parts) < whole.network.n_edges


def test_a_country_of_overture_is_answered_and_not_twice(tiles: qh.Tiles, tmp_path: Path) -> None:
    done = qh.assess_tiles(tiles.folder, QUESTION, out=tmp_path / "answers")
    assert (len(done.answered), len(done.before), dict(done.failed)) == (4, 0, {})
    again = qh.assess_tiles(tiles.folder, QUESTION, out=tmp_path / "answers")
    assert (len(again.answered), len(again.before)) == (0, 4)


def test_other_files_than_those_that_were_divided_are_refused(tmp_path: Path) -> None:
    files = long_street(tmp_path / "overture")
    tiles = qh.split(files, tmp_path / "tiles", QUESTION, tiles=2)
    assert [tile.dwellings for tile in tiles.tiles] == [100, 100]
    assert qh.split(files, tmp_path / "tiles", QUESTION, tiles=2).tiles == tiles.tiles
    table = pq.read_table(files / "place.parquet")
    pq.write_table(table.slice(1), files / "place.parquet")
    with pytest.raises(InputError, match="is not what was divided"):
        tiles.read("tile-1")
    pq.write_table(table.drop_columns(["bbox"]), files / "place.parquet")
    (files / "segment.parquet").rename(tmp_path / "elsewhere.parquet")
    with pytest.raises(NetworkError, match="holds no segment"):
        qh.split(files, tmp_path / "others", QUESTION, tiles=2)
    table = pq.read_table(tmp_path / "elsewhere.parquet").drop_columns(["bbox"])
    pq.write_table(table, files / "segment.parquet")
    with pytest.raises(InputError, match="have no column bbox"):
        qh.split(files, tmp_path / "others", QUESTION, tiles=2)
