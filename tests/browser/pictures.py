"""Take the pictures of the map that the documentation shows.

    python tests/browser/pictures.py [docs/images]

Las Palmas is drawn only where its extract is at hand.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

import quarterhour as qh
from quarterhour.render.webmap import write_map

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"
EXTRACTS = ROOT.parent / "shared" / "data"


VIEWS = {
    "helsinki": ("open", "area", "here"),
    "new-town": ("open", "item", "area", "phone"),
    "las-palmas": ("open", "area"),
}


def of_extract(path: Path) -> qh.Scorecard:
    city = qh.read_osm(path)
    homes = qh.origins(city.areas, city.buildings, city.gates)
    checklist = qh.Checklist.load("beijing-2011")
    return qh.assess(city.areas, city.facilities, city.streets, checklist, origins=homes)


def of_town() -> qh.Scorecard:
    town = SAMPLES / "new-town"
    areas = qh.read_areas(town / "compounds.geojson", datum="wgs84")
    buildings = qh.read_buildings(town / "buildings.geojson", datum="wgs84")
    gates = qh.read_gates(town / "gates.geojson", datum="wgs84")
    facilities = qh.read_facilities(town / "amap_poi.csv", datum="gcj02")
    homes = qh.origins(areas, buildings, gates)
    streets = qh.read_osm(town / "streets.osm").streets
    checklist = qh.Checklist.load("beijing-2011")
    return qh.assess(areas, facilities, streets, checklist, origins=homes)


def main(folder: Path) -> None:
    jobs: dict[str, tuple[qh.Scorecard, str]] = {
        "helsinki": (of_extract(SAMPLES / "helsinki.osm.pbf"), "en"),
        "new-town": (of_town(), "zh"),
    }
    if (EXTRACTS / "las-palmas.osm.pbf").exists():
        jobs["las-palmas"] = (of_extract(EXTRACTS / "las-palmas.osm.pbf"), "en")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play, tempfile.TemporaryDirectory() as scratch:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (card, lang) in jobs.items():
            path = write_map(card, Path(scratch) / f"{name}.html", lang=lang)
            take(browser, path, folder / f"map-{name}")
        browser.close()


def take(browser: Any, path: Path, stem: Path) -> None:
    """The map as it opens, one item, one area, a walk from a point, and a phone."""
    for view in VIEWS[stem.name.removeprefix("map-")]:
        phone = view == "phone"
        size = {"width": 390, "height": 780} if phone else {"width": 1280, "height": 800}
        context = browser.new_context(viewport=size, offline=True, reduced_motion="reduce")
        page = context.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        if view == "item":
            page.select_option("#item", "6")
        elif view == "area":
            page.click("#list button >> nth=1")
        elif view == "here":
            page.click("#list button >> nth=-1")
            page.click("#view-area .row button >> nth=-1")
        page.wait_for_timeout(2500)
        page.screenshot(path=f"{stem}-{view}.png")
        context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
