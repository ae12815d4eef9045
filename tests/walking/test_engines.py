"""Two engines behind one seam: the same nodes, the same seconds, on any graph."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap import nearest_positions
from quarterhour.walking import seeds
from quarterhour.walking.engines import Graph, Starts, graph_of, networkx_engine, numba_engine
from quarterhour.walking.pace import ADULT
from quarterhour.walking.seeds import by_node, expand, seeds_of
from tried import examples


def starts(*sources) -> Starts:
    """Sources as lists of (node, seconds)."""
    flat = [seed for source in sources for seed in source]
    return Starts(
        np.cumsum([0, *map(len, sources)]),
        np.array([node for node, _ in flat], dtype=np.int32),
        np.array([s for _, s in flat], dtype=float),
    )


def graph(n, *arcs) -> Graph:
    """Arcs as (tail, head, seconds)."""
    arcs = sorted(arcs)
    offset = np.searchsorted([tail for tail, _, _ in arcs], np.arange(n + 1))
    return Graph(
        offset.astype(np.int64),
        np.array([head for _, head, _ in arcs], dtype=np.int32),
        np.array([s for _, _, s in arcs], dtype=float),
    )


def tables(reached) -> list[dict[int, tuple[float, int]]]:
    """Per source: node -> (seconds, seed)."""
    runs = zip(reached.offset[:-1], reached.offset[1:], strict=True)
    return [
        {
            int(reached.node[i]): (float(reached.seconds[i]), int(reached.seed[i]))
            for i in range(a, b)
        }
        for a, b in runs
    ]


BOTH = pytest.mark.parametrize("engine", [numba_engine, networkx_engine], ids=lambda e: e.__name__)


@BOTH
def test_a_chain_by_hand(engine):
    chain = graph(4, (0, 1, 10), (1, 2, 20), (2, 3, 30), (1, 0, 1))
    found = tables(engine(chain, starts([(0, 5)], [(1, 0)], []), 40))
    assert found == [
        {0: (5, 0), 1: (15, 0), 2: (35, 0)},
        {1: (0, 1), 0: (1, 1), 2: (20, 1)},
        {},
    ]


@BOTH
def test_the_limit_is_inclusive(engine):
    chain = graph(3, (0, 1, 10), (1, 2, 10))
    assert set(tables(engine(chain, starts([(0, 0)]), 20))[0]) == {0, 1, 2}
    assert set(tables(engine(chain, starts([(0, 0)]), np.nextafter(20, 0)))[0]) == {0, 1}
    assert tables(engine(chain, starts([(0, 21)]), 20)) == [{}]


@BOTH
def test_the_best_of_several_seeds_wins_and_is_named(engine):
    chain = graph(3, (0, 1, 10), (1, 2, 10), (2, 1, 10), (1, 0, 10))
    found = tables(engine(chain, starts([(0, 8), (2, 0), (2, 3), (0, 9)]), np.inf))
    assert found == [{2: (0, 1), 1: (10, 1), 0: (8, 0)}]


@BOTH
def test_the_shorter_of_two_parallel_arcs_is_taken(engine):
    two = graph(2, (0, 1, 10), (0, 1, 7))
    assert tables(engine(two, starts([(0, 0)]), 60)) == [{0: (0, 0), 1: (7, 0)}]


@BOTH
def test_one_search_leaves_no_trace_in_the_next(engine):
    network = worlds.grid_world(5)
    streets = graph_of(network, ADULT(network))
    twice = tables(engine(streets, starts([(0, 0)], [(24, 0)], [(0, 0)]), 300))
    assert twice[0].keys() == twice[2].keys()
    assert [s for s, _ in twice[0].values()] == [s for s, _ in twice[2].values()]


arcs = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 50).map(lambda s: round(s, 2))),
    max_size=40,
)
sources = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.floats(0, 30)), max_size=4), min_size=1, max_size=4
)


@examples(150)
@given(arcs=arcs, sources=sources, limit=st.floats(0, 120) | st.just(np.inf))
def test_engines_agree_on_any_graph(arcs, sources, limit):
    streets, begin = graph(10, *arcs), starts(*sources)
    fast, slow = (tables(e(streets, begin, limit)) for e in (numba_engine, networkx_engine))
    for a, b in zip(fast, slow, strict=True):
        near_limit = {n for n, (s, _) in (a | b).items() if abs(s - limit) < 1e-9}
        assert a.keys() - near_limit == b.keys() - near_limit
        assert all(a[n][0] == pytest.approx(b[n][0], abs=1e-9) for n in a.keys() & b.keys())


@examples(60)
@given(arcs=arcs, sources=sources, limit=st.floats(0, 60), more=st.floats(0, 60))
def test_a_longer_limit_only_adds(arcs, sources, limit, more):
    streets, begin = graph(10, *arcs), starts(*sources)
    short = tables(numba_engine(streets, begin, limit))
    longer = tables(numba_engine(streets, begin, limit + more))
    for a, b in zip(short, longer, strict=True):
        assert {n: s for n, (s, _) in a.items()}.items() <= {
            n: s for n, (s, _) in b.items()
        }.items()


def test_the_reached_are_told_in_order_of_time():
    network = worlds.grid_world(5)
    reached = numba_engine(graph_of(network, ADULT(network)), starts([(7, 3.0)]), 400)
    assert np.all(np.diff(reached.seconds) >= 0)


def test_a_large_search_outgrows_the_first_buffers():
    network = worlds.grid_world(45)
    reached = numba_engine(graph_of(network, ADULT(network)), starts([(0, 0.0)]), np.inf)
    assert len(reached.node) == 45 * 45
    corner = network.node_xy - network.node_xy[0]
    assert np.allclose(reached.seconds, np.abs(corner[reached.node]).sum(axis=1) / 1.25)


# --- laying out the graph, and the joints with it -----------------------------------------------


def test_closed_directions_are_no_arcs_and_reverse_turns_the_rest():
    network = worlds.network_of([(0, 0), (100, 0)], [(100, 0), (100, 50)], oneway_foot=[1, 0])
    seconds = ADULT(network)
    ahead, back = graph_of(network, seconds), graph_of(network, seconds, reverse=True)

    def arcs_of(streets):
        tail = np.repeat(np.arange(len(streets.offset) - 1), np.diff(streets.offset))
        return set(zip(tail.tolist(), streets.head.tolist(), streets.seconds.tolist(), strict=True))

    assert len(arcs_of(ahead)) == 3
    assert {(b, a, s) for a, b, s in arcs_of(ahead)} == arcs_of(back)


def test_seeds_are_the_ends_of_the_edge_with_their_legs():
    network = worlds.line_world()
    at = nearest_positions(worlds.points((200, 10)).geometry.to_numpy(), network, 100)
    seeds = seeds_of(network, ADULT(network), at, 1.25, leaving=True)
    assert dict(zip(seeds.node.tolist(), seeds.seconds.tolist(), strict=True)) == pytest.approx(
        {0: 210 / 1.25, 1: 810 / 1.25}
    )


def test_a_place_on_a_one_way_street_leaves_ahead_and_is_come_to_from_behind():
    network = worlds.network_of([(0, 0), (1000, 0)], oneway_foot=[1])
    at = nearest_positions(worlds.points((200, 0)).geometry.to_numpy(), network, 100)
    u, v = network.edge_nodes[0].tolist()
    leave = seeds_of(network, ADULT(network), at, 1.25, leaving=True)
    arrive = seeds_of(network, ADULT(network), at, 1.25, leaving=False)
    assert (leave.node.tolist(), leave.seconds.tolist()) == ([v], [pytest.approx(640)])
    assert (arrive.node.tolist(), arrive.seconds.tolist()) == ([u], [pytest.approx(160)])
    # At the very beginning of the street one is at its node, closed direction or not.
    at = nearest_positions(worlds.points((0, 0)).geometry.to_numpy(), network, 100)
    both = seeds_of(network, ADULT(network), at, 1.25, leaving=True)
    assert sorted(both.seconds.tolist()) == [0, pytest.approx(800)]


def test_lookups_by_node_and_runs():
    network = worlds.line_world()
    at = nearest_positions(worlds.points((200, 0), (500, 0)).geometry.to_numpy(), network, 100)
    seeds = seeds_of(network, ADULT(network), at, 1.25, leaving=True)
    offset, row, seconds = by_node(seeds, 2)
    assert offset.tolist() == [0, 2, 4]
    assert row.tolist() == [0, 1, 0, 1]
    assert seconds.tolist() == pytest.approx([160, 400, 640, 400])
    which, index = expand(np.array([5, 0, 9]), np.array([2, 0, 3]))
    assert which.tolist() == [0, 0, 2, 2, 2]
    assert index.tolist() == [5, 6, 9, 10, 11]


def test_many_who_ask_find_the_places_on_their_streets_as_one_does(monkeypatch):
    rng = np.random.default_rng(4)

    def some(n):
        return Positions(np.arange(n), rng.integers(0, 40, n), rng.random(n), rng.random(n))

    start, end = some(300), some(90)
    one_by_one = seeds._on_same_edge(start, end)
    monkeypatch.setattr(seeds, "_MANY", 10)
    for mine, theirs in zip(seeds._on_same_edge(start, end), one_by_one, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert (start.edge[one_by_one[0]] == end.edge[one_by_one[1]]).all()
    assert len(one_by_one[0]) == (start.edge[:, None] == end.edge).sum()
