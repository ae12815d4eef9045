"""A few towns of known truth in every test run; `make verify` tries a thousand."""

from __future__ import annotations

from verify.known_truth import run


def test_intervals_hold_the_truth_of_most_towns() -> None:
    assert run(count=24, seed=4, draws=150) >= 0.8
