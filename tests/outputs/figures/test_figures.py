"""The map of completeness: what is drawn, what is written on it, and in which letters."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from shapely import Point, Polygon, box

import quarterhour as qh
from quarterhour.outputs.figures import figures, fonts
from quarterhour.outputs.figures.figures import plot_items_met
from quarterhour.outputs.figures.paper import street_path
from quarterhour.outputs.looks import CLASS_FACES, CLASSES
from quarterhour.outputs.words import full_width
from worlds import CRS, grid_world, points

NAMES = ["东里小区", "Länsi", "", "远村"]


@pytest.fixture(scope="module")
def card() -> qh.Scorecard:
    """Four areas on a grid: one complete, one less so, one a point, one too far from any street."""
    far = box(2000, 2000, 2200, 2200)
    holed = Polygon(
        [(50, 50), (350, 50), (350, 350), (50, 350)],
        [[(150, 150), (250, 150), (250, 250), (150, 250)]],
    )
    areas = gpd.GeoDataFrame(
        {"name": NAMES, "name:en": ["East", None, None, None], "residents": [10.0, 20.0, 5.0, 1.0]},
        geometry=[holed, box(650, 650, 950, 950), Point(500, 420), far],
        crs=CRS,
    )
    facilities = points(*((200, 0), (210, 0), (0, 900)), item=["food_market", "pharmacy", "eatery"])
    facilities.attrs["datum"] = areas.attrs["datum"] = "wgs84"
    checklist = qh.Checklist.load("beijing-2011")
    return qh.assess(areas, facilities, grid_world(), checklist)


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_family", lambda: None)
    fonts._say_once.cache_clear()


@pytest.fixture
def some_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any family will do: what is tested is which words are chosen."""
    monkeypatch.setattr(fonts, "cjk_family", lambda: "DejaVu Sans")


@pytest.fixture(scope="module")
def drawn(card: qh.Scorecard) -> Figure:
    """The map of the areas, drawn once for all tests that look at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "cjk_family", lambda: "DejaVu Sans")
        return plot_items_met(card, lang="en")


def said(figure: Figure) -> list[str]:
    texts = [text.get_text() for text in figure.texts]
    texts += [text.get_text() for text in figure.axes[0].texts]
    return texts + [text.get_text() for text in figure.legends[0].get_texts()]


def collections(figure: Figure, kind: type) -> list:
    return [one for one in figure.axes[0].collections if type(one) is kind]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_areas_are_coloured_and_the_unknown_is_hatched(card: qh.Scorecard, drawn: Figure) -> None:
    figure = drawn
    coloured, striped, hatched = collections(figure, PathCollection)
    assert len(striped.get_paths()) == 0, "nothing rests on hosts here"
    completeness = card.summary()["items_met_share"]
    assert completeness.isna().tolist() == [False, False, False, True]
    assert len(coloured.get_paths()) == 3
    assert len(hatched.get_paths()) == 1
    assert hatched.get_hatch() == "////"
    expected = np.minimum(completeness.dropna() * 100, 99.999999)
    assert coloured.get_array().tolist() == pytest.approx(expected.tolist())
    coloured.update_scalarmappable()
    colours = {tuple(colour) for colour in coloured.get_facecolors()}
    assert colours <= {mpl.colors.to_rgba(colour) for colour in CLASS_FACES}


@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_hole_in_an_area_stays_a_hole(card: qh.Scorecard, drawn: Figure) -> None:
    coloured = collections(drawn, PathCollection)[0]
    outline = coloured.get_paths()[0]
    assert len(outline.to_polygons()) == 2


@pytest.mark.filterwarnings("ignore:Glyph")
def test_streets_lie_under_the_areas(card: qh.Scorecard, drawn: Figure) -> None:
    figure = drawn
    streets = [one for one in figure.axes[0].patches if isinstance(one, PathPatch)]
    assert sum(len(one.get_path().to_polygons(closed_only=False)) for one in streets) > 100
    thin, wide = streets
    assert thin.get_linewidth() < wide.get_linewidth()
    areas = collections(figure, PathCollection)[0]
    assert max(one.get_zorder() for one in streets) < areas.get_zorder()


def test_streets_are_drawn_where_they_are(card: qh.Scorecard) -> None:
    network = card.network
    some = np.zeros(network.n_edges, dtype=bool)
    some[[0, 7]] = True
    lines = street_path(network, some).to_polygons(closed_only=False)
    for edge, line in zip((0, 7), lines, strict=True):
        np.testing.assert_array_equal(line, shapely.get_coordinates(network.lines[edge]))


@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_figure_says_what_it_shows(card: qh.Scorecard, drawn: Figure) -> None:
    words = said(drawn)
    text = "\n".join(words)
    assert "4 areas against 30 items: share of items met" in words
    assert card.checklist.en in text
    assert full_width(card.checklist.zh) not in text
    assert full_width(card.checklist.zh) in "\n".join(said(plot_items_met(card, lang="zh")))
    assert "adult, 1.25 m/s (4.50 km/h)" in text
    assert "at least 50%" in text
    assert "N" in words
    assert "nothing known" in words
    assert [w for w in words if w.endswith("%")] == [
        f"{low} to {high}%" for low, high in pairwise(CLASSES)
    ]
    assert any(w in {"200 m", "100 m", "500 m"} for w in words), "a scale bar of round length"


@pytest.mark.filterwarnings("ignore:Glyph")
def test_labels_stay_on_their_areas_and_off_each_other(card: qh.Scorecard, drawn: Figure) -> None:
    figure = drawn
    axes = figure.axes[0]
    renderer = figure.canvas.get_renderer()
    boxes = []
    for label in axes.texts:
        corners = axes.transData.inverted().transform(
            label.get_window_extent(renderer).get_points()
        )
        shape = box(*corners.ravel())
        assert any(area.buffer(1e-6).covers(shape) for area in card.areas.geometry)
        assert not any(shape.intersects(other) for other in boxes)
        boxes.append(shape)
    assert any("15+3/20 +10?" in text for text in said(figure))
    row = card.summary().iloc[1]
    assert f"Länsi\n{row['met']}/{row['met'] + row['unmet']} +{row['unknown']}?" in said(figure)


def test_without_a_chinese_font_areas_get_names_that_can_be_written(
    card: qh.Scorecard, no_chinese_font: None
) -> None:
    with pytest.warns(qh.QuarterhourWarning, match="fonts-noto-cjk") as caught:
        words = fonts.words_for(card.areas, card.checklist)
    assert len(caught) == 1
    again = fonts.words_for(card.areas, card.checklist)  # said once: a warning is an error here
    assert words.names == ("East", "Länsi", "", "#4") == again.names
    assert words.checklist == card.checklist.en
    assert words.note


def test_without_a_chinese_font_the_figure_has_no_chinese(
    card: qh.Scorecard, no_chinese_font: None
) -> None:
    with pytest.warns(qh.QuarterhourWarning):
        words = said(plot_items_met(card, lang="en"))
    assert all(ord(character) < 0x2E80 for text in words for character in text)


def test_nothing_is_said_where_no_chinese_font_is_needed(
    card: qh.Scorecard, no_chinese_font: None
) -> None:
    areas = card.areas.assign(name=["A", "B", None, "D"])
    words = fonts.words_for(areas, card.checklist)
    assert words.names == ("A", "B", "", "D")
    assert words.note == ""


def test_a_font_installed_since_the_list_was_made_is_found_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = mpl.font_manager
    added: list[str] = []
    font = manager.findfont("DejaVu Sans")
    new = tmp_path / "wqy-zenhei.ttc"
    new.write_bytes(Path(font).read_bytes())
    monkeypatch.setattr(fonts, "FAMILIES", ())
    monkeypatch.setattr(manager, "findSystemFonts", lambda: [font, str(new)])
    monkeypatch.setattr(manager.fontManager, "addfont", added.append)
    fonts.cjk_family.cache_clear()
    assert fonts.cjk_family() == "DejaVu Sans"
    assert added == [str(new)]
    monkeypatch.setattr(manager, "findSystemFonts", list)
    fonts.cjk_family.cache_clear()
    assert fonts.cjk_family() is None
    fonts.cjk_family.cache_clear()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_ending_chooses_the_format(
    card: qh.Scorecard, ending: str, tmp_path: Path, some_chinese_font: None
) -> None:
    path = tmp_path / f"map.{ending}"
    plot_items_met(card, path, lang="en")
    start = path.read_bytes()[:200]
    assert {"png": b"PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending] in start
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_folder_is_made_or_the_fault_is_said(
    card: qh.Scorecard, tmp_path: Path, some_chinese_font: None
) -> None:
    path = tmp_path / "new" / "map.png"
    plot_items_met(card, path, lang="en")
    with pytest.raises(qh.QuarterhourError, match="Cannot make the folder"):
        plot_items_met(card, path / "map.png", lang="en")


@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_view_is_neither_a_strip_nor_a_dot(card: qh.Scorecard, some_chinese_font: None) -> None:
    strip = np.array([box(0, 0, 5000, 10)], dtype=object)
    sheet = figures._sheet(strip)
    assert (sheet.east - sheet.west) / (sheet.north - sheet.south) == pytest.approx(1.6)
    dot = figures._sheet(np.array([Point(0, 0)], dtype=object))
    assert dot.east - dot.west == figures.SMALLEST_VIEW_M
    tall = figures._sheet(np.array([box(0, 0, 10, 5000)], dtype=object))
    assert (tall.east - tall.west) / (tall.north - tall.south) == pytest.approx(0.8)


def test_pyplot_is_not_touched() -> None:
    code = """
import sys
import quarterhour.outputs.figures.figures
print("matplotlib.pyplot" in sys.modules)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "False"


def test_labels_that_are_not_there_are_not_explained(card: qh.Scorecard) -> None:
    small = card.areas.geometry.centroid.buffer(1.0)
    figure = plot_items_met(replace(card, areas=card.areas.set_geometry(small)), lang="en")
    assert not [text for text in said(figure) if "+10?" in text]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_an_area_too_small_to_be_seen_is_drawn_as_a_dot(
    card: qh.Scorecard, some_chinese_font: None
) -> None:
    shapes = card.areas.geometry.to_list()
    shapes[1] = box(800, 800, 801, 801)
    areas = card.areas.set_geometry(gpd.GeoSeries(shapes, index=card.areas.index, crs=CRS))
    coloured = collections(plot_items_met(replace(card, areas=areas), lang="en"), PathCollection)[0]
    x0, _, x1, _ = coloured.get_paths()[1].get_extents().extents
    assert x1 - x0 > 20


@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_figure_speaks_chinese_if_it_can(card: qh.Scorecard, some_chinese_font: None) -> None:
    words = said(plot_items_met(card))  # Chinese is the language of all that is drawn
    assert "4 个社区、30 项设施：达标比例" in words
    assert "没有已知设施项目" in words
    assert "北" in words
    with pytest.raises(qh.QuarterhourError, match="lang='fr' is not a language of figures"):
        plot_items_met(card, lang="fr")  # type: ignore[arg-type]


def test_without_a_chinese_font_a_chinese_figure_is_english(
    card: qh.Scorecard, no_chinese_font: None
) -> None:
    fonts._say_once.cache_clear()
    with pytest.warns(qh.QuarterhourWarning, match="fonts-noto-cjk"):
        words = said(plot_items_met(card, lang="zh"))
    assert "4 areas against 30 items: share of items met" in words
