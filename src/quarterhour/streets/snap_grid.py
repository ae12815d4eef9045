"""The streets of a network on a grid, by which the nearest position on them is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints, Mask, cores, read_only
from quarterhour.streets.ellipsoid import ellipsoid_under, foot
from quarterhour.streets.snap_kernels import cells_of_pieces, nearest_edges
from quarterhour.streets.street_arrays import StreetArrays, kept_with

CELL_M = 48.0
_MOST_CELLS = 1 << 22
_LITTLE = 8
_MANY = 4096


class StreetGrid(NamedTuple):
    """Straight pieces of edges, by the cell they pass through.

    ``coords``, ``coord_offset``, ``line_length_m`` and ``along_m`` are those of the network; the
    piece that begins at coordinate k is of edge ``edge_of[k]``. Cell k, counted row by row from
    the corner ``(x0, y0)``, holds ``piece[cell_offset[k]:cell_offset[k + 1]]``. Where metres are
    those on the ellipsoid ``below`` is the CRS, as text, and a metre is ``widest`` units or less;
    ``lonlat`` are the coordinates in degrees, where they are at hand.
    """

    coords: Floats
    coord_offset: Ints
    line_length_m: Floats
    along_m: Floats
    edge_of: npt.NDArray[np.int32]
    cell_offset: Ints
    piece: npt.NDArray[np.int32]
    x0: float
    y0: float
    cell_m: float
    columns: int
    rows: int
    below: str = ""
    widest: float = 1.0
    lonlat: Floats | None = None

    @classmethod
    def of(cls, network: StreetArrays, among: Mask | None = None) -> StreetGrid:
        """Lay out the streets of a network: those that places are snapped to, or some."""
        xy, offset = network.coords, network.coord_offset
        edge_of = np.repeat(np.arange(network.n_edges, dtype=np.int32), np.diff(offset))
        begins = (~network.passed_over if among is None else among)[edge_of]
        begins[offset[1:] - 1] = False  # a line ends here
        west, south = xy.min(axis=0)
        width, height = (xy.max(axis=0) - (west, south)).tolist()
        cell_m = max(CELL_M, float(np.sqrt(width * height / _MOST_CELLS)))
        # A long and narrow extent has few cells across, and must not have many along.
        cell_m = max(cell_m, width / _MOST_CELLS, height / _MOST_CELLS)
        shape = int(width // cell_m) + 1, int(height // cell_m) + 1
        x0, y0 = float(west), float(south)
        begin = np.flatnonzero(begins)
        cell_offset, piece = cells_of_pieces(xy, begin, x0, y0, cell_m, shape)
        corner = x0, y0, cell_m
        below, widest = "", 1.0
        if (ground := network.ellipsoid) is not None:
            rim = np.linspace((x0, y0), (x0 + width, y0 + height), 3)
            all_round = np.array([(x, y) for x in rim[:, 0] for y in rim[:, 1]])
            below, widest = ground.wkt, float(1.001 * ground.units_per_metre(all_round).max())
        along = network.line_length_m, network.along_m
        plane = cls(xy, offset, *along, edge_of, cell_offset, piece, *corner, *shape)
        return plane._replace(below=below, widest=widest, lonlat=network.lonlat)

    def on_the_plane(self) -> StreetGrid:
        """Give the grid by which distances are those in the plane, which is quicker."""
        return self._replace(below="", widest=1.0)

    def nearest(self, xy: Floats, limit_m: float) -> tuple[Ints, Floats, Floats]:
        """Give the nearest edge of each point, how far along it, and how far off.

        Of edges as near, the first; -1 where none is within the limit.
        """
        n = len(xy)
        edge, piece = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
        along, off = np.empty(n), np.empty(n)
        lines = read_only(self.coords, self.coord_offset, self.edge_of)
        grid = *read_only(self.cell_offset, self.piece), *self[7:12]
        most = float(limit_m * self.widest)

        def search(part: slice) -> None:
            out = edge[part], piece[part], along[part], off[part]
            little = n <= _LITTLE
            nearest_edges(xy[part], lines, grid, most, out, little=little)

        cuts = range(0, n, _MANY)
        parts = [slice(first, first + _MANY) for first in cuts]
        if len(parts) > 2:
            search(parts[0])  # compiles
            with ThreadPoolExecutor(cores()) as threads:
                list(threads.map(search, parts[1:]))
        else:
            for part in parts:
                search(part)
        if self.below:
            along, off = self._on_the_ground(xy, edge, piece)
            edge[off > limit_m] = -1
        return edge, shares(along, self.line_length_m[edge]), off

    def _on_the_ground(self, xy: Floats, edge: Ints, piece: Ints) -> tuple[Floats, Floats]:
        """Measure on the ellipsoid how far along and how far off points are, where a street is."""
        if not (there := edge >= 0).all():
            along, off = np.zeros(len(xy)), np.full(len(xy), np.nan)
            found = np.flatnonzero(there)
            along[found], off[found] = self._on_the_ground(xy[found], edge[found], piece[found])
            return along, off
        share, off = self.feet(xy, piece)
        begin, end = self.along_m[piece], self.along_m[piece + 1]
        return begin + share * (end - begin), off

    def feet(self, xy: Floats, piece: Ints) -> tuple[Floats, Floats]:
        """Find where given pieces are nearest to points: shares of the pieces, metres off."""
        ground = ellipsoid_under(self.below) if self.below else None
        if ground is not None and self.lonlat is not None:
            return ground.feet(ground.degrees(xy), self.lonlat, piece)
        one, other = self.coords[piece], self.coords[piece + 1]
        if ground is None:
            return foot(None, xy, one, other)
        here, a, b = ground.degrees(np.concatenate([xy, one, other])).reshape(3, -1, 2)
        return foot(ground, here, a, b)


def shares(along: Floats, whole: Floats) -> Floats:
    """Give how far along lines positions are as shares of their lengths; 0 on one of none."""
    found = np.divide(along, whole, out=np.zeros(len(along)), where=whole > 0)
    return np.clip(found, 0.0, 1.0)


def street_grid(network: StreetArrays) -> StreetGrid:
    """Give the grid of a network, made when first asked for and kept with it."""
    grid: StreetGrid = kept_with(network, "street grid", lambda: StreetGrid.of(network))
    return grid
