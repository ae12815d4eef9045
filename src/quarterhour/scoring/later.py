"""Parts of a noun that are put together when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

_WAITING = "_waiting"
_N = TypeVar("_N", bound="Later")


class Later:
    """A frozen noun, some of whose attributes may wait until somebody asks for them.

    They are what they would have been: what they are made of is at hand, and nobody else's.
    """

    if not TYPE_CHECKING:  # names that are not there are found out by whoever checks types

        def __getattr__(self, name: str) -> Any:
            """Make what waits."""
            make = self.__dict__.get(_WAITING, {}).get(name)
            if make is None:
                msg = f"{type(self).__name__!r} object has no attribute {name!r}"
                raise AttributeError(msg)
            found = self.__dict__[name] = make()
            waiting = self.__dict__.get(_WAITING, {})
            waiting.pop(name, None)
            if not waiting:
                self.__dict__.pop(_WAITING, None)
            return found

    def __getstate__(self) -> dict[str, Any]:
        state = complete(self).__dict__
        return {key: value for key, value in state.items() if key != _WAITING}


def complete(noun: _N) -> _N:
    """Make all that waits, and give the noun."""
    for name in list(noun.__dict__.get(_WAITING, {})):
        getattr(noun, name)
    return noun


def with_waiting(noun: _N, waiting: Mapping[str, Callable[[], Any]]) -> _N:
    """Give the same noun, some attributes of which are made when they are asked for."""
    other = object.__new__(type(noun))
    parts = {key: value for key, value in noun.__dict__.items() if key not in waiting}
    other.__dict__.update(parts)
    other.__dict__[_WAITING] = {**noun.__dict__.get(_WAITING, {}), **waiting}
    return other
