"""Places and functions, counted apart: 一室多用、一站多能."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.scoring.scorecard import Scorecard

COLUMNS = ["name", "functions", "implied", "items", "services", "hours_told"]

_BETWEEN = re.compile(r"[|;,、，；/\n]+")


def functions(card: Scorecard) -> pd.DataFrame:
    """Say of every place that counts how many items of the checklist it serves.

    Parameters
    ----------
    card
        The scorecard.

    Returns
    -------
    DataFrame
        One row per place, the most useful first, with its label: ``name``; ``functions``, how
        many items it serves itself; ``implied``, how many more it usually houses as a host;
        ``items``, their keys, joined by a bar, those of its own first; ``services``, how many its
        list (``services``, 服务项目) names (NaN where it has none); ``hours_told``, whether it
        says when it is open or comes. A place that is listed twice is one. ``attrs`` has the sums
        ``places`` and ``functions``, and ``one_stop``, the places with more than one function.

    Raises
    ------
    InputError
        If the scorecard was read without its facilities.

    Examples
    --------
    >>> functions(card).head()  # doctest: +SKIP
    """
    if "facilities" in card.missing:
        msg = "The facilities are not in the folder of this scorecard: score it anew."
        raise InputError(msg)
    matches, facilities = card.matches, card.facilities
    if "counts" in matches:
        matches = matches[matches["counts"] != "no"]
    place = matches["place"] if "place" in matches else matches["facility"]
    own = (matches["evidence"] != "host").tolist()
    found: dict[Any, tuple[dict[str, None], dict[str, None]]] = {}
    for label, item, observed in zip(place, matches["item"], own, strict=True):
        mine = found.setdefault(label, ({}, {}))
        mine[0 if observed else 1][str(item)] = None
    order = {label: row for row, label in enumerate(facilities.index)}
    rows: list[tuple[Any, int, int, str]] = []
    for label, (itself, housed) in found.items():
        more = [item for item in housed if item not in itself]
        rows.append((label, len(itself), len(more), "|".join([*itself, *more])))
    rows.sort(key=lambda row: (-row[1], -row[2], order[row[0]]))
    labels = [row[0] for row in rows]
    table = facilities.reindex(labels) if rows else facilities.iloc[:0]
    told = pd.DataFrame(
        {
            "name": table["name"].to_numpy() if "name" in table else None,
            "functions": [row[1] for row in rows],
            "implied": [row[2] for row in rows],
            "items": [row[3] for row in rows],
            "services": _listed(table),
            "hours_told": _says(table, "opening_hours") | _says(table, "recurrence"),
        },
        index=table.index,
        columns=COLUMNS,
    )
    several = int((told["functions"] > 1).sum())
    told.attrs.update(places=len(told), functions=int(told["functions"].sum()), one_stop=several)
    return told


def _texts(table: pd.DataFrame, column: str) -> list[str]:
    cells = table[column] if column in table else [None] * len(table)
    return [cell.strip() if isinstance(cell, str) else "" for cell in cells]


def _says(table: pd.DataFrame, column: str) -> Any:
    return np.array([bool(text) for text in _texts(table, column)], dtype=bool)


def _listed(table: pd.DataFrame) -> list[float]:
    """How many services each place lists."""
    return [
        float(sum(bool(word.strip()) for word in _BETWEEN.split(text))) if text else np.nan
        for text in _texts(table, "services")
    ]
