"""What the map page knows, as columns of whole numbers and words.

The page reads a few blocks of JSON; each is compressed on its own, so that it can be read when
it is needed. Coordinates are whole millionths of a degree, written as steps.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.outputs.credits import credit, credit_html, sources
from quarterhour.outputs.looks import SHOWN
from quarterhour.outputs.map.backdrop import street_names
from quarterhour.outputs.map.streets import (
    DEGREE,
    LINE_M,
    SECOND,
    degrees,
    edges_near,
    pack_ends,
    pack_starts,
    pack_streets,
    steps,
)
from quarterhour.outputs.map.what_if import can_be_asked, what_if_block
from quarterhour.outputs.walker_words import walker_words
from quarterhour.outputs.words import (
    LANGS,
    left_out_text,
    metres_up,
    minutes_up,
    name_of,
    notes_text,
    say,
    shares_down,
)
from quarterhour.places.origins import BEHIND
from quarterhour.places.own_columns import own_columns
from quarterhour.scoring.question import pace_text
from quarterhour.scoring.scorecard import REASONS, Scorecard
from quarterhour.scoring.summary_columns import (
    MET_SHARE,
    OBSERVED_SHARE,
    group_columns,
    observed_column,
)
from quarterhour.streets.snap import SNAP_LIMIT_M, in_crs_of
from quarterhour.walking.isochrones.isochrones import ERROR_M, REACH_M
from quarterhour.walking.pace import Pace, checked_seconds, off_street_speed_m_s, profiles

AREA_M = 0.5
"""How far outlines of areas may be moved to spare points."""

_DETAILS = ("opening_hours", "phone", "operator", "addr:street", "addr:housenumber", "address")

_AREA_TOLD = ("name", "name:en", "residents")
_PLACE_TOLD = ("name", "name:en", "name:zh", "entrances", "exits", BEHIND)

Block = dict[str, Any]


class Walk(NamedTuple):
    """How people walk on the map: the limits in minutes, the pace, and how far off the street."""

    minutes: tuple[float, ...]
    pace: Pace
    reach_m: float = REACH_M


def pace_of(card: Scorecard, pace: Pace | None) -> Pace:
    """Give the pace of the scorecard's own question; one that is given has to be the same.

    Raises
    ------
    InputError
        If the scorecard was made with another pace, or knows no question.
    """
    made = str(card.manifest["parameters"]["pace"])
    if pace is None and card.question is not None:
        return card.question.pace
    if pace is None:
        msg = f"The scorecard was made with the pace {made!r}: pass the same one as pace=… ."
        raise InputError(msg)
    if pace_text(pace) != made:
        msg = f"pace is {str(pace)!r}, but the scorecard was made with {made!r}: pass that one."
        raise InputError(msg)
    return pace


def page_blocks(
    card: Scorecard,
    walk: Walk,
    *,
    isochrones: bool,
    begin: Callable[[str], None] = lambda _: None,
) -> dict[str, Block]:
    """Give all that the page knows, by name of its block; ``begin`` is told of every step."""
    begin("areas, places and streets")
    facilities = card.facilities.loc[card.facilities.index.isin(card.matches["facility"])]
    shapes = in_crs_of(card.areas, card.network, "areas")
    network, seconds = card.network, checked_seconds(walk.pace, card.network)
    speed = off_street_speed_m_s(walk.pace)
    what_if = can_be_asked(card)
    edges = edges_near(network, shapes, _reach_m(card, walk, speed, what_if=what_if))
    blocks = {
        "card": {
            "checklist": _checklist(card),
            "areas": _areas(card, shapes),
            "results": results_block(card, facilities.index),
            "about": _about(card, walk, facilities),
            "extent": polygons_block(
                np.array([shapely.simplify(card.network.extent, LINE_M)], dtype=object),
                card.network.crs,
            ),
            "walk": {
                "minutes": list(walk.minutes),
                "speed_m_s": speed,
                "snap_limit_m": SNAP_LIMIT_M,
                "second": SECOND,
                "degree": DEGREE,
                "street_error_m": LINE_M,
            },
        },
        "facilities": _facilities(card, facilities),
        "streets": pack_streets(network, seconds, edges) | {"names": street_names(network, edges)},
        "ends": pack_ends(facilities, network, edges),
    }
    if what_if:
        begin("what is asked when something changes")
        blocks["what_if"] = what_if_block(card, walk.pace, edges, facilities)
    if isochrones:
        blocks["starts"] = pack_starts(card.origins, card.areas.index, network, edges)
        blocks["card"]["walk"]["isochrone_error_m"] = ERROR_M["fast"]
        blocks["card"]["walk"]["isochrone_reach_m"] = walk.reach_m
    return blocks


def _reach_m(card: Scorecard, walk: Walk, speed: float, *, what_if: bool) -> float:
    """How far streets are needed around the areas; two walks of it are looked at."""
    reach_m = 60 * max(walk.minutes) * speed
    if not what_if or card.question is None:
        return reach_m
    fastest = max(speed, *profiles()["speed_m_s"])
    farthest = max(item.limit.reach_m(fastest) for item in card.checklist)
    return max(reach_m, card.question.horizon * farthest / 2)


def _checklist(card: Scorecard) -> Block:
    checklist = card.checklist
    group = {one.key: number for number, one in enumerate(checklist.groups)}
    return {
        "key": checklist.key,
        "zh": name_of(checklist, "zh"),
        "en": checklist.en,
        "citation": checklist.citation,
        "status": checklist.status,
        "groups": [{"key": g.key, "zh": name_of(g, "zh"), "en": g.en} for g in checklist.groups],
        "items": [
            {
                "key": item.key,
                "zh": name_of(item, "zh"),
                "en": item.en,
                "group": group[item.group],
                "limit_minutes": item.limit.minutes,
                "limit_m": item.limit.metres,
                "at_least": item.at_least,
            }
            for item in checklist
        ],
    }


def _areas(card: Scorecard, shapes: npt.NDArray[np.object_]) -> Block:
    summary = card.summary()
    is_area = shapely.get_dimensions(shapes) == 2
    outlines = np.where(is_area, shapes, np.full(len(shapes), shapely.Polygon(), dtype=object))
    points = np.where(is_area, shapely.point_on_surface(shapes), shapely.centroid(shapes))
    lon, lat = degrees(shapely.get_coordinates(points), card.network.crs)
    return {
        "name": _texts(card.areas, "name"),
        "name_en": _texts(card.areas, "name:en"),
        "label": [str(label) for label in card.areas.index],
        "residents": _whole(summary["residents"]),
        **shares_block(card, summary),
        "own": _own(card.areas, _AREA_TOLD),
        "lon": steps(lon),
        "lat": steps(lat),
        "shapes": polygons_block(shapely.simplify(outlines, AREA_M), card.network.crs),
    }


def shares_block(card: Scorecard, summary: pd.DataFrame) -> Block:
    """Give the shares met of each area, in all and by group, and how it is left."""
    groups = group_columns(card.checklist).values()
    observed = [observed_column(column) for column in groups]
    return {
        MET_SHARE: _per_mille(summary[MET_SHARE]),
        "by_group": [_per_mille(summary[column]) for column in groups],
        OBSERVED_SHARE: _per_mille(summary[OBSERVED_SHARE]),
        "by_group_observed": [_per_mille(summary[column]) for column in observed],
        "way_out": _texts(summary, "way_out"),
    }


def polygons_block(shapes: npt.NDArray[np.object_], crs: pyproj.CRS) -> Block:
    """Counts of polygons per shape, rings per polygon, points per ring; then the points."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    solid = ~shapely.is_empty(parts)
    parts, shape = parts[solid], shape[solid]
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = degrees(xy, crs)
    return {
        "degree": DEGREE,
        "parts": np.bincount(shape, minlength=len(shapes)).tolist(),
        "rings": np.bincount(part, minlength=len(parts)).tolist(),
        "points": np.bincount(ring, minlength=len(rings)).tolist(),
        "lon": steps(lon),
        "lat": steps(lat),
    }


def results_block(card: Scorecard, facilities: pd.Index) -> Block:
    """One entry per area and item, in the order of both: the page finds them by counting."""
    table = card.results
    status = table["status"].where(table["reason"] != "implied_by_host", "implied")
    in_metres = "median_metres" in table
    metres = table["median_metres"] if in_metres else table["median_minutes"]
    return {
        "status": status.map({word: code for code, word in enumerate(SHOWN)}).tolist(),
        "reason": table["reason"].map({word: code for code, word in enumerate(REASONS)}).tolist(),
        "share": _per_mille(table["share"]),
        "without": _whole(table["residents_without"]),
        "minutes": _whole(minutes_up(table["median_minutes"]) * 10),
        "worst": _whole(minutes_up(table["worst_minutes"]) * 10),
        "metres": _whole(metres_up(metres)) if in_metres else [],
        "facility": facilities.get_indexer(pd.Index(table["facility"])).tolist(),
        "edge": table["edge_affected"].astype(int).tolist(),
        "reasons": list(REASONS),
        "statuses": list(SHOWN),
    }


def _facilities(card: Scorecard, facilities: gpd.GeoDataFrame) -> Block:
    shapes = in_crs_of(facilities, card.network, "facilities")
    is_area = shapely.get_dimensions(shapes) == 2
    points = np.where(is_area, shapely.point_on_surface(shapes), shapely.centroid(shapes))
    lon, lat = degrees(shapely.get_coordinates(points), card.network.crs)
    matches = card.matches.drop_duplicates(["facility", "item"])
    row = facilities.index.get_indexer(pd.Index(matches["facility"]))
    item = pd.Index(card.checklist.keys()).get_indexer(pd.Index(matches["item"]))
    host = (matches["evidence"] == "host").to_numpy()
    order = np.lexsort((item, host, row))
    details = {name: _sparse(facilities, name) for name in _DETAILS if name in facilities}
    return {
        "name": _texts(facilities, "name"),
        "name_en": _texts(facilities, "name:en"),
        "name_zh": _texts(facilities, "name:zh"),
        "lon": steps(lon),
        "lat": steps(lat),
        "count": np.bincount(row, minlength=len(facilities)).tolist(),
        "item": item[order].tolist(),
        "host": host[order].astype(int).tolist(),
        "details": details,
        "label": [str(label) for label in facilities.index],
        "own": _own(facilities, (*_PLACE_TOLD, *_DETAILS)),
    }


def _own(table: pd.DataFrame, told: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Texts by column and row, for the columns that the page does not show otherwise."""
    rest = own_columns(table.drop(columns=[c for c in told if c in table.columns]))
    kept = {str(name): _sparse(rest, str(name)) for name in rest}
    return {name: texts for name, texts in kept.items() if texts}


def _sparse(table: pd.DataFrame, column: str) -> dict[str, str]:
    """Texts by row, for a column that most rows leave empty."""
    return {str(row): text for row, text in enumerate(_texts(table, column)) if text}


def _about(card: Scorecard, walk: Walk, facilities: gpd.GeoDataFrame) -> Block:
    """Say what made the numbers, in plain data."""
    inputs = card.manifest["inputs"]
    parameters = card.manifest["parameters"]
    network = inputs["network"]
    notes = {
        lang: [
            f"{say(lang, f'input_{name}')}{say(lang, 'colon')}{note}"
            for name in ("areas", "facilities", "origins")
            for note in notes_text(inputs[name], lang)
        ]
        for lang in LANGS
    }
    files = [Path(str(one["source"])).name for one in inputs.values() if one.get("source")]
    return {
        "made_at": str(card.manifest["made_at"]),
        "version": str(card.manifest["versions"]["quarterhour"]),
        "pace": {lang: walker_words(walk.pace, lang) for lang in LANGS},
        "quota": float(parameters["quota"]),
        "horizon": float(parameters["horizon"]),
        "surveyed": [str(key) for key in parameters["surveyed"]],
        "origins_at": str(parameters["origins_at"]),
        "osm_timestamp": str(network.get("osm_timestamp", "")),
        "files": list(dict.fromkeys(files)),
        "notes": notes,
        "left_out": {lang: left_out_text(card.left_out, lang) for lang in LANGS},
        "facilities_shown": len(facilities),
        "facilities_given": len(card.facilities),
        "credit": {lang: credit(sources(card), lang) for lang in LANGS},
        "credit_html": {lang: credit_html(sources(card), lang) for lang in LANGS},
    }


def _texts(table: pd.DataFrame, column: str) -> list[str]:
    if column not in table:
        return [""] * len(table)
    return [
        "" if missing else str(value)
        for value, missing in zip(table[column], table[column].isna(), strict=True)
    ]


def _whole(values: pd.Series[Any]) -> list[int]:
    """Whole numbers; -1 where there is none."""
    numbers: Floats = values.to_numpy(dtype=np.float64, na_value=np.nan)
    whole: Ints = np.where(np.isfinite(numbers), np.rint(numbers), -1).astype(np.int64)
    return [int(number) for number in whole]


def _per_mille(shares: pd.Series[Any]) -> list[int]:
    """Shares as whole thousandths, rounded down as all that people read."""
    return _whole(shares_down(shares.astype(float)) * 1000)
