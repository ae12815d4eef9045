"""A browser that reaches no host, and the maps it opens."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import quarterhour as qh
import worlds
from quarterhour.render.webmap import write_map

TOWN = worlds.SAMPLES / "new-town"
REQUIRED = os.environ.get("QUARTERHOUR_REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not REQUIRED:
        pytest.skip("browser tests run with `make browser`")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("there is no chromium (apt-get install chromium)")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        pytest.fail("playwright is not installed (pip install 'quarterhour[test]')")
    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        yield opened
        opened.close()


@dataclass
class Opened:
    """A page with what it asked for and complained about."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on(
            "request",
            lambda request: (
                self.asked.append(request.url)
                if not request.url.startswith(("file:", "data:", "blob:"))
                else None
            ),
        )
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type in {"error", "warning"} and "GL Driver Message" not in message.text
                else None
            ),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))


Open = Callable[..., Opened]


@pytest.fixture
def open_map(browser: Any) -> Iterator[Open]:
    """Open a file and wait until all is drawn; afterwards see that it was quiet."""
    contexts = []
    pages: list[Opened] = []

    def opener(path: Path, *, phone: bool = False, quiet: bool = True) -> Opened:
        view = {"width": 390, "height": 780} if phone else {"width": 1200, "height": 800}
        context = browser.new_context(
            viewport=view, has_touch=phone, is_mobile=phone, reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.listen()
        opened.page.goto(path.as_uri())
        opened.page.wait_for_selector("html[data-ready]", state="attached")
        if quiet:
            pages.append(opened)
        return opened

    yield opener
    asked = [url for opened in pages for url in opened.asked]
    complaints = [text for opened in pages for text in opened.complaints]
    for context in contexts:
        context.close()
    assert not asked
    assert not complaints


@pytest.fixture(scope="session")
def town() -> qh.Scorecard:
    city = qh.read_osm(TOWN / "streets.osm")
    areas = qh.read_areas(TOWN / "compounds.geojson", datum="wgs84")
    buildings = qh.read_buildings(TOWN / "buildings.geojson", datum="wgs84")
    gates = qh.read_gates(TOWN / "gates.geojson", datum="wgs84")
    facilities = qh.read_facilities(TOWN / "amap_poi.csv", datum="gcj02")
    homes = qh.origins(areas, buildings, gates)
    checklist = qh.Checklist.load("beijing-2011")
    return qh.assess(areas, facilities, city.streets, checklist, origins=homes)


@pytest.fixture(scope="session")
def helsinki() -> qh.Scorecard:
    city = worlds.helsinki()
    homes = qh.origins(city.areas, city.buildings, city.gates)
    checklist = qh.Checklist.load("beijing-2011")
    return qh.assess(city.areas, city.facilities, city.streets, checklist, origins=homes)


@pytest.fixture(scope="session")
def town_map(town: qh.Scorecard, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_map(town, tmp_path_factory.mktemp("maps") / "town map 新城.html")


@pytest.fixture(scope="session")
def helsinki_map(helsinki: qh.Scorecard, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_map(helsinki, tmp_path_factory.mktemp("maps") / "helsinki.html", lang="en")
