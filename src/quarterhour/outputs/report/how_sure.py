"""How sure: a section of the report with the interval of every item and the close calls.

It is not in every report: ``write_report(card, path, sections=(*SECTIONS, how_sure_of(found)))``,
with what :func:`quarterhour.uncertainty` gives of the same scorecard.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from quarterhour.errors import InputError
from quarterhour.outputs.how_sure import (
    close_text,
    interval_text,
    none_text,
    source_text,
    whole_text,
    widest,
)
from quarterhour.outputs.looks import shown_status
from quarterhour.outputs.report.parts import (
    area_names,
    interval_bar,
    mark,
    paragraph,
    section,
    table,
)
from quarterhour.outputs.words import Lang, name_of, number, percent, say, short
from quarterhour.planning.uncertainty import Uncertainty
from quarterhour.scoring.scorecard import Scorecard

AREAS_SHOWN = 60
"""Areas whose close calls are listed, those with most of them first."""


def how_sure_of(found: Uncertainty) -> Callable[[Scorecard, Lang], str]:
    """Give the section on how sure a scorecard is.

    Parameters
    ----------
    found
        What :func:`quarterhour.uncertainty` gives of the scorecard that is reported.

    Returns
    -------
    callable
        A section for :func:`quarterhour.write_report`. It raises an ``InputError`` where the
        report is of another scorecard.
    """

    def said(card: Scorecard, lang: Lang) -> str:
        _require_same(found, card)
        level = f"{found.level * 100:g}%"
        told = "".join(f"<li>{escape(one)}</li>" for one in whole_text(found, lang))
        body = [f"<ul>{told}</ul>" if told else "", _items(found, lang, level)]
        body += [_causes(found, lang), paragraph(say(lang, "sure_limits"), "caveat")]
        body.append(_close(found, card, lang))
        return section("how_sure", say(lang, "sure", {"level": level}), "".join(body))

    return said


def _require_same(found: Uncertainty, card: Scorecard) -> None:
    """See that the intervals are of the answers that stand beside them."""
    columns = ["area", "item", "status"]
    mine, theirs = (one.results[columns].reset_index(drop=True) for one in (found, card))
    if not mine.equals(theirs):
        msg = (
            "how_sure_of: the intervals are of another scorecard, whose areas, items or answers "
            "differ: give qh.uncertainty of the scorecard that is reported."
        )
        raise InputError(msg)


def _items(found: Uncertainty, lang: Lang, level: str) -> str:
    """Tabulate the items with their intervals, the widest first."""
    values = {"draws": number(found.draws), "seed": found.seed, "level": level}
    items = found.lottery.setting.card.checklist
    rows, told = widest(found), [paragraph(say(lang, "sure_told", values), "hint")]
    cells = [
        [
            escape(short(name_of(items[row["item"]], lang))),
            interval_bar(row["low"], row["high"], row["share"]),
            escape(source_text(row["main_source"], lang)),
            percent(row["share"]),
            interval_text(row["low"], row["high"]),
        ]
        for row in rows.to_dict("records")
    ]
    if cells:
        unit = "fair_residents" if rows["unit"].iloc[0] == "residents" else "fair_residences"
        told.append(paragraph(say(lang, unit), "hint"))
        heads = [say(lang, "item"), "", say(lang, "sure_main"), say(lang, "share")]
        heads.append(say(lang, "sure_interval", {"level": level}))
        told.append(table([escape(head) for head in heads], cells, kind="intervals", left=3))
    unknown = none_text(found, lang)
    return "".join(told) + (paragraph(unknown, "cut") if unknown else "")


def _causes(found: Uncertainty, lang: Lang) -> str:
    """Tabulate what each error does to all answers together, the largest first."""
    rows = found.variance[found.variance["measure"] == "item"]
    rows = rows[rows["share"] > 0].sort_values("share", ascending=False, kind="stable")
    if rows.empty:
        return ""
    pairs = zip(rows["source"], rows["share"], strict=True)
    cells = [[escape(source_text(source, lang)), percent(share)] for source, share in pairs]
    heads = [escape(say(lang, head)) for head in ("sure_cause", "sure_variance")]
    told = f"<h3>{escape(say(lang, 'sure_causes'))}</h3>"
    return told + paragraph(say(lang, "sure_causes_told"), "hint") + table(heads, cells)


def _close(found: Uncertainty, card: Scorecard, lang: Lang) -> str:
    """List the close calls by area, the areas with most of them first."""
    results = found.results.assign(seen=shown_status(card.results).to_numpy())
    close = results[results["close_call"]]
    told = [f"<h3>{escape(say(lang, 'sure_close_title'))}</h3>", paragraph(close_text(found, lang))]
    if close.empty:
        return "".join(told)
    names: dict[Any, Any] = area_names(card, lang).to_dict()
    by_area: dict[Any, list[dict[Any, Any]]] = {}
    for row in close.to_dict("records"):
        by_area.setdefault(row["area"], []).append(row)
    order = sorted(by_area, key=lambda label: -len(by_area[label]))
    rows = [
        [
            escape(str(names[label])),
            " ".join(_one(row, card, lang) for row in by_area[label]),
            number(len(by_area[label])),
        ]
        for label in order[:AREAS_SHOWN]
    ]
    heads = ("area", "sure_close_items", "sure_close_count")
    told.append(paragraph(say(lang, "sure_close_told"), "hint"))
    told.append(table([escape(say(lang, head)) for head in heads], rows, kind="close", left=2))
    rest = len(order) - AREAS_SHOWN
    told.append(paragraph(say(lang, "sure_more", {"n": number(rest)}), "cut") if rest > 0 else "")
    return "".join(told)


def _one(row: dict[Any, Any], card: Scorecard, lang: Lang) -> str:
    """Give the sign of an answer, its item, and how often it is met."""
    name = escape(short(name_of(card.checklist[str(row["item"])], lang)))
    told = say(lang, "sure_chance", {"item": name, "p": f"{row['p_met'] * 100:.0f}%"})
    return f'<span class="call">{mark(row["seen"], lang)} {told}</span>'
