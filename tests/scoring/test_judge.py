"""The median, the worst and the favourite of each area, against the same told in plain Python."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.arrays import read_only
from quarterhour.scoring.judge import NO_FACILITY, Walks, judge, no_walks
from quarterhour.scoring.judge_kernels import numbered
from tried import examples

WITHIN, BEYOND = 0, 1


def told(walks: Walks, area: np.ndarray, share: np.ndarray, n: int):
    """Each area on its own: homes in the order of what their walks cost."""
    for number in range(n):
        mine = [i for i in range(len(area)) if area[i] == number]
        order = sorted(mine, key=lambda i: walks.cost[i])
        half, before = share[mine].sum() / 2, 0.0
        for middle in order:
            before += share[middle]
            if before >= half - 1e-9:
                break
        people: dict[str, float] = {}
        for i in mine:
            if np.isfinite(walks.cost[i]):
                people[walks.facility[i]] = people.get(walks.facility[i], 0.0) + share[i]
        first = max(people, key=people.__getitem__) if people else None
        minutes = [walks.cost[one] / 60 for one in (middle, order[-1])]
        yield *(one if np.isfinite(one) else np.nan for one in minutes), first


@examples(40)
@given(seed=st.integers(0, 10_000), homes=st.integers(3, 300))
def test_medians_worst_and_favourites_are_those_of_plain_python(seed, homes):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 4))
    area = np.concatenate([np.arange(n), rng.integers(0, n, homes - n)])
    share = rng.integers(1, 9, homes) / 8.0  # sums are exact, and often half of the whole
    cost = rng.integers(0, 9, homes) * 100.0
    cost[rng.random(homes) < 0.3] = np.inf
    # Names that are equal, and not the same object.
    facility = np.array(["".join(["shop ", str(k)]) for k in rng.integers(0, 4, homes)], object)
    facility[np.isinf(cost)] = None
    code = np.where(np.isinf(cost), BEYOND, WITHIN).astype(np.int8)
    walks = Walks(cost, facility, code)
    found = judge(walks, no_walks(homes), (area, share, n), 450.0, 0.5)
    expected = list(told(walks, area, share, n))
    assert np.array_equal(found.median_minutes, [one[0] for one in expected], equal_nan=True)
    assert np.array_equal(found.worst_minutes, [one[1] for one in expected], equal_nan=True)
    assert found.facility.tolist() == [one[2] for one in expected]


@pytest.mark.parametrize("few", [3, 4000])
def test_keys_are_numbered_in_the_order_of_their_coming(few):
    rng = np.random.default_rng(few)
    keys = rng.integers(0, few, 3000) * 16 + (rng.integers(0, 2, 3000) << 40)
    number, first = np.empty(3000, dtype=np.int64), np.empty(3000, dtype=np.int64)
    count = numbered(*read_only(keys), number, first)
    codes, found = pd.factorize(keys)
    assert count == len(found)
    assert np.array_equal(number, codes)
    assert np.array_equal(keys[first[:count]], found)


@pytest.mark.parametrize("homes", [1, 7])
def test_an_item_that_is_nowhere_has_no_minutes_and_no_favourite(homes):
    people = np.zeros(homes, dtype=np.int64), np.full(homes, 1 / homes), 1
    found = judge(no_walks(homes), no_walks(homes), people, 900.0, 0.5)
    assert np.isnan(found.median_minutes).all()
    assert found.facility.tolist() == [None]
    assert (no_walks(homes).code == NO_FACILITY).all()
