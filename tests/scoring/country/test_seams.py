"""What tiles answer is what the whole answers, to the last verdict and to a millionth second."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import quarterhour as qh
from country_worlds import QUESTION, cards_of, differences
from osm_worlds import EAST, NORTH, TO_DEGREES
from quarterhour.scoring.country import answering
from quarterhour.sources.country.split import Division, split_extract


def test_tiles_answer_as_the_whole_does(cut):
    _, tiles, whole = cut
    cards = cards_of(tiles, QUESTION)
    assert len(cards) == 4
    assert differences(whole, cards) == []
    said = set(zip(whole.results["item"], whole.results["reason"], strict=True))
    assert {"within_limit", "beyond_limit", "unreachable", "no_facility"} <= {r for _, r in said}
    # the pharmacy is far in the west: three tiles have none, and say what the whole says
    assert ("pharmacy", "beyond_limit") in said


def test_a_tile_holds_a_part_of_the_country_only(cut):
    path, tiles, whole = cut
    for name in tiles.names():
        assert tiles.path(name).stat().st_size < path.stat().st_size
        assert tiles.read(name).streets.n_edges < whole.network.n_edges


def test_with_a_halo_too_small_the_answers_differ(cut, tmp_path, monkeypatch):
    """The test of seams can fail: with a halo of 50 m it does."""
    path, _, whole = cut
    tiles = split_extract(path, tmp_path / "tiles", Division(tiles=4), 50.0)
    monkeypatch.setattr(answering, "require_halo", lambda *_: None)
    found = differences(whole, cards_of(tiles, QUESTION))
    assert any(line.startswith("status of") for line in found)
    assert any(line.startswith("median_minutes of") for line in found)


def test_a_halo_that_is_too_small_is_refused(cut, tmp_path):
    path, _, _ = cut
    tiles = split_extract(path, tmp_path / "tiles", Division(tiles=2), 50.0)
    with pytest.raises(qh.QuarterhourError, match=r"reach 50 m .* needs 3,109 m: split the"):
        qh.assess_tiles(tiles, QUESTION, out=tmp_path / "out")
    slow = qh.Question.of(QUESTION.checklist, pace="elderly")
    assert slow.pace.speed_m_s < QUESTION.pace.speed_m_s


def test_a_scenario_at_a_seam_is_that_of_the_whole(cut):
    _, tiles, whole = cut
    at = (tiles.tiles[1].own.bounds[2], TO_DEGREES.transform(EAST, NORTH + 10)[1])
    plan = qh.Scenario([qh.AddFacility(at, item="hospital")], "a hospital")
    then = qh.scenario(whole, plan).results.set_index(["area", "item"])
    changed = then.index[(then["status"] != whole.results.set_index(["area", "item"])["status"])]
    assert len(changed)
    cards = cards_of(tiles, QUESTION)[1:3]  # those on either side
    mine = {label for card in cards for label in card.areas.index}
    changed = changed[changed.get_level_values("area").isin(mine)]
    assert then.loc[changed, "status"].eq("met").sum() >= 2
    parts = [qh.scenario(card, plan).results.set_index(["area", "item"]) for card in cards]
    found = pd.concat([part.loc[part.index.isin(changed)] for part in parts])
    assert not found.index.duplicated().any()
    assert found.loc[changed, "status"].tolist() == then.loc[changed, "status"].tolist()
    minutes = found.loc[changed, "median_minutes"] - then.loc[changed, "median_minutes"]
    assert minutes.abs().max() < 1e-6 / 60


def test_isochrones_at_a_seam_are_those_of_the_whole(cut):
    _, tiles, whole = cut
    at = shapely.Point(tiles.tiles[1].own.bounds[2], TO_DEGREES.transform(EAST, NORTH)[1])
    home = gpd.GeoDataFrame(geometry=[at], crs=4326)
    home.attrs["datum"] = "wgs84"
    crs = whole.network.crs
    want = qh.isochrones(home, whole.network, minutes=(2, 4)).geometry.to_crs(crs)
    for name in tiles.names()[1:3]:
        got = qh.isochrones(home, tiles.read(name).streets, minutes=(2, 4)).geometry.to_crs(crs)
        assert want.area.min() > 1000
        assert got.symmetric_difference(want).area.max() < 1.0
