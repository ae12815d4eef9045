"""What comes at times: on which days, how often in a period, and whether at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.places.cell_words import SERVICE_MODES, cells_not_understood, words_in
from quarterhour.places.notes import Note
from quarterhour.places.recurrence import Recurrence
from quarterhour.places.recurrence_words import read_recurrence
from quarterhour.scoring.hours import CLOSED, OPEN, UNKNOWN, states_at
from quarterhour.scoring.rules import Period, read_period

RECURRENCE = "recurrence"
_ALL_DAY = "00:00-24:00"
COLUMNS = ["name", "recurrence", "rule", "times", "at_least", "at_most", "first", "last"]


class Visiting(NamedTuple):
    """The rules of what comes at times.

    ``at_times`` marks these facilities; ``rules`` are those of each, none where it says nothing
    that could be read; ``ends`` are the days on which its service begins and ends, where known.
    """

    at_times: Mask
    rules: list[tuple[Recurrence, ...]]
    ends: list[tuple[date | None, date | None]]
    notes: list[str]

    def comes(self, row: int, period: Period) -> tuple[int, int]:
        """How often a facility comes in a period, at least and at most; a day counts once."""
        first, last = within(period, self.ends[row])
        if last < first:
            return 0, 0
        rules = self.rules[row]
        sure = {day for rule in rules if rule.sure for day in rule.days(first, last)}
        counts = [rule.count(first, last) for rule in rules if not rule.sure]
        return len(sure) + sum(c[0] for c in counts), len(sure) + sum(c[1] for c in counts)


def within(period: Period, ends: tuple[date | None, date | None]) -> Period:
    """The part of a period that lies between two days; one may be open."""
    first, last = ends
    return max(period[0], first or period[0]), min(period[1], last or period[1])


def visiting(table: pd.DataFrame) -> Visiting:
    """
    Read who comes at times, and when.

    Parameters
    ----------
    table
        Facilities. The rule is in ``recurrence``; what has none and is ``periodic`` by its
        ``service_mode`` may say it in ``opening_hours``.
    """
    n = len(table)
    if not {RECURRENCE, "service_mode"} & set(table.columns):
        return Visiting(np.zeros(n, dtype=bool), [()] * n, [(None, None)] * n, [])
    none: pd.Series[Any] = pd.Series([None] * n, index=table.index, dtype=object)
    texts = table.get(RECURRENCE, none).astype(object)
    said = texts.notna() & texts.map(lambda cell: str(cell).strip()).ne("")
    modes = table.get("service_mode", none)
    at_times = {m for m in modes.dropna().unique() if "periodic" in words_in(m, SERVICE_MODES)[0]}
    periodic = modes.isin(list(at_times))
    hours = table.get("opening_hours", none).astype(object)
    texts = texts.where(said, hours.where(periodic))
    ends = list(zip(_days(table, "valid_from"), _days(table, "valid_to"), strict=True))
    known: dict[tuple[str, date | None], tuple[Recurrence, ...]] = {}
    rules = []
    for text, (begins, _) in zip(texts, ends, strict=True):
        key = (text, begins) if isinstance(text, str) else ("", None)
        if key not in known:
            known[key] = read_recurrence(*key) if key[0] else ()
        rules.append(known[key])
    unread = np.array([not rule for rule in rules], dtype=bool) & said.to_numpy(dtype=bool)
    comes = (said | periodic).to_numpy(dtype=bool)
    return Visiting(comes, rules, ends, cells_not_understood(texts[unread], RECURRENCE))


def _days(table: pd.DataFrame, column: str) -> list[date | None]:
    """The days of a column; None where there is none."""
    if column not in table:
        return [None] * len(table)
    days = pd.to_datetime(table[column], errors="coerce", format="mixed")
    return [None if pd.isna(day) else day.date() for day in days]


def states_in(who: Visiting, period: Period) -> npt.NDArray[np.object_]:
    """Say of each facility whether it comes in a period; what is always there is open."""
    states = np.full(len(who.rules), OPEN, dtype=object)
    for row in np.flatnonzero(who.at_times).tolist():
        least, most = who.comes(row, period)
        states[row] = OPEN if least else CLOSED if most == 0 and who.rules[row] else UNKNOWN
    return states


def states_on(
    who: Visiting,
    at: datetime,
    always: npt.NDArray[np.object_],
    hours: Sequence[object],
    *,
    china: bool,
) -> tuple[npt.NDArray[np.object_], list[str]]:
    """
    Say of each facility whether it is there at a moment.

    Parameters
    ----------
    who
        Who comes at times.
    at
        The moment.
    always
        What the opening hours alone say: "open", "closed" or "unknown".
    hours
        Opening hours, one per facility.
    china
        Whether mainland China's work calendar holds: on a public holiday nobody knows who comes.

    Returns
    -------
    states, notes
        Where a rule names its time of day, that decides; where none is named the opening hours
        do; where nobody says a time it is there all of its day, which is noted.
    """
    notes: list[str] = []
    states, day = always.copy(), at.date()
    known: dict[str, str] = {}
    all_day = 0
    for row in np.flatnonzero(who.at_times).tolist():
        if not who.rules[row]:
            continue
        found = set()
        for rule in who.rules[row]:
            comes = rule.comes_on(day)
            if comes == "no":
                found.add(CLOSED)
                continue
            said = hours[row]
            text = rule.times or (said.strip() if isinstance(said, str) else "")
            if (told := text or _ALL_DAY) not in known:
                known[told] = _state(told, at, china=china)
            state = known[told]
            all_day += not text and state == OPEN and comes == "yes"
            found.add(UNKNOWN if comes == "perhaps" and state == OPEN else state)
        states[row] = next(state for state in (OPEN, UNKNOWN, CLOSED) if state in found)
    if all_day:
        told_all = "Facilities that come on that day, name no hours and count all day: {0}."
        notes.append(Note("visits_all_day", told_all, all_day))
    return states, notes


def _state(text: str, at: datetime, *, china: bool) -> str:
    """Whether something with these hours is open, on a day on which it comes."""
    told = states_at([text], at, china=china)
    state = str(told.iloc[0])
    return UNKNOWN if state == OPEN and told.attrs["day"] == "holiday" else state


def visits(facilities: pd.DataFrame, period: str | Period) -> pd.DataFrame:
    """List what comes at times, with how often it comes in a period.

    Parameters
    ----------
    facilities
        Facilities with ``recurrence`` (每周五, 每月第二个周二, ``FREQ=MONTHLY;BYDAY=2TU``, ``Fr
        09:00-11:00``), or ``periodic`` ones whose ``opening_hours`` say it.
    period
        A month ("2026-11"), a week ("2026-W48"), a day, or first and last day
        ("2026-11-01/2026-11-14").

    Returns
    -------
    DataFrame
        One row per facility that comes at times, with its label: ``name``, ``recurrence`` as it
        was written, ``rule`` (RRULE of iCalendar; empty where the text was not understood),
        ``times`` of day, ``at_least`` and ``at_most`` times in the period (they differ where only
        the number of visits is known; empty where nothing is), ``first`` and ``last`` day of
        those that are sure. Days before ``valid_from`` and after ``valid_to`` do not count.
        ``attrs["notes"]`` says what was not understood.

    Raises
    ------
    InputError
        If the period is none.

    Examples
    --------
    >>> table = pd.DataFrame({"name": ["磨刀", "缴费"], "recurrence": ["每月中旬", "每周五"]})
    >>> visits(table, "2026-11")[["at_least", "at_most"]].values.tolist()
    [[1, 1], [4, 4]]
    """
    days = read_period(period)
    who = visiting(facilities)
    rows: list[tuple[object, ...]] = []
    chosen = np.flatnonzero(who.at_times).tolist()
    names = facilities.get("name")
    for row in chosen:
        rules = who.rules[row]
        text = facilities[RECURRENCE].iloc[row] if RECURRENCE in facilities else None
        if (text is None or pd.isna(text)) and "opening_hours" in facilities:
            text = facilities["opening_hours"].iloc[row]
        span = within(days, who.ends[row])
        sure = sorted(day for rule in rules if rule.sure for day in rule.days(*span))
        ends = (sure[0], sure[-1]) if sure else (None, None)
        count = who.comes(row, days) if rules else (None, None)
        rule, times = ("; ".join(dict.fromkeys(part)) for part in _told(rules))
        rows.append((None if names is None else names.iloc[row], text, rule, times, *count, *ends))
    table = pd.DataFrame(rows, columns=COLUMNS, index=facilities.index[chosen])
    table = table.astype({"at_least": "Int64", "at_most": "Int64"})
    table.attrs["notes"] = who.notes
    return table


def _told(rules: Sequence[Recurrence]) -> tuple[list[str], list[str]]:
    """The rules as RFC 5545 writes them, as far as it has words, and their times of day."""
    told = []
    for rule in rules:
        turn = f";INTERVAL={rule.every}" if rule.every > 1 else ""
        told.append(f"{rule.rule}{turn}")
    return told, [rule.times for rule in rules if rule.times]
