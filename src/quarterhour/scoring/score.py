"""The verdict: every area by the share of its residents within each item's limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.origins import check_origins
from quarterhour.scoring.assessable import MAPPED
from quarterhour.scoring.judge import (
    NO_FACILITY,
    Judged,
    Walks,
    judge,
    no_walks,
    walks_of,
    what_silence_means,
)
from quarterhour.scoring.question import require_share, surveyed_of
from quarterhour.standards.checklist import Checklist


def score(  # noqa: PLR0913 - each is asked for by a caller of its own
    times: pd.DataFrame,
    origins: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    quota: float = 0.5,
    surveyed: Collection[str] = (),
    shown: Collection[str] | None = None,
    edge_m: npt.ArrayLike | None = None,
    speed_m_s: float = 1.25,
) -> pd.DataFrame:
    """Judge every area by the share of its residents within each item's limit.

    Parameters
    ----------
    times
        ``origin``, ``item``, ``seconds``, ``facility``, ``status`` as
        :func:`quarterhour.nearest` gives them; ``host`` (bool), whether the facility only
        implies the item, is false where it is not given. Items with a limit in metres need
        ``metres``, the length of the walk, as :attr:`quarterhour.Scorecard.times` have it.
    origins
        As :func:`quarterhour.origins` gives them.
    areas
        The areas, for their index.
    checklist
        Items with their limits.
    quota
        Share of residents that has to be within the limit for an item to be met.
    surveyed
        Keys of items of which the facilities are complete: none nearby then means unmet.
        ``"all"`` in it stands for every item.
    shown
        Keys of items that the source of the facilities can show, as
        :func:`quarterhour.scoring.assessable.items_shown` tells; none: those of checkability A
        and B.
    edge_m
        Distance of each origin from the border of the data, in metres; none: no border.
    speed_m_s
        Speed at which a limit in minutes becomes the distance compared with ``edge_m``.

    Returns
    -------
    DataFrame
        As :meth:`quarterhour.Scorecard.to_frame` describes.

    Raises
    ------
    InputError
        If the quota is not a share, ``surveyed`` names an item that is not in the list, the
        times lack a column, or the origins are not those of the areas.
    """
    require_share(quota)
    surveyed = surveyed_of(surveyed, checklist)
    check_origins(origins, areas)
    times = _checked_walks(times, checklist)
    limits = {item.key: item.limit for item in checklist}
    walks = {
        (str(key), bool(host)): walks_of(mine, origins.index, limits[str(key)])
        for (key, host), mine in times.groupby(["item", "host"])
        if key in limits
    }
    terms = Terms(quota, frozenset(surveyed), shown, speed_m_s)
    return verdict(walks, Homes.of(origins, areas, edge_m), checklist, terms)


class Homes(NamedTuple):
    """What is asked of the homes: their areas and shares, and of each area what they make of it."""

    areas: pd.Index
    group: Ints
    share: Floats
    residents: Floats
    nearest_edge_m: Floats

    @classmethod
    def of(
        cls, origins: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, edge_m: npt.ArrayLike | None
    ) -> Homes:
        """Take it from the tables, which have been checked."""
        number, labels = pd.factorize(origins["area"])  # few labels are looked up, once each
        group = np.append(areas.index.get_indexer(labels), -1)[number]
        if (number < 0).any():  # an area may be called None
            group = areas.index.get_indexer(origins["area"])
        share = origins["share"].to_numpy(dtype=np.float64)
        edge = np.full(len(origins), np.inf) if edge_m is None else np.asarray(edge_m, dtype=float)
        people = origins["residents"].to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.bincount(group, weights=~np.isnan(people), minlength=len(areas)) > 0
        residents = np.bincount(group, weights=np.nan_to_num(people), minlength=len(areas))
        nearest = np.full(len(areas), np.inf)
        np.fmin.at(nearest, group, edge)
        return cls(areas.index, group, share, np.where(known, residents, np.nan), nearest)

    def within(self, areas: Ints) -> tuple[Homes, Ints]:
        """Give the homes of some areas (rows, in order) alone, and which of all they are."""
        number = np.full(len(self.areas), -1)
        number[areas] = np.arange(len(areas))
        group = number[self.group]
        mine = np.flatnonzero(group >= 0)
        some = (one[areas] for one in (self.residents, self.nearest_edge_m))
        return Homes(self.areas.take(areas), group[mine], self.share[mine], *some), mine


class Terms(NamedTuple):
    """What walks are judged by, beside the limits; the words are those of :func:`score`."""

    quota: float
    surveyed: frozenset[str]
    shown: Collection[str] | None
    speed_m_s: float


def among(checklist: Checklist, items: Collection[str]) -> Checklist:
    """Give a checklist of some of its items alone, without its hosts; itself, if these are all."""
    if len(mine := tuple(item for item in checklist if item.key in items)) == len(checklist):
        return checklist
    return replace(checklist, items=mine, hosts=())


def verdict(
    walks: Mapping[tuple[str, bool], Walks], homes: Homes, checklist: Checklist, terms: Terms
) -> pd.DataFrame:
    """Do what :func:`score` does; walks are given by item, those through a host apart."""
    return pd.DataFrame(verdict_cells(walks, homes, checklist, terms))


def verdict_cells(
    walks: Mapping[tuple[str, bool], Walks], homes: Homes, checklist: Checklist, terms: Terms
) -> dict[str, Any]:
    """Give the columns of a verdict."""
    quota, surveyed, shown, speed_m_s = terms
    n_areas = len(homes.areas)
    judged: list[Judged] = []
    metres: list[tuple[Floats, Floats]] = []
    nowhere = no_walks(len(homes.group))
    for item in checklist:
        direct, host = (walks.get((item.key, h), nowhere) for h in (False, True))
        full = item.key in surveyed or "all" in surveyed
        found = judge(direct, host, (homes.group, homes.share, n_areas), item.limit.most, quota)
        length = np.full(n_areas, np.nan), np.full(n_areas, np.nan)
        if item.limit.in_metres:  # told in minutes at the walker's speed, too
            length = found.median_minutes * 60, found.worst_minutes * 60
            minutes = found.median_minutes / speed_m_s, found.worst_minutes / speed_m_s
            found = found._replace(median_minutes=minutes[0], worst_minutes=minutes[1])
        metres.append(length)
        present = bool((direct.code != NO_FACILITY).any())
        can_show = item.checkability in MAPPED if shown is None else item.key in shown
        judged.append(what_silence_means(found, can_show=can_show, surveyed=full, present=present))
    # A column per item, so that the rows come out area by area.
    columns = {
        name: np.column_stack([getattr(one, name) for one in judged]) for name in Judged._fields
    }
    # Labels as they are, and None where there is none, whatever pandas makes of such a column.
    facility = pd.Series(columns.pop("facility").ravel(), dtype=object)
    named = ["median_minutes", "worst_minutes"]
    if any(item.limit.in_metres for item in checklist):
        for place, name in enumerate(("median_metres", "worst_metres")):
            columns[name] = np.column_stack([one[place] for one in metres])
            named.append(name)
    without = (1 - columns["share"]) * homes.residents[:, None]
    columns["residents_without"] = np.where(columns["status"] == "unknown", np.nan, without)
    reach_m = [item.limit.reach_m(speed_m_s) for item in checklist]
    near_edge = homes.nearest_edge_m[:, None] < np.array(reach_m)
    columns["edge_affected"] = (columns["status"] != "met") & near_edge
    order = ("status", "reason", "share", "residents_without", *named)
    return {
        "area": homes.areas.repeat(len(judged)),
        "item": np.tile(np.array(checklist.keys(), dtype=object), n_areas),
        **{name: columns[name].ravel() for name in order},
        "facility": facility,
        "edge_affected": columns["edge_affected"].ravel(),
    }


def _checked_walks(times: pd.DataFrame, checklist: Checklist) -> pd.DataFrame:
    """See that the walks have what the limits are compared with; walks are to places by default.

    Raises
    ------
    InputError
        If they have not.
    """
    needed = ["origin", "item", "seconds", "facility", "status"]
    in_metres = [item.key for item in checklist if item.limit.in_metres]
    if "item" in times and times["item"].isin(in_metres).any():
        needed.append("metres")
    if missing := [name for name in needed if name not in times]:
        why = f" The limit of {in_metres[0]} is in metres." if "metres" in missing else ""
        msg = (
            f"The times have no column {', '.join(missing)}.{why} Give walks as "
            "quarterhour.assess makes them (the times of a scorecard), or as "
            "quarterhour.nearest does for limits in minutes."
        )
        raise InputError(msg)
    return times if "host" in times else times.assign(host=False)
