"""The map of a notebook as a widget: a running kernel on one side, a browser on the other."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worlds
from quarterhour.outputs.map import page as webmap

jupyter = pytest.importorskip("jupyter_client.manager")
pytest.importorskip("anywidget")

CELL = f"""
import quarterhour as qh
from pathlib import Path
TOWN = Path({str(worlds.SAMPLES / "new-town")!r})
areas = qh.read_areas(TOWN / "compounds.geojson", datum="wgs84")
facilities = qh.read_facilities(TOWN / "amap_poi.csv", datum="gcj02")
card = qh.assess(areas, facilities, qh.read_osm(TOWN / "streets.osm").streets, "beijing-2011")
view = card.explore(isochrones=False)
print(type(view).__name__, view.comm.comm_id)
"""


CORNER = """
import geopandas as gpd
corner = gpd.GeoSeries.from_xy(*card.network.node_xy[[33]].T, crs=card.network.crs).to_crs(4326)
print([*corner.x.tolist(), *corner.y.tolist()])
"""


class Kernel:
    """A kernel that is running, and what it says to the widget."""

    def __init__(self) -> None:
        self.manager, self.client = jupyter.start_new_kernel(kernel_name="python3")
        self.states: list[dict[str, Any]] = []

    def run(self, code: str) -> str:
        """Run code; give what it printed."""
        asked = self.client.execute(code)
        printed = ""
        while True:
            message = self.client.get_iopub_msg(timeout=180)
            content = message["content"]
            if message["msg_type"] == "stream":
                printed += content["text"]
            if message["msg_type"] == "error":
                raise AssertionError("\n".join(content["traceback"]))
            if message["msg_type"] in {"comm_open", "comm_msg"}:
                self.states.append(content["data"].get("state", {}))
            mine = message["parent_header"].get("msg_id") == asked
            if mine and content.get("execution_state") == "idle":
                return printed.strip()

    def tell(self, comm: str, state: dict[str, Any]) -> None:
        """Send what the browser changed, as a notebook's front end does."""
        content = {"comm_id": comm, "data": {"method": "update", "state": state}}
        content["data"]["buffer_paths"] = []
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    running = Kernel()
    yield running
    running.client.stop_channels()
    running.manager.shutdown_kernel(now=True)


MODEL = """
const state = __STATE__;
const calls = {};
window.model = {
  get: (name) => state[name],
  set: (name, value) => {
    state[name] = value;
    (calls['change:' + name] || []).forEach((f) => f());
  },
  save_changes: () => window.saved(JSON.stringify(state.told)),
  on: (name, call) => { calls[name] = [...(calls[name] || []), call]; },
  off: (name) => { delete calls[name]; },
};
widget.render({ model: window.model, el: document.body });
"""


def page_of(state: dict[str, Any], folder: Path) -> Path:
    script = (webmap.TEMPLATES / "widget.js").read_text(encoding="utf-8")
    script = script.replace("export default { render };", "const widget = { render };")
    given = json.dumps(state).replace("</", "<\\/")
    path = folder / "cell.html"
    text = script + MODEL.replace("__STATE__", given)
    path.write_text(f"<!doctype html><meta charset=utf-8><body><script>{text}</script>")
    return path


def test_the_scenario_is_the_same_on_the_map_and_in_python(kernel, browser, tmp_path):
    kind, comm = kernel.run(CELL).split()
    assert kind == "MapView"
    state = next(one for one in kernel.states if "page" in one)
    told: list[str] = []
    opened = browser.new_page(viewport={"width": 1100, "height": 700})
    opened.expose_function("saved", lambda text: told.append(str(text)))
    opened.goto(page_of(state, tmp_path).as_uri())
    inner = opened.frame_locator("iframe")
    inner.locator("html[data-ready]").wait_for(state="attached", timeout=60_000)
    # What is changed on the map is in Python.
    at = json.loads(kernel.run(CORNER))
    opened.frames[1].evaluate("(at) => quarterhour.map.jumpTo({center: at})", at)
    inner.locator("#tab-edit").click()
    inner.locator("#edit-centre").click()
    inner.locator("#edit-changes li").wait_for()
    until(opened, lambda: bool(told))
    kernel.tell(comm, {"told": json.loads(told[-1])})
    assert kernel.run("print(len(view.scenario), view.scenario.changes[0].kind)") == (
        "1 add_facility"
    )
    # What is set in Python is drawn.
    label = kernel.run("print(card.matches['facility'].iloc[0])")
    kernel.states.clear()
    kernel.run(f"view.scenario = [qh.CloseFacility({label!r}), qh.ChangeWalker('elderly')]")
    mine = next(one["told"] for one in kernel.states if "told" in one)
    opened.evaluate("(scenario) => window.model.set('told', scenario)", mine)
    inner.locator("#edit-changes li:nth-child(2)").wait_for()
    assert inner.locator("#edit-changes li").count() == 2
    assert "老年人" in inner.locator("#edit-changes").inner_text()
    # Both have the same numbers.
    results = opened.frames[1].evaluate("() => quarterhour.results().status")
    after = kernel.run(
        "after = qh.scenario(card, view.scenario).results\n"
        "words = after['status'].where(after['reason'] != 'implied_by_host', 'implied')\n"
        "print(words.tolist())"
    )
    statuses = opened.frames[1].evaluate("() => quarterhour.results().statuses")
    assert str([statuses[code] for code in results]) == after
    opened.close()


def until(page: Any, done: Any) -> None:
    """Wait for what the page tells in its own time."""
    for _ in range(100):
        if done():
            return
        page.wait_for_timeout(100)
        time.sleep(0)
    pytest.fail("the page did not tell")
