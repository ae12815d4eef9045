"""The example service answers as the library does, and refuses with its sentences."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

import quarterhour as qh
import worlds

pytest.importorskip("fastapi")
pytest.importorskip("httpx")
from fastapi.testclient import TestClient

EXAMPLE = Path(__file__).parents[1] / "examples" / "service.py"


@pytest.fixture(scope="module")
def reach() -> qh.Reach:
    city = worlds.helsinki()
    return qh.prepare(city.streets, city.facilities, "beijing-2011")


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("service", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def client(reach, example, tmp_path_factory):
    folder = reach.save(tmp_path_factory.mktemp("reach") / "town")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUARTERHOUR_REACH", str(folder))
        app = example.app  # opened from the folder, as a worker does
    with TestClient(app) as found:
        yield found


@pytest.fixture(scope="module")
def places(reach) -> list[tuple[float, float]]:
    streets = worlds.helsinki().streets
    near = worlds.strewn(streets, 30, 6, spread_m=30).to_crs(4326)
    snapped = qh.snap_places(near, streets)["status"].eq("snapped").to_numpy()
    return [(p.x, p.y) for p in near.geometry[snapped]]


def test_a_doorstep(client, reach, places):
    lon, lat = places[0]
    answer = client.get("/reach", params={"lon": lon, "lat": lat})
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(reach.from_point(lon, lat).to_dict()))
    assert client.get("/health").json()["items"] == 30


def test_many_doorsteps(client, reach, places):
    answer = client.post("/reach", json=places)
    assert [one["leg_m"] for one in answer.json()] == [
        reach.from_point(*one).leg_m for one in places
    ]


def test_isochrones(client, places):
    lon, lat = places[0]
    answer = client.get("/isochrone", params={"lon": lon, "lat": lat, "minutes": [5, 10]})
    assert answer.status_code == 200
    assert [one["properties"]["minutes"] for one in answer.json()["features"]] == [5, 10]


def test_areas(client, reach):
    areas = worlds.helsinki().areas.iloc[:3].to_crs(4326)
    answer = client.post("/score", json=json.loads(areas[["geometry"]].to_json()))
    assert answer.status_code == 200
    card = reach.score(qh.declare_datum(areas[["geometry"]].reset_index(drop=True), "wgs84"))
    assert [one["status"] for one in answer.json()] == card.to_frame()["status"].tolist()


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("/reach", {"lon": 60.17, "lat": 24.94}, "No street that can be walked lies within 100 m"),
        ("/reach", {"lon": 385000, "lat": 6672000}, "no longitude and latitude"),
        ("/reach", {"lon": "nan", "lat": 60}, "no place"),
        ("/reach", {"lon": 116.3, "lat": 39.9}, "datum is not declared"),
        ("/reach", {"lon": 24.94, "lat": 60.17, "datum": "pluto"}, "pluto"),
        ("/isochrone", {"lon": 24.94, "lat": 60.17, "minutes": [-1]}, "positive"),
        ("/isochrone", {"lon": 60.17, "lat": 24.94}, "100 m"),
    ],
)
def test_bad_requests_are_answered_with_the_sentence_of_the_library(client, path, params, said):
    answer = client.get(path, params=params)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_what_is_no_request_is_refused(client, places):
    assert client.get("/reach", params={"lon": "here"}).status_code == 422
    assert client.post("/reach", json=[]).status_code == 422
    assert client.post("/reach", json=[[1]]).status_code == 422
    assert "1,000 at a time" in client.post("/reach", json=places[:1] * 1001).json()["detail"]
    for areas in ({}, {"features": []}, {"features": [{"type": "x"}]}, {"features": "x"}):
        assert client.post("/score", json=areas).status_code == 422
    bowtie = {"type": "Feature", "properties": {}, "geometry": None}
    answer = client.post("/score", json={"type": "FeatureCollection", "features": [bowtie]})
    assert answer.status_code == 422
    assert "geometry" in answer.json()["detail"]
