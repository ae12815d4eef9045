"""Which of many places is nearest: one search per group of them, whatever their number."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import Placed
from quarterhour.walking.engines import Engine, Graph, Reached, Starts, graph_of, numba_engine
from quarterhour.walking.pace import ADULT, Pace, checked_seconds, off_street_speed_m_s
from quarterhour.walking.seeds import Pairs, Seeds, direct_walks, expand, seeds_of


def nearest_of(
    origins: Placed,
    facilities: Placed,
    group_of: pd.Series[Any],
    network: WalkNetwork,
    limit_s: float,
    *,
    pace: Pace = ADULT,
    engine: Engine = numba_engine,
) -> pd.DataFrame:
    """Do what :func:`quarterhour.nearest` does, of places that are on the network already.

    ``group_of`` says for each row of the facilities which group it belongs to; its name is that
    of the column in the result.
    """
    found = nearest_by_group(
        origins, facilities, group_of, network, limit_s, pace=pace, engine=engine
    )
    groups = pd.factorize(group_of, sort=True)[1]
    n, k = found.seconds.shape
    return pd.DataFrame(
        {
            "origin": origins.labels.repeat(k),
            str(group_of.name): np.tile(np.asarray(groups, dtype=object), n),
            **{name: cells.ravel() for name, cells in found._asdict().items()},
        }
    )


class Found(NamedTuple):
    """Walks to the nearest place of each group: a row for each origin, a column for each group.

    Seconds are NaN, and the facility None, where the status is not ``within_limit``.
    """

    seconds: Floats
    facility: npt.NDArray[np.object_]
    status: npt.NDArray[np.object_]

    def column(self, group: int) -> tuple[Floats, npt.NDArray[np.object_], npt.NDArray[np.object_]]:
        """Give a copy of the walks to one group."""
        parts = self.seconds[:, group], self.facility[:, group], self.status[:, group]
        return parts[0].copy(), parts[1].copy(), parts[2].copy()


def nearest_by_group(
    origins: Placed,
    facilities: Placed,
    group_of: pd.Series[Any],
    network: WalkNetwork,
    limit_s: float,
    *,
    pace: Pace = ADULT,
    engine: Engine = numba_engine,
) -> Found:
    """Do what :func:`nearest_of` does, as arrays; groups are in the order of their names."""
    seconds = checked_seconds(pace, network)
    speed = off_street_speed_m_s(pace)
    start, end = origins.at, facilities.at
    codes, groups = pd.factorize(group_of, sort=True)
    graph = graph_of(network, seconds, reverse=True)
    away = seeds_of(network, seconds, start, speed, leaving=True)
    toward = seeds_of(network, seconds, end, speed, leaving=False)
    by_group = toward.take(np.argsort(codes[toward.row], kind="stable"))
    bounds = np.searchsorted(codes[by_group.row], np.arange(len(groups) + 1))
    sources = Starts(bounds, by_group.node, by_group.seconds)
    along = direct_walks(origins, facilities, seconds, speed)
    n = len(origins.labels)
    found = [_Nearest(np.full(n, np.inf), np.full(n, -1)) for _ in groups]
    reached = engine(graph, sources, limit_s)
    field = np.full(len(graph.offset) - 1, np.inf), np.full(len(graph.offset) - 1, -1)
    for group, best in enumerate(found):
        best.take(*_through_streets(reached, group, by_group.row, away, field, limit_s))
        here = (codes[along[1]] == group) & (along[2] <= limit_s)
        best.take(along[0][here], along[1][here], along[2][here])
    joined = _joined(graph, sources, found, away, engine)
    there = np.bincount(codes[end.row], minlength=len(groups)) > 0
    return _columns(facilities.labels, found, joined, there, origins.snapped)


def _through_streets(
    reached: Reached,
    group: int,
    seed_row: Ints,
    away: Seeds,
    field: tuple[Floats, Ints],
    limit_s: float,
) -> Pairs:
    """Walks from each origin's street ends to the nearest seed: origin, facility, seconds.

    ``field`` is room for the seconds and the winner at each node; infinite again on return.
    """
    mine = slice(reached.offset[group], reached.offset[group + 1])
    node, (seconds, winner) = reached.node[mine], field
    seconds[node], winner[node] = reached.seconds[mine], seed_row[reached.seed[mine]]
    walk = away.seconds + seconds[away.node]
    near = np.isfinite(walk) & (walk <= limit_s)
    pairs = away.row[near], winner[away.node[near]], walk[near]
    seconds[node] = np.inf
    return pairs


class _Nearest(NamedTuple):
    """Best seconds and facility row of each origin; infinity and -1 where there is none."""

    seconds: Floats
    facility: Ints

    def take(self, origin: Ints, facility: Ints, seconds: Floats) -> None:
        """Keep what is better than what is known; ties go to the facility that comes first."""
        order = np.lexsort((facility, seconds, origin))
        row, first = np.unique(origin[order], return_index=True)
        best = order[first]
        better = seconds[best] < self.seconds[row]
        self.seconds[row[better]] = seconds[best[better]]
        self.facility[row[better]] = facility[best[better]]


def _joined(
    graph: Graph, sources: Starts, found: list[_Nearest], away: Seeds, engine: Engine
) -> list[npt.NDArray[np.bool_]]:
    """Origins from which each group can be reached at all, at whatever distance."""
    joined = [np.isfinite(best.seconds) for best in found]
    asked = [group for group, near in enumerate(joined) if not near.all()]
    counts = np.diff(sources.offset)[asked]
    seed = expand(sources.offset[asked], counts)[1]
    offset = np.concatenate([[0], np.cumsum(counts)])
    reached = engine(graph, Starts(offset, sources.node[seed], sources.seconds[seed]), np.inf)
    for k, group in enumerate(asked):
        seen = np.zeros(len(graph.offset) - 1, dtype=bool)
        seen[reached.node[reached.offset[k] : reached.offset[k + 1]]] = True
        n = len(joined[group])
        joined[group] |= np.bincount(away.row, weights=seen[away.node], minlength=n) > 0
    return joined


def _columns(
    facilities: pd.Index,
    found: list[_Nearest],
    joined: list[npt.NDArray[np.bool_]],
    there: npt.NDArray[np.bool_],
    snapped: npt.NDArray[np.bool_],
) -> Found:
    """A column per group; ``there`` tells which groups are on the network at all."""
    n, k = len(snapped), len(found)
    seconds = np.full((n, k), np.nan)
    facility = np.full((n, k), None, dtype=object)
    status = np.full((n, k), "no_facility", dtype=object)
    for group in np.flatnonzero(there):
        best, column = found[group], status[:, group]
        within = np.isfinite(best.seconds)
        seconds[within, group] = best.seconds[within]
        facility[within, group] = facilities.take(best.facility[within])
        column[:] = np.where(joined[group], "beyond_limit", "unreachable")
        column[within] = "within_limit"
        column[~snapped] = "not_snapped"
    return Found(seconds, facility, status)
