"""Which of many places is nearest: one search per group of them, whatever their number."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask, components
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, Positions
from quarterhour.streets.street_arrays import kept_with
from quarterhour.streets.traits import GOES_ON
from quarterhour.walking.engines import Engine, Graph, Starts, graph_of, numba_engine
from quarterhour.walking.node_walks import STATUSES, Leaving, NodeWalks
from quarterhour.walking.pace import (
    ADULT,
    Pace,
    Profile,
    Seconds,
    Sloped,
    checked_seconds,
    off_street_speed_m_s,
)
from quarterhour.walking.seeds import seeds_of


class Found(NamedTuple):
    """Walks to the nearest place of each group: a row for each origin, a column for each group.

    Seconds are NaN, and the place -1, where the code is not that of ``within_limit``. ``place`` is
    a position in ``labels``, ``code`` one in
    :data:`STATUSES`.
    """

    seconds: Floats
    place: npt.NDArray[np.int32]
    code: npt.NDArray[np.int8]
    labels: pd.Index
    groups: pd.Index

    def column(self, group: int) -> tuple[Floats, npt.NDArray[np.object_], npt.NDArray[np.int8]]:
        """Give the walks to one group: seconds, labels of facilities (or None), codes."""
        facility = _with_none(self.labels)[self.place[:, group]]
        return self.seconds[:, group].copy(), facility, self.code[:, group].copy()

    def to_frame(self, origins: pd.Index, by: str) -> pd.DataFrame:
        """Give one row per origin and group; words are categories, made of their codes."""
        n, k = self.seconds.shape
        group = np.tile(np.arange(k, dtype=np.min_scalar_type(-k - 1)), n)
        columns = {
            "origin": origins.repeat(k),
            by: pd.Categorical.from_codes(group, pd.Index(self.groups, dtype=object)),
            "seconds": self.seconds.ravel(),
            "facility": labelled(self.labels, self.place.ravel()),
            "status": statuses_of(self.code.ravel()),
        }
        return pd.DataFrame(columns, copy=False)

    def wide(self, origins: pd.Index, by: str) -> pd.DataFrame:
        """Give the seconds as a matrix: a row per origin, a column per group."""
        columns = pd.Index(np.asarray(self.groups, dtype=object), name=by)
        return pd.DataFrame(self.seconds, index=origins, columns=columns)


def statuses_of(code: npt.NDArray[np.int8]) -> pd.Categorical:
    """Give statuses by their numbers: as categories, of those that there are."""
    there = np.array([number for number in range(len(STATUSES)) if (code == number).any()], int)
    there = there[np.argsort(np.array(STATUSES)[there])]  # in the order of the words, as texts are
    rank = np.zeros(256, dtype=np.int8)
    rank[there] = np.arange(len(there))
    words = np.array(STATUSES, dtype=object)[there]
    ranked = np.frombuffer(bytearray(code.tobytes().translate(rank.tobytes())), dtype=np.int8)
    return pd.Categorical.from_codes(ranked, words)


def labelled(labels: pd.Index, place: npt.NDArray[Any]) -> pd.Series[Any]:
    """Labels of places by their positions, None for -1."""
    return pd.Series(_with_none(labels)[place], dtype=object, copy=False)


def _with_none(labels: pd.Index) -> npt.NDArray[np.object_]:
    """Labels as they are, and None behind them, where -1 finds it."""
    known = np.empty(len(labels) + 1, dtype=object)
    known[:-1] = np.asarray(labels, dtype=object)
    return known


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
    """Do what :func:`quarterhour.nearest` does, of places that are on the network already.

    ``group_of`` says for each row of the facilities which group it belongs to; groups are in the
    order of their names.
    """
    walks, groups = node_walks(facilities, group_of, network, limit_s, pace=pace, engine=engine)
    last: list[tuple[Positions, Seconds, float, Leaving]] = kept_with(network, "leaving", list)
    whose = origins.at, walks.edge_s, walks.speed_m_s
    for *known, seeds in last[:1]:
        if all(one is other for one, other in zip(whose, known, strict=True)):
            return Found(*walks.look_up(origins, seeds), facilities.labels, groups)
    seeds = walks.leaving(origins)
    if not last or len(last[0][0].row) <= len(origins.at.row):  # a few homes are quickly asked
        last[:] = [(*whose, seeds)]
    return Found(*walks.look_up(origins, seeds), facilities.labels, groups)


def node_walks(
    facilities: Placed,
    group_of: pd.Series[Any],
    network: WalkNetwork,
    limit_s: float,
    *,
    pace: Pace = ADULT,
    engine: Engine = numba_engine,
) -> tuple[NodeWalks, pd.Index]:
    """Search from the facilities of each group to every node; groups in the order of their names.

    ``group_of`` says for each row of the facilities which group it belongs to.
    """
    codes, groups = pd.factorize(group_of, sort=True)
    streets, speed = _Streets.of(pace, network), off_street_speed_m_s(pace)
    edge_s = streets.edge_s
    graph = graph_of(network, edge_s, reverse=True)
    toward = seeds_of(network, edge_s, facilities.at, speed, leaving=False)
    by_group = toward.take(np.argsort(codes[toward.row], kind="stable"))
    bounds = np.searchsorted(codes[by_group.row], np.arange(len(groups) + 1))
    sources = Starts(bounds, by_group.node, by_group.seconds)
    seconds, place = _searched(graph, sources, by_group.row, limit_s, engine)
    walks = NodeWalks(
        edge_nodes=network.edge_nodes,
        edge_s=edge_s,
        speed_m_s=speed,
        limit_s=limit_s,
        places=facilities,
        group=codes,
        seconds=seconds,
        place=place,
        part=streets.part,
        joined=_joined(streets, sources, network),
        there=np.bincount(codes[facilities.at.row], minlength=len(groups)) > 0,
    )
    return walks, pd.Index(groups)


class _Streets(NamedTuple):
    """Streets as somebody walks them: their seconds, and their parts.

    Within a part all ways are open in both directions; ``one_way`` are those from which a way
    leads to another part, and these.
    """

    edge_s: Seconds
    part: Ints
    one_way: tuple[Ints, Ints]

    @classmethod
    def of(cls, pace: Pace, network: WalkNetwork) -> Self:
        """Ask a pace; what it gives is kept with the streets, and nobody writes into it."""
        last: list[tuple[Pace, Self]] = kept_with(network, "as walked", list)
        for known, streets in last[:1]:
            if type(pace) is type(known) and pace == known:
                return streets
        seconds = checked_seconds(pace, network)
        if type(pace) not in (Profile, Sloped):  # who knows what it gives when it is asked again
            return cls(seconds.copy(), *_parts(seconds, network))
        made = cls(seconds, *_parts(seconds, network))
        last[:] = [(pace, made)]
        return made


def _parts(edge_s: Seconds, network: WalkNetwork) -> tuple[Ints, tuple[Ints, Ints]]:
    """Give the part of each node, and which parts lead one way to which."""
    ahead, back = np.isfinite(edge_s).T
    both = ahead & back
    if both.all():
        part = network.component.astype(np.int64)
    else:
        made = ("open parts", both.tobytes())
        part = kept_with(
            network, made, lambda: components(network.n_nodes, *network.edge_nodes[both].T)
        )
    one_way = ahead ^ back
    u, v = part[network.edge_nodes[one_way]].T
    tail, head = np.where(ahead[one_way], (u, v), (v, u))
    return part, (tail, head)


def _searched(
    graph: Graph, sources: Starts, place_of: Ints, limit_s: float, engine: Engine
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Seconds and nearest place from each node, a column for each source."""
    from quarterhour.walking.nearest_kernels import laid_out  # noqa: PLC0415 - numba is slow

    shape = len(graph.offset) - 1, len(sources.offset) - 1
    seconds, place = np.full(shape, np.inf), np.full(shape, -1, dtype=np.int32)
    reached = engine(graph, sources, limit_s)
    laid_out(*reached, place_of, (seconds, place))
    return seconds, place


def _joined(streets: _Streets, sources: Starts, network: WalkNetwork) -> Mask:
    """Say from which parts of the streets each source is reached, at whatever distance."""
    part, (tail, head) = streets.part, streets.one_way
    k = len(sources.offset) - 1
    joined = np.zeros((int(part.max(initial=0)) + 1, k), dtype=bool)
    joined[part[sources.node], np.repeat(np.arange(k), np.diff(sources.offset))] = True
    if GOES_ON in network.traits:  # beyond this part of a larger network there is whatever there is
        out = network.edge_nodes[network.traits[GOES_ON].astype(bool)]
        joined[part[out].ravel()] = True
    while len(tail):
        before = joined.copy()
        np.logical_or.at(joined, tail, before[head])
        if np.array_equal(before, joined):
            break
    return joined
