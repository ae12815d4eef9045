"""A loop that measures on the ellipsoid: plain Python, compiled where that is worth it."""

from __future__ import annotations

from math import cos, pi, sin, sqrt
from typing import Any

from quarterhour.streets.snap_kernels import Loop

RADIUS_M = 6_371_008.8
"""Of a ball as large as the Earth: by how much a chord through it is shorter than its arc."""


@Loop
def feet(here: Any, ends: Any, piece: Any, shape: Any, out: Any) -> Any:
    """Find where pieces of street are nearest to points; see :func:`.ellipsoid.foot`.

    Parameters
    ----------
    here, ends
        ``(n, 2)`` points, and the ends of all pieces, one behind the other, in degrees.
    piece
        The piece near each point: from ``ends[piece]`` to the next.
    shape
        The longer half axis of the ellipsoid, and the square of its eccentricity.
    out
        ``(share, metres)`` to write to.
    """
    axis_m, e2 = shape
    share, metres = out
    for i in range(here.shape[0]):
        lon, lat = here[i, 0], here[i, 1]
        phi = lat * (pi / 180.0)
        w2 = 1.0 - e2 * sin(phi) ** 2
        normal = axis_m / sqrt(w2)
        # Metres that a degree of longitude and one of latitude are long.
        east, north = normal * cos(phi) * pi / 180.0, normal * (1.0 - e2) / w2 * pi / 180.0
        a, b = ends[piece[i]], ends[piece[i] + 1]
        dx, dy = b[0] - a[0], b[1] - a[1]
        x, y = dx * east, dy * north
        squared = x * x + y * y
        along = 0.0
        if squared > 0.0:
            along = (x * (lon - a[0]) * east + y * (lat - a[1]) * north) / squared
            along = min(max(along, 0.0), 1.0)
        share[i] = along
        # The chord from there, bent to the arc: as `Ellipsoid.apart_m`.
        there = (a[1] + along * dy) * (pi / 180.0)
        turn, other = lon * (pi / 180.0), (a[0] + along * dx) * (pi / 180.0)
        far = axis_m / sqrt(1.0 - e2 * sin(there) ** 2)
        from_axis, of_there = normal * cos(phi), far * cos(there)
        ox = from_axis * cos(turn) - of_there * cos(other)
        oy = from_axis * sin(turn) - of_there * sin(other)
        oz = (normal * sin(phi) - far * sin(there)) * (1.0 - e2)
        chord = sqrt(ox * ox + oy * oy + oz * oz)
        metres[i] = chord * (1.0 + (chord / RADIUS_M) ** 2 / 24.0)
    return 0
