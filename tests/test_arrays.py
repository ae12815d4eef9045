"""Connected parts, held to scipy's; arrays that are handed over, and worked on in pieces."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import csgraph

from quarterhour.arrays import PIECE, components, handed_over, narrow, own, pieces
from tried import few_of


@pytest.mark.parametrize("seed", few_of(20, 5))
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


def test_an_array_is_taken_over_only_where_nobody_else_can_write_to_it() -> None:
    open_one, given = np.arange(6.0), handed_over(np.arange(6.0))
    copied = [own(open_one), own(given, np.float32), own(given[1:]), own(given[::2]), own([1.0])]
    assert own(given) is given
    assert own(given, np.float64) is given
    assert not any(np.shares_memory(one, given) or one is open_one for one in copied)
    assert all(one.flags.writeable for one in copied)


@pytest.mark.parametrize("count", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_pieces_follow_each_other_to_the_last_row(count: int) -> None:
    rows = np.arange(count)
    cut = [rows[piece] for piece in pieces(count)]
    np.testing.assert_array_equal(np.concatenate([rows[:0], *cut]), rows)
    assert all(0 < len(one) <= PIECE for one in cut)


def test_numbers_are_as_wide_as_they_need_to_be() -> None:
    assert narrow((1 << 31) - 1) is np.int32
    assert narrow(1 << 31) is np.int64
