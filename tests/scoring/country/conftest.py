"""The small country, cut and answered once for all tests, none of which touches its files."""

from __future__ import annotations

from pathlib import Path

import pytest

import quarterhour as qh
from country_worlds import QUESTION, country, uncut


@pytest.fixture(scope="session")
def cut(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, qh.Tiles, qh.Scorecard]:
    """Give the country's file, its four tiles, and what the uncut country answers."""
    folder = tmp_path_factory.mktemp("country")
    path = country(folder)
    return path, qh.split(path, folder / "tiles", QUESTION, tiles=4), uncut(path, QUESTION)


@pytest.fixture(scope="session")
def finished(cut: tuple[Path, qh.Tiles, qh.Scorecard]) -> tuple[qh.TileAnswers, Path]:
    """Give what the first run says, and the folder of its answers."""
    path, tiles, _ = cut
    return qh.assess_tiles(tiles, QUESTION, out=path.parent / "out"), path.parent / "out"
