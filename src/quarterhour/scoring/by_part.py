"""Every measure, counted home by home and area by area, for each part of the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Mask
from quarterhour.errors import InputError
from quarterhour.places.notes import Note
from quarterhour.scoring.designation import Circles, circles_of
from quarterhour.scoring.parts import Parts, whole
from quarterhour.scoring.reached import Reached
from quarterhour.scoring.scorecard import Scorecard

MEASURES = ("population", "residence", "area", "item", "group", "all_items", "designation")
"""The named measures, in the order in which they are told."""

SUMMED = MEASURES[:5]
"""Measures whose four numbers of a whole are the sums of those of its parts."""


class Count(NamedTuple):
    """One measure of one item, or of all: a number for each part."""

    item: str
    unit: str
    numerator: Floats
    implied: Floats
    denominator: Floats
    unknown: Floats
    keys: list[str]
    at_least: Floats


class Wider(NamedTuple):
    """What a part of a country has to know of all of it: items known anywhere, anybody counted."""

    items: frozenset[str]
    people: bool


class Board(NamedTuple):
    """What is counted from: the scorecard as arrays, and its parts.

    ``known`` and ``hosted`` are areas by items, ``here`` homes by items.
    """

    card: Scorecard
    reached: Reached
    parts: Parts
    known: Mask
    hosted: Mask
    here: Mask
    wider: Wider | None = None

    @property
    def counting(self) -> Mask:
        """Items of which anything is known anywhere."""
        if self.wider is not None:
            return np.array([key in self.wider.items for key in self.keys], dtype=bool)
        return np.asarray(self.known.any(axis=0), dtype=bool)

    @property
    def keys(self) -> list[str]:
        """Items in the order of the columns."""
        return list(self.card.checklist.keys())

    def people(self) -> tuple[Floats, str]:
        """Weigh homes by residents, or as residences where nobody has counted; and say which."""
        people = self.reached.weight
        if people.sum() > 0 if self.wider is None else self.wider.people:
            return people, "residents"
        return self.reached.once.astype(np.float64), "residences"


def board_of(card: Scorecard) -> Board:
    """Give a scorecard as arrays, all in one part.

    Raises
    ------
    InputError
        If it was read without its homes.
    """
    require_homes(card)
    return _board(card, whole(card))


def require_homes(card: Scorecard) -> None:
    """See that a scorecard knows who lives where.

    Raises
    ------
    InputError
        If it was read without its homes.
    """
    if "origins" in card.missing:
        msg = (
            "This scorecard was read without its homes, so it cannot say who lives where: read "
            "its asked.zip too, or assess again. coverage(card) gives what its results alone tell."
        )
        raise InputError(msg)


def _board(card: Scorecard, parts: Parts, wider: Wider | None = None) -> Board:
    reached = Reached.of(card)
    known, hosted, here = reached.table(), reached.table("host"), reached.here()
    return Board(card, reached, parts, known, hosted, here, wider)


def counted_by_part(
    card: Scorecard,
    measures: Sequence[str],
    parts: Parts,
    circles: Circles | None,
    wider: Wider | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Count measures by part.

    Parameters
    ----------
    card
        A scorecard with its homes.
    measures
        Some of :data:`MEASURES`.
    parts
        Who and what is in which part.
    circles
        Assignments of areas to circles, for ``designation``.
    wider
        Of a part of a country: what ``all_items`` has to know of all of it. It is then counted
        down to nobody's having any, since others may lack more.

    Returns
    -------
    DataFrame
        ``measure``, ``item``, ``part``, the four numbers, ``at_least`` (who has it also if what
        is unknown is lacking), ``unit`` and ``items``.
    list of str
        Who is in no part, and who in several.
    """
    board = _board(card, parts, wider)
    counters: dict[str, Callable[[Board], Iterator[Count]]] = {
        "population": lambda b: _homes(b, b.reached.weight, "residents"),
        "residence": lambda b: _homes(b, b.reached.once.astype(float), "residences"),
        "area": _areas,
        "item": lambda b: _pairs(b, {"all": b.keys}),
        "group": lambda b: _pairs(b, _groups(b)),
        "all_items": _all_items,
        "designation": lambda b: _designated(b, circles),
    }
    tables = [
        _table(measure, count, board)
        for measure in MEASURES
        if measure in measures
        for count in counters[measure](board)
    ]
    return pd.concat(tables, ignore_index=True), _notes(board)


def _table(measure: str, count: Count, board: Board) -> pd.DataFrame:
    parts = board.parts
    known = [board.known[:, board.keys.index(key)].astype(float) for key in count.keys]
    home = board.reached.home
    there = [(parts.of_areas(one) > 0) | (parts.of_homes(one[home]) > 0) for one in known]
    some = np.array(there).reshape(len(known), parts.n)
    items = [
        ", ".join(key for key, counts in zip(count.keys, some[:, part], strict=True) if counts)
        for part in range(parts.n)
    ]
    return pd.DataFrame(
        {
            "measure": measure,
            "item": count.item,
            "part": pd.Series(list(parts.labels), dtype=object),
            "numerator": count.numerator,
            "implied": count.implied,
            "denominator": count.denominator,
            "unknown": count.unknown,
            "unit": count.unit,
            "at_least": count.at_least,
            "items": items,
        }
    )


def _homes(board: Board, weight: Floats, unit: str) -> Iterator[Count]:
    """Judge homes one by one; those of an area whose answer is unknown are unknown."""
    reached, add = board.reached, board.parts.of_homes
    for number, key in enumerate(board.keys):
        known = board.known[reached.home, number]
        here = board.here[:, number] & known
        implied = here & ~reached.near[number]
        within = add(weight * here)
        yield Count(
            key,
            unit,
            within,
            add(weight * implied),
            add(weight * known),
            add(weight * ~known),
            [key],
            within,
        )


def _met(board: Board) -> Mask:
    reached = board.reached
    met = np.zeros(board.known.shape, dtype=bool)
    for number, rows in enumerate(reached.rows):
        met[reached.area[rows], number] = reached.status[rows] == "met"
    return met


def _areas(board: Board) -> Iterator[Count]:
    met, add = _met(board), board.parts.of_areas
    for number, key in enumerate(board.keys):
        known, good = board.known[:, number], met[:, number]
        implied = board.hosted[:, number]
        within = add(good.astype(float))
        out = add((~known).astype(float))
        yield Count(
            key,
            "areas",
            within,
            add(implied.astype(float)),
            add(known.astype(float)),
            out,
            [key],
            within,
        )


def _pairs(board: Board, groups: dict[str, list[str]]) -> Iterator[Count]:
    """Count pairs of areas and items, of some items together."""
    met, add = _met(board), board.parts.of_areas
    for name, keys in groups.items():
        mine = [board.keys.index(key) for key in keys]

        def total(table: Mask, mine: list[int] = mine) -> Floats:
            return add(table[:, mine].sum(axis=1).astype(float))

        within = total(met)
        yield Count(
            name,
            "area-item pairs",
            within,
            total(board.hosted),
            total(board.known),
            total(~board.known),
            keys,
            within,
        )


def _groups(board: Board) -> dict[str, list[str]]:
    checklist = board.card.checklist
    groups = {
        group.key: [i.key for i in checklist if i.group == group.key] for group in checklist.groups
    }
    return {key: items for key, items in groups.items() if items}


def missing_items(board: Board) -> tuple[Floats, Floats, Floats, Floats]:
    """Count, of each home, the items known, those not had, those not seen, those not known.

    What is not known counts only where the item is known in another area: an item that nobody
    knows anything of is not assessable here.
    """
    reached = board.reached
    known = board.known[reached.home]
    counts = board.counting
    lacking = (known & ~board.here).sum(axis=1)
    unseen = (known & ~reached.near.T).sum(axis=1)
    silent = (~known & counts).sum(axis=1)
    numbers = (known.sum(axis=1), lacking, unseen, silent)
    a, b, c, d = (one.astype(np.float64) for one in numbers)
    return a, b, c, d


def _all_items(board: Board) -> Iterator[Count]:
    """Count who has all known items, all but one, and so on until everyone is in."""
    add = board.parts.of_homes
    weight, unit = board.people()
    known, lacking, unseen, silent = missing_items(board)
    some = known > 0
    counting = [board.keys[number] for number in np.flatnonzero(board.counting)]
    most = int(lacking[some & (weight > 0)].max(initial=0.0))
    most = most if board.wider is None else len(counting)
    judged, unknown = add(weight * some), add(weight * ~some)
    for less in range(most + 1):
        within = add(weight * (some & (lacking <= less)))
        observed = add(weight * (some & (unseen <= less)))
        yield Count(
            "all" if less == 0 else f"all_but_{less}",
            unit,
            within,
            within - observed,
            judged,
            unknown,
            counting,
            add(weight * (some & (lacking + silent <= less))),
        )


def _designated(board: Board, circles: Circles | None) -> Iterator[Count]:
    areas = board.card.areas
    if circles is None:
        msg = "Pass circles= to count designated communities."
        raise InputError(msg)
    inside = areas.index.isin(circles_of(areas, circles)["community"])
    add = board.parts.of_areas
    nothing = np.zeros(board.parts.n)
    found = add(inside.astype(float))
    yield Count("all", "communities", found, nothing, add(np.ones(len(areas))), nothing, [], found)


def _notes(board: Board) -> list[str]:
    """Say who is in no part, and who in several."""
    parts, reached = board.parts, board.reached
    notes: list[str] = []
    if any(label is None for label in parts.labels):
        homes = parts.of_homes(reached.once.astype(float))[-1]
        people = parts.of_homes(reached.weight)[-1]
        areas = parts.of_areas(np.ones(len(board.card.areas)))[-1]
        told = (
            "{0} homes with {1:,.0f} residents and {2} areas lie in none of the parts: they are "
            "told in a row without a part."
        )
        notes.append(Note("in_no_part", told, int(homes), float(people), int(areas)))
    if twice := parts.repeated():
        told = (
            "{0} homes lie in several parts that overlap: the parts add up to more than the whole."
        )
        notes.append(Note("in_several_parts", told, twice))
    if unknown := int(np.isnan(reached.residents).sum()):
        told = (
            "{0} of {1} areas have no number of residents: they count as nobody where residents "
            "are counted."
        )
        notes.append(Note("parts_without_residents", told, unknown, len(reached.residents)))
    return notes
