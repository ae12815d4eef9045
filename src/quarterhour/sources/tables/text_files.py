"""CSV files as tables of text, with their encoding, separator and header found and said."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.sources.tables.encodings import broken_note, decode
from quarterhour.sources.tables.header_row import find_header, is_header

csv.field_size_limit(1 << 27)  # a WKT cell of a detailed polygon is long

_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_NOTHING = frozenset({"", "[]", "nan", "NaN", "null", "NULL", "\\N"})
_TOP = 15  # lines that tell the separator
_CELL_LINES = 2_000  # a cell in quotes does not go on for longer


class TextTable(NamedTuple):
    """A table of text; `reasons` are of lines that cannot be trusted, by line number."""

    table: pd.DataFrame
    notes: list[str]
    warnings: list[str]
    reasons: pd.Series[str]


class _Rows(NamedTuple):
    cells: list[list[str]]
    lines: list[int]
    stray: list[int]  # lines with a quote that is never closed


def read_csv(path: Path, wanted: Collection[str] = ()) -> TextTable:
    """
    Read a CSV file as text, every cell as written.

    Parameters
    ----------
    path
        The file; it may be packed with gzip (.csv.gz).
    wanted
        Column names that the caller gave: the header holds them.

    Returns
    -------
    table
        Text cells, None where empty; the index is the line number in the file. With notes and
        warnings on what was found out about the file, and lines with more cells than the header.
    """
    text, encoding, broken = decode(_bytes(path), str(path))
    lines = list(io.StringIO(text, newline=None))
    if not any(line.strip() for line in lines):
        raise InputError(f"{path} is empty.")
    delimiter = _delimiter(lines, wanted)
    rows = _rows(lines, delimiter, path)
    header, start, notes = find_header(rows.cells, wanted, str(path))
    width = len(header)
    body, numbers = rows.cells[start + 1 :], rows.lines[start + 1 :]
    cells = [[*row[:width], *[""] * (width - len(row))] for row in body]
    table = pd.DataFrame(cells, columns=header, index=numbers, dtype=object).map(plain)
    long = [line for line, row in zip(numbers, body, strict=True) if any(row[width:])]
    reasons = pd.Series(f"more cells than the {width} columns", index=long, dtype=object)
    name = _DELIMITERS[delimiter]
    notes.insert(0, Note(f"read_as_{name}", "Read as {0}, separated by {1}.", encoding, name))
    warnings = [broken_note(broken, str(path), encoding)] if broken else []
    if rows.stray:
        warnings.append(
            Note(
                "quotes_open",
                "{0} lines of {1} open a quote that is never closed (lines {2}); they are read "
                "as they stand, without it.",
                len(rows.stray),
                path,
                listed(rows.stray),
            )
        )
    return TextTable(table, notes, warnings, reasons)


def plain(cell: str | None) -> str | None:
    """
    Return a cell without blanks round it; None for nothing, as Amap writes it ([]) as well.

    Parameters
    ----------
    cell
        The text of a cell.

    Returns
    -------
    cell
        The text, or None.
    """
    text = (cell or "").strip()
    return None if text in _NOTHING else text


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix.lower() != ".gz":
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be unpacked: {error}.") from error


def _delimiter(lines: list[str], wanted: Collection[str]) -> str:
    """Return the separator that makes a header of one of the first lines."""
    top = [line for line in lines if line.strip()][:_TOP]
    by_count = sorted(_DELIMITERS, key=lambda char: -top[0].count(char))
    for char in by_count:
        rows = (next(csv.reader([line], delimiter=char), []) for line in top)
        if any(is_header([cell.strip().lstrip("\ufeff") for cell in row], wanted) for row in rows):
            return char
    return by_count[0]


def _rows(lines: list[str], delimiter: str, path: Path) -> _Rows:
    """Split lines into cells; a quote that is never closed does not swallow the lines below it."""
    rows = _Rows([], [], [])
    width = 0
    number = 0
    while number < len(lines):
        line = lines[number]
        taken = 1
        if '"' not in line:
            cells = line.rstrip("\r\n").split(delimiter)
        elif (whole := _quoted(lines, number, delimiter, width)) is not None:
            cells, taken = whole
        else:
            cells = [cell.removeprefix('"') for cell in line.rstrip("\r\n").split(delimiter)]
            rows.stray.append(number + 1)
        number += taken
        if any(cell.strip() for cell in cells):
            if max(map(len, cells)) > csv.field_size_limit():
                raise InputError(f"{path}, line {number}, has a cell that is too long to be one.")
            rows.cells.append(cells)
            rows.lines.append(number)
            width = max(width, len(cells)) if len(rows.cells) <= _TOP else width
    return rows


def _quoted(
    lines: list[str], number: int, delimiter: str, width: int
) -> tuple[list[str], int] | None:
    """Return the cells of a row with quotes, and its number of lines; None if one stays open."""
    for taken in _ends(lines, number):
        part = lines[number : number + taken]
        try:
            cells = next(csv.reader(part, delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "end of data" in str(error):
                continue
            if taken > 1:
                return None  # closed in the middle of a later line: that quote is another's
            return next(csv.reader(part, delimiter=delimiter)), 1
        rows_inside = [line.count(delimiter) + 1 >= width > 1 for line in part]
        swallowed = rows_inside[0] and taken > 1 and any(rows_inside[1:])
        return None if swallowed else (cells, taken)
    return None


def _ends(lines: list[str], number: int) -> Iterator[int]:
    """Yield the numbers of lines after which a quote may be closed."""
    yield 1
    last = min(len(lines), number + _CELL_LINES)
    for end in range(number + 1, last):
        if '"' in lines[end]:
            yield end - number + 1
