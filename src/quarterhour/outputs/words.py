"""The words of the report and the cards, in Chinese and English, and how numbers are written."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.outputs.looks import SHOWN
from quarterhour.places.notes import noted
from quarterhour.scoring.left_out import COUNTED
from quarterhour.standards.items import Item
from quarterhour.standards.limits import Limit

Lang = Literal["zh", "en"]

LANGS: tuple[Lang, ...] = ("zh", "en")

NOTHING = "–"
"""What stands where there is no number."""

HERE = Path(__file__).parent

_WIDE = str.maketrans("(),;:", "（），；：")
_CHINESE = re.compile("[\u4e00-\u9fff]")


@cache
def phrases() -> dict[str, Any]:
    """Read the phrases of both languages, and the notes of readers in Chinese."""
    return tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))


def say(lang: Lang, key: str, values: Mapping[str, object] | None = None) -> str:
    """Give a phrase with its values filled in.

    Examples
    --------
    >>> say("en", "residents_n", {"n": "2,100"})
    '2,100 residents'
    """
    return str(phrases()[lang][key]).format(**(values or {}))


def status_words(lang: Lang, reasons: Iterable[str]) -> dict[str, Any]:
    """Give the words of the statuses and, under ``reason``, of the reasons.

    Examples
    --------
    >>> words = status_words("en", ["beyond_limit"])
    >>> words["unmet"], words["reason"]["beyond_limit"]
    ('unmet', 'beyond the limit')
    """
    told = {reason: say(lang, reason) for reason in reasons}
    return {**{status: say(lang, status) for status in SHOWN}, "reason": told}


def map_words(lang: Lang) -> dict[str, Any]:
    """Give the words of the planner's panel of the electronic map.

    Examples
    --------
    >>> map_words("en")["undo"], map_words("zh")["walker"]["elderly"]
    ('Undo', '老年人')
    """
    return dict(phrases()["map"][lang])


def has(lang: Lang, key: str) -> bool:
    """Tell whether there is such a phrase."""
    return key in phrases()[lang]


def name_of(thing: object, lang: Lang) -> str:
    """Give the name that an item, a group or a checklist has in a language, as it is written there.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> name_of(SimpleNamespace(zh="洗(收)衣店", en="laundry (drop-off)"), "zh")
    '洗（收）衣店'
    """
    name = str(getattr(thing, lang))
    return full_width(name) if lang == "zh" else name


def full_width(text: str) -> str:
    """Write brackets and commas of a Chinese text as Chinese is written; any other text stays.

    Examples
    --------
    >>> full_width("意见(草稿, 2011)"), full_width("WGS 84 (2011)")
    ('意见（草稿，2011）', 'WGS 84 (2011)')
    """
    if not _CHINESE.search(text):
        return text
    for mark in (", ", "; ", ": ", ") "):
        text = text.replace(mark, mark[0])
    return text.replace(" (", "(").translate(_WIDE)


def require_lang(lang: str, told: str = "not a language") -> None:
    """See that there are words in a language.

    Raises
    ------
    InputError
        If there are none; ``told`` says what it is, in the words of the sentence.
    """
    if lang not in LANGS:
        msg = f"lang={lang!r} is {told}: use 'zh' or 'en'."
        raise InputError(msg)


def short(name: str) -> str:
    """Give a name without what stands in brackets behind it.

    Examples
    --------
    >>> short("菜市场"), short("便利店(或小超市)"), short("food (wet) market")
    ('菜市场', '便利店', 'food (wet) market')
    """
    return re.sub(r"\s*[(（][^()（）]*[)）]$", "", name) or name


def number(value: float) -> str:
    """Give a count with separators.

    Examples
    --------
    >>> number(32400.0), number(float("nan"))
    ('32,400', '–')
    """
    return NOTHING if math.isnan(value) else f"{value:,.0f}"


def percent(share: float, *, up: bool = False) -> str:
    """Give a share with one decimal, rounded down, so that 100% means all; or up, for a bound.

    Examples
    --------
    >>> percent(0.99996), percent(1.0), percent(0.7556, up=True), percent(float("nan"))
    ('99.9%', '100%', '75.6%', '–')
    """
    if math.isnan(share):
        return NOTHING
    whole = round(float(shares_up(share) if up else shares_down(share)) * 1000)
    return f"{whole // 10}%" if whole in (0, 1000) else f"{whole / 10:.1f}%"


def shares_down(values: Any) -> Any:
    """Round shares down to thousandths, a number or many: the one rule for all that people read.

    Examples
    --------
    >>> float(shares_down(0.79963)), float(shares_down(0.29))
    (0.799, 0.29)
    """
    return np.floor(values * 1000 + 1e-6) / 1000


def shares_up(values: Any) -> Any:
    """Round shares up to thousandths, a number or many: what is at most so much.

    Examples
    --------
    >>> float(shares_up(0.79963)), float(shares_up(0.29))
    (0.8, 0.29)
    """
    return np.ceil(values * 1000 - 1e-6) / 1000


def most_rounded(shares: Any, unknown: Any) -> Any:
    """Round what shares are at most, one or many; where nothing is unknown they are the shares.

    Examples
    --------
    >>> float(most_rounded(0.79963, 12)), float(most_rounded(0.79963, 0))
    (0.8, 0.799)
    """
    return np.where(np.asarray(unknown) > 0, shares_up(shares), shares_down(shares))


def both(share: float, observed: float) -> str:
    """Give a share as its two parts, observed and implied by a host; one where there is no other.

    The parts, each rounded down, add up to the whole, rounded down.

    Examples
    --------
    >>> both(0.7556, 0.542), both(0.7556, 0.7556), both(float("nan"), float("nan"))
    ('54.2% + 21.3%', '75.5%', '–')
    """
    if math.isnan(share) or not observed < share:
        return percent(share)
    whole, seen = (round(float(shares_down(part)) * 1000) for part in (share, observed))
    return f"{seen / 10:.1f}% + {(whole - seen) / 10:.1f}%"


def both_numbers(observed: float, implied: float) -> str:
    """Give a count as its two parts; one where there is no other.

    Examples
    --------
    >>> both_numbers(1200, 34), both_numbers(1200, 0)
    ('1,200 + 34', '1,200')
    """
    return f"{number(observed)} + {number(implied)}" if implied > 0 else number(observed)


def minutes(value: float) -> str:
    """Give minutes with one decimal, rounded up: nothing beyond 15 minutes reads as 15.0.

    Examples
    --------
    >>> minutes(15.01), minutes(4.2), minutes(float("nan"))
    ('15.1', '4.2', '–')
    """
    return NOTHING if math.isnan(value) else f"{minutes_up(value):.1f}"


def minutes_up(values: Any) -> Any:
    """Round minutes up to tenths, a number or many: the one rule for all that people read.

    Examples
    --------
    >>> float(minutes_up(15.01)), float(minutes_up(4.2))
    (15.1, 4.2)
    """
    return np.ceil(values * 10 - 1e-6) / 10


def metres(value: float) -> str:
    """Give metres as a whole number, rounded up: nothing beyond 500 m reads as 500.

    Examples
    --------
    >>> metres(500.2), metres(1240.0), metres(float("nan"))
    ('501', '1,240', '–')
    """
    return NOTHING if math.isnan(value) else f"{metres_up(value):,.0f}"


def metres_up(values: Any) -> Any:
    """Round metres up to whole ones, a number or many.

    Examples
    --------
    >>> float(metres_up(500.2))
    501.0
    """
    return np.ceil(values - 1e-6)


def unit_of(items: Iterable[Item]) -> str:
    """Say in which unit walks to items are told, that of their limits: the end of a phrase's key.

    Examples
    --------
    >>> unit_of([])
    'minutes'
    """
    kinds = {item.limit.in_metres for item in items}
    if kinds == {True, False}:
        return "both"
    return "metres" if kinds == {True} else "minutes"


def walk_text(in_minutes: float, in_metres: float, lang: Lang) -> str:
    """Give a walk in the unit of its item's limit; metres say that they are metres.

    Examples
    --------
    >>> nan = float("nan")
    >>> walk_text(4.2, nan, "en"), walk_text(6.7, 501.3, "zh"), walk_text(nan, nan, "en")
    ('4.2', '502 米', '–')
    """
    if math.isnan(in_metres):
        return minutes(in_minutes)
    return say(lang, "metres_n", {"n": metres(in_metres)})


def limit(item: Item, lang: Lang) -> str:
    """Give the limit of an item in its own unit, and how many facilities it asks for."""
    told = limit_text(item.limit, lang)
    return told + (say(lang, "several", {"n": item.at_least}) if item.at_least > 1 else "")


def limit_text(limit: Limit, lang: Lang) -> str:
    """Give a limit in its own unit.

    Examples
    --------
    >>> limit_text(Limit(metres=500), "en"), limit_text(Limit(15), "zh")
    ('500 m', '15 分钟')
    """
    if limit.metres is not None:
        return say(lang, "metres_n", {"n": f"{limit.metres:g}"})
    return say(lang, "minutes_n", {"n": f"{limit.minutes:g}"})


def searched(items: Iterable[Item], horizon: float, lang: Lang) -> str:
    """Say how far places were looked for: so many times the longest limit of each unit."""
    limits = [item.limit for item in items]
    units = ([one for one in limits if one.in_metres == which] for which in (False, True))
    longest = (max(some, key=lambda one: one.most) for some in units if some)
    return say(lang, "comma").join(limit_text(one * horizon, lang) for one in longest)


def notes_text(described: Mapping[str, Any], lang: Lang) -> list[str]:
    """Word the notes on an input, as its manifest keeps them, in a language.

    A plain sentence stays as it is: it has no code to word.

    Examples
    --------
    >>> data = [{"code": "areas_by_gates", "values": [3, 12]}, None]
    >>> told = {"notes": ["3 of 12 areas …", "New."], "notes_data": data}
    >>> notes_text(told, "zh")
    ['12 个社区中有 3 个经由已知的出入口出入。', 'New.']
    """
    known = phrases()["notes"].get(lang, {})
    return [
        str(known[code]).format(*(_in_chinese(one, code) for one in values))
        if code in known
        else sentence
        for sentence, code, values in noted(described)
    ]


def _in_chinese(value: Any, code: str = "") -> Any:
    """Write a text, or the words of a listing, as Chinese is written; a number stays.

    Examples
    --------
    >>> _in_chinese({"words": [["惠民菜市场", None], ["trail", 159]], "more": 3})
    '惠民菜市场、trail（159）等（另有 3）'
    """
    known = phrases()["notes"]["values"].get(code, {})
    if isinstance(value, Mapping):
        named = ((full_width(known.get(word, word)), n) for word, n in value["words"])
        told = "、".join(word if n is None else f"{word}（{n}）" for word, n in named)
        return f"{told}等（另有 {value['more']}）" if value["more"] else told
    return full_width(known.get(value, value)) if isinstance(value, str) else value


def left_out_text(table: pd.DataFrame, lang: Lang) -> list[str]:
    """Say a scorecard's table of what is left out in lines: one for each thing that is counted.

    A reason that has no words here is a reader's own, and stays as it is.

    Examples
    --------
    >>> rows = [("residences", "counted", 4, 21), ("residences", "in_no_area", 17, 21)]
    >>> left_out_text(pd.DataFrame(rows, columns=["what", "reason", "count", "of"]), "en")
    ['residences: 4 of 21 in the score; 17 in no area']
    """
    lines = []
    for what, mine in table.groupby("what", sort=False):
        is_counted = mine["reason"] == COUNTED
        values = {
            "what": say(lang, f"counted_{what}"),
            "counted": number(float(mine.loc[is_counted, "count"].sum())),
            "all": number(float(mine["of"].iloc[0])),
        }
        lost = [
            f"{number(float(n))} {say(lang, key) if has(lang, key) else reason}"
            for reason, n in mine.loc[~is_counted, ["reason", "count"]].to_numpy()
            for key in [f"left_{reason}"]
        ]
        told = (
            "read_of" if str(what).endswith("_rows") else "counted_of"
        )  # a row read may not count
        lines.append(say(lang, "semicolon").join([say(lang, told, values), *lost]))
    return lines


def place(path: object) -> str:
    """Give the name of a file without its folders, which say nothing to another reader.

    Examples
    --------
    >>> place("/somewhere/else/poi.csv"), place(None)
    ('poi.csv', '–')
    """
    text = "" if path is None else str(path)
    return re.split(r"[/\\]", text)[-1] or NOTHING
