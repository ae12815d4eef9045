"""The manifest: digests that see every change of an input, and versions."""

from __future__ import annotations

import json
from datetime import datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import quarterhour
import worlds
from quarterhour.scoring import manifest as module
from quarterhour.scoring.manifest import describe_network, describe_table, manifest, table_digest


def table() -> gpd.GeoDataFrame:
    places = worlds.points((0, 0), (5, 0), index=["a", "b"], name=["甲", None], n=[1.0, 2.0])
    places["entrances"] = gpd.GeoSeries([shapely.Point(1, 1), None], index=["a", "b"], crs=32650)
    return places


def moved(t):
    return t.set_geometry(t.geometry.translate(1e-9, 0))


def entrance_moved(t):
    return t.assign(entrances=t["entrances"].translate(1, 0))


@pytest.mark.parametrize(
    "change",
    [
        moved,
        entrance_moved,
        lambda t: t.to_crs(4326),
        lambda t: t.iloc[::-1],
        lambda t: t.iloc[:1],
        lambda t: t.assign(name=["甲", ""]),
        lambda t: t.assign(n=[1.0, 2.0001]),
        lambda t: t.rename(columns={"name": "brand"}),
        lambda t: t.rename(index={"a": "c"}),
    ],
)
def test_the_digest_sees_every_change(change):
    assert table_digest(change(table())) != table_digest(table())


def test_the_digest_is_stable_and_changes_nothing():
    one = table()
    assert table_digest(one) == table_digest(table())
    pd.testing.assert_frame_equal(one, table())
    bare = one[["geometry"]]
    assert len(table_digest(bare)) == 64
    assert table_digest(bare) != table_digest(one)


def test_a_column_called_index_is_no_trouble():
    assert len(table_digest(table().assign(index=[3, 4]))) == 64


def test_tables_and_networks_are_described():
    one = table()
    one.attrs.update(datum="wgs84", source="poi.csv", notes=["2 rows dropped"])
    one.attrs["declared_datum"] = "gcj02"
    said = describe_table(one)
    assert said == {
        "rows": 2,
        "sha256": table_digest(one),
        "crs": "EPSG:32650",
        "datum": "wgs84",
        "declared_datum": "gcj02",
        "source": "poi.csv",
        "attribution": "",
        "notes": ["2 rows dropped"],
    }
    network = worlds.island_world()
    streets = describe_network(network)
    assert (streets["nodes"], streets["edges"], streets["components"]) == (6, 3, 3)
    assert streets["sha256"] == network.sha256
    real = describe_network(worlds.helsinki().streets)
    assert real["osm_timestamp"].startswith("2019-04-21")
    assert real["source"] == "helsinki.osm.pbf"


def test_a_manifest_is_plain_data_with_versions():
    made = manifest({"areas": describe_table(table())}, {"quota": 0.5})
    assert json.loads(json.dumps(made)) == made
    assert made["versions"]["quarterhour"] == quarterhour.__version__
    assert made["versions"]["numpy"]
    assert datetime.fromisoformat(made["made_at"]).tzinfo is not None
    assert made["parameters"] == {"quota": 0.5}


def test_a_package_that_is_not_there_is_unknown(monkeypatch):
    monkeypatch.setattr(module, "_PACKAGES", ("no-such-package-at-all",))
    assert manifest({}, {})["versions"] == {"no-such-package-at-all": "unknown"}


def test_the_declared_datum_and_the_question_travel_with_every_result(tmp_path):
    card = worlds.new_town()
    card.save(tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    places = told["inputs"]["facilities"]
    assert (places["declared_datum"], places["datum"]) == ("gcj02", "wgs84")
    assert told["inputs"]["areas"]["declared_datum"] == "wgs84"
    assert told["question"]["checklist"]["sha256"] == told["inputs"]["checklist"]["sha256"]
    assert set(told["question"]) - {"checklist", "walker"} <= set(told["parameters"])
    for name in ("areas", "facilities", "origins", "network", "checklist"):
        assert len(told["inputs"][name]["sha256"]) == 64
    assert told["versions"]["quarterhour"] == quarterhour.__version__
