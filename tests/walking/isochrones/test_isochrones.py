"""Isochrones against closed forms, laws, and the search itself."""

from __future__ import annotations

import sys
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError, NetworkError
from quarterhour.streets.snap import SNAP_LIMIT_M
from quarterhour.walking.engines import networkx_engine
from quarterhour.walking.isochrones.isochrones import ERROR_M, isochrones
from quarterhour.walking.isochrones.verify import verify
from quarterhour.walking.pace import Profile

METHODS = ["exact", "fast"]


def one(network, xy=(0, 0), minutes=5, **options):
    return isochrones(worlds.points(xy), network, (minutes,), **options).geometry.iloc[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_straight_street_gives_the_tapered_corridor(method):
    """Half width min(50, 375 - |x|) along 1,000 m of street: the closed form of the definition."""
    found = one(worlds.line_world(), (500, 0), 5, method=method, reach_m=50)
    closed = shapely.Polygon([(125, 0), (175, 50), (825, 50), (875, 0), (825, -50), (175, -50)])
    error = shapely.hausdorff_distance(found, closed, densify=0.01)
    assert error <= ERROR_M[method]
    assert found.symmetric_difference(closed).area < 0.01 * closed.area


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shift", [(0, 0), (50, 44), (25, 22), (6.25, 0.6875), (3.3, 7.7)])
def test_a_boundary_that_runs_along_the_sampling_grid_is_closed(method, shift):
    """Wherever a block of streets lies, its isochrone has the same area, whole and valid."""

    def drawn(at):
        block = np.array([(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]) + at
        city = worlds.network_of([tuple(xy) for xy in block])
        return one(city, tuple(block[0]), 8, method=method)

    found = drawn(shift)
    assert found.is_valid
    assert found.geom_type == "Polygon"
    assert found.area == pytest.approx(drawn((1.234, 5.678)).area, rel=1e-3)


def test_the_access_leg_is_charged_and_the_rim_is_exact():
    found = one(worlds.line_world(), (500, 25), 2)
    street = shapely.LineString([(375, 0), (625, 0)])  # 150 m less the 25 m of the leg
    assert found.buffer(1e-6).covers(street)
    west, _, east, _ = found.bounds
    assert (west, east) == pytest.approx((375, 625), abs=0.02)


def test_half_the_pace_halves_the_reach():
    found = one(worlds.line_world(), (500, 0), 4, pace=Profile("slow", 0.625))
    assert found.bounds[0] == pytest.approx(350, abs=0.02)


def test_a_block_keeps_its_hole():
    """Streets 400 m apart: what lies more than 100 m inside a block is not reached."""
    found = one(worlds.grid_world(5, 400.0), (800, 800), 15)
    assert len(found.interiors) >= 4
    assert not found.covers(shapely.Point(1000, 1000))
    assert found.covers(shapely.Point(800, 1000))


def test_a_block_that_one_can_walk_round_is_filled():
    """Streets 180 m apart: whoever lives in the middle joins them, so it is drawn inside."""
    network = worlds.grid_world(7, 180.0)
    assert not one(network, (540, 540), 10).interiors
    assert len(one(network, (540, 540), 10, reach_m=50).interiors) >= 12


def test_a_lake_stays_a_hole():
    """A path round a lake of 300 m: its middle is a hole, and stays one in every band."""
    angle = np.linspace(0, 2 * np.pi, 73)
    shore = [(300 * np.cos(a), 300 * np.sin(a)) for a in angle]
    shore[-1] = shore[0]
    network = worlds.network_of(shore, [(300, 0), (600, 0)])
    bands = isochrones(worlds.points((300, 0)), network, (5, 14, 20))
    assert [len(shape.interiors) for shape in bands.geometry] == [0, 1, 1]
    lake = bands.geometry.iloc[2].interiors[0]
    assert shapely.Polygon(lake).area == pytest.approx(np.pi * 200**2, rel=0.01)


def test_beside_an_unreachable_street_it_ends_halfway():
    """Two streets 40 m apart that do not meet: each side belongs to its own street."""
    network = worlds.network_of([(0, 0), (2000, 0)], [(0, 40), (2000, 40)])
    found = one(network, (300, 0), 5)
    assert found.covers(shapely.Point(300, 19.5))
    assert not found.covers(shapely.Point(300, 20.5))
    assert found.covers(shapely.Point(300, -49.5))


def test_streets_that_cross_without_meeting_are_told_apart():
    found = one(worlds.bridge_world(), (-400, 0), 15)
    bridge = shapely.LineString([(-500, 0), (500, 0)])
    assert found.buffer(1e-6).covers(bridge)
    assert not found.covers(shapely.Point(0, 60))
    assert (
        verify(
            isochrones(worlds.points((-400, 0)), worlds.bridge_world(), (15,)),
            worlds.bridge_world(),
            samples=4_000,
        )["street_false_out"].sum()
        == 0
    )


def test_directions_differ_where_a_street_is_one_way_on_foot():
    network = worlds.network_of([(0, 0), (400, 0)], oneway_foot=[1])
    away, toward = (one(network, (200, 0), 5, direction=d) for d in ("from", "to"))
    assert away.covers(shapely.Point(390, 0))
    assert not away.covers(shapely.Point(150, 0))
    assert toward.covers(shapely.Point(10, 0))
    assert not toward.covers(shapely.Point(250, 0))


def test_bands_nest_and_say_what_made_them():
    network = worlds.grid_world()
    found = isochrones(worlds.points((433, 512), index=["home"]), network, (15, 5, 10))
    assert found["minutes"].tolist() == [5, 10, 15]
    assert set(found["origin"]) == {"home"}
    inner, middle, outer = found.geometry
    assert inner.difference(middle).area < 1e-6
    assert middle.difference(outer).area < 1e-6
    assert found["area_m2"].tolist() == pytest.approx(found.area.tolist())
    assert found.attrs["reach_m"] == SNAP_LIMIT_M
    assert found["pace"].str.contains("1.25 m/s").all()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_bytes_come_out_twice(method):
    places = worlds.strewn(worlds.grid_world(), 5, 3, 20)
    tables = [isochrones(places, worlds.grid_world(), (5,), method=method) for _ in range(2)]
    assert tables[0].to_wkb().equals(tables[1].to_wkb())


@pytest.mark.parametrize("method", METHODS)
def test_what_was_drawn_before_and_how_many_threads_there_are_changes_no_byte(method, monkeypatch):
    """A network keeps what it learns: a new one, a used one and a single thread agree."""
    city = worlds.helsinki().streets
    places = worlds.strewn(city, 14, 7)  # enough of them share squares
    first = isochrones(places, city, (3, 6), method=method)
    again = isochrones(places, city, (3, 6), method=method)
    monkeypatch.setattr(
        sys.modules["quarterhour.walking.isochrones.isochrones"], "cores", lambda: 1
    )
    alone = isochrones(places, replace(city), (3, 6), method=method)
    ones = [
        isochrones(places.iloc[[k]], replace(city), (6,), method=method).geometry.iloc[0]
        for k in range(3)
    ]
    assert set(first.geom_type) <= {"Polygon", "MultiPolygon"}
    for other in (again, alone):
        assert list(first.geometry.to_wkb()) == list(other.geometry.to_wkb())
    assert [one.wkb for one in ones] == list(first.geometry[first["minutes"] == 6].to_wkb()[:3])


def test_engines_draw_the_same():
    network, places = worlds.grid_world(6), worlds.points((133, 207))
    fast = isochrones(places, network, (4,))
    slow = isochrones(places, network, (4,), engine=networkx_engine)
    assert fast.geometry.iloc[0].symmetric_difference(slow.geometry.iloc[0]).area < 1e-3


def test_an_area_has_one_isochrone_of_all_its_origins():
    network = worlds.line_world()
    area = gpd.GeoDataFrame(geometry=[shapely.box(300, -60, 700, 60)], index=["a"], crs=worlds.CRS)
    found = isochrones(area, network, (2,))
    assert found["origin"].tolist() == ["a"]
    assert found.geometry.iloc[0].covers(shapely.LineString([(260, 0), (740, 0)]))


def test_the_callers_crs_comes_back():
    places = worlds.points((500, 0)).to_crs(4326)
    found = isochrones(places, worlds.line_world(), (5,))
    assert found.crs == 4326
    assert found.to_crs(worlds.CRS).area.iloc[0] == pytest.approx(
        found["area_m2"].iloc[0], rel=1e-3
    )


def test_places_off_the_streets_have_no_isochrone_and_all_of_them_is_an_error():
    network = worlds.line_world()
    found = isochrones(worlds.points((500, 0), (500, 800)), network, (5,))
    assert found.geometry.is_empty.tolist() == [False, True]
    with pytest.raises(NetworkError, match="None of the 1 places"):
        isochrones(worlds.points((500, 800)), network, (5,))


@pytest.mark.parametrize(
    ("options", "phrase"),
    [
        ({"method": "quick"}, "method='quick' is not known: use 'exact' or 'fast'"),
        ({"direction": "up"}, "direction='up' is not known"),
        ({"reach_m": 0}, "reach_m=0 has to lie between"),
        ({"minutes": (0,)}, "positive number of minutes"),
    ],
)
def test_words_that_are_not_known(options, phrase):
    minutes = options.pop("minutes", (5,))
    with pytest.raises(InputError, match=phrase):
        isochrones(worlds.points((500, 0)), worlds.line_world(), minutes, **options)


@pytest.mark.parametrize("method", METHODS)
def test_verify_finds_what_the_method_promises(method, samples):
    network = qh.read_osm(samples / "helsinki.osm.pbf").streets
    places = worlds.strewn(network, 4, 5, 20)
    found = isochrones(places, network, (6,), method=method)
    report = verify(found, network, samples=4_000)
    assert report["error_m"].max() <= ERROR_M[method]
    assert (report["samples"] >= 3_000).all()
    if method == "exact":
        assert report["street_false_out"].sum() == 0


def test_verify_sees_a_wrong_polygon():
    network, places = worlds.line_world(), worlds.points((500, 0))
    found = isochrones(places, network, (5,))
    wide = found.copy()
    wide["geometry"] = found.buffer(20)
    wide.attrs = found.attrs
    report = verify(wide, network, samples=2_000).iloc[0]
    assert report["false_in"] > 100
    assert report["false_out"] == 0
    assert 15 <= report["error_m"] <= 30
    narrow = wide.assign(geometry=found.buffer(-10))
    report = verify(narrow, network, places=places, samples=2_000).iloc[0]
    assert report["false_out"] > 100
    assert report["street_false_out"] > 0


@pytest.mark.parametrize("options", [{"minutes": ()}, {"pace": []}])
def test_nothing_asked_for_is_an_error(options):
    (word,) = options
    with pytest.raises(InputError, match=word):
        isochrones(worlds.points((0, 0)), worlds.line_world(), **options)


def test_several_paces_in_one_call_are_each_as_alone():
    network, places = worlds.grid_world(), worlds.points((433, 512), (610, 320))
    walkers = [Profile("adult", 1.25), Profile("slow", 0.8)]
    both = isochrones(places, network, (3, 6), pace=walkers)
    assert both["pace"].tolist() == [str(walkers[0])] * 4 + [str(walkers[1])] * 4
    alone = isochrones(places, network, (3, 6), pace=walkers[1])
    assert both.geometry.iloc[4:].to_wkb().tolist() == alone.geometry.to_wkb().tolist()
    assert verify(both, network, pace=walkers, samples=1_000)["error_m"].max() <= 0.5
    with pytest.raises(InputError, match=r"drawn at the pace of slow, 0\.80 m/s"):
        verify(both, network, samples=100)


def test_verify_needs_to_know_where_walks_begin():
    found = isochrones(worlds.points((500, 0)), worlds.line_world(), (5,))
    found.attrs = {}
    with pytest.raises(InputError, match="pass places="):
        verify(found, worlds.line_world())


def test_verify_of_areas_and_of_walks_to_a_place():
    network = worlds.grid_world()
    area = gpd.GeoDataFrame(geometry=[shapely.box(310, 310, 390, 390)], crs=worlds.CRS)
    assert verify(isochrones(area, network, (4,)), network, samples=2_000)["error_m"].max() <= 0.5
    to = isochrones(worlds.points((433, 512)), network, (4,), direction="to")
    assert verify(to, network, samples=2_000)["error_m"].max() <= 0.5


EXTRACTS = ["helsinki.osm.pbf", "beijing-haidian-2017.osm.pbf", "las-palmas.osm.pbf"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[pytest.mark.long] * (at > 0)) for at, one in enumerate(EXTRACTS)],
)
def test_inside_agrees_with_travel_times(name, shared_data):
    """5,000 random points: inside exactly if travel_times says so, save at the boundary."""
    network = qh.read_osm(shared_data(name)).streets
    places = worlds.strewn(network, 3, 21, 20)
    found = isochrones(places, network, (15,))
    rng = np.random.default_rng(7)
    for label, shape in zip(found["origin"], found.geometry, strict=True):
        low, high = np.array(shape.bounds[:2]), np.array(shape.bounds[2:])
        points = gpd.GeoDataFrame(
            geometry=shapely.points(rng.uniform(low, high, (5_000, 2))), crs=network.crs
        )
        times = qh.travel_times(places.loc[[label]], points, network, 15)
        reached = np.zeros(len(points), dtype=bool)
        reached[times.destination] = True
        inside = shapely.intersects(shape, points.geometry.array)
        wrong = points.geometry[inside != reached]
        assert reached.sum() > 300
        assert wrong.distance(shape.boundary).max() <= 0.5 if len(wrong) else True
