"""Where to open places: the classical location models on sparse walks, solved with proof.

Demand (homes) and candidates (sites) are numbered; a walk that nobody would take is simply not
in the arrays. Every model returns the best plan found and a bound, so that what is not proven is
told. The models and their names follow Church and ReVelle (1974, maximal covering), Toregas et
al. (1971, set covering) and Hakimi (1964, p-median and p-centre).
"""

from __future__ import annotations

import numpy as np

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.planning.cover_search import (
    covered,
    greedy,
    interchange,
    merged,
    served_by,
    without_dominated,
)
from quarterhour.planning.integer_programme import Rows, equal, matrix, solve
from quarterhour.planning.location_problem import (
    Demand,
    Plan,
    Sites,
    Walks,
    nearest_cost,
    total_cost,
)

TIME_LIMIT_S = 60.0
"""How long a solver may look for proof before the best plan so far is given with its gap."""


def max_cover(
    demand: Demand,
    walks: Walks,
    limit: float,
    k: int,
    sites: Sites | None = None,
    *,
    time_limit_s: float = TIME_LIMIT_S,
) -> Plan:
    """Choose k sites so that most weight is within the limit of one of them or of a place.

    The value counts everyone served, those of existing places too. With a budget, k is the most
    that are opened.

    Raises
    ------
    InputError
        If there are fewer free candidates than sites, or more are required than k.
    """
    sites = checked(sites, walks.n_candidates, k)
    served = demand.already <= limit
    base = float(demand.weight[served].sum())
    near = walks.within(limit)
    near = near.take(~served[near.home] & ~sites.forbidden[near.candidate])
    paid = sites.price if np.isfinite(sites.budget) else None
    near, sites = without_dominated(near, sites, paid, k)
    near, weight = merged(near, demand.weight)
    start = np.flatnonzero(sites.required)
    if not np.isfinite(sites.budget):
        start = interchange(near, weight, greedy(near, weight, k, sites), sites)
    value = covered(near, weight, start)
    n, m = walks.n_candidates, len(weight)
    # Variables: site j opened, then home i served.
    rows = how_many(sites, n, k)
    serve = matrix(
        np.concatenate([near.home, np.arange(m)]),
        np.concatenate([near.candidate, n + np.arange(m)]),
        np.concatenate([-np.ones(len(near.home)), np.ones(m)]),
        (m, n + m),
    )
    rows.append((serve, np.full(m, -np.inf), np.zeros(m)))
    whole = np.concatenate([np.ones(n), np.zeros(m)])
    lower = np.concatenate([sites.required, np.zeros(m)]).astype(float)
    upper = np.concatenate([~sites.forbidden, np.ones(m)]).astype(float)
    costs = np.concatenate([np.zeros(n), -weight])
    begin = np.concatenate([np.isin(np.arange(n), start), served_by(near, len(weight), start)])
    found = solve(costs, rows, (whole, lower, upper), time_limit_s, start=begin.astype(float))
    best, bound = start, -found.bound
    if found.x is not None:
        chosen = np.flatnonzero(found.x[:n] > 0.5)
        if covered(near, weight, chosen) > value:
            best, value = chosen, covered(near, weight, chosen)
    bound = min(bound, float(weight.sum()))
    return Plan(np.sort(best), base + value, base + max(bound, value))


def set_cover(
    demand: Demand,
    walks: Walks,
    limit: float,
    sites: Sites | None = None,
    *,
    share: float = 1.0,
    backup: int = 1,
    there: Ints | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Plan:
    """Choose the fewest sites that bring a share of the weight within the limit.

    Where sites have a price, those that cost least; the value is then what they cost.

    Parameters
    ----------
    demand, walks, limit, sites
        As in :func:`max_cover`.
    share
        Share of all weight that has to be within the limit of a site or of an existing place.
    backup
        How many sites each home has to reach.
    there
        How many existing places each home reaches; not given: one, where it reaches any.

    Raises
    ------
    InputError
        If all candidates together do not serve as much: the message says how much they serve.
    """
    sites = checked(sites, walks.n_candidates, None)
    have = (demand.already <= limit).astype(np.int64) if there is None else there
    near = walks.within(limit)
    near = near.take(~sites.forbidden[near.candidate])
    n, m = walks.n_candidates, len(demand.weight)
    reach = np.bincount(near.home, minlength=m) + have
    total = float(demand.weight.sum())
    possible = float(demand.weight[reach >= backup].sum())
    if possible < share * total * (1 - 1e-12):
        msg = (
            f"All {n:,} candidates together serve {possible / total:.1%} of the weight within the "
            f"limit, not {share:.1%}: ask for a smaller share, or give more candidates."
        )
        raise InputError(msg)
    if backup == 1:  # who has a place already counts for none
        _, sites = without_dominated(near.take(have[near.home] == 0), sites, sites.price)
        near = near.take(~sites.forbidden[near.candidate])
    # Variables: site j opened, then home i served; a home is served by `backup` of them.
    serve = matrix(
        np.concatenate([near.home, np.arange(m)]),
        np.concatenate([near.candidate, n + np.arange(m)]),
        np.concatenate([np.ones(len(near.home)), np.full(m, -float(backup))]),
        (m, n + m),
    )
    enough = matrix(np.zeros(m, dtype=int), n + np.arange(m), demand.weight, (1, n + m))
    rows = [
        (serve, -have.astype(float), np.full(m, np.inf)),
        (enough, np.array([share * total * (1 - 1e-12)]), np.array([np.inf])),
    ]
    all_homes = share >= 1.0
    lower = np.concatenate([sites.required, np.full(m, float(all_homes))]).astype(float)
    upper = np.concatenate([~sites.forbidden, np.ones(m)]).astype(float)
    whole = np.ones(n + m)
    price = np.ones(n) if sites.price is None else sites.price
    costs = np.concatenate([price, np.zeros(m)])
    begin = _enough(near, demand.weight, have, sites, (share * total, backup))
    found = solve(costs, rows, (whole, lower, upper), time_limit_s, start=begin)
    if found.x is None:
        msg = "No plan was found in time: give more time, fewer candidates, or a smaller share."
        raise InputError(msg)
    chosen = np.flatnonzero(found.x[:n] > 0.5)
    bound = found.bound if sites.price is not None else float(np.ceil(found.bound - 1e-6))
    return Plan(chosen, float(price[chosen].sum()), bound)


def p_median(
    demand: Demand,
    walks: Walks,
    k: int,
    sites: Sites | None = None,
    *,
    miss: float = np.inf,
    time_limit_s: float = TIME_LIMIT_S,
) -> Plan:
    """Choose k sites so that the weighted cost of everyone's nearest walk is least.

    ``miss`` is the cost of a home that no opened site and no place can serve; infinite: every
    home has to be served.

    Raises
    ------
    InputError
        If k sites cannot serve every home and ``miss`` is infinite.
    """
    sites = checked(sites, walks.n_candidates, k)
    otherwise = np.minimum(demand.already, miss)
    near = walks.take(~sites.forbidden[walks.candidate])
    near = near.take(near.cost < otherwise[near.home])  # others are never worth a walk
    n, m, pairs = walks.n_candidates, len(demand.weight), len(near.home)
    must = ~np.isfinite(otherwise)
    # Variables: site j opened, then each walk taken; what is not taken costs `otherwise`.
    base = float((demand.weight * np.where(must, 0.0, otherwise)).sum())
    saved = near.cost - np.where(must, 0.0, otherwise)[near.home]
    rows = [equal(np.arange(n), np.ones(n), float(k))]
    walk = n + np.arange(pairs)
    once = matrix(near.home, walk, np.ones(pairs), (m, n + pairs))
    rows.append((once, must.astype(float), np.ones(m)))
    order = np.arange(pairs)
    opened = matrix(
        np.concatenate([order, order]),
        np.concatenate([walk, near.candidate]),
        np.concatenate([np.ones(pairs), -np.ones(pairs)]),
        (pairs, n + pairs),
    )
    rows.append((opened, np.full(pairs, -np.inf), np.zeros(pairs)))
    costs = np.concatenate([np.zeros(n), demand.weight[near.home] * saved])
    whole = np.concatenate([np.ones(n), np.zeros(pairs)])
    lower = np.concatenate([sites.required, np.zeros(pairs)]).astype(float)
    upper = np.concatenate([~sites.forbidden, np.ones(pairs)]).astype(float)
    begin = _nearest_of(near, demand.weight, otherwise, k, sites)
    found = solve(costs, rows, (whole, lower, upper), time_limit_s, start=begin)
    if found.x is None:
        msg = (
            f"{k} sites cannot serve every home, or no plan was found in time: give more sites, "
            "more time, or say what a miss costs."
        )
        raise InputError(msg)
    chosen = np.flatnonzero(found.x[:n] > 0.5)
    return Plan(chosen, total_cost(demand, walks, chosen, miss), base + found.bound)


def p_centre(
    demand: Demand,
    walks: Walks,
    k: int,
    sites: Sites | None = None,
    *,
    time_limit_s: float = TIME_LIMIT_S,
) -> Plan:
    """Choose k sites so that the longest of everyone's nearest walks is shortest.

    It is the smallest limit for which k sites cover all: found by halving the list of costs. A
    search that ends before it is proven gives the best so far, and the longest walk below which
    nothing is known as its bound.

    Raises
    ------
    InputError
        If k sites cannot serve every home.
    """
    sites = checked(sites, walks.n_candidates, k)
    costs = np.unique(np.concatenate([walks.cost, demand.already[np.isfinite(demand.already)]]))
    if len(costs) == 0:
        costs = np.zeros(1)
    low, high = 0, len(costs) - 1
    best = _cover_with(demand, walks, float(costs[high]), k, sites, time_limit_s)
    if best is None:
        msg = f"{k} sites cannot serve every home: give more sites or longer walks."
        raise InputError(msg)
    while low < high:
        middle = (low + high) // 2
        plan = _cover_with(demand, walks, float(costs[middle]), k, sites, time_limit_s)
        if plan is None:
            low = middle + 1
        elif len(plan.chosen) <= k:
            best, high = plan, middle
        else:  # not proven either way: what is known is between low and high
            break
    longest = float(nearest_cost(demand, walks, best.chosen).max(initial=0.0))
    value = min(float(costs[high]), longest)
    return Plan(best.chosen, value, min(float(costs[low]), value))


def _cover_with(
    demand: Demand, walks: Walks, limit: float, k: int, sites: Sites, time_limit_s: float
) -> Plan | None:
    """Cover everyone with at most k sites; None where it cannot be done.

    A plan of more sites says that nobody knows.
    """
    try:
        plan = set_cover(demand, walks, limit, sites, time_limit_s=time_limit_s)
    except InputError:
        return None
    return plan if plan.bound <= k else None


def _enough(
    near: Walks, weight: Floats, have: Ints, sites: Sites, asked: tuple[float, int]
) -> Floats | None:
    """A plan to begin with: one site after the other that brings most people nearer to enough."""
    least, backup = asked
    missing = np.maximum(backup - have, 0)
    chosen = sites.required.copy()
    for site in np.flatnonzero(chosen):
        missing[near.home[near.candidate == site]] -= 1
    while weight[missing <= 0].sum() < least * (1 - 1e-12):
        mine = (missing[near.home] > 0) & ~chosen[near.candidate]
        gain = np.bincount(
            near.candidate[mine], weights=weight[near.home[mine]], minlength=near.n_candidates
        )
        if gain.max(initial=0.0) <= 0:
            return None
        best = int(np.argmax(gain))
        chosen[best] = True
        missing[near.home[near.candidate == best]] -= 1
    return np.concatenate([chosen, missing <= 0]).astype(float)


def _nearest_of(
    near: Walks, weight: Floats, otherwise: Floats, k: int, sites: Sites
) -> Floats | None:
    """A plan to begin with: one site after the other that saves most, each home at its nearest."""
    worst = np.where(np.isfinite(otherwise), otherwise, near.cost.max(initial=0.0) * 2 + 1.0)
    best = worst.copy()
    chosen = np.flatnonzero(sites.required).tolist()
    for turn in range(k):
        if turn >= len(chosen):
            saved = weight[near.home] * np.clip(best[near.home] - near.cost, 0.0, None)
            gain = np.bincount(near.candidate, weights=saved, minlength=near.n_candidates)
            gain[sites.forbidden] = -1.0
            gain[chosen] = -1.0
            chosen.append(int(np.argmax(gain)))
        mine = near.candidate == chosen[turn]
        np.minimum.at(best, near.home[mine], near.cost[mine])
    order = np.lexsort((near.cost, near.home))
    open_pairs = order[np.isin(near.candidate[order], chosen)]
    _, first = np.unique(near.home[open_pairs], return_index=True)
    taken = np.zeros(len(near.home))
    taken[open_pairs[first]] = 1.0
    served = np.zeros(len(weight), dtype=bool)
    served[near.home[open_pairs]] = True
    if not (served | np.isfinite(otherwise)).all():
        return None
    opened = np.zeros(near.n_candidates)
    opened[chosen] = 1.0
    return np.concatenate([opened, taken])


def how_many(sites: Sites, n: int, k: int) -> list[Rows]:
    """Open k sites; with a budget at most k, which cost no more than that."""
    if sites.price is None or not np.isfinite(sites.budget):
        return [equal(np.arange(n), np.ones(n), float(k))]
    none = np.array([-np.inf])
    most = matrix(np.zeros(n, dtype=int), np.arange(n), np.ones(n), (1, n))
    paid = matrix(np.zeros(n, dtype=int), np.arange(n), sites.price, (1, n))
    return [(most, none, np.array([float(k)])), (paid, none, np.array([float(sites.budget)]))]


def checked(sites: Sites | None, n: int, k: int | None) -> Sites:
    """Give the sites, all free where none are told, if k of them can be chosen."""
    sites = Sites.free(n) if sites is None else sites
    if np.any(sites.required & sites.forbidden):
        msg = "A candidate cannot be both required and forbidden."
        raise InputError(msg)
    if k is not None and not int(sites.required.sum()) <= k <= int((~sites.forbidden).sum()):
        msg = (
            f"k={k} sites cannot be chosen: {int(sites.required.sum())} are required and "
            f"{int((~sites.forbidden).sum())} of {n} candidates are free. Ask for another number "
            "of sites, or give other candidates."
        )
        raise InputError(msg)
    return sites
