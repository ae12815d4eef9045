"""The plane of the streets, for a page that knows degrees only: a polynomial that is checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import InputError

ORDER = 7
"""Order of the polynomial, of longitude and latitude together."""

TRUE_M = 0.01
"""How far it may be from the projection, anywhere in the box."""

_SIDE = 25


def terms(order: int) -> list[tuple[int, int]]:
    """Give the powers of longitude and latitude in the order in which the page adds them."""
    return [(i, k - i) for k in range(order + 1) for i in range(k + 1)]


def plane_block(
    crs: pyproj.CRS, bounds: tuple[float, float, float, float], unit: float = 1.0
) -> dict[str, Any]:
    """Give what the page needs to turn degrees into metres of a CRS within a box of it.

    ``unit`` is how many units of the CRS a metre is.

    Raises
    ------
    InputError
        If the box is too large for one polynomial.
    """
    x0, y0, x1, y1 = bounds
    x, y = (c.ravel() for c in np.meshgrid(np.linspace(x0, x1, _SIDE), np.linspace(y0, y1, _SIDE)))
    to_degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    lon, lat = (np.asarray(c) for c in to_degrees.transform(x, y))
    middle = float(lon.mean()), float(lat.mean())
    half = max(np.ptp(lon), np.ptp(lat), 1e-6) / 2
    powers = terms(ORDER)
    s, t = (lon - middle[0]) / half, (lat - middle[1]) / half
    columns = np.column_stack([s**i * t**k for i, k in powers])
    origin = np.round([(x0 + x1) / 2, (y0 + y1) / 2])
    metres = (np.column_stack([x, y]) - origin) / unit
    found, *_ = np.linalg.lstsq(columns, metres, rcond=None)
    error_m = float(np.abs(columns @ found - metres).max())
    if error_m > TRUE_M:
        msg = (
            f"The streets span {(x1 - x0) / 1000:,.0f} × {(y1 - y0) / 1000:,.0f} km, too much for "
            "a map on which plans are made: write one per district."
        )
        raise InputError(msg)
    return {
        "middle": middle,
        "half": float(half),
        "order": ORDER,
        "x": found[:, 0].tolist(),
        "y": found[:, 1].tolist(),
        "origin": origin.tolist(),
    }


def box_around(shapes: Any, margin_m: float) -> tuple[float, float, float, float]:
    """Give the box around shapes, and some metres more."""
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    return float(x0 - margin_m), float(y0 - margin_m), float(x1 + margin_m), float(y1 + margin_m)


def millimetres(xy: Floats, origin: Any, unit: float = 1.0) -> tuple[list[int], list[int]]:
    """Give coordinates as steps of whole millimetres from an origin."""
    whole = np.rint((np.asarray(xy) - np.asarray(origin)) / unit * 1000).astype(np.int64)
    step = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return step[:, 0].tolist(), step[:, 1].tolist()
