"""CSV and Excel files as tables of text, with their encoding found and said."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.places.contracts import listed

csv.field_size_limit(1 << 27)  # a WKT cell of a detailed polygon is long

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DELIMITERS = (",", "\t", ";", "|")
_NOTHING = frozenset({"", "[]", "nan", "NaN", "null", "NULL", "\\N"})
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "gb18030": "GB18030",
}


def decode(data: bytes, source: str) -> tuple[str, str]:
    """
    Decode the bytes of a text file.

    A byte order mark decides; else what is valid UTF-8 is UTF-8, and what is valid GB18030 (which
    holds GBK and GB2312) is that.

    Parameters
    ----------
    data
        The content.
    source
        What to call the file.

    Returns
    -------
    text, encoding
        The text, and the name of the encoding found.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="strict"), ENCODING_NAMES[encoding]
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding), ENCODING_NAMES[encoding]
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"{source} is neither UTF-8 nor GB18030 text. Save it as CSV in UTF-8 and try again."
    )


def read_csv(path: Path) -> tuple[pd.DataFrame, list[str], pd.Series[str]]:
    """
    Read a CSV file as text, every cell as written.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    table
        Text cells, None where empty; the index is the line number in the file.
    notes
        What was found out about the file.
    reasons
        Lines that have more cells than the header, by line number; they are in the table too.
    """
    text, encoding = decode(path.read_bytes(), str(path))
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise InputError(f"{path} is empty.")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}, cannot be read: {error}.") from error
    header, body = _header(rows[0], path), rows[1:]
    width = len(header)
    cells = [[*row[:width], *[""] * (width - len(row))] for row in body]
    table = pd.DataFrame(cells, columns=header, index=lines[1:], dtype=object)
    table = table.map(_plain)
    long = [line for line, row in zip(lines[1:], body, strict=True) if any(row[width:])]
    reasons = pd.Series(f"more cells than the {width} columns", index=long, dtype=object)
    notes = [f"Read as {encoding}, separated by {_delimiter_name(delimiter)}."]
    return table, notes, reasons


def read_excel(path: Path, layer: str | None) -> tuple[pd.DataFrame, list[str]]:
    """
    Read a sheet of an Excel file as text.

    Parameters
    ----------
    path
        The file.
    layer
        The sheet; without it, the first one.

    Returns
    -------
    table
        Text cells, None where empty; the index is the row number in the sheet.
    notes
        Which sheet was read.
    """
    try:
        import openpyxl  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise MissingExtraError(
            "Reading Excel files needs openpyxl: pip install 'quarterhour[excel]'."
        ) from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise InputError(f"{path} cannot be read as an Excel file (.xlsx): {error}.") from error
    if layer is not None and layer not in book.sheetnames:
        raise InputError(f"{path} has no sheet {layer!r}; it has {listed(book.sheetnames)}.")
    sheet = book[layer or book.sheetnames[0]]
    rows = [(number, row) for number, row in enumerate(sheet.iter_rows(values_only=True), 1)]
    rows = [(number, row) for number, row in rows if any(cell is not None for cell in row)]
    notes = [f"Read from sheet {sheet.title!r}."]
    others = [name for name in book.sheetnames if name != sheet.title]
    if others and layer is None:
        notes.append(f"Sheets not read: {listed(others)}; pass layer=... to read one of them.")
    book.close()
    if not rows:
        raise InputError(f"Sheet {sheet.title!r} of {path} is empty.")
    header = _header([_cell(cell) or "" for cell in rows[0][1]], path)
    body = [[_cell(cell) for cell in row[: len(header)]] for _, row in rows[1:]]
    index = [number for number, _ in rows[1:]]
    return pd.DataFrame(body, columns=header, index=index, dtype=object), notes


def _cell(value: Any) -> str | None:
    """Return a cell as its text; a number that Excel holds as 116.0 stays a number in text."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _plain(str(value))


def _plain(cell: str) -> str | None:
    """Return a cell without blanks round it; None for nothing, as Amap writes it ([]) as well."""
    text = cell.strip()
    return None if text in _NOTHING else text


def _header(cells: list[str], path: Path) -> list[str]:
    names = [cell.strip().lstrip("\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    names = [name or f"column {number}" for number, name in enumerate(names, 1)]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise InputError(f"{path} has more than one column called {listed(double)}.")
    return names


def _delimiter_name(delimiter: str) -> str:
    return {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}.get(delimiter, delimiter)
