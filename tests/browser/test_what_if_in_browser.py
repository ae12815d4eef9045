"""Changes that are made on the electronic map: the page's numbers are those of the library."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from tests.rounding import CARDS

import quarterhour as qh
from quarterhour.outputs.map.page import write_map
from quarterhour.outputs.words import percent

SAME_S = 0.1
"""What places that are drawn may be off; minutes are rounded up to the next tenth besides."""


@pytest.fixture(scope="session")
def bare_map(town, tmp_path_factory):
    path = tmp_path_factory.mktemp("what-if") / "town.html"
    return write_map(town, path, isochrones=False)


@pytest.fixture(scope="session")
def ten(town) -> list[Any]:
    """Ten changes of all five kinds, of which none takes back another."""
    areas = town.areas.to_crs(4326)
    wall = areas.geometry.iloc[2].exterior
    gates = [wall.interpolate(far, normalized=True) for far in (0.1, 0.6)]
    streets = town.network.node_xy
    new = points(town, streets[[10, 33, 70]] + (14.0, 9.0))
    links = []
    for one, other in ((3, 40), (25, 60)):
        links.append(qh.AddLink(tuple(points(town, streets[[one, other]]))))
    matches = town.matches
    market = matches.loc[matches["item"] == "food_market", "facility"].iloc[0]
    pharmacy = matches.loc[matches["item"] == "pharmacy", "facility"].iloc[0]
    return [
        qh.AddFacility(new[0], "food_market"),
        qh.CloseFacility(market),
        qh.OpenGate((gates[0].x, gates[0].y)),
        links[0],
        qh.AddFacility(new[1], "pharmacy"),
        qh.ChangeWalker("elderly"),
        qh.CloseFacility(pharmacy),
        qh.OpenGate((gates[1].x, gates[1].y)),
        links[1],
        qh.AddFacility(new[2], "barber_shop"),
    ]


def points(card: qh.Scorecard, xy: Any) -> list[tuple[float, float]]:
    there = gpd.GeoSeries.from_xy(*np.asarray(xy).T, crs=card.network.crs).to_crs(4326)
    return list(zip(there.x, there.y, strict=True))


def file_of(changes: list[Any], tmp_path: Any, name: str = "ten") -> str:
    return qh.Scenario(changes, name).save(tmp_path / "ten.json").read_text(encoding="utf-8")


def told(page: Any) -> dict[str, Any]:
    return page.evaluate("() => quarterhour.results()")


def hold(page: Any, card: qh.Scorecard, what: object) -> None:
    """The results of the page are those of a scorecard, area by area."""
    mine, results = told(page), card.results
    status = [mine["statuses"][code] for code in mine["status"]]
    reason = [mine["reasons"][code] for code in mine["reason"]]
    implied = results["reason"] == "implied_by_host"
    assert status == results["status"].mask(implied, "implied").tolist(), what
    assert reason == results["reason"].tolist(), what
    assert [flag == 1 for flag in mine["edge"]] == results["edge_affected"].tolist(), what
    for name, column in (("minutes", "median_minutes"), ("worst", "worst_minutes")):
        seen = np.array(mine[name]) / 10
        known = results[column].notna().to_numpy()
        assert ((seen >= 0) == known).all(), what
        more_s = (seen[known] - results[column].to_numpy()[known]) * 60
        assert more_s.min() >= -SAME_S, what
        assert more_s.max() <= 6 + SAME_S, what


def test_ten_changes_are_what_python_makes_of_them(open_map, bare_map, town, ten, tmp_path):
    page = open_map(bare_map).page
    features = json.loads(file_of(ten, tmp_path))["features"]
    for number, feature in enumerate(features, start=1):
        change = dict(feature["properties"])
        if shape := feature["geometry"]:
            key = "line" if shape["type"] == "LineString" else "at"
            change[key] = shape["coordinates"]
        assert page.evaluate("(change) => quarterhour.change(change)", change), ten[number - 1]
        after = qh.scenario(town, ten[:number])
        hold(page, after, ten[number - 1])
        beside = qh.compare(town, after)
        moved = page.evaluate("() => quarterhour.plan.moved.all")
        assert moved == pytest.approx([beside.gained, beside.lost], abs=1)
        turned = page.evaluate("() => quarterhour.plan.turned.map((t) => [t.is, t.was])")
        assert turned == sorted(turned, key=lambda t: (t[0] != "met", t[1] != "met"))
    for _ in ten:
        page.evaluate("() => quarterhour.undo()")
    hold(page, town, "all taken back")


def test_answers_found_while_a_walker_is_chosen_are_those_of_python(open_map, bare_map, town, ten):
    page = open_map(bare_map).page
    page.click("#tab-edit")
    page.click("#tool-change_walker")
    page.select_option("#edit-walker", "elderly")
    whole = "#edit-walker[data-known~='elderly']"
    page.wait_for_selector(whole)
    page.click("#edit-walk")
    page.wait_for_selector("#edit-changes li")
    hold(page, qh.scenario(town, [qh.ChangeWalker("elderly")]), "found ahead")
    page.click("#edit-undo")
    page.wait_for_selector("#edit-changes", state="detached")
    page.select_option("#edit-walker", "elderly")
    page.wait_for_selector(whole)
    place = ten[0]
    change = {"change": "add_facility", "item": "food_market", "at": [place.at.x, place.at.y]}
    assert page.evaluate("(change) => quarterhour.change(change)", change)
    page.select_option("#edit-walker", "elderly")
    page.wait_for_selector(whole)  # anew, of the town with the place
    page.click("#edit-walk")
    page.wait_for_selector("#edit-changes li:nth-child(2)")
    hold(page, qh.scenario(town, [place, qh.ChangeWalker("elderly")]), "found anew")
    page.evaluate("() => { quarterhour.undo(); quarterhour.undo(); }")
    hold(page, town, "all taken back")


def test_what_is_saved_is_what_the_library_reads_and_the_page_opens(
    open_map, bare_map, town, ten, tmp_path
):
    page = open_map(bare_map).page
    assert page.evaluate("(text) => quarterhour.open(text)", file_of(ten, tmp_path)) == []
    saved = page.evaluate("() => quarterhour.save()")
    assert saved["name"] == "ten"
    again = tmp_path / "again.json"
    again.write_text(json.dumps(saved), encoding="utf-8")
    read = qh.read_scenario(again)
    assert [one.kind for one in read] == [one.kind for one in ten]
    hold(page, qh.scenario(town, read), "what was saved")


def test_keys_alone_make_a_scenario(open_map, bare_map, town, tmp_path):
    page = open_map(bare_map).page
    page.focus("#tab-areas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#edit-item")
    page.focus("#edit-item")
    page.keyboard.press("ArrowDown")
    page.focus("#edit-centre")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-changes li")
    page.focus("#tool-close_facility")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-near button")
    page.focus("#edit-near button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-changes li:nth-child(2)")
    page.focus("#tool-add_facility")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-item")
    page.focus("canvas.maplibregl-canvas")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-changes li:nth-child(3)")
    with page.expect_download() as kept:
        page.focus("#edit-save")
        page.keyboard.press("Enter")
    path = tmp_path / "by-keys.json"
    kept.value.save_as(path)
    hold(page, qh.scenario(town, qh.read_scenario(path)), "by keys")
    page.focus("#edit-undo")
    page.keyboard.press("Enter")
    assert page.locator("#edit-changes li").count() == 2


def test_what_cannot_be_done_is_said_and_changes_nothing(open_map, bare_map, town):
    page = open_map(bare_map).page
    far = {"change": "open_gate", "at": [116.0, 39.0]}
    assert not page.evaluate("(change) => quarterhour.change(change)", far)
    page.click("#tab-edit")
    assert "15 米" in page.inner_text("#edit-said")
    hold(page, town, "nothing was done")
    other = json.dumps({"type": "FeatureCollection", "datum": "gcj02", "features": []})
    assert "gcj02" in page.evaluate("(text) => quarterhour.open(text)", other)[0]
    unknown = {"type": "Feature", "geometry": None, "properties": {"change": "remove_wall"}}
    text = json.dumps({"type": "FeatureCollection", "features": [unknown]})
    assert "remove_wall" in page.evaluate("(text) => quarterhour.open(text)", text)[0]


@pytest.mark.parametrize("phone", [False, pytest.param(True, marks=pytest.mark.long)])
def test_axe_finds_no_fault_in_a_scenario(open_map, bare_map, axe, ten, phone, tmp_path):
    page = open_map(bare_map, phone=phone).page
    page.click("#tab-edit")
    page.evaluate("(text) => quarterhour.open(text)", file_of(ten[:5], tmp_path))
    page.click("#edit-keep")
    page.wait_for_selector("#edit-kept")
    for tool in ("add_facility", "close_facility", "open_gate", "add_link", "change_walker"):
        page.click(f"#tool-{tool}")
        assert not axe(page, tool)
    page.click("#language")
    assert not axe(page, "en")


def test_where_nobody_is_counted_the_items_of_a_scenario_tell_residences(open_map, tmp_path):
    card = CARDS["uncounted"]()
    page = open_map(write_map(card, tmp_path / "map.html", lang="en", isochrones=False)).page
    page.click("#tab-edit")
    (at,) = points(card, [(840.0, 810.0)])
    change = {"change": "add_facility", "item": "shop", "at": list(at)}
    assert page.evaluate("(change) => quarterhour.change(change)", change)
    after = qh.scenario(card, [qh.AddFacility(at, "shop")])
    rates = [qh.coverage(one).set_index(["measure", "item"]) for one in (card, after)]
    shares = [percent(one.loc[("residence", "shop"), "share"]) for one in rates]
    assert shares[0] != shares[1]
    assert page.locator("#edit-items tbody td").all_text_contents()[:2] == shares
    assert "residents" not in page.inner_text("#edit-items caption")


def test_blind_zones_say_who_lives_too_far(open_map, bare_map, town, tmp_path):
    page = open_map(bare_map).page
    page.check("#blind")
    page.wait_for_function("() => document.querySelector('#blind-told').textContent")
    assert "先选择" in page.inner_text("#blind-told")
    unmet = town.results[town.results["status"] == "unmet"]
    key = unmet["item"].iloc[0]
    page.select_option("#item", str(list(town.checklist.keys()).index(key)))
    page.wait_for_function("() => /盲区内/.test(document.querySelector('#blind-told').textContent)")
    drawn = page.evaluate(
        "() => quarterhour.map.getSource('blind').getData().then((d) => d.features.length)"
    )
    assert drawn > 0
    times = town.times[town.times["item"] == key]
    near = times.loc[times["seconds"] <= town.checklist[key].limit.most, "origin"]
    once = town.origins[~town.origins["again"].astype(bool)]
    outside = once.loc[~once.index.isin(near), "residents"].sum()
    assert f"{outside:,.0f}" in page.inner_text("#blind-told")
    page.uncheck("#blind")
    assert page.inner_text("#blind-told") == ""


def test_streets_of_blind_zones_are_those_from_which_the_walk_is_too_long(open_map, bare_map, town):
    """Random points of the streets: in the zone exactly if the library walks longer."""
    page = open_map(bare_map).page
    key = "food_market"
    page.check("#blind")
    page.select_option("#item", str(list(town.checklist.keys()).index(key)))
    page.wait_for_function("() => /盲区内/.test(document.querySelector('#blind-told').textContent)")
    lines = page.evaluate(
        "() => quarterhour.map.getSource('blind').getData().then("
        "(d) => d.features.flatMap((f) => f.geometry.coordinates))"
    )
    zone = gpd.GeoSeries([shapely.MultiLineString(lines)], crs=4326).to_crs(town.network.crs)
    rng = np.random.default_rng(5)
    edges = rng.integers(0, town.network.n_edges, 300)
    spots = shapely.line_interpolate_point(
        town.network.lines[edges], rng.random(300), normalized=True
    )
    spots = gpd.GeoDataFrame(geometry=spots, crs=town.network.crs)
    spots.attrs["datum"] = "wgs84"
    matches = town.matches[town.matches["item"] == key]
    markets = town.facilities.loc[matches["facility"]].assign(item=key)
    limit_s = town.checklist[key].limit.most
    walks = qh.nearest(spots, markets, town.network, minutes=limit_s / 60)
    beyond = (walks["status"] != "within_limit").to_numpy()
    inside = shapely.distance(zone.iloc[0], spots.geometry.to_numpy()) < 0.5
    near_limit = np.abs(walks["seconds"].fillna(limit_s) - limit_s).to_numpy() < 2.0
    alike = (beyond == inside) | near_limit & ~beyond
    assert alike.mean() > 0.99
    assert beyond.any()
    assert not beyond.all()


def test_the_address_carries_the_view_and_the_scenario(open_map, bare_map, town, ten):
    page = open_map(bare_map).page
    page.select_option("#item", str(list(town.checklist.keys()).index("food_market")))
    page.check("#blind")
    x, y = ten[0].at.x, ten[0].at.y
    change = {"change": "add_facility", "item": "food_market", "at": [x, y]}
    assert page.evaluate("(change) => quarterhour.change(change)", change)
    page.evaluate("(center) => quarterhour.map.jumpTo({center})", [x, y])
    page.click("#tab-here")
    page.click("#centre")
    page.wait_for_selector("#view-here h2")
    point = page.evaluate("() => quarterhour.chosen.point")
    page.wait_for_function("() => location.hash.includes('tab=here')")
    address = page.evaluate("() => location.hash")
    assert "food_market" in address
    other = open_map(bare_map).page
    other.goto("about:blank")
    other.goto(bare_map.as_uri() + address)
    other.wait_for_selector("html[data-ready]", state="attached")
    assert other.input_value("#item") == page.input_value("#item")
    assert other.is_checked("#blind")
    assert other.is_visible("#view-here h2")
    assert other.evaluate("() => quarterhour.chosen.point") == point
    hold(other, qh.scenario(town, ten[:1]), "by the address")
    other.click("#tab-areas")
    other.click("#reset")
    assert other.input_value("#item") == "-1"
    assert not other.is_checked("#blind")


@pytest.mark.parametrize("phone", [False, pytest.param(True, marks=pytest.mark.long)])
def test_the_picture_holds_every_area(open_map, bare_map, town, phone, tmp_path):
    page = open_map(bare_map, phone=phone).page
    if phone:
        page.click("#more-filters summary")
    page.evaluate("() => quarterhour.map.jumpTo({zoom: 18})")
    with page.expect_download() as kept:
        page.click("#picture")
    path = tmp_path / "map.png"
    kept.value.save_as(path)
    picture = Image.open(path).convert("RGB")
    assert picture.width >= 1500 * page.evaluate("() => devicePixelRatio")
    looks = page.evaluate("() => quarterhour.faces()")
    seen = {colour for _, colour in picture.getcolors(picture.width * picture.height)}
    for colour in looks:
        rgb = tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5))
        assert any(max(abs(a - b) for a, b in zip(rgb, one, strict=True)) < 28 for one in seen)
    assert page.evaluate("() => quarterhour.map.getZoom()") == pytest.approx(18)
