"""The report and the service cards as a reader meets them: a browser, a printer, no host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import quarterhour as qh
from quarterhour.outputs.report.cards import write_cards
from quarterhour.outputs.report.report import write_report

A4_MM = (210, 297)
MARGINS_MM = 24
PIXELS_PER_MM = 96 / 25.4


@pytest.fixture(scope="session")
def papers(town, helsinki, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("papers")
    return {
        "report": write_report(town, folder / "体检报告.html", lang="both", title="新城"),
        "helsinki": write_report(helsinki, folder / "helsinki.html", lang="en"),
        "cards": write_cards(town, folder / "cards.html", lang="both"),
        "three": write_cards(town, folder / "three.html", areas=town.areas.index[:3], lang="both"),
        "plans": write_report(
            town, folder / "plans.html", lang="both", sections=(), plans=_plans(town)
        ),
    }


def _plans(card: qh.Scorecard) -> list[Any]:
    market = qh.AddFacility((116.9097, 39.6087), "food_market", "新菜市场")
    after = qh.scenario(card, [qh.CloseFacility("惠民菜市场"), market, qh.RemoveWall("梧桐苑")])
    sites = qh.site(card, "food_market", k=4)
    return [qh.compare(card, after), sites, qh.circles(card)]


@pytest.mark.parametrize(
    "name", ["report", "helsinki", "three", pytest.param("cards", marks=pytest.mark.long), "plans"]
)
def test_it_opens_quietly_and_without_a_serious_fault(open_page, papers, axe, name):
    page = open_page(papers[name]).page
    assert page.locator("h1, .card h2").count() > 0
    assert not axe(page, name)


def test_the_language_is_chosen_without_a_script(open_page, papers):
    page = open_page(papers["report"]).page
    assert page.locator(".text.zh").is_visible()
    page.click("label[for=lang-en]")
    assert page.locator(".text.zh").is_hidden()
    assert page.locator(".text.en").is_visible()
    page.click("label[for=lang-zh]")
    assert page.locator(".text.en").is_hidden()


@pytest.mark.parametrize("name", ["report", "helsinki", "cards", "plans"])
def test_nothing_is_wider_than_the_paper(open_page, papers, name):
    """No table is cut off where it is printed on A4."""
    page = open_page(papers[name]).page
    page.emulate_media(media="print")
    width = int((A4_MM[0] - MARGINS_MM) * PIXELS_PER_MM)
    page.set_viewport_size({"width": width, "height": 1000})
    wide = page.evaluate(
        "(width) => [...document.querySelectorAll('main *')]"
        ".filter((e) => !e.closest('svg') && e.getBoundingClientRect().right > width + 1)"
        ".map((e) => e.outerHTML.slice(0, 80))",
        width,
    )
    assert not wide


def test_it_prints_one_card_a_page(open_page, papers, town):
    page = open_page(papers["cards"]).page
    assert printed_pages(page) == page.locator(".card").count() == 2 * len(town.areas)


def printed_pages(page) -> int:
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    return len(re.findall(rb"/Type\s*/Page\b", printed))


LETTERS = {
    "widest": ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"],
    "as wide as a typewriter's": ["DejaVuSansMono.ttf"],
}
"""Sets of Latin letters that come with matplotlib, so that every machine has them."""


@pytest.mark.parametrize(
    "name", ["widest", pytest.param("as wide as a typewriter's", marks=pytest.mark.long)]
)
def test_a_card_fits_its_page_whatever_letters_there_are(
    browser_with_letters, papers, helsinki, tmp_path, name
):
    cards = {
        "town": papers["cards"],
        "helsinki": write_cards(
            helsinki, tmp_path / "cards.html", areas=helsinki.areas.index[:6], lang="en"
        ),
    }
    window = browser_with_letters(LETTERS[name])
    for path in cards.values():
        page = window.new_page()
        page.goto(path.as_uri())
        assert printed_pages(page) == page.locator(".card").count()
        page.emulate_media(media="print")
        page.set_viewport_size({"width": int(186 * PIXELS_PER_MM), "height": 1000})
        cut = page.evaluate(
            "[...document.querySelectorAll('.cell')]"
            ".filter((e) => e.scrollHeight > e.clientHeight + 1).map((e) => e.textContent)"
        )
        # Letters that nobody would print with may end in three dots; they never take a page.
        assert not cut or name.startswith("as wide")


def test_on_a_phone_only_tables_scroll_sideways(open_page, papers):
    page = open_page(papers["report"], phone=True).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
