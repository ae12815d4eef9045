"""Thinned outlines lie where they lay, within the tolerance; they are valid and nested."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import worlds
from quarterhour.outputs.map.thinned import thinned_bands
from quarterhour.walking.isochrones.isochrones import isochrones


def bands_of(*shapes: shapely.Geometry) -> np.ndarray:
    found = np.empty((1, len(shapes)), dtype=object)
    found[0] = shapes
    return found


def ragged(seed: int, n: int = 400, holes: int = 6) -> shapely.Geometry:
    """A star of random rays with holes, some of which nearly touch its outline."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    far = 300 + 80 * np.sin(5 * angle) + rng.normal(0, 25, n)
    shape = shapely.Polygon(np.column_stack([far * np.cos(angle), far * np.sin(angle)]))
    shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    for _ in range(holes):
        spot = shapely.Point(*rng.uniform(-220, 220, 2))
        shape = shape.difference(spot.buffer(rng.uniform(3, 60)))
    return shape


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("tolerance_m", [2.0, 12.0, 40.0])
def test_only_what_lies_near_the_outline_changes_sides(seed, tolerance_m):
    inner = ragged(seed)
    outer = shapely.union(inner.buffer(4.0), ragged(seed + 100))
    thin, moved_m = thinned_bands(bands_of(inner, outer), [tolerance_m], 10**9)
    assert moved_m == tolerance_m
    assert shapely.is_valid(thin).all()
    assert thin[0, 0].difference(thin[0, 1]).area < 1e-6
    before = inner, outer
    near = shapely.union_all([shape.boundary.buffer(tolerance_m + 1e-6) for shape in before])
    for one, other in zip(thin[0], before, strict=True):
        assert one.symmetric_difference(other).difference(near).area < 1e-6
        assert shapely.get_num_coordinates(one) <= shapely.get_num_coordinates(outer)


def test_a_small_island_stays_and_a_narrow_hole_vanishes():
    hall = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 44, 44))
    court = hall.difference(shapely.box(60, 10, 95, 90))
    island = shapely.box(200, 0, 203, 3)
    thin, _ = thinned_bands(bands_of(shapely.union(court, island)), [10.0], 0)
    parts = shapely.get_parts(thin[0, 0])
    assert len(parts) == 2
    assert sorted(shapely.get_num_interior_rings(parts)) == [0, 1]
    assert 0 < min(shapely.area(parts)) <= 9


def test_the_first_tolerance_that_leaves_few_enough_points_is_taken():
    shapes = bands_of(ragged(3))
    counts = [
        shapely.get_num_coordinates(thinned_bands(shapes, [metres], 0)[0][0, 0])
        for metres in (1.0, 5.0, 25.0)
    ]
    assert counts == sorted(counts, reverse=True)
    assert thinned_bands(shapes, [1.0, 5.0, 25.0], counts[1])[1] == 5.0
    assert thinned_bands(shapes, [1.0, 5.0, 25.0], 3)[1] == 25.0


def test_nothing_stays_nothing():
    empty = shapely.Polygon()
    thin, _ = thinned_bands(bands_of(empty, ragged(1)), [5.0], 10**9)
    assert thin[0, 0].is_empty
    assert not thin[0, 1].is_empty
    none, _ = thinned_bands(np.zeros((0, 3), dtype=object), [5.0], 10**9)
    assert none.shape == (0, 3)


def test_isochrones_of_a_town_stay_in_one_another():
    network = worlds.grid_world()
    table = isochrones(worlds.strewn(network, 40, 5), network, (3, 5, 8), method="fast")
    shapes = np.asarray(table.geometry.array).reshape(-1, 3)
    thin, _ = thinned_bands(shapes, [8.0], 0)
    assert shapely.is_valid(thin).all()
    for k in (0, 1):
        assert shapely.area(shapely.difference(thin[:, k], thin[:, k + 1])).max() < 1e-6
