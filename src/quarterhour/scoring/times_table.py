"""The table of walks, put together of columns; of another one only what has changed is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Ints, Mask
from quarterhour.scoring.searched import Block, Column, Searched, Walk

COLUMNS = ["origin", "item", "seconds", "metres", "facility", "status", "host"]


_MOST_WAITING = 8
"""So many tables wait for the one before at most; then that one is put together."""


class Times:
    """The table of walks, which is put together when it is first asked for.

    ``waiting`` is how many tables have to be put together for it.
    """

    def __init__(self, make: Callable[[], pd.DataFrame], before: Times | None = None) -> None:
        self._make = make
        self._table: pd.DataFrame | None = None
        self.waiting: int = 1 if before is None else before.waiting + 1

    @classmethod
    def of(cls, table: pd.DataFrame) -> Times:
        """Take a table that is there already."""
        found = cls(lambda: table)
        found.kept()
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return Times.of, (self.kept(),)

    def kept(self) -> pd.DataFrame:
        """Give the table itself, which nobody may write to."""
        if (table := self._table) is None:
            table = self._table = self._make()
            self._make = lambda: table  # no more of what it was made of
            self.waiting = 0
        return table

    def copy(self) -> pd.DataFrame:
        """Give a copy of the table."""
        return self.kept().copy()


def times_of(searched: Searched, tables: Sequence[pd.DataFrame | None], speed_m_s: float) -> Times:
    """Give the table of what was searched, block by block; some are given as tables already."""
    searched.plain, searched.speed_m_s = all(table is None for table in tables), speed_m_s
    before, blocks = searched.before, searched.blocks
    last = None
    # Walks that cost the same metres take other seconds at another speed.
    if before is not None and before.plain and searched.plain and before.speed_m_s == speed_m_s:
        last, were = before.times, before.blocks
    if last is not None and last.waiting >= _MOST_WAITING:
        last.kept()

    def make() -> pd.DataFrame:
        times = None if last is None else _spliced(last.kept(), were, blocks, speed_m_s)
        return _joined(blocks, tables, speed_m_s) if times is None else times

    searched.times = times = Times(make, last)
    return times


def _joined(
    blocks: list[Block], tables: Sequence[pd.DataFrame | None], speed_m_s: float
) -> pd.DataFrame:
    pairs = zip(blocks, tables, strict=True)
    made = [_table_of(block, speed_m_s) if known is None else known for block, known in pairs]
    filled = [table for table in made if not table.empty]
    empty = pd.DataFrame(columns=COLUMNS)
    return pd.concat(filled, ignore_index=True) if filled else empty


def costs_of(block: Block) -> pd.DataFrame:
    """Put columns together as :func:`quarterhour.nearest` has them: home by home, item by item.

    What walks cost is called ``seconds``, whatever the unit of the limit.
    """
    columns = list(block.columns.values())
    labels, k = columns[0].walk.homes.labels, len(columns)
    return pd.DataFrame(
        {
            "origin": labels.repeat(k),
            "item": np.tile(np.asarray(list(block.columns), dtype=object), len(labels)),
            "seconds": np.column_stack([one.cost for one in columns]).ravel(),
            "facility": np.column_stack([one.facility for one in columns]).ravel(),
            "status": np.column_stack([one.status for one in columns]).ravel(),
        }
    )


def timed(table: pd.DataFrame, walk: Walk, speed_m_s: float) -> pd.DataFrame:
    """Say how long walks are that cost metres: they are walked at the walker's speed."""
    table["metres"] = np.nan
    if walk.in_metres:
        table["metres"] = table["seconds"]
        table["seconds"] = table["metres"] / speed_m_s
    return table


def _table_of(block: Block, speed_m_s: float) -> pd.DataFrame:
    walk = next(iter(block.columns.values())).walk
    return timed(costs_of(block), walk, speed_m_s).assign(host=block.hosts)[COLUMNS]


def _spliced(
    before: pd.DataFrame, were: list[Block], blocks: list[Block], speed_m_s: float
) -> pd.DataFrame | None:
    """Give a table with other columns in place of some; none where it may have another form."""
    if [_form(block) for block in blocks] != [_form(block) for block in were]:
        return None
    pairs = [
        (_walk(one).homes.labels, _walk(two).homes.labels)
        for one, two in zip(were, blocks, strict=True)
    ]
    if not all(one.equals(two) and one.dtype == two.dtype for one, two in pairs):
        return None
    changed = list(_changed(were, blocks))
    if not all(_named_alike(before, block, new) for block, _, new, _ in changed):
        return None
    found = before.copy()
    parts = [_cells(rows, new, others, speed_m_s) for _, rows, new, others in changed]
    if parts:
        rows, *cells = (np.concatenate(several) for several in zip(*parts, strict=True))
        for name, mine in zip(COLUMNS[2:6], cells, strict=True):
            column = found[name].array.copy()
            column[rows] = mine
            found[name] = pd.Series(column, index=found.index)
    return found


def _cells(rows: Ints, new: Column, others: Mask, speed_m_s: float) -> tuple[Any, ...]:
    """Rows of the table that are others, and their seconds, metres, facility and status."""
    cost = new.cost[others]
    metres = np.full(len(cost), np.nan)
    seconds = cost
    if new.walk.in_metres:
        seconds, metres = cost / speed_m_s, cost
    return rows[others], seconds, metres, new.facility[others], new.status[others]


def _walk(block: Block) -> Walk:
    return next(iter(block.columns.values())).walk


def _form(block: Block) -> tuple[Any, ...]:
    walk = _walk(block)
    return block.hosts, walk.in_metres, tuple(block.columns)


def _changed(were: list[Block], blocks: list[Block]) -> Iterator[tuple[Block, Ints, Column, Mask]]:
    """Blocks with a column that is another one, the rows of it, the column, and where it is."""
    first = 0
    for one, two in zip(were, blocks, strict=True):
        old, new = list(one.columns.values()), list(two.columns.values())
        n, k = len(new[0].cost), len(new)
        for place in range(k):
            if (others := new[place].others(old[place])).any():
                yield two, np.arange(first + place, first + n * k, k), new[place], others
        first += n * k


def _named_alike(before: pd.DataFrame, block: Block, new: Column) -> bool:
    """Whether pandas would give the labels of facilities the type that they have."""
    if before["facility"].dtype != _TEXT:
        return False
    if pd.api.types.infer_dtype(new.facility, skipna=True) not in ("string", "empty"):
        return False
    return any(_has_any(column.facility) for column in block.columns.values())


def _has_any(facility: npt.NDArray[np.object_]) -> bool:
    return any(label is not None for label in facility)


_TEXT = pd.DataFrame({"text": np.array(["text", None], dtype=object)})["text"].dtype
"""The type that a column of labels has where all of them are texts, or none."""
