"""What comes again: its words in Chinese, English, OpenStreetMap and iCalendar, and its days."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from dateutil.rrule import rrulestr

from quarterhour.places.recurrence import Recurrence
from quarterhour.places.recurrence_words import read_recurrence
from tried import few_of

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)
FRIDAYS = [6, 13, 20, 27]


def days(text: str, begins: date | None = None) -> list[int]:
    found = [day for one in read_recurrence(text, begins) for day in one.days(*NOVEMBER)]
    return [day.day for day in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("每周五", FRIDAYS),
        ("每逢周五上门服务一次", FRIDAYS),
        ("每星期五　上午９：００－１１：００", FRIDAYS),
        ("周五", FRIDAYS),
        ("每周5", FRIDAYS),
        ("Fr 09:00-11:00", FRIDAYS),
        ("every Friday", FRIDAYS),
        ("Fridays, 9:00-11:00", FRIDAYS),
        ("weekly on Friday", FRIDAYS),
        ("FREQ=WEEKLY;BYDAY=FR", FRIDAYS),
        ("rrule:freq=weekly;byday=fr", FRIDAYS),
        ("每周二、周四", [3, 10, 17, 24, 5, 12, 19, 26]),
        ("每周二、每周四", [3, 10, 17, 24, 5, 12, 19, 26]),
        ("每周一三五", [2, 4, 6, 9, 11, 13, 16, 18, 20, 23, 25, 27, 30]),
        ("每周末", [1, 7, 8, 14, 15, 21, 22, 28, 29]),
        ("每周日", [1, 8, 15, 22, 29]),
        ("每月15日", [15]),
        ("每月十五号上午", [15]),
        ("每月5、20日", [5, 20]),
        ("每月逢5、15、25日", [5, 15, 25]),
        ("每月1日至3日", [1, 2, 3]),
        ("每月最后一天", [30]),
        ("the 15th of every month", [15]),
        ("monthly on the 15th", [15]),
        ("FREQ=MONTHLY;BYMONTHDAY=15;UNTIL=20261231T000000Z", [15]),
        ("FREQ=MONTHLY;BYMONTHDAY=15;UNTIL=20261114", []),
        ("每月第二个周二", [10]),
        ("每月第2个星期二 14:00-16:00", [10]),
        ("每月第一、三个周六", [7, 21]),
        ("每月首个周五", [6]),
        ("每月最后一个周五", [27]),
        ("Tu[2] 14:00-16:00", [10]),
        ("Tu[1,3]", [3, 17]),
        ("second Tuesday of the month", [10]),
        ("FREQ=MONTHLY;BYDAY=2TU", [10]),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", [10]),
        ("单月11日", [11]),
        ("双月11日", []),
        ("每年11月11日", [11]),
        ("每年11月第二个周日", [8]),
        ("每季度首月15日", []),
        ("每逢双日", list(range(2, 31, 2))),
        ("每个工作日", [d for d in range(1, 31) if d % 7 not in (0, 1)]),
        ("every weekday", [d for d in range(1, 31) if d % 7 not in (0, 1)]),
        ("last day of the month", [30]),
        ("每日两次", list(range(1, 31))),
        (" freq=weekly; byday=fr ", FRIDAYS),
        ("每年3月5日", []),
        ("每周五；每月15日", [*FRIDAYS, 15]),
        ("DTSTART:20261106T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2", [6, 20]),
    ],
)
def test_days_that_are_sure(text, expected):
    rules = read_recurrence(text)
    assert all(rule.sure for rule in rules)
    assert sorted(days(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("隔周周五", (2, 2)),
        ("双周五", (2, 2)),
        ("every other Friday", (2, 2)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", (2, 2)),
        ("隔周周一", (2, 3)),
        ("每月中旬", (1, 1)),
        ("月中", (1, 1)),
        ("每月一次", (1, 1)),
        ("monthly", (1, 1)),
        ("每周一次", (4, 6)),
        ("每周三次", (12, 14)),
        ("每季度一次", (0, 1)),
        ("每半年一次", (0, 1)),
        ("每年3月", (0, 0)),
        ("每年11月", (1, 1)),
        ("每两周一次", (1, 4)),
        ("一周两次", (8, 10)),
        ("twice a week", (8, 10)),
        ("每三天一次", (10, 10)),
        ("FREQ=DAILY;INTERVAL=4", (7, 8)),
        ("每月月初", (1, 1)),
    ],
)
def test_how_often_where_the_day_is_not_known(text, count):
    (rule,) = read_recurrence(text)
    assert not rule.sure
    assert rule.count(*NOVEMBER) == count


def test_a_first_day_says_which_of_two_weeks():
    assert days("隔周周五", date(2026, 10, 30)) == [13, 27]
    assert days("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", date(2026, 11, 6)) == [6, 20]
    (rule,) = read_recurrence("隔周周五", date(2026, 10, 28))  # a Wednesday: not one of them
    assert not rule.sure


def test_mid_month_is_perhaps_in_a_week_of_it():
    (rule,) = read_recurrence("每月中旬")
    assert rule.count(date(2026, 11, 9), date(2026, 11, 15)) == (0, 1)
    assert rule.count(date(2026, 11, 1), date(2026, 11, 10)) == (0, 0)
    assert rule.comes_on(date(2026, 11, 15)) == "perhaps"
    assert rule.comes_on(date(2026, 11, 25)) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "有时",
        "不定期",
        "",
        "每周八",
        "每月32日",
        "每月第二周周二",  # the second Tuesday, or that of the second week
        "every second Tuesday",  # of the month, or one in two
        "每周五（节假日除外）",
        "每周五在东门",
        "每周一至两次",
        "9:00-18:00",
        "24/7",
        "Mo 2024",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
        "FREQ=HOURLY",
        "FREQ=FOO",
        "FREQ=WEEKLY;BYDAY=FR;BYHOUR=9",
        "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=1",
        "FREQ=",
        "DTSTART:20269999\nFREQ=WEEKLY",
        "每周五；随缘",
        None,
        float("nan"),
        15,
    ],
)
def test_what_is_not_understood_is_not_guessed(text):
    assert read_recurrence(text) == ()


def test_the_time_of_day_is_kept_beside_the_days():
    said = {
        text: read_recurrence(text)[0].times
        for text in ("每周五上午9点至11点", "Fr 09:00-11:00", "每周五")
    }
    assert list(said.values()) == ["上午9点至11点", "09:00-11:00", ""]


@pytest.mark.parametrize("seed", few_of(20, 5))
def test_counts_hold_whatever_day_it_really_is(seed):
    """Whichever days are chosen within what is known, they are between the bounds."""
    weekday = "一二三四五六日"[seed % 7]
    (rule,) = read_recurrence(f"隔周周{weekday}")
    first = date(2026, 1, 1 + seed)
    last = date(2026, 1 + seed % 6 + 1, 28)
    for start in ("20251229", "20260105"):
        named = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][seed % 7]
        every = rrulestr(f"DTSTART:{start}\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY={named}")
        real = every.between(pd.Timestamp(first), pd.Timestamp(last), inc=True)
        least, most = rule.count(first, last)
        assert least <= len(real) <= most


def test_a_rule_without_an_end_ends_with_what_is_asked():
    never = Recurrence("FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2")
    assert never.days(date(2026, 1, 1), date(2026, 12, 31)) == []


def test_the_hour_is_no_day():
    for text, times in (
        ("每周五14:00-16:00", "14:00-16:00"),
        ("每周五 1:30-5:00", "1:30-5:00"),
        ("每周5 2:00-4:00", "2:00-4:00"),
        ("每周2、4 9点至11点", "9点至11点"),
        ("每月15日1:30-3:00", "1:30-3:00"),
        ("每周五上午9:00-11:00，下午2:00-4:00", "上午9:00-11:00,下午2:00-4:00"),
        ("Fridays from 9:00 to 11:00", "9:00-11:00"),
    ):
        (rule,) = read_recurrence(text)
        assert rule.times == times
        week = rule.days(date(2026, 11, 2), date(2026, 11, 8))
        assert len(week) == rule.rule.count(",") + ("WEEKLY" in rule.rule)
