"""How to cite a result: the software, the checklist, the data, as text or for BibTeX."""

from __future__ import annotations

import re

from quarterhour.errors import InputError
from quarterhour.outputs.credits import credit_sentences, sources
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.words import Lang, full_width, name_of, require_lang, say
from quarterhour.scoring.scorecard import Scorecard

STYLES = ("text", "bibtex")

AUTHORS = "The quarterhour developers"
TITLE = (
    "quarterhour: which residents live within a quarter-hour's walk of what they need, "
    "from OpenStreetMap and local tables"
)
"""As CITATION.cff has them; a test holds them together."""


def cite_text(card: Scorecard, style: str, lang: Lang | None) -> str:
    """Say how to cite a result.

    Raises
    ------
    InputError
        If the style or the language is not known.
    """
    if style not in STYLES:
        msg = f"style={style!r} is no style of citing: use 'text' or 'bibtex'."
        raise InputError(msg)
    lang = chosen_lang(lang, card.checklist)
    require_lang(lang)
    if style == "bibtex":
        return _bibtex(card)
    made = card.manifest
    told = {"version": made["versions"]["quarterhour"], "year": _year(card), "authors": AUTHORS}
    run = {
        "date": str(made["made_at"])[:10],
        "facilities": str(made["inputs"]["facilities"]["sha256"])[:12],
        "network": str(made["inputs"]["network"]["sha256"])[:12],
    }
    software = say(lang, "cite_software", told)
    return "\n".join([software, *cite_lines(card, lang), say(lang, "cite_run", run)])


def report_line(card: Scorecard, lang: Lang) -> str:
    """Say how to cite the report of a result."""
    made = card.manifest
    told = {
        "title": say(lang, "report"),
        "checklist": name_of(card.checklist, lang),
        "version": made["versions"]["quarterhour"],
        "date": str(made["made_at"])[:10],
        "facilities": str(made["inputs"]["facilities"]["sha256"])[:12],
        "network": str(made["inputs"]["network"]["sha256"])[:12],
    }
    return say(lang, "cite", told)


def cite_lines(card: Scorecard, lang: Lang) -> list[str]:
    """Name the checklist and whose data these are."""
    status = "verified" if card.checklist.status == "verified" else "not_verified"
    source = card.checklist.citation
    told = {"citation": full_width(source) if lang == "zh" else source, "status": say(lang, status)}
    return [say(lang, "cite_checklist", told), *credit_sentences(sources(card), lang)]


def _year(card: Scorecard) -> str:
    return str(card.manifest["made_at"])[:4]


def _bibtex(card: Scorecard) -> str:
    made, checklist = card.manifest, card.checklist
    inputs = made["inputs"]
    digests = ", ".join(
        f"{name} SHA-256 {str(inputs[name]['sha256'])[:12]}"
        for name in ("areas", "facilities", "network")
    )
    entries = [
        _entry(
            "software",
            "quarterhour",
            {
                "author": f"{{{AUTHORS}}}",
                "title": TITLE,
                "version": made["versions"]["quarterhour"],
                "year": _year(card),
                "license": "MIT",
                "note": f"Result of {str(made['made_at'])[:10]}; {digests}",
            },
        ),
        _entry(
            "misc",
            checklist.key,
            {"title": checklist.en or checklist.zh, "note": checklist.citation},
        ),
    ]
    for number, name in enumerate(credit_sentences(sources(card), "en"), start=1):
        entries.append(_entry("misc", f"data-{number}", {"title": "Data", "note": name}))
    return "\n\n".join(entries)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    rows = [f"  {name} = {{{_escaped(value)}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n" + ",\n".join(rows) + "\n}"


def _escaped(text: str) -> str:
    """Escape what LaTeX would read otherwise; braces that balance stay."""
    return re.sub(r"([&%#_$])", r"\\\1", str(text))
