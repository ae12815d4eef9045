"""Pages of the report beside those of plans: rooms for several items, street faults, targets."""

from __future__ import annotations

from html import escape

from quarterhour.outputs.audit_words import audit_text, cut_off_text, repair_text, where_text
from quarterhour.outputs.parameter_words import item_names
from quarterhour.outputs.report.parts import (
    area_names,
    heading,
    interval_bar,
    more_rows,
    paragraph,
    table,
)
from quarterhour.outputs.report.plan_drawing import (
    audit_legend,
    audit_map,
    rooms_map,
    siting_legend,
)
from quarterhour.outputs.room_words import room_proof_text, room_table, rooms_text
from quarterhour.outputs.target_words import progress_text, value_text
from quarterhour.outputs.words import Lang, number, percent, say
from quarterhour.planning.audit import Audit
from quarterhour.planning.rooms import RoomSiting
from quarterhour.planning.targets import Progress

FAULTS_SHOWN = 30
"""More faults than these are in the workbook, and in the folder that the audit writes."""


def rooms_page(plan: RoomSiting, lang: Lang) -> str:
    """Give the page of a plan of rooms (一室多用): map, rooms, items, and how good it is."""
    unit = {"unit": say(lang, f"unit_{plan.measure}")}
    rows = [
        [
            str(row["site"]),
            escape(row["where"]),
            escape(row["serves"]),
            f"{row['lon']:.5f}, {row['lat']:.5f}",
            f"+{number(row['gained'])}",
        ]
        for row in room_table(plan, lang).to_dict("records")
    ]
    head = [say(lang, key) for key in ("no", "site_place", "room_serves", "site_lonlat")]
    head.append(say(lang, "room_gained", unit))
    names = item_names(plan.card, lang)
    items = [
        [
            escape(names[str(row["item"])]),
            number(row["places"]),
            number(row["before"]),
            number(row["served"]),
            percent(row["share"]),
        ]
        for row in plan.items.to_dict("records")
    ]
    keys = ("item", "room_places", "room_before", "room_after", "share")
    first, *_ = rooms_text(plan, lang)
    body = [
        paragraph(first, "caveat"),
        table([escape(say(lang, key, unit)) for key in keys], items, kind="roomitems"),
        rooms_map(plan, lang),
        siting_legend(lang),
        table([escape(one) for one in head], rows, kind="sites", left=3),
        paragraph(say(lang, "room_order", unit), "hint"),
        heading("site_how", lang),
        paragraph(room_proof_text(plan, lang)),
    ]
    return "".join(body)


def audit_page(plan: Audit, lang: Lang) -> str:
    """Give the page of the audit of the streets: a map and a table, the worst faults first."""
    first, *rest = audit_text(plan, lang)
    body = [paragraph(first, "caveat"), *(paragraph(line) for line in rest)]
    if plan.faults.empty:
        return "".join(body)
    names = area_names(plan.card, lang).to_dict()
    unit = {"unit": say(lang, f"unit_{plan.measure}")}
    rows = [
        [
            str(place),
            f"{escape(say(lang, f'fault_{kind}'))} <small>{escape(row['fault'])}</small>",
            escape(where_text(row, names, lang)),
            escape(repair_text(plan.changes[row["fault"]], lang)),
            number(row["metres"]),
            escape(cut_off_text(row, lang)),
            number(row["resident_minutes"]),
        ]
        for place, row in enumerate(plan.faults.head(FAULTS_SHOWN).to_dict("records"), start=1)
        for kind in [row["kind"]]
    ]
    keys = ["no", "audit_fault", "audit_where", "audit_repair", "audit_metres"]
    keys += ["audit_cut_off", "audit_minutes"]
    body += [
        audit_map(plan, FAULTS_SHOWN, lang),
        audit_legend(lang),
        table([escape(say(lang, key, unit)) for key in keys], rows, kind="faults narrow", left=4),
        more_rows(len(plan.faults) - FAULTS_SHOWN, lang, "faults.geojson"),
        paragraph(say(lang, "audit_told", unit), "hint"),
    ]
    return "".join(body)


def target_page(plan: Progress, lang: Lang) -> str:
    """Give the page of a target: what was reached of it, and when it is met at the pace seen."""
    first, *rest = progress_text(plan, lang)
    body = [paragraph(first, "caveat"), *(paragraph(line) for line in rest)]
    sourced = plan.seen[["citation", "note"]].astype(bool).to_numpy().any()
    rows = []
    for row in plan.seen.to_dict("records"):
        cells = [escape(str(row["date"])), interval_bar(0.0, min(row["of_target"], 1.0), 1.0)]
        source = " · ".join(text for text in (row["citation"], row["note"]) if text)
        cells += [escape(source)] if sourced else []
        rows.append([*cells, value_text(row["value"], plan.target), percent(row["of_target"])])
    if rows:
        keys = ["target_date", "", *(["x_sources"] if sourced else [])]
        keys += ["target_value", "target_part"]
        head = [escape(say(lang, key)) if key else "" for key in keys]
        body.append(table(head, rows, kind="target narrow", left=len(keys) - 2))
    if plan.target.get("citation"):
        told = {"citation": plan.target["citation"]}
        body.append(paragraph(say(lang, "target_citation", told), "hint"))
    return "".join(body)
