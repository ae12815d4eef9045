"""On the synthetic town, status by status, the scorecard equals truth.csv.

The truth is made by a script that does not know the library: a regular street grid makes every
walking distance a closed form.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import quarterhour as qh
import worlds

TOWN = worlds.SAMPLES / "new-town"
HAIR = 1e-4
"""Shares in the files are rounded to four digits, and outlines to nine digits of a degree."""


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    return worlds.new_town()


@pytest.fixture(scope="module")
def compared(card: qh.Scorecard) -> pd.DataFrame:
    """One row per compound and item; what the truth says has a _true in its name."""
    names = card.areas["name"]
    found = card.to_frame().assign(compound=lambda table: table["area"].map(names))
    truth = pd.read_csv(TOWN / "truth.csv")
    both = truth.merge(found, on=["compound", "item"], suffixes=("_true", ""), validate="1:1")
    assert len(both) == len(truth) == len(found) == 360
    implied = both["reason_true"] == "implied_by_host"
    for column in ("share", "median_minutes"):
        with_hosts = both[f"{column}_with_hosts"]
        both[f"{column}_true"] = both[f"{column}_true"].where(~implied, with_hosts)
    return both


def test_status_and_reason_equal_the_truth(compared):
    wrong = compared[
        (compared["status"] != compared["status_true"])
        | (compared["reason"] != compared["reason_true"])
    ]
    columns = ["compound", "item", "status_true", "reason_true", "status", "reason", "facility"]
    assert wrong.empty, wrong[columns].to_string()


def test_the_truth_holds_every_kind_of_answer(compared):
    kinds = compared.groupby(["status", "reason"]).size()
    assert set(kinds.index) == {
        ("met", "within_limit"),
        ("met", "implied_by_host"),
        ("unmet", "beyond_limit"),
        ("unknown", "no_facility"),
        ("unknown", "not_assessable"),
    }


def test_shares_equal_the_truth(compared):
    known = compared["share_true"].notna()
    assert known.sum() > 300
    assert np.allclose(compared.loc[known, "share"], compared.loc[known, "share_true"], atol=HAIR)


def seconds_within(card, area, item, share, *, hosts) -> float:
    """Seconds within which a share of the residents of an area reach an item."""
    times = card.times[card.times["item"] == item]
    if not hosts:
        times = times[~times["host"].astype(bool)]
    fastest = times.groupby("origin")["seconds"].min()
    mine = card.origins[card.origins["area"] == area]
    seconds = fastest.reindex(mine.index).fillna(np.inf).to_numpy()
    order = np.argsort(seconds, kind="stable")
    reached = np.cumsum(mine["share"].to_numpy()[order])
    return float(seconds[order][np.argmax(reached >= share)])


def test_minutes_equal_the_truth(card, compared):
    """Within 0.1 minutes; where the median falls between two homes, either of them is right."""
    rows = compared[compared["median_minutes_true"].notna()]
    rows = rows[rows["median_minutes_true"] < 29.9]  # the search ends at twice the limit
    assert len(rows) > 300
    assert rows["median_minutes"].notna().all()
    off = (rows["median_minutes"] - rows["median_minutes_true"]).abs() > 0.1
    assert off.sum() <= 12  # nine of one compound, whose homes are alike and even in number
    for _, row in rows[off].iterrows():
        hosts = row["reason"] == "implied_by_host"
        low, high = (
            seconds_within(card, row["area"], row["item"], 0.5 + h, hosts=hosts) / 60
            for h in (-HAIR, HAIR)
        )
        assert low - 0.1 <= row["median_minutes_true"] <= high + 0.1
        assert low <= row["median_minutes"] <= high
    beyond = compared["median_minutes_true"] > 30.1
    assert compared.loc[beyond, "median_minutes"].isna().all()


def test_the_nearest_facility_is_that_of_the_truth(card, compared):
    """Where an item is met; the same place listed twice counts as its first listing."""
    truth = pd.read_csv(TOWN / "facility_truth.csv").set_index("id")
    first = truth["duplicate_of"].fillna(pd.Series(truth.index, index=truth.index))
    met = compared[compared["status"] == "met"]
    same = met["facility"].map(card.facilities["id"]).map(first) == met["nearest_facility"]
    assert same.mean() > 0.99


def test_coverage_and_gaps_follow(card, compared):
    table = qh.coverage(card).set_index(["measure", "item"])
    truth = compared.groupby("item")["status_true"]
    met, unmet = (truth.apply(lambda s, w=word: (s == w).sum()) for word in ("met", "unmet"))
    area = table.loc["area"]
    assert area["numerator"].astype(int).to_dict() == met.to_dict()
    assert (area["denominator"] - area["numerator"]).astype(int).to_dict() == unmet.to_dict()
    assert table.loc[("item", "all"), "numerator"] == met.sum()
    assert len(qh.gaps(card)) == unmet.sum()


def test_residents_are_those_of_the_compounds(card):
    residents = card.origins.groupby("area")["residents"].sum()
    assert np.allclose(residents, card.areas["residents"].reindex(residents.index))
    assert card.areas["residents"].sum() == card.summary()["residents"].sum()
    assert set(card.summary()["way_out"]) == {"gates"}


def test_rows_shuffled_give_the_same_answers_by_id(card):
    """Areas and facilities are known by their own ids, not by the order of their rows."""
    shuffled = card.again(
        areas=card.areas.sample(frac=1, random_state=3),
        facilities=card.facilities.sample(frac=1, random_state=4),
        origins=card.origins.sample(frac=1, random_state=5),
    )
    assert {"c01", "c02"} <= set(card.to_frame()["area"])
    mine, theirs = (
        one.to_frame().set_index(["area", "item"]).sort_index() for one in (card, shuffled)
    )
    pd.testing.assert_frame_equal(mine, theirs)
    pd.testing.assert_frame_equal(
        card.summary(), shuffled.summary().reindex(card.areas.index), check_dtype=False
    )


@pytest.fixture(scope="module")
def walled_in(tmp_path_factory: pytest.TempPathFactory) -> qh.Scorecard:
    """The town with the clinic inside its largest compound, and the community around that."""
    folder: Path = tmp_path_factory.mktemp("walled")
    poi = (TOWN / "amap_poi.csv").read_text(encoding="utf-8-sig").splitlines()
    clinic = (TOWN / "clinic.csv").read_text(encoding="utf-8-sig").splitlines()
    table = folder / "poi.csv"
    table.write_text("\n".join([*poi, *clinic[1:]]) + "\n", encoding="utf-8-sig")
    kinds = ("compounds.geojson", "community.geojson")
    features = [json.loads((TOWN / name).read_text(encoding="utf-8")) for name in kinds]
    both = features[0] | {"features": [one for part in features for one in part["features"]]}
    (folder / "areas.geojson").write_text(json.dumps(both), encoding="utf-8")
    areas = qh.read_areas(folder / "areas.geojson", datum="wgs84")
    homes = qh.origins(
        areas,
        qh.read_buildings(TOWN / "buildings.geojson", datum="wgs84"),
        qh.read_gates(TOWN / "gates.geojson", datum="wgs84"),
    )
    places = qh.read_facilities(table, datum="gcj02")
    streets = qh.read_osm(TOWN / "streets.osm").streets
    return qh.assess(areas, places, streets, "beijing-2011", origins=homes)


@pytest.fixture(scope="module")
def buildings_of(walled_in: qh.Scorecard) -> pd.DataFrame:
    """The name of the area and the id of the building of each home."""
    houses = gpd.read_file(TOWN / "buildings.geojson").to_crs(walled_in.origins.crs)
    inside = walled_in.origins.sjoin(houses[["id", "geometry"]], predicate="within")
    names = inside["area"].map(walled_in.areas["name"])
    return pd.DataFrame({"area": names, "building": inside["id"]})


def test_walks_to_the_clinic_behind_the_walls_are_met_to_the_second(walled_in, buildings_of):
    truth = pd.read_csv(TOWN / "clinic_seconds.csv").set_index(["area", "building"])
    assert len(truth) == len(buildings_of) == len(walled_in.origins) > 500
    mine = walled_in.times[walled_in.times["item"] == "health_station"].set_index("origin")
    keys = pd.MultiIndex.from_frame(buildings_of)
    mine = mine.reindex(buildings_of.index)
    true = truth.reindex(keys)
    near = (true["seconds"] < 1790).to_numpy()  # the search ends at twice the limit
    off = mine["seconds"].to_numpy() - true["seconds"].to_numpy()
    assert np.abs(off[near]).max() < 1.0
    assert mine.loc[~near & (true["seconds"] > 1810).to_numpy(), "seconds"].isna().all()
    assert near.sum() > 400
    clinic = walled_in.facilities.index[walled_in.facilities["id"] == "B0WALLEDIN"]
    walks = qh.travel_times(
        walled_in.origins, walled_in.facilities.loc[clinic], walled_in.network, np.inf
    ).to_frame()
    seconds = walks.set_index("origin")["seconds"].reindex(buildings_of.index)
    assert np.abs(seconds.to_numpy() - true["seconds_to_clinic"].to_numpy()).max() < 1.0


def test_with_clinic_and_community_status_and_share_equal_the_truth(walled_in):
    truth = pd.read_csv(TOWN / "clinic_truth.csv")
    names = walled_in.areas["name"]
    found = walled_in.to_frame().assign(area=lambda table: table["area"].map(names))
    both = truth.merge(found, on=["area", "item"], suffixes=("_true", ""), validate="1:1")
    assert len(both) == len(truth) == len(found) == 390
    wrong = both[(both["status"] != both["status_true"]) | (both["reason"] != both["reason_true"])]
    assert wrong.empty, wrong[["area", "item", "status_true", "status"]].to_string()
    implied = both["reason_true"] == "implied_by_host"
    share = both["share_true"].where(~implied, both["share_with_hosts"])
    known = share.notna()
    assert np.allclose(both.loc[known, "share"], share[known], atol=HAIR)
    without = pd.read_csv(TOWN / "truth.csv")
    changed = truth.merge(without, left_on=["area", "item"], right_on=["compound", "item"])
    changed = changed[changed["status_x"] != changed["status_y"]]
    assert set(changed["item"]) <= {"health_station"}


def test_a_home_in_two_areas_is_one_home_with_one_walk(walled_in, buildings_of):
    walks = walled_in.times[walled_in.times["seconds"].notna()]
    walks = walks.assign(building=walks["origin"].map(buildings_of["building"]))
    spread = walks.groupby(["building", "item", "host"])["seconds"].agg(["min", "max"])
    assert (spread["min"] == spread["max"]).all()
    left = walled_in.left_out.set_index(["what", "reason"])["count"]
    houses = buildings_of["building"].nunique()
    assert left["residences", "counted"] == houses == 388
    assert left["residents", "in_several_areas"] > 0
