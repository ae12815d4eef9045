"""A limit: minutes, or metres of street."""

from __future__ import annotations

import pytest

import worlds
from quarterhour.errors import InputError
from quarterhour.standards.limits import Limit


@pytest.mark.parametrize(
    ("limit", "column", "most", "reach_m", "text"),
    [
        (Limit(10), "seconds", 600, 750, "10 min"),
        (Limit(), "seconds", 900, 1125, "15 min"),
        (Limit(metres=300), "metres", 300, 300, "300 m"),
        (Limit(15, 300), "metres", 300, 300, "300 m"),
        (Limit(7.5) * 2, "seconds", 900, 1125, "15 min"),
        (Limit(metres=500) * 2, "metres", 1000, 1000, "1000 m"),
    ],
)
def test_a_limit_says_what_is_compared_with_it(limit, column, most, reach_m, text):
    assert (limit.column, limit.most, limit.reach_m(1.25)) == (column, most, reach_m)
    assert str(limit) == text
    assert limit.in_metres == (column == "metres")


def test_metres_outrank_minutes_and_make_the_same_limit():
    assert Limit(15, 300) == Limit(metres=300)
    assert Limit() == Limit(15)
    assert worlds.item("stop", limit_m=300.0).limit == Limit(metres=300)


@pytest.mark.parametrize("value", [0, -5, float("nan"), float("inf")])
@pytest.mark.parametrize("unit", ["minutes", "metres"])
def test_what_is_no_limit_is_refused(unit, value):
    with pytest.raises(InputError, match=f"{unit}={value} is no limit"):
        Limit(**{unit: value})
