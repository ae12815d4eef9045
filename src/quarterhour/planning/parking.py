"""Parking that neighbours share: residents' cars and offices' lots, by day and by night."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array

from quarterhour.arrays import Floats, Mask
from quarterhour.errors import InputError
from quarterhour.places.cell_words import cells_not_understood, half_width
from quarterhour.places.datum import needs_datum
from quarterhour.places.notes import Note
from quarterhour.planning.site_walks import walks_to_candidates
from quarterhour.scoring.hours import states_at
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.walking.pace import off_street_speed_m_s

WINDOWS: Mapping[str, str] = {"day": "10:00", "night": "22:00"}
"""The windows that are looked at where none are given, each by a time of day in it."""

_WINDOW = re.compile(r"(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)\D*?(\d+)")
_HOUR_S = 3600.0
_ONLY_THEN = ("closed", "hours_unknown")


@dataclass(frozen=True, eq=False, repr=False)
class Parking:
    """Cars and spaces in each window of the day.

    Attributes
    ----------
    areas
        One row per window and area: ``window``, ``area``, ``name``, ``cars`` that are there then,
        ``spaces`` of the area's own, ``short`` (cars without a space of their own), ``placed``
        (of these, in lots within the walk), ``without``, ``spare`` (own spaces that are empty,
        and could be lent) and ``mean_minutes`` of the walk to the lots.
    lots
        One row per window and lot: ``window``, ``facility``, ``name``, ``spaces`` then, ``used``
        and ``free``.
    minutes
        How far people walk to their car.
    notes
        What is not known, in sentences.
    """

    areas: pd.DataFrame
    lots: pd.DataFrame
    minutes: float
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        sums = self.areas.groupby("window", sort=False)[["short", "placed"]].sum()
        told = "; ".join(
            f"{window} {row['placed']:,.0f} of {row['short']:,.0f} cars"
            for window, row in sums.iterrows()
        )
        return f"<Parking within {self.minutes:g} min, room for cars without a space: {told}>"


def parking(
    card: Scorecard,
    *,
    item: str = "public_parking",
    minutes: float | None = None,
    windows: Mapping[str, str] = WINDOWS,
    cars_per_household: float | None = None,
) -> Parking:
    """Hold residents' cars against the spaces in reach, in each window of the day.

    As many cars as possible are placed in the lots within the walk, each in one; of all such ways
    the one with the least walking is told.

    Parameters
    ----------
    card
        The scorecard. Its areas have ``cars`` (or ``households`` with ``cars_per_household``), and
        ``spaces`` of their own; ``cars_day`` where fewer are there by day, and so on by the names
        of the windows. Its lots are the facilities that serve ``item`` and count, with
        ``capacity``, or ``capacity_day``, ``capacity_night`` … where that differs, or
        ``capacity_hours`` ("7:00-19:00 30; 19:00-7:00 80"). A lot that is closed then
        (``opening_hours``) has none.
    item
        The item of the checklist that lots serve.
    minutes
        How far people walk to their car; the limit of the item if it is not said.
    windows
        Names of the windows, each with a time of day in it.
    cars_per_household
        How many cars a household has, where nobody has counted cars.

    Returns
    -------
    Parking

    Raises
    ------
    InputError
        If nobody counts cars or spaces, there is no such item or it is no time of day.
    MissingExtraError
        If lots have opening hours and the packages that read them are not installed.

    Examples
    --------
    >>> parking(card, minutes=5).areas  # doctest: +SKIP
    """
    if card.question is None or {"facilities", "origins"} & set(card.missing):
        msg = "Lots and homes are not in this scorecard: score it anew."
        raise InputError(msg)
    limit = card.checklist[item].limit
    speed = off_street_speed_m_s(card.question.pace)
    walk = limit.reach_m(speed) / speed / 60.0 if minutes is None else float(minutes)
    if not 0 < walk < np.inf:
        msg = f"minutes={walk:g} is no walk: give minutes above 0, such as 5."
        raise InputError(msg)
    times = {name: _moment(card, name, text) for name, text in windows.items()}
    notes: list[str] = []
    lots = _lots(card, item)
    rooms = {name: _spaces(lots, name, at, notes) for name, at in times.items()}
    _tell_lots(rooms, lots, notes)
    own = _own(card.areas, notes)
    pairs = _walks(card, lots, walk)
    areas, used = [], []
    for name in times:
        cars = _cars(card.areas, name, cars_per_household)
        short = (cars - own).clip(lower=0.0)
        part = card.origins["share"].to_numpy(float)
        need = short.fillna(0.0).reindex(card.origins["area"]).to_numpy(float) * part
        flow = _placed(pairs, need, rooms[name])
        areas.append(_by_area(card, name, cars, own, short, pairs, flow))
        used.append(_by_lot(lots, name, rooms[name], pairs, flow))
    return Parking(
        pd.concat(areas, ignore_index=True),
        pd.concat(used, ignore_index=True),
        walk,
        tuple(dict.fromkeys(notes)),
    )


class _Pairs(NamedTuple):
    """Which homes walk to which lots: positions, and minutes."""

    home: Any
    lot: Any
    minutes: Floats


def _moment(card: Scorecard, name: str, text: str) -> datetime:
    """Give a window's time on the day of the question.

    Raises
    ------
    InputError
        If it is no time of day.
    """
    day = card.question.rules.day if card.question is not None else datetime.now().date()
    try:
        return datetime.combine(day, datetime.strptime(str(text).strip(), "%H:%M").time())
    except ValueError as error:
        msg = f"The window {name!r} is at {text!r}, which is no time of day: give one like '22:00'."
        raise InputError(msg) from error


def _lots(card: Scorecard, item: str) -> gpd.GeoDataFrame:
    """The places that serve the item and count, at whatever hour; each once."""
    mine = card.matches[(card.matches["item"] == item) & (card.matches["evidence"] != "host")]
    if "counts" in mine:
        mine = mine[(mine["counts"] != "no") | mine["why"].isin(_ONLY_THEN)]
    place = "place" if "place" in mine else "facility"
    return card.facilities.loc[mine.drop_duplicates(place)["facility"]]


def _spaces(lots: gpd.GeoDataFrame, window: str, at: datetime, notes: list[str]) -> Floats:
    """Spaces of each lot at a time; NaN where nobody says."""
    spaces = _numbers(lots, "capacity")
    own = _numbers(lots, f"capacity_{window}")
    spaces = np.where(np.isfinite(own), own, spaces)
    if "capacity_hours" in lots:
        told, wrong = _by_hours(lots["capacity_hours"], at)
        spaces = np.where(np.isfinite(told), told, spaces)
        notes += cells_not_understood(lots["capacity_hours"][wrong], "capacity_hours")
    if "opening_hours" in lots and lots["opening_hours"].notna().any():
        states = states_at(lots["opening_hours"], at, china=needs_datum(lots)).to_numpy(object)
        said = lots["opening_hours"].notna().to_numpy() & np.isfinite(spaces)
        if unsure := int((said & (states == "unknown")).sum()):
            sentence = "Lots whose hours could not be read, and whose spaces count at {0}: {1}."
            notes.append(Note("lots_hours_unknown", sentence, f"{at:%H:%M}", unsure))
        spaces = np.where(states == "closed", 0.0, spaces)
    return np.asarray(spaces, dtype=np.float64)


def _tell_lots(rooms: Mapping[str, Floats], lots: gpd.GeoDataFrame, notes: list[str]) -> None:
    """Say how many lots have no number of spaces.

    Raises
    ------
    InputError
        If none has.
    """
    silent = np.all([np.isnan(one) for one in rooms.values()], axis=0)
    if len(lots) == 0 or silent.all():
        msg = (
            f"None of the {len(lots)} lots says how many spaces it has: add a column capacity "
            "(车位数), capacity_day and capacity_night, or capacity_hours."
        )
        raise InputError(msg)
    if silent.any():
        sentence = "Lots without a number of spaces, which have none here: {0} of {1}."
        notes.append(Note("lots_without_spaces", sentence, int(silent.sum()), len(lots)))


def _numbers(table: pd.DataFrame, column: str) -> Floats:
    if column not in table:
        return np.full(len(table), np.nan)
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
    return np.where(values >= 0, values, np.nan)


def _by_hours(cells: pd.Series[Any], at: datetime) -> tuple[Floats, Mask]:
    """Spaces by the hour, "7:00-19:00 30; 19:00-7:00 80"; and which cells are not understood."""
    values, wrong = np.full(len(cells), np.nan), np.zeros(len(cells), dtype=bool)
    now = at.hour * 60 + at.minute
    for row, cell in enumerate(cells):
        if cell is None or pd.isna(cell) or not half_width(cell):
            continue
        found = _WINDOW.findall(re.sub(r"[—–~至到]", "-", half_width(cell)))
        wrong[row] = not found
        values[row] = 0.0 if found else np.nan  # in no window there are no spaces
        for begin, end, number in found:
            first, last = (int(t.split(":")[0]) * 60 + int(t.split(":")[1]) for t in (begin, end))
            inside = first <= now < last if first < last else now >= first or now < last
            values[row] = float(number) if inside else values[row]
    return values, wrong


def _cars(areas: gpd.GeoDataFrame, window: str, per_household: float | None) -> pd.Series[float]:
    """Cars of each area in a window.

    Raises
    ------
    InputError
        If nobody counts them.
    """
    households = pd.Series(_numbers(areas, "households"), areas.index)
    if "cars" not in areas and f"cars_{window}" not in areas and per_household is None:
        hint = " or say cars_per_household=." if households.notna().any() else "."
        msg = f"Nobody says how many cars the areas have: add a column cars (机动车数){hint}"
        raise InputError(msg)
    if per_household is not None and not 0 <= per_household < np.inf:
        msg = f"cars_per_household={per_household:g} is no number of cars: give one from 0 up."
        raise InputError(msg)
    cars = pd.Series(_numbers(areas, f"cars_{window}"), areas.index)
    cars = cars.fillna(pd.Series(_numbers(areas, "cars"), areas.index))
    return cars if per_household is None else cars.fillna(households * per_household)


def _own(areas: gpd.GeoDataFrame, notes: list[str]) -> pd.Series[float]:
    spaces = pd.Series(_numbers(areas, "spaces"), areas.index)
    if silent := int(spaces.isna().sum()):
        sentence = (
            "Areas without a number of spaces of their own, which have none here: {0} of {1}."
        )
        notes.append(Note("areas_without_spaces", sentence, silent, len(areas)))
    return spaces.fillna(0.0)


def _walks(card: Scorecard, lots: gpd.GeoDataFrame, minutes: float) -> _Pairs:
    """Walk to the lots.

    Raises
    ------
    InputError
        If they lie near no street, or nobody lives within an hour of any.
    """
    try:
        found = walks_to_candidates(card, lots, minutes * 60.0)
    except InputError:  # perhaps they are only too far
        found = walks_to_candidates(card, lots, max(_HOUR_S, minutes * 60.0))
    near = np.asarray(found.cost) <= minutes * 60.0
    home, lot = np.asarray(found.home)[near], np.asarray(found.candidate)[near]
    return _Pairs(home, lot, np.asarray(found.cost, dtype=np.float64)[near] / 60.0)


def _placed(pairs: _Pairs, need: Floats, room: Floats) -> Floats:
    """Cars of each pair: as many as can be placed, with the least walking."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to load

    flow = np.zeros(len(pairs.home))
    room = np.where(np.isfinite(room), room, 0.0)
    useful = np.flatnonzero((need[pairs.home] > 0) & (room[pairs.lot] > 0))
    if len(useful) == 0:
        return flow
    home, lot = pairs.home[useful], pairs.lot[useful]
    n, number = len(useful), np.arange(len(useful))
    rows = np.concatenate([home, len(need) + lot])
    ones = coo_array(
        (np.ones(2 * n), (rows, np.concatenate([number, number]))),
        shape=(len(need) + len(room), n),
    )
    # One car more is worth more than any walking that makes room for it.
    longest = float(pairs.minutes[useful].max()) + 1.0
    worth = longest * 2 * (min(len(need), len(room)) + 1)
    room_for = LinearConstraint(ones.tocsr(), -np.inf, np.concatenate([need, room]))
    found = milp(pairs.minutes[useful] - worth, constraints=room_for, bounds=Bounds(0, np.inf))
    flow[useful] = np.round(np.asarray(found.x, dtype=np.float64), 6)
    return flow


def _by_area(
    card: Scorecard,
    window: str,
    cars: pd.Series[float],
    own: pd.Series[float],
    short: pd.Series[float],
    pairs: _Pairs,
    flow: Floats,
) -> pd.DataFrame:
    labels = card.areas.index
    area = labels.get_indexer(pd.Index(card.origins["area"]))[pairs.home]
    placed = np.bincount(area, flow, minlength=len(labels))
    walked = np.bincount(area, flow * pairs.minutes, minlength=len(labels))
    mean = np.full(len(labels), np.nan)
    np.divide(walked, placed, out=mean, where=placed > 1e-9)
    names = card.areas["name"] if "name" in card.areas else pd.Series(None, labels, dtype=object)
    placed = np.where(short.isna(), np.nan, placed)
    return pd.DataFrame(
        {
            "window": window,
            "area": labels,
            "name": names.to_numpy(),
            "cars": cars.to_numpy(),
            "spaces": own.to_numpy(),
            "short": short.to_numpy(),
            "placed": placed,
            "without": np.maximum(short.to_numpy() - placed, 0.0),
            "spare": (own - cars).clip(lower=0.0).to_numpy(),
            "mean_minutes": mean,
        }
    )


def _by_lot(
    lots: gpd.GeoDataFrame, window: str, room: Floats, pairs: _Pairs, flow: Floats
) -> pd.DataFrame:
    used = np.bincount(pairs.lot, flow, minlength=len(lots))
    names = lots["name"].to_numpy() if "name" in lots else None
    return pd.DataFrame(
        {
            "window": window,
            "facility": lots.index,
            "name": names,
            "spaces": room,
            "used": np.where(np.isfinite(room), used, np.nan),
            "free": np.maximum(room - used, 0.0),
        }
    )
