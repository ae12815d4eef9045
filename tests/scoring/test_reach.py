"""A prepared question says of a place what `assess` says of an area that is this point."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import DatumError, InputError, NetworkError
from quarterhour.scoring.alone import MET, REASONS, Silence, Walked, judge_alone
from quarterhour.scoring.judge import WORDS, Walks, judge, what_silence_means
from quarterhour.walking.node_walks import STATUSES
from tried import as_many

METRES = worlds.checklist(
    worlds.item("school", osm=("amenity=school",), limit_m=400.0),
    worlds.item("cafe", osm=("amenity=cafe",)),
)


def points_in(streets: qh.WalkNetwork, n: int, seed: int) -> list[tuple[float, float]]:
    near = worlds.strewn(streets, 3 * n, seed, spread_m=40).to_crs(4326)
    snapped = qh.snap_places(near, streets)["status"].eq("snapped").to_numpy()
    return [(p.x, p.y) for p in near.geometry[snapped]][:n]


def alone(lon: float, lat: float) -> gpd.GeoDataFrame:
    area = gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=4326)
    return qh.declare_datum(area, "wgs84")


def same_as_assess(found: qh.Doorstep, card: qh.Scorecard) -> None:
    mine, theirs = found.to_frame(), card.to_frame()
    for column in ("item", "status", "reason", "edge_affected"):
        assert mine[column].tolist() == theirs[column].tolist()
    labels = [None if pd.isna(one) else one for one in mine["facility"]]
    assert labels == [None if pd.isna(one) else one for one in theirs["facility"]]
    for column, known in (("minutes", "median_minutes"), ("metres", "median_metres")):
        if column in mine:
            pair = mine[column].to_numpy(float), theirs[known].to_numpy(float)
            assert np.array_equal(*pair, equal_nan=True)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("beijing-2011", {}),
        ("beijing-2011", {"pace": "elderly", "mode": "facility"}),
        ("beijing-2011", {"pace": "wheelchair", "surveyed": ["all"]}),
        ("ghsci-2022", {"surveyed": ["convenience"]}),
        ("moreno-2016", {}),
    ],
)
def test_a_doorstep_is_an_area_of_one_point(asked, words):
    city = worlds.helsinki()
    surveyed = words.get("surveyed", [])
    if surveyed and surveyed != ["all"]:
        words = {**words, "surveyed": [qh.Checklist.load(asked).keys()[0]]}
    reach = qh.prepare(city.streets, city.facilities, asked, **words)
    for lon, lat in points_in(city.streets, as_many(5, 2), 3):
        card = qh.assess(alone(lon, lat), city.facilities, city.streets, asked, **words)
        same_as_assess(reach.from_point(lon, lat), card)


def test_limits_in_metres_are_told_in_metres():
    city = worlds.helsinki()
    reach = qh.prepare(city.streets, city.facilities, METRES, pace="elderly")
    lon, lat = points_in(city.streets, 1, 5)[0]
    words = {"pace": "elderly"}
    same_as_assess(
        reach.from_point(lon, lat),
        qh.assess(alone(lon, lat), city.facilities, city.streets, METRES, **words),
    )


def test_many_places_are_each_for_itself():
    city = worlds.helsinki()
    reach = qh.prepare(city.streets, city.facilities, "beijing-2011")
    where = points_in(city.streets, 12, 8)
    table = reach.from_points(where)
    assert table["place"].tolist() == [k for k in range(12) for _ in range(30)]
    one = pd.DataFrame(list(reach.from_point(*where[7]).items))
    mine = table[table["place"] == 7].drop(columns="place").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine.fillna(np.nan), one.fillna(np.nan), check_dtype=False)
    far = reach.from_points([where[0], (24.0, 60.0)])
    there = far[far["place"] == 1]
    assert set(there["status"]) == {"unknown"}
    assert "not_snapped" in set(there["reason"])


def test_areas_are_scored_as_assess_scores_them(monkeypatch):
    city = worlds.helsinki()
    reach = qh.prepare(city.streets, city.facilities, "beijing-2011")
    card = qh.assess(city.areas, city.facilities, city.streets, "beijing-2011")
    seen = []
    monkeypatch.setattr(
        "quarterhour.scoring.searched.nearest_by_group", lambda *a, **_: seen.append(a)
    )
    again = reach.score(city.areas)
    assert not seen  # nothing was searched
    pd.testing.assert_frame_equal(again.to_frame(), card.to_frame())
    pd.testing.assert_frame_equal(again.times, card.times)


def test_walls_that_areas_bring_along_bind_in_scores():
    card = worlds.new_town()
    asked = card.asked
    reach = qh.prepare(card.network, asked.facilities, card.question)
    again = reach.score(asked.areas, asked.origins)
    pd.testing.assert_frame_equal(again.to_frame(), card.to_frame())
    pd.testing.assert_frame_equal(again.times, card.times)


def test_saved_and_opened_it_answers_the_same(tmp_path):
    city = worlds.helsinki()
    reach = qh.prepare(city.streets, city.facilities, METRES, surveyed=["cafe"])
    where = points_in(city.streets, 6, 1)
    opened = qh.open_reach(reach.save(tmp_path / "town"))
    assert [opened.from_point(*one) for one in where] == [reach.from_point(*one) for one in where]
    scored = opened.score(city.areas)
    pd.testing.assert_frame_equal(scored.to_frame(), reach.score(city.areas).to_frame())
    ring, same = (one.isochrone(*where[0], minutes=[5]) for one in (reach, opened))
    assert ring.geometry.iloc[0].equals(same.geometry.iloc[0])
    again = qh.open_reach(opened.save(tmp_path / "copy"))
    assert again.from_point(*where[1]) == reach.from_point(*where[1])
    assert pickle.loads(pickle.dumps(opened)).from_point(*where[2]) == reach.from_point(*where[2])  # noqa: S301


def test_it_goes_to_other_processes_and_is_shared_by_threads():
    city = worlds.helsinki()
    reach = qh.prepare(city.streets, city.facilities, "moreno-2016")
    where = points_in(city.streets, 40, 2)
    alone = [reach.from_point(*one) for one in where]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda one: reach.from_point(*one), where * 5)) == alone * 5
    sent = pickle.loads(pickle.dumps(reach))  # noqa: S301
    assert [sent.from_point(*one) for one in where] == alone
    card = sent.score(city.areas)
    pd.testing.assert_frame_equal(card.to_frame(), reach.score(city.areas).to_frame())
    with pytest.raises(AttributeError):
        reach.crs = None
    with pytest.raises(ValueError, match="read-only"):
        reach.doorsteps.blocks[0].walks.seconds[0, 0] = 0


NEW = """
import json, sys
import quarterhour as qh
found = qh.open_reach(sys.argv[1]).from_point(float(sys.argv[2]), float(sys.argv[3]))
heavy = [name for name in ("pandas", "geopandas", "numba", "scipy") if name in sys.modules]
print(json.dumps([heavy, found.to_dict()]))
"""


def test_a_new_process_answers_before_it_loads_tables_or_compilers(tmp_path):
    city = worlds.helsinki()
    reach = qh.prepare(city.streets, city.facilities, "moreno-2016")
    lon, lat = points_in(city.streets, 1, 4)[0]
    command = [sys.executable, "-c", NEW, str(reach.save(tmp_path / "r")), str(lon), str(lat)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    heavy, found = json.loads(done.stdout)
    assert heavy == []
    assert found == json.loads(json.dumps(reach.from_point(lon, lat).to_dict()))


def test_what_is_no_place_is_refused_in_a_sentence():
    city = worlds.helsinki()
    reach = qh.prepare(city.streets, city.facilities, "moreno-2016")
    for lon, lat in (("x", 60), (24.9, float("nan")), (60.17, 124.9), (385_000, 6_672_000)):
        with pytest.raises(InputError):
            reach.from_point(lon, lat)
    with pytest.raises(NetworkError, match="within 100 m"):
        reach.from_point(60.17, 24.94)  # exchanged
    with pytest.raises(DatumError, match="not declared"):
        reach.from_point(116.3, 39.9)
    with pytest.raises(NetworkError):
        reach.from_point(116.3, 39.9, datum="gcj02")
    with pytest.raises(InputError, match="not all points"):
        reach.from_points(city.areas)


def test_shifted_degrees_are_put_right():
    card = worlds.new_town()
    reach = qh.prepare(card.network, card.asked.facilities, "beijing-2011")
    lon, lat = card.network.node_xy[5]
    at = gpd.GeoSeries([shapely.Point(lon, lat)], crs=card.network.crs).to_crs(4326)[0]
    shifted = qh.from_wgs84(at.x, at.y, "gcj02")
    told = reach.from_point(float(shifted[0]), float(shifted[1]), datum="gcj02")
    assert told.leg_m < 0.1
    plain = reach.from_point(at.x, at.y, datum="wgs84")
    assert [one["status"] for one in told.items] == [one["status"] for one in plain.items]


def test_what_nodes_cannot_know_is_refused():
    network = worlds.line_world()
    shops = worlds.points((100, 0), (300, 0), name="x", amenity="cafe")
    several = worlds.checklist(worlds.item("cafe", osm=("amenity=cafe",), at_least=2))
    with pytest.raises(InputError, match="several facilities of cafe"):
        qh.prepare(network, shops, several)
    one = worlds.checklist(worlds.item("cafe", osm=("amenity=cafe",)))
    coming = shops.assign(service_mode="delivered")
    with pytest.raises(InputError, match="come to the home"):
        qh.prepare(network, coming, one)
    assert len(qh.prepare(network, coming.assign(service_mode=""), one).doorsteps.labels) == 2


def test_what_is_no_saved_question_is_refused(tmp_path):
    with pytest.raises(InputError, match="no prepared question"):
        qh.open_reach(tmp_path)
    city = worlds.helsinki()
    folder = qh.prepare(city.streets, city.facilities, "moreno-2016").save(tmp_path / "r")
    head = folder / "reach.json"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace('"format":1', '"format":99'), encoding="utf-8")
    with pytest.raises(InputError, match="another version"):
        qh.open_reach(folder)
    head.write_text(text[:200], encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        qh.open_reach(folder)
    head.write_text(text, encoding="utf-8")
    (folder / "grid_coords.npy").unlink()
    with pytest.raises(InputError, match=r"grid_coords\.npy"):
        qh.open_reach(folder)

    def mine(network):
        return np.ones((network.n_edges, 2)) * network.edge_length_m[:, None]

    reach = qh.prepare(city.streets, city.facilities, "moreno-2016", pace=mine)
    with pytest.raises(InputError, match="no file can hold"):
        reach.save(tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_homes_alone_are_judged_as_areas_are():
    rng = np.random.default_rng(1)
    n = 4000
    most = 900.0
    code = rng.integers(0, 5, n).astype(np.int8)
    cost = np.where(code == 0, rng.uniform(0, 1800, n), np.inf)
    cost[::7] = np.where(code[::7] == 0, most, np.inf)
    host = np.where(rng.random(n) < 0.5, rng.uniform(0, 1800, n), np.inf)
    place = np.where(np.isfinite(cost), np.arange(n), -1)
    there = np.where(np.isfinite(host), n + np.arange(n), -1)
    for can_show in (True, False):
        for surveyed in (True, False):
            for present in (True, False):
                mine = np.full(n, 4, np.int8) if not present else np.where(code == 4, 1, code)
                walks = (
                    (cost, place, mine) if present else (np.full(n, np.inf), place * 0 - 1, mine)
                )
                flags = Silence(*(np.array([one]) for one in (can_show, surveyed, present)))
                direct = Walked(*(part[:, None] for part in walks))
                implied = Walked(host[:, None], there[:, None], direct.code)
                found = judge_alone(direct, implied, np.array([most]), flags)
                said = np.array(STATUSES, dtype=object)[mine]
                words = pd.Index(WORDS).get_indexer(pd.Index(said)).astype(np.int8)
                area = np.arange(n), np.ones(n), n
                label = np.append(np.arange(2 * n), None).astype(object)
                known = judge(
                    Walks(walks[0], label[walks[1]], words), Walks(host, label[there], words),
                    area, most, 0.5,
                )  # fmt: skip
                known = what_silence_means(
                    known, can_show=can_show, surveyed=surveyed, present=present
                )
                status = np.array(["met", "unmet", "unknown"], dtype=object)[found.status[:, 0]]
                assert MET == 0
                assert status.tolist() == known.status.tolist()
                told = [REASONS[one] for one in found.reason[:, 0]]
                assert told == known.reason.tolist()
                minutes = np.where(np.isfinite(found.cost[:, 0]), found.cost[:, 0] / 60, np.nan)
                assert np.array_equal(minutes, known.median_minutes, equal_nan=True)
                assert label[found.facility[:, 0]].tolist() == known.facility.tolist()
