"""A browser that reaches no host, and the maps it opens."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.font_manager import findSystemFonts

import quarterhour as qh
import worlds
from quarterhour.outputs.map.page import write_map

TOWN = worlds.SAMPLES / "new-town"
REQUIRED = os.environ.get("QUARTERHOUR_REQUIRE_BROWSER") == "1"
SIZE = {"width": 1100, "height": 720}
PHONE = {"width": 390, "height": 780}


@pytest.fixture(scope="session")
def browsers() -> Iterator[Callable[..., Any]]:
    """Open a browser in an environment: give up where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    give_up = pytest.fail if REQUIRED else pytest.skip
    if path is None:
        give_up("there is no chromium: apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        give_up("there is no playwright: pip install 'quarterhour[test]'")
    with sync_playwright() as play:
        yield lambda **environment: play.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"],
            env={**os.environ, **environment},
        )


@pytest.fixture(scope="session")
def browser(browsers: Callable[..., Any]) -> Iterator[Any]:
    opened = browsers()
    yield opened
    opened.close()


@pytest.fixture
def browser_with_letters(
    browsers: Callable[..., Any], tmp_path: Path
) -> Iterator[Callable[[list[str]], Any]]:
    """Open a browser that knows the named files of matplotlib and Chinese letters, no others."""
    opened: list[Any] = []

    def opener(files: list[str]) -> Any:
        folder = tmp_path / "letters"
        folder.mkdir()
        for file in files:
            shutil.copy(Path(mpl.get_data_path()) / "fonts" / "ttf" / file, folder)
        chinese = [path for path in findSystemFonts() if "CJK" in Path(path).name]
        for path in chinese:
            (folder / Path(path).name).symlink_to(path)
        config = tmp_path / "fonts.conf"
        config.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            f"<dir>{folder}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>",
            encoding="utf-8",
        )
        opened.append(browsers(FONTCONFIG_FILE=str(config)))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def windows(browser: Any) -> Iterator[dict[bool, Any]]:
    """One window for all tests of a kind: opening one takes longer than opening a map."""
    by_phone = {
        phone: browser.new_context(
            viewport=PHONE if phone else SIZE,
            has_touch=phone,
            is_mobile=phone,
            reduced_motion="reduce",
        )
        for phone in (False, True)
    }
    for one in by_phone.values():
        one.set_default_timeout(90_000)
    yield by_phone
    for one in by_phone.values():
        one.close()


@dataclass
class Opened:
    """A page with what it asked for and complained about."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self, own: str) -> None:
        self.page.on(
            "request",
            lambda request: (
                self.asked.append(request.url)
                if request.url != own and not request.url.startswith(("data:", "blob:"))
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
def open_page(windows: dict[bool, Any]) -> Iterator[Open]:
    """Open a file of this disk; afterwards see that it asked for nothing and did not complain."""
    pages: list[Opened] = []
    watched: list[Opened] = []

    def opener(path: Path, *, phone: bool = False, quiet: bool = True) -> Opened:
        opened = Opened(windows[phone].new_page())
        pages.append(opened)
        opened.listen(path.as_uri())
        opened.page.goto(path.as_uri())
        if quiet:
            watched.append(opened)
        return opened

    yield opener
    for opened in pages:
        opened.page.close()
    assert not [url for opened in watched for url in opened.asked]
    assert not [text for opened in watched for text in opened.complaints]


@pytest.fixture
def open_map(open_page: Open) -> Open:
    """Open a map and wait until all is drawn."""

    def opener(path: Path, **how: bool) -> Opened:
        opened = open_page(path, **how)
        opened.page.wait_for_selector("html[data-ready]", state="attached")
        return opened

    return opener


@pytest.fixture(scope="session")
def axe() -> Callable[[Any, str], list[str]]:
    """What axe-core calls serious or critical in a page as it stands."""
    found = find_spec("axe_playwright_python")
    if found is None or not found.submodule_search_locations:
        (pytest.fail if REQUIRED else pytest.skip)("axe-playwright-python is not installed")
    script = (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")

    def faults(page: Any, where: str) -> list[str]:
        # A page that forbids scripts still lets the tests run theirs.
        page.evaluate(f"() => {{ if (!window.axe) {{ {script} }} }}")
        seen = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{where}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}"
            for one in seen["violations"]
            if one["impact"] in {"serious", "critical"}
        ]

    return faults


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
