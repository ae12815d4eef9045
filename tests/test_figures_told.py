"""Figures in sentences are those of the tables and commands that they come from."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path

import pytest

import quarterhour as qh
from seen import seen_in_figure
from worlds import new_town

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NUMBER_WORDS = {7: ("Seven", "七个"), 8: ("Eight", "八个"), 9: ("Nine", "九个")}


@cache
def rows() -> dict[tuple[str, str], list[str]]:
    """Rows of the tables of docs/benchmarks.md, by the headings above and the first cell."""
    found: dict[tuple[str, str], list[str]] = {}
    heads = {2: "", 3: ""}
    for line in (DOCS / "benchmarks.md").read_text(encoding="utf-8").splitlines():
        if head := re.match(r"(##+) ([^:]+)", line):
            heads[len(head[1])] = head[2].strip()
            heads = heads if len(head[1]) == 3 else {2: heads[2], 3: ""}
        elif line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
            found[f"{heads[2]} {heads[3]}".strip(), cells[0]] = cells[1:]
    return found


def measured(table: str, row: str, column: int) -> float:
    return float(rows()[table, row][column].replace(",", ""))


def told(figure: float) -> str:
    """A figure with two digits, as sentences tell it."""
    digits = max(1 - math.floor(math.log10(figure)), 0)
    return f"{figure:.{digits}f}"


FIGURES = {
    "here, {} s scipy": ("W1 Porto", "scipy", 1),
    "scipy, {} s networkit": ("W1 Porto", "networkit", 1),
    "networkit, {} s pandana": ("W1 Porto", "pandana", 1),
    "Las Palmas {} ms here with the fast": ("W2 Las Palmas", "quarterhour fast", 1),
    "and {} ms with the exact": ("W2 Las Palmas", "quarterhour exact", 1),
    "one, {} ms with Valhalla": ("W2 Las Palmas", "Valhalla", 1),
    "streets), {} ms with the OSMnx recipe": ("W2 Las Palmas", "OSMnx recipe", 1),
    "Porto {} and": ("W2 Porto", "quarterhour fast", 1),
    "and {} ms here, **": ("W2 Porto", "quarterhour exact", 1),
    "(500 m), {} ms with the OSMnx": ("W2 Porto", "OSMnx recipe", 1),
    "before takes {} and": ("W2 Las Palmas", "quarterhour fast, network used before", 1),
    "and {} ms. Both": ("W2 Porto", "quarterhour fast, network used before", 1),
    "scorecard: {} s here": ("W4", "quarterhour, PBF, warm, printed", 0),
    "here, {} s with a script": ("W4", "OSMnx + pandana, PBF", 0),
}
"""Figures of docs/peers.md by the words around them, and where they were measured."""


@pytest.mark.parametrize("around", FIGURES)
def test_what_is_said_of_peers_was_measured(around: str) -> None:
    text = " ".join((DOCS / "peers.md").read_text(encoding="utf-8").split())
    figure = measured(*FIGURES[around])
    assert any(around.format(one) in text for one in {told(figure), f"{figure:.0f}"}), figure


EXPECTED = {
    "extract to scorecard, printed": ("W4", "quarterhour, PBF, warm, printed", 0, 2),
    "the same with files and picture": (
        "W4",
        "quarterhour, PBF, warm, files and map picture",
        0,
        2,
    ),
    "the same from a saved network": ("W4", "quarterhour, saved network and tables, printed", 0, 2),
    "extract to files, on the first": (
        *("W4", "quarterhour, PBF, cold, files and map picture"),
        *(0, 2),
    ),
}
"""Rows of docs/how-to/large-networks.md: at least as much as was measured, in seconds and MB."""


@pytest.mark.parametrize("begins", EXPECTED)
@pytest.mark.parametrize("lang", ["", "zh"])
def test_what_large_networks_need_is_what_was_measured_rounded_up(begins: str, lang: str) -> None:
    english = (DOCS / "how-to" / "large-networks.md").read_text(encoding="utf-8").splitlines()
    (line,) = [n for n, text in enumerate(english) if text.startswith(f"| {begins}")]
    first = next(n for n, text in enumerate(english) if text.startswith("| "))
    page = (DOCS / "how-to" / lang / "large-networks.md").read_text(encoding="utf-8").splitlines()
    table = [text for text in page if text.startswith(("| ", "|--"))]
    seconds, gigabytes = map(float, re.findall(r"\| ([\d.]+) (?:s|GB|秒)", table[line - first]))
    name, row, time, memory = EXPECTED[begins]
    assert measured(name, row, time) <= seconds < measured(name, row, time) + 2
    assert measured(name, row, memory) <= gigabytes * 1000 < measured(name, row, memory) + 200


def test_how_many_notebooks_there_are() -> None:
    english, chinese = NUMBER_WORDS[len([*(ROOT / "notebooks").glob("[0-9]*.ipynb")])]
    told = {
        "README.md": f"{english} [notebooks]",
        "README.zh.md": f"{chinese} [notebooks]",
        "docs/zh.md": f"{chinese}示例 [notebooks]",
        "docs/notebooks.md": f"{english} stories",
    }
    for page, words in told.items():
        assert words in (ROOT / page).read_text(encoding="utf-8"), page


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "docs/zh.md", "docs/tutorial.md"])
def test_the_label_that_a_page_explains_is_in_the_picture(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    (label,) = set(re.findall(r"`(\d+\+\d+/\d+ \+\d+\?)`", text))
    assert label in set(seen_in_figure(qh.plot_items_met(new_town(), lang="en")))
    assert re.findall(r"\d+", text.partition(f"`{label}`")[2])[:4] == [
        *re.findall(r"\d+", label.partition("/")[2])[:1],
        *re.findall(r"\d+", label.partition("/")[0]),
        label.rpartition("+")[2].rstrip("?"),
    ]
