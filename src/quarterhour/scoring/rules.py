"""What is asked of a facility: when it is wanted, and what it has to be to count."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from quarterhour.errors import InputError
from quarterhour.scoring.hours import parse_moment

Mode = Literal["facility", "function"]
Period = tuple[date, date]
"""First and last day, both of it."""


@dataclass(frozen=True)
class Rules:
    """What is asked of a facility; the words are those of :func:`quarterhour.assess`."""

    at: datetime | None = None
    contracted_only: bool = False
    mode: Mode = "function"
    valid_on: date | None = None
    min_satisfaction: float | None = None
    period: Period | None = None

    @classmethod
    def of(
        cls,
        at: str | datetime | None,
        *,
        contracted_only: bool,
        mode: str,
        min_satisfaction: float | None = None,
        period: str | Period | None = None,
    ) -> Rules:
        """
        Check the words.

        Parameters
        ----------
        at, contracted_only, mode, min_satisfaction, period
            As in :func:`quarterhour.assess`.

        Raises
        ------
        InputError
            If ``at`` is no moment, ``mode`` none of the two, ``period`` no days, or
            ``min_satisfaction`` no share.
        """
        if mode not in ("facility", "function"):
            raise InputError(
                f"mode={mode!r} is not known: 'function' counts what is delivered, shared or "
                "implied by a host, 'facility' only places of their own."
            )
        when = None if at is None else parse_moment(at)
        days = None if period is None else read_period(period)
        if when is not None and days is not None:
            raise InputError(
                f"at={when:%Y-%m-%d %H:%M} asks for an hour and period={told(days)!r} for days: "
                "give one of them, and None for the other."
            )
        if min_satisfaction is not None:
            require_rating(min_satisfaction)
        which: Mode = "facility" if mode == "facility" else "function"
        return cls(when, contracted_only, which, None, min_satisfaction, days)

    @property
    def day(self) -> date:
        """The day on which a facility has to be valid; of a period, its first."""
        if self.valid_on is not None:
            return self.valid_on
        if self.period is not None:
            return self.period[0]
        return date.today() if self.at is None else self.at.date()

    @property
    def days(self) -> Period:
        """The days on one of which a facility has to be valid."""
        return self.period if self.period is not None else (self.day, self.day)

    @property
    def told_period(self) -> str | None:
        """The period as a text that :func:`read_period` reads."""
        return None if self.period is None else told(self.period)


def require_rating(least: float) -> None:
    """See that a rating is a share of the best one.

    Raises
    ------
    InputError
        If it is not.
    """
    number = isinstance(least, (int, float)) and not isinstance(least, bool)
    if not number or not 0 < least <= 1:
        hint = f" For {least:g} %, say {least / 100:g}." if number and 1 < least <= 100 else ""
        raise InputError(
            f"min_satisfaction={least!r} is no rating: give a share of the best one, above 0 and "
            f"at most 1, such as 0.8.{hint}"
        )


def told(period: Period) -> str:
    """Give a period as ISO 8601 writes it.

    Examples
    --------
    >>> told((date(2026, 11, 1), date(2026, 11, 14)))
    '2026-11-01/2026-11-14'
    """
    return "/".join(day.isoformat() for day in period)


def read_period(period: object) -> Period:
    """Read a year, a month, a week or a day, or from one of them to another.

    Examples
    --------
    >>> told(read_period("2026-11")), told(read_period("2026-W48"))
    ('2026-11-01/2026-11-30', '2026-11-23/2026-11-29')
    >>> told(read_period("2026-11/2027-01-06"))
    '2026-11-01/2027-01-06'

    Raises
    ------
    InputError
        If it is none of them, or ends before it begins.
    """
    try:
        first, last = _ends(period)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"period={period!r} is none: give a month ('2026-11'), a week ('2026-W48'), a day, or "
            "first and last day ('2026-11-01/2026-11-14')."
        ) from error
    if last < first:
        raise InputError(f"period={period!r} ends before it begins: exchange the two days.")
    return first, last


def _ends(period: object) -> Period:
    if isinstance(period, date):
        return _day(period), _day(period)
    if isinstance(period, (tuple, list)):
        first, last = period
        return _day(first), _day(last)
    begin, slash, end = str(period).partition("/")
    first, last = _part(begin), _part(end if slash else begin)
    return first[0], last[1]


def _part(text: str) -> Period:
    """First and last day of a year, a month, a week or a day."""
    plain = text.strip()
    if found := re.fullmatch(r"(\d{4})(?:-(\d\d))?", plain):
        year, first, last = int(found[1]), int(found[2] or 1), int(found[2] or 12)
        return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
    if week := re.fullmatch(r"(\d{4})-?W(\d\d)", plain):
        monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return monday, monday + timedelta(days=6)
    return _day(plain), _day(plain)


def _day(value: object) -> date:
    """Give a day; a time of day is left out.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
