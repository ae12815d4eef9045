"""Numbers of a network that cannot be those of streets are refused in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import worlds
from quarterhour.errors import InputError, NetworkError
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import ADULT, checked_seconds

LINE = {
    "crs": worlds.CRS,
    "node_xy": [[0.0, 0.0], [180.0, 0.0]],
    "edge_nodes": [[0, 1]],
    "coords": [[0.0, 0.0], [180.0, 0.0]],
    "coord_offset": [0, 2],
}


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"edge_nodes": [[0, 2**32 + 1]]}, "edge_nodes has to be whole numbers"),
        ({"edge_nodes": [[0, -(2**31) - 1]]}, "edge_nodes has to be whole numbers"),
        ({"edge_nodes": [[0, 2**70]]}, "edge_nodes has to be"),
        ({"edge_nodes": [[0, 0.5]]}, "such as 0.5"),
        ({"edge_nodes": [[0, np.nan]]}, "such as nan"),
        ({"edge_nodes": [["0", "1"]]}, "edge_nodes has to be whole numbers"),
        ({"edge_nodes": [[0, 1], [1]]}, "edge_nodes has to be a table"),
        ({"coord_offset": [0, 1.5]}, "coord_offset has to be whole numbers"),
        ({"node_osmid": [1.5, 2]}, "node_osmid has to be whole numbers"),
        ({"edge_osmid": [1e30]}, "edge_osmid has to be whole numbers"),
        ({"edge_length_m": [0.0]}, "less than a tenth of the straight line"),
        ({"edge_length_m": [0.18]}, "in another unit"),
        ({"extent": shapely.box(0, 0, np.inf, 1)}, "finite coordinates"),
        ({"extent": shapely.Point(0, 0)}, "found Point"),
        ({"extent": shapely.Polygon()}, "has to be a polygon"),
    ],
)
def test_odd_numbers_are_refused(odd, told):
    with pytest.raises(NetworkError, match=told):
        WalkNetwork.build(**(LINE | odd))


def test_whole_numbers_of_any_type_are_taken():
    for nodes in ([[0.0, 1.0]], np.array([[0, 1]], dtype=np.uint64), np.array([[0, 1]], object)):
        assert WalkNetwork.build(**(LINE | {"edge_nodes": nodes})).edge_nodes.tolist() == [[0, 1]]


def test_loops_and_scraps_may_be_short():
    loop = {
        "edge_nodes": [[0, 1], [0, 0]],
        "coords": [[0, 0], [180, 0], [0, 0], [50, 0], [0, 0]],
        "coord_offset": [0, 2, 5],
        "edge_length_m": [180.0, 0.0],
    }
    assert WalkNetwork.build(**(LINE | loop)).n_edges == 2


@pytest.mark.parametrize("odd", [{"edge_nodes": [[0, 2**32 + 1]]}, {"edge_length_m": [0.0]}])
def test_saved_numbers_are_held_to_the_same(tmp_path, odd):
    path = WalkNetwork.build(**LINE).save(tmp_path / "line.npz")
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **(arrays | {name: np.array(value) for name, value in odd.items()}))
    with pytest.raises(InputError, match=next(iter(odd)) + "|straight line"):
        WalkNetwork.load(path)


@pytest.mark.parametrize("seconds", [0.0, 1e-9])
def test_nobody_walks_in_no_time(seconds):
    network = WalkNetwork.build(**LINE)
    with pytest.raises(InputError, match="walks 1 edges in no time"):
        checked_seconds(lambda net: np.full((net.n_edges, 2), seconds), network)
    assert np.isfinite(checked_seconds(ADULT, network)).all()
