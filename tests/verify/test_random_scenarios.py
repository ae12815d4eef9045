"""Twenty of the random scenarios in every test run; `make verify` tries three hundred."""

from __future__ import annotations

import pytest

from verify.random_scenarios import run


@pytest.mark.long
def test_twenty_random_scenarios_equal_full_runs() -> None:
    assert not run(count=20, seed=2)[0]
