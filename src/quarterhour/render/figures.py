"""Figures for print and notebooks, drawn with matplotlib.

Nothing here touches pyplot: a figure is made, drawn and given back, whatever backend a notebook
has chosen and however many threads draw.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib import patheffects
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from quarterhour.atomic import whole_file
from quarterhour.render.fonts import Words, words_for
from quarterhour.scorecard import Scorecard

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CLASSES = (0, 20, 40, 60, 80, 100)
"""Bounds of the classes of completeness, in per cent."""

# Lightness falls from class to class, so that the order is seen without colour (YlGnBu).
COLOURS = ("#f7f4c0", "#b5dfb8", "#5bb8c4", "#2a7fb8", "#1f3b8c")
NOTHING_KNOWN = "#d9d9d9"
STREET = "#b9bec6"
INK = "#222222"
MAIN_STREETS = frozenset({"trunk", "primary", "secondary", "tertiary"})

MARGIN = 0.06
SMALLEST_VIEW_M = 600.0
POINT_RADIUS = 0.012
"""Radius of the circle that stands for a point area, as a share of the view's width."""


def plot_completeness(card: Scorecard, path: str | Path | None = None) -> Figure:
    """Draw the areas coloured by completeness, over the streets.

    Completeness is the weight of the items that are met over that of the items that are met or
    unmet. Areas of which nothing is known are hatched, not coloured: unknown is not missing.
    A label says the name and how many items are met, of how many known, and how many more are
    unknown; it is left out where it does not fit.

    Parameters
    ----------
    card
        What :func:`quarterhour.assess` gives.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot; a notebook shows it when it is the last thing in a cell.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    shapes = np.asarray(card.areas.geometry.to_crs(card.network.crs).array, dtype=object)
    view = _view(shapes)
    summary = card.summary()
    words = words_for(card.areas, card.checklist)
    figure = Figure(figsize=_size(view), dpi=150, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(xlim=view[::2], ylim=view[1::2], xticks=[], yticks=[], aspect="equal")
    axes.set_facecolor("#fbfbf9")
    for side in axes.spines.values():
        side.set_color("#cccccc")
    _draw_streets(axes, card, view)
    completeness = summary["completeness"].to_numpy(dtype=np.float64)
    _draw_areas(axes, shapes, completeness, view)
    _colour_bar(figure, axes, words)
    _scale_bar(axes, view, words)
    _north_arrow(axes, words)
    _headings(figure, axes, card, words)
    canvas.draw()  # type: ignore[no-untyped-call] # sizes of texts are known only now
    _label_areas(axes, canvas, shapes, summary, words)
    if path is not None:
        with whole_file(path) as part:
            figure.savefig(part)
    return figure


def _view(shapes: npt.NDArray[np.object_]) -> tuple[float, float, float, float]:
    """West, south, east and north of the map: the areas, and some room around them."""
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    room = MARGIN * max(x1 - x0, y1 - y0, SMALLEST_VIEW_M)
    width = max(x1 - x0 + 2 * room, SMALLEST_VIEW_M)
    height = max(y1 - y0 + 2 * room, SMALLEST_VIEW_M)
    # A strip of a city would leave no room for the title: at most twice as long as wide.
    width, height = max(width, height / 2), max(height, width / 2)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _size(view: tuple[float, float, float, float]) -> tuple[float, float]:
    """Inches of the figure: 9 on the longer side of the map, with room for title and legend."""
    width, height = view[2] - view[0], view[3] - view[1]
    scale = 8.0 / max(width, height)
    return max(width * scale, 6.0) + 1.4, height * scale + 1.6


def _draw_streets(axes: Axes, card: Scorecard, view: tuple[float, float, float, float]) -> None:
    network = card.network
    seen = np.flatnonzero(shapely.intersects(network.lines, shapely.box(*view)))
    offset = network.coord_offset
    pieces = [network.coords[offset[e] : offset[e + 1]] for e in seen]
    kinds = network.traits["highway"][seen]
    wide = np.array([str(kind).removesuffix("_link") in MAIN_STREETS for kind in kinds])
    widths = np.where(wide, 1.3, 0.6)
    axes.add_collection(LineCollection(pieces, colors=STREET, linewidths=widths, zorder=1))


def _draw_areas(
    axes: Axes,
    shapes: npt.NDArray[np.object_],
    completeness: npt.NDArray[np.float64],
    view: tuple[float, float, float, float],
) -> None:
    radius = POINT_RADIUS * (view[2] - view[0])
    is_point = shapely.get_type_id(shapes) == 0
    drawn = np.where(is_point, shapely.buffer(shapes, radius), shapes)
    known = ~np.isnan(completeness)
    norm = BoundaryNorm(CLASSES, len(COLOURS))
    coloured = PathCollection(
        [_outline(shape) for shape in drawn[known]],
        cmap=ListedColormap(COLOURS),
        norm=norm,
        edgecolors=INK,
        linewidths=0.7,
        zorder=2,
    )
    # 100 % belongs to the last class, not above it.
    coloured.set_array(np.minimum(completeness[known] * 100, 99.999))
    axes.add_collection(coloured)
    axes.add_collection(
        PathCollection(
            [_outline(shape) for shape in drawn[~known]],
            facecolors=NOTHING_KNOWN,
            edgecolors="#777777",
            hatch="////",
            linewidths=0.7,
            zorder=2,
        )
    )


def _outline(shape: Any) -> Outline:
    """Give a polygon with its holes as one path."""
    rings = [
        ring
        for part in shapely.get_parts(shape)
        for ring in (shapely.get_exterior_ring(shapely.normalize(part)), *part.interiors)
    ]
    return Outline.make_compound_path(
        *(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings)
    )


def _colour_bar(figure: Figure, axes: Axes, words: Words) -> None:
    handles = [
        Patch(facecolor=colour, edgecolor=INK, linewidth=0.7, label=f"{low}-{high} %")
        for colour, low, high in zip(COLOURS, CLASSES[:-1], CLASSES[1:], strict=True)
    ]
    handles.append(
        Patch(facecolor=NOTHING_KNOWN, edgecolor="#777777", hatch="////", label="nothing known")
    )
    figure.legend(
        handles=handles,
        title="Items met, of those known (by weight)",
        loc="outside lower center",
        ncols=len(handles),
        frameon=False,
        prop=words.font(8),
        title_fontproperties=words.font(8.5),
        handlelength=1.6,
        columnspacing=1.4,
    )
    axes.set_anchor("C")


def _scale_bar(axes: Axes, view: tuple[float, float, float, float], words: Words) -> None:
    """A bar of a round number of metres, about a fifth of the map's width."""
    width = view[2] - view[0]
    power = 10.0 ** np.floor(np.log10(width / 5))
    length = max(step * power for step in (1, 2, 5) if step * power <= width / 5)
    share = length / width
    x, y = 0.03, 0.03
    axes.plot(
        [x, x, x + share, x + share],
        [y + 0.012, y, y, y + 0.012],
        transform=axes.transAxes,
        color=INK,
        linewidth=1.4,
        solid_capstyle="butt",
        solid_joinstyle="miter",
        zorder=5,
        path_effects=_halo(),
    )
    text = f"{length:,.0f} m" if length < 1000 else f"{length / 1000:,.0f} km"
    axes.text(
        x + share / 2,
        y + 0.014,
        text,
        transform=axes.transAxes,
        ha="center",
        va="bottom",
        fontproperties=words.font(8),
        color=INK,
        zorder=5,
        path_effects=_halo(),
    )


def _north_arrow(axes: Axes, words: Words) -> None:
    axes.annotate(
        "N",
        xy=(0.965, 0.975),
        xytext=(0.965, 0.905),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontproperties=words.font(9),
        color=INK,
        zorder=5,
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2},
        path_effects=_halo(),
    )


def _headings(figure: Figure, axes: Axes, card: Scorecard, words: Words) -> None:
    parameters = card.manifest["parameters"]
    figure.suptitle(
        f"Completeness of {len(card.areas):,} areas against {len(card.checklist)} items",
        x=0.02,
        ha="left",
        fontproperties=words.font(13, bold=True),
        color=INK,
    )
    how = (
        f"{words.checklist}\nwalking {parameters['pace']}; met: at least "
        f"{parameters['quota']:.0%} of an area's residents are within the limit"
    )
    axes.set_title(how, loc="left", fontproperties=words.font(8.5), color="#444444")
    caption = "18/20 +10?  18 of 20 known items are met, 10 more are unknown"
    source = _attribution(card)
    axes.set_xlabel(
        "   ·   ".join(text for text in (caption, source, words.note) if text),
        fontproperties=words.font(7.5),
        color="#444444",
        loc="left",
    )


def _attribution(card: Scorecard) -> str:
    """Name OpenStreetMap where the streets come from it."""
    metadata = card.network.metadata
    return "© OpenStreetMap contributors" if metadata.get("osm_timestamp") else ""


def _halo() -> list[Any]:
    return [patheffects.withStroke(linewidth=2.2, foreground="white")]


def _label_areas(
    axes: Axes,
    canvas: FigureCanvasAgg,
    shapes: npt.NDArray[np.object_],
    summary: Any,
    words: Words,
) -> None:
    """Name the areas, the largest first, where the label stays on its area and off others."""
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    to_metres = axes.transData.inverted()
    taken: list[shapely.Polygon] = []
    for i in np.argsort(-shapely.area(shapes), kind="stable"):
        row = summary.iloc[i]
        count = f"{row['met']}/{row['met'] + row['unmet']} +{row['unknown']}?"
        spot = shapely.point_on_surface(shapes[i])
        centre = shapely.centroid(shapes[i])
        at = centre if shapely.intersects(shapes[i], centre) else spot
        for content in (f"{words.names[i]}\n{count}", words.names[i], count):
            label = axes.text(
                at.x,
                at.y,
                content.strip(),
                ha="center",
                va="center",
                fontproperties=words.font(7.5),
                color=INK,
                linespacing=1.25,
                zorder=6,
                path_effects=_halo(),
            )
            corners = to_metres.transform(label.get_window_extent(renderer).get_points())
            box = shapely.box(*corners.ravel())
            on_it = shapely.area(shapely.intersection(box, shapes[i])) >= 0.85 * box.area
            if content.strip() and on_it and not any(box.intersects(other) for other in taken):
                taken.append(box)
                break
            label.remove()
