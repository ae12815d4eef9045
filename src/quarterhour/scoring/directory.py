"""The service directory: what each community has, where, how far on foot, when, which number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from quarterhour.scoring.judge import costs
from quarterhour.scoring.scorecard import Scorecard

COLUMNS = [
    "area",
    "item",
    "zh",
    "en",
    "status",
    "reason",
    "facility",
    "name",
    "minutes",
    "share",
    "share_within",
    "median_minutes",
    "implied",
    "address",
    "opening_hours",
    "phone",
]

_SOURCES = {
    "name": ("name", "name:zh", "name:en", "brand"),
    "opening_hours": ("opening_hours", "recurrence"),
    "phone": ("phone", "contact:phone", "tel"),
}


def service_directory(card: Scorecard) -> pd.DataFrame:
    """List for every area and item the facilities that its residents have nearest.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.

    Returns
    -------
    DataFrame
        Per area and item, in the order of both, one row for each facility that some of its
        residents have nearest, the one that most have first: ``area``, ``item``, ``zh``, ``en``,
        ``status``, ``reason``, ``facility`` (index label), ``name``, ``minutes`` (of the median of
        those residents), ``share`` of the area's residents, ``share_within`` (the part of them
        that is within the limit), ``median_minutes`` (of the whole area), ``implied`` (whether
        the facility only usually houses the item), ``address``, ``opening_hours`` and ``phone``;
        texts are empty where the data have none. An area and item without any facility has one
        row without a facility. Where an item has its limit in metres, ``metres`` and
        ``median_metres`` are the lengths of its walks.
    """
    walks = _walks(card)
    walks = walks.sort_values(["area", "item", "facility", "minutes"], kind="stable")
    keys = ["area", "item", "facility", "implied"]
    before = walks.groupby(keys, sort=False)["share"].cumsum()
    total = walks.groupby(keys, sort=False)["share"].transform("sum")
    middle = walks[before >= total / 2 - 1e-9].drop_duplicates(keys)
    inside = walks["share"].where(walks["within"], 0.0)
    inside = inside.groupby([walks[key] for key in keys], sort=False).transform("sum")
    found = middle.assign(
        share=total.loc[middle.index].clip(upper=1.0),
        share_within=inside.loc[middle.index].clip(upper=1.0),
    )
    told = ["area", "item", "status", "reason", "median_minutes"]
    told += [name for name in ("median_metres",) if name in card.results]
    wanted = card.results[told].reset_index(names="order")
    table = wanted.merge(found, on=["area", "item"], how="left")
    # A host stands for an item only where the item rests on it.
    stray = table["implied"].eq(True) & (table["reason"] != "implied_by_host")
    table = table.astype({"facility": object, "implied": object})  # so that they can hold nothing
    table.loc[stray, ["facility", "implied"]] = None
    table.loc[stray, ["minutes", "metres", "share", "share_within"]] = np.nan
    table = table.sort_values(
        ["order", "share_within", "share", "minutes"], ascending=[True, False, False, True]
    )
    empty = table["facility"].isna()
    spare = empty & table.duplicated("order", keep=False) & _some(table)
    table = table[~spare].drop_duplicates(["order", "facility"])
    for language in ("zh", "en"):
        words = {item.key: getattr(item, language) for item in card.checklist}
        table[language] = table["item"].map(words)
    for name, texts in _texts(card, table["facility"]).items():
        table[name] = texts
    table["implied"] = table["implied"].eq(True)
    kinds = dict.fromkeys(("minutes", "share", "share_within", "median_minutes"), float)
    columns = list(COLUMNS)
    if "median_metres" in card.results:
        columns += ["metres", "median_metres"]
        kinds |= dict.fromkeys(("metres", "median_metres"), float)
    return table[columns].astype(kinds).reset_index(drop=True)


def _some(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark rows whose area and item have another row, the first of which stays in any case."""
    known = table["facility"].notna().groupby(table["order"]).transform("any")
    return known | table.duplicated("order")


def _walks(card: Scorecard) -> pd.DataFrame:
    """Walks that lead somewhere: area, item, facility, minutes, share of residents, within."""
    walks = card.times[card.times["facility"].notna() & card.times["seconds"].notna()]
    homes = card.origins.loc[walks["origin"], ["area", "share"]]
    cost, most = costs(walks, card.checklist)
    return pd.DataFrame(
        {
            "area": homes["area"].to_numpy(),
            "item": walks["item"].to_numpy(),
            "facility": walks["facility"].to_numpy(dtype=object),
            "implied": walks["host"].astype(bool).to_numpy(),
            "minutes": walks["seconds"].to_numpy(dtype=np.float64) / 60.0,
            "metres": walks["metres"].to_numpy(dtype=np.float64) if "metres" in walks else np.nan,
            "share": homes["share"].to_numpy(dtype=np.float64),
            "within": cost <= most,
        }
    )


def _texts(card: Scorecard, labels: pd.Series[Any]) -> dict[str, list[str]]:
    """Texts about the facilities: the first column that has one; the address in one piece."""
    used = card.facilities.loc[card.facilities.index.isin(labels.dropna())]

    def first(columns: tuple[str, ...]) -> dict[Any, str]:
        found: dict[Any, str] = {}
        for column in (column for column in columns if column in used):
            for label, text in zip(used.index, used[column], strict=True):
                if label not in found and isinstance(text, str) and text.strip():
                    found[label] = text.strip()
        return found

    told = {name: first(columns) for name, columns in _SOURCES.items()}
    streets, numbers = first(("addr:street",)), first(("addr:housenumber",))
    told["address"] = {
        label: f"{street} {numbers.get(label, '')}".strip() for label, street in streets.items()
    } | first(("address",))
    return {name: [texts.get(label, "") for label in labels] for name, texts in told.items()}
