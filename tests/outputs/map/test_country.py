"""The overview of a country: its numbers are the coverage, and what lacks is said."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil

import geopandas as gpd
import numpy as np
import pytest
import shapely

import quarterhour as qh
from country_worlds import QUESTION, country
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.outputs.map import country as drawing

pytest.importorskip("pyarrow", reason="the extra parquet is not installed")


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country")
    tiles = qh.split(country(folder), folder / "tiles", QUESTION, tiles=3)
    qh.assess_tiles(tiles, QUESTION, out=folder / "out")
    return tiles, folder / "out"


def block_of(paths):
    page = paths[0].read_text(encoding="utf-8")
    (packed,) = re.findall(r'id="block-country">([^<]*)</script>', page)
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def test_the_numbers_are_those_of_the_coverage(answered, tmp_path):
    tiles, out = answered
    found = qh.open_results(out)
    told = block_of(qh.write_country_map(found, tmp_path / "map.html", lang="en"))
    want = found.coverage("residence", by="tile")
    for row, key in enumerate(QUESTION.checklist.keys(), 1):
        mine = want[want["item"] == key].set_index("part").loc[list(tiles.names())]
        for name in ("numerator", "implied", "denominator", "unknown"):
            assert told["districts"]["numbers"][name][row] == mine[name].tolist()
    whole = found.coverage("item").iloc[0]
    assert told["whole"]["denominator"][0] == [whole["denominator"]]
    areas = [found.card(name) for name in tiles.names()]
    assert told["areas"]["label"] == [label for card in areas for label in card.areas.index]
    food = "".join(
        str(told["statuses"].index(status))
        for card in areas
        for status in card.results.loc[card.results["item"] == "food", "status"]
    )
    assert told["areas"]["status"][0] == food
    assert len(set(food)) > 1
    assert told["notes"] == {"zh": [], "en": []}
    assert "OpenStreetMap" in told["credit"]


def test_districts_may_be_given(answered, tmp_path):
    tiles, out = answered
    west, south, east, north = qh.open_results(out).box
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    table = gpd.GeoDataFrame({"name": ["West", "East"]}, geometry=halves, crs=4326)
    table.attrs["datum"] = "wgs84"
    found = qh.open_results(out)
    told = block_of(qh.write_country_map(found, tmp_path / "map.html", by=table, lang="en"))
    assert told["districts"]["name"] == ["West", "East"]
    at = np.concatenate([found.card(name).areas.representative_point() for name in tiles.names()])
    lon = gpd.GeoSeries(at, crs=found.card("tile-1").areas.crs).to_crs(4326).x
    assert told["areas"]["district"] == (lon > middle).astype(int).tolist()


def test_a_tile_that_is_not_answered_is_said_in_both_languages(answered, tmp_path):
    tiles, out = answered
    shutil.copytree(out, tmp_path / "out")
    (tmp_path / "out" / "done" / "tile-2.json").unlink()
    (tmp_path / "map-tiles").mkdir()
    for name in ("tile-1", "tile-2"):
        (tmp_path / "map-tiles" / f"{name}.html").touch()
    with pytest.warns(QuarterhourWarning, match="1 of 3 tiles"):
        found = qh.open_results(tmp_path / "out")
    told = block_of(qh.write_country_map(found, tmp_path / "map.html"))
    assert told["tiles"]["lacks"] == [0, 1, 0]
    assert told["tiles"]["page"] == ["map-tiles/tile-1.html", "", ""]
    homes = tiles["tile-2"].dwellings
    assert f"{homes} of 204 residential buildings are in no number" in told["notes"]["en"][0]
    assert f"204 栋居住建筑中有 {homes} 栋不在任何数字之内" in told["notes"]["zh"][0]
    assert told["districts"]["numbers"]["denominator"][0][1] == 0


def test_a_file_of_many_areas_still_opens(answered, tmp_path, monkeypatch):
    _, out = answered
    found = qh.open_results(out)
    (whole,) = qh.write_country_map(found, tmp_path / "all.html")
    monkeypatch.setattr(drawing, "MOST_AREAS", 10)
    (path,) = qh.write_country_map(found, tmp_path / "map.html")
    assert block_of([path])["areas"] is None
    assert path.stat().st_size < whole.stat().st_size


def test_tiles_have_maps_that_are_not_written_twice(answered, tmp_path):
    tiles, out = answered
    found, path = qh.open_results(out), tmp_path / "map.html"
    asked = {"tiles": tiles, "only": ["tile-1"], "lang": "en"}
    page = tmp_path / "map-tiles" / "tile-1.html"
    assert qh.write_country_map(found, path, **asked) == [path, page]
    at = page.stat().st_mtime_ns
    assert qh.write_country_map(found, path, **asked) == [path, page]
    assert page.stat().st_mtime_ns == at
    again = found.again(tiles, "tile-1").results
    assert again["status"].tolist() == found.card("tile-1").results["status"].tolist()
    with pytest.raises(InputError, match=r"Tile nowhere of .* has no answer"):
        qh.write_country_map(found, path, tiles=tiles, only=["nowhere"])
