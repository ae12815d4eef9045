"""Loops are compiled once, whatever their arrays come from: somebody waits for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numba import typeof

from quarterhour.streets import snap_grid
from quarterhour.streets.snap import placed_ends, placed_starts
from quarterhour.walking import nearest, node_walks
from quarterhour.walking.isochrones.fields import edge_ends
from worlds import grid_world, network_of, points


def frozen(table):
    """The same, as it comes from a file: none of its arrays can be written to."""
    arrays = [part.copy() if isinstance(part, np.ndarray) else part for part in table]
    for one in arrays:
        if isinstance(one, np.ndarray):
            one.flags.writeable = False
    return type(table)(*arrays)


@pytest.fixture
def types(monkeypatch):
    """What loops are called with, by their names."""
    seen = {}

    def watch(module, name):
        loop = getattr(module, name)

        def called(*args, **how):
            seen.setdefault(name, set()).add(tuple(map(str, map(typeof, args))))
            return loop(*args, **how)

        monkeypatch.setattr(module, name, called)

    watch(snap_grid, "nearest_edges")
    watch(node_walks, "looked_up")
    watch(node_walks, "why_beyond")
    return seen


def test_one_street_is_handed_over_as_many_are():
    one, many = network_of([(0, 0), (100, 0)]), grid_world(3)
    assert list(map(typeof, edge_ends(one))) == list(map(typeof, edge_ends(many)))


def test_a_grid_of_streets_that_is_read_is_handed_over_as_one_that_is_made(types):
    made = snap_grid.street_grid(grid_world(3))
    for grid in (made, frozen(made)):
        grid.nearest(np.array([(20.0, 10.0)]), 100.0)
    assert len(types["nearest_edges"]) == 1


def test_walks_that_are_read_are_handed_over_as_those_that_are_found(types):
    network, shop = grid_world(3), points((20, 0))
    one_of_all = pd.Series(0, index=shop.index)
    made, _ = nearest.node_walks(placed_ends(shop, network), one_of_all, network, 900.0)
    for walks in (made, frozen(made)):
        walks.look_up(placed_starts(points((60, 0)), network))
    assert len(types["looked_up"]) == len(types["why_beyond"]) == 1
