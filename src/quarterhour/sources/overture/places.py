"""Places of Overture as facilities: what they are in the tags of OpenStreetMap, and how sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from quarterhour.places.notes import Note
from quarterhour.sources.overture.categories import categories_of, tags_of

_SHUT = {"permanently_closed": "closed", "closed": "closed"}
"""What Overture's ``operating_status`` says in the words of ``status``."""

_LANGUAGES = ("zh", "en")


def places_table(rows: dict[str, list[Any]], crs: pyproj.CRS) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Give the places as a table of facilities.

    Parameters
    ----------
    rows
        The places, column by column.
    crs
        The CRS of the city.

    Returns
    -------
    facilities
        ``name`` (and ``name:zh``, ``name:en``), ``category``, ``confidence`` (0 to 1), ``status``,
        ``brand``, ``phone``, ``website``, ``address``, and a column for each key of a tag.
    notes
        What was left out or not understood, with numbers.
    """
    n = len(rows["id"])
    shapes = shapely.from_wkb(np.array(rows["geometry"], dtype=object), on_invalid="ignore")
    lonlat = shapely.centroid(shapes)
    kept = np.flatnonzero(~(shapely.is_missing(lonlat) | shapely.is_empty(lonlat)))
    notes: list[str] = []
    if len(kept) < n:
        text = "{0} places have no position: left out."
        notes.append(Note("overture_places_nowhere", text, n - len(kept)))
    read = [_place({name: values[row] for name, values in rows.items()}) for row in kept]
    told = [about | tags for about, tags in read]
    labels = pd.Index([str(rows["id"][row]) for row in kept], dtype=object)
    if repeated := int(labels.duplicated().sum()):
        text = "{0} places are listed twice under one id: the first counts."
        notes.append(Note("overture_places_repeated", text, repeated))
    table = gpd.GeoDataFrame(pd.DataFrame(told, index=labels, dtype=object))
    table["confidence"] = pd.to_numeric(table.get("confidence"), errors="coerce")
    table = table.set_geometry(gpd.GeoSeries(lonlat[kept], index=labels, crs=4326)).to_crs(crs)
    untagged = np.array([not tags for _, tags in read], dtype=bool)
    unmapped = table["category"][untagged & ~labels.duplicated()].fillna("(none)")
    table = table[~labels.duplicated()]
    if len(unmapped):
        some = ", ".join(
            f"{name} ({count})" for name, count in unmapped.value_counts().head(5).items()
        )
        text = "{0} of {1} places are of categories that serve no item, the most frequent {2}."
        notes.append(Note("overture_categories", text, len(unmapped), len(table), some))
    if shut := int(table["status"].notna().sum()):
        notes.append(Note("overture_closed", "{0} places are said to be closed for good.", shut))
    return table, notes


def _place(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Tell what is known of a place, and the tags that say what it does."""
    names = row.get("names") or {}
    kinds, besides = categories_of(row)
    told: dict[str, Any] = {"name": names.get("primary")}
    common = names.get("common") or {}
    common = dict(common) if not isinstance(common, dict) else common
    told |= {f"name:{one}": common[one] for one in _LANGUAGES if common.get(one)}
    told |= {"category": kinds[0] if kinds else None, "confidence": row.get("confidence")}
    told["status"] = _SHUT.get(str(row.get("operating_status") or ""))
    brand = ((row.get("brand") or {}).get("names") or {}).get("primary")
    told |= {"brand": brand, "phone": _first(row.get("phones"))}
    told["website"] = _first(row.get("websites"))
    address = _first(row.get("addresses")) or {}
    told["address"] = address.get("freeform") if isinstance(address, dict) else None
    return told, tags_of(kinds, besides)


def _first(values: Any) -> Any:
    return values[0] if values else None
