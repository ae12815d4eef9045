"""The changes of a scenario to facilities: one more, elsewhere, less, or another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.places.origins import BEHIND
from quarterhour.planning.facility_rows import (
    WAYS_IN,
    Called,
    also,
    changed,
    moved,
    row_of,
    rows_like,
    twins_of,
    with_row,
)
from quarterhour.planning.proposal import (
    WGS84,
    Place,
    Proposal,
    change_note,
    geometry_of,
    projected,
    require_degrees,
    require_near_streets,
    row_named,
)
from quarterhour.scoring.patch import Patch
from quarterhour.standards.checklist import Checklist

SERVICE = frozenset(
    {
        *("name", "name_zh", "name_en", "item", "typecode", "opening_hours", "capacity"),
        *("shared", "contracted", "service_mode", "valid_from", "valid_to"),
    }
)
"""Columns of facilities that mean something whether or not the table has them already."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class AddFacility:
    """A facility more.

    Attributes
    ----------
    at
        Where: a longitude and latitude in WGS 84, or a geometry in ``crs``.
    item
        Key of the item of the checklist that it serves; several joined by "|".
    name
        What it is called.
    label
        Its index label; made up where none is given.
    values
        Further columns: opening_hours, capacity, tags of OpenStreetMap …
    crs
        CRS of ``at``.
    """

    at: Place
    item: str = ""
    name: str = ""
    label: str = ""
    values: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    crs: str = WGS84

    kind = "add_facility"

    def __post_init__(self) -> None:
        for name in ("item", "name", "label"):  # a cell of a table may be None
            if getattr(self, name) is None:
                object.__setattr__(self, name, "")
        require_named(self.values, str(self))
        object.__setattr__(self, "at", geometry_of(self.at, str(self)))

    def __str__(self) -> str:
        return f"add {self.name or self.item or 'a facility'}"

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the facility in it.

        Raises
        ------
        InputError
            If its item is not in the checklist, nothing says what it is, its label is taken, or
            it lies off every street.
        """
        label, shape, row = self.row(to)
        mine = self.item.split("|")
        items = "、".join(one.zh for one in to.question.checklist if one.key in mine)
        note = change_note(self.kind, f"{self} ({label})", self.name or items or label)
        return to.with_facilities(with_row(to.facilities, label, shape, row), note)

    def row(self, to: Proposal, taken: Collection[Any] = ()) -> tuple[str, Any, dict[str, Any]]:
        """Give the label, the shape and the cells of the facility; raises the same.

        ``taken`` are labels that others have who come before it.
        """
        there = to.facilities
        require_items(self.item, to.question.checklist, str(self))
        if not (self.item or self.name or self.values):
            msg = "A facility is added and nothing says what it is: give its item=."
            raise InputError(msg)
        require_columns(self.values, there, str(self))
        shape = placed_for(self.at, self.crs, to, str(self))
        label = self.label or _free_label(there.index, taken, self.item or "facility")
        if label in there.index or label in taken:
            msg = f"{self} has the label {label!r}, which a facility has already: give another."
            raise InputError(msg)
        row = {"name": self.name or label, **self.values}
        if self.item:
            row["item"] = self.item
        return label, shape, row


@dataclass(frozen=True)
class MoveFacility:
    """A facility elsewhere: named by its index label, or by a name that no other has.

    Attributes
    ----------
    facility
        Which.
    to
        Where it will be; as ``at`` of :class:`AddFacility`.
    crs
        CRS of ``to``.
    """

    facility: Any
    to: Place
    crs: str = WGS84

    kind = "move_facility"

    def __post_init__(self) -> None:
        object.__setattr__(self, "to", geometry_of(self.to, str(self)))

    def __str__(self) -> str:
        return f"move {self.facility}"

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the facility moved; its entrances are not known there.

        Raises
        ------
        InputError
            If it is not there, or its new place lies off every street.
        """
        there = to.facilities
        label = row_named(there, self.facility, "facilities")
        shape = placed_for(self.to, self.crs, to, str(self))
        twins = twins_of(there, label)
        elsewhere = moved(there.drop(index=twins), label, shape)
        return to.with_facilities(
            elsewhere, change_note(self.kind, f"{self}{also(twins)}", self.facility)
        )

    def patch(self, to: Proposal, called: Callable[[], Called]) -> Patch:
        """Give the row as it will be, and which go; raises what :meth:`applied` raises.

        ``called`` tells what the facilities are called.
        """
        there = to.facilities
        label = row_named(there, self.facility, "facilities")
        shape = placed_for(self.to, self.crs, to, str(self))
        unknown = (*WAYS_IN, BEHIND)
        row = {name: one for name, one in row_of(there, label).items() if name not in unknown}
        row[str(there.geometry.name)] = shape
        rows = rows_like(there, [label], [row])
        return Patch(twins_of(there, label, called()), rows, only_moved=True)


@dataclass(frozen=True)
class CloseFacility:
    """A facility less, wherever it is listed: what the same place is listed as goes, too.

    Attributes
    ----------
    facility
        Which: its index label, or a name that no other has.
    """

    facility: Any

    kind = "close_facility"

    def __str__(self) -> str:
        return f"close {self.facility}"

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal without the facility.

        Raises
        ------
        InputError
            If it is not there, or it is the only one.
        """
        there = to.facilities
        label = row_named(there, self.facility, "facilities")
        twins = twins_of(there, label)
        self._require_others(there, twins)
        note = change_note(self.kind, f"{self}{also(twins)}", self.facility)
        return to.with_facilities(there.drop(index=[label, *twins]), note)

    def patch(self, to: Proposal, called: Callable[[], Called]) -> Patch:
        """Give the labels of the rows that go; raises what :meth:`applied` raises."""
        there = to.facilities
        label = row_named(there, self.facility, "facilities")
        twins = twins_of(there, label, called())
        self._require_others(there, twins)
        return Patch([label, *twins], there.iloc[:0])

    def _require_others(self, there: gpd.GeoDataFrame, twins: list[Any]) -> None:
        if len(there) == len(twins) + 1:
            msg = f"{self}: it is the only facility; what is there to walk to without it?"
            raise InputError(msg)


@dataclass(frozen=True)
class ChangeFacility:
    """A facility with other hours, another capacity, another item.

    Attributes
    ----------
    facility
        Which: its index label, or a name that no other has.
    values
        Columns and their new values, such as ``{"opening_hours": "Mo-Su 06:00-22:00"}`` or
        ``{"capacity": 0}``.
    """

    facility: Any
    values: Mapping[str, Any]

    kind = "change_facility"

    def __post_init__(self) -> None:
        require_named(self.values, f"change {self.facility}")

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"change {self.facility}: {told}"

    def applied(self, to: Proposal) -> Proposal:
        """Give the proposal with the facility changed.

        Raises
        ------
        InputError
            If it is not there, or a column means nothing.
        """
        label = self._label(to)
        note = change_note(self.kind, str(self), self.facility)
        return to.with_facilities(changed(to.facilities, label, self.values), note)

    def patch(self, to: Proposal, _: Callable[[], Called]) -> Patch:
        """Give the row as it will be; raises what :meth:`applied` raises."""
        label = self._label(to)
        row = {**row_of(to.facilities, label), **self.values}
        return Patch([], rows_like(to.facilities, [label], [row]))

    def _label(self, to: Proposal) -> Any:
        there = to.facilities
        label = row_named(there, self.facility, "facilities")
        require_columns(self.values, there, str(self))
        require_any(self.values, f"change {self.facility}", "{'opening_hours': …}")
        require_items(str(self.values.get("item") or ""), to.question.checklist, str(self))
        return label


def placed_for(at: Place, crs: str, to: Proposal, what: str) -> Any:
    """Give a place in the CRS of the facilities; it lies near a street, or inside an area."""
    shape: Any = at
    require_degrees(shape, crs, what)
    on_streets = projected(shape, crs, to.network.crs)
    try:
        require_near_streets(on_streets, to.network, to.question.snap_limit_m, what)
    except InputError:
        areas = to.areas.geometry.to_crs(to.network.crs)
        if not areas.intersects(on_streets).any():  # inside one its gates may lead to it
            raise
    return projected(shape, crs, to.facilities.crs)


def require_items(words: str, checklist: Checklist, what: str) -> None:
    """See that items that are declared are in the checklist.

    Raises
    ------
    InputError
        If one is not.
    """
    known = {word for item in checklist for word in (item.key, item.zh, *item.any_of)}
    strange = [w for w in (one.strip() for one in words.split("|")) if w and w not in known]
    if strange:
        msg = (
            f"{what}: {checklist.key} has no item {listed(strange)}; it has "
            f"{', '.join(checklist.keys())}."
        )
        raise InputError(msg)


def require_columns(values: Mapping[str, Any], there: gpd.GeoDataFrame, what: str) -> None:
    """See that values are of columns that facilities have, or that mean something.

    Raises
    ------
    InputError
        If not; then nothing would change, and nobody would notice.
    """
    geometric = {there.geometry.name, *WAYS_IN}
    known = (SERVICE | {str(name) for name in there.columns}) - geometric
    if strange := [name for name in values if name not in known]:
        msg = (
            f"{what}: facilities have no {listed(strange)}. What can be said of one: "
            f"{', '.join(sorted(SERVICE))}, and the columns of the table."
        )
        raise InputError(msg)
    capacity = values.get("capacity")
    if capacity is not None and pd.isna(pd.to_numeric(capacity, errors="coerce")):
        msg = f"{what}: capacity={capacity!r} is no number: give how many people it serves."
        raise InputError(msg)


def require_named(values: Any, what: str) -> None:
    """See that values have names.

    Raises
    ------
    InputError
        If they have none.
    """
    if not isinstance(values, Mapping):
        msg = f"{what}: values={values!r} names no columns: give them so: {{'capacity': 9}}."
        raise InputError(msg)


def require_any(values: Mapping[str, Any], what: str, such_as: str) -> None:
    """See that a change says what changes.

    Raises
    ------
    InputError
        If it does not.
    """
    if not values:
        msg = f"{what} says nothing that changes: give values={such_as}."
        raise InputError(msg)


def _free_label(index: pd.Index, taken: Collection[Any], item: str) -> str:
    number = 1
    while (label := f"new/{item}/{number}") in index or label in taken:
        number += 1
    return label
