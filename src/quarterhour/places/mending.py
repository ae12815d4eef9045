"""Invalid geometries repaired, and rows without a place set apart, before a contract is checked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from quarterhour.places.contracts import POLYGONS, listed
from quarterhour.places.notes import Note


def mend(table: gpd.GeoDataFrame, what: str) -> tuple[gpd.GeoDataFrame, pd.Series[str], list[str]]:
    """
    Repair invalid geometries and set rows without a place apart.

    Parameters
    ----------
    table
        A table with a CRS.
    what
        What to call it.

    Returns
    -------
    table
        A copy with usable rows only, in two dimensions.
    rejected
        For each row set apart (by index label) the reason.
    notes
        A sentence for each thing done.
    """
    notes: list[str] = []
    shapes = np.array(table.geometry.array, dtype=object)
    if (shapely.get_coordinate_dimension(shapes) > 2).any():
        shapes = shapely.force_2d(shapes)
    reasons = pd.Series("", index=table.index, dtype=object)
    reasons[np.asarray(shapely.is_empty(shapes))] = "empty geometry"
    reasons[np.asarray(shapely.is_missing(shapes))] = "no geometry"
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    reasons[~finite & (reasons == "").to_numpy()] = "coordinates that are not numbers"
    broken = ~shapely.is_valid(shapes) & (reasons == "").to_numpy()
    if broken.any():
        shapes[broken] = [_mended(shape, what) for shape in shapes[broken]]
        lost = broken & shapely.is_empty(shapes)
        reasons[lost] = "invalid geometry that cannot be repaired"
        fixed = int(broken.sum() - lost.sum())
        labels = listed(table.index[broken & ~lost])
        notes.append(
            Note(
                "geometries_repaired",
                "{0} invalid geometries of {1} repaired ({2}).",
                fixed,
                what,
                labels,
            )
        )
    kept = (reasons == "").to_numpy()
    result = table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))[kept]
    return result, reasons[~kept], notes


def _mended(shape: BaseGeometry, what: str) -> BaseGeometry:
    """Make one geometry valid; of polygons keep the polygons, not the lines left over."""
    valid = shapely.make_valid(shape)
    if shape.geom_type not in POLYGONS or what == "streets":
        return valid
    parts = [part for part in shapely.get_parts(valid) if part.geom_type in POLYGONS]
    return shapely.union_all(parts) if parts else shapely.Polygon()
