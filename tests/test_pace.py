"""Paces: lengths to seconds, closed directions, and what a pace may not give."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import worlds
from quarterhour.errors import InputError
from quarterhour.pace import (
    ADULT,
    DEFAULT_SPEED_M_S,
    Profile,
    off_street_speed_m_s,
    walked,
)
from quarterhour.reach import travel_times


def test_the_default_walker_does_4_5_km_in_an_hour():
    assert ADULT.speed_m_s == DEFAULT_SPEED_M_S == 1.25
    assert str(ADULT) == "adult, 1.25 m/s (4.50 km/h)"
    assert 15 * 60 * ADULT.speed_m_s == 1125


def test_seconds_are_length_over_speed_both_ways():
    network = worlds.cross_world()
    streets, seconds = walked(Profile("slow", 0.5), network)
    assert streets is network
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
        walked(lambda _: seconds, worlds.cross_world())


def test_streets_closed_both_ways_are_not_there_for_this_walker():
    network = worlds.network_of([(0, 0), (10, 0)], [(10, 0), (20, 0)], steps=["yes", "no"])

    def on_wheels(streets):
        seconds = np.ones((streets.n_edges, 2))
        seconds[streets.traits["steps"]] = np.inf
        return seconds

    streets, seconds = walked(on_wheels, network)
    assert seconds.tolist() == [[1, 1]]
    assert streets.traits["steps"].tolist() == [False]
    assert streets.coords.tolist() == [[10, 0], [20, 0]]
    assert streets.n_nodes == network.n_nodes
