"""Service cards (便民服务卡): one page per community, to print and hand out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from math import nan
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from quarterhour.errors import InputError
from quarterhour.outputs.credits import credit
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.report.card_pages import Page, Row, pages
from quarterhour.outputs.report.parts import area_names, mark, table
from quarterhour.outputs.report.printed import write_page
from quarterhour.outputs.report.report import languages, page
from quarterhour.outputs.words import Lang, name_of, place, say, short, unit_of, walk_text
from quarterhour.scoring.directory import service_directory
from quarterhour.scoring.scorecard import Scorecard

PER_ITEM = 2
ENOUGH = 0.6
"""A card names a second facility where the first is near for less than this share."""


def write_cards(
    card: Scorecard,
    path: str | Path,
    *,
    lang: Literal["zh", "en", "both"] | None = None,
    areas: Collection[Any] | None = None,
) -> Path:
    """Write a printable service card for each community: what, where, minutes, hours, phone.

    Each card has every item of the checklist in its order, with the facility that most residents
    have nearest, or two where they are divided. Where none is known there is a blank to be
    filled in by hand: the data may lack what the community has. A card fits its page whatever
    letters the machine has; what is too much for one page goes on a second that says so.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write, whole or not at all: ``.html``, of which each card begins a page when it is
        printed, or ``.pdf``, as :func:`quarterhour.write_report` prints it.
    lang
        ``"zh"``, ``"en"`` or ``"both"``.
        None: the language of the checklist's country, else of the environment, else
        English.
    areas
        Index labels of the communities to make cards for; all if not given.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the language is not known, there is no such area, or the file ends neither in
        ``.html`` nor in ``.pdf``.
    OutputError
        If the file cannot be written.
    """
    wanted = languages(lang or chosen_lang(None, card.checklist))
    chosen = list(card.areas.index) if areas is None else list(areas)
    if strange := [label for label in chosen if label not in card.areas.index]:
        msg = f"There is no area {strange[0]!r} in the scorecard: pass labels of its areas."
        raise InputError(msg)
    directory = dict(tuple(service_directory(card).groupby("area", sort=False)))
    parts = [
        f'<h1 class="unseen">{escape(say(one, "cards"))}</h1>'
        + "".join(
            _card_html(card, directory[label], names[label], (n, len(chosen)), one)
            for n, label in enumerate(chosen, start=1)
        )
        for one in wanted
        for names in (area_names(card, one),)
    ]
    return write_page(page(parts, wanted, say(wanted[0], "cards")), path)


def _card_html(
    card: Scorecard, rows: pd.DataFrame, name: str, which: tuple[int, int], lang: Lang
) -> str:
    unit = unit_of(card.checklist)
    head = [say(lang, "what"), say(lang, "where"), say(lang, f"walk_{unit}")]
    head = [escape(text) for text in (*head, say(lang, "hours"), say(lang, "phone"))]
    number = escape(say(lang, "card_number", {"n": which[0], "all": which[1]}))
    foot = say(
        lang,
        f"card_foot_{unit}",
        {"date": str(card.manifest["made_at"])[:10], "source": _source(card, lang)},
    )
    title = f"{escape(str(name))} · {escape(say(lang, 'cards'))}"
    below = f"{_signs(lang)} {escape(foot)}"
    again = f" · {escape(say(lang, 'card_again'))}"
    planned = pages(head, _rows(card, rows, lang), (f"{title} {number}", below), again)
    return "".join(
        _page_html(head, page, (f"{title}{again if n else ''}", number, below))
        for n, page in enumerate(planned)
    )


def _rows(card: Scorecard, rows: pd.DataFrame, lang: Lang) -> list[Row]:
    """Every item below the heading of its group."""
    by_item = dict(tuple(rows.groupby("item", sort=False)))
    groups = {one.key: name_of(one, lang) for one in card.checklist.groups}
    body: list[Row] = []
    last = ""
    for item in card.checklist:
        if item.group != last:
            last = item.group
            body.append(Row([escape(groups[last])]))
        lines = _lines(by_item[item.key], lang)
        for i, line in enumerate(lines):
            body.append(Row([escape(short(name_of(item, lang))) if i == 0 else "", *line]))
    return body


def _page_html(head: Sequence[str], page: Page, around: tuple[str, str, str]) -> str:
    """One printed page; each cell says how many lines it may take."""
    title, number, below = around
    body = [
        [_cell(cell, n) for cell, n in zip(row.cells, lines, strict=True)]
        for row, lines in zip(page.rows, page.lines, strict=True)
    ]
    return (
        f'<section class="card" style="--size:{page.size_pt}pt"><h2><span>{title}</span>'
        f"<small>{number}</small></h2>{table(head, body, left=5, called=f'{title} {number}')}"
        f'<p class="foot">{below}</p></section>'
    )


def _cell(html: str, lines: int) -> str:
    more = f' style="--lines:{lines}"' if lines > 1 else ""
    return f'<div class="cell"{more}>{html}</div>' if html else ""


def _signs(lang: Lang) -> str:
    """Say what the signs on the card mean."""
    meanings = {"unmet": "card_far_sign", "implied": "card_ask_sign", "unknown": "card_blank_sign"}
    told = (f"{mark(s, lang)} {escape(say(lang, key))}" for s, key in meanings.items())
    return f"{'&emsp;'.join(told)}<br>"


def _lines(rows: pd.DataFrame, lang: Lang) -> list[list[str]]:
    """Where, minutes, hours and phone: the facilities within the limit, else what is known."""
    known = rows[rows["facility"].notna()]
    near = known[known["share_within"] > 0]
    status = rows["status"].iloc[0]
    blank = '<span class="blank">&nbsp;</span>'
    if rows["reason"].iloc[0] == "needs_no_walk" and near.empty:
        return [[escape(say(lang, "card_home")), "0", blank, blank]]
    if status == "unknown":
        ask = f'<span class="ask">{mark("unknown", lang)} {escape(say(lang, "card_fill"))}</span>'
        return [[f"{ask} {blank}", "", "", ""]]
    if status == "unmet":
        return [_far(known, lang)]
    shown = 1 if near["share_within"].iloc[0] >= ENOUGH else PER_ITEM
    return [_line(row, lang) for row in near.head(shown).to_dict("records")]


def _far(known: pd.DataFrame, lang: Lang) -> list[str]:
    """Say that none is near; how far the nearest one is, if one was found."""
    if known.empty:
        told = f'<span class="far">{mark("unmet", lang)} {escape(say(lang, "card_none"))}</span>'
        return [told, "", "", ""]
    row = known.iloc[0].to_dict()
    row |= {"minutes": row["median_minutes"], "metres": row.get("median_metres", nan)}
    line = _line(row | {"implied": False}, lang)
    return [f'<span class="far">{mark("unmet", lang)} {line[0]}</span>', *line[1:]]


def _line(row: dict[Any, Any], lang: Lang) -> list[str]:
    where = escape(str(row["name"]) or say(lang, "nameless"))
    if row["address"]:
        where += f' <span class="ask">{escape(str(row["address"]))}</span>'
    if row["implied"]:
        sign = mark("implied", lang)
        where += f' <span class="ask">{sign} {escape(say(lang, "card_inside"))}</span>'
    hours, phone = (escape(str(row[key])).replace(";", "; ") for key in ("opening_hours", "phone"))
    return [where, walk_text(row["minutes"], row.get("metres", nan), lang), hours, phone]


def _source(card: Scorecard, lang: Lang) -> str:
    """Name the files of the facilities, and whose data they are."""
    known = card.manifest["inputs"]["facilities"]
    file, whose = place(known.get("source")), known.get("attribution")
    return f"{file}, {credit([whose], lang)}" if whose else file
