"""Grids of points that stand for residents where no buildings are known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Ints
from quarterhour.errors import InputError

GRID_M = 50.0
"""Spacing of the points that stand for residents where no buildings are known."""

_EARTH_M = 1e8  # no projection puts a place on the earth farther out

MAX_GRID_CELLS = 62_500
MAX_GRID_POINTS = 4_000
"""An area that takes more has a grid of twice the spacing, or four times …"""


def inner_points(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Centroids, or a point on the surface where the centroid is not inside."""
    centroid = shapely.centroid(shapes)
    inside = shapely.intersects(shapes, centroid)
    return np.where(inside, centroid, shapely.point_on_surface(shapes))


def numbered(points: npt.NDArray[np.object_], on_grid: npt.NDArray[np.bool_], taken: int) -> Ints:
    """Number the points of grids: the same point of two areas is the same residence."""
    numbers = np.full(len(points), -1, dtype=np.int64)
    xy = shapely.get_coordinates(points[on_grid])
    if len(xy):
        same = np.unique(np.round(xy, 3), axis=0, return_inverse=True)[1]
        numbers[on_grid] = np.iinfo(np.int32).max + taken + same.ravel()
    return numbers


def grid(shape: shapely.Geometry) -> tuple[npt.NDArray[np.object_], float]:
    """Points of a fixed grid inside a polygon (or one inner point), and its spacing."""
    bounds, spacing = np.asarray(shapely.bounds(shape)), GRID_M
    land = shapely.area(shape)
    if not np.max(np.abs(bounds)) < _EARTH_M:
        msg = f"An area reaches {np.max(np.abs(bounds)):.1g} m far: is its CRS the right one?"
        raise InputError(msg)
    while (
        np.prod((bounds[2:] - bounds[:2]) / spacing + 1) > MAX_GRID_CELLS
        or land / spacing**2 > MAX_GRID_POINTS
    ):
        spacing *= 2
    x0, y0, x1, y1 = bounds / spacing
    x, y = np.meshgrid(np.arange(np.floor(x0), x1) + 0.5, np.arange(np.floor(y0), y1) + 0.5)
    points = np.asarray(shapely.points(x.ravel() * spacing, y.ravel() * spacing), dtype=object)
    shapely.prepare(shape)
    inside = points[shapely.intersects(shape, points)]
    return (inside if len(inside) else inner_points(np.array([shape], dtype=object))), spacing


def within_data(
    shapes: npt.NDArray[np.object_], data: shapely.Geometry | None
) -> tuple[npt.NDArray[np.object_], int]:
    """
    Cut areas down to the part that the data cover, and count those that are cut.

    Nobody can be said to walk where no street is known: an area that reaches beyond the data is
    judged by its part inside. One wholly beyond them is left as a point, which is not joined.
    """
    if data is None:
        return shapes, 0
    beyond = ~shapely.covered_by(shapes, data)
    found = shapes.copy()
    found[beyond] = shapely.intersection(shapely.make_valid(shapes[beyond]), data)
    nothing = shapely.area(found) <= 0
    nothing &= beyond
    found[nothing] = shapely.point_on_surface(shapes[nothing])
    return found, int(beyond.sum())
