"""Which ways of a file are walked by what their tags say, and what their tags do not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from quarterhour.places.notes import Listing, Note
from quarterhour.sources.osm.file import OsmFile
from quarterhour.sources.osm.tag_text import Tags, sets_of
from quarterhour.streets import access

_SHOWN = 5


class Ways(NamedTuple):
    """The ways of a file, by what their tags say."""

    walked: list[int]
    soft: list[int]  # platforms and piers without a highway tag
    tags: Mapping[int, Tags]  # of ways whose highway tag had to be made one kind
    notes: list[str]


def sorted_ways(file: OsmFile) -> Ways:
    """
    Sort the ways of a file by whether one may walk them.

    Parameters
    ----------
    file
        The file.
    """
    sets, which = file.way_sets
    made = [access.one_highway(tags) for tags in sets]
    words = [_word(tags) if tags else "" for tags in made]
    codes, kinds = pd.factorize(np.array(words, dtype=object))
    of_way = codes[which] if len(which) else which
    ways = {str(word): np.flatnonzero(of_way == code) for code, word in enumerate(kinds)}
    counts = {word: len(found) for word, found in ways.items()}
    other = np.array([one is not said for one, said in zip(made, sets, strict=True)], dtype=bool)
    single = {way: made[which[way]] for way in np.flatnonzero(other[which]).tolist()}
    unknown = Counter(
        {word.removeprefix(_UNKNOWN): n for word, n in counts.items() if word.startswith(_UNKNOWN)}
    )
    notes = _notes(counts.get("refused", 0), counts.get("silent", 0), unknown)
    walked, soft = (ways.get(word, which[:0]).tolist() for word in ("walked", "soft"))
    return Ways(walked, soft, single, list(notes))


_UNKNOWN = "unknown "


def _word(tags: Tags) -> str:
    """Say in a word what a way is to walkers: "" for what is no street."""
    kind = tags.get("highway", "")
    if access.is_walkable(tags):
        return "walked" if kind else "soft"
    if access.is_refused(tags):
        return "refused"
    if kind == "cycleway" and "foot" not in tags:
        return "silent"
    return _UNKNOWN + kind if kind and kind not in access.KNOWN_HIGHWAYS else ""


def _notes(refused: int, silent: int, unknown: Counter[str]) -> Iterator[str]:
    if refused:
        text = "{0} ways are closed to walkers by their access or foot tag."
        yield Note("ways_closed", text, refused)
    if silent:
        text = "{0} cycleways do not say that one may walk there: not walked."
        yield Note("cycleways_silent", text, silent)
    if unknown:
        text = "Ways of kinds that are not known, and not walked: highway={0}."
        yield Note("highways_unknown", text, _listed(unknown))


def not_understood(tags: Sequence[Tags]) -> list[str]:
    """
    Tell of values that neither allow nor forbid walkers, and mean nothing else.

    Parameters
    ----------
    tags
        Those of streets and of the barriers on them.
    """
    sets, which = sets_of(tags)
    odd: Counter[str] = Counter()
    for one, count in zip(sets, np.bincount(which).tolist(), strict=True):
        for key in ("foot", "access"):
            if access.says_nothing(one.get(key, "")):
                odd[f"{key}={one[key]}"] += count
    text = "Tags on streets and barriers that are not understood, and say nothing: {0}."
    return [Note("tags_not_understood", text, _listed(odd))] if odd else []


def _listed(counts: Counter[str]) -> Listing:
    """List the most frequent of some values with their counts, and how many more there are."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Listing(ordered[:_SHOWN], max(len(ordered) - _SHOWN, 0))
