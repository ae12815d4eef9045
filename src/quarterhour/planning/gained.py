"""Who has something within the limit that was not before, and who has it no more."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.scoring.reached import near_of
from quarterhour.scoring.scorecard import Scorecard

HAIR = 1e-9

SPOT_M = 0.1
"""Homes nearer to each other than this are at one place."""


@dataclass(frozen=True, eq=False)
class Same:
    """Homes that are the same in both: their rows, weight, area (row among the common ones)."""

    before: Ints
    after: Ints
    weight: Floats
    area: Ints
    once: Mask
    measure: str


@dataclass(frozen=True, eq=False)
class Sums:
    """Gained and lost by area, item and group, and in all."""

    areas: tuple[Floats, Floats]
    items: tuple[Floats, Floats]
    groups: dict[str, tuple[float, ...]]
    total: tuple[float, ...]


def same_homes(card: Scorecard, other: Scorecard) -> Same | None:
    """Homes of the areas that both have, if they are the same in both and their walks are known.

    They are known by their area and place, so that their order does not matter.
    """
    if "origins" in (*card.missing, *other.missing):
        return None
    if not (near_of(card).walks and near_of(other).walks):
        return None
    areas = common(card.areas.index, other.areas.index)
    rows = paired_homes(card.origins, other.origins, areas)
    if rows is None:
        return None
    one, two = card.origins.iloc[rows[0]], other.origins.iloc[rows[1]]
    for column in ("share", "residents"):
        mine, theirs = (home[column].to_numpy(dtype=float) for home in (one, two))
        if not np.allclose(mine, theirs, equal_nan=True):
            return None
    residents = one["residents"].to_numpy(dtype=float)
    known = bool(np.isfinite(residents).all() and residents.sum() > 0)
    return Same(
        *rows,
        residents if known else np.ones(len(one)),
        np.asarray(areas.get_indexer(pd.Index(one["area"])), dtype=np.int64),
        once(one),
        "residents" if known else "residences",
    )


def paired_homes(
    one: gpd.GeoDataFrame, two: gpd.GeoDataFrame, areas: pd.Index
) -> tuple[Ints, Ints] | None:
    """Rows of two tables of homes that are the same home, if every home has its other."""
    if one is two and (areas.get_indexer(pd.Index(one["area"])) >= 0).all():
        every = np.arange(len(one))
        return every, every
    at = [np.flatnonzero(table["area"].isin(areas).to_numpy()) for table in (one, two)]
    if len(at[0]) != len(at[1]):
        return None
    mine, theirs = one.iloc[at[0]], two.iloc[at[1]].to_crs(one.crs)
    xy = [shapely.get_coordinates(shapely.centroid(table.geometry)) for table in (mine, theirs)]
    code = [areas.get_indexer(pd.Index(table["area"])) for table in (mine, theirs)]
    if not (np.array_equal(code[0], code[1]) and np.allclose(xy[0], xy[1], rtol=0, atol=SPOT_M)):
        numbers = [table[["share", "residents"]].to_numpy(dtype=float) for table in (mine, theirs)]
        order = [
            np.lexsort((*many.T, *place.round(1).T, where))
            for many, place, where in zip(numbers, xy, code, strict=True)
        ]
        at = [rows[mixed] for rows, mixed in zip(at, order, strict=True)]
        xy = [part[mixed] for part, mixed in zip(xy, order, strict=True)]
        code = [part[mixed] for part, mixed in zip(code, order, strict=True)]
    same = np.array_equal(code[0], code[1]) and np.allclose(xy[0], xy[1], rtol=0, atol=SPOT_M)
    return (at[0], at[1]) if same else None


def once(homes: gpd.GeoDataFrame) -> Mask:
    """Which homes count in sums over areas: one in several areas counts in the first that has it.

    One that an area has counted which is not among these counts here.
    """
    if "again" not in homes:
        return np.ones(len(homes), dtype=bool)
    again = homes["again"].to_numpy(dtype=bool)
    if not again.any():
        return np.asarray(~again)
    xy = shapely.get_coordinates(shapely.centroid(homes.geometry)).round(2)
    place = pd.MultiIndex.from_arrays([xy[:, 0], xy[:, 1]])
    counted = place.isin(place[~again])
    return np.asarray(~again | (~counted & ~place.duplicated()), dtype=bool)


def within(card: Scorecard, items: pd.Index) -> Mask:
    """Which homes have which items within the limit, by themselves or through a host."""
    known = pd.Index(card.checklist.keys())
    row = known.get_indexer(items)
    near = near_of(card).by_host
    found = np.zeros((len(card.origins), len(items)), dtype=bool)
    found[:, row >= 0] = near[row[row >= 0]].T
    return found


def by_home(
    card: Scorecard, other: Scorecard, homes: Same, areas: pd.Index, items: pd.Index
) -> tuple[Floats, Floats, Sums]:
    """Gained and lost of homes that are the same in both: per area and item, and the sums."""
    before, after = within(card, items)[homes.before], within(other, items)[homes.after]
    more: Mask = np.asarray(after & ~before)
    less: Mask = np.asarray(before & ~after)
    per_pair = tuple(_by_area(homes, one, len(areas)) for one in (more, less))
    once = (homes.weight * homes.once)[:, None]
    groups = {}
    for group, mine in _members(other, items).items():
        both = [_of_any(one[:, mine]) * once for one in (more, less)]
        groups[group] = tuple(float(one.sum()) for one in both)
    anything = tuple(_by_area(homes, _of_any(one), len(areas)).ravel() for one in (more, less))
    per_item = tuple((one * once).sum(axis=0) for one in (more, less))
    total = tuple(float((_of_any(one) * once).sum()) for one in (more, less))
    return (*per_pair, Sums(anything, per_item, groups, total))  # type: ignore[return-value,arg-type]


def _of_any(flags: Mask) -> Floats:
    """One column: 1 where any column is set."""
    return np.asarray(flags.any(axis=1), dtype=np.float64)[:, None]


def _by_area(homes: Same, flags: Mask | Floats, n: int) -> Floats:
    """Sum the weights of flagged homes by area, for each column of flags."""
    columns = [
        np.bincount(homes.area, weights=homes.weight * column, minlength=n) for column in flags.T
    ]
    return np.column_stack(columns)


def _members(card: Scorecard, items: pd.Index) -> dict[str, npt.NDArray[np.int64]]:
    group = np.array([card.checklist[key].group for key in items], dtype=object)
    keys = [one.key for one in card.checklist.groups]
    return {key: np.flatnonzero(group == key) for key in keys if (group == key).any()}


def net(
    other: Scorecard, pairs: pd.DataFrame, areas: pd.Index, items: pd.Index
) -> tuple[Floats, Floats, Sums]:
    """Gained and lost by the shares of each area, of the residents that it has after."""
    people = other.areas.get("residents", pd.Series(np.nan, index=other.areas.index))
    people = np.asarray(people.reindex(areas), dtype=float)[:, None]
    shape = (len(areas), len(items))
    shares = (
        pairs[name].fillna(0.0).to_numpy().reshape(shape) for name in ("share_before", "share")
    )
    before, after = shares
    more = np.where(after > before + HAIR, after - before, 0.0) * people
    less = np.where(before > after + HAIR, before - after, 0.0) * people
    # Who gained one item may be who gained another: at least as many as of the most.
    groups = {
        key: tuple(float(np.nansum(one[:, mine].max(axis=1))) for one in (more, less))
        for key, mine in _members(other, items).items()
    }
    anything = (more.max(axis=1), less.max(axis=1))
    sums = Sums(
        anything,
        (np.nansum(more, axis=0), np.nansum(less, axis=0)),
        groups,
        tuple(float(np.nansum(one)) for one in anything),
    )
    return more, less, sums


def common(one: pd.Index, other: pd.Index) -> pd.Index:
    """Give the labels of the first that the other has, too."""
    return one[one.isin(other)]
