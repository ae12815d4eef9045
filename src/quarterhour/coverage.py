"""Coverage, always by name: what is counted, out of what, and how much is unknown."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.checklist import Item
from quarterhour.scorecard import Scorecard, item_limits

_COLUMNS = [
    "measure",
    "item",
    "share",
    "numerator",
    "denominator",
    "unknown",
    "unit",
    "share_at_least",
    "share_at_most",
]


def coverage(card: Scorecard) -> pd.DataFrame:
    """Give every coverage measure of a scorecard with its numerator and denominator.

    - ``population``: residents within the limit of the item, of the residents whose answer is
      known; only areas with a number of residents count (standards: 人口覆盖率).
    - ``residence``: residences (origins) within the limit, of those whose answer is known
      (建筑覆盖率 where origins are buildings).
    - ``area``: areas that meet the item, of the areas where it is met or unmet.
    - ``item``: for all items together, area–item pairs that are met, of those met or unmet.

    None of these is the official 87.5 %, which counts communities assigned to a circle
    (``designation``) and involves no walking.

    Returns
    -------
    DataFrame
        ``measure``, ``item`` (``"all"`` for the last), ``share`` (NaN where the denominator is
        0), ``numerator``, ``denominator``, ``unknown`` (what could not be judged, in the same
        unit), ``unit``, and the share of everything if none or all of the unknown were within
        reach (``share_at_least``, ``share_at_most``). An item that maps rarely show has no
        unmet area, only unknown ones: read its bounds, not its share.
    """
    judged = dict(tuple(card.results.groupby("item")))
    walks = dict(tuple(card.times.groupby("item")))
    residents = card.origins.groupby("area")["residents"].sum(min_count=1)
    rows: list[_Row] = []
    for item in card.checklist:
        mine = judged[item.key].set_index("area")
        rows.append(_population(item.key, mine, residents))
        rows.append(_residence(item, mine, card.origins, walks.get(item.key, card.times[:0])))
        rows.append(("area", item.key, *_of_known(mine), "areas"))
    rows.append(("item", "all", *_of_known(card.results), "area-item pairs"))
    table = pd.DataFrame(
        rows, columns=["measure", "item", "numerator", "denominator", "unknown", "unit"]
    )
    whole = table["denominator"].where(table["denominator"] > 0)
    table["share"] = table["numerator"] / whole
    everything = (table["denominator"] + table["unknown"]).where(lambda total: total > 0)
    table["share_at_least"] = table["numerator"] / everything
    table["share_at_most"] = (table["numerator"] + table["unknown"]) / everything
    order = {name: i for i, name in enumerate(["population", "residence", "area", "item"])}
    table = table.sort_values("measure", key=lambda m: m.map(order), kind="stable")
    return table[_COLUMNS].reset_index(drop=True)


_Row = tuple[str, str, float, float, float, str]


def _of_known(results: pd.DataFrame) -> tuple[int, int, int]:
    """Met, met or unmet, and unknown."""
    count = results["status"].value_counts()
    met, unmet, unknown = (int(count.get(s, 0)) for s in ("met", "unmet", "unknown"))
    return met, met + unmet, unknown


def _population(item: str, judged: pd.DataFrame, residents: pd.Series[float]) -> _Row:
    people = residents.reindex(judged.index)
    known = (judged["status"] != "unknown") & people.notna()
    numerator = float((judged["share"] * people)[known].sum())
    unknown = float(people[~known].sum())
    return ("population", item, numerator, float(people[known].sum()), unknown, "residents")


def _residence(
    item: Item, judged: pd.DataFrame, origins: gpd.GeoDataFrame, walks: pd.DataFrame
) -> _Row:
    """Residences are judged one by one; those of an area that is unknown are unknown."""
    area = judged.index.get_indexer(origins["area"])
    known = judged["status"].to_numpy()[area] != "unknown"
    implied = judged["reason"].to_numpy()[area] == "implied_by_host"
    limit_s, _ = item_limits(item.limit_minutes, item.limit_m, 1.0)
    within = walks[walks["seconds"] <= limit_s]
    by_itself = origins.index.isin(within.loc[~within["host"].astype(bool), "origin"])
    either = origins.index.isin(within["origin"])
    reached = np.where(implied, either, by_itself) & known
    counts = int(reached.sum()), int(known.sum()), int((~known).sum())
    return ("residence", item.key, *counts, "residences")
