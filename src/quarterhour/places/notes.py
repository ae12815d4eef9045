"""What a reader noted about data: a code with its values, which prints as an English sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self


class Note(str):
    """A sentence that knows what it says, so that it can be worded in another language.

    It is a text wherever a text is wanted (JSON, a terminal, a set); who words it in another
    language takes the code and the values instead of reading the sentence.

    Parameters
    ----------
    code
        What is said, one word for each kind of sentence.
    sentence
        The sentence in English, with ``{0}``, ``{1}`` … where the values go.
    *values
        Numbers and texts.

    Attributes
    ----------
    code
        As given.
    values
        As given, as plain numbers and texts.

    Examples
    --------
    >>> note = Note("areas_by_gates", "{0} of {1} areas are left through their gates.", 3, 12)
    >>> print(note)
    3 of 12 areas are left through their gates.
    >>> note.code, note.values
    ('areas_by_gates', (3, 12))
    """

    code: str
    values: tuple[Any, ...]
    _sentence: str

    def __new__(cls, code: str, sentence: str, *values: Any) -> Self:
        """Fill the values into the sentence."""
        plain = tuple(_plain(value) for value in values)
        note = super().__new__(cls, sentence.format(*plain))
        note.code, note.values, note._sentence = code, plain, sentence
        return note

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Give what makes it anew: tables copy and pickle what they carry."""
        return self.parts()

    def __deepcopy__(self, memo: object) -> Self:
        """Give the note itself: tables copy what they carry at every step, and a note stays."""
        return self

    def parts(self) -> tuple[Any, ...]:
        """Give the code, the sentence with its gaps, and the values: ``Note(*note.parts())``."""
        return (self.code, self._sentence, *self.values)


def _plain(value: Any) -> Any:
    """Give a number or a text that JSON can write."""
    value = value.item() if hasattr(value, "item") else value
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def as_data(notes: Iterable[str]) -> list[dict[str, Any] | None]:
    """Give notes as data that JSON can write; None for a plain sentence.

    Examples
    --------
    >>> as_data([Note("gone", "{0} are gone.", 3), "A sentence."])
    [{'code': 'gone', 'values': [3]}, None]
    """
    return [
        {"code": note.code, "values": list(note.values)} if isinstance(note, Note) else None
        for note in notes
    ]


def noted(described: Mapping[str, Any]) -> list[tuple[str, str, list[Any]]]:
    """Give sentence, code and values of the notes in a manifest's description of a table.

    A plain sentence, also one of a manifest that an older version wrote, has the code "".

    Examples
    --------
    >>> data = [{"code": "gone", "values": [3]}, None]
    >>> noted({"notes": ["3 are gone.", "A sentence."], "notes_data": data})
    [('3 are gone.', 'gone', [3]), ('A sentence.', '', [])]
    """
    sentences = [str(note) for note in described.get("notes", [])]
    data = list(described.get("notes_data", []))
    data += [None] * (len(sentences) - len(data))
    told = zip(sentences, data, strict=False)
    return [(text, one["code"], one["values"]) if one else (text, "", []) for text, one in told]
