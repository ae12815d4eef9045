"""What plans are called and told in words: changes, reasons, proofs, in Chinese and English."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pyproj import Geod
from shapely.geometry import shape as geometry_of

from quarterhour.errors import InputError
from quarterhour.outputs.audit_words import audit_text
from quarterhour.outputs.room_words import room_proof_text, rooms_text
from quarterhour.outputs.target_words import progress_text, target_name
from quarterhour.outputs.walker_words import walker_name
from quarterhour.outputs.words import Lang, has, minutes, name_of, number, percent, say, short
from quarterhour.planning.audit import Audit
from quarterhour.planning.circles import Circles
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.rooms import RoomSiting
from quarterhour.planning.siting import Siting
from quarterhour.planning.targets import Progress
from quarterhour.scoring.scorecard import Scorecard

Plan: TypeAlias = Comparison | Siting | RoomSiting | Circles | Audit | Progress
"""What a report and a workbook can show beside a scorecard."""

MAKERS: dict[type[Plan], str] = {
    Comparison: "compare",
    Siting: "site",
    RoomSiting: "site_rooms",
    Circles: "circles",
    Audit: "audit",
    Progress: "progress",
}
"""The kinds of plans, and the functions that make them."""

Plans: TypeAlias = Sequence[Plan] | Mapping[str, Plan]
"""Plans, by their names where they have some."""

NAMED_BY = ("name", "facility", "street", "walker", "area", "label")
"""Attributes of a recorded change that say what it is about, the best first."""

TOLD = {"change", *NAMED_BY, "item", "crs"}


def checked_plans(
    card: Scorecard, plans: Plans, kinds: Collection[type[Plan]] = tuple(MAKERS)
) -> list[tuple[str, Plan]]:
    """Give plans with their names ("" where they have none), all made of this scorecard.

    Raises
    ------
    InputError
        If one is no plan, is of a kind that is not shown there, or was made of a scorecard of
        other areas or items.
    """
    named: list[tuple[str, Plan]] = (
        list(plans.items()) if isinstance(plans, Mapping) else [("", one) for one in plans]
    )
    for place, (_, plan) in enumerate(named, start=1):
        if not isinstance(plan, tuple(kinds)):
            *some, last = (MAKERS[kind] for kind in kinds)
            msg = (
                f"plans: number {place} is a {type(plan).__name__}: give what {', '.join(some)} "
                f"or {last} give."
            )
            raise InputError(msg)
        made = cards_of(plan)
        if made and not any(_alike(one, card) for one in made):
            years = (
                " A comparison of two years goes with its second scorecard (plan.after), whose "
                "labels it has."
                if isinstance(plan, Comparison)
                else ""
            )
            msg = (
                f"plans: number {place} was made of another scorecard, with other areas or items: "
                f"ask the scorecard that is written.{years}"
            )
            raise InputError(msg)
    return named


def cards_of(plan: Plan) -> list[Scorecard]:
    """Give the scorecard that a plan was made of; of a comparison either, of a target none."""
    if isinstance(plan, Comparison):
        return [plan.before, plan.after]
    return [] if isinstance(plan, Progress) else [plan.card]


def _alike(made: Scorecard, card: Scorecard) -> bool:
    """Tell whether two scorecards have the same areas and items."""
    same = made.areas.index.equals(card.areas.index)
    return same and made.checklist.keys() == card.checklist.keys()


def plan_title(plan: Plan, place: int, name: str, lang: Lang) -> str:
    """Call a plan by its place among others, its name where it has one, and what it is."""
    head, told = say(lang, _head_key(plan), {"n": place}), ""
    if isinstance(plan, Siting):
        item = short(name_of(plan.item, lang))
        told = say(lang, "site_title", {"n": len(plan.sites), "item": item})
    elif isinstance(plan, RoomSiting):
        told = say(lang, "room_title", {"n": len(plan.rooms), "items": len(plan.items)})
    elif isinstance(plan, Circles):
        told = say(lang, "circle_title", {"n": len(plan.circles)})
    elif isinstance(plan, Progress):
        told = target_name(plan, lang)
    elif isinstance(plan, Comparison) and not name:
        told = _changes_in_short(plan, lang)
    if name and told:
        told = f"{name}{say(lang, 'in_brackets', {'text': told})}"
    return say(lang, "colon").join(one for one in (head, told or name) if one)


def _head_key(plan: Plan) -> str:
    """Tell how a plan is called: two years are compared, and no plan."""
    if isinstance(plan, Comparison):
        return "plan_n" if recorded(plan) else "comparison_n"
    return {Audit: "audit_n", Progress: "target_n"}.get(type(plan), "plan_n")


def _changes_in_short(plan: Comparison, lang: Lang) -> str:
    """Name a scenario, or its first change and how many there are; nothing of two years."""
    changes = recorded(plan)
    if not changes:
        return ""
    if called := str(plan.after.manifest.get("scenario_name") or ""):
        return called
    first = change_text(changes[0], plan.before, lang)
    if len(changes) == 1:
        return first
    n = len(changes) if lang == "zh" else len(changes) - 1
    return say(lang, "plan_first_of", {"first": first, "n": n})


def recorded(plan: Comparison) -> list[dict[str, Any]]:
    """Give the changes that the second scorecard has and the first has not, as features."""
    before, after = (list(one.manifest.get("scenario", [])) for one in (plan.before, plan.after))
    return after[len(before) :] if after[: len(before)] == before else after


def change_text(feature: Mapping[str, Any], card: Scorecard, lang: Lang) -> str:
    """Say in a phrase what one change is; names are those of a scorecard before or after it."""
    told = dict(feature["properties"])
    key = next((key for key in NAMED_BY if told.get(key)), "")
    what = str(told.get(key, ""))
    table = {"facility": card.facilities, "area": card.areas}.get(key)
    if table is not None:
        what = _named(table, what)
    if told["change"] == "change_walker":
        what = walker_name(what, lang)
    brackets = []
    if told.get("item"):
        items = _items(str(told["item"]), card, lang)
        if not what or what.startswith("new/"):
            what = items
        else:
            brackets.append(items)
    for name, value in told.items():
        if name not in TOLD:
            called = say(lang, f"value_{name}") if has(lang, f"value_{name}") else name
            brackets.append(f"{called} {value}")
    inner = say(lang, "comma").join(brackets)
    whole = what or _somewhere(feature, lang)
    whole += say(lang, "in_brackets", {"text": inner}) if inner else ""
    return say(lang, f"change_{told['change']}", {"what": whole})


def _somewhere(feature: Mapping[str, Any], lang: Lang) -> str:
    """Say how long a nameless line is, or where a nameless place is."""
    if not feature.get("geometry"):
        return say(lang, "change_somewhere")
    shape = geometry_of(feature["geometry"])
    if shape.geom_type in {"LineString", "MultiLineString"}:
        metres = Geod(ellps="WGS84").geometry_length(shape)
        return say(lang, "change_long", {"n": number(metres)})
    at = shape.centroid
    return say(lang, "change_at", {"at": f"{at.x:.5f}, {at.y:.5f}"})


def moved_text(value: float, sign: str, lang: Lang) -> str:
    """Give who gains or loses with a sign; a part of a resident is less than one, not none.

    Examples
    --------
    >>> moved_text(1200, "+", "en"), moved_text(0.2, "−", "en"), moved_text(0, "+", "en")
    ('+1,200', '<1', '0')
    """
    if not value > 0:
        return "0"
    return say(lang, "less_than_one") if value < 0.5 else f"{sign}{number(value)}"


def place_name(name: str, lang: Lang) -> str:
    """Give the name of a place; one that a plan made up for a new place says that it is new."""
    return say(lang, "new_place") if name.startswith("new/") else name


def _items(keys: str, card: Scorecard, lang: Lang) -> str:
    names = {item.key: short(name_of(item, lang)) for item in card.checklist}
    return say(lang, "comma").join(names.get(one.strip(), one.strip()) for one in keys.split("|"))


def _named(table: pd.DataFrame, label: str) -> str:
    """Give the name of the row of a label, where it has one."""
    rows = np.flatnonzero(table.index.map(str) == label)
    if len(rows) != 1 or "name" not in table:
        return label
    name = table["name"].iloc[rows[0]]
    return str(name) if isinstance(name, str) and name.strip() else label


def why_text(word: str, lang: Lang) -> str:
    """Word why an answer turned; a word that has no phrase stays as it is."""
    return say(lang, f"why_{word}") if has(lang, f"why_{word}") else word


def unit_text(measure: str, lang: Lang) -> str:
    """Give what a plan counts: residents, weighted ones, or residences."""
    if measure.startswith("weighted"):
        return say(lang, "unit_weighted")
    return say(lang, "unit_residences" if measure == "residences" else "unit_residents")


def count_text(value: float, measure: str, lang: Lang) -> str:
    """Give a number of residents or of residences with its unit.

    Examples
    --------
    >>> count_text(1200, "residents", "en"), count_text(3, "residences", "zh")
    ('1,200 residents', '3 处住宅')
    """
    return say(lang, "homes_n" if measure == "residences" else "people_n", {"n": number(value)})


def gap_text(gap: float) -> str:
    """Give how far a plan may be from the best one in per cent, rounded up.

    Examples
    --------
    >>> gap_text(0.01234), gap_text(0.0)
    ('1.3', '0')
    """
    return f"{math.ceil(1000 * gap) / 10:g}"


def proof_text(plan: Siting, lang: Lang) -> str:
    """Say how good a siting is known to be, in words that need no mathematics."""
    numbers = minutes if plan.objective in {"median", "centre"} else number
    told = {"n": len(plan.sites), "value": numbers(plan.value), "gap": gap_text(plan.gap)}
    told["bound"] = numbers(plan.bound)
    proven = plan.gap == 0
    key = f"site_proven_{plan.objective}" if proven else f"site_bound_{plan.objective}"
    return say(lang, key, told)


def siting_text(plan: Siting, lang: Lang) -> str:
    """Say in a sentence what a siting brings."""
    served = float(plan.curve["served"].iloc[-1])
    unit = unit_text(plan.measure, lang)
    told = {
        "item": short(name_of(plan.item, lang)),
        "unit": unit[:1].upper() + unit[1:],
        "limit": f"{plan.item.limit.most / 60:g}",
        "before": number(plan.before),
        "share_before": percent(plan.before / plan.total),
        "after": number(served),
        "share_after": percent(served / plan.total),
        "total": number(plan.total),
    }
    text = say(lang, "site_sum", told)
    adds = int((plan.sites["gained"] > 0).sum())
    if plan.objective == "cover" and adds < len(plan.sites):
        rest = {"n": adds, "rest": len(plan.sites) - adds}
        more = say(lang, "site_enough", rest)
        text += more if lang == "zh" else f" {more}"
    if plan.objective in {"median", "centre"}:
        more = say(lang, f"site_value_{plan.objective}", {"value": minutes(plan.value)})
        text += more if lang == "zh" else f" {more}"
    return text


def circles_text(plan: Circles, lang: Lang) -> list[str]:
    """Say what the circles hold, what was asked for, and how good they are known to be."""
    people = plan.circles["residents"]
    inside, left = float(people.sum()), float(plan.left_out["residents"].sum())
    walked = (plan.homes["residents"] * plan.homes["minutes"]).sum()
    told = {
        "n": len(plan.circles),
        "inside": number(inside),
        "total": number(inside + left),
        "share": percent(inside / max(inside + left, 1e-9)),
        "mean": minutes(float(walked) / max(inside, 1e-9)),
        "longest": minutes(float(plan.homes["minutes"].max()) if len(plan.homes) else math.nan),
    }
    asked = {key: number(value) for key, value in plan.asked.items()}
    asked["limit"] = f"{plan.asked['limit']:g}"
    gap = {"gap": gap_text(plan.gap)}
    keys = ("circle_sum", told), ("circle_asked", asked), ("circle_gap", gap)
    return [say(lang, key, values) for key, values in keys]


def comparison_text(plan: Comparison, lang: Lang) -> list[str]:
    """Say in a sentence or two what a scenario brings."""
    turned = plan.turned["status_before"] != plan.turned["status"]
    up = int((turned & (plan.turned["status"] == "met")).sum())
    down = int((turned & (plan.turned["status_before"] == "met")).sum())
    if not (plan.gained or plan.lost or len(plan.turned)):
        lines = [say(lang, "plan_nothing")]
    else:
        counts = {
            key: count_text(getattr(plan, key), plan.measure, lang) for key in ("gained", "lost")
        }
        lines = [say(lang, "plan_sum", {**counts, "up": up, "down": down})]
    lines += [say(lang, "plan_net")] if plan.measure.endswith("net") else []
    alone = plan.unmatched.groupby(["where", "what"]).size()
    if len(alone):
        rows = alone.reset_index(name="n").to_dict("records")
        told = [
            say(lang, f"plan_alone_{one['where']}", {"n": one["n"], "what": say(lang, key)})
            for one in rows
            for key in [f"alone_{one['what']}"]
        ]
        lines.append(say(lang, "plan_alone", {"list": say(lang, "comma").join(told)}))
    return lines


def plan_lines(plan: Plan, lang: Lang) -> list[str]:
    """Say in a few sentences what a plan brings, and how good it is known to be."""
    if isinstance(plan, Comparison):
        return comparison_text(plan, lang)
    if isinstance(plan, Siting):
        return [siting_text(plan, lang), proof_text(plan, lang)]
    if isinstance(plan, RoomSiting):
        return [*rooms_text(plan, lang), room_proof_text(plan, lang)]
    if isinstance(plan, Circles):
        return circles_text(plan, lang)
    return audit_text(plan, lang) if isinstance(plan, Audit) else progress_text(plan, lang)


def plan_text(plan: Plan, lang: Lang) -> str:
    """Say all of it in one text."""
    return ("" if lang == "zh" else " ").join(plan_lines(plan, lang))
