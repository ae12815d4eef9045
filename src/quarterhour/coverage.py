"""Coverage, always by name: what is counted, out of what, and how much is unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
    rows = [
        row
        for item in card.checklist
        for row in (_population(card, item.key), _residence(card, item.key), _area(card, item.key))
    ]
    met, unmet, unknown = _counts(card.results)
    rows.append(("item", "all", met, met + unmet, unknown, "area-item pairs"))
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


def _counts(results: pd.DataFrame) -> tuple[int, int, int]:
    count = results["status"].value_counts()
    met, unmet, unknown = (int(count.get(s, 0)) for s in ("met", "unmet", "unknown"))
    return met, unmet, unknown


def _area(card: Scorecard, item: str) -> _Row:
    met, unmet, unknown = _counts(card.results[card.results["item"] == item])
    return ("area", item, met, met + unmet, unknown, "areas")


def _population(card: Scorecard, item: str) -> _Row:
    mine = card.results[card.results["item"] == item].set_index("area")
    residents = card.origins.groupby("area")["residents"].sum(min_count=1)
    residents = residents.reindex(mine.index)
    known = (mine["status"] != "unknown") & residents.notna()
    numerator = float((mine["share"] * residents)[known].sum())
    unknown = float(residents[~known].sum())
    return ("population", item, numerator, float(residents[known].sum()), unknown, "residents")


def _residence(card: Scorecard, item: str) -> _Row:
    """Residences are judged one by one; those of an area that is unknown are unknown."""
    mine = card.results[card.results["item"] == item].set_index("area")
    status = mine["status"].reindex(card.origins["area"]).to_numpy()
    implied = mine["reason"].reindex(card.origins["area"]).to_numpy() == "implied_by_host"
    line = card.checklist[item]
    limit_s, _ = item_limits(line.limit_minutes, line.limit_m, 1.0)
    times = card.times[card.times["item"] == item]
    within = times[times["seconds"] <= limit_s]
    by_itself = card.origins.index.isin(within.loc[~within["host"].astype(bool), "origin"])
    either = card.origins.index.isin(within["origin"])
    known = status != "unknown"
    reached = np.where(implied, either, by_itself) & known
    return (
        "residence",
        item,
        int(reached.sum()),
        int(known.sum()),
        int((~known).sum()),
        "residences",
    )
