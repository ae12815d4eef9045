"""What is said to the terminal, whatever its encoding is and whoever listens.

Results go to standard output, everything else to standard error. A character that the encoding
of a stream does not hold is written as the nearest plain one (m² as m2), and how many had none
is said; JSON is UTF-8 whatever the terminal is.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import click

NEAREST = str.maketrans(
    {
        **dict.fromkeys("–—−‐‑", "-"),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”«»", '"'),
        "≤": "<=",
        "≥": ">=",
        "×": "x",
        "·": ".",
        "•": "*",
        "→": "->",
        "±": "+/-",
        "©": "(c)",
        "°": " deg",
        "€": "EUR",
        "、": ", ",
        "。": ". ",
        "µ": "u",
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
    }
)


@dataclass
class _Lost:
    """Characters for which a stream had nothing near."""

    characters: int = 0


_LOST = _Lost()


def plain(text: str) -> str:
    """Give a text in ASCII: the nearest plain characters, and ? for what has none.

    A character of two columns becomes two marks, so that tables stay in line.

    Examples
    --------
    >>> plain("437 m², Töölö – 菜")
    '437 m2, Toolo - ??'
    """
    found = []
    for character in text:
        near = unicodedata.normalize("NFKD", character.translate(NEAREST))
        kept = near.encode("ascii", "ignore").decode()
        if not kept and not unicodedata.combining(character):
            kept = "??" if unicodedata.east_asian_width(character) in "WF" else "?"
        found.append(kept)
    return "".join(found)


def _nearest(error: UnicodeError) -> tuple[str | bytes, int]:
    """Stand in for what a stream cannot hold; bytes of file names pass as they are."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    if all("\udc80" <= character <= "\udcff" for character in text):
        return text.encode("ascii", "surrogateescape"), error.end
    near = plain(text)
    _LOST.characters += sum("?" in plain(character) for character in text)
    return near, error.end


codecs.register_error("quarterhour.nearest", _nearest)


@contextmanager
def sound() -> Iterator[None]:
    """See that nothing said fails for its encoding; say at the end what could not be shown."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="quarterhour.nearest")
    _LOST.characters = 0
    try:
        yield
    finally:
        if _LOST.characters:
            encoding = getattr(sys.stdout, "encoding", None) or "this encoding"
            say(
                f"{_LOST.characters:,} characters cannot be shown in {encoding} and are written "
                "as ?: set PYTHONUTF8=1 (on Windows also: chcp 65001) to see them."
            )


def open_standard_streams() -> None:
    """Open what the caller closed: its number would go to the next file that is opened."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def say(text: str) -> None:
    """Tell the person waiting what is being done; nobody listening is no failure."""
    with suppress(OSError, ValueError):
        click.echo(text, file=sys.stderr)


def echo(text: str) -> None:
    """Print results, in the encoding that standard output has."""
    # Without a file, click takes ASCII for a mistake and writes UTF-8.
    click.echo(text, file=sys.stdout)


def echo_json(text: str) -> None:
    """Print JSON in UTF-8, whatever the encoding of the terminal."""
    # A backslash keeps halves of characters, from odd file names, as JSON writes them.
    click.echo(text.encode("utf-8", "backslashreplace"))


def is_terminal() -> bool:
    """Say whether somebody watches standard error."""
    return sys.stderr is not None and sys.stderr.isatty()
