"""How people write that something comes again: Chinese, English, OpenStreetMap, iCalendar.

每周五, 每月15日, 每月第二个周二, 每月中旬, every Friday, the second Tuesday of the month, ``Fr
09:00-11:00``, ``Tu[2]``, ``FREQ=MONTHLY;BYDAY=2TU``. A text of which anything is left over is not
read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time

from dateutil.rrule import rrulestr

from quarterhour.places.cell_words import half_width
from quarterhour.places.recurrence import Recurrence

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ZH = dict(zip("一二三四五六日", range(7), strict=True)) | {"天": 6}
_ZH |= {str(n + 1): n for n in range(7)}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_W = "(?:周|星期|礼拜)"
_D = "[一二三四五六日天]"
_SEP = "[、,和及与/]"
_TO = "(?:至|到|-)"
_ONE = rf"{_W}?{_D}(?:{_TO}{_W}?{_D})?"
_MARKED = "(?![次回趟个天日])"
_FIGURES = rf"[1-7](?:(?:{_SEP}|{_TO})[1-7])*(?![\d:点时半]){_MARKED}"
_LIST = rf"(?:{_ONE}(?:{_SEP}?{_ONE})*{_MARKED}|{_FIGURES})"
_N = r"(?:\d{1,2}|[一二三四五六七八九十两]{1,3})"
_MDAY = rf"{_N}[日号]?(?:{_TO}{_N}[日号]?)?"
_MDAYS = rf"{_MDAY}(?:{_SEP}{_MDAY})*"
_CLOCK = re.compile(
    r"(?:上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|夜间|早|晚|次日|[ap]\.?m\.?"
    r"|\d{1,2}(?::\d\d)?(?!\d)|[点时半分,、.\s-]|至|到|和)*",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"到社区|进社区|来社区|上门|服务|开展|举办|举行|办理|进行|固定|定期|一次|[的()。]|\bonce\b|\bat\b|\bfrom\b",
    re.IGNORECASE,
)
_PARTS = {"上": range(1, 11), "初": range(1, 11), "中": range(11, 21)}


def read_recurrence(text: object, begins: date | None = None) -> tuple[Recurrence, ...]:
    """Read a text; nothing where it is not understood.

    Parameters
    ----------
    text
        The text of a cell; several rules may stand in it, set apart by semicolons.
    begins
        A day on which it may have come for the first time: every second week is counted from it
        where it is such a day of the week.

    Examples
    --------
    >>> [one.rule for one in read_recurrence("每月第二个周二 9:00-11:00；每周五")]
    ['FREQ=MONTHLY;BYDAY=2TU', 'FREQ=WEEKLY;BYDAY=FR']
    >>> read_recurrence("有时")
    ()
    """
    plain = half_width(text)
    if "FREQ=" in plain.upper():
        one = _icalendar(plain, begins)
        return () if one is None else (one,)
    plain = plain.replace("~", "-").replace("—", "-")
    parts = re.split(r"\s*(?:[;\n]|[,、和及](?=每))\s*", plain)
    found = [_chinese(part, begins) or _english(part, begins) for part in parts if part]
    return tuple(one for one in found if one is not None) if all(found) else ()


def _icalendar(text: str, came: date | None) -> Recurrence | None:
    """Read an RRULE, with a DTSTART before it if there is one."""
    upper = re.sub(r"[ \t]+", "", text.upper())
    rest = re.sub(r"DTSTART[^:]*:(\d{8})(T\d{6}Z?)?|RRULE:|FREQ=[A-Z0-9=;,+-]+", "", upper)
    rule, start = (
        re.search(r"FREQ=[A-Z0-9=;,+-]+", upper),
        re.search(r"DTSTART[^:]*:(\d{8})", upper),
    )
    if rest.strip() or rule is None:
        return None
    parts = dict(part.split("=", 1) for part in rule[0].strip(";").split(";") if "=" in part)
    if "UNTIL" in parts:
        parts["UNTIL"] = parts["UNTIL"][:8] + "T235959"
    if any(name in parts for name in ("BYHOUR", "BYMINUTE", "BYSECOND")):
        return None  # when it begins, and not how long it stays
    try:
        begins = datetime.strptime(start[1], "%Y%m%d").date() if start else None
        told = ";".join(f"{name}={value}" for name, value in parts.items())
        rrulestr(told, dtstart=datetime.combine(begins or date(2000, 1, 1), time()))
    except ValueError:
        return None
    return Recurrence(told, begins=begins) if begins else _by_itself(parts, came)


def _by_itself(parts: dict[str, str], came: date | None) -> Recurrence | None:
    """Read a rule without a first day, if it says its days without one."""
    of_month = bool({"BYDAY", "BYMONTHDAY"} & parts.keys())
    says = {
        "DAILY": True,
        "WEEKLY": "BYDAY" in parts,
        "MONTHLY": of_month,
        "YEARLY": "BYYEARDAY" in parts or ("BYMONTH" in parts and of_month),
    }
    every = int(parts.pop("INTERVAL", "1"))
    if not says.get(parts["FREQ"], False) or "COUNT" in parts:
        return None
    if every > 1 and parts.keys() == {"FREQ"}:  # every third day, and nobody said from when
        return Recurrence(f"FREQ={parts['FREQ']}", every=every)
    if every > 1 and parts["FREQ"] == "WEEKLY" and parts.keys() == {"FREQ", "BYDAY"}:
        return _weekly(parts["BYDAY"], came, every=every)
    told = ";".join(f"{name}={value}" for name, value in parts.items())
    return Recurrence(told) if every == 1 else None


_Made = Callable[[re.Match[str], "date | None"], "Recurrence | None"]


def _chinese(text: str, begins: date | None) -> Recurrence | None:
    """Read what begins with 每周, 每月 … and ends with a time of day, if anything."""
    plain = re.sub(r"(?<=\d)\s+(?=\d)", ",", text)
    plain = re.sub(r"\s+", "", plain)
    for pattern, make in _CHINESE:
        if found := pattern.match(plain):
            return _timed(make(found, begins), plain[found.end() :])
    return None


def _timed(one: Recurrence | None, rest: str) -> Recurrence | None:
    """Add the time of day; nothing where more than that is left of the text."""
    times = _FILLERS.sub(" ", rest).strip(" ,、:-")
    if one is None or not _CLOCK.fullmatch(times):
        return None
    return Recurrence(one.rule, times, one.begins, one.every, one.unit, one.number)


def _weekly(days: str, begins: date | None, *, every: int = 1) -> Recurrence | None:
    rule = f"FREQ=WEEKLY;BYDAY={days}"
    if every == 1:
        return Recurrence(rule)
    if begins is not None and DAYS[begins.weekday()] == days:
        return Recurrence(f"{rule};INTERVAL={every}", begins=begins)
    return Recurrence(rule, every=every) if "," not in days else None


def _zh_days(text: str) -> str:
    """一、三至五 as MO,WE,TH,FR."""
    found: dict[str, None] = {}
    for first, last in re.findall(rf"({_D}|[1-7])(?:{_TO}{_W}?({_D}|[1-7]))?", text):
        begin, end = _ZH[first], _ZH[last or first]
        span = range(begin, end + 1 if end >= begin else end + 8)
        found |= dict.fromkeys(DAYS[n % 7] for n in span)
    return ",".join(found)


def _number(text: str) -> int:
    """二十一 as 21."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[text] if len(text) == 1 else 0
    return 10 * (_DIGITS.get(tens, 0) if tens else 1) + (_DIGITS.get(ones, 0) if ones else 0)


def _month_days(text: str, months: str = "") -> Recurrence | None:
    """Days of the month, such as 5日、20日 or 1日至5日."""
    days: dict[int, None] = {}
    for first, last in re.findall(rf"({_N})[日号]?(?:{_TO}({_N}))?", text):
        days |= dict.fromkeys(range(_number(first), _number(last or first) + 1))
    if not days or not all(1 <= day <= 31 for day in days):
        return None
    return Recurrence(f"FREQ=MONTHLY;{months}BYMONTHDAY={','.join(map(str, days))}")


def _nth(found: re.Match[str], _: date | None) -> Recurrence | None:
    told = found["nth"]
    which = re.findall(r"[一二三四五1-5]", told) if told else []
    numbers = [_number(one) for one in which] if told else [1 if found["first"] else -1]
    days = _zh_days(found["days"]).split(",")
    return Recurrence(f"FREQ=MONTHLY;BYDAY={','.join(f'{n}{d}' for n in numbers for d in days)}")


def _part_of_month(found: re.Match[str], _: date | None) -> Recurrence:
    days = ",".join(map(str, _PARTS.get(found["part"], range(21, 32))))
    return Recurrence(f"FREQ=MONTHLY;BYMONTHDAY={days}", unit="month")


def _yearly(found: re.Match[str], _: date | None) -> Recurrence | None:
    month, day = _number(found["month"]), _number(found["day"]) if found["day"] else 0
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return None
    if not day:
        return Recurrence(f"FREQ=DAILY;BYMONTH={month}", unit="year")
    return Recurrence(f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")


def _every_so_many_days(found: re.Match[str], _: date | None) -> Recurrence | None:
    """每三天: one day in three, nobody knows on which; 每隔三天: one in four."""
    days = _number(found["n"]) + found[0].startswith("每隔")
    return Recurrence("FREQ=DAILY", every=days) if days > 1 else None


def _odd_days(found: re.Match[str], _: date | None) -> Recurrence:
    days = range(1 if found["odd"] == "单" else 2, 32, 2)
    return Recurrence(f"FREQ=MONTHLY;BYMONTHDAY={','.join(map(str, days))}")


def _nth_of_year(found: re.Match[str], _: date | None) -> Recurrence | None:
    month, day = _number(found["month"]), DAYS[_ZH[found["day"]]]
    rule = f"FREQ=YEARLY;BYMONTH={month};BYDAY={_number(found['nth'])}{day}"
    return Recurrence(rule) if 1 <= month <= 12 else None


_UNIT_WORDS = {"周": "week", "星期": "week", "礼拜": "week", "月": "month", "季": "quarter"}
_UNIT_WORDS |= {"季度": "quarter", "半年": "half", "年": "year", "两周": "fortnight"}
_UNIT_WORDS |= {"2周": "fortnight", "半月": "fortnight", "半个月": "fortnight"}


def _so_often(found: re.Match[str], _: date | None) -> Recurrence:
    number = _number(found["number"]) if found["number"] else 1
    return Recurrence("FREQ=DAILY", unit=_UNIT_WORDS[found["unit"]], number=max(number, 1))


_ORD = "[一二三四五1-5]"
_EACH_MONTH = "每个?月(?:的)?"
_WHICH = rf"(?:第(?P<nth>{_ORD}(?:{_SEP}?第?{_ORD})*)|(?P<first>首|头一)|最后一|末)"
_UNIT = "两周|2周|半个?月|半年|季度?|周|星期|礼拜|月|年"
_CHINESE: tuple[tuple[re.Pattern[str], _Made], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"(?:每天|每日|天天)(?:{_N}[次回趟])?", lambda _f, _b: Recurrence("FREQ=DAILY")),
        (rf"每隔?(?P<n>{_N})天(?:一次)?", _every_so_many_days),
        ("每?逢?(?P<odd>单|双)(?:日|号)", _odd_days),
        (
            rf"每季度?(?:的)?(?:首|第一)个?月(?:的)?({_MDAYS})(?<=[日号])",
            lambda f, _b: _month_days(f[1], "BYMONTH=1,4,7,10;"),
        ),
        (
            rf"每年的?(?P<month>{_N})月(?:份)?(?:的)?第(?P<nth>{_ORD})个{_W}(?P<day>{_D})",
            _nth_of_year,
        ),
        (
            "每?个?工作日",
            lambda _f, _b: Recurrence("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ),
        ("每?个?(?:周末|双休日)", lambda _f, _b: Recurrence("FREQ=WEEKLY;BYDAY=SA,SU")),
        (
            rf"(?:每?隔(?:一|1)?|[单双]|每(?:两|2|隔(?:一|1))个?)(?:周|星期)的?({_LIST})",
            lambda f, b: _weekly(_zh_days(f[1]), b, every=2),
        ),
        (rf"{_EACH_MONTH}{_WHICH}个(?P<days>{_W}{_D}(?:{_SEP}{_W}?{_D})*)", _nth),
        (
            rf"{_EACH_MONTH}(?:月末)?(?:的)?最后(?:一|1)(?:天|日)",
            lambda _f, _b: Recurrence("FREQ=MONTHLY;BYMONTHDAY=-1"),
        ),
        (
            rf"(?:{_EACH_MONTH}月?|月)(?P<part>[上中下](?=旬)|[初中底末])旬?(?!的?最后)",
            _part_of_month,
        ),
        (
            rf"{_EACH_MONTH}逢?({_MDAYS})(?<=[日号])",
            lambda f, _b: _month_days(f[1]),
        ),
        (
            rf"(?P<odd>单|双)月的?({_MDAYS})(?<=[日号])",
            lambda f, _b: _month_days(
                f[2], f"BYMONTH={'1,3,5,7,9,11' if f['odd'] == '单' else '2,4,6,8,10,12'};"
            ),
        ),
        (rf"每年的?(?P<month>{_N})月(?:份|(?P<day>{_N})[日号])?", _yearly),
        (rf"[每一]?(?P<unit>{_UNIT})(?:度|里|内)?(?P<number>{_N})?[次回趟]", _so_often),
        (rf"(?:每|逢|每逢)个?{_W}({_LIST})", lambda f, _b: _weekly(_zh_days(f[1]), None)),
        (rf"({_W}{_LIST})", lambda f, _b: _weekly(_zh_days(f[1]), None)),
    )
)

_EN_DAY = (
    r"(?:mo(?:n(?:day)?)?|tu(?:e(?:s(?:day)?)?)?|we(?:d(?:nesday)?)?|th(?:u(?:r(?:s(?:day)?)?)?)?"
    r"|fr(?:i(?:day)?)?|sa(?:t(?:urday)?)?|su(?:n(?:day)?)?)s?"
)
_AND = r"(?:\s*[,&]\s*|\s+and\s+)"
_EN_DAYS = rf"{_EN_DAY}(?:\s*-\s*{_EN_DAY})?"
_EN_LIST = rf"{_EN_DAYS}(?:{_AND}{_EN_DAYS})*"
_EN_ORD = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_EN_ORD |= {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5}
_OF_MONTH = r"(?:of|in)\s+(?:every|each|the|a)\s+month"
_EN_UNITS = {"weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}
_EN_UNITS |= {"annually": "year", "fortnightly": "fortnight", "every week": "week"}
_EN_UNITS |= {"every month": "month", "every year": "year", "every two weeks": "fortnight"}
_EN_UNITS |= {"once a week": "week", "once a month": "month", "every 2 weeks": "fortnight"}
_EN_UNITS |= {"every other week": "fortnight", "every quarter": "quarter"}


def _en_days(text: str) -> str:
    """Mon-Wed and Fri as MO,TU,WE,FR."""
    found: dict[str, None] = {}
    for first, last in re.findall(rf"({_EN_DAY})(?:\s*-\s*({_EN_DAY}))?", text):
        begin, end = (DAYS.index(day[:2].upper()) for day in (first, last or first))
        span = range(begin, end + 1 if end >= begin else end + 8)
        found |= dict.fromkeys(DAYS[n % 7] for n in span)
    return ",".join(found)


def _en_nth(found: re.Match[str], _: date | None) -> Recurrence:
    numbers = [_EN_ORD[one] for one in re.findall("|".join(_EN_ORD), found[1])]
    days = _en_days(found[2]).split(",")
    return Recurrence(f"FREQ=MONTHLY;BYDAY={','.join(f'{n}{d}' for n in numbers for d in days)}")


def _osm_nth(found: re.Match[str], _: date | None) -> Recurrence:
    pairs = [f"{n.strip()}{found[1].upper()}" for n in found[2].split(",")]
    return Recurrence(f"FREQ=MONTHLY;BYDAY={','.join(pairs)}")


_ON = r"(?:(?:every|each|on|the)\s+)*"
_ORDS = rf"(?:{'|'.join(_EN_ORD)})"
_ENGLISH: tuple[tuple[re.Pattern[str], _Made], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"(mo|tu|we|th|fr|sa|su)\[((?:-?[1-5])(?:,-?[1-5])*)\]", _osm_nth),
        (r"(?:daily|every day)\b", lambda _f, _b: Recurrence("FREQ=DAILY")),
        (
            r"(?:every |on )?weekdays?\b",
            lambda _f, _b: Recurrence("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ),
        (
            rf"{_ON}last\s+day\s+{_OF_MONTH}",
            lambda _f, _b: Recurrence("FREQ=MONTHLY;BYMONTHDAY=-1"),
        ),
        (
            r"(twice|three times|four times) (?:a|every|each|per) (week|month|year)\b",
            lambda f, _b: Recurrence(
                "FREQ=DAILY", unit=f[2], number={"tw": 2, "th": 3, "fo": 4}[f[1][:2]]
            ),
        ),
        (rf"{_ON}({_ORDS}(?:{_AND}{_ORDS})*)\s+({_EN_DAY})\s+{_OF_MONTH}", _en_nth),
        (
            rf"{_ON}(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+day)?\s+{_OF_MONTH}",
            lambda f, _b: _month_days(f"{f[1]}日"),
        ),
        (
            r"monthly\s+on\s+(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\b",
            lambda f, _b: _month_days(f"{f[1]}日"),
        ),
        (
            rf"(?:every\s+(?:other|two\s+weeks\s+on)|fortnightly\s+on)\s+({_EN_LIST})\b",
            lambda f, b: _weekly(_en_days(f[1]), b, every=2),
        ),
        (
            rf"(?:(?:every|each|on)\s+|weekly\s+on\s+)*({_EN_LIST})\b",
            lambda f, _b: _weekly(_en_days(f[1]), None),
        ),
        (
            rf"(?:once\s+)?({'|'.join(sorted(_EN_UNITS, key=len, reverse=True))})\b",
            lambda f, _b: Recurrence("FREQ=DAILY", unit=_EN_UNITS[f[1]]),
        ),
    )
)


def _english(text: str, begins: date | None) -> Recurrence | None:
    """Read English, and the days of OpenStreetMap's opening hours."""
    plain = " ".join(text.lower().split())
    plain = re.sub(r"(?<=\d|m) (?:to|until|till) (?=\d)", "-", plain)
    for pattern, make in _ENGLISH:
        if found := pattern.match(plain):
            return _timed(make(found, begins), plain[found.end() :])
    return None
