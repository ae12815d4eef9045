"""Areas as origins: their residents walk, and the median one speaks for all, as in `assess`."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.places.contracts import check_index
from quarterhour.places.frames import utm_of
from quarterhour.places.grids import GRID_M
from quarterhour.places.origins import origins as origins_of
from quarterhour.walking.nearest import Found

_HALF = 0.5 - 1e-9
"""Share of residents that the median one completes; shares may add up to a hair less."""

_POINTS = ("Point", "MultiPoint")
_LINES = ("LineString", "MultiLineString", "LinearRing")


class Homes(NamedTuple):
    """Points in areas: a table with the column ``area``, the row of each one's area, its share."""

    table: gpd.GeoDataFrame
    row: Ints
    share: Floats


def homes_of(places: gpd.GeoDataFrame) -> Homes | None:
    """
    Spread the residents of areas over points, as :func:`quarterhour.origins` does.

    Parameters
    ----------
    places
        Where walks begin. Polygons are areas; a line is walked from all along it.

    Returns
    -------
    Homes or None
        None where every row is a place of its own: points, or origins of areas already.
    """
    kinds = places.geom_type
    if "area" in places or kinds.isin(_POINTS).all():
        return None
    check_index(places, "origins")
    is_line = kinds.isin(_LINES)
    parts = [origins_of(places[~is_line])] if not is_line.all() else []
    if is_line.any():
        parts.append(_along(places[is_line]))
    crs = parts[0].crs
    table = pd.concat([part.to_crs(crs) for part in parts], ignore_index=True)
    row = places.index.get_indexer(pd.Index(table["area"]))
    order = np.argsort(row, kind="stable")
    homes = gpd.GeoDataFrame(table.iloc[order].reset_index(drop=True), geometry="geometry", crs=crs)
    return Homes(homes, np.asarray(row[order]), homes["share"].to_numpy(dtype=np.float64))


def _along(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Points along lines, none more than the spacing of the grid apart, with equal shares."""
    metric = lines.to_crs(utm_of(lines)) if lines.crs.is_geographic else lines
    shapes = np.asarray(metric.geometry.array, dtype=object)
    parts, line = shapely.get_parts(shapes, return_index=True)
    length = shapely.length(parts)
    count = np.maximum(1, np.ceil(length / GRID_M).astype(np.int64))
    which = np.repeat(np.arange(len(parts)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    at = (step + 0.5) / count[which]
    weight = np.maximum(length[which], 1e-9) / count[which]
    row = line[which]
    share = weight / np.bincount(row, weights=weight, minlength=len(shapes))[row]
    points = shapely.line_interpolate_point(parts[which], at, normalized=True)
    columns = {"area": lines.index.take(row), "share": share}
    return gpd.GeoDataFrame(columns, geometry=points, crs=metric.crs)


def median_pairs(pairs: tuple[Ints, Ints, Floats], homes: Homes) -> tuple[Ints, Ints, Floats]:
    """
    Give the seconds of the median resident of each area to each destination.

    Parameters
    ----------
    pairs
        Home, destination and seconds of every pair within the limit.
    homes
        The homes.

    Returns
    -------
    tuple
        Area (its row), destination and seconds; none where half the residents come no nearer.
    """
    home, destination, seconds = pairs
    area = homes.row[home]
    order = np.lexsort((seconds, destination, area))
    area, destination, seconds = area[order], destination[order], seconds[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(area) != 0) | (np.diff(destination) != 0)
    group = np.cumsum(new) - 1
    reached = np.cumsum(homes.share[home[order]])
    before = np.concatenate([[0.0], reached])[np.flatnonzero(new)]
    enough = np.flatnonzero(reached - before[group] >= _HALF)
    median = enough[np.unique(group[enough], return_index=True)[1]]
    return area[median], destination[median], seconds[median]


def median_found(found: Found, homes: Homes, n_areas: int) -> Found:
    """
    Turn the nearest facilities of homes into those of areas: the walks of the median resident.

    Parameters
    ----------
    found
        A row for each home.
    homes
        The homes.
    n_areas
        How many areas there are.

    Returns
    -------
    Found
        A row for each area. Where half the residents come to no facility within the limit, it
        says why of most of the others.
    """
    n_groups = found.seconds.shape[1]
    chosen = np.empty((n_areas, n_groups), dtype=np.int64)
    for group in range(n_groups):
        cost = np.where(np.isnan(found.seconds[:, group]), np.inf, found.seconds[:, group])
        order = np.lexsort((cost, homes.row))
        reached = np.cumsum(homes.share[order])
        first = np.searchsorted(homes.row[order], np.arange(n_areas))
        last = np.append(first[1:], len(order))
        for area in range(n_areas):
            mine = order[first[area] : last[area]]
            base = reached[first[area] - 1] if first[area] else 0.0
            k = int(np.argmax(reached[first[area] : last[area]] - base >= _HALF))
            walks = cost, found.code[:, group]
            near = np.isfinite(cost[mine[k]])
            chosen[area, group] = mine[k] if near else _usual(mine, *walks, homes)
    cells = chosen, np.arange(n_groups)
    return found._replace(
        seconds=found.seconds[cells], place=found.place[cells], code=found.code[cells]
    )


def _usual(mine: Ints, cost: Floats, code: npt.NDArray[np.int8], homes: Homes) -> int:
    """One of the homes that come to nothing, for the reason that most of them have."""
    lost = mine[np.isinf(cost[mine])]
    weights = pd.Series(homes.share[lost]).groupby(code[lost], sort=False).sum()
    return int(lost[code[lost] == weights.idxmax()][0])
