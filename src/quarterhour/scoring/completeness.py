"""Whether a facility table can be complete: how many places of an item a place of its size has.

"No post office" can then be told from "no data": where many would be expected and none is found,
the data are likely missing; where fewer than three would be expected, finding none says nothing.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from math import exp
from typing import Any

import geopandas as gpd
import pandas as pd
from scipy.stats import poisson

from quarterhour.errors import InputError
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify

_UNLIKELY = 0.05


def completeness(
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    residents: float | None = None,
    area_km2: float | None = None,
) -> pd.DataFrame:
    """Compare the count of each item with what a place of this size would have in China.

    Parameters
    ----------
    facilities, checklist
        As for :func:`classify`; what a host implies does not count.
    residents
        How many people live in the area that the table covers.
    area_km2
        Its built-up area, from which the residents are guessed if they are not given.

    Returns
    -------
    pandas.DataFrame
        Per item: `found`, `expected` (NaN where no national count is known), `chance` of so few
        if the table were complete (Poisson), `verdict` and `basis`. A verdict is one of
        "plausible", "fewer than expected", "likely missing from the data" and "cannot tell".
    """
    facts = _facts()
    people, basis = _residents(residents, area_km2, facts)
    matches = classify(facilities, checklist, hosts=False)
    found = matches.groupby("item")["facility"].nunique()
    rows = []
    for item in checklist:
        count = int(found.get(item.key, 0))
        national = facts["counts"].get(item.key)
        if national is None:
            rows.append((item.key, item.zh, count, float("nan"), float("nan"), "cannot tell", ""))
            continue
        expected = national / facts["residents"] * people
        chance = float(poisson.cdf(count, expected))
        verdict = _verdict(count, expected, chance)
        rows.append((item.key, item.zh, count, round(expected, 1), chance, verdict, basis))
    columns = ["item", "zh", "found", "expected", "chance", "verdict", "basis"]
    return pd.DataFrame(rows, columns=columns).set_index("item")


def _verdict(count: int, expected: float, chance: float) -> str:
    if chance >= _UNLIKELY:
        # A complete table too would often have none: its absence tells nothing.
        return "cannot tell" if count == 0 and exp(-expected) >= _UNLIKELY else "plausible"
    return "likely missing from the data" if count == 0 else "fewer than expected"


def _residents(
    residents: float | None, area_km2: float | None, facts: dict[str, Any]
) -> tuple[float, str]:
    for name, value in (("residents", residents), ("area_km2", area_km2)):
        if value is not None and not value > 0:
            raise InputError(f"{name} must be above 0; found {value}.")
    if residents is not None:
        return residents, f"{facts['counts_citation']}, per resident"
    if area_km2 is not None:
        guess = area_km2 * facts["residents_per_km2"]
        density = f"{facts['residents_per_km2']:,} residents per km²"
        return guess, f"{facts['counts_citation']}, guessing {density}"
    raise InputError("Give residents= or area_km2=, the size of the area that the table covers.")


def _facts() -> dict[str, Any]:
    text = (resources.files("quarterhour.scoring") / "completeness.toml").read_text(
        encoding="utf-8"
    )
    return tomllib.loads(text)
