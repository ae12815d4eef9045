"""Year after year: each place on the days on which it is there."""

from __future__ import annotations

from datetime import date

import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError

OPEN = {
    "a": ("2018-05-01", "2021-06-30"),
    "b": ("2020-12-31", None),
    "c": (None, None),
}


def town(dates=OPEN) -> qh.Scorecard:
    """Homes at both ends of a street; shop a and then b at the one, c far from both."""
    areas = worlds.points((0, 0), (2900, 0), index=["w", "e"], name=["W", "E"], residents=100.0)
    places = worlds.points((100, 0), (2800, 0), (1500, 0), index=["a", "b", "c"], item="shop")
    places = places.assign(name=["a", "b", "c"])
    places["valid_from"] = [dates[one][0] for one in "abc"]
    places["valid_to"] = [dates[one][1] for one in "abc"]
    network = worlds.network_of([(0, 0), (3000, 0)])
    items = worlds.checklist(worlds.item("shop", limit_minutes=10))
    return qh.assess(areas, places, network, items)


def test_years_are_those_in_which_anything_changes():
    found = qh.series(town())
    assert [day.year for day in found.days.index] == [2017, 2018, 2019, 2020, 2021]
    assert found.days["facilities"].tolist() == [1, 2, 2, 3, 2]
    assert found.days["new"].tolist() == [0, 1, 0, 1, 0]
    assert found.days["gone"].tolist() == [0, 0, 0, 0, 1]
    assert found.days["met"].tolist() == [0, 1, 1, 2, 1]
    assert found.days["gained"].tolist() == [0, 100, 0, 100, 0]
    assert found.days["lost"].tolist() == [0, 0, 0, 0, 100]
    assert found.days["turned_unmet"].tolist() == [0, 0, 0, 0, 1]
    share = found.coverage[found.coverage["measure"] == "population"].set_index("day")["share"]
    assert share.tolist() == [0, 0.5, 0.5, 1, 0.5]
    assert found.measure == "residents"
    assert repr(found).startswith("<Series of 5 days, 2017-12-31 to 2021-12-31: 1 -> 2 facilities")


def test_each_year_is_what_the_question_gives_of_that_day():
    card = town()
    found = qh.series(card, days=[2021, "2018-04-30", date(2019, 1, 1)])
    assert [str(day) for day in found.days.index] == ["2018-04-30", "2019-01-01", "2021-12-31"]
    for day, answer in found.cards.items():
        assert answer.manifest["parameters"]["valid_on"] == str(day)
        # As if there were nothing else in the table.
        there = [
            label
            for label, (first, last) in OPEN.items()
            if (first or "") <= str(day) <= (last or "9")
        ]
        alone = card.again(facilities=card.asked.facilities.loc[there].drop(columns=["valid_to"]))
        columns = ["area", "item", "status", "share", "median_minutes", "facility"]
        assert answer.results[columns].equals(alone.results[columns])
    assert found.card(2021) is found.cards[date(2021, 12, 31)]
    causes = found.compare("2019-01-01", 2021).causes
    assert causes.table.index[causes.table["changed"]].tolist() == ["facilities"]


def test_a_year_before_everything_is_left_out():
    first = {"a": ("2018-05-01", None), "b": ("2019-01-01", None), "c": ("2018-01-01", None)}
    assert [day.year for day in qh.series(town(first)).days.index] == [2018, 2019]


def test_a_place_that_is_there_to_the_end_of_a_year_is_gone_in_the_next():
    last = {"a": (None, "2021-12-31"), "b": (None, None), "c": (None, None)}
    found = qh.series(town(last))
    assert [day.year for day in found.days.index] == [2021, 2022]
    assert found.days["gone"].tolist() == [0, 1]


def test_scorecards_by_year_are_a_series(tmp_path):
    card = town()
    card.again(facilities=card.asked.facilities.drop(index="a")).save(tmp_path / "now")
    found = qh.series({2025: tmp_path / "now", 2020: card})
    assert [day.year for day in found.days.index] == [2020, 2025]
    assert set(found.cards) == {date(2020, 12, 31), date(2025, 12, 31)}


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda card: qh.series(card, days=[2020]), "two days or more"),
        (lambda card: qh.series(card, days=2020), "is one day"),
        (lambda card: qh.series({2020: card}), "two days or more"),
        (lambda card: qh.series({2020: card, 2021: card}, days=[2020, 2021]), "leave days= out"),
        (lambda card: qh.series(card, days=["soon", 2020]), "is no year or day"),
        (lambda card: qh.series(card.again(period="2020-05")), r"card.again\(period=None\)"),
        (lambda card: qh.series(card).card(1999), "no answer of 1999-12-31: it has 2017"),
        (
            lambda card: qh.series(
                card.again(
                    facilities=card.asked.facilities.drop(columns=["valid_from", "valid_to"])
                )
            ),
            "needs the columns valid_from or valid_to",
        ),
        (lambda _: qh.series(town(OPEN | {"c": ("1066-10-14", None)})), "span the years|no days"),
    ],
)
def test_what_is_no_series_is_said(ask, match):
    with pytest.raises(InputError, match=match):
        ask(town())
