"""Cells that cover the ground: squares of a metric grid, and hexagons of H3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import InputError, MissingExtraError

FINEST_H3 = 15


def h3_for(purpose: str) -> Any:
    """Import h3, which only its cells need.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import h3  # noqa: PLC0415 - an optional package
    except ImportError as error:
        msg = f"{purpose} needs the package h3: pip install 'quarterhour[h3]'."
        raise MissingExtraError(msg) from error
    return h3


def require_cell_m(cell_m: float) -> None:
    """See that a size of cells is one.

    Raises
    ------
    InputError
        If it is not a finite number of at least a metre.
    """
    if not 1 <= cell_m < np.inf:
        msg = f"{cell_m:g} m is no size of a cell: give metres, such as 500."
        raise InputError(msg)


def square_labels(xy: Floats, cell_m: float) -> npt.NDArray[np.object_]:
    """Name the cell of a grid that each position lies in, by its south-western corner.

    The grid hangs on the origin of the CRS, so that the same cell has the same name in every
    table. A position on a border belongs to the cell north or east of it.

    Examples
    --------
    >>> square_labels(np.array([[1250.0, 499.0]]), 500).tolist()
    ['500mN0E1000']
    """
    require_cell_m(cell_m)
    corner = np.floor(xy / cell_m).astype(np.int64)
    east, north = corner[:, 0] * cell_m, corner[:, 1] * cell_m
    return np.array(
        [f"{cell_m:g}mN{n:.12g}E{e:.12g}" for e, n in zip(east, north, strict=True)], dtype=object
    )


def squares_at(xy: Floats, cell_m: float) -> npt.NDArray[np.object_]:
    """Give the cells of the grid in which positions lie."""
    low = np.floor(xy / cell_m) * cell_m
    high = low + cell_m
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), dtype=object)


def h3_labels(xy: Floats, crs: Any, resolution: int) -> npt.NDArray[np.object_]:
    """Name the H3 cell that each position lies in.

    Raises
    ------
    InputError
        If there is no such resolution.
    MissingExtraError
        If h3 is not installed.
    """
    if not 0 <= resolution <= FINEST_H3:
        msg = f"H3 has no resolution {resolution}: give 0 to {FINEST_H3}, such as 9 (0.1 km²)."
        raise InputError(msg)
    h3 = h3_for("Counting by H3 cells")
    to_degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    lon, lat = to_degrees.transform(xy[:, 0], xy[:, 1])
    cells = [h3.latlng_to_cell(y, x, resolution) for x, y in zip(lon, lat, strict=True)]
    return np.array(cells, dtype=object)


def h3_cells(labels: Iterable[Any]) -> gpd.GeoSeries:
    """Give the outlines of H3 cells, in degrees, one for each label.

    Labels are the usual hexadecimal text; whole numbers are read as the same index.

    Raises
    ------
    InputError
        If a label is no H3 cell.
    MissingExtraError
        If h3 is not installed.
    """
    h3 = h3_for("Reading H3 cells")
    told = list(labels)
    names = [_h3_name(h3, label) for label in told]
    wrong = [str(label) for label, name in zip(told, names, strict=True) if name is None]
    if wrong:
        msg = (
            f"{len(wrong)} of {len(told)} labels are no H3 cells ({', '.join(wrong[:5])}): they "
            "look like '89a901291abffff'. Tables of other cells are read by their geometry."
        )
        raise InputError(msg)
    shapes = [
        shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(name)]) for name in names
    ]
    return gpd.GeoSeries(shapes, crs=4326)


def are_h3(labels: pd.Series[Any]) -> bool:
    """Tell whether a column looks like one of H3 cells: fifteen hexadecimal digits, 8 first."""
    known = labels.dropna()
    if len(known) == 0 or pd.api.types.is_numeric_dtype(known):
        return False
    return bool(known.astype(str).str.fullmatch(r"8[0-9a-fA-F]{14}").all())


def _h3_name(h3: Any, label: Any) -> str | None:
    if isinstance(label, (int, np.integer)) and not isinstance(label, bool):
        label = f"{int(label):x}"
    name = label.strip().lower() if isinstance(label, str) else ""
    try:
        return name if h3.is_valid_cell(name) else None
    except (ValueError, TypeError):
        return None
