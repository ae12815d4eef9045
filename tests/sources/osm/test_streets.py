"""Streets of hand-made worlds whose walking distances are known."""

import numpy as np
import pytest
import shapely

from osm_worlds import FOOTWAY, STREET, box, metres, nodes, relation_xml, way_xml, write
from quarterhour.sources.osm.read import read_osm
from quarterhour.streets.access import (
    blocks_walkers,
    crossing_kind,
    is_walkable,
    layer_of,
    oneway_on_foot,
    pavements_elsewhere,
)

SQUARE = {"highway": "pedestrian", "area": "yes"}
LINE = {1: (0, 0), 2: (50, 0), 3: (100, 0)}


def streets(tmp_path, *parts):
    return read_osm(write(tmp_path, *parts)).streets


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ("highway=residential", True),
        ("highway=service service=parking_aisle", True),
        ("highway=track", True),
        ("highway=corridor indoor=yes", True),
        ("highway=primary", True),
        ("highway=primary motorroad=yes", False),
        ("highway=trunk", False),
        ("highway=trunk sidewalk=both", True),
        ("highway=trunk sidewalk:left=yes", True),
        ("highway=trunk foot=designated", True),
        ("highway=motorway", False),
        ("highway=motorway foot=yes", True),
        ("highway=cycleway", False),
        ("highway=cycleway foot=yes", True),
        ("highway=cycleway segregated=no", True),
        ("highway=cycleway access=permissive", True),
        ("highway=bridleway", False),
        ("highway=bridleway foot=permissive", True),
        ("highway=construction foot=yes", False),
        ("highway=proposed", False),
        ("highway=raceway", False),
        ("highway=path foot=no", False),
        ("highway=footway access=no", False),
        ("highway=footway access=no foot=yes", True),
        ("highway=service access=private", False),
        ("highway=service access=private foot=destination", True),
        ("highway=service access=customers", True),
        ("highway=residential access=yes foot=private", False),
        ("highway=residential foot=use_sidepath", True),
        ("highway=residential motor_vehicle=no", True),
        ("railway=platform", True),
        ("man_made=pier", True),
        ("man_made=pier access=private", False),
        ("route=ferry foot=yes", False),
        ("waterway=river", False),
    ],
)
def test_what_may_be_walked(tags, walked):
    assert is_walkable(dict(tag.split("=") for tag in tags.split())) is walked


@pytest.mark.parametrize(
    ("tags", "blocks"),
    [
        ("barrier=gate", False),
        ("barrier=gate access=private", True),
        ("barrier=gate access=no foot=yes", False),
        ("barrier=gate foot=no", True),
        ("barrier=gate locked=yes", True),
        ("barrier=lift_gate access=private", False),
        ("barrier=bollard access=no", False),
        ("barrier=bollard foot=no", True),
        ("barrier=wall", True),
        ("barrier=fence foot=yes", False),
        ("barrier=entrance", False),
        ("barrier=kerb", False),
        ("highway=crossing", False),
    ],
)
def test_what_blocks_walkers(tags, blocks):
    assert blocks_walkers(dict(tag.split("=") for tag in tags.split())) is blocks


@pytest.mark.parametrize(
    ("tags", "way"),
    [
        ("oneway=yes", 0),
        ("oneway:foot=yes", 1),
        ("oneway:foot=-1", -1),
        ("oneway:foot=no conveying=forward", 0),
        ("conveying=forward", 1),
        ("conveying=backward", -1),
        ("foot:backward=no", 1),
        ("foot:forward=no", -1),
    ],
)
def test_oneway_for_walkers(tags, way):
    assert oneway_on_foot(dict(tag.split("=") for tag in tags.split())) == way


@pytest.mark.parametrize(
    ("way", "node", "kind"),
    [
        ("highway=footway footway=crossing crossing=traffic_signals", "", "signals"),
        ("highway=footway footway=crossing crossing:signals=yes", "", "signals"),
        ("highway=footway footway=crossing crossing=marked crossing:signals=yes", "", "signals"),
        ("highway=footway footway=crossing crossing=zebra", "", "marked"),
        ("highway=footway footway=crossing crossing:markings=lines", "", "marked"),
        ("highway=footway footway=crossing crossing=unmarked", "", "unmarked"),
        ("highway=footway footway=crossing", "", "unknown"),
        ("highway=footway footway=crossing", "highway=traffic_signals", "signals"),
        ("highway=footway footway=crossing", "highway=crossing crossing=uncontrolled", "marked"),
        ("highway=cycleway cycleway=crossing foot=yes", "", "unknown"),
        ("highway=footway footway=sidewalk", "highway=crossing crossing=zebra", ""),
        ("highway=residential", "highway=crossing crossing=zebra", ""),
    ],
)
def test_kind_of_crossing(way, node, kind):
    tags, at = (dict(tag.split("=") for tag in text.split()) for text in (way, node))
    assert crossing_kind(tags, at) == kind


@pytest.mark.parametrize(
    ("tags", "elsewhere"),
    [
        ("highway=primary sidewalk=separate", True),
        ("highway=primary sidewalk:both=separate", True),
        ("highway=primary sidewalk:left=separate sidewalk:right=no", True),
        ("highway=primary sidewalk:left=separate sidewalk:right=yes", False),
        ("highway=primary sidewalk=separate foot=yes", False),
        ("highway=primary foot=use_sidepath", True),
        ("highway=primary foot=use_sidepath;yes", False),
        ("highway=footway foot=use_sidepath", False),
        ("highway=primary sidewalk=both", False),
        ("highway=primary", False),
    ],
)
def test_pavements_drawn_elsewhere(tags, elsewhere):
    assert pavements_elsewhere(dict(tag.split("=") for tag in tags.split())) is elsewhere


@pytest.mark.parametrize(("text", "layer"), [("1", 1), ("-2", -2), ("1;2", 1), ("up", 0), ("", 0)])
def test_layer_is_read_whatever_stands_there(text, layer):
    assert layer_of({"layer": text}) == layer


def test_stacked_bridges_are_not_joined(tmp_path):
    places = nodes({1: (-50, 0), 2: (50, 0), 3: (0, -50), 4: (0, 50)})
    over = way_xml(11, [1, 2], STREET | {"bridge": "viaduct", "layer": "1", "name": "上"})
    network = streets(tmp_path, places, over, way_xml(12, [3, 4], STREET))
    assert metres(network, 1, 4) == np.inf
    assert network.traits["bridge"].tolist() == [True, False]
    assert network.traits["layer"].tolist() == [1, 0]
    assert network.traits["name"].tolist() == ["上", ""]


def test_ways_are_joined_at_shared_nodes_and_bends_are_kept(tmp_path):
    places = nodes({1: (0, 0), 2: (50, 30), 3: (100, 0), 4: (100, 70)})
    network = streets(
        tmp_path, places, way_xml(11, [1, 2, 3], STREET), way_xml(12, [3, 4], FOOTWAY)
    )
    assert network.n_edges == 2
    assert sorted(network.node_osmid.tolist()) == [1, 3, 4]
    assert np.diff(network.coord_offset).tolist() == [3, 2]
    assert metres(network, 1, 4) == pytest.approx(2 * np.hypot(50, 30) + 70, abs=0.05)
    assert network.edge_osmid.tolist() == [11, 12]


def test_a_way_is_cut_where_another_crosses_it_at_a_shared_node(tmp_path):
    places = nodes({1: (0, 0), 2: (50, 0), 3: (100, 0), 4: (50, -30), 5: (50, 30)})
    network = streets(
        tmp_path, places, way_xml(11, [1, 2, 3], STREET), way_xml(12, [4, 2, 5], STREET)
    )
    assert (network.n_nodes, network.n_edges) == (5, 4)


def test_a_node_shared_with_a_way_that_is_not_walked_is_only_a_bend(tmp_path):
    places = nodes(LINE | {4: (50, 90)})
    motorway = way_xml(12, [2, 4], {"highway": "motorway"})
    assert streets(tmp_path, places, way_xml(11, [1, 2, 3], STREET), motorway).n_edges == 1


def test_loops_and_repeated_nodes(tmp_path):
    ring, refs = box(21, 0, 0, 100, 100)
    lollipop = way_xml(12, [31, 32, 33, 34, 32], FOOTWAY)
    places = nodes({31: (200, 0), 32: (210, 0), 33: (220, 0), 34: (220, 10)})
    doubled = way_xml(13, [31, 31, 21, 21], FOOTWAY)
    single = way_xml(14, [31, 31], FOOTWAY)
    network = streets(tmp_path, ring, places, way_xml(11, refs, STREET), lollipop, doubled, single)
    assert network.edge_osmid.tolist() == [11, 12, 12, 13]
    loops = network.edge_nodes[:, 0] == network.edge_nodes[:, 1]
    assert loops.tolist() == [True, False, True, False]
    assert network.edge_length_m[0] == pytest.approx(400, abs=0.1)
    assert metres(network, 31, 21) == pytest.approx(200, abs=0.05)


def test_a_barrier_in_the_middle_of_a_way_cannot_be_passed(tmp_path):
    wall = {"n2": {"barrier": "wall"}}
    city = read_osm(write(tmp_path, nodes(LINE, **wall), way_xml(11, [1, 2, 3], FOOTWAY)))
    assert metres(city.streets, 1, 3) == np.inf
    assert city.streets.n_edges == 2
    assert city.streets.node_osmid.tolist().count(2) == 2
    assert any("1 barriers on streets cannot be passed" in note for note in city.notes)


def test_a_barrier_where_several_ways_meet_parts_them_all(tmp_path):
    places = nodes(LINE | {4: (50, 50)}, n2={"barrier": "gate", "access": "private"})
    ways = way_xml(11, [1, 2, 3], STREET), way_xml(12, [4, 2], STREET)
    network = streets(tmp_path, places, *ways)
    assert [metres(network, *ends) for ends in [(1, 3), (1, 4), (3, 4)]] == [np.inf] * 3
    assert network.n_edges == 3


@pytest.mark.parametrize("tags", [{"barrier": "gate"}, {"barrier": "gate", "foot": "yes"}])
def test_an_open_gate_lets_one_pass(tmp_path, tags):
    network = streets(tmp_path, nodes(LINE, n2=tags), way_xml(11, [1, 2, 3], FOOTWAY))
    assert metres(network, 1, 3) == pytest.approx(100, abs=0.05)


def test_a_wall_drawn_over_a_path_does_not_close_it_but_is_told(tmp_path):
    places = nodes(LINE | {4: (50, 9), 5: (50, -9)})
    wall = way_xml(12, [4, 2, 5], {"barrier": "wall"})
    city = read_osm(write(tmp_path, places, way_xml(11, [1, 2, 3], FOOTWAY), wall))
    assert metres(city.streets, 1, 3) == pytest.approx(100, abs=0.05)
    assert any("1 nodes that a street shares with a wall" in note for note in city.notes)


def test_foot_counts_before_access(tmp_path):
    ways = [
        way_xml(11, [1, 2], FOOTWAY | {"access": "private", "foot": "yes"}),
        way_xml(12, [2, 3], FOOTWAY | {"access": "private"}),
    ]
    city = read_osm(write(tmp_path, nodes(LINE), *ways))
    assert city.streets.edge_osmid.tolist() == [11]
    assert city.streets.traits["foot"].tolist() == ["yes"]
    assert city.streets.traits["access"].tolist() == ["private"]
    assert any("1 ways are closed to walkers" in note for note in city.notes)


def test_oneway_and_steps_and_crossing_traits(tmp_path):
    places = nodes(LINE | {4: (150, 0), 5: (150, 50)}, n4={"highway": "traffic_signals"})
    crossing = FOOTWAY | {"footway": "crossing"}
    steps = {"highway": "steps", "oneway:foot": "-1", "incline": "up", "surface": "stone"}
    network = streets(
        tmp_path,
        places,
        way_xml(11, [1, 2], steps),
        way_xml(12, [2, 3, 4], crossing),
        way_xml(13, [3, 5], STREET | {"tunnel": "yes"}),
    )
    assert network.edge_osmid.tolist() == [11, 12, 12, 13]
    assert network.traits["oneway_foot"].tolist() == [-1, 0, 0, 0]
    assert network.traits["steps"].tolist() == [True, False, False, False]
    assert network.traits["tunnel"].tolist() == [False, False, False, True]
    assert network.traits["crossing"].tolist() == ["", "signals", "signals", ""]
    assert network.traits["crossing_share"].tolist() == [0, 0.5, 0.5, 0]
    assert network.traits["incline"][0] == "up"
    assert network.traits["surface"][0] == "stone"
    assert not network.traits["square"].any()


def test_a_platform_or_pier_counts_where_a_street_leads_onto_it(tmp_path):
    ways = [
        way_xml(11, [1, 2], STREET),
        way_xml(12, [2, 3], {"man_made": "pier"}),
        way_xml(13, [4, 5], {"railway": "platform"}),
    ]
    places = nodes(LINE | {4: (0, 500), 5: (50, 500)})
    network = streets(tmp_path, places, *ways)
    assert network.edge_osmid.tolist() == [11, 12]
    assert network.traits["highway"].tolist() == ["residential", "pier"]


# Squares


def square_world():
    """A square of 100 m, a street leading to two opposite corners."""
    ring, refs = box(1, 0, 0, 100, 100)
    places = nodes({10: (-50, 0), 20: (150, 100)})
    return [
        ring,
        places,
        way_xml(11, refs, SQUARE),
        way_xml(12, [10, 1], STREET),
        way_xml(13, [3, 20], STREET),
    ]


def test_a_square_is_crossed_straight(tmp_path):
    network = streets(tmp_path, *square_world())
    assert metres(network, 1, 3) == pytest.approx(100 * 2**0.5, abs=0.05)
    crossing = network.traits["square"]
    assert crossing.sum() == 1
    assert network.edge_osmid[crossing].tolist() == [11]


def test_a_loop_street_is_not_crossed(tmp_path):
    ring, refs = box(1, 0, 0, 100, 100)
    world = [ring, *square_world()[1:]]
    world[2] = way_xml(11, refs, {"highway": "pedestrian"})
    network = streets(tmp_path, *world)
    assert metres(network, 1, 3) == pytest.approx(200, abs=0.1)


def test_the_way_across_bends_round_a_hole(tmp_path):
    parts = square_world()
    hole, inner = box(31, 30, 30, 70, 70)
    parts[2] = way_xml(14, [1, 2, 3, 4, 1], {}) + way_xml(15, inner, {})
    members = [("w", 14, "outer"), ("w", 15, "inner")]
    relation = relation_xml(5, members, {"type": "multipolygon", "highway": "pedestrian"})
    network = streets(tmp_path, hole, *parts, relation)
    round_hole = 2 * float(np.hypot(70, 30))
    assert metres(network, 1, 3) == pytest.approx(round_hole, abs=0.05)
    lines = network.lines[network.traits["square"]]
    within = shapely.box(500_030.1, 6_670_030.1, 500_069.9, 6_670_069.9)
    assert not shapely.intersects(lines, within).any()
    assert set(network.edge_osmid[network.traits["square"]].tolist()) == {5}
    assert network.traits["highway"].tolist().count("residential") == 2


def test_the_way_across_a_bent_square_stays_on_it(tmp_path):
    corners = {1: (0, 0), 2: (100, 0), 3: (100, 40), 4: (40, 40), 5: (40, 100), 6: (0, 100)}
    places = nodes(corners | {10: (150, 0), 20: (0, 150)})
    network = streets(
        tmp_path,
        places,
        way_xml(11, [1, 2, 3, 4, 5, 6, 1], SQUARE),
        way_xml(12, [10, 2], STREET),
        way_xml(13, [6, 20], STREET),
    )
    # over the inner corner (40, 40), which is no entry
    assert metres(network, 2, 6) == pytest.approx(2 * np.hypot(60, 40), abs=0.05)


def test_a_closed_gate_is_no_entry_to_a_square(tmp_path):
    parts = square_world()
    closed = '<tag k="barrier" v="gate"/><tag k="foot" v="no"/></node>'
    parts[0] = parts[0].replace("</node>", closed, 1)
    network = streets(tmp_path, *parts)
    assert metres(network, 10, 20) == np.inf
    assert not network.traits["square"].any()


def test_a_square_with_many_entries_has_a_bounded_number_of_lines(tmp_path):
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    ring = {i + 1: (100 * np.cos(a), 100 * np.sin(a)) for i, a in enumerate(angles)}
    outside = {i + 101: (130 * np.cos(a), 130 * np.sin(a)) for i, a in enumerate(angles)}
    spokes = [way_xml(500 + i, [i + 1, i + 101], FOOTWAY) for i in range(90)]
    network = streets(tmp_path, nodes(ring | outside), way_xml(11, [*ring, 1], SQUARE), *spokes)
    assert 39 <= network.traits["square"].sum() <= 40 * 39 / 2
    straight = metres(network, 1, 46)
    assert 200 <= straight + 0.05 <= 200 * 1.05


# Carriageways with pavements of their own


def carriageway(*more, side=STREET):
    separate = {"highway": "primary", "sidewalk": "separate"}
    places = {1: (0, 0), 2: (200, 0), 3: (0, 10), 4: (200, 10), 5: (0, 300), 6: (200, 300)}
    return [
        nodes(places | {7: (0, -50), 8: (200, -50)}),
        way_xml(11, [1, 2], separate),
        way_xml(12, [3, 4], FOOTWAY),
        *more,
    ]


def test_a_carriageway_beside_its_footway_is_not_walked(tmp_path):
    ends = way_xml(13, [1, 3], FOOTWAY), way_xml(14, [2, 4], FOOTWAY)
    city = read_osm(write(tmp_path, *carriageway(*ends)))
    assert city.streets.edge_osmid.tolist() == [12, 13, 14]
    assert sorted(city.streets.node_osmid.tolist()) == [1, 2, 3, 4]
    assert any("0.2 km are not walked" in note for note in city.notes)


def test_a_carriageway_without_a_footway_near_is_walked_whatever_its_tags(tmp_path):
    parts = carriageway()
    parts[2] = way_xml(12, [5, 6], FOOTWAY)
    city = read_osm(write(tmp_path, *parts))
    assert city.streets.edge_osmid.tolist() == [11, 12]
    assert any("0.2 km without a footway beside them" in note for note in city.notes)


def test_a_carriageway_that_is_the_only_link_is_walked(tmp_path):
    side_streets = way_xml(13, [7, 1], STREET), way_xml(14, [8, 2], STREET)
    city = read_osm(write(tmp_path, *carriageway(*side_streets)))
    assert metres(city.streets, 7, 8) == pytest.approx(300, abs=0.1)
    assert any("0.2 km that link parts" in note for note in city.notes)


def test_a_carriageway_that_leads_nowhere_is_no_link(tmp_path):
    side_street = way_xml(13, [7, 1], STREET)
    network = streets(tmp_path, *carriageway(side_street))
    assert network.edge_osmid.tolist() == [12, 13]


TRUNK = {"highway": "trunk"}


def parted_by(tmp_path, tags, *, second=True):
    """Streets 1-2 and 3-4 end on a way from 2 to 3, which no other street joins."""
    places = nodes({1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (300, 0), 5: (300, 400)})
    streets_of = [way_xml(11, [1, 2], STREET)]
    streets_of += [way_xml(12, [3, 4], STREET)] if second else [way_xml(12, [4, 5], STREET)]
    return read_osm(write(tmp_path, places, *streets_of, way_xml(13, [2, 3], tags)))


@pytest.mark.parametrize(
    "tags",
    [
        {"junction": "roundabout"},
        {"junction": "circular", "highway": "trunk_link"},
        {"maxspeed": "50"},
        {"maxspeed": "30 mph"},
        {"maxspeed": "ES:urban"},
        {"source:maxspeed": "DE:urban"},
        {"lit": "yes"},
        {"access": "yes", "highway": "trunk_link"},
        {},  # streets end on it every 50 m
    ],
)
def test_a_trunk_road_through_a_town_joins_the_streets_that_end_on_it(tmp_path, tags):
    city = parted_by(tmp_path, TRUNK | tags)
    assert metres(city.streets, 1, 4) == pytest.approx(300, abs=0.1)
    assert any("1 trunk roads in built-up places" in note for note in city.notes)


@pytest.mark.parametrize(
    "tags",
    [
        {"maxspeed": "80", "lit": "yes"},
        {"maxspeed": "ES:rural"},
        {"junction": "roundabout", "foot": "no"},
        {"maxspeed": "50", "sidewalk": "no"},
        {"maxspeed": "50", "motorroad": "yes"},
        {"maxspeed": "50", "access": "no"},
        {"maxspeed": "50", "tunnel": "yes"},
    ],
)
def test_a_trunk_road_that_is_fast_or_closed_joins_nothing(tmp_path, tags):
    city = parted_by(tmp_path, TRUNK | tags)
    assert metres(city.streets, 1, 4) == np.inf
    assert not any("built-up" in note for note in city.notes)


def test_a_trunk_road_that_one_street_ends_on_leads_nowhere(tmp_path):
    city = parted_by(tmp_path, TRUNK | {"maxspeed": "50"}, second=False)
    assert 13 not in city.streets.edge_osmid


def test_a_roundabout_in_pieces_is_walked_round(tmp_path):
    places = nodes({1: (-90, 0), 2: (-30, 0), 3: (0, 30), 4: (30, 0), 5: (90, 0), 6: (0, -30)})
    piece = TRUNK | {"junction": "roundabout", "oneway": "yes"}
    rounds = [way_xml(20, [2, 6], piece), way_xml(21, [6, 4], piece), way_xml(22, [4, 3, 2], piece)]
    ends = way_xml(11, [1, 2], STREET), way_xml(12, [4, 5], STREET)
    network = streets(tmp_path, places, *ends, *rounds)
    assert metres(network, 1, 5) == pytest.approx(120 + 2 * 30 * 2**0.5, abs=0.1)


def beside_a_path(drive, tags):
    """A street from 1 to 2 with a path beside it; the path is crossed at both ends."""
    places = {1: (0, 0), 2: (200, 0), 3: (0, 10), 4: (200, 10), 7: (90, 0), 8: (90, -40)}
    parts = [way_xml(11, [1, 7, 2], tags), way_xml(12, [3, 4], FOOTWAY)]
    parts += [way_xml(13, [1, 3], FOOTWAY), way_xml(14, [2, 4], FOOTWAY)]
    return [nodes(places), *parts, *([way_xml(15, [7, 8], STREET)] if drive else [])]


def test_a_street_with_use_sidepath_is_left_for_the_path_that_is_drawn(tmp_path):
    tags = STREET | {"foot": "use_sidepath"}
    assert 11 not in streets(tmp_path, *beside_a_path(False, tags)).edge_osmid
    alone = streets(tmp_path, nodes({1: (0, 0), 2: (200, 0)}), way_xml(11, [1, 2], tags))
    assert alone.edge_osmid.tolist() == [11]


@pytest.mark.parametrize("tag", [{"foot": "use_sidepath"}, {"sidewalk": "separate"}])
def test_a_drive_between_two_crossings_is_left_in_both_directions(tmp_path, tag):
    network = streets(tmp_path, *beside_a_path(True, STREET | tag))
    assert metres(network, 8, 1) == pytest.approx(130, abs=0.1)
    assert metres(network, 8, 2) == pytest.approx(150, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "walked", "steps"),
    [
        ("footway;steps", True, True),
        ("steps; footway", True, True),
        ("track;path", True, False),
        ("bridleway;path", True, False),
        ("Footway", True, False),
        (" Residential", True, False),
        ("motorway;trunk", False, False),
        ("walkway", False, False),
    ],
)
def test_lists_and_odd_letters_of_highway(tmp_path, kind, walked, steps):
    ways = [way_xml(11, [1, 2], FOOTWAY), way_xml(12, [2, 3], {"highway": kind})]
    city = read_osm(write(tmp_path, nodes(LINE), *ways))
    assert city.streets.edge_osmid.tolist() == ([11, 12] if walked else [11])
    assert city.streets.traits["steps"].any() == steps
    told = "highway=walkway (1)" in "\n".join(city.notes)
    assert told == (kind == "walkway")


def test_tags_that_nobody_understands_are_told(tmp_path):
    places = nodes(LINE, n2={"barrier": "GATE", "foot": "perhaps", "locked": "yes"})
    ways = [way_xml(11, [1, 2, 3], FOOTWAY | {"access": "maybe"})]
    city = read_osm(write(tmp_path, places, *ways))
    notes = "\n".join(city.notes)
    assert "say nothing: access=maybe (1), foot=perhaps (1)." in notes
    assert "1 barriers on streets cannot be passed" in notes
