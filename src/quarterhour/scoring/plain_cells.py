"""Cells and labels as JSON can write them, and back: what they were, not what they look like.

JSON's own kinds stand for themselves. Everything else is a list that begins with its kind, so
that the number 1, the text "1" and the day 2026-01-01 stay three different labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import shapely

from quarterhour.places.notes import Listing, Note


class NotPlainError(TypeError):
    """A cell that is no plain data: an object of the caller's own."""


def plain(cell: Any) -> Any:
    """Give a cell as JSON can write it.

    Raises
    ------
    NotPlainError
        If it is an object that only its own program knows.

    Examples
    --------
    >>> plain(1), plain("1"), plain((1, None)), plain(float("inf"))
    (1, '1', ['tuple', [1, None]], ['float', 'inf'])
    """
    kind = type(cell)
    if cell is None or kind in (bool, int, str):
        return cell
    if kind is float:
        return cell if isfinite(cell) else ["float", repr(cell)]
    for known, write in _WRITE:
        if isinstance(cell, known):
            return write(cell)
    if cell is pd.NA or cell is pd.NaT:
        return ["NA" if cell is pd.NA else "NaT"]
    msg = f"a {kind.__name__} is no plain data"
    raise NotPlainError(msg)


def cell_of(said: Any) -> Any:
    """Give the cell that was written.

    Examples
    --------
    >>> cell_of(plain((1, None))), cell_of(plain(date(2026, 11, 25)))
    ((1, None), datetime.date(2026, 11, 25))
    """
    if not isinstance(said, list):
        return said
    return _READ[said[0]](*said[1:])


def _number(cell: np.generic) -> list[Any]:
    number = cell.item()
    # What Python has no number for, such as an extended float, is written as the next it has.
    return ["numpy", cell.dtype.str, plain(number)]


def _moment(cell: pd.Timestamp) -> list[Any]:
    zone = None if cell.tz is None else str(cell.tz)
    return ["timestamp", int(cell.as_unit("ns").value), cell.unit, zone]


def _timestamp(ns: int, unit: Any, zone: str | None) -> pd.Timestamp:
    moment = pd.Timestamp(ns, unit="ns", tz=zone)
    return moment.as_unit(unit)


def _pairs(cell: Mapping[Any, Any]) -> list[Any]:
    return ["dict", [[plain(key), plain(value)] for key, value in cell.items()]]


def _note(cell: Note) -> list[Any]:
    return ["note", [plain(part) for part in cell.parts()]]


def _listing(cell: Listing) -> list[Any]:
    return ["listing", [list(pair) for pair in cell.words], cell.more]


def _many(word: str) -> Callable[[Any], list[Any]]:
    return lambda cells: [word, [plain(cell) for cell in cells]]


_WRITE: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Note, _note),
    (Listing, _listing),
    (np.bool_, _number),
    (np.number, _number),
    (np.datetime64, lambda cell: ["datetime64", str(cell), np.datetime_data(cell.dtype)[0]]),
    (str, str),
    (type(pd.NaT), lambda _: ["NaT"]),
    (pd.Timestamp, _moment),
    (datetime, lambda cell: ["datetime", cell.isoformat()]),
    (date, lambda cell: ["date", cell.isoformat()]),
    (time, lambda cell: ["time", cell.isoformat()]),
    (pd.Timedelta, lambda cell: ["timedelta64", int(cell.as_unit("ns").value)]),
    (timedelta, lambda cell: ["timedelta", cell.days, cell.seconds, cell.microseconds]),
    (pd.Period, lambda cell: ["period", cell.ordinal, cell.freqstr]),
    (pd.Interval, lambda c: ["interval", plain(c.left), plain(c.right), c.closed]),
    (Decimal, lambda cell: ["decimal", str(cell)]),
    (UUID, lambda cell: ["uuid", str(cell)]),
    (bytes, lambda cell: ["bytes", cell.hex()]),
    (shapely.Geometry, lambda cell: ["wkb", shapely.to_wkb(cell, hex=True)]),
    (tuple, _many("tuple")),
    (list, _many("list")),
    (frozenset, _many("frozenset")),
    (set, _many("set")),
    (np.ndarray, lambda cell: ["array", cell.dtype.str, _many("list")(cell.tolist())]),
    (Mapping, _pairs),
)
"""What is written how; the first kind that fits."""

_READ: dict[str, Callable[..., Any]] = {
    "float": float,
    "numpy": lambda kind, number: np.dtype(kind).type(cell_of(number)),
    "datetime64": np.datetime64,
    "NA": lambda: pd.NA,
    "NaT": lambda: pd.NaT,
    "timestamp": _timestamp,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta64": lambda ns: pd.Timedelta(ns, unit="ns"),
    "timedelta": timedelta,
    "period": lambda ordinal, freq: pd.Period(ordinal=ordinal, freq=freq),
    "interval": lambda low, high, side: pd.Interval(cell_of(low), cell_of(high), side),
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": bytes.fromhex,
    "wkb": shapely.from_wkb,
    "tuple": lambda cells: tuple(map(cell_of, cells)),
    "list": lambda cells: list(map(cell_of, cells)),
    "set": lambda cells: set(map(cell_of, cells)),
    "frozenset": lambda cells: frozenset(map(cell_of, cells)),
    "array": lambda kind, cells: np.array(cell_of(cells), dtype=kind),
    "dict": lambda pairs: {cell_of(key): cell_of(value) for key, value in pairs},
    "note": lambda parts: Note(*map(cell_of, parts)),
    "listing": lambda words, more: Listing([(word, n) for word, n in words], more),
}
