"""Whether circles hang together on the streets: which units are neighbours, and which pieces."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints, components
from quarterhour.planning.circle_units import Homes, Units
from quarterhour.planning.proposal import Proposal
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.snap import start_positions
from quarterhour.walking.engines import Starts, graph_of, numba_engine
from quarterhour.walking.pace import checked_seconds, off_street_speed_m_s
from quarterhour.walking.seeds import seeds_of


class Neighbours(NamedTuple):
    """Pairs of units that are neighbours on the streets, each pair both ways, in order."""

    one: Ints
    other: Ints

    def of(self, unit: int) -> Ints:
        """The neighbours of a unit."""
        begin, end = np.searchsorted(self.one, [unit, unit + 1])
        return self.other[begin:end]


def neighbours(card: Scorecard, homes: Homes, units: Units) -> Neighbours:
    """Give every street to the unit nearest on foot: those whose streets meet are neighbours.

    Homes behind the same gates, or on the same piece of street, are neighbours as well.
    """
    question, network = Proposal.of(card).question, card.network
    seconds = checked_seconds(question.pace, network)
    at = start_positions(card.origins.iloc[homes.home], network, question.snap_limit_m)
    speed = off_street_speed_m_s(question.pace)
    seeds = seeds_of(network, seconds, at, speed, leaving=True)
    starts = Starts(np.array([0, len(seeds.node)]), seeds.node, seeds.seconds)
    reached = numba_engine(graph_of(network, seconds), starts, np.inf)
    owner = np.full(network.n_nodes, -1, dtype=np.int64)
    owner[reached.node] = units.unit[seeds.row[reached.seed]]
    # Along a street each home is the neighbour of the next, and the last of the street's end.
    order = np.lexsort((at.fraction, at.edge))
    edge, unit = at.edge[order], units.unit[at.row[order]]
    begins = np.r_[True, edge[1:] != edge[:-1]]
    ends = np.r_[begins[1:], True]
    empty = np.ones(network.n_edges, dtype=bool)
    empty[edge] = False
    pairs = [
        owner[network.edge_nodes[empty]],
        np.column_stack([unit[:-1][~begins[1:]], unit[1:][~begins[1:]]]),
        np.column_stack([owner[network.edge_nodes[edge[begins], 0]], unit[begins]]),
        np.column_stack([owner[network.edge_nodes[edge[ends], 1]], unit[ends]]),
    ]
    both = np.concatenate(pairs)
    both = both[(both >= 0).all(axis=1) & (both[:, 0] != both[:, 1])]
    both = np.unique(np.concatenate([both, both[:, ::-1]]), axis=0)
    return Neighbours(both[:, 0], both[:, 1])


def pieces(members: Ints, known: Neighbours) -> list[Ints]:
    """The connected pieces of some units, as positions among them."""
    place = np.full(int(max(members.max(), known.one.max(initial=0))) + 1, -1)
    place[members] = np.arange(len(members))
    one, other = place[known.one], place[known.other]
    inside = (one >= 0) & (other >= 0)
    part = components(len(members), one[inside], other[inside])
    return [np.flatnonzero(part == k) for k in range(part.max() + 1)]


def apart(units: Units, share: Floats, opened: Ints, known: Neighbours) -> dict[int, Ints]:
    """Pairs of each opened centre that do not hang together with most of its residents."""
    found: dict[int, Ints] = {}
    for centre in opened.tolist():
        mine = np.flatnonzero((units.pair_centre == centre) & (share > 0))
        if len(mine) < 2:
            continue
        people = share[mine] * units.residents[units.pair_unit[mine]]
        parts = pieces(units.pair_unit[mine], known)
        if len(parts) > 1:
            main = max(parts, key=lambda part: float(people[part].sum()))
            found[centre] = np.delete(mine, main)
    return found
