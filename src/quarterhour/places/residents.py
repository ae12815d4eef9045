"""How many live in an area, where nobody has counted: by the floor area of its homes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from quarterhour.errors import InputError
from quarterhour.places.contracts import check_areas
from quarterhour.places.datum import check_same_datum
from quarterhour.places.frames import counted_residents, is_in_metres, utm_of
from quarterhour.places.homes import homes_by_floor_area
from quarterhour.places.notes import Note

M2_PER_PERSON = 30.0
"""Floor area of a home, walls and stairs included, for each who lives there."""


def residents_by_floor_area(
    areas: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    m2_per_person: float = M2_PER_PERSON,
) -> gpd.GeoDataFrame:
    """Estimate the residents of areas that have no number of them.

    Floor area is footprint × levels of the residential buildings, as :func:`origins` takes it.
    An area of which no residential building is known stays without a number: unknown is not
    zero. Numbers that are given are kept.

    Parameters
    ----------
    areas
        Residential areas; ``residents`` is kept where it is known.
    buildings
        Polygons; ``levels``, ``residential`` and ``maybe_residential`` are used.
    m2_per_person
        Floor area per resident.

    Returns
    -------
    GeoDataFrame
        The areas with ``residents`` and ``residents_from`` ("given", "floor_area", "unknown");
        ``attrs["notes"]`` has one more sentence that says how many were estimated.

    Raises
    ------
    InputError
        If a table breaks its contract, or ``m2_per_person`` is not above 0.

    Examples
    --------
    >>> from shapely import box
    >>> area = gpd.GeoDataFrame(geometry=[box(0, 0, 200, 100)], crs=32650)
    >>> homes = gpd.GeoDataFrame({"levels": [6]}, geometry=[box(10, 10, 30, 25)], crs=32650)
    >>> residents_by_floor_area(area, homes)["residents"].tolist()
    [60.0]
    """
    if not 0 < m2_per_person < np.inf:
        msg = f"m2_per_person={m2_per_person:g} is no floor area: give square metres, such as 30."
        raise InputError(msg)
    check_areas(areas)
    check_same_datum(areas, buildings, "buildings")
    metric = areas if is_in_metres(areas) else areas.to_crs(utm_of(areas))
    shapes = np.asarray(metric.geometry.array, dtype=object)
    bare = buildings.drop(columns="residents", errors="ignore")
    row, _, floor_m2, _, _ = homes_by_floor_area(shapes, bare, metric.crs)
    estimate = np.bincount(row, weights=floor_m2, minlength=len(areas)) / m2_per_person
    given = counted_residents(areas)
    known = np.isfinite(given)
    guessed = ~known & (estimate > 0)
    table = areas.assign(
        residents=np.where(guessed, estimate, given),
        residents_from=np.select([known, guessed], ["given", "floor_area"], "unknown"),
    )
    note = Note(
        "residents_estimated",
        "Residents of {0} of {1} areas are estimated by floor area, {2:g} m² each; {3} areas "
        "without a known residential building stay without a number.",
        int(guessed.sum()),
        len(areas),
        m2_per_person,
        int((~known & ~guessed).sum()),
    )
    table.attrs = {**areas.attrs, "notes": [*areas.attrs.get("notes", ()), note]}
    return table
