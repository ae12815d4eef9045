"""What all tests of the command line share."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

import quarterhour
from command_line import SAMPLES
from quarterhour.errors import QuarterhourWarning
from quarterhour.sources.osm import read as extracts
from quarterhour.sources.tables import read as tables

TABLES = ("read_areas", "read_buildings", "read_facilities", "read_gates")


@pytest.fixture(scope="session")
def readers() -> dict[str, tuple[Any, Callable[..., Any]]]:
    """Give where each reader stands, and one that reads a shipped sample but once."""
    homes = dict.fromkeys(TABLES, tables) | {"read_osm": extracts}
    for name in homes:
        getattr(quarterhour, name)  # which the package keeps: not what takes its place here
    return {name: (home, _once(getattr(home, name))) for name, home in homes.items()}


@pytest.fixture(autouse=True, scope="module")
def samples_read_once(readers: dict[str, tuple[Any, Callable[..., Any]]]) -> Iterator[None]:
    """Read a shipped sample for the first command that asks for it; nothing changes a table."""
    with pytest.MonkeyPatch.context() as patch:
        for name, (home, once) in readers.items():
            patch.setattr(home, name, once)
        yield


def _once(read: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[str, Any] = {}

    @wraps(read)
    def reading(path: Any, *how: Any, **ways: Any) -> Any:
        if not isinstance(path, str | Path) or SAMPLES not in Path(path).resolve().parents:
            return read(path, *how, **ways)
        asked = repr((str(path), how, sorted(ways.items())))
        if asked not in known:
            with warnings.catch_warnings():  # it would be told to the first command alone
                warnings.simplefilter("error", QuarterhourWarning)
                known[asked] = read(path, *how, **ways)
        return known[asked]

    return reading
