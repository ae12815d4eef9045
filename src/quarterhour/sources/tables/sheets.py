"""Office sheets (.xlsx) as tables of text; a sentence for the formats of old offices."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.sources.tables.header_row import find_header, is_header
from quarterhour.sources.tables.text_files import plain

OLD = {
    ".xls": "an old Excel workbook (.xls)",
    ".et": "a WPS sheet (.et)",
    ".ett": "a WPS sheet (.ett)",
    ".ods": "an OpenDocument sheet (.ods)",
    ".xlsb": "a binary Excel workbook (.xlsb)",
    ".numbers": "a Numbers sheet",
}
NEW_BY_OLD_NAME = (".xls", ".et")  # a packed file under these names is a new workbook
_COMPOUND = b"\xd0\xcf\x11\xe0"  # old Excel, WPS; also a workbook with a password
_LARGEST = 1 << 29  # bytes of one part of a workbook, unpacked
_Rows = list[tuple[int, list[str | None]]]


def refuse_old(path: Path) -> None:
    """
    Refuse a sheet that cannot be read here, and say what to do.

    Parameters
    ----------
    path
        The file.
    """
    renamed = path.suffix.lower() in NEW_BY_OLD_NAME and zipfile.is_zipfile(path)
    kind = None if renamed else OLD.get(path.suffix.lower())
    if kind is None:
        with path.open("rb") as file:
            if file.read(4) != _COMPOUND:
                return
        kind = "an old Excel workbook, or one with a password, whatever its name says"
    raise InputError(
        f"{path} is {kind}, which cannot be read. Open it in Excel, WPS or LibreOffice, save it as "
        ".xlsx (Excel workbook) or as CSV in UTF-8, and pass that."
    )


def read_excel(
    path: Path, layer: str | None, wanted: Collection[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """
    Read a sheet of an Excel file as text.

    Parameters
    ----------
    path
        The file.
    layer
        The sheet; without it, the first one that says where its rows are, or the first.
    wanted
        Column names that the caller gave: the header holds them.

    Returns
    -------
    table
        Text cells, None where empty; the index is the row number in the sheet.
    notes
        Which sheet was read.
    """
    refuse_old(path)
    book = _open(path)
    try:
        size = {sheet.title: sheet.max_row for sheet in book.worksheets}
        title, rows, others = _sheet(book, path, layer, wanted)
        said = size[title]
    finally:
        book.close()
    notes: list[str] = [Note("sheet", "Read from sheet {0!r}.", title)]
    if said is not None and rows and said < rows[-1][0]:
        told = "The sheet says that it has {0} rows, and holds {1}: all are read."
        notes.append(Note("sheet_longer", told, said, rows[-1][0]))
    if others and layer is None:
        told = "Sheets not read: {0}; pass layer=... to read one of them."
        notes.append(Note("sheets_not_read", told, listed(others)))
    header, start, more = find_header([row for _, row in rows], wanted, str(path))
    width = len(header)
    body = [[*row[:width], *[None] * (width - len(row))] for _, row in rows[start + 1 :]]
    index = [number for number, _ in rows[start + 1 :]]
    return pd.DataFrame(body, columns=header, index=index, dtype=object), [*notes, *more]


def _open(path: Path) -> Any:
    try:
        import openpyxl  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise MissingExtraError(
            "Reading Excel files needs openpyxl: pip install 'quarterhour[excel]'."
        ) from error
    try:
        with zipfile.ZipFile(path) as packed:
            largest = max((part.file_size for part in packed.infolist()), default=0)
        book = None
        if largest <= _LARGEST:
            book = openpyxl.load_workbook(
                io.BytesIO(path.read_bytes()), read_only=True, data_only=True
            )
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise InputError(f"{path} cannot be read as an Excel file (.xlsx): {error}.") from error
    if book is None:
        raise InputError(
            f"{path} holds a sheet of {largest / 1e6:,.0f} MB, too large for one. "
            "Save the rows that are needed as CSV."
        )
    return book


def _sheet(
    book: Any, path: Path, layer: str | None, wanted: Collection[str]
) -> tuple[str, _Rows, list[str]]:
    """Return the name of the sheet to read, its rows, and the names of the others."""
    names = [sheet.title for sheet in book.worksheets]  # charts are no worksheets
    if layer is not None and layer not in names:
        kind = "is a chart, not a sheet" if layer in book.sheetnames else f"has no sheet {layer!r}"
        subject = f"{layer!r} of {path}" if layer in book.sheetnames else str(path)
        raise InputError(f"{subject} {kind}; it has {listed(names)}.")
    if not names:
        raise InputError(f"{path} has no sheet with cells.")
    first: tuple[str, _Rows] = (names[0], [])
    for name in [layer] if layer is not None else names:
        rows = _rows(book[name], path)
        if any(is_header([cell or "" for cell in row], wanted) for _, row in rows[:15]):
            first = name, rows
            break
        if not first[1]:
            first = name, rows
    if not first[1]:
        raise InputError(f"Sheet {first[0]!r} of {path} is empty.")
    return *first, [name for name in names if name != first[0]]


def _rows(sheet: Any, path: Path) -> _Rows:
    """Return the rows of a sheet that are not empty, as text, with their numbers."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    try:
        rows = [
            (number, [_cell(cell) for cell in row])
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        ]
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise InputError(
            f"Sheet {sheet.title!r} of {path} is damaged and cannot be read: {error}. "
            "Open it in Excel, let it be repaired, and save it again."
        ) from error
    return [(number, row) for number, row in rows if any(cell is not None for cell in row)]


def _cell(value: Any) -> str | None:
    """Return a cell as its text; a number that Excel holds as 116.0 stays a number in text."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain(str(value))
