"""Which encoding the bytes of a text are in: one finder for CSV, GeoJSON, and Shapefiles.

A single damaged byte, or a cell cut in the middle of a character, is no reason to take a file for
something else: the encodings are compared by how much of the text they explain.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from quarterhour.errors import InputError
from quarterhour.places.notes import Note

_MARKS = {
    b"\xef\xbb\xbf": ("utf-8-sig", "UTF-8 (BOM)"),
    b"\xff\xfe": ("utf-16", "UTF-16"),
    b"\xfe\xff": ("utf-16", "UTF-16"),
}
CODECS = {"UTF-8": "utf-8", "GB18030": "gb18030", "Windows-1252": "cp1252"}
BROKEN = "\ufffd"
_READABLE = 3  # characters read for each one that is not, at the least
_ENOUGH = 1 << 22  # bytes are enough to tell the encoding


class Text(NamedTuple):
    """A decoded text, its encoding, and how many of its characters could not be read."""

    text: str
    encoding: str
    broken: int


def decode(data: bytes, source: str) -> Text:
    """
    Decode the bytes of a text file.

    A byte order mark decides; else the encoding that `guess` finds. What cannot be read becomes
    a replacement character, and is counted.

    Parameters
    ----------
    data
        The content.
    source
        What to call the file.

    Returns
    -------
    text
        The text, the name of the encoding found, and how many characters are broken.
    """
    for mark, (codec, name) in _MARKS.items():
        if data.startswith(mark):
            text = data.decode(codec, errors="replace")
            broken = text.count(BROKEN)
            if broken * _READABLE > len(text):
                break
            return Text(text, name, broken)
    if (unmarked := _without_mark(data[:_ENOUGH])) is not None:
        text = data.decode(unmarked, errors="replace")
        return Text(text, "UTF-16 without BOM", text.count(BROKEN))
    if data and b"\x00" not in data[:_ENOUGH]:
        found = "UTF-8" if data.isascii() else guess(data)
        if found is not None:
            text = data.decode(CODECS[found], errors="replace")
            return Text(text, found, text.count(BROKEN))
    elif not data:
        return Text("", "UTF-8", 0)
    raise InputError(
        f"{source} is neither UTF-8 nor GB18030 text. Save it as CSV in UTF-8 and try again."
    )


def _without_mark(data: bytes) -> str | None:
    """Return the codec of UTF-16 without a mark: every other byte of its ASCII letters is zero."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if min(even, odd) or max(even, odd) * 20 < len(data):
        return None
    codec = "utf-16-le" if odd else "utf-16-be"
    text = data.decode(codec, errors="replace")
    read = text.count(BROKEN) * _READABLE <= len(text) and "\n" in text
    return codec if read else None


def guess(data: bytes) -> str | None:
    """
    Find the encoding that explains most of the bytes that are not ASCII.

    Parameters
    ----------
    data
        Text without a byte order mark; characters may be damaged or cut.

    Returns
    -------
    name
        One of `CODECS`; None if all is ASCII, or if no encoding explains it.
    """
    part = data[:_ENOUGH] if data[:_ENOUGH].isascii() is False else data
    if part.isascii():
        return None
    if _explains(part, "utf-8"):
        return "UTF-8"
    if not _alone(part) and _explains(part, "gb18030"):
        return "GB18030"
    return "Windows-1252" if _alone(part) and _explains(part, "cp1252") else None


def broken_note(broken: int, source: str, encoding: str) -> str:
    """
    Return the sentence on characters that could not be read.

    Parameters
    ----------
    broken
        How many.
    source, encoding
        The file, and what it was read as.

    Returns
    -------
    sentence
        What was found.
    """
    return Note(
        "characters_damaged",
        "{0} characters of {1} are damaged: they are no {2} and show as {3!r}. The rest is read "
        "as written.",
        broken,
        source,
        encoding,
        BROKEN,
    )


def _explains(data: bytes, codec: str) -> bool:
    """Tell whether a codec reads at least three characters for each that it cannot read."""
    text = data.decode(codec, errors="replace")
    broken = text.count(BROKEN)
    beyond = len(text) - len(text.encode("ascii", errors="ignore"))
    return beyond - broken >= _READABLE * broken


def _alone(data: bytes) -> bool:
    """Tell whether bytes beyond ASCII stand alone, as in Western words; Chinese ones are pairs."""
    runs = re.findall(rb"[\x80-\xff]+", data)
    return sum(len(run) == 1 for run in runs) * 2 > len(runs)
