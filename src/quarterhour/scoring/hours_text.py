"""Opening hours as people in China write them, as the texts of OpenStreetMap.

``周一至周五 9：00－18：00`` becomes ``Mo-Fr 09:00-18:00``. What is not understood stays as it
is, so that no parser reads it: such hours are *unknown*, never closed.
"""

from __future__ import annotations

import re
import unicodedata

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAYS = dict(zip("一二三四五六日", _WEEKDAYS, strict=True)) | {"天": "Su"}
_DAYS |= dict(zip("1234567", _WEEKDAYS, strict=True))
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_CLOCK = r"\d\d:\d\d"
_SPAN = rf"{_CLOCK}-{_CLOCK}"

_ALWAYS = re.compile(
    r"(?:全天候?|全日|昼夜|(?:全天)?(?:24|二十四)小?时|24 ?h|24 hours?(?: a day)?"
    r"|7[*x×]24(?:小?时|h)?|24/7|always(?: open)?)(?:营业|开放|服务|不打烊)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:营业|开放|服务|办公|工作|对外开放|接待)?(?:时间|时段)\s*:?\s*")
_WORDS = (
    (re.compile(r"[—–−‐‑~〜﹣]+|至|到"), "-"),
    (re.compile(r"[、,，]|和|及"), ","),
    (re.compile(r"[;；。|\n]+"), ";"),
    (re.compile(r"(?:法定)?(?:节假日|公众假期|公共假期|法定假日)"), "PH"),
    (re.compile(r"全年无休|一周七天|每天|每日|天天|every ?day|daily", re.IGNORECASE), "Mo-Su"),
    (re.compile(r"周末|双休日|周六日|周六周日|weekends?", re.IGNORECASE), "Sa-Su"),
    (re.compile(r"休息|不营业|不开放|不上班|不办公|闭馆|休馆|闭园|关门|停业|除外|放假"), "off"),
    (re.compile(r"营业|开放|上班|办公|对外|服务"), ""),
)
_WORKDAYS = re.compile(r"工作日|weekdays?", re.IGNORECASE)
_WEEK = "(?:周|星期|礼拜)"
_ANY_DAY = r"([一二三四五六日天]|[1-7](?![\d:点时]))"
_DAY_RANGE = re.compile(rf"{_WEEK}{_ANY_DAY}-{_WEEK}?{_ANY_DAY}")
_ONE_DAY = re.compile(rf"{_WEEK}{_ANY_DAY}")
_ENGLISH_DAY = re.compile(
    r"\b(mo|tu|we|th|fr|sa|su)(?:n|e|es|d|dnes|u|ur|urs|i|t|tur)?(?:day)?s?\b\.?", re.IGNORECASE
)
_BARE_RANGE = re.compile(r"(?<![\d:])(\d{1,2})-(\d{1,2})(?:点|时)(?!\d|半)")
_TIME = re.compile(
    r"(?:(?P<part>上午|早上|早晨|早|清晨|凌晨|中午|下午|傍晚|晚上|晚|夜间|次日|翌日|第二天)\s*)?"
    r"(?<![\d:])(?P<hour>\d{1,2})(?:[:点时](?P<minute>\d{2}|半)?)分?(?:\s*(?P<half>[ap]\.?m\b\.?))?"
    r"|(?<![\d:])(?P<bare>\d{1,2})\s*(?P<bare_half>[ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚", "夜间"})
_NEXT_DAY = frozenset({"次日", "翌日", "第二天"})


def osm_hours(text: str) -> str:
    """
    Put opening hours in the words of OpenStreetMap, as far as they are understood.

    Parameters
    ----------
    text
        "周一至周五 9:00-18:00", "9：00～18：00", "24小时", "全天", "工作日 上午9点-下午5点半" ...

    Returns
    -------
    text
        The same in the syntax of the key `opening_hours`; what is no hours at all comes out as
        something that no parser reads.

    Examples
    --------
    >>> osm_hours("周一至周五 9：00－18：00，周末休息")
    'Mo-Fr 09:00-18:00; Sa-Su off'
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    plain = _LABEL.sub("", plain.replace("(", " ").replace(")", " ")).strip()
    if _ALWAYS.fullmatch(plain):
        return "24/7"
    for pattern, word in _WORDS:
        plain = pattern.sub(word, plain)
    works = bool(_WORKDAYS.search(plain))
    plain = _days(_WORKDAYS.sub("Mo-Fr", plain))
    plain = _BARE_RANGE.sub(r"\1:00-\2:00", plain)
    plain = _afternoons(_TIME.sub(_clock, plain))
    plain = _ALWAYS.sub("00:00-24:00", plain)
    rules = _rules(plain)
    # Working days are those of the calendar: a public holiday is none.
    return f"{rules}; PH off" if works and "PH" not in rules else rules


def _days(text: str) -> str:
    text = _DAY_RANGE.sub(lambda found: f"{_DAYS[found[1]]}-{_DAYS[found[2]]}", text)
    text = _ONE_DAY.sub(lambda found: _DAYS[found[1]], text)
    return _ENGLISH_DAY.sub(lambda found: found[1].title(), text)


def _clock(found: re.Match[str]) -> str:
    """Turn one time of day into HH:MM; an afternoon adds twelve hours, a next day twenty-four."""
    half = (found["half"] or found["bare_half"] or "").lower()
    hour = int(found["hour"] or found["bare"])
    minute = {"半": "30"}.get(found["minute"] or "", found["minute"] or "00")
    part = found["part"] or ""
    if (part in _AFTERNOON or half.startswith("p")) and hour < 12:
        hour += 12
    if half.startswith("a") and hour == 12:
        hour = 0
    if part in _NEXT_DAY:
        hour += 24
    mark = "^" if part in _AFTERNOON else ""
    return f"{mark}{hour:02d}:{minute}"


def _afternoons(text: str) -> str:
    """In 下午1:30-5:00 the second time is one of the afternoon too."""

    def later(found: re.Match[str]) -> str:
        hour = int(found[2])
        return f"{found[1]}{hour + 12 if hour < 12 else hour:02d}:"

    return re.sub(rf"(\^{_CLOCK} ?- ?)(\d\d):", later, text).replace("^", "")


def _rules(text: str) -> str:
    """Put blanks, commas and semicolons where the syntax wants them."""
    text = re.sub(r"\s*([-,])\s*", r"\1", text)
    text = re.sub(rf"({_DAY})\s*:?\s*(?=\d|off)", r"\1 ", text)
    text = re.sub(rf"({_SPAN})\s+(?={_CLOCK})", r"\1,", text)
    text = "; ".join(_days_first(rule.strip(" ,")) for rule in text.split(";"))
    text = re.sub(rf"({_CLOCK})[\s,]*(?={_DAY})", r"\1; ", text)
    text = re.sub(rf"(off)[\s,]*(?={_DAY}|\d)", r"\1; ", text)
    # A later rule goes before an earlier one: days off come last.
    rules = sorted((rule.strip() for rule in text.split(";")), key=lambda rule: "off" in rule)
    return "; ".join(rule for rule in rules if rule)


def _days_first(rule: str) -> str:
    """Put the days of "09:00-18:00 Mo-Fr" first."""
    found = re.fullmatch(rf"({_SPAN}(?:,{_SPAN})*)[\s,]*({_DAY}(?:[-,]{_DAY})*)", rule)
    return f"{found[2]} {found[1]}" if found else rule
