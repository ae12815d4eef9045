"""Figures of coverage, gaps and isochrones: every number drawn is one that was computed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from shapely import Point, box

import quarterhour as qh
from quarterhour.outputs.figures import fonts
from quarterhour.outputs.figures.paper import Paper, _width_in
from quarterhour.outputs.report.parts import shown_status
from worlds import CRS, grid_world, points

CHINESE = fonts.cjk_family()


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    """Two areas near what there is, one far away; a service station that houses others."""
    areas = gpd.GeoDataFrame(
        {"name": ["East", "West", "Far"], "residents": [100.0, 200.0, 30.0]},
        geometry=[box(0, 0, 100, 100), box(200, 200, 300, 300), box(2000, 2000, 2100, 2100)],
        crs=CRS,
    )
    items = ["food_market", "community_service_station", "pharmacy"]
    facilities = points((200, 0), (210, 0), (0, 900), item=items)
    facilities.attrs["datum"] = areas.attrs["datum"] = "wgs84"
    return qh.assess(areas, facilities, grid_world(21), qh.Checklist.load("beijing-2011"))


@pytest.fixture(scope="module")
def bars(card: qh.Scorecard) -> Figure:
    """The coverage, drawn once for all tests that look at it."""
    return qh.plot_coverage(card, lang="en")


@pytest.fixture(scope="module")
def sheet(card: qh.Scorecard) -> Figure:
    """The gaps, drawn once for all tests that look at them."""
    return qh.plot_gaps(card, lang="en")


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_family", lambda: None)


def cells(figure: Figure) -> dict[str, np.ndarray]:
    """Corners of the filled cells, by the status they are drawn as."""
    found = {}
    for one in figure.axes[0].collections:
        if isinstance(one, PolyCollection) and not one.get_label().startswith("_"):
            found[one.get_label()] = np.array([path.vertices[:4] for path in one.get_paths()])
    return found


def said(figure: Figure) -> list[str]:
    texts = [text.get_text() for text in figure.texts]
    texts += [text.get_text() for axes in figure.axes for text in axes.texts]
    return texts + [text.get_text() for text in figure.legends[0].get_texts()]


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that stand on each other, or stand out of the sheet."""
    figure.canvas.draw()  # a legend is laid out when it is drawn
    renderer = figure.canvas.get_renderer()
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    texts += [*figure.legends[0].get_texts()]
    texts = [text for text in texts if text.get_text().strip()]
    boxes = [text.get_window_extent(renderer) for text in texts]
    full = figure.bbox
    wrong = []
    for i, (one, mine) in enumerate(zip(texts, boxes, strict=True)):
        if mine.x0 < 0 or mine.y0 < 0 or mine.x1 > full.x1 or mine.y1 > full.y1:
            wrong.append((one.get_text(), "the edge of the sheet"))
        wrong += [
            (one.get_text(), other.get_text())
            for other, theirs in zip(texts[:i], boxes[:i], strict=True)
            if min(mine.x1, theirs.x1) - max(mine.x0, theirs.x0) > 1
            and min(mine.y1, theirs.y1) - max(mine.y0, theirs.y0) > 1
        ]
    return wrong


@pytest.mark.parametrize("measure", ["area", "population", "residence"])
def test_the_bars_are_the_coverage(card: qh.Scorecard, measure: str) -> None:
    figure = qh.plot_coverage(card, measure=measure, lang="en")
    table = qh.coverage(card).query("measure == @measure").set_index("item")
    whole = table["denominator"] + table["unknown"]
    drawn = {name: np.ptp(xy[:, :, 0], axis=1).sum() for name, xy in cells(figure).items()}
    assert drawn["met"] == pytest.approx((table["observed"] / whole).sum())
    assert drawn["implied"] == pytest.approx((table["implied"] / whole).sum())
    assert drawn["implied"] > 0
    unmet = (table["denominator"] - table["numerator"]) / whole
    assert drawn["unmet"] == pytest.approx(unmet.sum())
    assert drawn["unknown"] == pytest.approx((table["unknown"] / whole).sum())
    assert sum(drawn.values()) == pytest.approx(len(card.checklist))


def test_items_stand_in_the_order_of_the_checklist_under_their_groups(
    bars: Figure, sheet: Figure
) -> None:
    for figure in (bars, sheet):
        at = {text.get_text(): text.get_position()[1] for text in figure.axes[0].texts}
        rows = [at[name] for name in ("food (wet) market", "public toilet", "pharmacy")]
        assert rows == sorted(rows)
        assert at["four grounds"] < at["food (wet) market"] < at["five rooms"]


def test_unknown_has_a_pattern_and_a_number_of_its_own(card: qh.Scorecard, bars: Figure) -> None:
    figure = bars
    hatches = {
        one.get_label(): one.get_hatch()
        for one in figure.axes[0].collections
        if not one.get_label().startswith("_")
    }
    assert len(set(hatches.values())) == len(hatches) == 4
    row = qh.coverage(card).query("measure == 'area' and item == 'citizen_school'").iloc[0]
    assert row["unknown"] > 0
    near = f"({row['observed']:.0f} + {row['implied']:.0f})"
    told = f"{near}/{row['denominator']:.0f} +{row['unknown']:.0f}?"
    assert told in said(figure)
    assert any("Unknown is not missing" in text for text in said(figure))


def test_a_cell_is_drawn_for_every_area_and_item(card: qh.Scorecard, sheet: Figure) -> None:
    figure = sheet
    counts = shown_status(card.results).value_counts()
    assert {name: len(xy) for name, xy in cells(figure).items()} == {
        name: counts.get(name, 0) for name in ("met", "implied", "unmet", "unknown")
    }
    assert counts["implied"] > 0
    far = card.results.query("item == 'pharmacy' and status == 'unmet'").iloc[0]
    beyond = "✗" if np.isnan(far["median_minutes"]) else f"{np.ceil(far['median_minutes']):.0f}"
    assert beyond in said(figure)


def test_those_that_miss_most_stand_first_and_the_rest_is_counted(card: qh.Scorecard) -> None:
    summary = card.summary().sort_values(["unmet", "residents"], ascending=False, kind="stable")
    figure = qh.plot_gaps(card, at_most=2, lang="en")
    at = {text.get_text().split("  ")[0]: text.get_position()[0] for text in figure.axes[0].texts}
    first, second, left_out = summary["name"]
    assert at[first] < at[second]
    assert left_out not in at
    assert any("the 2 areas of 3" in text for text in said(figure))


def test_nothing_stands_on_anything_else(card: qh.Scorecard, bars: Figure, sheet: Figure) -> None:
    figures = [bars, qh.plot_coverage(card, measure="population", lang="en")]
    figures += [sheet, qh.plot_gaps(card, at_most=1, lang="en")]
    if CHINESE:
        figures += [qh.plot_coverage(card, lang="zh"), qh.plot_gaps(card, lang="zh")]
    assert [overlaps(figure) for figure in figures] == [[] for _ in figures]


def test_what_cannot_be_drawn_is_said(card: qh.Scorecard) -> None:
    with pytest.raises(qh.QuarterhourError, match="measure='people'"):
        qh.plot_coverage(card, measure="people", lang="en")
    with pytest.raises(qh.QuarterhourError, match="at_most=0"):
        qh.plot_gaps(card, at_most=0, lang="en")
    with pytest.raises(qh.QuarterhourError, match="lang='fr'"):
        qh.plot_gaps(card, lang="fr")


def test_residents_that_nobody_counted_have_no_bar() -> None:
    areas = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=CRS)
    facilities = points((200, 0), item=["food_market"])
    card = qh.assess(areas, facilities, grid_world(), qh.Checklist.load("beijing-2011"))
    with pytest.raises(qh.QuarterhourError, match="number of residents"):
        qh.plot_coverage(card, measure="population", lang="en")


@pytest.mark.skipif(CHINESE is None, reason="no font with Chinese characters is installed")
def test_a_chinese_figure_speaks_chinese(card: qh.Scorecard) -> None:
    words = said(qh.plot_coverage(card, lang="zh")) + said(qh.plot_gaps(card, lang="zh"))
    assert {"菜市场", "四场", "未达标", "未知"} <= set(words)
    assert "food (wet) market" not in words


def test_without_a_font_a_chinese_figure_is_english(
    card: qh.Scorecard, no_chinese_font: None
) -> None:
    with pytest.warns(qh.QuarterhourWarning, match="fonts-noto-cjk"):
        words = said(qh.plot_coverage(card, lang="zh"))
    assert "food (wet) market" in words
    assert all(ord(character) < 0x2E80 for text in words for character in text)


@pytest.fixture(scope="module")
def rings() -> gpd.GeoDataFrame:
    homes = points((500, 500), (700, 500))
    paces = [qh.profile("adult"), qh.profile("elderly")]
    return qh.isochrones(homes, grid_world(), minutes=(2, 4), pace=paces)


def test_bands_are_those_of_all_places_together(rings: gpd.GeoDataFrame) -> None:
    adult = rings[rings["pace"] == rings["pace"].iloc[0]]
    figure = qh.plot_isochrones(adult, grid_world(), lang="en")
    drawn = [p for p in figure.axes[1].patches if isinstance(p, PathPatch) and p.get_fill()]
    assert len(drawn) == 2
    assert [patch.get_zorder() for patch in drawn] == sorted(p.get_zorder() for p in drawn)
    assert len({patch.get_linestyle() for patch in drawn}) == 2, "not by colour alone"
    for patch, minutes in zip(drawn, (4, 2), strict=True):
        whole = adult.geometry[adult["minutes"] == minutes].union_all()
        x0, y0, x1, y1 = patch.get_path().get_extents().extents
        assert (x0, y0, x1, y1) == pytest.approx(whole.bounds)
        assert f"{minutes} min: {whole.area / 1e6:.2f} km²" in "".join(said(figure))


def test_a_panel_for_each_pace_on_the_same_ground(rings: gpd.GeoDataFrame) -> None:
    figure = qh.plot_isochrones(rings, grid_world(), places=points((500, 500)), lang="en")
    panels = figure.axes[1:]
    assert len(panels) == 2
    assert len({(*axes.get_xlim(), *axes.get_ylim()) for axes in panels}) == 1
    assert any(text.startswith("older person, 0.90 m/s") for text in said(figure))
    assert overlaps(figure) == []


def test_the_edge_of_the_data_is_told_where_it_cuts() -> None:
    homes, network = points((50, 50), (500, 500)), grid_world()
    for one, cut in ((homes.iloc[[0]], True), (homes.iloc[[1]], False)):
        rings = qh.isochrones(one, network, minutes=(2, 4), method="fast")
        assert ("edge of the data" in said(qh.plot_isochrones(rings, network, lang="en"))) is cut


def test_streets_are_attributed_unless_said_otherwise(rings: gpd.GeoDataFrame) -> None:
    network = grid_world()
    assert not any(
        "OpenStreetMap" in text for text in said(qh.plot_isochrones(rings, network, lang="en"))
    )
    told = said(qh.plot_isochrones(rings, network, attribution="synthetic data", lang="en"))
    assert any("synthetic data" in text for text in told)


def test_isochrones_that_fit_no_sheet_are_refused(rings: gpd.GeoDataFrame) -> None:
    many = qh.isochrones(points((500, 500)), grid_world(), minutes=range(1, 8), method="fast")
    with pytest.raises(qh.QuarterhourError, match="7 limits"):
        qh.plot_isochrones(many, grid_world(), lang="en")
    with pytest.raises(qh.QuarterhourError, match="empty"):
        qh.plot_isochrones(rings.iloc[:0], grid_world(), lang="en")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_ending_chooses_the_format(
    rings: gpd.GeoDataFrame, card: qh.Scorecard, ending: str, tmp_path: Path
) -> None:
    qh.plot_isochrones(rings, grid_world(), tmp_path / f"rings.{ending}", lang="en")
    if ending == "png":
        qh.plot_coverage(card, tmp_path / f"coverage.{ending}", lang="en")
        qh.plot_gaps(card, tmp_path / f"gaps.{ending}", lang="en")
    starts = {path.read_bytes()[:5] for path in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) == (3 if ending == "png" else 1)
    expected = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending]
    assert all(start.startswith(expected) for start in starts)


def test_widths_are_measured() -> None:
    narrow = _width_in("food", ("DejaVu Sans",), 8, bold=False)
    assert 0 < narrow < _width_in("food market", ("DejaVu Sans",), 8, bold=False) < 1


def test_both_languages_have_the_same_words() -> None:
    english, chinese = (Paper(lang, ()).words for lang in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", chinese[key])), key


def test_a_notebook_shows_every_figure_without_pyplot(
    card: qh.Scorecard, rings: gpd.GeoDataFrame
) -> None:
    figures = [
        qh.plot_coverage(card, lang="en"),
        qh.plot_gaps(card, lang="en"),
        qh.plot_isochrones(rings, grid_world(), lang="en"),
    ]
    for figure in [*figures, qh.plot_items_met(card, lang="en")]:
        assert figure._repr_png_().startswith(b"\x89PNG")


def test_without_a_font_an_area_is_called_by_its_number_in_the_table(
    card: qh.Scorecard, no_chinese_font: None
) -> None:
    named = card.areas.assign(name=["东里", "West", "远村"])
    with pytest.warns(qh.QuarterhourWarning, match="numbers"):
        words = said(qh.plot_gaps(replace(card, areas=named), lang="en"))
    heads = {word.split("  ")[0] for word in words}
    assert {"#1", "West", "#3"} <= heads
