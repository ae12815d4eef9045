"""Why not: the walk that is too long, how much is lacking, and what stands in its way."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.scoring.obstacles import WORDS
from quarterhour.streets.snap import placed_ends, placed_starts
from quarterhour.walking.pace import checked_seconds, off_street_speed_m_s
from quarterhour.walking.routes import Tracer


def ask(network, homes, shops, *, limit=5.0, item=None, gates=None, **words) -> qh.Scorecard:
    """Areas of 100 residents each, and shops."""
    areas = homes if isinstance(homes, gpd.GeoDataFrame) else worlds.points(*homes, residents=100.0)
    areas = areas if "name" in areas else areas.assign(name=[f"h{n}" for n in range(len(areas))])
    labels = [f"s{n}" for n in range(len(shops))]
    places = worlds.points(*shops, index=labels, name=[s.upper() for s in labels], item="shop")
    lines = worlds.checklist(item or worlds.item("shop", limit_minutes=limit))
    origins = None if gates is None else qh.origins(areas, None, gates, at="point")
    return qh.assess(areas, places, network, lines, origins=origins, **words)


def only(card: qh.Scorecard):
    table = qh.why_not(card)
    assert len(table) == 1
    return table.iloc[0]


def test_what_is_far_is_far():
    row = only(ask(worlds.line_world(), [(0, 0)], [(900, 0)]))
    assert (row["in_the_way"], row["place"], row["place_name"]) == ("distance", "s0", "S0")
    assert row["minutes"] == pytest.approx(12)
    assert row["minutes_short"] == pytest.approx(7)
    assert (row["walk_m"], row["straight_m"], row["detour"]) == (900, 900, 1)
    assert row["geometry"] is None
    assert row["residents_without"] == 100


def test_beyond_the_horizon_it_is_looked_for():
    network = worlds.network_of([(0, 0), (9000, 0)])
    card = ask(network, [(0, 0)], [(9000, 0)])
    assert np.isnan(card.results["median_minutes"].iloc[0])
    row = only(card)
    assert row["minutes"] == pytest.approx(120)
    assert row["place"] == "s0"


def test_a_block_with_the_missing_link_drawn():
    # 400 m along, 60 m across and 400 m back, where 60 m would do.
    network = worlds.network_of([(0, 0), (400, 0), (400, 60), (0, 60)])
    row = only(ask(network, [(0, 0)], [(0, 60)]))
    assert row["in_the_way"] == "way_round"
    assert row["walk_m"] == pytest.approx(860)
    assert row["detour"] == pytest.approx(860 / 60)
    assert row["saves_minutes"] == pytest.approx(800 / 75, abs=0.3)
    assert row["enough"]
    assert row["detail"] == pytest.approx(60, abs=1)
    assert row["geometry"].geom_type == "LineString"


def test_what_saves_little_of_what_is_lacking_is_not_in_the_way():
    # The same block, and 4 km behind it: 11 minutes of 55 would be saved by the link.
    network = worlds.network_of([(0, 0), (400, 0), (400, 60), (0, 60), (-5000, 60)])
    assert only(ask(network, [(0, 0)], [(-4000, 60)]))["in_the_way"] == "distance"
    assert only(ask(network, [(0, 0)], [(-2000, 60)]))["in_the_way"] == "way_round"


def test_a_wall_without_a_gate_on_this_side():
    # The gate is in the west; the shop is before the eastern wall.
    ring = [(-200, 0), (0, 0), (0, 95), (400, 95), (400, 0), (600, 0)]
    network = worlds.network_of(ring)
    home = gpd.GeoDataFrame(
        {"residents": [100.0], "walled": [True]},
        geometry=[shapely.box(5, -90, 395, 90)],
        crs=worlds.CRS,
    )
    gate = worlds.points((5, 0))
    card = ask(network, home, [(420, 0)], limit=6.0, gates=gate)
    assert card.origins["way_out"].tolist() == ["gates"]
    row = only(card)
    assert row["in_the_way"] == "wall"
    assert row["saves_minutes"] > 2
    assert row["enough"]
    assert row["geometry"].intersects(shapely.boundary(home.geometry.iloc[0]))


def test_stairs_for_who_cannot_climb_them():
    straight, round_about = [(0, 0), (200, 0)], [(0, 0), (0, 400), (200, 400), (200, 0)]
    network = worlds.network_of(straight, round_about, steps=[True, False])
    assert qh.why_not(ask(network, [(0, 0)], [(200, 0)])).empty  # an adult climbs them
    row = only(ask(network, [(0, 0)], [(200, 0)], pace="wheelchair"))
    assert row["in_the_way"] == "closed"
    assert row["walk_m"] == pytest.approx(1000)
    assert row["saves_minutes"] == pytest.approx(800 / (4000 / 60))
    assert row["detail"] == 1
    assert row["geometry"].equals(shapely.MultiLineString([straight]))
    dead_end = worlds.network_of([(-900, 0), (0, 0)], straight, steps=[False, True])
    row = only(ask(dead_end, [(-100, 0)], [(200, 0)], pace="wheelchair"))
    assert (row["reason"], row["in_the_way"]) == ("unreachable", "closed")
    assert np.isinf(row["saves_minutes"])


def test_a_crossing_and_its_wait():
    network = worlds.network_of(
        [(0, 0), (240, 0)],
        [(240, 0), (260, 0)],
        [(260, 0), (900, 0)],
        crossing=["", "traffic_signals", ""],
    )
    row = only(ask(network, [(0, 0)], [(290, 0)], limit=5.5, pace="elderly"))
    assert row["in_the_way"] == "crossing"
    assert row["saves_minutes"] == pytest.approx(0.5)
    assert row["detail"] == pytest.approx(30)
    assert row["enough"]


def test_streets_that_do_not_meet():
    network = worlds.network_of([(0, 0), (2000, 0)], [(0, 120), (1500, 120)])
    row = only(ask(network, [(0, 0)], [(0, 120)]))
    assert (row["reason"], row["in_the_way"]) == ("unreachable", "no_street")
    assert row["detail"] == pytest.approx(120)
    assert row["place"] == "s0"
    assert np.isnan(row["minutes"])
    assert row["geometry"].length == pytest.approx(120)


def test_what_is_nowhere_has_no_walk():
    card = ask(worlds.line_world(), [(0, 0)], [(900, 0)], surveyed="all")
    lines = worlds.checklist(worlds.item("shop", limit_minutes=15), worlds.item("zoo"))
    row = only(card.again(checklist=lines))
    assert (row["item"], row["reason"], row["in_the_way"]) == ("zoo", "no_facility", "no_place")
    assert row["place"] is None
    assert row["limit_minutes"] == 15


def test_the_resident_at_the_quota_stands_for_the_area():
    homes = worlds.points((0, 0), residents=90.0, index=["a"], name="A")
    card = ask(worlds.line_world(), homes, [(1000, 0)], limit=10.0)
    at = worlds.points((400, 0), (300, 0), (100, 0)).assign(area="a", share=1 / 3, residents=30.0)
    at["kind"], at["way_out"], at["exits"], at["behind_gates_of"] = "point", "open", None, None
    spread = card.again(areas=card.areas, origins=at)
    row = only(spread.again(quota=0.9))
    assert (row["home"], row["minutes"]) == (2, pytest.approx(12))
    assert spread.results["status"].tolist() == ["met"]
    row = only(
        spread.again(quota=0.9, checklist=worlds.checklist(worlds.item("shop", limit_minutes=9)))
    )
    assert row["minutes_short"] == pytest.approx(3)


def test_limits_in_metres_are_told_in_minutes_too():
    item = worlds.item("shop", limit_minutes=None, limit_m=300.0)
    row = only(ask(worlds.line_world(), [(0, 0)], [(900, 0)], item=item))
    assert row["limit_minutes"] == pytest.approx(4)
    assert row["minutes"] == pytest.approx(12)
    assert row["walk_m"] == pytest.approx(900)


def test_ranks_for_the_city_an_area_and_a_district():
    areas = worlds.points((0, 0), (10, 0), (900, 0), index=["a", "b", "c"], name=["A", "B", "C"])
    areas = areas.assign(residents=[10.0, 20.0, 50.0], district=["north", "north", "south"])
    lines = worlds.checklist(
        worlds.item("shop", limit_minutes=5), worlds.item("bank", limit_minutes=5)
    )
    places = worlds.points((900, 0), (500, 0), index=["s", "k"], item=["shop", "bank"])
    card = qh.assess(areas, places, worlds.line_world(), lines)
    city = qh.why_not(card, by="city")
    assert city[["part", "rank", "item", "areas", "residents_without"]].to_numpy().tolist() == [
        ["all", 1, "bank", 3, 80.0],
        ["all", 2, "shop", 2, 30.0],
    ]
    assert city["minutes_short"].tolist() == pytest.approx(
        [490 / 75 - 5, 890 / 75 - 5 + 5 / 75], abs=0.2
    )
    north = qh.gaps(card, by="district")
    assert north[["part", "rank", "item", "residents_without"]].to_numpy().tolist() == [
        ["north", 1, "shop", 30.0],
        ["north", 2, "bank", 30.0],
        ["south", 1, "bank", 50.0],
    ]
    area = qh.gaps(card, by="area")
    assert area["part"].tolist() == ["a", "a", "b", "b", "c"]
    assert area["rank"].tolist() == [1, 2, 1, 2, 1]
    with pytest.raises(InputError, match="no way to part the areas"):
        qh.gaps(card, by="ward")


def test_every_walk_of_the_new_town_is_as_long_as_it_was_timed():
    card = worlds.new_town()
    table = qh.why_not(card)
    known = card.results.set_index(["area", "item"])["median_minutes"]
    mine = table.set_index(["area", "item"])["minutes"]
    there = known.reindex(mine.index)  # to the horizon, twice the limit
    np.testing.assert_allclose(mine[there.notna()], there.dropna(), rtol=1e-12)
    assert (mine[there.isna()] > 30).all()
    np.testing.assert_allclose(table["walk_m"] / 75.0, table["minutes"], rtol=1e-9)
    assert (table["detour"] >= 1 - 1e-9).all()
    assert set(table["in_the_way"]) <= set(WORDS)
    assert {"wall", "distance"} <= set(table["in_the_way"])
    assert (table["minutes_short"] > 0).all()


@pytest.mark.parametrize("pace", ["adult", "wheelchair"])
def test_traced_walks_are_those_that_are_timed(pace):
    network = worlds.helsinki().streets
    homes, places = worlds.strewn(network, 30, 1), worlds.strewn(network, 40, 2)
    walker = qh.profile(pace)
    times = qh.travel_times(homes, places, network, 20, pace=walker).to_frame()
    known = times.set_index(["origin", "destination"])["seconds"].to_dict()
    start, ends = placed_starts(homes, network), placed_ends(places, network)
    tracer = Tracer(network, checked_seconds(walker, network), off_street_speed_m_s(walker))
    found = {}
    for row, home in enumerate(homes.index):
        for place, route in zip(
            places.index, tracer.routes(start.take(np.array([row])), ends, 1200.0), strict=True
        ):
            if route is None:
                continue
            found[home, place] = route.seconds
            line_m = route.line.length
            assert line_m <= route.metres + 1e-6
            if pace == "adult":
                assert route.metres == pytest.approx(route.seconds * 1.25)
    assert found.keys() == known.keys()
    assert found == pytest.approx(known)


def test_without_the_inputs_it_is_said(tmp_path):
    card = worlds.new_town()
    card.save(tmp_path)
    (tmp_path / "asked.zip").unlink()
    with pytest.raises(InputError, match="was read without"):
        qh.why_not(qh.read_scorecard(tmp_path))
    assert len(qh.gaps(qh.read_scorecard(tmp_path), by="city")) > 0
