"""What is asked: against which checklist, of whom walking how, when, and how strictly."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from quarterhour.errors import InputError
from quarterhour.scoring.rules import Mode, Period, Rules
from quarterhour.standards.checklist import Checklist
from quarterhour.streets.snap import SNAP_LIMIT_M
from quarterhour.walking.pace import ADULT, Pace, Profile, off_street_speed_m_s, profile

HORIZON = 2.0
"""Facilities are looked for up to this many times the limit, to say how far away they are."""


@dataclass(frozen=True)
class Question:
    """A question that can be asked of any town; :func:`quarterhour.assess` asks it.

    Attributes
    ----------
    checklist
        What residents should reach, and within which limits.
    pace
        How they walk.
    quota
        Share of an area's residents that has to be within the limit.
    surveyed
        Items of which the facilities are known to be complete.
    at
        When; none: hours do not matter.
    contracted_only
        Whether commercial and specialised items count only where contracted.
    mode
        "function" or "facility".
    horizon
        How many times the limit places are looked for.
    snap_limit_m
        How far homes and facilities may lie from their street, in metres.
    valid_on
        The day on which facilities have to be there; none: the day of ``at``, the first of
        ``period``, else today.
    min_satisfaction
        Rating, as a share, below which a place does not count; none: ratings do not matter.
    period
        First and last day in which what comes at times has to come; none: it always counts.

    Examples
    --------
    >>> question = Question.of("moreno-2016", pace="elderly", surveyed="all")
    >>> question.surveyed, question.quota, question.pace.name
    (('all',), 0.5, 'elderly')
    """

    checklist: Checklist
    pace: Pace = ADULT
    quota: float = 0.5
    surveyed: tuple[str, ...] = ()
    at: datetime | None = None
    contracted_only: bool = False
    mode: Mode = "function"
    horizon: float = HORIZON
    snap_limit_m: float = SNAP_LIMIT_M
    valid_on: date | None = None
    min_satisfaction: float | None = None
    period: Period | None = None

    def __post_init__(self) -> None:
        require_share(self.quota)
        surveyed_of(self.surveyed, self.checklist)
        for name in ("horizon", "snap_limit_m"):
            value = getattr(self, name)
            if not 0 < value < float("inf"):
                msg = f"{name}={value} cannot be searched: give a positive number."
                raise InputError(msg)
        _ = self.rules  # holds the words to what they may be

    @classmethod
    def of(  # noqa: PLR0913 - the words of the sentence
        cls,
        checklist: Checklist | str,
        *,
        pace: Pace | str = ADULT,
        quota: float = 0.5,
        surveyed: Collection[str] = (),
        at: str | datetime | None = None,
        contracted_only: bool = False,
        mode: Mode = "function",
        min_satisfaction: float | None = None,
        period: str | Period | None = None,
    ) -> Question:
        """Make a question of the words of :func:`quarterhour.assess`; names stand for nouns.

        Raises
        ------
        InputError
            If a word is not known.
        ChecklistError
            If there is no such checklist.
        """
        rules = Rules.of(
            at,
            contracted_only=contracted_only,
            mode=mode,
            min_satisfaction=min_satisfaction,
            period=period,
        )
        return cls(
            checklist=checklist_of(checklist),
            pace=pace_of(pace),
            quota=quota,
            surveyed=(surveyed,) if isinstance(surveyed, str) else tuple(surveyed),
            at=rules.at,
            contracted_only=contracted_only,
            mode=mode,
            min_satisfaction=min_satisfaction,
            period=rules.period,
        )

    def but(self, changes: Mapping[str, Any]) -> Question:
        """Give the question with some of the words of :meth:`of` changed."""
        known = {name: getattr(self, name) for name in OF}
        return Question.of(**(known | dict(changes))).within(self)

    def within(self, other: Question) -> Question:
        """Give the question with the search limits of another one, and its day at the same time."""
        same_time = (self.at, self.period) == (other.at, other.period)
        day = other.valid_on if same_time else None
        horizon, snap_limit_m = other.horizon, other.snap_limit_m
        return replace(self, valid_on=day, horizon=horizon, snap_limit_m=snap_limit_m)

    @property
    def rules(self) -> Rules:
        """What is asked of a facility."""
        rules = Rules.of(
            self.at,
            contracted_only=self.contracted_only,
            mode=self.mode,
            min_satisfaction=self.min_satisfaction,
            period=self.period,
        )
        return rules if self.valid_on is None else replace(rules, valid_on=self.valid_on)

    def parameters(self) -> dict[str, Any]:
        """Every choice in plain data, as a manifest writes it."""
        rules = self.rules
        return {
            "pace": pace_text(self.pace),
            "speed_m_s": off_street_speed_m_s(self.pace),
            "quota": self.quota,
            "surveyed": sorted(self.surveyed),
            "at": None if rules.at is None else rules.at.isoformat(" ", "minutes"),
            "valid_on": rules.day.isoformat(),
            "contracted_only": self.contracted_only,
            "mode": self.mode,
            "min_satisfaction": self.min_satisfaction,
            "period": rules.told_period,
            "snap_limit_m": self.snap_limit_m,
            "horizon": self.horizon,
            "limits": {item.key: str(item.limit) for item in self.checklist},
        }


OF = tuple(name for name in inspect.signature(Question.of).parameters)
"""The words of :meth:`Question.of`, which are those of the question itself."""


def as_data(question: Question) -> dict[str, Any]:
    """Give a question as one block of plain data, from which it can be asked again.

    A walker is its numbers; of a pace that is none of these there is only its text.

    Examples
    --------
    >>> told = as_data(Question.of("moreno-2016", pace="elderly"))
    >>> told["checklist"]["key"], told["walker"]["speed_m_s"], told["quota"]
    ('moreno-2016', 0.9, 0.5)
    """
    checklist, pace, rules = question.checklist, question.pace, question.rules
    walker = getattr(pace, "walker", pace)
    numbers = asdict(walker) if type(walker) is Profile else {}
    told = {name: None if n == float("inf") else n for name, n in numbers.items()}  # JSON has none
    if pace is not walker or not numbers:
        told["pace"] = pace_text(pace)
    return {
        "checklist": {"key": checklist.key, "sha256": checklist.sha256},
        "walker": told,
        "quota": question.quota,
        "surveyed": sorted(question.surveyed),
        "at": None if rules.at is None else rules.at.isoformat(),
        "valid_on": rules.day.isoformat(),
        "contracted_only": question.contracted_only,
        "mode": question.mode,
        "min_satisfaction": question.min_satisfaction,
        "period": rules.told_period,
        "horizon": question.horizon,
        "snap_limit_m": question.snap_limit_m,
    }


def walker_of(told: Mapping[str, Any]) -> Profile | None:
    """Give the walker that :func:`as_data` told; none where it is more than its numbers.

    Examples
    --------
    >>> from quarterhour.walking.pace import profile
    >>> told = as_data(Question.of("moreno-2016", pace="child"))
    >>> walker_of(told["walker"]) == profile("child"), walker_of({"pace": "mine"})
    (True, None)
    """
    if "pace" in told or not told:
        return None
    slope = told["max_slope"]
    return Profile(**{**told, "max_slope": float("inf") if slope is None else slope})


def checklist_of(checklist: object) -> Checklist:
    """Give the checklist, or the one that has this key.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(checklist, str):
        return Checklist.load(checklist)
    if not isinstance(checklist, Checklist):
        msg = (
            f"checklist is a {type(checklist).__name__}: give a Checklist, or the key of one "
            "that is shipped ('beijing-2011')."
        )
        raise InputError(msg)
    return checklist


def pace_of(pace: object) -> Pace:
    """Give the pace, or the walker of this name.

    Raises
    ------
    InputError
        If it is neither a pace nor the name of a walker.
    """
    if isinstance(pace, str):
        return profile(pace)
    if not callable(pace):
        msg = (
            f"pace={pace!r} is no pace: give a walker (qh.profile('elderly')), the name of one, "
            "or a function of the network."
        )
        raise InputError(msg)
    return cast("Pace", pace)


def pace_text(pace: Pace) -> str:
    """Say which pace it is, the same in every session: no address of memory.

    Examples
    --------
    >>> pace_text(ADULT)
    'adult, 1.25 m/s (4.50 km/h)'
    """
    told = str(pace)
    if " at 0x" not in told:
        return told
    name = getattr(pace, "__qualname__", type(pace).__qualname__)
    code = getattr(pace, "__code__", None) or getattr(type(pace).__call__, "__code__", None)
    if code is None:
        return str(name)
    said = repr((code.co_code, [c for c in code.co_consts if not hasattr(c, "co_code")]))
    names = repr((code.co_names, code.co_varnames))
    digest = hashlib.sha256((said + names).encode()).hexdigest()
    return f"{name} (code {digest[:12]})"


def require_share(quota: float) -> None:
    """See that a quota is one.

    Raises
    ------
    InputError
        If it is not.
    """
    if not 0 < quota <= 1:
        msg = f"quota={quota} is no share: give a number above 0 and at most 1."
        raise InputError(msg)


def surveyed_of(surveyed: Collection[str], checklist: Checklist) -> tuple[str, ...]:
    """Give the surveyed items, one by its name alone too, and see that there are such.

    Raises
    ------
    InputError
        If the checklist does not have one of them.
    """
    keys = (surveyed,) if isinstance(surveyed, str) else tuple(surveyed)
    if strange := set(keys) - set(checklist.keys()) - {"all"}:
        told = ", ".join(sorted(map(str, strange)))
        msg = f"surveyed names {told}, which {checklist.key} does not have."
        raise InputError(msg)
    return keys
