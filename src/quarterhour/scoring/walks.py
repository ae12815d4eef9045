"""What facilities without a walk, or without known hours, make of the walks to the others."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.standards.checklist import Checklist
from quarterhour.standards.items import Item

RADIUS = "service_radius_m"
SERVICE_AREA = "service_area"


def settle(
    times: pd.DataFrame,
    possible: pd.DataFrame,
    matches: pd.DataFrame,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    checklist: Checklist,
) -> pd.DataFrame:
    """
    Put what needs no walk, what may be open and what is not in service into the walks.

    Parameters
    ----------
    times
        Walks to what certainly counts, as :func:`quarterhour.scoring.item_walks.walks_to_items`
        gives them.
    possible
        The same to what counts or perhaps counts, hosts with all others.
    matches
        As :func:`quarterhour.scoring.service.in_service` gives them.
    origins, facilities, checklist
        What was walked from and to, and what for.

    Returns
    -------
    DataFrame
        The walks, in which a home that is not within the limit by itself has the status

        - ``needs_no_walk``, with 0 seconds, if enough facilities come to it or deliver;
        - ``hours_unknown`` if it would be within, were those open whose hours are unknown;
        - ``not_in_service`` if there are such facilities, and none of them counts then.
    """
    at_home = serves(origins, facilities, matches)
    tables = []
    for item in checklist:
        mine = matches[matches["item"] == item.key]
        walks = times[times["item"] == item.key]
        odd = (mine["counts"] != "yes") | mine["no_walk"]
        if odd.any():
            perhaps = possible[possible["item"] == item.key]
            walks = _settled(item, walks, perhaps, mine, at_home.loc[mine.index], origins.index)
        tables.append(walks)
    filled = [table for table in tables if not table.empty]
    return pd.concat(filled, ignore_index=True) if filled else times


def serves(
    origins: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, matches: pd.DataFrame
) -> pd.Series[Any]:
    """
    Say which homes are served without a walk.

    A facility serves the homes in its ``service_area`` (a geometry, in the CRS of the table), or
    within ``service_radius_m`` as the crow flies, or, if it says neither, all.

    Parameters
    ----------
    origins, facilities
        Homes and facilities.
    matches
        With a column ``no_walk``.

    Returns
    -------
    served
        For each match the positions of the homes served.
    """
    homes = np.asarray(origins.geometry.array, dtype=object)
    nobody = np.zeros(0, dtype=np.intp)
    known: dict[object, npt.NDArray[np.intp]] = {}
    coming = facilities.loc[matches.loc[matches["no_walk"], "facility"].unique()]
    places = coming.geometry.to_crs(origins.crs)
    zones = _zones(coming, origins.crs)
    radii = pd.to_numeric(
        coming.get(RADIUS, pd.Series(index=coming.index, dtype=float)), errors="coerce"
    )
    columns = (coming.index, places, zones, radii)
    for label, place, zone, radius in zip(*columns, strict=True):
        if zone is not None and not zone.is_empty:
            known[label] = np.flatnonzero(shapely.intersects(homes, zone))
        elif radius >= 0:
            known[label] = np.flatnonzero(shapely.dwithin(homes, place, radius))
        else:
            known[label] = np.arange(len(homes))
    served = [
        known[label] if comes else nobody
        for label, comes in zip(matches["facility"], matches["no_walk"], strict=True)
    ]
    result = pd.Series(index=matches.index, dtype=object)
    result[:] = served
    return result


def _zones(coming: gpd.GeoDataFrame, crs: Any) -> gpd.GeoSeries:
    """Return the service areas in a CRS; None where a facility has none."""
    if SERVICE_AREA not in coming:
        return gpd.GeoSeries([None] * len(coming), index=coming.index, crs=crs)
    zones = gpd.GeoSeries(coming[SERVICE_AREA])
    return (zones if zones.crs is not None else zones.set_crs(coming.crs)).to_crs(crs)


def _settled(
    item: Item,
    walks: pd.DataFrame,
    possible: pd.DataFrame,
    matches: pd.DataFrame,
    at_home: pd.Series[Any],
    homes: pd.Index,
) -> pd.DataFrame:
    """Settle one item: its own walks come back with a row for every home."""
    limit, cost = item.limit.most, item.limit.column
    hosted = walks[walks["host"].astype(bool)]
    own, host, perhaps = (
        _by_home(table, homes) for table in (walks[~walks["host"].astype(bool)], hosted, possible)
    )
    itself = matches["evidence"] != "host"
    if (own["status"] == "no_facility").all() and itself.any():
        own["status"] = _why_none(matches[itself], perhaps["status"])
    by_walk = own[cost] <= limit
    within = by_walk | (host[cost] <= limit)
    comes = itself & matches["no_walk"]
    sure = comes & (matches["counts"] == "yes")
    number, first = _providers(matches[sure], at_home[sure], len(homes))
    likely = comes & (matches["counts"] != "no")
    at_most, _ = _providers(matches[likely], at_home[likely], len(homes))
    maybe = ~within & ((perhaps[cost] <= limit) | (at_most >= item.at_least))
    own.loc[maybe, "status"] = "hours_unknown"
    served = (~by_walk & (number >= item.at_least)).to_numpy()
    own.loc[served, "seconds"] = 0.0
    own.loc[served, cost] = 0.0
    own.loc[served, "facility"] = first[served]
    own.loc[served, "status"] = "needs_no_walk"
    own = own.rename_axis("origin").reset_index().assign(item=item.key, host=False)
    columns = list(walks.columns)
    return pd.concat([own[columns], hosted], ignore_index=True) if len(hosted) else own[columns]


def _why_none(matches: pd.DataFrame, perhaps: pd.Series[str]) -> pd.Series[str] | str:
    """Return why no home walks to a facility that certainly counts."""
    counted = matches[matches["counts"] != "no"]
    if counted.empty:
        return "not_in_service"
    if counted["walk"].any():  # where it is too far, it does not matter whether it is open
        return perhaps.replace("within_limit", "beyond_limit")
    return "beyond_limit"


def _by_home(walks: pd.DataFrame, homes: pd.Index) -> pd.DataFrame:
    table = walks.set_index("origin")[["seconds", "metres", "facility", "status"]].reindex(homes)
    table[["seconds", "metres"]] = table[["seconds", "metres"]].astype(float)
    table["facility"] = table["facility"].astype(object)
    return table.assign(status=table["status"].astype(object).fillna("no_facility"))


def _providers(
    matches: pd.DataFrame, at_home: pd.Series[Any], n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Count for each home those who come to it, and name the first."""
    number, first = np.zeros(n, dtype=np.int64), np.full(n, None, dtype=object)
    once = ~matches.get("place", matches["facility"]).duplicated()
    for label, served in zip(matches.loc[once, "facility"], at_home[once], strict=True):
        rows = np.asarray(served, dtype=np.intp)
        first[rows[number[rows] == 0]] = label
        number[rows] += 1
    return number, first
