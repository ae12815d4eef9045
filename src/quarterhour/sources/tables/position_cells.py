"""Cells that hold degrees or pairs of them, as people and programs write them."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from quarterhour.places.cell_words import half_width

EAST_WEST = "EW"
NORTH_SOUTH = "NS"

_WORDS = {"东经": "E", "西经": "W", "北纬": "N", "南纬": "S", "经度": "E", "纬度": "N"}
_SECOND = "(?:\"|″|′′|''|”|’’|秒)"
_NUMBER = r"\d+(?:[.,]\d+)?"
_DEGREES = re.compile(
    rf"([EWNS]?)\s*:?\s*([+-]?{_NUMBER})\s*(?:°|º|度)?\s*"
    rf"(?:({_NUMBER})\s*(?:['′’]|分))?\s*(?:({_NUMBER})\s*{_SECOND})?\s*([EWNS]?)",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"[EWNS]?\s*[+-]?\d+\s*(?:°|º|度)\s*\d[^EWNS,;/|]*[EWNS]?", re.IGNORECASE)
_KEYED = re.compile(
    r"\b(lng|lon|long|longitude|lat|latitude|经度|纬度)[\"']?\s*[:=]\s*[\"']?([+-]?[\d.]+)",
    re.IGNORECASE,
)


def degree(cell: Any) -> tuple[Any, str]:
    """
    Return a cell as a number of degrees, and the side of the globe that it names.

    Parameters
    ----------
    cell
        A number, or a text with signs, letters, minutes and seconds.

    Returns
    -------
    number, side
        The cell itself and "" where it holds nothing but a number, or no degrees.

    Examples
    --------
    >>> degree("E116.39"), degree("39°54′30″S"), degree("东经116.39"), degree("116.39")
    (('116.39', 'E'), ('-39.90833333333333', 'S'), ('116.39', 'E'), ('116.39', ''))
    """
    if not isinstance(cell, str):
        return cell, ""
    text = half_width(cell)
    for word, letter in _WORDS.items():
        text = text.replace(word, letter)
    found = _DEGREES.fullmatch(text)
    if not found:
        return cell, ""
    before, whole, minutes, seconds, after = found.groups()
    side = (before or after).upper()
    if before and after:
        return cell, ""
    if minutes is None and seconds is None:
        return (f"-{whole.lstrip('+-')}" if side in ("W", "S") and side else whole), side
    value = abs(_float(whole)) + _float(minutes) / 60 + _float(seconds) / 3600
    return str(-value if whole.startswith("-") or side in ("W", "S") else value), side


def split_pairs(column: pd.Series[Any]) -> pd.Series[Any]:
    """
    Split texts like "116.39,39.90" at what is between the numbers.

    Parameters
    ----------
    column
        "116.39,39.90", "[116.39; 39.90]", "POINT(116.39 39.90)", "116°23′E 39°54′N", or an object
        of JSON whose keys say which number is which.

    Returns
    -------
    parts
        Two or more texts in a list.

    Examples
    --------
    >>> split_pairs(pd.Series(['{"lat": 39.9, "lng": 116.4}', "(116.4 39.9)"])).tolist()
    [['116.4', '39.9'], ['116.4', '39.9']]
    """
    text = column.astype(object).where(column.notna(), "").map(half_width)
    special = text.map(lambda cell: _keyed(cell) or _with_minutes(cell))
    text = text.str.replace(r"^[A-Za-z ]*(?=[(\[])|[()\[\]{}'\"°]", "", regex=True).str.strip()
    plain = text.str.replace(r"[\s,;、|/]+", ",", regex=True).str.split(",", n=2, regex=False)
    return special.where(special.map(bool), plain)


def _keyed(text: str) -> list[str]:
    if ":" not in text and "=" not in text:
        return []
    found = {}
    for key, number in _KEYED.findall(text):
        axis = "lat" if key.lower().startswith("lat") or key == "纬度" else "lon"
        found[axis] = number
    return [found["lon"], found["lat"]] if len(found) == 2 else []


def _with_minutes(text: str) -> list[str]:
    found = [part.strip() for part in _MINUTES.findall(text)]
    return found if len(found) == 2 else []


def _float(text: str | None) -> float:
    return float((text or "0").replace(",", "."))
