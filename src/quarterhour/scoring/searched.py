"""The searches of a question, kept by item: what has not changed is not searched again.

An item is searched apart from the others: its walks depend on the homes, the streets, the walker,
how far is looked, and where its own places are, in their order. Where all of these are as they
were, so are the walks, to the last digit; the others are searched, and only they judged again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.streets.grounds import same_grounds
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import Placed
from quarterhour.walking.nearest import nearest_of
from quarterhour.walking.pace import Pace


class Walk(NamedTuple):
    """From where, on what, how far and by whom is walked."""

    homes: Placed
    network: WalkNetwork
    limit_s: float
    pace: Pace

    def same(self, other: Walk) -> bool:
        """Whether nothing of it is another."""
        if self.homes is not other.homes or self.network is not other.network:
            return False
        return self.limit_s == other.limit_s and bool(self.pace == other.pace)


class Column(NamedTuple):
    """The walks of all homes to one item, and what they were found from."""

    walk: Walk
    places: Placed
    seconds: Floats
    facility: npt.NDArray[np.object_]
    status: npt.NDArray[np.object_]

    def still(self, walk: Walk, places: Placed) -> bool:
        """Whether a search would find the same."""
        if not self.walk.same(walk) or not self.places.labels.equals(places.labels):
            return False
        if not same_grounds(self.places.grounds, places.grounds):
            return False
        pairs = zip(self.places.at, places.at, strict=True)
        return all(np.array_equal(one, other) for one, other in pairs)


class Searched:
    """Columns of walks by item, those through hosts apart, of the last answer and of this one."""

    def __init__(self, before: dict[tuple[bool, str], Column] | None = None) -> None:
        self.before = before or {}
        self.now: dict[tuple[bool, str], Column] = {}
        self.whole = True
        """Whether what was searched is all that the answer was made of."""

    def next(self) -> Searched:
        """Begin another answer beside this one."""
        return Searched(self.now if self.whole else None)

    def changed(self) -> set[str] | None:
        """Items whose walks are others than those of the last answer; none: nobody knows."""
        if not self.whole or not self.before:
            return None
        keys = self.before.keys() | self.now.keys()
        return {key[1] for key in keys if self.before.get(key) is not self.now.get(key)}

    def nearest(
        self,
        walk: Walk,
        places: Placed,
        item_of: pd.Series[Any],
        *,
        hosts: bool,
        anew: Collection[str] = (),
    ) -> pd.DataFrame:
        """Do what :func:`nearest_of` does; ``anew`` are items that are searched in any case."""
        codes, keys = pd.factorize(item_of, sort=True)
        mine = {str(key): places.take(np.flatnonzero(codes == k)) for k, key in enumerate(keys)}
        fresh = [key for key in mine if key in anew or not self._still(walk, mine[key], hosts, key)]
        if fresh:
            rows = np.flatnonzero(item_of.isin(fresh).to_numpy())
            args = (walk.homes, places.take(rows), item_of.iloc[rows], walk.network, walk.limit_s)
            table = nearest_of(*args, pace=walk.pace)
            self._take(table, walk, {key: mine[key] for key in fresh}, hosts)
            if len(fresh) == len(mine):
                return table
        for key in mine:
            if key not in fresh:
                self.now[hosts, key] = self.before[hosts, key]
        return self._table(walk, list(mine), str(item_of.name), hosts)

    def _still(self, walk: Walk, places: Placed, hosts: bool, key: str) -> bool:
        known = self.before.get((hosts, key))
        return known is not None and known.still(walk, places)

    def _take(
        self, table: pd.DataFrame, walk: Walk, places: dict[str, Placed], hosts: bool
    ) -> None:
        """Keep the columns of a table of walks, whose items are in the order of their keys."""
        shape = (len(walk.homes.labels), len(places))
        seconds = table["seconds"].to_numpy(dtype=np.float64).reshape(shape)
        facility = table["facility"].to_numpy(dtype=object, copy=True)
        facility[table["facility"].isna().to_numpy()] = None
        facility = facility.reshape(shape)
        status = table["status"].to_numpy(dtype=object).reshape(shape)
        for k, (key, at) in enumerate(places.items()):
            column = seconds[:, k].copy(), facility[:, k].copy(), status[:, k].copy()
            self.now[hosts, key] = Column(walk, at, *column)

    def _table(self, walk: Walk, keys: list[str], name: str, hosts: bool) -> pd.DataFrame:
        """Put columns together as :func:`nearest_of` has them: home by home, item by item."""
        columns = [self.now[hosts, key] for key in keys]
        n, k = len(walk.homes.labels), len(keys)
        return pd.DataFrame(
            {
                "origin": walk.homes.labels.repeat(k),
                name: np.tile(np.asarray(keys, dtype=object), n),
                "seconds": np.column_stack([one.seconds for one in columns]).ravel(),
                "facility": np.column_stack([one.facility for one in columns]).ravel(),
                "status": np.column_stack([one.status for one in columns]).ravel(),
            }
        )


def spliced(before: pd.DataFrame, part: pd.DataFrame, items: Collection[str]) -> pd.DataFrame:
    """Give results with those of some items in place of what they were."""
    found = before.copy()
    rows = np.flatnonzero(before["item"].isin(list(items)).to_numpy())
    if len(rows) == 0:
        return found
    for column in part.columns:
        cells = before[column].to_numpy(copy=True)
        new = part[column].to_numpy()
        cells = cells if cells.dtype == new.dtype else cells.astype(object)
        cells[rows] = new
        found[column] = pd.Series(cells, index=found.index, dtype=before[column].dtype)
    return found
