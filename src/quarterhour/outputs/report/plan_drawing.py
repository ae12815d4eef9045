"""The drawings of the plans in the report: maps and a curve, in SVG, readable without colour."""

from __future__ import annotations

from html import escape
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.outputs.looks import CENTRE, GROUNDS, LEFT, LOOKS, NEW, THERE
from quarterhour.outputs.plan_tables import changed_areas, left_homes, place_of
from quarterhour.outputs.plan_words import recorded
from quarterhour.outputs.report.drawing import (
    SIDE,
    STRIP,
    Frame,
    furniture_svg,
    numbers_svg,
    streets_svg,
)
from quarterhour.outputs.words import Lang, percent, say
from quarterhour.planning.audit import Audit
from quarterhour.planning.circles import Circles
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.rooms import RoomSiting
from quarterhour.planning.siting import Siting
from quarterhour.scoring.scorecard import Scorecard

HOME = "#9aa0aa"
GAIN, LOSS, BOTH = LOOKS["met"].tint, "url(#fill-unmet)", "url(#fill-implied)"
DISC = 12.0
WIDE, HIGH = 1000.0, 250.0
LABELLED = 25

AREA_BOX = '<rect width="100%" height="100%" fill="#f1f2ee" stroke="#777"/>'

Shapes = npt.NDArray[np.object_]


def siting_map(plan: Siting, lang: Lang) -> str:
    """Draw new places with their numbers, places that exist, and homes."""
    return _sites_map(plan.card, plan.sites, [plan.item.key], lang)


def rooms_map(plan: RoomSiting, lang: Lang) -> str:
    """Draw rooms with their numbers, places that exist of any of their items, and homes."""
    return _sites_map(plan.card, plan.rooms, [*plan.items["item"]], lang)


def _sites_map(card: Scorecard, table: gpd.GeoDataFrame, items: list[str], lang: Lang) -> str:
    homes, sites = _shapes(card.origins, card), _shapes(table, card)
    frame = Frame.around(np.concatenate([homes, sites]))
    mine = card.matches.loc[card.matches["item"].isin(items), "facility"].unique()
    there = _shapes(card.facilities.loc[card.facilities.index.isin(mine)], card)
    drawn = [_areas(card, frame), _dots(homes, frame, HOME, 3.5), _squares(there, frame)]
    drawn += [_disc(site, str(n), NEW, frame) for n, site in reversed([*enumerate(sites, 1)])]
    return _map(card, frame, drawn, "site_map_alt", lang)


def audit_map(plan: Audit, shown: int, lang: Lang) -> str:
    """Draw the worst faults with their numbers, over the areas."""
    card = plan.card
    faults = _shapes(plan.faults.head(shown), card)
    frame = Frame.around(faults)
    drawn = [_areas(card, frame)]
    drawn += [_change(n, one, frame) for n, one in reversed([*enumerate(faults, 1)])]
    return _map(card, frame, drawn, "audit_map_alt", lang)


def audit_legend(lang: Lang) -> str:
    """Say what the signs of the map of faults stand for."""
    return _legend([(_key_disc(NEW), say(lang, "audit_key")), (AREA_BOX, say(lang, "key_area"))])


def siting_legend(lang: Lang) -> str:
    """Say what the signs of the map of sites stand for."""
    square = f'<rect x="8" y="2" width="10" height="10" fill="{THERE}" stroke="#fff"/>'
    return _legend(
        [
            (_key_disc(NEW), say(lang, "site_key_new")),
            (square, say(lang, "site_key_there")),
            (f'<circle cx="13" cy="7" r="2.5" fill="{HOME}"/>', say(lang, "site_key_home")),
            (AREA_BOX, say(lang, "key_area")),
        ]
    )


def circles_map(plan: Circles, lang: Lang) -> str:
    """Draw the grounds of circles with their numbers and centres, and homes in none."""
    card = plan.card
    grounds, left = _shapes(plan.circles, card), _shapes(left_homes(plan), card)
    centres = _shapes(plan.centres, card)
    frame = Frame.around(np.concatenate([_shapes(card.origins, card), centres]))
    drawn = [_areas(card, frame)]
    for place, ground in enumerate(shapely.simplify(grounds, 0.5 / frame.scale)):
        fill = GROUNDS[place % len(GROUNDS)]
        style = f'fill="{fill}" fill-opacity=".75" fill-rule="evenodd" stroke="#444"'
        drawn.append(f'<path d="{_outline(ground, frame)}" {style}/>')
    drawn.append(_crosses(left, frame))
    names = plan.circles["circle"].astype(str).tolist()
    drawn += [_parts(one, name, frame) for one, name in zip(grounds, names, strict=True)]
    drawn += [_disc(one, n, CENTRE, frame) for one, n in zip(centres, names, strict=True)]
    return _map(card, frame, drawn, "circle_map_alt", lang)


def circles_legend(lang: Lang) -> str:
    """Say what the signs of the map of circles stand for."""
    cross = f'<path d="M9 3l8 8m0-8l-8 8" stroke="{LEFT}" stroke-width="2"/>'
    ground = f'<rect width="100%" height="100%" fill="{GROUNDS[0]}" stroke="#444"/>'
    return _legend(
        [
            (ground, say(lang, "circle_key_ground")),
            (_key_disc(CENTRE), say(lang, "circle_key_centre")),
            (cross, say(lang, "circle_key_left")),
            (AREA_BOX, say(lang, "key_area")),
        ]
    )


def comparison_map(plan: Comparison, lang: Lang) -> str:
    """Draw which areas gain and lose, with their numbers, and where changes are made."""
    card = plan.after
    table = changed_areas(plan)
    shapes = pd.Series(_shapes(card.areas, card), index=card.areas.index)
    marks = [(n, at) for n, one in enumerate(recorded(plan), 1) if (at := place_of(one, plan))]
    placed = np.array([at for _, at in marks], dtype=object)
    frame = Frame.around(np.concatenate([shapes.to_numpy(), placed]))
    more, less = (set(table.index[table[key] > 0]) for key in ("gained", "lost"))
    drawn = []
    fat = np.array([_seen(one, frame) for one in shapes], dtype=object)
    for label, one in zip(shapes.index, fat, strict=True):
        fill = _tint(label in more, label in less)
        style = f'fill="{fill}" fill-rule="evenodd" stroke="#222"'
        drawn.append(f'<path d="{_outline(one, frame)}" {style}/>')
    mine = fat[shapes.index.get_indexer(table.index)]
    numbers = [str(n) for n in range(1, len(mine) + 1)]
    halo = [""] * len(mine)  # a number is read on any ground
    drawn.append(f'<g class="numbers">{"".join(numbers_svg(mine, numbers, halo, frame))}</g>')
    drawn += [_change(n, at, frame) for n, at in marks]
    return _map(card, frame, drawn, "plan_map_alt", lang)


def comparison_legend(lang: Lang) -> str:
    """Say what the grounds and signs of the map of a scenario stand for."""
    grounds = (
        (GAIN, "plan_map_gain"),
        (LOSS, "plan_map_loss"),
        (BOTH, "plan_map_mixed"),
        ("#fff", "plan_map_same"),
    )
    boxes = [
        (f'<rect width="100%" height="100%" fill="{fill}" stroke="#222"/>', say(lang, key))
        for fill, key in grounds
    ]
    return _legend([*boxes, (_key_disc(NEW), say(lang, "plan_map_change"))])


def curve_svg(plan: Siting, lang: Lang) -> str:
    """Draw the share within the limit by the number of new places."""
    count, share = plan.curve["sites"].to_numpy(), plan.curve["share"].to_numpy(dtype=float)
    left, right, top, bottom = 58.0, WIDE - 24, 22.0, HIGH - 46
    x = left + 20 + (right - left - 40) * count / max(count[-1], 1)
    y = bottom - (bottom - top) * share
    parts = []
    for line in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = bottom - (bottom - top) * line
        parts.append(f'<path d="M{left} {at:.1f}H{right}" stroke="#d5d8de"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 5:.1f}" text-anchor="end">{line:.0%}</text>')
    step = max(1, len(count) // LABELLED)
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
    parts.append(f'<path d="M{path}" fill="none" stroke="{NEW}" stroke-width="2.5"/>')
    for n, a, b, part in zip(count, x, y, share, strict=True):
        parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4.5" fill="{NEW}"/>')
        if n % step == 0:
            below = b + 22 if b < top + 16 else b - 10
            parts.append(f'<text x="{a:.1f}" y="{bottom + 18:.1f}">{n}</text>')
            parts.append(f'<text x="{a:.1f}" y="{below:.1f}">{percent(float(part))}</text>')
    told = escape(say(lang, "x_number_of_sites"))
    parts.append(f'<text x="{(left + right) / 2:.1f}" y="{HIGH - 8}">{told}</text>')
    alt = escape(say(lang, "site_curve_alt"))
    return (
        f'<svg class="curve" viewBox="0 0 {WIDE:g} {HIGH:g}" role="img" aria-label="{alt}">'
        f"<title>{alt}</title>{''.join(parts)}</svg>"
    )


def _map(card: Scorecard, frame: Frame, drawn: list[str], alt: str, lang: Lang) -> str:
    height = frame.height_m * frame.scale + STRIP
    told = escape(say(lang, alt))
    return (
        f'<svg class="map" viewBox="0 0 {SIDE:g} {height:.0f}" role="img" aria-label="{told}">'
        f'<rect width="{SIDE:g}" height="{height:.0f}" fill="#fbfbf9"/>'
        f"{streets_svg(card, frame)}<g>{''.join(drawn)}</g>"
        f"{furniture_svg(frame, height, lang)}</svg>"
    )


def _areas(card: Scorecard, frame: Frame) -> str:
    """Draw the outlines of the areas, so that a reader knows where things are."""
    told = "".join(_outline(_seen(one, frame), frame) for one in _shapes(card.areas, card))
    return f'<path d="{told}" fill="#f1f2ee" fill-rule="evenodd" stroke="#777"/>'


def _shapes(table: gpd.GeoDataFrame, card: Scorecard) -> Shapes:
    return np.asarray(table.geometry.to_crs(card.network.crs).array, dtype=object)


def _xy(shape: Any, frame: Frame) -> tuple[float, float]:
    x, y = shapely.get_coordinates(shapely.centroid(shape))[0]
    return float((x - frame.west) * frame.scale), float((frame.north - y) * frame.scale)


def _outline(shape: Any, frame: Frame) -> str:
    rings = shapely.get_rings(shapely.get_parts(shape))
    return "".join(frame.path(shapely.get_coordinates(ring), closed=True) for ring in rings)


def _seen(shape: Any, frame: Frame) -> Any:
    """Give what is drawn of an area: a speck where it is none, or too small."""
    if shapely.get_dimensions(shape) == 2 and np.sqrt(shape.area) * frame.scale > 4:
        return shapely.simplify(shape, 0.3 / frame.scale)
    return shapely.buffer(shapely.centroid(shape), 5 / frame.scale)


def _dots(shapes: Shapes, frame: Frame, colour: str, size: float) -> str:
    told = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in (_xy(one, frame) for one in shapes))
    style = f'stroke="{colour}" stroke-width="{size}" stroke-linecap="round"'
    return f'<path d="{told}" fill="none" {style}/>'


def _squares(shapes: Shapes, frame: Frame) -> str:
    places = (_xy(one, frame) for one in shapes)
    told = "".join(f"M{x - 5:.1f} {y - 5:.1f}h10v10h-10z" for x, y in places)
    return f'<path d="{told}" fill="{THERE}" stroke="#fff"/>'


def _crosses(shapes: Shapes, frame: Frame) -> str:
    places = (_xy(one, frame) for one in shapes)
    told = "".join(f"M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8" for x, y in places)
    return f'<path d="{told}" fill="none" stroke="{LEFT}" stroke-width="2"/>'


def _parts(ground: Any, name: str, frame: Frame) -> str:
    """Write the number of a circle on each larger part of its ground."""
    parts = shapely.get_parts(ground)
    large = parts[shapely.area(parts) * frame.scale**2 > SIDE * SIDE / 400]
    return f'<g class="numbers">{"".join(_text(one, name, frame) for one in large)}</g>'


def _text(shape: Any, text: str, frame: Frame) -> str:
    x, y = _xy(shape.representative_point(), frame)
    halo = 'stroke="#fff" stroke-width="4" paint-order="stroke"'
    return f'<text x="{x:.1f}" y="{y + 5:.1f}" fill="#222" {halo}>{text}</text>'


def _disc(shape: Any, text: str, colour: str, frame: Frame) -> str:
    x, y = _xy(shape, frame)
    return (
        f'<g class="numbers"><circle cx="{x:.1f}" cy="{y:.1f}" r="{DISC}" fill="{colour}" '
        f'stroke="#fff" stroke-width="2"/><text x="{x:.1f}" y="{y + 5:.1f}" fill="#fff">{text}'
        "</text></g>"
    )


def _change(number: int, shape: Any, frame: Frame) -> str:
    """Draw a change: a line as it runs, and its number."""
    line = ""
    if shapely.get_dimensions(shape) == 1:
        runs = "".join(frame.path(shapely.get_coordinates(p)) for p in shapely.get_parts(shape))
        line = f'<path d="{runs}" fill="none" stroke="{NEW}" stroke-width="5"/>'
    return line + _disc(shape, str(number), NEW, frame)


def _tint(more: bool, less: bool) -> str:
    return BOTH if more and less else GAIN if more else LOSS if less else "#fff"


def _key_disc(colour: str) -> str:
    return f'<circle cx="13" cy="7" r="6" fill="{colour}"/>'


def _legend(entries: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><svg class="box" viewBox="0 0 26 14">{sign}</svg> {escape(told)}</li>'
        for sign, told in entries
    )
    return f'<ul class="legend">{items}</ul>'
