"""Tags of OpenStreetMap in the columns of a facility table."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd


@lru_cache(maxsize=4_096)
def _keys_of(expressions: tuple[str, ...]) -> frozenset[str]:
    parts = (part for one in expressions for part in one.split(" & "))
    return frozenset(part.partition("=")[0].strip() for part in parts)


class Tags:
    """Answers which rows of a table carry a tag; a value list such as "a;b" carries both."""

    def __init__(self, facilities: pd.DataFrame) -> None:
        self._table = facilities
        self._columns = frozenset(facilities.columns)
        self._count = len(facilities)
        self._known: dict[str, tuple[npt.NDArray[np.intp], list[frozenset[str]]]] = {}

    def present(self, expressions: Iterable[str]) -> bool:
        """Whether the table has the column of any of these tags."""
        return not _keys_of(tuple(expressions)).isdisjoint(self._columns)

    def has(self, key: str, values: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return the rows whose `key` has one of the values; "*" is any value but "no"."""
        codes, lists = self._values(key)
        wanted = frozenset(values)
        if not wanted or not lists:
            return np.zeros(self._count, dtype=bool)
        if "*" in wanted:
            fits = [bool(found - {"no"}) for found in lists]
        else:
            fits = [not wanted.isdisjoint(found) for found in lists]
        rows: npt.NDArray[np.bool_] = np.array([*fits, False], dtype=bool)[codes]
        return rows

    def any_of(self, expressions: Iterable[str]) -> npt.NDArray[np.int16]:
        """Return per row the position of the first expression that fits, plus 1, or 0.

        An expression is ``key=value``, ``key=*`` or several of them joined by `` & ``.
        """
        first = np.zeros(self._count, dtype=np.int16)
        for number, expression in enumerate(expressions, start=1):
            parts = [part.partition("=") for part in expression.split(" & ")]
            if not all(key.strip() in self._columns for key, _, _ in parts):
                continue
            fits = np.ones(self._count, dtype=bool)
            for key, _, value in parts:
                fits &= self.has(key.strip(), [value.strip()])
            first[fits & (first == 0)] = number
        return first

    def _values(self, key: str) -> tuple[npt.NDArray[np.intp], list[frozenset[str]]]:
        if key not in self._known:
            if key in self._columns:
                codes, distinct = pd.factorize(self._table[key])
                lists = [
                    frozenset(part.strip() for part in str(value).split(";") if part.strip())
                    for value in distinct
                ]
            else:
                codes, lists = np.full(self._count, -1), []
            self._known[key] = codes, lists
        return self._known[key]
