"""How near an answer is to the other one: the speed and the limit at which it flips."""

from __future__ import annotations

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.walking.pace import off_street_speed_m_s

NEAR_S = 60.0
"""Walks within so many seconds of the limit are near it."""


def fragility(card: Scorecard) -> pd.DataFrame:
    """Say for each area and item at which speed and at which limit its answer flips.

    Parameters
    ----------
    card
        The scorecard.

    Returns
    -------
    DataFrame
        One row per area and item: ``flip_speed_m_s`` (walkers at least so quick have the item
        met, where every walk takes as much longer as they are slower; NaN for limits in metres),
        ``flip_limit`` (the least limit at which it is met, in minutes, or in metres where the
        item's is), both NaN where too few walks are known; and ``share_near_limit`` (residents
        whose walk is within a minute of the limit, or within what is walked in one).

    Raises
    ------
    InputError
        If the card does not know its question.
    """
    if card.question is None:
        msg = "This scorecard was put together by hand: ask its question with quarterhour.assess."
        raise InputError(msg)
    speed = off_street_speed_m_s(card.question.pace)
    area = np.asarray(card.areas.index.get_indexer(card.origins["area"]), dtype=np.int64)
    share = card.origins["share"].to_numpy(dtype=np.float64)
    n = len(card.areas)
    walks = dict(tuple(card.times.groupby("item")))
    columns: list[tuple[Floats, Floats, Floats]] = []
    for item in card.checklist:
        limit = item.limit
        cost = np.full(len(card.origins), np.inf)
        if item.key in walks:
            mine = walks[item.key]
            least = mine.groupby("origin", sort=False)[limit.column].min()
            cost = least.reindex(card.origins.index).fillna(np.inf).to_numpy(dtype=np.float64)
        needed = _needed(cost, area, share, n, card.question.quota)
        near = np.abs(cost - limit.most) <= (NEAR_S * speed if limit.in_metres else NEAR_S)
        close: Floats = np.bincount(area, share * near, minlength=n).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            flip = np.full(n, np.nan) if limit.in_metres else speed * needed / limit.most
        columns.append((flip, needed / (1.0 if limit.in_metres else 60.0), close))
    return pd.DataFrame(
        {
            "area": card.areas.index.repeat(len(columns)),
            "item": np.tile(np.array(card.checklist.keys(), dtype=object), n),
            **{
                name: np.column_stack([one[k] for one in columns]).ravel()
                for k, name in enumerate(("flip_speed_m_s", "flip_limit", "share_near_limit"))
            },
        }
    )


def _needed(cost: Floats, area: Ints, share: Floats, n: int, quota: float) -> Floats:
    """What the walk may cost at least, for the quota of each area to have it; NaN if none will."""
    order = np.lexsort((cost, area))
    where, within = area[order], np.cumsum(share[order])
    first = np.searchsorted(where, np.arange(n), side="left")
    last = np.searchsorted(where, np.arange(n), side="right")
    before = np.where(first > 0, within[np.maximum(first, 1) - 1], 0.0)
    at = np.searchsorted(within, before + quota - 1e-9, side="left")
    at = np.clip(at, first, last - 1)
    needed = np.where(last > first, cost[order][np.clip(at, 0, len(cost) - 1)], np.nan)
    return np.where(np.isfinite(needed), needed, np.nan)
