"""The pages of plans in the report: a scenario or two years, new places, service circles."""

from __future__ import annotations

from html import escape
from typing import Any

from quarterhour.outputs.cause_words import cause_heads, cause_table, causes_told, part_text
from quarterhour.outputs.looks import shown_status
from quarterhour.outputs.plan_tables import (
    changed_areas,
    changed_items,
    member_texts,
    note_text,
    site_table,
)
from quarterhour.outputs.plan_words import (
    Plan,
    change_text,
    circles_text,
    comparison_text,
    moved_text,
    place_name,
    plan_title,
    proof_text,
    recorded,
    siting_text,
    unit_text,
    why_text,
)
from quarterhour.outputs.report.other_pages import audit_page, rooms_page, target_page
from quarterhour.outputs.report.parts import (
    area_names,
    facility_names,
    heading,
    mark,
    more_rows,
    paragraph,
    section,
    table,
)
from quarterhour.outputs.report.plan_drawing import (
    circles_legend,
    circles_map,
    comparison_legend,
    comparison_map,
    curve_svg,
    siting_legend,
    siting_map,
)
from quarterhour.outputs.words import (
    NOTHING,
    Lang,
    minutes,
    name_of,
    number,
    percent,
    say,
    short,
)
from quarterhour.planning.audit import Audit
from quarterhour.planning.circles import Circles
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.rooms import RoomSiting
from quarterhour.planning.siting import Siting

ROWS_SHOWN = 200
"""More rows of a table than this are in the workbook only."""


def plan_section(plan: Plan, place: int, name: str, lang: Lang) -> str:
    """Give the page of a plan, which is the ``place``-th of the report."""
    if isinstance(plan, Comparison):
        body = _comparison(plan, lang)
    elif isinstance(plan, Siting):
        body = _siting(plan, lang)
    elif isinstance(plan, Circles):
        body = _circles(plan, lang)
    elif isinstance(plan, RoomSiting):
        body = rooms_page(plan, lang)
    else:
        body = audit_page(plan, lang) if isinstance(plan, Audit) else target_page(plan, lang)
    return section("plan", plan_title(plan, place, name, lang), body, plan_id(place, lang))


def plan_id(place: int, lang: Lang) -> str:
    """Name the page of a plan in the file."""
    return f"plan-{place}-{lang}"


def _comparison(plan: Comparison, lang: Lang) -> str:
    told = [escape(change_text(one, plan.before, lang)) for one in recorded(plan)]
    changes = (
        f"<ol>{''.join(f'<li>{one}</li>' for one in told)}</ol>"
        if told
        else paragraph(say(lang, "plan_unlisted"))
    )
    body = [heading("plan_changes", lang), changes]
    body += [paragraph(line, "caveat") for line in comparison_text(plan, lang)]
    body.append(_causes(plan, lang))
    if plan.gained or plan.lost or len(plan.turned):
        body += [comparison_map(plan, lang), comparison_legend(lang)]
        body += [paragraph(say(lang, "plan_map_caption"), "hint")]
        body += [_by_item(plan, lang), _by_area(plan, lang), _turned(plan, lang)]
    return "".join(body)


def _causes(plan: Comparison, lang: Lang) -> str:
    """Say what the change between two years or sources is due to."""
    causes, why = causes_told(plan)
    if causes is None:
        return paragraph(say(lang, "plan_causes_unknown", {"why": why})) if why else ""
    rows = [
        [escape(row["cause"]), escape(row["cause_what"]), part_text(row["cause_turned"])]
        + [part_text(row[key], signed=True) for key in ("cause_met", "cause_within")]
        for row in cause_table(plan, lang).to_dict("records")
    ]
    head = [escape(one) for one in cause_heads(causes, lang).values()]
    made = table(head, rows, kind="causes narrow", left=2)
    told = paragraph(say(lang, "plan_causes_text"), "hint")
    return heading("plan_causes", lang) + made + told


def _count(value: float, sign: str, lang: Lang) -> str:
    told = escape(moved_text(value, sign, lang))
    return told if value > 0 else '<span class="zero">0</span>'


def _moved(row: dict[Any, Any], lang: Lang) -> list[str]:
    return [_count(row["gained"], "+", lang), _count(row["lost"], "−", lang)]


def _rest(n: int, key: str, lang: Lang) -> str:
    told = {"n": n, "what": say(lang, f"alone_{key}")}
    return paragraph(say(lang, "plan_rest", told), "hint") if n > 0 else ""


def _heads(plan: Comparison, lang: Lang) -> list[str]:
    unit = {"unit": unit_text(plan.measure, lang)}
    return [say(lang, "gained_of", unit), say(lang, "lost_of", unit)]


def _by_item(plan: Comparison, lang: Lang) -> str:
    """Gained and lost per item, under the sums of its group."""
    mine = changed_items(plan)
    groups = {group.key: name_of(group, lang) for group in plan.after.checklist.groups}
    rows: list[list[str]] = []
    last = ""
    for key, row in zip(mine.index, mine.to_dict("records"), strict=True):
        item = plan.after.checklist[str(key)]
        if item.group != last:
            last = item.group
            sums = plan.groups.loc[last].to_dict()
            rows.append([f"<b>{escape(groups[last])}</b>", *_moved(sums, lang), "", ""])
        turned = [_count(row[f"areas_turned_{one}"], "", lang) for one in ("met", "unmet")]
        rows.append([escape(name_of(item, lang)), *_moved(row, lang), *turned])
    head = [say(lang, "item"), *_heads(plan, lang), say(lang, "turned_met")]
    head.append(say(lang, "turned_unmet"))
    made = table([escape(one) for one in head], rows, kind="planitems")
    return heading("plan_by_item", lang) + made + _rest(len(plan.items) - len(mine), "item", lang)


def _by_area(plan: Comparison, lang: Lang) -> str:
    mine = changed_areas(plan)
    names = area_names(plan.after, lang)
    people = plan.after.summary()["residents"]
    rows = []
    for place, (label, row) in enumerate(
        zip(mine.index, mine.to_dict("records"), strict=True), start=1
    ):
        met = f"{row['met_before']} → {row['met']}"
        cells = [str(place), escape(str(names[label])), number(float(people[label]))]
        rows.append([*cells, *_moved(row, lang), met])
    head = [say(lang, "no"), say(lang, "area"), say(lang, "residents"), *_heads(plan, lang)]
    head.append(say(lang, "met_before_after"))
    made = table([escape(one) for one in head], rows[:ROWS_SHOWN], kind="planareas", left=2)
    made += more_rows(len(rows) - ROWS_SHOWN, lang, "areas.csv")
    return heading("plan_by_area", lang) + made + _rest(len(plan.areas) - len(mine), "area", lang)


def _turned(plan: Comparison, lang: Lang) -> str:
    """List the results that are others, from what to what, and why."""
    if plan.turned.empty:
        return heading("plan_turned", lang) + paragraph(say(lang, "plan_turned_none"))
    names = area_names(plan.after, lang)
    found = plan.turned.assign(
        was=shown_status(
            plan.turned[["status_before", "reason_before"]].set_axis(["status", "reason"], axis=1)
        ),
        now=shown_status(plan.turned),
    )
    places = facility_names(plan.before, lang) | facility_names(plan.after, lang)
    rows = []
    for row in found.head(ROWS_SHOWN).to_dict("records"):
        item = short(name_of(plan.after.checklist[str(row["item"])], lang))
        status = f"{mark(row['was'], lang)} → {mark(row['now'], lang)}"
        walk = f"{minutes(row['minutes_before'])} → {minutes(row['minutes'])}"
        why = escape(why_text(str(row["why"]), lang))
        if name := places.get(row["facility"]):
            now = escape(say(lang, "now_nearest", {"name": place_name(name, lang)}))
            why += f" <small>{say(lang, 'in_brackets', {'text': now}).strip()}</small>"
        cells = [escape(str(names[row["area"]])), escape(item), status, why]
        rows.append([*cells, walk, *_moved(row, lang)])
    head = [say(lang, "area"), say(lang, "item"), say(lang, "before_after"), say(lang, "why")]
    head += [say(lang, "minutes_before_after"), say(lang, "gained"), say(lang, "lost")]
    made = table([escape(one) for one in head], rows, kind="turned narrow", left=4)
    rest = more_rows(len(found) - ROWS_SHOWN, lang, "turned.csv")
    return heading("plan_turned", lang) + made + rest


def _siting(plan: Siting, lang: Lang) -> str:
    mine = plan.card.matches
    there = mine.loc[mine["item"] == plan.item.key, "facility"].nunique()
    sites = site_table(plan, lang)
    now = [NOTHING, escape(say(lang, "site_now")), "", "", number(plan.before)]
    rows = [[*now, percent(plan.before / plan.total)]]
    for row in sites.to_dict("records"):
        at = f"{row['lon']:.5f}, {row['lat']:.5f}"
        cells = [str(row["site"]), escape(row["where"]), at, _count(row["gained"], "+", lang)]
        rows.append([*cells, number(row["served"]), percent(row["share"])])
    unit = {"unit": unit_text(plan.measure, lang)}
    head = [say(lang, "no"), say(lang, "site_place"), say(lang, "site_lonlat")]
    head += [say(lang, "site_gained", unit), say(lang, "site_served", unit)]
    head.append(say(lang, "site_share"))
    body = [
        paragraph(siting_text(plan, lang), "caveat"),
        paragraph(say(lang, "site_already", {"n": number(there)})) if there else "",
        paragraph(proof_text(plan, lang)),
        siting_map(plan, lang),
        siting_legend(lang),
        table([escape(one) for one in head], rows, kind="sites", left=2),
        paragraph(say(lang, "site_order"), "hint"),
        heading("site_curve", lang),
        curve_svg(plan, lang),
        paragraph(say(lang, "site_curve_text"), "hint"),
    ]
    return "".join(body)


def _circles(plan: Circles, lang: Lang) -> str:
    members = member_texts(plan, lang)
    rows = []
    for row in plan.circles.drop(columns="geometry").to_dict("records"):
        had = f"{row['items']} / {row['items_missing']} / {row['items_unknown']}"
        cells = [str(row["circle"]), escape(members[row["circle"]]), number(row["residents"])]
        cells += [minutes(row["mean_minutes"]), minutes(row["longest_minutes"]), had]
        rows.append([*cells, escape(note_text(row, lang))])
    keys = ["circle_no", "circle_members", "residents", "circle_mean", "circle_longest"]
    keys += ["circle_items", "circle_note"]
    if not any(row[-1] for row in rows):  # nothing is particular about any
        rows, keys = [row[:-1] for row in rows], keys[:-1]
    head = [say(lang, key) for key in keys]
    first, *rest = circles_text(plan, lang)
    body = [
        paragraph(first, "caveat"),
        *(paragraph(line) for line in rest),
        circles_map(plan, lang),
        circles_legend(lang),
        table([escape(one) for one in head], rows, kind="circles narrow", left=2),
        paragraph(say(lang, "circle_items_text"), "hint"),
        heading("circle_left", lang),
        _left(plan, lang),
    ]
    return "".join(body)


def _left(plan: Circles, lang: Lang) -> str:
    if plan.left_out.empty:
        return paragraph(say(lang, "circle_left_none"))
    names = area_names(plan.card, lang)
    rows = [
        [
            escape(str(names[row["area"]])),
            escape(say(lang, f"circle_{row['reason']}")),
            number(row["residents"]),
        ]
        for row in plan.left_out.head(ROWS_SHOWN).to_dict("records")
    ]
    head = [escape(say(lang, key)) for key in ("area", "why", "residents")]
    rest = more_rows(len(plan.left_out) - ROWS_SHOWN, lang, "left_out.csv")
    return table(head, rows, kind="leftout", left=2) + rest
