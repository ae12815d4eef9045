"""Compiled loops for time fields: the nearest street position of a point, and its seconds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.kernels import Floats, Ints, Nodes, compiled

FAR = -1e18
"""Slack of what cannot be reached."""


class Streets(NamedTuple):
    """Straight pieces of streets, and a grid of square cells to find them by.

    Piece i runs from ``(ax, ay)`` by ``(dx, dy)`` and is the part ``fa`` to ``fb`` of ``edge``;
    ``inverse`` is 1 over its squared length, or 0. Cell (column, row) holds the pieces
    ``piece[offset[k]:offset[k + 1]]``, k = row * columns + column; its corner is
    ``(x0 + column * cell_m, y0 + row * cell_m)``. No cell holds more than ``most``.
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
    x0: float
    y0: float
    cell_m: float
    columns: int
    rows: int
    most: int


class Field(NamedTuple):
    """What a search knows: seconds at nodes, on edges, and at starts that lie on an edge.

    From u a walk takes ``fraction * ahead[edge]``, from v ``(1 - fraction) * back[edge]``. An
    edge with starts of its own is marked in ``has_start``; starts are sorted by edge and fraction.
    """

    node_s: Floats
    u: Nodes
    v: Nodes
    ahead: Floats
    back: Floats
    has_start: npt.NDArray[np.bool_]
    start_edge: Ints
    start_fraction: Floats
    start_s: Floats


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
def seconds_at(field: Any, edge: Any, fraction: Any) -> Any:
    """Seconds from the nearest start to a position on an edge."""
    s = field.node_s[field.u[edge]]
    if fraction > 0.0:
        s += fraction * field.ahead[edge]
    t = field.node_s[field.v[edge]]
    if fraction < 1.0:
        t += (1.0 - fraction) * field.back[edge]
    s = min(s, t)
    if field.has_start[edge]:
        k = np.searchsorted(field.start_edge, edge)
        while k < field.start_edge.size and field.start_edge[k] == edge:
            ahead = fraction - field.start_fraction[k]
            walk = 0.0
            if ahead > 0.0:
                walk = ahead * field.ahead[edge]
            elif ahead < 0.0:
                walk = -ahead * field.back[edge]
            s = min(s, field.start_s[k] + walk)
            k += 1
    return s


@compiled
def gather(streets: Any, x: Any, y: Any, near_m: Any, found: Any, distance: Any) -> Any:
    """Pieces within ``near_m`` (at most one cell) of a point; returns their number."""
    column = int((x - streets.x0) // streets.cell_m)
    row = int((y - streets.y0) // streets.cell_m)
    n = 0
    for r in range(max(0, row - 1), min(streets.rows, row + 2)):
        for c in range(max(0, column - 1), min(streets.columns, column + 2)):
            k = r * streets.columns + c
            for at in range(streets.offset[k], streets.offset[k + 1]):
                i = streets.piece[at]
                d2, _ = project(streets, i, x, y)
                if d2 <= near_m * near_m:
                    found[n] = i
                    distance[n] = np.sqrt(d2)
                    n += 1
    return n


@compiled
def keep_near(found: Any, distance: Any, n: Any, spread_m: Any) -> Any:
    """Drop pieces farther than the nearest one by more than ``spread_m``, and repeated ones.

    Returns how many are left, and the distance of the nearest. A piece that touches several
    cells was listed several times.
    """
    least = np.inf
    for j in range(n):
        least = min(least, distance[j])
    kept = 0
    for j in range(n):
        if distance[j] <= least + spread_m:
            twin = False
            for k in range(kept):
                if found[k] == found[j]:
                    twin = True
                    break
            if not twin:
                found[kept] = found[j]
                distance[kept] = distance[j]
                kept += 1
    return kept, least


@compiled
def nearest_lists(
    streets: Any, corner: Any, square_m: Any, reach_m: Any, offset: Any, piece: Any
) -> Any:
    """List, for each square of a tile, the pieces that may be nearest to one of its points.

    ``corner`` is (column, row) of the first square, ``offset`` has one entry more than there
    are squares (a whole square of them). Pieces beyond ``reach_m`` are nobody's. Returns how
    much room ``piece`` has to have; what does not fit is not written.
    """
    side = int(np.sqrt(offset.size - 1))
    half = square_m * np.sqrt(0.5)
    most = 9 * streets.most
    found = np.empty(most, np.int32)
    distance = np.empty(most)
    total = 0
    offset[0] = 0
    for square in range(side * side):
        x = (corner[0] + square % side + 0.5) * square_m
        y = (corner[1] + square // side + 0.5) * square_m
        n = gather(streets, x, y, reach_m + half, found, distance)
        n, _ = keep_near(found, distance, n, 2.0 * half)
        if total + n <= piece.size:
            piece[total : total + n] = found[:n]
        total += n
        offset[square + 1] = total
    return total


@compiled
def localise(streets: Any, field: Any, found: Any, n: Any, table: Any) -> Any:
    """Write down the pieces around a square, with their seconds; returns the number of rows.

    A row of ``table`` is x, y, dx, dy, 1 / length², edge, seconds at its start and at its end,
    and the seconds it takes ahead and back. A piece with starts on it is cut there, so that
    the seconds on a row are those of its nearer end.
    """
    rows = 0
    for j in range(n):
        i = found[j]
        edge = streets.edge[i]
        fa, fb = streets.fa[i], streets.fb[i]
        part = fb - fa
        low = fa
        k = field.start_edge.size
        if field.has_start[edge]:
            k = np.searchsorted(field.start_edge, edge)
        while True:
            high = fb
            while k < field.start_edge.size and field.start_edge[k] == edge:
                cut = field.start_fraction[k]
                k += 1
                if low < cut < fb:
                    high = cut
                    break
            wa = (low - fa) / part if part > 0.0 else 0.0
            wb = (high - fa) / part if part > 0.0 else 1.0
            share = wb - wa
            table[rows, 0] = streets.ax[i] + wa * streets.dx[i]
            table[rows, 1] = streets.ay[i] + wa * streets.dy[i]
            table[rows, 2] = share * streets.dx[i]
            table[rows, 3] = share * streets.dy[i]
            table[rows, 4] = streets.inverse[i] / (share * share) if share > 0.0 else 0.0
            table[rows, 5] = edge
            table[rows, 6] = seconds_at(field, edge, low)
            table[rows, 7] = seconds_at(field, edge, high)
            table[rows, 8] = (high - low) * field.ahead[edge] if high > low else 0.0
            table[rows, 9] = (high - low) * field.back[edge] if high > low else 0.0
            rows += 1
            low = high
            if high >= fb:
                break
    return rows


@compiled
def foot(table: Any, row: Any, x: Any, y: Any) -> Any:
    """Nearest point of a row: squared distance, and how far along the row (0 to 1)."""
    px = x - table[row, 0]
    py = y - table[row, 1]
    along = (px * table[row, 2] + py * table[row, 3]) * table[row, 4]
    along = min(1.0, max(0.0, along))
    ex = px - along * table[row, 2]
    ey = py - along * table[row, 3]
    return ex * ex + ey * ey, along


@compiled
def seconds_along(table: Any, row: Any, along: Any) -> Any:
    """Seconds to a position on a row: from whichever end is nearer in time."""
    s = table[row, 6]
    if along > 0.0:
        s += along * table[row, 8]
    t = table[row, 7]
    if along < 1.0:
        t += (1.0 - along) * table[row, 9]
    return min(s, t)


@compiled
def slack(table: Any, rows: Any, n: Any, x: Any, y: Any, rule: Any) -> Any:
    """Metres to spare at a point: at least 0 inside, negative outside, FAR if unreachable.

    ``rule`` is (limit_s, speed_m_s, reach_m). Of rows equally near, the lowest edge counts, as
    it does in snapping.
    """
    limit_s, speed, reach = rule
    best = np.inf
    nearest = -1
    along = 0.0
    for j in range(n):
        row = rows[j]
        d2, where = foot(table, row, x, y)
        if d2 < best or (d2 == best and table[row, 5] < table[nearest, 5]):
            best = d2
            nearest = row
            along = where
    if nearest < 0:
        return FAR
    d = np.sqrt(best)
    s = seconds_along(table, nearest, along)
    if not s < np.inf:
        return FAR
    return min(reach - d, (limit_s - s) * speed - d)


@compiled
def seconds_on_grid(streets: Any, field: Any, grid: Any, speed_m_s: Any, reach_m: Any) -> Any:
    """Seconds at the centres of the cells of a grid; infinity beyond ``reach_m`` of a street.

    ``grid`` is (x of the left edge, y of the upper edge, cell size, columns, rows); row 0 is
    the northernmost, as in an image.
    """
    left, top, size, columns, rows = grid
    seconds = np.full((rows, columns), np.inf)
    most = 9 * streets.most
    found = np.empty(most, np.int32)
    distance = np.empty(most)
    table = np.empty((most + field.start_edge.size, 10))
    everything = np.arange(table.shape[0])
    for row in range(rows):
        for column in range(columns):
            x = left + (column + 0.5) * size
            y = top - (row + 0.5) * size
            n = gather(streets, x, y, reach_m, found, distance)
            n, _ = keep_near(found, distance, n, 0.0)
            n = localise(streets, field, found, n, table)
            spare = slack(table, everything, n, x, y, (0.0, speed_m_s, np.inf))
            if spare > FAR:
                seconds[row, column] = -spare / speed_m_s
    return seconds
