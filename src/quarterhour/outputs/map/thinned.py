"""Outlines with fewer points: all tolerances are weighed at once, and what is left is valid."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.walking.engines import cores

Shapes = npt.NDArray[np.object_]

_SHARE = 500
"""So many rows of shapes are thinned at a time."""


class _Rings(NamedTuple):
    """The rings of some shapes, and what each of their vertices is worth.

    ``part`` is the polygon of each ring, ``shape`` the shape of each polygon.
    """

    xy: Floats
    ring: Ints
    metres: Floats
    third: Floats
    hole: Mask
    part: Ints
    shape: Ints
    n_shapes: int

    @classmethod
    def of(cls, shapes: Shapes) -> _Rings:
        from quarterhour.walking.isochrones.ring_kernels import worth  # noqa: PLC0415 - numba is slow to import

        parts, shape = shapely.get_parts(shapes, return_index=True)
        solid = ~shapely.is_empty(parts)
        parts, shape = parts[solid], shape[solid]
        rings, part = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        offset = np.searchsorted(ring, np.arange(len(rings) + 1))
        metres, third = worth(xy, offset)
        hole = np.diff(part, prepend=-1) == 0
        # What stands alone stays, if only as a triangle.
        for small in np.flatnonzero(~hole & (third > 0)).tolist():
            mine = slice(offset[small], offset[small + 1])
            metres[mine][np.argmax(metres[mine] == third[small])] = np.inf
        third[~hole & (third > 0)] = np.inf
        return cls(xy, ring, metres, third, hole, part, shape, len(shapes))

    def kept(self, tolerance_m: float) -> Mask:
        """Mark the vertices that are worth more; a ring without a third of them has none."""
        return (self.metres > tolerance_m) & (self.third > tolerance_m)[self.ring]

    def thinned(self, tolerance_m: float) -> Shapes:
        """Give the shapes of the vertices that are worth more."""
        keep = self.kept(tolerance_m)
        _, ring = np.unique(self.ring[keep], return_inverse=True)
        known = np.flatnonzero(self.third > tolerance_m)
        found = np.full(self.n_shapes, shapely.Polygon(), dtype=object)
        if len(known) == 0:
            return found
        loops: Any = shapely.linearrings(self.xy[keep], indices=ring)
        parts, part = np.unique(self.part[known], return_inverse=True)
        polygons: Any = shapely.polygons(loops, indices=part)
        shapes, shape = np.unique(self.shape[parts], return_inverse=True)
        whole: Shapes = np.asarray(shapely.multipolygons(polygons, indices=shape), dtype=object)
        single = np.bincount(shape) == 1
        whole[single] = shapely.get_geometry(whole[single], 0)
        crossed = ~shapely.is_valid(whole)
        # Only what lies within the tolerance of the outline is laid otherwise.
        whole[crossed] = shapely.make_valid(
            whole[crossed], method="structure", keep_collapsed=False
        )
        found[shapes] = whole
        return found


def thinned_bands(
    bands: Shapes, tolerances_m: Sequence[float], most_points: int
) -> tuple[Shapes, float]:
    """Thin shapes that lie in one another; they stay valid, and in one another.

    Parameters
    ----------
    bands
        ``(n, k)``: polygons, of which each of a row lies in the next.
    tolerances_m
        How far outlines may be moved, in metres: the first is taken that leaves few enough
        points, else the last. Holes that are no wider vanish.
    most_points
        How many points that is.

    Returns
    -------
    tuple
        The thinned bands, and how far they were moved.
    """
    shares = [bands[first : first + _SHARE] for first in range(0, len(bands), _SHARE)]
    with ThreadPoolExecutor(cores()) as threads:
        rings = list(threads.map(lambda share: _Rings.of(share.ravel()), shares))
        for tolerance_m in tolerances_m:
            if sum(int(one.kept(tolerance_m).sum()) for one in rings) <= most_points:
                break

        def thin(one: _Rings) -> Shapes:
            return _nested(one.thinned(tolerance_m).reshape(-1, bands.shape[1]))

        thin_parts = list(threads.map(thin, rings))
    return np.concatenate([bands[:0], *thin_parts]), tolerance_m


def _nested(bands: Shapes) -> Shapes:
    """Widen bands that thinning has pushed a narrower one out of."""
    for wider in range(1, bands.shape[1]):
        bands[:, wider] = shapely.union(bands[:, wider], bands[:, wider - 1])
    return bands
