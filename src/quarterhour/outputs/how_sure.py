"""How sure a coverage is, in sentences: between which figures, and mostly because of what."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.words import (
    Lang,
    has,
    name_of,
    number,
    percent,
    require_lang,
    say,
    shares_down,
    shares_up,
    short,
)
from quarterhour.planning.uncertainty import Uncertainty

MOSTLY = 0.5
"""A source of at least this share of the variance is what an interval mostly comes from."""

_STILL = 1e-9


def uncertainty_text(found: Uncertainty, *, lang: Lang | None = None) -> list[str]:
    """Say in sentences how sure a scorecard is.

    First those who have every item, then all answers together, then every item of which
    something is known, by residents, or by residences where residents are not known; at last how
    many answers are close calls.

    Parameters
    ----------
    found
        What :func:`quarterhour.uncertainty` gives.
    lang
        ``zh`` or ``en``.
        None: the language of the checklist's country, else of the environment, else
        English.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If there is no such language.
    """
    lang = chosen_lang(lang, found.lottery.setting.card.checklist)
    require_lang(lang, "no language of the words")
    told = [*whole_text(found, lang)]
    told += [_sentence(found, row, lang) for _, row in _people(found).iterrows()]
    told.append(close_text(found, lang))
    return [one for one in told if one]


def whole_text(found: Uncertainty, lang: Lang) -> list[str]:
    """Say how sure those who have every item are, and all answers together."""
    table = found.coverage
    rows = table[table["item"] == "all"].iloc[::-1]
    return [one for _, row in rows.iterrows() if (one := _sentence(found, row, lang))]


def close_text(found: Uncertainty, lang: Lang) -> str:
    """Say how many answers are close calls."""
    close, n = int(found.results["close_call"].sum()), len(found.results)
    return say(lang, "sure_close", {"n": number(close), "of": number(n)})


def widest(found: Uncertainty) -> pd.DataFrame:
    """Give the rows of the items of which something is known, the widest interval first."""
    people = _people(found)
    known = people[people["low"].notna()]
    width = (known["high"] - known["low"]).rename("width")
    return known.loc[width.sort_values(ascending=False, kind="stable").index]


def none_text(found: Uncertainty, lang: Lang) -> str:
    """Name the items of which nobody knows anything, and which have no interval; "" for none."""
    people = _people(found)
    items = found.lottery.setting.card.checklist
    unknown = [items[key] for key in people.loc[people["low"].isna(), "item"]]
    names = say(lang, "comma").join(short(name_of(item, lang)) for item in unknown)
    return say(lang, "sure_none", {"names": names}) if names else ""


def interval_text(low: float, high: float) -> str:
    """Give an interval in tenths of a per cent, rounded outwards: it holds what it says it holds.

    Examples
    --------
    >>> interval_text(0.7543, 0.9621), interval_text(1.0, 1.0), interval_text(0.0, 0.3)
    ('75.4–96.3%', '100%', '0–30.0%')
    >>> interval_text(0.9547, 0.9547)  # what does not move is a share
    '95.4%'
    """
    least, most = percent(low), percent(high, up=high - low > _STILL)
    return least if least == most else f"{least.removesuffix('%')}–{most}"


def source_text(source: str, lang: Lang) -> str:
    """Say what a source of error is; one of one's own by its name."""
    key = f"sure_source_{source}"
    return say(lang, key) if has(lang, key) else source


def _people(found: Uncertainty) -> pd.DataFrame:
    """Give the rows of items by residents, or by residences where residents are not known."""
    table = found.coverage
    people = table[table["measure"] == "population"]
    if people["low"].isna().all():
        people = table[table["measure"] == "residence"]
    return people


def _sentence(found: Uncertainty, row: Any, lang: Lang) -> str:
    """Say one row; nothing of what nobody knows."""
    low, high = row["low"], row["high"]
    if math.isnan(low) or math.isnan(high):
        return ""
    what = _what(found, row, lang)
    unit = re.sub(r"\W", "_", row["unit"])
    values = {"what": what, "unit": say(lang, f"sure_unit_{unit}")}
    least, most = (round(float(one) * 1000) for one in (shares_down(low), shares_up(high)))
    if most == least or high - low <= _STILL:
        return say(lang, "sure_point", values | {"n": number(least)})
    told = say(lang, "sure_between", values | {"low": number(least), "high": number(most)})
    source = row["main_source"]
    return told + (_because(found, row, source, lang) if source else say(lang, "sure_stop"))


def _what(found: Uncertainty, row: Any, lang: Lang) -> str:
    if row["measure"] == "all_items":
        return say(lang, "sure_all_items")
    if row["item"] == "all":
        return say(lang, "sure_answers")
    return short(name_of(found.lottery.setting.card.checklist[row["item"]], lang))


def _because(found: Uncertainty, row: Any, source: str, lang: Lang) -> str:
    """Say which source does most; a source of one's own by its name."""
    rows = found.variance
    mine = rows[(rows["measure"] == row["measure"]) & (rows["item"] == row["item"])]
    share = float(mine.loc[mine["source"] == source, "share"].max())
    why = {"why": source_text(source, lang)}
    return say(lang, "sure_mostly" if share >= MOSTLY else "sure_partly", why)
