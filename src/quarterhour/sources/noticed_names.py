"""What is odd about the texts of a table: characters nobody sees, and cells that calculate."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note

# Controls of both sets, line and paragraph separators, direction marks, zero-width characters.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LIVE = re.compile(r"[=+@\t\r]|-(?![\d.,]+\s*$)")
_BROKEN = "\ufffd"
_COLUMNS = ("name", "name:zh", "name:en", "address", "item", "typecode")


def of_texts(table: pd.DataFrame) -> Iterator[str]:
    """
    Tell of texts with characters that cannot be seen, are lost, or start a formula.

    Parameters
    ----------
    table
        As a reader gave it.
    """
    for column in [name for name in _COLUMNS if name in table.columns]:
        texts = table[column].dropna()
        texts = texts[texts.map(lambda cell: isinstance(cell, str))]
        yield from _of_column(str(column), texts)


def _of_column(column: str, texts: pd.Series[str]) -> Iterator[str]:
    unseen = texts[texts.map(lambda text: bool(_UNSEEN.search(text)))]
    if len(unseen):
        kinds = sorted({f"U+{ord(sign):04X}" for text in unseen for sign in _UNSEEN.findall(text)})
        sentence = "{0:,} cells of {1} hold characters that cannot be seen ({2}), the first is {3}."
        some, first = listed(kinds), _short(unseen.iloc[0])
        yield Note("cells_unseen", sentence, len(unseen), column, some, first)
    live = texts[texts.map(lambda text: bool(_LIVE.match(text)))]
    if len(live):
        sentence = (
            "{0:,} cells of {1} begin as formulas do, the first is {2}: files for spreadsheets "
            "write them as text."
        )
        yield Note("cells_formulas", sentence, len(live), column, _short(live.iloc[0]))
    lost = int(texts.map(lambda text: _BROKEN in text).sum())
    if lost:
        sentence = "{0:,} cells of {1} hold characters that were lost before ({2})."
        yield Note("cells_lost", sentence, lost, column, _BROKEN)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")
