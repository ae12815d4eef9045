"""The sheets of plans in the workbook: numbers as numbers, words in the reader's language."""

from __future__ import annotations

import pandas as pd

from quarterhour.outputs.audit_words import repair_text, where_text
from quarterhour.outputs.cause_words import cause_heads, cause_table, causes_told
from quarterhour.outputs.files.sheet import COUNT, MINUTES, SHARE, TEXT
from quarterhour.outputs.looks import LOOKS, shown_status
from quarterhour.outputs.parameter_words import item_names
from quarterhour.outputs.plan_tables import member_texts, note_text, site_table
from quarterhour.outputs.plan_words import Plan, change_text, recorded, unit_text, why_text
from quarterhour.outputs.report.parts import area_names, facility_names
from quarterhour.outputs.room_words import room_table
from quarterhour.outputs.words import Lang, minutes_up, name_of, say
from quarterhour.planning.audit import Audit
from quarterhour.planning.change import Causes
from quarterhour.planning.circles import Circles
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.rooms import RoomSiting
from quarterhour.planning.siting import Siting
from quarterhour.planning.targets import Progress

Tables = list[tuple[str, pd.DataFrame]]

_TITLES = (
    "x_changes",
    "x_turned",
    "x_plan_items",
    "x_plan_areas",
    "x_sites",
    "x_curve",
    "x_circles",
    "x_members",
    "x_left",
    "x_room_items",
    "x_faults",
    "x_target",
)
_SHARES = ("site_share", "x_part", "share")
_MINUTES = ("x_minutes_before", "x_minutes_after", "circle_mean", "circle_longest")
_PEOPLE = (
    *("site_gained", "site_served", "gained_of", "lost_of", "audit_cut_off", "audit_minutes"),
    *("audit_metres", "room_gained", "room_before", "room_after"),
)


def plan_titles(lang: Lang) -> list[str]:
    """Give the titles that sheets of plans have, without their numbers."""
    return [say(lang, key) for key in _TITLES]


def plan_sheets(plan: Plan, lang: Lang) -> list[tuple[str, pd.DataFrame, dict[str, str]]]:
    """Give the sheets of a plan: their titles, tables, and how their numbers are shown."""
    if isinstance(plan, Comparison):
        made = _comparison(plan, lang)
    elif isinstance(plan, Siting):
        made = _siting(plan, lang)
    elif isinstance(plan, Circles):
        made = _circles(plan, lang)
    elif isinstance(plan, RoomSiting):
        made = _rooms(plan, lang)
    else:
        made = _audit(plan, lang) if isinstance(plan, Audit) else _progress(plan, lang)
    formats = _formats(plan, lang)
    return [(title, table, formats) for title, table in made]


def _formats(plan: Plan, lang: Lang) -> dict[str, str]:
    formats = {say(lang, key): SHARE for key in _SHARES}
    formats |= {say(lang, key): MINUTES for key in _MINUTES}
    formats |= {"id": TEXT, say(lang, "residents"): COUNT}
    if isinstance(plan, Progress):
        share = float(plan.target["value"]) <= 1
        return {
            say(lang, "target_value"): SHARE if share else COUNT,
            say(lang, "target_part"): SHARE,
        }
    if not isinstance(plan, Circles):
        unit = {"unit": unit_text(plan.measure, lang)}
        formats |= {say(lang, key, unit): COUNT for key in _PEOPLE}
    return formats


def _comparison(plan: Comparison, lang: Lang) -> Tables:
    names = area_names(plan.after, lang)
    items = {item.key: name_of(item, lang) for item in plan.after.checklist}
    groups = {group.key: name_of(group, lang) for group in plan.after.checklist.groups}
    unit = {"unit": unit_text(plan.measure, lang)}
    more, less = say(lang, "gained_of", unit), say(lang, "lost_of", unit)
    told = [change_text(one, plan.before, lang) for one in recorded(plan)]
    changes = {say(lang, "no"): range(1, len(told) + 1), say(lang, "x_changes"): told}
    by_item = {
        say(lang, "item"): [items[str(key)] for key in plan.items.index],
        say(lang, "group"): [groups[plan.after.checklist[str(k)].group] for k in plan.items.index],
        more: plan.items["gained"].to_numpy(),
        less: plan.items["lost"].to_numpy(),
        say(lang, "turned_met"): plan.items["areas_turned_met"].to_numpy(),
        say(lang, "turned_unmet"): plan.items["areas_turned_unmet"].to_numpy(),
    }
    by_area = {
        "id": plan.areas.index.map(str),
        say(lang, "area"): names.reindex(plan.areas.index).to_numpy(),
        more: plan.areas["gained"].to_numpy(),
        less: plan.areas["lost"].to_numpy(),
        _met(lang, "x_before"): plan.areas["met_before"].to_numpy(),
        _met(lang, "x_after"): plan.areas["met"].to_numpy(),
    }
    causes, _ = causes_told(plan)
    due_to = [] if causes is None else [(say(lang, "x_causes"), _causes(plan, causes, lang))]
    return [
        (say(lang, "x_changes"), pd.DataFrame(changes)),
        *due_to,
        (say(lang, "x_turned"), _turned(plan, lang)),
        (say(lang, "x_plan_items"), pd.DataFrame(by_item)),
        (say(lang, "x_plan_areas"), pd.DataFrame(by_area)),
    ]


def _met(lang: Lang, when: str) -> str:
    """Head a column of items met, before or after."""
    return say(lang, "met") + say(lang, "in_brackets", {"text": say(lang, when)})


def _causes(plan: Comparison, causes: Causes, lang: Lang) -> pd.DataFrame:
    return cause_table(plan, lang).rename(columns=cause_heads(causes, lang))


def _turned(plan: Comparison, lang: Lang) -> pd.DataFrame:
    found = plan.turned
    names = area_names(plan.after, lang)
    items = {item.key: name_of(item, lang) for item in plan.after.checklist}
    places = facility_names(plan.before, lang) | facility_names(plan.after, lang)
    before = found[["status_before", "reason_before"]].set_axis(["status", "reason"], axis=1)
    signs = {status: look.sign for status, look in LOOKS.items()}
    unit = {"unit": unit_text(plan.measure, lang)}
    return pd.DataFrame(
        {
            "id": found["area"].map(str),
            say(lang, "area"): found["area"].map(names),
            say(lang, "item"): found["item"].map(items),
            say(lang, "x_before"): shown_status(before).map(signs),
            say(lang, "x_after"): shown_status(found).map(signs),
            say(lang, "why"): [why_text(str(word), lang) for word in found["why"]],
            say(lang, "x_minutes_before"): minutes_up(found["minutes_before"]),
            say(lang, "x_minutes_after"): minutes_up(found["minutes"]),
            say(lang, "gained_of", unit): found["gained"],
            say(lang, "lost_of", unit): found["lost"],
            say(lang, "nearest"): [places.get(label, "") for label in found["facility"]],
        }
    )


def _siting(plan: Siting, lang: Lang) -> Tables:
    unit = {"unit": unit_text(plan.measure, lang)}
    heads = {
        "site": say(lang, "no"),
        "where": say(lang, "site_place"),
        "lon": say(lang, "x_lon"),
        "lat": say(lang, "x_lat"),
        "gained": say(lang, "site_gained", unit),
        "served": say(lang, "site_served", unit),
        "share": say(lang, "site_share"),
    }
    curve = {"sites": say(lang, "x_number_of_sites"), **heads}
    return [
        (say(lang, "x_sites"), site_table(plan, lang).rename(columns=heads)),
        (say(lang, "x_curve"), plan.curve.rename(columns=curve)),
    ]


def _rooms(plan: RoomSiting, lang: Lang) -> Tables:
    unit = {"unit": unit_text(plan.measure, lang)}
    heads = {
        "site": say(lang, "no"),
        "where": say(lang, "site_place"),
        "serves": say(lang, "room_serves"),
        "lon": say(lang, "x_lon"),
        "lat": say(lang, "x_lat"),
        "gained": say(lang, "room_gained", unit),
    }
    keys = {"places": "room_places", "before": "room_before", "served": "room_after"}
    items = plan.items.drop(columns="total").assign(
        item=plan.items["item"].map(item_names(plan.card, lang))
    )
    named = {name: say(lang, key, unit) for name, key in (keys | {"share": "share"}).items()}
    return [
        (say(lang, "x_sites"), room_table(plan, lang).rename(columns=heads)),
        (say(lang, "x_room_items"), items.rename(columns=named | {"item": say(lang, "item")})),
    ]


def _audit(plan: Audit, lang: Lang) -> Tables:
    names, unit = area_names(plan.card, lang).to_dict(), {"unit": unit_text(plan.measure, lang)}
    rows = plan.faults.drop(columns="geometry").to_dict("records")
    at = plan.faults.geometry.representative_point()
    table = {
        say(lang, "no"): [row["fault"] for row in rows],
        say(lang, "audit_fault"): [say(lang, f"fault_{row['kind']}") for row in rows],
        say(lang, "audit_where"): [where_text(row, names, lang) for row in rows],
        say(lang, "audit_repair"): [repair_text(plan.changes[row["fault"]], lang) for row in rows],
        say(lang, "audit_metres"): plan.faults["metres"].to_numpy(),
        say(lang, "audit_cut_off", unit): plan.faults["cut_off"].to_numpy(),
        say(lang, "audit_exact"): ["" if row["exact"] else say(lang, "yes") for row in rows],
        say(lang, "audit_minutes"): plan.faults["resident_minutes"].to_numpy(),
        say(lang, "x_lon"): at.x.to_numpy().round(6),
        say(lang, "x_lat"): at.y.to_numpy().round(6),
    }
    return [(say(lang, "x_faults"), pd.DataFrame(table))]


def _progress(plan: Progress, lang: Lang) -> Tables:
    heads = {"date": "target_date", "value": "target_value", "of_target": "target_part"}
    heads |= {"citation": "x_sources", "note": "circle_note"}
    named = {name: say(lang, key) for name, key in heads.items()}
    return [(say(lang, "x_target"), plan.seen.rename(columns=named))]


def _circles(plan: Circles, lang: Lang) -> Tables:
    names, listed = area_names(plan.card, lang), member_texts(plan, lang)
    made = pd.DataFrame(plan.circles.drop(columns="geometry"))
    at = plan.centres.geometry.to_crs(4326)
    heads = {"circle": say(lang, "circle_no"), "residents": say(lang, "residents")}
    heads |= {
        "mean_minutes": say(lang, "circle_mean"),
        "longest_minutes": say(lang, "circle_longest"),
        "items": say(lang, "met"),
        "items_missing": say(lang, "unmet"),
        "items_unknown": say(lang, "unknown"),
        "area": say(lang, "area"),
        "share": say(lang, "x_part"),
    }
    minutes = ["mean_minutes", "longest_minutes"]
    notes = [note_text(row, lang) for row in made.to_dict("records")]
    table = made[["circle"]].assign(areas=made["circle"].map(listed))
    shown = ["residents", *minutes, "items", "items_missing", "items_unknown"]
    table = table.join(made[shown].assign(**_up(made, minutes)))
    table["lon"], table["lat"] = at.x.to_numpy().round(6), at.y.to_numpy().round(6)
    heads |= {"areas": say(lang, "circle_members"), "lon": say(lang, "x_lon")}
    table = table.assign(note=notes).rename(
        columns=heads | {"lat": say(lang, "x_lat"), "note": say(lang, "circle_note")}
    )
    members = plan.members[["circle", "area", "residents", "share", *minutes]].assign(
        area=plan.members["area"].map(names)
    )
    members.insert(1, "id", plan.members["area"].map(str))
    left = pd.DataFrame(
        {
            "id": plan.left_out["area"].map(str),
            say(lang, "area"): plan.left_out["area"].map(names),
            say(lang, "residents"): plan.left_out["residents"],
            say(lang, "why"): [say(lang, f"circle_{one}") for one in plan.left_out["reason"]],
        }
    )
    return [
        (say(lang, "x_circles"), table),
        (say(lang, "x_members"), members.assign(**_up(members, minutes)).rename(columns=heads)),
        (say(lang, "x_left"), left),
    ]


def _up(table: pd.DataFrame, columns: list[str]) -> dict[str, pd.Series[float]]:
    return {name: minutes_up(table[name]) for name in columns}
