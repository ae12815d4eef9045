"""Maximal covering by search: quick and mostly near the optimum, a start that a proof betters."""

from __future__ import annotations

import numpy as np

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.planning.integer_programme import matrix
from quarterhour.planning.location_problem import Sites, Walks

MOST_PRODUCTS = 50_000_000
"""Pairs of candidates that share a home, home by home, beyond which none is looked at."""


def without_dominated(
    walks: Walks, sites: Sites, price: Floats | None = None, k: int = 0
) -> tuple[Walks, Sites]:
    """Forbid candidates that serve nobody whom another does not serve at no higher price.

    Whatever plan has such a one is no worse with the other in its place, so that the best plan is
    what it was (Church and ReVelle 1974). Of equal ones the first stays, or one that has to be
    opened. At least ``k`` candidates stay free.
    """
    drop = _dominated(walks, sites, np.zeros(walks.n_candidates) if price is None else price)
    free = int((~sites.forbidden & ~drop).sum())
    back = np.flatnonzero(drop & ~sites.forbidden)[: max(0, k - free)]
    drop[back] = False
    return walks.take(~drop[walks.candidate]), sites._replace(forbidden=sites.forbidden | drop)


def _dominated(walks: Walks, sites: Sites, price: Floats) -> Mask:
    """Mark the candidates whose homes another has all of, at no higher price."""
    n, homes = walks.n_candidates, np.bincount(walks.home)
    drop = np.zeros(n, dtype=bool)
    if len(walks.home) == 0 or float((homes.astype(float) ** 2).sum()) > MOST_PRODUCTS:
        return drop
    shape = n, len(homes)
    serves = matrix(walks.candidate, walks.home, np.ones(len(walks.home)), shape)
    serves.data[:] = 1.0  # a home that is walked to by two doors is one
    size = serves.sum(axis=1)
    shared = (serves @ serves.T).tocoo()
    one, other = shared.coords
    inside = (shared.data == size[one]) & (one != other) & (price[other] <= price[one])
    one, other = one[inside], other[inside]
    alike = (size[one] == size[other]) & (price[one] == price[other])
    first = (sites.required[other] & ~sites.required[one]) | (other < one)
    better = ~sites.forbidden[other] & (~alike | first)
    drop[one[better]] = True
    return drop & ~sites.required


def merged(walks: Walks, weight: Floats) -> tuple[Walks, Floats]:
    """Make one home of those with equal candidates; give the walks and the weights of these."""
    order = np.lexsort((walks.candidate, walks.home))
    home, candidate = walks.home[order], walks.candidate[order]
    first = np.flatnonzero(np.r_[True, home[1:] != home[:-1]]) if len(home) else order
    last = np.append(first, len(home))[1:]
    number: dict[bytes, int] = {}
    kinds = [
        number.setdefault(candidate[a:b].tobytes(), len(number))
        for a, b in zip(first, last, strict=True)
    ]
    total = np.bincount(kinds, weights=weight[home[first]], minlength=len(number))
    _, models = np.unique(kinds, return_index=True)
    size = last[models] - first[models]
    pairs = np.concatenate([np.arange(first[i], last[i]) for i in models]) if len(models) else order
    merged = np.repeat(np.arange(len(models)), size)
    kept = Walks(merged, candidate[pairs], walks.cost[order][pairs], walks.n_candidates)
    return kept, np.asarray(total, dtype=float)


def served_by(walks: Walks, n_homes: int, chosen: Ints) -> Mask:
    """Mark the homes that the chosen candidates serve."""
    served = np.zeros(n_homes, dtype=bool)
    served[walks.home[np.isin(walks.candidate, chosen)]] = True
    return served


def covered(walks: Walks, weight: Floats, chosen: Ints) -> float:
    """Weight that the chosen candidates serve."""
    return float(weight[served_by(walks, len(weight), chosen)].sum())


def gain_of(walks: Walks, weight: Floats, served: Mask) -> Floats:
    """Weight that each candidate would add to those served."""
    open_pair = ~served[walks.home]
    gain = np.bincount(
        walks.candidate[open_pair],
        weights=weight[walks.home[open_pair]],
        minlength=walks.n_candidates,
    )
    return np.asarray(gain, dtype=float)


def greedy(walks: Walks, weight: Floats, k: int, sites: Sites) -> Ints:
    """Choose one site after the other, each time the one that adds most."""
    chosen = np.flatnonzero(sites.required).tolist()
    served = np.zeros(len(weight), dtype=bool)
    served[walks.home[np.isin(walks.candidate, chosen)]] = True
    while len(chosen) < k:
        gain = gain_of(walks, weight, served)
        gain[sites.forbidden] = -1.0
        gain[chosen] = -1.0
        best = int(np.argmax(gain))
        chosen.append(best)
        served[walks.home[walks.candidate == best]] = True
    return np.array(chosen, dtype=np.int64)


def interchange(walks: Walks, weight: Floats, chosen: Ints, sites: Sites) -> Ints:
    """Exchange one site for another as long as that serves more (Teitz and Bart 1968)."""
    better = True
    while better:
        better = False
        for place in range(len(chosen)):
            if sites.required[chosen[place]]:
                continue
            others = np.delete(chosen, place)
            served = np.zeros(len(weight), dtype=bool)
            served[walks.home[np.isin(walks.candidate, others)]] = True
            gain = gain_of(walks, weight, served)
            gain[sites.forbidden] = -1.0
            gain[others] = -1.0
            best = int(np.argmax(gain))
            if gain[best] > gain[chosen[place]] + 1e-9:
                chosen = chosen.copy()
                chosen[place] = best
                better = True
    return chosen
