"""Pieces of the plane with what is known of them whatever the walk: made once, used often."""

from __future__ import annotations

from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.street_arrays import kept_with
from quarterhour.walking.isochrones.contour_kernels import BLOCK, contour
from quarterhour.walking.isochrones.field_kernels import Field
from quarterhour.walking.isochrones.fields import edge_boxes, edge_ends, streets_of
from quarterhour.walking.isochrones.near_kernels import Streets, nearest_lists, windows

SIDE = 16
"""Squares along the side of a tile."""

_KEPT = 4_000
"""Tiles that a network keeps; they cover a town of 2,000 km²."""

_USES = 4
"""So many times a tile is traced anew before it pays to do so for good."""

_ROOM = 1 << 14
"""Boundary pieces that there is room for at first; memory that is not written to costs nothing."""

Rule = tuple[float, float, float]
"""Limit in seconds, speed and reach in units of the plane, of which a metre is about one."""

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


class Boundary:
    """Pieces of a boundary: the grid lines each joins, and where it crosses the first."""

    def __init__(self) -> None:
        self._keys, self._xy = np.empty((_ROOM, 2), np.int64), np.empty((_ROOM, 2))
        self._n = 0

    @property
    def keys(self) -> Ints:
        """Numbers of the grid lines that a piece begins on and ends on."""
        return self._keys[: self._n]

    @property
    def xy(self) -> Floats:
        """Where a piece begins."""
        return self._xy[: self._n]

    def add(self, tile: Tile, field: Field, window: Window, rule: Rule) -> Ints:
        """Trace some squares of a tile; returns how many pieces there are before each."""
        n_squares = window[2] * window[3]
        marks = np.zeros(n_squares + 1, np.int64)
        known = (tile.lists, tile.ready, *tile.corner, SIDE)
        grain = tuple(tile.grain)
        square = 0
        while True:
            out = (self._keys, self._xy, marks, self._n)
            square, self._n = contour(tile.streets, known, field, window, grain, rule, out, square)
            if square == n_squares:
                return marks
            # Growing outside the loop lets the compiler keep every address in a register.
            self._keys = np.concatenate([self._keys, np.empty_like(self._keys)])
            self._xy = np.concatenate([self._xy, np.empty_like(self._xy)])


class Tile:
    """Squares of the plane, the pieces of street near each, and their boundary off the streets.

    It learns while it is traced, so it is traced by one thread at a time.
    """

    def __init__(self, streets: Streets, reach_m: float, grain: Grain, corner: tuple[int, int]):
        self.streets, self.reach_m, self.grain, self.corner = streets, reach_m, grain, corner
        self.uses = 0
        self.lock = Lock()
        self.lists: tuple[npt.NDArray[Any], ...] = ()
        self.ready = np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros((0, 2))

    def trace(self, field: Field, window: Window, rule: Rule, at_once: Field, to: Boundary) -> None:
        """Trace a boundary in some of the squares.

        ``at_once`` is the field of a walk that is everywhere in no time: once the tile has
        been used a few times its boundary is traced for good.
        """
        with self.lock:
            self.uses += 1
            if self.uses == 1:
                self.lists = self._lists()
            if self.uses == _USES:
                known = Boundary()
                everywhere = (1e12, 1.0, self.reach_m)
                marks = known.add(self, at_once, (*self.corner, SIDE, SIDE), everywhere)
                self.ready = marks, known.keys.copy(), known.xy.copy()
            to.add(self, field, window, rule)

    def _lists(self) -> tuple[npt.NDArray[Any], ...]:
        n = SIDE * SIDE
        offset, piece = np.zeros(n + 1, dtype=np.int64), np.empty(16 * n, dtype=np.int32)
        where = (self.streets, self.corner, self.grain.square_m, self.reach_m)
        room = nearest_lists(*where, offset, piece)
        if room > len(piece):
            piece = np.empty(room, dtype=np.int32)
            nearest_lists(*where, offset, piece)
        return offset, np.diff(offset), np.zeros(n, dtype=bool), piece[:room].copy()


class Tiles:
    """Tiles of a network, made when first asked for; those unused for longest are given up."""

    def __init__(self, network: WalkNetwork, reach_m: float, grain: Grain):
        self.streets, self.reach_m, self.grain = streets_of(network, round(reach_m)), reach_m, grain
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

    ``edges`` are those that may be reached; see
    :func:`quarterhour.walking.isochrones.contour_kernels.contour`.
    """
    tiles = tiles_of(network, rule[2], grain)
    squares = windows(edge_boxes(network), edges, rule[2], grain.square_m, SIDE)
    traced = Boundary()
    for window in squares.tolist():
        tiles.at(*window[:2]).trace(field, tuple(window), rule, tiles.at_once, traced)
    return traced


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
