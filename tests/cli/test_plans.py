"""quarterhour circles, site, links and audit."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd

import osm_worlds
import quarterhour as qh
from command_line import HELSINKI, TOWN, TOWN_OPTIONS, failed, run


def test_circles_are_told_and_written(tmp_path: Path) -> None:
    out = tmp_path / "circles"
    result = run("circles", *TOWN_OPTIONS, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        *("centres.geojson", "circles.geojson", "circles.png", "left_out.csv", "members.csv"),
        "report.html",
    ]
    circles = gpd.read_file(out / "circles.geojson")
    assert circles["residents"].between(12_000 - 1, 20_000 + 1).all()
    assert f"live in one of {len(circles)} circles" in result.stdout
    left = pd.read_csv(out / "left_out.csv")
    assert circles["residents"].sum() + left["residents"].sum() > 101_299
    assert "In no circle" in result.stdout


def test_residents_that_nobody_counted_are_estimated_and_it_is_said() -> None:
    sizes = ("--residents", "2500", "--at-least", "2000", "--at-most", "4000", "--limit", "10")
    result = run("circles", HELSINKI, *sizes, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["gap"] <= 0.02
    assert all(2000 - 1 <= row["residents"] <= 4001 for row in told["circles"])
    assert "estimated by floor area, 30 m²" in told["notes"][-1]


def test_sizes_that_contradict_each_other_are_refused_before_the_long_work() -> None:
    line = failed(run("circles", HELSINKI, "--residents", "9000"))
    assert "cannot have 9,000" in line
    assert "no circle can be made" in failed(run("circles", HELSINKI, "--limit", "5")).lower()


def test_sites_are_told_and_written(tmp_path: Path) -> None:
    out = tmp_path / "sites"
    result = run("site", *TOWN_OPTIONS, "--item", "菜市场", "--k", "2", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "Proven: no other choice of 2" in result.stdout
    sites = gpd.read_file(out / "sites.geojson")
    assert sites["site"].tolist() == [1, 2]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'id="plan-1-zh"' in page
    assert 'id="plan-1-en"' in page
    machine = json.loads(
        run("site", *TOWN_OPTIONS, "--item", "food_market", "--k", "2", "--json").stdout
    )
    assert [row["gained"] for row in machine["sites"]] == sites["gained"].tolist()


def test_candidates_of_ones_own(tmp_path: Path) -> None:
    result = run(
        *("site", *TOWN_OPTIONS, "--item", "pharmacy", "--k", "1"),
        *("--candidates", TOWN / "compounds.geojson"),
    )
    assert result.exit_code == 0, result.stderr
    assert "no item" in failed(run("site", *TOWN_OPTIONS, "--item", "moon base")).lower()


def test_links_are_told_and_written(tmp_path: Path) -> None:
    out = tmp_path / "links"
    result = run("links", *TOWN_OPTIONS, "--exact", "2", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "open a gate" in result.stdout
    table = gpd.read_file(out / "links.geojson")
    assert table["exact"].sum() == 2
    best = qh.read_scenario(out / "best.geojson")
    assert len(best) == 1
    given = ("--candidates", out / "best.geojson")
    machine = json.loads(run("links", *TOWN_OPTIONS, *given, "--json").stdout)
    assert machine["links"][0]["gained"] == table["gained"].iloc[0]
    assert "nowhere.json" in failed(run("links", *TOWN_OPTIONS, "--candidates", "nowhere.json"))


def test_faults_are_told_and_repairs_written_by_name(tmp_path: Path) -> None:
    out = tmp_path / "audit"
    asked = ("--exact", "1", "--repair", "near_miss-18", "--out", out, "--lang", "en")
    result = run("audit", HELSINKI, *asked)
    assert result.exit_code == 0, result.stderr
    assert "a street ends just short of another" in result.stdout
    table = gpd.read_file(out / "faults.geojson")
    assert table["exact"].sum() == 1
    (repair,) = qh.read_scenario(out / "repairs.geojson")
    assert (repair.kind, repair.name) == ("add_link", "near_miss-18")
    told = failed(run("audit", HELSINKI, "--exact", "0", "--repair", "moon-1", "--out", out))
    assert "There is no fault 'moon-1'" in told
    assert "say with --out" in failed(run("audit", HELSINKI, "--repair", "near_miss-18"))


def test_a_town_without_faults_says_so() -> None:
    english = run("audit", *TOWN_OPTIONS, "--lang", "en").stdout
    assert "Nothing that looks like a fault" in english
    assert "没有发现步行路网的可疑之处。" in run("audit", *TOWN_OPTIONS, "--lang", "zh").stdout
    assert json.loads(run("audit", *TOWN_OPTIONS, "--json").stdout)["faults"] == []


def test_several_items_make_rooms(tmp_path: Path) -> None:
    out = tmp_path / "rooms"
    both = ("--item", "pharmacy", "--item", "food_market")
    asked = ("site", *TOWN_OPTIONS, *both, "--k", "2", "--candidates", "areas")
    result = run(*asked, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert ": 2 rooms, 2 of which serve" in result.stdout
    rooms = gpd.read_file(out / "rooms.geojson")
    assert len(rooms) == len(qh.read_scenario(out / "scenario.geojson")) <= 2
    machine = json.loads(run(*asked, "--json").stdout)
    assert [row["serves"] for row in machine["rooms"]] == rooms["serves"].tolist()
    assert "leave out --objective" in failed(run(*asked, "--objective", "fewest"))


def test_terms_of_new_places_on_the_command_line() -> None:
    asked = ("site", *TOWN_OPTIONS, "--item", "food_market", "--objective", "fewest")
    one, two = (
        json.loads(run(*asked, "--backup", n, "--share", "0.8", "--json").stdout) for n in "12"
    )
    assert len(one["sites"]) < len(two["sites"])
    assert "needs prices" in failed(run(*asked[:-2], "--budget", "100"))
    assert "valid_to" in failed(run(*asked, "--candidates", "vacated"))
    assert "give an extract" in failed(run(*asked, "--candidates", "vacant"))


def test_rooms_that_openstreetmap_calls_vacant_are_candidates(tmp_path: Path) -> None:
    streets = osm_worlds.nodes({1: (0, 0), 2: (900, 0)})
    streets += osm_worlds.way_xml(1, [1, 2], osm_worlds.STREET)
    rooms = {10: (200.0, 10.0), 11: (800.0, 10.0), 12: (400.0, 10.0)}
    tags = {"n10": {"shop": "vacant"}, "n11": {"disused:shop": "books"}, "n12": {"shop": "books"}}
    path = osm_worlds.write(tmp_path, streets, osm_worlds.nodes(rooms, **tags))
    home = qh.read_osm(path).facilities.to_crs(4326).geometry.loc["node/12"]
    (tmp_path / "areas.csv").write_text(
        f"id,name,lon,lat,residents\nh,home,{home.x},{home.y},100\n", encoding="utf-8"
    )
    asked = ("site", path, "--areas", tmp_path / "areas.csv", "--datum", "wgs84")
    asked = (*asked, "--checklist", "beijing-2011")
    result = run(*asked, "--item", "pharmacy", "--k", "1", "--candidates", "vacant", "--json")
    assert result.exit_code == 0, result.stderr
    (site,) = json.loads(result.stdout)["sites"]
    rooms = qh.vacant_premises(path).to_crs(4326).geometry
    assert min(abs(rooms.x - site["lon"])) < 1e-6
    assert site["gained"] == 100.0
