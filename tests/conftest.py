"""Fixtures that every test module may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tried

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    """Try laws on fewer examples where what takes long is left out, as in ``make test``."""
    tried.QUICK = "not long" in config.option.markexpr


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=lambda item: tried.place_of(item.path.name))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function that finds one of the large real extracts, or skips."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} is a large real extract that is not shipped with the project")
        return path

    return find


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of the shipped samples."""
    return ROOT / "data" / "samples"
