"""The changes of a scenario to facilities: one more, elsewhere, less, or another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.places.duplicates import duplicates_of
from quarterhour.places.frames import utm_of
from quarterhour.places.origins import BEHIND
from quarterhour.planning.proposal import (
    WGS84,
    Place,
    Proposal,
    geometry_of,
    projected,
    require_degrees,
    require_near_streets,
    row_named,
)
from quarterhour.standards.checklist import Checklist

SERVICE = frozenset(
    {
        *("name", "name_zh", "name_en", "item", "typecode", "opening_hours", "capacity"),
        *("shared", "contracted", "service_mode", "valid_from", "valid_to"),
    }
)
"""Columns of facilities that mean something whether or not the table has them already."""

_WAYS_IN = ("entrances", "exits")
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
        there = to.facilities
        require_items(self.item, to.question.checklist, str(self))
        if not (self.item or self.name or self.values):
            msg = "A facility is added and nothing says what it is: give its item=."
            raise InputError(msg)
        require_columns(self.values, there, str(self))
        shape = placed_for(self.at, self.crs, to, str(self))
        label = self.label or _free_label(there.index, self.item or "facility")
        if label in there.index:
            msg = f"{self} has the label {label!r}, which a facility has already: give another."
            raise InputError(msg)
        row = {"name": self.name or label, **self.values}
        if self.item:
            row["item"] = self.item
        return to.with_facilities(_with_row(there, label, shape, row), f"{self} ({label})")


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
        kept, twins = _without_twins(there, label)
        moved = kept.copy()
        row = moved.index.get_loc(label)
        shapes = np.asarray(moved.geometry.array, dtype=object).copy()
        shapes[row] = shape
        moved = moved.set_geometry(gpd.GeoSeries(shapes, index=moved.index, crs=moved.crs))
        for column in _WAYS_IN:
            if column in moved:
                moved[column] = _cleared(moved[column], row, moved.crs)
        if BEHIND in moved:
            moved[BEHIND] = moved[BEHIND].astype(object).mask(moved.index == label, None)
        return to.with_facilities(moved, f"{self}{_also(twins)}")


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
        kept, twins = _without_twins(there, label)
        left = kept.drop(index=label)
        if left.empty:
            msg = f"{self}: it is the only facility; what is there to walk to without it?"
            raise InputError(msg)
        return to.with_facilities(left, f"{self}{_also(twins)}")


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
        there = to.facilities
        label = row_named(there, self.facility, "facilities")
        require_columns(self.values, there, str(self))
        if not self.values:
            msg = f"{self} says nothing that changes: give values={{'opening_hours': …}}."
            raise InputError(msg)
        require_items(str(self.values.get("item") or ""), to.question.checklist, str(self))
        changed = there.copy()
        row = changed.index.get_loc(label)
        for name, value in self.values.items():
            cells = np.full(len(changed), None, dtype=object)
            if name in changed:
                cells = changed[name].to_numpy(dtype=object, copy=True)
            cells[row] = value
            dtype = changed[name].dtype if name in changed else object
            changed[name] = _as(pd.Series(cells, index=changed.index), dtype)
        return to.with_facilities(changed, str(self))


def placed_for(at: Place, crs: str, to: Proposal, what: str) -> Any:
    """Give a place in the CRS of the facilities; it lies near a street, or inside an area."""
    shape: Any = at
    require_degrees(shape, crs, what)
    on_streets = projected(shape, crs, to.network.crs)
    areas = to.areas.geometry.to_crs(to.network.crs)
    if not areas.intersects(on_streets).any():  # inside one its gates may lead to it
        require_near_streets(on_streets, to.network, to.question.snap_limit_m, what)
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
    geometric = {there.geometry.name, *_WAYS_IN}
    known = (SERVICE | {str(name) for name in there.columns}) - geometric
    if strange := [name for name in values if name not in known]:
        msg = (
            f"{what}: facilities have no {listed(strange)}. What can be said of one: "
            f"{', '.join(sorted(SERVICE))}, and the columns of the table."
        )
        raise InputError(msg)


def _free_label(index: pd.Index, item: str) -> str:
    number = 1
    while (label := f"new/{item}/{number}") in index:
        number += 1
    return label


def _with_row(
    there: gpd.GeoDataFrame, label: str, shape: Any, row: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Put a row below a table, whose columns keep their types where they can."""
    bare = pd.DataFrame(there, copy=False)
    bare.attrs = {}
    kinds = bare.dtypes
    objects = [name for name in bare.columns if pd.api.types.is_object_dtype(kinds[name])]
    # Most columns are of objects, and quicker put together as one.
    cells = np.empty((len(objects), len(there) + 1), dtype=object)
    cells[:, :-1] = bare[objects].to_numpy().T
    for place, name in enumerate(objects):
        cells[place, -1] = row.get(str(name))
    text = isinstance(there.index.dtype, pd.StringDtype)
    old = there.index if text else there.index.astype(object)
    index = old.append(pd.Index([label], dtype=old.dtype))
    table = gpd.GeoDataFrame(
        cells.T, index=index, columns=pd.Index(objects), dtype=object, copy=False
    )
    for place, name in enumerate(bare.columns):
        if name in objects:
            continue
        value = shape if name == there.geometry.name else row.get(str(name))
        if isinstance(kinds[name], gpd.array.GeometryDtype):
            shapes = np.full(len(table), None, dtype=object)
            shapes[:-1], shapes[-1] = np.asarray(bare[name].array, dtype=object), value
            table.insert(place, name, gpd.array.GeometryArray(shapes, crs=bare[name].array.crs))
        else:
            new = _as(pd.Series([value], dtype=object), kinds[name])
            both = pd.concat([bare[name], new], ignore_index=True).set_axis(index)
            table.insert(place, name, both)
    for name in row:
        if name not in there:
            column = np.full(len(table), None, dtype=object)
            column[-1] = row[name]
            table[name] = pd.Series(column, index=index, dtype=object)
    return gpd.GeoDataFrame(table, geometry=there.geometry.name, crs=there.crs)


def _as(cells: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    """Give cells the type that their column had, where they can have it."""
    if (
        pd.api.types.is_bool_dtype(dtype) and cells.isna().any()
    ):  # which would become False, or True
        return cells
    try:
        return cells.astype(dtype)
    except (TypeError, ValueError):
        return cells


def _without_twins(there: gpd.GeoDataFrame, label: Any) -> tuple[gpd.GeoDataFrame, list[Any]]:
    """Give the table without the other rows that are the same place, and which they are."""
    report = duplicates_of(_around(there, label))
    place = label
    for one, kept, reason in report[["facility", "kept", "reason"]].itertuples(index=False):
        if one == label:
            if reason == "entrance":  # a door of something that stays
                return there, []
            place = kept
    pairs = zip(report["facility"], report["kept"], strict=True)
    mine = [place, *(one for one, kept in pairs if kept == place)]
    twins = [one for one in dict.fromkeys(mine) if one != label]
    return there.drop(index=twins), twins


def _around(there: gpd.GeoDataFrame, label: Any) -> gpd.GeoDataFrame:
    """The facilities near one: those that may be the same place."""
    metric = there.geometry
    if there.crs.is_geographic:
        metric = metric.to_crs(utm_of(there))
    near = metric.distance(metric.loc[label]) <= 1_000.0
    return there[near.to_numpy()]


def _also(twins: list[Any]) -> str:
    return f" (listed as {listed(twins)}, too)" if twins else ""


def _cleared(column: Any, row: Any, crs: Any) -> gpd.GeoSeries:
    cells = np.asarray(column.array, dtype=object).copy()
    cells[row] = None
    return gpd.GeoSeries(cells, index=column.index, crs=getattr(column, "crs", None) or crs)
