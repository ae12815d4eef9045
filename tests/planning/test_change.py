"""Since when: what a change is due to, worked out by hand, and in two years of the new town."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.planning.change import CAUSES, Causes
from quarterhour.scoring import saved

TOWN = worlds.SAMPLES / "new-town"


def town(shops: dict[str, float], *, limit=10.0, homes=(0,), residents=100.0, **words):
    """Homes on one street of 3 km, and shops that have names."""
    network = worlds.network_of(*([(x, 0), (x + 100, 0)] for x in range(0, 3000, 100)))
    areas = worlds.points(*((x, 0) for x in homes), name=[f"h{x}" for x in homes])
    areas.index = [f"h{x}" for x in homes]
    at = [(x, 0) for x in shops.values()]
    places = worlds.points(*at, index=list(shops), name=list(shops), item="shop")
    items = worlds.checklist(worlds.item("shop", limit_minutes=limit))
    return qh.assess(areas.assign(residents=residents), places, network, items, **words)


def sums(found: Causes) -> None:
    """The parts of every table sum to its whole."""
    parts = list(CAUSES)
    for table in (found.items, found.areas):
        whole = (table["after"] - table["before"]).to_numpy()
        np.testing.assert_allclose(table[parts].sum(axis=1).to_numpy(), whole, atol=1e-9)
    np.testing.assert_allclose(found.turned[parts].sum(axis=1).to_numpy(float), 1.0, atol=1e-12)
    assert found.table["turned"].sum() == pytest.approx(len(found.turned), abs=1e-9)


def test_two_causes_that_only_together_take_the_shop_away_have_half_each():
    # 300 m and 700 m away; 10 minutes are 750 m at 1.25 m/s and 540 m at 0.9 m/s.
    found = qh.compare(
        town({"a": 300, "b": 700}), town({"b": 700}, pace=qh.Profile("slow", 0.9))
    ).causes
    assert found.turned[["facilities", "parameters"]].to_numpy().tolist() == [[0.5, 0.5]]
    assert found.items.loc["shop", ["before", "after"]].tolist() == [100, 0]
    assert found.items.loc["shop", list(CAUSES)].tolist() == [0, 0, -50, 0, -50, 0]
    assert found.table["changed"].tolist() == [False, False, True, False, True, False]
    assert found.runs == 2  # closed and fast, open and slow
    told = [str(note) for note in found.inputs["what"]]
    assert told[0] == "1 facilities less: a."
    assert told[1] == "pace: slow, 0.90 m/s (3.24 km/h); before adult, 1.25 m/s (4.50 km/h)."
    sums(found)


def test_three_causes_by_hand():
    # Shop a closes, the limit falls from 10 to 5 minutes, the walker slows to 0.9 m/s.
    # a: 300 m, 4.0 min fast and 5.6 slow; b: 500 m, 6.7 min fast and 9.3 slow.
    # Met in:  nothing, F, L (a in 4.0), P (5.6), FP (9.3 within 10);  unmet: FL, LP, FLP.
    # Orders in which the answer turns at L: F L P, P L F, F P L, P F L; at F: L F P; at P: L P F.
    one = town({"a": 300, "b": 500})
    two = town({"b": 500}, limit=5.0, pace=qh.Profile("slow", 0.9))
    found = qh.compare(one, two).causes
    parts = found.turned.loc[0, ["facilities", "checklist", "parameters"]].tolist()
    assert parts == [1 / 6, 4 / 6, 1 / 6]
    assert found.turned.loc[0, "cause"] == "checklist"
    assert found.runs == 6
    sums(found)
    back = qh.compare(two, one).causes
    assert back.turned.loc[0, ["facilities", "checklist", "parameters"]].tolist() == parts


def test_one_cause_has_it_all_without_a_run():
    found = qh.compare(town({"a": 300}), town({"a": 1300})).causes
    assert found.turned["facilities"].tolist() == [1]
    assert found.runs == 0
    assert repr(found) == "<Causes of 1 answers that turned: facilities 1>"


def test_new_homes_count_in_the_totals_of_items():
    found = qh.compare(town({"a": 300}), town({"a": 300}, homes=(0, 400, 2900))).causes
    assert found.items.loc["shop", ["before", "after", "homes"]].tolist() == [100, 200, 100]
    assert found.turned.empty
    assert next(map(str, found.inputs["what"])) == "2 areas more: h400, h2900."
    sums(found)


def test_the_day_belongs_to_the_facilities():
    card = town({"a": 300, "b": 1900})
    dated = card.asked.facilities.assign(valid_to=["2021-05-31", None])
    found = qh.compare(2020, 2021, of=card.again(facilities=dated)).causes
    assert found.table.index[found.table["changed"]].tolist() == ["facilities"]
    assert [str(note) for note in found.inputs["what"]] == [
        "1 facilities less: a.",
        "Those count that are there on 2021-12-31; before on 2020-12-31.",
    ]
    assert found.turned["facilities"].tolist() == [1]


def test_another_version_has_what_the_same_inputs_answer_otherwise(tmp_path: Path):
    one, two = town({"a": 300, "b": 700}), town({"b": 700}, pace=qh.Profile("slow", 0.9))
    versions = one.manifest["versions"] | {"quarterhour": "0.0.1"}
    # The older version is made to have found nothing.
    results = one.results.assign(status="unmet", reason="beyond_limit")
    times = one.times.assign(seconds=9999.0)
    older = replace(
        one, results=results, times=times, manifest={**one.manifest, "versions": versions}
    )
    older.save(tmp_path / "old")
    found = qh.compare(tmp_path / "old", town({"a": 300, "b": 700})).causes
    assert found.turned["version"].tolist() == [1]
    assert found.items.loc["shop", "version"] == 100
    assert "quarterhour: 0.0.1 → 0.1.0." in [str(note) for note in found.inputs["what"]]
    both = qh.compare(tmp_path / "old", two).causes
    assert both.turned.empty  # unmet then and now
    assert both.areas[list(CAUSES)].loc["h0"].tolist() == [0, 0, -0.5, 0, -0.5, 1]
    sums(both)


def test_slopes_go_with_their_streets():
    one = town({"a": 400}, homes=(0,))
    tilted = qh.elevation_at_nodes(one.network, one.network.node_xy[:, 0] * 0.2)
    hilly = one.again(pace=qh.Sloped(qh.ADULT, tilted))
    longer = worlds.network_of(*([(x, 0), (x + 100, 0)] for x in range(0, 4000, 100)))
    found = qh.compare(hilly, one.again(network=longer)).causes
    assert found.table["changed"].tolist() == [False, True, False, False, True, False]
    sums(found)


def test_without_the_inputs_it_is_said(tmp_path: Path):
    city = qh.assess(
        worlds.helsinki().areas, worlds.helsinki().facilities, worlds.helsinki().streets,
        "moreno-2016",
    )  # fmt: skip
    city.save(tmp_path)
    (tmp_path / saved.NAME).unlink()
    found = qh.compare(tmp_path, city)
    assert found.turned.empty
    with pytest.raises(InputError, match="was read without"):
        _ = found.causes


def year(folder: Path, *, shop: bool, street: bool, shuffled: int | None = None, **words):
    """A year of the new town from its files, perhaps with a shop less and a street less."""
    rng = None if shuffled is None else np.random.default_rng(shuffled)

    def mixed(table: pd.DataFrame) -> pd.DataFrame:
        return table if rng is None else table.iloc[rng.permutation(len(table))]

    folder.mkdir()
    places = pd.read_csv(TOWN / "amap_poi.csv", dtype=str)
    places = places.drop(columns="id") if "id" in places else places
    gone = places["name"].eq("惠民菜市场")
    assert gone.sum() == 1
    mixed(places[~gone] if shop else places).to_csv(folder / "poi.csv", index=False)
    for name in ("compounds", "buildings", "gates"):
        mixed(gpd.read_file(TOWN / f"{name}.geojson")).to_file(folder / f"{name}.geojson")
    areas = qh.read_areas(folder / "compounds.geojson", datum="wgs84")
    buildings = qh.read_buildings(folder / "buildings.geojson", datum="wgs84")
    gates = qh.read_gates(folder / "gates.geojson", datum="wgs84")
    facilities = qh.read_facilities(folder / "poi.csv", datum="gcj02")
    streets = worlds.new_town().network
    if street:
        streets = cut(streets)
    homes = qh.origins(areas, buildings, gates)
    return qh.assess(areas, facilities, streets, "beijing-2011", origins=homes, **words)


def cut(streets: qh.WalkNetwork) -> qh.WalkNetwork:
    """The new town's streets without one block of the street in its north."""
    shut = qh.CloseStreet(at=shapely.Point(491370.0, 4384200.0), crs=streets.crs.to_string())
    return qh.scenario(worlds.new_town(), shut).network


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> dict[str, qh.Comparison]:
    root = tmp_path_factory.mktemp("years")
    before = year(root / "before", shop=False, street=False)
    whole = {"shop": True, "street": True, "quota": 0.8}
    after = year(root / "after", **whole)
    mixed = year(root / "mixed", shuffled=5, **whole)
    first = year(root / "first", shop=False, street=False, shuffled=6)
    made = {
        "straight": (before, after),
        "mixed": (first, mixed),
        "none": (before, first),
        "facilities": (before, before.again(facilities=after.asked.facilities)),
        "streets": (before, before.again(network=after.network)),
        "parameters": (before, before.again(quota=0.8)),
    }
    return {name: qh.compare(*sides) for name, sides in made.items()}


def test_each_change_of_the_new_town_is_attributed(years: dict[str, qh.Comparison]):
    causes = years["straight"].causes
    changed = causes.table.index[causes.table["changed"]].tolist()
    assert changed == ["streets", "facilities", "parameters"]
    assert "惠民菜市场" in " ".join(map(str, causes.inputs["what"]))
    assert (causes.table.loc[changed, "turned"] > 0).all()
    sums(causes)
    # Alone, each change turns what is its own; together, what only one of them turns is all its.
    alone = {
        cause: set(zip(years[cause].turned["area"], years[cause].turned["item"], strict=True))
        for cause in changed
    }
    for row in causes.turned.to_dict("records"):
        pair = row["area"], row["item"]
        of = [cause for cause in changed if pair in alone[cause]]
        if len(of) == 1 and row[of[0]] == 1:
            assert [row[cause] for cause in changed if cause != of[0]] == [0, 0]
        for cause in of:
            assert row[cause] > 0, pair
    for cause in changed:
        single = years[cause].causes
        assert single.table.index[single.table["changed"]].tolist() == [cause]
        assert single.runs == 0


def test_shuffled_rows_change_nothing(years: dict[str, qh.Comparison]):
    nothing = years["none"]
    assert nothing.turned.empty
    assert (nothing.gained, nothing.lost) == (0, 0)
    assert not nothing.causes.table.drop("version")["changed"].any()
    straight, mixed = years["straight"], years["mixed"]
    names = [found.after.areas["name"] for found in (straight, mixed)]
    told = [
        found.causes.turned.assign(area=found.causes.turned["area"].map(name))
        .sort_values(["area", "item"], ignore_index=True)
        for found, name in zip((straight, mixed), names, strict=True)
    ]  # fmt: skip
    pd.testing.assert_frame_equal(*told)
    pd.testing.assert_frame_equal(straight.causes.table, mixed.causes.table)
    pd.testing.assert_frame_equal(straight.causes.items, mixed.causes.items)
    columns = ["gained", "lost", "areas_turned_met", "areas_turned_unmet"]
    pd.testing.assert_frame_equal(straight.items[columns], mixed.items[columns])
