"""缺什么: what is missing where, and for whom."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.scoring.parts import By, parts_of
from quarterhour.scoring.scorecard import Scorecard


def gaps(card: Scorecard, by: By | None = None) -> pd.DataFrame:
    """List the unmet items of every area, those that touch most residents first.

    :func:`quarterhour.why_not` says what stands in the way of each.

    Parameters
    ----------
    card
        The scorecard.
    by
        Rank items for the whole (``"city"``), each area (``"area"``), or each part: a column of
        the areas, polygons, squares or cells, as in :func:`quarterhour.coverage`.

    Returns
    -------
    DataFrame
        One row per unmet area and item: ``area``, ``name``, ``item``, ``zh``, ``en``,
        ``reason``, ``residents_without`` (residents beyond the limit; NaN where the area has
        no number), ``share_without``, ``median_minutes`` and ``worst_minutes`` to the nearest
        facility (NaN beyond the search), ``median_metres`` and ``worst_metres`` where an item has
        its limit in metres, ``facility`` and ``edge_affected`` (data beyond the
        extent could fill the gap). What is unknown is not listed: it is not known to be missing.
        With ``by`` one row per part and item: ``part``, ``rank``, ``item``, ``zh``, ``en``,
        ``areas`` (that do not have it), ``areas_unnumbered`` (of these, without a number of
        residents), ``residents_without``; a resident of two areas counts in each.

    Raises
    ------
    InputError
        If ``by`` is no way to part the areas.

    Examples
    --------
    >>> qh.gaps(card, by="city").head(5)  # doctest: +SKIP
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
    found = table[columns].reset_index(drop=True)
    return found if by is None else ranked(found, card, by)


def ranked(found: pd.DataFrame, card: Scorecard, by: By) -> pd.DataFrame:
    """Add gaps up by part and item, those that touch most residents first in each part."""
    rows = with_parts(found, card, by)
    keys = ["part", "item", "zh", "en"]
    empty = rows["residents_without"].isna()
    rows = rows.assign(areas=1, areas_unnumbered=empty.astype(int))
    sums = ["areas", "areas_unnumbered", "residents_without"]
    table = rows.groupby(keys, sort=False, dropna=False)[sums].sum().reset_index()
    unknown = table["areas"] == table["areas_unnumbered"]
    table["residents_without"] = table["residents_without"].mask(unknown, np.nan)
    order = ["residents_without", "areas"]
    table = table.sort_values(order, ascending=False, kind="stable")
    place = {part: n for n, part in enumerate(dict.fromkeys(rows["part"]))}
    table = table.iloc[np.argsort(table["part"].map(place).to_numpy(), kind="stable")]
    table.insert(1, "rank", table.groupby("part", sort=False, dropna=False).cumcount() + 1)
    return table.reset_index(drop=True)


def with_parts(found: pd.DataFrame, card: Scorecard, by: By) -> pd.DataFrame:
    """Give gaps with the part that their area is in, once for each part; parts in their order."""
    plain = pd.DataFrame(found.drop(columns="geometry", errors="ignore"))
    if isinstance(by, str) and by == "area" and "area" not in card.areas:
        order = pd.Index(card.areas.index).get_indexer(pd.Index(plain["area"]))
        named = plain.assign(part=plain["area"])
        return named.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
    own = not isinstance(by, gpd.GeoDataFrame) and by in card.areas
    if isinstance(by, str) and by == "city" and not own:
        return plain.assign(part="all")
    parts = parts_of(card, by)
    pairs = pd.DataFrame(
        {
            "area": card.areas.index.take(parts.area),
            "part": parts.labels[parts.area_part],
            "part_number": parts.area_part,
        }
    )
    table = plain.merge(pairs, on="area", how="inner")
    table["part"] = table["part"].astype(object).where(table["part"].notna(), "")
    table = table.sort_values("part_number", kind="stable").drop(columns="part_number")
    return table.reset_index(drop=True)
