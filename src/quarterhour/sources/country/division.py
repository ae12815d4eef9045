"""How a country is divided: every place belongs to the first tile whose own ground covers it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""

METRES_A_DEGREE = 111_320.0
_BEYOND = 0.2
"""Degrees by which the outermost tiles reach beyond the extent: ways are kept whole."""

_MOST_TILES = 10_000


def by_dwellings(dwellings: Floats, extent: Box, tiles: int) -> list[shapely.Polygon]:
    """Divide an extent into boxes with even numbers of dwellings: each is halved along its length.

    Parameters
    ----------
    dwellings
        ``(n, 2)`` degrees.
    extent
        What is divided.
    tiles
        How many boxes there shall be.
    """
    _require_number(tiles)
    inside = dwellings[np.isfinite(dwellings).all(axis=1)]
    if len(inside) < tiles:
        msg = (
            f"The extract has {len(inside)} residential buildings, too few for {tiles} tiles of "
            "even numbers of them: ask for fewer, for a grid, or give boundaries."
        )
        raise InputError(msg)
    return [shapely.box(*box) for box in _halved(inside, _grown(extent), tiles)]


def _halved(places: Floats, box: Box, tiles: int) -> list[Box]:
    if tiles == 1:
        return [box]
    west, south, east, north = box
    lows, highs = places.min(axis=0), places.max(axis=0)
    wide = (highs[0] - lows[0]) * np.cos(np.radians(places[:, 1].mean()))
    axis = 0 if wide >= highs[1] - lows[1] else 1
    along = np.sort(places[:, axis])
    half = tiles // 2
    k = min(max(round(len(along) * half / tiles), 1), len(along) - 1)
    cut = float((along[k - 1] + along[k]) / 2)
    first = places[:, axis] <= cut
    if first.all() or not first.any():
        msg = f"More dwellings than fit into one of {tiles} tiles stand at one place: ask for fewer"
        raise InputError(f"{msg}.")
    one, other = ((west, south, cut, north), (cut, south, east, north))
    if axis == 1:
        one, other = ((west, south, east, cut), (west, cut, east, north))
    return _halved(places[first], one, half) + _halved(places[~first], other, tiles - half)


def by_grid(extent: Box, grid_km: float) -> list[shapely.Polygon]:
    """Divide an extent into boxes of one size, from the south-west; the last reach beyond it.

    Parameters
    ----------
    extent
        What is divided.
    grid_km
        Length of a side, in kilometres.
    """
    if not 0 < grid_km < np.inf:
        msg = f"grid_km={grid_km} is no length: give kilometres above 0."
        raise InputError(msg)
    west, south, east, north = extent
    step_y = 1000 * grid_km / METRES_A_DEGREE
    step_x = step_y / np.cos(np.radians((south + north) / 2))
    nx, ny = (
        max(int(np.ceil(n - 1e-9)), 1) for n in ((east - west) / step_x, (north - south) / step_y)
    )
    _require_number(nx * ny)
    grown = _grown(extent)
    xs = [grown[0], *(west + step_x * np.arange(1, nx)), grown[2]]
    ys = [grown[1], *(south + step_y * np.arange(1, ny)), grown[3]]
    return [shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for j in range(ny) for i in range(nx)]


def owner_of(points: npt.NDArray[np.object_], own: npt.NDArray[np.object_]) -> Ints:
    """Tell which ground each point belongs to: the first that covers it, -1 for none.

    Parameters
    ----------
    points
        Points in degrees.
    own
        The tiles' own ground.

    Examples
    --------
    >>> own = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    >>> owner_of(shapely.points([[0.5, 0.5], [1, 0.5], [3, 0]]), own).tolist()
    [0, 0, -1]
    """
    found = np.full(np.size(points), len(own), dtype=np.int64)
    point, tile = shapely.STRtree(own).query(points, "intersects")
    np.minimum.at(found, point, tile)
    return np.where(found == len(own), -1, found)


def _grown(extent: Box) -> Box:
    west, south, east, north = extent
    return west - _BEYOND, south - _BEYOND, east + _BEYOND, north + _BEYOND


def _require_number(tiles: int) -> None:
    if not 1 <= tiles <= _MOST_TILES:
        msg = f"{tiles:,} tiles are no division: ask for 1 to {_MOST_TILES:,}."
        raise InputError(msg)
