"""What a reader noted about data: a code with its values, which prints as an English sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self


class Listing(str):
    """Some of many words, each with its count if it has one, and how many words there are more.

    It is a text wherever a text is wanted; who words a note in another language takes the words.

    Parameters
    ----------
    words
        Labels or names; a pair is a word and its count.
    more
        How many words are not among them.

    Attributes
    ----------
    words
        Pairs of a word and its count, None where nothing was counted.
    more
        As given.

    Examples
    --------
    >>> print(Listing(["the market", "the shop"], 3))
    the market, the shop and 3 more
    >>> print(Listing([("trail", 159), ("lane", 3)]))
    trail (159), lane (3)
    """

    words: tuple[tuple[str, int | None], ...]
    more: int

    def __new__(cls, words: Iterable[str | tuple[str, int | None]], more: int = 0) -> Self:
        """Write the words one behind the other."""
        pairs = tuple((one, None) if isinstance(one, str) else (one[0], one[1]) for one in words)
        told = ", ".join(word if n is None else f"{word} ({n})" for word, n in pairs)
        text = super().__new__(cls, f"{told} and {more} more" if more > 0 else told)
        text.words, text.more = pairs, more
        return text

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Give what makes it anew."""
        return self.words, self.more


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
        Numbers, texts and listings.

    Attributes
    ----------
    code
        As given.
    values
        As given, as plain numbers, texts and listings.

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
        {"code": note.code, "values": [*map(_as_data, note.values)]}
        if isinstance(note, Note)
        else None
        for note in notes
    ]


def _as_data(value: Any) -> Any:
    if not isinstance(value, Listing):
        return value
    return {"words": [list(pair) for pair in value.words], "more": value.more}


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
