"""Scorecards as plain text for a terminal, in Chinese or English."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import pandas as pd

from quarterhour.cli.spoken import more_lines, note_lines, word
from quarterhour.cli.text import bullet_lines, fitted, table_text, width
from quarterhour.outputs.looks import SHOWN, shown_status
from quarterhour.outputs.parameter_words import item_names, listed_items
from quarterhour.outputs.report.parts import area_names
from quarterhour.outputs.walker_words import walker_of_card
from quarterhour.outputs.words import (
    NOTHING,
    Lang,
    both,
    both_numbers,
    has,
    left_out_text,
    limit_text,
    minutes,
    most_rounded,
    name_of,
    number,
    percent,
    say,
    short,
    unit_of,
)
from quarterhour.outputs.words import walk_text as walk_in_unit
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import (
    MET_SHARE,
    OBSERVED_SHARE,
    group_columns,
    observed_column,
)
from quarterhour.standards.limits import Limit

AREAS_SHOWN = 25
GAPS_SHOWN = 10
GROUP = 12
"""Columns for the name of a group."""


def scorecard_lines(card: Scorecard, lang: Lang, notes: Iterable[str] = ()) -> list[str]:
    """Say in lines of text what a scorecard holds: how it was made, areas, items, gaps."""
    told = note_lines([*notes, *card.origins.attrs.get("notes", [])], lang)
    table = coverage(card)
    parts = [
        [word(lang, "data_head"), *bullet_lines(told)] if told else [],
        walk_lines(card, lang),
        [word(lang, "left_head"), *bullet_lines(left_out_text(card.left_out, lang))],
        area_lines(card, lang),
        item_lines(card, table, lang),
        coverage_lines(table, lang),
        gap_lines(card, lang),
    ]
    lines: list[str] = []
    for part in parts:
        lines += ["", *part] if part else []
    return lines[1:]


def walk_lines(card: Scorecard, lang: Lang) -> list[str]:
    """Say how people walk, from where, and what the limit is."""
    parameters = card.manifest["parameters"]
    speed = float(parameters["speed_m_s"])
    limits = Counter(item.limit for item in card.checklist)
    told = []
    for limit, n in limits.items():
        text = _limit_text(limit, speed, lang)
        key = "limit_of_one" if n == 1 else "limit_of"
        told.append(word(lang, key, {"limit": text, "n": n}) if len(limits) > 1 else text)
    walk = {"pace": walker_of_card(card, lang), "origins": _origins_text(card, lang)}
    met = word(lang, "met", {"quota": f"{100 * float(parameters['quota']):g}%"})
    if parameters["surveyed"]:
        some = listed_items(parameters["surveyed"], item_names(card, lang), lang)
        met += word(lang, "surveyed", {"list": some})
    return [
        word(lang, "walking", walk),
        *closed_lines(parameters["closed_streets"], lang),
        word(lang, "limits", {"limits": say(lang, "semicolon").join(told)}),
        met,
        *_service_lines(parameters, lang),
    ]


def closed_lines(closed: Mapping[str, float], lang: Lang) -> list[str]:
    """Say how much street is closed to a walker, if any is.

    Examples
    --------
    >>> closed_lines({"edges": 12, "metres": 320.4}, "en")
    ['Closed to this walker: 12 pieces of street, 0.3 km']
    """
    if not closed["edges"]:
        return []
    told = {"n": number(closed["edges"]), "km": f"{closed['metres'] / 1000:,.1f}"}
    return [word(lang, "closed", told)]


def _service_lines(parameters: Mapping[str, Any], lang: Lang) -> list[str]:
    """Say what counts, where that is not the usual."""
    rated = parameters.get("min_satisfaction")
    least = {"least": percent(rated)} if rated else {}
    told = [
        *([word(lang, "count_at", {"at": parameters["at"]})] if parameters.get("at") else []),
        *([word(lang, "count_period", parameters)] if parameters.get("period") else []),
        *([word(lang, "count_contracted")] if parameters.get("contracted_only") else []),
        *([word(lang, "count_rated", least)] if rated else []),
        *([word(lang, "count_own")] if parameters.get("mode") == "facility" else []),
    ]
    return [word(lang, "counted", {"list": say(lang, "comma").join(told)})] if told else []


def _limit_text(limit: Limit, speed_m_s: float, lang: Lang) -> str:
    """Give a limit, and in metres what is given in minutes."""
    told = limit_text(limit, lang)
    if limit.in_metres:
        return told
    return word(lang, "limit_m", {"limit": told, "m": number(limit.reach_m(speed_m_s))})


def _origins_text(card: Scorecard, lang: Lang) -> str:
    kinds = card.origins["kind"].value_counts()
    return say(lang, "comma").join(
        say(lang, f"o_{kind}" if has(lang, f"o_{kind}") else "o_any", {"n": number(n)})
        for kind, n in kinds.items()
    )


def area_lines(card: Scorecard, lang: Lang, shown: int = AREAS_SHOWN) -> list[str]:
    """Tabulate the areas, the least complete first."""
    summary = card.summary().sort_values(
        [MET_SHARE, "unmet"], ascending=[True, False], kind="stable"
    )
    groups, columns = card.checklist.groups, group_columns(card.checklist)
    with_residents = bool(summary["residents"].notna().any())
    with_hosts = bool(summary["implied"].any())
    keys = ["area", *(["residents"] if with_residents else [])]
    keys += ["observed", "implied"] if with_hosts else ["status_met"]
    heading = [word(lang, key) for key in (*keys, "unmet", "unknown", "complete")]
    heading += [fitted(name_of(group, lang), GROUP) for group in groups]
    rows = [[*heading, word(lang, "edge")]]
    called = area_names(card, lang).to_dict()
    for label, row in summary.head(shown).iterrows():
        cells = [fitted(called[label], 24)]
        cells += [number(row["residents"])] if with_residents else []
        cells += [str(row["observed"]), *([str(row["implied"])] if with_hosts else [])]
        cells += [str(row["unmet"]), str(row["unknown"]), both(row[MET_SHARE], row[OBSERVED_SHARE])]
        cells += [both(row[columns[g.key]], row[observed_column(columns[g.key])]) for g in groups]
        rows.append([*cells, str(row["edge_affected"])])
    n = len(summary)
    lines = [word(lang, "areas_head", {"n": number(n), "items": len(card.checklist)})]
    lines += table_text(rows)
    lines += more_lines(lang, n - shown, "summary.csv")
    lines += [] if with_residents else [word(lang, "no_residents")]
    lines.append(word(lang, "area_legend"))
    names = [name_of(group, lang) for group in groups]
    if any(width(name) > GROUP for name in names):
        lines.append(f"  {say(lang, 'comma').join(names)}")
    return [*lines, *([word(lang, "implied_told")] if with_hosts else [])]


def item_lines(card: Scorecard, table: pd.DataFrame, lang: Lang) -> list[str]:
    """Tabulate the items in the order of the checklist, with the coverage of each."""
    population = bool(table.loc[table["measure"] == "population", "denominator"].sum())
    measure = "population" if population else "residence"
    mine = table[table["measure"] == measure].set_index("item").to_dict("index")
    counts = status_counts(card)
    with_hosts = bool(counts["implied"].any())
    keys = ["observed", "implied"] if with_hosts else ["status_met"]
    keys += ["unmet", "unknown", f"within_{measure}", "share", "not_known"]
    left = ["item"] if lang == "zh" else ["item", "key"]
    rows = [[word(lang, key) for key in (*left, *keys)]]
    for item in card.checklist:
        named = fitted(short(name_of(item, lang)), 32)
        told = [str(counts.loc[item.key, s]) for s in SHOWN if s != "implied" or with_hosts]
        row = mine[item.key]
        near = {"n": both_numbers(row["observed"], row["implied"])}
        whole = row["denominator"]
        of = word(lang, "n_of", {**near, "of": number(whole)}) if whole else NOTHING
        shares = [of, both(row["share"], row["share_observed"]), number(row["unknown"])]
        rows.append([*([named] if lang == "zh" else [item.key, named]), *told, *shares])
    named = f"{card.checklist.key} {name_of(card.checklist, lang)}"
    head = {"name": named, "measure": word(lang, f"measure_{measure}")}
    lines = [word(lang, "items_head", head), *table_text(rows, left=len(left))]
    lines += [word(lang, "implied_told")] if with_hosts else []
    reasons = card.results.loc[card.results["status"] == "unknown", "reason"].value_counts()
    for reason, n in reasons.items():
        told_of = {"n": number(n), "reason": say(lang, str(reason))}
        lines.append(word(lang, "unknown_of", told_of))
    return lines


def status_counts(card: Scorecard) -> pd.DataFrame:
    """Count the areas of each status: one row per item, in the order of the checklist.

    What only a host implies is a status of its own.
    """
    counts = pd.crosstab(card.results["item"], shown_status(card.results))
    return counts.reindex(index=card.checklist.keys(), columns=list(SHOWN), fill_value=0)


def coverage_lines(table: pd.DataFrame, lang: Lang) -> list[str]:
    """Say the coverage of all items together; the rest is in the table of items."""
    lines = [word(lang, "coverage_head")]
    for row in table[table["item"] == "all"].to_dict("records"):
        unit = word(lang, f"u_{row['unit']}")
        implied = {"implied": number(row["implied"]), "unit": unit}
        told = {
            "measure": word(lang, f"m_{row['measure']}"),
            "share": both(row["share"], row["share_observed"]),
            "met": number(row["numerator"]),
            "met_word": word(lang, f"coverage_met{'_implied' * bool(row['implied'])}", implied),
            "of": number(row["denominator"]),
            "unit": unit,
            "unknown": number(row["unknown"]),
            "least": percent(row["share_at_least"]),
            "most": percent(float(most_rounded(row["share_at_most"], row["unknown"]))),
        }
        lines.append(word(lang, "coverage_row", told))
    return lines


def gap_lines(card: Scorecard, lang: Lang, shown: int = GAPS_SHOWN) -> list[str]:
    """Tabulate the gaps that touch most residents."""
    table = gaps(card)
    if table.empty:
        return [word(lang, "gaps_none")]
    counted = bool(table["residents_without"].notna().any())
    unit = unit_of(card.checklist)
    keys = ["area", "item", *(["residents_without"] if counted else []), "share_without"]
    rows = [[word(lang, key) for key in (*keys, f"median_{unit}", "edge")]]
    called, names = area_names(card, lang).to_dict(), item_names(card, lang)
    for row in table.head(shown).to_dict("records"):
        cells = [fitted(called[row["area"]], 24), fitted(names[row["item"]], 32)]
        cells += [number(row["residents_without"])] if counted else []
        cells += [percent(row["share_without"]), walk_text(row, lang, told=unit == "both")]
        rows.append([*cells, word(lang, "yes") if row["edge_affected"] else ""])
    values = {"n": min(shown, len(table)), "of": number(len(table))}
    lines = [word(lang, f"gaps_head_{'residents' if counted else 'share'}", values)]
    lines += table_text(rows, left=2)
    return [*lines, *more_lines(lang, len(table) - shown, "gaps.csv")]


def walk_text(row: Mapping[Hashable, Any], lang: Lang, *, told: bool = False) -> str:
    """Give the median walk of a gap in the unit of its item's limit, and say which that is.

    Examples
    --------
    >>> walk_text({"median_minutes": 6.7, "median_metres": 501.3}, "en")
    '502 m'
    >>> walk_text({"median_minutes": 15.01}, "zh", told=True)
    '15.1 分钟'
    >>> walk_text({"median_minutes": math.nan}, "en")
    'none near'
    """
    in_minutes, in_metres = row["median_minutes"], row.get("median_metres", math.nan)
    if pd.isna(in_minutes) and pd.isna(in_metres):
        return word(lang, "none_near")
    if told and pd.isna(in_metres):
        return say(lang, "minutes_n", {"n": minutes(in_minutes)})
    return walk_in_unit(in_minutes, in_metres, lang)
