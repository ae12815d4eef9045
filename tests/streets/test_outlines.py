"""Where streets meet outlines: what GEOS finds, shared ends, bends and overlaps among it."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.outline_kernels import where_met
from quarterhour.streets.snap import end_positions
from quarterhour.streets.snap_grid import street_grid
from tried import examples

LIMIT_M = 100.0
GRID = cache(worlds.grid_world)


def by_geos(shapes, network: WalkNetwork) -> set[tuple[int, int, float]]:
    """Shape, edge and metres along it of each point that an outline shares with an edge."""
    outlines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    edges = np.flatnonzero(~network.passed_over)
    shape, hit = shapely.STRtree(network.lines[edges]).query(outlines, "intersects")
    lines = network.lines[edges[hit]]
    meets = shapely.extract_unique_points(shapely.intersection(outlines[shape], lines))
    points, which = shapely.get_parts(meets, return_index=True)
    along = shapely.line_locate_point(lines[which], points, normalized=True)
    edge, row = edges[hit[which]], shape[which]
    metres = np.round(along * network.line_length_m[edge], 2)
    return set(zip(row.tolist(), edge.tolist(), metres.tolist(), strict=True))


def met(shapes, network: WalkNetwork) -> set[tuple[int, int, float]]:
    table = gpd.GeoDataFrame(geometry=shapes, crs=network.crs)
    at = end_positions(table, network, LIMIT_M)
    there = at.take(at.leg_m == 0)
    metres = np.round(there.fraction * network.line_length_m[there.edge], 2)
    return set(zip(there.row.tolist(), there.edge.tolist(), metres.tolist(), strict=True))


corner = st.tuples(st.integers(-2, 12), st.integers(-2, 12)).map(
    lambda at: (at[0] * 50, at[1] * 50)
)
drawn = st.lists(corner, min_size=3, max_size=7, unique=True)


@given(drawn, st.booleans())
@examples(150)
def test_outlines_on_a_lattice_meet_streets_where_geos_says(corners, closed):
    network = GRID()
    shape = shapely.Polygon(corners) if closed else shapely.LineString(corners)
    shape = shape if shape.is_valid else shapely.LineString(corners)
    shapes = np.array([shape], dtype=object)
    assert met(shapes, network) == by_geos(shapes, network)


def test_buildings_and_parks_of_a_city_meet_its_streets_where_geos_says():
    city = worlds.helsinki()
    shapes = city.facilities.geometry.to_crs(city.streets.crs).to_numpy()
    shapes = shapes[np.isin(shapely.get_type_id(shapes), (1, 3, 5, 6))]
    found, wanted = met(shapes, city.streets), by_geos(shapes, city.streets)
    assert len(wanted) > 100
    # A centimetre in the plane may be rounded otherwise on the ground.
    near = {(row, edge, round(metres + more, 2)) for row, edge, metres in wanted for more in STEPS}
    assert found <= near
    assert len(found) == pytest.approx(len(wanted), abs=3)


STEPS = (-0.01, 0.0, 0.01)


def test_a_part_of_many_and_holes_are_outlines_too():
    network = GRID()
    hole = shapely.box(-30, -30, 630, 630).difference(shapely.box(110, 110, 150, 190))
    both = shapely.MultiPolygon([shapely.box(20, 20, 40, 40), shapely.box(90, 40, 120, 60)])
    mixed = shapely.GeometryCollection([shapely.LineString([(10, -20), (10, 20)]), both])
    for shape in (hole, both):
        shapes = np.array([shape], dtype=object)
        assert met(shapes, network) == by_geos(shapes, network)
    parts = met(np.array([mixed.geoms[0], both], dtype=object), network)
    assert {at[1:] for at in met(np.array([mixed], dtype=object), network)} == {
        at[1:] for at in parts
    }


def test_uncompiled_it_is_the_same():
    grid = street_grid(GRID())
    xy = np.random.default_rng(3).integers(-3, 40, (60, 2)) * 20.0
    begins = np.arange(60) % 7 != 6
    given_to = xy, begins, grid.coords, tuple(grid[5:12])
    one, other = where_met.plain(*given_to), where_met.compiled(*given_to)
    assert len(one[0]) > 10
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
