"""The tags of OpenStreetMap as OPL writes them; objects that say the same share theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache

import numpy as np

from quarterhour.arrays import Ints, Mask

Tags = Mapping[str, str]

NO_TAGS: Tags = {}


class TagTexts(dict[bytes, Tags]):
    """Tags by their text; objects that say the same share them."""

    def __missing__(self, text: bytes) -> Tags:
        found = self[text] = parsed_tags(text.decode())
        return found


def parsed_tags(text: str) -> Tags:
    """Read the tags of one object."""
    if not text:
        return NO_TAGS
    pairs = [pair.partition("=") for pair in text.split(",")]
    if "%" in text:
        return {unescaped(key): unescaped(value) for key, _, value in pairs}
    return {key: value for key, _, value in pairs}


def unescaped(text: str) -> str:
    """Give a text with the characters that were written as numbers."""
    if "%" not in text:
        return text
    parts = text.split("%")  # a sign itself is escaped: every other part is a character's number
    parts[1::2] = [_character(number) for number in parts[1::2]]
    return "".join(parts)


@cache
def _character(number: str) -> str:
    return chr(int(number, 16))


def sets_of(all_tags: Collection[Tags]) -> tuple[list[Tags], Ints]:
    """Give the sets of tags that there are, and which of them each object has."""
    # Objects that say the same share one mapping: it is known by where it is kept.
    kept = np.fromiter(map(id, all_tags), np.int64, len(all_tags))
    _, first, which = np.unique(kept, return_index=True, return_inverse=True)
    in_turn = np.argsort(first)
    number = np.empty(len(first), np.int64)
    number[in_turn] = np.arange(len(first))
    rows = list(all_tags)
    return [rows[at] for at in first[in_turn].tolist()], number[which]


def asked_of(sets: list[Tags], tells: Callable[[Tags], bool]) -> Mask:
    """Ask of each set of tags; a set of none is told of nothing."""
    return np.array([bool(tags) and tells(tags) for tags in sets], dtype=bool)
