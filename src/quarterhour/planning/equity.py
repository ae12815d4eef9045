"""Who has how much: minutes and items had, and how unevenly they are spread over residents."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Mask
from quarterhour.errors import InputError
from quarterhour.planning.inequality import (
    concentration_index,
    gini,
    group_means,
    palma,
    theil,
    theil_between,
)
from quarterhour.scoring.by_part import Board, board_of
from quarterhour.scoring.scorecard import Scorecard


def equity(card: Scorecard, *, by: str | None = None, rank: str | None = None) -> pd.DataFrame:
    """Say how unevenly minutes and items are spread over the residents of a scorecard.

    Parameters
    ----------
    card
        The scorecard.
    by
        Column of the areas with groups, such as the kind of housing: the gap between them, and
        the part of Theil's T that lies between them.
    rank
        Column of the areas with numbers, such as income: the concentration index against it.

    Returns
    -------
    DataFrame
        One row ``of`` the ``items`` had (of those whose answer is known in the area, the share
        that the home has within the limit; ``item`` is ``"all"``), and one of the ``minutes`` to
        each ``item``. ``mean``, ``gini``, ``palma``, ``theil`` (see :func:`quarterhour.gini` and
        the others); with ``by`` also ``theil_between``, ``gap`` (mean of the group that has most
        less that of the group that has least), ``most``, ``least``; with ``rank``
        ``concentration``. ``counted`` are the residents (``unit``; residences where nobody has
        counted) in these numbers, ``beyond`` those whose nearest place is farther than was
        looked, ``unknown`` those of whom nothing is known. Many minutes are a lack: what has a
        high mean there is badly served.

    Raises
    ------
    InputError
        If there is no such column, it is no number, or the scorecard has no homes.

    Examples
    --------
    >>> equity(card, by="district", rank="income")  # doctest: +SKIP
    """
    board = board_of(card)
    people = _People.of(board, by, rank)
    known = board.known[board.reached.home]
    had = (known & board.here).sum(axis=1)
    count = known.sum(axis=1)
    share = np.divide(had, count, out=np.full(len(count), np.nan), where=count > 0)
    rows = [_row("items", "all", share, np.zeros(len(count), dtype=bool), people)]
    minutes = minutes_of(board)
    for number, item in enumerate(card.checklist):
        mine = np.where(known[:, number], minutes[:, number], np.nan)
        beyond = known[:, number] & np.isnan(mine)
        rows.append(_row("minutes", item.key, mine, beyond, people))
    return pd.DataFrame(rows)


def minutes_of(board: Board) -> Floats:
    """Give the minutes of each home to the nearest place of each item, NaN where none is near.

    Where an area has an item only through hosts, these count.
    """
    card, reached = board.card, board.reached
    keys = pd.Index(card.checklist.keys())
    times = card.times
    item = keys.get_indexer(pd.Index(times["item"]))
    home = card.origins.index.get_indexer(pd.Index(times["origin"]))
    minutes = times["seconds"].to_numpy(dtype=np.float64) / 60
    good = (item >= 0) & (home >= 0) & np.isfinite(minutes)
    through = times["host"].to_numpy(dtype=bool)
    itself, hosted = np.full((2, len(card.origins), len(keys)), np.inf)
    for table, mine in ((itself, good & ~through), (hosted, good & through)):
        np.minimum.at(table, (home[mine], item[mine]), minutes[mine])
    by_host = board.hosted[reached.home]
    found = np.where(by_host, np.minimum(itself, hosted), itself)
    return np.where(np.isfinite(found), found, np.nan)


class _People(NamedTuple):
    """Who is counted: weight of each home, its group and rank, and what the weights are."""

    weight: Floats
    unit: str
    groups: Any
    ranks: Floats | None

    @classmethod
    def of(cls, board: Board, by: str | None, rank: str | None) -> _People:
        card, reached = board.card, board.reached
        for column in (by, rank):
            if column is not None and column not in card.areas:
                own = [str(c) for c in card.areas.columns if c != card.areas.geometry.name]
                msg = f"The areas have no column {column!r}; they have {', '.join(own)}."
                raise InputError(msg)
        weight, unit = board.people()
        groups = None if by is None else card.areas[by].to_numpy(dtype=object)[reached.home]
        if rank is None:
            return cls(weight, unit, groups, None)
        numbers = pd.to_numeric(card.areas[rank], errors="coerce").to_numpy(dtype=np.float64)
        if not np.isfinite(numbers).any():
            msg = f"The column {rank!r} has no numbers to put people in order by."
            raise InputError(msg)
        return cls(weight, unit, groups, numbers[reached.home])


def _row(of: str, item: str, values: Floats, beyond: Mask, people: _People) -> dict[str, Any]:
    """Measure one thing."""
    weight = people.weight
    known = np.isfinite(values) & (weight > 0)
    row: dict[str, Any] = {"of": of, "item": item}
    some, w = values[known], weight[known]
    nothing = len(some) == 0
    row["mean"] = np.nan if nothing else float(some @ w / w.sum())
    for name, function in (("gini", gini), ("palma", palma), ("theil", theil)):
        row[name] = np.nan if nothing else function(some, w)
    if people.groups is not None:
        row |= _between(some, people.groups[known], w)
    if people.ranks is not None:
        ranked = known & np.isfinite(people.ranks)
        some, w, ranks = values[ranked], weight[ranked], people.ranks[ranked]
        row["concentration"] = concentration_index(some, ranks, w) if len(some) else np.nan
    counted = float(weight[known].sum())
    far = float(weight[beyond].sum())
    rest = max(float(weight.sum()) - counted - far, 0.0)
    return row | {"counted": counted, "beyond": far, "unknown": rest, "unit": people.unit}


def _between(values: Floats, groups: Any, weight: Floats) -> dict[str, Any]:
    named = pd.notna(groups)
    values, groups, weight = values[named], groups[named], weight[named]
    if len(values) == 0:
        return {"theil_between": np.nan, "gap": np.nan, "most": None, "least": None}
    means = group_means(values, groups, weight)["mean"]
    return {
        "theil_between": theil_between(values, groups, weight),
        "gap": float(means.max() - means.min()),
        "most": means.idxmax(),
        "least": means.idxmin(),
    }
