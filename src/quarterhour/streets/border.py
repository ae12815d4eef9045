"""How far places are from the border of the data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats
from quarterhour.streets.snap_kernels import metres_off

_FEW = 64


def border_m(extent: shapely.Geometry, places: npt.NDArray[np.object_]) -> Floats:
    """Straight distance of each place from the border of an extent; 0 outside."""
    border = shapely.boundary(extent)
    many = len(places) >= _FEW and not border.is_empty
    if many:
        shapely.prepare(extent)
    inside = shapely.intersects(extent, places)
    if not many or (shapely.get_type_id(places) != 0).any():
        return np.where(inside, shapely.distance(border, places), 0.0)
    line_xy, which = shapely.get_coordinates(shapely.get_parts(border), return_index=True)
    xy = np.column_stack([shapely.get_x(places), shapely.get_y(places)])
    away = np.empty(len(xy))
    metres_off(xy, line_xy, np.diff(which) == 0, away)
    return np.where(inside, away, 0.0)
