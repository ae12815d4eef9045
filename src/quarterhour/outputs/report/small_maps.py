"""Small maps side by side: one for each group of items and one for each item.

They are bounded in size: where areas are many, dots on a grid stand for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Ints
from quarterhour.outputs.looks import (
    CLASS_FACES,
    CLASSES,
    LOOKS,
    NOTHING_KNOWN,
    SHOWN,
    shown_status,
)
from quarterhour.outputs.report.drawing import Frame
from quarterhour.outputs.report.parts import heading, legend, paragraph
from quarterhour.outputs.words import Lang, both_numbers, name_of, number, say, short
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.summary_columns import group_columns
from quarterhour.streets.snap import in_crs_of

WIDE = 240
"""Units across a small map; coordinates are whole ones."""

OUTLINES = 8000
"""Up to so many outlines in all maps together areas have their shape; beyond, they are dots."""

CELL = 4
"""Dots lie this many units apart."""

SPECK = 5
"""What is smaller than so many units is drawn as a square of that side."""

NOTHING_FILL = "url(#fill-nothing)"
PALE = {CLASS_FACES[0], NOTHING_KNOWN.face, LOOKS["implied"].face, LOOKS["unknown"].face}
WORST = ("unmet", "unknown", "implied", "met")
"""What a dot shows that stands for several areas: the first of these that any of them has."""


def small_maps(card: Scorecard, lang: Lang) -> str:
    """Draw where each group and each item is met; items of which nothing is known are named."""
    status = shown_status(card.results).to_numpy().reshape(len(card.areas), -1)
    known = (status != "unknown").any(axis=0)
    ground = Ground.of(card, len(card.checklist.groups) + int(known.sum()))
    body = [heading("maps_groups", lang), _row(_groups(card, ground, status, lang))]
    if known.any():
        body += [heading("maps_items", lang), legend(lang)]
        body.append(_row(_items(card, ground, status, lang)))
    if ground.dotted:
        body.append(paragraph(say(lang, "maps_dots"), "hint"))
    silent = [
        short(name_of(i, lang)) for i, one in zip(card.checklist, known, strict=True) if not one
    ]
    if silent:
        told = {"list": say(lang, "comma").join(silent)}
        body.append(paragraph(say(lang, "maps_silent", told), "hint"))
    return "".join(body)


def _row(figures: Iterable[str]) -> str:
    return f'<div class="smalls">{"".join(figures)}</div>'


class Ground:
    """The areas as they are drawn on every small map: an outline each, or dots on a grid."""

    def __init__(self, paths: list[str], cells: Ints, height: int, *, dotted: bool) -> None:
        self.paths, self.cells, self.height, self.dotted = paths, cells, height, dotted

    @classmethod
    def of(cls, card: Scorecard, maps: int) -> Ground:
        """Put the areas of a scorecard on the ground of so many maps."""
        shapes = in_crs_of(card.areas, card.network, "areas")
        frame = Frame.around(shapes)
        scale = WIDE / frame.width_m
        height = round(frame.height_m * scale)
        at = shapely.get_coordinates(shapely.centroid(shapes)) - [frame.west, frame.north]
        spots = np.rint(at * [scale, -scale]).astype(np.int64)
        if len(shapes) * maps > OUTLINES:
            return cls([], spots // CELL * CELL + CELL // 2, height, dotted=True)
        small = np.sqrt(shapely.area(shapes)) * scale < SPECK
        thin = shapely.simplify(shapes, 0.7 / scale)
        paths = [
            f"M{x - 2} {y - 2}h{SPECK}v{SPECK}h-{SPECK}z" if speck else _path(shape, frame, scale)
            for shape, speck, (x, y) in zip(thin, small, spots, strict=True)
        ]
        return cls(paths, spots, height, dotted=False)

    def drawn(self, kinds: npt.NDArray[Any], fills: Mapping[Any, str]) -> str:
        """Draw each area in the fill of its kind; of the kinds on one spot the first is seen."""
        order = list(fills)
        rank = np.array([order.index(kind) for kind in kinds])
        parts = []
        if self.dotted:
            first = np.lexsort((rank, self.cells[:, 1], self.cells[:, 0]))
            cells, seen = np.unique(self.cells[first], axis=0, return_index=True)
            rank = rank[first][seen]
            for place, kind in enumerate(order):
                parts.append(_dots(cells[rank == place], fills[kind], square=place == 0))
        else:
            for place, kind in reversed([*enumerate(order)]):
                told = "".join(self.paths[i] for i in np.flatnonzero(rank == place))
                style = f'fill="{fills[kind]}" fill-rule="evenodd" stroke="#333" stroke-width=".4"'
                parts.append(f'<path d="{told}" {style}/>' if told else "")
        return "".join(parts)


def _path(shape: Any, frame: Frame, scale: float) -> str:
    """Give an outline in whole units."""
    told = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = (shapely.get_coordinates(ring) - [frame.west, frame.north]) * [scale, -scale]
        steps = np.diff(np.rint(xy).astype(np.int64), axis=0)
        x, y = np.rint(xy[0]).astype(np.int64)
        moved = steps[np.any(steps != 0, axis=1)]
        told.append(f"M{x} {y}{''.join(f'l{a} {b}' for a, b in moved)}z")
    return "".join(told)


def _dots(cells: Ints, fill: str, *, square: bool) -> str:
    """Draw dots; pale ones with an edge, that they are seen on the ground."""
    if not len(cells):
        return ""
    steps = np.diff(cells, axis=0, prepend=[[0, 0]])
    told = "".join(f"m{x} {y}h0" for x, y in steps)
    cap = "square" if square else "round"
    drawn = [("#555", CELL), (fill, CELL - 1)] if fill in PALE else [(fill, CELL)]
    return "".join(
        f'<path d="{told}" stroke="{colour}" stroke-width="{wide}" stroke-linecap="{cap}"/>'
        for colour, wide in drawn
    )


def _figure(ground: Ground, drawn: str, caption: str, told: str) -> str:
    name = escape(f"{caption} {told}")
    return (
        f'<figure><svg class="small" viewBox="0 0 {WIDE} {ground.height}" role="img" '
        f'aria-label="{name}"><rect width="{WIDE}" height="{ground.height}" fill="#fbfbf9"/>'
        f"{drawn}</svg><figcaption>{escape(caption)}<small>{escape(told)}</small></figcaption>"
        "</figure>"
    )


def _groups(card: Scorecard, ground: Ground, status: npt.NDArray[Any], lang: Lang) -> Iterable[str]:
    """Draw the share met of each group, in the colours of the large map."""
    summary = card.summary()
    in_group = np.array([item.group for item in card.checklist])
    columns = group_columns(card.checklist)
    nothing = NOTHING_KNOWN.face if ground.dotted else NOTHING_FILL
    fills: dict[int, str] = dict(enumerate((*CLASS_FACES, nothing)))
    for group in card.checklist.groups:
        column = columns[group.key]
        share = summary[column].to_numpy(dtype=np.float64)
        place = np.searchsorted(CLASSES, np.minimum(np.nan_to_num(share) * 100, 99.999), "right")
        kinds = np.where(np.isnan(share), len(CLASS_FACES), place - 1)
        mine = status[:, in_group == group.key]
        count = {one: int((mine == one).sum()) for one in SHOWN}
        told = _met_of(count, lang)
        yield _figure(ground, ground.drawn(kinds, fills), name_of(group, lang), told)


def _items(card: Scorecard, ground: Ground, status: npt.NDArray[Any], lang: Lang) -> Iterable[str]:
    """Draw the status of each item of which anything is known."""
    faces = {one: f"url(#fill-{one})" if look.pattern else look.face for one, look in LOOKS.items()}
    plain = {one: look.face for one, look in LOOKS.items()}
    fills = {one: (plain if ground.dotted else faces)[one] for one in WORST}
    for place, item in enumerate(card.checklist):
        mine = status[:, place]
        count = {one: int((mine == one).sum()) for one in SHOWN}
        if count["unknown"] < len(mine):
            caption = f"{place + 1} {short(name_of(item, lang))}"
            yield _figure(ground, ground.drawn(mine, fills), caption, _met_of(count, lang))


def _met_of(count: Mapping[str, int], lang: Lang) -> str:
    """Give how many are met, observed and implied apart, of those that are known."""
    known = sum(count.values()) - count["unknown"]
    met = both_numbers(count["met"], count["implied"])
    return say(lang, "maps_met", {"met": met, "known": number(known)})
