"""Scorecards as plain text."""

from __future__ import annotations

from functools import cache

import quarterhour as qh
from command_line import HELSINKI
from quarterhour.cli.scorecard_text import area_lines, gap_lines, scorecard_lines
from quarterhour.cli.text import (
    bullet_lines,
    fitted,
    table_text,
    width,
)


def test_long_tables_are_cut_and_say_so() -> None:
    card = _card()
    n = len(card.areas)
    assert f"  … and {n - 5} more, see summary.csv" in area_lines(card, "en", shown=5)
    assert area_lines(card, "en", shown=5)[0].startswith(f"Areas: {n}, ")
    assert any(line.endswith("more, see gaps.csv") for line in gap_lines(card, "en", shown=3))
    assert not any("more, see" in line for line in area_lines(card, "en", shown=n))


def test_limits_that_differ_are_counted() -> None:
    changes = {"pharmacy": {"limit_minutes": 10}, "eatery": {"limit_minutes": None, "limit_m": 300}}
    checklist = qh.Checklist.load("beijing-2011").override(changes)
    city = qh.read_osm(HELSINKI)
    card = qh.assess(city.areas, city.facilities, city.streets, checklist)
    line = "Limit: 15 min (1,125 m) for 28 items; 300 m for 1 item; 10 min (750 m) for 1 item"
    assert line in scorecard_lines(card, "en")


def test_notes_come_first_and_only_once() -> None:
    lines = scorecard_lines(_card(), "en", ["One thing.", "One thing."])
    assert lines[0] == "What the data say of themselves"
    assert lines.count("  * One thing.") == 1


@cache
def _card() -> qh.Scorecard:
    city = qh.read_osm(HELSINKI)
    return qh.assess(city.areas, city.facilities, city.streets, qh.Checklist.load("beijing-2011"))


def test_chinese_characters_count_twice() -> None:
    assert width("菜市场") == 6
    assert width("a\u0301") == 1, "a combining accent takes no column"
    rows = table_text([["地点", "x"], ["a", "10"]])
    assert [width(row) for row in rows] == [width(rows[0])] * 2


def test_texts_are_cut_to_their_columns() -> None:
    for columns in range(2, 12):
        assert width(fitted("社区卫生服务站", columns)) <= columns
    assert fitted("short", 5) == "short"


def test_bullets() -> None:
    assert bullet_lines(["a", "b", "a"]) == ["  * a", "  * b"]
