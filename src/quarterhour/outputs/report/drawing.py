"""The map of the report: one drawing in SVG, without letters that need a language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats
from quarterhour.outputs.figures.figures import MAIN_STREETS
from quarterhour.outputs.looks import CLASS_FACES, CLASS_INKS, CLASSES, rests_on_hosts
from quarterhour.outputs.words import Lang, say
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import MET_SHARE
from quarterhour.streets.snap import in_crs_of

SIDE = 1000.0
"""Units of the longer side of the drawing."""

STREET_POINTS = 60_000
"""Above this many points, only main streets are drawn: the file has to stay small."""

MARGIN = 0.05
DOT = 9.0
SPECK = 4.0
LETTER = 15.0
LABELLED_BESIDE = 150
"""Up to so many areas, numbers that do not fit in them may stand beside them."""

STRIP = 48.0
"""Height of the strip under the map, with its scale and its arrow."""


@dataclass(frozen=True)
class Frame:
    """The part of the world that is drawn, and how large one metre is."""

    west: float
    north: float
    width_m: float
    height_m: float

    @classmethod
    def around(cls, shapes: npt.NDArray[np.object_]) -> Frame:
        """Fit the shapes and some room, not narrower than 2 : 1 or 1 : 1."""
        x0, y0, x1, y1 = shapely.total_bounds(shapes)
        room = 1 + 2 * MARGIN
        width, height = max((x1 - x0) * room, 600.0), max((y1 - y0) * room, 600.0)
        width, height = max(width, height), max(height, width * 0.5)
        return cls((x0 + x1 - width) / 2, (y0 + y1 + height) / 2, width, height)

    @property
    def scale(self) -> float:
        """Units per metre."""
        return SIDE / self.width_m

    def path(self, xy: Floats, *, closed: bool = False) -> str:
        """Give coordinates as steps of whole units and tenths."""
        units = np.round((xy - [self.west, self.north]) * [self.scale, -self.scale] * 10)
        steps = np.diff(units, axis=0)
        moved = steps[np.any(steps != 0, axis=1)] / 10
        start = units[0] / 10
        told = "".join(f"l{x:g} {y:g}" for x, y in moved)
        return f"M{start[0]:g} {start[1]:g}{told}" + ("z" if closed else "")


def area_numbers(card: Scorecard) -> pd.Series[int]:
    """Number the areas as the map and the tables do: the least complete first."""
    order = card.summary().sort_values(
        [MET_SHARE, "unmet", "unknown"], ascending=[True, False, False], kind="stable"
    )
    return pd.Series(range(1, len(order) + 1), index=order.index)


def map_svg(card: Scorecard, lang: Lang) -> str:
    """Draw the areas by the share of known items met, over the streets, with their numbers."""
    shapes = in_crs_of(card.areas, card.network, "areas")
    frame = Frame.around(shapes)
    height = frame.height_m * frame.scale + STRIP
    told = escape(say(lang, "map_alt"))
    parts = [
        f'<svg class="map" viewBox="0 0 {SIDE:g} {height:.0f}" role="img" aria-label="{told}">',
        f'<rect width="{SIDE:g}" height="{height:.0f}" fill="#fbfbf9"/>',
        streets_svg(card, frame),
        _areas(card, shapes, frame),
        furniture_svg(frame, height, lang),
        "</svg>",
    ]
    return "".join(parts)


def map_legend(lang: Lang) -> str:
    """Say what the colours of the map stand for."""
    boxes = "".join(
        f'<li><svg class="box"><rect width="100%" height="100%" fill="{colour}" stroke="#222"/>'
        f"</svg> {escape(say(lang, 'to', {'a': low, 'b': high}))}</li>"
        for colour, low, high in zip(CLASS_FACES, CLASSES[:-1], CLASSES[1:], strict=True)
    )
    nothing = (
        '<li><svg class="box"><rect width="100%" height="100%" fill="url(#fill-nothing)" '
        f'stroke="#222"/></svg> {escape(say(lang, "nothing_known"))}</li>'
    )
    rests = (
        '<li><svg class="box"><rect width="100%" height="100%" fill="#fff" stroke="#222"/>'
        '<rect width="100%" height="100%" fill="url(#fill-rests)"/></svg> '
        f"{escape(say(lang, 'rests_on_hosts'))}</li>"
    )
    return f'<ul class="legend">{boxes}{rests}{nothing}</ul>'


def streets_svg(card: Scorecard, frame: Frame) -> str:
    """Streets in the frame in two widths; lines across squares are no streets to a reader."""
    network = card.network
    south, east = frame.north - frame.height_m, frame.west + frame.width_m
    view = shapely.box(frame.west, south, east, frame.north)
    drawn = shapely.intersects(network.lines, view) & ~network.traits["square"].astype(bool)
    kinds = [str(kind).removesuffix("_link") for kind in network.traits["highway"]]
    main = np.array([kind in MAIN_STREETS for kind in kinds], dtype=bool)
    lines = shapely.simplify(network.lines, 0.5 / frame.scale)
    if shapely.get_num_coordinates(lines[drawn]).sum() > STREET_POINTS and main.any():
        drawn &= main
    paths = []
    for chosen, width in ((drawn & ~main, 1.0), (drawn & main, 2.2)):
        told = "".join(frame.path(shapely.get_coordinates(line)) for line in lines[chosen])
        paths.append(f'<path d="{told}" fill="none" stroke="#b9c0c9" stroke-width="{width}"/>')
    box = f'<clipPath id="frame"><rect width="{SIDE:g}" height="{SIDE * 2:g}"/></clipPath>'
    return f'{box}<g clip-path="url(#frame)">{"".join(paths)}</g>'


def _areas(card: Scorecard, shapes: npt.NDArray[np.object_], frame: Frame) -> str:
    """Outlines with their colour, and their numbers."""
    summary = card.summary()
    share = summary[MET_SHARE].to_numpy(dtype=np.float64)
    lower = rests_on_hosts(summary)
    place = np.searchsorted(CLASSES, np.minimum(np.nan_to_num(share) * 100, 99.999), side="right")
    size = np.sqrt(shapely.area(shapes)) * frame.scale
    specks = shapely.buffer(shapely.centroid(shapes), DOT / 2 / frame.scale)
    drawn = np.where((shapely.get_dimensions(shapes) < 2) | (size < SPECK), specks, shapes)
    outlines = []
    thin = shapely.simplify(drawn, 0.3 / frame.scale)
    for i in np.argsort(-shapely.area(shapes), kind="stable"):
        fill = CLASS_FACES[place[i] - 1] if share[i] >= 0 else "url(#fill-nothing)"
        rings = shapely.get_rings(shapely.get_parts(thin[i]))
        told = "".join(frame.path(shapely.get_coordinates(r), closed=True) for r in rings)
        outlines.append(
            f'<path d="{told}" fill="{fill}" fill-rule="evenodd" stroke="#222" stroke-width="1"/>'
        )
        if lower[i]:
            lines = 'fill="url(#fill-rests)" fill-rule="evenodd"'
            outlines.append(f'<path d="{told}" {lines}/>')
    inks = ["" if np.isnan(s) else CLASS_INKS[k - 1] for s, k in zip(share, place, strict=True)]
    numbers = area_numbers(card).reindex(card.areas.index).astype(str).tolist()
    letters = "".join(numbers_svg(drawn, numbers, inks, frame))
    return f'<g>{"".join(outlines)}</g><g class="numbers">{letters}</g>'


def numbers_svg(
    shapes: npt.NDArray[np.object_], numbers: list[str], inks: list[str], frame: Frame
) -> Iterator[str]:
    """Numbers in the areas, the largest first; where few do not fit, beside them."""
    taken: list[Any] = []
    outside = []
    for i in np.argsort(-shapely.area(shapes), kind="stable"):
        box = _room(shapes[i], numbers[i], frame)
        if box is None or any(box.intersects(other) for other in taken):
            outside.append(i)
            continue
        taken.append(box)
        yield _letter(box, numbers[i], inks[i], frame)
    if len(shapes) > LABELLED_BESIDE:
        return
    tree = shapely.STRtree(shapes)
    for i in outside:
        for box in _beside(shapes[i], numbers[i], frame):
            if tree.query(box, predicate="intersects").size or any(map(box.intersects, taken)):
                continue
            taken.append(box)
            yield _letter(box, numbers[i], "", frame)
            break


def _letter(box: Any, text: str, ink: str, frame: Frame) -> str:
    x, y = (shapely.get_coordinates(box.centroid)[0] - [frame.west, frame.north]) * frame.scale
    halo = "" if ink else ' stroke="#fff" stroke-width="4" paint-order="stroke"'
    return (
        f'<text x="{x:.1f}" y="{-y + LETTER * 0.36:.1f}" fill="{ink or "#222"}"{halo}>{text}</text>'
    )


def _size(text: str, frame: Frame) -> tuple[float, float]:
    return LETTER * 0.62 * len(text) / frame.scale, LETTER * 0.8 / frame.scale


def _room(shape: Any, text: str, frame: Frame) -> Any:
    """Where a number stands inside a shape, or None if it does not fit."""
    width, height = _size(text, frame)
    if shapely.area(shape) < width * height:
        return None
    circle = shapely.maximum_inscribed_circle(shape, tolerance=np.sqrt(shapely.area(shape)) / 40)
    for spot in (shapely.centroid(shape), shapely.get_point(circle, 0)):
        x, y = shapely.get_coordinates(spot)[0]
        box = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if shape.covers(box):
            return box
    return None


def _beside(shape: Any, text: str, frame: Frame) -> Iterator[Any]:
    """Where a number could stand right beside a shape: right, left, above, below."""
    width, height = _size(text, frame)
    gap = 3 / frame.scale
    x0, y0, x1, y1 = shapely.bounds(shape)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    across, along = gap + width / 2, gap + height / 2
    for cx, cy in ((x1 + across, y), (x0 - across, y), (x, y1 + along), (x, y0 - along)):
        yield shapely.box(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)


def furniture_svg(frame: Frame, height: float, lang: Lang) -> str:
    """Draw a scale of a round number of metres, and an arrow to the north."""
    room = frame.width_m / 6
    power = 10.0 ** np.floor(np.log10(room))
    metres = max(step * power for step in (1, 2, 5) if step * power <= room)
    length, y = metres * frame.scale, height - 12
    x, middle = SIDE - 70 - length, SIDE - 30
    told = escape(say(lang, "metres_n", {"n": f"{metres:,.0f}"}))
    return (
        f'<g class="furniture"><rect y="{height - STRIP:.1f}" width="{SIDE:g}" '
        f'height="{STRIP:g}" fill="#fff"/><path d="M0 {height - STRIP:.1f}H{SIDE:g}" '
        f'stroke="#d5d8de"/><path d="M{x:.1f} {y - 7:.1f}v7h{length:.1f}v-7" fill="none" '
        f'stroke="#222" stroke-width="2"/>'
        f'<text x="{x + length / 2:.1f}" y="{y - 8:.1f}">{told}</text>'
        f'<path d="M{middle} {y}v-26m-6 10 6-14 6 14z" fill="#222" stroke="#222" '
        f'stroke-width="1.5"/><text x="{middle - 20}" y="{y - 8:.1f}">'
        f"{escape(say(lang, 'north'))}</text></g>"
    )
