"""Places of Overture as facilities: what they are in the tags of OpenStreetMap, and how sure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.places.carried import reading
from quarterhour.places.notes import Listing, Note
from quarterhour.sources.overture.box import Box
from quarterhour.sources.overture.categories import categories_of, tags_of
from quarterhour.sources.overture.files import Row, read_release, shapes_of

_SHUT = {"permanently_closed": "closed", "closed": "closed"}
"""What Overture's ``operating_status`` says in the words of ``status``."""

_LANGUAGES = ("zh", "en")


def read_places(path: str | Path, box: Box | None = None) -> gpd.GeoDataFrame:
    """Read the places of Overture Maps alone, as a table of facilities in WGS 84.

    Parameters
    ----------
    path
        A folder or file of Overture Maps.
    box
        West, south, east, north: only what lies in it.
    """
    release = read_release(Path(path), box, ["place"])
    table, notes = places_table(release.of("place"), pyproj.CRS(4326))
    table.attrs = reading(str(path), len(table), [*release.notes, *notes], {})
    table.attrs |= {"attribution": release.credit, "datum": "wgs84", "declared_datum": "wgs84"}
    return table


def places_table(rows: list[Row], crs: pyproj.CRS) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Give the places as a table of facilities.

    Parameters
    ----------
    rows
        The places.
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
    lonlat = shapely.centroid(shapes_of(rows))
    there = ~(shapely.is_missing(lonlat) | shapely.is_empty(lonlat))
    kept = [row for row, one in zip(rows, there, strict=True) if one]
    notes: list[str] = []
    if lost := len(rows) - len(kept):
        notes.append(
            Note("overture_places_nowhere", "{0} places have no position: left out.", lost)
        )
    labels = pd.Index([str(row["id"]) for row in kept], dtype=object)
    tags = [tags_of(*categories_of(row)) for row in kept]
    told = [_about(row) | own for row, own in zip(kept, tags, strict=True)]
    points = gpd.GeoSeries(lonlat[there], index=labels, crs=4326).to_crs(crs)
    table = gpd.GeoDataFrame(pd.DataFrame(told, index=labels, dtype=object), geometry=points)
    table["confidence"], said = _confidence(table)
    return table, [*notes, *said, *_counts(table, np.array([not own for own in tags], dtype=bool))]


def _confidence(table: gpd.GeoDataFrame) -> tuple[pd.Series[Any], list[str]]:
    """Give how sure places are, 0 to 1, and count what is no such number."""
    given = table.get("confidence", pd.Series(np.nan, index=table.index))
    sure = pd.to_numeric(given, errors="coerce").astype(np.float64)
    strange = given.notna() & ~sure.between(0.0, 1.0)
    if not strange.any():
        return sure, []
    text = "{0} places have a confidence that is no number from 0 to 1, such as {1}: taken as none."
    note = Note("overture_confidence", text, int(strange.sum()), str(given[strange].iloc[0]))
    return sure.where(~strange), [note]


def _counts(table: gpd.GeoDataFrame, untagged: npt.NDArray[np.bool_]) -> list[str]:
    """Count the places that serve no item, and those that are closed."""
    notes: list[str] = []
    if untagged.any():
        most = table["category"][untagged].fillna("(none)").value_counts().head(5)
        some = Listing((str(name), int(count)) for name, count in most.items())
        text = "{0} of {1} places are of categories that serve no item, the most frequent {2}."
        notes.append(Note("overture_categories", text, int(untagged.sum()), len(table), some))
    if "status" in table and (shut := int(table["status"].notna().sum())):
        notes.append(Note("overture_closed", "{0} places are said to be closed for good.", shut))
    return notes


def _about(row: Row) -> dict[str, Any]:
    """Tell what is known of a place, besides what it does."""
    names = row.get("names") or {}
    kinds, _ = categories_of(row)
    told: dict[str, Any] = {"name": names.get("primary")}
    common = dict(names.get("common") or {})
    told |= {f"name:{one}": common[one] for one in _LANGUAGES if common.get(one)}
    told |= {"category": kinds[0] if kinds else None, "confidence": row.get("confidence")}
    told["status"] = _SHUT.get(str(row.get("operating_status") or ""))
    brand = ((row.get("brand") or {}).get("names") or {}).get("primary")
    address = _first(row.get("addresses")) or {}
    told |= {"brand": brand, "phone": _first(row.get("phones"))}
    return told | {"website": _first(row.get("websites")), "address": address.get("freeform")}


def _first(values: Any) -> Any:
    return values[0] if values else None
