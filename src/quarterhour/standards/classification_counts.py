"""How a facility table was classified: by which evidence, excluded by which rule, what is left."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import EVIDENCE, Found, Table, classify, search

RULES = ("item_exclude", "global_exclude", "access", "typecode_veto", "osm_veto")


@dataclass(frozen=True, repr=False)
class ClassificationCounts:
    """What a classification found and left.

    `items` has one row per item: the facilities that serve it, by their strongest evidence, those
    that only a host implies, those that are only a proxy, and what each rule excluded.
    `names` and `typecodes` count the most frequent names and typecodes that serve no item.
    """

    checklist: str
    facilities: int
    matched: int
    items: pd.DataFrame
    names: pd.Series[int]
    typecodes: pd.Series[int]

    def __repr__(self) -> str:
        left = self.facilities - self.matched
        lines = [
            (
                f"{self.facilities} facilities against {self.checklist}: "
                f"{self.matched} serve an item, {left} serve none."
            ),
            self.items.to_string(),
            "Most frequent names that serve no item: " + _counted(self.names),
            "Most frequent typecodes that serve no item: " + _counted(self.typecodes),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        left = self.facilities - self.matched
        return (
            f"<p>{self.facilities} facilities against {self.checklist}: {self.matched} serve an "
            f"item, {left} serve none.</p>{self.items.to_html()}"
        )


def classification_counts(
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    item_column: str = "item",
    most_frequent: int = 20,
) -> ClassificationCounts:
    """Tell how the facilities are classified, per item, and what remains unclassified.

    Parameters
    ----------
    facilities, checklist, item_column
        As for :func:`classify`.
    most_frequent
        How many unclassified names and typecodes are counted.

    Returns
    -------
    ClassificationCounts
        Counts per item and evidence, what each rule excluded, and what is left over.
    """
    matches = classify(facilities, checklist, item_column=item_column)
    table = Table.of(facilities, checklist, item_column)
    rows = {
        found.item.key: _row(found)
        for found in search(table, checklist, proxies=True, account=True)
    }
    items = pd.DataFrame.from_dict(rows, orient="index")
    by_evidence = pd.crosstab(matches["item"], matches["evidence"])
    counts = by_evidence.reindex(index=list(checklist.keys()), columns=list(EVIDENCE), fill_value=0)
    items = pd.concat([items[["zh"]], counts, items.drop(columns="zh")], axis=1)
    items.index.name = "item"
    served = np.asarray(facilities.index.isin(matches["facility"]))
    rest = facilities[~served]
    return ClassificationCounts(
        checklist.key,
        len(facilities),
        int(served.sum()),
        items,
        _frequent(rest, "name", most_frequent),
        _frequent(rest, "typecode", most_frequent),
    )


def _row(found: Found) -> dict[str, object]:
    only_proxy = (found.proxy > 0) & ~found.observed
    # A row that several rules exclude is counted under the first of them.
    counted = found.observed | only_proxy
    row: dict[str, object] = {"zh": found.item.zh, "only_proxy": int(only_proxy.sum())}
    for rule in RULES:
        mask = found.excluded.get(rule)
        if mask is None:
            row[rule] = 0
            continue
        row[rule] = int((mask & ~counted).sum())
        counted = counted | mask
    return row


def _frequent(table: pd.DataFrame, column: str, count: int) -> pd.Series[int]:
    if column not in table.columns:
        return pd.Series(dtype="int64", name="count")
    values = table[column].dropna().astype(str)
    if column == "name":  # a chain's branches count together
        values = values.map(lambda name: re.sub(r"[(\uff08][^()\uff08\uff09]*[)\uff09]$", "", name))
    return values[values != ""].value_counts().head(count)


def _counted(counts: pd.Series[int]) -> str:
    listed = ", ".join(f"{value} ({count})" for value, count in counts.head(10).items())
    return listed + "." if listed else "none."
