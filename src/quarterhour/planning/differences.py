"""What went into one scorecard and not into another, in sentences; order of rows is none of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Mask
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Note
from quarterhour.places.origins import BEHIND
from quarterhour.planning.gained import common, paired_homes
from quarterhour.planning.parts import Inputs
from quarterhour.scoring.question import Question, pace_text
from quarterhour.scoring.service import valid_in
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.limits import Limit
from quarterhour.streets.network import WalkNetwork

DAYS = ("valid_from", "valid_to")
"""Columns by which a facility is there on some days only."""

SAME_M = 0.01
"""Shapes that lie so near to each other are the same shape."""

_APART = ("checklist", "pace", "surveyed", "valid_on")
"""Words of a question that are told otherwise; all others are told as they are."""


def differences(one: Inputs, two: Inputs) -> dict[str, list[Note]]:
    """Say by cause what the second has other than the first; causes without a change are left out.

    The labels of both are those of the second.
    """
    told: dict[str, Callable[[Inputs, Inputs], list[Note]]] = {
        "homes": _homes,
        "streets": _streets,
        "facilities": _facilities,
        "checklist": _checklist,
        "parameters": _parameters,
    }
    found = {cause: tell(one, two) for cause, tell in told.items()}
    return {cause: notes for cause, notes in found.items() if notes}


def versions(*manifests: Any) -> list[Note]:
    """Say which versions made the first, and which others the next ones."""
    known: list[dict[str, str]] = []
    for made in manifests:
        told = dict(made.get("versions", {})) | {"python": str(made.get("python"))}
        known.append({name: str(version) for name, version in told.items()})
    names = sorted({name for told in known for name in told})
    notes = []
    for name in names:
        here = [told.get(name, "–") for told in known]
        if len(set(here)) > 1:
            notes.append(Note("version_other", "{0}: {1}.", name, " → ".join(dict.fromkeys(here))))
    return notes


def _homes(one: Inputs, two: Inputs) -> list[Note]:
    notes = _rows(one.areas, two.areas, "areas")
    rows = paired_homes(one.origins, two.origins, common(one.areas.index, two.areas.index))
    if rows is None:
        a, b = len(one.origins), len(two.origins)
        notes.append(Note("homes_other", "Homes are others: {0}, then {1}.", a, b))
        return notes
    mine, theirs = one.origins.iloc[rows[0]], two.origins.iloc[rows[1]]
    other = np.zeros(len(mine), dtype=bool)
    for name in ("share", "residents", "way_out", BEHIND, "exits"):
        if name in mine or name in theirs:
            other |= _other_cells(_column(mine, name), _column(theirs, name))
    if other.any():
        n = int(other.sum())
        notes.append(Note("homes_changed", "{0} homes have other residents, or other ways out.", n))
    return notes


def _facilities(one: Inputs, two: Inputs) -> list[Note]:
    tables, questions = (one.facilities, two.facilities), (one.question, two.question)
    dated = any(name in table for name in DAYS for table in tables)
    if not dated or any(question.period is not None for question in questions):
        return _rows(one.facilities, two.facilities, "facilities")
    there = [side.facilities[valid_in(side.facilities, side.days, [])] for side in (one, two)]
    notes = _rows(there[0], there[1], "facilities")
    if one.day != two.day and notes:
        days = one.day.isoformat(), two.day.isoformat()
        text = "Those count that are there on {1}; before on {0}."
        notes.append(Note("day_other", text, days[0], days[1]))
    return notes


def _rows(one: gpd.GeoDataFrame, two: gpd.GeoDataFrame, what: str) -> list[Note]:
    """Say which rows are there no more, are new, and are not as they were."""
    if one is two:
        return []
    there = common(one.index, two.index)
    gone, new = one.index[~one.index.isin(there)], two.index[~two.index.isin(there)]
    notes = []
    if len(gone):
        said = listed(_names(one, gone))
        text = f"{{0}} {what} less: {{1}}."
        notes.append(Note(f"rows_gone_{what}", text, len(gone), said))
    if len(new):
        said = listed(_names(two, new))
        text = f"{{0}} {what} more: {{1}}."
        notes.append(Note(f"rows_new_{what}", text, len(new), said))
    changed = there[_changed(one.loc[there], two.loc[there])]
    if len(changed):
        said = listed(_names(two, changed))
        notes.append(
            Note(f"rows_changed_{what}", f"{{0}} {what} changed: {{1}}.", len(changed), said)
        )
    return notes


def _names(table: pd.DataFrame, labels: Iterable[Any]) -> list[str]:
    names = table["name"] if "name" in table else pd.Series(index=table.index, dtype=object)
    told = ((label, names[label]) for label in labels)
    return [name if isinstance(name, str) and name.strip() else str(label) for label, name in told]


def _changed(one: gpd.GeoDataFrame, two: gpd.GeoDataFrame) -> Mask:
    """Which rows, of the same labels in the same order, have another shape or another cell."""
    mine, theirs = (np.asarray(t.geometry.to_crs(two.crs).array, dtype=object) for t in (one, two))
    other = np.asarray(~shapely.equals_exact(mine, theirs, SAME_M), dtype=bool)
    # The same outline may begin elsewhere.
    begun = shapely.normalize(mine[other]), shapely.normalize(theirs[other])
    other[other] = ~shapely.equals_exact(begun[0], begun[1], SAME_M)
    columns = one.columns.union(two.columns).difference([one.geometry.name, two.geometry.name])
    for name in columns:
        other |= _other_cells(_column(one, name), _column(two, name))
    return np.asarray(other, dtype=bool)


def _column(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    found: pd.Series[Any] = table.get(name, pd.Series(None, index=table.index, dtype=object))
    if isinstance(found.dtype, gpd.array.GeometryDtype):
        whole = gpd.GeoSeries(found)
        shapes = np.asarray((whole.to_crs(4326) if whole.crs else whole).array, dtype=object)
        # A degree's seventh place is a centimetre.
        text = shapely.to_wkt(shapely.normalize(shapes), rounding_precision=7)
        return pd.Series(text, index=table.index, dtype=object)
    return found


def _other_cells(one: pd.Series[Any], two: pd.Series[Any]) -> Mask:
    if one.dtype.kind in "fiub" and two.dtype.kind in "fiub":
        a, b = one.to_numpy(dtype=float), two.to_numpy(dtype=float)
        return np.asarray(~np.isclose(a, b, rtol=1e-12, atol=1e-9, equal_nan=True), dtype=bool)
    pairs = zip(one, two, strict=True)
    return np.array([_text(a) != _text(b) for a, b in pairs], dtype=bool)


def _text(cell: Any) -> str:
    """Give a cell as text; what is empty is "", whatever it is empty of."""
    if cell is None or (np.ndim(cell) == 0 and not isinstance(cell, str) and pd.isna(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _streets(one: Inputs, two: Inputs) -> list[Note]:
    mine, theirs = one.network, two.network
    if mine is theirs or mine.sha256 == theirs.sha256:
        return []
    shapes = [_edge_shapes(network) for network in (mine, theirs)]
    counts = [Counter(shape) for shape in shapes]
    notes = []
    n, metres = _alone(mine, shapes[0], counts[0] - counts[1])
    if n:
        notes.append(Note("streets_gone", "{0} pieces of street less, {1:,.0f} m.", n, metres))
    n, metres = _alone(theirs, shapes[1], counts[1] - counts[0])
    if n:
        notes.append(Note("streets_new", "{0} pieces of street more, {1:,.0f} m.", n, metres))
    told = zip((mine, theirs), shapes, strict=True)
    whole = [Counter(_edge_words(network, own)) for network, own in told]
    there = [
        {key: n for key, n in words.items() if key[0] in counts[1 - k]}
        for k, words in enumerate(whole)
    ]
    if others := sum((Counter(there[0]) - Counter(there[1])).values()):
        text = "{0} pieces of street are of another kind, length or level, or joined otherwise."
        notes.append(Note("streets_changed", text, others))
    if not mine.extent.equals_exact(theirs.extent, SAME_M) and not mine.extent.equals(
        theirs.extent
    ):
        text = "The data cover {1:,.1f} km²; before {0:,.1f} km²."
        km2 = mine.extent.area / 1e6, theirs.extent.area / 1e6
        notes.append(Note("extent_other", text, km2[0], km2[1]))
    return notes


def _alone(network: WalkNetwork, shapes: list[bytes], alone: Counter[bytes]) -> tuple[int, float]:
    """Give how many edges have no other like them, and how much street that is."""
    at = {shape: row for row, shape in enumerate(shapes)}
    metres = sum(float(network.edge_length_m[at[shape]]) * n for shape, n in alone.items())
    return sum(alone.values()), metres


def _edge_shapes(network: WalkNetwork) -> list[bytes]:
    """Give the line of every edge as bytes, whichever way it is drawn; centimetres do not count."""
    lines = shapely.transform(network.lines, lambda xy: np.round(xy, 2))
    ends = (
        shapely.get_coordinates(shapely.get_point(lines, 0)),
        shapely.get_coordinates(shapely.get_point(lines, -1)),
    )
    back = (ends[1][:, 0] < ends[0][:, 0]) | (
        (ends[1][:, 0] == ends[0][:, 0]) & (ends[1][:, 1] < ends[0][:, 1])
    )
    lines = np.where(back, shapely.reverse(lines), lines)
    return list(shapely.to_wkb(lines))


def _edge_words(network: WalkNetwork, shapes: list[bytes]) -> list[tuple[bytes, str]]:
    """Give the line of every edge with all else that bears on a walk over it."""
    ends = np.bincount(network.edge_nodes.ravel(), minlength=network.n_nodes)
    joined = ends[network.edge_nodes].sum(axis=1)
    length = network.edge_length_m.round(2)
    columns: list[npt.NDArray[Any]] = [joined, length]
    columns += [network.traits[name] for name in sorted(network.traits) if name != "name"]
    rows = zip(*(map(str, column) for column in columns), strict=True)
    return [(shape, "|".join(row)) for shape, row in zip(shapes, rows, strict=True)]


def _checklist(one: Inputs, two: Inputs) -> list[Note]:
    mine, theirs = one.question.checklist, two.question.checklist
    if mine == theirs:
        return []
    notes = []
    if mine.key != theirs.key:
        text = "The checklist is {1}; before {0}."
        notes.append(Note("checklist_other", text, mine.key, theirs.key))
    if alone := [key for key in mine.keys() if key not in theirs.keys()]:  # noqa: SIM118
        notes.append(Note("items_gone", "{0} items less: {1}.", len(alone), listed(alone)))
    if alone := [key for key in theirs.keys() if key not in mine.keys()]:  # noqa: SIM118
        notes.append(Note("items_new", "{0} items more: {1}.", len(alone), listed(alone)))
    both = [key for key in mine.keys() if key in theirs.keys()]  # noqa: SIM118
    for key in both:
        if mine[key].limit != theirs[key].limit:
            text = "{0}: within {3:g} {4}; before {1:g} {2}."
            (then, its_unit), (now, unit) = _parts(mine[key].limit), _parts(theirs[key].limit)
            notes.append(Note("limit_other", text, key, then, its_unit, now, unit))
    rest = [k for k in both if mine[k] != theirs[k] and mine[k].limit == theirs[k].limit]
    if rest:
        text = "What counts for {0} items has changed ({1})."
        notes.append(Note("items_changed", text, len(rest), listed(rest)))
    if not notes or _frame(mine) != _frame(theirs):
        notes.append(Note("frame_changed", "Groups or hosts have changed."))
    return notes


def _parts(limit: Limit) -> tuple[float, str]:
    """Give a limit as its number and its unit."""
    if limit.metres is not None:
        return limit.metres, "m"
    return limit.most / 60, "min"


def _frame(checklist: Checklist) -> tuple[Any, ...]:
    return checklist.hosts, tuple(group.key for group in checklist.groups)


def _parameters(one: Inputs, two: Inputs) -> list[Note]:
    told: list[tuple[str, Any, Any]] = []
    if one.question.pace != two.question.pace:
        told.append(("pace", pace_text(one.question.pace), pace_text(two.question.pace)))
    surveyed = [", ".join(sorted(side.question.surveyed)) for side in (one, two)]
    if surveyed[0] != surveyed[1]:
        told.append(("surveyed", surveyed[0] or None, surveyed[1] or None))
    for name in (word.name for word in fields(Question) if word.name not in _APART):
        before, after = (getattr(side.question, name) for side in (one, two))
        if before != after:
            told.append((name, before, after))
    text = "{0}: {2}; before {1}."
    return [Note("parameter_other", text, name, _plain(a), _plain(b)) for name, a, b in told]


def _plain(word: Any) -> str:
    if word is None:
        return "–"
    return "/".join(map(str, word)) if isinstance(word, tuple) else str(word)
