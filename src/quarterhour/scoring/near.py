"""Which homes have which items within the limit: of the walks as they were found, or as a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.scoring.judge import costs
from quarterhour.scoring.searched import Searched
from quarterhour.standards.items import Lines


class Near(NamedTuple):
    """Items by homes: within the limit of a place of its own, and of one or of a host.

    ``walks`` says whether there are any walks at all.
    """

    itself: Mask
    by_host: Mask
    walks: bool

    @classmethod
    def of(cls, searched: Searched, checklist: Lines, n_homes: int) -> Near | None:
        """Take it from the walks that were searched, if the answer was made of them alone."""
        if not (searched.whole and searched.plain):
            return None
        masks = np.zeros((2, len(checklist.items), n_homes), dtype=bool)
        found = cls(masks[0], masks[1], walks=bool(searched.now))
        for number, item in enumerate(checklist.items):
            for hosts, here in ((False, found.itself), (True, found.by_host)):
                column = searched.now.get((hosts, item.key))
                if column is not None:
                    here[number] = column.cost <= item.limit.most
        np.logical_or(found.itself, found.by_host, out=found.by_host)
        return found

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
