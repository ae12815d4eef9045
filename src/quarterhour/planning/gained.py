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
    one, two = card.origins, other.origins
    if one is not two:
        one, two = one.iloc[rows[0]], two.iloc[rows[1]]
        for column in ("share", "residents"):
            mine, theirs = (home[column].to_numpy(dtype=float) for home in (one, two))
            if not np.allclose(mine, theirs, equal_nan=True):
                return None
    residents = one["residents"].to_numpy(dtype=float)
    known = bool(np.isfinite(residents).all() and residents.sum() > 0)
    return Same(
        *rows,
        residents if known else np.ones(len(one)),
        _rows_of(areas, one),
        once(one),
        "residents" if known else "residences",
    )


def _rows_of(areas: pd.Index, homes: gpd.GeoDataFrame) -> Ints:
    """Give the position of the area of each home, -1 where it is none of these."""
    return np.asarray(areas.get_indexer(pd.Index(homes["area"])), dtype=np.int64)


def paired_homes(
    one: gpd.GeoDataFrame, two: gpd.GeoDataFrame, areas: pd.Index
) -> tuple[Ints, Ints] | None:
    """Rows of two tables of homes that are the same home, if every home has its other."""
    if one is two and one["area"].isin(areas).all():
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
    """Items by homes: who has what within the limit, by itself or through a host."""
    known = {key: row for row, key in enumerate(card.checklist.keys())}
    near = near_of(card).by_host
    found = np.zeros((len(items), len(card.origins)), dtype=bool)
    for number, key in enumerate(items.tolist()):
        if key in known:
            found[number] = near[known[key]]
    return found


def by_home(
    card: Scorecard, other: Scorecard, homes: Same, areas: pd.Index, items: pd.Index
) -> tuple[Floats, Floats, Sums]:
    """Gained and lost of homes that are the same in both: per area and item, and the sums."""
    before, after = (within(one, items) for one in (card, other))
    if card.origins is not other.origins:
        before, after = before[:, homes.before], after[:, homes.after]
    both: tuple[Mask, Mask] = after & ~before, before & ~after
    weight = homes.weight * homes.once

    def people(flags: Mask) -> float:
        return float(weight[flags].sum()) if flags.any() else 0.0

    groups = {
        group: tuple(people(_any(flags[mine])) for flags in both)
        for group, mine in _members(other, items).items()
    }
    n = len(areas)
    anybody = tuple(_any(flags) for flags in both)
    more, less = (np.column_stack([_by_area(homes, one, n) for one in flags]) for flags in both)
    sums = Sums(
        (_by_area(homes, anybody[0], n), _by_area(homes, anybody[1], n)),
        (np.array([people(one) for one in both[0]]), np.array([people(one) for one in both[1]])),
        groups,
        tuple(people(one) for one in anybody),
    )
    return more, less, sums


def _any(flags: Mask) -> Mask:
    """Homes of which any of several things holds."""
    return np.asarray(flags.any(axis=0), dtype=bool)


def _by_area(homes: Same, flags: Mask, n: int) -> Floats:
    """Sum the weights of flagged homes by area."""
    rows = np.flatnonzero(flags)
    found = np.bincount(homes.area[rows], weights=homes.weight[rows], minlength=n)
    return np.asarray(found, dtype=np.float64)


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
    return one if one is other or one.equals(other) else one[one.isin(other)]
