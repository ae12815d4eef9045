"""Whether circles hang together on the streets: which units are neighbours, and which pieces."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints, components
from quarterhour.planning.circle_units import Homes, Units
from quarterhour.planning.proposal import Proposal
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap import start_positions
from quarterhour.walking.engines import Starts, graph_of, numba_engine
from quarterhour.walking.pace import checked_seconds, off_street_speed_m_s
from quarterhour.walking.seeds import expand, seeds_of


class Neighbours(NamedTuple):
    """Pairs of units that are neighbours on the streets, each pair both ways, in order."""

    one: Ints
    other: Ints

    def of(self, unit: int) -> Ints:
        """The neighbours of a unit."""
        begin, end = np.searchsorted(self.one, [unit, unit + 1])
        return self.other[begin:end]


def neighbours(card: Scorecard, homes: Homes, units: Units) -> Neighbours:
    """Give every street to the place of homes nearest on foot: those whose streets meet are near.

    A place is where homes come out on the street; those who come out at one gate are at one place.
    Units are neighbours if they are at one place, or at places whose streets meet.
    """
    question, network = Proposal.of(card).question, card.network
    seconds = checked_seconds(question.pace, network)
    at = start_positions(card.origins.iloc[homes.home], network, question.snap_limit_m)
    spot = np.column_stack([at.edge, np.round(at.fraction, 6)])
    places, place = np.unique(spot, axis=0, return_inverse=True)
    met = _places_that_meet(network, seconds, places, off_street_speed_m_s(question.pace))
    of_place = np.unique(np.column_stack([place.ravel(), units.unit[at.row]]), axis=0)
    begin = np.searchsorted(of_place[:, 0], np.arange(len(places) + 1))
    count = np.diff(begin)
    here, there = np.concatenate([met, np.column_stack([np.arange(len(places))] * 2)]).T
    which, one = expand(begin[here], count[here])
    again, other = expand(begin[there[which]], count[there[which]])
    both = np.column_stack([of_place[one[again], 1], of_place[other, 1]])
    both = both[both[:, 0] != both[:, 1]]
    both = np.unique(np.concatenate([both, both[:, ::-1]]), axis=0)
    return Neighbours(both[:, 0], both[:, 1])


def _places_that_meet(
    network: WalkNetwork, seconds: Floats, places: Floats, speed_m_s: float
) -> Ints:
    """Pairs of places, given as edge and fraction in order, whose streets meet."""
    edge, fraction = places[:, 0].astype(np.int64), places[:, 1]
    at = Positions(np.arange(len(edge)), edge, fraction, np.zeros(len(edge)))
    seeds = seeds_of(network, seconds, at, speed_m_s, leaving=True)
    starts = Starts(np.array([0, len(seeds.node)]), seeds.node, seeds.seconds)
    reached = numba_engine(graph_of(network, seconds), starts, np.inf)
    owner = np.full(network.n_nodes, -1, dtype=np.int64)
    owner[reached.node] = seeds.row[reached.seed]
    # Along a street each place meets the next, and the last of them that of the street's end.
    first = np.flatnonzero(np.r_[True, edge[1:] != edge[:-1]])
    last = np.r_[first[1:], len(edge)] - 1
    next_to = np.flatnonzero(edge[1:] == edge[:-1])
    empty = np.ones(network.n_edges, dtype=bool)
    empty[edge] = False
    pairs = np.concatenate(
        [
            owner[network.edge_nodes[empty]],
            np.column_stack([next_to, next_to + 1]),
            np.column_stack([owner[network.edge_nodes[edge[first], 0]], first]),
            np.column_stack([owner[network.edge_nodes[edge[last], 1]], last]),
        ]
    )
    pairs = pairs[(pairs >= 0).all(axis=1) & (pairs[:, 0] != pairs[:, 1])]
    return np.asarray(np.unique(np.sort(pairs, axis=1), axis=0), dtype=np.int64)


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
