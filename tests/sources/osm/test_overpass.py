"""`fetch` against a stand-in for Nominatim and Overpass on loopback; nothing goes online."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import osmnx
import pytest
import shapely

from quarterhour.errors import InputError, OutputError, QuarterhourError
from quarterhour.sources.osm.overpass import KEYS, Servers, fetch, grown
from quarterhour.sources.osm.read import read_osm

LON, LAT = 24.94, 60.17
STEP = 0.002


def node(osmid: int, i: float, j: float, **tags: str) -> dict[str, Any]:
    found = {"type": "node", "id": osmid, "lon": LON + i * STEP, "lat": LAT + j * STEP}
    return found | ({"tags": tags} if tags else {})


def way(osmid: int, nodes: list[int], **tags: str) -> dict[str, Any]:
    return {"type": "way", "id": osmid, "nodes": nodes, "tags": tags}


def world() -> list[dict[str, Any]]:
    """Return a crossing, a walled compound with a gate and a house, a shop and a park."""
    return [
        node(1, 0, 0), node(2, 4, 0), node(3, 0, 4), node(4, 0, -4, highway="crossing"),
        node(10, 1, 1), node(11, 3, 1), node(12, 3, 3), node(13, 1, 3),
        node(14, 2, 1, barrier="gate"),
        node(20, 1.4, 1.4), node(21, 1.8, 1.4), node(22, 1.8, 1.8), node(23, 1.4, 1.8),
        node(30, 0.1, 0.2, shop="convenience", name="便利店 & Söhne"),
        node(40, -3, -3), node(41, -2, -3), node(42, -2, -2), node(43, -3, -2),
        way(101, [1, 2], highway="residential", name="A street"),
        way(102, [3, 1, 4], highway="footway"),
        way(103, [10, 14, 11, 12, 13, 10], landuse="residential", barrier="wall", name="甲小区"),
        way(104, [20, 21, 22, 23, 20], building="apartments", **{"building:levels": "6"}),
        way(105, [40, 41, 42, 43, 40]),
        {"type": "relation", "id": 201, "tags": {"type": "multipolygon", "leisure": "park"},
         "members": [{"type": "way", "ref": 105, "role": "outer"}]},
        node(1, 0, 0),  # Overpass repeats what it finds twice
    ]  # fmt: skip


def place(kind: str = "Polygon") -> dict[str, Any]:
    box = shapely.box(LON - STEP, LAT - STEP, LON + STEP, LAT + STEP)
    shape = box if kind == "Polygon" else box.centroid
    west, south, east, north = box.bounds
    return {
        "osm_type": "relation", "osm_id": 1, "lat": str(LAT), "lon": str(LON), "importance": 0.5,
        "display_name": "Testby", "boundingbox": [str(south), str(north), str(west), str(east)],
        "geojson": json.loads(shapely.to_geojson(shape)),
    }  # fmt: skip


@dataclass
class StandIn:
    """What the servers answer, and what they were asked."""

    places: list[dict[str, Any]] = field(default_factory=lambda: [place()])
    answer: Any = None
    status: int = 200
    queries: list[str] = field(default_factory=list)
    url: str = ""

    def overpass(self) -> bytes:
        if isinstance(self.answer, bytes):
            return self.answer
        answer = self.answer or {
            "version": 0.6,
            "osm3s": {"timestamp_osm_base": "2026-05-01T00:00:00Z"},
            "elements": world(),
        }
        return json.dumps(answer).encode()

    def servers(self, **more: Any) -> Servers:
        return Servers(**({"overpass_url": self.url, "nominatim_url": self.url, "tries": 1} | more))


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            assert urlparse(self.path).path == "/search"
            self.reply(200, json.dumps(state.places).encode())

        def do_POST(self) -> None:
            assert self.path == "/interpreter"
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.queries.append(parse_qs(body)["data"][0])
            self.reply(state.status, state.overpass())

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()


HERE = (LON, LAT)


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.osm", "a.osm.gz"])
def test_what_is_fetched_is_what_read_osm_reads(stand_in, tmp_path, name):
    path = fetch(HERE, tmp_path / name, distance_m=600, servers=stand_in.servers())
    assert path == tmp_path / name
    city = read_osm(path)
    assert sorted(set(city.streets.edge_osmid.tolist())) == [101, 102]
    assert "node/30" in city.facilities.index
    assert city.facilities.loc["node/30", "name"] == "便利店 & Söhne"
    assert "relation/201" in city.facilities.index
    assert city.areas["name"].tolist() == ["甲小区"]
    assert city.buildings["levels"].tolist() == [6]
    assert city.gates.index.tolist() == ["node/14"]
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_pbf_knows_its_time_and_extent(stand_in, tmp_path):
    path = fetch(
        HERE, tmp_path / "a.osm.pbf", distance_m=600, margin_m=0, servers=stand_in.servers()
    )
    streets = read_osm(path).streets
    assert streets.metadata["osm_timestamp"].startswith("2026-05-01")
    assert streets.extent.area == pytest.approx(1200**2, rel=0.01)


def test_the_query_asks_for_every_key_in_the_box(stand_in, tmp_path):
    fetch(HERE, tmp_path / "a.osm", distance_m=500, margin_m=500, servers=stand_in.servers())
    (query,) = stand_in.queries
    for key in KEYS:
        for kind in ("node", "way", "relation"):
            assert f"{kind}['{key}'](poly:" in query
    west, south, *_ = grown((*HERE, *HERE), 1000)
    assert f"{south:.4f}" in query
    assert f"{west:.4f}" in query
    assert "[out:json][timeout:180]" in query


def test_a_place_by_name_is_its_box_and_a_margin(stand_in, tmp_path):
    fetch("Testby", tmp_path / "a.osm", margin_m=0, servers=stand_in.servers())
    assert f"{LAT - STEP:.6f} {LON - STEP:.6f}" in stand_in.queries[0]
    fetch("Testby", tmp_path / "a.osm", distance_m=100, servers=stand_in.servers())
    assert f"{LAT - STEP:.6f} {LON - STEP:.6f}" not in stand_in.queries[1]


def test_osmnx_is_left_as_it_was(stand_in, tmp_path):
    names = [name for name in dir(osmnx.settings) if not name.startswith("_")]
    before = {name: getattr(osmnx.settings, name) for name in names}
    look_up = socket.getaddrinfo
    fetch(HERE, tmp_path / "a.osm", distance_m=600, servers=stand_in.servers())
    stand_in.status = 500
    with pytest.raises(QuarterhourError):
        fetch(HERE, tmp_path / "a.osm", distance_m=600, servers=stand_in.servers())
    assert {name: getattr(osmnx.settings, name) for name in names} == before
    assert socket.getaddrinfo is look_up
    assert not Path("cache").exists()


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [
        (429, None, r"busy \(HTTP 429\).*1 time"),
        (504, None, r"busy \(HTTP 504\)"),
        (400, b"parse error: line 1", r"refused \(HTTP 400\): parse error"),
        (200, b"<html>maintenance</html>", "did not answer with JSON but with: <html>"),
        (200, {"hello": 1}, "did not answer with OpenStreetMap data"),
        (
            200,
            {"elements": world()[:3], "remark": "runtime error: Query timed out"},
            r"gave up half-way \(runtime error: Query timed out\).*incomplete",
        ),
        (200, {"elements": []}, "has nothing at"),
    ],
)
def test_failures_say_so_and_leave_no_file(stand_in, tmp_path, status, answer, message):
    stand_in.status, stand_in.answer = status, answer
    with pytest.raises(QuarterhourError, match=message):
        fetch(HERE, tmp_path / "a.osm", distance_m=600, servers=stand_in.servers())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_if_the_download_fails(stand_in, tmp_path):
    path = fetch(HERE, tmp_path / "a.osm", distance_m=600, servers=stand_in.servers())
    before = path.read_bytes()
    stand_in.status = 504
    with pytest.raises(QuarterhourError):
        fetch(HERE, path, distance_m=600, servers=stand_in.servers())
    assert path.read_bytes() == before


def test_a_busy_server_is_asked_again(stand_in, tmp_path, monkeypatch):
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if seconds > 1:
            stand_in.status = 200

    monkeypatch.setattr("time.sleep", wait)
    stand_in.status = 429
    fetch(HERE, tmp_path / "a.osm", distance_m=600, servers=stand_in.servers(tries=2))
    assert len(stand_in.queries) == 2
    assert max(waits) == 55


def test_unknown_places_and_points(stand_in, tmp_path):
    stand_in.places = []
    with pytest.raises(InputError, match="no place called 'Nowhere'"):
        fetch("Nowhere", tmp_path / "a.osm", servers=stand_in.servers())
    stand_in.places = [place("Point")]
    with pytest.raises(InputError, match="pass distance_m"):
        fetch("Testby", tmp_path / "a.osm", servers=stand_in.servers())
    assert not stand_in.queries


def test_no_server_there(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(QuarterhourError, match="cannot be reached"):
        fetch(HERE, tmp_path / "a.osm", distance_m=600, servers=Servers(overpass_url=url, tries=1))


@pytest.mark.parametrize(
    ("where", "options", "message"),
    [
        (HERE, {}, "needs distance_m"),
        (HERE, {"distance_m": -1}, "more than 0"),
        ((200.0, 0.0), {"distance_m": 5}, "not a point"),
    ],
)
def test_arguments(tmp_path, where, options, message):
    with pytest.raises(InputError, match=message):
        fetch(where, tmp_path / "a.osm", **options)


def test_places_to_write_to(tmp_path):
    with pytest.raises(OutputError, match="has to end in"):
        fetch(HERE, tmp_path / "a.txt", distance_m=5)
    with pytest.raises(OutputError, match="There is no folder"):
        fetch(HERE, tmp_path / "no" / "a.osm", distance_m=5)
    (tmp_path / "b.osm").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        fetch(HERE, tmp_path / "b.osm", distance_m=5)
