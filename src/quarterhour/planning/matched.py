"""Which area and which place of one scorecard is which of another: by id, else by the ground."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.places.frames import utm_of
from quarterhour.places.origins import BEHIND
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.reached import since_of
from quarterhour.scoring.rows_before import addresses, rows_in
from quarterhour.scoring.scorecard import Scorecard

SAME_LAND = 0.5
"""Areas without ids are the same if they share this part of the land that either has."""

SAME_NAME_LAND = 0.1
"""… or this part, and their name."""

POINT_M = 25.0
"""An area that is a point has this much ground around it."""

SAME_PLACE_M = 30.0
"""Facilities without ids are the same if they lie so near to each other and have one name."""

SAME_SPOT_M = 1.0
"""… or so near, where either has no name."""

_NUMBERED = re.compile(r"-?\d+(\.0)?|row \d+|cluster/.+")
"""Labels that count rows: they are other ones as soon as the table is."""

Shapes = npt.NDArray[np.object_]


class Matched(NamedTuple):
    """Rows of two tables that are the same thing: by position, how it was found, shared land."""

    before: Ints
    after: Ints
    how: npt.NDArray[np.object_]
    overlap: Floats


def aligned(card: Scorecard, other: Scorecard) -> tuple[Scorecard, pd.DataFrame]:
    """Give the first scorecard with the labels of the second, and which area is which.

    Returns
    -------
    Scorecard
        The first itself, where no label changes.
    DataFrame
        One row per area that both have: ``area_before``, ``area``, ``how`` ("id", "overlap"),
        ``overlap`` (of the land that either has, the part that both have).
    """
    areas = matched_areas(card.areas, other.areas)
    since = since_of(card, other)
    if since is not None and (not since.gone or since.replaces.all()):
        known = False  # nothing that went can be what came
    else:
        known = "facilities" not in (*card.missing, *other.missing)
    table = pd.DataFrame(
        {
            "area_before": card.areas.index[areas.before],
            "area": other.areas.index[areas.after],
            "how": areas.how,
            "overlap": areas.overlap,
        }
    )
    pairs = [(card.areas.index, other.areas.index, areas)]
    if known:
        places = matched_facilities(card.facilities, other.facilities)
        pairs.append((card.facilities.index, other.facilities.index, places))
    if all(_called_alike(*pair) for pair in pairs):
        return card, table
    of_areas, *rest = (_labels(*pair) for pair in pairs)
    return _relabelled(card, of_areas, rest[0] if rest else {}), table


def matched_areas(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Matched:
    """Match areas by their ids; those that have none by the land they share, never by row."""
    if before is after or _same_rows(before, after):
        every = np.arange(len(before))
        return Matched(every, every, np.full(len(every), "id", object), np.ones(len(every)))
    ids = _by_id(before.index, after.index)
    crs = after.crs if after.crs is not None and after.crs.is_projected else _metric(after)
    one, two = (_ground(table.geometry.to_crs(crs)) for table in (before, after))
    rest = _free(len(before), ids[0]), _free(len(after), ids[1])
    land = _shared(one, two, rest)
    names = _names(before)[land[0]], _names(after)[land[1]]
    named = np.array([bool(a) and a == b for a, b in zip(*names, strict=True)], dtype=bool)
    label = before.index[land[0]].astype(str) == after.index[land[1]].astype(str)
    good = (land[2] >= SAME_LAND) | (named & (land[2] >= SAME_NAME_LAND))
    rank = np.lexsort((~label[good], ~named[good], -land[2][good].round(6)))
    pairs = land[0][good][rank], land[1][good][rank]
    first = _one_to_one(*pairs)
    found = pairs[0][first], pairs[1][first]
    positions = np.concatenate([ids[0], found[0]]), np.concatenate([ids[1], found[1]])
    how = np.array(["id"] * len(ids[0]) + ["overlap"] * len(found[0]), dtype=object)
    both = _part(one[positions[0]], two[positions[1]])
    order = np.argsort(positions[0], kind="stable")
    return Matched(positions[0][order], positions[1][order], how[order], both[order])


def matched_facilities(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Matched:
    """Match facilities by their ids; the rest by place and name, never by row alone."""
    if before is after or _same_rows(before, after):
        every = np.arange(len(before))
        return Matched(every, every, np.full(len(every), "id", object), np.ones(len(every)))
    ids = _by_id_but(_still(before, after), before.index, after.index)
    rest = _free(len(before), ids[0]), _free(len(after), ids[1])
    if min(map(len, rest)) == 0:  # nothing is left that could be something else
        order = np.argsort(ids[0], kind="stable")
        ones = np.ones(len(order))
        return Matched(ids[0][order], ids[1][order], np.full(len(order), "id", object), ones)
    crs = after.crs if after.crs is not None and after.crs.is_projected else _metric(after)
    tables = zip((before, after), rest, strict=True)
    one, two = (shapely.centroid(_shapes(table.iloc[at], crs)) for table, at in tables)
    near = shapely.STRtree(two).query(one, "dwithin", SAME_PLACE_M)
    mine, theirs = rest[0][near[0]], rest[1][near[1]]
    metres = shapely.distance(one[near[0]], two[near[1]])
    names = _names(before)[mine], _names(after)[theirs]
    named = np.array([bool(a) and a == b for a, b in zip(*names, strict=True)], dtype=bool)
    label = before.index[mine].astype(str) == after.index[theirs].astype(str)
    nameless = np.array([not (a and b) for a, b in zip(*names, strict=True)], dtype=bool)
    good = named | (nameless & (metres <= SAME_SPOT_M))
    rank = np.lexsort((~label[good], metres[good].round(3), ~named[good]))
    pairs = mine[good][rank], theirs[good][rank]
    first = _one_to_one(*pairs)
    found = pairs[0][first], pairs[1][first]
    moved = _moved(before, after, (rest[0], rest[1]), found)
    parts = (ids, found, moved)
    positions = [np.concatenate([part[side] for part in parts]) for side in (0, 1)]
    how = np.array(
        ["id"] * len(ids[0]) + ["place"] * len(found[0]) + ["name"] * len(moved[0]), dtype=object
    )
    order = np.argsort(positions[0], kind="stable")
    overlap = np.ones(len(order))
    return Matched(positions[0][order], positions[1][order], how[order], overlap)


def _moved(
    before: pd.DataFrame, after: pd.DataFrame, rest: tuple[Ints, Ints], found: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """Match what is left by label and name together: a place that has moved."""
    left = [np.setdiff1d(one, two) for one, two in zip(rest, found, strict=True)]
    tables = zip((before, after), left, strict=True)
    keys = [
        pd.Series(at, index=pd.MultiIndex.from_arrays([t.index[at].astype(str), _names(t)[at]]))
        for t, at in tables
    ]
    one, two = (key[(key.index.get_level_values(1) != "")] for key in keys)
    both = one.index[one.index.isin(two.index)]
    both = both[~both.duplicated()]
    return one.loc[both].to_numpy(dtype=np.int64), two.loc[both].to_numpy(dtype=np.int64)


def _still(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Positions of rows with the same label and name and the very same shape.

    Such a row is nothing else's, whatever its label is; most rows of a scenario are such.
    """
    if before.crs != after.crs or ("name" in before) != ("name" in after):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    row = rows_in(before.index, after.index)
    here = np.flatnonzero(row >= 0)
    drawn = np.asarray(after.geometry.array, dtype=object)[here]
    old = np.asarray(before.geometry.array, dtype=object)
    same = addresses(drawn) == addresses(old)[row[here]]
    same &= ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    if "name" in before:
        names = before["name"].to_numpy(dtype=object), after["name"].to_numpy(dtype=object)
        same &= names[0][row[here]] == names[1][here]
    return row[here[same]], here[same]


def _by_id_but(known: tuple[Ints, Ints], before: pd.Index, after: pd.Index) -> tuple[Ints, Ints]:
    """Do what :func:`_by_id` does, where some rows are known already; they come first."""
    rest = _free(len(before), known[0]), _free(len(after), known[1])
    if len(rest[0]) == 0 or len(rest[1]) == 0:
        return known
    mine, theirs = _by_id(before, after)
    new = np.isin(mine, rest[0]) & np.isin(theirs, rest[1])
    return np.concatenate([known[0], mine[new]]), np.concatenate([known[1], theirs[new]])


def _same_rows(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> bool:
    """Tell whether the rows of two tables have one order, labels and shapes."""
    if before.crs != after.crs or not before.index.equals(after.index):
        return False
    one, two = (np.asarray(table.geometry.array, dtype=object) for table in (before, after))
    return bool((shapely.equals_exact(one, two, 1e-9) | (shapely.is_missing(one))).all())


def _by_id(before: pd.Index, after: pd.Index) -> tuple[Ints, Ints]:
    """Positions of the labels that both have and that are more than numbers of rows."""
    numbered = counts_rows(before)
    numbered &= _counts_rows(before) | _counts_rows(after) | ~_are_numbers(before)
    at = np.asarray(after.get_indexer(before), dtype=np.int64)
    if before.dtype != after.dtype:  # a folder or a file may have made text of numbers
        at = np.asarray(after.map(str).get_indexer(before.map(str)), dtype=np.int64)
    mine = np.flatnonzero((at >= 0) & ~numbered)
    return mine, at[mine]


def _are_numbers(index: pd.Index) -> Mask:
    return np.array([bool(re.fullmatch(r"-?\d+(\.0)?", str(one))) for one in index], dtype=bool)


def _counts_rows(index: pd.Index) -> bool:
    """Tell whether the numbers of an index can be those of rows, and are no codes."""
    numbers = [float(str(one)) for one in index[_are_numbers(index)]]
    return not numbers or (min(numbers) >= 0 and max(numbers) <= 10 * len(index) + 10)


def _free(n: int, taken: Ints) -> Ints:
    free = np.ones(n, dtype=bool)
    free[np.asarray(taken, dtype=np.int64)] = False
    return np.flatnonzero(free)


def _names(table: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Names as text, "" where there is none."""
    if "name" not in table:
        return np.full(len(table), "", dtype=object)
    cells = (str(one).strip() if isinstance(one, str) else "" for one in table["name"])
    return np.array(list(cells), dtype=object)


def _metric(table: gpd.GeoDataFrame) -> Any:
    return utm_of(table)


def _shapes(table: gpd.GeoDataFrame, crs: Any) -> Shapes:
    return np.asarray(table.geometry.to_crs(crs).array, dtype=object)


def _ground(shapes: gpd.GeoSeries) -> Shapes:
    """Give areas as land: points have some around them."""
    found = np.asarray(shapes.array, dtype=object)
    flat = shapely.get_dimensions(found) < 2
    found[flat] = shapely.buffer(found[flat], POINT_M)
    return np.where(shapely.is_valid(found), found, shapely.make_valid(found))


def _shared(one: Shapes, two: Shapes, rest: tuple[Ints, Ints]) -> tuple[Ints, Ints, Floats]:
    """Pairs of areas that share land, and which part of all their land."""
    mine, theirs = shapely.STRtree(two[rest[1]]).query(one[rest[0]], "intersects")
    mine, theirs = rest[0][mine], rest[1][theirs]
    return mine, theirs, _part(one[mine], two[theirs])


def _part(one: Shapes, two: Shapes) -> Floats:
    shared = shapely.area(shapely.intersection(one, two))
    whole = shapely.area(one) + shapely.area(two) - shared
    return np.asarray(np.divide(shared, whole, out=np.zeros(len(shared)), where=whole > 0))


def _one_to_one(mine: Ints, theirs: Ints) -> Ints:
    """Of pairs, the best first, those in which neither is taken."""
    seen: tuple[set[int], set[int]] = (set(), set())
    kept = []
    for k, (a, b) in enumerate(zip(mine.tolist(), theirs.tolist(), strict=True)):
        if a not in seen[0] and b not in seen[1]:
            seen[0].add(a)
            seen[1].add(b)
            kept.append(k)
    return np.array(kept, dtype=np.int64)


def counts_rows(labels: pd.Index) -> Mask:
    """Which labels are no more than numbers of rows."""
    return np.array([bool(_NUMBERED.fullmatch(str(label))) for label in labels], dtype=bool)


def _called_alike(before: pd.Index, after: pd.Index, found: Matched) -> bool:
    """Whether :func:`_labels` would call everything as it is called."""
    one, two = (index.to_numpy(dtype=object) for index in (before, after))
    same = bool((one[found.before] == two[found.after]).all())
    lost = before[_free(len(before), found.before)]
    return same and (len(lost) == 0 or bool((after.get_indexer(lost) < 0).all()))


def _labels(before: pd.Index, after: pd.Index, found: Matched) -> dict[Any, Any]:
    """Say what each label of before is called in after; what is in before only keeps its own."""
    new = dict(zip(before[found.before], after[found.after], strict=True))
    taken = set(after) | set(before)
    for label in before:
        if label in new:
            continue
        called, turn = label, 1
        while label in after and called in taken:
            called, turn = f"{label} (before{'' if turn == 1 else f' {turn}'})", turn + 1
        taken.add(called)
        new[label] = called
    return new


def _relabelled(card: Scorecard, areas: dict[Any, Any], places: dict[Any, Any]) -> Scorecard:
    """Give a scorecard with other labels of its areas and facilities; itself, if none changes."""
    if all(a is b or a == b for names in (areas, places) for a, b in names.items()):
        return card
    results = card.results.assign(area=card.results["area"].map(areas))
    results["facility"] = _known(results["facility"], places)
    matches = card.matches.assign(facility=_known(card.matches["facility"], places))
    found = replace(
        card,
        results=results,
        areas=_with_labels(card.areas, areas),
        matches=matches,
        kept=Kept(),
    )
    if {"origins", "facilities"} & {*card.missing}:  # the results are all that there is
        return found
    asked = card.asked
    return replace(
        found,
        origins=_homes(card.origins, areas),
        facilities=_places(card.facilities, areas, places),
        times=card.times.assign(facility=_known(card.times["facility"], places)),
        asked=None
        if asked is None
        else Asked(
            _with_labels(asked.areas, areas),
            _places(asked.facilities, areas, places),
            asked.network,
            None if asked.origins is None else _homes(asked.origins, areas),
        ),
    )


def _known(cells: pd.Series[Any], names: dict[Any, Any]) -> pd.Series[Any]:
    """Rename cells that hold labels; those that hold none stay empty."""
    found = [names.get(one, one) if one is not None and one == one else None for one in cells]  # noqa: PLR0124
    return pd.Series(found, index=cells.index, dtype=object)


def _with_labels(table: gpd.GeoDataFrame, names: dict[Any, Any]) -> gpd.GeoDataFrame:
    found = table.set_axis(pd.Index([names[one] for one in table.index], name=table.index.name))
    found.attrs = dict(table.attrs)
    return found


def _homes(origins: gpd.GeoDataFrame, areas: dict[Any, Any]) -> gpd.GeoDataFrame:
    found = origins.assign(area=origins["area"].map(areas))
    if BEHIND in origins:
        found[BEHIND] = _known(origins[BEHIND], areas)
    found.attrs = dict(origins.attrs)
    return found


def _places(
    facilities: gpd.GeoDataFrame, areas: dict[Any, Any], places: dict[Any, Any]
) -> gpd.GeoDataFrame:
    found = _with_labels(facilities, {one: places.get(one, one) for one in facilities.index})
    if BEHIND in found:
        found[BEHIND] = _known(found[BEHIND], areas)
        found.attrs = dict(facilities.attrs)
    return found
