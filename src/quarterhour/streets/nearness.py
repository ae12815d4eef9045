"""Which edges have others near all along; of an edited network only what the edit can change."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Mask

MADE_OF = "_made_of"
"""Where a network keeps which it was made of, and which edge of that each of its own is (or -1)."""

_KNOWN = "_near"


class Drawn(Protocol):
    """Streets with their lines."""

    @property
    def n_edges(self) -> int:
        """Number of edges."""

    @property
    def lines(self) -> npt.NDArray[np.object_]:
        """The line of each."""


def all_near(streets: Drawn, edges: Mask, others: Mask, reach_m: float) -> Mask:
    """Tell which of some edges have one of the others near every point of theirs."""
    near_all = np.zeros(streets.n_edges, dtype=bool)
    anew = edges
    if (known := _known(streets, edges, others, reach_m)) is not None:
        near_all, anew = known
    if anew.any() and others.any():
        tree = shapely.STRtree(streets.lines[others])
        index = np.flatnonzero(anew)
        dense = shapely.segmentize(streets.lines[index], 10.0)
        xy, part = shapely.get_coordinates(dense, return_index=True)
        near = np.zeros(len(xy), dtype=bool)
        near[np.unique(tree.query(shapely.points(xy), "dwithin", reach_m)[0])] = True
        near_all[index] = np.bincount(part, weights=~near, minlength=len(index)) == 0
    streets.__dict__.setdefault(_KNOWN, {})[reach_m] = edges, others, near_all
    return near_all


def _known(streets: Drawn, edges: Mask, others: Mask, reach_m: float) -> tuple[Mask, Mask] | None:
    """Give what was found of the network that this one was made of, and the edges still open.

    What is found of an edge stays while no other within reach comes or goes.
    """
    made_of: tuple[Any, Any] = streets.__dict__.get(MADE_OF, (None, None))
    before, source = made_of
    known = None if before is None else before.__dict__.get(_KNOWN, {}).get(reach_m)
    if known is None:
        return None
    edges_then, others_then, near_then = known
    stays, was = source >= 0, np.maximum(source, 0)
    still = np.zeros(before.n_edges, dtype=bool)
    still[source[stays & others]] = True
    come = streets.lines[others & ~(stays & others_then[was])]
    tree = shapely.STRtree(np.concatenate([come, before.lines[others_then & ~still]]))
    same = np.flatnonzero(edges & stays & edges_then[was])
    touched = np.unique(tree.query(streets.lines[same], "dwithin", reach_m)[0])
    same = np.delete(same, touched)
    near_all = np.zeros(streets.n_edges, dtype=bool)
    near_all[same] = near_then[was[same]]
    anew = edges.copy()
    anew[same] = False
    return near_all, anew
