"""Plans on a map: circles with their centres, new places with what each adds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch

from quarterhour.outputs.credits import credit
from quarterhour.outputs.figures.paper import (
    INK,
    MUTED,
    SIDE_IN,
    Paper,
    Sheet,
    outline,
    saved,
    scale_bar,
    street_path,
)
from quarterhour.outputs.language import chosen_lang
from quarterhour.outputs.looks import CENTRE, GROUNDS, LEFT, NEW, THERE
from quarterhour.outputs.plan_tables import left_homes
from quarterhour.outputs.plan_words import gap_text
from quarterhour.outputs.words import Lang, minutes, name_of, number
from quarterhour.planning.circles import Circles
from quarterhour.planning.siting import Siting
from quarterhour.scoring.scorecard import Scorecard

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HATCHES = ("", "////", "....", "\\\\\\\\")
STREET = "#bcc2ca"
AREA = 2
"""Dimensions of what has an outline."""

WIDTH_IN, CURVE_IN = 7.6, 2.0


def plot_circles(
    circles: Circles, path: str | Path | None = None, *, lang: Lang | None = None
) -> Figure:
    """Draw service circles with their centres and numbers, and who is in none.

    Parameters
    ----------
    circles
        What :func:`quarterhour.circles` gives.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
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
    OutputError
        If the file cannot be written.
    """
    card, lang = circles.card, chosen_lang(lang, circles.card.checklist)
    paper = Paper.of(lang)
    words = paper.words
    crs = card.network.crs
    left = left_homes(circles)
    grounds, centres = circles.circles.to_crs(crs), circles.centres.to_crs(crs)
    sheet = _map(paper, card, [grounds.total_bounds, left.to_crs(crs).total_bounds])
    axes = sheet.axes
    # Where circles share ground the smaller one lies above, and each is seen through the other.
    for rank in np.argsort(-shapely.area(grounds.geometry.to_numpy()), kind="stable").tolist():
        if not (shape := grounds.geometry.iloc[rank]).is_empty:
            style: dict[str, Any] = {
                "facecolor": (GROUNDS[rank % len(GROUNDS)], 0.8),
                "hatch": HATCHES[(rank // len(GROUNDS)) % len(HATCHES)],
                "edgecolor": "#5b6470",
            }
            axes.add_artist(PathPatch(outline(shape), linewidth=0.8, zorder=2, **style))
            _name_parts(sheet, shape, str(grounds["circle"].iloc[rank]))
    _dots(axes, left, "x", LEFT, 3.5)
    _numbered(sheet, centres, circles.circles["circle"].tolist(), CENTRE)
    inside = float(circles.circles["residents"].sum())
    total = inside + float(circles.left_out["residents"].sum())
    told = {"n": len(grounds), "inside": number(inside), "total": number(total)}
    mean = float((circles.homes["residents"] * circles.homes["minutes"]).sum()) / max(inside, 1e-9)
    asked = circles.asked | {"mean": minutes(mean), "gap": gap_text(circles.gap)}
    asked |= {name: number(circles.asked[name]) for name in ("at_least", "at_most")}
    sheet.head(words["circles"].format(**told), [words["circles_told"].format(**asked)])
    keys: list[Patch | Line2D] = [
        Patch(facecolor=(GROUNDS[0], 0.8), edgecolor="#5b6470", label=words["circle_ground"]),
        _key("o", CENTRE, words["circle_centre"]),
        _key("x", LEFT, words["circle_none"]),
        Patch(facecolor="#f1f2ee", edgecolor="#8a8f98", label=words["area_ground"]),
    ]
    sheet.foot(keys, [words["circle_number"], _source(card, lang)])
    return saved(sheet.figure, path)


def plot_siting(
    plan: Siting, path: str | Path | None = None, *, lang: Lang | None = None
) -> Figure:
    """Draw new places, numbered by what they add, and the curve of coverage by their number.

    Parameters
    ----------
    plan
        What :func:`quarterhour.site` gives.
    path
        File to write; its ending chooses the format (png, svg, pdf). None: nothing is written.
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
    OutputError
        If the file cannot be written.
    """
    card, lang = plan.card, chosen_lang(lang, plan.card.checklist)
    paper = Paper.of(lang)
    words = paper.words
    crs = card.network.crs
    homes = card.origins.to_crs(crs)
    sites = plan.sites.to_crs(crs)
    mine = card.matches.loc[card.matches["item"] == plan.item.key, "facility"].unique()
    there = card.facilities.loc[card.facilities.index.isin(mine)].to_crs(crs)
    sheet = _map(paper, card, [homes.total_bounds, sites.total_bounds], below=CURVE_IN + 0.75)
    _dots(sheet.axes, homes, ".", "#9aa0aa", 1.5)
    _dots(sheet.axes, there, "s", THERE, 4.0)
    _numbered(sheet, sites, list(range(1, len(sites) + 1)), NEW)
    _curve(sheet, plan, words)
    unit = words[f"by_{'population' if plan.measure != 'residences' else 'residence'}"]
    served = plan.curve["served"]
    told = {"item": name_of(plan.item, paper.lang), "n": len(sites), "unit": unit}
    told |= {"before": number(served.iloc[0]), "after": number(served.iloc[-1])}
    told |= {"total": number(plan.total), "limit": f"{plan.item.limit.most / 60:g}"}
    proof = words["proven"] if plan.gap == 0 else words["gap"].format(gap=gap_text(plan.gap))
    promise = _sentence(words["siting_told"].format(**told))
    sheet.head(words["siting"].format(**told), [promise, proof])
    keys: list[Patch | Line2D] = [
        _key("o", NEW, words["site_new"]),
        _key("s", THERE, words["site_there"]),
        _key(".", "#9aa0aa", words["site_home"]),
        Patch(facecolor="#f1f2ee", edgecolor="#8a8f98", label=words["area_ground"]),
    ]
    sheet.foot(keys, [words["site_number"], _source(card, lang)])
    return saved(sheet.figure, path)


def _sentence(text: str) -> str:
    """Begin with a capital."""
    return text[:1].upper() + text[1:]


def _map(paper: Paper, card: Scorecard, bounds: list[Any], below: float = 0.0) -> Sheet:
    """Lay out a map that holds some bounds, with the streets on it."""
    box = np.array([b for b in bounds if np.isfinite(b).all()])
    x0, y0 = box[:, :2].min(axis=0)
    x1, y1 = box[:, 2:].max(axis=0)
    side = max(x1 - x0, y1 - y0, 400.0) * 1.1
    width, height = max((x1 - x0) * 1.1, side * 0.7), max((y1 - y0) * 1.1, side * 0.7)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    west, east = x - width / 2, x + width / 2
    south, north = y - height / 2 - 0.05 * width, y + height / 2
    high = WIDTH_IN * (north - south) / width
    sheet = paper.sheet(SIDE_IN, WIDTH_IN, SIDE_IN, high, top=1.0, bottom=0.85 + below)
    axes = sheet.axes
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    axes.set_facecolor("#fbfbf9")
    for edge in axes.spines.values():
        edge.set_color("#cccccc")
    _outline_areas(axes, card)
    network = card.network
    seen = shapely.intersects(network.lines, shapely.box(west, south, east, north))
    seen &= ~network.traits["square"].astype(bool)
    if seen.any():
        streets = street_path(network, seen)
        style: dict[str, Any] = {"fill": False, "edgecolor": STREET, "linewidth": 0.4}
        axes.add_artist(PathPatch(streets, zorder=3, **style))
    scale_bar(axes, sheet.font(8), sheet.paper.lang)
    return sheet


def _outline_areas(axes: Axes, card: Scorecard) -> None:
    """Draw the outlines of the areas, so that a reader knows where things are."""
    shapes = np.asarray(card.areas.geometry.to_crs(card.network.crs).array, dtype=object)
    solid = shapes[(shapely.get_dimensions(shapes) == AREA) & ~shapely.is_empty(shapes)]
    style: dict[str, Any] = {"facecolor": "#f1f2ee", "edgecolor": "#8a8f98", "linewidth": 0.6}
    for shape in solid:
        axes.add_artist(PathPatch(outline(shape), zorder=1, **style))


def _name_parts(sheet: Sheet, shape: Any, name: str) -> None:
    """Write the number of a circle on each larger part of its ground."""
    (x0, x1), (y0, y1) = sheet.axes.get_xlim(), sheet.axes.get_ylim()
    parts = shapely.get_parts(shape)
    for part in parts[shapely.area(parts) > (x1 - x0) * (y1 - y0) / 400]:
        at = part.representative_point()
        sheet.axes.text(
            at.x,
            at.y,
            name,
            ha="center",
            va="center",
            color=INK,
            zorder=5,
            fontproperties=sheet.font(7.5),
        )


def _dots(axes: Axes, table: gpd.GeoDataFrame, marker: str, colour: str, size: float) -> None:
    if len(table):
        crs_points = shapely.centroid(np.asarray(table.geometry.array, dtype=object))
        style: dict[str, Any] = {"linestyle": "none", "marker": marker, "color": colour}
        axes.plot(*shapely.get_coordinates(crs_points).T, markersize=size, zorder=4, **style)


def _numbered(sheet: Sheet, places: gpd.GeoDataFrame, numbers: list[Any], colour: str) -> None:
    xy = shapely.get_coordinates(shapely.centroid(np.asarray(places.geometry.array, dtype=object)))
    for (x, y), text in zip(xy, numbers, strict=True):
        sheet.axes.text(
            x,
            y,
            str(text),
            ha="center",
            va="center",
            color="white",
            zorder=6,
            fontproperties=sheet.font(7.5, bold=True),
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": colour, "edgecolor": "white"},
        )


def _curve(sheet: Sheet, plan: Siting, words: dict[str, str]) -> None:
    """Draw the share within the limit by the number of new places, below the map."""
    wide, high = sheet.figure.get_size_inches()
    box = ((SIDE_IN + 0.45) / wide, 1.3 / high, (WIDTH_IN - 0.6) / wide, (CURVE_IN - 0.35) / high)
    axes = sheet.figure.add_axes(box)
    x, y = plan.curve["sites"].to_numpy(), 100 * plan.curve["share"].to_numpy()
    axes.plot(x, y, color=NEW, marker="o", markersize=3.5, linewidth=1.4)
    step = max(1, len(x) // 15)
    axes.set(xticks=x[::step], ylim=(0, 103), yticks=[0, 25, 50, 75, 100])
    axes.set_yticks([0, 25, 50, 75, 100], labels=["0%", "25%", "50%", "75%", "100%"])
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(sheet.font(7.5))
    axes.tick_params(length=2.5, color=MUTED, labelcolor=INK)
    axes.set_xlabel(words["curve"], fontproperties=sheet.font(8), color=INK)
    axes.set_title(words["curve_share"], loc="left", fontproperties=sheet.font(8), color=INK)
    axes.grid(axis="y", color="#e3e5e9", linewidth=0.6)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))


def _key(marker: str, colour: str, label: str) -> Line2D:
    style: dict[str, Any] = {"linestyle": "none", "marker": marker, "color": colour}
    return Line2D([], [], label=label, markersize=6, **style)


def _source(card: Scorecard, lang: Lang) -> str:
    theirs = [name] if (name := card.network.metadata.get("attribution")) else []
    return credit(theirs, lang)
