"""Areas and facilities the wrong way round."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from quarterhour.errors import InputError

_OF_AREAS = {"residents", "area_kind", "walled"}
_OF_FACILITIES = {"item", "items", "typecode", "amenity", "shop", "leisure", "opening_hours"}


def require_areas(areas: Any, facilities: Any) -> None:
    """
    Refuse areas that are facilities, beside facilities that are areas.

    Parameters
    ----------
    areas, facilities
        Whatever was passed as either.

    Raises
    ------
    InputError
        If the columns say that the two were exchanged.
    """
    if not isinstance(areas, gpd.GeoDataFrame) or not isinstance(facilities, gpd.GeoDataFrame):
        return
    ours, theirs = (set(map(str, table.columns)) for table in (areas, facilities))
    if not ours & _OF_FACILITIES or ours & _OF_AREAS:
        return
    if theirs & _OF_FACILITIES or not theirs & _OF_AREAS:
        return
    found = ", ".join(sorted(ours & _OF_FACILITIES))
    other = ", ".join(sorted(theirs & _OF_AREAS))
    msg = (
        f"The areas and the facilities seem to be exchanged: the areas have the column {found}, "
        f"the facilities {other}. Call assess(areas, facilities, network, checklist)."
    )
    raise InputError(msg)
