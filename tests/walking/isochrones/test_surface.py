"""Time surfaces: every cell is what travel_times says of its centre."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio

import worlds
from quarterhour.errors import InputError, NetworkError, OutputError
from quarterhour.streets.edited import retold
from quarterhour.streets.elevation import elevation_at_nodes
from quarterhour.walking.engines import numba_engine
from quarterhour.walking.isochrones import surface
from quarterhour.walking.isochrones.fields import Walks
from quarterhour.walking.isochrones.surface import TimeSurface, time_surface
from quarterhour.walking.pace import (
    ADULT,
    Profile,
    Sloped,
    checked_seconds,
    off_street_speed_m_s,
    profile,
)
from quarterhour.walking.travel_times import travel_times

LIMIT_MIN, CELL_M = 12.0, 15.0


def hilly(network):
    """An adult among hills, so that there and back differ."""
    x, y = network.node_xy.T
    return Sloped(ADULT, elevation_at_nodes(network, 20 * np.sin(x / 150) + 15 * np.cos(y / 200)))


@pytest.mark.parametrize("walker", ["adult", "wheelchair", "hilly"])
@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("reach_m", [50.0, 23.0])
def test_cells_are_the_travel_times_of_their_centres(walker, direction, reach_m):
    """All cells, in float64 before they are stored: equal to 1e-6 s, NaN in the same places."""
    compare_cells(retold(worlds.helsinki().streets, {}), walker, direction, reach_m, 1e-6)


def test_cells_measured_on_the_ground_are_the_travel_times_to_a_millisecond():
    """A surface takes the scale of the plane at its place for all its cells."""
    compare_cells(worlds.helsinki().streets, "adult", "from", 50.0, 1e-3)


def compare_cells(network, walker, direction, reach_m, most_s):
    pace = hilly(network) if walker == "hilly" else profile(walker)
    place = worlds.strewn(network, 12, 3, spread_m=20).iloc[[5]]
    street_s = checked_seconds(pace, network)
    walks = Walks(network, street_s, off_street_speed_m_s(pace), direction, numba_engine)
    ends = surface._ends(place, walks)
    seconds, (left, top) = surface._seconds_of_cells(walks, ends, LIMIT_MIN * 60, CELL_M, reach_m)
    rows, columns = seconds.shape
    x = left + CELL_M * (np.arange(columns) + 0.5)
    y = top - CELL_M * (np.arange(rows) + 0.5)
    centres = worlds.points(*np.array(np.meshgrid(x, y)).reshape(2, -1).T, crs=network.crs)
    expected = np.full(len(centres), np.nan)
    pair = (place, centres) if direction == "from" else (centres, place)
    # The snap limit stands for the reach; the place itself lies nearer than that.
    found = travel_times(*pair, network, LIMIT_MIN, pace=pace, snap_limit_m=reach_m)
    expected[found.destination if direction == "from" else found.origin] = found.seconds
    assert len(found) > 2_000
    assert np.isfinite(expected).mean() < 0.9
    assert np.array_equal(np.isnan(seconds.ravel()), np.isnan(expected))
    assert np.nanmax(np.abs(seconds.ravel() - expected)) < most_s


def test_the_surface_is_cut_to_what_is_reached_and_lies_where_it_says():
    network = worlds.line_world()
    found = time_surface(worlds.points((500, 0)), network, 5, cell_m=10, reach_m=40)
    # 300 s are 375 m: to x = 125 and 875 on the street, where all centres lie 5 m off it.
    assert found.transform == (10, 0, 130, 0, -10, 40)
    assert all(type(number) is float for number in found.transform)
    assert found.seconds.shape == (8, 74)
    assert found.seconds.dtype == np.float32
    x, y = found.centres()
    assert (x[0], x[-1], y[0], y[-1]) == (135, 865, 35, -35)
    assert found.seconds[3, 37] == pytest.approx((5 + 5) / 1.25)
    expected = (np.abs(x - 500)[None, :] + np.abs(y)[:, None]) / 1.25
    inside = expected <= 300
    assert np.array_equal(np.isfinite(found.seconds), inside)
    assert np.allclose(found.seconds[inside], expected[inside])
    assert repr(found) == (
        "<TimeSurface: 74 × 8 cells of 10 m, 96% within 5 min from the place; "
        "adult, 1.25 m/s (4.50 km/h)>"
    )


def test_cells_of_two_surfaces_fit_on_each_other():
    network = worlds.grid_world()
    for at in ((133, 207), (771, 498)):
        a, _, c, _, e, f = time_surface(worlds.points(at), network, 4, cell_m=7).transform
        assert (a, e, c % 7, f % 7) == (7, -7, 0, 0)


def test_one_way_streets_tell_there_from_back():
    network = worlds.network_of([(0, 0), (100, 0)], [(100, 0), (300, 0)], oneway_foot=[1, 0])
    there = time_surface(worlds.points((50, 0)), network, 10)
    back = time_surface(worlds.points((50, 0)), network, 10, direction="to")
    assert there.centres()[0].min() == 55
    assert back.centres()[0].max() == 45


def test_of_several_places_the_nearest_counts():
    network = worlds.line_world()
    both = time_surface(worlds.points((100, 0), (900, 0)), network, 20, cell_m=20)
    x, y = both.centres()
    nearest = np.minimum(np.abs(x - 100), np.abs(x - 900))
    beside = (x > 0) & (x < 1000)
    assert np.allclose(both.seconds[np.abs(y).argmin(), beside], (nearest[beside] + 10) / 1.25)


def test_an_area_is_left_from_its_origins_and_entered_at_its_outline():
    network = worlds.line_world()
    area = worlds.squares((500, 20), size=60)
    out = time_surface(area, network, 10, cell_m=10)
    back = time_surface(area, network, 10, cell_m=10, direction="to")
    assert np.nanmin(out.seconds) > np.nanmin(back.seconds)
    assert out.direction == "from"


def test_a_saved_surface_is_read_back_with_all_that_made_it(tmp_path):
    network = worlds.grid_world()
    found = time_surface(worlds.points((133, 207)), network, 6, pace=Profile("slow", 0.8))
    path = found.save(tmp_path / "time.tif")
    with rasterio.open(path) as file:
        assert np.array_equal(file.read(1), found.seconds, equal_nan=True)
        assert tuple(file.transform)[:6] == found.transform
        assert file.crs.to_epsg() == 32650
        assert np.isnan(file.nodata)
        tags = file.tags()
    assert tags["pace"] == "slow, 0.80 m/s (2.88 km/h)"
    assert (tags["minutes"], tags["reach_m"], tags["direction"]) == ("6", "100", "from")
    assert [p.name for p in tmp_path.iterdir()] == ["time.tif"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    found = time_surface(worlds.points((133, 207)), worlds.grid_world(), 3)
    path = found.save(tmp_path / "time.tif")
    with pytest.raises(OutputError, match="Cannot make the folder"):
        found.save(path / "below" / "time.tif")
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(rasterio.io.DatasetWriter, "update_tags", full)
    with pytest.raises(OSError, match="No space left"):
        replace(found, minutes=99).save(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"cell_m": 0}, "no size of a cell"),
        ({"cell_m": float("nan")}, "no size of a cell"),
        ({"cell_m": 0.01}, "enlarge cell_m"),
        ({"direction": "up"}, "use 'from' or 'to'"),
        ({"reach_m": 500}, "between 1 and 100 m"),
        ({"minutes": 0}, "positive number of minutes"),
    ],
)
def test_what_is_asked_wrongly_is_refused(wrong, says):
    with pytest.raises(InputError, match=says):
        time_surface(worlds.points((500, 0)), worlds.line_world(), **wrong)


def test_places_far_from_the_streets_are_refused():
    with pytest.raises(NetworkError, match="None of the 1 places lies within 100 m"):
        time_surface(worlds.points((500, 900)), worlds.line_world())
    with pytest.raises(InputError, match="empty"):
        time_surface(worlds.points(), worlds.line_world())


def test_cells_larger_than_what_is_reached_hold_nothing():
    found = time_surface(worlds.points((500, 0)), worlds.line_world(), 0.1, cell_m=300)
    assert isinstance(found, TimeSurface)
    assert np.isnan(found.seconds).all()
