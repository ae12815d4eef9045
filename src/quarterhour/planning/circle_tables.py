"""Circles in one set of terms, whoever drew them: residents, walks, areas and items."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.scoring.scorecard import Scorecard

AROUND_M = 60.0
"""The ground of a circle: what lies this near to its homes, gaps between them closed."""


def standing(card: Scorecard, labels: pd.Series[Any]) -> list[str]:
    """Name areas by their label; an area without a name has an empty one."""
    if "name" not in card.areas:
        return [""] * len(labels)
    return [str(name) for name in card.areas["name"].reindex(labels).fillna("")]


def member_table(card: Scorecard, homes: pd.DataFrame) -> pd.DataFrame:
    """One row per area and circle: residents, share of the area, and walks."""
    totals = card.origins.groupby("area")["residents"].sum()
    rows = []
    for (circle, area), mine in homes.groupby(["circle", "area"], sort=True):
        known = float(mine["residents"].sum())
        rows.append((area, circle, known, known / float(totals[area]), *_walk(mine)))
    columns = ["area", "circle", "residents", "share", "mean_minutes", "longest_minutes"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(1, "name", standing(card, table["area"]))
    return table


def circle_table(
    card: Scorecard, centres: gpd.GeoDataFrame, homes: pd.DataFrame, at_least: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Describe each circle; at the ground around its homes, and at its centre."""
    by_circle = dict(list(homes.groupby("circle")))
    nobody = homes.iloc[:0]
    table, shapes = centres.copy(), []
    points = card.origins.geometry.to_crs(centres.crs)
    rows = []
    for circle in table["circle"]:
        mine = by_circle.get(circle, nobody)
        residents = float(mine["residents"].sum())
        had = items_of(card, mine["area"].unique())
        below = "below" if residents < at_least * (1 - 1e-6) else ""
        rows.append((residents, mine["area"].nunique(), *_walk(mine), *had, below))
        shapes.append(_ground(points[mine["origin"]]))
    columns = ["residents", "areas", "mean_minutes", "longest_minutes"]
    columns += ["items", "items_missing", "items_unknown", "outside"]
    told = pd.DataFrame(rows, columns=columns, index=table.index)
    table = gpd.GeoDataFrame(
        pd.concat([table.drop(columns="geometry"), told], axis=1),
        geometry=table.geometry,
        crs=centres.crs,
    )
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs)), table


def items_of(card: Scorecard, areas: Any) -> tuple[int, int, int]:
    """Items that at least one of the areas has, that all lack, and of which one may have it."""
    mine = card.results[card.results["area"].isin(areas)]
    met = mine["status"].eq("met").groupby(mine["item"]).any()
    unknown = mine["status"].eq("unknown").groupby(mine["item"]).any()
    return int(met.sum()), int((~met & ~unknown).sum()), int((~met & unknown).sum())


def _walk(mine: pd.DataFrame) -> tuple[float, float]:
    people = mine["residents"].to_numpy(dtype=float)
    minutes = mine["minutes"].to_numpy(dtype=float)
    if not people.sum() > 0:
        return np.nan, np.nan
    return float((people * minutes).sum() / people.sum()), float(minutes.max())


def _ground(points: gpd.GeoSeries) -> Any:
    """What lies around the homes of a circle."""
    if len(points) == 0:
        return shapely.Polygon()
    spots = shapely.buffer(np.asarray(points.array, dtype=object), 2 * AROUND_M, quad_segs=4)
    return shapely.buffer(shapely.union_all(spots), -AROUND_M, quad_segs=4)
