"""The shortest of the links that save most, held against every pair of points."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from quarterhour.scoring.shortcut_kernels import shortcut
from tried import examples


def every_pair(xy, along, link_m, part):
    """Look at all pairs at once, as one would on paper."""
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    saved = np.where(apart <= link_m, along[None, :] - along[:, None] - apart, -np.inf)
    saved[np.tril_indices(len(xy))] = -np.inf
    most = saved.max()
    good = np.where(saved >= part * most, apart, np.inf)
    return most, *np.unravel_index(int(good.argmin()), good.shape)


@examples(80)
@example(4, 367, 20.0)
@given(st.integers(2, 60), st.integers(0, 10_000), st.sampled_from([20.0, 150.0, 1e6]))
def test_it_is_the_best_of_all_pairs(n, seed, link_m):
    steps = np.random.default_rng(seed).normal(0, 60, (n, 2))
    xy = np.cumsum(steps, axis=0)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    most, i, j = shortcut(xy, along, link_m, 0.9)
    truth = every_pair(xy, along, link_m, 0.9)
    if truth[0] < 1e-9:  # nothing to save, but for the last digit of a sum
        assert most < 1e-9
    else:
        assert most == truth[0]
        assert (i, j) == truth[1:]


def test_a_straight_walk_saves_nothing():
    xy = np.column_stack([np.arange(50) * 10.0, np.zeros(50)])
    assert shortcut(xy, xy[:, 0], 150.0, 0.9)[0] == 0.0
