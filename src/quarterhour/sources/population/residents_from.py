"""Residents of places, from wherever somebody has counted them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.contracts import check_areas
from quarterhour.places.datum import check_same_datum
from quarterhour.places.frames import counted_residents
from quarterhour.places.notes import Note
from quarterhour.places.residents import residents_by_floor_area
from quarterhour.sources.population.pieces import (
    Pieces,
    Source,
    column_of,
    pieces_of_table,
)
from quarterhour.sources.population.raster import pieces_of_raster
from quarterhour.sources.population.spread import Spread, spread

Published: TypeAlias = "float | Mapping[Any, float] | pd.Series[Any] | str"
"""One sum, a sum for each place by its label, or the column of the places that holds them."""

TABLES = {".csv", ".txt", ".xlsx", ".xls", ".gpkg", ".geojson", ".json", ".shp", ".parquet", ".fgb"}
"""Endings of files that are no rasters."""


def residents_from(
    places: gpd.GeoDataFrame,
    source: Source | None = None,
    column: str | None = None,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    cell_m: float | None = None,
    band: int = 1,
    published: Published | None = None,
) -> gpd.GeoDataFrame:
    """Give places the residents that somebody else has counted.

    ===================================== =====================================================
    ``source``                            what a place gets
    ===================================== =====================================================
    none, ``column=``                     the number in that column of its own
    none, ``buildings=``                  an estimate by floor area (dwellings)
    points                                those inside it
    polygons (census)                     its share of their land
    polygons, ``buildings=``              what lives in its buildings: a polygon's people are
                                          spread over its residential buildings by floor area
    points, ``cell_m=``                   its share of square cells around them (grid tables)
    a table with a column of H3 cells     its share of these cells
    a file (WorldPop, GHS-POP)            its share of the cells of a raster
    ===================================== =====================================================

    Cells and rasters go with ``buildings=``, too. Nobody is lost: who falls where no place is,
    or where no residential building is known, is counted and said in ``attrs["notes"]``.

    Parameters
    ----------
    places
        Areas, or buildings (pass them as ``buildings``, too, to have a number for each, which
        :func:`quarterhour.origins` then goes by). Points share alike in the cell around them.
    source
        A table or the file of a raster; see above.
    column
        Column that holds the residents; found by its name (residents, population, 人口 …) where
        it is not given.
    buildings
        Residential buildings, as in :func:`quarterhour.origins`.
    cell_m
        Size of the square cells of which ``source`` has the middles.
    band
        Band of a raster.
    published
        A published sum, or sums of each place, to compare with.

    Returns
    -------
    GeoDataFrame
        The places with ``residents`` (NaN where nothing is told of a place: unknown is not zero)
        and ``residents_from`` (what it is from, or "unknown"); with sums for each place also
        ``residents_published`` and ``residents_difference``.

    Raises
    ------
    InputError
        If a table breaks its contract, a number is none, or source and places do not meet.
    DatumError
        If source and places are in different datums.
    MissingExtraError
        If a raster or H3 cells are given and rasterio or h3 is not installed.

    Examples
    --------
    >>> from shapely import Point, box
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 200, 100), box(200, 0, 400, 100)], crs=32650)
    >>> census = gpd.GeoDataFrame({"pop": [900]}, geometry=[box(100, 0, 400, 100)], crs=32650)
    >>> residents_from(areas, census)["residents"].tolist()
    [300.0, 600.0]
    >>> print(residents_from(areas, census, published=1000).attrs["notes"][-1])
    900 residents are counted, 1,000 are published: -10.0 %.
    """
    check_areas(places.drop(columns=["residents", "area_kind"], errors="ignore"))
    check_same_datum(places, buildings, "buildings")
    if source is None:
        table = _of_their_own(places, column, buildings)
    else:
        table = _of_source(places, _pieces(places, source, column, (cell_m, band)), buildings)
    return table if published is None else _compared(table, published)


def _of_their_own(
    places: gpd.GeoDataFrame, column: str | None, buildings: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    if column is None and buildings is not None:
        return residents_by_floor_area(places, buildings)
    name = column_of(places, column)
    people = counted_residents(places.assign(residents=_numbers(places[name])))
    known = np.isfinite(people)
    told = "Residents of {0} of {1} places are those in their column {2}."
    note = Note("residents_of_column", told, int(known.sum()), len(places), name)
    return _with(places, people, "column", [note])


def _numbers(cells: pd.Series[Any]) -> pd.Series[Any]:
    numbers = pd.to_numeric(cells, errors="coerce")
    if wrong := int((numbers.isna() & cells.notna()).sum() + (numbers < 0).sum()):
        msg = f"{wrong} cells of {cells.name!r} hold no number of at least 0: correct them."
        raise InputError(msg)
    return numbers


def _pieces(
    places: gpd.GeoDataFrame, source: Source, column: str | None, cells: tuple[float | None, int]
) -> Pieces:
    cell_m, band = cells
    given: Any = source
    if isinstance(given, pd.DataFrame):
        pieces = pieces_of_table(given, column, cell_m)
    elif isinstance(given, (str, Path)):
        if (ending := Path(given).suffix.lower()) in TABLES:
            msg = (
                f"{given} is a table ({ending}), not a raster: read it first, points and polygons "
                "with quarterhour.read_areas, H3 cells with pandas.read_csv."
            )
            raise InputError(msg)
        pieces = pieces_of_raster(Path(given), places, band)
    else:
        msg = (
            f"The source is a {type(source).__name__}: give a table of points, polygons or cells, "
            "or the path of a raster."
        )
        raise InputError(msg)
    check_same_datum(places, pieces.table(), "residents")
    return pieces


def _of_source(
    places: gpd.GeoDataFrame, pieces: Pieces, buildings: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    if buildings is not None and not pieces.is_land:
        msg = (
            "Points of residents lie where they lie: leave buildings= out, or say the size of the "
            "cells that the points are the middles of, cell_m=."
        )
        raise InputError(msg)
    found = spread(pieces, places, buildings)
    if not np.isfinite(found.people).any():
        msg = (
            f"None of the {len(places)} places has any of the {len(pieces.people):,} {pieces.kind} "
            "with residents: do both cover the same town, in the same coordinates?"
        )
        raise InputError(msg)
    word = pieces.kind if buildings is None else f"{pieces.kind}_over_buildings"
    return _with(places, found.people, word, _said(places, pieces, found))


def _said(places: gpd.GeoDataFrame, pieces: Pieces, found: Spread) -> list[str]:
    """Say what came where, what did not, and what was replaced."""
    total = float(pieces.people.sum())
    notes: list[str] = [
        Note(
            "residents_placed",
            "{0:,.0f} of {1:,.0f} residents of {2:,} {3} live in the places; {4:,.0f} live "
            "elsewhere.",
            found.placed,
            total,
            len(pieces.people),
            pieces.kind,
            found.elsewhere,
        )
    ]
    if found.homeless > 0:
        told = (
            "{0:,.0f} residents are counted where no residential building is known: they are in "
            "none of the places."
        )
        notes.append(Note("residents_without_building", told, found.homeless))
    if pairs := pieces.overlaps():
        told = (
            "{0:,} pairs of {1} share land: who lives there is counted in each of them. Drop one "
            "of each, or keep one level of cells, if that is not meant."
        )
        notes.append(Note("pieces_overlap", told, pairs, pieces.kind))
        warnings.warn(notes[-1], QuarterhourWarning, stacklevel=5)
    if pieces.unknown:
        told = "{0:,} {1} have no number of residents and are left out."
        notes.append(Note("pieces_without_number", told, pieces.unknown, pieces.kind))
    if silent := int(np.isnan(found.people).sum()):
        told = "Of {0} of {1} places nothing is told: their residents are unknown, not none."
        notes.append(Note("places_without_residents", told, silent, len(places)))
    before = counted_residents(places) if "residents" in places else np.full(len(places), np.nan)
    if replaced := int(np.isfinite(before).sum()):
        told = "{0} numbers of residents that were given are replaced."
        notes.append(Note("residents_replaced", told, replaced))
    return notes


def _with(
    places: gpd.GeoDataFrame, people: Floats, word: str, notes: list[str]
) -> gpd.GeoDataFrame:
    table = places.assign(
        residents=people, residents_from=np.where(np.isfinite(people), word, "unknown")
    )
    table.attrs = {**places.attrs, "notes": [*places.attrs.get("notes", ()), *notes]}
    return table


def _compared(table: gpd.GeoDataFrame, published: Published) -> gpd.GeoDataFrame:
    """Hold the residents against published sums."""
    people = table["residents"].to_numpy(dtype=np.float64)
    attrs = table.attrs
    if isinstance(published, (int, float)) and not isinstance(published, bool):
        counted, printed = float(np.nansum(people)), float(published)
    else:
        theirs = _published(table, published)
        both = np.isfinite(people) & np.isfinite(theirs)
        table = table.assign(residents_published=theirs, residents_difference=people - theirs)
        counted, printed = float(people[both].sum()), float(theirs[both].sum())
    if not 0 < printed < np.inf:
        msg = f"The published residents are {printed:g} in all, which nothing can be held against."
        raise InputError(msg)
    note = Note(
        "residents_published",
        "{0:,.0f} residents are counted, {1:,.0f} are published: {2:+.1f} %.",
        counted,
        printed,
        100 * (counted / printed - 1),
    )
    table.attrs = {**attrs, "notes": [*attrs.get("notes", ()), note]}
    return table


def _published(table: gpd.GeoDataFrame, published: Any) -> Floats:
    if isinstance(published, str):
        return np.asarray(_numbers(table[column_of(table, published)]), dtype=np.float64)
    sums = pd.Series(dict(published) if isinstance(published, Mapping) else published)
    strange = sums.index[~sums.index.isin(table.index)]
    if len(strange):
        msg = (
            f"{len(strange)} published sums are of places that are not there, such as "
            f"{strange[0]!r}: they go by the index of the places."
        )
        raise InputError(msg)
    return np.asarray(_numbers(sums.rename("published")).reindex(table.index), dtype=np.float64)
