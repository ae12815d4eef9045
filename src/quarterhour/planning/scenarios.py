"""What if: a list of named changes, and the scorecard that they would make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from quarterhour.errors import InputError, QuarterhourError
from quarterhour.planning.at_once import answered_at_once
from quarterhour.planning.changes import (
    AddFacility,
    ChangeFacility,
    CloseFacility,
    MoveFacility,
)
from quarterhour.planning.proposal import Proposal
from quarterhour.planning.question_changes import ChangeItem, ChangeWalker
from quarterhour.planning.scenario_files import read_changes, record, write_changes
from quarterhour.planning.sound import require_scorecard
from quarterhour.planning.street_changes import AddLink, CloseStreet
from quarterhour.planning.street_repairs import JoinStreets, OpenBothWays
from quarterhour.planning.wall_changes import OpenGate, RemoveWall
from quarterhour.scoring.later import with_waiting
from quarterhour.scoring.manifest import Manifest
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.unchanged import SAME

KINDS = {
    kind.kind: kind
    for kind in (
        AddFacility,
        MoveFacility,
        CloseFacility,
        ChangeFacility,
        OpenGate,
        RemoveWall,
        AddLink,
        CloseStreet,
        JoinStreets,
        OpenBothWays,
        ChangeItem,
        ChangeWalker,
    )
}
"""The changes that there are, by the word for each."""


class Change(Protocol):
    """What a scenario is made of: it has a word for its kind, and can be applied."""

    @property
    def kind(self) -> str:
        """The word for it."""

    def applied(self, to: Proposal) -> Proposal:
        """Give a proposal with the change made."""


@dataclass(frozen=True)
class Scenario:
    """A list of named changes, made one after the other; it changes nothing by itself.

    Attributes
    ----------
    changes
        Any of :class:`AddFacility`, :class:`MoveFacility`, :class:`CloseFacility`,
        :class:`ChangeFacility`, :class:`OpenGate`, :class:`RemoveWall`, :class:`AddLink`,
        :class:`CloseStreet`, :class:`JoinStreets`, :class:`OpenBothWays`, :class:`ChangeItem`,
        :class:`ChangeWalker`.
    name
        What the plan is called.

    Examples
    --------
    >>> plan = Scenario([AddFacility((24.94, 60.17), "pharmacy"), CloseFacility("node/17")])
    >>> print(plan)
    add pharmacy; close node/17
    """

    changes: tuple[Change, ...]
    name: str = ""

    def __post_init__(self) -> None:
        given: Any = self.changes
        changes = tuple(given) if isinstance(given, (list, tuple)) else (given,)
        for number, change in enumerate(changes, start=1):
            if not isinstance(change, tuple(KINDS.values())):
                names = ", ".join(kind.__name__ for kind in KINDS.values())
                msg = f"Change {number} is a {type(change).__name__}: give any of {names}."
                raise InputError(msg)
        object.__setattr__(self, "changes", changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __str__(self) -> str:
        told = "; ".join(map(str, self.changes)) or "no change"
        return f"{self.name}: {told}" if self.name else told

    def to_frame(self) -> pd.DataFrame:
        """Give one row per change: ``change`` (the word for it) and ``told``."""
        rows = [(change.kind, str(change)) for change in self.changes]
        return pd.DataFrame(rows, columns=["change", "told"])

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the scenario as GeoJSON (RFC 7946, WGS 84), which :func:`read_scenario` reads.

        Parameters
        ----------
        path
            File to write, ``.json`` or ``.geojson``; whole or not at all.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If a walker has no name, so that nobody could read it again.
        OutputError
            If the file cannot be written.
        """
        return write_changes(self.changes, self.name, Path(path))


def read_scenario(
    path: str | PathLike[str], *, datum: str | None = None, layer: str | None = None
) -> Scenario:
    """Read a scenario from a file: GeoJSON, or a layer that was drawn in QGIS.

    Every feature is a change. Its attribute ``change`` says which (``add_facility``,
    ``move_facility``, ``close_facility``, ``change_facility``, ``open_gate``, ``remove_wall``,
    ``add_link``, ``close_street``, ``join_streets``, ``open_both_ways``, ``change_item``,
    ``change_walker``), the others what of;
    without it a line is a link, and a point that has an ``item`` a facility.

    Parameters
    ----------
    path
        ``.json``, ``.geojson``, ``.gpkg`` or another file of shapes.
    datum
        Datum of the coordinates, for places in China where the file does not name it.
    layer
        Of a GeoPackage, if it has several.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        If the file cannot be read, or a feature is no change; the sentence says which.
    DatumError
        If places lie in China and the datum is not known.
    """
    changes, name = read_changes(Path(path), KINDS, datum, layer)
    return Scenario(changes, name)


def scenario(card: Scorecard, changes: Scenario | Change | Iterable[Change]) -> Scorecard:
    """Answer "what if": ask a scorecard again with some changes made.

    Parameters
    ----------
    card
        The scorecard as it is.
    changes
        A scenario, or changes.

    Returns
    -------
    Scorecard
        One of its own, which :func:`compare` holds beside the first. Its manifest says in
        ``scenario`` what was changed, and in ``scenario_name`` what the scenario is called.

    Raises
    ------
    InputError
        If a change cannot be made: a facility or gate is not there, a place lies off every
        street. The sentence says which change it is.

    Examples
    --------
    >>> qh.scenario(card, [qh.AddFacility((24.94, 60.17), "pharmacy")])  # doctest: +SKIP
    """
    require_scorecard(card, "scenario")
    plan = changes if isinstance(changes, Scenario) else Scenario(_listed(changes))
    if len(plan) == 0:
        msg = "The scenario has no change in it: give at least one."
        raise InputError(msg)
    before = Proposal.of(card)

    def whole() -> Scorecard:
        return _asked_again(card, before, plan)

    answer = answered_at_once(card, before, plan.changes, whole) or whole()

    def manifest() -> Manifest:
        done = [*card.manifest.get("scenario", []), *record(plan.changes)]
        called = {"scenario_name": plan.name} if plan.name else {}
        return {**answer.manifest, "scenario": done, **called}

    return with_waiting(answer, {"manifest": manifest})


def _asked_again(card: Scorecard, before: Proposal, plan: Scenario) -> Scorecard:
    """Make the changes one after the other, and ask the whole question again."""
    after = before
    for number, change in enumerate(plan, start=1):
        try:
            after = change.applied(after)
        except QuarterhourError as error:
            raise type(error)(f"Change {number} of {len(plan)}: {error}") from error
    asked, question = card.asked, card.question
    return card.again(
        areas=SAME if after.areas is before.areas else after.areas,
        facilities=SAME if after.facilities is before.facilities else after.facilities,
        network=SAME if after.network is before.network else after.network,
        origins=_homes(before, after, asked is not None and asked.origins is None),
        checklist=SAME if question is None else after.question.checklist,
        pace=SAME if question is None else after.question.pace,
    )


def _homes(before: Proposal, after: Proposal, made: bool) -> Any:
    """Other homes, where they are; those that were made from areas stay as they were made."""
    if after.origins is not before.origins:
        return after.origins
    return after.origins if made and after.areas is not before.areas else SAME


def _listed(changes: Any) -> Any:
    if isinstance(changes, tuple(KINDS.values())):
        return (changes,)
    if isinstance(changes, (str, bytes, PathLike, Mapping)) or not isinstance(changes, Iterable):
        msg = (
            f"A scenario is a list of changes, not {type(changes).__name__}: read a file with "
            "quarterhour.read_scenario first."
        )
        raise InputError(msg)
    return tuple(changes)
