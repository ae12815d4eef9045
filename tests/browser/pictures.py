"""Take the pictures of the map and the report that the documentation shows.

    python tests/browser/pictures.py [docs/images]

Las Palmas is shown only where its extract is at hand.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from PIL import Image
from playwright.sync_api import sync_playwright

import quarterhour as qh
from quarterhour.outputs.files.workbook import write_workbook
from quarterhour.outputs.map.page import write_map
from quarterhour.outputs.report.cards import write_cards
from quarterhour.outputs.report.printed import chromium
from quarterhour.outputs.report.report import write_report
from quarterhour.outputs.words import LANGS
from quarterhour.sources.osm.backdrop import read_backdrop

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"
LAS_PALMAS = ROOT.parent / "shared" / "data" / "las-palmas.osm.pbf"
EXTRACTS = {"helsinki": SAMPLES / "helsinki.osm.pbf", "las-palmas": LAS_PALMAS}
COLOURS, RARE = 256, 48
"""A picture of 256 colours takes less than half the room, and the eye sees no difference, as long
as some of them are left to what is rare: a dark red line stays red."""

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}
SHEET = {"width": 1000, "height": 1080}

MAPS = {
    "helsinki": ("open", "area", "here", "base"),
    "new-town": ("open", "item", "area", "places", "phone", "scenario", "blind"),
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


def cities() -> Iterator[tuple[str, qh.Scorecard, Any]]:
    """Name, scorecard and language of each city."""
    yield "helsinki", of_extract(SAMPLES / "helsinki.osm.pbf"), "en"
    yield "new-town", of_town(), "zh"
    if LAS_PALMAS.exists():
        yield "las-palmas", of_extract(LAS_PALMAS), "en"
    else:
        print(f"{LAS_PALMAS.name} is not at hand: Las Palmas is left out.")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play, tempfile.TemporaryDirectory() as scratch:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, card, lang in cities():
            ground = read_backdrop(EXTRACTS[name]) if name in EXTRACTS else None
            path = Path(scratch) / f"map-{name}.html"
            write_map(card, path, lang=lang, backdrop=ground)
            for view in MAPS[name]:
                take_map(browser, path, view, folder / f"map-{name}-{view}.png")
            path = write_report(card, Path(scratch) / f"report-{name}.html", lang=lang)
            take_page(browser, path, folder / f"report-{name}.png")
            if name == "helsinki":
                take_faults(browser, card, Path(scratch), folder)
            if name == "new-town":
                take_plans(card, Path(scratch), folder)
                path = write_cards(card, path.with_name("cards.html"), areas=card.areas.index[:1])
                take_page(browser, path, folder / f"card-{name}.png")
                take_sheets(write_workbook(card, path.with_name("book.xlsx"), lang=lang), folder)
        browser.close()


def take_map(browser: Any, path: Path, view: str, picture: Path) -> None:
    """The map as it opens, one item, its places, one area, a walk from a point, or a phone."""
    size = PHONE if view == "phone" else DESK
    context = browser.new_context(viewport=size, offline=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    if view == "item":
        page.select_option("#item", "6")
    elif view == "places":
        page.select_option("#facilities", "all")
    elif view == "area":
        page.click("#list button >> nth=1")
    elif view == "here":
        page.click("#list button >> nth=-1")
        page.click("#view-area .row button >> nth=-1")
    elif view == "base":
        page.evaluate("() => quarterhour.map.jumpTo({zoom: 15.6})")
    elif view == "blind":
        page.select_option("#item", "6")
        page.check("#blind")
    elif view == "scenario":
        make_scenario(page)
    page.wait_for_timeout(2500)
    keep(page.screenshot(), picture)
    context.close()


WALL = """(name) => {
  const i = quarterhour.areaNamed(name);
  const box = quarterhour.map.getSource('areas').getData();
  return box.then((all) => {
    const ring = all.features.find((one) => one.properties.i === i).geometry.coordinates[0][0];
    return [(ring[0][0] + ring[1][0]) / 2, (ring[0][1] + ring[1][1]) / 2];
  });
}"""
"""The middle of the first side of an area's wall."""


def make_scenario(page: Any) -> None:
    """A market more, a gate more and a footway more, as a planner would try them."""
    page.click("#tab-edit")
    page.fill("#scenario-name", "东片补短板")
    page.keyboard.press("Tab")
    at = page.evaluate("() => quarterhour.labelPoint(quarterhour.areaNamed('银杏苑'))")
    west = page.evaluate("() => quarterhour.labelPoint(quarterhour.areaNamed('书香里'))")
    changes = [
        {"change": "add_facility", "item": "food_market", "at": [at[0] - 0.0012, at[1] - 0.0009]},
        {"change": "add_facility", "item": "pharmacy", "at": west},
        {"change": "open_gate", "at": page.evaluate(WALL, "云河家园")},
    ]
    for change in changes:
        page.evaluate("(change) => quarterhour.change(change)", change)
    page.click("#edit-keep")


def take_page(browser: Any, path: Path, picture: Path) -> None:
    """The upper part of a report, as it opens."""
    context = browser.new_context(viewport=SHEET, offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    keep(page.screenshot(), picture)
    context.close()


def take_plans(card: qh.Scorecard, scratch: Path, folder: Path) -> None:
    """The figures of a scenario, of new places and of circles, as the how-to pages make them."""
    changes = [
        qh.CloseFacility("惠民菜市场"),
        qh.AddFacility((116.9097, 39.6087), "food_market", "新菜市场"),
        qh.RemoveWall("梧桐苑"),
    ]
    change = qh.compare(card, qh.scenario(card, changes))
    sites, circles = qh.site(card, "food_market", k=2), qh.circles(card)
    for lang in LANGS:
        made = {name: scratch / f"{name}-{lang}.png" for name in ("what-if", "sites", "circles")}
        qh.plot_compare(change, made["what-if"], lang=lang)
        qh.plot_siting(sites, made["sites"], lang=lang)
        qh.plot_circles(circles, made["circles"], lang=lang)
        for name, path in made.items():
            keep(path.read_bytes(), folder / f"plan-{name}-{lang}.png")


def take_faults(browser: Any, card: qh.Scorecard, scratch: Path, folder: Path) -> None:
    """The page of the audit of the streets in the report."""
    found = qh.audit(card, exact=3)
    for lang in LANGS:
        path = scratch / f"faults-{lang}.html"
        write_report(card, path, lang=lang, sections=(), plans=[found])
        context = browser.new_context(viewport=SHEET, offline=True)
        page = context.new_page()
        page.goto(path.as_uri())
        box = page.locator("section.plan").bounding_box()
        keep(
            page.screenshot(clip={**box, "height": 900}, full_page=True),
            folder / f"plan-faults-{lang}.png",
        )
        context.close()


def take_sheets(book: Path, folder: Path) -> None:
    """The first printed pages of the workbook's two main sheets, as LibreOffice prints them."""
    office, painter = shutil.which("soffice"), shutil.which("pdftoppm")
    if not (office and painter):
        print("soffice and pdftoppm are not at hand: the workbook's sheets are left out.")
        return
    for called, sheet in (("overview", 0), ("plan", 1)):
        one = openpyxl.load_workbook(book)
        for other in one.sheetnames[:sheet] + one.sheetnames[sheet + 1 :]:
            del one[other]
        one.save(alone := book.with_name(f"{called}.xlsx"))
        home = f"-env:UserInstallation={(book.parent / 'office').as_uri()}"
        command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(book.parent)]
        subprocess.run([*command, str(alone)], check=True, capture_output=True)  # noqa: S603
        shown = [painter, "-png", "-r", "110", "-singlefile", str(alone.with_suffix(".pdf"))]
        png = subprocess.run(shown, check=True, capture_output=True).stdout  # noqa: S603
        keep(png, folder / f"workbook-new-town-{called}.png")


def keep(png: bytes, picture: Path) -> None:
    """Keep the colours that occur most, as they are, and bring the others to those between."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    every = whole.getcolors(whole.width * whole.height) or []
    most = [colour for _, colour in sorted(every, reverse=True)[: COLOURS - RARE]]
    others = Image.new("RGB", (max(1, len(every)), 1))
    others.putdata([colour for _, colour in every] or most)
    between = others.quantize(RARE, method=Image.Quantize.MEDIANCUT).convert("RGB")
    most += [colour for _, colour in between.getcolors(RARE) or []]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in most for part in colour])
    few = whole.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)
    print(f"{picture.name}: {picture.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
