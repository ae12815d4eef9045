"""Classification again: only facilities that have changed are looked at."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.scoring.rows_before import RowsBefore
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify


def classified(
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    hosts: bool,
    before: tuple[pd.DataFrame, RowsBefore] | None,
) -> pd.DataFrame:
    """Classify facilities, given which rows were classified before and what was found.

    A facility is classified by its own row alone, so that rows which are as they were are found
    to be what they were. Where a facility is does not say what it is.
    """
    if before is None or not before[1].few_others:
        return classify(facilities, checklist, hosts=hosts)
    found, kept = before[0], before[1].words
    row = facilities.index.get_indexer(labels_of(found))
    still = (row >= 0) & kept[np.maximum(row, 0)]
    parts, places = [found[still]], [row[still]]
    if not kept.all():
        anew = np.flatnonzero(~kept)
        new = classify(facilities.iloc[anew], checklist, hosts=hosts)
        parts.append(new)
        places.append(facilities.index.get_indexer(labels_of(new)))
    where = np.concatenate(places)
    keys = pd.Index(checklist.keys())
    items = np.concatenate([keys.get_indexer(pd.Index(part["item"])) for part in parts])
    order = np.lexsort((items, where))

    def joined(column: str) -> Any:
        cells = [part[column].to_numpy(dtype=object) for part in parts]
        return np.concatenate(cells)[order]

    result = pd.DataFrame(
        {
            "facility": facilities.index.take(where[order]),
            "item": joined("item"),
            "evidence": joined("evidence"),
            "strength": joined("strength").astype(np.float64),
            "detail": joined("detail"),
        }
    )
    result.attrs = {
        "checklist": checklist.key,
        "facilities": len(facilities),
        "unmatched": int(len(facilities) - len(np.unique(where))),
    }
    return result


def labels_of(matches: pd.DataFrame) -> pd.Index:
    """Labels of the facilities of matches, of the type that they have."""
    cells = matches["facility"]
    labels: pd.Index = pd.Index(cells.array, dtype=cells.dtype)
    return labels
