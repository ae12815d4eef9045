"""A browser that reaches no host, and the maps it opens."""

from __future__ import annotations

import json
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
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first draws no window, and is much quicker where there is no graphics card."""

NO_CARD = ["--disable-gpu-compositing", "--disable-gpu-rasterization"]
"""There is no graphics card: what a processor would do in its place, it does better by itself."""


@pytest.fixture(scope="session")
def browsers() -> Iterator[Callable[..., Any]]:
    """Open a browser in an environment: give up where there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    give_up = pytest.fail if REQUIRED else pytest.skip
    if path is None:
        give_up("there is no chromium: apt-get install chromium-headless-shell, or chromium")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        give_up("there is no playwright: pip install 'quarterhour[test]'")
    with sync_playwright() as play:
        yield lambda **environment: play.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND", *NO_CARD],
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
            device_scale_factor=0.5,  # without a graphics card, it is the pixels that cost
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


@pytest.fixture(scope="session")
def blank(windows: dict[bool, Any]) -> dict[bool, list[Any]]:
    """Pages of either kind that show nothing: a new one takes as long again as what it shows."""
    return {phone: [] for phone in windows}


Left = dict[tuple[bool, Path], tuple[Any, str]]


@pytest.fixture(scope="session")
def left() -> Left:
    """Maps that are open, by screen and file, each with what it showed first."""
    return {}


@dataclass
class Opened:
    """A page with what it asked for and complained about."""

    page: Any
    size: dict[str, int]
    own: str = ""
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path, *, is_there: bool) -> None:
        """Listen, and open a file of this disk where the page does not show it."""
        for event, heard in self.heard().items():
            self.page.on(event, heard)
        self.own = path.as_uri()
        if not is_there:
            self.page.goto(self.own)

    def leave(self) -> None:
        """Leave the page on a screen of its size, and unheard."""
        for event, heard in self.heard().items():
            self.page.remove_listener(event, heard)
        self.page.emulate_media(media="null")
        self.page.set_viewport_size(self.size)

    def heard(self) -> dict[str, Callable[[Any], None]]:
        return {"request": self.request, "console": self.console, "pageerror": self.error}

    def request(self, request: Any) -> None:
        if request.url != self.own and not request.url.startswith(("data:", "blob:")):
            self.asked.append(request.url)

    def console(self, message: Any) -> None:
        if message.type in {"error", "warning"} and "GL Driver Message" not in message.text:
            self.complaints.append(message.text)

    def error(self, error: Any) -> None:
        self.complaints.append(str(error))


Open = Callable[..., Opened]


@pytest.fixture
def open_page(windows: dict[bool, Any], blank: dict[bool, list[Any]], left: Left) -> Iterator[Open]:
    """Open a file of this disk; afterwards see that it asked for nothing and did not complain."""
    pages: list[tuple[bool, Opened]] = []
    watched: list[Opened] = []

    def opener(
        path: Path, *, phone: bool = False, quiet: bool = True, shows_it: Any = None
    ) -> Opened:
        page = shows_it or (blank[phone].pop() if blank[phone] else windows[phone].new_page())
        opened = Opened(page, PHONE if phone else SIZE)
        pages.append((phone, opened))
        opened.open(path, is_there=bool(shows_it))
        if quiet:
            watched.append(opened)
        return opened

    yield opener
    for phone, opened in pages:
        opened.leave()
        if opened.page not in [page for page, _ in left.values()]:
            opened.page.goto("about:blank")
            blank[phone].append(opened.page)
    assert not [url for opened in watched for url in opened.asked]
    assert not [text for opened in watched for text in opened.complaints]


STATE = """() => {
    const { chosen, save } = quarterhour;
    const all = (selector) => [...document.querySelectorAll(selector)];
    return JSON.stringify([
        document.documentElement.lang, { ...chosen, statuses: [...chosen.statuses].sort() }, save(),
        ['panel', 'stage'].map((id) => document.getElementById(id).className),
        all('#view-areas input, #view-areas select').map((one) => [one.value, one.checked]),
        all('details').map((one) => one.open), all('[role=tab]').map((one) => one.ariaSelected),
        all('#view-edit *, .maplibregl-popup').length,
    ]);
}"""
"""What somebody finds who opens a map."""

BACK = """async (lang) => {
    const click = (selector) => document.querySelector(selector)?.click();
    click('.maplibregl-popup-close-button');
    while (quarterhour.save().features.length) quarterhour.undo();
    if (document.documentElement.lang !== lang) click('#language');
    click('#reset');
    click('[role=tab]:not([hidden])');
    document.activeElement.blur();
    quarterhour.map.triggerRepaint();
    await quarterhour.map.once('idle');
}"""
"""What a reader does who wants a map as it was."""


@pytest.fixture
def open_map(open_page: Open, blank: dict[bool, list[Any]], left: Left) -> Open:
    """Open a map and wait until all is drawn, or put back the one that a test before has left.

    To open one takes longer than most of what is tried with it. Only one that can be put back
    wholly, with what the page itself has for it, is taken again.
    """

    def opener(
        path: Path, *, phone: bool = False, quiet: bool = True, anew: bool = False
    ) -> Opened:
        page, state = left.pop((phone, path), (None, ""))
        if page and (anew or not is_put_back(page, state)):
            page.goto("about:blank")
            blank[phone].append(page)
            page = None
        opened = open_page(path, phone=phone, quiet=quiet, shows_it=page)
        opened.page.wait_for_selector("html[data-ready]", state="attached")
        left[phone, path] = opened.page, opened.page.evaluate(STATE)
        return opened

    return opener


def is_put_back(page: Any, state: str) -> bool:
    page.evaluate(BACK, json.loads(state)[0])
    return bool(page.evaluate(STATE) == state)


RUN = """async () => {
    const looks = new Set();
    for (const one of document.querySelectorAll('body *')) {
        delete one.dataset.look;
        if (![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
        const { color, backgroundColor, fontSize, fontWeight } = getComputedStyle(one);
        const look = [color, backgroundColor, fontSize, fontWeight];
        for (let at = one; at; at = at.parentElement) look.push(at.tagName + '.' + at.className);
        if (!one.checkVisibility() || looks.has(look.join())) continue;
        looks.add(look.join());
        one.dataset.look = 'new';
    }
    axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-look]' }] });
    return (await axe.run(document, { resultTypes: ['violations'] })).violations;
}"""
"""Contrast takes ten times as long as all other rules: it is seen once for each look of text, which
is how it is set and in what it stands; the others are tried on the whole page."""


@pytest.fixture(scope="session")
def axe() -> Callable[[Any, str], list[str]]:
    """What axe-core finds in a page as it stands, however small it calls it."""
    found = find_spec("axe_playwright_python")
    if found is None or not found.submodule_search_locations:
        (pytest.fail if REQUIRED else pytest.skip)("axe-playwright-python is not installed")
    script = (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")

    def faults(page: Any, where: str) -> list[str]:
        # A page that forbids scripts still lets the tests run theirs.
        page.evaluate(f"() => {{ if (!window.axe) {{ {script} }} }}")
        return [
            f"{where}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}"
            for one in page.evaluate(RUN)
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
