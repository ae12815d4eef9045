"""Items that the owner of a facility table declares in a column of it."""

from __future__ import annotations

import warnings
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.files import lines_of, shipped


def declared_items(
    facilities: pd.DataFrame, checklist: Checklist, column: str
) -> dict[str, npt.NDArray[np.bool_]]:
    """Return for each declared item the rows that declare it.

    An item is declared by its key or by its Chinese name (the item's, or one of its
    alternatives), several joined by "|".
    """
    if column not in facilities.columns:
        return {}
    values = facilities[column]
    codes, distinct = pd.factorize(values)
    words = {item.key: item.key for item in checklist}
    for item in checklist:
        for name in (item.zh, *item.any_of):
            words.setdefault(name, item.key)
    said: dict[str, list[int]] = {}
    unknown: dict[str, int] = {}
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    for place, text in enumerate(distinct):
        for word in filter(None, (part.strip() for part in str(text).split("|"))):
            if word in words:
                said.setdefault(words[word], []).append(place)
            else:
                unknown[word] = unknown.get(word, 0) + int(counts[place])
    _tell_unknown(unknown, checklist, column, list(words))
    return {key: np.isin(codes, places) for key, places in said.items()}


def _tell_unknown(
    unknown: dict[str, int], checklist: Checklist, column: str, words: list[str]
) -> None:
    """Refuse misspelt items; tell of those that only another shipped checklist has."""
    if not unknown:
        return
    elsewhere = {item.key for path in shipped().values() for item in lines_of(path)}
    strange = sorted(set(unknown) - elsewhere)
    if strange:
        near = get_close_matches(strange[0], words, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InputError(
            f"Column {column!r} declares items that checklist {checklist.key} does not have: "
            f"{', '.join(strange)}.{hint} Its items: {', '.join(checklist.keys())}."
        )
    told = ", ".join(f"{key} ({count} facilities)" for key, count in sorted(unknown.items()))
    warnings.warn(
        f"Column {column!r} declares items that belong to other checklists and not to "
        f"{checklist.key}; they are left out: {told}.",
        QuarterhourWarning,
        stacklevel=4,
    )
