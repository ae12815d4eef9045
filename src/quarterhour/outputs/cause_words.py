"""What a change is due to, in words of both languages; the report and the workbook hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from quarterhour.errors import QuarterhourError
from quarterhour.outputs.parameter_words import item_names
from quarterhour.outputs.plan_words import recorded, unit_text
from quarterhour.outputs.walker_words import walker_words
from quarterhour.outputs.words import Lang, has, notes_text, say
from quarterhour.places.notes import as_data
from quarterhour.planning.change import Causes
from quarterhour.planning.comparison import Comparison

_UNITS = {"min": "分钟", "m": "米"}

HEADS = ("cause", "cause_what", "cause_turned", "cause_met", "cause_within")


def causes_told(plan: Comparison) -> tuple[Causes | None, str]:
    """Give what a change is due to, or why that is not known; neither for a scenario.

    Of a scenario the changes are listed one by one, and say it themselves.
    """
    if recorded(plan):
        return None, ""
    try:
        return plan.causes, ""
    except QuarterhourError as error:
        return None, str(error)


def cause_table(plan: Comparison, lang: Lang) -> pd.DataFrame:
    """One row per cause that differs: its name, what differs, and its parts of the change."""
    causes, rows = plan.causes, []
    names = item_names(plan.before, lang) | item_names(plan.after, lang)
    for parts in causes.table.reset_index().to_dict("records"):
        if not parts["changed"]:
            continue
        cause = parts["cause"]
        mine = list(causes.inputs.loc[causes.inputs["cause"] == cause, "what"])
        what = differences_text(mine, names, lang)
        told = say(lang, f"cause_{cause}"), ("" if lang == "zh" else " ").join(what)
        rows.append([*told, parts["turned"], parts["met"], parts["within"]])
    return pd.DataFrame(rows, columns=list(HEADS))


def differences_text(notes: Sequence[str], names: Mapping[str, str], lang: Lang) -> list[str]:
    """Word notes on what differs, parameters, walkers and items by their words."""
    data = [_worded(one, names, lang) for one in as_data(notes)]
    return notes_text({"notes": list(notes), "notes_data": data}, lang)


def _worded(data: Any, names: Mapping[str, str], lang: Lang) -> Any:
    if data is None or lang == "en" or not data["values"]:
        return data
    first, *rest = data["values"]
    if data["code"] in {"parameter_other", "other_parameters"}:
        rest = [walker_words(one, lang) for one in rest] if first == "pace" else rest
        if first == "origins_at":
            rest = [say(lang, f"p_at_{one}") if has(lang, f"p_at_{one}") else one for one in rest]
        first = say(lang, f"p_{first}") if has(lang, f"p_{first}") else first
    if data["code"] == "limit_other":
        rest = [_UNITS.get(one, one) for one in rest]
    return data | {"values": [_items(one, names) for one in (first, *rest)]}


def _items(told: Any, names: Mapping[str, str]) -> Any:
    """Give a key, or a listing of keys, by the names of items; anything else stays."""
    if isinstance(told, Mapping):
        return {**told, "words": [[names.get(word, word), n] for word, n in told["words"]]}
    return names.get(told, told) if isinstance(told, str) else told


def cause_heads(causes: Causes, lang: Lang) -> dict[str, str]:
    """Give the heads of the table of causes."""
    unit = {"unit": unit_text(causes.measure, lang)}
    return {key: say(lang, key, unit) for key in HEADS}


def causes_text(plan: Comparison, lang: Lang) -> list[str]:
    """Say in a line what the change between two years is due to; nothing of a scenario."""
    causes, _ = causes_told(plan)
    if causes is None:
        return []
    rows = cause_table(plan, lang).to_dict("records")
    told = [
        say(lang, "cause_part", {"cause": row["cause"], "n": part_text(row["cause_turned"])})
        for row in rows
    ]
    head = say(lang, "plan_causes") + say(lang, "colon")
    return [head + say(lang, "comma").join(told)] if told else []


def part_text(value: float, *, signed: bool = False) -> str:
    """Give a part of a whole number: as it is where it is whole, else with two decimals.

    Examples
    --------
    >>> part_text(3.0), part_text(0.5, signed=True), part_text(-1200.0, signed=True), part_text(0.0)
    ('3', '+0.50', '−1,200', '0')
    """
    if abs(value) < 0.005:
        return "0"
    whole = abs(value - round(value)) < 1e-6
    told = f"{abs(value):,.0f}" if whole else f"{abs(value):,.2f}"
    sign = "−" if value < 0 else "+" if signed else ""
    return f"{sign}{told}"
