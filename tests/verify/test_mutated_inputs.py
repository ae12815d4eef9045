"""A few of the mutated inputs in every test run; `make verify` tries them all."""

from __future__ import annotations

from verify.mutated_inputs import run


def test_a_few_mutated_inputs_end_in_a_sentence() -> None:
    assert not run(count=60, geometries=60, seed=2)
