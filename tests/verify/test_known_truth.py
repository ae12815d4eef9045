"""A few towns of known truth in every test run; `make verify` tries a thousand."""

from __future__ import annotations

import pytest

from verify.known_truth import run


@pytest.mark.long
def test_intervals_hold_the_truth_of_most_towns() -> None:
    assert run(count=24, seed=4, draws=150) >= 0.8
