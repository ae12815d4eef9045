"""Which object goes into which tiles: ways whole, and the relations that make shapes whole."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Ints
from quarterhour.sources.country.regions import Cells
from quarterhour.sources.country.survey import Relation, Survey, positions

_BATCH = 1 << 20

_Codes = npt.NDArray[np.int32]


class Membership(NamedTuple):
    """A code of ``holders``, the sets of tiles, for each node and way; relations by their id."""

    node: _Codes
    way: _Codes
    relation: dict[int, int]
    holders: list[frozenset[int]]


class _Sets:
    """Sets of tiles by number, and what two of them are together."""

    def __init__(self, holders: list[frozenset[int]]) -> None:
        self.holders = list(holders)
        self.known = {tiles: code for code, tiles in enumerate(self.holders)}
        self.joined: dict[tuple[int, ...], int] = {}

    def both(self, *codes: int) -> int:
        """Give the code of all tiles of some codes."""
        if codes not in self.joined:
            tiles = frozenset().union(*(self.holders[code] for code in codes))
            if tiles not in self.known:
                self.known[tiles] = len(self.holders)
                self.holders.append(tiles)
            self.joined[codes] = self.known[tiles]
        return self.joined[codes]


def membership(found: Survey, cells: Cells, folder: Path) -> Membership:
    """Say which tiles hold each object.

    A node is held where it lies in a cell of the tile. A way of which a node is held is held
    whole, with all its nodes; so is a relation that makes a shape, with all its ways.

    Parameters
    ----------
    found
        What there is.
    cells
        Which ground each tile holds.
    folder
        Where the codes of the nodes are kept, which are too many for memory.
    """
    sets = _Sets(cells.holders)
    node = np.memmap(folder / "node_code", np.int32, "w+", shape=(len(found.node_id),))
    for first in range(0, len(node), _BATCH):
        part = np.arange(first, min(first + _BATCH, len(node)))
        node[part] = cells.at(found.lonlat(part))
    way = _ways(found, node, sets)
    relation = {one.osmid: _held(one, found, node, way, sets) for one in found.relations}
    _complete(found, relation, way, sets)
    _with_their_nodes(found, node, way, sets)
    for one in found.relations:
        if code := relation[one.osmid]:
            at = positions(found.node_id, one.nodes)
            for place in at[at >= 0].tolist():
                node[place] = sets.both(int(node[place]), code)
    return Membership(node, way, relation, sets.holders)


def _ways(found: Survey, node: _Codes, sets: _Sets) -> _Codes:
    """Give for each way the tiles that hold any of its nodes."""
    offset = np.asarray(found.way_offset)
    way = np.zeros(len(offset) - 1, dtype=np.int32)
    for first, last in _batches(offset):
        refs = np.asarray(found.way_nodes[offset[first] : offset[last]])
        codes = np.where(refs >= 0, node[refs], 0)
        row = np.repeat(np.arange(last - first), np.diff(offset[first : last + 1]))
        most = np.zeros(last - first, dtype=np.int32)
        least = np.full(last - first, np.iinfo(np.int32).max, dtype=np.int32)
        np.maximum.at(most, row, codes)
        np.minimum.at(least, row, codes)
        mixed = most > least
        way[first:last] = most
        if mixed.any():
            pairs = np.unique(np.column_stack([row, codes])[mixed[row]], axis=0)
            for one, several in _grouped(pairs):
                way[first + one] = sets.both(*several)
    return way


def _held(one: Relation, found: Survey, node: _Codes, way: _Codes, sets: _Sets) -> int:
    ways, nodes = positions(found.way_id, one.ways), positions(found.node_id, one.nodes)
    codes = np.unique(np.concatenate([way[ways[ways >= 0]], node[nodes[nodes >= 0]], [0]]))
    return sets.both(*codes.tolist())


def _complete(found: Survey, relation: dict[int, int], way: _Codes, sets: _Sets) -> None:
    for one in found.relations:
        if code := relation[one.osmid]:
            at = positions(found.way_id, one.ways)
            for place in at[at >= 0].tolist():
                way[place] = sets.both(int(way[place]), code)


def _with_their_nodes(found: Survey, node: _Codes, way: _Codes, sets: _Sets) -> None:
    """Give nodes to all tiles that hold their ways."""
    offset = np.asarray(found.way_offset)
    for first, last in _batches(offset):
        refs = np.asarray(found.way_nodes[offset[first] : offset[last]])
        codes = np.repeat(way[first:last], np.diff(offset[first : last + 1]))
        other = (refs >= 0) & (codes != node[refs]) & (codes > 0)
        for place, code in zip(refs[other].tolist(), codes[other].tolist(), strict=True):
            node[place] = sets.both(int(node[place]), code)


def _batches(offset: Ints) -> list[tuple[int, int]]:
    """Cut ways into runs of about as many nodes."""
    n = len(offset) - 1
    cuts = np.searchsorted(offset, np.arange(0, int(offset[-1]) + _BATCH, _BATCH))
    ends = np.unique(np.minimum(np.concatenate([[0], cuts, [n]]), n)).tolist()
    return list(pairwise(ends))


def _grouped(pairs: npt.NDArray[np.int64]) -> list[tuple[int, tuple[int, ...]]]:
    first = np.flatnonzero(np.diff(pairs[:, 0], prepend=-1))
    ends = [*first[1:].tolist(), len(pairs)]
    return [
        (int(pairs[a, 0]), tuple(pairs[a:b, 1].tolist()))
        for a, b in zip(first.tolist(), ends, strict=True)
    ]
