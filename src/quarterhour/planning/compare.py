"""Two scorecards side by side: who gained, who lost, what turned, and why."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.frames import bare
from quarterhour.places.origins import BEHIND
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.gained import HAIR, Sums, by_home, common, net, same_homes
from quarterhour.planning.matched import aligned, counts_rows
from quarterhour.planning.sides import Side, sides
from quarterhour.scoring.question import Question
from quarterhour.scoring.reached import since_of
from quarterhour.scoring.rows_before import RowsBefore
from quarterhour.scoring.scorecard import Scorecard

_DERIVED = ("exits", "entrances", BEHIND)
"""Columns of facilities that follow from others."""


def compare(before: Side, after: Side, *, of: Scorecard | Question | None = None) -> Comparison:
    """Hold two answers beside each other: what the second has more and less, and why.

    Areas are matched by their ids, those that have none (row numbers, clusters) by the land that
    they share, never by row. Residents gain an item if they have it within its limit in the
    second and not in the first, by a place of its own or through a host. Where the homes are the
    same, each is looked at; else the shares of each area are. A home in two areas counts in
    each, and once in sums over areas. What the change is due to, homes, streets, facilities,
    checklist, parameters or version, is told by :attr:`Comparison.causes`.

    Parameters
    ----------
    before, after
        Each a scorecard, or the folder of a saved one. Or, of the question of another one: a
        year or a day (``2020``, ``"2020-06-30"``: facilities that were there at its end), a
        table of facilities, streets, or an extract as :func:`quarterhour.read_osm` gives it.
    of
        Whose question is asked of a year, a table or an extract: a scorecard, or for extracts
        a question. If not given, the scorecard on the other side.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If they have no area, or no item, in common; or a side is none of these.

    Examples
    --------
    >>> qh.compare("out/2024", "out/2025").causes  # doctest: +SKIP
    >>> qh.compare(2019, 2025, of=card)  # doctest: +SKIP
    """
    card, other = sides(before, after, of)
    card, matched = aligned(card, other)
    return _compared(card, other, matched)


def _compared(card: Scorecard, other: Scorecard, matched: pd.DataFrame) -> Comparison:
    before, after = (one.results for one in (card, other))
    areas, items = common(card.areas.index, other.areas.index), common(*_keys(card, other))
    for shared, what in ((areas, "area"), (items, "item")):
        if len(shared) == 0:
            msg = (
                f"The two scorecards have no {what} in common: areas are matched by "
                "their ids, else by the land that they share."
            )
            raise InputError(msg)
    pairs = _pairs(before, after, areas, items)
    homes = same_homes(card, other)
    if homes is None:
        measure = "residents, net"
        gained, lost, sums = net(other, pairs, areas, items)
    else:
        measure = homes.measure
        gained, lost, sums = by_home(card, other, homes, areas, items)
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
        matched=matched,
        gained=sums.total[0],
        lost=sums.total[1],
        before=card,
        after=other,
    )


def _keys(card: Scorecard, other: Scorecard) -> tuple[pd.Index, pd.Index]:
    return pd.Index(card.checklist.keys()), pd.Index(other.checklist.keys())


def _pairs(
    before: pd.DataFrame, after: pd.DataFrame, areas: pd.Index, items: pd.Index
) -> pd.DataFrame:
    """Results of both, one row per area and item that both have."""
    area = np.repeat(areas.to_numpy(dtype=object), len(items))
    item = np.tile(items.to_numpy(dtype=object), len(areas))
    one, two = (_in_order(table, (area, item), (areas, items)) for table in (before, after))
    labels = pd.Index(areas.to_numpy()) if areas.dtype == object else areas  # texts as text
    return pd.DataFrame(
        {
            "area": labels.repeat(len(items)),
            "item": item,
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
    )


def _in_order(
    results: pd.DataFrame,
    wanted: tuple[npt.NDArray[np.object_], ...],
    of: tuple[pd.Index, pd.Index],
) -> pd.DataFrame:
    """Give the results of some areas and items, area by area; most are in this order already."""
    if len(results) == len(wanted[0]):
        there = (results[name].to_numpy(dtype=object) for name in ("area", "item"))
        if all(np.array_equal(*pair) for pair in zip(there, wanted, strict=True)):
            return results.reset_index(drop=True)
    whole = pd.MultiIndex.from_product(of, names=["area", "item"])
    return results.set_index(["area", "item"]).reindex(whole).reset_index()


def _why(pairs: pd.DataFrame, card: Scorecard, other: Scorecard) -> npt.NDArray[np.object_]:
    """Say why each pair is as it is after, where anything of it has changed."""
    status_before, status = (_bare(pairs, name) for name in ("status_before", "status"))
    reason_before, reason = (_bare(pairs, name) for name in ("reason_before", "reason"))
    then, now = pairs["facility_before"], pairs["facility"]
    minutes_before, minutes = pairs["minutes_before"].to_numpy(), pairs["minutes"].to_numpy()
    limits = [] if card.checklist is other.checklist else _other_limits(pairs, card, other)
    if (since := since_of(card, other)) is not None:
        there = since.replaces
        edited = _unlike(card.facilities, since.rows[there]) if there.any() else []
        new, gone = now.isin(since.rows.index[~there]), then.isin(since.gone)
    else:
        edited = _edited(card, other)
        new, gone = _only(now, card, other), _only(then, other, card)
    changed = now.isin(edited) | then.isin(edited)
    there_now, same = now.notna().to_numpy(), (then == now).to_numpy(dtype=bool)
    walked = same & there_now
    tests = [
        (pairs["item"].isin(limits), "limit_changed"),
        (new, "new_facility"),
        (gone, "facility_gone"),
        (changed, "facility_changed"),
        (walked & (minutes < minutes_before - HAIR), "shorter_walk"),
        (walked & (minutes > minutes_before + HAIR), "longer_walk"),
        (there_now & ~same, "other_facility"),
        ((status_before == "unknown") & (status != "unknown"), "known_now"),
        ((status == "unknown") & (status_before != "unknown"), "unknown_now"),
    ]
    why = np.select([np.asarray(test, dtype=bool) for test, _ in tests], [w for _, w in tests], "")
    why = why.astype(object)
    touched = (status != status_before) | (reason != reason_before)
    touched |= (pairs["gained"].to_numpy() > 0) | (pairs["lost"].to_numpy() > 0)
    why[touched & (why == "")] = "few_more"
    why[~touched] = ""
    return why


def _bare(pairs: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """Give the words of a column as bare objects, which are quicker to hold beside others."""
    return pairs[name].to_numpy(dtype=object)


def _other_limits(pairs: pd.DataFrame, card: Scorecard, other: Scorecard) -> list[str]:
    """Name the items that ask for another walk, or for more places, than they did."""
    return [
        key
        for key in pairs["item"].unique()
        if card.checklist[key].limit != other.checklist[key].limit
        or card.checklist[key].at_least != other.checklist[key].at_least
    ]


def _only(found: pd.Series[Any], other: Scorecard, own: Scorecard) -> pd.Series[Any]:
    """Which places the other scorecard does not have.

    Of results alone there are the labels of what serves an item, and numbers of rows say nothing.
    """
    if "facilities" not in (*own.missing, *other.missing):
        codes, known = pd.factorize(found)  # which are few; those of the other are many
        strange = other.facilities.index.get_indexer(pd.Index(known)) < 0
        return pd.Series(np.append(strange, False)[codes], index=found.index)
    labels = other.matches["facility"].map(str)
    named = ~counts_rows(pd.Index(found.map(str)))
    return found.notna() & ~found.map(str).isin(labels) & named


def _edited(card: Scorecard, other: Scorecard) -> list[Any]:
    """Facilities that are in both and not alike."""
    if "facilities" in (*card.missing, *other.missing) or card.facilities is other.facilities:
        return []
    one, two = card.facilities, other.facilities
    if (rows := RowsBefore.of(two, one)) is not None:  # of most rows all is the very same
        one, two = one.iloc[rows.row[~rows.same & (rows.row >= 0)]], two.iloc[~rows.same]
    return _unlike(one, two)


def _unlike(one: gpd.GeoDataFrame, two: gpd.GeoDataFrame) -> list[Any]:
    """Labels that two tables have for rows that are not alike."""
    if len(both := common(one.index, two.index)) == 0:
        return []
    one, two = one.loc[both], two.loc[both]
    moved = ~one.geometry.to_crs(two.crs).geom_equals_exact(two.geometry, 0.01).to_numpy()
    columns = two.columns.union(one.columns).difference([*_DERIVED, "geometry"])
    a, b = (_cells(table, columns) for table in (one, two))
    other = ~((a == b) | (a.isna() & b.isna())).to_numpy(dtype=bool)
    return list(both[moved | other.reshape(-1, len(both)).any(axis=0)])


def _cells(table: gpd.GeoDataFrame, columns: pd.Index) -> pd.Series[Any]:
    """Give the cells of some columns, one column after the other; none where there is none."""
    plain, nothing = bare(table), np.full(len(table), None, dtype=object)
    cells = [plain[n].to_numpy(dtype=object) if n in plain else nothing for n in columns]
    return pd.Series(np.concatenate([*cells, nothing[:0]]), dtype=object)


def _areas_table(
    pairs: pd.DataFrame, other: Scorecard, areas: pd.Index, sums: Sums
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


def _items_table(pairs: pd.DataFrame, items: pd.Index, sums: Sums) -> pd.DataFrame:
    met = ((pairs[name] == "met").to_numpy() for name in ("status_before", "status"))
    was, now = (one.reshape(-1, len(items)) for one in met)
    return pd.DataFrame(
        {
            "gained": sums.items[0],
            "lost": sums.items[1],
            "areas_turned_met": (~was & now).sum(axis=0),
            "areas_turned_unmet": (was & ~now).sum(axis=0),
        },
        index=items.rename("item"),
    )


def _groups_table(sums: Sums) -> pd.DataFrame:
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
        for label in ([] if mine.equals(others) else mine[~mine.isin(others)])
    ]
    return pd.DataFrame(rows, columns=["what", "label", "where"])
