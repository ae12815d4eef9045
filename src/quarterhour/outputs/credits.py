"""Whose data a picture shows, in words: taken from what the tables carry, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from quarterhour.outputs.words import Lang, has, say
from quarterhour.places.attribution import OSM, attributions
from quarterhour.scoring.scorecard import Scorecard

OSM_LINK = '<a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">{}</a>'


def sources(card: Scorecard) -> list[str]:
    """List whose data a scorecard is made of, as its manifest says."""
    return attributions(card.manifest["inputs"])


def credit(names: Iterable[str], lang: Lang) -> str:
    """
    Name sources in one line; OpenStreetMap asks to be named.

    Parameters
    ----------
    names
        As the tables carry them; one that has no words of its own is printed as it is.
    lang
        The language.

    Examples
    --------
    >>> credit(["osm", "© City of X"], "en"), credit([], "en")
    ('© OpenStreetMap contributors · © City of X', '')
    """
    return " · ".join(_named(name, lang) for name in names)


def credit_html(names: Iterable[str], lang: Lang) -> str:
    """Name sources for a page, with the link that OpenStreetMap asks for."""
    told = []
    for name in names:
        text = escape(_named(name, lang))
        told.append(OSM_LINK.format(text) if name == OSM else text)
    return " · ".join(told)


def credit_sentences(names: Iterable[str], lang: Lang) -> list[str]:
    """Name sources in full, with the licence, for a report."""
    return [say(lang, f"data_{name}") if has(lang, f"data_{name}") else name for name in names]


def _named(name: str, lang: Lang) -> str:
    return say(lang, f"credit_{name}") if has(lang, f"credit_{name}") else name
