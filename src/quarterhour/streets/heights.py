"""Whether heights can be heights: cells without data that were written as numbers, and spikes.

Rasters say "no data" in numbers of many kinds (-9999, -32768, 3.4e38) and do not always declare
them; believed, they close every street around them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats

LOWEST_M, HIGHEST_M = -500.0, 9_000.0
"""The shore of the Dead Sea lies at -430 m, the highest street below 6,000 m."""

SPIKE_M = 40.0
SPIKE_SLOPE = 2.0
"""A cell is a spike if it stands off the middle of the 25 around it by more than `SPIKE_M`, and by
more than a slope of `SPIKE_SLOPE` over one cell would give: mountains are no spikes."""

STEEP = 0.6
"""Streets steeper than this (31°) are hardly ever built; stairs are."""

Places = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def sound_heights(height: Floats) -> Floats:
    """
    Return heights, those that no ground has as unknown.

    Examples
    --------
    >>> sound_heights(np.array([12.0, -9999.0, 3.4e38, -32768.0]))
    array([12., nan, nan, nan])
    """
    with np.errstate(invalid="ignore"):
        return np.where((height >= LOWEST_M) & (height < HIGHEST_M), height, np.nan)


def spikes(height: Floats, at: Places, cell_m: float) -> npt.NDArray[np.bool_]:
    """Tell which of some cells of a raster (rows, columns) stand off all around them."""
    padded = np.pad(height, 2, mode="edge")
    row, column = at
    around = np.stack([padded[row + i, column + j] for i in range(5) for j in range(5)])
    known = np.isfinite(around).any(axis=0)
    off = np.zeros(len(row))
    off[known] = np.abs(height[row, column][known] - np.nanmedian(around[:, known], axis=0))
    return np.asarray(off > max(SPIKE_M, SPIKE_SLOPE * cell_m))
