"""The two sides of a comparison: scorecards, or what a scorecard's question is asked of."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd

from quarterhour.errors import InputError
from quarterhour.places.origins import origins
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.at_hand import require_at_hand, require_question
from quarterhour.scoring.question import Question
from quarterhour.scoring.read import read_scorecard
from quarterhour.scoring.scorecard import Scorecard, answered
from quarterhour.sources.osm.read import City
from quarterhour.streets.network import WalkNetwork

Side: TypeAlias = (
    "Scorecard | str | PathLike[str] | int | date | gpd.GeoDataFrame | WalkNetwork | City"
)
"""A scorecard or its folder; a year, a day, a table of facilities, streets, or an extract."""

_DAY = re.compile(r"\d{4}(-\d\d-\d\d)?")


def sides(
    before: Side, after: Side, of: Scorecard | Question | None
) -> tuple[Scorecard, Scorecard]:
    """Give the scorecards of two sides.

    Raises
    ------
    InputError
        If a side is nothing that can be compared, or it is not said whose question it answers.
    """
    given = [_read(side) for side in (before, after)]
    cards = [side for side in given if isinstance(side, Scorecard)]
    known: Any = of if of is not None else next(iter(cards), None)
    if not isinstance(known, (Scorecard, Question, type(None))):
        msg = f"of is a {type(known).__name__}: give a scorecard, or for extracts a question."
        raise InputError(msg)
    one, two = (side if isinstance(side, Scorecard) else _asked(side, known) for side in given)
    return one, two


def _read(side: Any) -> Any:
    """Read folders, and years and days that are written as text."""
    if isinstance(side, (str, PathLike)):
        text = str(side)
        if _DAY.fullmatch(text) and not Path(text).is_dir():
            return day_of(text)
        return read_scorecard(Path(side))
    if isinstance(side, (int, date)) and not isinstance(side, bool):
        return day_of(side)
    return side


def day_of(word: Any) -> date:
    """Give a day; that of a year is its last one.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> day_of(2020), day_of("2020-06-30")
    (datetime.date(2020, 12, 31), datetime.date(2020, 6, 30))
    """
    if isinstance(word, date):
        return date(word.year, word.month, word.day)
    text = str(word).strip()
    try:
        return date(int(text), 12, 31) if re.fullmatch(r"\d{4}", text) else date.fromisoformat(text)
    except ValueError:
        msg = f"{word!r} is no year or day: give 2020, or '2020-06-30'."
        raise InputError(msg) from None


def on_day(card: Scorecard, day: date) -> Scorecard:
    """Ask a scorecard's question of the facilities that are there on a day.

    Raises
    ------
    InputError
        If the question or an input is not at hand, or it asks for a period.
    """
    question, asked = require_asked(card)
    if question.period is not None:
        msg = (
            f"The question asks for what comes from {question.period[0]} to "
            f"{question.period[1]}, and cannot be asked of {day} alone: ask it without a period "
            "first, card.again(period=None)."
        )
        raise InputError(msg)
    return answered(replace(question, valid_on=day), asked, card.kept.copy())


def require_asked(card: Scorecard) -> tuple[Question, Asked]:
    """Give the question of a scorecard and what it was asked of.

    Raises
    ------
    InputError
        If either is not at hand.
    """
    known = require_question(card.question, card.asked)
    require_at_hand([*card.missing], card)
    return known


def _asked(side: Any, of: Scorecard | Question | None) -> Scorecard:
    """Ask a question of a year, a table, streets or an extract.

    Raises
    ------
    InputError
        If the side is none of them, or whose question it is is not said.
    """
    if not isinstance(side, (date, gpd.GeoDataFrame, WalkNetwork, City)):
        msg = (
            f"compare takes scorecards, folders of saved ones, years, tables of facilities, "
            f"streets and extracts, not {type(side).__name__}."
        )
        raise InputError(msg)
    if isinstance(side, City) and of is not None:
        return _of_extract(of if isinstance(of, Question) else require_asked(of)[0], side)
    if not isinstance(of, Scorecard):
        needs = "a scorecard or a question" if isinstance(side, City) else "a scorecard"
        msg = f"Whose question is asked of {_told(side)} is not said: pass of= {needs}."
        raise InputError(msg)
    if isinstance(side, date):
        return on_day(of, side)
    if isinstance(side, WalkNetwork):
        return of.again(network=side)
    return of.again(facilities=side) if isinstance(side, gpd.GeoDataFrame) else of


def _told(side: Any) -> str:
    if isinstance(side, date):
        return f"the day {side}"
    return "an extract" if isinstance(side, City) else "a table"


def _of_extract(question: Question, city: City) -> Scorecard:
    data = gpd.GeoSeries([city.streets.extent], crs=city.streets.crs)
    homes = origins(city.areas, city.buildings, city.gates, data=data)
    return answered(question, Asked(city.areas, city.facilities, city.streets, homes))
