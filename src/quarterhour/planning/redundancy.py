"""Several places of one kind in reach, and how many residents go to each (避免重复建设)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from quarterhour.arrays import Ints
from quarterhour.errors import InputError
from quarterhour.scoring.by_part import board_of
from quarterhour.scoring.judge import costs
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.items import Item
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import SNAP_LIMIT_M, placed_ends, placed_starts
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import ADULT
from quarterhour.walking.travel_times import times_between

BLOCK_PAIRS = 8_000_000
"""Homes times places that are searched at once."""

CHOICES = ("none", "one", "two", "three_or_more")


def redundancy(card: Scorecard) -> pd.DataFrame:
    """Count residents by how many places of each item they have within its limit.

    A place listed twice is one. Places that only imply an item do not count, nor do those that
    come to the home.

    Parameters
    ----------
    card
        The scorecard.

    Returns
    -------
    DataFrame
        One row per item: ``places`` (in the table, of those that count), residents with ``none``,
        ``one``, ``two`` and ``three_or_more`` of them in reach, ``unknown`` (none in reach, and
        the data may not show all), ``unit`` (residences where nobody has counted), and
        ``mean_places`` in reach of those known.

    Raises
    ------
    InputError
        If the scorecard has no homes.
    """
    board = board_of(card)
    weight, unit = board.people()
    rows = []
    for number, item in enumerate(card.checklist):
        places = _places(card, item)
        count = _within_reach(card, item, places)
        known = (count > 0) | board.known[board.reached.home, number]
        row: dict[str, object] = {"item": item.key, "places": places["place"].nunique()}
        for choice, name in enumerate(CHOICES):
            mine = (count == choice) if choice < len(CHOICES) - 1 else (count >= choice)
            row[name] = float(weight[mine & known].sum())
        total = float(weight[known].sum())
        row |= {"unknown": float(weight[~known].sum()), "unit": unit}
        row["mean_places"] = float((count * weight)[known].sum()) / total if total else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def place_loads(card: Scorecard, capacity: str = "capacity") -> pd.DataFrame:
    """Count the residents who have each place nearest, and hold them against its capacity.

    Parameters
    ----------
    card
        The scorecard.
    capacity
        Column of the facilities: for how many people each is there.

    Returns
    -------
    DataFrame
        One row per item and facility that is the nearest of somebody within the limit:
        ``item``, ``facility``, ``name``, ``residents`` (``unit``), ``capacity`` (NaN where it
        is not known) and ``residents_per_capacity``; those with most residents first.

    Raises
    ------
    InputError
        If the scorecard has no homes, or a capacity is no number.
    """
    board = board_of(card)
    weight, unit = board.people()
    walks = card.times
    cost, most = costs(walks, card.checklist)
    mine = walks[(cost <= most) & ~walks["host"].to_numpy(dtype=bool)]
    mine = mine[mine["facility"].notna()]
    home = card.origins.index.get_indexer(pd.Index(mine["origin"]))
    table = mine.assign(residents=weight[home])[["item", "facility", "residents"]]
    table = table.groupby(["item", "facility"], sort=False, as_index=False).sum()
    facilities = card.facilities
    row = facilities.index.get_indexer(pd.Index(table["facility"]))
    names = facilities.get("name", pd.Series(None, index=facilities.index, dtype=object))
    held = _capacities(card, capacity)[row]
    people = table["residents"].to_numpy(dtype=np.float64)
    table["name"] = names.to_numpy(dtype=object)[row]
    table["unit"] = unit
    table["capacity"] = held
    ratio = np.full(len(people), np.nan)
    table["residents_per_capacity"] = np.divide(people, held, out=ratio, where=held > 0)
    order = {key: n for n, key in enumerate(card.checklist.keys())}
    table = table.assign(_n=table["item"].map(order))
    table = table.sort_values(["_n", "residents"], ascending=[True, False], kind="stable")
    columns = ["item", "facility", "name", "residents", "unit", "capacity"]
    found: pd.DataFrame = table[[*columns, "residents_per_capacity"]].reset_index(drop=True)
    return found


def _capacities(card: Scorecard, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if column not in card.facilities:
        return np.full(len(card.facilities), np.nan)
    cells = card.facilities[column]
    numbers = np.array(pd.to_numeric(cells, errors="coerce"), dtype=np.float64)
    wrong = np.isnan(numbers) & cells.notna().to_numpy() | (numbers < 0)
    if wrong.any():
        msg = f"{int(wrong.sum())} capacities in {column!r} are no numbers of at least 0."
        raise InputError(msg)
    return numbers


def _places(card: Scorecard, item: Item) -> pd.DataFrame:
    """Give the facilities that serve an item by themselves and are walked to."""
    matches = card.matches
    mine = matches[(matches["item"] == item.key) & (matches["evidence"] != "host")]
    if "counts" in mine:
        mine = mine[(mine["counts"] == "yes") & mine["walk"].to_numpy(dtype=bool)]
    mine = mine.drop_duplicates("facility")
    place = mine["place"] if "place" in mine else mine["facility"]
    return pd.DataFrame({"facility": mine["facility"], "place": place})


def _within_reach(card: Scorecard, item: Item, places: pd.DataFrame) -> Ints:
    """Count the places of an item within its limit, of each home."""
    count = np.zeros(len(card.origins), dtype=np.int64)
    if places.empty:
        return count
    question = card.question
    pace = ADULT if question is None else question.pace
    snap_m = SNAP_LIMIT_M if question is None else question.snap_limit_m
    ends = placed_ends(card.facilities.loc[places["facility"]], card.network, snap_m)
    code, _ = pd.factorize(places["place"])
    walker = Metres(pace) if item.limit.in_metres else pace
    homes = placed_starts(card.origins, card.network, snap_m)
    if not ends.snapped.any() or not homes.snapped.any():
        return count
    for rows in _blocks(homes, len(places)):
        minutes = item.limit.most / 60
        walks = times_between(homes.take(rows), ends, card.network, minutes, pace=walker)
        pairs = np.unique(np.column_stack([walks.origin, code[walks.destination]]), axis=0)
        count[rows] += np.bincount(pairs[:, 0], minlength=len(rows))
    return count


def _blocks(homes: Placed, n_places: int) -> Iterator[Ints]:
    """Homes on the streets, some at a time."""
    snapped = np.flatnonzero(homes.snapped)
    size = max(1, BLOCK_PAIRS // max(1, n_places))
    for first in range(0, len(snapped), size):
        yield snapped[first : first + size]
