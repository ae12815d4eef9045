"""A country is divided so that every place belongs to one tile."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import quarterhour as qh
from country_worlds import QUESTION, country
from quarterhour.errors import InputError
from quarterhour.sources.country.division import by_dwellings, by_grid, owner_of
from quarterhour.sources.country.split import Division

EXTENT = (7.0, 50.0, 8.0, 50.5)


def objects(shapes):
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


@given(n=st.integers(1, 40), seed=st.integers(0, 100))
def test_even_numbers_of_dwellings(n, seed):
    rng = np.random.default_rng(seed)
    places = [7.0, 50.0] + [1.0, 0.5] * rng.beta(2, 6, (400, 2))
    own = objects(by_dwellings(places, EXTENT, n))
    whose = owner_of(shapely.points(places), own)
    counts = np.bincount(whose, minlength=n)
    assert len(own) == n
    assert counts.max() - counts.min() <= 12
    assert np.isclose(shapely.area(own).sum(), shapely.union_all(own).area)


@given(side=st.floats(3, 200), seed=st.integers(0, 100))
def test_a_grid_leaves_nobody_out(side, seed):
    rng = np.random.default_rng(seed)
    places = rng.uniform([7.0, 50.0], [8.0, 50.5], (100, 2))
    own = objects(by_grid(EXTENT, side))
    assert (owner_of(shapely.points(places), own) >= 0).all()


def test_a_place_on_a_seam_belongs_to_the_first():
    own = objects([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    assert owner_of(shapely.points([[1.0, 0.5], [1.0, 1.0]]), own).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"tiles": 0}, "0 tiles are no division"),
        ({"grid_km": -1}, "is no length"),
        ({"grid_km": 1e-3}, "tiles are no division"),
        ({"tiles": 2, "grid_km": 3}, "divided in one way"),
    ],
)
def test_what_is_no_division_is_refused(words, said):
    with pytest.raises(InputError, match=said):
        Division(**words).own(np.array([[7.5, 50.2]] * 3), EXTENT)


def test_too_few_dwellings():
    with pytest.raises(InputError, match="has 1 residential buildings, too few for 4 tiles"):
        by_dwellings(np.array([[7.5, 50.2]]), EXTENT, 4)


def test_boundaries_are_polygons_with_a_crs(tmp_path):
    path = country(tmp_path)
    points = gpd.GeoDataFrame(geometry=[shapely.Point(7, 50)], crs=4326)
    with pytest.raises(InputError, match="Boundaries are polygons, and these are Point"):
        qh.split(path, tmp_path / "tiles", QUESTION, boundaries=points)
    with pytest.raises(InputError, match="boundaries have no CRS"):
        qh.split(
            path, tmp_path / "tiles", QUESTION, boundaries=points.set_crs(None, allow_override=True)
        )
