"""Homes and places in the middle of a plot that a street passes, where nothing is mapped inside."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import quarterhour as qh
import worlds
from quarterhour.streets.own_ground import OVER_GROUND, as_they_were

SPEED = 1.25


def plot(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=worlds.CRS)


def houses(*xy, size=2.0):
    half = size / 2
    return plot(*(box(x - half, y - half, x + half, y + half) for x, y in xy))


def asked(areas, homes, shops, network=None, **words):
    network = network or worlds.network_of([(0, 0), (1000, 0)])
    lines = worlds.checklist(worlds.item("shop"))
    origins = qh.origins(areas, homes)
    return qh.assess(areas, shops, network, lines, origins=origins, **words)


def test_who_lives_deep_in_a_plot_walks_over_its_ground():
    areas = plot(box(400, 13, 600, 300), residents=[100])
    card = asked(areas, houses((500, 150), (500, 60)), worlds.points((0, 0), item=["shop"]))
    seconds = card.times.set_index("origin")["seconds"].sort_values().to_numpy()
    assert seconds == pytest.approx([(60 + 500) / SPEED, (150 + 500) / SPEED], abs=0.01)
    assert card.left_out.set_index(["what", "reason"])["count"]["residences", "counted"] == 2
    assert card.origins[OVER_GROUND].sum() == 1
    assert "1 residences lie farther than 100 m" in card.origins.attrs["notes"][-1]
    again = qh.nearest(card.origins, card.facilities, card.network)
    assert np.sort(again["seconds"]) == pytest.approx(seconds), "one walk, one answer"


def test_no_street_near_the_plot_or_too_deep_in_it():
    far = plot(box(400, 120, 600, 400))
    deep = plot(box(300, 13, 700, 900))
    walled = plot(box(400, 13, 600, 300), walled=[True], area_kind=["compound"])
    around = worlds.network_of([(1500, 900), (1500, 0), (0, 0), (-500, 900)])
    for areas, home in ((far, (500, 250)), (deep, (500, 550)), (walled, (500, 150))):
        near = gpd.GeoDataFrame(pd.concat([areas, plot(box(0, 10, 50, 60))], ignore_index=True))
        card = asked(near, houses(home, (20, 30)), worlds.points((0, 0), item=["shop"]), around)
        counts = card.left_out.set_index(["what", "reason"])["count"]
        assert counts["residences", "not_snapped"] == 1
        assert OVER_GROUND not in card.origins


def test_a_walk_may_leave_the_plot_sideways():
    # The street along the plot is nearer to its outline than any is to the house.
    areas = plot(box(400, 200, 900, 230))
    network = worlds.network_of([(0, 0), (1000, 0)], [(1000, 0), (1000, 600)])
    card = asked(areas, houses((840, 215)), worlds.points((1000, 600), item=["shop"]), network)
    assert card.times["seconds"].iloc[0] == pytest.approx((160 + 385) / SPEED, abs=0.1)


def test_a_shop_deep_in_the_plot_is_reached_and_its_neighbours_walk_straight():
    areas = plot(box(400, 13, 600, 300), box(0, 5, 60, 60))
    homes = houses((500, 180), (30, 30))
    card = asked(areas, homes, worlds.points((500, 150), item=["shop"]))
    seconds = card.times.set_index("origin")["seconds"]
    inside, outside = (card.origins.index[card.origins["area"] == one][0] for one in (0, 1))
    assert seconds[inside] == pytest.approx(30 / SPEED, abs=0.01), "not out to the street and back"
    assert seconds[outside] == pytest.approx((30 + 470 + 150) / SPEED, abs=0.01)
    told = card.manifest["inputs"]["facilities"]["notes"]
    assert any("reached over the ground of the area" in note for note in told)


def test_asked_again_and_with_a_street_through_the_plot():
    areas = plot(box(400, 13, 600, 300))
    card = asked(areas, houses((500, 150)), worlds.points((0, 0), item=["shop"]))
    same = card.again(origins=card.origins)
    assert same.times.equals(card.times)
    assert (same.results["status"] == card.results["status"]).all()
    through = worlds.network_of([(0, 0), (500, 0)], [(500, 0), (1000, 0)], [(500, 0), (500, 140)])
    after = card.again(network=through, origins=card.origins)
    assert OVER_GROUND not in after.origins
    assert after.times["seconds"].iloc[0] == pytest.approx((10 + 140 + 500) / SPEED, abs=0.01)
    bare = as_they_were(card.origins)
    assert bare["exits"].isna().all()
    assert bare["behind_gates_of"].isna().all()


def test_a_home_beyond_the_data_is_counted_as_that():
    areas = plot(box(-400, -20, -200, 20), box(0, 5, 60, 60))
    homes = houses((-300, 0), (30, 30))
    card = asked(areas, homes, worlds.points((0, 0), item=["shop"]))
    counts = card.left_out.set_index(["what", "reason"])["count"]
    assert counts["residences", "beyond_extent"] == 1
    assert ("residences", "not_snapped") not in counts.index


def test_points_in_the_plot_that_stand_for_no_house_stay_where_they_are():
    areas = plot(box(400, 13, 600, 300), residents=[100])
    grid = qh.assess(
        areas,
        worlds.points((0, 0), item=["shop"]),
        worlds.network_of([(0, 0), (1000, 0)]),
        worlds.checklist(worlds.item("shop")),
    )
    assert OVER_GROUND not in grid.origins
