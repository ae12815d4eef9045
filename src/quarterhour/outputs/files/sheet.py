"""What a sheet of the workbook is, and how it is written: widths, formats, filters, print areas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from itertools import accumulate
from math import ceil, isfinite
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from quarterhour.outputs.looks import LOOKS
from quarterhour.outputs.words import minutes_up, shares_down

SIGNS = {status: look.sign for status, look in LOOKS.items()}
"""As they stand in the sheet of areas and items: told apart without colour."""
_TINTS = {look.sign: look.tint for look in LOOKS.values()}

SHARE, COUNT, MINUTES, TEXT, DAY = "0.0%", "#,##0", "0.0", "@", "yyyy-mm-dd"
"""How numbers are shown. A cell holds what it shows: shares, people and walks by the one rule."""

_ROUNDED: Mapping[str, Callable[[Any], Any]] = {
    SHARE: shares_down,
    COUNT: np.rint,
    MINUTES: minutes_up,
}

WIDEST, WIDEST_TYPED = 34, 28
"""Columns of a sheet in which people write are narrower: all of them are printed on one page."""
NARROW = 5.0
LABEL = 16
HEADING = 15.0
"""A heading so wide stands on one line."""

PRINTED = 240
"""Widths are in letters; columns beyond so many are seen on a screen and not printed, unless
people write in the sheet."""

LEDGER, LEDGER_PRINTED = 500, 60
"""A ledger of more rows is looked things up in, on a screen: the first rows of it are printed, and
the page says how to print others."""

LINE, MOST_LINES = 16.5, 24
"""Height of a line of Chinese in points, and how many a row may have (at most 409 points)."""

INDENT, BOLD = 1.3, 1.1
"""Letters that an indent takes, and how much wider bold letters are."""

_FORMULA = ("=", "+", "-", "@")


class Block(NamedTuple):
    """A table in a sheet, with what is written above it."""

    table: pd.DataFrame
    title: str = ""
    head: bool = True


class Sheet(NamedTuple):
    """A sheet: its name, the tables in it, and how they are shown.

    Attributes
    ----------
    formats
        The number format of columns, by heading.
    frozen
        How many columns stay when it is scrolled.
    choices
        What can be chosen in the cells of a column, by heading; other text may be typed as well.
    typed
        Headings of the columns that are people's own: what they hold is written as it is.
    signs
        Headings of columns of signs, narrow, with their headings upright.
    ledger
        What stands above the printed rows of a long ledger; "" for sheets that are printed whole.
    """

    name: str
    blocks: Sequence[Block]
    formats: Mapping[str, str] = {}
    frozen: int = 1
    choices: Mapping[str, Sequence[str]] = {}
    typed: Sequence[str] = ()
    signs: Sequence[str] = ()
    ledger: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """Its first table."""
        return self.blocks[0].table


class _Style(NamedTuple):
    """How a cell looks: alignment, number format and colour."""

    horizontal: str | None
    vertical: str | None = None
    wrapped: bool | None = None
    indent: int = 0
    pattern: str | None = None
    tint: str | None = None


def write_sheet(made: Sheet, sheet: Any) -> None:
    """Fill an openpyxl sheet: cells, formats, widths, filter, and how it is printed."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - an extra
    from openpyxl.worksheet.page import PageMargins  # noqa: PLC0415 - an extra

    widths = _widths(made)
    styles: dict[_Style, Any] = {}
    row = 1
    for block in made.blocks:
        row = _write_block(made, block, sheet, row, widths, styles) + 1
    if len(made.blocks) == 1 and made.blocks[0].head:
        sheet.freeze_panes = sheet.cell(row=2, column=made.frozen + 1)
        sheet.print_title_rows, sheet.print_options.gridLines = "1:1", True
        if len(made.table):
            sheet.auto_filter.ref = sheet.dimensions
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    fits = max(1, sum(total <= PRINTED for total in accumulate(widths)))
    fits = len(widths) if made.typed else fits
    last = min(row - 2, 1 + LEDGER_PRINTED) if made.ledger else row - 2
    sheet.print_area = f"A1:{get_column_letter(fits)}{max(last, 1)}"
    sheet.oddHeader.center.text = made.ledger or None
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.75, footer=0.3)
    sheet.oddFooter.center.text = "&A  &P / &N"


def _write_block(
    made: Sheet, block: Block, sheet: Any, row: int, widths: list[float], styles: dict[_Style, Any]
) -> int:
    """Write a table from a row on; give the row after it."""
    from openpyxl.styles import Font  # noqa: PLC0415 - an extra

    if block.title:
        cell = sheet.cell(row=row, column=1, value=block.title)
        cell.font, row = Font(bold=True, size=13), row + 1
    if block.head:
        _write_head(made, block, sheet, row, widths)
        row += 1
    for at, values in enumerate(block.table.itertuples(index=False, name=None), start=row):
        lines = 1
        for place, (name, value) in enumerate(zip(block.table.columns, values, strict=True), 1):
            cell = sheet.cell(row=at, column=place)
            _write_cell(made, cell, str(name), plain(_rounded(made, str(name), value)), styles)
            room = widths[place - 1]
            if not block.head and place == block.table.shape[1] and place < len(widths):
                sheet.merge_cells(
                    start_row=at, end_row=at, start_column=place, end_column=len(widths)
                )
                room = sum(widths[place - 1 :])
            if isinstance(cell.value, str) and name not in made.signs:
                room -= INDENT * _indent(made, str(name), place)
                lines = max(lines, _lines(cell.value, room))
        if lines > 1:
            sheet.row_dimensions[at].height = LINE * min(lines, MOST_LINES)
    _add_choices(made, block, sheet, row)
    return row + len(block.table)


def _write_head(made: Sheet, block: Block, sheet: Any, row: int, widths: list[float]) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # noqa: PLC0415 - an extra

    lines = 1.0
    for place, name in enumerate(block.table.columns, start=1):
        head = sheet.cell(row=row, column=place)
        told = _broken(made, str(name))
        head.value, head.data_type = told, "s"
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DFE5EC")
        head.border = Border(bottom=Side("thin"))
        upright = name in made.signs
        head.alignment = Alignment(
            horizontal="right" if _is_number(made, block.table, place - 1) else "left",
            indent=_indent(made, str(name), place),
            vertical="bottom",
            wrap_text=True,
            text_rotation=90 if upright else 0,
        )
        room = widths[place - 1] - INDENT * _indent(made, str(name), place)
        lines = max(lines, _width(told) / 2 if upright else _lines(told, room, BOLD))
    sheet.row_dimensions[row].height = LINE * min(lines, MOST_LINES)


def _write_cell(made: Sheet, cell: Any, name: str, value: Any, styles: dict[_Style, Any]) -> None:
    if value is None:
        return
    cell.value = value
    if isinstance(value, str) and value.startswith(_FORMULA) and name not in made.typed:
        cell.data_type = "s"  # a name from somebody's table is no formula
    style = _style(made, name, cell.column, value)
    if style in styles:  # cells that look alike share what the first of them was given
        cell._style = copy(styles[style])  # noqa: SLF001 - openpyxl has no public way to
    else:
        _dress(cell, style)
        styles[style] = cell._style  # noqa: SLF001


def _style(made: Sheet, name: str, place: int, value: Any) -> _Style:
    """Say how a cell is to look."""
    text = isinstance(value, str)
    pattern = None
    if hasattr(value, "year"):
        pattern = DAY
    elif name in made.formats and (made.formats[name] == TEXT or isinstance(value, Real)):
        pattern = made.formats[name]
    if name in made.signs:
        return _Style("center", pattern=pattern, tint=_TINTS.get(value))
    indent = _indent(made, name, place) if text else 0
    return _Style("left" if indent else None, "top", text, indent, pattern)


def _dress(cell: Any, style: _Style) -> None:
    from openpyxl.styles import Alignment, PatternFill  # noqa: PLC0415 - an extra

    cell.alignment = Alignment(
        style.horizontal, style.vertical, wrap_text=style.wrapped, indent=style.indent
    )
    if style.tint is not None:
        cell.fill = PatternFill("solid", fgColor=style.tint.strip("#").upper())
    if style.pattern is not None:
        cell.number_format = style.pattern


def _rounded(made: Sheet, name: str, value: Any) -> Any:
    """Round a number as its column is shown: a spreadsheet would round to the nearest."""
    by = _ROUNDED.get(made.formats.get(name, ""))
    if by is None or isinstance(value, bool) or not isinstance(value, Real):
        return value
    rounded = by(float(value))
    return int(rounded) if made.formats[name] == COUNT and isfinite(rounded) else rounded


def _indent(made: Sheet, name: str, place: int) -> int:
    """Keep a text a letter away from the number or the line before it."""
    return int(
        (place > 1 or made.frozen > 0)
        and made.formats.get(name, TEXT) == TEXT
        and name not in made.signs
    )


def plain(value: Any) -> Any:
    """Give a value as a cell holds it; nothing where there is none."""
    if value is None or (not isinstance(value, (list, tuple, dict)) and pd.isna(value)):
        return None
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()  # a scalar of numpy
    if isinstance(value, pd.Timestamp):
        value = value.tz_localize(None).to_pydatetime()
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return (
        value
        if isinstance(value, (str, int, float, bool)) or hasattr(value, "year")
        else str(value)
    )


def _add_choices(made: Sheet, block: Block, sheet: Any, first: int) -> None:
    """Offer words in the cells of some columns; others may be typed."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - an extra
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    if not len(block.table):
        return
    for place, name in enumerate(block.table.columns, start=1):
        if name in made.choices:
            listed = ",".join(made.choices[str(name)])
            offer = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
            offer.showErrorMessage = False
            letter = get_column_letter(place)
            offer.add(f"{letter}{first}:{letter}{first + len(block.table) - 1}")
            sheet.add_data_validation(offer)


def _widths(made: Sheet) -> list[float]:
    """Give columns the width of what they show, a heading on two lines."""
    widths: dict[int, float] = {}
    for block in made.blocks:
        last = block.table.shape[1] - 1
        for place, name in enumerate(block.table.columns):
            if name in made.signs:
                widths[place] = NARROW
            elif block.head or place < last:  # the last of a list takes the room that is left
                most = (WIDEST_TYPED if made.typed else WIDEST) if block.head else LABEL
                shown = block.table.iloc[:, place].head(500)
                told = [_shown(plain(value), made.formats.get(str(name), "")) for value in shown]
                heads = [_head_width(_broken(made, str(name)))] if block.head else []
                if made.typed and _is_number(made, block.table, place):
                    heads = [one if one <= HEADING else one / 2 + 1 for one in heads]
                longest = max([*heads, *map(_width, told), 4.0]) + 3
                typed = 14.0 if name in made.typed else 0.0
                widths[place] = max(widths.get(place, 0.0), min(longest, most), typed)
    if all(not block.head for block in made.blocks):
        widths[len(widths)] = 2 * WIDEST
    return [widths[place] for place in sorted(widths)]


def _broken(made: Sheet, name: str) -> str:
    """Break a long heading before its brackets, or after 的; those of people's own stay."""
    if name in made.typed or name in made.signs or _width(name) <= HEADING:
        return name
    return re.sub(r" ?([(（])|(?<=的)(?=.)", r"\n\1", name, count=1)


def _head_width(told: str) -> float:
    """Give the room that a heading takes: on one line, or on two without breaking a word."""
    if "\n" in told or _width(told) <= HEADING:
        return max(map(_width, told.split("\n")))
    words = [_width(word) for word in told.split() if word.isascii()]
    return max(_width(told) / 2 + 1, *words, 0.0)


def _is_number(made: Sheet, table: pd.DataFrame, place: int) -> bool:
    """Say whether a column holds numbers, which stand on the right."""
    pattern = made.formats.get(str(table.columns[place]))
    held = table.iloc[:, place]
    return pattern not in (None, TEXT) or (pattern is None and is_numeric_dtype(held))


def _lines(text: str, room: float, wider: float = 1.0) -> int:
    """Count the lines that a text takes: it breaks between words and anywhere in Chinese."""
    lines = 0
    for line in text.split("\n"):
        lines, used = lines + 1, 0.0
        for word in _WORDS.findall(line):
            wide = _width(word.rstrip()) * wider
            if used and used + wide > room:
                lines, used = lines + 1, 0.0
            more = max(0, ceil(wide / max(room, 1.0)) - 1)  # a word longer than a line
            lines, used = lines + more, used + _width(word) * wider - more * room
    return lines


_WORDS = re.compile(r"[\u2e80-\uffff]|[^-\s\u2e80-\uffff]*-|[^-\s\u2e80-\uffff]+\s*|\s+")


def _shown(value: Any, pattern: str) -> str:
    """Give a value about as a spreadsheet shows it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        form = {SHARE: "{:.1%}", COUNT: "{:,.0f}", MINUTES: "{:.1f}"}.get(pattern, "{:g}")
        return form.format(value)
    return "" if value is None else "\n".join(str(value).split("\n")[:1])


def _width(text: str) -> float:
    """Give the columns that a text takes: a figure takes one, a Chinese character two."""
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if ord(letter) >= 0x2E80:
        return 2.05
    if letter in " .,;:'|!()[]-fijlrt":
        return 0.7
    return 1.6 if letter in "mwMW%" else 1.2 if letter.isupper() else 1.0
