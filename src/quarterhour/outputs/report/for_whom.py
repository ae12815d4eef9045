"""For whom: a section of the report on how evenly things are spread, and on groups of walkers.

It is not in every report: ``write_report(card, path, sections=(*SECTIONS, for_whom))``, or with
groups ``sections=(*SECTIONS, for_whom_of(groups))``.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from quarterhour.outputs.measures import coverage_text
from quarterhour.outputs.report.parts import paragraph, section, table
from quarterhour.outputs.walker_words import walker_name
from quarterhour.outputs.words import (
    NOTHING,
    Lang,
    name_of,
    number,
    percent,
    say,
    short,
)
from quarterhour.planning.equity import equity
from quarterhour.planning.groups import Groups
from quarterhour.planning.redundancy import CHOICES, redundancy
from quarterhour.scoring.scorecard import Scorecard

ALL_BUT = 3
"""Sentences on who has every item, all but one, all but two."""

HEADS = (
    *("item", "fair_mean", "fair_gini", "fair_palma"),
    *("fair_none", "fair_one", "fair_two", "fair_three_or_more", "fair_beyond", "unknown"),
)


def for_whom(card: Scorecard, lang: Lang) -> str:
    """Say who has every item, how uneven the minutes are, and who has several places in reach."""
    return _section(card, lang, "")


def for_whom_of(groups: Groups) -> Callable[[Scorecard, Lang], str]:
    """Give the section with a table of groups in it, side by side."""

    def said(card: Scorecard, lang: Lang) -> str:
        return _section(card, lang, _groups(groups, lang))

    return said


def _section(card: Scorecard, lang: Lang, more: str) -> str:
    told = "".join(
        f"<li>{escape(text)}</li>" for text in coverage_text(card, "all_items", lang=lang)[:ALL_BUT]
    )
    body = [f"<ul>{told}</ul>" if told else "", more, _spread(card, lang)]
    return section("for_whom", say(lang, "fair"), "".join(body))


def _spread(card: Scorecard, lang: Lang) -> str:
    """Tabulate minutes and choices, an item a row."""
    minutes = equity(card).query("of == 'minutes'").set_index("item")
    choices = redundancy(card).set_index("item").to_dict("index")
    known = minutes.to_dict("index")
    rows = []
    for item in card.checklist:
        one, several = known[item.key], choices[item.key]
        if not one["counted"] + one["beyond"] > 0:
            continue
        cells = [escape(short(name_of(item, lang)))]
        cells += [_rounded(one["mean"], 1), _rounded(one["gini"], 2), _rounded(one["palma"], 1)]
        cells += [number(float(several[name])) for name in CHOICES]
        rows.append([*cells, *(number(float(n)) for n in (one["beyond"], several["unknown"]))])
    if not rows:
        return ""
    counted = (minutes["unit"] == "residents").all()
    told = [say(lang, "fair_told"), say(lang, "fair_residents" if counted else "fair_residences")]
    return "".join(map(paragraph, told)) + table([escape(say(lang, key)) for key in HEADS], rows)


def _groups(groups: Groups, lang: Lang) -> str:
    """Tabulate the shares of groups, those with the largest gap first."""
    side = groups.to_frame(_measure(groups)).sort_values("gap", ascending=False, kind="stable")
    names = list(groups.cards)
    checklist = next(iter(groups.cards.values())).checklist
    rows = [
        [
            escape(short(name_of(checklist[str(key)], lang))),
            *(percent(float(row[name])) for name in names),
            percent(float(row["gap"])),
            number(float(row["areas"])),
        ]
        for key, row in side[side["gap"].notna()].iterrows()
    ]
    heads = [say(lang, "item"), *(walker_name(name, lang) for name in names)]
    heads += [say(lang, "fair_gap"), say(lang, "fair_areas")]
    everyone = [walker_name(n, lang) for n, column in groups.counted.items() if column is None]
    told = [say(lang, "fair_groups")]
    told += [say(lang, "fair_everyone", {"names": ", ".join(everyone)})] if everyone else []
    return "".join(map(paragraph, told)) + table([escape(head) for head in heads], rows)


def _measure(groups: Groups) -> str:
    """Count residents, or residences where nobody has counted any."""
    known = [card.origins["residents"].notna().any() for card in groups.cards.values()]
    return "population" if all(known) else "residence"


def _rounded(value: Any, decimals: int) -> str:
    return f"{value:.{decimals}f}" if pd.notna(value) and np.isfinite(value) else NOTHING
