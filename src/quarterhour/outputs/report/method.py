"""The sections of the report that say how far it can be trusted, and what made it."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from quarterhour.outputs.cite import cite_lines, report_line
from quarterhour.outputs.credits import credit_sentences, sources
from quarterhour.outputs.methods_text import methods_text
from quarterhour.outputs.parameter_words import parameter_rows
from quarterhour.outputs.report.drawing import area_numbers
from quarterhour.outputs.report.parts import (
    area_names,
    mark,
    more_rows,
    paragraph,
    section,
    table,
)
from quarterhour.outputs.words import (
    NOTHING,
    Lang,
    name_of,
    notes_text,
    number,
    percent,
    place,
    say,
)
from quarterhour.scoring.scorecard import Scorecard

EDGES_SHOWN = 300
NAMES_SHOWN = 12
_INPUTS = ("areas", "facilities", "origins", "network", "checklist")


def quality(card: Scorecard, lang: Lang) -> str:
    """Say what is unknown and why, what rests on hosts, and what the readers of data noted."""
    body = [_why_unknown(card, lang), _hosts(card, lang), *_counts(card, lang)]
    inputs = card.manifest["inputs"]
    told = [
        f"<li><b>{escape(say(lang, f'input_{name}'))}</b>{escape(say(lang, 'colon'))}"
        f"{escape(note)}</li>"
        for name in _INPUTS
        for note in notes_text(inputs.get(name, {}), lang)
    ]
    if told:
        body.append(f"<h3>{escape(say(lang, 'notes'))}</h3><ul>{''.join(told)}</ul>")
    return section("quality", say(lang, "quality"), "".join(body))


def _why_unknown(card: Scorecard, lang: Lang) -> str:
    unknown = card.results[card.results["status"] == "unknown"]
    if unknown.empty:
        return ""
    rows = []
    for reason, n in unknown["reason"].value_counts().items():
        mine = unknown[unknown["reason"] == reason]
        cells = [f"{mark('unknown', lang)} {escape(say(lang, str(reason)))}"]
        rows.append([*cells, _items_text(card, mine["item"], lang), number(n)])
    head = [say(lang, key) for key in ("why_unknown", "which_items", "count")]
    return table([escape(text) for text in head], rows, kind="why", left=2)


def _items_text(card: Scorecard, keys: pd.Series[Any], lang: Lang) -> str:
    """Name items in the order of the checklist, with their number in it and how often."""
    count = keys.value_counts()
    told = [
        f"{number_} {name_of(item, lang)}"
        + (f" ({count[item.key]}/{len(card.areas)})" if count[item.key] < len(card.areas) else "")
        for number_, item in enumerate(card.checklist, start=1)
        if item.key in count.index
    ]
    return escape("；".join(told) if lang == "zh" else "; ".join(told))


def _hosts(card: Scorecard, lang: Lang) -> str:
    implied = card.results[card.results["reason"] == "implied_by_host"]
    if implied.empty:
        return paragraph(say(lang, "rests_none"))
    met = int((card.results["status"] == "met").sum())
    text = say(lang, "rests", {"n": number(len(implied)), "share": percent(len(implied) / met)})
    items = _items_text(card, implied["item"], lang)
    heading = escape(say(lang, "rest_items") + say(lang, "colon"))
    return f"<p>{mark('implied', lang)} {escape(text)}</p><p class='hint'>{heading}{items}</p>"


def _counts(card: Scorecard, lang: Lang) -> list[str]:
    """Sentences about homes off the streets, walls without gates, and what was not counted."""
    told = []
    snap = f"{card.manifest['parameters']['snap_limit_m']:g}"
    lost = _never_snapped(card)
    if lost:
        told.append(
            say(
                lang, "lost_homes", {"n": number(lost), "all": number(len(card.origins)), "m": snap}
            )
        )
    summary, names = card.summary(), area_names(card, lang)
    walled = list(summary.index[summary["way_out"] == "wall_without_gate"])
    if walled:
        some = say(lang, "comma").join(str(names[label]) for label in walled[:NAMES_SHOWN])
        more = "…" if len(walled) > NAMES_SHOWN else ""
        told.append(say(lang, "no_way_out", {"n": number(len(walled)), "list": some + more}))
    silent = int(summary["residents"].isna().sum())
    if silent > 0:
        told.append(say(lang, "no_people", {"n": number(silent)}))
    used = card.matches["facility"].nunique()
    told.append(say(lang, "used", {"used": number(used), "given": number(len(card.facilities))}))
    checklist = card.checklist
    if checklist.status != "verified":
        told.append(say(lang, "unverified", {"key": checklist.key, "missing": checklist.missing}))
    return [paragraph(text) for text in told]


def _never_snapped(card: Scorecard) -> int:
    """Count homes that no item could be timed from because they are off every street."""
    lost = card.times[card.times["status"] == "not_snapped"].groupby("origin").size()
    asked = card.times.groupby("origin").size().reindex(lost.index)
    return int((lost == asked).sum())


def edges(card: Scorecard, lang: Lang) -> str:
    """List the areas whose results data beyond the extent could change."""
    near = card.results[card.results["edge_affected"]]
    if near.empty:
        body = paragraph(say(lang, "edges_none"))
        return section("edges", say(lang, "edges"), body)
    numbers, names = area_numbers(card), area_names(card, lang)
    order = sorted(near["area"].unique(), key=lambda label: int(numbers[label]))
    parts = dict(tuple(near.groupby("area")))
    rows = []
    for label in order[:EDGES_SHOWN]:
        mine = parts[label]
        cells = [str(numbers[label]), escape(str(names[label]))]
        for status in ("unmet", "unknown"):
            keys = mine.loc[mine["status"] == status, "item"]
            cells.append(_numbers_text(card, keys) or NOTHING)
        rows.append([*cells, str(len(mine))])
    marks = [mark(status, lang, word=True) for status in ("unmet", "unknown")]
    head = [escape(say(lang, "no")), escape(say(lang, "area")), *marks]
    head.append(escape(say(lang, "edge")))
    body = (
        paragraph(say(lang, "edges_text"))
        + table(head, rows, kind="edges", left=4)
        + more_rows(len(order) - EDGES_SHOWN, lang, "results.csv")
    )
    return section("edges", say(lang, "edges"), body)


def _numbers_text(card: Scorecard, keys: pd.Series[Any]) -> str:
    """Give items by their number in the checklist, runs of them in short."""
    chosen = set(keys)
    places = [i for i, key in enumerate(card.checklist.keys(), start=1) if key in chosen]
    runs: list[list[int]] = []
    for one in places:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(f"{r[0]}–{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def methods(card: Scorecard, lang: Lang) -> str:
    """Tell how the numbers were made, from the manifest."""
    return section("methods", say(lang, "methods"), paragraph(methods_text(card, lang)))


def manifest_tables(card: Scorecard, lang: Lang) -> str:
    """Tabulate inputs, parameters and versions."""
    made = card.manifest
    rows = []
    for name, (called, file, datum, size, digest) in zip(
        _INPUTS, input_rows(card, lang), strict=True
    ):
        crs = str(made["inputs"].get(name, {}).get("crs") or NOTHING)
        told = [escape(text) for text in (called, file, datum, crs)]
        told.append(f"<code>{escape(digest)}</code>" if digest else NOTHING)
        rows.append([*told, number(size) if size is not None else NOTHING])
    head = [say(lang, key) for key in ("input", "file", "datum")]
    heads = [*head, "CRS", say(lang, "digest"), say(lang, "rows")]
    parameters = [[escape(text) for text in row] for row in parameter_rows(card, lang)]
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    body = [
        table([escape(text) for text in heads], rows, kind="inputs", left=5),
        table([escape(say(lang, k)) for k in ("parameter", "value")], parameters, left=2),
        paragraph(
            f"{say(lang, 'versions')}{say(lang, 'colon')}Python {made['python']}, {versions}"
        ),
        paragraph(say(lang, "whole_manifest"), "hint"),
    ]
    return section("manifest", say(lang, "manifest"), "".join(body))


def input_rows(card: Scorecard, lang: Lang) -> list[tuple[str, str, str, float | None, str]]:
    """Tell of every input its name, file, datum, number of rows and digest."""
    rows = []
    for name in _INPUTS:
        one = card.manifest["inputs"].get(name, {})
        size = one.get("rows", one.get("edges", one.get("items")))
        file = place(one.get("source")) if "key" not in one else str(one["key"])
        told = say(lang, f"input_{name}"), file, str(one.get("datum") or NOTHING)
        rows.append((*told, None if size is None else float(size), str(one.get("sha256", ""))))
    return rows


def citation(card: Scorecard, lang: Lang) -> str:
    """Say how to cite, and whose data and checklist these are."""
    told = [report_line(card, lang), *cite_lines(card, lang)]
    return section("citation", say(lang, "citation"), "".join(paragraph(text) for text in told))


def sources_text(card: Scorecard, lang: Lang) -> list[str]:
    """Name whose data these are, and say what is synthetic."""
    return credit_sentences(sources(card), lang)
