"""Location models against full enumeration, and against instances with a published optimum."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from quarterhour.errors import InputError
from quarterhour.planning.cover_search import without_dominated
from quarterhour.planning.location_models import max_cover, p_centre, p_median, set_cover
from quarterhour.planning.location_problem import (
    Demand,
    Plan,
    Sites,
    Walks,
    nearest_cost,
    total_cost,
)
from tried import few_of

INSTANCES = Path(__file__).parents[3] / "shared" / "data" / "location"


def a_small_town(seed: int) -> tuple[Demand, Walks, Sites, int]:
    """Some homes and candidates on a plane; some homes have a place, some walks are too long."""
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(4, 9)), int(rng.integers(5, 25)), int(rng.integers(1, 4))
    homes, places = rng.uniform(0, 10, (m, 2)), rng.uniform(0, 10, (n, 2))
    cost = np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1))
    home, candidate = np.nonzero(cost < rng.uniform(5, 15))
    already = np.where(rng.random(m) < 0.2, rng.uniform(0, 6, m), np.inf)
    required, forbidden = np.zeros(n, bool), np.zeros(n, bool)
    required[0], forbidden[1] = rng.random() < 0.3, rng.random() < 0.3
    walks = Walks(home, candidate, cost[home, candidate], n)
    weight = rng.integers(1, 50, m).astype(float)
    return Demand(weight, already), walks, Sites(required, forbidden), k


def every_choice(sites: Sites, k: int) -> list[np.ndarray]:
    free = np.flatnonzero(~sites.forbidden)
    required = set(np.flatnonzero(sites.required))
    return [np.array(c, dtype=int) for c in combinations(free, k) if required <= set(c)]


@pytest.mark.parametrize("seed", few_of(60, 8))
def test_most_covered_is_that_of_full_enumeration(seed):
    demand, walks, sites, k = a_small_town(seed)
    limit = 3.0
    covered = [
        demand.weight[nearest_cost(demand, walks, c) <= limit].sum() for c in every_choice(sites, k)
    ]
    plan = max_cover(demand, walks, limit, k, sites)
    assert plan.value == pytest.approx(max(covered))
    assert plan.gap == 0
    assert demand.weight[nearest_cost(demand, walks, plan.chosen) <= limit].sum() == plan.value
    assert len(plan.chosen) == k


@pytest.mark.parametrize("seed", few_of(60, 8))
@pytest.mark.parametrize("share", [1.0, 0.7])
def test_fewest_sites_are_those_of_full_enumeration(seed, share):
    demand, walks, sites, _ = a_small_town(seed)
    limit = 4.0

    def enough(chosen: np.ndarray) -> bool:
        served = demand.weight[nearest_cost(demand, walks, chosen) <= limit].sum()
        return bool(served >= share * demand.weight.sum() - 1e-9)

    sizes = [
        size
        for size in range(walks.n_candidates + 1)
        if any(enough(c) for c in every_choice(sites, size))
    ]
    if not sizes:
        with pytest.raises(InputError, match="together serve"):
            set_cover(demand, walks, limit, sites, share=share)
        return
    plan = set_cover(demand, walks, limit, sites, share=share)
    assert plan.value == min(sizes) == plan.bound
    assert enough(plan.chosen)


@pytest.mark.parametrize("seed", few_of(60, 8))
def test_least_walking_and_least_longest_walk_are_those_of_full_enumeration(seed):
    demand, walks, sites, k = a_small_town(seed)
    choices = every_choice(sites, k)
    costs = [total_cost(demand, walks, c, miss=20.0) for c in choices]
    plan = p_median(demand, walks, k, sites, miss=20.0)
    assert plan.value == pytest.approx(min(costs))
    assert plan.bound == pytest.approx(min(costs))
    longest = min(nearest_cost(demand, walks, c).max() for c in choices)
    if np.isinf(longest):
        for model in (p_centre, p_median):
            with pytest.raises(InputError, match="cannot serve every home"):
                model(demand, walks, k, sites)
        return
    assert p_centre(demand, walks, k, sites).value == pytest.approx(longest)


@pytest.mark.parametrize("seed", few_of(40, 8))
def test_a_candidate_that_another_outdoes_is_dropped_and_the_best_plan_stays(seed):
    demand, walks, sites, k = a_small_town(seed)
    price = np.random.default_rng(seed).integers(1, 4, walks.n_candidates).astype(float)
    near = walks.within(4.0)
    for paid in (None, price):
        kept, left = without_dominated(near, sites, paid, k)
        dropped = np.flatnonzero(left.forbidden & ~sites.forbidden)
        assert not sites.required[dropped].any()
        assert not np.isin(kept.candidate, dropped).any()
        assert (~left.forbidden).sum() >= min(k, (~sites.forbidden).sum())
        serves = [set(near.home[near.candidate == one]) for one in range(walks.n_candidates)]
        for one in dropped:  # one that stays serves all of its homes for no more
            assert any(
                serves[one] <= serves[other] and (paid is None or paid[other] <= paid[one])
                for other in np.flatnonzero(~left.forbidden)
            )
    budget = float(price[sites.required].sum() + 3.0)
    terms = sites._replace(price=price, budget=budget)
    choices = [c for size in range(k + 1) for c in every_choice(sites, size)]
    affordable = [c for c in choices if price[c].sum() <= budget]
    if affordable:
        best = max(demand.weight[nearest_cost(demand, walks, c) <= 4.0].sum() for c in affordable)
        plan = max_cover(demand, walks, 4.0, k, terms)
        assert plan.value == pytest.approx(best)
        assert price[plan.chosen].sum() <= budget


def test_of_many_candidates_at_one_place_one_is_looked_at():
    homes = np.repeat(np.arange(3), 4)
    walks = Walks(homes, np.tile(np.arange(4), 3), np.ones(12), 4)
    sites = Sites(np.array([False, False, True, False]), np.zeros(4, bool))
    kept, left = without_dominated(walks, sites)
    assert left.forbidden.tolist() == [True, True, False, True], "the required one stays"
    assert len(kept.home) == 3
    _, three = without_dominated(walks, sites, k=3)
    assert (~three.forbidden).sum() == 3
    assert len(max_cover(Demand(np.ones(3), np.full(3, np.inf)), walks, 2.0, 3, sites).chosen) == 3


def test_with_a_backup_every_home_has_two():
    walks = Walks(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 1, 2]), np.ones(5), 3)
    demand = Demand(np.ones(2), np.full(2, np.inf))
    assert set_cover(demand, walks, 1.0).value == 1
    assert set_cover(demand, walks, 1.0, backup=2).chosen.tolist() == [1, 2]
    there = Demand(np.ones(2), np.array([0.5, 0.5]))  # the existing place is one of the two
    assert set_cover(there, walks, 1.0, backup=2).value == 1


def test_what_cannot_be_is_said():
    demand, walks, _, _ = a_small_town(0)
    n = walks.n_candidates
    with pytest.raises(InputError, match=f"of {n} candidates are free"):
        max_cover(demand, walks, 3.0, n + 1)
    both = Sites(np.arange(n) == 0, np.arange(n) == 0)
    with pytest.raises(InputError, match="both required and forbidden"):
        max_cover(demand, walks, 3.0, 1, both)


def test_a_gap_is_a_share_of_the_value():
    assert Plan(np.array([0]), 100.0, 110.0).gap == pytest.approx(0.1)
    assert Plan(np.array([0]), 100.0, 100.0).gap == 0


@pytest.mark.parametrize(("name", "median", "centre"), [("pmed1", 5819, 127), ("pmed5", 1355, 48)])
def test_published_optima_of_the_or_library(name, median, centre):
    if not INSTANCES.exists():
        pytest.skip("the OR-Library instances are not beside this checkout")
    lines = (INSTANCES / f"{name}.txt").read_text().splitlines()
    (n, _, k), *edges = ([int(word) for word in line.split()] for line in lines if line.strip())
    graph = nx.Graph()
    for u, v, cost in edges:
        graph.add_edge(u - 1, v - 1, weight=cost)
    apart = np.asarray(nx.floyd_warshall_numpy(graph, nodelist=range(n)))
    home, candidate = np.divmod(np.arange(n * n), n)
    walks = Walks(home, candidate, apart.ravel(), n)
    demand = Demand(np.ones(n), np.full(n, np.inf))
    plan = p_median(demand, walks, k)
    assert (plan.value, plan.bound) == pytest.approx((median, median))
    assert p_centre(demand, walks, k).value == centre


def test_the_san_francisco_instance_has_the_optima_that_spopt_finds():
    """205 tracts, 16 stores, network distances; figures of spopt 0.7 with CBC on the same input."""
    path = INSTANCES / "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    if not path.exists():
        pytest.skip("the San Francisco instance is not beside this checkout")
    table = pd.read_csv(path)
    wide = table.pivot_table(index="DestinationName", columns="name", values="distance")
    people = table.drop_duplicates("DestinationName").set_index("DestinationName")["demand"]
    apart = wide.to_numpy(dtype=float)
    n, m = apart.shape
    home, candidate = np.divmod(np.arange(n * m), m)
    walks = Walks(home, candidate, apart.ravel(), m)
    demand = Demand(people.reindex(wide.index).to_numpy(dtype=float), np.full(n, np.inf))
    assert set_cover(demand, walks, 5_000.0).value == 8
    assert max_cover(demand, walks, 5_000.0, 2).value == pytest.approx(671_938)
    assert max_cover(demand, walks, 5_000.0, 4).value == pytest.approx(875_247)
    assert p_median(demand, walks, 4).value == pytest.approx(2_848_268_129.7145, rel=1e-12)
    assert p_centre(demand, walks, 4).value == pytest.approx(7_403.0638, abs=1e-4)
