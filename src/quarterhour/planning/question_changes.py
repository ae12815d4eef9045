"""The changes of a scenario to what is asked: another limit, somebody else who walks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from quarterhour.errors import InputError
from quarterhour.planning.changes import require_any, require_named
from quarterhour.planning.proposal import Proposal
from quarterhour.scoring.question import pace_of
from quarterhour.walking.pace import Profile, profile


@dataclass(frozen=True)
class ChangeItem:
    """A line of the checklist with other values.

    Attributes
    ----------
    item
        Its key.
    values
        As in :meth:`quarterhour.Checklist.override`: ``{"limit_minutes": 10}``.
    """

    item: str
    values: Mapping[str, Any]

    kind = "change_item"

    def __post_init__(self) -> None:
        require_named(self.values, f"ask of {self.item}")

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"ask of {self.item}: {told}"

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the line changed.

        Raises
        ------
        ChecklistError
            If the checklist has no such line, or a line no such value.
        """
        require_any(self.values, f"ask of {self.item}", "{'limit_minutes': 10}")
        checklist = to.question.checklist.override({self.item: self.values})
        return replace(to, question=replace(to.question, checklist=checklist))


@dataclass(frozen=True)
class ChangeWalker:
    """Somebody else who walks.

    Attributes
    ----------
    walker
        A name, as :func:`quarterhour.profiles` lists them, or a pace.
    speed_kmh
        Another speed than the walker's own.
    """

    walker: Any
    speed_kmh: float | None = None

    kind = "change_walker"

    def __str__(self) -> str:
        speed = "" if self.speed_kmh is None else f" at {self.speed_kmh:g} km/h"
        return f"walk as {self.walker}{speed}"

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the walker.

        Raises
        ------
        InputError
            If there is no walker of this name, or a speed is given with another pace.
        """
        pace = pace_of(self.walker)
        if self.speed_kmh is not None:
            if isinstance(self.walker, str):
                pace = profile(self.walker, speed_m_s=self.speed_kmh / 3.6)
            elif isinstance(pace, Profile):
                pace = replace(pace, speed_m_s=self.speed_kmh / 3.6)
            else:
                msg = f"{self}: a speed goes with the name of a walker only."
                raise InputError(msg)
        return replace(to, question=replace(to.question, pace=pace))
