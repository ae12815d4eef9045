"""The file of the electronic map: what is in it, and that nothing in it asks for more."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError, MissingExtraError, OutputError
from quarterhour.outputs.looks import SHOWN, look_table, shown_status
from quarterhour.outputs.map import data as map_data
from quarterhour.outputs.map import page as webmap
from quarterhour.outputs.map import streets as map_streets
from quarterhour.outputs.parameter_words import item_names
from quarterhour.outputs.walker_words import walker_words
from quarterhour.outputs.words import LANGS, left_out_text, map_words, say
from quarterhour.scoring.scorecard import REASONS
from quarterhour.streets.snap import start_positions
from quarterhour.walking.isochrones.isochrones import ERROR_M

NASTY = "</script><script>alert('x')</script> \"quoted\" & <b>bold</b>"
DEGREE_M = 0.12


def card_of(**names: str) -> qh.Scorecard:
    """A grid of streets, three areas (one a point), five facilities."""
    network = worlds.grid_world(12, 100.0)
    areas = gpd.GeoDataFrame(
        {
            "name": [names.get("area", "一号社区"), None, "三号"],
            "residents": [900.0, 600.0, np.nan],
        },
        geometry=[
            shapely.box(110, 110, 190, 190),
            shapely.box(810, 810, 890, 890).difference(shapely.box(830, 830, 850, 850)),
            shapely.Point(550, 500),
        ],
        index=["a", "b", "c"],
        crs=worlds.CRS,
    )
    facilities = worlds.points(
        (150, 100), (820, 800), (500, 520), (0, 0), (1100, 1100),
        index=[f"node/{k}" for k in range(5)],
        name=[names.get("facility", "菜市场"), "药店", None, "无关", "远处"],
        item=["food_market", "pharmacy", "public_toilet", None, "food_market|laundry"],
        phone=["010-1", None, None, None, "010-5"],
    )  # fmt: skip
    for table in (areas, facilities):
        table.attrs["datum"] = "wgs84"
    return qh.assess(areas, facilities, network, qh.Checklist.load("beijing-2011"))


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    return card_of()


@pytest.fixture(scope="module")
def html(card: qh.Scorecard) -> str:
    return webmap.map_html(card)


def blocks_of(page: str) -> dict[str, Any]:
    found = re.findall(r'<script type="application/gzip" id="block-(\w+)">([^<]*)</script>', page)
    return {name: json.loads(gzip.decompress(base64.b64decode(text))) for name, text in found}


def numbers(block: dict[str, Any], column: str, unit: int) -> np.ndarray:
    return np.cumsum(block[column]) / unit


def test_the_file_is_written_and_holds_everything(card, tmp_path):
    path = webmap.write_map(card, tmp_path / "map.html")
    text = path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]
    named = {"card", "facilities", "streets", "ends", "starts", "what_if"}
    assert set(blocks_of(text)) == named
    assert "{{" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)


def test_nothing_is_loaded_from_elsewhere(html):
    outside = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", html, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!data:,|#)", outside)
    assert "@import" not in html
    assert "sourceMappingURL=" not in html


def test_the_licences_of_what_is_written_into_the_page_are_in_it(html):
    library = html.partition("MapLibre GL JS\n * @license")[2]
    assert library
    held = re.search(r'<script type="text/plain" id="licences">(.*?)</script>', html, re.DOTALL)
    told = " ".join(held[1].split())
    assert "Copyright (c) 2023, MapLibre contributors" in told
    assert "Redistributions in binary form must reproduce the above copyright notice" in told
    for name in ("Mapbox GL JS", "earcut", "geojson-vt", "supercluster", "gl-matrix", "pbf"):
        assert name in told


def test_statuses_and_reasons_are_worded_and_coloured_as_everywhere():
    script = webmap.own_script()
    given = dict(re.findall(r"^const (LOOKS|SHARED) = (.*);$", script, re.MULTILINE))
    assert json.loads(given["LOOKS"]) == look_table()
    for lang, words in json.loads(given["SHARED"]).items():
        assert words["reason"] == {reason: say(lang, reason) for reason in REASONS}
        assert [words[status] for status in SHOWN] == [say(lang, status) for status in SHOWN]
    own = (webmap.TEMPLATES / "words.js").read_text(encoding="utf-8")
    assert not set(re.findall(r"(\w+): ['{]", own)) & {*SHOWN, "reason"}


def test_the_policy_names_the_host_of_the_tiles_and_no_other():
    assert "https://tile.openstreetmap.org" in webmap.policy(webmap.OSM_TILES)
    assert "http" not in webmap.policy(None)
    assert webmap.policy(None).startswith("default-src 'none'")


def test_tiles_need_an_address(card):
    with pytest.raises(InputError, match="no address"):
        webmap.map_html(card, tiles=webmap.Tiles("tiles/{z}.png", "mine"))


def test_without_tiles_the_page_knows_none(card):
    page = webmap.map_html(card, tiles=None, isochrones=False)
    assert blocks_of(page)["card"]["page"]["tiles"] is None
    assert "openstreetmap.org" not in page.partition("<style>")[0]


def test_statuses_and_reasons_are_those_of_the_card(card, html):
    results = blocks_of(html)["card"]["results"]
    status = [results["statuses"][code] for code in results["status"]]
    reason = [results["reasons"][code] for code in results["reason"]]
    assert reason == card.results["reason"].tolist()
    told = ["met" if one == "implied" else one for one in status]
    assert told == card.results["status"].tolist()
    implied = [one == "implied" for one in status]
    assert implied == (card.results["reason"] == "implied_by_host").tolist()


def test_items_keep_the_order_of_the_checklist(card, html):
    items = blocks_of(html)["card"]["checklist"]["items"]
    assert [item["key"] for item in items] == list(card.checklist.keys())


def test_numbers_that_are_not_known_are_minus_one(card, html):
    known = blocks_of(html)["card"]
    assert known["areas"]["residents"] == [900, 600, -1]
    minutes = np.array(known["results"]["minutes"])
    truth = card.results["median_minutes"].to_numpy(dtype=float)
    assert np.array_equal(minutes < 0, np.isnan(truth))
    more = minutes[minutes >= 0] / 10 - truth[minutes >= 0]
    assert (more > -1e-6).all()  # rounded up, as all that people read
    assert (more < 0.1).all()


def test_nearest_facilities_point_at_the_right_names(card, html):
    blocks = blocks_of(html)
    row = blocks["card"]["results"]["facility"]
    names = blocks["facilities"]["name"]
    for place, label in zip(row, card.results["facility"], strict=True):
        if pd.isna(label):
            assert place == -1
        else:
            own = card.facilities.loc[label, "name"]
            assert names[place] == (own if isinstance(own, str) else "")


def test_facilities_without_an_item_are_left_out_and_counted(html):
    blocks = blocks_of(html)
    about = blocks["card"]["about"]
    assert (about["facilities_shown"], about["facilities_given"]) == (4, 5)
    assert "无关" not in blocks["facilities"]["name"]


def test_notes_of_the_readers_are_in_both_languages():
    city = worlds.helsinki()
    card = qh.assess(city.areas, city.facilities, city.streets, qh.Checklist.load("beijing-2011"))
    notes = blocks_of(webmap.map_html(card, isochrones=False))["card"]["about"]["notes"]
    assert len(notes["zh"]) == len(notes["en"]) > 3
    assert "areas: Residential areas with an open outline, left out: 1." in notes["en"]
    assert "社区：1 个居住区轮廓不闭合，未计入。" in notes["zh"]


def test_a_facility_of_two_items_has_both(html):
    blocks = blocks_of(html)
    far = blocks["facilities"]["name"].index("远处")
    first = sum(blocks["facilities"]["count"][:far])
    keys = [item["key"] for item in blocks["card"]["checklist"]["items"]]
    mine = blocks["facilities"]["item"][first : first + blocks["facilities"]["count"][far]]
    assert {"food_market", "laundry"} <= {keys[k] for k in mine}


def test_outlines_come_back_where_they_were(card, html):
    block = blocks_of(html)["card"]["areas"]["shapes"]
    assert block["parts"] == [1, 1, 0]
    assert block["rings"] == [1, 2]
    lonlat = shapely.points(
        numbers(block, "lon", block["degree"]), numbers(block, "lat", block["degree"])
    )
    back = gpd.GeoSeries(lonlat, crs=4326).to_crs(worlds.CRS)
    outline = card.areas.geometry.iloc[0].boundary
    assert back.iloc[: block["points"][0]].distance(outline).max() < DEGREE_M


def test_streets_keep_their_seconds(card):
    network = card.network
    seconds = qh.ADULT(network)
    seconds[3] = [np.inf, 80.0]
    block = map_streets.pack_streets(network, seconds, np.arange(network.n_edges))
    ahead = np.array(block["ahead"])
    back = ahead + np.array(block["back"])
    assert ahead[3] == -1
    assert back[3] == 80 * map_streets.SECOND
    others = np.arange(len(ahead)) != 3
    assert np.allclose(ahead[others] / map_streets.SECOND, seconds[others, 0], atol=0.026)
    u = np.cumsum(block["u"])
    assert len(np.unique(np.concatenate([u, u + block["v"]]))) == network.n_nodes


def test_edges_far_from_the_areas_are_left_out():
    network = worlds.network_of([(0, 0), (100, 0)], [(100, 0), (9000, 0)], [(9000, 0), (9100, 0)])
    areas = np.array([shapely.box(0, 10, 50, 60)], dtype=object)
    assert map_streets.edges_near(network, areas, 1125.0).tolist() == [0, 1]


def test_homes_are_where_their_walks_begin(card):
    walk = map_data.Walk((5.0, 10.0, 15.0), qh.ADULT)
    blocks = map_data.page_blocks(card, walk, isochrones=True)
    assert blocks["card"]["walk"]["isochrone_error_m"] == ERROR_M["fast"]
    starts = start_positions(card.origins, card.network)
    areas = card.areas.index.get_indexer(card.origins["area"])[starts.row]
    told = blocks["starts"]
    here = {*zip(areas.tolist(), starts.edge.tolist(), strict=True)}
    assert {*zip(np.cumsum(told["of"]), np.cumsum(told["edge"]), strict=True)} == here
    assert max(told["leg_dm"]) == round(10 * starts.leg_m.max())


def test_without_isochrones_no_starts_are_written(card):
    assert "starts" not in blocks_of(webmap.map_html(card, isochrones=False))


def test_scripts_of_the_page_share_no_name():
    named: dict[str, str] = {}
    for script in webmap.SCRIPTS:
        text = (webmap.TEMPLATES / script).read_text(encoding="utf-8")
        for name in re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", text, re.M):
            assert named.setdefault(name, script) == script, name


def test_names_cannot_leave_their_place():
    page = webmap.map_html(
        card_of(area=NASTY, facility=NASTY), title=f"{NASTY} {{{{css}}}}", isochrones=False
    )
    assert NASTY not in page
    assert "<script>alert" not in page
    known = blocks_of(page)
    assert known["card"]["areas"]["name"][0] == NASTY
    assert known["facilities"]["name"][0] == NASTY
    assert "{{css}}</title>" in page


def test_scripts_cannot_end_early():
    assert webmap.inline("a='</script>';b='<!--'") == r"a='<\/script>';b='<\!--'"


def test_the_same_card_gives_the_same_file(card, html):
    assert webmap.map_html(card) == html


def test_the_page_begins_in_the_language_asked_for(card):
    page = webmap.map_html(card, lang="en", isochrones=False)
    assert '<html lang="en">' in page
    assert blocks_of(page)["card"]["page"]["lang"] == "en"


@pytest.mark.parametrize(
    ("choice", "word"),
    [({"lang": "fr"}, "'zh' or 'en'"), ({"minutes": ()}, "minutes"), ({"minutes": (0, 5)}, "min")],
)
def test_strange_choices_are_refused(card, choice, word):
    with pytest.raises(InputError, match=word):
        webmap.map_html(card, **choice)


def test_the_pace_is_that_of_the_card(card):
    assert map_data.pace_of(card, None) == qh.ADULT
    with pytest.raises(InputError, match="was made with"):
        map_data.pace_of(card, qh.Profile("runner", 3.0))


@pytest.mark.parametrize("walker", ["elderly", "child", "wheelchair", "stroller"])
def test_the_map_walks_as_the_scorecard_does(card, walker):
    page = blocks_of(webmap.map_html(card.again(pace=walker), isochrones=False))
    seconds = np.array(page["streets"]["ahead"]) / map_streets.SECOND
    walked = qh.profile(walker)(card.network)[:, 0]
    assert np.allclose(seconds[seconds >= 0], walked[np.isfinite(walked)], atol=0.03)
    told = page["card"]["about"]["pace"]
    assert f"{qh.profile(walker).speed_m_s:.2f} m/s" in told["en"]
    assert told == {lang: walker_words(qh.profile(walker), lang) for lang in ("zh", "en")}
    assert card.again(pace=walker).explore(isochrones=False).html


def test_a_pace_of_ones_own_is_the_scorecards_too(card):
    def crawl(network):
        return qh.ADULT(network) * 2

    slow = card.again(pace=crawl)
    for given in (None, crawl):
        page = webmap.map_html(slow, pace=given, isochrones=False)
        seconds = np.array(blocks_of(page)["streets"]["ahead"]) / map_streets.SECOND
        assert np.allclose(seconds, crawl(card.network)[:, 0], atol=0.03)
    by_hand = replace(slow, question=None)
    with pytest.raises(InputError, match="pass the same one"):
        webmap.map_html(by_hand)


def test_without_the_library_the_error_says_what_to_install(card, monkeypatch):
    monkeypatch.setattr(webmap, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"quarterhour\[map\]"):
        webmap.map_html(card)


def test_the_folder_is_made_or_the_fault_is_said(card, tmp_path):
    path = tmp_path / "new" / "map.html"
    webmap.write_map(card, path, isochrones=False)
    with pytest.raises(OutputError, match="Cannot make the folder"):
        webmap.write_map(card, path / "map.html", isochrones=False)


def test_both_languages_have_the_same_words():
    text = (webmap.TEMPLATES / "words.js").read_text(encoding="utf-8")
    chinese, _, english = re.sub("'[^']*'", "''", text).partition("\n  en: {")
    keys = [set(re.findall(r"(?<=[{,\s])(\w+): ['{]", part)) for part in (chinese, english)]
    assert len(keys[0]) > 90
    assert keys[0] - {"zh"} == keys[1]
    panel = [map_words(lang) for lang in LANGS]
    assert panel[0].keys() == panel[1].keys()
    for name in ("why_not", "walker"):
        assert panel[0][name].keys() == panel[1][name].keys()


def test_every_word_that_is_asked_for_is_there():
    words = (webmap.TEMPLATES / "words.js").read_text(encoding="utf-8")
    known = {*re.findall(r"(\w+): ['{]", words), *SHOWN, "reason", *map_words("en")}
    scripts = [webmap.TEMPLATES / name for name in webmap.SCRIPTS if name != "words.js"]
    asked = {
        word
        for path in scripts
        for word in re.findall(r"say\('(\w+)'", path.read_text(encoding="utf-8"))
    }
    page = (webmap.TEMPLATES / "map.html").read_text(encoding="utf-8")
    asked |= set(re.findall(r'data-(?:word|label)="(\w+)"', page))
    assert len(asked) > 60
    assert asked <= known


def test_own_ids_and_columns_are_on_the_panel():
    network = worlds.grid_world(12, 100.0)
    areas = worlds.squares(
        (150, 150),
        (850, 850),
        index=["A7", "B2"],
        name=["甲", "乙"],
        户数=[120, 340],
        物业=["好", None],
    )
    shops = worlds.points(
        (150, 100), index=["s9"], name=["药店"], amenity=["pharmacy"], 店长=["李"]
    )
    card = qh.assess(areas, shops, network, qh.Checklist.load("beijing-2011"))
    blocks = blocks_of(webmap.map_html(card, isochrones=False))
    told = blocks["card"]["areas"]
    assert told["label"] == ["A7", "B2"]
    assert told["own"] == {"户数": {"0": "120", "1": "340"}, "物业": {"0": "好"}}
    place = blocks["facilities"]
    assert place["label"] == ["s9"]
    assert place["own"]["店长"] == {"0": "李"}


def test_the_page_says_who_and_what_is_left_out(card, html):
    told = blocks_of(html)["card"]["about"]["left_out"]
    for lang in ("zh", "en"):
        assert told[lang] == left_out_text(card.left_out, lang)
    assert any("facilities" in line for line in told["en"])


def test_observed_and_implied_are_two_numbers_on_the_page():
    town = worlds.new_town()
    areas = blocks_of(webmap.map_html(town, isochrones=False))["card"]["areas"]
    summary = town.summary()
    down = np.floor(summary["items_observed_share"] * 1000 + 1e-6)  # 100% means all
    assert areas["items_observed_share"] == down.tolist()
    assert len(areas["by_group_observed"]) == len(areas["by_group"]) == len(town.checklist.groups)


def test_a_plan_brings_its_own_results_and_names_what_is_new(card):
    new = qh.AddFacility((300.0, 300.0), "pharmacy", "新药店", crs=worlds.CRS)
    plan = qh.compare(card, qh.scenario(card, new))
    page = blocks_of(webmap.map_html(card, isochrones=False, plans={"药店": plan}))
    (block,) = page["plans"]
    assert block["title"]["zh"] == "方案 1：药店"
    assert block["points"]["n"] == [1]
    after = block["after"]["results"]
    shown = [after["statuses"][code] for code in after["status"]]
    assert shown == shown_status(plan.after.results).tolist()
    mine = plan.after.results["facility"] == "new/pharmacy/1"
    assert {k for k, name in block["after"]["names"].items() if name == "新药店"} == {
        str(k) for k in np.flatnonzero(mine)
    }
    assert "plans" not in blocks_of(webmap.map_html(card, isochrones=False))


def test_rooms_are_numbered_where_they_are_and_say_what_they_serve(card):
    spots = worlds.points((10.0, 10.0), (300.0, 300.0), index=["one", "two"])
    keys = list(card.checklist.keys())[:2]
    plan = qh.site_rooms(card, keys, k=1, candidates=spots)
    page = blocks_of(webmap.map_html(card, isochrones=False, plans=[plan]))
    (block,) = page["plans"]
    assert block["points"]["n"] == [1]
    chosen = plan.rooms.to_crs(4326).geometry.iloc[0]
    assert block["points"]["lon"] == pytest.approx([chosen.x], abs=1e-6)
    assert block["points"]["lat"] == pytest.approx([chosen.y], abs=1e-6)
    for lang in ("zh", "en"):
        (told,) = block["items"][lang]
        for key in plan.rooms["serves"].iloc[0].split("|"):
            assert item_names(card, lang)[key] in told
        assert len(block["told"][lang]) == 2 + len(keys)


def test_whose_data_these_are_is_said_in_both_languages():
    about = blocks_of(webmap.map_html(worlds.new_town(), isochrones=False))["card"]["about"]
    assert "合成数据" in about["credit_html"]["zh"]
    assert "synthetic data" in about["credit_html"]["en"]
    assert "synthetic" not in about["credit_html"]["zh"]


def test_results_of_other_areas_cannot_be_switched(card):
    fewer = card.again(areas=card.areas.iloc[:2], origins=None)
    page = blocks_of(webmap.map_html(card, isochrones=False, plans=[qh.compare(card, fewer)]))
    assert page["plans"][0]["after"] is None


def test_a_plan_of_another_scorecard_is_refused(card):
    fewer = card.again(areas=card.areas.iloc[:2], origins=None)
    with pytest.raises(InputError, match="another scorecard"):
        webmap.map_html(card, isochrones=False, plans=[qh.compare(fewer, fewer)])


def test_tianditu_is_asked_with_the_users_own_key(card):
    page = webmap.map_html(card, tiles=webmap.tianditu("0a1b2c"), isochrones=False)
    url, told, names = blocks_of(page)["card"]["page"]["tiles"]
    assert "LAYER=vec" in url
    assert "LAYER=cva" in names  # the streets come without their names
    for one in (url, names):
        assert "tk=0a1b2c" in one
        assert all(part in one for part in ("{z}", "{x}", "{y}"))
    assert "LAYER=cia" in str(webmap.tianditu("0a1b2c", "img").names)
    assert "天地图" in told
    assert "https://t0.tianditu.gov.cn" in page
    for key, layer in (("", "vec"), ("a key", "vec"), ("abc", "streets")):
        with pytest.raises(InputError):
            webmap.tianditu(key, layer)


def test_isochrones_are_drawn_as_far_off_the_street_as_asked(card):
    page = webmap.map_html(card, reach_m=40.0)
    assert blocks_of(page)["card"]["walk"]["isochrone_reach_m"] == 40.0
    with pytest.raises(InputError, match="between 1 and 100 m"):
        webmap.map_html(card, reach_m=0.0)


def test_isochrones_are_drawn_as_far_as_homes_are_joined_and_the_page_says_so(card, html):
    walk = blocks_of(html)["card"]["walk"]
    assert walk["isochrone_reach_m"] == walk["snap_limit_m"]
    assert "{reach}" in (webmap.TEMPLATES / "words.js").read_text(encoding="utf-8")
