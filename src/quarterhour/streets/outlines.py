"""Where the outlines of places meet the streets, and which street is nearest to an outline."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, Mask, read_only
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.outline_kernels import nearest_of, where_met
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap_grid import StreetGrid, shares, street_grid

_HAIR_M = 1e-6


def crossings(outlines: npt.NDArray[np.object_], network: WalkNetwork) -> Positions:
    """Where streets meet outlines, with a leg of none.

    A street that runs along an outline meets it everywhere: the bends they share stand for it.
    """
    lines, row = _lines_of(outlines)
    xy, which = shapely.get_coordinates(lines, return_index=True)
    begins = np.diff(which, append=-1) == 0
    grid = street_grid(network)
    segment, piece, at = where_met(xy, begins, grid.coords, tuple(grid[5:12]))
    row, edge = row[which[segment]], grid.edge_of[piece].astype(np.int64)
    order = np.lexsort((piece, at[:, 1], at[:, 0], edge, row))
    told = np.column_stack([row, edge, at])[order]
    order = order[np.r_[True, (np.diff(told, axis=0) != 0).any(axis=1)][: len(order)]]
    row, edge, piece, at = row[order], edge[order], piece[order], at[order]
    along = grid.along_m[piece] + grid.feet(at, piece)[0] * network.steps_m[piece]
    share = shares(along, network.line_length_m[edge])
    return Positions(row, edge, share, np.zeros(len(row)))


def drawn_as_lines(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Give polygons as their outlines, and other shapes as they are."""
    found = shapes.copy()
    polygons = np.isin(shapely.get_type_id(shapes), (3, 6))
    found[polygons] = shapely.boundary(shapes[polygons])  # of a line these are its ends, and slow
    return found


def _lines_of(shapes: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], Ints]:
    """Give the lines that shapes are drawn with, and the shape of each."""
    lines, row = shapes, np.arange(len(shapes))
    while (shapely.get_type_id(lines) > 2).any():
        lines, part = shapely.get_parts(drawn_as_lines(lines), return_index=True)
        row = row[part]
    return lines, row


def nearest_lines(
    shapes: npt.NDArray[np.object_], network: WalkNetwork, limit_m: float
) -> tuple[Ints, Ints]:
    """Shapes with a street about within the limit, and of their streets the nearest, or the first.

    No street is farther than from a corner of its own.
    """
    grid = street_grid(network)
    lines, part = _lines_of(shapes)
    alone = shapely.get_type_id(lines) == 0  # a point in a collection: a line of no length
    if alone.any():
        twice = np.repeat(shapely.get_coordinates(lines[alone]), 2, axis=0).reshape(-1, 2, 2)
        lines = lines.copy()
        lines[alone] = shapely.linestrings(twice)
    xy, which = shapely.get_coordinates(lines, return_index=True)
    shape_of = part[which]
    most = limit_m * grid.widest
    corners, first = np.unique(shape_of, return_index=True)  # one is enough to begin with
    edge, _, off = grid.on_the_plane().nearest(xy[first], most)
    bound = np.full(len(shapes), most + _HAIR_M)
    bound[corners[edge >= 0]] = off[edge >= 0]
    shape, edge = _about_nearest((xy, np.diff(which, append=-1) == 0, shape_of), grid, bound)
    off = shapely.distance(shapes[shape], network.lines[edge])
    order = np.lexsort((edge, off, shape))
    found, first = np.unique(shape[order], return_index=True)
    return found, edge[order[first]]


def _about_nearest(
    outlines: tuple[Floats, Mask, Ints], grid: StreetGrid, bound: Floats
) -> tuple[Ints, Ints]:
    """Give outlines and the streets about as near to them as the nearest, each pair once."""
    streets = read_only(grid.coords, grid.edge_of)
    cells = *read_only(grid.cell_offset, grid.piece), *grid[7:12]
    room = 16 * len(bound) + 64
    while True:
        out = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        count = nearest_of(*outlines, streets, cells, _HAIR_M, bound, out)
        if count <= room:
            break
        room = count
    n_lines = len(grid.line_length_m)
    pairs = np.unique(out[0][:count] * n_lines + out[1][:count])
    return pairs // n_lines, pairs % n_lines
