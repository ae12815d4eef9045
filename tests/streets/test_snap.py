"""Places on edges: against brute force, at ties and limits, polygons, gates."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, Polygon, box

import worlds
from quarterhour.errors import InputError, NetworkError
from quarterhour.streets.edited import retold
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import (
    end_positions,
    nearest_positions,
    placed_ends,
    require_snapped,
    snap_places,
    start_positions,
    touching_positions,
)
from witness import brute_nearest


def places(*shapes, index=None, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=index, crs=worlds.CRS)


def where(found, network) -> list[tuple[float, float, float]]:
    """Coordinates and leg of each position, to the millimetre."""
    at = shapely.line_interpolate_point(network.lines[found.edge], found.fraction, normalized=True)
    xy = shapely.get_coordinates(at)
    rows = np.column_stack([xy, found.leg_m]).round(3) + 0.0
    return sorted(tuple(row) for row in rows.tolist())


def test_nearest_position_equals_brute_force_on_real_streets():
    network = retold(worlds.helsinki().streets, {})  # in the metres of its plane
    points = worlds.strewn(network, 200, 42, spread_m=80).geometry.to_numpy()
    found = nearest_positions(points, network, np.inf)
    assert found.row.tolist() == list(range(200))
    brute = [brute_nearest(point, network) for point in points]
    assert np.allclose(found.leg_m, brute, atol=1e-9)
    assert not network.passed_over[found.edge].any()
    # The position that is told is where the leg meets the street.
    lines = network.lines[found.edge]
    at = shapely.line_interpolate_point(lines, found.fraction, normalized=True)
    assert np.allclose(shapely.distance(at, points), found.leg_m, atol=1e-6)


def test_the_limit_is_inclusive_and_sharp():
    network = worlds.line_world()
    points = shapely.points([(500, 100), (500, 100.001), (500, -100), (1100, 0)])
    assert nearest_positions(points, network, 100).row.tolist() == [0, 2, 3]


def test_ties_go_to_the_edge_that_comes_first():
    network = worlds.network_of([(0, 20), (2000, 20)], [(0, 0), (2000, 0)])
    found = nearest_positions(shapely.points([(50, 10), (60, 10)]), network, 100)
    assert found.edge.tolist() == [0, 0]
    corner = worlds.cross_world()
    assert nearest_positions(shapely.points([(0, 0)]), corner, 100).edge.tolist() == [0]


def test_fraction_refers_to_the_drawn_line():
    network = WalkNetwork.build(
        crs=worlds.CRS,
        node_xy=[(0, 0), (100, 100)],
        edge_nodes=[(0, 1)],
        coords=[(0, 0), (100, 0), (100, 100)],
        coord_offset=[0, 3],
        edge_length_m=[400],
    )
    found = nearest_positions(shapely.points([(103, 50)]), network, 100)
    assert found.fraction.tolist() == [0.75]
    assert found.leg_m.tolist() == [3]


def test_an_edge_without_length_has_a_position():
    network = WalkNetwork.build(
        crs=worlds.CRS,
        node_xy=[(0, 0), (0, 0)],
        edge_nodes=[(0, 1)],
        coords=[(0, 0), (0, 0)],
        coord_offset=[0, 2],
    )
    found = nearest_positions(shapely.points([(3, 4)]), network, 100)
    assert found.fraction.tolist() == [0]
    assert found.leg_m.tolist() == [5]


def test_scraps_are_passed_over_but_islands_are_not():
    network = worlds.island_world()
    found = nearest_positions(shapely.points([(1025, 31), (1100, 490)]), network, 100)
    assert found.edge.tolist() == [0, 2]
    assert found.leg_m.tolist() == [31, 10]


# --- gates --------------------------------------------------------------------------------------


def test_a_gate_on_a_closed_barrier_joins_both_dead_ends():
    network = worlds.network_of([(0, 0), (100, 0)], [(100.2, 0), (2000, 0)])
    found = touching_positions(shapely.points([(100.1, 0)]), network, 100)
    assert where(found, network) == [(100, 0, 0.1), (100.2, 0, 0.1)]


def test_a_gate_touches_nothing_that_is_farther_than_half_a_metre_more():
    network = worlds.network_of([(0, 0), (2000, 0)], [(0, 21), (2000, 21)])
    assert touching_positions(shapely.points([(50, 10)]), network, 100).edge.tolist() == [0]
    assert sorted(touching_positions(shapely.points([(50, 10.4)]), network, 100).edge) == [0, 1]


def test_homes_behind_gates_start_at_each_gate():
    network = worlds.network_of([(0, 0), (600, 0)], [(0, 300), (600, 300)])
    homes = places(Point(300, 100), Point(300, 20), index=["walled", "open"])
    homes["exits"] = gpd.GeoSeries(
        [MultiPoint([(300, 10), (260, 270)]), None], index=homes.index, crs=worlds.CRS
    )
    found = start_positions(homes, network)
    assert found.row.tolist() == [0, 0, 1]
    inside = float(np.hypot(40, 170))
    expected = [(260, 300, round(inside + 30, 3)), (300, 0, 20), (300, 0, 100)]
    assert where(found, network) == expected


def test_exits_in_another_crs_are_converted():
    network = worlds.line_world()
    homes = places(Point(300, 100))
    homes["exits"] = gpd.GeoSeries([MultiPoint([(300, 10)])], crs=worlds.CRS).to_crs(4326)
    assert start_positions(homes, network).leg_m.tolist() == pytest.approx([100], abs=1e-6)


def test_a_multipoint_origin_starts_at_each_of_its_points():
    found = start_positions(places(MultiPoint([(10, 5), (700, -8)])), worlds.line_world())
    assert found.row.tolist() == [0, 0]
    assert found.leg_m.tolist() == [5, 8]


# --- facilities with an extent ------------------------------------------------------------------


def test_a_polygon_is_reached_at_its_entrances():
    park = places(box(100, 20, 300, 60))
    park["entrances"] = gpd.GeoSeries([MultiPoint([(100, 40), (300, 30)])], crs=worlds.CRS)
    found = end_positions(park, worlds.line_world())
    assert where(found, worlds.line_world()) == [(100, 0, 40), (300, 0, 30)]


def test_entrances_in_another_crs_are_converted():
    park = places(box(100, 20, 300, 60))
    park["entrances"] = gpd.GeoSeries([Point(150, 40)], crs=worlds.CRS).to_crs(4326)
    found = end_positions(park, worlds.line_world())
    assert found.leg_m.tolist() == pytest.approx([40], abs=1e-6)


def test_a_polygon_that_a_street_crosses_is_reached_where_it_does():
    found = end_positions(places(box(100, -20, 300, 60)), worlds.line_world())
    assert where(found, worlds.line_world()) == [(100, 0, 0), (300, 0, 0)]


def test_a_polygon_beside_a_street_is_reached_at_its_nearest_edge():
    slanted = Polygon([(200, 30), (300, 90), (100, 90)])
    found = end_positions(places(slanted), worlds.line_world())
    assert where(found, worlds.line_world()) == [(200, 0, 30)]


def test_a_polygon_too_far_away_is_not_reached():
    assert len(end_positions(places(box(0, 100.5, 10, 200)), worlds.line_world()).row) == 0


def test_a_line_is_reached_where_it_meets_a_street_or_nearest_to_one():
    river = LineString([(400, -50), (400, 50)])
    wall = LineString([(600, 10), (700, 60)])
    found = end_positions(places(river, wall), worlds.line_world())
    assert found.row.tolist() == [0, 1]
    assert where(found, worlds.line_world()) == [(400, 0, 0), (600, 0, 10)]


def test_a_street_along_the_outline_meets_it_at_both_ends():
    found = end_positions(places(box(100, 0, 300, 60)), worlds.line_world())
    assert where(found, worlds.line_world()) == [(100, 0, 0), (300, 0, 0)]


def test_a_street_along_the_outline_that_also_crosses_it():
    """The street and the outline share a stretch and a point apart from it."""
    network = worlds.network_of([(0, 0), (200, 0), (200, 30), (50, 30), (50, 80)])
    found = end_positions(places(box(100, 0, 300, 60)), network)
    assert where(found, network) == [(100, 0, 0), (100, 30, 0), (200, 0, 0)]


def test_a_square_with_a_street_all_round_it():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    found = end_positions(places(box(0, 0, 100, 100)), worlds.network_of(ring))
    assert len(found.row) >= 1
    assert found.leg_m.tolist() == [0] * len(found.row)


def test_places_of_every_kind_in_one_table_keep_their_rows():
    table = places(
        box(100, -20, 300, 60), Point(50, 7), LineString([(400, 9), (400, 50)]), Point(0, 900)
    )
    found = end_positions(table, worlds.line_world())
    assert found.row.tolist() == [0, 0, 1, 2]
    assert found.leg_m.tolist() == [0, 0, 7, 9]


# --- the report ---------------------------------------------------------------------------------


def test_the_report_is_aligned_to_the_index():
    network = worlds.island_world()
    table = places(Point(10, 5), Point(0, 900), Point(1100, 480), index=["x", "y", "z"])
    report = snap_places(table, network)
    assert report.index.equals(table.index)
    assert report["status"].tolist() == ["snapped", "not_snapped", "snapped"]
    assert report["positions"].tolist() == [1, 0, 1]
    assert report["leg_m"].tolist() == pytest.approx([5, np.nan, 20], nan_ok=True)
    assert report["edge"].tolist() == [0, -1, 2]
    assert report["component"].tolist() == [0, -1, 1]
    assert report["osmid"].tolist() == [0, 0, 0]


def test_the_report_counts_ways_on_and_tells_the_shortest():
    home = places(Point(300, 100))
    home["exits"] = gpd.GeoSeries([MultiPoint([(300, 10), (290, 60)])], crs=worlds.CRS)
    report = snap_places(home, worlds.line_world())
    assert report["positions"].tolist() == [2]
    assert report["leg_m"].tolist() == pytest.approx([100])
    park = snap_places(places(box(100, -20, 300, 60)), worlds.line_world())
    assert park["positions"].tolist() == [2]


def test_the_limit_of_the_report_can_be_chosen():
    table = places(Point(10, 5))
    assert snap_places(table, worlds.line_world(), 4)["status"].tolist() == ["not_snapped"]


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_the_limit_is_a_distance(limit):
    for table in (places(Point(0, 0)), places(box(0, 5, 9, 9))):
        with pytest.raises(InputError, match="give a positive number of metres"):
            snap_places(table, worlds.line_world(), limit)


def test_chosen_positions_keep_their_order():
    found = end_positions(places(Point(10, 1), Point(20, 2), Point(30, 3)), worlds.line_world())
    assert found.take(np.array([2, 0])).leg_m.tolist() == [3, 1]
    assert found.take(found.leg_m > 1).row.tolist() == [1, 2]


def test_chosen_rows_are_placed_as_if_alone():
    """Rows with no, one or several positions, some asked for twice."""
    shapes = [Point(30, 3), Point(0, 900), MultiPoint([(10, 5), (700, -8)]), box(100, -20, 300, 60)]
    table, network = places(*shapes), worlds.line_world()
    whole = Placed(table.index, end_positions(table, network))
    assert whole.snapped.tolist() == [True, False, True, True]
    rows = np.array([3, 1, 2, 0, 2])
    chosen, alone = whole.take(rows), end_positions(table.iloc[rows], network)
    assert chosen.labels.tolist() == rows.tolist()
    for ours, theirs in zip(chosen.at, alone, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_places_without_crs_are_refused():
    with pytest.raises(InputError, match="places have no CRS"):
        snap_places(places(Point(0, 0)).set_crs(None, allow_override=True), worlds.line_world())


def test_tables_of_which_nothing_snaps_are_refused():
    nothing = end_positions(places(Point(0, 900)), worlds.line_world())
    with pytest.raises(NetworkError, match="None of the 1 shops lies within 100 m of a street"):
        require_snapped(nothing, 1, "shops", 100)
    require_snapped(nothing, 0, "shops", 100)  # an empty table is no reason to complain


# --- levels -------------------------------------------------------------------------------------


def under_and_over(**told):
    """A street, a way 30 m beside it that is somewhere else, and the link that joins both."""
    columns = {name: ["", value, ""] for name, value in told.items()}
    return worlds.network_of([(0, 0), (800, 0)], [(0, 30), (800, 30)], [(0, 0), (0, 30)], **columns)


@pytest.mark.parametrize(
    "told",
    [
        {"tunnel": "yes"},
        {"layer": "-1"},
        {"level": "-2"},
        {"bridge": "yes"},
        {"layer": "1"},
        {"highway": "corridor"},
        {"location": "underground"},
    ],
)
def test_nobody_on_the_surface_steps_below_or_above_it(told):
    network = under_and_over(**told)
    found = nearest_positions(shapely.points([(400, 25), (2, 29)]), network, 100)
    lines = network.lines[found.edge]
    at = shapely.line_interpolate_point(lines, found.fraction, normalized=True)
    assert shapely.get_coordinates(at).tolist() == [[400, 0], [0, 29]]
    assert network.n_edges == 3


@pytest.mark.parametrize("told", [{"tunnel": "building_passage"}, {"level": "0"}, {"layer": "0"}])
def test_what_is_on_the_ground_is_joined(told):
    found = nearest_positions(shapely.points([(400, 25)]), under_and_over(**told), 100)
    assert found.leg_m.tolist() == [5]


def test_a_deck_far_from_streets_keeps_its_places():
    network = worlds.network_of([(0, 0), (800, 0)], [(0, 0), (0, 400)], bridge=["", "yes"])
    assert nearest_positions(shapely.points([(5, 390)]), network, 100).leg_m.tolist() == [5]


def test_a_passage_that_ends_at_a_place_below_is_joined_there():
    network = worlds.network_of([(0, 0), (800, 0)], [(0, 0), (0, 400)], level=["0", "-1"])
    assert nearest_positions(shapely.points([(0, 400)]), network, 100).leg_m.tolist() == [0]


@pytest.mark.parametrize("highway", ["service", "primary", "residential"])
def test_a_road_tunnel_that_the_border_cuts_takes_no_place_above_it(highway):
    network = worlds.network_of(
        [(0, 0), (800, 0)], [(0, 0), (0, 400)], level=["0", "-1"], highway=["residential", highway]
    )
    assert network.passed_over.tolist() == [False, True]


def test_a_passage_between_streets_takes_no_place_at_its_blind_end():
    lines = [(0, 0), (800, 0)], [(0, 0), (0, 200)], [(0, 200), (800, 200)], [(0, 200), (0, 400)]
    level = ["0", "-1", "0", "-1"]
    network = worlds.network_of(*lines, level=level, highway=["footway"] * 4)
    assert network.passed_over.tolist() == [False, True, False, True]


def test_a_network_on_one_deck_is_taken_as_it_is():
    network = worlds.network_of([(0, 0), (800, 0)], layer=["1"])
    assert nearest_positions(shapely.points([(5, 9)]), network, 100).leg_m.tolist() == [9]


@pytest.mark.parametrize("square", [True, False])
def test_the_lines_across_a_square_make_no_island_of_it(square: bool) -> None:
    """Sixty lines across a square beside the street: 1.8 km of them, and one place."""
    rim = [(100 + k, 40) for k in range(61)]
    across = [[(130, 10), spot] for spot in rim]
    lines = [[(0, 0), (4000, 0)], rim, *across]
    network = worlds.network_of(*lines, square=[False] * 2 + [square] * 61)
    assert network.component_length_m[1] > 1800
    joined = snap_places(worlds.points((130, 30)), network)
    assert joined["component"].tolist() == [0 if square else 1]


def test_rows_that_are_elsewhere_are_told_apart_from_those_that_stay():
    network = worlds.network_of([(0, 0), (100, 0)], [(0, 0), (0, 100)])
    one = placed_ends(worlds.points((10, 5), (50, 5), (2_000, 5)), network)
    other = placed_ends(worlds.points((10, 5), (50, 9), (5, 60)), network)
    assert one.others(one).tolist() == [False, False, False]
    assert one.others(other).tolist() == [False, True, True]
    assert other.others(one).tolist() == [False, True, True]
    assert one.others(one.take(np.array([0, 1]))) is None
