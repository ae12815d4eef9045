"""Two scorecards side by side: who gained, who lost, what turned, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Mask
from quarterhour.errors import InputError
from quarterhour.places.origins import BEHIND
from quarterhour.scoring.judge import costs
from quarterhour.scoring.scorecard import Scorecard

HAIR = 1e-9

WHY = {
    "new_facility": "a facility that was not there before is within the limit",
    "facility_gone": "the facility that was nearest is there no more",
    "facility_changed": "the facility that is nearest has changed",
    "limit_changed": "the item asks for something else",
    "shorter_walk": "the way to the nearest facility is shorter",
    "longer_walk": "the way to the nearest facility is longer",
    "other_facility": "another facility is nearest",
    "few_more": "the share of residents within the limit has crossed the quota",
    "known_now": "what was unknown is known",
    "unknown_now": "what was known is unknown",
}
"""Why an answer turned, by the word in the column ``why``."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two scorecards side by side; areas are matched by their labels, items by their keys.

    Attributes
    ----------
    turned
        One row per area and item whose status or reason is another: ``area``, ``item``,
        ``status_before``, ``status``, ``reason_before``, ``reason``, ``gained``, ``lost``,
        ``minutes_before``, ``minutes``, ``facility_before``, ``facility``, ``why`` (a word of
        :data:`quarterhour.planning.compare.WHY`).
    pairs
        The same for every area and item of both.
    areas
        One row per area: ``name``, ``gained`` (who have an item more within the limit),
        ``lost`` (who have one less), ``met_before``, ``met``.
    items, groups
        One row per item, per group of items: ``gained``, ``lost``, and for items
        ``areas_turned_met``, ``areas_turned_unmet``.
    measure
        ``residents``; ``residences`` where residents are not known everywhere; or
        ``residents, net`` where homes are not the same in both, so that in each area who gained
        is set off against who lost.
    unmatched
        What is in one of them only: ``what`` (area or item), ``label``, ``where`` (before,
        after).
    gained, lost
        Who have any item more, and who have any less; a home in two areas counts once.
    before, after
        The scorecards.
    """

    turned: pd.DataFrame
    pairs: pd.DataFrame
    areas: pd.DataFrame
    items: pd.DataFrame
    groups: pd.DataFrame
    measure: str
    unmatched: pd.DataFrame
    gained: float
    lost: float
    before: Scorecard
    after: Scorecard

    def __repr__(self) -> str:
        status = self.turned["status_before"] != self.turned["status"]
        met = int((status & (self.turned["status"] == "met")).sum())
        unmet = int((status & (self.turned["status_before"] == "met")).sum())
        alone = f"; {len(self.unmatched)} areas or items in one only" if len(self.unmatched) else ""
        return (
            f"<Comparison of {len(self.areas):,} areas × {len(self.items)} items: {met} turned "
            f"met, {unmet} met no more; {self.gained:,.0f} {self.measure} gained "
            f"an item, {self.lost:,.0f} lost one{alone}>"
        )


def compare(card: Scorecard, other: Scorecard) -> Comparison:
    """Hold two scorecards beside each other: what the second has more and less.

    Residents gain an item if they have it within its limit in the second and not in the first,
    by a place of its own or through a host. Where the homes are the same, each is looked at;
    else the shares of each area are. A home in two areas counts in each, and once in sums over
    areas.

    Parameters
    ----------
    card
        Before.
    other
        After.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If they have no area, or no item, in common.
    """
    before, after = (one.results for one in (card, other))
    areas, items = _common(card.areas.index, other.areas.index), _common(*_keys(card, other))
    for shared, what in ((areas, "area"), (items, "item")):
        if len(shared) == 0:
            msg = f"The two scorecards have no {what} in common: areas are matched by their labels."
            raise InputError(msg)
    pairs = _pairs(before, after, areas, items)
    homes = _homes(card, other)
    if homes is None:
        measure = "residents, net"
        gained, lost, sums = _net(other, pairs, areas, items)
    else:
        measure = homes.measure
        gained, lost, sums = _by_home(card, other, homes, areas, items)
    pairs["gained"], pairs["lost"] = gained.ravel(), lost.ravel()
    pairs["why"] = _why(pairs, card, other)
    changed = pairs["status"] != pairs["status_before"]
    changed |= pairs["reason"] != pairs["reason_before"]
    table = _areas_table(pairs, other, areas, sums)
    return Comparison(
        turned=pairs[changed].reset_index(drop=True),
        pairs=pairs,
        areas=table,
        items=_items_table(pairs, items, sums),
        groups=_groups_table(sums),
        measure=measure,
        unmatched=_unmatched(card, other),
        gained=sums.total[0],
        lost=sums.total[1],
        before=card,
        after=other,
    )


@dataclass(frozen=True, eq=False)
class _Same:
    """Homes that are the same in both: weight, area (row among the common ones), counted once."""

    weight: Floats
    area: npt.NDArray[np.int64]
    once: Mask
    measure: str


@dataclass(frozen=True, eq=False)
class _Sums:
    """Gained and lost by area, item and group, and in all."""

    areas: tuple[Floats, Floats]
    items: tuple[Floats, Floats]
    groups: dict[str, tuple[float, ...]]
    total: tuple[float, ...]


def _common(one: pd.Index, other: pd.Index) -> pd.Index:
    return one[one.isin(other)]


def _keys(card: Scorecard, other: Scorecard) -> tuple[pd.Index, pd.Index]:
    return pd.Index(card.checklist.keys()), pd.Index(other.checklist.keys())


def _pairs(
    before: pd.DataFrame, after: pd.DataFrame, areas: pd.Index, items: pd.Index
) -> pd.DataFrame:
    """Results of both, one row per area and item that both have."""
    whole = pd.MultiIndex.from_product([areas, items], names=["area", "item"])
    one, two = (table.set_index(["area", "item"]).reindex(whole) for table in (before, after))
    return pd.DataFrame(
        {
            "status_before": one["status"],
            "status": two["status"],
            "reason_before": one["reason"],
            "reason": two["reason"],
            "share_before": one["share"],
            "share": two["share"],
            "minutes_before": one["median_minutes"],
            "minutes": two["median_minutes"],
            "facility_before": one["facility"],
            "facility": two["facility"],
        }
    ).reset_index()


def _homes(card: Scorecard, other: Scorecard) -> _Same | None:
    """Homes, if they are the same in both and their walks are known."""
    one, two = card.origins, other.origins
    if len(card.times) == 0 or len(other.times) == 0 or not one.index.equals(two.index):
        return None
    if not (one["area"].equals(two["area"]) and np.allclose(one["share"], two["share"])):
        return None
    again = one.get("again", pd.Series(data=False, index=one.index))
    residents = one["residents"].to_numpy(dtype=float)
    if not np.allclose(residents, two["residents"].to_numpy(dtype=float), equal_nan=True):
        return None
    known = bool(np.isfinite(residents).all() and residents.sum() > 0)
    areas = _common(card.areas.index, other.areas.index)
    return _Same(
        residents if known else np.ones(len(one)),
        np.asarray(areas.get_indexer(one["area"])),
        ~np.asarray(again, dtype=bool),
        "residents" if known else "residences",
    )


def _within(card: Scorecard, items: pd.Index) -> Mask:
    """Which homes have which items within the limit, by themselves or through a host."""
    times = card.times
    cost, most = costs(times, card.checklist)
    near = np.asarray((cost <= most) & np.isfinite(cost), dtype=bool)
    home = card.origins.index.get_indexer(pd.Index(times["origin"]))[near]
    item = items.get_indexer(pd.Index(times["item"]))[near]
    found = np.zeros((len(card.origins), len(items)), dtype=bool)
    found[home[item >= 0], item[item >= 0]] = True
    return found


def _by_home(
    card: Scorecard, other: Scorecard, homes: _Same, areas: pd.Index, items: pd.Index
) -> tuple[Floats, Floats, _Sums]:
    before, after = _within(card, items), _within(other, items)
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
    return (*per_pair, _Sums(anything, per_item, groups, total))  # type: ignore[return-value,arg-type]


def _of_any(flags: Mask) -> Floats:
    """One column: 1 where any column is set."""
    return np.asarray(flags.any(axis=1), dtype=np.float64)[:, None]


def _by_area(homes: _Same, flags: Mask | Floats, n: int) -> Floats:
    """Sum the weights of flagged homes by area, for each column of flags."""
    columns = [
        np.bincount(homes.area, weights=homes.weight * column, minlength=n) for column in flags.T
    ]
    return np.column_stack(columns)


def _members(card: Scorecard, items: pd.Index) -> dict[str, npt.NDArray[np.int64]]:
    group = np.array([card.checklist[key].group for key in items], dtype=object)
    keys = [one.key for one in card.checklist.groups]
    return {key: np.flatnonzero(group == key) for key in keys if (group == key).any()}


def _net(
    other: Scorecard, pairs: pd.DataFrame, areas: pd.Index, items: pd.Index
) -> tuple[Floats, Floats, _Sums]:
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
    sums = _Sums(
        anything,
        (np.nansum(more, axis=0), np.nansum(less, axis=0)),
        groups,
        tuple(float(np.nansum(one)) for one in anything),
    )
    return more, less, sums


def _why(pairs: pd.DataFrame, card: Scorecard, other: Scorecard) -> npt.NDArray[np.object_]:
    """Say why each pair is as it is after, where anything of it has changed."""
    status_before, status = pairs["status_before"], pairs["status"]
    then, now = pairs["facility_before"], pairs["facility"]
    minutes_before, minutes = pairs["minutes_before"], pairs["minutes"]
    limits = [
        key
        for key in pairs["item"].unique()
        if card.checklist[key].limit != other.checklist[key].limit
        or card.checklist[key].at_least != other.checklist[key].at_least
    ]
    there, here = pd.Index(card.facilities.index), pd.Index(other.facilities.index)
    edited = _edited(card, other)
    new = now.notna() & ~now.isin(there)
    gone = then.notna() & ~then.isin(here)
    changed = now.isin(edited) | then.isin(edited)
    same = (then == now) & then.notna()
    tests = [
        (pairs["item"].isin(limits), "limit_changed"),
        (new, "new_facility"),
        (gone, "facility_gone"),
        (changed, "facility_changed"),
        (same & (minutes < minutes_before - HAIR), "shorter_walk"),
        (same & (minutes > minutes_before + HAIR), "longer_walk"),
        (now.notna() & (then != now), "other_facility"),
        ((status_before == "unknown") & (status != "unknown"), "known_now"),
        ((status == "unknown") & (status_before != "unknown"), "unknown_now"),
    ]
    why = np.select([np.asarray(test, dtype=bool) for test, _ in tests], [w for _, w in tests], "")
    why = why.astype(object)
    touched = (status != status_before) | (pairs["reason"] != pairs["reason_before"])
    touched |= (pairs["gained"] > 0) | (pairs["lost"] > 0)
    why[(touched & (why == "")).to_numpy()] = "few_more"
    why[~touched.to_numpy()] = ""
    return why


def _edited(card: Scorecard, other: Scorecard) -> list[Any]:
    """Facilities that are in both and not alike."""
    if card.facilities is other.facilities:
        return []
    one, two = card.facilities, other.facilities
    both = _common(one.index, two.index)
    one, two = one.loc[both], two.loc[both]
    moved = ~one.geometry.to_crs(two.crs).geom_equals_exact(two.geometry, 0.01).to_numpy()
    for column in two.columns.difference(["exits", "entrances", BEHIND, two.geometry.name]):
        mine = one.get(column, pd.Series(None, index=both, dtype=object))
        a, b = mine.astype(object), two[column].astype(object)
        moved |= ~((a == b) | (a.isna() & b.isna())).to_numpy(dtype=bool)
    return list(both[moved])


def _areas_table(
    pairs: pd.DataFrame, other: Scorecard, areas: pd.Index, sums: _Sums
) -> pd.DataFrame:
    met = [
        (pairs[name] == "met").to_numpy().reshape(len(areas), -1).sum(axis=1)
        for name in ("status_before", "status")
    ]
    names = other.areas.get("name", pd.Series(None, index=other.areas.index, dtype=object))
    return pd.DataFrame(
        {
            "name": names.reindex(areas),
            "gained": sums.areas[0],
            "lost": sums.areas[1],
            "met_before": met[0],
            "met": met[1],
        },
        index=areas.rename("area"),
    )


def _items_table(pairs: pd.DataFrame, items: pd.Index, sums: _Sums) -> pd.DataFrame:
    was, now = ((pairs[name] == "met") for name in ("status_before", "status"))
    up = (~was & now).groupby(pairs["item"]).sum().reindex(items)
    down = (was & ~now).groupby(pairs["item"]).sum().reindex(items)
    return pd.DataFrame(
        {
            "gained": sums.items[0],
            "lost": sums.items[1],
            "areas_turned_met": up.to_numpy(dtype=int),
            "areas_turned_unmet": down.to_numpy(dtype=int),
        },
        index=items.rename("item"),
    )


def _groups_table(sums: _Sums) -> pd.DataFrame:
    rows = list(sums.groups.values())
    index = pd.Index(list(sums.groups), name="group")
    return pd.DataFrame(rows, columns=["gained", "lost"], index=index)


def _unmatched(card: Scorecard, other: Scorecard) -> pd.DataFrame:
    keys = _keys(card, other)
    labels = {"area": (card.areas.index, other.areas.index), "item": keys}
    rows = [
        (what, label, where)
        for what, (one, two) in labels.items()
        for mine, others, where in ((one, two, "before"), (two, one, "after"))
        for label in mine[~mine.isin(others)]
    ]
    return pd.DataFrame(rows, columns=["what", "label", "where"])
