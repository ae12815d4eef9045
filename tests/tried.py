"""On how many examples a law is tried: a quarter of them in ``make test``, all of them else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

QUICK = False
"""Whether proofs that take long are left out; conftest.py says so before any test is read."""


def few_of(most: int, few: int = 3) -> list[Any]:
    """Seeds for a proof on worlds drawn at random: a few of them, and the others as long ones."""
    return [s if s < few else pytest.param(s, marks=pytest.mark.long) for s in range(most)]


def as_many(most: int, few: int) -> int:
    """So many, and few where proofs that take long are left out."""
    return few if QUICK else most


def examples(most: int) -> settings:
    """Settings of Hypothesis for a law that is to be tried on so many examples in the end."""
    return settings(max_examples=as_many(most, max(most // 4, 2)), deadline=None)


LONGEST = (
    "test_notebooks.py",
    "test_map_in_browser.py",
    "test_docs.py",
    "test_what_if_in_browser.py",
    "test_report_in_browser.py",
    "test_read_scorecard.py",
    "test_workbook.py",
)
"""Files that begin first, so that in the end neither of two processes waits for the other."""


def place_of(file: str) -> int:
    """Give the place of a file in the order of files; all others are behind these."""
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)
