"""Which places are open at a given time.

Texts are those of OpenStreetMap's key ``opening_hours``, or Chinese and English ones that can be
put in its words. A text that cannot be read is *unknown*, never closed. In mainland China the
work calendar decides what a day is: on a made-up workday (调休上班) the hours of Monday to Friday
hold, and ``PH`` is every day of a holiday as the State Council published it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from quarterhour.errors import InputError, MissingExtraError
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.scoring.hours_text import osm_hours

if TYPE_CHECKING:
    from opening_hours import OpeningHours

OPEN, CLOSED, UNKNOWN = "open", "closed", "unknown"

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_HOLIDAY = re.compile(r"\bPH\b")
_SUN = re.compile(r"\b(?:sun(?:rise|set)|dawn|dusk)\b")
_TIMES = re.compile(r"\d\d?:\d\d|24/7|\b(?:sun(?:rise|set)|dawn|dusk)\b|^(?:off|closed|unknown)$")
_ON_REQUEST = re.compile(r"appoint|reserv|request|\bcall\b|\bphone\b|预约|电话|约定", re.IGNORECASE)
_WEEKS_AWAY = 8


@dataclass(frozen=True)
class Day:
    """What kind of day a date is.

    Attributes
    ----------
    kind
        "ordinary", "holiday" (a day off of a public holiday) or "made_up" (a Saturday or Sunday
        that is worked for it).
    calendar
        Whose calendar says so: "CN"; "" where only the parser's own list of holidays is at hand.
    """

    kind: str
    calendar: str


def parse_moment(at: str | datetime) -> datetime:
    """
    Read a moment in local time, to the minute.

    Parameters
    ----------
    at
        "2026-11-24 20:00", or a datetime without a time zone.

    Raises
    ------
    InputError
        If it is no moment, has no time of day, or has a time zone.
    """
    when: object = at
    if isinstance(at, str):
        try:
            when = datetime.fromisoformat(at.strip()) if ":" in at else None
        except ValueError:
            when = None
        if when is None:
            raise InputError(f"at={at!r} is no moment: give a date and a time, '2026-11-24 20:00'.")
    if not isinstance(when, datetime) or when.tzinfo is not None:
        raise InputError(
            f"at={at!r} has to be local time without a zone: a text like '2026-11-24 20:00' or "
            "such a datetime."
        )
    return when.replace(second=0, microsecond=0)


def states_at(
    texts: Iterable[object],
    at: str | datetime,
    *,
    china: bool = True,
    place: tuple[float, float] | None = None,
) -> pd.Series[str]:
    """
    Tell for each text whether a place with these hours is open.

    Closing time counts as open: a station open until 20:00 is open at 20:00.

    Parameters
    ----------
    texts
        Opening hours, one per place; None and NaN are unknown.
    at
        The moment, in local time.
    china
        Whether mainland China's work calendar holds.
    place
        Latitude and longitude for sunrise and, outside China, for the country's holidays.

    Returns
    -------
    states
        "open", "closed" or "unknown", with the index of `texts` if it has one. `attrs["notes"]`
        says how many texts could not be read, with examples, and what the calendar does not know.

    Raises
    ------
    MissingExtraError
        If opening-hours-py is not installed.
    """
    when = parse_moment(at)
    column = texts if isinstance(texts, pd.Series) else pd.Series(list(texts), dtype=object)
    given = {text: str(text).strip() for text in column.dropna().unique()}
    day, notes = _kind_of_day(when.date(), china=china)
    reader = _Reader(when, day, china, place)
    states = {text: reader.state(plain) if plain else UNKNOWN for text, plain in given.items()}
    result = column.map(states).astype(object).where(column.notna(), UNKNOWN)
    unread = [plain for plain in given.values() if plain and reader.parsed(plain) is None]
    if unread:
        rows = int(column.map(given).isin(unread).sum())
        notes.append(
            Note(
                "hours_not_read",
                "{0} opening hours could not be read and count as unknown: {1}.",
                rows,
                listed(repr(text) for text in unread),
            )
        )
    result.attrs = {"notes": notes, "day": day.kind}
    return result


def _kind_of_day(day: date, *, china: bool) -> tuple[Day, list[str]]:
    if not china:
        return Day("ordinary", ""), []
    try:
        import chinese_calendar  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(_INSTALL) from error
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        note = Note(
            "no_work_calendar",
            "The work calendar of {0} is not known: only days of the week count.",
            day.year,
        )
        return Day("ordinary", ""), [note]
    if free and name is not None:
        return Day("holiday", "CN"), []
    return Day("made_up" if day.weekday() >= 5 and not free else "ordinary", "CN"), []


_INSTALL = (
    "A time needs opening hours to be read, with opening-hours-py and chinesecalendar: "
    'pip install "quarterhour[hours]".'
)


class _Reader:
    """Reads texts for one moment; the same text only once."""

    def __init__(
        self, when: datetime, day: Day, china: bool, place: tuple[float, float] | None
    ) -> None:
        try:
            import opening_hours  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise MissingExtraError(_INSTALL) from error
        self._parser = opening_hours
        self._when, self._day, self._china, self._place = when, day, china, place
        self._known: dict[str, str | None] = {}
        self._workdays = _workdays(when) if day.kind == "made_up" else []

    def parsed(self, text: str) -> str | None:
        """Return the text as the parser reads it, or None."""
        if text not in self._known:
            # Days without a time of day, as in "Mo-Fr", do not say when.
            readable = (
                one
                for one in (text, osm_hours(text))
                if _TIMES.search(one) and self._parser.validate(one)
            )
            self._known[text] = next(readable, None)
        return self._known[text]

    def state(self, text: str) -> str:
        """Tell whether a place with these hours is open at the moment."""
        hours = self.parsed(text)
        if hours is None:
            return UNKNOWN
        if self._day.kind == "made_up":
            return self._agreed(hours, self._workdays)
        if self._day.kind == "holiday" and _HOLIDAY.search(hours):
            today = _HOLIDAY.sub(_WEEKDAYS[self._when.weekday()], hours)
            valid = self._parser.validate(today)
            return self._agreed(today, [self._when]) if valid else UNKNOWN
        if self._day.kind == "holiday":
            # Silent on holidays: sure only where the hours of the weekday and of Sunday agree.
            sunday = self._when + timedelta(days=6 - self._when.weekday())
            return self._agreed(hours, [self._when, sunday])
        return self._agreed(hours, [self._when])

    def _agreed(self, hours: str, moments: list[datetime]) -> str:
        """Return the state that all moments have, or that it is unknown."""
        expression = self._expression(hours)
        states = {self._on(expression, moment) for moment in moments}
        return states.pop() if len(states) == 1 else UNKNOWN

    def _expression(self, hours: str) -> OpeningHours:
        make = self._parser.OpeningHours
        if not self._china:
            return make(hours, coords=self._place)
        # Where the calendar is known, the parser's shorter list of holidays is not asked.
        country = None if self._day.calendar else "CN"
        place = self._place if _SUN.search(hours) else None  # looking up its zone is slow
        return make(hours, country=country, coords=place, auto_country=False)

    def _on(self, expression: OpeningHours, moment: datetime) -> str:
        """State at a moment or, because closing time counts, in the minute before."""
        states = {self._state(expression, moment - timedelta(minutes=n)) for n in (0, 1)}
        return next(state for state in (OPEN, UNKNOWN, CLOSED) if state in states)

    def _state(self, expression: OpeningHours, moment: datetime) -> str:
        state, comment = expression.state(moment)
        if state == self._parser.State.OPEN and not _ON_REQUEST.search(comment):
            return OPEN
        return CLOSED if state == self._parser.State.CLOSED else UNKNOWN


def _workdays(when: datetime) -> list[datetime]:
    """Return the same time of day on the workdays of the nearest week without a holiday."""
    monday = when - timedelta(days=when.weekday())
    for weeks in sorted(range(-_WEEKS_AWAY, _WEEKS_AWAY + 1), key=abs):
        days = [monday + timedelta(days=7 * weeks + n) for n in range(5)]
        if all(_kind_of_day(day.date(), china=True)[0].kind == "ordinary" for day in days):
            return days
    return [monday + timedelta(days=n) for n in range(5)]
