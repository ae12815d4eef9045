"""The overview of a country as a reader meets it."""

from __future__ import annotations

import shutil

import pytest

import quarterhour as qh
from country_worlds import QUESTION, country


@pytest.fixture(scope="module")
def overview(tmp_path_factory):
    """Three tiles, one of them not answered, and a page for the first."""
    folder = tmp_path_factory.mktemp("country")
    tiles = qh.split(country(folder), folder / "tiles", QUESTION, tiles=3)
    qh.assess_tiles(tiles, QUESTION, out=folder / "out")
    whole = qh.open_results(folder / "out")
    qh.write_country_map(whole, folder / "map.html", tiles=tiles, only=["tile-1"], lang="en")
    shutil.move(folder / "out" / "done" / "tile-3.json", folder)
    with pytest.warns(qh.QuarterhourWarning):
        found = qh.open_results(folder / "out")
    return found, qh.write_country_map(found, folder / "map.html", lang="en")[0]


@pytest.mark.slow
def test_districts_are_told_and_lead_to_their_pages(overview, windows):
    found, path = overview
    page = windows[False].new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda one: complaints.append(one.url) if one.url[:4] == "http" else None)
    page.goto(path.as_uri())
    page.wait_for_selector("#list button")
    assert "1 of 3 tiles are not answered (tile-3)" in page.inner_text("#notes")
    item = found.coverage("item").iloc[0]
    told = f"Of {item['denominator']:,.0f} known answers, one for each area and item"
    assert told in page.inner_text("#whole")
    page.select_option("#item", label=QUESTION.checklist["food"].en)
    food = found.coverage("residence").set_index("item").loc["food"]
    assert f"Of {food['denominator']:,.0f} homes" in page.inner_text("#whole")
    page.click("#list button:has-text('tile-1')")
    link = page.locator(".maplibregl-popup a")
    assert link.inner_text() == "Open the map of tile-1"
    page.click("#list button:has-text('tile-3')")
    assert "This tile is not answered" in page.inner_text(".maplibregl-popup")
    page.click("#language")
    assert "3 个分块中有 1 个未评估（tile-3）" in page.inner_text("#notes")
    page.click("#list button:has-text('tile-1')")
    link.click()
    page.wait_for_selector("#tab-areas")
    assert "map-tiles/tile-1.html#" in page.url
    assert complaints == []
    page.close()
