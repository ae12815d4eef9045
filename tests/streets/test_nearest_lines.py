"""Streets nearest to outlines, and places from the border, as GEOS finds them one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.streets.border import border_m
from quarterhour.streets.outlines import nearest_lines
from tried import examples


def outlines(rng: np.random.Generator, count: int) -> np.ndarray:
    """Rings, lines, several lines, and collections with points, strewn over the grid."""
    shapes = []
    for x, y in rng.uniform(-150, 950, (count, 2)):
        ring = shapely.Point(x, y).buffer(rng.uniform(1, 60), quad_segs=2).exterior
        line = shapely.LineString([(x, y), (x + rng.uniform(-90, 90), y + 25)])
        far = shapely.LineString([(x + 300, y), (x + 310, y)])
        kinds = ring, line, shapely.MultiLineString([line, far])
        more = shapely.GeometryCollection([shapely.Point(x, y), far])
        shapes.append((*kinds, more)[rng.integers(0, 4)])
    return np.array(shapes, dtype=object)


@examples(25)
@given(seed=st.integers(0, 10_000), limit_m=st.sampled_from([5.0, 40.0, 200.0]))
def test_the_nearest_street_of_an_outline_is_that_of_geos(seed, limit_m):
    network = worlds.grid_world()
    shapes = outlines(np.random.default_rng(seed), 40)
    edges = np.flatnonzero(~network.passed_over)
    far = shapely.distance(shapes[:, None], network.lines[edges])
    apart = far.min(axis=1) > 0  # of several that it meets, nobody asks which is nearest
    shapes, far = shapes[apart], far[apart]
    row, edge = nearest_lines(shapes, network, limit_m)
    expected = np.flatnonzero(far.min(axis=1) <= limit_m)
    assert row.tolist() == expected.tolist()
    assert edge.tolist() == edges[far.argmin(axis=1)[expected]].tolist()


@pytest.mark.parametrize("count", [30, 400])
def test_metres_to_the_border_are_those_of_geos(count):
    rng = np.random.default_rng(count)
    hole = shapely.box(40, 40, 60, 60)
    one = shapely.Point(50, 50).buffer(45).difference(hole)
    extent = shapely.union_all([one, shapely.box(200, 0, 210, 90)])
    places = shapely.points(rng.uniform(-20, 230, (count, 2)))
    places[0] = shapely.Point(50, 50)  # in the hole: outside
    expected = shapely.distance(shapely.boundary(extent), places)
    expected[~shapely.intersects(extent, places)] = 0.0
    assert np.array_equal(border_m(extent, places), expected)
    assert border_m(extent, places)[0] == 0.0
    assert (expected > 0).any()
