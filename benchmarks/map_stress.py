"""How large the map and the report get and how fast they open: 3,000 areas, 20,000 facilities.

    python benchmarks/map_stress.py [--areas 3000] [--facilities 20000] [--runs 5] [--first]

Makes a town of winding streets, assesses it, writes its map and its report, and opens both from
the disk in Chromium with every host blocked. The window is there before; a clock that starts with
the navigation says when the areas are on the screen and when all is drawn and the lists answer.
Prints the processor time of the page's main thread and the load of the machine too. On a busy one,
``--first`` (as root, on Linux) gives the browser precedence over the other jobs.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

import quarterhour as qh
from quarterhour.outputs.map.page import write_map
from quarterhour.outputs.report.printed import chromium
from quarterhour.outputs.report.report import write_report

CRS = "EPSG:32650"
WINDOW = {"width": 1400, "height": 860}
SETTLE_MS = 1500
BLOCK_M = 90.0
ORIGIN = (440_000.0, 4_410_000.0)


def streets(side: int) -> qh.WalkNetwork:
    """A grid of side × side crossings whose streets wind a little."""
    at = np.arange(side) * BLOCK_M
    x, y = (c.ravel() for c in np.meshgrid(at, at))
    rng = np.random.default_rng(1)
    xy = np.column_stack([x, y]) + rng.normal(0, 12, (side * side, 2)) + ORIGIN
    number = np.arange(side * side).reshape(side, side)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    along = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    ends = np.vstack([across, along])
    part = np.linspace(0, 1, 5)[None, :, None]
    line = xy[ends[:, 0], None] * (1 - part) + xy[ends[:, 1], None] * part
    line[:, 1:-1] += rng.normal(0, 3, (len(ends), 3, 2))
    kind = np.where(rng.random(len(ends)) < 0.12, "secondary", "residential").astype(object)
    kind[rng.random(len(ends)) < 0.3] = "footway"
    return qh.WalkNetwork.build(
        crs=CRS,
        node_xy=xy,
        edge_nodes=ends,
        coords=line.reshape(-1, 2),
        coord_offset=np.arange(len(ends) + 1) * 5,
        traits={"highway": kind},
    )


def town(n_areas: int, n_facilities: int) -> qh.Scorecard:
    """Areas beside the streets, facilities of all items strewn over the town."""
    side = 170
    rng = np.random.default_rng(2)
    room = (side - 1) * BLOCK_M
    columns = int(np.ceil(np.sqrt(n_areas)))
    step = room / columns
    corner = np.array([(k % columns, k // columns) for k in range(n_areas)]) * step + ORIGIN
    size = rng.uniform(0.35, 0.8, n_areas) * step
    angle = np.linspace(0, 2 * np.pi, 13)[:-1]
    rim = np.column_stack([np.cos(angle), np.sin(angle)])
    outlines = corner[:, None] + step / 2 + rim * size[:, None, None] * 0.55
    outlines += rng.normal(0, 6, outlines.shape)
    areas = gpd.GeoDataFrame(
        {
            "name": [f"社区{k:04d}号<b>" for k in range(n_areas)],
            "residents": rng.integers(500, 9000, n_areas).astype(float),
        },
        geometry=shapely.convex_hull(shapely.polygons(outlines)),
        crs=CRS,
    )
    checklist = qh.Checklist.load("beijing-2011")
    keys = np.array(checklist.keys(), dtype=object)
    item = keys[rng.integers(0, len(keys), n_facilities)]
    spots = rng.uniform(0, room, (n_facilities, 2)) + ORIGIN
    facilities = gpd.GeoDataFrame(
        {
            "name": [f"{checklist[key].zh[:4]}第{k}处" for k, key in enumerate(item)],
            "item": item,
            "phone": [f"010-{k:08d}" for k in range(n_facilities)],
        },
        geometry=shapely.points(spots),
        crs=CRS,
    )
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    origins = qh.origins(areas, at="point")
    return qh.assess(areas, facilities, streets(side), checklist, origins=origins)


def go_first(process: int) -> None:
    """Let the browser go before the other jobs of the machine, as on one that is idle."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    for child in map(int, children):
        Path(f"/proc/{child}/autogroup").write_text("-15")
        go_first(child)


def opened(path: Path, runs: int, *, first: bool = False) -> None:
    """Open the map in a window of its own as often as asked, and print how long it took."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    figures = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for _ in range(runs):
            context = browser.new_context(viewport=WINDOW, offline=True)
            page = context.new_page()
            page.wait_for_timeout(SETTLE_MS)
            if first:
                go_first(os.getpid())
            asked: list[str] = []
            page.on("request", lambda r, a=asked: a.append(r.url))
            load = os.getloadavg()[0]
            session = context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            before_s = processor_s(session)
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
            opening_s = processor_s(session) - before_s
            found = used(page) | {"processor of the page's thread till all drawn": opening_s}
            assert all(url.startswith(("file:", "blob:", "data:")) for url in asked), asked
            told = ", ".join(f"{what} {value:.2f} s" for what, value in found.items())
            print(f"  {told}; load {load:.1f}")
            figures.append(found)
            context.close()
        browser.close()
    middle = {what: float(np.median([one[what] for one in figures])) for what in figures[0]}
    print("  median: " + ", ".join(f"{what} {value:.2f} s" for what, value in middle.items()))


def processor_s(session: Any) -> float:
    """Seconds of processor that the page's main thread has used; waiting does not count."""
    told = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in told if one["name"] == "ThreadTime")


def used(page: Any) -> dict[str, float]:
    """Seconds from the navigation to the map, then those of a reader's first steps."""
    found: dict[str, float] = page.evaluate(
        "() => ({'areas on the screen': +document.documentElement.dataset.shown / 1000,"
        " 'all drawn': +document.documentElement.dataset.ready / 1000})"
    )
    found["checklist of an area"] = seconds_of(
        page, "#list li:nth-child(6) button", "#view-area li"
    )
    page.click("#tab-here")
    page.wait_for_timeout(SETTLE_MS)
    found["first walk from a point"] = seconds_of(page, "#centre", "#view-here li")
    return found | changed(page)


def changed(page: Any) -> dict[str, float]:
    """Seconds in which the page answers changes, after it has read what it needs for them."""
    began = time.perf_counter()
    page.evaluate("async () => { await quarterhour.ask(); }")
    found = {"ready for changes": time.perf_counter() - began}
    lon, lat = page.evaluate("() => quarterhour.map.getCenter().toArray()")
    changes = {
        "a place more": {"change": "add_facility", "item": "pharmacy", "at": [lon, lat]},
        "a place less": {"change": "close_facility", "facility": "17"},
        "another walker": {"change": "change_walker", "walker": "elderly"},
    }
    for what, change in changes.items():
        if page.evaluate("(change) => quarterhour.change(change)", change):
            found[what] = page.evaluate("() => quarterhour.ms") / 1000
    for k in range(40):  # until both ends are near a street
        line = [[lon + k * 1e-4, lat], [lon + k * 1e-4 + 0.001, lat + 0.001]]
        link = {"change": "add_link", "line": line}
        if page.evaluate("(change) => quarterhour.change(change)", link):
            found["a footway"] = page.evaluate("() => quarterhour.ms") / 1000
            break
    return found | chosen_from_the_list(page)


def chosen_from_the_list(page: Any) -> dict[str, float]:
    """Seconds for a walker whose answers the page has found while the list stood open."""
    began = time.perf_counter()
    page.click("#tab-edit")
    page.click("#tool-change_walker")
    page.select_option("#edit-walker", "wheelchair")
    page.wait_for_selector("#edit-walker[data-known~='wheelchair']", timeout=120_000)
    found = {"its answers, before it is asked": time.perf_counter() - began}
    page.click("#edit-walk")
    page.wait_for_timeout(SETTLE_MS)
    found["that walker, from the list"] = page.evaluate("() => quarterhour.ms") / 1000
    return found


def seconds_of(page: Any, button: str, shown: str) -> float:
    """Seconds from a click on a button to the picture that shows what it asked for."""
    milliseconds: float = page.evaluate(
        "async ([button, shown]) => { const began = performance.now();"
        " document.querySelector(button).click();"
        " do await new Promise(requestAnimationFrame); while (!document.querySelector(shown));"
        " return performance.now() - began; }",
        [button, shown],
    )
    return milliseconds / 1000


def reported(path: Path) -> None:
    """Open the report and print it to PDF."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_context(viewport=WINDOW, offline=True).new_page()
        page.wait_for_timeout(SETTLE_MS)
        page.goto(path.as_uri())
        shown_ms = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        started = time.perf_counter()
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        pages = len(re.findall(rb"/Type\s*/Page\b", printed))
        print(
            f"  loaded in {shown_ms / 1000:.2f} s; {pages} pages printed in "
            f"{time.perf_counter() - started:.1f} s"
        )
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--areas", type=int, default=3000)
    parser.add_argument("--facilities", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--first", action="store_true", help="as root: before all other jobs")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-isochrones", action="store_true")
    choice = parser.parse_args()
    started = time.perf_counter()
    card = town(choice.areas, choice.facilities)
    print(f"assessed in {time.perf_counter() - started:.1f} s: {card}")
    print(f"streets: {card.network}")
    with tempfile.TemporaryDirectory() as folder:
        path = choice.out or Path(folder) / "map.html"
        started, busy = time.perf_counter(), time.process_time()
        write_map(card, path, isochrones=not choice.no_isochrones)
        wrote_s, busy_s = time.perf_counter() - started, time.process_time() - busy
        told = f"written in {wrote_s:.1f} s, {busy_s:.1f} s of one processor"
        print(f"map: {path.stat().st_size / 1e6:.2f} MB, {told}")
        opened(path, choice.runs, first=choice.first)
        started = time.perf_counter()
        report = write_report(card, Path(folder) / "report.html", lang="zh")
        wrote_s = time.perf_counter() - started
        print(f"report: {report.stat().st_size / 1e6:.2f} MB, written in {wrote_s:.1f} s")
        reported(report)


if __name__ == "__main__":
    main()
