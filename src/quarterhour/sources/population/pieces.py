"""A count of people as pieces: so many at this point, on this land, in this cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.places.cells import are_h3, h3_cells, require_cell_m
from quarterhour.places.contracts import POLYGONS, check_places, listed
from quarterhour.places.frames import is_in_metres, utm_of
from quarterhour.places.overlaps import shared_land
from quarterhour.sources.tables.columns import recognise

Source: TypeAlias = pd.DataFrame | str | Path
"""A table of points, polygons or cells; or the file of a raster."""

Kind = Literal["points", "polygons", "cells", "raster"]


class Pieces(NamedTuple):
    """Who is counted where.

    Attributes
    ----------
    kind
        What the pieces are.
    shapes, crs
        Points or polygons.
    people
        A number for each; none is NaN.
    unknown
        How many pieces had no number and are left out.
    datum
        What the coordinates are in, where it is told.
    """

    kind: Kind
    shapes: npt.NDArray[np.object_]
    crs: Any
    people: Floats
    unknown: int = 0
    datum: str | None = None

    @property
    def is_land(self) -> bool:
        """Whether the pieces have an area."""
        return self.kind != "points"

    def overlaps(self) -> int:
        """Count the pairs of polygons or cells that share land, which rasters never do."""
        if self.kind not in ("polygons", "cells") or len(self.shapes) < 2:
            return 0
        table = self.table()
        metric = table if is_in_metres(table) else table.to_crs(utm_of(table))
        return len(shared_land(np.asarray(metric.geometry.array, dtype=object)))

    def table(self) -> gpd.GeoDataFrame:
        """Give the shapes as a table, to be looked at by checks."""
        found = gpd.GeoDataFrame(geometry=list(self.shapes), crs=self.crs)
        found.attrs["datum"] = self.datum
        return found


def pieces_of_table(table: pd.DataFrame, column: str | None, cell_m: float | None) -> Pieces:
    """Make pieces of a table.

    Points are pieces as they are, or with ``cell_m`` the middles of square cells; polygons are
    land; a table without a geometry has a column of H3 cells.

    Raises
    ------
    InputError
        If the table has nothing of this kind, or its numbers are none.
    """
    if len(table) == 0:
        msg = "The table of residents is empty: there is not one row in it."
        raise InputError(msg)
    people, unknown = _people(table, column)
    known = np.isfinite(people)
    if not isinstance(table, gpd.GeoDataFrame):
        cells = h3_cells(_h3_column(table)[known])
        shapes = np.asarray(cells.array, dtype=object)
        return Pieces("cells", shapes, cells.crs, people[known], unknown, "wgs84")
    check_places(table, "residents", POLYGONS | {"Point"})
    datum = table.attrs.get("datum")
    shapes = np.asarray(table.geometry.array, dtype=object)[known]
    dimensions = np.unique(shapely.get_dimensions(shapes))
    if len(dimensions) > 1:
        msg = "Some rows of the residents are points and some polygons: pass them one by one."
        raise InputError(msg)
    if (dimensions == 2).all():
        if cell_m is not None:
            msg = "cell_m is for points in the middle of cells; these rows are polygons already."
            raise InputError(msg)
        return Pieces("polygons", shapes, table.crs, people[known], unknown, datum)
    if cell_m is None:
        return Pieces("points", shapes, table.crs, people[known], unknown, datum)
    require_cell_m(cell_m)
    metric = table if is_in_metres(table) else table.to_crs(utm_of(table))
    x, y = shapely.get_coordinates(metric.geometry.array)[known].T
    half = cell_m / 2
    squares = np.asarray(shapely.box(x - half, y - half, x + half, y + half), dtype=object)
    return Pieces("cells", squares, metric.crs, people[known], unknown, datum)


def column_of(table: pd.DataFrame, column: str | None) -> str:
    """Find the column of residents: the one named, or the one that is called so.

    Raises
    ------
    InputError
        If there is none.
    """
    names = [str(name) for name in table.columns]
    if column is not None:
        if column in table:
            return column
        msg = f"The residents have no column {column!r}; they have {', '.join(names)}."
        raise InputError(msg)
    found = recognise([n for n in names if n != "geometry"], "areas", None).column.get("residents")
    if found is None:
        msg = (
            f"No column of the table is known to hold residents ({', '.join(names)}): say which, "
            'such as column="pop_2020".'
        )
        raise InputError(msg)
    return found


def _people(table: pd.DataFrame, column: str | None) -> tuple[Floats, int]:
    """Numbers of a column, NaN where there is none, and how many have none."""
    name = column_of(table, column)
    cells = table[name]
    people = np.array(pd.to_numeric(cells, errors="coerce"), dtype=np.float64)
    odd = np.isnan(people) & cells.notna().to_numpy()
    for wrong, fault in (
        (odd, "hold no number"),
        (people < 0, "are negative: leave them out if they stand for no data"),
        (np.isinf(people), "are infinite"),
    ):
        if wrong.any():
            labels = listed(table.index[wrong])
            msg = f"{int(wrong.sum())} cells of {name!r} {fault} (rows {labels})."
            raise InputError(msg)
    if not np.isfinite(people).any():
        msg = f"The column {name!r} has not one number of residents."
        raise InputError(msg)
    return people, int(np.isnan(people).sum())


def _h3_column(table: pd.DataFrame) -> pd.Series[Any]:
    named = [name for name in table.columns if str(name).lower() in ("h3", "h3_index", "hex_id")]
    like = [name for name in table.columns if are_h3(table[name])]
    if len(named) == 1:
        return table[named[0]]
    if len(found := list(dict.fromkeys([*named, *like]))) == 1:
        return table[found[0]]
    if are_h3(index := pd.Series(table.index, dtype=object)) and not found:
        return index
    told = f"several ({', '.join(map(str, found))})" if found else "none"
    msg = (
        f"A table without a geometry needs one column of H3 cells ('89a901291abffff'); this one "
        f"has {told}. For coordinates pass a GeoDataFrame, as quarterhour.read_areas gives it."
    )
    raise InputError(msg)
