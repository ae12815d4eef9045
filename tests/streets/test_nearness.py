"""What an edit can change of which edges are passed over, and nothing else, is looked at anew."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.streets import nearness
from quarterhour.streets.edited import Joint, retold, with_link, without_edges
from tried import few_of

M = worlds.network_of


def anew(network: qh.WalkNetwork) -> qh.WalkNetwork:
    """The same streets, which know nothing of those that they were made of."""
    return type(network).build(
        **{part.name: getattr(network, part.name) for part in fields(network)}
    )


def linked(network: qh.WalkNetwork, rng: np.random.Generator) -> qh.WalkNetwork:
    ends = [Joint(int(rng.integers(network.n_edges)), float(rng.random())) for _ in range(2)]
    at = [shapely.line_interpolate_point(network.lines[e], f, normalized=True) for e, f in ends]
    line = np.array([(point.x, point.y) for point in at])
    off = {"off_ground": int(rng.integers(-1, 2))} if rng.random() < 0.3 else {}
    return with_link(network, line, tuple(ends), off)


def cut(network: qh.WalkNetwork, rng: np.random.Generator) -> qh.WalkNetwork:
    gone = np.zeros(network.n_edges, dtype=bool)
    gone[rng.integers(network.n_edges, size=int(rng.integers(1, 200)))] = True
    return without_edges(network, gone)


@pytest.mark.parametrize("seed", few_of(4, 2))
def test_streets_edited_are_as_long_as_those_built_anew(seed):
    rng = np.random.default_rng(seed)
    network = worlds.helsinki().streets
    for edit in (linked, cut, linked, linked):
        assert network.lonlat is not None
        network = edit(network, rng)
        built = anew(network)
        np.testing.assert_array_equal(network.lonlat, built.lonlat)
        np.testing.assert_array_equal(network.along_m, built.along_m)
        assert [line.wkb for line in network.lines] == [line.wkb for line in built.lines]


@pytest.mark.parametrize("seed", few_of(6, 3))
def test_streets_edited_again_and_again_pass_over_what_those_built_anew_do(seed):
    rng = np.random.default_rng(seed)
    network = worlds.helsinki().streets
    for step in range(5):
        if step != seed % 5:  # now and then nobody asked in between
            np.testing.assert_array_equal(network.passed_over, anew(network).passed_over)
        network = (linked, cut)[int(rng.integers(2))](network, rng)
        network = retold(network, {"scenario": str(step)})
    np.testing.assert_array_equal(network.passed_over, anew(network).passed_over)


def test_a_scrap_is_joined_again_when_the_street_beside_it_is_gone():
    long, scrap = [(0, 0), (2_000, 0)], [(100, 30), (160, 30)]
    network = M(long, scrap, [(0, 900), (2_000, 900)])
    assert network.passed_over.tolist() == [False, True, False]
    without = without_edges(network, np.array([True, False, False]))
    assert without.passed_over.tolist() == [False, False]
    tied = with_link(network, np.array([(130, 30), (130, 0)]), (Joint(1, 0.5), Joint(0, 0.065)), {})
    assert not tied.passed_over.any()


def test_only_edges_near_the_edit_are_looked_at(monkeypatch):
    network = worlds.helsinki().streets
    assert network.passed_over.any()
    seen = []
    dense = shapely.segmentize
    monkeypatch.setattr(
        nearness.shapely, "segmentize", lambda a, b: seen.append(len(a)) or dense(a, b)
    )
    edge = int(np.argmax(network.edge_length_m))
    gone = np.zeros(network.n_edges, dtype=bool)
    gone[edge] = True
    edited = without_edges(network, gone)
    found = edited.passed_over
    assert sum(seen) < network.passed_over.sum() / 4
    np.testing.assert_array_equal(found, anew(edited).passed_over)
