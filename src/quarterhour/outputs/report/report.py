"""The report: one HTML file that opens from a disk, asks no host for anything and prints well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Literal

from quarterhour.errors import InputError
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.looks import CROSS, LOOKS
from quarterhour.outputs.plan_words import Plan, Plans, checked_plans, plan_lines, plan_title
from quarterhour.outputs.report.parts import DEFINITIONS
from quarterhour.outputs.report.plan_pages import plan_id, plan_section
from quarterhour.outputs.report.printed import write_page
from quarterhour.outputs.report.sections import SECTIONS, Section
from quarterhour.outputs.words import LANGS, Lang, name_of, number, say
from quarterhour.scoring.scorecard import Scorecard

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the browser is told: the page may ask no host, and run no script."""


def write_report(
    card: Scorecard,
    path: str | Path,
    *,
    lang: Literal["zh", "en", "both"] | None = None,
    title: str | None = None,
    sections: Sequence[Section] = SECTIONS,
    plans: Plans = (),
) -> Path:
    """Write the check-up report (体检报告) of a scorecard: one HTML file, to read or to print.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write, whole or not at all: ``.html``, or ``.pdf``, which is printed by a Chromium,
        Chrome or Edge found on ``PATH`` or named in ``QUARTERHOUR_CHROMIUM``.
    lang
        ``"zh"``, ``"en"``, or ``"both"``: Chinese, then English, with a switch in the page.
        None: the language of the checklist's country, else of the environment, else
        English.
    title
        What stands on top, such as the name of the place.
    sections
        What the report consists of: functions of the scorecard and the language that return
        HTML. To add one of your own: ``sections=(*SECTIONS, mine)``.
    plans
        What stands beside this scorecard, a page each and a sentence on the first: what
        :func:`quarterhour.compare` (with a scenario, or with last year), :func:`quarterhour.site`,
        :func:`quarterhour.site_rooms`, :func:`quarterhour.circles`, :func:`quarterhour.audit` and
        :func:`quarterhour.progress` (a target) give. As a mapping, by what they are called:
        ``{"new market": compare(card, after)}``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the language is not known, a plan is of another scorecard, or the file ends neither
        in ``.html`` nor in ``.pdf``.
    MissingExtraError
        If it is to be a PDF and no Chromium is found.
    OutputError
        If the file cannot be written.
    """
    text = report_html(card, lang=lang, title=title, sections=sections, plans=plans)
    return write_page(text, path)


def report_html(
    card: Scorecard,
    *,
    lang: Literal["zh", "en", "both"] | None = None,
    title: str | None = None,
    sections: Sequence[Section] = SECTIONS,
    plans: Plans = (),
) -> str:
    """Give the page that :func:`write_report` writes."""
    wanted = languages(lang or chosen_lang(None, card.checklist))
    named = checked_plans(card, plans)
    parts = [
        _head(card, one, title, _contents(named, one))
        + "".join(s(card, one) for s in sections)
        + "".join(plan_section(p, n, name, one) for n, (name, p) in enumerate(named, start=1))
        for one in wanted
    ]
    manifest = json.dumps(card.manifest, ensure_ascii=False, default=str, indent=1)
    # In a script element only "</" could end it too early.
    inert = manifest.replace("</", "<\\/")
    data = f'<script type="application/json" id="manifest">{inert}</script>'
    return page(parts, wanted, title or say(wanted[0], "report"), data)


def languages(lang: str) -> tuple[Lang, ...]:
    """Give the languages that a word stands for.

    Examples
    --------
    >>> languages("both"), languages("en")
    (('zh', 'en'), ('en',))

    Raises
    ------
    InputError
        If the word is not known.
    """
    if lang == "both":
        return LANGS
    known = tuple(one for one in LANGS if one == lang)
    if not known:
        msg = f"lang={lang!r} is not a language of the report: use 'zh', 'en' or 'both'."
        raise InputError(msg)
    return known


def page(parts: Sequence[str], langs: Sequence[Lang], title: str, data: str = "") -> str:
    """Put a text in each language into one page, with a switch if there is more than one."""
    texts = "".join(
        f'<div class="text {lang}" lang="{say(lang, "lang_code")}">{part}</div>'
        for lang, part in zip(langs, parts, strict=True)
    )
    switch = _switch(langs) if len(langs) > 1 else ""
    far = f":root {{ --edge: {LOOKS['unmet'].mark}; --unmet: {CROSS}; }}\n"
    style = far + (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html>\n<html lang="{say(langs[0], "lang_code")}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>\n"
        f"<body><main>{switch}{DEFINITIONS}{texts}</main>{data}</body></html>\n"
    )


def _switch(langs: Sequence[Lang]) -> str:
    """Choose the language with no script: buttons that style what follows them."""
    choices = [("both", say(langs[0], "both")), *((one, say(one, "own")) for one in langs)]
    return "".join(
        f'<input type="radio" name="lang" id="lang-{key}"{" checked" if key == "both" else ""}>'
        f'<label for="lang-{key}">{escape(told)}</label>'
        for key, told in choices
    )


def _contents(named: Sequence[tuple[str, Plan]], lang: Lang) -> str:
    """Say in a sentence what each plan brings, with a link to its page; nothing without plans."""
    lines = [
        f'<li><a href="#{plan_id(n, lang)}">{escape(plan_title(plan, n, name, lang))}</a><br>'
        f"{escape(plan_lines(plan, lang)[0])}</li>"
        for n, (name, plan) in enumerate(named, start=1)
    ]
    named_by = escape(say(lang, "plan_list"))
    head = f"<p>{named_by}</p>"
    return (
        f'<nav aria-label="{named_by}">{head}<ul class="beside">{"".join(lines)}</ul></nav>'
        if lines
        else ""
    )


def _head(card: Scorecard, lang: Lang, title: str | None, contents: str) -> str:
    made = card.manifest
    subject = say(
        lang, "subject", {"areas": number(len(card.areas)), "items": number(len(card.checklist))}
    )
    told = say(
        lang,
        "made",
        {"date": str(made["made_at"])[:10], "version": made["versions"]["quarterhour"]},
    )
    above = f"<p>{escape(say(lang, 'report'))}</p>" if title else ""
    return (
        f"<header>{above}<h1>{escape(title or say(lang, 'report'))}</h1>"
        f"<p>{escape(name_of(card.checklist, lang))}</p>"
        f"<p>{escape(subject)} · {escape(told)}</p>{contents}</header>"
    )
