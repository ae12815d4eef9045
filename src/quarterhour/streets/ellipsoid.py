"""Metres on the Earth, whatever plane the streets are drawn in.

A plane has true metres along a line or two, and in the UTM zone of a country's middle they are off
by a percent at its rim. So a network whose plane was chosen for it (one read from OpenStreetMap, or
made of degrees) is drawn in that plane and measured on the ellipsoid: the same street is as long in
a tile, in its neighbour and in the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyproj

from quarterhour.arrays import Floats, Ints, pieces
from quarterhour.streets.ellipsoid_kernels import RADIUS_M, feet

LENGTHS = "lengths"
"""Key of a network's metadata that says what its lengths are."""

GEODESIC = "geodesic"
"""Lengths are those on the ellipsoid; without the word they are those of the plane."""

_STEP_M = 100.0
_LITTLE = 8


@dataclass(frozen=True)
class Ellipsoid:
    """The ground below a plane.

    Parameters
    ----------
    wkt
        The projected CRS, as text.

    Examples
    --------
    >>> utm = ellipsoid_under("EPSG:32650")
    >>> utm.units_per_metre(np.array([[500_000.0, 4_400_000.0]])).round(6).tolist()
    [0.9996]
    """

    wkt: str

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The projected CRS."""
        return pyproj.CRS.from_user_input(self.wkt)

    @cached_property
    def _to_degrees(self) -> pyproj.Transformer:
        base = self.crs.geodetic_crs or pyproj.CRS(4326)
        return pyproj.Transformer.from_crs(self.crs, base, always_xy=True)

    @cached_property
    def axes_m(self) -> tuple[float, float]:
        """The longer half axis, and the square of the eccentricity."""
        shape = self.crs.get_geod() or pyproj.Geod(ellps="WGS84")
        return float(shape.a), float(shape.es)

    def degrees(self, xy: Floats) -> Floats:
        """Give longitude and latitude of points of the plane, ``(n, 2)``."""
        return transformed(self._to_degrees, xy[:, 0], xy[:, 1])

    def apart_m(self, one: Floats, other: Floats) -> Floats:
        """Measure how far apart on the ground positions in degrees are, ``(n,)`` metres.

        The chord through the Earth, bent to the arc: off from the geodesic by less than 2e-9 of
        its length within 10 km (2e-11 within a kilometre), and by 2e-7 of it at 100 km.
        """
        chord = np.sqrt(((self._in_space(one) - self._in_space(other)) ** 2).sum(axis=0))
        return np.asarray(chord * (1.0 + (chord / RADIUS_M) ** 2 / 24.0))

    def steps_m(self, lonlat: Floats) -> Floats:
        """Measure the steps from each position in degrees to the next, ``(n - 1,)`` metres."""
        steps = np.empty(max(len(lonlat) - 1, 0))
        for piece in pieces(len(steps)):
            ends = slice(piece.start, piece.stop + 1)
            chord = np.sqrt((np.diff(self._in_space(lonlat[ends]), axis=1) ** 2).sum(axis=0))
            steps[piece] = chord * (1.0 + (chord / RADIUS_M) ** 2 / 24.0)
        return steps

    def units_per_metre(self, xy: Floats) -> Floats:
        """Tell how many units of the plane a metre is at each point, ``(n,)``."""
        aside = np.array([_STEP_M / 2, 0.0])
        west, east = self.degrees(xy - aside), self.degrees(xy + aside)
        return np.asarray(_STEP_M / self.apart_m(west, east))

    def feet(self, here: Floats, ends: Floats, piece: Ints) -> tuple[Floats, Floats]:
        """Find where pieces, from ``ends[piece]`` to the next, are nearest to points, in degrees.

        As :func:`foot`, without a copy of the ends.
        """
        out = np.empty(len(here)), np.empty(len(here))
        feet(here, ends, piece, self.axes_m, out, little=len(here) <= _LITTLE)
        return out

    def _in_space(self, lonlat: Floats) -> Floats:
        """Give positions as metres from the middle of the Earth, ``(3, n)``."""
        axis_m, e2 = self.axes_m
        lon, lat = np.radians(lonlat.T)
        normal = axis_m / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
        out = normal * np.cos(lat)
        return np.array([out * np.cos(lon), out * np.sin(lon), normal * (1.0 - e2) * np.sin(lat)])


def transformed(transformer: pyproj.Transformer, x: Floats, y: Floats) -> Floats:
    """Give coordinates in another CRS, ``(n, 2)``, piece by piece: few at a time are copied."""
    found = np.empty((len(x), 2))
    for piece in pieces(len(x)):
        found[piece, 0], found[piece, 1] = transformer.transform(x[piece], y[piece])
    return found


@lru_cache(maxsize=16)
def _of_text(wkt: str) -> Ellipsoid:
    return Ellipsoid(wkt)


def ellipsoid_under(crs: Any) -> Ellipsoid:
    """Give the ground below a projected CRS, made when first asked for."""
    return _of_text(crs if isinstance(crs, str) else crs.to_wkt())


def ground_of(crs: pyproj.CRS, metadata: Mapping[str, str]) -> Ellipsoid | None:
    """Give the ground on which a network is measured; None where its plane has the metres."""
    return ellipsoid_under(crs) if metadata.get(LENGTHS) == GEODESIC else None


def steps_along(
    ground: Ellipsoid | None, coords: Floats, offset: Ints, lonlat: Floats | None = None
) -> Floats:
    """Measure each line: metres from each coordinate to the next, 0 from its last.

    Parameters
    ----------
    ground
        The ground below the plane; None to measure in the plane.
    coords, offset
        Line e has the coordinates ``coords[offset[e]:offset[e + 1]]``.
    lonlat
        The same in degrees, where that is known.

    Examples
    --------
    >>> lines = np.array([[0.0, 0.0], [3.0, 4.0], [9.0, 9.0], [9.0, 8.0]])
    >>> steps_along(None, lines, np.array([0, 2, 4])).tolist()
    [5.0, 0.0, 1.0, 0.0]
    """
    steps = np.zeros(len(coords))
    if ground is None:
        for piece in pieces(len(coords) - 1):
            ends = slice(piece.start, piece.stop + 1)
            steps[piece] = np.hypot(*np.diff(coords[ends], axis=0).T)
    else:
        steps[:-1] = ground.steps_m(ground.degrees(coords) if lonlat is None else lonlat)
    steps[offset[1:] - 1] = 0.0  # the jump from one line to the next
    return steps


def foot(ground: Ellipsoid | None, here: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Find where straight pieces of street are nearest to points, on the ground.

    A piece is straight in longitude and latitude; a degree is as long as at the point.

    Parameters
    ----------
    ground
        The ground below the plane; None to measure in the plane.
    here, a, b
        ``(n, 2)`` points, and the ends of the piece near each: in degrees, or in the plane.

    Returns
    -------
    tuple
        Shares of the pieces, 0 to 1, and metres from the points to there.
    """
    if ground is not None:
        ends = np.stack([a, b], axis=1).reshape(-1, 2)
        return ground.feet(here, ends, np.arange(0, len(ends), 2))
    piece, aside = b - a, here - a
    squared = (piece * piece).sum(axis=1)
    share = np.divide(
        (piece * aside).sum(axis=1), squared, out=np.zeros(len(here)), where=squared > 0
    ).clip(0.0, 1.0)
    return share, np.hypot(*(a + share[:, None] * (b - a) - here).T)


def along_lines(steps_m: Floats, offset: Ints) -> Floats:
    """Add up steps line by line: metres to each coordinate from the first of its line.

    Not as one long sum, of which the last digits would hang on the lines before.

    Examples
    --------
    >>> along_lines(np.array([5.0, 2.0, 0.0, 1.0, 0.0]), np.array([0, 3, 5])).tolist()
    [0.0, 5.0, 7.0, 0.0, 1.0]
    """
    along, first, count = np.zeros(len(steps_m)), offset[:-1], np.diff(offset)
    for place in range(1, int(count.max(initial=0))):
        longer = count > place
        first, count = first[longer], count[longer]
        along[first + place] = along[first + place - 1] + steps_m[first + place - 1]
    return along
