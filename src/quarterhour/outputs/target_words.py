"""Targets in words: what was reached, by when, and when it is met at the pace seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from quarterhour.outputs.words import Lang, number, percent, say
from quarterhour.planning.targets import Progress


def target_name(plan: Progress, lang: Lang) -> str:
    """Call a target by its own words in the language, or in any."""
    told = plan.target
    return str(told.get(lang) or told.get("en") or told.get("zh"))


def value_text(value: float, target: Mapping[str, Any]) -> str:
    """Give a result or a target: a share in per cent, all else as a number.

    Examples
    --------
    >>> value_text(0.856, {"value": 0.9}), value_text(622, {"value": 300})
    ('85.6%', '622')
    """
    return percent(value) if float(target["value"]) <= 1 else number(value)


def growth_text(value: float, plan: Progress, lang: Lang, *, up: bool) -> str:
    """Give what is added in a year: percentage points of a share; rounded down, or up."""
    step = 0.001 if float(plan.target["value"]) <= 1 else 1.0
    whole = (math.ceil if up else math.floor)(value / step + (-1e-6 if up else 1e-6))
    if step == 1.0:
        return number(whole)
    return say(lang, "target_points", {"n": f"{whole / 10:.1f}"})


def progress_text(plan: Progress, lang: Lang) -> list[str]:
    """Say what was reached of a target, and whether and when it is met."""
    goal = value_text(float(plan.target["value"]), plan.target)
    told = {"name": target_name(plan, lang), "goal": goal, "by": plan.target["by"]}
    if plan.seen.empty:
        return [say(lang, "target_unseen", told)]
    last = plan.seen.iloc[-1]
    told |= {"value": value_text(last["value"], plan.target), "date": last["date"]}
    lines = [say(lang, "target_reached" if plan.met else "target_short", told)]
    lines.append(_pace_text(plan, lang))
    if not plan.met and not math.isnan(plan.needed_per_year):
        needed = growth_text(plan.needed_per_year, plan, lang, up=True)
        lines.append(say(lang, "target_needed", {"n": needed}))
    return lines


def _pace_text(plan: Progress, lang: Lang) -> str:
    """Say when it is met, or would be."""
    if plan.met:
        key = "target_met_in_time" if plan.in_time else "target_met_late"
        return say(lang, key, {"year": plan.met_in})
    if len(plan.seen) == 1:
        return say(lang, "target_one_result")
    pace = {"n": growth_text(max(plan.per_year, 0.0), plan, lang, up=False)}
    if plan.met_in is None:
        return say(lang, "target_never")
    key = "target_pace_in_time" if plan.in_time else "target_pace_late"
    return say(lang, key, pace | {"year": plan.met_in})
