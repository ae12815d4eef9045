"""What the columns of street lines and the attributes of graphs tell of an edge."""

from __future__ import annotations

import numpy as np
import pytest

from quarterhour.streets.access import off_ground
from quarterhour.streets.traits import parts, said_in, traits_of


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("steps", ["steps"]),
        (["footway", "steps"], ["footway", "steps"]),
        ("['footway', 'steps']", ["footway", "steps"]),
        ("[5, 6]", ["5", "6"]),
        ("[broken", ["[broken"]),
        ("[__import__('os')]", ["[__import__('os')]"]),
        (np.array(["a", "b"]), ["a", "b"]),
        ({"one"}, ["one"]),
        (None, []),
        (float("nan"), []),
        ("", []),
        ([], []),
        (True, ["True"]),
    ],
)
def test_a_cell_holds_one_value_or_a_list(value, found):
    assert parts(value) == found


@pytest.mark.parametrize(
    "value",
    ["steps", ["steps", "footway"], ["footway", "steps"], "('path', 'steps')", "path;steps"],
)
def test_a_list_that_holds_steps_holds_steps(value):
    assert traits_of(said_in({"highway": ["path", value]}))["steps"].tolist() == [False, True]


def test_steps_may_be_said_by_either_column():
    said = said_in({"highway": ["path", "steps", None], "steps": ["yes", None, "no"]})
    assert traits_of(said)["steps"].tolist() == [True, True, False]


def test_one_bridge_in_a_list_is_a_bridge():
    traits = traits_of(said_in({"bridge": [["no", "yes"], "no"], "layer": [["0", "1"], None]}))
    assert traits["bridge"].tolist() == [True, False]
    assert traits["layer"].tolist() == [1, 0]
    assert traits["off_ground"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("tags", "side"),
    [
        ("highway=footway", 0),
        ("tunnel=yes", -1),
        ("tunnel=building_passage", 0),
        ("tunnel=building_passage layer=-1", 0),
        ("tunnel=no layer=-1", -1),
        ("bridge=viaduct", 1),
        ("layer=2", 1),
        ("level=-2", -1),
        ("level=-1;0", 0),
        ("level=-2--1", -1),
        ("level=1", 1),
        ("level=1-3", 1),
        ("highway=corridor", 1),
        ("highway=corridor level=0", 0),
        ("indoor=yes", 1),
        ("location=underground", -1),
        ("layer=many", 0),
    ],
)
def test_where_a_way_is(tags, side):
    assert off_ground(dict(tag.split("=") for tag in tags.split())) == side
