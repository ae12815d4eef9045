"""What every node of the streets knows of its nearest places: looked up from anywhere at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints, Mask, cores, read_only
from quarterhour.streets.positions import Placed
from quarterhour.walking.nearest_kernels import looked_up, why_beyond
from quarterhour.walking.seeds import direct_walks, seeds_of

STATUSES = ("within_limit", "beyond_limit", "unreachable", "not_snapped", "no_facility")
"""What is said of a walk; numbered as in :mod:`quarterhour.walking.nearest_kernels`."""

_MANY, _LITTLE, _ALONE = 4096, 4, 50_000

Leaving = tuple[Ints, npt.NDArray[np.int32], Floats]
"""Ends of streets that origins walk to: those of origin i are ``offset[i]:offset[i + 1]``."""

Looked = tuple[Floats, npt.NDArray[np.int32], npt.NDArray[np.int8]]
"""Seconds (NaN), places (-1) and codes of :data:`STATUSES`: origins × groups."""


class NodeWalks(NamedTuple):
    """Walks from every node of the streets to the nearest place of each group.

    Searched once, they answer for any origin: its walk is the best over the nodes at the ends of
    its street, or one straight to a place on the same street or inside the same walls.

    ``seconds`` (infinite where there is none within the limit) and ``place`` (position in
    ``places``, -1) have a row for each node and a column for each group. ``joined`` says for each
    group whether a walk of any length leads there from the nodes of a part of the streets, and
    ``part`` gives the part of each node. ``there`` tells which groups are on the streets at all,
    ``group`` the group of each place.
    """

    edge_nodes: npt.NDArray[np.int32]
    edge_s: Floats
    speed_m_s: float
    limit_s: float
    places: Placed
    group: Ints
    seconds: Floats
    place: npt.NDArray[np.int32]
    part: Ints
    joined: Mask
    there: Mask

    def leaving(self, origins: Placed) -> Leaving:
        """Give the ends of streets that origins walk to."""
        away = seeds_of(self, self.edge_s, origins.at, self.speed_m_s, leaving=True)
        rows = np.arange(len(origins.labels) + 1)
        return np.searchsorted(away.row, rows), away.node, away.seconds

    def look_up(self, origins: Placed, seeds: Leaving | None = None) -> Looked:
        """Give the walks of origins, wherever they are; ``seeds`` if :meth:`leaving` gave them."""
        n, k = len(origins.labels), self.seconds.shape[1]
        seeds = self.leaving(origins) if seeds is None else seeds
        i, j, s = direct_walks(origins, self.places, self.edge_s, self.speed_m_s)
        order = np.argsort(i, kind="stable")
        j = j[order]
        straight = np.searchsorted(i[order], np.arange(n + 1)), self.group[j], j, s[order]
        out = np.empty((n, k)), np.empty((n, k), dtype=np.int32), np.empty((n, k), dtype=np.int8)
        at_nodes, little = read_only(self.seconds, self.place), n <= _LITTLE
        step = n if n * k <= _ALONE else _MANY  # little takes no longer than to begin a thread

        def look(first: int) -> None:
            rows = first, min(first + step, n)
            looked_up(rows, seeds, at_nodes, straight, self.limit_s, out, little=little)

        look(0)  # compiles
        if n > step:
            with ThreadPoolExecutor(cores()) as threads:
                list(threads.map(look, range(step, n, step)))
        known = read_only(self.part, self.joined, self.there)
        why_beyond(seeds, *known, out[2], little=little)
        out[2][np.ix_(~origins.snapped, self.there)] = STATUSES.index("not_snapped")
        return out
