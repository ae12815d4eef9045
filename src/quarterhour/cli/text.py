"""Scorecards as plain text: tables for a terminal, in which Chinese characters take two columns."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from quarterhour.outputs.looks import SHOWN, shown_status
from quarterhour.outputs.words import has, left_out_text, metres_up, minutes_up, say
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
IMPLIED_TOLD = (
    "  a + b: met by facilities that the data show, and only by hosts that usually have it"
)

NOTHING = "-"


def width(text: str) -> int:
    """Columns that a text takes in a terminal.

    Examples
    --------
    >>> width("九网点"), width("nine")
    (6, 4)
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def fitted(text: str, columns: int) -> str:
    """Cut a text to a number of columns, with an ellipsis where something was cut.

    Examples
    --------
    >>> fitted("社区卫生服务站", 9), fitted("park", 9)
    ('社区卫生…', 'park')
    """
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for character in text:
        used += width(character)
        if used > columns - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def table_text(rows: Sequence[Sequence[str]], left: int = 1, indent: str = "  ") -> list[str]:
    r"""Align rows of cells; the first row is the heading, the first ``left`` columns are words.

    Examples
    --------
    >>> print("\n".join(table_text([["area", "met"], ["松园", "7"], ["Kamppi", "12"]])))
      area    met
      松园      7
      Kamppi   12
    """
    columns = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell + " " * (room - width(cell)) if i < left else " " * (room - width(cell)) + cell
            for i, (cell, room) in enumerate(zip(row, columns, strict=True))
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines


def share_text(share: float) -> str:
    """Give a share as a percentage, rounded down, so that 100 % means all of it.

    Examples
    --------
    >>> share_text(0.9999), share_text(1.0), share_text(float("nan"))
    ('99 %', '100 %', '-')
    """
    return NOTHING if pd.isna(share) else f"{int(share * 100 + 1e-9)} %"


def both_text(share: float, observed: float) -> str:
    """Give a share as two numbers, observed and implied by a host, where there are both.

    Examples
    --------
    >>> both_text(0.71, 0.54), both_text(0.71, 0.71), both_text(float("nan"), float("nan"))
    ('54 + 17 %', '71 %', '-')
    """
    if pd.isna(share) or not observed < share:
        return share_text(share)
    whole, seen = (int(part * 100 + 1e-9) for part in (share, observed))
    return f"{seen} + {whole - seen} %"


def both_counts(observed: float, implied: float) -> str:
    """Give a count as two numbers, observed and implied by a host, where there are both.

    Examples
    --------
    >>> both_counts(1200, 34), both_counts(1200, 0)
    ('1,200 + 34', '1,200')
    """
    return (
        f"{count_text(observed)} + {count_text(implied)}" if implied > 0 else count_text(observed)
    )


def count_text(number: float) -> str:
    """Give a count with separators.

    Examples
    --------
    >>> count_text(32400.0), count_text(float("nan"))
    ('32,400', '-')
    """
    return NOTHING if pd.isna(number) else f"{number:,.0f}"


def bullet_lines(sentences: Iterable[str]) -> list[str]:
    """Give each sentence a bullet, without repeating any."""
    return [f"  * {sentence}" for sentence in dict.fromkeys(sentences)]


def scorecard_lines(card: Scorecard, notes: Iterable[str] = ()) -> list[str]:
    """Say in lines of text what a scorecard holds: how it was made, areas, items, gaps."""
    told = [*notes, *card.origins.attrs.get("notes", [])]
    table = coverage(card)
    parts = [
        ["What the data say of themselves", *bullet_lines(told)] if told else [],
        walk_lines(card),
        ["In the score, and left out of it", *bullet_lines(left_out_text(card.left_out, "en"))],
        area_lines(card),
        item_lines(card, table),
        coverage_lines(table),
        gap_lines(card),
    ]
    lines: list[str] = []
    for part in parts:
        lines += ["", *part] if part else []
    return lines[1:]


def walk_lines(card: Scorecard) -> list[str]:
    """Say how people walk, from where, and what the limit is."""
    parameters = card.manifest["parameters"]
    speed = float(parameters["speed_m_s"])
    limits = Counter(item.limit for item in card.checklist)
    told = [
        _limit_text(limit, speed) + (f" for {plural(n, 'item')}" if len(limits) > 1 else "")
        for limit, n in limits.items()
    ]
    quota = float(parameters["quota"])
    surveyed = ", ".join(parameters["surveyed"])
    return [
        f"Walking: {parameters['pace']}, from {_origins_text(card)}",
        *closed_lines(parameters["closed_streets"]),
        f"Limit: {'; '.join(told)}",
        f"Met: at least {share_text(quota)} of an area's residents are within the limit"
        + (f"; facilities taken to be complete: {surveyed}" if surveyed else ""),
        *_service_lines(parameters),
    ]


def closed_lines(closed: Mapping[str, float]) -> list[str]:
    """Say how much street is closed to a walker, if any is.

    Examples
    --------
    >>> closed_lines({"edges": 1, "metres": 320.4})
    ['Closed to this walker: 1 piece of street, 0.3 km']
    """
    if not closed["edges"]:
        return []
    pieces = f"{closed['edges']:,} piece{'s' * (closed['edges'] != 1)} of street"
    return [f"Closed to this walker: {pieces}, {closed['metres'] / 1000:,.1f} km"]


def _service_lines(parameters: Mapping[str, Any]) -> list[str]:
    """Say what counts, where that is not the usual."""
    told = [
        f"what is open at {parameters['at']}" if parameters.get("at") else "",
        f"what comes within {parameters['period']}" if parameters.get("period") else "",
        "contracted services only" if parameters.get("contracted_only") else "",
        f"what is rated {parameters['min_satisfaction']:.0%} or more, or not at all"
        if parameters.get("min_satisfaction")
        else "",
        "places of their own only" if parameters.get("mode") == "facility" else "",
    ]
    said = ", ".join(text for text in told if text)
    return [f"Counted: {said}"] if said else []


def _limit_text(limit: Limit, speed_m_s: float) -> str:
    """Give a limit, and in metres what is given in minutes."""
    return str(limit) if limit.in_metres else f"{limit} ({limit.reach_m(speed_m_s):,.0f} m)"


def plural(number: int, word: str) -> str:
    """Count things.

    Examples
    --------
    >>> plural(1, "item"), plural(30, "item")
    ('1 item', '30 items')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _origins_text(card: Scorecard) -> str:
    kinds = card.origins["kind"].value_counts()
    return ", ".join(
        say("en", f"o_{kind}", {"n": f"{n:,}"}) if has("en", f"o_{kind}") else f"{n:,} {kind}"
        for kind, n in kinds.items()
    )


def area_lines(card: Scorecard, shown: int = AREAS_SHOWN) -> list[str]:
    """Tabulate the areas, the least complete first."""
    summary = card.summary().sort_values(
        [MET_SHARE, "unmet"], ascending=[True, False], kind="stable"
    )
    groups, columns = card.checklist.groups, group_columns(card.checklist)
    with_residents = bool(summary["residents"].notna().any())
    with_hosts = bool(summary["implied"].any())
    heading = ["area", *(["residents"] if with_residents else [])]
    heading += [*(["observed", "implied"] if with_hosts else ["met"])]
    heading += ["unmet", "unknown", "complete"]
    heading += [*(fitted(group.zh, 10) for group in groups), "edge"]
    rows = [heading]
    for label, row in summary.head(shown).iterrows():
        cells = [fitted(area_name(row["name"], label), 24)]
        cells += [count_text(row["residents"])] if with_residents else []
        cells += [str(row["observed"]), *([str(row["implied"])] if with_hosts else [])]
        cells += [str(row["unmet"]), str(row["unknown"])]
        cells += [both_text(row[MET_SHARE], row[OBSERVED_SHARE])]
        cells += [
            both_text(row[columns[g.key]], row[observed_column(columns[g.key])]) for g in groups
        ]
        rows.append([*cells, str(row["edge_affected"])])
    n = len(summary)
    title = f"Areas: {n:,}, each with {plural(len(card.checklist), 'item')}, least complete first"
    lines = [title, *table_text(rows)]
    if n > shown:
        lines.append(f"  … and {n - shown:,} more, see summary.csv")
    if not with_residents:
        lines.append("  No number of residents is known: shares count residences, not people.")
    lines.append(
        "  complete: met, of met and unmet; edge: items that data beyond the edge could add"
    )
    lines += [IMPLIED_TOLD] if with_hosts else []
    legend = ", ".join(f"{group.zh} {group.en}" for group in groups)
    return [*lines, f"  {legend}"]


def area_name(name: object, label: object) -> str:
    """Give the name of an area, or its index label where it has none."""
    return name if isinstance(name, str) and name else str(label)


def item_lines(card: Scorecard, table: pd.DataFrame) -> list[str]:
    """Tabulate the items in the order of the checklist, with the coverage of each."""
    population = bool(table.loc[table["measure"] == "population", "denominator"].sum())
    measure, unit = ("population", "residents") if population else ("residence", "residences")
    mine = table[table["measure"] == measure].set_index("item").to_dict("index")
    counts = status_counts(card)
    with_hosts = bool(counts["implied"].any())
    met = ["observed", "implied"] if with_hosts else ["met"]
    within = f"{unit} within the limit"
    rows = [["item", "", *met, "unmet", "unknown", within, "", "not known"]]
    for item in card.checklist:
        told = [str(counts.loc[item.key, s]) for s in SHOWN if s != "implied" or with_hosts]
        row = mine[item.key]
        whole = row["denominator"]
        near = both_counts(row["observed"], row["implied"])
        of = f"{near} of {count_text(whole)}" if whole else NOTHING
        shares = [of, both_text(row["share"], row["share_observed"]), count_text(row["unknown"])]
        rows.append([item.key, fitted(item.zh, 24), *told, *shares])
    lines = [
        f"Items of {card.checklist.key} {card.checklist.zh}: areas, and coverage by {measure}",
        *table_text(rows, left=2),
        *([IMPLIED_TOLD] if with_hosts else []),
    ]
    reasons = card.results.loc[card.results["status"] == "unknown", "reason"].value_counts()
    for reason, n in reasons.items():
        lines.append(f"  {n:,} unknown, {reason}: {say('en', str(reason))}")
    return lines


def status_counts(card: Scorecard) -> pd.DataFrame:
    """Count the areas of each status: one row per item, in the order of the checklist.

    What only a host implies is a status of its own.
    """
    counts = pd.crosstab(card.results["item"], shown_status(card.results))
    return counts.reindex(index=card.checklist.keys(), columns=list(SHOWN), fill_value=0)


def coverage_lines(table: pd.DataFrame) -> list[str]:
    """Say the coverage of all items together; the rest is in the table of items."""
    lines = ["Coverage of all items together"]
    for row in table[table["item"] == "all"].to_dict("records"):
        known, unknown = (count_text(row[name]) for name in ("denominator", "unknown"))
        share, met = share_text(row["share"]), f"{count_text(row['observed'])} met"
        if row["implied"]:
            share = f"{share_text(row['share_observed'])} observed, {share} with what hosts imply"
            met = f"{met} and {count_text(row['implied'])} implied,"
        least, most = share_text(row["share_at_least"]), share_text(row["share_at_most"])
        lines.append(
            f"  {row['measure']}: {share} = {met} of {known} {row['unit']} "
            f"that are known; {unknown} unknown, with which it is between {least} and {most}"
        )
    return lines


def gap_lines(card: Scorecard, shown: int = GAPS_SHOWN) -> list[str]:
    """Tabulate the gaps that touch most residents."""
    table = gaps(card)
    if table.empty:
        return ["What is missing: nothing that is known to be"]
    counted = bool(table["residents_without"].notna().any())
    people = ["residents without"] if counted else []
    kinds = {item.limit.in_metres for item in card.checklist}
    walk = "walk" if len(kinds) > 1 else "metres" if kinds == {True} else "minutes"
    rows = [["area", "item", "", *people, "share without", f"median {walk}", "edge"]]
    for row in table.head(shown).to_dict("records"):
        cells = [fitted(area_name(row["name"], row["area"]), 24)]
        cells += [str(row["item"]), fitted(row["zh"], 24)]
        cells += [count_text(row["residents_without"])] if counted else []
        cells += [share_text(row["share_without"]), walk_text(row, told=len(kinds) > 1)]
        rows.append([*cells, "yes" if row["edge_affected"] else ""])
    first = "for most residents first" if counted else "largest share of residences first"
    title = f"What is missing, {first}: {min(shown, len(table))} of {len(table):,}"
    more = [f"  … and {len(table) - shown:,} more, see gaps.csv"] if len(table) > shown else []
    return [title, *table_text(rows, left=3), *more]


def walk_text(row: Mapping[Hashable, Any], *, told: bool) -> str:
    """Give the median walk of a gap in the unit of its item's limit, and say which that is.

    Examples
    --------
    >>> walk_text({"median_minutes": 6.7, "median_metres": 501.3}, told=True)
    '502 m'
    """
    metres = row.get("median_metres", math.nan)
    if pd.isna(metres):
        text = minutes_text(row["median_minutes"])
        return text + (" min" if told and pd.notna(row["median_minutes"]) else "")
    return f"{metres_up(metres):,.0f}" + (" m" if told else "")


def minutes_text(minutes: float) -> str:
    """Give minutes of an unmet item, rounded up, so that none beyond 15 min reads as 15.0.

    Examples
    --------
    >>> minutes_text(15.01), minutes_text(float("nan"))
    ('15.1', 'none near')
    """
    return "none near" if pd.isna(minutes) else f"{minutes_up(minutes):.1f}"
