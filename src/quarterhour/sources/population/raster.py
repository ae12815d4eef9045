"""Rasters of people (WorldPop, GHS-POP): each cell is a piece, cut exactly where borders run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.places.rasters import opened_raster
from quarterhour.sources.population.pieces import Pieces

MOST_CELLS = 20_000_000
"""Cells that are read at once: more is not the raster of a city."""


def pieces_of_raster(path: Path, places: gpd.GeoDataFrame, band: int) -> Pieces:
    """Read the cells around places, as polygons of the raster's own CRS.

    Cells without data, and below 0 (as some files write it without saying so), are left out and
    counted; cells with nobody are not: there it is known that nobody lives.

    Parameters
    ----------
    path
        Whatever rasterio opens.
    places
        What is to be covered: the cells of its bounding box are read.
    band
        Band of the raster.

    Returns
    -------
    Pieces

    Raises
    ------
    InputError
        If the file cannot be read, has no CRS or no such band, or does not reach the places.
    MissingExtraError
        If rasterio is not installed.
    """
    with opened_raster(path, band, "Reading a raster of residents", "residents") as opened:
        return _read(*opened, places, band)


def _read(rasterio: Any, data: Any, places: gpd.GeoDataFrame, band: int) -> Pieces:
    crs = data.crs.to_wkt()
    around = shapely.box(*places.geometry.to_crs(crs).total_bounds)
    column, row = _moved(~data.transform, *shapely.get_coordinates(around).T)
    left, right = max(0, int(np.floor(column.min()))), min(data.width, int(column.max()) + 1)
    top, bottom = max(0, int(np.floor(row.min()))), min(data.height, int(row.max()) + 1)
    if not (left < right and top < bottom):
        msg = f"{data.name} does not reach the places: do both cover the same town?"
        raise InputError(msg)
    if (right - left) * (bottom - top) > MOST_CELLS:
        msg = f"{data.name} has more than {MOST_CELLS:,} cells around the places: cut it first."
        raise InputError(msg)
    window = rasterio.windows.Window(left, top, right - left, bottom - top)
    read = data.read(band, window=window, masked=True)
    values = read.astype(np.float64).filled(np.nan) * data.scales[band - 1] + data.offsets[band - 1]
    known = np.isfinite(values) & (values >= 0)
    y, x = np.nonzero(known)
    ring = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    corners = [_moved(data.transform, x + left + i, y + top + j) for i, j in ring]
    rings = np.stack([np.column_stack(corner) for corner in corners], axis=1)
    shapes = np.asarray(shapely.polygons(rings), dtype=object)
    return Pieces("raster", shapes, crs, values[known], int((~known).sum()), "wgs84")


def _moved(transform: Any, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Take columns and rows to coordinates, or back."""
    a, b, c, d, e, f = transform[:6]
    u, v = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return a * u + b * v + c, d * u + e * v + f
