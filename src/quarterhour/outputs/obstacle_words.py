"""What stands in the way of a walk, in words: a wall, stairs, a wait, a missing link."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isnan
from typing import Any

import pandas as pd

from quarterhour.outputs.words import Lang, metres, minutes, number, say
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.why_not import explained
from quarterhour.walking.pace import off_street_speed_m_s

MEASURED = ("closed", "crossing", "way_round", "no_street")
"""Obstacles of which the column ``detail`` says how many, or how long they are."""


def obstacles_of(card: Scorecard, found: pd.DataFrame) -> pd.DataFrame | None:
    """Say what stands in the way of gaps; None where the scorecard has not its inputs at hand.

    Returns
    -------
    DataFrame or None
        What :func:`quarterhour.why_not` tells, a row per row of ``found``; for items with a
        limit in metres ``metres_short`` and ``saves_metres`` instead of minutes, which are NaN.
    """
    if card.missing or card.question is None:
        return None
    told = pd.DataFrame(explained(card, found).drop(columns="geometry"))
    limited = [item.key for item in card.checklist if item.limit.in_metres]
    in_metres = told["item"].isin(limited)
    metres_a_minute = 60 * off_street_speed_m_s(card.question.pace)
    for what in ("short", "saves"):
        column = f"minutes_{what}" if what == "short" else f"{what}_minutes"
        other = column.replace("minutes", "metres")
        told[other] = (told[column] * metres_a_minute).where(in_metres)
        told[column] = told[column].mask(in_metres)
    return told


def obstacle_text(row: Mapping[Any, Any], lang: Lang) -> str:
    """Say in a phrase what stands in the way of a walk, what it costs, and whether it decides.

    Examples
    --------
    >>> row = {"in_the_way": "crossing", "detail": 40.0, "saves_minutes": 0.66, "enough": True}
    >>> obstacle_text(row | {"saves_metres": float("nan")}, "en")
    'waits of 40 s at crossings; mended, the walk is 0.7 min shorter, and the item is met'
    """
    word, detail = str(row["in_the_way"]), row["detail"]
    told = say(lang, f"way_{word}")
    if word in MEASURED and not isnan(detail):
        told = say(lang, f"way_{word}_n", {"n": number(max(detail, 1.0))})
    in_minutes, in_metres = row["saves_minutes"], row["saves_metres"]
    if inf in (in_minutes, in_metres):
        return told + say(lang, "way_only")
    ending = "way_enough" if row["enough"] else "way_saves"
    if not isnan(in_metres):
        return told + say(lang, ending, {"n": say(lang, "metres_n", {"n": metres(in_metres)})})
    if not isnan(in_minutes):
        return told + say(lang, ending, {"n": say(lang, "minutes_n", {"n": minutes(in_minutes)})})
    return told
