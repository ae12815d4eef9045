"""Amap typecodes of a facility table: six digits, several of one place joined by "|"."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.standards.items import Item


@dataclass(frozen=True)
class CodeFit:
    """What the typecodes of each row say about one item."""

    fits: npt.NDArray[np.bool_]  # the code is enough
    needs_name: npt.NDArray[np.bool_]  # the code is wide: enough together with a name
    blocked: npt.NDArray[
        np.bool_
    ]  # the code says that it is something else: a name is not believed


@dataclass(frozen=True)
class Typecodes:
    """The distinct typecode texts of a table and the position of each row's text among them.

    The last text is empty: a row without a typecode.
    """

    distinct: list[str]
    codes: list[tuple[str, ...]]
    places: npt.NDArray[np.intp]
    present: bool

    @classmethod
    def of(cls, facilities: pd.DataFrame) -> Typecodes:
        """Collect the typecodes of a table; a number read as 50100.0 is 050100."""
        if "typecode" not in facilities.columns:
            return cls([""], [()], np.zeros(len(facilities), dtype=np.intp), present=False)
        column = facilities["typecode"]
        places, raw = pd.factorize(column)
        distinct = [_text(value) for value in raw]
        codes = [tuple(re.findall(r"\d{6}", text)) for text in distinct]
        return cls([*distinct, ""], [*codes, ()], places, present=True)

    def text(self, row: int) -> str:
        """Return the typecode text of a row."""
        return self.distinct[int(self.places[row])]

    def for_item(self, item: Item, veto: tuple[str, ...]) -> CodeFit:
        """Return what the typecodes say about an item."""
        if not self.present:
            nothing = np.zeros(len(self.places), dtype=bool)
            return CodeFit(nothing, nothing, nothing)
        verdicts = np.array([_verdict(codes, item, veto) for codes in self.codes], dtype=bool)
        rows = verdicts[self.places]
        return CodeFit(rows[:, 0], rows[:, 1], rows[:, 2])


def _text(value: object) -> str:
    if isinstance(value, int | float | np.integer | np.floating):
        return f"{int(value):06d}"
    text = re.sub(r"\.0$", "", str(value).strip())
    return text.zfill(6) if text.isdigit() else text


def _verdict(codes: tuple[str, ...], item: Item, veto: tuple[str, ...]) -> tuple[bool, bool, bool]:
    wrong = [code for code in codes if code.startswith(item.amap_exclude)]
    others = [code for code in codes if not code.startswith(item.amap_exclude)]
    fits = any(code.startswith(item.amap) for code in others)
    needs_name = any(code.startswith(item.amap_needs_name) for code in others)
    # One of several functions may be the item although the others are something else, so a veto
    # takes all of the codes; an excluded code stands for the item's own look-alike.
    vetoed = bool(codes) and all(
        code.startswith(veto) and not code.startswith(item.veto_except) for code in others
    )
    blocked = not fits and not needs_name and (bool(wrong) or vetoed)
    return fits, needs_name, blocked
