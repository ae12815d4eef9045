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


@pytest.fixture(autouse=True, scope="package")
def samples_read_once() -> Iterator[None]:
    """Read a shipped sample for the first command that asks for it; nothing changes a table."""
    readers = dict.fromkeys(TABLES, tables) | {"read_osm": extracts}
    for name in readers:
        getattr(quarterhour, name)  # which the package keeps: not what takes its place here
    with pytest.MonkeyPatch.context() as patch:
        for name, home in readers.items():
            patch.setattr(home, name, _once(getattr(home, name)))
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
