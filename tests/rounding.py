"""A card's numbers rounded in every way but the agreed one: none may be read in any output."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np
from tests import worlds

import quarterhour as qh
from quarterhour.outputs.looks import CLASSES
from quarterhour.outputs.words import Lang, both, minutes, number, percent
from quarterhour.scoring.summary_columns import MET_SHARE, group_columns, observed_column

UNIT = r" ?(?:分钟|min\b|minutes\b)"


@cache
def awkward() -> qh.Scorecard:
    """Six communities with a number of people that nothing divides, and limits of both units."""
    at = [(150, 150), (500, 180), (850, 150), (180, 830), (520, 860), (840, 810)]
    people = [997.0, 1213.0, 2711.0, 331.0, 1777.0, 89.0]
    areas = worlds.squares(*at, size=290.0, residents=people, name=[f"A{n}" for n in range(6)])
    facilities = worlds.points(
        *[(37, 61), (961, 17), (523, 411), (77, 977)], item=["shop", "shop|stop", "park", "stop"]
    )
    items = [
        worlds.item("shop", limit_minutes=5.0),
        worlds.item("park", limit_minutes=7.0, group="h"),
        worlds.item("stop", limit_minutes=None, limit_m=400.0, group="h"),
        worlds.item("board", checkability="D"),
    ]
    network = worlds.grid_world()
    return qh.assess(areas, facilities, network, worlds.checklist(*items), quota=0.825)


@cache
def uncounted() -> qh.Scorecard:
    """The same, where nobody has counted the residents."""
    card = awkward()
    areas = card.areas.drop(columns="residents")
    return qh.assess(areas, card.facilities, card.network, card.checklist, quota=0.825)


CARDS: dict[str, Callable[[], qh.Scorecard]] = {
    "new town": worlds.new_town,
    "awkward": awkward,
    "uncounted": uncounted,
}

CASES: list[tuple[str, Lang]] = [("new town", "zh"), ("awkward", "en"), ("uncounted", "zh")]


def numbers_of(card: qh.Scorecard) -> Iterator[tuple[str, float]]:
    """The numbers of a card that are told somewhere, each with the rule that it follows."""
    rates, gaps, summary = qh.coverage(card), qh.gaps(card), card.summary()
    for column in ("share", "share_observed", "share_at_least"):
        yield from (("share", one) for one in rates[column])
    for unknown, one in zip(rates["unknown"], rates["share_at_most"], strict=True):
        yield "at most" if unknown > 0 else "share", one
    shares = [name for name in summary if str(name).startswith("items_")]
    for table, columns in ((summary, shares), (gaps, ["share_without"])):
        for column in columns:
            yield from (("share", one) for one in table[column].astype(float))
    walks = [card.results[name] for name in ("median_minutes", "worst_minutes")]
    for column in (*walks, qh.service_directory(card)["minutes"]):
        yield from (("walk", one) for one in column)
    for column in (rates["numerator"], rates["unknown"], gaps["residents_without"]):
        yield from (("people", one) for one in column)


def right(rule: str, value: float) -> str:
    if rule == "walk":
        return minutes(value)
    if rule == "people":
        return number(value)
    return percent(value, up=rule == "at most")


def wrong(rule: str, value: float) -> set[str]:
    """The same number, rounded in every other way."""
    if rule == "walk":
        near = {f"{value:.1f}", f"{math.floor(value * 10) / 10:.1f}", f"{value:.2f}"}
        return near | {f"{whole}{UNIT}" for whole in (math.floor(value), math.ceil(value))}
    if rule == "people":
        whole = {f"{math.floor(value):,}", f"{math.ceil(value):,}"} if value >= 100 else set()
        return whole | ({f"{value:,.1f}"} if value % 1 else set())
    told = {f"{value:.{digits}%}" for digits in (0, 1, 2)}
    told |= {f"{to(value * 1000) / 10:.1f}%" for to in (math.floor, math.ceil)}
    return told | {f"{to(value * 100)}%" for to in (math.floor, math.ceil)}


def never_read(card: qh.Scorecard) -> set[str]:
    """Texts that could only be one of the card's numbers, wrongly rounded."""
    known = [(rule, float(one)) for rule, one in numbers_of(card) if np.isfinite(one)]
    agreed = {right(*one) for one in known} | set(added_up(card))
    agreed |= {f"{at:g}%" for at in (*CLASSES, 25, 50)} | {"0.0%", "100.0%"}  # legends and axes
    agreed |= set(in_the_way(card)) | {percent(one) for one in qh.service_directory(card)["share"]}
    agreed |= {percent(card.manifest["parameters"]["quota"]), f"15{UNIT}", f"30{UNIT}"}
    agreed |= {f"{item.limit.minutes:g}{UNIT}" for item in card.checklist if item.limit.minutes}
    return {text for one in known for text in wrong(*one)} - agreed


def added_up(card: qh.Scorecard) -> Iterator[str]:
    """Shares told as observed + implied: the second is what the first lacks to the whole."""
    rates, summary = qh.coverage(card), card.summary()
    pairs = [(rates["share"], rates["share_observed"])]
    columns = [MET_SHARE, *group_columns(card.checklist).values()]
    pairs += [(summary[name], summary[observed_column(name)]) for name in columns]
    for whole, seen in pairs:
        for told in map(both, whole.astype(float), seen.astype(float)):
            yield from told.split(" + ")


def in_the_way(card: qh.Scorecard) -> Iterator[str]:
    """Other numbers in tenths: what lacks to the limit, what a way in would save, detours."""
    why = qh.why_not(card)
    for name in why.columns[why.dtypes == "float64"]:
        yield from map(minutes, why[name])
        yield from (f"{one:.1f}" for one in np.round(why[name], 1))


def pattern_of(texts: Iterable[str]) -> re.Pattern[str]:
    any_of = "|".join(
        text if text.endswith(UNIT) else re.escape(text) for text in sorted(texts, key=len)
    )
    return re.compile(rf"(?<![\d.,])(?:{any_of})(?![\d%]|[.,]\d)")


def misread(card: qh.Scorecard, texts: Iterable[str]) -> set[str]:
    found = pattern_of(never_read(card))
    return {text.strip()[:120] for text in texts if found.search(text)}
