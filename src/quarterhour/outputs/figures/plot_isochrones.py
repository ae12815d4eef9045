"""Isochrones over the streets, one panel for each way of walking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch

from quarterhour.errors import InputError
from quarterhour.outputs.credits import credit
from quarterhour.outputs.figures.paper import (
    INK,
    SIDE_IN,
    Paper,
    Sheet,
    outline,
    saved,
    scale_bar,
    street_path,
)
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.walker_words import walker_words
from quarterhour.outputs.words import Lang
from quarterhour.streets.network import WalkNetwork

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FILLS = ("#54278f", "#8c6bb1", "#c2a5cf", "#e4d5ea", "#f2ecf5")
"""From the nearest band outwards: lightness tells the order."""

EDGES: tuple[Any, ...] = ("solid", "dashed", "dotted", "dashdot", "solid")
"""Outlines of the bands, so that they differ without colour too."""

STREET, REACHED_STREET = "#bcc2ca", "#f4f0f7"
PLACE = "#b5179e"
FRAME = "#7a1f1f"
MOST_PANELS = 6


def plot_isochrones(
    rings: gpd.GeoDataFrame,
    network: WalkNetwork,
    path: str | Path | None = None,
    *,
    places: gpd.GeoDataFrame | None = None,
    title: str | None = None,
    attribution: str | None = None,
    lang: Lang | None = None,
) -> Figure:
    """Draw isochrones as bands over the streets, one panel for each pace.

    Isochrones of several places are drawn as one: what any of them reaches. All panels show
    the same ground at the same scale.

    Parameters
    ----------
    rings
        What :func:`quarterhour.isochrones` gives, with at most five limits and six paces.
    network
        The streets that were walked on.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
    places
        What to mark: where the walks begin or end.
    title
        What stands above; by default what the bands are.
    attribution
        Where the streets come from; by default OpenStreetMap, if their ways have its numbers.
    lang
        ``"en"`` or ``"zh"``; English where no font holds Chinese characters.
        None: the language of the checklist's country, else of the environment, else
        English.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot; a notebook shows it when it is the last thing in a cell.

    Raises
    ------
    InputError
        If there is nothing to draw, or too much for one figure.
    OutputError
        If the file cannot be written.
    """
    here = rings.to_crs(network.crs)
    paces = here["pace"].unique().tolist()
    limits = sorted(here["minutes"].unique(), reverse=True)
    if here.geometry.is_empty.all() or here.empty:
        msg = "The isochrones are empty: their places lie near no street."
        raise InputError(msg)
    if len(limits) > len(FILLS) or len(paces) > MOST_PANELS:
        msg = (
            f"{len(limits)} limits and {len(paces)} paces do not fit one figure: give at most "
            f"{len(FILLS)} limits and {MOST_PANELS} paces."
        )
        raise InputError(msg)
    lang = chosen_lang(lang)
    paper = Paper.of(lang)
    words = paper.words
    columns = len(paces) if len(paces) < 4 else -(-len(paces) // 2)
    view = _view(here)
    sheet, panels = _panels(paper, view, len(paces), columns)
    for axes, pace in zip(panels, paces, strict=True):
        mine = here[here["pace"] == pace]
        bands = {m: shapely.union_all(mine.geometry[mine["minutes"] == m]) for m in limits}
        _draw(axes, bands, network, view)
        if places is not None:
            _mark(axes, places, network)
        _tell(axes, sheet, bands, words, walker_words(pace, paper.lang) if len(paces) > 1 else "")
    scale_bar(panels[-1], sheet.font(8), paper.lang)
    count = here["origin"].nunique()
    named = words["place"] if count == 1 else words["places"].format(n=count)
    direction = rings.attrs.get("direction", "from")
    told = [walker_words(paces[0], paper.lang)] if len(paces) == 1 else []
    sheet.head(title or words[f"title_{direction}"].format(places=named), told)
    notes = []
    if "error_m" in rings.attrs:
        notes.append(
            words["off"].format(reach=rings.attrs["reach_m"], error=rings.attrs["error_m"])
        )
    cut = not network.extent.buffer(-1).covers(shapely.union_all(here.geometry))
    notes += [words["cut"]] if cut else []
    theirs = [name] if (name := network.metadata.get("attribution")) else []
    whose = attribution if attribution is not None else credit(theirs, lang)
    sheet.foot(_keys(limits, words, cut=cut), [" ".join(notes), whose])
    return saved(sheet.figure, path)


View = tuple[float, float, float, float]
Bands = dict[float, Any]


def _view(rings: gpd.GeoDataFrame) -> View:
    """Fit the rings with some room around them, neither a strip nor a column."""
    x0, y0, x1, y1 = rings.total_bounds
    side = max(x1 - x0, y1 - y0) * 1.08
    width, height = max((x1 - x0) * 1.08, side * 0.75), max((y1 - y0) * 1.08, side * 0.75)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    room = 0.06 * width  # for the scale bar
    return x - width / 2, y - height / 2 - room, x + width / 2, y + height / 2


def _panels(paper: Paper, view: View, count: int, columns: int) -> tuple[Sheet, list[Axes]]:
    """Lay out panels of one size in rows, each with a line of text above it."""
    rows = -(-count // columns)
    width = 6.4 if columns == 1 else 8.4 / columns
    height = width * (view[3] - view[1]) / (view[2] - view[0])
    gap, over = 0.15, 0.7 if count > 1 else 0.25
    wide, high = columns * width + (columns - 1) * gap, rows * (height + over)
    sheet = paper.sheet(SIDE_IN, wide, SIDE_IN, high, top=0.5 if count > 1 else 0.7, bottom=0.85)
    sheet.axes.set_axis_off()
    full = sheet.figure.get_size_inches()
    panels = []
    for number in range(count):
        row, column = divmod(number, columns)
        left, low = SIDE_IN + column * (width + gap), 0.85 + (rows - 1 - row) * (height + over)
        box = (left / full[0], low / full[1], width / full[0], height / full[1])
        axes = sheet.figure.add_axes(box)
        axes.set(xlim=(view[0], view[2]), ylim=(view[1], view[3]), xticks=[], yticks=[])
        axes.set_facecolor("#fbfbf9")
        for edge in axes.spines.values():
            edge.set_color("#cccccc")
        panels.append(axes)
    return sheet, panels


def _draw(axes: Axes, bands: Bands, network: WalkNetwork, view: View) -> None:
    """Draw the widest band first, the streets over them, and the edge of the data."""
    drawn = []
    for order, shape in enumerate(bands.values()):
        rank = len(bands) - 1 - order
        style: dict[str, Any] = {
            "facecolor": FILLS[rank],
            "edgecolor": "#2d1150",
            "linestyle": EDGES[rank],
        }
        if not shape.is_empty:
            drawn.append(PathPatch(outline(shape), linewidth=0.7, zorder=2 + order, **style))
            axes.add_artist(drawn[-1])
    seen = shapely.intersects(network.lines, shapely.box(*view))
    # Lines across squares are how people walk, not what a reader takes for streets.
    seen &= ~network.traits["square"].astype(bool)
    for colour, order in ((STREET, 1), (REACHED_STREET, 7)):
        path = street_path(network, seen)
        streets = PathPatch(path, fill=False, edgecolor=colour, linewidth=0.45, zorder=order)
        axes.add_artist(streets)
    if drawn:
        streets.set_clip_path(drawn[0])  # the light streets are those in the widest band
    frame = shapely.get_coordinates(network.extent.exterior)
    axes.plot(*frame.T, color=FRAME, linewidth=0.9, linestyle=(0, (6, 3, 1, 3)), zorder=8)


def _mark(axes: Axes, places: gpd.GeoDataFrame, network: WalkNetwork) -> None:
    points = shapely.get_coordinates(shapely.centroid(places.geometry.to_crs(network.crs).array))
    axes.plot(
        *points.T,
        linestyle="none",
        marker="o",
        markersize=7,
        markerfacecolor=PLACE,
        markeredgecolor="white",
        markeredgewidth=1.4,
        zorder=10,
    )


def _tell(axes: Axes, sheet: Sheet, bands: Bands, words: dict[str, str], pace: str) -> None:
    """Say above a panel who walks, and how large the bands are."""
    sizes = [
        words["size"].format(m=m, km2=f"{shapely.area(shape) / 1e6:.2f}")
        for m, shape in reversed(bands.items())
    ]
    full = sheet.figure.get_size_inches()
    room = axes.get_position().width * full[0]
    lines = [*sheet.wrapped([pace], room, 7.5)[:3], *sheet.wrapped([" · ".join(sizes)], room, 7.5)]
    axes.text(
        0,
        1 + 0.05 / (axes.get_position().height * full[1]),
        "\n".join(line for line in lines if line),
        transform=axes.transAxes,
        va="bottom",
        fontproperties=sheet.font(7.5),
        color=INK,
        linespacing=1.3,
    )


def _keys(limits: list[float], words: dict[str, str], *, cut: bool) -> list[Patch | Line2D]:
    keys: list[Patch | Line2D] = [
        Patch(
            facecolor=FILLS[rank],
            edgecolor="#2d1150",
            linestyle=EDGES[rank],
            linewidth=0.8,
            label=words["limits"].format(m=m),
        )
        for rank, m in enumerate(reversed(limits))
    ]
    if cut:
        style: dict[str, Any] = {"color": FRAME, "linewidth": 0.9, "linestyle": (0, (6, 3, 1, 3))}
        keys.append(Line2D([], [], label=words["edge"], **style))
    return keys
