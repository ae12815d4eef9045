"""What a notebook shows of the nouns: small pieces of HTML that need nothing from outside.

Colours hold on light and dark pages: text is in the page's own colour or on a ground of ours, and
a status is told by sign and word. Every name comes from data, and is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.util import find_spec
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from quarterhour.outputs.frame import MapFrame
from quarterhour.outputs.looks import LOOKS, SHOWN, shown_status
from quarterhour.outputs.words import Lang, both, minutes, percent, say
from quarterhour.shown import shows
from quarterhour.walking.watched import has_kernel

if TYPE_CHECKING:  # a checklist is shown without loading what walks and reads
    from quarterhour.outputs.map.widget import MapView
    from quarterhour.scoring.scorecard import Scorecard
    from quarterhour.sources.osm.read import City
    from quarterhour.standards.checklist import Checklist
    from quarterhour.standards.items import Item
    from quarterhour.streets.network import WalkNetwork
    from quarterhour.walking.pace import Pace
    from quarterhour.walking.travel_times import TravelTimes

SHOWN_AREAS = 8
"""Areas that a scorecard shows: those that miss most."""

THUMBNAIL_LINES = 1_200
THUMBNAIL_PX = 180

_PLAIN = SHOWN
_SIGNS = {status: LOOKS[status].sign for status in _PLAIN}
_WORDS = {status: say("en", status) for status in _PLAIN}
_MET, _IMPLIED, _UNMET = LOOKS["met"], LOOKS["implied"], LOOKS["unmet"]

_STYLE = (
    """<style>
.qh{font:13px/1.45 system-ui,sans-serif;max-width:56em}
.qh table{border-collapse:collapse;margin:.4em 0;font-size:12.5px;background:none;color:inherit}
.qh td,.qh th{padding:.12em .7em .12em 0;text-align:left;vertical-align:top;background:none;
border-bottom:1px solid rgba(128,128,128,.3)}
.qh .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.qh .s{opacity:.75}
.qh .w{white-space:nowrap}
.qh .bar{display:flex;height:16px;margin:.4em 0;border:1px solid rgba(128,128,128,.7)}
"""
    f""".qh .met{{background:{_MET.face}}}
.qh .implied{{background:repeating-linear-gradient(0deg,{_IMPLIED.face} 0 4px,"""
    f"""{_IMPLIED.ink} 4px 5px)}}
.qh .unmet{{background:repeating-linear-gradient(135deg,{_UNMET.face} 0 5px,"""
    f"""{_UNMET.ink} 5px 6.5px)}}
"""
    """.qh .unknown{background:0 0/6px 6px
radial-gradient(circle,rgba(128,128,128,.9) 1px,transparent 1.4px)}
.qh .box{display:inline-block;width:11px;height:11px;margin:0 .35em 0 0;
border:1px solid rgba(128,128,128,.7)}
.qh .row{display:flex;flex-wrap:wrap;gap:0 1.6em;align-items:flex-start}
</style>"""
)


@shows("Scorecard", "explore")
def map_frame(
    card: Scorecard,
    *,
    lang: Lang,
    isochrones: bool,
    minutes: tuple[float, ...],
    pace: Pace | None,
    title: str | None,
    height_px: int,
) -> MapFrame | MapView:
    """Show the electronic map, as :meth:`quarterhour.Scorecard.explore` tells."""
    from quarterhour.outputs.map.page import map_html  # noqa: PLC0415 - slow to load

    page = map_html(
        card,
        lang=lang,
        isochrones=isochrones,
        minutes=minutes,
        pace=pace,
        title=title,
        tiles=None,
    )
    if not (has_kernel() and find_spec("anywidget")):
        return MapFrame(page, height_px)
    from quarterhour.outputs.map.widget import MapView  # noqa: PLC0415 - an extra, slow to load

    return MapView(page, height_px)


@shows("Scorecard", "methods")
def methods(card: Scorecard, lang: Lang) -> str:
    """Tell how a scorecard was made; see :meth:`quarterhour.Scorecard.methods`."""
    from quarterhour.outputs.methods_text import methods_text  # noqa: PLC0415 - slow to load

    return methods_text(card, lang)


@shows("Scorecard", "cite")
def cite(card: Scorecard, style: str, lang: Lang) -> str:
    """Say how to cite a scorecard; see :meth:`quarterhour.Scorecard.cite`."""
    from quarterhour.outputs.cite import cite_text  # noqa: PLC0415 - slow to load

    return cite_text(card, style, lang)


@shows("Scorecard")
def scorecard_html(card: Scorecard) -> str:
    """Show a scorecard: what is met, not met and unknown, by group, and where most is missing."""
    results, checklist = card.results, card.checklist
    parameters = card.manifest["parameters"]
    told = (
        f"{len(card.areas):,} areas × {len(checklist)} items; walking: {parameters['pace']}; "
        f"met: at least {parameters['quota'] * 100:g}% of residents are within the limit"
    )
    counts = _counts(shown_status(results))
    implied = int((results["reason"] == "implied_by_host").sum())
    edge = int(results["edge_affected"].sum())
    notes = [
        f"{implied:,} results are implied by a host facility, which usually has the item: "
        "“a + b” is observed + implied."
        if implied
        else "",
        f"{edge:,} results could change with data beyond the edge." if edge else "",
        "Unknown is not missing: the data cannot tell.",
    ]
    groups = [
        (f"{group.zh} {group.en}", _counts(shown_status(_of_items(results, checklist, group.key))))
        for group in checklist.groups
    ]
    body = "".join(
        (
            _title("Scorecard", f"{checklist.zh} · {checklist.en}", checklist.key),
            f"<div>{escape(told)}</div>",
            _bar(counts),
            _legend(counts),
            '<div class="row">',
            _table(("group", *_WORDS.values(), "met of known"), (_row(*g) for g in groups)),
            _areas(card),
            "</div>",
            f'<div class="s">{escape(" ".join(filter(None, notes)))}</div>',
        )
    )
    return _whole(body)


@shows("Checklist")
def checklist_html(checklist: Checklist) -> str:
    """Show a checklist: its lines in order, with their limits and how far to trust each."""
    rows: list[Sequence[str]] = []
    number = 0
    for key, items in groupby(checklist, key=lambda item: item.group):
        title = next(f"{g.zh} {g.en}" for g in checklist.groups if g.key == key)
        rows.append((f"<b>{escape(title)}</b>",))
        for item in items:
            number += 1
            rows.append(
                (
                    str(number),
                    escape(item.zh),
                    escape(item.en),
                    _unbroken(_limit(item)),
                    _unbroken(f"{item.checkability}, {item.kind}"),
                    _trust(item.status),
                )
            )
    removed = [f"{key} ({why})" for key, why in checklist.removed]
    told = [
        checklist.citation,
        f"Missing: {checklist.missing}" if checklist.missing else "",
        f"Left out: {'; '.join(removed)}" if removed else "",
        "On maps: A normally, B partly, C mostly inside another facility, D hardly ever.",
    ]
    body = "".join(
        (
            _title("Checklist", f"{checklist.zh} · {checklist.en}", checklist.key),
            f"<div>{len(checklist)} items, {_trust(checklist.status)}</div>",
            *(f'<div class="s">{escape(text)}</div>' for text in told if text),
            _table(("", "item", "", "limit", "on maps, kind", "source"), rows, left=6),
        )
    )
    return _whole(body)


@shows("WalkNetwork")
def network_html(network: WalkNetwork) -> str:
    """Show a network: how much street there is, how it hangs together, and its shape."""
    title = _title("WalkNetwork", "streets that can be walked", "")
    return _whole(title + _streets(network))


def _streets(network: WalkNetwork) -> str:
    report = network.component_summary()
    x0, y0, x1, y1 = network.extent.bounds
    known = network.metadata
    facts = {
        "edges": f"{network.n_edges:,} between {network.n_nodes:,} nodes",
        "streets": f"{network.edge_length_m.sum() / 1000:,.1f} km",
        "parts": f"{report['components']:,.0f}; {percent(report['largest_share'])} in the largest",
        "extent": f"{(x1 - x0) / 1000:,.1f} × {(y1 - y0) / 1000:,.1f} km",
        "CRS": network.crs.name,
        "source": known.get("source", ""),
        "data of": known.get("osm_timestamp", ""),
    }
    rows = [(escape(name), escape(str(told))) for name, told in facts.items() if told]
    return f'<div class="row">{_table((), rows, left=2)}{_thumbnail(network)}</div>'


@shows("TravelTimes")
def times_html(times: TravelTimes) -> str:
    """Show walking times: how many pairs, how long, and what was not reached or joined."""
    ways = ((times.origin, times.origin_snapped), (times.destination, times.destination_snapped))
    rows = [("pairs", f"{len(times):,} within {times.minutes:g} min; {times.pace}")]
    for name, (end, snapped) in zip(("origins", "destinations"), ways, strict=True):
        known, met = len(snapped), len(np.unique(end))
        lost = known - int(snapped.sum())
        told = f"{met:,} with at least one pair, {known - met - lost:,} with none"
        rows.append((name, f"{known:,}: {told}, {lost:,} not snapped to a street"))
    if len(times):
        least, median, most = np.quantile(times.seconds / 60, (0, 0.5, 1))
        rows.append(("minutes", f"{minutes(least)} to {minutes(most)}, median {minutes(median)}"))
    cells = [(escape(name), escape(told)) for name, told in rows]
    return _whole(_title("TravelTimes", "walking times", "") + _table((), cells, left=2))


@shows("City")
def city_html(city: City) -> str:
    """Show what an extract holds, and what its reader had to leave out or guess."""
    tables = ("facilities", "areas", "buildings", "gates")
    rows = [(name, f"{len(getattr(city, name)):,}") for name in tables]
    notes = "".join(f"<li>{escape(note)}</li>" for note in city.notes)
    told = f"<details><summary>{len(city.notes)} notes of the reader</summary><ul>{notes}</ul>"
    body = _streets(city.streets) + _table((), rows) + told + "</details>"
    return _whole(_title("City", "what the extract holds", "") + body)


def _areas(card: Scorecard) -> str:
    """List the areas that miss most, with what they have and what is unknown."""
    summary = card.summary()
    worst = summary.sort_values(["unmet", "residents"], ascending=False, kind="stable")
    rows = []
    for label, area in worst.head(SHOWN_AREAS).iterrows():
        named = isinstance(area["name"], str) and area["name"].strip()
        people = "" if pd.isna(area["residents"]) else f"{area['residents']:,.0f}"
        counts = {status: int(area[status]) for status in _WORDS} | {"met": int(area["observed"])}
        name, *numbers = _row(str(area["name"] if named else label), counts)
        rows.append((name, people, *numbers))
    head = ("areas that miss most", "residents", *_WORDS.values(), "met of known")
    more = len(summary) - len(rows)
    rest = f'<div class="s">and {more:,} more areas: summary()</div>' if more > 0 else ""
    return f"<div>{_table(head, rows)}{rest}</div>"


def _row(name: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    met = counts["met"] + counts["implied"]
    known = met + counts["unmet"]
    share = both(met / known, counts["met"] / known) if known else "nothing known"
    numbers = (f"{_SIGNS[s]} {counts[s]:,}" if counts[s] else "–" for s in _WORDS)
    return (escape(name), *numbers, share)


def _of_items(results: pd.DataFrame, checklist: Checklist, group: str) -> pd.DataFrame:
    return results[results["item"].isin([item.key for item in checklist if item.group == group])]


def _counts(statuses: pd.Series[str]) -> dict[str, int]:
    found = statuses.value_counts()
    return {status: int(found.get(status, 0)) for status in _WORDS}


def _bar(counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{count:,} {_WORDS[status]}" for status, count in counts.items())
    parts = "".join(
        f'<div class="{status}" style="flex:{count} 0 0"></div>' for status, count in counts.items()
    )
    return f'<div class="bar" role="img" aria-label="{escape(told)}">{parts}</div>'


def _legend(counts: Mapping[str, int]) -> str:
    """Say how much of the bar is what: with pattern, sign, word and number."""
    entries = (
        f'<span><span class="box {status}"></span>'
        f"{_SIGNS[status]} {count:,} {_WORDS[status]}</span>"
        for status, count in counts.items()
    )
    return f'<div class="row">{"".join(entries)}</div>'


def _limit(item: Item) -> str:
    return str(item.limit) + (f", {item.at_least} of them" if item.at_least > 1 else "")


def _trust(status: str) -> str:
    return _unbroken(f"{_SIGNS['met' if status == 'verified' else 'unknown']} {status}")


def _unbroken(text: str) -> str:
    return f'<span class="w">{escape(text)}</span>'


def _thumbnail(network: WalkNetwork) -> str:
    """Draw the longest edges as straight lines, in the colour of the page's letters."""
    longest = np.argsort(-network.edge_length_m, kind="stable")[:THUMBNAIL_LINES]
    x0, y0, x1, y1 = network.extent.bounds
    scale = THUMBNAIL_PX / max(x1 - x0, y1 - y0, 1.0)
    xy = (network.node_xy[network.edge_nodes[longest]] - (x0, y1)) * (scale, -scale)
    lines = np.unique(np.rint(xy).astype(np.int64).reshape(-1, 4), axis=0)
    drawn = "".join(f"M{a} {b}L{c} {d}" for a, b, c, d in lines.tolist())
    width, height = (x1 - x0) * scale, (y1 - y0) * scale
    told = f"the {len(longest):,} longest edges"
    return (
        f'<svg width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{told}">'
        f'<title>{told}</title><path d="{drawn}" fill="none" stroke="currentColor" '
        'stroke-width=".6"/></svg>'
    )


def _title(noun: str, name: str, key: str) -> str:
    told = f" <code>{escape(key)}</code>" if key else ""
    return f"<div><b>{noun}</b> {escape(name)}{told}</div>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """Make a table of cells that are HTML already; a row of one cell is a heading."""

    def cells(row: Sequence[str], tag: str) -> str:
        kinds = ("" if i < left else ' class="n"' for i in range(len(row)))
        return "".join(f"<{tag}{k}>{cell}</{tag}>" for k, cell in zip(kinds, row, strict=True))

    heads = f"<tr>{cells(head, 'th')}</tr>" if head else ""
    body = "".join(
        f'<tr><td colspan="{len(head)}">{row[0]}</td></tr>'
        if len(row) == 1
        else f"<tr>{cells(row, 'td')}</tr>"
        for row in rows
    )
    return f"<table>{heads}{body}</table>"


def _whole(body: str) -> str:
    return f'<div class="qh">{_STYLE}{body}</div>'
