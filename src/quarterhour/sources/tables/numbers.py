"""Numbers as people write them, one reader for a column: separators, units, words.

What a comma means is decided for the column, not for the cell: "1,234" is a thousand where another
cell says "1,234,567", and one and a bit where another says "980,5". What cannot be told apart, or
is no single number (a range, households where people are asked for), is not read.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.places.cell_words import cells_not_understood
from quarterhour.places.notes import Note

_FACTORS = {"亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2, "thousand": 1e3, "thousands": 1e3}
_FACTORS |= {"k": 1e3, "million": 1e6, "millions": 1e6, "mio": 1e6, "": 1.0}
_ABOUT = r"(?:大约|大概|约为|约|近|超过|超|逾|共计|共|合计|ca\.?|circa|approx\.?|about|~|≈|>|<)?"
_MORE = r"(?:左右|上下|余|多|以上|\+)?"
_COUNTED = (
    r"(?:人口|人次|人|口|个|名|位|辆|层|楼|张|座|床|people|persons?|inhabitants?|residents?|f|°)?"
)
_SCALE = r"(亿|万|千|百|thousands?|k|millions?|mio)?"
_CELL = re.compile(
    rf"{_ABOUT}\s*([+-]?[\d.,]*\d[.,]?(?:e[+-]?\d+)?)\s*{_MORE}\s*{_SCALE}\s*{_MORE}\s*({_COUNTED})\s*{_MORE}",
    re.IGNORECASE,
)
_UNIT = re.compile(rf"{_SCALE}\s*{_COUNTED}", re.IGNORECASE)
_UNIT_AT_END = re.compile(r"[(\[/_\s]\s*([^()\[\]/_\s]+)\s*[)\]]?\s*$|(亿人?|[万千百]人?)$")
_OTHER_THINGS = re.compile(
    r"户|家庭|households?|%|％|比例|km|公里|平方|㎡|m2|ha|公顷|亩", re.IGNORECASE
)
_WORDED = re.compile(r"[^\W\d_eE]")
_GROUPED = re.compile(r"(?<=\d)[\s'’_](?=\d{3}(?:\D|$))")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$")


def read_numbers(column: pd.Series[Any], header: str, role: str) -> tuple[Floats, list[str]]:
    """
    Read a column of quantities.

    Parameters
    ----------
    column
        Text or numbers.
    header
        What the column was called, perhaps with a unit: "人口(万人)".
    role
        What it is called here, for the notes.

    Returns
    -------
    values, notes
        The numbers, NaN where there is none; and sentences on units and on cells not understood.
    """
    factor, unit = header_unit(header)
    known = column.notna().to_numpy()
    if pd.api.types.is_bool_dtype(column) or factor is None:
        values = np.full(len(column), np.nan)
        if factor is None and known.any():
            return values, [
                Note(
                    "unit_not_read", "{0} is not read: column {1!r} counts {2}.", role, header, unit
                )
            ]
        return values, _unread(column, values, role)
    before, grouped = column, factor == 1.0 and _dots_group(column)
    if grouped:
        column = column.map(lambda cell: cell.replace(".", "") if isinstance(cell, str) else cell)
    values, scaled = _values(column, decimal_comma=False)
    notes = [*_in_words(column, values, role), *_unread(column, values, role)]
    if grouped:
        text = "A dot in {0} sets thousands apart: {1!r} is {2:,.12g}."
        at = next(i for i, cell in enumerate(before) if isinstance(cell, str) and "." in cell)
        notes.append(Note("dot_thousands", text, role, before.iloc[at], values[at]))
    if factor != 1.0:
        values = np.where(scaled, values, values * factor)
        notes.append(
            Note(
                "unit_of_header",
                "{0} is in {1}, as column {2!r} says: times {3:,.0f}.",
                role,
                unit,
                header,
                factor,
            )
        )
    values = np.round(values, 6)  # 1.1 times 10,000 is 11,000.000000000002
    return values, notes


def _dots_group(column: pd.Series[Any]) -> bool:
    """Tell whether dots set thousands apart: people are counted, and no cell has other decimals."""
    if pd.api.types.is_numeric_dtype(column):
        return False
    texts = [str(cell).strip() for cell in column if isinstance(cell, str)]
    dotted = [text for text in texts if "." in text]
    whole = all(isinstance(cell, str) or cell is None or cell != cell for cell in column)  # noqa: PLR0124
    return whole and bool(dotted) and all(_DOT_GROUPS.match(text) for text in dotted)


def plain_numbers(column: pd.Series[Any], *, decimal_comma: bool) -> Floats:
    """
    Read a column of coordinates, or of other numbers without a unit.

    Parameters
    ----------
    column
        Text or numbers.
    decimal_comma
        Whether a comma that may mean either is a decimal one, as in longitudes.

    Returns
    -------
    values
        NaN where there is no number.
    """
    return _values(column, decimal_comma=decimal_comma)[0]


def header_unit(header: str) -> tuple[float | None, str]:
    """
    Return the unit that the name of a column ends with.

    Parameters
    ----------
    header
        The name.

    Returns
    -------
    factor, unit
        10,000 and "万人" for "人口(万人)"; 1 without a unit; no factor where it counts something
        else, such as households.
    """
    text = unicodedata.normalize("NFKC", str(header)).strip().lower()
    found = _UNIT_AT_END.search(text)
    unit = next((part for part in found.groups() if part), "") if found else ""
    if unit and _OTHER_THINGS.search(unit):
        return None, unit
    matched = _UNIT.fullmatch(unit)
    if not matched or not unit:
        return 1.0, ""
    return _FACTORS[(matched.group(1) or "").lower()], unit


def without_unit(header: str) -> str:
    """
    Return the name of a column without the unit at its end.

    Parameters
    ----------
    header
        The name.

    Returns
    -------
    name
        "人口" for "人口_万人"; the name itself where it ends with no unit.
    """
    factor, unit = header_unit(header)
    text = unicodedata.normalize("NFKC", str(header)).strip()
    if factor in (1.0, None) or not unit:
        return str(header)
    return _UNIT_AT_END.sub("", text)


def _values(column: pd.Series[Any], *, decimal_comma: bool) -> tuple[Floats, Any]:
    """Return the numbers, and where a cell names its own scale."""
    scaled = np.zeros(len(column), dtype=bool)
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan), scaled
    values = np.full(len(column), np.nan)
    texts: list[str | None] = []
    factors = np.ones(len(column))
    for row, cell in enumerate(column):
        text, scale, scaled[row] = _taken_apart(cell)
        texts.append(text)
        factors[row] = _FACTORS[scale]
    meaning = _meaning([text for text in texts if text], decimal_comma=decimal_comma)
    for row, text in enumerate(texts):
        if text is not None:
            values[row] = _number(text, meaning)
    return np.where(scaled, np.round(values * factors, 6), values), scaled


def _taken_apart(cell: Any) -> tuple[str | None, str, bool]:
    """Return the digits of a cell with their separators, its scale, and if it names a unit."""
    if cell is None or isinstance(cell, (bool, np.bool_, list, dict, tuple, set, np.ndarray)):
        return None, "", False
    if isinstance(cell, (int, float, np.number)):
        return repr(float(cell)), "", False
    text = _GROUPED.sub("", unicodedata.normalize("NFKC", str(cell)).strip())
    matched = _CELL.fullmatch(text)
    if not matched:
        return None, "", False
    scale = (matched.group(2) or "").lower()
    return matched.group(1), scale, bool(scale or matched.group(3))


def _meaning(texts: list[str], *, decimal_comma: bool) -> str:
    """
    Return what a comma is in a column: "decimal", "group", or "" where cells disagree.

    "degree" is a decimal comma that no cell shows: there a dot is a decimal one as well.
    """
    said = {kind for text in texts if (kind := _kind(text))}
    if len(said) > 1:
        return ""
    return said.pop() if said else "degree" if decimal_comma else "group"


def _kind(text: str) -> str:
    """Return what one cell shows the comma to be, if it does."""
    commas, dots = text.count(","), text.count(".")
    if commas > 1 or (commas and dots and text.rindex(",") < text.rindex(".")):
        return "group"
    if dots > 1 or (commas and dots):
        return "decimal"
    return "decimal" if commas and not _COMMA_GROUPS.match(text.split("e", maxsplit=1)[0]) else ""


def _number(text: str, meaning: str) -> float:
    """Read one number, where a comma means what it means in its column."""
    meaning = _kind(text) or meaning
    if "," in text and not meaning:
        return np.nan
    if meaning == "degree":
        text = text.replace(",", ".")
    elif meaning == "decimal":
        if "." in text and not _DOT_GROUPS.match(text):
            text = text if "," not in text and text.count(".") == 1 else "no number"
        else:
            text = text.replace(".", "")
        text = text.replace(",", ".") if text.count(",") <= 1 else "no number"
    elif "," in text:
        text = text.replace(",", "") if _COMMA_GROUPS.match(text) else "no number"
    try:
        return float(text)
    except ValueError:
        return np.nan


def comma_note(column: pd.Series[Any], what: str, *, degrees: bool = False) -> list[str]:
    """
    Tell what a comma was taken for in a column, where there is one.

    Parameters
    ----------
    column
        The cells.
    what
        What the column is called in the note.
    degrees
        Whether a comma that may mean either is a decimal one.

    Examples
    --------
    >>> comma_note(pd.Series(["1234,5", "80"]), "residents")
    ["A comma in residents is a decimal one: '1234,5' is 1,234.5."]
    """
    if pd.api.types.is_numeric_dtype(column):
        return []
    with_comma = column[column.map(lambda cell: isinstance(cell, str) and "," in cell)]
    if with_comma.empty:
        return []
    values = _values(column, decimal_comma=degrees)[0]
    for cell, value in zip(column, values, strict=True):
        if isinstance(cell, str) and "," in cell and np.isfinite(value):
            digits = re.sub(r"\D", "", cell)
            grouped = float(value).is_integer() and digits == str(int(abs(value)))
            if grouped:
                text = "A comma in {0} sets thousands apart: {1!r} is {2:,.12g}."
                return [Note("comma_thousands", text, what, cell, float(value))]
            text = "A comma in {0} is a decimal one: {1!r} is {2:,.12g}."
            return [Note("comma_decimal", text, what, cell, float(value))]
    return []


def _in_words(column: pd.Series[Any], values: Floats, role: str) -> list[str]:
    """Tell of numbers with words, of which the first stands for all, and of commas."""
    if pd.api.types.is_numeric_dtype(column):
        return []
    worded = np.array(
        [isinstance(cell, str) and bool(_WORDED.search(cell)) for cell in column], dtype=bool
    ) & np.isfinite(values)
    notes = comma_note(column, role)
    if worded.any():
        at = int(np.flatnonzero(worded)[0])
        text = "{0} cells of {1} are numbers with words: {2!r} is read as {3:,.12g}."
        told = Note(
            "numbers_with_words", text, worded.sum(), role, str(column.iloc[at]), values[at]
        )
        notes.append(told)
    return notes


def _unread(column: pd.Series[Any], values: Floats, role: str) -> list[str]:
    """Tell of the cells that could not be read as numbers."""
    odd = column[np.isnan(values) & column.notna().to_numpy()]
    return cells_not_understood(odd, role)
