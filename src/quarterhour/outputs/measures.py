"""Every measure in one table, and its sentence beside the figure."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.walker_words import walker_name
from quarterhour.outputs.words import (
    Lang,
    name_of,
    number,
    percent,
    require_lang,
    short,
)
from quarterhour.scoring.country.results import CountryResults
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.designation import Circles
from quarterhour.scoring.parts import By
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.limits import Limit

_ALL = {
    "zh": ("全部项目", "全部项目（最多缺 {n} 项）"),
    "en": ("every item", "every item but {n}"),
}
_UNITS = {"zh": ("{n:g} 分钟", "{n:g} 米"), "en": ("{n:g} minutes", "{n:g} m of street")}
_PART = {"zh": "{part}：{told}", "en": "{part}: {told}"}
_IMPLIED = {
    "zh": "其中 {n} {unit}仅由通常设有该项的设施推定，{observed} {unit}为数据实有。",
    "en": " Of them {n} only by a facility that usually holds it; the data show {observed}.",
}
_NONE = {"zh": "不在任何分区", "en": "in no part"}


def measures() -> pd.DataFrame:
    """List every measure with its formula, its source and the sentence to print beside it.

    Returns
    -------
    DataFrame
        Indexed by ``key``: ``function`` (that gives it), ``zh``, ``en``, ``formula`` (letters are
        told in the documentation), ``source``, ``say_zh`` and ``say_en``.
    """
    return pd.DataFrame(list(_shipped())).set_index("key")


def coverage_text(
    card: Scorecard,
    measure: str = "population",
    by: By | None = None,
    *,
    circles: Circles | None = None,
    lang: Lang | None = None,
) -> list[str]:
    """Say a coverage in sentences, each with its numerator, its denominator and what is unknown.

    Parameters
    ----------
    card, measure, by, circles
        As in :func:`quarterhour.coverage`; one measure.
    lang
        ``"zh"`` or ``"en"``.
        None: the language of the checklist's country, else of the environment, else
        English.

    Returns
    -------
    list of str
        A sentence for each row of which anything is known.

    Raises
    ------
    InputError
        As :func:`quarterhour.coverage`, or if there is no such language.
    """
    lang = chosen_lang(lang, card.checklist)
    require_lang(lang, "no language of the words")
    return rows_text(card, coverage(card, measure, by, circles=circles), lang=lang)


def rows_text(
    card: Scorecard | CountryResults, table: pd.DataFrame, *, lang: Lang | None = None
) -> list[str]:
    """Say the rows of a coverage, each behind its group and its part where there are such.

    Parameters
    ----------
    card
        The scorecard, or the answers of a country, that it is the coverage of.
    table
        What :func:`quarterhour.coverage` gives, or the coverage of groups.
    lang
        ``"zh"`` or ``"en"``.
        None: the language of the checklist's country, else of the environment, else
        English.

    Returns
    -------
    list of str
        A sentence for each row of which anything is known.
    """
    lang = chosen_lang(lang, card.checklist)
    told = []
    for row in table.to_dict("records"):
        if not row["denominator"] > 0:
            continue
        sentence = _sentence(card.checklist, row, lang)
        if "part" in row:
            named = row.get("part_name")
            part = named if isinstance(named, str) and named else row["part"]
            sentence = _PART[lang].format(part=_NONE[lang] if part is None else part, told=sentence)
        if "group" in row:
            sentence = _PART[lang].format(part=walker_name(row["group"], lang), told=sentence)
        told.append(sentence)
    return told


def _sentence(checklist: Checklist, row: dict[Any, Any], lang: Lang) -> str:
    """Fill the words of a measure with a row of it."""
    words = next(one for one in _shipped() if one["key"] == row["measure"])[f"say_{lang}"]
    if row["unit"] == "residences":  # nobody has counted residents
        words = words.replace("名居民", "处住宅").replace("residents", "homes")
    values = {name: number(float(row[name])) for name in ("numerator", "denominator", "unknown")}
    item, limit = _item(checklist, row, lang)
    told = str(
        words.format(
            **values,
            item=item,
            limit=limit,
            share=percent(float(row["share"])),
            at_least=percent(float(row["share_at_least"])),
        )
    )
    if row["implied"] > 0:  # never added up without saying both
        unit = {"residents": "名", "residences": "处"}.get(row["unit"], "个")
        parts = {"n": number(row["implied"]), "observed": number(row["observed"]), "unit": unit}
        told += _IMPLIED[lang].format(**parts)
    return told


def _item(checklist: Checklist, row: dict[Any, Any], lang: Lang) -> tuple[str, str]:
    """Name what is counted, and its limit."""
    key = str(row["item"])
    if row["measure"] == "group":
        group = next(one for one in checklist.groups if one.key == key)
        return name_of(group, lang), ""
    if row["measure"] in ("all_items", "item", "designation"):
        one, but = _ALL[lang]
        less = key.rpartition("_")[2]
        return (but.format(n=less) if less.isdigit() else one), ""
    item = checklist[key]
    return short(name_of(item, lang)), _limit(item.limit, lang)


def _limit(limit: Limit, lang: Lang) -> str:
    minutes, metres = _UNITS[lang]
    if limit.in_metres:
        return metres.format(n=limit.most)
    return minutes.format(n=limit.most / 60)


@cache
def _shipped() -> tuple[dict[str, str], ...]:
    text = (resources.files("quarterhour.outputs") / "measures.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["measures"])
