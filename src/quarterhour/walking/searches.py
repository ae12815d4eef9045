"""The searches between two tables of places, from the smaller one, some sources at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import NamedTuple, TypeVar

import numpy as np

from quarterhour.arrays import Floats, Ints, cores
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.walking.engines import (
    Engine,
    Graph,
    Reached,
    Room,
    graph_of,
    numba_engine,
)
from quarterhour.walking.pace import Pace, checked_seconds, off_street_speed_m_s
from quarterhour.walking.seeds import Pairs, Seeds, by_node, direct_walks, seeds_of, starts
from quarterhour.walking.watched import is_watched

BLOCK = 512
"""Sources searched at a time: bounds the memory of a table of any size."""

QUIET_BELOW = 20_000
"""Tables with fewer sources are done before a progress bar would be read."""


_FEW = 16
"""Sources that a thread takes at least: fewer are searched before the next are asked for."""

T = TypeVar("T")


class Block(NamedTuple):
    """What some sources reach: nodes, and targets on the same street or inside the same walls."""

    first: int
    last: int
    reached: Reached
    along: Pairs


class Searches(NamedTuple):
    """Searches from one table to another; ``turned`` if from where walks end to where they begin.

    Searching from the smaller table gives the same pairs with fewer searches. ``exits`` are the
    targets at each node, with the seconds that are left from there.
    """

    graph: Graph
    source: Seeds
    exits: tuple[Ints, Ints, Floats]
    direct: Pairs
    n_sources: int
    n_targets: int
    turned: bool
    limit_s: float
    engine: Engine

    @classmethod
    def between(
        cls,
        origins: Placed,
        destinations: Placed,
        network: WalkNetwork,
        limit_s: float,
        pace: Pace,
        engine: Engine,
    ) -> Searches:
        """Make them ready."""
        seconds = checked_seconds(pace, network)
        speed = off_street_speed_m_s(pace)
        sizes = len(origins.labels), len(destinations.labels)
        turned = sizes[1] < sizes[0]
        leaving = seeds_of(network, seconds, origins.at, speed, leaving=True)
        coming = seeds_of(network, seconds, destinations.at, speed, leaving=False)
        source, target = (coming, leaving) if turned else (leaving, coming)
        i, j, direct_s = direct_walks(origins, destinations, seconds, speed)
        return cls(
            graph=graph_of(network, seconds, reverse=turned),
            source=source,
            exits=by_node(target, network.n_nodes),
            direct=_by_source(*((j, i) if turned else (i, j)), direct_s),
            n_sources=sizes[turned],
            n_targets=sizes[not turned],
            turned=turned,
            limit_s=limit_s,
            engine=engine,
        )

    def room(self) -> tuple[Floats, Ints]:
        """Room for the walks of one source, and one more: infinite seconds, and targets."""
        return np.full(self.n_targets, np.inf), np.empty(self.n_targets + 1, dtype=np.int64)

    def blocks(self) -> Iterator[Block]:
        """Search, some sources at a time."""
        for first in self._firsts(BLOCK):
            last = min(first + BLOCK, self.n_sources)
            reached = self.engine(self.graph, starts(self.source, first, last), self.limit_s)
            yield Block(first, last, reached, _of_block(self.direct, first, last))

    def in_threads(self, work: Callable[[Iterator[Block]], T]) -> list[T]:
        """Give what each thread has made of its blocks, which are taken as they come, in order.

        A block lies where its thread searches, and is gone with the next.
        """
        workers = min(cores(), self.n_sources // _FEW)
        if workers < 2 or self.engine is not numba_engine:
            return [work(self.blocks())]
        step = max(_FEW, min(BLOCK, self.n_sources // (8 * workers)))  # none waits for the last
        firsts = _Shared(self._firsts(step))
        with ThreadPoolExecutor(workers) as threads:
            doing = [threads.submit(work, self._taken(firsts, step)) for _ in range(workers)]
            try:
                return [one.result() for one in doing]
            finally:
                firsts.stop()

    def _taken(self, firsts: Iterable[int], step: int) -> Iterator[Block]:
        """Search from the sources that this thread takes."""
        with Room(self.graph, _ROOM) as room:
            for first in firsts:
                last = min(first + step, self.n_sources)
                reached = room.search(starts(self.source, first, last), self.limit_s)
                yield Block(first, last, reached, _of_block(self.direct, first, last))

    def _firsts(self, step: int) -> Iterable[int]:
        firsts = range(0, self.n_sources, step)
        if self.n_sources < QUIET_BELOW or not is_watched():
            return firsts
        from tqdm.auto import tqdm  # noqa: PLC0415 - only where there is time to look at it

        shown: Iterable[int] = tqdm(firsts, "travel times")
        return shown


_ROOM = 1 << 16


class _Shared:
    """Numbers that threads take one by one, until somebody says that it is enough."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = iter(numbers)
        self._lock = Lock()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        with self._lock:
            return next(self._numbers)

    def stop(self) -> None:
        """Give no more."""
        with self._lock:
            self._numbers = iter(())


def _by_source(source: Ints, target: Ints, seconds: Floats) -> Pairs:
    order = np.argsort(source, kind="stable")
    return source[order], target[order], seconds[order]


def _of_block(pairs: Pairs, first: int, last: int) -> Pairs:
    """Offsets of the sources first to last, and their targets and seconds."""
    bounds = np.searchsorted(pairs[0], np.arange(first, last + 1))
    inside = slice(bounds[0], bounds[-1])
    return bounds - bounds[0], pairs[1][inside], pairs[2][inside]
