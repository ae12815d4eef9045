"""What comes again and again: on which days, and how often in a stretch of days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrulestr

_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
UNITS = ("week", "fortnight", *_MONTHS)


@dataclass(frozen=True)
class Recurrence:
    """The days of something that comes again.

    Attributes
    ----------
    rule
        The days on which it comes or, where only their number is known, may come: an RRULE of
        iCalendar (RFC 5545).
    times
        The time of day in the words of its source; "" where none was said.
    begins
        A day from which the rule counts, needed for every second week and the like.
    every
        It comes on one of so many of these days in turn, and nobody said on which first.
    unit, number
        It comes so many times in each of these units, on any of these days; "" where it comes on
        all of them.
    """

    rule: str
    times: str = ""
    begins: date | None = None
    every: int = 1
    unit: str = ""
    number: int = 1
    _known: dict[tuple[date, date], list[date]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def sure(self) -> bool:
        """Whether it comes on every day of the rule."""
        return self.every == 1 and not self.unit

    def days(self, first: date, last: date) -> list[date]:
        """Give the days of the rule between two days, both included."""
        key = (first, last)
        if last < first:
            return []
        if key not in self._known:
            begins = datetime.combine(self.begins or first, time())
            end = datetime.combine(last, time(23, 59, 59))
            rule = rrulestr(self.rule, dtstart=begins)
            until = min(end, getattr(rule, "_until", None) or end)
            found = rule.replace(until=until).between(
                datetime.combine(first, time()), end, inc=True
            )
            self._known[key] = [moment.date() for moment in found]
        return self._known[key]

    def count(self, first: date, last: date) -> tuple[int, int]:
        """Say how often it comes between two days, at least and at most.

        Examples
        --------
        >>> fridays = Recurrence("FREQ=WEEKLY;BYDAY=FR")
        >>> fridays.count(date(2026, 11, 1), date(2026, 11, 30))
        (4, 4)
        >>> Recurrence("FREQ=DAILY", unit="month").count(date(2026, 11, 1), date(2026, 11, 15))
        (0, 1)
        """
        days = self.days(first, last)
        if self.sure:
            return len(days), len(days)
        if not self.unit:
            return len(days) // self.every, -(-len(days) // self.every)
        if self.unit == "fortnight":  # nobody said when one begins
            n = (last - first).days + 1
            return self.number * max(0, (n - 13) // 14), self.number * ((n + 12) // 14 + 1)
        least = most = 0
        for begin, end in _units(self.unit, first, last):
            here = sum(begin <= day <= end for day in days)
            whole = here == len(self.days(begin, end))
            most += min(here, self.number)
            least += min(here, self.number) if whole else 0
        return least, most

    def comes_on(self, day: date) -> str:
        """Say whether it comes on a day: "yes", "no" or "perhaps"."""
        if not self.days(day, day):
            return "no"
        return "yes" if self.sure else "perhaps"


def _units(unit: str, first: date, last: date) -> list[tuple[date, date]]:
    """First and last day of every week, month … that has a day between two days."""
    found, day = [], first
    while day <= last:
        if unit == "week":
            begin = day - timedelta(days=day.weekday())
            end = begin + timedelta(days=6)
        else:
            months = _MONTHS[unit]
            begin = date(day.year, (day.month - 1) // months * months + 1, 1)
            after = begin.month - 1 + months
            end = date(begin.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
        found.append((begin, end))
        day = end + timedelta(days=1)
    return found
