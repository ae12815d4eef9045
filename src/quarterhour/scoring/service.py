"""Which facilities count, and how: attributes of a facility that have an effect.

All columns are optional. ``status``, ``valid_from`` and ``valid_to`` say whether a facility is
there; ``opening_hours`` when it is open; ``service_mode`` whether it needs a walk; ``shared`` that
an employer opens its own to residents; ``contracted`` 签约服务商; ``capacity`` 0 that there is no
place in it. ``docs/facility-attributes.md`` tells what each does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.errors import InputError
from quarterhour.places.cell_words import (
    PLACE_STATES,
    SERVICE_MODES,
    is_true,
    unread_truths,
    words_in,
)
from quarterhour.places.datum import needs_datum
from quarterhour.places.notes import Note
from quarterhour.scoring.hours import parse_moment, states_at
from quarterhour.standards.checklist import Checklist

Mode = Literal["facility", "function"]

NO_WALK = frozenset({"door_to_door", "delivered"})
_MARKET = frozenset({"public", "volunteer"})
WORDS = {
    "gone": "being closed for good or removed",
    "planned": "not being there yet",
    "not_valid": "not being valid on the day",
    "no_capacity": "having no capacity",
    "shared": "being an employer's, shared with residents",
    "needs_no_walk": "coming to the home or delivering, so no place to walk to",
    "closed": "being closed at that time",
    "not_contracted": "not being contracted",
    "hours_unknown": "having no opening hours that could be read",
}
"""Why a facility does not count, or only perhaps, in the words of a sentence."""


@dataclass(frozen=True)
class Rules:
    """What is asked of a facility; the words are those of :func:`quarterhour.assess`."""

    at: datetime | None = None
    contracted_only: bool = False
    mode: Mode = "function"
    valid_on: date | None = None

    @classmethod
    def of(cls, at: str | datetime | None, *, contracted_only: bool, mode: str) -> Rules:
        """
        Check the words.

        Parameters
        ----------
        at, contracted_only, mode
            As in :func:`quarterhour.assess`.

        Raises
        ------
        InputError
            If ``at`` is no moment or ``mode`` none of the two.
        """
        if mode not in ("facility", "function"):
            raise InputError(
                f"mode={mode!r} is not known: 'function' counts what is delivered, shared or "
                "implied by a host, 'facility' only places of their own."
            )
        when = None if at is None else parse_moment(at)
        return cls(when, contracted_only, "facility" if mode == "facility" else "function")

    @property
    def day(self) -> date:
        """The day on which a facility has to be valid."""
        if self.valid_on is not None:
            return self.valid_on
        return date.today() if self.at is None else self.at.date()


@dataclass(frozen=True)
class Service:
    """How each facility counts.

    Attributes
    ----------
    why
        Why it does not count, a key of `WORDS`; "" where it does, "hours_unknown" perhaps.
    walk, no_walk
        Whether it can be walked to, and whether it comes to the home or delivers.
    notes
        Sentences.
    """

    why: npt.NDArray[np.object_]
    walk: Mask
    no_walk: Mask
    notes: list[str] = field(default_factory=list)


def service_of(facilities: gpd.GeoDataFrame, rules: Rules) -> Service:
    """
    Say how each facility counts, whatever it serves.

    Parameters
    ----------
    facilities
        A facility table.
    rules
        What is asked.
    """
    notes = unread_truths(facilities, "shared", "contracted")
    why = np.full(len(facilities), "", dtype=object)

    def leave_out(mask: Mask, word: str) -> None:
        why[mask & (why == "")] = word

    status = _words(facilities, "status", PLACE_STATES, notes)
    for word in ("gone", "planned"):
        leave_out(np.array([word in one for one in status], dtype=bool), word)
    leave_out(~_valid(facilities, rules.day, notes), "not_valid")
    if "capacity" in facilities:
        capacity = pd.to_numeric(facilities["capacity"], errors="coerce").to_numpy(dtype=float)
        leave_out(capacity <= 0, "no_capacity")
    modes = _words(facilities, "service_mode", SERVICE_MODES, notes)
    no_walk = np.array([bool(NO_WALK & one) for one in modes], dtype=bool)
    walk = np.array([not one or bool(one - NO_WALK) for one in modes], dtype=bool)
    if rules.mode == "facility":
        leave_out(_shared(facilities), "shared")
        leave_out(~walk, "needs_no_walk")
        no_walk = np.zeros_like(no_walk)
    if rules.at is not None:
        states = _states(facilities, rules.at, notes)
        leave_out(states == "closed", "closed")
        leave_out(states == "unknown", "hours_unknown")
    elif periodic := sum("periodic" in one for one in modes):
        notes.append(
            Note(
                "periodic",
                "Facilities that are there only at times and count as if always, since no time "
                "was given (at=): {0}.",
                periodic,
            )
        )
    return Service(why, walk, no_walk, notes)


def in_service(
    matches: pd.DataFrame, facilities: gpd.GeoDataFrame, checklist: Checklist, rules: Rules
) -> tuple[pd.DataFrame, list[str]]:
    """
    Say of each match whether it counts.

    Parameters
    ----------
    matches
        As :func:`quarterhour.classify` gives them.
    facilities, checklist
        What was matched.
    rules
        What is asked.

    Returns
    -------
    matches
        With ``counts`` ("yes", "no", or "perhaps" where the hours are unknown), ``why`` (a key
        of `WORDS`, or ""), ``walk`` and ``no_walk``.
    notes
        How many do not count and why, in sentences.

    Raises
    ------
    InputError
        If only contracted ones are to count and the table does not say which are.
    """
    service = service_of(facilities, rules)
    row = facilities.index.get_indexer(matches["facility"])
    why = service.why[row]
    if rules.contracted_only:
        if "contracted" not in facilities:
            raise InputError(
                "contracted_only=True needs a column 'contracted' (签约服务商) in the facilities."
            )
        market = [item.key for item in checklist if item.kind not in _MARKET]
        open_to_all = ~matches["item"].isin(market).to_numpy()
        why[~open_to_all & ~is_true(facilities["contracted"], "contracted")[row] & (why == "")] = (
            "not_contracted"
        )
        hours = (
            (why == "hours_unknown")
            & ~open_to_all
            & ~is_true(facilities["contracted"], "contracted")[row]
        )
        why[hours] = "not_contracted"
    # A board or a kiosk has no hours: it is there all day.
    if (why == "hours_unknown").any():
        objects = [item.key for item in checklist if item.form == "object"]
        silent = ~_has_hours(facilities)[row] & matches["item"].isin(objects).to_numpy()
        why[silent & (why == "hours_unknown")] = ""
    counts = np.where(why == "", "yes", np.where(why == "hours_unknown", "perhaps", "no"))
    told = matches.assign(
        counts=counts, why=why, walk=service.walk[row], no_walk=service.no_walk[row]
    )
    told.attrs = dict(matches.attrs)
    return told, service.notes + _told(told)


def _told(matches: pd.DataFrame) -> list[str]:
    """Count the facilities that serve an item and do not count, by reason."""
    notes: list[str] = []
    odd = matches[matches["why"] != ""].drop_duplicates(["facility", "why"])
    for word, count in odd["why"].value_counts().items():
        effect = "count perhaps" if word == "hours_unknown" else "do not count"
        told = f"Facilities that serve an item and {effect}, {WORDS[str(word)]}: {{0}}."
        notes.append(Note(f"not_counted_{word}", told, count))
    return notes


def _words(
    table: pd.DataFrame, column: str, vocabulary: Mapping[str, str], notes: list[str]
) -> list[frozenset[str]]:
    """Return the known words of each cell, and note the others."""
    if column not in table:
        return [frozenset()] * len(table)
    cells: dict[Any, frozenset[str]] = {}
    strange: list[str] = []
    for cell in table[column].dropna().unique():
        names, others = words_in(cell, vocabulary)
        cells[cell] = frozenset(names)
        strange += others
    if strange:
        told = "Words of {0} that are not understood and have no effect: {1}."
        shown = ", ".join(repr(one) for one in strange[:5])
        notes.append(Note("words_not_understood", told, column, shown))
    return [cells.get(cell, frozenset()) for cell in table[column]]


def _valid(table: pd.DataFrame, day: date, notes: list[str]) -> Mask:
    """Mark what is valid on a day; both ends count, and an empty cell is no end."""
    valid = np.ones(len(table), dtype=bool)
    for name, sign in (("valid_from", 1), ("valid_to", -1)):
        if name not in table:
            continue
        days = pd.to_datetime(table[name], errors="coerce", format="mixed")
        unread = int((days.isna() & table[name].notna()).sum())
        if unread:
            notes.append(
                Note("no_days", "{0} cells of {1} are no days and have no effect.", unread, name)
            )
        ahead = (days.dt.normalize() - pd.Timestamp(day)).dt.days.to_numpy(dtype=float)
        valid &= ~(sign * ahead > 0)
    return valid


def _states(table: gpd.GeoDataFrame, at: datetime, notes: list[str]) -> npt.NDArray[np.object_]:
    """Return whether each facility is open; every one unknown without a column of hours."""
    if "opening_hours" not in table:
        notes.append(
            Note(
                "no_opening_hours",
                "The facilities have no column opening_hours: who is open is unknown.",
            )
        )
        return np.full(len(table), "unknown", dtype=object)
    box = table.to_crs(4326).total_bounds
    place = (float(box[1] + box[3]) / 2, float(box[0] + box[2]) / 2)
    states = states_at(table["opening_hours"], at, china=needs_datum(table), place=place)
    notes += states.attrs["notes"]
    return states.to_numpy(dtype=object)


def _has_hours(table: pd.DataFrame) -> Mask:
    if "opening_hours" not in table:
        return np.zeros(len(table), dtype=bool)
    return np.array([isinstance(v, str) and v.strip() != "" for v in table["opening_hours"]], bool)


def _shared(table: pd.DataFrame) -> Mask:
    return (
        is_true(table["shared"], "shared")
        if "shared" in table
        else np.zeros(len(table), dtype=bool)
    )
