"""New places under terms: prices, reserves, targets, groups, rooms for several items."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from importlib import import_module

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

import quarterhour as qh
from quarterhour.errors import InputError
from quarterhour.planning import integer_programme, watched_solver
from quarterhour.planning.location_models import max_cover, p_centre, p_median, set_cover
from quarterhour.planning.location_problem import Demand, Sites, Walks
from quarterhour.planning.room_programme import Asked, choose_rooms

CRS = 32650


def a_street(homes, shops, *, item="pharmacy", **columns) -> qh.Scorecard:
    """Homes and shops along a straight street of six kilometres, limit ten minutes (750 m)."""
    line = [LineString([(x, 0), (x + 500, 0)]) for x in range(0, 6000, 500)]
    network = qh.WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=line, crs=CRS))
    areas = gpd.GeoDataFrame(
        {"residents": [100.0] * len(homes), **columns},
        geometry=[Point(x, 0) for x in homes],
        crs=CRS,
    )
    facilities = gpd.GeoDataFrame(
        {"name": [f"shop {x:g}" for x in shops], "item": [item] * len(shops)},
        geometry=[Point(x, 0) for x in shops],
        crs=CRS,
    )
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    ten = {key: {"limit_minutes": 10} for key in ("pharmacy", "food_market")}
    return qh.assess(areas, facilities, network, qh.Checklist.load("beijing-2011").override(ten))


def spots(*xs, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[Point(x, 0) for x in xs], crs=CRS)


def test_a_budget_buys_what_serves_most():
    card = a_street([2000, 2200, 4000, 5500], [0])
    places = spots(2100, 4000, 5500, price=[70, 40, 50])
    plan = qh.site(card, "pharmacy", k=3, candidates=places, terms=qh.SitingTerms(budget=110))
    assert set(plan.sites["candidate"]) == {0, 1}
    assert (plan.value, plan.gap) == (300, 0)
    assert plan.sites["price"].sum() <= 110


def test_the_cheapest_places_for_a_share():
    card = a_street([2000, 2200, 4000, 5500], [0])
    places = spots(2100, 4000, 5500, price=[70, 40, 50])
    plan = qh.site(card, "pharmacy", candidates=places, objective="cheapest", share=0.5)
    assert (set(plan.sites["candidate"]), plan.value, plan.gap) == ({0}, 70, 0)
    fewest = qh.site(card, "pharmacy", candidates=places, objective="fewest", share=0.5)
    assert (fewest.value, fewest.gap) == (1, 0)


def test_at_most_so_many_minutes_for_the_worst():
    card = a_street([1000, 2000, 3000], [0])
    places = spots(*range(0, 4000, 250))
    for minutes, count in ((14, 1), (10, 2), (5, 3)):
        terms = qh.SitingTerms(minutes=minutes)
        plan = qh.site(
            card, "pharmacy", candidates=places, objective="fewest", share=1.0, terms=terms
        )
        assert (plan.value, plan.gap) == (count, 0)
        walks = qh.travel_times(card.origins, plan.sites, card.network, minutes).to_frame()
        own = qh.nearest(
            card.origins,
            card.facilities.assign(kind="shop"),
            card.network,
            by="kind",
            minutes=minutes,
        )
        near = set(walks["origin"]) | set(own.loc[own["seconds"].notna(), "origin"])
        assert near == set(card.origins.index)


def test_a_reserve_counts_the_places_that_there_are():
    card = a_street([1000, 1200], [900, 1300])
    places = spots(1000, 1100, 1200)
    for backup, count in ((2, 0), (3, 1), (4, 2)):
        plan = qh.site(
            card, "pharmacy", candidates=places, objective="fewest", share=1.0,
            terms=qh.SitingTerms(backup=backup),
        )  # fmt: skip
        assert (plan.value, plan.gap) == (count, 0)


def test_groups_weigh_what_they_are_given():
    card = a_street([2000, 5500], [0], old=[10.0, 90.0])
    places = spots(2000, 5500)
    plan = qh.site(card, "pharmacy", k=1, candidates=places)
    assert plan.sites["candidate"].tolist() == [0], "as many residents: the first"
    terms = qh.SitingTerms(weights={"residents": 1, "old": 2})
    plan = qh.site(card, "pharmacy", k=1, candidates=places, terms=terms)
    assert plan.sites["candidate"].tolist() == [1]
    assert (plan.measure, plan.total, plan.value) == ("weighted residents", 400, 280)


def test_a_place_is_as_full_with_one_as_with_another_and_serves_first_who_counts_more():
    card = a_street([2000, 2900], [0], old=[10.0, 90.0])
    terms = qh.SitingTerms(weights={"residents": 1, "old": 2})
    plan = qh.site(card, "pharmacy", k=1, candidates=spots(2450, capacity=[150.0]), terms=terms)
    assert plan.sites["assigned"].tolist() == [pytest.approx(150)]
    # All 100 of whom 90 are old, and 50 of the others, of whom each tenth is.
    assert plan.value == pytest.approx(280 + 60)
    assert plan.sites["gained"].tolist() == [pytest.approx(340)]
    assert (plan.measure, plan.total, plan.gap) == ("weighted residents", 400, 0)
    bare = qh.site(card, "pharmacy", k=1, candidates=spots(2450, capacity=[150.0]))
    assert bare.sites[["gained", "assigned"]].to_numpy().tolist() == [[pytest.approx(150)] * 2]


def test_people_of_a_group_where_nobody_lives_cannot_fill_a_place():
    card = a_street([2000, 2900], [0], old=[10.0, 90.0])
    areas = card.areas.assign(residents=[0.0, 100.0])
    areas.attrs = dict(card.areas.attrs)
    empty = card.again(areas=areas, origins=None)
    terms = qh.SitingTerms(weights={"old": 1})
    with pytest.raises(InputError, match="1 homes have people of the weighted groups and no resid"):
        qh.site(empty, "pharmacy", k=1, candidates=spots(2450, capacity=[150.0]), terms=terms)


def test_a_budget_and_capacities_hold_together():
    card = a_street([2000, 2200], [0])
    places = spots(2000, 2200, 2100, capacity=[60.0, 60.0, 150.0], price=[10.0, 10.0, 40.0])
    for budget, value in ((20, 120), (40, 150), (10, 60)):
        terms = qh.SitingTerms(budget=budget)
        plan = qh.site(card, "pharmacy", k=2, candidates=places, terms=terms)
        assert (plan.value, plan.gap) == (pytest.approx(value), 0)
        assert plan.sites["price"].sum() <= budget


def test_candidates_by_a_word():
    card = a_street([2000, 2200], [0], name=["east", "west"])
    middle = qh.site(card, "pharmacy", k=1, candidates="areas")
    assert middle.sites["name"].iloc[0] in {"east", "west"}
    assert middle.sites["candidate"].iloc[0] in set(card.areas.index)
    closed = card.facilities.assign(valid_to=["2020-01-01"])
    closed = gpd.GeoDataFrame(
        {"name": ["open", "shut"], "item": "pharmacy", "valid_to": [None, "2020-01-01"]},
        geometry=[Point(0, 0), Point(2100, 0)],
        crs=CRS,
    )
    closed.attrs["datum"] = "wgs84"
    plan = qh.site(card.again(facilities=closed), "pharmacy", k=1, candidates="vacated")
    assert plan.sites["name"].tolist() == ["shut"]
    assert plan.value == 200
    for word, told in (("vacated", "valid_to"), ("moon", "is none of streets, areas, vacated")):
        with pytest.raises(InputError, match=told):
            qh.site(card, "pharmacy", k=1, candidates=word)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"terms": qh.SitingTerms(budget=10)}, "A budget needs prices"),
        ({"terms": qh.SitingTerms(minutes=0)}, "is no walk"),
        ({"terms": qh.SitingTerms(backup=2)}, "backup=2 with objective='cover'"),
        ({"terms": qh.SitingTerms(backup=0), "objective": "fewest"}, "at least 1"),
        ({"terms": qh.SitingTerms(budget=9), "objective": "fewest"}, "'cheapest' says how little"),
        ({"objective": "cheapest"}, "needs prices"),
        ({"terms": qh.SitingTerms(weights={"old": 1})}, "no column 'old' to weigh people by"),
        ({"terms": qh.SitingTerms(weights={"residents": -1})}, "cannot count -1"),
        ({"candidates": spots(2000, price=["dear"])}, "The price of candidate 0 is 'dear'"),
        ({"candidates": spots()}, "The table of candidates is empty"),
        ({"candidates": spots(2000).set_crs(None, allow_override=True)}, "have no CRS"),
        ({"candidates": gpd.GeoDataFrame(geometry=[None], crs=CRS)}, "have no place"),
        ({"candidates": spots(2_000_000)}, "None of the 1 candidates lies near a street"),
        (
            {
                "candidates": spots(2000, required=[True], price=[50]),
                "terms": qh.SitingTerms(budget=9),
            },
            "does not pay for the required candidates",
        ),
        (
            {
                "candidates": spots(2000, capacity=[50]),
                "objective": "fewest",
                "terms": qh.SitingTerms(backup=2),
            },
            "they go with no backup",
        ),
        (
            {"candidates": spots(2000, capacity=[5]), "objective": "fewest"},
            "larger",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_said_with_what_to_change(options, told):
    card = a_street([100, 2000, 2200], [0])
    given = {"k": 1, "candidates": spots(2000, 2100), **options}
    with pytest.raises(InputError, match=told):
        qh.site(card, "pharmacy", **given)


def test_budgets_and_reserves_equal_enumeration():
    rng = np.random.default_rng(5)
    for _ in range(60):
        n, m = 7, 12
        pairs = np.argwhere(rng.random((m, n)) < 0.3)
        walks = Walks(pairs[:, 0], pairs[:, 1], np.ones(len(pairs)), n)
        demand = Demand(
            rng.integers(1, 9, m).astype(float), np.where(rng.random(m) < 0.2, 1.0, 9.0)
        )
        price = rng.integers(1, 9, n).astype(float)
        required = rng.random(n) < 0.1
        sites = Sites(
            required, ~required & (rng.random(n) < 0.1), price, price[required].sum() + 9.0
        )
        reach = np.zeros((m, n), dtype=int)
        reach[tuple(pairs.T)] = 1
        have = rng.integers(0, 3, m)
        choices = [
            np.array(one)
            for size in range(n + 1)
            for one in itertools.combinations(np.flatnonzero(~sites.forbidden), size)
            if required.sum() == required[list(one)].sum()
        ]
        paid = [
            one for one in choices if len(one) <= 4 and price[one.astype(int)].sum() <= sites.budget
        ]
        best = max(
            demand.weight[(demand.already <= 1) | (reach[:, one.astype(int)].sum(axis=1) > 0)].sum()
            for one in paid
        )
        plan = max_cover(demand, walks, 1.0, 4, sites)
        assert plan.value == pytest.approx(best)
        assert plan.gap == 0
        enough = [
            price[one.astype(int)].sum()
            for one in choices
            if demand.weight[have + reach[:, one.astype(int)].sum(axis=1) >= 2].sum()
            >= 0.5 * demand.weight.sum()
        ]
        if enough:
            plan = set_cover(demand, walks, 1.0, sites, share=0.5, backup=2, there=have)
            assert plan.value == pytest.approx(min(enough))


def test_rooms_for_several_items_equal_enumeration():
    rng = np.random.default_rng(6)
    for turn in range(40):
        n, m = 5, 8
        pairs = np.argwhere(rng.random((m, n)) < 0.4)
        walks = Walks(pairs[:, 0], pairs[:, 1], rng.integers(1, 4, len(pairs)).astype(float), n)
        weight = rng.integers(1, 9, m).astype(float)
        demands = tuple(Demand(weight, np.where(rng.random(m) < 0.2, 1.0, 9.0)) for _ in range(2))
        limits = (2.0, 3.0)
        may = rng.random((n, 2)) < 0.8
        uses = rng.integers(1, 3, n).astype(float)
        price = rng.integers(1, 9, n).astype(float)
        sites = Sites(np.zeros(n, bool), rng.random(n) < 0.1, price, 12.0 if turn % 2 else np.inf)
        rooms, places = (2, None) if turn % 3 else (None, (2, 1))
        best = 0.0
        for flat in itertools.product([False, True], repeat=n * 2):
            serves = np.array(flat).reshape(n, 2)
            opened = serves.any(axis=1)
            if (serves & ~may).any() or (opened & sites.forbidden).any():
                continue
            if (serves.sum(axis=1) > uses).any() or price[opened].sum() > sites.budget:
                continue
            if (rooms is not None and opened.sum() > rooms) or (
                places is not None and (serves.sum(axis=0) > places).any()
            ):
                continue
            value = 0.0
            for item in range(2):
                near = demands[item].already <= limits[item]
                on = serves[walks.candidate, item] & (walks.cost <= limits[item])
                near[walks.home[on]] = True
                value += weight[near].sum()
            best = max(best, value)
        found = choose_rooms(Asked(demands, limits, may, uses, rooms, places), walks, sites, 20.0)
        assert found.value == pytest.approx(best)
        assert found.bound == pytest.approx(best)
        assert not (found.serves & ~may).any()
        assert sum(found.served) == pytest.approx(best)


def test_what_rooms_promise_is_what_the_assessment_finds():
    card = a_street([100, 2000, 2200, 5500], [0])
    places = spots(2100, 5500, 3000, uses=[2, 1, 2], items=["", "food_market", "pharmacy"])
    plan = qh.site_rooms(card, ["pharmacy", "food_market"], k=2, candidates=places)
    assert plan.rooms["serves"].tolist() == ["pharmacy|food_market", "food_market"]
    assert plan.items["served"].tolist() == [300, 300]
    assert plan.rooms["gained"].tolist() == [400, 100]
    assert (plan.value, plan.gap) == (600, 0)
    assert repr(plan) == (
        "<RoomSiting of 2 rooms: residents within pharmacy 100 -> 300, food_market 0 -> 300; "
        "proven>"
    )
    after = qh.scenario(card, plan.scenario)
    gained = qh.compare(card, after).items["gained"]
    assert gained[["pharmacy", "food_market"]].tolist() == [200, 300]
    each = qh.site_rooms(
        card, ["pharmacy", "food_market"], k={"pharmacy": 1, "food_market": 2}, candidates=places
    )
    assert each.items["places"].tolist() == [1, 2]
    assert len(each.rooms) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"items": "pharmacy"}, "give a list of items"),
        ({"k": {"pharmacy": 1}}, "name each"),
        ({"k": 0}, "places to open, at least 1"),
        ({"candidates": spots(2000, uses=["many"])}, "uses='many'"),
        (
            {"candidates": spots(2000, 2100, required=[True, True]), "k": 1},
            "more rooms are required",
        ),
        ({"budget": 5.0}, "A budget needs prices"),
    ],
)
def test_rooms_that_cannot_be_had_are_told(options, told):
    card = a_street([100, 2000], [0])
    given = {"items": ["pharmacy", "food_market"], "k": 1, "candidates": spots(2000), **options}
    with pytest.raises(InputError, match=told):
        qh.site_rooms(card, given.pop("items"), **given)


def hard() -> tuple[Demand, Walks]:
    """A covering that takes minutes to prove."""
    rng = np.random.default_rng(0)
    pairs = np.argwhere(rng.random((1000, 200)) < 0.03)
    return (
        Demand(rng.random(1000), np.full(1000, np.inf)),
        Walks(pairs[:, 0], pairs[:, 1], np.ones(len(pairs)), 200),
    )


def test_an_interrupted_search_gives_its_best_with_the_gap():
    demand, walks = hard()
    import_module("scipy.optimize")  # what is interrupted is the search
    timer = threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    # What runs in the background ignores a Ctrl-C: here it is heard.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        timer.start()
        began = time.monotonic()
        plan = max_cover(demand, walks, 1.0, 20, time_limit_s=120.0)
        timer.join()
        assert 1.4 < time.monotonic() - began < 60
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(plan.chosen) == 20
    assert 0 < plan.gap < 0.5
    assert plan.bound > plan.value > 0


def test_a_terminal_is_told_of_the_gap(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    demand, walks = hard()
    max_cover(demand, walks, 1.0, 20, time_limit_s=3.0)
    told = capsys.readouterr().err
    assert "Proving: at most" in told
    assert "% from the best" in told
    assert told.endswith("\r"), "the line is cleared"


def test_without_a_door_to_the_solver_the_answer_is_the_same(monkeypatch):
    rng = np.random.default_rng(1)
    pairs = np.argwhere(rng.random((40, 9)) < 0.2)
    demand = Demand(rng.random(40), np.full(40, np.inf))
    walks = Walks(pairs[:, 0], pairs[:, 1], np.ones(len(pairs)), 9)
    watched = max_cover(demand, walks, 1.0, 3)
    monkeypatch.setattr(integer_programme, "watched", lambda *_: None)
    plain = max_cover(demand, walks, 1.0, 3)
    assert plain.value == pytest.approx(watched.value)
    assert watched_solver.TOLD_EVERY_S > 0


def hard_to_cover() -> tuple[Demand, Walks]:
    """A set covering and a centre that take minutes to prove."""
    rng = np.random.default_rng(3)
    n, m = 400, 400
    xy = rng.random((m, 2))
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    home, site = np.nonzero(far < 0.25)
    return Demand(np.ones(m), np.full(m, np.inf)), Walks(home, site, far[home, site], n)


@pytest.mark.parametrize(
    "ask",
    [
        lambda d, w: set_cover(d, w, 0.06, time_limit_s=120.0),
        lambda d, w: p_centre(d, w, 60, time_limit_s=120.0),
        lambda d, w: p_median(d, w, 40, time_limit_s=120.0),
    ],
    ids=["fewest", "centre", "median"],
)
def test_every_search_that_is_interrupted_gives_its_best(ask):
    demand, walks = hard_to_cover()
    stop = threading.Event()

    def again_and_again() -> None:
        while not stop.wait(2.0):
            os.kill(os.getpid(), signal.SIGINT)

    def calm(number, frame) -> None:
        """What a second Ctrl-C would do: here, nothing."""

    before = signal.signal(signal.SIGINT, calm)
    thread = threading.Thread(target=again_and_again)
    thread.start()
    try:
        plan = ask(demand, walks)
    finally:
        stop.set()
        thread.join()
        signal.signal(signal.SIGINT, before)
    assert len(plan.chosen) > 0
    assert np.isfinite(plan.value)
    assert 0 <= plan.gap <= 1  # 1: nothing was proven yet
    assert plan.bound <= plan.value + 1e-9
