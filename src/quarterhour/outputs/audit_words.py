"""The audit of the streets in words: kinds of faults, where they are, what would mend them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyproj import Geod

from quarterhour.outputs.words import Lang, number, say
from quarterhour.planning.audit import Audit
from quarterhour.planning.faults import Repair
from quarterhour.planning.street_changes import AddLink

REPAIRS = 3
"""Repairs of one fault that are told."""


def audit_text(plan: Audit, lang: Lang) -> list[str]:
    """Say how many faults there are, of what kinds, and whom the worst cuts off."""
    table = plan.faults
    if table.empty:
        return [say(lang, "audit_none")]
    kinds = [
        say(lang, "audit_kind", {"n": n, "kind": say(lang, f"fault_{kind}")})
        for kind, n in table["kind"].value_counts().items()
    ]
    comma = say(lang, "semicolon")
    lines = [say(lang, "audit_sum", {"n": number(len(table)), "kinds": comma.join(kinds)})]
    if plan.found > len(table):
        told = {"n": number(len(table)), "found": number(plan.found)}
        lines.append(say(lang, "audit_of", told))
    worst = table.iloc[0].to_dict()
    if worst["cut_off"] > 0:
        unit = "homes_n" if plan.measure == "residences" else "people_n"
        told = {"n": say(lang, unit, {"n": cut_off_text(worst, lang)}), "fault": worst["fault"]}
        lines.append(say(lang, "audit_worst", told))
    return lines


def cut_off_text(row: Mapping[Any, Any], lang: Lang) -> str:
    """Give how many a fault cuts off, or that it is no more than so many."""
    n = {"n": number(row["cut_off"])}
    return n["n"] if row["exact"] else say(lang, "audit_at_most", n)


def where_text(row: Mapping[Any, Any], names: Mapping[Any, Any], lang: Lang) -> str:
    """Say where a fault is: the area of a wall, the street, or its number in OpenStreetMap."""
    if row["area"] is not None:
        return str(names.get(row["area"], row["area"]))
    if row["street"]:
        return str(row["street"])
    return say(lang, "audit_way", {"n": row["way"]}) if row["way"] else say(lang, "nameless")


def repair_text(repairs: Sequence[Repair], lang: Lang) -> str:
    """Say what would mend a fault; nothing where nobody can say."""
    told = list(dict.fromkeys(_repair(one, lang) for one in repairs))
    more = ["…"] if len(told) > REPAIRS else []
    return say(lang, "comma").join([*told[:REPAIRS], *more])


def _repair(repair: Repair, lang: Lang) -> str:
    if isinstance(repair, AddLink):
        metres = repair.line.length
        if repair.crs == "EPSG:4326":
            metres = Geod(ellps="WGS84").geometry_length(repair.line)
        return say(lang, "repair_add_link", {"n": f"{metres:.1f}"})
    return say(lang, f"repair_{repair.kind}")
