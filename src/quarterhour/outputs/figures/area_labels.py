"""Labels of areas on the map of items met: its name and counts, where they fit."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke

from quarterhour.outputs.figures.fonts import Words
from quarterhour.outputs.figures.paper import INK
from quarterhour.outputs.looks import CLASS_FACES, CLASS_INKS, CLASSES
from quarterhour.scoring.summary_columns import MET_SHARE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABEL_IN2 = 0.04
"""Areas smaller than this many square inches on paper are not tried for a label."""


def in_classes(completeness: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give per cent, with 100 in the last class and not above it."""
    return np.minimum(completeness * 100, 100 - 1e-6)


def label_areas(
    axes: Axes,
    canvas: FigureCanvasAgg,
    summary: pd.DataFrame,
    shapes: npt.NDArray[np.object_],
    scale: float,
    words: Words,
) -> bool:
    """Name the areas, the largest first, where the label stays on its area and off others.

    Returns
    -------
    bool
        Whether some label says how many items are met, which the foot has to explain then.
    """
    percent = in_classes(summary[MET_SHARE].to_numpy(dtype=np.float64))
    colour = np.searchsorted(CLASSES, np.nan_to_num(percent), side="right") - 1
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    to_metres = axes.transData.inverted()
    smallest = LABEL_IN2 / scale**2
    counted = False
    taken: list[shapely.Polygon] = []
    for i in np.argsort(-shapely.area(shapes), kind="stable"):
        if shapely.area(shapes[i]) < smallest:
            break
        row = summary.iloc[i]
        known = row["met"] + row["unmet"]
        met = f"{row['observed']}+{row['implied']}" if row["implied"] else row["met"]
        count = f"{met}/{known} +{row['unknown']}?" if known else words.say("all_unknown")
        ground = CLASS_FACES[colour[i]] if known else "white"
        name = words.names[i]
        contents = filter(None, (f"{name}\n{count}".strip(), name, count))
        for content, spot in product(contents, _spots(shapes[i])):
            label = axes.text(
                spot.x,
                spot.y,
                content,
                ha="center",
                va="center",
                fontproperties=words.font(7.5),
                color=CLASS_INKS[colour[i]] if known else INK,
                linespacing=1.25,
                zorder=6,
                path_effects=[withStroke(linewidth=2.5, foreground=ground)],
            )
            corners = to_metres.transform(label.get_window_extent(renderer).get_points())
            box = shapely.box(*corners.ravel())
            if shapes[i].covers(box) and not any(box.intersects(other) for other in taken):
                taken.append(box)
                counted |= bool(known) and content != name
                break
            label.remove()
    return counted


def _spots(shape: Any) -> tuple[shapely.Point, shapely.Point]:
    """Where a label may stand: the centre of mass, or where there is most room."""
    circle = shapely.maximum_inscribed_circle(shape, tolerance=np.sqrt(shape.area) / 50)
    return shape.centroid, shapely.get_point(circle, 0)
