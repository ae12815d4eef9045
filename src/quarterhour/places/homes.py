"""Residential buildings as the homes of areas, weighted by floor area or by who lives there."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.errors import InputError
from quarterhour.places.cell_words import is_true
from quarterhour.places.contracts import check_buildings
from quarterhour.places.grids import inner_points
from quarterhour.places.notes import Note
from quarterhour.places.overlaps import homes_of_areas


class Said(NamedTuple):
    """Notes, the number of residential buildings in no area, and who lives in those of each area.

    ``people`` is by the row of the area, of those whose buildings have residents of their own.
    """

    notes: list[str]
    in_no_area: int = 0
    people: dict[int, float] | None = None


def homes_by_floor_area(
    shapes: npt.NDArray[np.object_], buildings: gpd.GeoDataFrame | None, crs: Any
) -> tuple[Ints, npt.NDArray[np.object_], Floats, Ints, Said]:
    """Residential buildings by area, each with its floor area as weight and its number.

    Where buildings have a column ``residents``, who lives there is the weight.
    """
    none = np.zeros(0, dtype=np.int64)
    nothing = none, np.zeros(0, dtype=object), np.zeros(0), none
    if buildings is None or buildings.empty:
        return *nothing, Said([])
    check_buildings(buildings)
    homes = buildings.to_crs(crs)
    homes = homes[residential(homes)]
    if homes.empty:
        told = Note("no_residential_building", "None of the buildings is residential.")
        return *nothing, Said([told])
    outlines = np.asarray(homes.geometry.array, dtype=object)
    points = inner_points(outlines)
    building, area = homes_of_areas(points, shapes)
    known = np.full(len(homes), np.nan)
    if "levels" in homes:
        known = np.array(pd.to_numeric(homes["levels"], errors="coerce"), dtype=np.float64)
        known[~(known > 0)] = np.nan
    levels = known[building]
    guess = pd.Series(levels).groupby(area).transform("median").to_numpy()
    everywhere = np.nanmedian(levels) if np.isfinite(levels).any() else 1.0
    filled = np.where(np.isnan(levels), np.where(np.isnan(guess), everywhere, guess), levels)
    weight = shapely.area(outlines[building]) * filled
    said = _homes_said(building, known, len(homes))
    if "residents" in homes:
        weight, told, people = _who_lives(homes["residents"], building, area, weight)
        said = said._replace(notes=[*said.notes, told], people=people)
    order = np.argsort(area, kind="stable")
    order = order[weight[order] > 0]
    return area[order], points[building][order], weight[order], building[order], said


def _who_lives(
    residents: pd.Series[Any], building: Ints, area: Ints, floor_m2: Floats
) -> tuple[Floats, Note, dict[int, float]]:
    """Weigh homes by who lives there; unknown ones by floor area, at the rate of their area.

    Gives also the residents of each area of which any are known.
    """
    told = pd.to_numeric(residents, errors="coerce").to_numpy(dtype=np.float64)
    if (told < 0).any() or np.isinf(told).any():
        msg = "Some buildings have a negative or infinite number of residents: correct them."
        raise InputError(msg)
    people = told[building]
    known = np.isfinite(people)
    n = int(area.max(initial=-1)) + 1
    lived, land = (
        np.bincount(area[known], one[known], minlength=n)[area] for one in (people, floor_m2)
    )
    rate = np.divide(lived, land, out=np.ones(len(area)), where=lived > 0)
    weight = np.where(known & (lived > 0), people, floor_m2 * rate)
    inside = np.unique(building)
    note = Note(
        "residents_of_buildings",
        "{0} of {1} buildings have a number of residents of their own, which goes before their "
        "floor area; in {2} of them nobody lives.",
        int(np.isfinite(told[inside]).sum()),
        len(inside),
        int((told[inside] == 0).sum()),
    )
    counted = np.unique(area[lived > 0])
    sums = np.bincount(area, weight, minlength=n)[counted]
    return weight, note, dict(zip(counted.tolist(), sums.tolist(), strict=True))


def _homes_said(building: Ints, levels: Floats, n_homes: int) -> Said:
    """Say over how many buildings residents are spread, and how many buildings no area has."""
    inside = np.unique(building)
    guessed = int(np.isnan(levels[inside]).sum())
    spread = Note(
        "residents_spread",
        "Residents are spread over {0} residential buildings by floor area "
        "(footprint × levels; {1} without levels take the median).",
        len(inside),
        guessed,
    )
    notes: list[str] = [spread]
    if len(inside) < n_homes:
        told = "{0} of {1} residential buildings lie in no area: nobody is scored there."
        notes.append(Note("homes_in_no_area", told, n_homes - len(inside), n_homes))
    return Said(notes, n_homes - len(inside))


def residential(buildings: gpd.GeoDataFrame) -> Mask:
    """Tell which buildings people live in, or may: all of them where nothing is said."""
    if "residential" not in buildings:
        return np.ones(len(buildings), dtype=bool)
    return flag(buildings, "residential") | flag(buildings, "maybe_residential")


def flag(areas: gpd.GeoDataFrame, column: str, value: Any = True) -> npt.NDArray[np.bool_]:
    """Read a column of truths, or whether it has a value; false where there is no such column."""
    if column not in areas:
        return np.zeros(len(areas), dtype=bool)
    if value is True:
        return is_true(areas[column], column.removeprefix("maybe_"))
    return np.asarray(areas[column].eq(value).fillna(value=False), dtype=bool)
