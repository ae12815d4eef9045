"""The report and the cards: their numbers are the scorecard's, and no host is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import quarterhour as qh
import worlds
from quarterhour.errors import InputError, OutputError
from quarterhour.outputs.looks import SHOWN, rests_on_hosts
from quarterhour.outputs.methods_text import methods_text
from quarterhour.outputs.report.cards import write_cards
from quarterhour.outputs.report.drawing import area_numbers, map_svg
from quarterhour.outputs.report.parts import bar, counts_by
from quarterhour.outputs.report.report import languages, report_html, write_report
from quarterhour.outputs.report.sections import SECTIONS
from quarterhour.outputs.words import LANGS, both, percent, phrases, say
from quarterhour.scoring.directory import service_directory
from quarterhour.scoring.gaps import gaps
from quarterhour.scoring.scorecard import REASONS

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "data" / "samples"
VOID = {"meta", "input", "br", "link", "img"}


@cache
def town() -> qh.Scorecard:
    return worlds.new_town()


@cache
def helsinki() -> qh.Scorecard:
    city = qh.read_osm(SAMPLES / "helsinki.osm.pbf")
    checklist = qh.Checklist.load("beijing-2011")
    homes = qh.origins(city.areas, city.buildings, city.gates)
    return qh.assess(city.areas, city.facilities, city.streets, checklist, origins=homes)


@cache
def page_of(card: Callable[[], qh.Scorecard], lang: str) -> str:
    """The whole report, made once for all tests that read it."""
    return report_html(card(), lang=lang)


class _Page(HTMLParser):
    """Sees that every element is closed where it should be, and collects text and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [str(v) for k, v in attrs if k in ("src", "href", "action", "xlink:href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


def parsed(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    assert page.open == []
    return page


def words(html: str) -> str:
    return " ".join(" ".join(parsed(html).text).split())


@pytest.mark.parametrize(
    ("card", "lang"),
    [
        (town, "zh"),
        (town, "en"),
        (helsinki, "both"),
        *(
            pytest.param(*one, marks=pytest.mark.long)
            for one in ((town, "both"), (helsinki, "zh"), (helsinki, "en"))
        ),
    ],
)
def test_the_page_is_well_formed_and_asks_no_host(card, lang) -> None:
    html = page_of(card, lang)
    page = parsed(html)
    assert all(address.startswith("#") for address in page.addresses), page.addresses
    assert "default-src 'none'" in html.replace("&#x27;", "'")
    assert not re.search(r"url\((?!#)", html)
    assert "@import" not in html
    assert page.tags.count("script") == 1, "the manifest, which is no program"
    assert page.tags.count("main") == 1
    assert html.count('<div class="text ') == len(languages(lang))
    assert page.tags.count("section") == len(SECTIONS) * len(languages(lang))


def test_the_headline_says_numerator_denominator_and_unknown() -> None:
    whole = qh.coverage(town()).query("measure == 'item'").iloc[0]
    text = words(page_of(town, "en"))
    assert f"{both(whole['share'], whole['share_observed'])} of what is known" in text
    implied = (town().to_frame()["reason"] == "implied_by_host").sum()
    observed = whole["numerator"] - implied
    known = whole["denominator"]
    assert f"{observed:.0f} + {implied} of {known:.0f} area–item pairs" in text
    assert f"{observed:.0f} met by facilities that the data show, {implied} more only" in text
    assert f" {percent(whole['share'])} " not in text, "no headline adds them silently"
    assert f"{whole['unknown']:.0f} unknown" in text
    least, most = percent(whole["share_at_least"]), percent(whole["share_at_most"], up=True)
    assert f"{least} to {most}" in text


def test_the_items_stand_in_the_order_of_the_annex() -> None:
    html = page_of(town, "zh")
    section = html[html.index('<section class="items">') : html.index('<section class="areas">')]
    text = words(section)
    places = [text.index(group.zh) for group in town().checklist.groups]
    assert places == sorted(places)
    rows = re.findall(r"<td>(\d+)</td><td>([^<]*(?:&lt;[^<]*)?)</td>", section)
    assert [int(number) for number, _ in rows] == list(range(1, 31))
    assert rows[6][1] == "菜市场"


def test_the_gaps_are_all_there_with_the_residents() -> None:
    found = gaps(town())
    html = page_of(town, "en")
    section = html[html.index('<section class="gaps">') : html.index('<section class="quality">')]
    listed = section[section.index('class="byarea') :]
    assert listed.count("#mark-unmet") == len(found)
    first = found.iloc[0]
    assert f"{first['residents_without']:,.0f}" in listed
    assert "no way there" not in listed, "all are too far; only other reasons are told"


def test_long_lists_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quarterhour.outputs.report.sections.GAPS_SHOWN", 5)
    monkeypatch.setattr("quarterhour.outputs.report.sections.GRID_SHOWN", 3)
    text = words(report_html(town(), lang="en"))
    assert f"{len(gaps(town())) - 5} more rows are not shown here" in text
    assert "9 more rows are not shown here" in text


def test_unknown_is_told_apart_from_unmet_by_shape_and_pattern() -> None:
    html = page_of(town, "zh")
    for status in SHOWN:
        assert f'id="mark-{status}"' in html
    assert {"fill-implied", "fill-unmet", "fill-unknown"} <= set(re.findall(r'id="([^"]+)"', html))
    counts = {"met": 1, "implied": 2, "unmet": 3, "unknown": 4}
    drawn = bar(counts, "en")
    widths = [float(w) for w in re.findall(r'width="([\d.]+)%"', drawn)]
    assert widths == [10, 20, 30, 40]
    assert "unknown 4" in drawn
    signs = html[html.index('class="grid"') :]
    signs = signs[: signs.index("</table>")]
    for status, total in counts_by(town(), "area").sum().items():
        assert signs.count(f"#mark-{status}") == total


def test_the_manifest_and_the_citation_travel_with_the_page() -> None:
    html = page_of(helsinki, "both")
    found = re.search(r'<script type="application/json" id="manifest">(.*?)</script>', html, re.S)
    assert found
    manifest = json.loads(found[1])
    digest = helsinki().manifest["inputs"]["network"]["sha256"]
    assert manifest["inputs"]["network"]["sha256"] == digest
    text = words(html)
    assert "© OpenStreetMap contributors" in text
    assert digest[:12] in text
    assert "synthetic" in words(page_of(town, "en"))


def test_the_methods_follow_the_manifest() -> None:
    text = methods_text(helsinki(), "en")
    for said in ("90 residential buildings", "1.25 m/s", " 50% ", "as of 2019-04-21", "100 m"):
        assert said in text
    folder = ROOT / "src"
    assert str(folder) not in page_of(helsinki, "en"), "no paths of this machine"
    chinese = methods_text(town(), "zh")
    assert "388 栋住宅建筑" in chinese
    assert "amap_poi.csv" in chinese


def test_what_rests_on_hosts_and_what_readers_noted_is_told() -> None:
    text = words(page_of(town, "zh"))
    assert "73 个达标结果" in text
    assert "12 个社区中有 12 个经由已知的出入口出入" in text
    assert "3 处设施距任何街道超过 100 米" in text
    assert "No result rests on a host facility" in words(page_of(helsinki, "en"))


def test_areas_near_the_edge_are_listed() -> None:
    near = helsinki().to_frame().query("edge_affected")["area"].nunique()
    html = page_of(helsinki, "en")
    section = html[html.index('<section class="edges">') : html.index('<section class="methods">')]
    assert section.count("<tr>") == near + 1
    assert "No area is near enough" in words(page_of(town, "en"))


def test_a_section_of_ones_own_needs_nothing_else() -> None:
    def mine(card: qh.Scorecard, lang: str) -> str:
        return f"<section><h2>{lang}: {len(card.areas)}</h2></section>"

    text = words(report_html(town(), lang="both", sections=(*SECTIONS[:1], mine)))
    assert "zh: 12" in text
    assert "en: 12" in text
    assert "methods" not in text


def test_names_from_tables_cannot_break_the_page() -> None:
    card = town()
    areas = card.areas.copy()
    areas["name"] = "</script><b onclick=x>\"'&"
    evil = replace(card, areas=areas)
    html = report_html(evil, lang="en", title="<i>title</i>")
    assert "<b onclick" not in html
    assert "<i>title" not in html
    parsed(html)


def test_both_languages_have_the_same_phrases() -> None:
    assert set(phrases()["zh"]) == set(phrases()["en"])
    for key, text in phrases()["zh"].items():
        places = [set(re.findall(r"\{(\w+)\}", t)) for t in (text, phrases()["en"][key])]
        assert places[0] == places[1], key
    for lang in LANGS:
        for reason in REASONS:
            assert say(lang, reason)


def test_the_map_has_every_area_and_numbers_them_as_the_tables_do() -> None:
    numbers = area_numbers(town())
    share = town().summary()["items_met_share"]
    assert numbers[share.idxmin()] == 1
    drawn = map_svg(town(), "zh")
    rests = int(rests_on_hosts(town().summary()).sum())
    assert drawn.count("fill-rests") == rests == 11
    assert drawn.count("fill-rule") == len(town().areas) + rests
    shown = [int(n) for n in re.findall(r">(\d+)</text>", drawn)]
    assert sorted(shown) == list(range(1, 13))
    assert "500 米" in drawn


def test_numbers_that_do_not_fit_stand_beside_their_areas() -> None:
    """In a town of small areas every number is there, and none lies over another."""
    card = town()
    small = card.areas.set_geometry(shapely.buffer(shapely.centroid(card.areas.geometry), 1e-5))
    drawn = map_svg(replace(card, areas=small), "en")
    spots = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" fill="[^"]+" stroke="#fff"', drawn)
    assert len(spots) == len(small)
    x, y = np.array(spots, dtype=float).T
    apart = (np.abs(x[:, None] - x) > 10) | (np.abs(y[:, None] - y) > 12)
    assert apart[~np.eye(len(x), dtype=bool)].all()


def test_where_none_was_found_no_nameless_place_is_named() -> None:
    card = town()
    lost = card.results.assign(
        facility=card.results["facility"].mask(card.results["status"] == "unmet", np.nan)
    )
    html = report_html(replace(card, results=lost), lang="en")
    missing = html.partition('<table class="byarea')[2].partition("</table>")[0]
    assert missing.count("<tr>") > 70
    assert "no name" not in missing
    assert missing.count("<td>–</td>") == (lost["status"] == "unmet").sum()


def test_nothing_known_is_hatched_on_the_map() -> None:
    card = town()
    results = card.results.assign(status="unknown", reason="not_assessable")
    blank = replace(card, results=results)
    drawn = map_svg(blank, "en")
    assert drawn.count('fill="url(#fill-nothing)"') == len(card.areas)
    html = report_html(blank, lang="en")
    assert "No gap is known" in words(html)
    assert "nan" not in words(html).lower().replace("finance", "").replace("financial", "").split()


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_report(town(), tmp_path / "report.html", lang="both", title="云河新区")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(OutputError):
        write_report(town(), path / "report.html")
    with pytest.raises(InputError, match="'zh', 'en' or 'both'"):
        write_report(town(), tmp_path / "b.html", lang="fr")  # type: ignore[arg-type]
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


# The directory and the cards


def test_the_directory_has_every_area_and_item_in_order() -> None:
    for card in (town(), helsinki()):
        found = service_directory(card)
        pairs = found[["area", "item"]].drop_duplicates().reset_index(drop=True)
        expected = card.to_frame()[["area", "item"]]
        assert (pairs == expected).all().all()
        assert not found.duplicated(["area", "item", "facility"]).any()
        met = found[found["status"] == "met"]
        walked = met[met["reason"] != "needs_no_walk"]
        assert walked["facility"].notna().all()
        first = walked.drop_duplicates(["area", "item"])
        assert (first["share_within"] > 0).all()


def test_shares_and_minutes_of_the_directory_are_those_of_the_walks() -> None:
    card = town()
    found = service_directory(card)
    one = found[(found["area"] == "c01") & (found["item"] == "food_market")]
    walks = card.times[(card.times["item"] == "food_market") & ~card.times["host"].astype(bool)]
    homes = card.origins[card.origins["area"] == "c01"]
    mine = walks[walks["origin"].isin(homes.index)].set_index("origin")
    share = homes["share"].groupby(mine["facility"].reindex(homes.index)).sum()
    for row in one.itertuples():
        assert row.share == pytest.approx(share[row.facility])
        assert mine["seconds"].min() / 60 <= row.minutes <= mine["seconds"].max() / 60
    assert one["share"].sum() == pytest.approx(1.0)


def test_implied_places_are_named_only_where_the_item_rests_on_them() -> None:
    found = service_directory(town())
    assert (found.loc[found["implied"], "reason"] == "implied_by_host").all()
    assert found["implied"].any()


def test_texts_come_from_the_table() -> None:
    found = service_directory(town()).dropna(subset=["facility"])
    table = town().facilities
    row = found[found["phone"] != ""].iloc[0]
    assert row["phone"] == table.loc[row["facility"], "phone"]
    assert row["address"] in (table.loc[row["facility"], "address"], "")
    assert row["name"] == table.loc[row["facility"], "name"]


def test_each_community_has_a_card(tmp_path: Path) -> None:
    path = write_cards(town(), tmp_path / "cards.html", lang="both")
    html = path.read_text(encoding="utf-8")
    page = parsed(html)
    assert page.addresses
    assert all(address.startswith("#") for address in page.addresses)
    assert html.count('<section class="card"') == 24
    text = words(html)
    for name in town().areas["name"]:
        assert f"{name} · 便民服务卡" in text
    one = write_cards(town(), tmp_path / "one.html", lang="zh", areas=["c04"]).read_text("utf-8")
    assert one.count('<section class="card"') == 1
    with pytest.raises(InputError, match="There is no area"):
        write_cards(town(), tmp_path / "x.html", areas=["nowhere"])


def test_a_card_says_missing_and_leaves_a_blank_for_what_is_unknown(tmp_path: Path) -> None:
    html = write_cards(town(), tmp_path / "one.html", areas=["c01"]).read_text("utf-8")
    mine = town().to_frame().query("area == 'c01'")
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    assert body.count("#mark-unmet") == (mine["status"] == "unmet").sum()
    assert body.count("#mark-unknown") == (mine["status"] == "unknown").sum()
    assert body.count('class="blank"') == (mine["status"] == "unknown").sum()


def test_limits_that_differ_have_a_column() -> None:
    city = qh.read_osm(SAMPLES / "helsinki.osm.pbf")
    changes = {"pharmacy": {"limit_minutes": 10}, "eatery": {"limit_minutes": None, "limit_m": 300}}
    checklist = qh.Checklist.load("beijing-2011").override(changes)
    card = qh.assess(city.areas, city.facilities, city.streets, checklist)
    text = words(report_html(card, lang="en"))
    assert "300 m" in text
    assert "10 min (pharmacy)" in text
    found = service_directory(card)
    eatery = found[(found["item"] == "eatery") & (found["share_within"] > 0)]
    assert (eatery["minutes"] <= 300 / 1.25 / 60 + 1e-9).any()
    assert isinstance(found, pd.DataFrame)
