"""What people see of an output, text by text: pages, workbooks, figures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from matplotlib.figure import Figure
from matplotlib.text import Text


def seen_in_page(path: Path) -> Iterator[str]:
    """What a page shows, line by line, and what is said of its pictures."""
    yield from seen_in_html(path.read_text(encoding="utf-8"))


def seen_in_html(text: str) -> Iterator[str]:
    text = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    yield from map(html.unescape, re.findall(r'(?:alt|title|aria-label)="([^"]*)"', text))
    text = re.sub(r"<br ?/?>|</(?:t[dhr]|p|li|h\d|div|text|tspan|dt|dd|small|b)>", "\n", text)
    yield from html.unescape(re.sub(r"<[^>]+>", "", text)).split("\n")


def seen_in_workbook(path: Path, *, numbers: bool = False) -> Iterator[str]:
    """What the cells of a workbook say; numbers as they are shown, if asked for."""
    for sheet in openpyxl.load_workbook(path):
        yield sheet.title
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str):
                yield cell.value
            elif numbers and isinstance(cell.value, (int, float)):
                yield shown(cell.value, cell.number_format)


def shown(value: float, form: str) -> str:
    """A number as a spreadsheet shows it."""
    told = {"0.0%": "{:.1%}", "#,##0": "{:,.0f}", "0.0": "{:.1f}"}
    return told.get(form, "{!r}").format(value)


def seen_in_figure(figure: Figure) -> Iterator[str]:
    """What is written in a figure, on its ticks and in its legends as well."""
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip():
            yield from text.get_text().split("\n")
