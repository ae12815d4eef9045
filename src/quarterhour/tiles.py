"""Pieces of the plane with what is known of them whatever the walk: made once, used often."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.contour_kernels import contour
from quarterhour.field_kernels import Field, Streets, nearest_lists
from quarterhour.fields import streets_of
from quarterhour.network import Floats, Ints, WalkNetwork

SIDE = 16
"""Squares along the side of a tile."""

_KEPT = 400
"""Tiles that a network keeps; a town of 200 km² has no more."""

Rule = tuple[float, float, float]
"""Limit in seconds, speed in m/s, reach in metres."""


class Grain(NamedTuple):
    """Sampling step, and how often a square is cut into four before it has 2 × 2 steps."""

    step_m: float
    levels: int

    @property
    def square_m(self) -> float:
        """Side of the squares that a tile is made of."""
        return self.step_m * (2 << self.levels)


class Boundary(NamedTuple):
    """Pieces of a boundary: the grid lines each joins, and where it crosses the first."""

    keys: Ints
    xy: Floats


class _Tile(NamedTuple):
    lists: tuple[Ints, npt.NDArray[np.int32]]
    ready: tuple[Ints, Ints, Floats]
    column: int
    row: int
    side: int


_NOT_READY = (np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros((0, 2)))


def boundary(
    network: WalkNetwork,
    field: Field,
    box: tuple[float, float, float, float],
    rule: Rule,
    grain: Grain,
) -> Boundary:
    """Trace the boundary of what lies within a limit, tile by tile.

    ``box`` holds every street that is reached; see :func:`quarterhour.contour_kernels.contour`.
    """
    streets, reach_m = streets_of(network, rule[2]), rule[2]
    low = [int((c - reach_m) // grain.square_m) for c in box[:2]]
    high = [int((c + reach_m) // grain.square_m) + 1 for c in box[2:]]
    parts = []
    for row in range(low[1] // SIDE, (high[1] - 1) // SIDE + 1):
        for column in range(low[0] // SIDE, (high[0] - 1) // SIDE + 1):
            tile = _tile(network, reach_m, grain, column, row)
            first = (max(low[0], tile.column), max(low[1], tile.row))
            last = (min(high[0], tile.column + SIDE), min(high[1], tile.row + SIDE))
            window = (*first, last[0] - first[0], last[1] - first[1])
            parts.append(_contour(streets, tile, field, window, grain, rule)[0])
    return Boundary(*(np.concatenate([part[k] for part in parts]) for k in range(2)))


def _contour(
    streets: Streets, tile: _Tile, field: Field, window: Any, grain: Grain, rule: Rule
) -> tuple[Boundary, Ints]:
    room = 2 * (2 << grain.levels) ** 2 + 4096
    keys, xy = np.empty((room, 2), np.int64), np.empty((room, 2))
    n_squares = window[2] * window[3]
    marks = np.zeros(n_squares + 1, np.int64)
    square, n = 0, 0
    while True:
        out = (keys, xy, marks, n)
        square, n = contour(streets, tuple(tile), field, window, tuple(grain), rule, out, square)
        if square == n_squares:
            return Boundary(keys[:n], xy[:n]), marks
        # Growing outside the loop lets the compiler keep every address in a register.
        keys, xy = np.concatenate([keys, np.empty_like(keys)]), np.concatenate([xy, xy])


def _tile(network: WalkNetwork, reach_m: float, grain: Grain, column: int, row: int) -> _Tile:
    kept: dict[Any, _Tile] = network.__dict__.setdefault("_tiles", {})
    key = (reach_m, grain, column, row)
    if key not in kept:
        while len(kept) >= _KEPT:
            del kept[next(iter(kept))]
        kept[key] = _new_tile(network, reach_m, grain, column * SIDE, row * SIDE)
    return kept[key]


def _new_tile(network: WalkNetwork, reach_m: float, grain: Grain, column: int, row: int) -> _Tile:
    streets = streets_of(network, reach_m)
    offset = np.zeros(SIDE * SIDE + 1, dtype=np.int64)
    piece = np.empty(16 * SIDE * SIDE, dtype=np.int32)
    room = nearest_lists(streets, (column, row), grain.square_m, reach_m, offset, piece)
    if room > len(piece):
        piece = np.empty(room, dtype=np.int32)
        nearest_lists(streets, (column, row), grain.square_m, reach_m, offset, piece)
    tile = _Tile((offset, piece[:room].copy()), _NOT_READY, column, row, SIDE)
    everywhere = (1e12, 1.0, reach_m)
    window = (column, row, SIDE, SIDE)
    traced, marks = _contour(streets, tile, _at_once(network), window, grain, everywhere)
    return tile._replace(ready=(marks, traced.keys.copy(), traced.xy.copy()))


def _at_once(network: WalkNetwork) -> Field:
    """Field of a walk that is everywhere in no time: only the reach off the streets counts."""
    if "_at_once" not in network.__dict__:
        u, v = (np.ascontiguousarray(c) for c in network.edge_nodes.T)
        nowhere, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
        still = np.zeros(network.n_edges)
        network.__dict__["_at_once"] = Field(
            np.zeros(network.n_nodes),
            u,
            v,
            still,
            still,
            np.zeros(network.n_edges, dtype=bool),
            nowhere,
            nothing,
            nothing,
        )
    field: Field = network.__dict__["_at_once"]
    return field
