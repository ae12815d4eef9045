"""Facility names as the patterns of a checklist read them, and patterns over many names at once."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.errors import InputError

LONGEST = 200
"""Characters of a name that patterns are looked for in; what is longer is a description."""

LONGEST_SEARCH_S = 5.0
"""Seconds that one name may take a pattern."""

NAME_COLUMNS = ("name", "name:zh", "name:en")
# "(东门店)" or "(物美超市店)" tells where a branch is and not what it is.
_BRANCH = re.compile(r"\([^()]*(店|超市|社区|小区|花园|家园|路|街|巷|号)\)")
_SQUARE = "【】〔〕［］〈〉"
_BRACKETS, _BRACKET = str.maketrans(_SQUARE, "()()()()"), re.compile(f"[{_SQUARE}]")
_LAST = 0xFFFF


def normalised(name: str) -> str:
    """Return a name in NFKC, with half-width brackets and single spaces."""
    if name.isascii():
        return " ".join(name.split())
    text = unicodedata.normalize("NFKC", name)
    if _BRACKET.search(text):  # quicker to look for than to translate what has none
        text = text.translate(_BRACKETS)
    return " ".join(text.split())


@dataclass(frozen=True)
class Names:
    """The distinct names of a table, and for each name column the position of each row's name.

    Position 0 is the empty name: a row without a name.
    """

    distinct: list[str]
    columns: tuple[npt.NDArray[np.intp], ...]

    @classmethod
    def of(cls, facilities: pd.DataFrame) -> Names:
        """Collect the names of a facility table."""
        wanted = [column for column in NAME_COLUMNS if column in facilities.columns]
        columns = []
        index: dict[str, int] = {"": 0}
        for column in wanted:
            values = facilities[column]
            codes, raw = pd.factorize(values)
            places = [index.setdefault(normalised(str(name)), len(index)) for name in raw]
            columns.append(np.array([*places, 0], dtype=np.intp)[codes])
        return cls(list(index), tuple(columns))

    @property
    def rows(self) -> int:
        """How many rows the table has, 0 if it has no name column."""
        return len(self.columns[0]) if self.columns else 0

    @cached_property
    def without_branches(self) -> list[str]:
        """The distinct names without a branch's place in brackets."""
        return [_BRANCH.sub("", name) if ")" in name else name for name in self.distinct]

    @cached_property
    def characters(self) -> frozenset[str]:
        """Every character that stands in any name."""
        return frozenset("".join(self.distinct))

    def in_rows(self, rows: Mask) -> Mask:
        """Return which distinct names occur in the rows of a mask."""
        present = np.zeros(len(self.distinct), dtype=bool)
        for places in self.columns:
            present[places[rows]] = True
        present[0] = False
        return present

    def with_any(self, characters: frozenset[str]) -> Mask:
        """Return which distinct names hold any of some characters; those beyond 16 bits are one."""
        character, name = self._by_character
        wanted = np.array(sorted({min(ord(one), _LAST) for one in characters}), dtype=np.uint16)
        first, last = (np.searchsorted(character, wanted, side) for side in ("left", "right"))
        found = np.zeros(len(self.distinct), dtype=bool)
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            found[name[begin:end]] = True
        return found

    @cached_property
    def _by_character(self) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.intp]]:
        """Every character of the distinct names in order, and the name that it stands in."""
        text = "".join(self.distinct).encode("utf-32-le", "surrogatepass")
        # 16 bits are put in order by their digits, in a tenth of the time.
        character = np.minimum(np.frombuffer(text, dtype="<u4"), _LAST).astype(np.uint16)
        name = np.repeat(np.arange(len(self.distinct)), [len(one) for one in self.distinct])
        order = np.argsort(character, kind="stable")
        return character[order], name[order]

    def search(
        self, pattern: re.Pattern[str], among: Mask, *, branches: bool = True
    ) -> dict[int, str]:
        """Search the names of a mask; return the text hit by the position of the name.

        Without `branches` a branch's place in brackets is not searched.
        """
        names = self.distinct if branches else self.without_branches
        search = pattern.search
        found = {}
        began = time.monotonic()
        for place in np.flatnonzero(among).tolist():
            match = search(names[place][:LONGEST])
            if match is not None:
                found[place] = match[0]
            now = time.monotonic()
            if now - began > LONGEST_SEARCH_S:
                msg = (
                    f"The pattern {pattern.pattern!r} takes {now - began:.0f} s for the name "
                    f"{names[place][:30]!r}: write it so that a text fits in one way only."
                )
                raise InputError(msg)
            began = now
        return found

    def rows_with(self, hits: Mask, count: int) -> Mask:
        """Return which rows have one of these names, in any of the columns."""
        rows = np.zeros(count, dtype=bool)
        for places in self.columns:
            rows |= hits[places]
        return rows
