"""Carriageways whose pavements are ways of their own: ``sidewalk=separate``, ``use_sidepath``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Mask, components
from quarterhour.places.notes import Note
from quarterhour.sources.osm.file import FloatArray, IntArray
from quarterhour.sources.osm.shapes import gather

PAVEMENT_WITHIN_M = 25.0
SAMPLE_M = 10.0
PAVEMENT_SHARE = 0.5


@dataclass(frozen=True)
class Edges:
    """Edges while the network is being made."""

    nodes: IntArray  # (m, 2)
    place: IntArray  # the node positions along each line, end to end
    offset: IntArray  # line of edge e: place[offset[e]:offset[e + 1]]
    row: IntArray  # the way, or other row, that each edge is a piece of

    def only(self, chosen: Mask) -> Edges:
        """Give some of the edges."""
        flat, _ = gather(self.offset, np.flatnonzero(chosen))
        offset = np.concatenate([[0], np.cumsum(np.diff(self.offset)[chosen])])
        return Edges(self.nodes[chosen], self.place[flat], offset, self.row[chosen])

    def lines(self, xy: FloatArray) -> npt.NDArray[np.object_]:
        """Draw the edges."""
        index = np.repeat(np.arange(len(self.row)), np.diff(self.offset))
        return np.asarray(shapely.linestrings(xy[self.place], indices=index), dtype=object)


def left_out(edges: Edges, xy: FloatArray, separate: Mask, footway: Mask) -> tuple[Mask, str]:
    """Choose the carriageway edges that are not walked because a footway runs beside them.

    An edge tagged so is left out if footways are really drawn within 25 m of at least half of
    its way, and if it is not the only link between two parts of the network: missing crossings
    must not cut a street off.

    Parameters
    ----------
    edges
        All edges, their nodes numbered 0, 1, 2, ...
    xy
        The file's nodes in metres.
    separate
        Edges whose tags say that the pavements are separate ways.
    footway
        Edges that are footways (crossings apart).

    Returns
    -------
    tuple
        Mask of the edges to leave out, and a sentence with the figures.
    """
    carriageways = edges.only(separate).lines(xy)
    length = np.zeros(len(edges.row))
    length[separate] = shapely.length(carriageways)
    beside = _share_beside(carriageways, edges.row[separate], edges.only(footway).lines(xy))
    candidate = separate.copy()
    candidate[separate] = beside >= PAVEMENT_SHARE
    links = _needed_links(edges.nodes, length, candidate)
    gone = candidate & ~links
    note = Note(
        "pavements_drawn",
        "Carriageways with separately drawn pavements (sidewalk=separate, "
        "foot=use_sidepath): {0:.1f} km are not walked; kept are {1:.1f} km without a footway "
        "beside them and {2:.1f} km that link parts of the network.",
        length[gone].sum() / 1000,
        length[separate & ~candidate].sum() / 1000,
        length[links].sum() / 1000,
    )
    return gone, note


def _share_beside(
    lines: npt.NDArray[np.object_], row: IntArray, footways: npt.NDArray[np.object_]
) -> FloatArray:
    """Return, for each edge, the share of its way that has a footway within reach."""
    if not len(footways):
        return np.zeros(len(row))
    dense = shapely.segmentize(lines, SAMPLE_M)
    xy, edge = shapely.get_coordinates(dense, return_index=True)
    tree = shapely.STRtree(footways)
    beside = np.zeros(len(xy), bool)
    beside[np.unique(tree.query(shapely.points(xy), "dwithin", PAVEMENT_WITHIN_M)[0])] = True
    way = row[edge]
    total, near = np.bincount(way), np.bincount(way, weights=beside)
    return np.asarray(near[row] / total[row])


def _needed_links(edge_nodes: npt.NDArray[Any], length: FloatArray, candidate: Mask) -> Mask:
    """Find the shortest set of candidate edges without which the rest falls apart.

    And those from one part of the rest straight to another: a drive that meets the carriageway
    between two crossings is left in both directions.
    """
    n = int(edge_nodes.max()) + 1
    u, v = edge_nodes[~candidate].T
    part = components(n, u, v)
    is_rest = np.zeros(part.max() + 1, bool)
    is_rest[part[edge_nodes[~candidate]]] = True
    tree = _spanning_forest(part[edge_nodes], length, candidate)
    # Branches that lead nowhere are not links: take them off leaf by leaf.
    needed = np.zeros(len(length), bool)
    needed[tree] = True
    far = part[edge_nodes]
    needed |= candidate & is_rest[far].all(axis=1) & (far[:, 0] != far[:, 1])
    while True:
        ends = part[edge_nodes[needed]]
        degree = np.bincount(ends.ravel(), minlength=len(is_rest))
        loose = ((degree[ends] == 1) & ~is_rest[ends]).any(axis=1)
        if not loose.any():
            return needed
        needed[np.flatnonzero(needed)[loose]] = False


def _spanning_forest(ends: IntArray, length: FloatArray, candidate: Mask) -> list[int]:
    """Join the parts by their shortest candidate edges (Kruskal)."""
    parent = list(range(int(ends.max()) + 1))

    def root(a: int) -> int:
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    chosen = []
    edges = np.flatnonzero(candidate)
    for edge in edges[np.argsort(length[edges], kind="stable")]:
        a, b = root(int(ends[edge, 0])), root(int(ends[edge, 1]))
        if a != b:
            parent[a] = b
            chosen.append(int(edge))
    return chosen
