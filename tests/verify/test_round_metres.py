"""A hundred places on whole metres in every test run; `make verify` draws two thousand."""

from __future__ import annotations

from verify.round_metres import run


def test_a_hundred_isochrones_on_whole_metres() -> None:
    faults, checked = run(count=100, seed=3)
    assert not faults
    assert set(checked["method"]) == {"fast", "exact"}
