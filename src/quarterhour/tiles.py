"""Pieces of the plane with what is known of them whatever the walk: made once, used often."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np

from quarterhour.contour_kernels import BLOCK, contour
from quarterhour.field_kernels import Field
from quarterhour.fields import edge_boxes, edge_ends, kept_with, streets_of
from quarterhour.near_kernels import Streets, nearest_lists, windows
from quarterhour.network import Floats, Ints, WalkNetwork

SIDE = 16
"""Squares along the side of a tile."""

_KEPT = 4_000
"""Tiles that a network keeps; they cover a town of 2,000 km²."""

_USES = 4
"""So many times a tile is traced anew before it pays to do so for good."""

Rule = tuple[float, float, float]
"""Limit in seconds, speed in m/s, reach in metres."""

Window = tuple[int, int, int, int]
"""First column and row of squares, and how many of each."""


class Grain(NamedTuple):
    """Sampling step, and how often a square is cut into four before it has 8 × 8 steps."""

    step_m: float
    levels: int

    @property
    def square_m(self) -> float:
        """Side of the squares that a tile is made of."""
        return self.step_m * (BLOCK << self.levels)


class Boundary(NamedTuple):
    """Pieces of a boundary: the grid lines each joins, and where it crosses the first."""

    keys: Ints
    xy: Floats


class Tile:
    """Squares of the plane, the pieces of street near each, and their boundary off the streets.

    It learns while it is traced, so it is traced by one thread at a time.
    """

    def __init__(self, streets: Streets, reach_m: float, grain: Grain, corner: tuple[int, int]):
        self.streets, self.reach_m, self.grain, self.corner = streets, reach_m, grain, corner
        self.uses = 0
        self.lock = Lock()
        offset = np.zeros(SIDE * SIDE + 1, dtype=np.int64)
        piece = np.empty(16 * SIDE * SIDE, dtype=np.int32)
        room = nearest_lists(streets, corner, grain.square_m, reach_m, offset, piece)
        if room > len(piece):
            piece = np.empty(room, dtype=np.int32)
            nearest_lists(streets, corner, grain.square_m, reach_m, offset, piece)
        settled = np.zeros(SIDE * SIDE, dtype=bool)
        self.lists = (offset, np.diff(offset), settled, piece[:room].copy())
        self.ready = np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros((0, 2))

    def trace(self, field: Field, window: Window, rule: Rule, at_once: Field) -> Boundary:
        """Trace a boundary in some of the squares.

        ``at_once`` is the field of a walk that is everywhere in no time: once the tile has
        been used a few times its boundary is traced for good.
        """
        with self.lock:
            self.uses += 1
            if self.uses == _USES:
                everywhere = (1e12, 1.0, self.reach_m)
                whole = (*self.corner, SIDE, SIDE)
                traced, marks = self._contour(at_once, whole, everywhere)
                self.ready = marks, traced.keys.copy(), traced.xy.copy()
            return self._contour(field, window, rule)[0]

    def _contour(self, field: Field, window: Window, rule: Rule) -> tuple[Boundary, Ints]:
        room = 2 * (BLOCK << self.grain.levels) ** 2 + 4096
        keys, xy = np.empty((room, 2), np.int64), np.empty((room, 2))
        n_squares = window[2] * window[3]
        marks = np.zeros(n_squares + 1, np.int64)
        tile = (self.lists, self.ready, *self.corner, SIDE)
        square, n = 0, 0
        while True:
            out = (keys, xy, marks, n)
            square, n = contour(
                self.streets, tile, field, window, tuple(self.grain), rule, out, square
            )
            if square == n_squares:
                return Boundary(keys[:n], xy[:n]), marks
            # Growing outside the loop lets the compiler keep every address in a register.
            keys, xy = np.concatenate([keys, np.empty_like(keys)]), np.concatenate([xy, xy])


class Tiles:
    """Tiles of a network, made when first asked for; those unused for longest are given up."""

    def __init__(self, network: WalkNetwork, reach_m: float, grain: Grain):
        self.streets, self.reach_m, self.grain = streets_of(network, reach_m), reach_m, grain
        self.kept: dict[tuple[int, int], Tile] = {}
        self.lock = Lock()
        self.at_once = _at_once(network)

    def at(self, column: int, row: int) -> Tile:
        """Give the tile that holds a square."""
        corner = column // SIDE * SIDE, row // SIDE * SIDE
        with self.lock:
            tile = self.kept.pop(corner, None)
            while len(self.kept) >= _KEPT:
                del self.kept[next(iter(self.kept))]
            if tile is None:
                tile = Tile(self.streets, self.reach_m, self.grain, corner)
            self.kept[corner] = tile
        return tile


def boundary(network: WalkNetwork, field: Field, edges: Ints, rule: Rule, grain: Grain) -> Boundary:
    """Trace the boundary of what lies within a limit, tile by tile.

    ``edges`` are those that may be reached; see :func:`quarterhour.contour_kernels.contour`.
    """
    tiles = tiles_of(network, rule[2], grain)
    squares = windows(edge_boxes(network), edges, rule[2], grain.square_m, SIDE)
    parts = [
        tiles.at(*window[:2]).trace(field, tuple(window), rule, tiles.at_once)
        for window in squares.tolist()
    ]
    return Boundary(*(np.concatenate([part[k] for part in parts]) for k in range(2)))


def tiles_of(network: WalkNetwork, reach_m: float, grain: Grain) -> Tiles:
    """Tiles of one kind, kept with the network."""
    tiles: Tiles = kept_with(
        network, ("tiles", reach_m, grain), lambda: Tiles(network, reach_m, grain)
    )
    return tiles


def _at_once(network: WalkNetwork) -> Field:
    """Field of a walk that is everywhere in no time: only the reach off the streets counts."""
    nowhere, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    still = np.zeros(network.n_edges)
    marked = np.zeros(network.n_edges, dtype=bool)
    seconds = np.zeros(network.n_nodes)
    return Field(seconds, *edge_ends(network), still, still, marked, nowhere, nothing, nothing)
