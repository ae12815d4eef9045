"""Classification again: only facilities that have changed are looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Ints
from quarterhour.scoring.rows_before import RowsBefore
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify

_CELLS = ("evidence", "strength", "detail")


class Classified(NamedTuple):
    """The matches of a table of facilities, row by row of it.

    ``row`` is where the facility of each match is in the table, ``item`` which of the checklist
    it serves, ``cells`` what else is said of the match: evidence, strength, detail.
    """

    matches: pd.DataFrame
    row: Ints
    item: Ints
    cells: tuple[npt.NDArray[np.object_], ...]

    @classmethod
    def of(cls, matches: pd.DataFrame, facilities: gpd.GeoDataFrame, checklist: Checklist) -> Any:
        """Take a table of matches apart."""
        row = np.asarray(facilities.index.get_indexer(labels_of(matches)), dtype=np.int64)
        item = pd.Index(checklist.keys()).get_indexer(pd.Index(matches["item"]))
        cells = tuple(matches[name].to_numpy(dtype=object) for name in _CELLS)
        return cls(matches, row, np.asarray(item, dtype=np.int64), cells)


def classified(
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    hosts: bool,
    before: tuple[Classified, RowsBefore] | None,
) -> Classified:
    """Classify facilities, given which rows were classified before and what was found.

    A facility is classified by its own row alone, so that rows which are as they were are found
    to be what they were. Where a facility is does not say what it is.
    """
    if before is None or not before[1].few_others:
        found = classify(facilities, checklist, hosts=hosts)
        whole: Classified = Classified.of(found, facilities, checklist)
        return whole
    known, rows = before
    # Where each row that was classified before is now; one that has changed is nowhere.
    now = np.full(max(int(rows.row.max(initial=-1)), int(known.row.max(initial=-1))) + 1, -1)
    same = np.flatnonzero(rows.words)
    now[rows.row[same]] = same
    row = now[known.row]
    still = row >= 0
    parts = [(row[still], known.item[still], *(cells[still] for cells in known.cells))]
    if len(anew := np.flatnonzero(~rows.words)):
        some = facilities.iloc[anew]
        new = Classified.of(classify(some, checklist, hosts=hosts), some, checklist)
        parts.append((anew[new.row], new.item, *new.cells))
    both = [np.concatenate(several) for several in zip(*parts, strict=True)]
    order = np.lexsort((both[1], both[0]))
    row, item, *cells = (one[order] for one in both)
    result = pd.DataFrame(
        {
            "facility": facilities.index.take(row),
            "item": np.array(checklist.keys(), dtype=object)[item],
            "evidence": cells[0],
            "strength": cells[1].astype(np.float64),
            "detail": cells[2],
        }
    )
    result.attrs = {
        "checklist": checklist.key,
        "facilities": len(facilities),
        "unmatched": int(len(facilities) - np.count_nonzero(np.bincount(row))),
    }
    return Classified(result, row, item, tuple(cells))


def labels_of(matches: pd.DataFrame) -> pd.Index:
    """Labels of the facilities of matches, of the type that they have."""
    cells = matches["facility"]
    labels: pd.Index = pd.Index(cells.array, dtype=cells.dtype)
    return labels
