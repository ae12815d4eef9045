"""The pages of service cards: everything is on one, in its order, and none is too full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.outputs.report.card_pages import (
    LINE,
    MM_PER_PT,
    MOST_LINES,
    PAGE_MM,
    ROW_MM,
    SIZES_PT,
    Page,
    Row,
    lines_of,
    pages,
)

HEAD = ["What", "Where", "Minutes", "Hours", "Phone"]
AROUND = ("Elm Court · Service card card 1 of 9", "Signs<br>Check by phone before you go.")


def card(items: int, where: str = "Corner shop", every: int = 5) -> list[Row]:
    rows = []
    for n in range(items):
        if n % every == 0:
            rows.append(Row([f"Group {n // every}"]))
        rows.append(Row([f"item {n}", where, "5", "", ""]))
    return rows


def height_mm(page: Page) -> float:
    lines = sum(max(one) for one in page.lines)
    return lines * LINE * page.size_pt * MM_PER_PT + len(page.rows) * ROW_MM


def test_a_short_card_is_one_page_in_the_largest_type() -> None:
    (page,) = pages(HEAD, card(20), AROUND)
    assert page.size_pt == SIZES_PT[0]
    assert page.rows == card(20)
    assert {n for one in page.lines for n in one} == {1}


def test_the_type_shrinks_before_a_further_page_is_begun() -> None:
    sizes = [[page.size_pt for page in pages(HEAD, card(n), AROUND)] for n in range(30, 90)]
    assert [len(one) for one in sizes] == sorted(len(one) for one in sizes)
    singles = [one[0] for one in sizes if len(one) == 1]
    assert singles == sorted(singles, reverse=True)
    assert set(singles) == set(SIZES_PT)
    assert {size for one in sizes if len(one) > 1 for size in one} == {SIZES_PT[0]}


def test_a_group_that_goes_on_has_its_heading_again() -> None:
    rows = card(80, every=80)
    first, second = pages(HEAD, rows, AROUND)
    assert first.rows[0] == second.rows[0] == rows[0]
    assert first.rows + second.rows[1:] == rows
    assert abs(len(first.rows) - len(second.rows)) < 8, "pages are filled evenly"


TEXT = st.text(alphabet="abc WM,菜市场1é<>&", max_size=160)


@given(texts=st.lists(TEXT, min_size=1, max_size=120), every=st.integers(1, 40))
def test_every_row_is_on_a_page_once_and_no_page_is_too_full(texts: list[str], every: int) -> None:
    rows = []
    for n, text in enumerate(texts):
        if n % every == 0:
            rows.append(Row([f"Group {n}"]))
        rows.append(Row([text, text, "5", text, text]))
    planned = pages(HEAD, rows, AROUND, " · continued")
    shown = [row for page in planned for row in page.rows if not row.is_heading]
    assert shown == [row for row in rows if not row.is_heading]
    assert all(not page.rows[-1].is_heading for page in planned)
    assert all(height_mm(page) < PAGE_MM - 15 for page in planned)
    assert all(1 <= n <= MOST_LINES for page in planned for one in page.lines for n in one)


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("", 1),
        ("菜" * 10, 1),
        ("菜" * 11, 2),
        ("word " * 2, 1),
        ("x" * 40, 3),
        ('<span class="ask">菜</span>' * 10, 1),
        ('<svg class="mark"><title>a long explanation</title></svg> 菜', 1),
        ('to be filled in by them <span class="blank">&nbsp;</span>', 3),
        ("&amp;" * 10, 1),
    ],
)
def test_lines_are_counted_in_what_is_read(cell: str, lines: int) -> None:
    assert lines_of(cell, 10.0) == lines
