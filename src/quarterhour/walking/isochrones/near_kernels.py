"""Compiled loops that find the streets near squares of the plane."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from quarterhour.walking.search_kernels import Floats, Ints, Nodes, compiled

HAIR_M = 1e-6
"""What touches a square at a corner counts as in it, however the numbers were rounded."""


class Streets(NamedTuple):
    """Straight pieces of streets, and a grid of square cells to find them by.

    Piece i runs from ``(ax, ay)`` by ``(dx, dy)`` and is the part ``fa`` to ``fb`` of ``edge``;
    ``inverse`` is 1 over its squared length, or 0. Cell (column, row) holds the pieces
    ``piece[offset[k]:offset[k + 1]]``, k = row * columns + column; its corner is
    ``(x0 + column * cell_m, y0 + row * cell_m)``. No cell holds more than ``most``. The first
    cell that holds piece i is ``(column[i], row[i])``.
    """

    ax: Floats
    ay: Floats
    dx: Floats
    dy: Floats
    inverse: Floats
    fa: Floats
    fb: Floats
    edge: Nodes
    offset: Ints
    piece: Nodes
    column: Nodes
    row: Nodes
    x0: float
    y0: float
    cell_m: float
    columns: int
    rows: int
    most: int


@compiled
def cell_lists(box: Any, x0: Any, y0: Any, cell_m: Any, shape: Any) -> Any:
    """List the pieces whose bounding box touches each cell.

    ``box`` is (k, 4): west, south, east, north; ``shape`` is (columns, rows).
    """
    columns, rows = shape
    offset = np.zeros(columns * rows + 1, np.int64)
    place = offset[:-1].copy()
    piece = np.empty(0, np.int32)
    for writing in range(2):
        for i in range(box.shape[0]):
            for row in range(int((box[i, 1] - y0) // cell_m), int((box[i, 3] - y0) // cell_m) + 1):
                k = row * columns
                for column in range(
                    int((box[i, 0] - x0) // cell_m), int((box[i, 2] - x0) // cell_m) + 1
                ):
                    if writing:
                        piece[place[k + column]] = i
                        place[k + column] += 1
                    else:
                        offset[k + column + 1] += 1
        if not writing:
            for k in range(columns * rows):
                offset[k + 1] += offset[k]
            place = offset[:-1].copy()
            piece = np.empty(offset[-1], np.int32)
    return offset, piece


@compiled
def edges_at(offset: Any, edge: Any, node: Any, own: Any, seen: Any) -> Any:
    """Edges at some nodes, and those given besides, each once.

    Those at node i are ``edge[offset[i]:offset[i + 1]]``; ``seen`` is false for all, and is so
    again on return.
    """
    n = own.size
    for i in node:
        n += offset[i + 1] - offset[i]
    found = np.empty(n, np.int64)
    n = 0
    for e in own:
        if not seen[e]:
            seen[e] = True
            found[n] = e
            n += 1
    for i in node:
        for at in range(offset[i], offset[i + 1]):
            if not seen[edge[at]]:
                seen[edge[at]] = True
                found[n] = edge[at]
                n += 1
    for e in found[:n]:
        seen[e] = False
    return found[:n]


@compiled
def windows(box: Any, edges: Any, reach_m: Any, square_m: Any, side: Any) -> Any:
    """Find the tiles that the surroundings of some edges touch, and the squares of each to look at.

    Returns (column, row, columns, rows) of squares of each such tile; tiles are side × side
    squares.
    """
    most: Any = np.int64(1) << 60
    span = np.empty((edges.size, 4), np.int64)
    west, south, east, north = most, most, -most, -most
    for k in range(edges.size):
        for axis in range(4):
            outwards = reach_m + HAIR_M if axis > 1 else -reach_m - HAIR_M
            span[k, axis] = np.int64((box[edges[k], axis] + outwards) // square_m)
        west, south = min(west, span[k, 0] // side), min(south, span[k, 1] // side)
        east, north = max(east, span[k, 2] // side), max(north, span[k, 3] // side)
    columns = east - west + 1
    tiles = np.empty((columns * (north - south + 1), 4), np.int64)
    for tile in range(tiles.shape[0]):
        tiles[tile, 0], tiles[tile, 1], tiles[tile, 2], tiles[tile, 3] = most, most, -most, -most
    for k in range(edges.size):
        for row in range(span[k, 1] // side, span[k, 3] // side + 1):
            for column in range(span[k, 0] // side, span[k, 2] // side + 1):
                tile = (row - south) * columns + column - west
                tiles[tile, 0] = min(tiles[tile, 0], max(span[k, 0], column * side))
                tiles[tile, 1] = min(tiles[tile, 1], max(span[k, 1], row * side))
                tiles[tile, 2] = max(tiles[tile, 2], min(span[k, 2], column * side + side - 1))
                tiles[tile, 3] = max(tiles[tile, 3], min(span[k, 3], row * side + side - 1))
    n = 0
    for tile in range(tiles.shape[0]):
        if tiles[tile, 0] < most:
            tiles[n, 2] = tiles[tile, 2] - tiles[tile, 0] + 1
            tiles[n, 3] = tiles[tile, 3] - tiles[tile, 1] + 1
            tiles[n, 0], tiles[n, 1] = tiles[tile, 0], tiles[tile, 1]
            n += 1
    return tiles[:n]


@compiled
def project(streets: Any, i: Any, x: Any, y: Any) -> Any:
    """Nearest point of piece i: squared distance, and how far along the piece (0 to 1)."""
    dx = streets.dx[i]
    dy = streets.dy[i]
    px = x - streets.ax[i]
    py = y - streets.ay[i]
    along = min(1.0, max(0.0, (px * dx + py * dy) * streets.inverse[i]))
    ex = px - along * dx
    ey = py - along * dy
    return ex * ex + ey * ey, along


@compiled
def gather(streets: Any, x: Any, y: Any, near_m: Any, found: Any) -> Any:
    """Pieces within ``near_m`` (at most one cell) of a point; returns their number."""
    column = int((x - streets.x0) // streets.cell_m)
    row = int((y - streets.y0) // streets.cell_m)
    west, south = max(0, column - 1), max(0, row - 1)
    n = 0
    for r in range(south, min(streets.rows, row + 2)):
        for c in range(west, min(streets.columns, column + 2)):
            k = r * streets.columns + c
            for at in range(streets.offset[k], streets.offset[k + 1]):
                i = streets.piece[at]
                # A piece that touches several of these cells is taken in the first of them.
                if (c > west and streets.column[i] < c) or (r > south and streets.row[i] < r):
                    continue
                d2, _ = project(streets, i, x, y)
                if d2 <= near_m * near_m:
                    found[n] = i
                    n += 1
    return n


@compiled
def square_of(column: Any, row: Any, side: Any) -> Any:
    """Number of a square in a tile: by blocks of 4 × 4, in each row by row."""
    return 16 * ((row // 4) * (side // 4) + column // 4) + 4 * (row % 4) + column % 4


@compiled
def nearest_lists(
    streets: Any, corner: Any, square_m: Any, reach_m: Any, offset: Any, piece: Any
) -> Any:
    """List, for each square of a tile, the pieces that may be nearest to one of its points.

    ``corner`` is (column, row) of the first square, ``offset`` has one entry more than there
    are squares, which make a square tile of blocks of 4 × 4. Squares are numbered block by
    block (:func:`square_of`). Pieces beyond ``reach_m`` are nobody's. Returns how much room
    ``piece`` has to have; what does not fit is not written.
    """
    side = int(np.sqrt(offset.size - 1))
    half = square_m * np.sqrt(0.5)
    found = np.empty(9 * streets.most, np.int32)
    squared = np.empty(found.size)
    shape = np.empty((5, found.size))
    mine = np.empty(found.size, np.int32)
    my_shape = np.empty((5, found.size))
    used = np.empty(found.size, np.bool_)
    offset[0] = 0
    total = 0
    # The pieces around 4 x 4 squares are gathered together; each square then takes its own, and
    # keeps those that may be nearest in one of its quarters.
    for block in range((side // 4) ** 2):
        column = corner[0] + 4 * (block % (side // 4))
        row = corner[1] + 4 * (block // (side // 4))
        x, y = (column + 2) * square_m, (row + 2) * square_m
        n = gather(streets, x, y, reach_m + 4.0 * half + HAIR_M, found)
        for j in range(n):
            shape[0, j] = streets.ax[found[j]]
            shape[1, j] = streets.ay[found[j]]
            shape[2, j] = streets.dx[found[j]]
            shape[3, j] = streets.dy[found[j]]
            shape[4, j] = streets.inverse[found[j]]
        for square in range(16):
            x = (column + square % 4) * square_m
            y = (row + square // 4) * square_m
            least = _squared(shape, n, x + 0.5 * square_m, y + 0.5 * square_m, squared)
            most = (min(reach_m, least + half) + half + HAIR_M) ** 2
            kept = 0
            for j in range(n):
                if squared[j] <= most:
                    mine[kept] = found[j]
                    used[kept] = False
                    for axis in range(5):
                        my_shape[axis, kept] = shape[axis, j]
                    kept += 1
            for part in range(4 if kept > 0 else 0):
                px = x + (0.25 + 0.5 * (part % 2)) * square_m
                py = y + (0.25 + 0.5 * (part // 2)) * square_m
                least = _squared(my_shape, kept, px, py, squared)
                most = (min(reach_m, least + 0.5 * half) + 0.5 * half + HAIR_M) ** 2
                for j in range(kept):
                    used[j] |= squared[j] <= most
            for j in range(kept):
                if used[j]:
                    at = total
                    total += 1
                    while (
                        at < piece.size
                        and at > offset[16 * block + square]
                        and piece[at - 1] > mine[j]
                    ):
                        piece[at] = piece[at - 1]
                        at -= 1
                    if at < piece.size:
                        piece[at] = mine[j]
            offset[16 * block + square + 1] = total
    return total


@compiled
def _squared(shape: Any, n: Any, x: Any, y: Any, squared: Any) -> Any:
    """Write squared distances of pieces from a point; returns the least distance (no square)."""
    ax, ay, dx, dy, inverse = shape[0], shape[1], shape[2], shape[3], shape[4]
    for j in range(n):
        px = x - ax[j]
        py = y - ay[j]
        along = (px * dx[j] + py * dy[j]) * inverse[j]
        along = along if along > 0.0 else 0.0
        along = along if along < 1.0 else 1.0
        ex = px - along * dx[j]
        ey = py - along * dy[j]
        squared[j] = ex * ex + ey * ey
    least = np.inf
    for j in range(n):
        least = squared[j] if squared[j] < least else least
    return np.sqrt(least)
