"""Covering with capacities against full enumeration, each choice shared out by a maximum flow."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import pytest

from quarterhour.errors import InputError
from quarterhour.planning.capacitated import capacitated_cover, capacitated_fewest
from quarterhour.planning.location_models import max_cover
from quarterhour.planning.location_problem import Demand, Sites, Walks
from tried import few_of

LIMIT = 4.0


def a_town(seed: int) -> tuple[Demand, Walks, np.ndarray, Sites, int]:
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(3, 7)), int(rng.integers(4, 15)), int(rng.integers(1, 4))
    homes, places = rng.uniform(0, 10, (m, 2)), rng.uniform(0, 10, (n, 2))
    cost = np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1))
    home, candidate = np.nonzero(cost < 6)
    already = np.where(rng.random(m) < 0.2, rng.uniform(0, 6, m), np.inf)
    required = np.arange(n) == (0 if rng.random() < 0.3 else -1)
    forbidden = np.arange(n) == (1 if rng.random() < 0.3 else -1)
    demand = Demand(rng.integers(1, 30, m).astype(float), already)
    walks = Walks(home, candidate, cost[home, candidate], n)
    capacity = rng.integers(0, 60, n).astype(float)
    return demand, walks, capacity, Sites(required, forbidden), min(k, n - 1)


def with_people(demand: Demand, seed: int) -> Demand:
    """Give the same homes, in which each person counts one to four."""
    counts = np.random.default_rng(seed).integers(1, 5, len(demand.weight)).astype(float)
    return demand._replace(weight=demand.weight * counts, people=demand.weight)


def weighed_out(demand: Demand, walks: Walks, capacity: np.ndarray, chosen: set[int]) -> float:
    """Most weight that the chosen can serve: a maximum flow of people of the greatest worth."""
    served = demand.already <= LIMIT
    assert demand.people is not None
    graph = nx.DiGraph()
    graph.add_nodes_from(["from", "to"])
    for i in np.flatnonzero(~served):
        worth = int(demand.weight[i] / demand.people[i])
        people = int(demand.people[i])
        graph.add_edge("from", ("home", int(i)), capacity=people, weight=-worth)
    for j in chosen:
        graph.add_edge(("site", j), "to", capacity=int(capacity[j]), weight=0)
    for i, j, cost in zip(walks.home, walks.candidate, walks.cost, strict=True):
        if cost <= LIMIT and int(j) in chosen and not served[i]:
            people = int(demand.people[i])
            graph.add_edge(("home", int(i)), ("site", int(j)), capacity=people, weight=0)
    flow = nx.max_flow_min_cost(graph, "from", "to")
    return float(demand.weight[served].sum() - nx.cost_of_flow(graph, flow))


def shared_out(demand: Demand, walks: Walks, capacity: np.ndarray, chosen: set[int]) -> float:
    """Weight that the chosen can serve, and what existing places serve: a maximum flow."""
    served = demand.already <= LIMIT
    graph = nx.DiGraph()
    graph.add_nodes_from(["from", "to"])
    for i in np.flatnonzero(~served):
        graph.add_edge("from", ("home", int(i)), capacity=demand.weight[i])
    for j in chosen:
        graph.add_edge(("site", j), "to", capacity=capacity[j])
    for i, j, cost in zip(walks.home, walks.candidate, walks.cost, strict=True):
        if cost <= LIMIT and int(j) in chosen and not served[i]:
            graph.add_edge(("home", int(i)), ("site", int(j)), capacity=demand.weight[i])
    return float(demand.weight[served].sum() + nx.maximum_flow_value(graph, "from", "to"))


def choices(sites: Sites, size: int) -> list[set[int]]:
    free = np.flatnonzero(~sites.forbidden).tolist()
    required = set(np.flatnonzero(sites.required).tolist())
    return [set(c) for c in combinations(free, size) if required <= set(c)]


def require_fewest(town: Any, share: float, served: Callable[..., float]) -> None:
    """See that as few sites serve a share as enumeration finds, or that it is said that none do."""
    demand, walks, capacity, sites = town
    enough = share * demand.weight.sum()
    sizes = [
        size
        for size in range(walks.n_candidates + 1)
        if any(served(demand, walks, capacity, c) >= enough - 1e-9 for c in choices(sites, size))
    ]
    if not sizes:
        with pytest.raises(InputError, match="together can serve"):
            capacitated_fewest(demand, walks, LIMIT, capacity, sites, share=share)
        return
    plan = capacitated_fewest(demand, walks, LIMIT, capacity, sites, share=share).plan
    assert plan.value == min(sizes) == plan.bound


@pytest.mark.parametrize("seed", few_of(40, 8))
def test_most_served_is_that_of_full_enumeration(seed):
    demand, walks, capacity, sites, k = a_town(seed)
    best = max(shared_out(demand, walks, capacity, c) for c in choices(sites, k))
    plan, assigned, _ = capacitated_cover(demand, walks, LIMIT, k, capacity, sites)
    assert plan.value == pytest.approx(best)
    assert plan.gap == 0
    assert np.all(assigned <= capacity[plan.chosen] + 1e-6)
    assert len(plan.chosen) == k


@pytest.mark.parametrize("seed", few_of(40, 8))
def test_people_who_count_more_are_served_first_as_full_enumeration_has_it(seed):
    demand, walks, capacity, sites, k = a_town(seed)
    demand = with_people(demand, seed)
    best = max(weighed_out(demand, walks, capacity, c) for c in choices(sites, k))
    plan, assigned, gained = capacitated_cover(demand, walks, LIMIT, k, capacity, sites)
    assert plan.value == pytest.approx(best)
    assert plan.gap == 0
    assert np.all(assigned <= capacity[plan.chosen] + 1e-6)
    assert np.all(gained >= assigned - 1e-6)
    assert plan.value == pytest.approx(demand.weight[demand.already <= LIMIT].sum() + gained.sum())


@pytest.mark.parametrize("seed", few_of(40, 8))
def test_fewest_sites_for_a_share_of_what_counts_are_those_of_full_enumeration(seed):
    demand, walks, capacity, sites, _ = a_town(seed)
    require_fewest((with_people(demand, seed), walks, capacity, sites), 0.5, weighed_out)


@pytest.mark.parametrize("seed", few_of(40, 8))
def test_what_a_budget_and_capacities_serve_is_that_of_full_enumeration(seed):
    demand, walks, capacity, sites, k = a_town(seed)
    price = np.random.default_rng(seed).integers(1, 6, walks.n_candidates).astype(float)
    budget = float(price[sites.required].sum() + 5.0)
    every = [c for size in range(k + 1) for c in choices(sites, size)]
    paid = [c for c in every if price[list(c)].sum() <= budget]
    best = max(shared_out(demand, walks, capacity, c) for c in paid)
    terms = sites._replace(price=price, budget=budget)
    plan, assigned, _ = capacitated_cover(demand, walks, LIMIT, k, capacity, terms)
    assert plan.value == pytest.approx(best)
    assert plan.gap == 0
    assert price[plan.chosen].sum() <= budget + 1e-9
    assert len(plan.chosen) <= k
    assert np.all(assigned <= capacity[plan.chosen] + 1e-6)


@pytest.mark.parametrize("seed", few_of(40, 8))
def test_fewest_sites_are_those_of_full_enumeration(seed):
    require_fewest(a_town(seed)[:4], 0.6, shared_out)


def test_without_bounds_it_is_the_plain_model():
    demand, walks, _, sites, k = a_town(3)
    plenty = np.full(walks.n_candidates, 1e6)
    plan = capacitated_cover(demand, walks, LIMIT, k, plenty, sites).plan
    assert plan.value == pytest.approx(max_cover(demand, walks, LIMIT, k, sites).value)


@pytest.mark.parametrize("capacity", [[1.0], [np.nan] * 9, [-1.0] * 9])
def test_capacities_are_numbers_one_each(capacity):
    demand, walks, _, _, _ = a_town(3)
    with pytest.raises(InputError, match="needs a capacity"):
        capacitated_cover(demand, walks, LIMIT, 1, np.array(capacity)[: walks.n_candidates + 1])
