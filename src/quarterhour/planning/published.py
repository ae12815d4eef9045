"""Figures published about service circles, and the measure that the official share is.

The official coverage (87.5 % of Beijing in November 2017) counts communities assigned to a
designated circle, out of all communities. No walking is in it, each community counts the same
however many live there, and it cannot fall when a shop closes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import resources
from math import ceil, floor

import pandas as pd

from quarterhour.errors import InputError
from quarterhour.scoring.designation import assigned


def published_figures() -> pd.DataFrame:
    """Return the published figures, one row each, indexed by key.

    Returns
    -------
    pandas.DataFrame
        programme, date, quantity, value, unit, citation, recomputable ("yes", "partly": a part
        of it was not published, or "no": a count or a goal as printed), how, note, and
        recomputed: the value that the figures named in `how` give, where they are all there.
    """
    text = (resources.files("quarterhour.planning") / "published.toml").read_text(encoding="utf-8")
    figures = pd.DataFrame(tomllib.loads(text)["figures"]).set_index("key")
    figures["note"] = figures["note"].fillna("")
    values = dict(zip(figures.index, figures["value"].astype(float).tolist(), strict=True))
    recomputed = {}
    for key, how, unit in zip(figures.index, figures["how"], figures["unit"], strict=True):
        above, _, below = str(how).partition(" / ")
        if above in values and below in values:
            ratio = values[above] / values[below]
            recomputed[key] = ratio * 100 if unit == "percent" else ratio
    figures["recomputed"] = pd.Series(recomputed, dtype="float64").reindex(figures.index)
    return figures


def implied_denominators(numerator: int, percent: float, *, decimals: int = 1) -> tuple[int, int]:
    """Return the smallest and largest whole that a printed percentage leaves for a count.

    Parameters
    ----------
    numerator
        The count that was printed, such as 2706 communities.
    percent
        The percentage that was printed with it, such as 87.5.
    decimals
        To how many decimals the percentage was printed: 1 for 87.5, 0 for 84.

    Returns
    -------
    tuple of int
        The smallest and the largest denominator.

    Raises
    ------
    InputError
        If the count or the percentage cannot be one.
    """
    half = 0.5 * 10.0**-decimals
    if numerator <= 0 or not half < percent <= 100:
        raise InputError(
            f"A share needs a count above 0 and a percentage up to 100; found {numerator} and "
            f"{percent} %."
        )
    low = max(numerator, ceil(100 * numerator / (percent + half)))
    high = floor(100 * numerator / (percent - half))
    return low, high


def designation_coverage(
    communities: pd.DataFrame | Iterable[object], circles: pd.DataFrame
) -> pd.DataFrame:
    """Give the official measure: communities assigned to a circle, of all communities.

    Parameters
    ----------
    communities
        All communities of the place: a table indexed by them, or their labels.
    circles
        The assignments, one row per community and circle, in columns `community` and `circle`;
        a community may be in several circles and a circle may have several communities.

    Returns
    -------
    pandas.DataFrame
        One row in the form of :func:`coverage`; attrs has `circles`, `assignments` and
        `communities_per_circle`.
    """
    labels = communities.index if isinstance(communities, pd.DataFrame) else communities
    known = pd.Index(list(labels)).unique()
    pairs = assigned(known, circles)
    numerator, denominator = pairs["community"].nunique(), len(known)
    share = numerator / denominator if denominator else float("nan")
    row = {
        "measure": "designation",
        "item": "all",
        "share": share,
        "numerator": numerator,
        "denominator": denominator,
        "unknown": 0,
        "unit": "communities",
        "share_at_least": share,
        "share_at_most": share,
    }
    result = pd.DataFrame([row])
    count = pairs["circle"].nunique()
    result.attrs = {
        "circles": count,
        "assignments": len(pairs),
        "communities_per_circle": len(pairs) / count if count else float("nan"),
    }
    return result
