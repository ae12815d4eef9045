"""In which language the terminal speaks: one rule for all that is printed, and the words of it.

What is asked for with ``--lang``; else the language of the checklist's country, as soon as the
checklist is known; else that of the environment; else English. Errors, warnings and help are in
English whatever it is: they are the sentences of the library.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quarterhour.cli.streams import say

if TYPE_CHECKING:
    from quarterhour.outputs.words import Lang
    from quarterhour.standards.checklist import Checklist

_ASKED, _FOUND = "quarterhour.lang.asked", "quarterhour.lang.found"


def ask(lang: str | None) -> None:
    """Keep the language that is asked for."""
    if lang in ("zh", "en"):
        _meta()[_ASKED] = lang


def settle(checklist: Checklist) -> Lang:
    """Speak the language of a checklist's country from now on, where none is asked for."""
    from quarterhour.outputs.language import chosen_lang

    _meta()[_FOUND] = chosen_lang(None, checklist)
    return spoken()


def spoken() -> Lang:
    """Give the language that the terminal speaks now.

    A terminal that cannot show Chinese is spoken to in English, unless Chinese is asked for.
    """
    from quarterhour.outputs.language import own_lang

    meta = _meta()
    if _ASKED in meta:
        return "zh" if meta[_ASKED] == "zh" else "en"
    lang = meta.get(_FOUND) or own_lang(os.environ)
    return "zh" if lang == "zh" and _shows_chinese() else "en"


def _meta() -> dict[str, Any]:
    context = click.get_current_context(silent=True)
    return {} if context is None else context.meta


def _shows_chinese() -> bool:
    try:
        "中".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@cache
def words() -> dict[str, Any]:
    """Read the words that only the terminal has, in both languages."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def word(lang: Lang, key: str, values: Mapping[str, object] | None = None) -> str:
    """Give a phrase of the terminal with its values filled in.

    Examples
    --------
    >>> word("en", "more", {"n": 3}), word("zh", "written", {"path": "a.csv"})
    ('  … and 3 more', '已写入：a.csv')
    """
    return str(words()[lang][key]).format(**(values or {}))


def tell(key: str, values: Mapping[str, object] | None = None) -> None:
    """Tell the person waiting what is being done."""
    say(word(spoken(), key, values))


def written_lines(lang: Lang, files: Iterable[Path]) -> list[str]:
    """Say which files were written."""
    return [word(lang, "written", {"path": path}) for path in files]


def more_lines(lang: Lang, rest: int, file: str = "") -> list[str]:
    """Say how many rows are not shown, and which file has them; nothing where all are shown."""
    told = {"n": f"{rest:,}", "file": file}
    return [word(lang, "more_in" if file else "more", told)] if rest > 0 else []


class NoteOf(str):
    """A note of a reader behind the name of the table that it is about.

    Examples
    --------
    >>> told = NoteOf("gates", "All are known.")
    >>> told, told.note
    ('gates: All are known.', 'All are known.')
    """

    table: str
    note: str

    def __new__(cls, table: str, note: str) -> NoteOf:
        """Put the name in front."""
        made = super().__new__(cls, f"{table}: {note}")
        made.table, made.note = table, note
        return made


def note_lines(notes: Iterable[str], lang: Lang) -> list[str]:
    """Word notes of readers; one that has no words in a language stays as it is."""
    from quarterhour.outputs.words import notes_text
    from quarterhour.places.notes import as_data

    told = []
    for one in notes:
        front, note = "", one
        if isinstance(one, NoteOf):
            front, note = word(lang, "about", {"what": word(lang, f"of_{one.table}")}), one.note
        (text,) = notes_text({"notes": [note], "notes_data": as_data([note])}, lang)
        told.append(front + text)
    return told
