"""Grids of points that stand for residents where no buildings are known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Ints

GRID_M = 50.0
"""Spacing of the points that stand for residents where no buildings are known."""

MAX_GRID_CELLS = 62_500
"""An area that takes more cells than this has a grid of twice the spacing, or four times …"""


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
    while np.prod((bounds[2:] - bounds[:2]) / spacing + 1) > MAX_GRID_CELLS:
        spacing *= 2
    x0, y0, x1, y1 = bounds / spacing
    x, y = np.meshgrid(np.arange(np.floor(x0), x1) + 0.5, np.arange(np.floor(y0), y1) + 0.5)
    points = np.asarray(shapely.points(x.ravel() * spacing, y.ravel() * spacing), dtype=object)
    shapely.prepare(shape)
    inside = points[shapely.intersects(shape, points)]
    return (inside if len(inside) else inner_points(np.array([shape], dtype=object))), spacing
