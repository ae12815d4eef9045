"""Counts, sums, the k nearest and shared capacities, against the table they are made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.errors import InputError, NetworkError
from quarterhour.walking.catchments import two_step_catchment
from quarterhour.walking.opportunities import (
    count_within,
    cumulative_opportunities,
    k_nearest,
)
from quarterhour.walking.pace import Profile, profile
from quarterhour.walking.time_blocks import travel_time_blocks
from quarterhour.walking.travel_times import times_of, travel_times
from tried import examples


def town(seed=0, homes=60, shops=80):
    """Homes and shops on a grid; a tenth of the homes lies too far from any street."""
    network = worlds.grid_world()
    rng = np.random.default_rng(seed)
    origins = worlds.strewn(network, homes, seed + 1)
    origins = origins.assign(residents=rng.integers(0, 50, homes).astype(float))
    lost = rng.choice(homes, homes // 10, replace=False)
    places = origins.geometry.to_numpy().copy()
    places[lost] = shapely.Point(5000, 5000)
    origins = origins.set_geometry(places, crs=origins.crs)
    facilities = worlds.strewn(network, shops, seed + 2)
    facilities = facilities.assign(
        item=rng.choice(["a", "b", "c"], shops), capacity=rng.integers(0, 9, shops).astype(float)
    )
    return network, origins, facilities


@pytest.mark.parametrize("rows", [1, 7, 54, 60, 1000])
@pytest.mark.parametrize("name", ["adult", "wheelchair"])
def test_blocks_are_the_table_in_pieces(rows, name):
    network, homes, shops = town()
    options = {"pace": profile(name), "snap_limit_m": 40}
    whole = travel_times(homes, shops, network, 9, **options)
    blocks = list(travel_time_blocks(homes, shops, network, 9, rows=rows, **options))
    frame = pd.concat([block.to_frame() for block in blocks], ignore_index=True)
    pd.testing.assert_frame_equal(frame, whole.to_frame())
    assert [x for block in blocks for x in block.origin_index] == homes.index.tolist()
    snapped = np.concatenate([block.origin_snapped for block in blocks])
    assert np.array_equal(snapped, whole.origin_snapped)
    assert len(blocks) == max(1, -(-int(snapped.sum()) // rows) if rows < len(homes) else 1)
    assert {block.pace for block in blocks} == {str(profile(name))}


def test_blocks_are_made_one_at_a_time(monkeypatch):
    network, homes, shops = town()
    calls = []

    def counted(*args, **options):
        calls.append(len(args[0]))
        return times_of(*args, **options)

    monkeypatch.setattr("quarterhour.walking.time_blocks.times_of", counted)
    blocks = travel_time_blocks(homes, shops, network, rows=10)
    next(blocks)
    assert len(calls) == 1
    assert sum(len(block.origin_index) for block in blocks) + calls[0] == len(homes)


def test_counts_by_hand():
    network = worlds.line_world()
    homes = worlds.points((0, 0), (500, 0), (0, 900), index=["west", "middle", "far"])
    shops = worlds.points((0, 0), (75, 0), (375, 0), (1000, 0), item=["x", "y", "x", "x"])
    counts = count_within(homes, shops, network, (10, 1, 5))
    assert counts.columns.tolist() == [1, 5, 10]
    assert counts.columns.name == "minutes"
    assert counts.loc["west"].tolist() == [2, 3, 3]  # 75 m are 1 min, 375 m are 5
    assert counts.loc["middle"].tolist() == [0, 1, 4]
    assert counts.loc["far"].isna().all()  # not snapped: nothing is known, which is not none
    assert (counts.dtypes == "Int64").all()
    assert counts.attrs == {
        "pace": "adult, 1.25 m/s (4.50 km/h)",
        "origins_not_snapped": 1,
        "facilities_not_snapped": 0,
    }
    grouped = count_within(homes, shops, network, (1, 5), by="item")
    assert grouped.columns.names == ["item", "minutes"]
    assert grouped.loc["west"].to_dict() == {("x", 1): 1, ("x", 5): 2, ("y", 1): 1, ("y", 5): 1}


@examples(15)
@given(seed=st.integers(0, 1000), rows=st.integers(1, 80))
def test_counts_and_sums_are_those_of_the_table(seed, rows):
    network, homes, shops = town(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("quarterhour.walking.searches.BLOCK", rows)
        counts = count_within(homes, shops, network, (2, 6, 9.5), by="item")
        sums = cumulative_opportunities(homes, shops, network, (2, 6, 9.5), by="item")
    walks = travel_times(homes, shops, network, 9.5)
    table = walks.to_frame().join(shops[["item", "capacity"]], on="destination")
    assert counts.index.equals(homes.index)
    assert sums.index.equals(homes.index)
    for item, minutes in counts.columns:
        near = table[(table["item"] == item) & (table["seconds"] <= minutes * 60)]
        expected = near.groupby("origin").size().reindex(homes.index, fill_value=0)
        offered = near.groupby("origin")["capacity"].sum().reindex(homes.index, fill_value=0.0)
        snapped = walks.origin_snapped
        assert np.array_equal(counts.loc[snapped, (item, minutes)], expected[snapped])
        assert np.allclose(sums.loc[snapped, (item, minutes)], offered[snapped])
        assert counts.loc[~snapped, (item, minutes)].isna().all()
        assert sums.loc[~snapped, (item, minutes)].isna().all()


@pytest.mark.parametrize("offered", [1.0, 0.1])
@pytest.mark.parametrize("shops", [50, 400])  # fewer or more than homes: searched from either
def test_any_number_of_threads_finds_the_same(monkeypatch, offered, shops):
    network, homes, places = town(homes=200, shops=shops)
    places["capacity"] *= offered  # parts of a place are added up in their order
    found = []
    for threads in (1, 2, 3, 7):
        for module in ("searches", "engines"):
            monkeypatch.setattr(f"quarterhour.walking.{module}.cores", lambda n=threads: n)
        found.append(
            (
                count_within(homes, places, network, (2, 7), by="item"),
                cumulative_opportunities(homes, places, network, (2, 7)),
                travel_times(homes, places, network, 7).to_frame(),
            )
        )
    for other in found[1:]:
        for one, same in zip(found[0], other, strict=True):
            pd.testing.assert_frame_equal(one, same, check_exact=True)
    assert found[0][0].sum().min() > 0


def test_who_breaks_off_waits_for_no_other_search(monkeypatch):
    network, homes, shops = town(homes=500, shops=400)
    asked = []

    def broken(*_):
        asked.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr("quarterhour.walking.tally_kernels.added_up", broken)
    monkeypatch.setattr("quarterhour.walking.searches.cores", lambda: 2)
    with pytest.raises(KeyboardInterrupt):
        count_within(homes, shops, network)
    assert len(asked) <= 2  # each thread once
    monkeypatch.undo()
    monkeypatch.setattr("quarterhour.walking.searches.cores", lambda: 1)
    alone = count_within(homes, shops, network)
    monkeypatch.undo()
    assert count_within(homes, shops, network).equals(alone)


def test_slower_walkers_count_no_more():
    network, homes, shops = town()
    usual = count_within(homes, shops, network)
    slow = count_within(homes, shops, network, pace=Profile("slow", 0.7))
    assert (slow.dropna() <= usual.dropna()).all(axis=None)
    assert slow[5].sum() < usual[5].sum()


def test_counts_and_ranks_are_the_same_from_either_side():
    """Walks are searched from the smaller table: few homes, or few shops."""
    network, homes, shops = town()
    for some, few in ((homes, shops.iloc[:9]), (homes.iloc[:9], shops)):
        counts, near = count_within(some, few, network, (2, 7)), k_nearest(some, few, network, 2)
        alone = [
            count_within(some.loc[[one]], few, network, (2, 7)) for one in counts.dropna().index
        ]
        assert pd.concat(alone).equals(counts.dropna())
        snapped = near[near["status"] != "not_snapped"]
        alone = [k_nearest(some.loc[[one]], few, network, 2) for one in snapped["origin"].unique()]
        apart = pd.concat(alone)
        assert np.allclose(apart["seconds"], snapped["seconds"], atol=1e-9, equal_nan=True)
        assert apart["facility"].tolist() == snapped["facility"].tolist()


def test_areas_are_counted_and_ranked_by_their_median_resident():
    network, _, shops = town()
    areas = worlds.squares((150, 150), (700, 420), size=180, index=["a", "b"])
    times = travel_times(areas, shops, network, 9)
    counts, near = (
        count_within(areas, shops, network, (9,)),
        k_nearest(areas, shops, network, 3, minutes=9),
    )
    table = times.to_frame().sort_values(["origin", "seconds", "destination"], kind="stable")
    assert counts[9].tolist() == [(table["origin"] == one).sum() for one in areas.index]
    first = table.groupby("origin").head(3)
    assert near.dropna(subset="seconds")["seconds"].tolist() == first["seconds"].tolist()


@pytest.mark.parametrize("k", [1, 3, 200])
def test_the_k_nearest_are_the_first_of_the_sorted_table(k, monkeypatch):
    network, homes, shops = town()
    monkeypatch.setattr("quarterhour.walking.searches.BLOCK", 13)
    found = k_nearest(homes, shops, network, k, minutes=4)
    assert found["origin"].tolist() == homes.index.repeat(k).tolist()
    assert found["rank"].tolist() == [*range(1, k + 1)] * len(homes)
    walks = travel_times(homes, shops, network, 4)
    place = {label: i for i, label in enumerate(shops.index)}
    lost = set(homes.index[~walks.origin_snapped])
    table = walks.to_frame()
    for label, mine in found.groupby("origin"):
        near = table[table["origin"] == label]
        order = sorted(zip(near["seconds"], near["destination"].map(place), strict=True))[:k]
        has = mine["status"] == "within_limit"
        assert mine.loc[has, "seconds"].tolist() == [s for s, _ in order]
        assert mine.loc[has, "facility"].map(place).tolist() == [i for _, i in order]
        others = set(mine.loc[~has, "status"])
        assert others <= ({"not_snapped"} if label in lost else {"beyond_limit"})
        assert mine.loc[~has, "seconds"].isna().all()
        assert mine.loc[~has, "facility"].isna().all()


def test_a_capacity_is_shared_by_hand():
    network = worlds.line_world()
    homes = worlds.points((0, 0), (100, 0), (900, 0), residents=[30.0, 10.0, 5.0])
    clinics = worlds.points((50, 0), (1000, 0), capacity=[8.0, 10.0])
    share = two_step_catchment(homes, clinics, network, 5)
    assert share.tolist() == [0.2, 0.2, 2.0]
    assert share.attrs["shared"] == 18
    half = two_step_catchment(homes, clinics, network, 5, decay=lambda m: np.where(m < 1, 1, 0.5))
    # The third home is 80 s from its clinic; alone, it has all of it whatever the weight.
    assert half.tolist() == [0.2, 0.2, 2.0]


@examples(15)
@given(seed=st.integers(0, 1000), decayed=st.booleans(), minutes=st.floats(0.5, 12))
def test_what_is_shared_sums_to_the_capacity_in_reach_of_somebody(seed, decayed, minutes):
    """Sum of demand times share = sum of the capacities whose catchment holds somebody."""
    network, homes, clinics = town(seed, homes=25, shops=30)
    decay = (lambda m: np.exp(-((m / 4) ** 2))) if decayed else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("quarterhour.walking.time_blocks.BLOCK_PAIRS", 6 * len(clinics))
        share = two_step_catchment(homes, clinics, network, minutes, decay=decay)
    assert share.index.equals(homes.index)
    walks = travel_times(homes, clinics, network, minutes)
    people = walks.destination[homes["residents"].to_numpy()[walks.origin] > 0]
    held = np.isin(np.arange(len(clinics)), people)
    capacity = clinics["capacity"].to_numpy()
    assert share.attrs["shared"] == capacity[held].sum()
    assert share.attrs["unshared"] == capacity[~held].sum()
    assert share.attrs["alone"] == (~held).sum()
    assert np.array_equal(share.isna(), ~walks.origin_snapped)
    assert (share.fillna(0) * homes["residents"]).sum() == pytest.approx(capacity[held].sum())


def test_what_is_asked_wrongly_is_refused():
    network, homes, shops = town()
    with pytest.raises(InputError, match="no column 'kind' to count by"):
        count_within(homes, shops, network, by="kind")
    with pytest.raises(InputError, match="1 facilities have no value in 'item'"):
        count_within(homes, shops.assign(item=["a"] * 79 + [None]), network, by="item")
    with pytest.raises(InputError, match="gives no limit"):
        count_within(homes, shops, network, ())
    with pytest.raises(InputError, match="positive number of minutes"):
        count_within(homes, shops, network, (0, 5))
    with pytest.raises(InputError, match="k=0"):
        k_nearest(homes, shops, network, 0)
    with pytest.raises(InputError, match="rows=0"):
        next(travel_time_blocks(homes, shops, network, rows=0))
    with pytest.raises(InputError, match="no column 'beds'; they have geometry, item, capacity"):
        cumulative_opportunities(homes, shops, network, weight="beds")
    unknown = homes.assign(residents=[np.nan, -1.0] + [2.0] * 58)
    with pytest.raises(InputError, match="2 of 60 origins have no number of at least 0"):
        two_step_catchment(unknown, shops, network)
    with pytest.raises(InputError, match="finite weight of at least 0"):
        two_step_catchment(homes, shops, network, decay=lambda m: 1 - m)
    far = worlds.points((9000, 9000), (9000, 9001))
    with pytest.raises(NetworkError, match="None of the 2 origins"):
        next(travel_time_blocks(far, shops, network, rows=1))


HEAVY = """
import resource, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import worlds
from quarterhour.walking.opportunities import count_within

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

network = worlds.grid_world(21)
homes, shops = (worlds.strewn(network, n, seed) for n, seed in ((12_000, 1), (1_500, 2)))
count_within(homes[:200], shops, network)
before = peak_mb()
counts = count_within(homes, shops, network)
print(int(counts[15].sum()), before, peak_mb())
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_pairs():
    """7 million pairs as seconds and two positions would be 170 MB and more."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", HEAVY, str(Path(__file__).parents[1])],
        capture_output=True,
        text=True,
        check=True,
    )
    pairs, before, peak = map(float, done.stdout.split())
    assert pairs > 5e6
    assert peak - before < 0.6 * pairs * 24 / 2**20
