"""The checklist that is asked where none is named: by where the places lie."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from quarterhour.places.datum_shifts import in_mainland

IN_CHINA, ELSEWHERE = "beijing-2011", "sony-2024"
"""The keys of the checklists that are asked in mainland China, and elsewhere."""


def usual_checklist(places: gpd.GeoDataFrame) -> str:
    """Choose a checklist by where most places lie.

    Parameters
    ----------
    places
        Areas or facilities, shape (n,), in any CRS.

    Returns
    -------
    str
        The key of a shipped checklist: Beijing's where more than half of the places lie in
        mainland China, else an international one.

    Examples
    --------
    >>> here = gpd.GeoDataFrame(geometry=gpd.points_from_xy([116.4], [39.9]), crs=4326)
    >>> usual_checklist(here), usual_checklist(here.iloc[:0])
    ('beijing-2011', 'sony-2024')
    """
    shapes = places.geometry.dropna()
    if shapes.empty:
        return ELSEWHERE
    at = shapes.representative_point().to_crs(4326)
    return IN_CHINA if np.mean(in_mainland(at.x, at.y)) > 0.5 else ELSEWHERE
