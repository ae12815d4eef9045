"""How many residents a fault of the streets can cut off at most, before anything is asked again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.planning.faults import Fault
from quarterhour.planning.link_candidates import at_nodes
from quarterhour.planning.proposal import Proposal
from quarterhour.planning.through import Gains, Hop, Through, item_costs, weight_of
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.edited import with_links, with_traits
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed, Positions
from quarterhour.streets.snap import start_positions

HAIR = 1e-6
"""Fewer resident-minutes are what rounding leaves."""


class Worth(NamedTuple):
    """Residents whom a fault cuts off, their resident-minutes, and whether that is exact."""

    cut_off: float
    minutes: float
    exact: bool


def bounds_of(card: Scorecard, faults: list[Fault]) -> list[Worth]:
    """Bound what each fault cuts off.

    A single gap is crossed once: from homes to its one side, and from the other side on. Of all
    else walks pass by its place, on streets on which all of these faults are mended at once.
    """
    found = [_of_walls(card, fault) for fault in faults]
    single = [k for k, fault in enumerate(faults) if _is_single(card.network, fault)]
    rest = [k for k, fault in enumerate(faults) if fault.edges and k not in set(single)]
    for rows, bounds in (
        (single, _over_gaps(card, [faults[k] for k in single])),
        (rest, _by_places(card, [faults[k] for k in rest])),
    ):
        for k, bound in zip(rows, bounds, strict=True):
            found[k] = bound
    return found


def _is_single(network: WalkNetwork, fault: Fault) -> bool:
    """Whether a fault is one gap, of streets that places are put on before and after."""
    if len(fault.links) != 1:
        return False
    return not network.passed_over[[joint.edge for joint in fault.links[0].ends]].any()


def _of_walls(card: Scorecard, fault: Fault) -> Worth:
    """All who live behind a wall, if anything can be mended there."""
    if fault.area < 0 or not fault.repair:
        return Worth(0.0, 0.0, exact=False)
    mine = (card.origins["area"] == card.areas.index[fault.area]).to_numpy()
    return Worth(float(weight_of(card)[mine].sum()), 0.0, exact=False)


def _over_gaps(card: Scorecard, faults: list[Fault]) -> list[Worth]:
    if not faults:
        return []
    joints = [joint for fault in faults for joint in fault.links[0].ends]
    edge = np.array([joint.edge for joint in joints], dtype=np.int64)
    fraction = np.array([joint.fraction for joint in joints], dtype=np.float64)
    at = Positions(np.arange(len(joints)), edge, fraction, np.zeros(len(joints)))
    through = Through.of(card, card.network, Placed(pd.RangeIndex(len(joints)), at))
    found = []
    for k, fault in enumerate(faults):
        one, other = 2 * k, 2 * k + 1
        hops = [Hop(one, other, fault.metres), Hop(other, one, fault.metres)]
        found.append(_worth(through, through.gains(hops)))
    return found


def _by_places(card: Scorecard, faults: list[Fault]) -> list[Worth]:
    if not faults:
        return []
    mended, places = _all_mended(card.network, faults)
    nodes = np.unique(np.concatenate(places))
    through = Through.of(card, mended, at_nodes(mended, nodes))
    along = _Along.of(card, mended) if any(fault.kind == "one_way" for fault in faults) else None
    found = []
    for fault, spots in zip(faults, places, strict=True):
        at = np.searchsorted(nodes, spots).tolist()
        known = along.those_on(fault) if along is not None and fault.kind == "one_way" else None
        found.append(_worth(through, through.gains((Hop(k, k) for k in at), known)))
    return found


class _Along(NamedTuple):
    """Homes by the edges that they are on, and their costs to items on other streets.

    Whoever lives on a one-way street may walk along it and pass none of its ends.
    """

    row: Ints
    edge: Ints
    cost: Floats

    @classmethod
    def of(cls, card: Scorecard, mended: WalkNetwork) -> _Along:
        question = Proposal.of(card).question
        at = start_positions(card.origins, card.network, question.snap_limit_m)
        times = card.again(network=mended).times
        return cls(at.row, at.edge, item_costs(times, card.origins.index, card.checklist))

    def those_on(self, fault: Fault) -> tuple[Ints, Floats]:
        rows = np.unique(self.row[np.isin(self.edge, fault.edges)])
        return rows, self.cost[rows]


def _all_mended(network: WalkNetwork, faults: list[Fault]) -> tuple[WalkNetwork, list[Ints]]:
    """Give the streets on which all faults are mended, and nodes that walks by each pass."""
    links = [link for fault in faults for link in fault.links]
    mended, tips = with_links(network, links) if links else (network, np.zeros((0, 2), np.int64))
    one_way = mended.traits["oneway_foot"] != 0
    if any(fault.kind == "one_way" for fault in faults):
        mended = with_traits(mended, one_way, {"oneway_foot": 0})
    places: list[Ints] = []
    used = 0
    for fault in faults:
        count = len(fault.links)
        ends = network.edge_nodes[list(fault.edges)].ravel()
        spots = tips[used : used + count, 0] if count else ends
        used += count
        places.append(np.unique(spots).astype(np.int64))
    return mended, places


def _worth(through: Through, gains: Gains) -> Worth:
    saved = float(gains.saved_min.sum())
    return Worth(through.residents(gains), saved if saved > HAIR else 0.0, exact=False)
