"""What fits on the printed page of a service card, whatever letters the machine has.

The browser chooses the letters, and it may run no script. So the page is planned here: each text
is measured with letters wider than those in use, each cell is given so many lines and no more
(``report.css`` holds it to them), the type shrinks while that helps, and what still does not fit
goes on a further page that says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

PAGE_MM = 265.0
"""Height for a card: A4 without its margins and some millimetres, since browsers round."""

WIDTH_MM = 178.0
COLUMNS = (0.27, 0.31, 0.10, 0.17, 0.15)
PADDING_MM = 1.8
ROW_MM = 1.0
"""What a row is higher than its lines: padding above and below, and its rule."""

FRAME_MM = 7.0
"""Border and padding of the card, and the room above and below its table."""

HEAD_PT, FOOT_PT = 13.0, 7.0
MM_PER_PT = 25.4 / 72
LINE = 1.3
MOST_LINES = 6
"""Of one cell; a longer text ends in three dots, and is whole in the directory."""

SIZES_PT = (7.4, 7.0, 6.6, 6.2)
"""Sizes of type, the largest first; smaller ones are not for handing out."""

WIDE, UPPER, LOWER, THIN = 1.0, 0.75, 0.62, 0.34
"""Widths of letters in their own size: those of DejaVu Sans and Verdana, the widest in use."""


@dataclass(frozen=True)
class Row:
    """A row of a card in HTML; a single cell is a heading."""

    cells: Sequence[str]

    @property
    def is_heading(self) -> bool:
        """Tell whether this is the heading of a group."""
        return len(self.cells) == 1


@dataclass(frozen=True)
class Page:
    """The rows of one page, the size of its type, and the lines of each of its cells."""

    rows: list[Row]
    size_pt: float
    lines: list[list[int]]


def letter_em(letter: str) -> float:
    """Give the width that a letter has at most, in its own size.

    Examples
    --------
    >>> letter_em("菜"), letter_em("i") < letter_em("n") < letter_em("W")
    (1.0, True)
    """
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF" or letter in "mwMW@%—…":
        return WIDE
    if letter in " ijl.,;:'|!()[]":
        return THIN
    return UPPER if letter.isupper() else LOWER


def text_of(cell: str) -> str:
    """Give the letters of a cell in HTML; a sign counts as one wide letter."""
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"(?s)<svg.*?</svg>", "口", cell)))


def lines_of(cell: str, width_em: float) -> int:
    """Count the lines that a cell takes, broken as a browser breaks them.

    Examples
    --------
    >>> lines_of("菜市场", 3.0), lines_of("菜市场", 2.0), lines_of("food market", 5.0)
    (1, 2, 2)
    """
    lines, at = 1, 0.0
    for word in re.findall(r"\s+|[^\s\u2e80-\uffff]+|[\u2e80-\uffff]", text_of(cell)):
        long = sum(map(letter_em, word))
        if at and at + long > width_em and not word.isspace():
            lines, at = lines + 1, 0.0
        at += long
        while at > width_em and not word.isspace():  # a word longer than a line is broken
            lines, at = lines + 1, at - width_em
    blank = 'class="blank"' in cell  # it takes most of a line
    return lines + int(blank and at > 0.3 * width_em)


def pages(
    head: Sequence[str], rows: Sequence[Row], around: tuple[str, str], further: str = ""
) -> list[Page]:
    """Share the rows of a card out to as few pages as they need, in type as large as may be.

    Parameters
    ----------
    head
        The cells above the columns.
    rows
        The rows, headings among them.
    around
        What stands above the table and below it.
    further
        What is added above the table of a further page.
    """
    above, below = around
    room = PAGE_MM - FRAME_MM - _text_mm(above + further, HEAD_PT) - _text_mm(below, FOOT_PT)
    for size in SIZES_PT:
        if sum(_heights(rows, size)) + _height(head, size) <= room:
            return [_page(list(rows), size)]
    size = SIZES_PT[0]
    room -= _height(head, size)
    shared = _shared(rows, _heights(rows, size), room)
    return [_page(part, size) for part in shared]


def _shared(rows: Sequence[Row], heights: Sequence[float], room: float) -> list[list[Row]]:
    """Fill page after page, evenly; a group that goes on has its heading again."""
    count = int(sum(heights) // room) + 1
    enough = min(room, sum(heights) / count)
    parts: list[list[Row]] = [[]]
    used = 0.0
    heading: tuple[Row, float] | None = None
    for row, height in zip(rows, heights, strict=True):
        full = used + height > room or (used >= enough and len(parts) < count)
        if row.is_heading:
            heading = (row, height)
        if full and parts[-1]:
            if parts[-1][-1].is_heading:  # no heading stands alone below
                parts[-1].pop()
            parts.append([])
            used = 0.0
            if heading is not None and not row.is_heading:
                parts[-1].append(heading[0])
                used = heading[1]
        parts[-1].append(row)
        used += height
    return parts


def _page(rows: list[Row], size: float) -> Page:
    return Page(rows, size, [_lines(row.cells, size) for row in rows])


def _lines(cells: Sequence[str], size: float) -> list[int]:
    shares = COLUMNS if len(cells) > 1 else (1.0,)
    widths = [(WIDTH_MM * share - PADDING_MM) / (size * MM_PER_PT) for share in shares]
    return [
        min(lines_of(cell, width), MOST_LINES) for cell, width in zip(cells, widths, strict=True)
    ]


def _height(cells: Sequence[str], size: float) -> float:
    return max(_lines(cells, size)) * LINE * size * MM_PER_PT + ROW_MM


def _heights(rows: Sequence[Row], size: float) -> list[float]:
    return [_height(row.cells, size) for row in rows]


def _text_mm(text: str, size: float) -> float:
    """Height of a text over the whole width, each ``<br>`` a new line."""
    width = WIDTH_MM / (size * MM_PER_PT)
    return sum(lines_of(part, width) for part in text.split("<br>")) * LINE * size * MM_PER_PT
