"""The searches of a question, kept by item: what has not changed is not searched again.

An item is searched apart from the others: its walks depend on the homes, the streets, the walker,
how far is looked, and where its own places are, in their order. Where all of these are as they
were, so are the walks, to the last digit; the others are searched, and only they judged again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.scoring.judge import NO_FACILITY, NOT_SNAPPED, WORDS, Walks
from quarterhour.scoring.rows_before import MOST_CHANGED
from quarterhour.streets.grounds import grounds_of_both, same_grounds
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, Positions
from quarterhour.walking.nearest import Found, nearest_by_group
from quarterhour.walking.node_walks import NodeWalks
from quarterhour.walking.pace import Pace


class Walk(NamedTuple):
    """From where, on what, how far and by whom is walked."""

    homes: Placed
    network: WalkNetwork
    limit_s: float
    pace: Pace
    in_metres: bool = False

    def same(self, other: Walk) -> bool:
        """Whether nothing of it is another."""
        if self.homes is not other.homes or self.network is not other.network:
            return False
        return self.limit_s == other.limit_s and bool(self.pace == other.pace)


class Column(NamedTuple):
    """The walks of all homes to one item, and what they were found from.

    ``cost`` is in seconds, or in metres for items with a limit in metres; NaN where there is no
    walk, with None for the facility. ``code`` is what is said of it, a position in
    :data:`quarterhour.scoring.judge.WORDS`.
    """

    walk: Walk
    places: Placed
    cost: Floats
    facility: npt.NDArray[np.object_]
    code: npt.NDArray[np.int8]

    @property
    def status(self) -> npt.NDArray[np.object_]:
        """What is said of each walk, in words."""
        return np.array(WORDS, dtype=object)[self.code]

    def still(self, walk: Walk, places: Placed) -> bool:
        """Whether a search would find the same."""
        return self.walk.same(walk) and same_places(self.places, places)

    def with_rows(self, rows: Ints, part: Column) -> Column:
        """Give the column with the walks of some homes in place of what they were."""
        cells: tuple[Any, ...] = (self.cost.copy(), self.facility.copy(), self.code.copy())
        for mine, new in zip(cells, (part.cost, part.facility, part.code), strict=True):
            mine[rows] = new
        return Column(part.walk, part.places, *cells)

    def nearer(self, more: Column) -> Column | None:
        """Give the walks to places of both; None where two are as near: a search tells which."""
        if not self.walk.same(more.walk) or (self.cost == more.cost).any():
            return None
        here = (more.cost < self.cost) | (np.isnan(self.cost) & ~np.isnan(more.cost))
        return Column(
            self.walk,
            joined_places(self.places, more.places),
            np.where(here, more.cost, self.cost),
            np.where(here, more.facility, self.facility),
            np.minimum(self.code, more.code),  # within, beyond, unreachable, lost: the best of both
        )

    def others(self, before: Column) -> Mask:
        """Mark the homes whose walks are others than they were."""
        if self is before:
            return np.zeros(len(self.cost), dtype=bool)
        if not self.walk.homes.labels.equals(before.walk.homes.labels):
            return np.ones(len(self.cost), dtype=bool)
        same = (self.cost == before.cost) | (np.isnan(self.cost) & np.isnan(before.cost))
        same &= self.facility == before.facility
        return np.asarray(~(same & (self.code == before.code)), dtype=bool)


class AtNodes(NamedTuple):
    """What every node knows of its nearest places, and of which it knows."""

    network: WalkNetwork
    limit_s: float
    pace: Pace
    places: Placed
    item_of: npt.NDArray[np.object_]
    items: pd.Index
    walks: NodeWalks
    hosts: bool

    def same(self, walk: Walk, places: Placed, item_of: pd.Series[Any]) -> bool:
        """Whether a search would look for the same."""
        if self.network is not walk.network or self.limit_s != walk.limit_s:
            return False
        if not (bool(self.pace == walk.pace) and same_places(self.places, places)):
            return False
        return np.array_equal(self.item_of, np.asarray(item_of, dtype=object))


class Block(NamedTuple):
    """Items that were searched together: a column each, in the order of their keys."""

    hosts: bool
    columns: dict[str, Column]


class Searched:
    """Columns of walks by item, those through hosts apart, of the last answer and of this one.

    ``times`` is the table of walks that is made of ``blocks``; it is ``plain`` if of nothing else.
    ``speed_m_s`` is that of whoever walks them.
    """

    def __init__(self, before: Searched | None = None) -> None:
        self.before: Searched | None = before if before is not None and before.whole else None
        self.now: dict[tuple[bool, str], Column] = {}
        self.blocks: list[Block] = []
        self.times: Any = None
        self.plain = True
        self._moved_of: tuple[Placed, Ints | None] | None = None
        self.speed_m_s = float("nan")
        self.at_nodes: tuple[AtNodes, ...] = () if before is None else before.at_nodes
        self.whole: bool = True
        """Whether what was searched is all that the answer was made of."""

    def next(self) -> Searched:
        """Begin another answer beside this one, which forgets what was before it."""
        self.before = None
        return Searched(self)

    def beside(self, without: Collection[tuple[bool, str]]) -> Searched:
        """Give the walks that are known, without those to some items; this one stays as it is."""
        other = Searched()
        other.now = {pair: one for pair, one in self.now.items() if pair not in without}
        return other

    def found(self, walk: Walk, places: Mapping[tuple[bool, str], Placed]) -> None:
        """Search for some items together, through hosts or not: each by its places."""
        several = reduce(joined_places, places.values())
        number = np.repeat(np.arange(len(places)), [len(one.labels) for one in places.values()])
        ways = walk.network, walk.limit_s
        found = nearest_by_group(walk.homes, several, pd.Series(number), *ways, pace=walk.pace)
        for k, ((hosts, key), mine) in enumerate(places.items()):
            self._take(hosts, key, Column(walk, mine, *found.column(k)), None)

    def changed(self) -> set[str] | None:
        """Items whose walks are others than those of the last answer; none: nobody knows."""
        if not self.whole or self.before is None:
            return None
        before = self.before.now
        found = {key[1] for key in before.keys() ^ self.now.keys()}
        both = before.keys() & self.now.keys()
        return found | {key[1] for key in both if self.now[key].others(before[key]).any()}

    def nearest(
        self,
        walk: Walk,
        places: Placed,
        item_of: pd.Series[Any],
        *,
        hosts: bool,
        anew: Collection[str] = (),
    ) -> Block:
        """Do what :func:`nearest_by_group` does; ``anew`` are items to be searched in any case."""
        codes, keys = pd.factorize(item_of, sort=True)
        mine = {str(key): places.take(np.flatnonzero(codes == k)) for k, key in enumerate(keys)}
        fresh = [key for key in mine if key in anew or not self._still(walk, mine[key], hosts, key)]
        few = [key for key in fresh if key not in anew and self._moved(walk, mine[key], hosts, key)]
        many = [key for key in fresh if key not in few]
        for keys_of, homes in ((many, None), (few, self._homes_moved(walk))):
            if keys_of:
                rows = np.flatnonzero(item_of.isin(keys_of).to_numpy())
                part = walk if homes is None else walk._replace(homes=walk.homes.take(homes))
                found = self._found(part, places.take(rows), item_of.iloc[rows])
                for k, key in enumerate(keys_of):
                    self._take(hosts, key, Column(walk, mine[key], *found.column(k)), homes)
        for key in mine:
            if key not in fresh and self.before is not None:
                self.now[hosts, key] = self.before.now[hosts, key]
        block = Block(hosts, {key: self.now[hosts, key] for key in mine})
        self.blocks.append(block)
        return block

    def walks(self, items: Collection[str]) -> dict[tuple[str, bool], Walks]:
        """Give the walks to some items as they are judged, those through hosts apart."""
        return {
            (item, hosts): Walks(
                np.where(np.isnan(column.cost), np.inf, column.cost), column.facility, column.code
            )
            for (hosts, item), column in self.now.items()
            if item in items
        }

    def _found(self, walk: Walk, places: Placed, item_of: pd.Series[Any]) -> Found:
        """Search, or look up what every node knows of the same places."""
        for known in self.at_nodes:
            if known.same(walk, places, item_of):
                return Found(*known.walks.look_up(walk.homes), places.labels, known.items)
        ways = walk.network, walk.limit_s
        return nearest_by_group(walk.homes, places, item_of, *ways, pace=walk.pace)

    def _take(self, hosts: bool, key: str, column: Column, homes: Ints | None) -> None:
        """Keep what was found, of all homes or of some."""
        # What is there and cannot be walked to is lost, not missing.
        column.code[column.code == NO_FACILITY] = NOT_SNAPPED
        if homes is not None and self.before is not None:
            column = self.before.now[hosts, key].with_rows(homes, column)
        self.now[hosts, key] = column

    def _moved(self, walk: Walk, places: Placed, hosts: bool, key: str) -> bool:
        """Whether a search would find the same, but for a few homes."""
        known = None if self.before is None else self.before.now.get((hosts, key))
        first = self._first()
        if known is None or first is None or self._homes_moved(walk) is None:
            return False
        # Columns that were kept for longer may be of other homes than the first.
        if known.walk.homes is not first.walk.homes:
            return False
        return known.still(walk._replace(homes=known.walk.homes), places)

    def _first(self) -> Column | None:
        return None if self.before is None else next(iter(self.before.now.values()), None)

    def _homes_moved(self, walk: Walk) -> Ints | None:
        """Homes that leave elsewhere than they did; none: many, or nobody knows."""
        first = self._first()
        if first is None or walk.homes is first.walk.homes:
            return None
        if self._moved_of is None or self._moved_of[0] is not walk.homes:
            moved = first.walk.homes.others(walk.homes)
            few = moved is not None and moved.mean() < MOST_CHANGED
            rows = np.flatnonzero(moved) if moved is not None and few else None
            self._moved_of = walk.homes, rows
        return self._moved_of[1]

    def _still(self, walk: Walk, places: Placed, hosts: bool, key: str) -> bool:
        known = None if self.before is None else self.before.now.get((hosts, key))
        return known is not None and known.still(walk, places)


def same_places(one: Placed, other: Placed) -> bool:
    """Whether places are the same, joined to the streets at the same positions."""
    if not one.labels.equals(other.labels) or not same_grounds(one.grounds, other.grounds):
        return False
    pairs = zip(one.at, other.at, strict=True)
    return all(np.array_equal(mine, theirs) for mine, theirs in pairs)


def joined_places(one: Placed, other: Placed) -> Placed:
    """Give the places of two tables as those of one."""
    n, m = len(one.labels), len(other.labels)
    if min(n, m) == 0:
        return one if n else other
    theirs = other.at._replace(row=other.at.row + n)
    at = Positions(*(np.concatenate(pair) for pair in zip(one.at, theirs, strict=True)))
    alike = one.labels.dtype == other.labels.dtype
    both = (each.labels if alike else each.labels.astype(object) for each in (one, other))
    labels = next(both).append(next(both))
    return Placed(labels, at, grounds_of_both(one.grounds, n, other.grounds, m))


def spliced(
    before: pd.DataFrame, part: pd.DataFrame, items: Collection[str], areas: Any = None
) -> pd.DataFrame:
    """Give results with those of some items, in all areas or some, in place of what they were."""
    there = before["item"].isin(list(items))
    there = there if areas is None else there & before["area"].isin(areas)
    rows = np.flatnonzero(there.to_numpy())
    if len(rows) == 0:
        return before.copy()
    columns = {str(name): cells for name, cells in before.items()}
    for name in part.columns.drop(["area", "item"]):
        dtype = columns[name].dtype
        cells, new = columns[name].array.copy(), part[name].array
        if dtype != new.dtype:
            cells, new = (np.array(one, dtype=object) for one in (cells, new))
        cells[rows] = new
        columns[name] = pd.Series(cells, index=before.index, dtype=dtype)
    found = pd.DataFrame(columns, index=before.index)
    found.attrs = dict(before.attrs)
    return found
