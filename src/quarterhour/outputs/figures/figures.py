"""Figures for print and notebooks, drawn with matplotlib.

Nothing here touches pyplot: a figure is made, drawn and given back, whatever backend a notebook
has chosen and however many threads draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrow, Patch, PathPatch

from quarterhour.outputs.credits import credit, sources
from quarterhour.outputs.figures.area_labels import in_classes, label_areas
from quarterhour.outputs.figures.fonts import Words, words_for
from quarterhour.outputs.figures.paper import (
    INK,
    ShownFigure,
    length_text,
    outline,
    require_language,
    round_length,
    saved,
    street_path,
)
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.looks import (
    CLASS_FACES,
    CLASSES,
    NOTHING_KNOWN,
    rests_on_hosts,
)
from quarterhour.outputs.walker_words import walker_of_card
from quarterhour.outputs.words import Lang
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import MET_SHARE
from quarterhour.streets.network import WalkNetwork

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STREET = "#bcc2ca"
GREY = "#555555"
MAIN_STREETS = frozenset({"trunk", "primary", "secondary", "tertiary"})

MARGIN = 0.05
SMALLEST_VIEW_M = 600.0
POINT_IN = 0.08
SPECK_IN = 0.04
"""Radii in inches of the circles that stand for point areas, and for areas smaller than that."""


@dataclass(frozen=True)
class _Sheet:
    """The paper in inches, and the part of the world on it in metres."""

    west: float
    south: float
    east: float
    north: float
    side: float = 0.35
    top: float = 1.1
    bottom: float = 0.9

    @property
    def scale(self) -> float:
        """Inches per metre; the longer side of the map has eight inches."""
        return 8.0 / max(self.east - self.west, self.north - self.south)

    @property
    def width(self) -> float:
        return (self.east - self.west) * self.scale + 2 * self.side

    @property
    def height(self) -> float:
        return (self.north - self.south) * self.scale + self.top + self.bottom

    @property
    def map_box(self) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of the map as shares of the paper."""
        inner = 1 - 2 * self.side / self.width
        tall = 1 - (self.top + self.bottom) / self.height
        return self.side / self.width, self.bottom / self.height, inner, tall


def plot_items_met(
    card: Scorecard, path: str | Path | None = None, *, lang: Lang | None = None
) -> Figure:
    """Draw the areas coloured by the share of items met, over the streets.

    The share, ``items_met_share``, is the weight of the items that are met over that of the items
    that are met or unmet. Areas of which nothing is known are hatched, not coloured: unknown is
    not missing.
    A label says the name and how many items are met, of how many known, and how many more are
    unknown; it is left out where it does not fit.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
    lang
        Language of the figure: "zh" or "en"; English where no Chinese font is found.
        None: the language of the checklist's country, else of the environment, else
        English.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot; a notebook shows it when it is the last thing in a cell.

    Raises
    ------
    InputError
        If ``lang`` is no language of figures.
    OutputError
        If the file cannot be written.
    """
    lang = chosen_lang(lang, card.checklist)
    require_language(lang)
    shapes = np.asarray(card.areas.geometry.to_crs(card.network.crs).array, dtype=object)
    words = words_for(card.areas, card.checklist, lang)
    sheet = _sheet(shapes)
    figure = ShownFigure(figsize=(sheet.width, sheet.height), dpi=150, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes(sheet.map_box)
    axes.set(xlim=(sheet.west, sheet.east), ylim=(sheet.south, sheet.north), xticks=[], yticks=[])
    axes.set_facecolor("#fbfbf9")
    for edge in axes.spines.values():
        edge.set_color("#cccccc")
    summary = card.summary()
    _draw_streets(axes, card.network, sheet)
    _draw_areas(axes, summary, shapes, sheet)
    _draw_head(figure, card, sheet, words)
    counted = label_areas(axes, canvas, summary, shapes, sheet.scale, words)
    _draw_foot(figure, card, sheet, words, counted=counted)
    return saved(figure, path)


def _sheet(shapes: npt.NDArray[np.object_]) -> _Sheet:
    """Fit the areas and some room around them, in a shape between square and 4 : 5 or 8 : 5."""
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    room = 1 + 2 * MARGIN
    width, height = max((x1 - x0) * room, SMALLEST_VIEW_M), max((y1 - y0) * room, SMALLEST_VIEW_M)
    width, height = max(width, height * 0.8), max(height, width * 0.625)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return _Sheet(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _draw_streets(axes: Axes, network: WalkNetwork, sheet: _Sheet) -> None:
    view = shapely.box(sheet.west, sheet.south, sheet.east, sheet.north)
    shapely.prepare(view)
    # Lines across squares are how people walk, not what a reader takes for streets.
    drawn = shapely.intersects(network.lines, view) & ~network.traits["square"].astype(bool)
    codes, kinds = pd.factorize(network.traits["highway"])
    wide = np.array([str(kind).removesuffix("_link") in MAIN_STREETS for kind in kinds])[codes]
    thin = 0.6 if sheet.east - sheet.west < 5_000 else 0.35
    for some, width in ((drawn & ~wide, thin), (drawn & wide, 2 * thin)):
        streets = PathPatch(street_path(network, some), fill=False, edgecolor=STREET, zorder=1)
        streets.set(linewidth=width, capstyle="round", joinstyle="round")
        axes.add_artist(streets)


def _draw_areas(
    axes: Axes, summary: pd.DataFrame, shapes: npt.NDArray[np.object_], sheet: _Sheet
) -> None:
    is_point = shapely.get_type_id(shapes) == 0
    speck = ~is_point & (np.sqrt(shapely.area(shapes)) * sheet.scale < SPECK_IN)
    radius = np.where(is_point, POINT_IN, SPECK_IN) / sheet.scale
    dots = shapely.buffer(shapely.centroid(shapes), radius)
    drawn = np.where(is_point | speck, dots, shapes)
    completeness = summary[MET_SHARE].to_numpy(dtype=np.float64)
    known = ~np.isnan(completeness)
    coloured = PathCollection(
        [outline(shape) for shape in drawn[known]],
        cmap=ListedColormap(CLASS_FACES),
        norm=BoundaryNorm(CLASSES, len(CLASS_FACES)),
        edgecolors=INK,
        linewidths=0.6,
        zorder=2,
    )
    coloured.set_array(in_classes(completeness[known]))
    axes.add_collection(coloured)
    striped = PathCollection(
        [outline(shape) for shape in drawn[rests_on_hosts(summary)]],
        facecolors="none",
        edgecolors=INK,
        hatch="-",
        linewidths=0.6,
        zorder=2,
    )
    axes.add_collection(striped)
    hatched = PathCollection(
        [outline(shape) for shape in drawn[~known]],
        facecolors=NOTHING_KNOWN.face,
        edgecolors=NOTHING_KNOWN.ink,
        hatch="////",
        linewidths=0.6,
        zorder=2,
    )
    axes.add_collection(hatched)


def _draw_head(figure: Figure, card: Scorecard, sheet: _Sheet, words: Words) -> None:
    """Title, checklist, how people walk, and where north is."""
    parameters = card.manifest["parameters"]
    told = {"pace": walker_of_card(card, words.lang), "quota": parameters["quota"] * 100}
    how = words.say("share_walk", told)
    title = words.say("share_title", {"n": f"{len(card.areas):,}", "m": len(card.checklist)})
    left = sheet.side / sheet.width
    figure.text(
        left,
        1 - 0.3 / sheet.height,
        title,
        va="center",
        fontproperties=words.font(13, bold=True),
        color=INK,
    )
    figure.text(
        left,
        1 - 0.46 / sheet.height,
        f"{words.checklist}\n{how}",
        va="top",
        fontproperties=words.font(8),
        color=GREY,
        linespacing=1.4,
    )
    x, y = 1 - (sheet.side + 0.15) / sheet.width, 1 - 0.95 / sheet.height
    arrow = FancyArrow(
        x,
        y,
        0.0,
        0.42 / sheet.height,
        width=0.012 / sheet.width,
        head_width=0.11 / sheet.width,
        head_length=0.16 / sheet.height,
        length_includes_head=True,
        color=INK,
        transform=figure.transFigure,
    )
    figure.add_artist(arrow)
    north: Any = {"ha": "center", "va": "center", "fontproperties": words.font(9), "color": INK}
    figure.text(x, y + 0.52 / sheet.height, words.say("north"), **north)


def _draw_foot(
    figure: Figure, card: Scorecard, sheet: _Sheet, words: Words, *, counted: bool
) -> None:
    """Legend, scale, what the labels say where they say it, and where the data come from."""
    handles = [
        Patch(
            facecolor=colour,
            edgecolor=INK,
            linewidth=0.6,
            label=words.say("share_class", {"low": low, "high": high}),
        )
        for colour, low, high in zip(CLASS_FACES, CLASSES[:-1], CLASSES[1:], strict=True)
    ]
    handles += [
        Patch(facecolor="none", edgecolor=INK, hatch="--", label=words.say("share_hosts")),
        Patch(
            facecolor=NOTHING_KNOWN.face,
            edgecolor=NOTHING_KNOWN.ink,
            hatch="////",
            label=words.say("nothing_known"),
        ),
    ]
    left, right = sheet.side / sheet.width, 1 - sheet.side / sheet.width
    row = sheet.bottom / sheet.height
    for size, gap in ((8.0, 1.1), (7.5, 0.7), (6.5, 0.5), (5.5, 0.4)):  # the first that fits
        figure.legends.clear()
        legend = figure.legend(
            handles=handles,
            title=words.say("share_legend"),
            alignment="left",
            loc="upper left",
            bbox_to_anchor=(left, row - 0.06 / sheet.height),
            ncols=len(handles),
            frameon=False,
            prop=words.font(size),
            title_fontproperties=words.font(8),
            handlelength=1.4 * gap + 0.2,
            handletextpad=0.5,
            columnspacing=gap,
            borderpad=0.0,
            borderaxespad=0.0,
        )
        if figure.transFigure.inverted().transform(legend.get_window_extent())[1, 0] <= right:
            break
    legend.get_title().set_color(GREY)
    _draw_scale(figure, sheet, words, right)
    told = [
        words.say("share_label") if counted else "",
        " · ".join(text for text in (credit(sources(card), words.lang), words.note) if text),
    ]
    figure.text(
        left,
        0.1 / sheet.height,
        "\n".join(text for text in told if text),
        va="bottom",
        fontproperties=words.font(7),
        color=GREY,
        linespacing=1.35,
    )


def _draw_scale(figure: Figure, sheet: _Sheet, words: Words, right: float) -> None:
    """A bar of a round number of metres, about a seventh of the map's width."""
    length = round_length((sheet.east - sheet.west) / 7)
    share = length * sheet.scale / sheet.width
    y, tick = 0.16 / sheet.height, 0.05 / sheet.height
    bar = Line2D(
        [right - share, right - share, right, right],
        [y + tick, y, y, y + tick],
        color=INK,
        linewidth=1.2,
        solid_joinstyle="miter",
        transform=figure.transFigure,
    )
    figure.add_artist(bar)
    figure.text(
        right - share / 2,
        y + 0.04 / sheet.height,
        length_text(length, words.lang),
        ha="center",
        va="bottom",
        fontproperties=words.font(8),
        color=INK,
    )
