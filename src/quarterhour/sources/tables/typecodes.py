"""Amap's codes as spreadsheets leave them: without zeros, in thousands, in powers of ten."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note

_SEPARATORS = re.compile(r"[|;,/、\s]+")
_THOUSANDS = re.compile(r"(?<!\d)(\d{2,3}),(\d{3})(?![\d,])")
_POWER = re.compile(r"(\d)(?:\.(\d+))?e\+?0*(\d+)", re.IGNORECASE)
_DIGITS = 6
_GROUP_DIGITS = 4  # of six: the digits that name the group; the last two name its member


def read_typecodes(column: pd.Series[Any]) -> tuple[pd.Series[Any], list[str]]:
    """
    Read a column of category codes.

    Parameters
    ----------
    column
        Text, numbers or lists.

    Returns
    -------
    codes
        Six digits each, several joined by a bar; None where there is no code.
    notes
        Cells that are no codes, or that have lost digits.
    """
    read = [_codes(value) for value in column]
    notes: list[str] = []
    bad = [str(value) for value, (_, state) in zip(column, read, strict=True) if state == "bad"]
    if bad:
        shown = listed(repr(text) for text in dict.fromkeys(bad))
        notes.append(
            Note(
                "typecodes_wrong",
                "{0} cells of typecode are no codes of six digits, left out: {1}.",
                len(bad),
                shown,
            )
        )
    short = [str(value) for value, (_, state) in zip(column, read, strict=True) if state == "group"]
    if short:
        shown = listed(repr(text) for text in dict.fromkeys(short))
        notes.append(
            Note(
                "typecodes_short",
                "{0} cells of typecode were shortened by a spreadsheet and are read as their "
                "group, the last two digits as 00: {1}.",
                len(short),
                shown,
            )
        )
    values = np.full(len(read), None, dtype=object)
    values[:] = [code for code, _ in read]
    return pd.Series(values, index=column.index, dtype=object), notes


def _codes(value: Any) -> tuple[str | None, str]:
    """Return the codes of one cell, and "bad" or "group" where there is something to tell."""
    if isinstance(value, (list, tuple, set, np.ndarray)):
        texts = [str(part) for part in value]
    elif value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN
        return None, ""
    elif isinstance(value, float) and value.is_integer():
        texts = [f"{value:.0f}"]
    else:
        plain = unicodedata.normalize("NFKC", str(value)).strip()
        texts = _SEPARATORS.split(_THOUSANDS.sub(r"\1\2", plain))
    read = [_code(text) for text in texts if text.strip()]
    codes = [code for code, _ in read if code is not None]
    states = {state for _, state in read}
    state = next((name for name in ("bad", "group") if name in states), "")
    return "|".join(codes) or None, state


def _code(text: str) -> tuple[str | None, str]:
    text = text.strip().removesuffix(".0")
    if power := _POWER.fullmatch(text):
        whole, part, exponent = power.group(1), power.group(2) or "", int(power.group(3))
        known = (_DIGITS - 1 - exponent) + 1 + len(part)  # digits of the code that are written
        if exponent not in (_DIGITS - 2, _DIGITS - 1) or known < _GROUP_DIGITS:
            return None, "bad"
        digits = (whole + part).ljust(exponent + 1, "0")
        if len(digits) > exponent + 1:
            return None, "bad"
        return digits.zfill(_DIGITS), "" if known >= _DIGITS else "group"
    if text.isascii() and text.isdigit() and len(text) in (_DIGITS - 1, _DIGITS):
        return text.zfill(_DIGITS), ""
    return None, "bad"
