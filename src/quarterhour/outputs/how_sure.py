"""How sure a coverage is, in sentences: between which figures, and mostly because of what."""

from __future__ import annotations

import math
import re
from typing import Any

from quarterhour.errors import InputError
from quarterhour.outputs.words import LANG, LANGS, Lang, has, name_of, number, say, short
from quarterhour.planning.uncertainty import Uncertainty

MOSTLY = 0.5
"""A source of at least this share of the variance is what an interval mostly comes from."""


def uncertainty_text(found: Uncertainty, *, lang: Lang = LANG) -> list[str]:
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

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If there is no such language.
    """
    if lang not in LANGS:
        msg = f"lang={lang!r} is no language of the words: use 'zh' or 'en'."
        raise InputError(msg)
    table = found.coverage
    whole = table[table["item"] == "all"].iloc[::-1]
    people = table[table["measure"] == "population"]
    if people["low"].isna().all():
        people = table[table["measure"] == "residence"]
    told = [_sentence(found, row, lang) for _, row in whole.iterrows()]
    told += [_sentence(found, row, lang) for _, row in people.iterrows()]
    close, n = int(found.results["close_call"].sum()), len(found.results)
    told.append(say(lang, "sure_close", {"n": number(close), "of": number(n)}))
    return [one for one in told if one]


def _sentence(found: Uncertainty, row: Any, lang: Lang) -> str:
    """Say one row; nothing of what nobody knows."""
    low, high = row["low"], row["high"]
    if math.isnan(low) or math.isnan(high):
        return ""
    what = _what(found, row, lang)
    unit = re.sub(r"\W", "_", row["unit"])
    values = {"what": what, "unit": say(lang, f"sure_unit_{unit}")}
    # Rounded outwards, so that the figures hold what they say they hold.
    least, most = math.floor(low * 100 + 1e-9), math.ceil(high * 100 - 1e-9)
    if most - least < 1:
        return say(lang, "sure_point", values | {"n": least})
    told = say(lang, "sure_between", values | {"low": least, "high": most})
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
    key = f"sure_source_{source}"
    why = say(lang, key) if has(lang, key) else source
    return say(lang, "sure_mostly" if share >= MOSTLY else "sure_partly", {"why": why})
