"""The walks from every home to the nearest facility of every item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import in_order_of_labels
from quarterhour.places.frames import bare
from quarterhour.scoring.classified import labels_of
from quarterhour.scoring.question import HORIZON
from quarterhour.scoring.searched import Searched, Walk
from quarterhour.scoring.times_table import COLUMNS, Times, costs_of, timed, times_of
from quarterhour.scoring.walks import settle
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.items import Item
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import SNAP_LIMIT_M, placed_ends, placed_starts, require_snapped
from quarterhour.streets.traits import GOES_ON
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import ADULT, Pace, off_street_speed_m_s
from quarterhour.walking.travel_times import seconds_of, times_between


def walks_to_items(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    matches: pd.DataFrame,
    network: WalkNetwork,
    checklist: Checklist,
    pace: Pace = ADULT,
    *,
    at: tuple[Placed, Placed] | tuple[Placed, Placed, Searched] | None = None,
    horizon: float = HORIZON,
) -> pd.DataFrame:
    """Find the nearest facility of each item for every origin, by itself and through a host.

    ``at`` says where the origins and the facilities of the matches are on the network, where
    that is known, and what was searched before; ``horizon``, how many times the limit is
    searched.

    Returns
    -------
    DataFrame
        As :func:`quarterhour.nearest`, plus ``host``: whether the facility only implies the
        item, and ``metres``: the length of the walk, for items with a limit in metres (NaN for
        the others). The nearest one is then the nearest in metres of the streets that the walker
        may use, and ``seconds`` are these metres at the walker's speed. What is there but
        nowhere on the network is ``not_snapped``. An item that asks for several facilities is
        timed to the last of them. Where ``matches`` say what counts (as
        :func:`quarterhour.scoring.service.in_service` does), homes have the further statuses of
        :func:`quarterhour.scoring.walks.settle`.
    """
    if at is None:
        serving = facilities.loc[matches["facility"].unique()]
        at = placed_starts(origins, network), placed_ends(serving, network)
    homes, ends, *known = at
    searched = known[0] if known else Searched()
    tables = origins, facilities, matches
    walker = pace, horizon
    return walked_to_items(tables, network, checklist, walker, (homes, ends, searched)).copy()


def walked_to_items(
    tables: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame],
    network: WalkNetwork,
    checklist: Checklist,
    walker: tuple[Pace, float],
    at: tuple[Placed, Placed, Searched],
) -> Times:
    """Do what :func:`walks_to_items` does; the table is put together when it is asked for.

    ``tables`` are the origins, the facilities and the matches, ``walker`` the pace and the
    horizon.
    """
    origins, facilities, matches = tables
    pace, horizon = walker
    homes, ends, searched = at
    args = (homes, ends, network, rounds_of(checklist, pace, horizon), pace)
    if "counts" not in matches:
        return _walks(matches, *args, searched)
    walked = matches[matches["walk"]]
    times = _walks(walked[walked["counts"] == "yes"], *args, searched)
    if (matches["counts"] == "yes").all() and not matches["no_walk"].any():
        return times
    open_items = walked.loc[walked["counts"] == "perhaps", "item"].unique()
    perhaps = walked[(walked["counts"] != "no") & walked["item"].isin(open_items)]
    searched.whole = False  # what homes are told hangs on more than these walks
    possible = _walks(perhaps.assign(evidence=""), *args, Searched())
    both = times.kept(), possible.kept()
    return Times.of(settle(*both, matches, origins, facilities, checklist))


def _walks(
    matches: pd.DataFrame,
    homes: Placed,
    ends: Placed,
    network: WalkNetwork,
    rounds: Sequence[_Round],
    pace: Pace,
    searched: Searched,
) -> Times:
    """Search for the items of the matches, apart for those that a host implies."""
    speed = off_street_speed_m_s(pace)
    tables: list[pd.DataFrame | None] = []
    for by_host, items, minutes, walker, chosen, places in sought(matches, ends, rounds):
        if GOES_ON not in network.traits:
            require_snapped(homes.at, len(homes.labels), "origins", SNAP_LIMIT_M)
        several = {item.key: item.at_least for item in items if item.at_least > 1}
        walk = Walk(homes, network, seconds_of(minutes), walker, items[0].limit.in_metres)
        block = searched.nearest(walk, places, chosen["item"], hosts=by_host, anew=several)
        table = None
        if several and not by_host:
            ways = (homes, places, network, minutes, walker)
            table = _last_of_several(costs_of(block), chosen, several, *ways)
            table = timed(table, walk, speed).assign(host=by_host)[COLUMNS]
        tables.append(table)
    return times_of(searched, tables, speed)


class Sought(NamedTuple):
    """Items that are searched together, through hosts or not: matches, and where they are."""

    hosts: bool
    items: list[Item]
    minutes: float
    pace: Pace
    matches: pd.DataFrame
    places: Placed


def sought(matches: pd.DataFrame, ends: Placed, rounds: Sequence[_Round]) -> Iterator[Sought]:
    """Give what is searched together."""
    matches = bare(matches)
    for by_host in (False, True):
        mine = matches[(matches["evidence"] == "host") == by_host]
        if mine.empty:
            continue
        mine = mine.drop_duplicates(["facility", "item"])
        mine = mine.iloc[in_order_of_labels(mine["facility"])]  # of two as near, by label
        number, keys = pd.factorize(mine["item"])
        for items, minutes, walker in rounds:
            wanted = {item.key for item in items}
            chosen = mine[np.array([key in wanted for key in keys], dtype=bool)[number]]
            if not chosen.empty:
                places = ends.take(ends.labels.get_indexer(labels_of(chosen)))
                yield Sought(by_host, items, minutes, walker, chosen, places)


_Round = tuple[list[Item], float, Pace]


def rounds_of(checklist: Checklist, pace: Pace, horizon: float) -> list[_Round]:
    """Items that can be searched together: those with minutes, and those with metres."""
    rounds: list[_Round] = []
    for in_metres, walker in ((False, pace), (True, Metres(pace))):
        items = [item for item in checklist if item.limit.in_metres == in_metres]
        if items:
            most = max(item.limit.most for item in items)
            rounds.append((items, horizon * most / 60.0, walker))
    return rounds


def _last_of_several(
    found: pd.DataFrame,
    matches: pd.DataFrame,
    several: dict[str, int],
    homes: Placed,
    places: Placed,
    network: WalkNetwork,
    minutes: float,
    pace: Pace,
) -> pd.DataFrame:
    """Time the walks to items that ask for several places to the last of them."""
    tables = [found[~found["item"].isin(list(several))]]
    for item, count in several.items():
        table = found[found["item"] == item].set_index("origin")
        if not (table["status"] == "within_limit").any():
            tables.append(table.reset_index())
            continue
        rows = np.flatnonzero(matches["item"] == item)
        walks = times_between(homes, places.take(rows), network, minutes, pace=pace).to_frame()
        mine = matches.iloc[rows].set_index("facility", drop=False)
        walks["place"] = walks["destination"].map(mine.get("place", mine["facility"]))
        walks = walks.sort_values(["origin", "seconds"], kind="stable")
        walks = walks.drop_duplicates(["origin", "place"])
        last = walks[walks.groupby("origin").cumcount() == count - 1].set_index("origin")
        short = (table["status"] == "within_limit") & ~table.index.isin(last.index)
        tables.append(
            table.assign(
                seconds=last["seconds"].reindex(table.index),
                facility=last["destination"].reindex(table.index),
                status=table["status"].mask(short, "beyond_limit"),
            ).reset_index()
        )
    return pd.concat(tables, ignore_index=True)
