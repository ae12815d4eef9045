"""The sections of the report: each is a function of the scorecard and the language.

To add one, write such a function and put it in ``SECTIONS``; nothing else has to change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from html import escape
from math import nan
from typing import Any

import pandas as pd

from quarterhour.outputs.looks import SHOWN, shown_status
from quarterhour.outputs.report.drawing import area_numbers, map_legend, map_svg
from quarterhour.outputs.report.method import citation, edges, manifest_tables, methods, quality
from quarterhour.outputs.report.overview import gaps_by_item, overview
from quarterhour.outputs.report.parts import (
    area_names,
    bar,
    bounds_bar,
    counts_by,
    facility_names,
    legend,
    mark,
    more_rows,
    paragraph,
    section,
    status_heads,
    table,
)
from quarterhour.outputs.report.small_maps import small_maps
from quarterhour.outputs.words import (
    NOTHING,
    Lang,
    both,
    both_numbers,
    limit,
    most_rounded,
    name_of,
    number,
    percent,
    say,
    searched,
    short,
    unit_of,
    walk_text,
)
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import MET_SHARE, OBSERVED_SHARE

Section = Callable[[Scorecard, Lang], str]
"""Scorecard and language to HTML; an empty text leaves the section out."""

AREAS_SHOWN = 300
GRID_SHOWN = 60
GAPS_SHOWN = 400


def map_section(card: Scorecard, lang: Lang) -> str:
    """Draw where the areas lie and how complete each is, in all, by group and by item."""
    body = [map_svg(card, lang), map_legend(lang), paragraph(say(lang, "map_caption"), "hint")]
    return section("where", say(lang, "map"), "".join([*body, small_maps(card, lang)]))


def groups(card: Scorecard, lang: Lang) -> str:
    """Show each group of items as one bar of its four statuses."""
    counts = counts_by(card, "item")
    rows = []
    for group in card.checklist.groups:
        keys = [item.key for item in card.checklist if item.group == group.key]
        mine = counts.loc[keys].sum()
        met = mine["met"] + mine["implied"]
        known = met + mine["unmet"]
        share, seen = (n / known if known else float("nan") for n in (met, mine["met"]))
        cells = [escape(name_of(group, lang)), bar(mine.to_dict(), lang)]
        rows.append([*cells, *(_count(int(mine[s])) for s in SHOWN), both(share, seen)])
    signs = status_heads(lang)
    head = [escape(say(lang, "group")), "", *signs, escape(say(lang, "share_known"))]
    body = paragraph(say(lang, "groups_text"), "hint") + table(head, rows, kind="groups", left=2)
    return section("groups", say(lang, "groups"), body)


def items(card: Scorecard, lang: Lang) -> str:
    """Tabulate the items in the order of the checklist, group by group."""
    rates = coverage(card)
    by_people = bool(rates.loc[rates["measure"] == "population", "denominator"].sum())
    measure = "population" if by_people else "residence"
    unit = say(lang, "unit_residents" if by_people else "unit_residences")
    mine = rates[rates["measure"] == measure].set_index("item").to_dict("index")
    counts = counts_by(card, "item").to_dict("index")
    rows: list[list[str]] = []
    group = ""
    names = {one.key: name_of(one, lang) for one in card.checklist.groups}
    limits = {limit(item, lang) for item in card.checklist}
    one_limit = len(limits) == 1
    for place, item in enumerate(card.checklist, start=1):
        if item.group != group:
            group = item.group
            rows.append([escape(names[group])])
        cells = [str(place), escape(name_of(item, lang))]
        cells += [] if one_limit else [escape(limit(item, lang))]
        cells += [_count(int(counts[item.key][status])) for status in SHOWN]
        rows.append([*cells, *_rate_cells(mine[item.key], lang)])
    head = [say(lang, "no"), say(lang, "item"), *([] if one_limit else [say(lang, "limit")])]
    marks = status_heads(lang)
    rest = [say(lang, "covered", {"unit": unit}), say(lang, "share"), say(lang, "bounds")]
    rest.append(say(lang, "not_known", {"unit": unit}))
    heads = [*map(escape, head), *marks, *map(escape, rest)]
    told = say(lang, "all_limits", {"limit": limits.pop()}) if one_limit else ""
    body = paragraph(say(lang, "items_text", {"unit": unit, "limit": told}), "hint")
    body += table(heads, rows, kind="items narrow", left=len(head))
    return section("items", say(lang, "items"), body)


def _rate_cells(rate: dict[Hashable, Any], lang: Lang) -> list[str]:
    """Coverage of an item: of how many, the share, what it could be, and how many are unknown."""
    least, share, most = rate["share_at_least"], rate["share"], rate["share_at_most"]
    known, unknown = rate["denominator"], rate["unknown"]
    near = both_numbers(rate["observed"], rate["implied"])
    near = f"({near})" if rate["implied"] > 0 else near
    of = f"{near} / {number(known)}" if known else NOTHING
    told = both(share, rate["share_observed"])
    told = f'<i class="weak">{told}</i>' if unknown > known else told
    bounds = f"{percent(least)} – {percent(float(most_rounded(most, unknown)))}" if unknown else ""
    seen = rate["observed"] / max(known + unknown, 1)
    return [of, told, bounds_bar((seen, least, most), share, lang) + bounds, _count(round(unknown))]


def _count(value: int) -> str:
    return f"{value:,}" if value else '<span class="zero">0</span>'


def areas(card: Scorecard, lang: Lang) -> str:
    """Tabulate the areas, the least complete first, and their status item by item."""
    summary = card.summary()
    order = area_numbers(card).sort_values().index
    names, counts = area_names(card, lang), counts_by(card, "area")
    with_people = bool(summary["residents"].notna().any())
    edge: dict[Any, int] = summary["edge_affected"].to_dict()
    rows = []
    for place, label in enumerate(order[:AREAS_SHOWN], start=1):
        row = summary.loc[label]
        cells = [str(place), escape(str(names[label]))]
        cells += [number(row["residents"])] if with_people else []
        cells += [_count(int(counts.loc[label, status])) for status in SHOWN]
        cells += [both(row[MET_SHARE], row[OBSERVED_SHARE]), _count(int(edge[label]))]
        rows.append([*cells, bar(counts.loc[label].to_dict(), lang, height=14)])
    head = [say(lang, "no"), say(lang, "area")]
    head += [say(lang, "residents")] if with_people else []
    signs = status_heads(lang)
    heads = [*map(escape, head), *signs, escape(say(lang, "complete")), escape(say(lang, "edge"))]
    body = [
        paragraph(say(lang, "area_text"), "hint"),
        table([*heads, ""], rows, kind="areas", left=2),
        more_rows(len(order) - AREAS_SHOWN, lang, "summary.csv"),
        f"<h3>{escape(say(lang, 'grid'))}</h3>",
        paragraph(say(lang, "grid_text"), "hint"),
        _grid(card, order[:GRID_SHOWN], names, lang),
        more_rows(len(order) - GRID_SHOWN, lang, "results.csv"),
        legend(lang),
    ]
    return section("areas", say(lang, "area_section"), "".join(body))


def _grid(card: Scorecard, order: pd.Index, names: pd.Series[Any], lang: Lang) -> str:
    """One sign per area and item."""
    signs = {status: mark(status, lang) for status in SHOWN}
    # Results are in the order of areas and items.
    status = shown_status(card.results).to_numpy().reshape(len(card.areas), -1)
    where = card.areas.index.get_indexer(order)
    rows = [
        [f"{place} {escape(str(names[label]))}", *(signs[one] for one in status[i])]
        for place, (label, i) in enumerate(zip(order, where, strict=True), start=1)
    ]
    head = [""] + [
        f'<span title="{escape(name_of(item, lang))}">{place}</span>'
        for place, item in enumerate(card.checklist, start=1)
    ]
    return table(head, rows, kind="grid", called=escape(say(lang, "grid")))


def gap_section(card: Scorecard, lang: Lang) -> str:
    """List what is missing: by item, and by area with the residents affected."""
    found = gaps(card)
    if found.empty:
        return section("gaps", say(lang, "gaps"), paragraph(say(lang, "gaps_none")))
    with_people = bool(found["residents_without"].notna().any())
    total = card.summary()["residents"].sum()
    by_item = []
    for row in gaps_by_item(card).to_dict("records"):
        item = card.checklist[str(row["item"])]
        cells = [escape(name_of(item, lang)), f"{row['areas']} / {len(card.areas)}"]
        people = row["residents_without"]
        cells += [number(people), percent(people / total)] if with_people else []
        by_item.append(cells)
    head = [say(lang, "item"), say(lang, "areas_without")]
    head += [say(lang, "beyond"), say(lang, "beyond_share")] if with_people else []
    horizon = float(card.manifest["parameters"]["horizon"])
    reach = searched(card.checklist, horizon, lang)
    body = [
        paragraph(say(lang, f"gaps_text_{unit_of(card.checklist)}", {"reach": reach}), "hint"),
        f"<h3>{escape(say(lang, 'gaps_by_item'))}</h3>",
        table([escape(text) for text in head], by_item, kind="byitem"),
        f"<h3>{escape(say(lang, 'gaps_by_area'))}</h3>",
        _gaps_by_area(card, found, with_people, lang),
    ]
    return section("gaps", say(lang, "gaps"), "".join(body))


def _nearest(row: dict[Hashable, Any], facilities: dict[Any, str], lang: Lang) -> str:
    """Name the nearest facility; say why it does not serve, where that is not the distance."""
    label = row["facility"]
    told = NOTHING if pd.isna(label) else escape(facilities.get(label, say(lang, "nameless")))
    if row["reason"] != "beyond_limit":
        told += f" <small>({escape(say(lang, str(row['reason'])))})</small>"
    return told


def _gaps_by_area(card: Scorecard, found: pd.DataFrame, with_people: bool, lang: Lang) -> str:
    numbers, names = area_numbers(card), area_names(card, lang)
    facilities = facility_names(card, lang)
    place = {key: i for i, key in enumerate(card.checklist.keys())}
    people = {
        label: "" if pd.isna(n) else f" · {escape(say(lang, 'residents_n', {'n': number(n)}))}"
        for label, n in card.summary()["residents"].items()
    }
    shown = found.assign(number=found["area"].map(numbers), place=found["item"].map(place))
    shown = shown.sort_values(["number", "place"], kind="stable")
    rows: list[list[str]] = []
    last = None
    for row in shown.head(GAPS_SHOWN).to_dict("records"):
        if row["area"] != last:
            last = row["area"]
            rows.append([f"{row['number']} {escape(str(names[last]))}{people[last]}"])
        item = card.checklist[str(row["item"])]
        told = f"{mark('unmet', lang)} {escape(short(name_of(item, lang)))}"
        cells = [str(row["number"]), told]
        cells.append(_nearest(row, facilities, lang))
        cells += [number(row["residents_without"])] if with_people else []
        cells += [percent(row["share_without"])]
        for which in ("median", "worst"):
            told = walk_text(row[f"{which}_minutes"], row.get(f"{which}_metres", nan), lang)
            cells.append(escape(say(lang, "none_near") if told == NOTHING else told))
        cells.append(escape(say(lang, "yes")) if row["edge_affected"] else "")
        rows.append(cells)
    head = [say(lang, "no"), say(lang, "item"), say(lang, "nearest")]
    head += [say(lang, "beyond")] if with_people else []
    unit = unit_of(card.checklist)
    head += [say(lang, "beyond_homes"), say(lang, f"median_{unit}"), say(lang, f"worst_{unit}")]
    head += [say(lang, "edge")]
    rest = more_rows(len(found) - GAPS_SHOWN, lang, "gaps.csv")
    return table([escape(text) for text in head], rows, kind="byarea narrow", left=3) + rest


SECTIONS: tuple[Section, ...] = (
    overview,
    groups,
    map_section,
    items,
    areas,
    gap_section,
    quality,
    edges,
    methods,
    manifest_tables,
    citation,
)
"""The report, in order."""
