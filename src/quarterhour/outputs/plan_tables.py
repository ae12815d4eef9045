"""Plans as tables of numbers, which the report formats and the workbook holds as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape as geometry_of

from quarterhour.outputs.report.parts import area_names
from quarterhour.outputs.words import Lang, number, percent, say
from quarterhour.planning.circles import Circles
from quarterhour.planning.comparison import Comparison
from quarterhour.planning.siting import Siting
from quarterhour.scoring.scorecard import Scorecard

STEP_M = 10
"""Distances to named areas are told in steps of this: they only help to find the place."""


def site_table(plan: Siting, lang: Lang) -> pd.DataFrame:
    """One row per new place: its number, where it is, whom it adds and who is served so far."""
    points = shapely.centroid(np.asarray(plan.sites.geometry.array, dtype=object))
    at = gpd.GeoSeries(points, crs=plan.sites.crs).to_crs(4326)
    served = plan.sites["served"].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "site": np.arange(1, len(plan.sites) + 1),
            "where": where_texts(plan.card, plan.sites, lang),
            "lon": at.x.to_numpy().round(6),
            "lat": at.y.to_numpy().round(6),
            "gained": plan.sites["gained"].to_numpy(dtype=float),
            "served": served,
            "share": served / plan.total,
        }
    )


def where_texts(card: Scorecard, sites: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """Say where each new place is: its own name, and the area that it is in or near."""
    names = area_names(card, lang).tolist()
    shapes = np.asarray(card.areas.geometry.to_crs(card.network.crs).array, dtype=object)
    places = np.asarray(sites.geometry.to_crs(card.network.crs).array, dtype=object)
    tree = shapely.STRtree(shapes)
    near, far = tree.query_nearest(places, all_matches=False, return_distance=True)
    texts = []
    own = sites["name"] if "name" in sites else [None] * len(places)
    for row, metres, name in zip(near[1], far, own, strict=True):
        told = {"name": names[row], "n": number(np.ceil(metres / STEP_M) * STEP_M)}
        text = say(lang, "site_near" if metres > 0 else "site_in", told)
        called = isinstance(name, str) and name.strip()
        texts.append(f"{name}{say(lang, 'in_brackets', {'text': text})}" if called else text)
    return texts


def member_texts(plan: Circles, lang: Lang) -> dict[Any, str]:
    """List the areas of each circle, with the part of an area that is not wholly in it."""
    names = area_names(plan.card, lang)
    texts: dict[Any, list[str]] = {circle: [] for circle in plan.circles["circle"]}
    for row in plan.members.sort_values("residents", ascending=False).to_dict("records"):
        part = float(row["share"])
        whole = "" if part > 1 - 1e-6 else say(lang, "in_brackets", {"text": percent(part)})
        texts[row["circle"]].append(f"{names[row['area']]}{whole}")
    return {circle: say(lang, "comma").join(some) for circle, some in texts.items()}


def note_text(row: dict[Any, Any], lang: Lang) -> str:
    """Say what is particular about a circle."""
    notes = [say(lang, "circle_given")] if row["given"] else []
    notes += [say(lang, "circle_below")] if row["outside"] else []
    return say(lang, "comma").join(notes)


def changed_items(plan: Comparison) -> pd.DataFrame:
    """Give the items of which anything changes, in the order of the checklist."""
    table = plan.items
    columns = ["gained", "lost", "areas_turned_met", "areas_turned_unmet"]
    return table[(table[columns] > 0).any(axis=1)]


def changed_areas(plan: Comparison) -> pd.DataFrame:
    """Give the areas of which anything changes, those first of which most does."""
    table = plan.areas.assign(moved=plan.areas["gained"].fillna(0) + plan.areas["lost"].fillna(0))
    turned = plan.turned["area"].unique()
    some = (table["moved"] > 0) | (table["met"] != table["met_before"]) | table.index.isin(turned)
    return table[some].sort_values("moved", ascending=False, kind="stable").drop(columns="moved")


def left_homes(plan: Circles) -> gpd.GeoDataFrame:
    """Give the homes of which residents are in no circle."""
    origins = plan.card.origins
    inside = plan.homes.groupby("origin")["residents"].sum().reindex(origins.index).fillna(0.0)
    again = origins.get("again")
    once = origins["residents"] if again is None else origins["residents"].where(~again, 0.0)
    unknown = origins["residents"].isna()
    return origins[unknown | (once.fillna(0.0) - inside > 1e-6)]


def place_of(feature: Mapping[str, Any], plan: Comparison) -> Any:
    """Say where a change is made, in the CRS of the streets; None where it has no place."""
    crs = plan.after.network.crs
    told = feature["properties"]
    if feature.get("geometry"):
        return gpd.GeoSeries([geometry_of(feature["geometry"])], crs=4326).to_crs(crs).iloc[0]
    for key, table in (("facility", plan.before.facilities), ("area", plan.before.areas)):
        if key in told:
            mine = table.index.map(str) == str(told[key])
            mine |= (table["name"] == told[key]).to_numpy() if "name" in table else False
            if mine.any():
                shape = table.geometry[mine].to_crs(crs).iloc[0]
                # A disc in the middle of an area would cover the number of the area.
                return shape if key == "facility" else _northmost(shape)
    return None


def _northmost(shape: Any) -> Any:
    xy = shapely.get_coordinates(shape)
    return shapely.Point(xy[np.argmax(xy[:, 1])])
