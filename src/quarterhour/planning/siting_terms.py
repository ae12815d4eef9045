"""What a plan of new places is asked for: the objective, and the terms that it is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from quarterhour.errors import InputError
from quarterhour.planning.sound import is_above_zero, require_whole
from quarterhour.standards.items import Item

Objective = Literal["cover", "fewest", "cheapest", "median", "centre"]


@dataclass(frozen=True)
class SitingTerms:
    """What else a plan of new places is held to.

    Attributes
    ----------
    minutes
        Another limit than that of the item: with "fewest" and ``share=1``, the fewest places
        so that nobody walks longer.
    backup
        For "fewest" and "cheapest": how many places each home has to reach, those that exist
        counted, so that one may close.
    budget
        What all new places may cost, by the column ``price`` of the candidates; k is then the
        most that are opened. For "cover".
    weights
        How much a person of a group counts: columns of the areas that hold people, and a weight
        for each, such as ``{"residents": 1, "residents_65": 2}``. A place with a capacity is as
        full with one person as with another.
    """

    minutes: float | None = None
    backup: int = 1
    budget: float | None = None
    weights: Mapping[str, float] | None = None


def item_with(item: Item, terms: SitingTerms) -> Item:
    """Give the item with the limit that was asked for.

    Raises
    ------
    InputError
        If it is no limit.
    """
    if terms.minutes is None:
        return item
    if not is_above_zero(terms.minutes):
        msg = f"minutes={terms.minutes!r} is no walk: give minutes above 0, such as 10."
        raise InputError(msg)
    return replace(item, limit_minutes=float(terms.minutes), limit_m=None)


def require_answerable(item: Item, k: int, objective: str, terms: SitingTerms) -> None:
    """See that there is an answer to a question.

    Raises
    ------
    InputError
        If there is none: the sentence says why.
    """
    if objective not in get_args(Objective):
        msg = f"objective={objective!r} is none: use {', '.join(map(repr, get_args(Objective)))}."
        raise InputError(msg)
    if terms.backup < 1 or (terms.backup > 1 and objective not in {"fewest", "cheapest"}):
        msg = (
            f"backup={terms.backup} with objective={objective!r}: give how many places each home "
            "has to reach, at least 1; more than 1 for 'fewest' and 'cheapest' alone."
        )
        raise InputError(msg)
    if terms.budget is not None and objective != "cover":
        msg = (
            f"A budget is for objective='cover', not {objective!r}: 'cheapest' says how little "
            "money does it."
        )
        raise InputError(msg)
    if item.at_least > 1:
        msg = f"{item.key} asks for {item.at_least} places at once: siting opens one kind of one."
        raise InputError(msg)
    if item.limit.in_metres:
        msg = f"{item.key} is limited in metres ({item.limit}): siting needs a limit in minutes."
        raise InputError(msg)
    require_whole(k, "k", 1, "places to open")
