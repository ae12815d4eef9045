"""The map in a notebook's frame: it draws, and asks nobody for anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import quarterhour as qh


def test_the_frame_of_a_notebook_draws_the_map(
    browser: Any, helsinki: qh.Scorecard, tmp_path: Path
) -> None:
    frame = helsinki.explore(lang="en", isochrones=False)
    page = tmp_path / "cell.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{frame._repr_html_()}", encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1000, "height": 700})
    asked: list[str] = []
    complaints: list[str] = []
    opened.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(page.as_uri())
    inner = opened.frame_locator("iframe")
    inner.locator("html[data-ready]").wait_for(state="attached", timeout=60_000)
    shown = inner.locator("body").inner_text()
    opened.close()
    assert "19 of 19 areas" in shown
    assert set(asked) <= {"file", "data", "blob"}
    assert complaints == []
