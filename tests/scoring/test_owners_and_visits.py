"""What counts by consent, by rating and by the calendar: attributes with an effect and a reason."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

import quarterhour as qh
import worlds
from quarterhour.cli.main import cli
from quarterhour.errors import InputError
from quarterhour.scoring.rules import Rules
from quarterhour.scoring.service import service_of

TUESDAY, FRIDAY = "2026-11-24 10:00", "2026-11-27 10:00"
NOVEMBER = "2026-11"


def shops(n=1, **columns) -> gpd.GeoDataFrame:
    return worlds.points(*[(100 * row, 0) for row in range(n)], **({"item": "shop"} | columns))


def card_of(facilities, *, item=None, **options) -> qh.Scorecard:
    areas = worlds.points((0, 0), residents=[100.0])
    checklist = worlds.checklist(item or worlds.item("shop"))
    return qh.assess(areas, facilities, worlds.line_world(), checklist, **options)


def answer(facilities, **options) -> tuple[str, str]:
    row = card_of(facilities, **options).results.iloc[0]
    return row["status"], row["reason"]


def notes(card) -> str:
    return " ".join(card.manifest["inputs"]["facilities"]["notes"])


MET, NOT = ("met", "within_limit"), ("unmet", "not_in_service")
PERHAPS = ("unknown", "hours_unknown")

# --- consent ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"consent": "是"}, ""),
        ({"consent": "未同意"}, "no_consent"),
        ({"consent": "已征得同意", "owner": "某厂"}, ""),
        ({"consent": None}, ""),
        ({"consent": None, "owner": "某厂"}, "no_consent"),
        ({"consent": "", "shared": "是"}, "no_consent"),
        ({"consent": "再议", "owner": "某厂"}, "no_consent"),
        ({"owner": "某厂"}, ""),
        ({"shared": "是"}, ""),
        ({"counted": "否"}, "not_counted"),
        ({"counted": "不计入", "consent": "是"}, "not_counted"),
        ({"counted": "是", "consent": "否"}, ""),
        ({"counted": "已纳入", "owner": "某厂", "consent": None}, ""),
        ({"counted": None, "consent": False}, "no_consent"),
        ({"status": "停业", "consent": "否"}, "gone"),
    ],
)
def test_without_the_consent_of_its_owner_a_place_does_not_count(columns, why):
    table = shops(**columns)
    assert service_of(table, Rules()).why.tolist() == [why]
    assert answer(table) == (NOT if why else MET)


def test_what_does_not_count_is_counted_and_said():
    table = shops(
        5,
        owner=["某厂", "某校", "某厂", None, None],
        consent=["是", None, "否", None, "说不定"],
        counted=[None, None, "是", None, None],
    )
    said = notes(card_of(table))
    assert "do not count, having no consent of whoever owns them: 1." in said
    assert "count by decision (counted), though no consent is on record: 1." in said
    assert "without a word on consent and without an owner, which count: 2." in said
    assert "1 cells of consent are not understood: '说不定'." in said


# --- ratings ------------------------------------------------------------------------------------


def test_what_is_rated_lower_does_not_count():
    table = shops(3, satisfaction=["95%", "60%", None])
    card = card_of(table, min_satisfaction=0.8)
    assert card.matches["why"].tolist() == ["", "low_rating", ""]
    assert "Facilities that nobody rated, which count: 1 of 3." in notes(card)
    assert "do not count, being rated below what was asked: 1." in notes(card)
    assert card.manifest["parameters"]["min_satisfaction"] == 0.8
    assert card_of(table).matches["why"].tolist() == ["", "", ""]
    assert answer(shops(satisfaction="80%"), min_satisfaction=0.8) == MET
    assert answer(shops(satisfaction="79%"), min_satisfaction=0.8) == NOT


def test_two_dimensions_are_one_rating():
    table = shops(satisfaction_attitude="90%", satisfaction_ability="60%")
    assert answer(table, min_satisfaction=0.75) == MET
    assert answer(table, min_satisfaction=0.76) == NOT


def test_ratings_that_are_asked_for_have_to_be_there():
    with pytest.raises(InputError, match="needs ratings in the facilities"):
        card_of(shops(), min_satisfaction=0.8)


@pytest.mark.parametrize("least", [0, -1, 1.2, 80, "0.8", True, float("nan")])
def test_a_least_rating_is_a_share(least):
    with pytest.raises(InputError, match="is no rating"):
        card_of(shops(satisfaction="90%"), min_satisfaction=least)


def test_residents_are_weighed_with_the_rating_of_the_place_that_is_nearest():
    areas = worlds.points((0, 0), (900, 0), (5000, 0), residents=[100.0, 300.0, 600.0])
    table = worlds.points(
        (0, 10), (900, 10), (5000, 10), item="shop", satisfaction=["50%", "90%", None]
    )
    table["satisfaction_n"] = [10, 30, None]
    table["satisfaction_attitude"] = ["40%", None, None]
    card = qh.assess(
        areas, table, worlds.network_of([(0, 0), (6000, 0)]), worlds.checklist(worlds.item("shop"))
    )
    row = qh.satisfaction(card).iloc[0]
    assert (row["unit"], row["within"], row["rated"]) == ("residents", 1000.0, 400.0)
    assert row["satisfaction"] == pytest.approx((100 * 0.5 + 300 * 0.9) / 400)
    assert row["satisfaction_attitude"] == pytest.approx(0.4)
    assert row["weighted_at_least"] == pytest.approx(0.32)
    assert row["weighted_at_most"] == pytest.approx(0.92)
    assert (row["places"], row["places_rated"]) == (3, 2)
    assert row["mean"] == pytest.approx((10 * 0.5 + 30 * 0.9) / 40)
    each = qh.satisfaction(card, by="area")
    assert each["satisfaction"].iloc[:2].tolist() == pytest.approx([0.5, 0.9])
    assert pd.isna(each["satisfaction"].iloc[2])
    assert each["weighted_at_most"].tolist() == pytest.approx([0.5, 0.9, 1.0])


def test_residences_are_weighed_where_residents_are_not_known():
    card = qh.assess(
        worlds.points((0, 0), (500, 0)),
        worlds.points((0, 10), item="shop", satisfaction=0.5),
        worlds.line_world(),
        worlds.checklist(worlds.item("shop"), worlds.item("bank")),
    )
    table = qh.satisfaction(card).set_index("item")
    assert table.loc["shop", ["unit", "within"]].tolist() == ["residences", 2.0]
    assert table.loc["bank", ["within", "places"]].tolist() == [0.0, 0]
    assert pd.isna(table.loc["bank", "satisfaction"])


def test_what_cannot_be_weighed_is_said():
    with pytest.raises(InputError, match="have no ratings"):
        qh.satisfaction(card_of(shops()))
    with pytest.raises(InputError, match="by='town' is not known"):
        qh.satisfaction(card_of(shops(satisfaction=1)), by="town")


# --- what comes at times ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recurrence", "period", "expected"),
    [
        ("每周五", NOVEMBER, MET),
        ("每周五", "2026-11-23/2026-11-26", NOT),
        ("每周五", "2026-11-27", MET),
        ("每月15日", "2026-W46", MET),
        ("每月15日", "2026-W47", NOT),
        ("每月第二个周二", "2026-W46", MET),
        ("Tu[2]", "2026-W46", MET),
        ("FREQ=MONTHLY;BYDAY=2TU", "2026-W47", NOT),
        ("每月中旬", NOVEMBER, MET),
        ("每月中旬", "2026-W46", PERHAPS),
        ("每月中旬", "2026-11-21/2026-11-30", NOT),
        ("隔周周五", "2026-W48", PERHAPS),
        ("隔周周五", "2026-W47/2026-W48", MET),
        ("每周五", "2026-11/2026-12", MET),
        ("看情况", NOVEMBER, PERHAPS),
        (None, NOVEMBER, MET),
        ("每周五", None, MET),
    ],
)
def test_what_comes_at_times_counts_if_it_comes_in_the_period(recurrence, period, expected):
    table = shops(recurrence=recurrence)
    assert answer(table, period=period) == expected


@pytest.mark.parametrize(
    ("columns", "at", "expected"),
    [
        ({"recurrence": "每周五"}, FRIDAY, MET),
        ({"recurrence": "每周五"}, TUESDAY, NOT),
        ({"recurrence": "每周五 9:00-11:00"}, FRIDAY, MET),
        ({"recurrence": "每周五 14:00-16:00"}, FRIDAY, NOT),
        ({"recurrence": "每周五", "opening_hours": "14:00-16:00"}, FRIDAY, NOT),
        ({"recurrence": "每周五 9:00-11:00", "opening_hours": "14:00-16:00"}, FRIDAY, MET),
        ({"recurrence": "每月第四个周二；每周五"}, TUESDAY, MET),
        ({"recurrence": "每周五上午9:00-11:00，下午2:00-4:00"}, FRIDAY, MET),
        ({"recurrence": "每周五上午9:00-9:30，下午2:00-4:00"}, FRIDAY, NOT),
        ({"recurrence": "Fridays from 9:00 to 11:00"}, FRIDAY, MET),
        ({"recurrence": "每月下旬"}, TUESDAY, PERHAPS),
        ({"recurrence": "每月下旬"}, "2026-11-10 10:00", NOT),
        ({"recurrence": "每周五上午"}, FRIDAY, PERHAPS),
        ({"recurrence": "看情况"}, FRIDAY, PERHAPS),
        ({"service_mode": "定期", "opening_hours": "周五 9:00-11:00"}, FRIDAY, MET),
        ({"service_mode": "定期", "opening_hours": "周五 9:00-11:00"}, TUESDAY, NOT),
    ],
)
def test_what_comes_at_times_counts_when_it_is_there(columns, at, expected):
    pytest.importorskip("opening_hours")
    pytest.importorskip("chinese_calendar")
    assert answer(shops(**columns), at=at) == expected


def test_on_a_public_holiday_nobody_knows_who_comes():
    pytest.importorskip("opening_hours")
    pytest.importorskip("chinese_calendar")
    table = worlds.points((440000, 4420000), item="shop", recurrence="每周四")  # in Beijing
    thursday = {"2026-09-24 10:00": "", "2026-10-01 10:00": "hours_unknown"}
    for at, why in thursday.items():
        rules = Rules.of(at, contracted_only=False, mode="function")
        assert service_of(table, rules).why.tolist() == [why]
        shut = service_of(table.assign(recurrence="每周四 14:00-16:00"), rules)
        assert shut.why.tolist() == ["closed"]


def test_hours_that_say_the_days_answer_for_a_period_too():
    table = shops(service_mode="定期", opening_hours="Fr 09:00-11:00")
    assert answer(table, period="2026-11-27") == MET
    assert answer(table, period="2026-11-26") == NOT


def test_who_comes_to_the_door_comes_on_these_days():
    table = shops(recurrence="每周五", service_mode="上门")
    assert answer(table, period="2026-11-27") == ("met", "needs_no_walk")
    assert answer(table, period="2026-11-26") == NOT


def test_a_place_is_valid_on_one_day_of_the_period():
    table = shops(valid_from="2026-11-20", valid_to="2026-11-25")
    assert answer(table, period=NOVEMBER) == MET
    assert answer(table, period="2026-11-01/2026-11-19") == NOT
    assert answer(table, period="2026-11-26/2026-11-30") == NOT


def test_only_visits_while_it_is_valid_count():
    table = shops(recurrence="每月6日", valid_from="2026-11-20", valid_to="2026-12-31")
    assert answer(table, period=NOVEMBER) == NOT
    assert answer(table, period="2026-11/2026-12") == MET
    found = qh.visits(table, "2026-11/2027-01").iloc[0]
    assert (found["at_least"], str(found["first"])) == (1, "2026-12-06")
    over = qh.visits(table, "2027-01").iloc[0]
    assert (over["at_least"], over["at_most"]) == (0, 0)
    often = shops(recurrence="每周两次", valid_from="2026-11-20")
    assert qh.visits(often, "2026-11-01/2026-11-19")["at_most"].tolist() == [0]


def test_what_counts_all_day_or_always_is_noted():
    pytest.importorskip("opening_hours")
    pytest.importorskip("chinese_calendar")
    table = shops(2, recurrence=["每周五", "随缘"])
    said = notes(card_of(table, at=FRIDAY))
    assert "come on that day, name no hours and count all day: 1." in said
    assert "1 cells of recurrence are not understood: '随缘'." in said
    said = notes(card_of(table))
    assert "count as if always, since no time was given (at= or period=): 2." in said
    gone = card_of(shops(2, recurrence=["每周五", "每周四"]), period="2026-11-26")
    assert "do not count, not coming in that period: 1." in notes(gone)


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026", "2026-01-01/2026-12-31"),
        ("2026-11/2026-12", "2026-11-01/2026-12-31"),
        (" 2026-W53 ", "2026-12-28/2027-01-03"),
        (date(2026, 11, 27), "2026-11-27/2026-11-27"),
        (pd.Timestamp("2026-11-27 09:00"), "2026-11-27/2026-11-27"),
        ((date(2026, 11, 1), "2026-11-14"), "2026-11-01/2026-11-14"),
    ],
)
def test_periods_as_people_give_them(period, told):
    card = card_of(shops(), period=period)
    assert card.manifest["parameters"]["period"] == told


def test_days_with_a_time_zone_are_days():
    table = shops(valid_from=pd.Timestamp("2026-11-20", tz="Asia/Shanghai"), recurrence="每周五")
    assert answer(table, period="2026-11-01/2026-11-19") == NOT
    assert answer(table, period="2026-11-20") == MET


@pytest.mark.parametrize(
    "period", ["tomorrow", "2026-13", "2026-W54", "2026-11-30/2026-11-01", ("2026-11-01",), 7, ""]
)
def test_what_is_no_period_is_said(period):
    with pytest.raises(InputError, match=r"is none: give a month|ends before it begins"):
        card_of(shops(), period=period)


def test_an_hour_and_days_are_not_asked_together():
    with pytest.raises(InputError, match="give one of them"):
        card_of(shops(), at=FRIDAY, period=NOVEMBER)


def test_the_period_travels_with_the_scorecard(tmp_path):
    table = shops(recurrence="每周五", satisfaction="90%")
    card = card_of(table, period="2026-W48", min_satisfaction=0.5)
    assert card.manifest["parameters"]["period"] == "2026-11-23/2026-11-29"
    assert card.manifest["parameters"]["valid_on"] == "2026-11-23"
    card.save(tmp_path)
    again = qh.read_scorecard(tmp_path)
    assert again.question == card.question
    assert qh.reproduce(tmp_path).same
    assert card.again(period=None).question.period is None
    assert card.again(period="2026-11-24").results["status"].tolist() == ["unmet"]
    assert card.again(pace="elderly").question.period == card.question.period


def test_the_calendar_tells_who_comes_how_often():
    table = shops(
        5,
        name=["磨刀", "理发", "缴费", "店", "义诊"],
        recurrence=["每月中旬", "每月第二个周二 9:00-11:00", "每周五；每月6日", None, "随缘"],
    )
    found = qh.visits(table, NOVEMBER)
    assert found.index.tolist() == [0, 1, 2, 4]
    assert found["at_least"].tolist() == [1, 1, 4, pd.NA]  # the 6th is a Friday
    assert found["at_most"].tolist() == [1, 1, 4, pd.NA]
    assert found.loc[1, ["rule", "times"]].tolist() == ["FREQ=MONTHLY;BYDAY=2TU", "9:00-11:00"]
    assert str(found.loc[2, "first"]) == "2026-11-06"
    assert found.loc[0, "first"] is None
    assert found.attrs["notes"] == ["1 cells of recurrence are not understood: '随缘'."]
    assert qh.visits(shops(), NOVEMBER).empty


def test_chinese_headings_are_recognised(tmp_path):
    path = tmp_path / "设施.csv"
    path.write_text(
        "名称,经度,纬度,清单项,权属单位,是否同意,是否计入,服务周期,满意度,服务态度,服务能力,评价人数,评价日期\n"
        "甲,116.39,39.90,shop,某厂,否,,每周五,92%,4.5,4,120,2026年5月1日\n"
        "乙,116.39,39.90,shop,某厂,是,是,每月第二个周二,88%,4,5,80,不详\n",
        encoding="utf-8",
    )
    table = qh.read_facilities(path, datum="wgs84")
    assert service_of(table, Rules()).why.tolist() == ["no_consent", ""]
    assert qh.visits(table, NOVEMBER)["at_least"].tolist() == [4, 1]
    assert table["satisfaction_n"].tolist() == [120, 80]
    assert table["satisfaction_date"].iloc[0] == pd.Timestamp("2026-05-01")
    assert any("1 cells of satisfaction_date are not understood" in n for n in table.attrs["notes"])


def test_the_command_line_asks_it_too(tmp_path):
    done = CliRunner().invoke(cli, ["score", "nowhere.osm.pbf", "--min-satisfaction", "80"])
    assert done.exit_code == 2
    assert "For 80 %, say 0.8" in done.output
    done = CliRunner().invoke(cli, ["score", "nowhere.osm.pbf", "--period", "soon"])
    assert done.exit_code == 2
    assert "give a month" in done.output
