"""What a notebook shows of a noun: the noun asks for its page by type, and knows none.

:mod:`quarterhour.outputs.notebook` registers a page for each noun; the package says, when it is
imported, how the pages are loaded. So no noun imports what draws it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true: importing quarterhour stays quick
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PAGES: dict[tuple[str, str], Callable[..., Any]] = {}
_loaders: list[Callable[[], object]] = []


def pages_come_from(load: Callable[[], object]) -> None:
    """Say what loads the pages; it is called once, when the first page is asked for."""
    _loaders.append(load)


def shows(noun: str, view: str = "html") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as the view of a noun, by the name of its class."""

    def register(page: Callable[..., Any]) -> Callable[..., Any]:
        _PAGES[noun, view] = page
        return page

    return register


def view_of(noun: object, view: str = "html") -> Callable[..., Any]:
    """Find the view that is registered for a noun's class, or for one that it derives from."""
    while _loaders:
        _loaders.pop()()
    for kind in type(noun).__mro__:
        if (kind.__name__, view) in _PAGES:
            return _PAGES[kind.__name__, view]
    msg = f"There is no {view} view of {type(noun).__name__}."
    raise LookupError(msg)


class Shown:
    """A noun that a notebook shows as a page of its own."""

    def _repr_html_(self) -> str:
        return str(view_of(self)(self))
