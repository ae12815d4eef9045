"""The electronic map as a reader meets it: a real browser, a file on the disk, no host."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from tests.rounding import CARDS, misread

import quarterhour as qh
import worlds
from quarterhour.outputs.looks import SHOWN
from quarterhour.outputs.map.page import tianditu, write_map
from quarterhour.outputs.words import full_width, minutes_up, name_of, percent, say
from quarterhour.walking.isochrones.isochrones import ERROR_M

SURFACE_S = 2.0
"""What the page states: times to seconds, so a facility this near to the limit may differ."""


def texts(page: Any, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()


def centre_of_area(page: Any, name: str) -> tuple[float, float]:
    """Where an area's label point is on the page, in pixels."""
    at = page.evaluate(
        """(name) => {
            const i = quarterhour.areaNamed(name);
            const p = quarterhour.map.project(quarterhour.labelPoint(i));
            const box = quarterhour.map.getContainer().getBoundingClientRect();
            return [p.x + box.left, p.y + box.top];
        }""",
        name,
    )
    return at[0], at[1]


def names_listed(page: Any) -> list[str]:
    return texts(page, "#list .name")


def source_size(page: Any, source: str) -> int:
    return page.evaluate(
        "(id) => quarterhour.map.getSource(id).getData().then((d) => d.features.length)", source
    )


def test_it_opens_from_the_disk_and_asks_for_nothing(open_map, town_map, town):
    opened = open_map(town_map, anew=True)
    assert opened.page.title() == name_of(town.checklist, "zh")
    assert opened.page.locator("canvas.maplibregl-canvas").count() == 1
    assert sorted(names_listed(opened.page)) == sorted(town.areas["name"])
    drawn = opened.page.evaluate(
        "() => quarterhour.map.queryRenderedFeatures({layers: ['areas-fill']}).length"
    )
    assert drawn >= len(town.areas)
    streets = opened.page.evaluate(
        "() => quarterhour.map.queryRenderedFeatures({layers: ['streets-minor', 'streets-main']})"
        ".length"
    )
    assert streets > 0


def test_a_click_on_an_area_shows_its_checklist_in_order(open_map, town_map, town):
    page = open_map(town_map, anew=True).page
    area = town.areas.index[3]
    name = town.areas.loc[area, "name"]
    page.mouse.click(*centre_of_area(page, name))
    page.wait_for_selector("#view-area h2")
    assert page.inner_text("#view-area h2") == name
    lines = page.locator("#view-area li[data-item]")
    mine = town.results[town.results["area"] == area]
    shown = lines.evaluate_all("(all) => all.map((li) => [li.dataset.item, li.dataset.status])")
    implied = mine["reason"] == "implied_by_host"
    assert [key for key, _ in shown] == list(town.checklist.keys())
    assert [status for _, status in shown] == mine["status"].mask(implied, "implied").tolist()
    assert {status for _, status in shown} <= set(SHOWN)
    zh = texts(page, "#view-area li[data-item] .item")
    assert zh == [name_of(item, "zh") for item in town.checklist]
    assert texts(page, "#view-area h3") == [name_of(group, "zh") for group in town.checklist.groups]


def test_lines_say_minutes_facility_and_residents(open_map, town_map, town):
    page = open_map(town_map).page
    unmet = town.results[(town.results["status"] == "unmet") & town.results["facility"].notna()]
    row = unmet.iloc[0]
    page.fill("#search", town.areas.loc[row["area"], "name"])
    page.keyboard.press("Enter")
    line = page.locator(f"#view-area li[data-item='{row['item']}']")
    said = line.inner_text()
    assert f"{minutes_up(row['median_minutes']):.1f} 分钟" in said
    assert town.facilities.loc[row["facility"], "name"] in said
    assert f"{row['residents_without']:,.0f} 名居民超出" in said
    assert say("zh", "beyond_limit") in said


@pytest.mark.parametrize("name", ["awkward", "uncounted"])
def test_the_panel_rounds_as_all_outputs_do(open_map, tmp_path, name):
    card = CARDS[name]()
    page = open_map(write_map(card, tmp_path / "map.html", lang="en")).page
    said = page.locator("#view-about").text_content()
    assert "at least 82.5% of the residents" in said
    for area in card.areas["name"]:
        page.click("#tab-areas")
        page.fill("#search", area)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#view-area h2:text-is('{area}')")
        lines = page.inner_text("#view-area").splitlines()
        assert misread(card, lines) == set()
        said += "\n".join(lines)
    partly = card.results[card.results["share"].between(0.01, 0.99)].iloc[0]
    assert name == "awkward" or f"{percent(partly['share'])} of residences within" in said
    assert name == "awkward" or "of residents within" not in said  # nobody has counted them


def test_unknown_is_told_apart_from_missing(open_map, town_map, town):
    page = open_map(town_map).page
    unknown = town.results[town.results["status"] == "unknown"].iloc[0]
    page.fill("#search", town.areas.loc[unknown["area"], "name"])
    page.keyboard.press("Enter")
    said = page.inner_text(f"#view-area li[data-item='{unknown['item']}']")
    assert "未知" in said
    assert "未达标" not in said
    assert "居民超出" not in said


def test_isochrones_are_drawn_for_the_chosen_area(open_map, town_map):
    page = open_map(town_map).page
    page.click("#list button >> nth=0")
    page.wait_for_function(
        "async () => (await quarterhour.map.getSource('rings').getData()).features.length === 3"
    )
    assert page.locator("#cross").is_hidden()
    page.click("#view-area button[aria-pressed=true]")
    page.wait_for_function(
        "async () => (await quarterhour.map.getSource('rings').getData()).features.length === 0"
    )


@pytest.mark.parametrize("where", ["town", pytest.param("helsinki", marks=pytest.mark.long)])
def test_ranges_drawn_in_the_page_are_those_of_isochrones(open_map, request, where):
    card, path = (request.getfixturevalue(name) for name in (where, f"{where}_map"))
    page, network = open_map(path).page, card.network
    row = int(np.argmax(card.origins["area"].value_counts().reindex(card.areas.index)))
    drawn = page.evaluate("(row) => quarterhour.ranges(row)", row)
    polygons = [
        shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in shape])
        for shape in drawn
    ]
    seen = gpd.GeoSeries(polygons, crs=4326).to_crs(network.crs)
    homes = card.origins[card.origins["area"] == card.areas.index[row]]
    true = qh.isochrones(homes, network, (5, 10, 15), reach_m=100).to_crs(network.crs)
    assert seen.is_valid.all()
    assert all(wide.covers(narrow) for narrow, wide in itertools.pairwise(polygons))
    for mine, exact in zip(seen, true.geometry, strict=True):
        # What is on the wrong side lies no farther from the boundary than the page says.
        apart = mine.symmetric_difference(exact)
        assert apart.difference(exact.boundary.buffer(ERROR_M["fast"])).area < 1.0
        assert apart.area < 0.01 * exact.area


def test_search_finds_an_area_by_a_part_of_its_name(open_map, town_map, town):
    page = open_map(town_map).page
    name = town.areas["name"].iloc[5]
    page.fill("#search", name[:2])
    assert names_listed(page) == [n for n in town.areas["name"] if name[:2] in n]
    page.fill("#search", "没有这个名字")
    assert names_listed(page) == []
    assert "没有符合条件" in page.inner_text("#found")


def test_filter_by_item_and_status(open_map, town_map, town):
    page = open_map(town_map).page
    keys = list(town.checklist.keys())
    page.select_option("#item", str(keys.index("food_market")))
    page.uncheck("[name=status][value=met]")
    page.uncheck("[name=status][value=unknown]")
    mine = town.results[town.results["item"] == "food_market"]
    unmet = mine.loc[mine["status"] == "unmet", "area"]
    assert sorted(names_listed(page)) == sorted(town.areas.loc[unmet, "name"])
    faint = page.evaluate(
        "async () => (await quarterhour.map.getSource('areas').getData())"
        ".features.filter((f) => f.properties.out).length"
    )
    assert faint == len(town.areas) - len(unmet)


def test_filter_by_group_narrows_items_and_counts(open_map, town_map, town):
    page = open_map(town_map).page
    page.select_option("#group", "3")
    items = [item for item in town.checklist if item.group == town.checklist.groups[3].key]
    assert len(texts(page, "#item option")) == len(items) + 1
    counts = page.locator("#list .counts").first.inner_text().split()
    assert sum(map(int, counts)) == len(items)


def test_the_patterns_say_the_status_without_colour(open_map, town_map, town):
    page = open_map(town_map).page
    keys = list(town.checklist.keys())
    page.select_option("#item", str(keys.index("food_market")))
    patterns = page.evaluate(
        "async () => Object.fromEntries((await quarterhour.map.getSource('areas').getData())"
        ".features.map((f) => [quarterhour.nameOf(f.properties.i), f.properties.pattern]))"
    )
    mine = town.results[town.results["item"] == "food_market"].set_index("area")
    for area, row in mine.iterrows():
        implied = row["reason"] == "implied_by_host"
        told = "implied" if implied else "" if row["status"] == "met" else row["status"]
        assert patterns[town.areas.loc[area, "name"]] == told


def test_facilities_of_the_chosen_item_are_on_the_map(open_map, town_map, town):
    page = open_map(town_map).page
    keys = list(town.checklist.keys())
    assert source_size(page, "places") == 0
    page.select_option("#item", str(keys.index("pharmacy")))
    own = town.matches[(town.matches["item"] == "pharmacy") & (town.matches["evidence"] != "host")]
    assert source_size(page, "places") == own["facility"].nunique()
    page.select_option("#facilities", "all")
    assert source_size(page, "places") == town.matches["facility"].nunique()
    page.wait_for_function(
        "() => quarterhour.map.queryRenderedFeatures({layers: ['clusters']}).length > 0"
    )


def test_the_language_can_be_switched(open_map, town_map, town):
    page = open_map(town_map).page
    page.click("#list button >> nth=0")
    page.click("#language")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == town.checklist.en
    assert texts(page, "#view-area li[data-item] .item") == [item.en for item in town.checklist]
    assert page.locator(".maplibregl-ctrl-zoom-in").get_attribute("aria-label") == "Zoom in"
    assert "synthetic data" in page.inner_text(".maplibregl-ctrl-attrib")
    page.click("#language")
    assert page.title() == full_width(town.checklist.zh)
    assert "合成数据" in page.inner_text(".maplibregl-ctrl-attrib")


def test_a_walk_from_anywhere_finds_what_travel_times_finds(open_map, helsinki_map, helsinki):
    """The same facilities from the same points, but for those within seconds of the limit."""
    page = open_map(helsinki_map).page
    card = helsinki
    near = card.areas.to_crs(card.network.crs).geometry.union_all().envelope.buffer(200)
    rng = np.random.default_rng(7)
    west, south, east, north = near.bounds
    xy = rng.uniform((west, south), (east, north), (60, 2))
    spots = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=card.network.crs)
    matched = card.facilities.loc[card.facilities.index.isin(card.matches["facility"])]
    times = qh.travel_times(spots, matched, card.network, 15.5)
    truth: dict[int, dict[int, float]] = {k: {} for k in range(len(spots))}
    for origin, place, s in zip(times.origin, times.destination, times.seconds, strict=True):
        truth[int(origin)][int(place)] = float(s)
    lonlat = spots.to_crs(4326).geometry
    different, pairs, worst = [], 0, 0.0
    for k, point in enumerate(lonlat):
        found = page.evaluate("([x, y]) => quarterhour.reach(x, y, 15)", [point.x, point.y])
        if found is None:
            assert not times.origin_snapped[k]
            continue
        here = {one["facility"]: one["seconds"] for one in found}
        must = {place for place, s in truth[k].items() if s <= 900 - SURFACE_S}
        may = {place for place, s in truth[k].items() if s <= 900 + SURFACE_S}
        pairs += len(here)
        worst = max([worst, *(abs(s - truth[k].get(p, np.inf)) for p, s in here.items())])
        if not must <= set(here) <= may:
            different.append(k)
    assert pairs > 5_000
    assert not different
    assert worst < SURFACE_S


def test_a_click_beside_the_areas_lists_facilities_by_item(open_map, helsinki_map, helsinki):
    page = open_map(helsinki_map).page
    page.click("#tab-here")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#view-here li[data-item]")
    lines = page.locator("#view-here li[data-item]")
    counts = dict(
        lines.evaluate_all("(all) => all.map((li) => [li.dataset.item, +li.dataset.count])")
    )
    assert list(counts) == list(helsinki.checklist.keys())
    chosen = page.evaluate("() => quarterhour.chosen.point")
    spot = gpd.GeoDataFrame(geometry=[shapely.Point(chosen)], crs=4326)
    matched = helsinki.facilities.loc[helsinki.facilities.index.isin(helsinki.matches["facility"])]
    times = qh.travel_times(spot, matched, helsinki.network, 15).to_frame()
    reached = helsinki.matches[helsinki.matches["facility"].isin(times["destination"])]
    reached = reached.drop_duplicates(["facility", "item"])
    truth = reached["item"].value_counts()
    off = [key for key in counts if abs(counts[key] - truth.get(key, 0)) > 1]
    assert not off
    page.click("#view-here button:has-text('5 min') >> nth=0")
    fewer = lines.evaluate_all("(all) => all.reduce((n, li) => n + +li.dataset.count, 0)")
    assert 0 < fewer < sum(counts.values())
    assert source_size(page, "reached") > 0
    page.click("#tab-areas")
    assert source_size(page, "reached") == 0  # walks from a point are seen where they are told
    assert source_size(page, "point") == 0


def test_a_facility_says_what_it_is(open_map, town_map, town):
    page = open_map(town_map).page
    page.click("#list button >> nth=3")
    button = page.locator("#view-area .place").first
    name = button.inner_text()
    button.click()
    page.wait_for_selector(".maplibregl-popup-content")
    assert name in page.inner_text(".maplibregl-popup-content")


def test_on_a_phone(open_map, town_map):
    page = open_map(town_map, phone=True).page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.locator("#map").bounding_box()
    assert small["height"] > 200
    page.tap("#sheet")
    assert page.locator("#views").is_hidden()
    assert page.locator("#map").bounding_box()["height"] > small["height"] + 100
    page.tap("#map", position={"x": 195, "y": 300})
    page.wait_for_function("() => quarterhour.chosen.tab !== 'areas'")
    page.tap("#sheet") if page.locator("#views").is_hidden() else None
    page.tap("#tab-areas")
    assert not page.is_visible("#facilities")  # the areas come first
    assert page.locator("#list button").first.bounding_box()["y"] < page.viewport_size["height"]
    page.tap("#list button >> nth=2")
    page.wait_for_selector("#view-area li[data-item]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = page.locator("#tabs button:visible").evaluate_all(
        "(all) => all.map((b) => b.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_with_the_keyboard_alone(open_map, town_map, town):
    page = open_map(town_map, anew=True).page
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        if seen[-1] == "search":
            break
    assert seen[-1] == "search"
    page.keyboard.type(town.areas["name"].iloc[2])
    page.keyboard.press("Enter")
    page.wait_for_selector("#view-area li[data-item]")
    assert page.evaluate("document.activeElement.id") == "tab-area"
    for _ in range(2):  # past what if
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-here"
    assert page.locator("#view-here").is_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if "maplibregl-canvas" in page.evaluate("document.activeElement.className"):
            break
    assert page.locator("#cross").is_visible()
    corner = gpd.GeoSeries([shapely.Point(town.network.node_xy[40])], crs=town.network.crs)
    at = corner.to_crs(4326).iloc[0]
    page.evaluate("(at) => quarterhour.map.jumpTo({center: at, zoom: 18})", [at.x, at.y])
    before = page.evaluate("quarterhour.map.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(lng) => quarterhour.map.getCenter().lng > lng", arg=before)
    page.keyboard.press("Enter")
    page.wait_for_selector("#view-here li[data-item]")


@pytest.mark.parametrize(
    ("language", "phone"), [("zh", False), pytest.param("en", True, marks=pytest.mark.long)]
)
def test_axe_finds_no_fault(open_map, town_map, axe, language, phone):
    page = open_map(town_map, phone=phone).page
    if language == "en":
        page.click("#language")
    faults = axe(page, "areas")
    if phone:
        page.click("#more-filters summary")
        faults += axe(page, "areas, filters open")
    page.select_option("#item", "6")
    faults += axe(page, "areas, one item")
    page.check("#blind")
    page.wait_for_function("() => document.querySelector('#blind-told').textContent")
    page.click("#legend summary")
    faults += axe(page, "blind zones, legend opened or closed")
    page.uncheck("#blind")
    page.click("#list button >> nth=1")
    page.wait_for_selector("#view-area li[data-item]")
    faults += axe(page, "checklist")
    page.locator("#view-area .place").first.click()
    page.wait_for_selector(".maplibregl-popup-content")
    faults += axe(page, "facility")
    page.click("#tab-here")
    page.click("#centre")
    page.wait_for_selector("#view-here li[data-item]")
    faults += axe(page, "from here")
    page.click("#tab-about")
    page.click("#view-about summary")
    faults += axe(page, "about")
    assert not faults


def test_side_streets_of_a_large_network_come_with_the_zoom(open_map, tmp_path):
    network = worlds.grid_world(145, 60.0)
    assert network.n_edges > 40_000
    areas = gpd.GeoDataFrame(
        {"name": ["全城", "一角"]},
        geometry=[shapely.box(10, 10, 8600, 8600), shapely.box(10, 10, 50, 50)],
        crs=worlds.CRS,
    )
    facilities = worlds.points((150, 100), name=["菜市场"], item=["food_market"])
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    homes = qh.origins(areas, at="point")
    checklist = qh.Checklist.load("beijing-2011")
    card = qh.assess(areas, facilities, network, checklist, origins=homes)
    page = open_map(write_map(card, tmp_path / "map.html", isochrones=False)).page
    assert source_size(page, "side-streets") == 0
    page.fill("#search", "一角")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => quarterhour.map.queryRenderedFeatures({layers: ['streets-minor']}).length > 0"
    )
    page.click("#tab-here")
    page.click("#centre")
    page.wait_for_selector("#view-here li[data-item=food_market][data-count='1']")


def test_online_tiles_are_asked_for_only_when_switched_on(open_map, town_map):
    opened = open_map(town_map, quiet=False, anew=True)
    assert not opened.page.is_checked("#tiles")
    assert not opened.asked
    with opened.page.expect_request("https://tile.openstreetmap.org/**"):
        opened.page.check("#tiles")
    assert all(url.startswith("https://tile.openstreetmap.org/") for url in opened.asked)
    opened.page.wait_for_function("() => document.querySelector('#tiles-told').textContent")
    told = opened.page.inner_text("#tiles-told")
    assert "tile.openstreetmap.org 没有给出底图" in told
    opened.page.uncheck("#tiles")
    assert opened.page.evaluate("() => !quarterhour.map.getLayer('tiles')")
    assert opened.page.inner_text("#tiles-told") == ""


def test_a_wrong_key_is_told_in_the_page_and_names_belong_to_the_base_map(open_map, town, tmp_path):
    path = write_map(town, tmp_path / "map.html", isochrones=False, tiles=tianditu("0a1b2c"))
    opened = open_map(path, quiet=False)
    wrong = {"status": 403, "headers": {"Access-Control-Allow-Origin": "*"}, "body": "{}"}
    opened.page.route("https://t0.tianditu.gov.cn/**", lambda route: route.fulfill(**wrong))
    opened.page.check("#tiles")
    opened.page.wait_for_function("() => document.querySelector('#tiles-told').textContent")
    assert "拒绝给出底图（403）：请检查密钥" in opened.page.inner_text("#tiles-told")
    opened.page.click("#language")
    assert "refuses the base map (403)" in opened.page.inner_text("#tiles-told")
    assert any("LAYER=vec" in url for url in opened.asked)
    assert any("LAYER=cva" in url for url in opened.asked)
    assert not [text for text in opened.complaints if "Uncaught" in text]


def test_names_are_text_and_nothing_else(open_map, tmp_path):
    nasty = "</script><img src=x onerror=\"document.title='hit'\"> \"'&<b>"
    network = worlds.grid_world(8, 100.0)
    areas = gpd.GeoDataFrame(
        {"name": [nasty, "点"]},
        geometry=[shapely.box(110, 110, 190, 190), shapely.Point(500, 500)],
        crs=worlds.CRS,
    )
    facilities = worlds.points((150, 100), name=[nasty], item=["food_market"])
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    card = qh.assess(areas, facilities, network, qh.Checklist.load("beijing-2011"))
    page = open_map(write_map(card, tmp_path / "map.html", title=nasty)).page
    assert page.title() == nasty
    page.fill("#search", "</script>")
    page.keyboard.press("Enter")
    assert page.inner_text("#view-area h2") == nasty
    page.locator("#view-area .place").first.click()
    page.wait_for_selector(".maplibregl-popup-content")
    assert page.locator("img[src=x]").count() == 0
    assert page.inner_text(".maplibregl-popup-content h2") == nasty


def test_without_webgl_the_lists_still_work(browser, town_map, town):
    context = browser.new_context()
    context.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return /webgl/.test(kind) ? null : get.call(this, kind, ...rest); };"
    )
    page = context.new_page()
    page.goto(town_map.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    assert "WebGL" in page.inner_text("#failed")
    page.click("#list button >> nth=0")
    page.wait_for_selector("#view-area li[data-item]")
    assert page.locator("#view-area li[data-item]").count() == len(town.checklist)
    context.close()


@pytest.fixture(scope="session")
def plans(town) -> dict[str, Any]:
    market = qh.AddFacility((116.9097, 39.6087), "food_market", "新菜市场")
    after = qh.scenario(town, [qh.CloseFacility("惠民菜市场"), market, qh.RemoveWall("梧桐苑")])
    sites = qh.site(town, "food_market", k=4)
    return {"market": qh.compare(town, after), "sites": sites, "circles": qh.circles(town)}


@pytest.fixture(scope="session")
def plan_map(town, plans, tmp_path_factory):
    path = tmp_path_factory.mktemp("plans") / "plans.html"
    return write_map(town, path, isochrones=False, plans=plans)


def statuses_on_the_map(page: Any) -> list[str]:
    """What the checklists say of food markets, area by area in the list."""
    marks = page.locator("#list button .mark")
    return marks.evaluate_all("(all) => all.map((one) => one.getAttribute('aria-label'))")


def test_two_keys_show_the_score_before_and_after(open_map, plan_map, plans):
    page = open_map(plan_map).page
    plan = plans["market"]
    page.click("#tab-areas")
    page.select_option("#order", "given")
    page.select_option("#item", str(list(plan.before.checklist.keys()).index("food_market")))
    words = {"met": "达标", "unmet": "未达标", "unknown": "未知"}
    for key, card in (("after", plan.after), ("before", plan.before), ("after", plan.after)):
        page.click(f"#flip-{key}")
        mine = card.results[card.results["item"] == "food_market"]["status"]
        assert statuses_on_the_map(page) == [words[one] for one in mine]
        pressed = page.get_attribute(f"#flip-{key}", "aria-pressed")
        assert pressed == "true"


def test_a_plan_says_who_gains_and_its_places_are_numbered(open_map, plan_map, plans):
    page = open_map(plan_map).page
    assert source_size(page, "plan-points") == 3
    first = page.inner_text("#plan-told li:first-child")
    assert "惠民菜市场" in first
    page.select_option("#plan", "1")
    assert source_size(page, "plan-points") == len(plans["sites"].sites)
    assert page.locator("#flip").is_hidden()
    page.select_option("#plan", "2")
    circles = plans["circles"]
    assert source_size(page, "plan-grounds") == len(circles.circles)
    assert source_size(page, "plan-points") == len(circles.centres)
    assert source_size(page, "plan-left") > 0
    page.select_option("#plan", "-1")
    for source in ("plan-points", "plan-grounds", "plan-left"):
        assert source_size(page, source) == 0


def test_the_checklist_of_an_area_tells_what_the_plan_does_to_it(open_map, plan_map, plans):
    page = open_map(plan_map).page
    gained = plans["market"].areas.query("gained > 0")
    page.click("#tab-areas")
    page.locator("#list button", has_text=str(gained["name"].iloc[0])).click()
    assert f"{gained['gained'].iloc[0]:,.0f}" in page.inner_text("#view-area .note")


@pytest.mark.parametrize("phone", [True, pytest.param(False, marks=pytest.mark.long)])
def test_axe_finds_no_fault_in_plans(open_map, plan_map, axe, phone):
    page = open_map(plan_map, phone=phone).page
    for plan in ("0", "1", "2"):
        page.select_option("#plan", plan)
        assert not axe(page, plan)


def test_a_map_without_plans_has_no_room_for_them(open_map, town_map):
    page = open_map(town_map).page
    assert page.locator("#tab-plans").is_hidden()
    assert page.locator("#flip").is_hidden()
