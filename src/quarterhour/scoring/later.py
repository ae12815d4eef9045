"""Parts of a noun that are put together when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

_WAITING = "_waiting"
_N = TypeVar("_N", bound="Later")


class _Plain:
    """What every noun keeps its attributes in, and beside them what copies do not have."""

    __slots__ = ("__dict__", "__weakref__", "_beside")


_parts_of: Callable[[Any], dict[str, Any]] = _Plain.__dict__["__dict__"].__get__
"""The attributes of a noun that are there, and those that wait."""


class Later(_Plain):
    """A frozen noun, some of whose attributes may wait until somebody asks for them.

    They are what they would have been: what they are made of is at hand, and nobody else's.
    Whoever asks for all attributes at once has all.
    """

    if not TYPE_CHECKING:  # names that are not there are found out by whoever checks types

        def __getattr__(self, name: str) -> Any:
            """Make what waits."""
            parts = _parts_of(self)
            make = parts.get(_WAITING, {}).get(name)
            if name in parts:  # another thread has made it
                return parts[name]
            if make is None:
                msg = f"{type(self).__name__!r} object has no attribute {name!r}"
                raise AttributeError(msg)
            found = parts.setdefault(name, make())
            waiting = parts.get(_WAITING, {})
            waiting.pop(name, None)
            if not waiting:
                parts.pop(_WAITING, None)
            return found

        @property
        def __dict__(self) -> dict[str, Any]:
            """All attributes."""
            return _parts_of(complete(self))

    def __getstate__(self) -> dict[str, Any]:
        return dict(_parts_of(complete(self)))


def waits(noun: Later) -> frozenset[str]:
    """Name the attributes that wait."""
    return frozenset(_parts_of(noun).get(_WAITING, ()))


def complete(noun: _N) -> _N:
    """Make all that waits, and give the noun."""
    for name in waits(noun):
        getattr(noun, name)
    return noun


def beside(noun: Later) -> Any:
    """Give what is known beside a noun, if anything is: of it alone, not of one made from it."""
    known: Callable[[], Any] | None = getattr(noun, "_beside", None)
    return None if known is None else known()


def with_beside(noun: _N, make: Callable[[], Any]) -> _N:
    """Give the same noun, which knows something beside; it is made once, when asked for."""
    object.__setattr__(noun, "_beside", cache(make))
    return noun


def with_waiting(noun: _N, waiting: Mapping[str, Callable[[], Any]]) -> _N:
    """Give the same noun, some attributes of which are made when they are asked for."""
    other, parts = object.__new__(type(noun)), _parts_of(noun)
    known = {key: value for key, value in parts.items() if key not in waiting}
    _parts_of(other).update(known, **{_WAITING: {**parts.get(_WAITING, {}), **waiting}})
    return with_beside(other, partial(beside, noun))
