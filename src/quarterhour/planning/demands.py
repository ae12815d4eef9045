"""Three lists (服务清单、资源清单、需求清单): what is asked for, held against what there is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.cell_words import half_width
from quarterhour.places.contracts import listed
from quarterhour.places.given import check_walked_datum
from quarterhour.places.notes import Note
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify
from quarterhour.standards.items import Group, Item

SERVICES = "services"
COLUMNS = {
    "need": "need demand 需求 需求项目 需求内容 服务需求 需求服务 项目",
    "area": "area community 社区 小区 社区名称 小区名称 区域",
    "people": "people count n 人数 需求人数 需求数 数量",
}
"""What the columns of a demand list may be called."""

_RESOURCES = {
    "offers": "offers services service 资源 资源项目 资源内容 可提供服务 服务项目 服务",
    "name": "name 名称 资源名称 单位 提供单位",
}
_BETWEEN = re.compile(r"[|;,、/\n]|\s{2,}")
_ORDER = {"met": 0, "unknown": 1, "unmet": 2}


def match_demands(
    card: Scorecard,
    demands: pd.DataFrame,
    *,
    minutes: float = 15.0,
    resources: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say which demands some supply in reach meets, and which none does.

    The supply is what the facilities say that they offer (``services``, 服务项目) and what they are
    by the checklist. A service that is in no checklist is asked for as one more item, so that
    hours, consent, walls and what comes to the home count for it as they do for all others.

    Parameters
    ----------
    card
        The scorecard: its areas, facilities and question.
    demands
        The list of demands: ``need`` (需求), ``area`` (社区: the label or the name of an area; a
        table with a geometry may leave it to where its points are) and, if known, ``people``
        (人数). A need is an item of the checklist by its key or one of its names, or a service
        in the words of the facilities, or what the checklist would take it for by its name.
    minutes
        How far people walk to a service that is no item of the checklist.
    resources
        The list of resources (资源清单), what somebody could offer: ``offers`` and ``name``.

    Returns
    -------
    DataFrame
        One row per demand, with its label: ``need``, ``area``, ``people``; ``matched``, the item
        or the word of a service that was found for it, and ``by`` ("item", "service", "name");
        ``status`` and ``reason`` (``no_supply``: nobody says to offer it; ``no_such_area``,
        ``no_need``: the list does not say where, or what; else those of a scorecard);
        ``facility``, ``facility_name`` and ``minutes`` of the nearest; ``resources``, who could
        offer it. ``attrs["notes"]`` says what could not be read, and
        ``attrs["unmet"]`` is the sum of the people whose demand nothing in reach meets.

    Raises
    ------
    InputError
        If a column is missing, or the scorecard has no facilities.
    DatumError
        If the demands are points in China whose datum is not declared.

    Examples
    --------
    >>> match_demands(card, pd.read_csv("需求清单.csv")).query("status != 'met'")  # doctest: +SKIP
    """
    if card.question is None or "facilities" in card.missing:
        msg = "The supply is in the facilities, which this scorecard does not hold: score it anew."
        raise InputError(msg)
    notes: list[str] = []
    asked = _asked(card, demands, notes)
    offered = _offered(card.facilities)
    found = _candidates(card.checklist, asked["need"], offered)
    words = {name for ways in found for by, name in ways if by == "service"}
    told = {"item": card, "name": card}
    if words:
        told["service"] = _services(card, sorted(words), offered, minutes)
    rows = [
        _best(row, ways, told, sorted(words))
        for row, ways in zip(asked.itertuples(index=False), found, strict=True)
    ]
    columns = ["matched", "by", "status", "reason", "facility", "minutes"]
    best = pd.DataFrame(rows, columns=columns, index=asked.index, dtype=object)
    table = asked.join(best.astype({"minutes": float}))
    names = card.facilities["name"] if "name" in card.facilities else pd.Series(dtype=object)
    table.insert(8, "facility_name", table["facility"].map(names.to_dict()))
    table["resources"] = _could(table, resources)
    unmet = table.loc[table["status"] == "unmet", "people"].sum()
    table.attrs = {"notes": notes, "unmet": float(unmet)}
    return table


def _column(table: pd.DataFrame, names: str, role: str, what: str) -> str:
    known = {half_width(column).lower(): str(column) for column in reversed(table.columns)}
    for name in names.split():
        if name in known:
            return known[name]
    msg = (
        f"The list of {what} has no column {role!r}: call it one of {', '.join(names.split())}; "
        f"it has {listed(table.columns)}."
    )
    raise InputError(msg)


def _asked(card: Scorecard, demands: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """The demands in our columns; an area that is not found, or found twice, is None."""
    cells = demands[_column(demands, COLUMNS["need"], "need", "demands")]
    need = cells.astype(object).where(cells.notna(), "").map(half_width)
    if blank := int(need.eq("").sum()):
        notes.append(Note("demand_blank", "Demands that say no need: {0}.", blank))
    people: Any = 1.0
    if any(half_width(c).lower() in COLUMNS["people"].split() for c in demands.columns):
        cells = demands[_column(demands, COLUMNS["people"], "people", "demands")]
        people = pd.to_numeric(cells, errors="coerce")
        if unread := int((people.isna() | (people < 0)).sum()):
            told = "Demands without a number of people that could be read, which count as one: {0}."
            notes.append(Note("demand_people", told, unread))
        people = people.where(people >= 0, 1.0).fillna(1.0)
    shaped = isinstance(demands, gpd.GeoDataFrame)
    named = any(half_width(c).lower() in COLUMNS["area"].split() for c in demands.columns)
    if not shaped or named:
        cells = demands[_column(demands, COLUMNS["area"], "area", "demands")]
        areas = _areas_named(card, cells)
    else:
        areas = _areas_at(card, demands)
    if lost := sum(area is None for area in areas):
        told = "Demands whose area is none of the scorecard, or the name of several: {0}."
        notes.append(Note("demand_area", told, lost))
    table = pd.DataFrame({"need": need, "people": people}, index=demands.index)
    table.insert(1, "area", pd.Series(areas, index=demands.index, dtype=object))
    return table


def _areas_named(card: Scorecard, cells: Iterable[Any]) -> list[Any]:
    labels = {str(label): label for label in card.areas.index}
    names: dict[str, list[Any]] = {}
    if "name" in card.areas:
        for label, name in card.areas["name"].items():
            names.setdefault(half_width(name), []).append(label)
    found = []
    for cell in cells:
        text = half_width(cell)
        here = [labels[str(cell)]] if str(cell) in labels else names.get(text, [])
        found.append(here[0] if len(here) == 1 else None)
    return found


def _areas_at(card: Scorecard, demands: gpd.GeoDataFrame) -> list[Any]:
    if demands.crs is None:
        msg = "The demands name no CRS, so nobody knows where they are: set it with set_crs."
        raise InputError(msg)
    check_walked_datum(demands, "demands")
    shapes = card.areas.geometry.to_crs(demands.crs)
    points = demands.geometry.representative_point()
    point, area = shapes.sindex.query(points, predicate="intersects")
    first = dict(zip(point[::-1].tolist(), area[::-1].tolist(), strict=True))
    return [card.areas.index[first[row]] if row in first else None for row in range(len(demands))]


def _plain(text: object) -> str:
    """A word as it is compared: without case, blanks and the 服务 at its end."""
    word = re.sub(r"[\s\-_()（）]+", "", half_width(text)).casefold()
    return word.removesuffix("服务") or word


def _offered(facilities: pd.DataFrame) -> dict[str, list[Any]]:
    """Which facilities say to offer a service, by its word."""
    found: dict[str, list[Any]] = {}
    if SERVICES in facilities:
        for label, cell in facilities[SERVICES].items():
            if isinstance(cell, str):
                for word in filter(None, map(_plain, _BETWEEN.split(cell))):
                    found.setdefault(word, []).append(label)
    return found


def _candidates(
    checklist: Checklist, needs: pd.Series[Any], offered: dict[str, list[Any]]
) -> list[list[tuple[str, str]]]:
    """What may meet each need: items by name, services by word, items that it sounds like."""
    named = {_plain(w): i.key for i in checklist for w in (i.en, *i.any_of, i.zh, i.key)}
    texts = pd.Series(needs.unique())
    points = gpd.GeoSeries.from_xy([0.0] * len(texts), [0.0] * len(texts), crs=3857)
    table = gpd.GeoDataFrame({"name": texts}, geometry=points)
    like = classify(table, checklist, hosts=False)
    heard: dict[str, list[str]] = {}
    for row, key in zip(like["facility"], like["item"], strict=True):
        heard.setdefault(texts[row], []).append(key)
    found = []
    for text in needs:
        word = _plain(text)
        ways = [("item", named[word])] if word in named else []
        ways += [("service", word)] if word in offered else []
        ways += [("name", key) for key in heard.get(text, []) if ("item", key) not in ways]
        found.append(ways)
    return found


def _services(
    card: Scorecard, words: list[str], offered: dict[str, list[Any]], minutes: float
) -> Scorecard:
    """Ask the same question of services that are no items, each as an item of its own."""
    keys = {word: f"service_{number}" for number, word in enumerate(words)}
    items = tuple(
        Item(keys[word], word, word, "services", "volunteer", "C", limit_minutes=minutes)
        for word in words
    )
    group = Group("services", "服务", "services")
    checklist = Checklist("services", "服务", "services", items, (group,))
    said: dict[Any, list[str]] = {}
    for word in words:
        for label in offered[word]:
            said.setdefault(label, []).append(keys[word])
    facilities = card.facilities.copy()
    told = [None if label not in said else "|".join(said[label]) for label in facilities.index]
    facilities["item"] = pd.Series(told, index=facilities.index, dtype=object)
    surveyed = ["all"]
    return card.again(facilities=facilities, checklist=checklist, surveyed=surveyed)


def _best(
    row: Any, ways: list[tuple[str, str]], told: dict[str, Scorecard], words: list[str]
) -> tuple[Any, ...]:
    """The best answer among what may meet a need."""
    if not row.need:
        return None, None, "unknown", "no_need", None, np.nan
    if row.area is None:
        return None, None, "unknown", "no_such_area", None, np.nan
    if not ways:
        return None, None, "unmet", "no_supply", None, np.nan
    answers = []
    for by, name in ways:
        key = f"service_{words.index(name)}" if by == "service" else name
        results = told[by].results
        one = results[(results["area"] == row.area) & (results["item"] == key)].iloc[0]
        answer = (name, by, one["status"], one["reason"], one["facility"], one["median_minutes"])
        answers.append(answer)
    return min(answers, key=lambda answer: _ORDER[answer[2]])


def _could(table: pd.DataFrame, resources: pd.DataFrame | None) -> list[str]:
    """Who could offer what is asked for."""
    if resources is None:
        return [""] * len(table)
    offers = resources[_column(resources, _RESOURCES["offers"], "offers", "resources")]
    names = resources[_column(resources, _RESOURCES["name"], "name", "resources")]
    who: dict[str, dict[str, None]] = {}
    for name, cell in zip(names, offers, strict=True):
        for word in filter(None, map(_plain, _BETWEEN.split(half_width(cell)))):
            who.setdefault(word, {})[half_width(name)] = None
    return [
        ", ".join(who.get(_plain(need), {}) | (who.get(str(matched), {}) if matched else {}))
        for need, matched in zip(table["need"], table["matched"], strict=True)
    ]
