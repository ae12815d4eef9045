"""What is unmistakable is accepted at every door, the rest refused in a sentence."""

from __future__ import annotations

import functools
import json
import time

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Transformer
from shapely import LineString, MultiPolygon, Point, box

import quarterhour as qh
import worlds
from quarterhour.errors import DatumError, InputError
from quarterhour.walking.given import pace_of

NETWORK = worlds.line_world()
SHOP = worlds.points((800, 0), item="shop")
LONLAT = Transformer.from_crs(worlds.CRS, 4326, always_xy=True).transform(100, 0)

DOORS = {
    "travel_times": lambda homes, shops: qh.travel_times(homes, shops, NETWORK),
    "nearest": lambda homes, shops: qh.nearest(homes, shops, NETWORK),
    "k_nearest": lambda homes, shops: qh.k_nearest(homes, shops, NETWORK),
    "count_within": lambda homes, shops: qh.count_within(homes, shops, NETWORK),
    "blocks": lambda homes, shops: list(qh.travel_time_blocks(homes, shops, NETWORK)),
    "isochrones": lambda homes, shops: (
        qh.isochrones(homes, NETWORK, 5),
        qh.isochrones(shops, NETWORK, 5, direction="to"),
    ),
    "time_surface": lambda homes, shops: (
        qh.time_surface(homes, NETWORK, 5),
        qh.time_surface(shops, NETWORK, 5, direction="to"),
    ),
    "snap_places": lambda homes, shops: (
        qh.snap_places(homes, NETWORK),
        qh.snap_places(shops, NETWORK),
    ),
}


@pytest.fixture(params=DOORS)
def door(request):
    return DOORS[request.param]


@pytest.mark.parametrize("which", ["homes", "shops"])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_tables_in_another_datum_are_refused(door, datum, which):
    tables = {"homes": worlds.points((100, 0)), "shops": SHOP.copy()}
    tables[which].attrs["datum"] = datum
    with pytest.raises(DatumError, match=f"in {datum}, the streets in wgs84"):
        door(**tables)


@pytest.mark.parametrize("which", ["homes", "shops"])
@pytest.mark.parametrize("hole", [None, Point(), Point(np.nan, np.nan), Point(np.inf, 0)])
def test_rows_without_a_place_are_refused_and_counted(door, hole, which):
    shapes = [Point(100, 0), hole, Point(300, 0)]
    bad = gpd.GeoDataFrame({"item": "shop"}, geometry=shapes, index=list("abc"), crs=worlds.CRS)
    tables = {"homes": worlds.points((100, 0)), "shops": SHOP} | {which: bad}
    with pytest.raises(InputError, match=r"no geometry \(b\)|not finite"):
        door(**tables)


def test_degrees_in_china_have_to_be_declared(door):
    homes = worlds.points((116.39, 39.90), crs=4326)
    with pytest.raises(DatumError, match="not declared"):
        door(homes, SHOP)


@pytest.mark.parametrize(
    "home", [LONLAT, list(LONLAT), Point(LONLAT), [LONLAT], np.array(LONLAT), [Point(LONLAT)]]
)
def test_a_pair_or_a_point_is_a_place(home):
    seconds = qh.travel_times(home, SHOP, NETWORK).seconds
    assert seconds == pytest.approx([700 / 1.25], abs=0.01)
    assert len(qh.isochrones(home, NETWORK, 5)) == 1
    assert qh.nearest(home, SHOP, NETWORK)["seconds"].tolist() == pytest.approx(seconds.tolist())


@pytest.mark.parametrize(
    ("home", "said"),
    [
        ((500_000, 4_400_000), "longitude and latitude"),
        ((40.0, 116.0), "the wrong way round|latitude"),
        ("home", "GeoDataFrame"),
        (7, "GeoDataFrame"),
        (None, "GeoDataFrame"),
        ([], "GeoDataFrame"),
        ((np.nan, 1.0), "geometry|finite"),
        ((True, False), "GeoDataFrame"),
    ],
)
def test_what_is_no_place_is_refused(home, said):
    with pytest.raises(InputError, match=said):
        qh.travel_times(home, SHOP, NETWORK)


def test_the_median_resident_walks_for_an_area():
    """An area along the street, 400 m long: its grid is 8 points, 25 m off the street."""
    areas = gpd.GeoDataFrame({"name": ["a"]}, geometry=[box(0, 0, 400, 50)], crs=worlds.CRS)
    areas.index = ["long"]
    from_points = qh.travel_times(qh.origins(areas), SHOP, NETWORK).seconds
    found = qh.travel_times(areas, SHOP, NETWORK)
    assert found.to_frame()["origin"].tolist() == ["long"]
    assert found.seconds == pytest.approx([np.sort(from_points)[3]])
    near = qh.nearest(areas, SHOP, NETWORK)
    assert near["seconds"].tolist() == pytest.approx(found.seconds.tolist())
    assert near[["origin", "facility", "status"]].to_numpy().tolist() == [
        ["long", 0, "within_limit"]
    ]
    card = qh.assess(areas, SHOP, NETWORK, worlds.checklist(worlds.item("shop")))
    assert card.results["median_minutes"].iloc[0] * 60 == pytest.approx(found.seconds[0])


def test_half_the_residents_have_to_arrive():
    """Four points within the limit out of eight are enough, three are not."""
    areas = worlds.squares((200, 25), size=50).set_geometry([box(0, 0, 400, 50)])
    walks = np.sort(qh.travel_times(qh.origins(areas), SHOP, NETWORK).seconds) / 60
    assert len(qh.travel_times(areas, SHOP, NETWORK, walks[3] + 0.01)) == 1
    assert len(qh.travel_times(areas, SHOP, NETWORK, walks[3] - 0.01)) == 0
    beyond = qh.nearest(areas, SHOP, NETWORK, walks[3] - 0.01)
    assert beyond["status"].tolist() == ["beyond_limit"]
    assert beyond["seconds"].isna().all()


@pytest.mark.parametrize(
    "shape",
    [
        box(80, 10, 120, 50),
        MultiPolygon([box(80, 10, 120, 50), box(80, -50, 120, -10)]),
        LineString([(80, 0), (120, 0)]),
        LineString([(80, 30), (120, 30)]),
    ],
)
def test_any_shape_is_an_origin(door, shape):
    homes = gpd.GeoDataFrame(geometry=[shape, Point(400, 0)], crs=worlds.CRS, index=["a", "b"])
    door(homes, SHOP)
    assert qh.nearest(homes, SHOP, NETWORK)["origin"].tolist() == ["a", "b"]
    seconds = qh.travel_times(homes, SHOP, NETWORK).seconds
    assert seconds == pytest.approx([700 / 1.25, 400 / 1.25], abs=45)
    blocks = list(qh.travel_time_blocks(homes, SHOP, NETWORK, rows=1))
    assert np.concatenate([block.seconds for block in blocks]).tolist() == seconds.tolist()


def test_a_walker_goes_by_name():
    for text, walker in (("elderly", qh.profile("elderly")), ("adult", qh.ADULT)):
        assert pace_of(text) == walker
        one = qh.travel_times(worlds.points((0, 0)), SHOP, NETWORK, pace=text)
        assert one.pace == str(walker)
        assert qh.nearest(worlds.points((0, 0)), SHOP, NETWORK, pace=text)["seconds"].notna().all()
        assert qh.count_within(worlds.points((0, 0)), SHOP, NETWORK, pace=text).attrs["pace"]
        assert qh.isochrones(SHOP, NETWORK, 5, pace=text)["pace"].tolist() == [str(walker)]
        assert qh.time_surface(SHOP, NETWORK, 5, pace=text).pace == str(walker)
    assert len(qh.isochrones(SHOP, NETWORK, 5, pace=["adult", "elderly"])) == 2
    with pytest.raises(InputError, match="no walker named 'old'"):
        qh.nearest(SHOP, SHOP, NETWORK, pace="old")
    with pytest.raises(InputError, match="is no walker"):
        qh.nearest(SHOP, SHOP, NETWORK, pace=1.25)


def test_a_pace_without_a_name_is_told_by_its_source():
    def slow(share):
        return lambda network: network.edge_length_m[:, None] / share * np.ones(2)

    texts = [str(pace_of(slow(1.0))), str(pace_of(slow(1.0))), str(pace_of(slow(0.5)))]
    assert " at 0x" not in "".join(texts)
    assert texts[0] == texts[1] != texts[2]
    assert " at 0x" not in str(
        pace_of(functools.partial(lambda share, net: share * qh.ADULT(net), 2))
    )
    drawn = qh.isochrones(SHOP, NETWORK, 5, pace=slow(1.0))
    assert qh.verify(drawn, NETWORK, pace=slow(1.0), samples=200)["error_m"].max() < 1


def test_one_limit_is_a_number():
    assert qh.isochrones(SHOP, NETWORK, minutes=5)["minutes"].tolist() == [5.0]
    assert qh.count_within(SHOP, SHOP, NETWORK, 5).columns.tolist() == [5]
    for wrong in ("15", None, [], ["5"], [np.nan], [0], -1):
        with pytest.raises(InputError, match="minutes"):
            qh.isochrones(SHOP, NETWORK, wrong)
    with pytest.raises(InputError, match="minutes"):
        qh.travel_times(SHOP, SHOP, NETWORK, (5, 10))


def test_isochrones_are_written_and_read_with_what_they_carry(tmp_path):
    drawn = qh.isochrones(SHOP, NETWORK, (5, 10))
    assert json.loads(json.dumps(drawn.attrs)) == drawn.attrs
    drawn.to_parquet(tmp_path / "rings.parquet")
    again = gpd.read_parquet(tmp_path / "rings.parquet")
    assert again["area_m2"].tolist() == drawn["area_m2"].tolist()
    assert qh.verify(drawn, NETWORK, samples=200)["error_m"].max() < 1


def test_what_a_table_carries_does_not_slow_it():
    many = worlds.points(*[(x, 0) for x in np.linspace(0, 1000, 1500)])
    drawn = qh.isochrones(many, NETWORK, 1, method="fast")
    bare = drawn.copy()
    bare.attrs = {}

    def best(table):
        def once():
            begun = time.perf_counter()
            _ = table[table["minutes"] > 0]
            return time.perf_counter() - begun

        return min(once() for _ in range(20))

    assert best(drawn) < 2 * best(bare) + 1e-4
