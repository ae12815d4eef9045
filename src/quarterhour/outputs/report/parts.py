"""The pieces of which the report is made: tables, marks and bars, as HTML and SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import isnan
from typing import Any

import pandas as pd

from quarterhour.outputs.looks import CROSS, LOOKS, NOTHING_KNOWN, SHOWN, Look, shown_status
from quarterhour.outputs.words import Lang, number, say
from quarterhour.scoring.scorecard import Scorecard

_REGION = 'role="region" aria-label="'
_MARKUP = re.compile(r"<title>[^<]*</title>|<[^>]*>")

_MET, _IMPLIED, _UNMET, _UNKNOWN = LOOKS.values()


def _marks() -> str:
    """Draw the sign of each status in a disc or a square of its own."""
    tick = "M4.3 8.3 7 11 11.7 5.2"
    return f"""<symbol id="mark-met" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.2"
fill="{_MET.mark}"/><path d="{tick}" fill="none" stroke="{_MET.ink}" stroke-width="2.3"/></symbol>
<symbol id="mark-implied" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.1" fill="#fff"
stroke="{_IMPLIED.mark}" stroke-width="1.5" stroke-dasharray="2.2 2"/>
<path d="{tick}" fill="none" stroke="{_IMPLIED.mark}" stroke-width="2.3"/></symbol>
<symbol id="mark-unmet" viewBox="0 0 16 16"><rect x=".8" y=".8" width="14.4" height="14.4"
fill="{_UNMET.face}" stroke="{_UNMET.mark}" stroke-width="1.5"/>
<path d="M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5" stroke="{CROSS}" stroke-width="2.3"/></symbol>
<symbol id="mark-unknown" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.2" fill="#fff"
stroke="#9aa0ab" stroke-width="1"/><text x="8" y="12.1" text-anchor="middle" font-size="11.5"
font-weight="bold" font-family="sans-serif" fill="{_UNKNOWN.mark}">{_UNKNOWN.sign}</text></symbol>
"""


def _pattern(name: str, look: Look, side: int = 7) -> str:
    """Draw the pattern of a look on its ground."""
    lines = "M-1 8 8-1M-1 1 1-1M6 8 8 6"
    drawn = {
        "": "",
        "stripes": f'<path d="M0 3H6" stroke="{look.ink}" stroke-width="1"/>',
        "hatch": f'<path d="{lines}" stroke="{look.ink}" stroke-width="1.2"/>',
        "dots": f'<circle cx="2" cy="2" r="1" fill="{look.ink}"/>'
        f'<circle cx="5.5" cy="5.5" r="1" fill="{look.ink}"/>',
        "crosses": f'<path d="{lines}" stroke="{look.ink}" stroke-width="1.1"/>',
    }
    return (
        f'<pattern id="fill-{name}" width="{side}" height="{side}" patternUnits="userSpaceOnUse">'
        f'<rect width="{side}" height="{side}" fill="{look.face}"/>{drawn[look.pattern]}</pattern>'
    )


DEFINITIONS = (
    '<svg class="definitions" aria-hidden="true" focusable="false"><defs>'
    + _marks()
    + _pattern("implied", _IMPLIED, 6)
    + _pattern("unmet", _UNMET)
    + _pattern("unknown", _UNKNOWN)
    + _pattern("nothing", NOTHING_KNOWN)
    + '<pattern id="fill-rests" width="6" height="6" patternUnits="userSpaceOnUse">'
    + '<path d="M0 3H6" stroke="#222" stroke-width=".9"/></pattern>'
    + "</defs></svg>"
)
"""Marks and patterns, once for the whole page: shape and pattern speak without colour."""

_FILLS = {s: f"url(#fill-{s})" if look.pattern else look.face for s, look in LOOKS.items()}


def mark(status: str, lang: Lang, *, word: bool = False) -> str:
    """Give the sign of a status, with its word beside it or for those who cannot see it."""
    told = escape(say(lang, status))
    sign = (
        f'<svg class="mark" role="img" aria-label="{told}"><title>{told}</title>'
        f'<use href="#mark-{status}"/></svg>'
    )
    return f"{sign} {told}" if word else sign


def status_heads(lang: Lang) -> list[str]:
    """Give the heads of columns that count statuses.

    The word has to be there: browsers leave signs out where a page repeats the head of a table.
    """
    return [f"{mark(s, lang)}<br>{escape(say(lang, f'areas_{s}'))}" for s in SHOWN]


def legend(lang: Lang) -> str:
    """Say what the four signs stand for."""
    entries = "".join(
        f"<li>{mark(status, lang)} {escape(say(lang, f'legend_{status}'))}</li>" for status in SHOWN
    )
    return f'<ul class="legend">{entries}</ul>'


def counts_by(card: Scorecard, column: str) -> pd.DataFrame:
    """Count results by status for each area or item, in the order of the scorecard."""
    results = card.results
    labels = card.areas.index if column == "area" else pd.Index(card.checklist.keys())
    counts = pd.crosstab(results[column], shown_status(results))
    return counts.reindex(index=labels, columns=list(SHOWN), fill_value=0)


def bar(counts: Mapping[Any, Any], lang: Lang, *, height: int = 18) -> str:
    """Draw counts of the four statuses as one bar of full width, each with its pattern."""
    total = sum(counts[status] for status in SHOWN)
    told = ", ".join(f"{say(lang, status)} {counts[status]}" for status in SHOWN)
    parts, x = [], 0.0
    for status in SHOWN:
        width = 100 * counts[status] / total if total else 0.0
        if width:
            parts.append(
                f'<rect x="{x:.3f}%" width="{width:.3f}%" height="{height}" '
                f'fill="{_FILLS[status]}" stroke="#333" stroke-width=".7"/>'
            )
        x += width
    return (
        f'<svg class="bar" height="{height}" role="img" aria-label="{escape(told)}">'
        f"<title>{escape(told)}</title>{''.join(parts)}</svg>"
    )


def bounds_bar(parts: tuple[float, float, float], share: float, lang: Lang) -> str:
    """Draw what is observed, implied and possible, and the share of what is known as a line."""
    seen, least, most = parts
    seen = least if isnan(seen) else seen
    if isnan(least) or isnan(most):
        return ""
    known = "" if isnan(share) else f'<path class="at" d="M{share * 100:.2f} -1V11"/>'
    return (
        f'<svg class="bounds" viewBox="0 -1 100 12" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(say(lang, "bounds"))}">'
        f'<rect width="100" height="10" fill="#fff" stroke="#888" stroke-width=".6"/>'
        f'<rect width="{seen * 100:.2f}" height="10" fill="{_MET.face}"/>'
        f'<rect x="{seen * 100:.2f}" width="{(least - seen) * 100:.2f}" height="10" '
        f'fill="url(#fill-implied)"/>'
        f'<rect x="{least * 100:.2f}" width="{(most - least) * 100:.2f}" height="10" '
        f'fill="url(#fill-unknown)"/>{known}</svg>'
    )


def interval_bar(low: float, high: float, share: float) -> str:
    """Draw an interval between 0 and 1, and a share as a line; its numbers stand beside it."""
    if isnan(low) or isnan(high):
        return ""
    at = "" if isnan(share) else f'<path class="at" d="M{share * 100:.2f} -1V11"/>'
    width = max((high - low) * 100, 0.8)  # a point is still seen
    return (
        '<svg class="bounds" viewBox="0 -1 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="100" height="10" fill="#fff" stroke="#888" stroke-width=".6"/>'
        f'<rect x="{min(low * 100, 100 - width):.2f}" width="{width:.2f}" y="2" height="6" '
        f'fill="{_MET.face}"/>{at}</svg>'
    )


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    kind: str = "",
    left: int = 1,
    called: str = "",
) -> str:
    """Make a table of cells that are HTML already; all but the first ``left`` are numbers.

    A row of one cell is a heading inside the table. Where it is wider than the window it scrolls
    sideways, also by the keyboard; it is ``called`` what its head says, if nothing else.
    """
    body = []
    for row in rows:
        if len(row) == 1:
            body.append(f'<tr class="inner"><th colspan="{len(head)}">{row[0]}</th></tr>')
            continue
        cells = "".join(
            f"<td>{cell}</td>" if i < left else f'<td class="n">{cell}</td>'
            for i, cell in enumerate(row)
        )
        body.append(f"<tr>{cells}</tr>")
    heads = "".join(
        f'<th scope="col"{"" if i < left else " class=n"}>{cell}</th>' if cell else "<td></td>"
        for i, cell in enumerate(head)
    )
    return (
        f'<div class="wide" tabindex="0" {_REGION}{called or _told(head)}">'
        f'<table class="{kind}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _told(head: Sequence[str]) -> str:
    """Say what a head says, without its signs."""
    told = (_MARKUP.sub(" ", cell).strip() for cell in head)
    return " · ".join(text for text in told if text)


def paragraph(text: str, kind: str = "") -> str:
    """Make a paragraph of plain text."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def heading(key: str, lang: Lang) -> str:
    """Make a heading inside a section."""
    return f"<h3>{escape(say(lang, key))}</h3>"


def section(key: str, title: str, body: str, label: str = "") -> str:
    """Make a section with its heading, which each of its tables is called by too."""
    title, at = escape(title), f' id="{label}"' if label else ""
    body = body.replace(_REGION, f"{_REGION}{title} · ")
    return f'<section class="{key}"{at}><h2>{title}</h2>{body}</section>'


def more_rows(hidden: int, lang: Lang, file: str) -> str:
    """Say that a table was cut, and where the rest is; nothing if it was not."""
    if hidden <= 0:
        return ""
    return paragraph(say(lang, "more_rows", {"n": number(hidden), "file": file}), "cut")


def area_names(card: Scorecard, lang: Lang) -> pd.Series[Any]:
    """Name the areas in a language, those without a name by their index label."""
    table = card.areas
    wanted = ("name:zh", "name") if lang == "zh" else ("name:en", "name")
    names = pd.Series(None, index=table.index, dtype=object)
    for column in wanted:
        if column in table:
            given = table[column].where(table[column].map(_is_text), None)
            names = names.where(names.map(_is_text), given)
    spare = [say(lang, "unnamed", {"n": label}) for label in table.index]
    return names.where(names.map(_is_text), pd.Series(spare, index=table.index, dtype=object))


def facility_names(card: Scorecard, lang: Lang) -> dict[Any, str]:
    """Name the facilities that serve an item: the name in the language, else any, else none."""
    table = card.facilities
    columns = ("name:zh", "name", "brand") if lang == "zh" else ("name:en", "name", "brand")
    named = table.loc[table.index.isin(card.matches["facility"])]
    names: dict[Any, str] = {}
    for column in (column for column in columns if column in table):
        for label, name in zip(named.index, named[column], strict=True):
            if label not in names and _is_text(name):
                names[label] = str(name).strip()
    return names


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""
