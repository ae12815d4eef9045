"""Which homes have which items within the limit: of the walks as they were found, or as a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.scoring.judge import costs
from quarterhour.scoring.searched import Column, Searched
from quarterhour.standards.items import Item, Lines


class Since(NamedTuple):
    """From which scorecard another was made, by other facilities alone: which went, which came."""

    card: Any
    gone: list[Any]
    rows: pd.DataFrame

    @property
    def replaces(self) -> Mask:
        """Which of the rows stand in the place of one that was there."""
        return np.asarray(self.card.facilities.index.get_indexer(self.rows.index) >= 0)


class Known(NamedTuple):
    """What an answer knows beside its tables."""

    near: Near | None
    since: Since | None = None


class Near(NamedTuple):
    """Items by homes: within the limit of a place of its own, and of one or of a host.

    ``walks`` says whether there are any walks at all.
    """

    itself: Mask
    by_host: Mask
    walks: bool

    def but(
        self, walks: Mapping[tuple[bool, str], Column], checklist: Lines, items: Collection[str]
    ) -> Near:
        """Give the same, with the walks to some items as they are now."""
        found = Near(self.itself.copy(), self.by_host.copy(), walks=len(walks) > 0)
        for number, item in enumerate(checklist.items):
            if item.key in items:
                found._look(walks, number, item)
        return found

    def _look(self, walks: Mapping[tuple[bool, str], Column], number: int, item: Item) -> None:
        """Write down who has one item."""
        for hosts, here in ((False, self.itself), (True, self.by_host)):
            column = walks.get((hosts, item.key))
            here[number] = False if column is None else column.cost <= item.limit.most
        self.by_host[number] |= self.itself[number]

    @classmethod
    def of(cls, searched: Searched, checklist: Lines, n_homes: int) -> Near | None:
        """Take it from the walks that were searched, if the answer was made of them alone."""
        if not (searched.whole and searched.plain):
            return None
        nobody = np.zeros((2, len(checklist.items), n_homes), dtype=bool)
        keys = [item.key for item in checklist.items]
        return cls(nobody[0], nobody[1], walks=False).but(searched.now, checklist, keys)

    @classmethod
    def of_table(cls, walks: pd.DataFrame, homes: pd.Index, checklist: Lines) -> Near:
        """Take it from a table of walks; ``homes`` are the labels of the homes in their order."""
        keys = pd.Index([item.key for item in checklist.items])
        cost, most = costs(walks, checklist)
        within = np.flatnonzero(cost <= most)
        item = keys.get_indexer(pd.Index(walks["item"]))[within]
        home = homes.get_indexer(pd.Index(walks["origin"]))[within]
        itself = ~walks["host"].to_numpy(dtype=bool)[within]
        masks = np.zeros((2, len(keys), len(homes)), dtype=bool)
        found = cls(masks[0], masks[1], walks=len(walks) > 0)
        found.itself[item[itself], home[itself]] = True
        found.by_host[item, home] = True
        return found
