"""A few other facilities: which go and which come, what these serve, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Ints, in_order_of_labels
from quarterhour.places.contracts import check_facilities
from quarterhour.places.datum import check_datum
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.assessable import kind_of, shown_of
from quarterhour.scoring.classified import Classified
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.question import Question
from quarterhour.scoring.service import service_of
from quarterhour.standards.classify import served_by
from quarterhour.streets.compounds import reached_by_gates
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import placed_ends

_ROW_BY_ROW = frozenset({"item", "name", "name_zh", "name_en", "capacity", "opening_hours"})
"""Columns that a row may bring along: they say something of it, and nothing of the others."""

_DATUM = ("datum", "declared_datum")
"""What a table carries of which rows by themselves can be at odds with it."""


class Patch(NamedTuple):
    """Other facilities: labels of those that go, and rows that come, or replace those called so.

    Rows that are ``only_moved`` say of themselves what those said that they replace.
    """

    gone: list[Any]
    rows: gpd.GeoDataFrame
    only_moved: bool = False


class Served(NamedTuple):
    """What some facilities serve: one entry for each of them and item, and on what evidence."""

    facility: list[Any]
    item: list[str]
    evidence: list[str]


class Gone(NamedTuple):
    """What goes: rows of the table of facilities, and which of the matches of it are theirs."""

    known: Classified
    rows: Ints
    matches: Ints

    @classmethod
    def of(cls, known: Classified, index: pd.Index, patch: Patch) -> Self:
        """Find them; ``index`` is that of the table."""
        as_objects = object if index.dtype == object else None  # else all would become texts
        labels = pd.Index([*patch.gone, *patch.rows.index], dtype=as_objects)
        rows = np.asarray(index.get_indexer(labels), dtype=np.int64)
        rows = rows[rows >= 0]
        return cls(known, rows, np.flatnonzero(np.isin(known.row, rows)))

    def served(self, index: pd.Index, items: Sequence[str], labels: pd.Index) -> Served:
        """Say what some of them served: where one is says not what it is."""
        known = self.known
        mine = self.matches[np.isin(known.row[self.matches], index.get_indexer(labels))]
        facility = index.take(known.row[mine]).tolist()
        return Served(facility, [items[k] for k in known.item[mine]], known.cells[0][mine].tolist())


class New(NamedTuple):
    """What comes: what it serves, and where it is."""

    served: Served
    ends: Placed
    rows: gpd.GeoDataFrame


class Change(NamedTuple):
    """What changes of the places of an item: those that come, and which facilities go."""

    more: Placed
    lost: frozenset[Any]


Touched = dict[tuple[bool, str], Change]
"""By hosts or not, and item."""


def placed(
    question: Question, asked: Asked, compounds: Any, rows: gpd.GeoDataFrame, served: Served | None
) -> New | None:
    """Say what new rows serve, and where they are; None where more than these rows tells it.

    What they serve is taken from what is known of them, if anything is.

    Raises
    ------
    InputError
        If a row breaks the contract of facilities.
    """
    if len(rows) == 0:
        return New(Served([], [], []), placed_ends(rows, asked.network), rows)
    more = {str(name) for name in rows.columns.difference(asked.facilities.columns)}
    if more - _ROW_BY_ROW:
        return None
    said = asked.facilities.attrs  # of which each look at a column makes a copy
    rows.attrs = {name: said[name] for name in _DATUM if name in said}
    check_facilities(rows)
    check_datum(rows, "facilities")
    if served is None:
        found = served_by(rows, question.checklist, hosts=question.mode == "function")
        served = Served(
            [rows.index[row] for row, _, _ in found],
            [item for _, item, _ in found],
            [evidence for *_, evidence in found],
        )
    service = service_of(rows, question.rules)
    serving = rows.index.isin(served.facility)
    if (service.why[serving] != "").any() or service.no_walk[serving].any():
        return None
    reached, _ = reached_by_gates(rows, compounds, asked.network)
    ends = placed_ends(reached, asked.network, question.snap_limit_m)
    # One that is far from every street may be reached over the ground of its area.
    return New(served, ends, rows) if ends.snapped.all() else None


def touched_items(question: Question, asked: Asked, new: New, gone: Gone) -> Touched:
    """Give the items that are concerned, and what changes of their places."""
    keys, known = question.checklist.keys(), gone.known
    mine = gone.matches
    pairs = {
        (word == "host", keys[item])
        for word, item in zip(known.cells[0][mine], known.item[mine], strict=True)
    }
    rows: dict[tuple[bool, str], list[int]] = {}
    at = {label: row for row, label in enumerate(new.ends.labels)}
    for label, item, word in zip(*new.served, strict=True):
        rows.setdefault((word == "host", item), []).append(at[label])
    lost = frozenset(asked.facilities.index[gone.rows])
    found: Touched = {}
    for pair in pairs | rows.keys():
        more = new.ends.take(np.array(rows.get(pair, []), dtype=np.int64))
        found[pair] = Change(by_label(more), lost if pair in pairs else frozenset())
    return found


def by_label(places: Placed) -> Placed:
    """Give places in the order of their labels, as a search has them."""
    if len(places.labels) < 2:
        return places
    return places.take(in_order_of_labels(places.labels))


def still_shown(
    question: Question, asked: Asked, kept: Kept, gone: Gone, new: New
) -> frozenset[str]:
    """Say which items the facilities can show, as :func:`items_shown` says of their table.

    ``kept`` is what is known of the table before.
    """
    keys, known, table, rows = question.checklist.keys(), gone.known, asked.facilities, new.rows
    made = kept.last("matches")
    whose = () if made is None else made[0]
    there = kept.step("declared", whose, lambda: np.flatnonzero(known.cells[0] == "declared"))
    declared = {keys[k] for k in np.unique(known.item[there[~np.isin(there, gone.matches)]])}
    told = zip(new.served.item, new.served.evidence, strict=True)
    declared |= {item for item, word in told if word == "declared"}
    coded = "typecode" in rows and bool(rows["typecode"].notna().any())
    if not coded and "typecode" in table:
        has = kept.of_table(
            "facilities", "typecodes", lambda them: np.flatnonzero(them["typecode"].notna())
        )
        coded = not bool(np.isin(has, gone.rows).all())
    kind = kind_of((*table.columns, *rows.columns), question.checklist)
    return shown_of(question.checklist, declared, "typecodes" if coded else kind)
