"""Regular expressions of a checklist: whether they are ones, and whether they ever come to an end.

A pattern such as ``(a+)+$`` tries every way to cut a name into pieces, which takes longer than
anybody lives. Each part that repeats is therefore tried at loading, on short texts made of what it
repeats and of something that does not fit behind it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined] # the only reader of Python's own syntax
from typing import Any

MOST_CHARACTERS = 2_000
_MANY = 8  # times that a part has to repeat to be tried
_LONGEST = 40  # characters repeated; a sound pattern needs microseconds for them
_TOO_LONG_S = 0.05
_VARIANTS = 12
_NO_FIT = "\x00"
_SAMPLE = {"category_digit": "1", "category_word": "1", "category_space": " "}


@lru_cache(maxsize=4_096)
def complaint(pattern: str) -> str | None:
    """
    Say what is wrong with a pattern, or nothing.

    Examples
    --------
    >>> complaint("菜市场|农贸(综合)?市场")
    >>> complaint("(a+)+$").split(":")[0]
    'would search for ever'
    """
    if len(pattern) > MOST_CHARACTERS:
        return (
            f"is a regular expression of {len(pattern):,} characters; "
            f"at most {MOST_CHARACTERS:,} are read."
        )
    try:
        compiled = re.compile(pattern)
        slow = _slow_text(compiled, _parser.parse(pattern))
    except (re.error, OverflowError) as error:
        return f"is not a regular expression: {error}."
    except RecursionError:
        return "is a regular expression whose brackets are nested too deep to be read."
    if slow is None:
        return None
    return (
        f"would search for ever: a part that repeats holds another that fits the same text in "
        f"many ways, as (a+)+ does; {len(slow)} characters such as {slow[:12]!r}… take more than "
        f"{_TOO_LONG_S:g} s. Let each text fit in one way only, such as a+ for (a+)+."
    )


@lru_cache(maxsize=4_096)
def needed_characters(pattern: str) -> frozenset[str] | None:
    """
    Give characters of which any text that fits a pattern holds one; none: nobody knows.

    Examples
    --------
    >>> sorted(needed_characters("菜市场|农贸(综合)?市场"))
    ['农', '菜']
    >>> needed_characters("[^市]*") is None, needed_characters("(?i)market") is None
    (True, True)
    """
    parsed = _parser.parse(pattern)
    return None if parsed.state.flags & re.IGNORECASE else _needed(parsed)


def _needed(parsed: Any) -> frozenset[str] | None:
    """Give the fewest characters that a part needs: each part of a row needs its own."""
    found = [mine for op, value in parsed if (mine := _needed_by(str(op).lower(), value))]
    return min(found, key=len, default=None)


def _needed_by(name: str, value: Any) -> frozenset[str] | None:
    if name == "literal":
        return frozenset(chr(value))
    if name == "in" and all(str(op).lower() == "literal" for op, _ in value):
        return frozenset(chr(one) for _, one in value)
    if name == "branch":
        each = [_needed(part) for part in value[1]]
        known = [one for one in each if one]
        return frozenset().union(*known) if len(known) == len(each) else None
    folds = name == "subpattern" and value[1] & re.IGNORECASE
    if folds or ("repeat" in name and value[0] == 0) or name.startswith("assert"):
        return None
    parts = _parts(name, value)
    return _needed(parts[0]) if parts else None


def _slow_text(compiled: re.Pattern[str], parsed: Any) -> str | None:
    """Return a short text that takes the pattern too long; none is the rule."""
    for prefix, unit in _repeated(parsed, ""):
        for times in range(1, max(_LONGEST // len(unit), 4)):
            text = prefix + unit * times + _NO_FIT
            if _seconds(compiled, text) > _TOO_LONG_S and _seconds(compiled, text) > _TOO_LONG_S:
                return text
    return None


def _seconds(compiled: re.Pattern[str], text: str) -> float:
    began = time.perf_counter()
    compiled.search(text)
    return time.perf_counter() - began


def _repeated(parsed: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Give for every part that repeats what stands before it, and texts that it repeats."""
    for op, value in parsed:
        name = str(op).lower()
        for inner in _parts(name, value):
            yield from _repeated(inner, prefix)
            if "repeat" in name and int(value[1]) >= _MANY and _varies(inner):
                units = list(dict.fromkeys(filter(None, _texts(inner))))[:_VARIANTS]
                yield from ((prefix, unit) for unit in units)
        prefix += next(iter(_texts([(op, value)])), "")


def _varies(parsed: Any) -> bool:
    """Whether a part fits texts in more than one way: it repeats or chooses by itself."""
    for op, value in parsed:
        name = str(op).lower()
        if name in ("branch", "groupref") or "repeat" in name:
            return True
        if any(_varies(inner) for inner in _parts(name, value)):
            return True
    return False


def _parts(name: str, value: Any) -> list[Any]:
    """Give what is nested in a node of the syntax."""
    if name == "branch":
        return list(value[1])
    if name == "subpattern" or "repeat" in name:
        return [value[-1]]
    if name in ("assert", "assert_not"):
        return [value[1]]
    return [value] if name == "atomic_group" else []


def _texts(parsed: Any) -> list[str]:
    """Give a few texts that a part fits, a choice taken each way."""
    texts = [""]
    for op, value in parsed:
        name = str(op).lower()
        choices = [text for inner in _parts(name, value) for text in _texts(inner)]
        if name.startswith("assert"):
            choices = []
        if name in ("literal", "not_literal"):
            choices = [chr(value) if name == "literal" else chr(value + 1)]
        elif name == "any":
            choices = ["1"]
        elif name == "in":
            choices = [_member(value)]
        elif "repeat" in name:
            choices = [text * max(1, min(int(value[0]), 20)) for text in choices]
            choices += [""] if value[0] == 0 else []
        if choices:
            texts = [text + choice for choice in choices for text in texts][:_VARIANTS]
    return texts


def _member(members: Any) -> str:
    """Give one character of a class."""
    op, value = members[0]
    name = str(op).lower()
    if name == "negate":
        return next(c for c in "1a 市~" if not any(_holds(one, c) for one in members[1:]))
    if name == "category":
        return _SAMPLE.get(str(value).lower(), "~")
    return chr(value[0] if name == "range" else value)


def _holds(member: tuple[Any, Any], character: str) -> bool:
    op, value = member
    name = str(op).lower()
    if name == "range":
        return bool(value[0] <= ord(character) <= value[1])
    return name == "literal" and chr(value) == character
