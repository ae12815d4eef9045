"""Classification again: only facilities that have changed are looked at."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify

MOST_CHANGED = 0.2
"""Where more than this share has changed, all are looked at."""


def classified(
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    hosts: bool,
    before: tuple[gpd.GeoDataFrame, pd.DataFrame] | None,
) -> pd.DataFrame:
    """Classify facilities, given those that were classified before and what was found.

    A facility is classified by its own row alone, so that rows which are as they were are found
    to be what they were.
    """
    kept = None if before is None else _unchanged(before[0], facilities)
    if before is None or kept is None or kept.sum() < (1 - MOST_CHANGED) * len(facilities):
        return classify(facilities, checklist, hosts=hosts)
    found = before[1]
    row = facilities.index.get_indexer(pd.Index(found["facility"]))
    still = (row >= 0) & kept[np.maximum(row, 0)]
    parts, rows = [found[still]], [row[still]]
    if not kept.all():
        anew = np.flatnonzero(~kept)
        new = classify(facilities.iloc[anew], checklist, hosts=hosts)
        parts.append(new)
        rows.append(facilities.index.get_indexer(pd.Index(new["facility"])))
    where = np.concatenate(rows)
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


def _unchanged(before: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> Mask | None:
    """Tell which rows are what they were; none where the tables cannot be held side by side."""
    if not before.columns.isin(now.columns).all() or before.geometry.name != now.geometry.name:
        return None
    row = before.index.get_indexer(now.index)
    same = np.asarray(row >= 0, dtype=bool)
    mine, theirs = np.flatnonzero(same), row[same]
    for name in now.columns:
        if isinstance(now[name].dtype, gpd.array.GeometryDtype):
            continue  # where a facility is does not say what it is
        if name not in before:  # a column more says something of the rows that fill it
            same &= now[name].isna().to_numpy()
            continue
        one, other = now[name].iloc[mine], before[name].iloc[theirs]
        if one.dtype != other.dtype:
            return None
        same[mine] &= _alike(one, other)
    found: Mask = same
    return found


def _alike(one: pd.Series[Any], other: pd.Series[Any]) -> Mask:
    if one.dtype == object:  # the same objects: what they are is not looked at, which is quick
        cells = (np.frombuffer(col.to_numpy().tobytes(), dtype=np.intp) for col in (one, other))
        return np.asarray(next(cells) == next(cells))
    a, b = one.reset_index(drop=True), other.reset_index(drop=True)
    equal = (a == b).fillna(value=False).to_numpy(dtype=bool)
    return np.asarray(equal | (a.isna() & b.isna()).to_numpy())
