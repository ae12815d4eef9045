"""Paces: lengths to seconds, closed directions, and what a pace may not give."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import worlds
from quarterhour.errors import InputError
from quarterhour.streets.elevation import elevation_at_nodes
from quarterhour.walking.isochrones.isochrones import ERROR_M, isochrones
from quarterhour.walking.pace import (
    ADULT,
    DEFAULT_SPEED_M_S,
    Profile,
    Sloped,
    checked_seconds,
    off_street_speed_m_s,
    profile,
    profiles,
    tobler,
)
from quarterhour.walking.travel_times import travel_times
from tried import examples

NAMES = ["adult", "elderly", "child", "wheelchair", "stroller", "planning-cn"]


def test_the_default_walker_does_4_5_km_in_an_hour():
    assert ADULT.speed_m_s == DEFAULT_SPEED_M_S == 1.25
    assert str(ADULT) == "adult, 1.25 m/s (4.50 km/h)"
    assert 15 * 60 * ADULT.speed_m_s == 1125


def test_seconds_are_length_over_speed_both_ways():
    network = worlds.cross_world()
    seconds = checked_seconds(Profile("slow", 0.5), network)
    assert seconds.shape == (4, 2)
    assert np.all(seconds == 1000)


def test_one_way_closes_one_direction():
    network = worlds.network_of(
        [(0, 0), (10, 0)], [(10, 0), (20, 0)], [(20, 0), (30, 0)], oneway_foot=[1, 0, -1]
    )
    assert np.isinf(ADULT(network)).tolist() == [[False, True], [False, False], [True, False]]


@pytest.mark.parametrize("speed", [0, -1, 0.05, 12, float("nan"), float("inf")])
def test_what_is_no_walking_speed_is_refused(speed):
    with pytest.raises(InputError, match="is no walking speed"):
        Profile("odd", speed)


def test_a_profile_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ADULT.speed_m_s = 2.0


def test_any_callable_is_a_pace():
    def uphill_is_slower(network):
        seconds = np.column_stack([network.edge_length_m, network.edge_length_m])
        seconds[:, 0] *= 2
        return seconds

    network = worlds.line_world()
    a, b = worlds.points((0, 0)), worlds.points((1000, 0))
    there = travel_times(a, b, network, 60, pace=uphill_is_slower).to_frame()["seconds"]
    back = travel_times(b, a, network, 60, pace=uphill_is_slower).to_frame()["seconds"]
    assert sorted([there.item(), back.item()]) == [1000, 2000]
    assert off_street_speed_m_s(uphill_is_slower) == DEFAULT_SPEED_M_S


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (np.ones(4), r"shape \(4, 2\), not \(4,\)"),
        (np.ones((3, 2)), r"not \(3, 2\)"),
        (np.full((4, 2), -1.0), "at least 0"),
        (np.full((4, 2), np.nan), "at least 0"),
        (np.full((4, 2), np.inf), "some of them finite"),
    ],
)
def test_what_a_pace_gives_is_checked(seconds, says):
    with pytest.raises(InputError, match=says):
        checked_seconds(lambda _: seconds, worlds.cross_world())


def test_what_has_a_closed_street_nearest_is_out_of_reach():
    """It is not moved to a street farther away: nobody reaches more for having fewer streets."""
    network = worlds.network_of([(0, 0), (1000, 0)], [(0, 30), (1000, 30)], steps=["yes", "no"])

    def on_wheels(streets):
        seconds = np.full((streets.n_edges, 2), 800.0)
        seconds[streets.traits["steps"]] = np.inf
        return seconds

    homes = worlds.points((100, 29), (100, 2), (100, 0))
    found = travel_times(homes, worlds.points((200, 31), (100, 0)), network, pace=on_wheels)
    assert list(zip(found.origin, found.destination, strict=True)) == [(0, 0)]
    assert found.seconds.tolist() == pytest.approx([80 + 2 / 1.25])
    drawn = isochrones(homes.iloc[:1], network, (5,), pace=on_wheels).geometry.iloc[0]
    assert drawn.covers(shapely.Point(100, 15.5))
    assert not drawn.covers(shapely.Point(100, 14.5))
    assert isochrones(homes.iloc[2:], network, (5,), pace=on_wheels).geometry.iloc[0].area == 0


def heights(network, height):
    """Elevation of a network whose nodes lie at a height given by their coordinates."""
    return elevation_at_nodes(network, [height(x, y) for x, y in network.node_xy])


def with_traits(network, **traits):
    """The network with traits that only some readers know."""
    arrays = {name: np.array(values) for name, values in traits.items()}
    return replace(network, traits={**network.traits, **arrays})


def test_walkers_are_looked_up_by_name():
    assert profile("adult") is ADULT
    assert [profile(name).name for name in NAMES] == NAMES
    assert profile("elderly", speed_m_s=0.8) == replace(profile("elderly"), speed_m_s=0.8)
    with pytest.raises(InputError, match="named 'dog': use adult, elderly, child, wheelchair, str"):
        profile("dog")


def test_the_table_of_walkers_says_what_each_does_and_why():
    table = profiles()
    assert table["name"].tolist() == NAMES
    assert table["speed_m_s"].round(3).tolist() == [1.25, 0.9, 0.95, 1.111, 1.111, 1.0]
    assert (table["source"].str.len() > 20).all()
    assert not table["source"].str.contains("recalled").any()
    plain = table.set_index("name").loc[["adult", "planning-cn"]]
    assert (plain[["signal_wait_s", "crossing_wait_s"]] == 0).all(axis=None)
    assert (plain[["steps_up", "steps_down"]] == 1).all(axis=None)


def test_a_walker_says_all_that_bears_on_the_result():
    assert str(profile("wheelchair")) == (
        "wheelchair, 1.11 m/s (4.00 km/h), no stairs, no raised kerbs, no slope above 8 %, "
        "waits 30 s at signals and 10 s at other crossings"
    )
    network = worlds.line_world()
    pace = Sloped(profile("planning-cn"), heights(network, lambda x, _: x / 100))
    assert str(pace) == (
        "planning-cn, 1.00 m/s (3.60 km/h), slopes by Tobler from heights given (100.0% of nodes)"
    )
    assert (pace.name, off_street_speed_m_s(pace)) == ("planning-cn", 1.0)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"steps_up": 1.2}, "steps_up=1.2"),
        ({"steps_down": -0.1}, "have to be 0 to 1"),
        ({"signal_wait_s": -1}, "are no waits"),
        ({"crossing_wait_s": float("inf")}, "are no waits"),
        ({"max_slope": 0}, "is no slope"),
    ],
)
def test_what_a_walker_cannot_be(wrong, says):
    with pytest.raises(InputError, match=says):
        replace(ADULT, **wrong)


def test_the_default_walker_minds_neither_stairs_nor_crossings_nor_kerbs():
    network = worlds.network_of(
        *([(0, y), (100, y)] for y in range(4)),
        highway=["steps", "footway", "footway", "path"],
        steps=["yes", "", "", ""],
        crossing=["", "signals", "", ""],
        incline=["", "", "", "30%"],
    )
    network = with_traits(network, kerb=["", "", "raised", ""])
    assert np.all(ADULT(network) == network.edge_length_m[:, None] / 1.25)


def test_stairs_are_slower_up_than_down():
    network = worlds.network_of(
        *([(0, y), (20, y)] for y in range(5)),
        steps=["yes"] * 4 + [""],
        incline=["up", "down", "", "-40%", "up"],
    )
    seconds = replace(ADULT, steps_up=0.35, steps_down=0.5)(network)
    up, down, level = 16 / 0.35, 16 / 0.5, 16.0
    mean = (up + down) / 2  # which way is up is not known: there and back takes the same
    expected = [[up, down], [down, up], [mean, mean], [down, up], [level, level]]
    assert np.allclose(seconds, expected, rtol=1e-12)


def test_stairs_lead_up_where_their_heights_do():
    network = worlds.network_of([(0, 0), (20, 0)], steps=["yes"])
    walker = replace(ADULT, steps_up=0.35, steps_down=0.5)
    gentle = Sloped(walker, heights(network, lambda x, _: x * 0.01))(network)
    assert np.allclose(gentle, [[16 / 0.35, 16 / 0.5]])
    steep = Sloped(walker, heights(network, lambda x, _: -x * 0.5))(network)
    assert np.allclose(steep, [[16 / tobler(-0.5), 16 / tobler(0.5)]])


def test_waits_are_shared_by_the_parts_of_a_crossing():
    network = worlds.network_of(
        *([(0, y), (10, y)] for y in range(5)),
        crossing=["signals", "signals", "marked", "unknown", ""],
    )
    network = with_traits(network, crossing_share=[1.0, 0.5, 0.25, 1.0, 0.0])
    waiting = replace(ADULT, signal_wait_s=30, crossing_wait_s=10)
    waits = waiting(network) - ADULT(network)
    assert np.allclose(waits, np.array([[30, 15, 2.5, 10, 0]]).T)


def test_a_crossing_without_a_share_is_waited_at_once():
    network = worlds.network_of([(0, 0), (10, 0)], crossing=["traffic_signals"])
    assert np.all(replace(ADULT, signal_wait_s=30)(network) == 38)


def test_whole_crossings_in_a_real_city_cost_one_wait_each():
    network = worlds.helsinki().streets
    waits = (replace(ADULT, signal_wait_s=30)(network) - ADULT(network))[:, 0]
    signals = network.traits["crossing"] == "signals"
    ways = np.unique(network.edge_osmid[signals])
    assert len(ways) > 20
    assert waits.sum() == pytest.approx(30 * len(ways))
    assert np.all(waits[~signals] == 0)


def test_wheels_are_stopped_by_steps_kerbs_and_steep_streets():
    network = worlds.network_of(
        *([(0, y), (100, y)] for y in range(8)),
        steps=["yes"] + [""] * 7,
        incline=["", "", "", "-10%", "8 %", "up", "5°", "4°"],
    )
    network = with_traits(network, kerb=["", "raised", "lowered", "", "", "", "", ""])
    for name, closed in {"wheelchair": [0, 1, 3, 6], "stroller": [0, 1]}.items():
        seconds = profile(name)(network)
        assert np.flatnonzero(np.isinf(seconds).all(axis=1)).tolist() == closed
        assert np.isinf(seconds).any(axis=1).sum() == len(closed)


def test_wheels_are_stopped_by_steep_heights_but_not_on_bridges():
    network = worlds.network_of(
        [(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)], bridge=["", "", "yes"]
    )
    at = {0: 0.0, 100: 8.0, 200: 17.0, 300: 60.0}
    pace = Sloped(profile("wheelchair"), heights(network, lambda x, _: at[round(x)]))
    assert np.isinf(pace(network)).tolist() == [[False] * 2, [True] * 2, [False] * 2]


HILL = [(-0.3, 20.0), (-0.05, 100.0), (0.0, 55.0), (0.031, 200.0), (0.12, 300.0)]
"""Slope and length of the pieces of a street that leads over a hill."""


def hill():
    """The street, the heights of its nodes, and its end."""
    x = np.concatenate([[0], np.cumsum([length for _, length in HILL])])
    z = np.concatenate([[7], 7 + np.cumsum([slope * length for slope, length in HILL])])
    network = worlds.network_of(*([(a, 0), (b, 0)] for a, b in itertools.pairwise(x)))
    return network, heights(network, lambda at, _: np.interp(at, x, z)), float(x[-1])


@pytest.mark.parametrize("name", ["adult", "planning-cn", "elderly"])
def test_uphill_and_downhill_equal_toblers_closed_form(name):
    network, elevation, end = hill()
    pace = Sloped(profile(name), elevation)
    here, there = worlds.points((0, 0)), worlds.points((end, 0))
    out = travel_times(here, there, network, 60, pace=pace).seconds.item()
    back = travel_times(there, here, network, 60, pace=pace).seconds.item()

    def closed_form(sign):
        # Tobler 1993 over its value on level ground, 6 exp(-3.5 * 0.05) km/h
        speeds = [np.exp(-3.5 * abs(sign * s + 0.05)) / np.exp(-3.5 * 0.05) for s, _ in HILL]
        metres = [length for _, length in HILL]
        return sum(m / (v * pace.speed_m_s) for m, v in zip(metres, speeds, strict=True))

    assert out == pytest.approx(closed_form(1), abs=1e-9)
    assert back == pytest.approx(closed_form(-1), abs=1e-9)
    assert out > back + 10


def test_toblers_function_is_1_on_level_ground_and_fastest_gently_downhill():
    assert tobler(0.0) == 1.0
    assert tobler([0.03, 0.05, 0.08, -0.05]).round(2).tolist() == [0.90, 0.84, 0.76, 1.19]
    slopes = np.linspace(-0.5, 0.5, 1001)
    assert slopes[np.argmax(tobler(slopes))] == pytest.approx(-0.05)


def test_bridges_and_tunnels_are_level():
    network = worlds.network_of(
        [(0, 0), (100, 0)],
        [(100, 0), (200, 0)],
        [(200, 0), (300, 0)],
        bridge=["yes", "", ""],
        tunnel=["", "yes", ""],
    )
    seconds = Sloped(ADULT, heights(network, lambda x, _: x / 20))(network)
    assert seconds[:2].tolist() == [[80, 80], [80, 80]]
    assert seconds[2] == pytest.approx([80 / tobler(0.05), 80 / tobler(-0.05)])


def test_heights_that_change_nothing_are_an_error():
    network = worlds.cross_world()
    with pytest.raises(InputError, match=r"No edge has a slope .* the heights change nothing"):
        checked_seconds(Sloped(ADULT, heights(network, lambda *_: 12.0)), network)
    bridge = worlds.network_of([(0, 0), (100, 0)], bridge=["yes"])
    with pytest.raises(InputError, match="No edge has a slope"):
        checked_seconds(Sloped(ADULT, heights(bridge, lambda x, _: x)), bridge)


def test_heights_of_another_network_are_an_error():
    elevation = heights(worlds.cross_world(), lambda x, _: x)
    with pytest.raises(InputError, match="heights are those of 5 nodes, the network has 2"):
        travel_times(
            worlds.points((0, 0)),
            worlds.points((9, 0)),
            worlds.line_world(),
            pace=Sloped(ADULT, elevation),
        )


def town(seed):
    """A grid with every trait that a walker may mind, and hills."""
    rng = np.random.default_rng(seed)
    at = np.arange(5) * 100.0
    lines = [[(x, y), (x + 100, y)] for x in at[:-1] for y in at]
    lines += [[(x, y), (x, y + 100)] for x in at for y in at[:-1]]

    def some(*words):
        return rng.choice(words, len(lines)).tolist()

    network = worlds.network_of(
        *lines,
        steps=some("", "", "yes"),
        crossing=some("", "", "signals", "marked"),
        incline=some("", "", "up", "down", "12%", "-3%"),
        bridge=some("", "", "yes"),
    )
    network = with_traits(network, kerb=some("", "", "raised"))
    return network, elevation_at_nodes(network, rng.uniform(0, 30, network.n_nodes))


@examples(40)
@given(seed=st.integers(0, 10_000), hilly=st.booleans())
def test_nobody_is_faster_than_the_adult_on_any_edge(seed, hilly):
    network, elevation = town(seed)
    adult = (Sloped(ADULT, elevation) if hilly else ADULT)(network)
    for name in NAMES[1:]:
        walker = profile(name)
        seconds = (Sloped(walker, elevation) if hilly else walker)(network)
        assert np.all(seconds >= adult), name


@cache
def rings(name):
    """Exact isochrones of a walker from the same homes in a real city."""
    network = worlds.helsinki().streets
    homes = worlds.strewn(network, 10, 5, spread_m=20).iloc[[2, 5, 8, 9]]
    return isochrones(homes, network, (5, 15), pace=profile(name))


def beyond_the_adults(name):
    """What an isochrone adds to the adult's, apart from the error of both."""
    room = shapely.buffer(rings("adult").geometry.array, 2 * ERROR_M["exact"])
    return shapely.difference(np.asarray(rings(name).geometry.array), room)


@pytest.mark.parametrize("name", ["elderly", "child", "wheelchair", "stroller"])
def test_isochrones_of_slower_walkers_lie_inside_the_adults(name):
    assert shapely.area(beyond_the_adults(name)).max() == 0
    assert set(rings(name)["pace"]) == {str(profile(name))}
    assert 0.1 < rings(name)["area_m2"].sum() / rings("adult")["area_m2"].sum() < 0.95
