"""Which facilities count, and how: attributes of a facility that have an effect.

All columns are optional. ``status``, ``valid_from`` and ``valid_to`` say whether a facility is
there; ``opening_hours`` when it is open; ``service_mode`` whether it needs a walk; ``shared`` that
an employer opens its own to residents; ``consent`` and ``counted`` whether its owner agreed;
``recurrence`` when it comes; ``satisfaction`` what residents think of it; ``contracted``
签约服务商; ``capacity`` 0 that there is no place in it. ``docs/facility-attributes.md`` tells what
each does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Ints, Mask
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
from quarterhour.places.ratings import DIMENSIONS, RATING, ratings_of
from quarterhour.scoring.consent import not_agreed
from quarterhour.scoring.hours import states_at
from quarterhour.scoring.rules import Period, Rules
from quarterhour.scoring.visits import Visiting, states_in, states_on, visiting
from quarterhour.standards.checklist import Checklist

NO_WALK = frozenset({"door_to_door", "delivered"})
_MARKET = frozenset({"public", "volunteer"})
WORDS = {
    "gone": "being closed for good or removed",
    "planned": "not being there yet",
    "not_valid": "not being valid on the day",
    "no_capacity": "having no capacity",
    "not_counted": "not being counted by decision",
    "no_consent": "having no consent of whoever owns them",
    "low_rating": "being rated below what was asked",
    "shared": "being an employer's, shared with residents",
    "needs_no_walk": "coming to the home or delivering, so no place to walk to",
    "closed": "being closed at that time",
    "not_coming": "not coming in that period",
    "not_contracted": "not being contracted",
    "hours_unknown": "having no opening hours that could be read",
}
"""Why a facility does not count, or only perhaps, in the words of a sentence."""


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
        if mask.any():
            why[mask & (why == "")] = word

    status = _words(facilities, "status", PLACE_STATES, notes)
    for word in ("gone", "planned"):
        leave_out(_told_of(status, partial(_holds, word)), word)
    leave_out(~valid_in(facilities, rules.days, notes), "not_valid")
    if "capacity" in facilities:
        capacity = pd.to_numeric(facilities["capacity"], errors="coerce").to_numpy(dtype=float)
        leave_out(capacity <= 0, "no_capacity")
    for word, mask in not_agreed(facilities, notes).items():
        leave_out(mask, word)
    if rules.min_satisfaction is not None:
        leave_out(_low(facilities, rules.min_satisfaction, notes), "low_rating")
    modes = _words(facilities, "service_mode", SERVICE_MODES, notes)
    no_walk = _told_of(modes, lambda one: bool(NO_WALK & one))
    walk = _told_of(modes, lambda one: not one or bool(one - NO_WALK))
    if rules.mode == "facility":
        leave_out(_shared(facilities), "shared")
        leave_out(~walk, "needs_no_walk")
        no_walk = np.zeros_like(no_walk)
    who = visiting(facilities)
    if rules.at is not None or rules.period is not None:
        states = _states(facilities, who, rules, notes)
        leave_out(states == "closed", "closed" if rules.period is None else "not_coming")
        leave_out(states == "unknown", "hours_unknown")
    elif periodic := int(who.at_times.sum()):
        notes.append(
            Note(
                "periodic",
                "Facilities that are there only at times and count as if always, since no time "
                "was given (at= or period=): {0}.",
                periodic,
            )
        )
    return Service(why, walk, no_walk, notes)


def in_service(
    matches: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
    rules: Rules,
    row: Ints | None = None,
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
    row
        Where the facility of each match is in the table, where that is known already.

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
    if row is None:
        row = np.asarray(facilities.index.get_indexer(matches["facility"]), dtype=np.int64)
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
    return told, service.notes + (_told(told) if why.any() else [])


def _told(matches: pd.DataFrame) -> list[str]:
    """Count the facilities that serve an item and do not count, by reason."""
    notes: list[str] = []
    odd = matches[matches["why"] != ""].drop_duplicates(["facility", "why"])
    for word, count in odd["why"].value_counts().items():
        effect = "count perhaps" if word == "hours_unknown" else "do not count"
        told = f"Facilities that serve an item and {effect}, {WORDS[str(word)]}: {{0}}."
        notes.append(Note(f"not_counted_{word}", told, count))
    return notes


_Words = tuple[npt.NDArray[np.intp], list[frozenset[str]]]
"""Which of some sets of words each row has, and the sets."""


def _holds(word: str, words: frozenset[str]) -> bool:
    return word in words


def _told_of(words: _Words, tells: Callable[[frozenset[str]], bool]) -> Mask:
    """Mark the rows of whose words something holds."""
    row, sets = words
    return np.array([tells(one) for one in sets], dtype=bool)[row]


def _words(
    table: pd.DataFrame, column: str, vocabulary: Mapping[str, str], notes: list[str]
) -> _Words:
    """Return the known words of each cell, and note the others."""
    if column not in table:
        return np.zeros(len(table), dtype=np.intp), [frozenset()]
    codes, cells = pd.factorize(table[column], use_na_sentinel=True)
    sets: list[frozenset[str]] = []
    strange: list[str] = []
    for cell in cells:
        names, others = words_in(cell, vocabulary)
        sets.append(frozenset(names))
        strange += others
    if strange:
        told = "Words of {0} that are not understood and have no effect: {1}."
        shown = ", ".join(repr(one) for one in strange[:5])
        notes.append(Note("words_not_understood", told, column, shown))
    return np.asarray(codes, dtype=np.intp), [*sets, frozenset()]  # -1 is the last, who has none


def _low(table: pd.DataFrame, least: float, notes: list[str]) -> Mask:
    """Mark what is rated lower; what nobody rated is not, and noted.

    Raises
    ------
    InputError
        If the table has no ratings.
    """
    if not {RATING, *DIMENSIONS} & set(table.columns):
        raise InputError(
            f"min_satisfaction={least:g} needs ratings in the facilities: a column 'satisfaction' "
            "(满意度), 'satisfaction_attitude' (服务态度) or 'satisfaction_ability' (服务能力)."
        )
    ratings = ratings_of(table)
    notes += ratings.notes
    if silent := int((~ratings.known).sum()):
        told = "Facilities that nobody rated, which count: {0} of {1}."
        notes.append(Note("not_rated", told, silent, len(table)))
    return np.asarray(ratings.score < least - 1e-9, dtype=bool)


def valid_in(table: pd.DataFrame, days: Period, notes: list[str]) -> Mask:
    """Mark what is valid on one of the days; both ends count, and an empty cell is no end."""
    valid = np.ones(len(table), dtype=bool)
    for name, sign, day in (("valid_from", 1, days[1]), ("valid_to", -1, days[0])):
        if name not in table:
            continue
        ends = pd.to_datetime(table[name], errors="coerce", format="mixed")
        unread = int((ends.isna() & table[name].notna()).sum())
        if unread:
            notes.append(
                Note("no_days", "{0} cells of {1} are no days and have no effect.", unread, name)
            )
        if ends.dt.tz is not None:  # the day is that of its own clock
            ends = ends.dt.tz_localize(None)
        ahead = (ends.dt.normalize() - pd.Timestamp(day)).dt.days.to_numpy(dtype=float)
        valid &= ~(sign * ahead > 0)
    return valid


def _states(
    table: gpd.GeoDataFrame, who: Visiting, rules: Rules, notes: list[str]
) -> npt.NDArray[np.object_]:
    """Return whether each facility is there: at a moment by its hours, and on the days it comes."""
    notes += who.notes
    if rules.at is None:
        return states_in(who, rules.days)
    hours = table.get("opening_hours")
    china = needs_datum(table)
    if hours is None:
        states = np.full(len(table), "unknown", dtype=object)
        if not who.at_times.all():
            told = "The facilities have no column opening_hours: who is open is unknown."
            notes.append(Note("no_opening_hours", told))
    else:
        box = table.to_crs(4326).total_bounds
        place = (float(box[1] + box[3]) / 2, float(box[0] + box[2]) / 2)
        said = states_at(hours, rules.at, china=china, place=place)
        notes += said.attrs["notes"]
        states = said.to_numpy(dtype=object)
    if not who.at_times.any():
        return states
    texts = [None] * len(table) if hours is None else list(hours)
    states, more = states_on(who, rules.at, states, texts, china=china)
    notes += more
    return states


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
