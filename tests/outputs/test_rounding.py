"""One rule of rounding: what is told twice is told alike, wherever it stands.

Walks are rounded up, shares down, what is at most so much up, people to the nearest. A card's
own numbers are rounded in every other way, and none of these may be read in any output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.rounding import CARDS, CASES, awkward, misread
from tests.seen import seen_in_figure, seen_in_html, seen_in_page, seen_in_workbook

import quarterhour as qh
from quarterhour.cli.scorecard_text import scorecard_lines
from quarterhour.outputs.words import Lang, minutes, percent


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_pages_round_by_one_rule(name: str, lang: Lang, tmp_path: Path) -> None:
    card = CARDS[name]()
    qh.write_report(card, tmp_path / "report.html", lang=lang)
    assert misread(card, seen_in_page(tmp_path / "report.html")) == set()
    qh.write_cards(card, tmp_path / "cards.html", lang=lang)
    assert misread(card, seen_in_page(tmp_path / "cards.html")) == set()
    assert misread(card, seen_in_html(card._repr_html_())) == set()


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_the_workbook_rounds_by_the_same_rule(name: str, lang: Lang, tmp_path: Path) -> None:
    card = CARDS[name]()
    qh.write_workbook(card, tmp_path / "book.xlsx", lang=lang)
    assert misread(card, seen_in_workbook(tmp_path / "book.xlsx", numbers=True)) == set()


@pytest.mark.parametrize(("name", "lang"), CASES)
def test_the_terminal_and_figures_round_by_the_same_rule(name: str, lang: Lang) -> None:
    card = CARDS[name]()
    assert misread(card, scorecard_lines(card, lang)) == set()
    drawn: list[Any] = [qh.plot_gaps, qh.plot_coverage, qh.plot_items_met]
    for plot in drawn:
        assert misread(card, seen_in_figure(plot(card, lang=lang))) == set(), plot.__name__


def test_a_wrong_rounding_would_be_read() -> None:
    card = awkward()
    rates = qh.coverage(card)
    most = float(rates.set_index(["measure", "item"]).loc[("item", "all"), "share_at_most"])
    assert percent(most) != percent(most, up=True)
    walk = next(one for one in card.results["median_minutes"] if one * 10 % 1 > 0.01)
    for said in (percent(most), f"{walk:.2f}", f"{walk:.0f} min"):
        assert misread(card, [f"so much: {said}."]), said
    assert misread(card, [percent(most, up=True), minutes(walk), "5 min"]) == set()
