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

_KEPT = 1_000
"""Tiles that a network keeps; a town of 500 km² has no more."""

_USES = 2
"""So many times a tile is traced anew before it pays to do so for good."""

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
    """What ``contour`` knows of a tile."""

    lists: tuple[Ints, npt.NDArray[np.int32]]
    ready: tuple[Ints, Ints, Floats]
    column: int
    row: int
    side: int


_NOT_READY = (np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros((0, 2)))


def boundary(
    network: WalkNetwork, field: Field, boxes: Floats, rule: Rule, grain: Grain
) -> Boundary:
    """Trace the boundary of what lies within a limit, tile by tile.

    ``boxes`` are the bounds of the streets that may be reached; see
    :func:`quarterhour.contour_kernels.contour`.
    """
    streets, reach_m = streets_of(network, rule[2]), rule[2]
    # Squares that the surroundings of each street span: first column and row, last ones.
    spans = np.floor_divide(boxes + reach_m * np.array([-1, -1, 1, 1]), grain.square_m)
    spans = spans.astype(np.int64)
    low, high = spans[:, :2].min(axis=0), spans[:, 2:].max(axis=0)
    parts = []
    for row in range(low[1] // SIDE, high[1] // SIDE + 1):
        band = spans[(spans[:, 1] // SIDE <= row) & (spans[:, 3] // SIDE >= row)]
        for column in range(low[0] // SIDE, high[0] // SIDE + 1):
            if ((band[:, 0] // SIDE <= column) & (band[:, 2] // SIDE >= column)).any():
                tile = _tile(network, reach_m, grain, column, row)
                first = max(int(low[0]), tile.column), max(int(low[1]), tile.row)
                last = [min(int(h), c + SIDE - 1) for h, c in zip(high, tile[2:4], strict=True)]
                window = (*first, last[0] - first[0] + 1, last[1] - first[1] + 1)
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
    """Give a tile, and trace in advance what never changes once it has been used a few times."""
    kept: dict[Any, tuple[_Tile, int]] = network.__dict__.setdefault("_tiles", {})
    key = (reach_m, grain, column, row)
    if key in kept:
        tile, uses = kept.pop(key)
    else:
        tile, uses = _new_tile(network, reach_m, grain, column * SIDE, row * SIDE), 0
    if uses == _USES:
        everywhere = (1e12, 1.0, reach_m)
        window = (tile.column, tile.row, SIDE, SIDE)
        streets = streets_of(network, reach_m)
        traced, marks = _contour(streets, tile, _at_once(network), window, grain, everywhere)
        tile = tile._replace(ready=(marks, traced.keys.copy(), traced.xy.copy()))
    while len(kept) >= _KEPT:
        del kept[next(iter(kept))]  # the one that has gone unused for longest
    kept[key] = (tile, uses + 1)
    return tile


def _new_tile(network: WalkNetwork, reach_m: float, grain: Grain, column: int, row: int) -> _Tile:
    streets = streets_of(network, reach_m)
    offset = np.zeros(SIDE * SIDE + 1, dtype=np.int64)
    piece = np.empty(16 * SIDE * SIDE, dtype=np.int32)
    room = nearest_lists(streets, (column, row), grain.square_m, reach_m, offset, piece)
    if room > len(piece):
        piece = np.empty(room, dtype=np.int32)
        nearest_lists(streets, (column, row), grain.square_m, reach_m, offset, piece)
    return _Tile((offset, piece[:room].copy()), _NOT_READY, column, row, SIDE)


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
