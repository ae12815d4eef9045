"""Connected parts, held to scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import csgraph

from quarterhour.arrays import components


@pytest.mark.parametrize("seed", range(20))
def test_parts_are_those_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 400)), int(rng.integers(0, 500))
    one, other = rng.integers(0, n, (2, m))
    graph = sparse.coo_array((np.ones(m), (one, other)), shape=(n, n))
    np.testing.assert_array_equal(
        components(n, one, other), csgraph.connected_components(graph, directed=False)[1]
    )


@pytest.mark.parametrize("order", ["up", "down", "shuffled", "star"])
def test_long_chains_and_stars_are_one_part(order: str) -> None:
    n = 20_000
    chain = np.arange(n)
    if order == "down":
        chain = chain[::-1]
    if order == "shuffled":
        chain = np.random.default_rng(1).permutation(n)
    one, other = (chain[:-1], chain[1:]) if order != "star" else (np.arange(n - 1), n - 1)
    one, other = np.broadcast_arrays(one, other)
    assert not components(n, one, other).any()


def test_nodes_without_an_edge_are_parts_of_their_own() -> None:
    assert components(3, [], []).tolist() == [0, 1, 2]
    assert components(3, [1], [1]).tolist() == [0, 1, 2]
    assert components(0, [], []).tolist() == []
