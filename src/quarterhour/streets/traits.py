"""What edges are like, read off the columns of street lines or the attributes of a graph.

One table of rules for both. A cell may hold one value, a list (as OSMnx has where it merged
ways), or the text of such a list (as files have): a list that holds steps holds steps, and one
of whose ways is closed is closed.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Mask
from quarterhour.errors import QuarterhourWarning
from quarterhour.streets import access
from quarterhour.streets.street_arrays import TRAIT_DEFAULTS

Said = Mapping[str, Sequence[list[str]]]

_FALSE_WORDS = frozenset({"", "no", "false", "0", "0.0", "nan", "none"})
_DERIVED_OF = ("indoor", "level", "location", "motorroad")
GOES_ON = "goes_on"
"""Trait of streets that lead out of a part of a larger network; only where a part was read."""

READ = (*TRAIT_DEFAULTS, *_DERIVED_OF)
"""The columns and attributes that are looked at."""


def parts(value: Any) -> list[str]:
    """Return the values that a cell holds, as text; a missing one holds none.

    Examples
    --------
    >>> parts("['footway', 'steps']"), parts(["a", None]), parts(float("nan")), parts(3)
    (['footway', 'steps'], ['a'], [], ['3'])
    """
    if isinstance(value, str):
        text = value.strip()
        if text[:1] in "[(" and text[-1:] in "])" and len(text) > 1:
            try:
                found = ast.literal_eval(text)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return [text]
            return parts(found) if isinstance(found, (list, tuple)) else [text]
        return [text] if text else []
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return [word for one in value for word in parts(one)]
    return [] if value is None or value is pd.NA or value != value else [str(value)]  # noqa: PLR0124


def said_in(columns: Mapping[str, Iterable[Any]]) -> dict[str, list[list[str]]]:
    """Return what the columns that are looked at say, by edge."""
    return {name: [parts(v) for v in columns[name]] for name in READ if name in columns}


def traits_of(said: Said) -> dict[str, npt.NDArray[Any]]:
    """Return the traits of edges that their columns tell.

    Parameters
    ----------
    said
        By column, what each edge says: see :func:`said_in`.
    """
    found = {
        name: _READERS[type(default)](said[name])
        for name, default in TRAIT_DEFAULTS.items()
        if name in said
    }
    if "highway" in said:
        climbs = [any("steps" in w.split(";") for w in words) for words in said["highway"]]
        found["steps"] = np.array(climbs, dtype=bool) | found.get("steps", False)
    if "off_ground" not in said and any(name in said for name in access.LEVEL_KEYS):
        found["off_ground"] = _off_ground(said)
    return found


def _off_ground(said: Said) -> npt.NDArray[np.int8]:
    """Where each edge is; of merged ways, one below or above the ground takes the rest along."""
    keys = [key for key in access.LEVEL_KEYS if key in said]
    found = []
    for row in zip(*(said[key] for key in keys), strict=True):
        sides = [0]
        for turn in range(max(map(len, row))):
            tags = {
                k: w[min(turn, len(w) - 1)].lower() for k, w in zip(keys, row, strict=True) if w
            }
            sides.append(access.off_ground(tags))
        found.append(max(sides, key=abs))
    return np.array(found, dtype=np.int8)


def _texts(said: Sequence[list[str]]) -> npt.NDArray[Any]:
    return np.array([words[0] if words else "" for words in said], dtype=object)


def _flags(said: Sequence[list[str]]) -> npt.NDArray[Any]:
    flags = [any(word.lower() not in _FALSE_WORDS for word in words) for words in said]
    return np.array(flags, dtype=bool)


def _numbers(said: Sequence[list[str]]) -> npt.NDArray[Any]:
    """Of several numbers, the one that is farthest from 0: what none of them says is no news."""
    return np.array([max(map(_number, words), key=abs, default=0) for words in said], np.int8)


def _number(word: str) -> int:
    try:
        return int(np.clip(float(word), -128, 127))
    except ValueError:
        return 0


_READERS: Mapping[type, Callable[[Sequence[list[str]]], npt.NDArray[Any]]] = MappingProxyType(
    {str: _texts, bool: _flags, np.int8: _numbers}
)


def open_edges(said: Said, count: int, what: str, *, stacklevel: int) -> Mask:
    """Tell which edges can be walked, and say which were left out.

    Left out is what is closed by its ``foot`` or ``access``, what no one may walk on (a
    motorway) and what is not there (``construction``, ``proposed``). Trunk roads and cycleways
    stay: a table seldom tells of their pavements, and somebody chose its lines.

    Parameters
    ----------
    said
        By column, what each edge says.
    count
        How many edges there are.
    what
        What they are called in the warning.
    stacklevel
        That of the warning, seen from the caller.
    """
    keys = [key for key in ("highway", "foot", "access", "motorroad") if key in said]
    why: dict[str, int] = {}
    is_open = np.ones(count, dtype=bool)
    for at, row in enumerate(zip(*(said[key] for key in keys), strict=True)):
        reason = _closed_by(dict(zip(keys, row, strict=True)))
        if reason:
            is_open[at] = False
            why[reason] = why.get(reason, 0) + 1
    if why:
        told = ", ".join(f"{n} × {reason}" for reason, n in sorted(why.items()))
        note = f"{sum(why.values())} of {count} {what} cannot be walked and are left out: {told}."
        warnings.warn(note, QuarterhourWarning, stacklevel=stacklevel + 1)
    return is_open


def _closed_by(row: Mapping[str, list[str]]) -> str:
    """Return why an edge cannot be walked, ``""`` if it can."""
    kinds = [kind for word in row.get("highway", ()) for kind in word.split(";")]
    unbuilt = [kind for kind in kinds if kind in access.NOT_THERE]
    if unbuilt:
        return f"highway={unbuilt[0]}"
    foot = [access.allows(word) for word in row.get("foot", ())]
    if False in foot:
        return f"foot={row['foot'][foot.index(False)]}"
    if True in foot:
        return ""
    entry = [access.allows(word) for word in row.get("access", ())]
    if False in entry:
        return f"access={row['access'][entry.index(False)]}"
    for_cars = [kind for kind in kinds if kind in access.WITH_PERMISSION - {"bridleway"}]
    if for_cars:
        return f"highway={for_cars[0]}"
    return "motorroad=yes" if "yes" in row.get("motorroad", ()) else ""
