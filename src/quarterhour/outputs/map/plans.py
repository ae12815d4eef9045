"""What the map page knows of plans: words, numbered places, grounds, and the score after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.outputs.cause_words import causes_text
from quarterhour.outputs.map.data import (
    Block,
    polygons_block,
    results_block,
    shares_block,
)
from quarterhour.outputs.plan_tables import (
    left_homes,
    member_texts,
    place_of,
    site_table,
)
from quarterhour.outputs.plan_words import (
    Plan,
    change_text,
    circles_text,
    comparison_text,
    count_text,
    moved_text,
    plan_title,
    proof_text,
    recorded,
    siting_text,
)
from quarterhour.outputs.report.parts import facility_names
from quarterhour.outputs.room_words import room_proof_text, room_table, rooms_text
from quarterhour.outputs.words import LANGS, Lang, minutes, say
from quarterhour.planning.circles import Circles
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.rooms import RoomSiting
from quarterhour.planning.siting import Siting
from quarterhour.scoring.scorecard import Scorecard

DRAWN = (Comparison, Siting, RoomSiting, Circles)
"""The kinds of plans that the map shows."""

DIGITS = 6
"""Of degrees: a tenth of a metre."""


def plans_block(card: Scorecard, named: Sequence[tuple[str, Plan]]) -> list[Block]:
    """Give all that the page knows of each plan."""
    return [_block(card, plan, place, name) for place, (name, plan) in enumerate(named, start=1)]


def _block(card: Scorecard, plan: Plan, place: int, name: str) -> Block:
    title = {lang: plan_title(plan, place, name, lang) for lang in LANGS}
    if isinstance(plan, Comparison):
        return {"kind": "comparison", "title": title, **_comparison(card, plan)}
    if isinstance(plan, Siting):
        return {"kind": "siting", "title": title, **_siting(plan)}
    if isinstance(plan, RoomSiting):
        return {"kind": "siting", "title": title, **_rooms(plan)}
    assert isinstance(plan, Circles)  # noqa: S101 - for the type checker: one of DRAWN
    return {"kind": "circles", "title": title, **_circles(plan)}


def _in_both(texts: Any) -> dict[Lang, list[str]]:
    return {lang: list(texts(lang)) for lang in LANGS}


def _comparison(card: Scorecard, plan: Comparison) -> Block:
    changes = recorded(plan)
    placed = [(n, shape) for n, one in enumerate(changes, 1) if (shape := place_of(one, plan))]
    shapes = np.array([shape for _, shape in placed], dtype=object)
    crs = plan.after.network.crs
    lines = shapes[shapely.get_dimensions(shapes) == 1] if len(shapes) else shapes
    return {
        "told": _in_both(lambda lang: [*comparison_text(plan, lang), *causes_text(plan, lang)]),
        "items": _in_both(lambda lang: [change_text(one, plan.before, lang) for one in changes]),
        "points": _points(shapes, crs, [n for n, _ in placed]),
        "lines": [_degrees(part, crs) for line in lines for part in shapely.get_parts(line)],
        "after": _after(card, plan),
        "by_item": _by_item(card, plan),
        **{key: _people(plan.areas[key].reindex(card.areas.index)) for key in ("gained", "lost")},
        "unit": "homes" if plan.measure == "residences" else "residents",
    }


def _by_item(card: Scorecard, plan: Comparison) -> list[list[int]]:
    """Give items by number with who gains and who loses, those first that change most."""
    place = {key: k for k, key in enumerate(card.checklist.keys())}
    rows = [
        [place[str(key)], round(float(row["gained"])), round(float(row["lost"]))]
        for key, row in zip(plan.items.index, plan.items.to_dict("records"), strict=True)
        if round(float(row["gained"])) or round(float(row["lost"]))
    ]
    return sorted(rows, key=lambda row: -(row[1] + row[2]))


def _people(counts: pd.Series[Any]) -> list[int]:
    return [0 if np.isnan(n) else round(float(n)) for n in counts]


def _after(card: Scorecard, plan: Comparison) -> Block | None:
    """Give the score after, where it is of the same areas and items in the same order."""
    after = plan.after
    same = after.areas.index.equals(card.areas.index)
    if not (same and after.checklist.keys() == card.checklist.keys()):
        return None
    shown = card.facilities.index[card.facilities.index.isin(card.matches["facility"])]
    names = facility_names(after, "zh")
    strange = after.results["facility"].notna() & ~after.results["facility"].isin(shown)
    told = after.results["facility"].to_numpy()
    return {
        "results": results_block(after, shown),
        "areas": shares_block(after, after.summary()),
        "names": {str(k): names.get(told[k], "") for k in np.flatnonzero(strange)},
    }


def _siting(plan: Siting) -> Block:
    def items(lang: Lang) -> list[str]:
        return [
            say(lang, "colon").join([row["where"], moved_text(row["gained"], "+", lang)])
            for row in site_table(plan, lang).to_dict("records")
        ]

    shapes = np.asarray(plan.sites.geometry.array, dtype=object)
    return {
        "told": _in_both(lambda lang: [siting_text(plan, lang), proof_text(plan, lang)]),
        "items": _in_both(items),
        "points": _points(shapes, plan.sites.crs, list(range(1, len(shapes) + 1))),
    }


def _rooms(plan: RoomSiting) -> Block:
    def items(lang: Lang) -> list[str]:
        table = room_table(plan, lang)
        pairs = zip(table["where"], table["serves"], strict=True)
        return [say(lang, "colon").join(pair) for pair in pairs]

    shapes = np.asarray(plan.rooms.geometry.array, dtype=object)
    return {
        "told": _in_both(lambda lang: [*rooms_text(plan, lang), room_proof_text(plan, lang)]),
        "items": _in_both(items),
        "points": _points(shapes, plan.rooms.crs, list(range(1, len(shapes) + 1))),
    }


def _circles(plan: Circles) -> Block:
    rows = plan.circles.drop(columns="geometry").to_dict("records")

    def items(lang: Lang) -> list[str]:
        members = member_texts(plan, lang)
        mean = "平均 {} 分钟" if lang == "zh" else "mean walk {} min"
        between = "；" if lang == "zh" else "; "
        return [
            between.join(
                [
                    members[row["circle"]],
                    count_text(row["residents"], "residents", lang),
                    mean.format(minutes(row["mean_minutes"])),
                ]
            )
            for row in rows
        ]

    crs = plan.card.network.crs
    grounds = np.asarray(plan.circles.geometry.to_crs(crs).array, dtype=object)
    centres = np.asarray(plan.centres.geometry.array, dtype=object)
    left = left_homes(plan)
    homes = np.asarray(left.geometry.array, dtype=object)
    return {
        "told": _in_both(lambda lang: circles_text(plan, lang)),
        "items": _in_both(items),
        "points": _points(centres, plan.centres.crs, [int(row["circle"]) for row in rows]),
        "grounds": polygons_block(shapely.simplify(grounds, 1.0), crs),
        "left": _points(homes, left.crs, [0] * len(homes)),
    }


def _points(shapes: Any, crs: Any, numbers: list[int]) -> Block:
    """Give the middles of shapes in degrees, with their numbers."""
    at = gpd.GeoSeries(shapely.centroid(shapes), crs=crs).to_crs(4326)
    x, y = at.x.round(DIGITS).tolist(), at.y.round(DIGITS).tolist()
    return {"lon": x, "lat": y, "n": numbers}


def _degrees(line: Any, crs: Any) -> list[list[float]]:
    moved = gpd.GeoSeries([line], crs=crs).to_crs(4326).iloc[0]
    xy: list[list[float]] = shapely.get_coordinates(moved).round(DIGITS).tolist()
    return xy
