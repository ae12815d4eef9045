"""Year after year: one question asked of every year, or of scorecards of several days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.planning.compare import compare
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.differences import DAYS
from quarterhour.planning.sides import day_of, on_day
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.read import read_scorecard
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.service import valid_in

Card: TypeAlias = "Scorecard | str | PathLike[str]"

MOST_DAYS = 200
"""More days than this are asked only if they are named."""


@dataclass(frozen=True, eq=False, repr=False)
class Series:
    """One question asked of one day after another.

    Attributes
    ----------
    days
        One row per day: ``facilities`` that are there, of them ``new`` and how many are ``gone``
        since the day before; ``met``, ``unmet``, ``unknown`` (areas × items); ``gained`` and
        ``lost`` (who have any item more, or less, than the day before), ``turned_met``,
        ``turned_unmet``.
    coverage
        Every measure of :func:`quarterhour.coverage` on every day, with ``day`` in front.
    cards
        The scorecards by day.
    measure
        What ``gained`` and ``lost`` count; see :class:`Comparison`.
    """

    days: pd.DataFrame
    coverage: pd.DataFrame
    cards: Mapping[date, Scorecard]
    measure: str

    def compare(self, before: Any, after: Any) -> Comparison:
        """Hold two days of the series beside each other.

        Parameters
        ----------
        before, after
            A year or a day of the series.

        Raises
        ------
        InputError
            If the series does not have the day.
        """
        return compare(self.card(before), self.card(after))

    def card(self, day: Any) -> Scorecard:
        """Give the scorecard of a year or a day.

        Raises
        ------
        InputError
            If the series does not have it.
        """
        if (asked := day_of(day)) not in self.cards:
            known = ", ".join(map(str, self.cards))
            msg = f"The series has no answer of {asked}: it has {known}."
            raise InputError(msg)
        return self.cards[asked]

    def __repr__(self) -> str:
        first, last = (self.days[["facilities", "met"]].iloc[row] for row in (0, -1))
        return (
            f"<Series of {len(self.days)} days, {self.days.index[0]} to {self.days.index[-1]}: "
            f"{first['facilities']:,} -> {last['facilities']:,} facilities, "
            f"{first['met']:,} -> {last['met']:,} answers met>"
        )


def series(card: Card | Mapping[Any, Card], days: Collection[Any] | None = None) -> Series:
    """Ask a scorecard's question of one year after another.

    Facilities say since when and until when they are there in ``valid_from`` and ``valid_to``.
    The answer of a year is that of its last day.

    Parameters
    ----------
    card
        A scorecard or the folder of one, whose facilities have these days; or scorecards or
        folders by their year or day, where each has inputs of its own.
    days
        Years or days; if not given, every year from the one before the first change of
        ``valid_from`` and ``valid_to`` to that of the last one.

    Returns
    -------
    Series

    Raises
    ------
    InputError
        If no facility has such a day, a day is none, or fewer than two days are asked for.

    Examples
    --------
    >>> qh.series(card).days  # doctest: +SKIP
    >>> qh.series({2019: "out/2019", 2025: "out/2025"}).days  # doctest: +SKIP
    """
    if isinstance(card, Mapping):
        cards = _given(card, days)
    else:
        known = card if isinstance(card, Scorecard) else read_scorecard(Path(card))
        cards = _of_days(known, days)
    if len(cards) < 2:
        msg = "A series is of two days or more: give days=[2019, 2025], or scorecards by year."
        raise InputError(msg)
    steps = list(cards)
    changes = [None, *(compare(cards[a], cards[b]) for a, b in pairwise(steps))]
    rows = [_row(cards[day], change) for day, change in zip(steps, changes, strict=True)]
    measures = {change.measure for change in changes if change is not None}
    return Series(
        days=pd.DataFrame(rows, index=pd.Index(steps, name="day", dtype=object)),
        coverage=pd.concat(
            [coverage(one).assign(day=day) for day, one in cards.items()], ignore_index=True
        ).pipe(lambda table: table[["day", *table.columns.drop("day")]]),
        cards=cards,
        measure=measures.pop() if len(measures) == 1 else ", ".join(sorted(measures)),
    )


def _given(cards: Mapping[Any, Card], days: Collection[Any] | None) -> dict[date, Scorecard]:
    """Read scorecards that come by their day.

    Raises
    ------
    InputError
        If days are given as well.
    """
    if days is not None:
        msg = "Scorecards by day have their days: leave days= out."
        raise InputError(msg)
    read = {
        day_of(day): one if isinstance(one, Scorecard) else read_scorecard(Path(one))
        for day, one in cards.items()
    }
    return dict(sorted(read.items()))


def _of_days(card: Scorecard, days: Collection[Any] | None) -> dict[date, Scorecard]:
    if days is None:
        asked: Iterable[date] = _years(card.facilities)
    elif isinstance(days, (str, int)):
        msg = f"days={days!r} is one day: give several, such as [2019, 2025]."
        raise InputError(msg)
    else:
        asked = sorted({day_of(day) for day in days})
    found: dict[date, Scorecard] = {}
    last = card
    for day in asked:
        last = found[day] = on_day(last, day)
    return found


def _years(facilities: gpd.GeoDataFrame) -> list[date]:
    """Give the last days of the years in which anything changes, and of the year before.

    Raises
    ------
    InputError
        If nothing says when.
    """
    years: set[int] = set()
    for name in (name for name in DAYS if name in facilities):
        days = pd.to_datetime(facilities[name], errors="coerce", format="mixed").dropna()
        # The last day is one on which it is there: it is gone on the next.
        changes = days + pd.Timedelta(days=1) if name == "valid_to" else days
        years |= {int(year) for year in changes.dt.year}
    if not years:
        msg = (
            "No facility says since when or until when it is there: a series needs the columns "
            "valid_from or valid_to with days in them, or scorecards by year "
            "({2019: card, 2025: other})."
        )
        raise InputError(msg)
    first, last = min(years), max(years)
    if last - first > MOST_DAYS:
        msg = (
            f"valid_from and valid_to span the years {first} to {last}: name the days that are "
            "wanted, such as days=range(2010, 2026)."
        )
        raise InputError(msg)
    before = date(first - 1, 12, 31)
    there = bool(valid_in(facilities, (before, before), []).any())
    return [*([before] if there else []), *(date(year, 12, 31) for year in range(first, last + 1))]


def _row(card: Scorecard, change: Comparison | None) -> dict[str, Any]:
    status = card.results["status"]
    row: dict[str, Any] = {"facilities": len(_there(card)), "new": 0, "gone": 0}
    if change is not None:
        then, now = _there(change.before), _there(change.after)
        row |= {"new": len(now.difference(then)), "gone": len(then.difference(now))}
    row |= {word: int((status == word).sum()) for word in ("met", "unmet", "unknown")}
    turned = ("gained", "lost", "turned_met", "turned_unmet")
    if change is None:
        return row | dict.fromkeys(turned, 0)
    items = change.items[["areas_turned_met", "areas_turned_unmet"]].sum()
    return row | dict(zip(turned, (change.gained, change.lost, *map(int, items)), strict=True))


def _there(card: Scorecard) -> pd.Index:
    """Give the facilities that are there on the day of a scorecard."""
    day = date.fromisoformat(card.manifest["parameters"]["valid_on"])
    if "facilities" in card.missing:
        labels: pd.Index = pd.Index(card.matches["facility"].drop_duplicates())
    else:
        labels = card.facilities.index[valid_in(card.facilities, (day, day), [])]
    return labels
