"""The sheets of a scorecard: overview, areas, signs, facilities, directory, method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from quarterhour.outputs.files.sheet import (
    COUNT,
    LEDGER,
    LEDGER_PRINTED,
    MINUTES,
    SHARE,
    SIGNS,
    TEXT,
    Block,
    Sheet,
)
from quarterhour.outputs.headline import people_text
from quarterhour.outputs.looks import shown_status
from quarterhour.outputs.methods_text import methods_text
from quarterhour.outputs.report.method import input_rows, sources_text
from quarterhour.outputs.report.parts import area_names, counts_by
from quarterhour.outputs.words import (
    Lang,
    full_width,
    has,
    left_out_text,
    limit,
    metres_up,
    minutes_up,
    most_rounded,
    name_of,
    notes_text,
    number,
    say,
    short,
)
from quarterhour.places.origins import BEHIND
from quarterhour.places.own_columns import own_columns
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.directory import service_directory
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import (
    MET_SHARE,
    OBSERVED_SHARE,
    group_columns,
    observed_column,
)

_OFFERED = {"met": "met", "observed": "x_observed", "implied": "x_of_hosts", "unmet": "unmet"}
_COVERED = {
    "share": "share",
    "share_observed": "x_seen",
    "share_at_least": "x_least",
    "share_at_most": "x_most",
}


def overview_sheet(card: Scorecard, lang: Lang) -> Sheet:
    """What was asked, what came out, who is left out, and every item."""
    counts = counts_by(card, "item").sum()
    summed = {
        "areas": number(len(card.areas)),
        "items": len(card.checklist),
        "all": number(int(counts.sum())),
        **{status: number(counts[status]) for status in SIGNS},
    }
    made = {"date": str(card.manifest["made_at"])[:10]}
    made["version"] = card.manifest["versions"]["quarterhour"]
    told = [
        (say(lang, "input_checklist"), name_of(card.checklist, lang)),
        (say(lang, "x_made"), say(lang, "made", made)),
        *((say(lang, "x_result"), text) for text in people_text(card, lang)),
        (say(lang, "x_result"), say(lang, "sum_met", summed)),
        *(
            (say(lang, "left_out").strip("：: "), text)
            for text in left_out_text(card.left_out, lang)
        ),
        *((SIGNS[status], say(lang, f"legend_{status}")) for status in SIGNS),
        (say(lang, "x_caveat"), say(lang, "not_official")),
    ]
    items, formats = _items(card, lang)
    labels = pd.Series([label for label, _ in told])
    labels = labels.mask(labels == labels.shift(), "")  # a label stands once
    heads = Block(
        pd.DataFrame({"label": labels, "text": [text for _, text in told]}),
        say(lang, "report"),
        head=False,
    )
    return Sheet(say(lang, "x_overview"), [heads, Block(items, say(lang, "x_items"))], formats, 0)


def _items(card: Scorecard, lang: Lang) -> tuple[pd.DataFrame, dict[str, str]]:
    rates = coverage(card)
    people = bool(rates.loc[rates["measure"] == "population", "denominator"].sum())
    measure, unit = ("population", "residents") if people else ("residence", "residences")
    mine = rates[rates["measure"] == measure].set_index("item").reindex(card.checklist.keys())
    counts = counts_by(card, "item")
    names = {one.key: name_of(one, lang) for one in card.checklist.groups}
    people_of = {"unit": say(lang, f"unit_{unit}")}
    table: dict[str, Any] = {
        say(lang, "no"): [str(n) for n in range(1, len(card.checklist) + 1)],
        say(lang, "item"): [name_of(item, lang) for item in card.checklist],
        say(lang, "group"): [names[item.group] for item in card.checklist],
        say(lang, "limit"): [limit(item, lang) for item in card.checklist],
    }
    table |= {say(lang, f"areas_{status}"): counts[status].to_numpy() for status in SIGNS}
    formats = {}
    for column, key in (
        ("numerator", "x_within"),
        ("denominator", "x_known"),
        ("unknown", "not_known"),
    ):
        head = say(lang, key, people_of)
        table[head], formats[head] = mine[column].to_numpy(), COUNT
    for column, key in _COVERED.items():
        shares = mine[column]
        if column == "share_at_most":
            shares = most_rounded(shares, mine["unknown"])
        table[say(lang, key)] = np.asarray(shares)
        formats[say(lang, key)] = SHARE
    return pd.DataFrame(table), formats


def areas_sheet(card: Scorecard, lang: Lang) -> Sheet:
    """A row an area: its residents, what it has and lacks, and its own columns."""
    summary = card.summary().drop(columns="name")
    summary.insert(0, say(lang, "area"), area_names(card, lang))
    ways = {key: say(lang, f"x_way_{key}") for key in ("gates", "wall_without_gate", "open")}
    summary["way_out"] = summary["way_out"].map(ways)
    seen = say(lang, "x_observed")
    heads = {column: say(lang, key) for column, key in _OFFERED.items()}
    heads |= {key: say(lang, key) for key in ("residents", "unknown")}
    heads |= {"edge_affected": say(lang, "edge"), "way_out": say(lang, "x_way_out")}
    shares = {MET_SHARE: say(lang, "complete"), OBSERVED_SHARE: say(lang, "x_complete_seen")}
    columns = group_columns(card.checklist)
    for group in card.checklist.groups:
        column, name = columns[group.key], name_of(group, lang)
        shares |= {
            column: name,
            observed_column(column): name + say(lang, "in_brackets", {"text": seen}),
        }
    areas = card.areas
    if "area_kind" in areas:
        kinds = {kind: say(lang, f"x_kind_{kind}") for kind in ("compound", "community")}
        areas = areas.assign(area_kind=areas["area_kind"].replace(kinds))
    if "walled" in areas:
        told = {True: say(lang, "yes"), False: say(lang, "x_not")}
        areas = areas.assign(walled=areas["walled"].map(told))
    table = _with_own(summary.rename(columns=heads | shares), areas, ("name", "residents"), lang)
    formats = dict.fromkeys(shares.values(), SHARE)
    return Sheet(
        say(lang, "x_areas"), [Block(table)], formats | _IDS | {heads["residents"]: COUNT}, 2
    )


_IDS = {"id": TEXT}


def signs_sheet(card: Scorecard, lang: Lang) -> Sheet:
    """Areas × items, a sign each."""
    signs = card.results.assign(sign=shown_status(card.results).map(SIGNS))
    wide = signs.pivot_table(index="area", columns="item", values="sign", aggfunc="first")
    wide = wide.reindex(index=card.areas.index, columns=list(card.checklist.keys()))
    heads = [f"{n} {short(name_of(item, lang))}" for n, item in enumerate(card.checklist, 1)]
    wide.columns = pd.Index(heads)
    wide.insert(0, say(lang, "area"), area_names(card, lang))
    table = wide.rename_axis("id").reset_index().astype({"id": str})
    return Sheet(say(lang, "x_grid"), [Block(table)], _IDS, 2, signs=heads)


def ledger_sheet(card: Scorecard, lang: Lang) -> Sheet:
    """The facilities that serve an item, how that is known, and all that their table says."""
    matches = card.matches.drop_duplicates(["facility", "item"])
    names = {item.key: name_of(item, lang) for item in card.checklist}
    host = matches["evidence"] == "host"
    told, by = matches["item"].map(names), matches["facility"]
    words = {kind: say(lang, f"evidence_{kind}") for kind in matches["evidence"].unique()}
    comma = say(lang, "comma")
    used = card.facilities.loc[card.facilities.index.isin(by)]

    def joined(texts: pd.Series[Any], mask: pd.Series[bool]) -> pd.Series[Any]:
        of_each = texts[mask].drop_duplicates() if texts.index.has_duplicates else texts[mask]
        return of_each.groupby(by[mask]).agg(lambda one: comma.join(dict.fromkeys(one)))

    table = pd.DataFrame(index=used.index)
    table[say(lang, "facility")] = used.get("name")
    table[say(lang, "x_serves")] = joined(told, ~host).reindex(used.index)
    table[say(lang, "implied")] = joined(told, host).reindex(used.index)
    table[say(lang, "x_evidence")] = joined(matches["evidence"].map(words), ~host).reindex(
        used.index
    )
    whole = _with_own(table, used, ("name", "item", "exits", BEHIND), lang)
    long = ledger_text(len(whole), lang)
    return Sheet(say(lang, "x_facilities"), [Block(whole)], _IDS, 2, ledger=long)


def ledger_text(rows: int, lang: Lang) -> str:
    """Say above a long ledger that its first rows are printed, and how to print others."""
    if rows <= LEDGER:
        return ""
    return say(lang, "x_ledger", {"n": number(rows), "shown": LEDGER_PRINTED})


def _column_word(name: str, lang: Lang) -> str:
    """Word a column that the library knows; one of the user's keeps its name."""
    return say(lang, f"column_{name}") if has(lang, f"column_{name}") else name


def _with_own(
    table: pd.DataFrame, source: pd.DataFrame, told: tuple[str, ...], lang: Lang
) -> pd.DataFrame:
    """Put the label before a table, and behind it the columns of the user's that are not told."""
    rest = source.drop(columns=list(told), errors="ignore")
    if "id" in rest and (rest["id"].map(str) == rest.index.map(str)).all():
        rest = rest.drop(columns="id")
    own = own_columns(rest, ["id", *table.columns]).dropna(axis="columns", how="all")
    own = own.rename(columns=lambda name: _column_word(str(name), lang))
    labelled = pd.concat([table, own], axis=1).rename_axis("id").reset_index()
    return labelled.astype({"id": str})


def directory_sheet(card: Scorecard, lang: Lang) -> Sheet:
    """Where each area's residents go for each item."""
    found = with_units(service_directory(card), card)
    walked, formats = walks(found, "walk", lang)
    table = {
        "id": found["area"].map(str),
        say(lang, "area"): found["area"].map(area_names(card, lang)),
        say(lang, "item"): found[lang].map(full_width) if lang == "zh" else found[lang],
        say(lang, "status"): [say(lang, str(status)) for status in found["status"]],
        say(lang, "facility"): found["name"],
        **walked,
        say(lang, "people_going"): found["share"],
        say(lang, "implied"): found["implied"].map({True: say(lang, "yes"), False: ""}),
        say(lang, "address"): found["address"],
        say(lang, "hours"): found["opening_hours"],
        say(lang, "phone"): found["phone"],
    }
    formats |= {say(lang, "people_going"): SHARE, say(lang, "phone"): TEXT} | _IDS
    told = ledger_text(len(found), lang)
    return Sheet(say(lang, "x_directory"), [Block(pd.DataFrame(table))], formats, 2, ledger=told)


def with_units(found: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    """Mark the rows of items that have their limit in metres."""
    keys = [item.key for item in card.checklist if item.limit.in_metres]
    return found.assign(in_metres=found["item"].isin(keys))


def walks(
    found: pd.DataFrame, which: str, lang: Lang
) -> tuple[dict[str, pd.Series[float]], dict[str, str]]:
    """Give walks in the unit of the items' limits: minutes, metres, or both; and their formats."""
    before = "" if which == "walk" else f"{which}_"
    in_minutes, in_metres = say(lang, f"{which}_minutes"), say(lang, f"{which}_metres")
    minutes = minutes_up(found[f"{before}minutes"])
    if f"{before}metres" not in found:
        return {in_minutes: minutes}, {in_minutes: MINUTES}
    told = {in_metres: metres_up(found[f"{before}metres"])}
    if not (found["in_metres"].all() and len(found)):
        told = {in_minutes: minutes.mask(found["in_metres"])} | told
    return told, {in_minutes: MINUTES, in_metres: COUNT}


def method_sheet(card: Scorecard, lang: Lang, more: list[tuple[str, str]]) -> Sheet:
    """How the numbers were made, what each item asks for, whose data they are."""
    told = [
        (say(lang, "x_text"), methods_text(card, lang)),
        *((say(lang, "x_sources"), text) for text in sources_text(card, lang)),
        *more,
    ]
    noted = [
        (say(lang, f"input_{name}"), note)
        for name, described in card.manifest["inputs"].items()
        for note in notes_text(described, lang)
    ]
    heads = [say(lang, key) for key in ("input", "file", "datum", "rows", "digest")]
    inputs = pd.DataFrame(input_rows(card, lang), columns=heads)
    items = {
        say(lang, "no"): [str(n) for n in range(1, len(card.checklist) + 1)],
        say(lang, "item"): [name_of(item, lang) for item in card.checklist],
        say(lang, "limit"): [limit(item, lang) for item in card.checklist],
        say(lang, "x_source_of"): [item.citation for item in card.checklist],
    }
    blocks = [
        Block(pd.DataFrame(told), say(lang, "x_method"), head=False),
        Block(pd.DataFrame(items), say(lang, "x_items")),
        Block(inputs, say(lang, "x_inputs")),
    ]
    if noted:
        blocks.append(Block(pd.DataFrame(noted), say(lang, "notes"), head=False))
    return Sheet(say(lang, "x_method"), blocks, {heads[3]: COUNT}, 0)
