"""Divisions of Overture Maps: administrative areas, by which results are told."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from quarterhour.places.notes import Note
from quarterhour.sources.overture.files import Row, shapes_of

_POLYGONS = (3, 6)
_LANGUAGES = ("zh", "en")


def divisions_table(rows: list[Row], crs: pyproj.CRS) -> tuple[gpd.GeoDataFrame | None, list[str]]:
    """Give the administrative areas on land as a table, the largest first.

    Parameters
    ----------
    rows
        Rows of the type ``division_area``.
    crs
        The CRS of the city.

    Returns
    -------
    divisions
        ``name`` (and ``name:zh``, ``name:en``), ``subtype`` (such as ``county``, ``locality``,
        ``neighborhood``) and polygons; none where there is no row.
    notes
        What was left out, with numbers.
    """
    if not rows:
        return None, []
    shapes = shapes_of(rows)
    land = np.array([row.get("class") in (None, "land") for row in rows], dtype=bool)
    there = np.isin(shapely.get_type_id(shapes), _POLYGONS) & ~shapely.is_empty(shapes)
    told, at = [], np.flatnonzero(there & land)
    for row in (rows[number] for number in at):
        names = row.get("names") or {}
        common = dict(names.get("common") or {})
        named = {f"name:{one}": common[one] for one in _LANGUAGES if common.get(one)}
        told.append({"name": names.get("primary"), "subtype": row.get("subtype")} | named)
    labels = pd.Index([str(rows[number]["id"]) for number in at], dtype=object)
    columns: Any = None if told else ["name", "subtype"]
    table = gpd.GeoDataFrame(
        pd.DataFrame(told, index=labels, columns=columns),
        geometry=gpd.GeoSeries(shapely.make_valid(shapes[at]), index=labels, crs=4326).to_crs(crs),
    )
    table = table.iloc[np.argsort(-table.geometry.area.to_numpy(), kind="stable")]
    table.attrs = {"datum": "wgs84"}
    if not (lost := int((~there).sum())):
        return table, []
    return table, [
        Note("overture_divisions", "{0} administrative areas have no polygon: left out.", lost)
    ]


def with_division(areas: gpd.GeoDataFrame, divisions: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Add the name of the smallest division in which each area lies, in a column ``division``."""
    if divisions is None or areas.empty:
        return areas
    named = divisions[divisions["name"].notna()]
    inner = np.asarray(areas.geometry.representative_point().array, dtype=object)
    area, division = named.sindex.query(inner, predicate="within")
    smallest = np.full(len(areas), -1)
    np.maximum.at(smallest, area, division)  # the largest come first
    names = [*named["name"], None]
    return areas.assign(division=[names[row] for row in smallest])
