"""Published targets, what was reached of them, and when they are met at the pace seen."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.scoring.by_part import MEASURES
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.scorecard import Scorecard

_YEAR = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_TOLD = ("place", "measure", "zh", "en", "value", "unit", "by", "citation")


def targets() -> pd.DataFrame:
    """List the targets that were published for service circles.

    Returns
    -------
    DataFrame
        Indexed by key: ``place``, ``measure``, ``zh``, ``en``, ``value``, ``unit``, ``by`` (the
        end of that year or month), ``citation``, and ``seen``: how many results were published.
    """
    rows = [{name: one[name] for name in _TOLD} | {"seen": len(_seen(one))} for one in _shipped()]
    keys = pd.Index([str(one["key"]) for one in _shipped()], name="key")
    return pd.DataFrame(rows, index=keys)


@dataclass(frozen=True, eq=False, repr=False)
class Progress:
    """A target and what was seen of it.

    Attributes
    ----------
    target
        Its words: ``value``, ``by``, ``unit``, ``citation`` …
    seen
        One row per result: ``date``, ``value``, ``of_target`` (share of the target), ``citation``
        and ``note``.
    met
        Whether the latest result reaches the target.
    met_in
        The year in which it was met, between two results in a straight line; or would be, at the
        pace seen; none where it is not, or only one result is known.
    per_year
        The pace seen: from the first to the latest result.
    needed_per_year
        What it takes from the latest result to meet the target in time; NaN where it is met, or
        the time is over.
    """

    target: Mapping[str, Any]
    seen: pd.DataFrame
    met: bool
    met_in: int | None
    per_year: float
    needed_per_year: float

    @property
    def in_time(self) -> bool | None:
        """Whether it is met by its date, or would be; none where nobody can say."""
        if self.met_in is None:
            return False if len(self.seen) > 1 else None
        return bool(self.met_in <= int(np.ceil(when(self.target["by"]) - 1 - 1e-9)))

    def __repr__(self) -> str:
        told = f"{self.target['en']}: "
        if self.seen.empty:
            return f"<Progress: {told}no result is known>"
        latest = self.seen.iloc[-1]
        told += f"{_number(latest['value'], self.target)} at {latest['date']}; "
        if self.met:
            return f"<Progress: {told}met in {self.met_in}>"
        if self.met_in is None:
            why = "one result shows no pace" if len(self.seen) == 1 else "not at the pace seen"
            return f"<Progress: {told}{why}>"
        return f"<Progress: {told}{self.met_in} at the pace seen>"


Seen: TypeAlias = Scorecard | Mapping[Any, float | Scorecard] | pd.Series
"""Results by date, as numbers or as scorecards; or one scorecard."""


def progress(target: str | Mapping[str, Any], seen: Seen | None = None) -> Progress:
    """Hold results against a target, and say in which year it is met at the pace seen.

    Parameters
    ----------
    target
        Key of a published one (see :func:`quarterhour.targets`), or your own: ``value`` and
        ``by``, and ``zh``, ``en``, ``unit``, ``citation`` where there are some; ``measure`` and
        ``item`` (as in :func:`quarterhour.coverage`) where scorecards are held against it.
    seen
        Results by date (``{"2024": 0.71, "2025-06": 0.78}``); a year is its end. A scorecard
        stands for its coverage by the target's measure; by itself it is dated by the day on which
        it was made (or for which its facilities had to be there), and comes after the results that
        the target has. None: what was published.

    Returns
    -------
    Progress

    Raises
    ------
    InputError
        If there is no such target, a date or number is none, or a scorecard does not tell the
        target's measure.

    Examples
    --------
    >>> progress("beijing-circles-2011").met_in
    2011
    >>> progress({"value": 0.9, "by": 2030}, {2024: 0.70, 2025: 0.75}).met_in
    2028
    """
    told = _target(target)
    table = _results(told, seen)
    goal, end = float(told["value"]), when(told["by"])
    at = np.array([when(one) for one in table["date"]])
    values = table["value"].to_numpy(dtype=np.float64)
    table = table.assign(of_target=values / goal)
    if len(table) == 0:
        return Progress(
            told, table, met=False, met_in=None, per_year=np.nan, needed_per_year=np.nan
        )
    per_year = float((values[-1] - values[0]) / (at[-1] - at[0])) if len(table) > 1 else np.nan
    met = bool(values[-1] >= goal - 1e-12)
    moment = _crossed(at, values, goal) if met else _ahead(at[-1], goal - values[-1], per_year)
    left = end - at[-1]
    needed = np.nan if met or left <= 0 else float((goal - values[-1]) / left)
    year = None if moment is None else int(np.ceil(moment - 1 - 1e-9))
    return Progress(told, table, met, year, per_year, needed)


def when(told: Any) -> float:
    """Give a moment in years: the end of the year, month or day that is told.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> when(2015), when("2017-06"), when("2017-12-31")
    (2016.0, 2017.5, 2018.0)
    """
    if isinstance(told, date):
        told = f"{told:%Y-%m-%d}"
    found = _YEAR.fullmatch(str(told).strip())
    if found is None:
        msg = f"{told!r} is no date: give a year (2015), a month (2017-11) or a day (2017-11-30)."
        raise InputError(msg)
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None  # noqa: S101 - the pattern has one
    if month is None:
        return year + 1.0
    if not 1 <= month <= 12:
        msg = f"{told!r} has no such month."
        raise InputError(msg)
    if day is None:
        return year + month / 12
    try:
        passed = date(year, month, day).toordinal() - date(year, 1, 1).toordinal() + 1
    except ValueError as error:
        msg = f"{told!r} has no such day."
        raise InputError(msg) from error
    return year + passed / (date(year + 1, 1, 1).toordinal() - date(year, 1, 1).toordinal())


def _crossed(at: Any, values: Any, goal: float) -> float | None:
    """Give the moment from which the target was met, in a straight line between results."""
    above = values >= goal - 1e-12
    last_below = np.flatnonzero(~above)
    if len(last_below) == 0:
        return float(at[0])
    before = int(last_below[-1])
    rise = (goal - values[before]) / (values[before + 1] - values[before])
    return float(at[before] + rise * (at[before + 1] - at[before]))


def _ahead(latest: float, missing: float, per_year: float) -> float | None:
    return latest + missing / per_year if per_year > 0 else None


def _target(target: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(target, str):
        known = {str(one["key"]): one for one in _shipped()}
        if target not in known:
            msg = f"There is no target {target!r}: there are {', '.join(known)}."
            raise InputError(msg)
        return known[target]
    lacking = {"value", "by"} - set(target)
    if lacking or not float(target["value"]) > 0:
        msg = 'A target has a value above 0 and a date, such as {"value": 0.6, "by": 2015}.'
        raise InputError(msg)
    words = {"zh": "目标", "en": "the target", "unit": "", "citation": ""}
    return words | dict(target)


def read_targets(path: str | Path) -> list[dict[str, Any]]:
    """Read targets of one's own, for :func:`progress`: a TOML file with ``[[targets]]``.

    Each has ``value`` and ``by``, ``measure`` and ``item`` as :func:`quarterhour.coverage` has
    them, and where there are some ``zh``, ``en``, ``unit``, ``citation`` and ``[[targets.seen]]``
    with ``date`` and ``value``.

    Raises
    ------
    InputError
        If there is no such file, it is no TOML, or holds no target.
    """
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"{path}: there is no such file of targets."
        raise InputError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is no TOML file of targets: {error}."
        raise InputError(msg) from error
    rows = told.get("targets")
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        msg = f"{path} holds no target: give each under [[targets]], with value and by."
        raise InputError(msg)
    return [dict(_target(one)) for one in rows]


def _results(target: Mapping[str, Any], seen: Seen | None) -> pd.DataFrame:
    columns = ["date", "value", "citation", "note"]
    published = [{name: one.get(name, "") for name in columns} for one in _seen(target)]
    alone = seen is None or isinstance(seen, Scorecard)
    pairs = (
        {_day(seen): seen} if isinstance(seen, Scorecard) else dict({} if seen is None else seen)
    )
    values = {d: share_of(v, target) if isinstance(v, Scorecard) else v for d, v in pairs.items()}
    mine = [{"date": _text(d), "value": v, "citation": "", "note": ""} for d, v in values.items()]
    rows = [*published, *mine] if alone else mine
    table = pd.DataFrame(rows, columns=columns)
    numbers = np.array(pd.to_numeric(table["value"], errors="coerce"), dtype=np.float64)
    if not np.isfinite(numbers).all():
        msg = f"{int((~np.isfinite(numbers)).sum())} results are no numbers: leave them out."
        raise InputError(msg)
    table["value"] = numbers
    order = np.argsort([when(one) for one in table["date"]], kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    moments = [when(one) for one in table["date"]]
    if len(set(moments)) < len(moments):
        msg = "Two results are of the same date: keep one of them."
        raise InputError(msg)
    return table


def share_of(card: Scorecard, target: Mapping[str, Any]) -> float:
    """Give the coverage of a scorecard by the measure and the item of a target.

    Raises
    ------
    InputError
        If coverage has no such measure, the item is not in the checklist, or nothing is known.
    """
    measure, item = str(target.get("measure", "")), str(target.get("item", "all"))
    if measure not in {*MEASURES} - {"designation"}:
        told = f"has the measure {measure!r}" if measure else "has no measure"
        msg = (
            f"A scorecard cannot be held against a target that {told}: it needs one of "
            f"{', '.join(sorted({*MEASURES} - {'designation'}))}; else give results as numbers."
        )
        raise InputError(msg)
    table = coverage(card, measure).set_index("item")["share"]
    if item not in table.index:
        some = ", ".join(map(str, table.index[:8]))
        msg = f"The target asks for item={item!r} of {measure}, which has {some} …: name one."
        raise InputError(msg)
    if np.isnan(table[item]):
        msg = f"Nothing is known of {measure}, {item}: no result can be held against the target."
        raise InputError(msg)
    return float(table[item])


def _day(card: Scorecard) -> str:
    day = card.manifest["parameters"].get("valid_on")
    return str(day or card.manifest["made_at"])[:10]


def _text(moment: Any) -> str:
    return f"{moment:%Y-%m-%d}" if isinstance(moment, date) else str(moment)


def _number(value: float, target: Mapping[str, Any]) -> str:
    return f"{value:.1%}" if float(target["value"]) <= 1 else f"{value:,.0f}"


def _seen(target: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(target.get("seen", []))


@cache
def _shipped() -> tuple[dict[str, Any], ...]:
    text = (resources.files("quarterhour.standards") / "targets.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["targets"])
