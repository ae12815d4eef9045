"""缺什么: what is missing where, and for whom."""

from __future__ import annotations

import pandas as pd

from quarterhour.scoring.scorecard import Scorecard


def gaps(card: Scorecard) -> pd.DataFrame:
    """List the unmet items of every area, those that touch most residents first.

    Returns
    -------
    DataFrame
        One row per unmet area and item: ``area``, ``name``, ``item``, ``zh``, ``en``,
        ``reason``, ``residents_without`` (residents beyond the limit; NaN where the area has
        no number), ``share_without``, ``median_minutes`` and ``worst_minutes`` to the nearest
        facility (NaN beyond the search), ``median_metres`` and ``worst_metres`` where an item has
        its limit in metres, ``facility`` and ``edge_affected`` (data beyond the
        extent could fill the gap). What is unknown is not listed: it is not known to be missing.
    """
    unmet = card.results[card.results["status"] == "unmet"].copy()
    unmet["share_without"] = 1 - unmet["share"]
    names = card.areas["name"] if "name" in card.areas else pd.Series(index=card.areas.index)
    unmet["name"] = names.reindex(unmet["area"]).to_numpy()
    for language in ("zh", "en"):
        words = {item.key: getattr(item, language) for item in card.checklist}
        unmet[language] = unmet["item"].map(words)
    table = unmet.sort_values(
        ["residents_without", "share_without"], ascending=False, kind="stable"
    )
    columns = [
        "area",
        "name",
        "item",
        "zh",
        "en",
        "reason",
        "residents_without",
        "share_without",
        "median_minutes",
        "worst_minutes",
        *[name for name in ("median_metres", "worst_metres") if name in unmet],
        "facility",
        "edge_affected",
    ]
    return table[columns].reset_index(drop=True)
