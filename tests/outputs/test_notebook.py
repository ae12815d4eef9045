"""What a notebook shows: the numbers with their unknowns, names escaped, signs beside colours."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

import quarterhour as qh
from quarterhour.outputs.looks import SHOWN, shown_status
from quarterhour.outputs.map.page import map_html
from quarterhour.outputs.notebook import THUMBNAIL_LINES, MapFrame, _row
from worlds import CRS, grid_world, helsinki, points

HOSTILE = '<script>alert("x")</script>&amp;"</iframe>'


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    """Nine areas with names from hostile data; one item met, one not, one unknown."""
    spots = [Point(100 * i, 100 * i) for i in range(8)] + [Point(1000, 1000)]
    names = [HOSTILE, None, *(f"area {i}" for i in range(7))]
    areas = gpd.GeoDataFrame({"name": names, "residents": 50.0}, geometry=spots, crs=CRS)
    facilities = points((0, 0), (10, 0), item=["food_market", "pharmacy"])
    facilities.attrs["datum"] = areas.attrs["datum"] = "wgs84"
    return qh.assess(areas, facilities, grid_world(), qh.Checklist.load("beijing-2011"))


class Page(HTMLParser):
    """Collects the text, the tags and the attributes; complains about tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert self.tags == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_scorecard_shows_its_counts_with_sign_and_word(card: qh.Scorecard) -> None:
    page = Page(card._repr_html_())
    counts = shown_status(card.results).value_counts().reindex(SHOWN, fill_value=0)
    text = " ".join(page.text)
    assert f"✓ {counts['met']} met" in text
    assert f"✗ {counts['unmet']} unmet" in text
    assert f"? {counts['unknown']} unknown" in text
    assert "adult, 1.25 m/s" in text
    assert "Unknown is not missing" in text
    for group in card.checklist.groups:
        assert f"{group.zh} {group.en}" in text
    bar = next(attrs for _, attrs in page.attributes if attrs.get("role") == "img")
    assert bar["aria-label"] == (
        f"{counts['met']} met, {counts['implied']} met (implied), {counts['unmet']} unmet, "
        f"{counts['unknown']} unknown"
    )


def test_those_that_miss_most_come_first_and_the_rest_is_counted(card: qh.Scorecard) -> None:
    text = Page(card._repr_html_()).text
    worst = card.summary().sort_values(["unmet", "residents"], ascending=False, kind="stable")
    first = worst["name"].iloc[0]
    assert text.index(first) < text.index(worst["name"].iloc[7])
    assert "and 1 more areas: summary()" in text


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert _row("a", {"met": 999, "implied": 0, "unmet": 1, "unknown": 0})[-1] == "99.9%"
    assert _row("a", {"met": 9, "implied": 0, "unmet": 0, "unknown": 3})[-1] == "100%"
    assert _row("a", {"met": 0, "implied": 0, "unmet": 0, "unknown": 3})[-1] == "nothing known"
    both = {"met": 5, "implied": 3, "unmet": 2, "unknown": 0}
    assert _row("a", both)[-1] == "50.0% + 30.0%", "observed and implied, never added silently"


def test_names_from_data_are_text_and_nothing_else(card: qh.Scorecard) -> None:
    checklist = replace(card.checklist, zh=HOSTILE, citation=HOSTILE, missing=HOSTILE)
    checklist = checklist.override({"pharmacy": {"zh": HOSTILE, "en": HOSTILE}})
    network = replace(card.network, metadata={"source": HOSTILE})
    shown = (replace(card, checklist=checklist), checklist, network)
    for noun in shown:
        html = noun._repr_html_()
        page = Page(html)
        assert {tag for tag, _ in page.attributes}.isdisjoint({"script", "iframe", "link", "img"})
        assert HOSTILE in "".join(page.text)
    assert "http" not in re.sub(r"<svg.*?</svg>", "", card._repr_html_())


@pytest.mark.filterwarnings("ignore:Checklist mofcom-2021 is unverified")
def test_a_checklist_shows_every_line_and_how_far_to_trust_it() -> None:
    annex = qh.Checklist.load("beijing-2011")
    page = Page(annex.override({"pharmacy": {"limit_m": 500.0}})._repr_html_())
    text = page.text
    places = [text.index(item.zh) for item in annex]
    assert places == sorted(places)
    assert "500 m" in text
    assert text.count("✓ verified") == len(annex) + 1
    doubtful = qh.Checklist.load("mofcom-2021")
    shown = Page(doubtful._repr_html_()).text
    assert shown.count("? unverified") == 1 + sum(i.status == "unverified" for i in doubtful)
    assert f"Missing: {doubtful.missing}" in shown


def test_what_was_left_out_of_a_checklist_is_told() -> None:
    current = qh.Checklist.load("beijing-2011-current")
    assert current.removed
    text = "".join(Page(current._repr_html_()).text)
    assert all(f"{key} ({why})" in text for key, why in current.removed)


def test_a_network_shows_its_size_and_its_shape() -> None:
    streets = helsinki().streets
    html = streets._repr_html_()
    page = Page(html)
    text = " ".join(page.text)
    assert f"{streets.n_edges:,} between {streets.n_nodes:,} nodes" in text
    assert f"{streets.edge_length_m.sum() / 1000:,.1f} km" in text
    assert "helsinki.osm.pbf" in text
    path = next(attrs["d"] for tag, attrs in page.attributes if tag == "path")
    assert path is not None
    assert 200 < path.count("M") <= THUMBNAIL_LINES
    assert len(html) < 40_000


def test_walking_times_show_who_reaches_nothing_and_who_was_lost() -> None:
    homes = points((0, 0), (900, 900), (5000, 5000))
    times = qh.travel_times(homes, points((100, 0)), grid_world(), minutes=5)
    rows = " ".join(Page(times._repr_html_()).text)
    assert "1 within 5 min; adult" in rows
    assert "3: 1 with at least one pair, 1 with none, 1 not snapped to a street" in rows
    assert "1.4 to 1.4, median 1.4" in rows  # 80 s, up
    none = qh.travel_times(homes.iloc[[1]], points((100, 0)), grid_world(), minutes=5)
    assert "1: 0 with at least one pair, 1 with none" in " ".join(Page(none._repr_html_()).text)


def test_a_city_shows_what_it_holds_and_what_its_reader_says() -> None:
    city = helsinki()
    text = Page(replace(city, notes=(*city.notes, HOSTILE))._repr_html_()).text
    assert f"{len(city.facilities):,}" in text
    assert f"{len(city.notes) + 1} notes of the reader" in text
    assert HOSTILE in "".join(text)


def test_a_notebook_need_not_load_matplotlib_to_show_a_checklist() -> None:
    code = "import sys, quarterhour as qh; qh.Checklist.load('beijing-2011')._repr_html_()"
    code += "; print('matplotlib' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "False"


def test_explore_shows_the_page_that_write_map_writes(card: qh.Scorecard, tmp_path: Path) -> None:
    pytest.importorskip("maplibre", reason="the extra `map` is not installed")
    frame = card.explore(lang="en", isochrones=False, height_px=400)
    whole = map_html(card, lang="en", isochrones=False, tiles=None)
    assert frame.html == whole
    ((tag, attrs),) = Page(frame._repr_html_()).attributes
    assert tag == "iframe"
    assert attrs["srcdoc"] == whole, "nothing is lost on the way into the frame"
    assert attrs["sandbox"] == "allow-scripts allow-downloads", "no way out into the notebook"
    assert "height:400px" in str(attrs["style"])
    assert frame.save(tmp_path / "map.html").read_text(encoding="utf-8") == whole
    assert (
        qh.write_map(
            card, tmp_path / "same.html", lang="en", isochrones=False, tiles=None
        ).read_bytes()
        == (tmp_path / "map.html").read_bytes()
    )
    assert len(repr(frame)) < 100


def test_a_frame_escapes_what_it_holds() -> None:
    ((_, attrs),) = Page(MapFrame(HOSTILE)._repr_html_()).attributes
    assert attrs["srcdoc"] == HOSTILE


def test_what_explore_does_not_know_is_said(card: qh.Scorecard) -> None:
    with pytest.raises(qh.QuarterhourError, match="lang='fr'"):
        card.explore(lang="fr")
