"""Opening hours: Chinese texts, the work calendar, closing time, and what cannot be read."""

from __future__ import annotations

import sys
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.scoring.hours import parse_moment, states_at
from quarterhour.scoring.hours_text import osm_hours
from tried import examples

opening_hours = pytest.importorskip("opening_hours")
pytest.importorskip("chinese_calendar")

TUESDAY = "2026-11-24"
MADE_UP = "2026-10-10"  # a Saturday worked for National Day
NATIONAL_DAY = "2026-10-01"  # a Thursday
BREAK = "2026-10-05"  # a Monday of the same holiday, no holiday by statute
BEIJING = (39.9, 116.4)


def state(text, at, **options) -> str:
    return states_at([text], at, **options).iloc[0]


# --- texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9:00-18:00", "09:00-18:00"),
        ("９：００－１８：００", "09:00-18:00"),
        ("9:00—18:00", "09:00-18:00"),
        ("09:00～20:00", "09:00-20:00"),
        ("9:00至18:00", "09:00-18:00"),
        ("9点-18点", "09:00-18:00"),
        ("9-18点", "09:00-18:00"),
        ("9点半-17点30分", "09:30-17:30"),
        ("24小时", "24/7"),
        ("24小时营业", "24/7"),
        ("二十四小时", "24/7"),
        ("7*24小时", "24/7"),
        ("全天", "24/7"),
        ("24 hours", "24/7"),
        ("周一至周五 9:00-18:00", "Mo-Fr 09:00-18:00"),
        ("周一至周五9:00-18:00", "Mo-Fr 09:00-18:00"),
        ("周一至五 9:00-18:00", "Mo-Fr 09:00-18:00"),
        ("周一至周五：08:30-17:30", "Mo-Fr 08:30-17:30"),
        ("9:00-18:00 周一至周五", "Mo-Fr 09:00-18:00"),
        ("9:00-18:00(周一至周五)", "Mo-Fr 09:00-18:00"),
        ("星期一到星期日 8点到20点", "Mo-Su 08:00-20:00"),
        ("周一、周三、周五 14:00-16:00", "Mo,We,Fr 14:00-16:00"),
        ("周一至周五 9:00-18:00，周末休息", "Mo-Fr 09:00-18:00; Sa-Su off"),
        ("周二至周日 9:00-17:00，周一闭馆", "Tu-Su 09:00-17:00; Mo off"),
        ("9:00-17:00(周一闭馆)", "09:00-17:00; Mo off"),
        ("周一至周五 9:00-17:00；周六 9:00-12:00", "Mo-Fr 09:00-17:00; Sa 09:00-12:00"),
        ("周一至周五 8:00-12:00 14:00-18:00", "Mo-Fr 08:00-12:00,14:00-18:00"),
        ("上午8:00-11:30 下午1:30-5:00", "08:00-11:30,13:30-17:00"),
        ("早8:00-晚8:00", "08:00-20:00"),
        ("10:00-次日2:00", "10:00-26:00"),
        ("节假日除外 9:00-17:00", "09:00-17:00; PH off"),
        ("工作日 9:00-17:00", "Mo-Fr 09:00-17:00; PH off"),
        ("营业时间：09:00-22:00", "09:00-22:00"),
        ("每天 9:00-21:00", "Mo-Su 09:00-21:00"),
        ("周一至周六 24小时", "Mo-Sa 00:00-24:00"),
        ("Mon-Fri 8:00-17:00", "Mo-Fr 08:00-17:00"),
        ("9am-5:30pm", "09:00-17:30"),
    ],
)
def test_texts_as_people_write_them(text, said):
    assert osm_hours(text) == said
    assert opening_hours.validate(said)


@pytest.mark.parametrize("hour", range(24))
def test_what_is_said_already_stays(hour):
    text = f"Mo-Fr {hour:02d}:00-{hour + 1:02d}:30; PH off"
    assert osm_hours(text) == text


UNREADABLE = [
    None,
    float("nan"),
    "",
    "  ",
    "不定",
    "电话预约",
    "周一至周五",
    "Mo-Fr",
    "周一闭馆",
    "夏季9:00-18:00,冬季9:00-17:00",
    "8-5",
    "Mo-Fr 24:00-06:00",
    "9:00-18:00(最后入场17:00)",
    "25:99",
    "营业",
]


@pytest.mark.parametrize("text", UNREADABLE)
@pytest.mark.parametrize("day", [TUESDAY, MADE_UP, NATIONAL_DAY])
def test_what_cannot_be_read_is_unknown(text, day):
    assert state(text, f"{day} 12:00") == "unknown"


@examples(60)
@given(text=st.text("周一至五六日末9810:：-—，;休息 PHMoFrA（）0", max_size=14))
def test_no_text_breaks_the_reader(text):
    assert state(text, f"{MADE_UP} 12:00") in {"open", "closed", "unknown"}


def test_unread_texts_are_told_and_the_index_is_kept():
    texts = pd.Series(["9:00-18:00", "不定", "不定", None], index=["a", "b", "c", "d"])
    states = states_at(texts, f"{TUESDAY} 10:00")
    assert states.to_dict() == {"a": "open", "b": "unknown", "c": "unknown", "d": "unknown"}
    assert states.attrs["notes"] == [
        "2 opening hours could not be read and count as unknown: '不定'."
    ]


# --- closing time -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "time", "expected"),
    [
        ("9:00-18:00", "10:00", "open"),
        ("9:00-18:00", "20:00", "closed"),
        ("9:00-20:00", "20:00", "open"),  # open until 20:00 includes 20:00
        ("9:00-20:00", "20:01", "closed"),
        ("9:00-20:00", "09:00", "open"),
        ("9:00-20:00", "08:59", "closed"),
        ("24小时", "03:00", "open"),
        ("10:00-次日2:00", "01:30", "open"),
        ("10:00-次日2:00", "02:30", "closed"),
        ("上午9:00-11:30 下午1:30-5:00", "12:30", "closed"),
        ("closed", "12:00", "closed"),
        ('09:00-18:00 "by appointment"', "12:00", "unknown"),
        ("09:00-18:00 unknown", "12:00", "unknown"),
        ("sunrise-sunset", "16:00", "open"),
        ("sunrise-sunset", "18:00", "closed"),
    ],
)
def test_times_of_a_tuesday(text, time, expected):
    assert state(text, f"{TUESDAY} {time}", place=BEIJING) == expected


# --- the work calendar --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        # A Saturday that is worked has the hours of Monday to Friday.
        ("周一至周五 9:00-18:00", MADE_UP, "open"),
        ("工作日 9:00-18:00", MADE_UP, "open"),
        ("周末 9:00-18:00", MADE_UP, "closed"),
        ("9:00-18:00", MADE_UP, "open"),
        ("9:00-18:00; PH off", MADE_UP, "open"),
        ("周一、周三 9:00-18:00", MADE_UP, "unknown"),  # which weekday it stands for nobody says
        # An ordinary Saturday has not.
        ("周一至周五 9:00-18:00", "2026-11-21", "closed"),
        ("周末 9:00-18:00", "2026-11-21", "open"),
        # A holiday, and a day of the same break that is none by statute.
        ("工作日 9:00-18:00", NATIONAL_DAY, "closed"),
        ("工作日 9:00-18:00", BREAK, "closed"),
        ("9:00-18:00; PH off", BREAK, "closed"),
        ("Mo-Fr 09:00-18:00; PH 10:00-16:00", BREAK, "open"),
        ("9:00-18:00", NATIONAL_DAY, "open"),
        ("24小时", BREAK, "open"),
        # Weekday hours that say nothing of holidays: OpenStreetMap's rules say open, practice shut.
        ("周一至周五 9:00-18:00", NATIONAL_DAY, "unknown"),
        ("周一至周五 9:00-18:00", "2026-10-04", "closed"),  # a Sunday is no weekday anyway
    ],
)
def test_the_calendar_of_the_state_council(text, day, expected):
    assert state(text, f"{day} 12:00") == expected


def test_the_year_after_the_calendar():
    states = states_at(["工作日 9:00-18:00"], "2093-11-24 12:00")  # a Tuesday
    assert states.tolist() == ["open"]
    assert "work calendar of 2093 is not known" in states.attrs["notes"][0]


def test_elsewhere_the_holidays_are_those_of_the_place():
    options = {"china": False, "place": (60.17, 24.94)}
    assert state("09:00-18:00; PH off", "2026-12-25 12:00", **options) == "closed"
    assert state("Mo-Fr 09:00-18:00", f"{MADE_UP} 12:00", **options) == "closed"


# --- moments and packages -----------------------------------------------------------------------


def test_moments():
    assert parse_moment("2026-11-24 20:00") == datetime(2026, 11, 24, 20)
    assert parse_moment("2026-11-24T20:00:59") == datetime(2026, 11, 24, 20)
    assert parse_moment(datetime(2026, 11, 24, 20, 0, 5, 7)) == datetime(2026, 11, 24, 20)


@pytest.mark.parametrize("at", ["2026-11-24", "8 pm", "", "2026-13-01 10:00", 20, None])
def test_what_is_no_moment(at):
    with pytest.raises(InputError, match=r"is no moment|has to be local time"):
        parse_moment(at)


def test_a_time_zone_is_refused():
    with pytest.raises(InputError, match="without a zone"):
        parse_moment("2026-11-24 20:00+08:00")


@pytest.mark.parametrize("package", ["opening_hours", "chinese_calendar"])
def test_without_the_packages_it_says_what_to_install(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"quarterhour\[hours\]"):
        states_at(["9:00-18:00"], "2026-11-24 20:00")
