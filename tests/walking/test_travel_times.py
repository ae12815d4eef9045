"""Travel times against closed forms, laws, and the split-graph witness."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.errors import InputError, NetworkError
from quarterhour.sources.osm.read import read_osm
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import end_positions, start_positions
from quarterhour.walking.engines import networkx_engine, numba_engine
from quarterhour.walking.pace import ADULT, Profile
from quarterhour.walking.travel_times import nearest, travel_times
from tried import as_many, examples
from witness import split_graph, witness_times


def one(network, a, b, minutes=60, **options):
    """Seconds from a to b, or None."""
    table = travel_times(worlds.points(a), worlds.points(b), network, minutes, **options).to_frame()
    return None if table.empty else float(table["seconds"].iloc[0])


def test_two_places_on_one_edge_are_joined_along_it():
    assert one(worlds.line_world(), (200, 10), (700, -20)) == pytest.approx((10 + 500 + 20) / 1.25)


def test_both_legs_and_the_partial_edges_are_charged():
    seconds = one(worlds.cross_world(), (300, 40), (-30, -200))
    assert seconds == pytest.approx((40 + 300 + 200 + 30) / 1.25)


def test_grid_equals_manhattan_distance():
    network = worlds.grid_world()
    # Both lie on parallel streets of different columns: along, across, along.
    assert one(network, (130, 200), (770, 500)) == pytest.approx((770 - 130 + 300) / 1.25)
    # Both lie mid-block on the two long sides of one block: round by the nearer corner.
    assert one(network, (130, 200), (160, 300)) == pytest.approx(
        (30 + 100 + 60 - 0) / 1.25, abs=1e-9
    )


def test_stacked_bridge_is_no_junction():
    assert one(worlds.bridge_world(), (0, 400), (400, 0)) is None


def test_time_limit_is_inclusive_and_sharp():
    network = worlds.line_world()
    assert one(network, (0, 0), (750, 0), minutes=10) == pytest.approx(600)
    assert one(network, (0, 0), (750.01, 0), minutes=10) is None


def test_one_way_on_foot_goes_round():
    square = [
        [(0, 0), (100, 0)],
        [(100, 0), (100, 100)],
        [(100, 100), (0, 100)],
        [(0, 100), (0, 0)],
    ]
    network = worlds.network_of(*square, oneway_foot=[1, 0, 0, 0])
    assert one(network, (25, 0), (75, 0)) == pytest.approx(50 / 1.25)
    assert one(network, (75, 0), (25, 0)) == pytest.approx(350 / 1.25)


def test_half_the_pace_doubles_the_time():
    network = worlds.grid_world()
    a, b = (133, 207), (771, 498)
    assert one(network, a, b, pace=Profile("slow", 0.625)) == pytest.approx(2 * one(network, a, b))


def test_table_keeps_index_labels_and_both_directions_of_search_agree():
    network = worlds.grid_world()
    few, many = worlds.strewn(network, 15, 1), worlds.strewn(network, 80, 2)
    there = travel_times(few, many, network, 10).to_frame()
    back = travel_times(many, few, network, 10).to_frame()
    assert set(there["origin"]) <= set(few.index)
    swapped = back.rename(columns={"origin": "destination", "destination": "origin"})
    keys = ["origin", "destination"]
    merged = there.merge(swapped, on=keys, how="outer", suffixes=("", "_back"))
    assert len(merged) == len(there) == len(back)
    assert np.allclose(merged["seconds"], merged["seconds_back"], atol=1e-9)


def test_several_blocks_give_the_same_table(monkeypatch):
    network = worlds.grid_world()
    homes, shops = worlds.strewn(network, 60, 3), worlds.strewn(network, 70, 4)
    whole = travel_times(homes, shops, network, 12).to_frame()
    monkeypatch.setattr("quarterhour.walking.searches.BLOCK", 7)
    pd.testing.assert_frame_equal(whole, travel_times(homes, shops, network, 12).to_frame())


def test_engines_agree():
    network = worlds.grid_world()
    homes, shops = worlds.strewn(network, 25, 5), worlds.strewn(network, 30, 6)
    tables = [
        travel_times(homes, shops, network, 9, engine=engine).to_frame()
        for engine in (numba_engine, networkx_engine)
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-12)


@examples(30)
@given(seed=st.integers(0, 10_000), minutes=st.floats(1, 20), more=st.floats(0, 10))
def test_laws(seed, minutes, more):
    """A longer limit only adds walks; there equals back on level ground; triangles hold."""
    network = worlds.grid_world(6)
    places = worlds.strewn(network, 12, seed)
    short = travel_times(places, places, network, minutes).to_frame()
    longer = travel_times(places, places, network, minutes + more).to_frame()
    joined = short.merge(longer, on=["origin", "destination"], how="left", suffixes=("", "_longer"))
    assert np.allclose(joined["seconds"], joined["seconds_longer"], atol=1e-9)
    table = longer.pivot_table(index="origin", columns="destination", values="seconds")
    table = table.loc[table.columns] if set(table.columns) == set(table.index) else table
    assert np.allclose(table, table.T, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("minutes", [0, -1, float("nan")])
def test_a_limit_is_positive(minutes):
    with pytest.raises(InputError, match="positive number of minutes"):
        one(worlds.line_world(), (0, 0), (1, 0), minutes=minutes)


def test_an_empty_table_is_said_to_be_empty():
    with pytest.raises(InputError, match=r"The table of \w+ is empty"):
        travel_times(worlds.points((0, 0)), worlds.points(), worlds.line_world())


def test_places_far_from_any_street_are_not_snapped_and_said_to_be():
    network = worlds.line_world()
    homes = worlds.points((500, 0), (500, 900), index=["near", "far"])
    found = travel_times(homes, worlds.points((0, 0)), network)
    assert found.origin_snapped.tolist() == [True, False]
    assert "not snapped: 1 origins" in repr(found)
    with pytest.raises(NetworkError, match="None of the 1 destinations lies within 100 m"):
        travel_times(homes, worlds.points((0, 5_000)), network)


def test_nearest_names_facility_and_status():
    network = worlds.network_of([(0, 0), (3000, 0)], [(0, 3000), (2500, 3000)])
    homes = worlds.points((100, 0), (100, 3000), (100, 900), index=["a", "b", "c"])
    shops = worlds.points(
        (0, 0),
        (400, 0),
        (2900, 0),
        (2400, 3000),
        (0, 800),
        index=["s1", "s2", "bank", "s4", "lost"],
        item=["shop", "shop", "bank", "shop", "kiosk"],
    )
    found = nearest(homes, shops, network, 15).set_index(["origin", "item"])
    assert found.loc[("a", "shop"), ["facility", "status"]].tolist() == ["s1", "within_limit"]
    assert found.loc[("a", "shop"), "seconds"] == pytest.approx(80)
    assert found.loc[("a", "bank"), "status"] == "beyond_limit"
    assert np.isnan(found.loc[("a", "bank"), "seconds"])
    assert found.loc[("b", "shop"), "status"] == "beyond_limit"
    assert found.loc[("b", "bank"), "status"] == "unreachable"
    assert found.loc[("c", "shop"), "status"] == "not_snapped"
    assert found.loc[("a", "kiosk"), "status"] == "no_facility"


def test_nearest_equals_the_minimum_of_travel_times():
    network = worlds.grid_world()
    homes, shops = worlds.strewn(network, 40, 8), worlds.strewn(network, 50, 9)
    shops["item"] = np.where(np.arange(50) % 3 == 0, "x", "y")
    found = nearest(homes, shops, network, 6)
    table = travel_times(homes, shops, network, 6).to_frame()
    table["item"] = shops["item"].loc[table["destination"]].to_numpy()
    least = table.groupby(["origin", "item"])["seconds"].min()
    mine = found.dropna(subset="seconds").set_index(["origin", "item"])["seconds"]
    assert np.allclose(mine.sort_index(), least.sort_index(), atol=1e-9)
    assert len(mine) == len(least)


def test_nearest_as_a_matrix_has_the_seconds_of_the_table():
    network = worlds.grid_world()
    homes, shops = worlds.strewn(network, 40, 8, spread_m=250), worlds.strewn(network, 50, 9)
    shops["item"] = np.where(np.arange(50) % 3 == 0, "x", "y")
    long = nearest(homes, shops, network, 3)
    wide = nearest(homes, shops, network, 3, wide=True)
    assert wide.index.equals(homes.index)
    assert wide.columns.tolist() == ["x", "y"]
    table = long.set_index(["origin", "item"])["seconds"].to_numpy().reshape(-1, 2)
    assert np.array_equal(table, wide.to_numpy(), equal_nan=True)
    areas = worlds.squares((0, 0), (500, 500), size=150, index=["a", "b"])
    whole = nearest(areas, shops, network, 30, wide=True)
    assert whole.index.tolist() == ["a", "b"]
    assert whole.notna().all(axis=None)


def test_words_of_nearest_are_categories_that_sort_and_count_as_texts():
    network = worlds.line_world()
    homes = worlds.points((0, 0), (900, 0), (0, 900), index=["a", "b", "c"])
    shops = worlds.points((0, 0), (10, 0), item=["shop", "bank"])
    found = nearest(homes, shops, network, 5)
    assert found["item"].tolist() == ["bank", "shop"] * 3
    counts = found["status"].value_counts().to_dict()
    assert counts == {"within_limit": 2, "beyond_limit": 2, "not_snapped": 2}
    assert found["status"].sort_values().tolist() == sorted(found["status"].tolist())
    assert found["facility"].dtype == object


def test_whom_no_street_leads_back_is_told_apart_on_one_way_streets():
    network = worlds.network_of([(0, 0), (500, 0)], [(500, 0), (4000, 0)])
    there = worlds.points((100, 0), (3900, 0), index=["near", "far"])
    shop = worlds.points((0, 0), item=["shop"])

    def one_way(streets):
        seconds = np.column_stack([streets.edge_length_m, streets.edge_length_m])
        seconds[1, 1] = np.inf  # nobody comes back from the far end
        return seconds

    assert nearest(there, shop, network, 15)["status"].tolist() == ["within_limit", "beyond_limit"]
    told = nearest(there, shop, network, 15, pace=one_way)["status"].tolist()
    assert told == ["within_limit", "unreachable"]


def test_gates_are_the_only_way_out():
    """A home 20 m from a street behind a wall walks to the gate on the far side."""
    network = worlds.network_of([(0, 0), (600, 0)], [(600, 0), (600, 300)], [(600, 300), (0, 300)])
    home = worlds.points((300, 20))
    home["exits"] = shapely.MultiPoint([(300, 290)])
    shop = worlds.points((300, 0))
    seconds = travel_times(home, shop, network, 60).to_frame()["seconds"].iloc[0]
    assert seconds == pytest.approx((270 + 10 + 300 + 300 + 300) / 1.25)


CITIES = {
    "helsinki.osm.pbf": float("inf"),
    "beijing-haidian-2017.osm.pbf": float("inf"),
    "las-palmas.osm.pbf": 20.0,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[pytest.mark.long] * (at > 0)) for at, one in enumerate(CITIES)],
)
def test_witness_on_real_streets(name, shared_data):
    """500 × 500 seeded places: times within 1e-6 s of networkx on a split graph."""
    network: WalkNetwork = read_osm(shared_data(name)).streets
    homes, shops = (worlds.strewn(network, n, n) for n in (as_many(500, 80), 501))
    found = travel_times(homes, shops, network, CITIES[name])
    start, end = start_positions(homes, network), end_positions(shops, network)
    graph = split_graph(network, ADULT(network), start, end, ADULT.speed_m_s)
    expected = witness_times(graph, len(homes), CITIES[name] * 60)
    pairs = zip(found.origin.tolist(), found.destination.tolist(), strict=True)
    mine = dict(zip(pairs, found.seconds.tolist(), strict=True))
    assert len(mine) > 1_000
    assert mine.keys() == expected.keys()
    worst = max(abs(mine[pair] - expected[pair]) for pair in mine)
    assert worst < 1e-6


@examples(25)
@given(seed=st.integers(0, 10_000))
def test_who_is_unreachable_on_streets_of_every_kind(seed):
    """Edges open both ways, one way, or closed: a search without limit misses the same homes."""
    rng = np.random.default_rng(seed)
    network = worlds.grid_world(5)
    closed = rng.random((network.n_edges, 2)) < rng.choice([0.1, 0.35, 0.6])

    def mine(streets):
        seconds = np.column_stack([streets.edge_length_m] * 2) / 1.25
        seconds[closed] = np.inf
        return seconds

    homes, shops = worlds.strewn(network, 20, seed), worlds.strewn(network, 6, seed + 1)
    shops["item"] = ["a", "a", "b", "b", "c", "c"]
    near = nearest(homes, shops, network, 0.5, pace=mine)
    far = nearest(homes, shops, network, np.inf, pace=mine)
    told = near["status"].eq("unreachable")
    assert told.equals(far["status"].eq("unreachable"))
    by_hand = nearest(homes, shops, network, 0.5, pace=mine, engine=networkx_engine)
    assert near["status"].tolist() == by_hand["status"].tolist()
    assert far["seconds"].notna().equals(far["status"].eq("within_limit"))
