"""The contracts of areas, facilities, buildings and gates, checked once at the door.

A ``check_*`` function changes nothing: it returns if the table keeps its contract, and raises one
sentence if not. `mend` is what readers use before: it repairs what can be repaired, sets apart the
rows without a usable place, and says how many of each.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from quarterhour.arrays import Mask, cores
from quarterhour.errors import InputError
from quarterhour.places.frames import check_cells, check_columns, check_one_index
from quarterhour.places.notes import Listing

POLYGONS = frozenset({"Polygon", "MultiPolygon"})
SHAPES: dict[str, frozenset[str]] = {
    "areas": POLYGONS | {"Point"},
    "buildings": POLYGONS,
    "gates": frozenset({"Point"}),
    "streets": frozenset({"LineString", "MultiLineString"}),
}
AREA_KINDS = frozenset({"community", "compound"})
_SHOWN = 5
_MANY = 1000


def check_areas(areas: gpd.GeoDataFrame, *, mended: bool = False) -> None:
    """
    Check a table of areas: polygons or points, with residents that can be counted.

    Parameters
    ----------
    areas, mended
        As `table` and `mended` of `check_places`.

    Raises
    ------
    InputError
        If the table does not keep the contract; the sentence says where and how to mend it.
    """
    check_places(areas, "areas", mended=mended)
    if "residents" in areas.columns:
        _check_residents(areas["residents"])
    if "area_kind" in areas.columns:
        kinds = areas["area_kind"].dropna()
        wrong = sorted({str(kind) for kind in kinds} - AREA_KINDS)
        if wrong:
            raise InputError(
                f"Areas of kind {listed(wrong)} are not known; area_kind is "
                "'community' (社区), 'compound' (小区) or empty."
            )


def check_facilities(facilities: gpd.GeoDataFrame, *, mended: bool = False) -> None:
    """
    Check a table of facilities: any kind of geometry, and entrances if there are any.

    Parameters
    ----------
    facilities, mended
        As `table` and `mended` of `check_places`.

    Raises
    ------
    InputError
        If the table does not keep the contract.
    """
    check_places(facilities, "facilities", mended=mended)
    if "entrances" not in facilities.columns:
        return
    entrances = facilities["entrances"]
    if not isinstance(entrances, gpd.GeoSeries):
        raise InputError(
            "The column 'entrances' of the facilities has to hold points; it holds "
            f"{entrances.dtype}. Make it a GeoSeries with the CRS of the table."
        )
    if entrances.notna().any() and entrances.crs != facilities.crs:
        raise InputError(
            "The facilities and their entrances have different CRS "
            f"({_crs_name(facilities.crs)} and {_crs_name(entrances.crs)}); convert one of them."
        )
    wrong = set(entrances.dropna().geom_type) - {"Point", "MultiPoint"}
    if wrong:
        raise InputError(f"Entrances have to be points; the facilities hold {listed(wrong)}.")


def check_buildings(buildings: gpd.GeoDataFrame, *, mended: bool = False) -> None:
    """
    Check a table of buildings: polygons, with levels that can be counted.

    Parameters
    ----------
    buildings, mended
        As `table` and `mended` of `check_places`.

    Raises
    ------
    InputError
        If the table does not keep the contract.
    """
    check_places(buildings, "buildings", mended=mended)
    if "levels" in buildings.columns:
        levels = buildings["levels"]
        if not pd.api.types.is_numeric_dtype(levels):
            raise InputError(
                "The column 'levels' of the buildings has to hold numbers; it holds "
                f"{levels.dtype}. Convert it with pandas.to_numeric."
            )
        _refuse(levels < 0, buildings, "buildings", "have a negative number of levels")


def check_points(table: gpd.GeoDataFrame, what: str, *, mended: bool = False) -> None:
    """
    Check a table of points, such as gates.

    Parameters
    ----------
    table
        The table.
    what
        What to call it: "gates" ...
    mended
        As in `check_places`.

    Raises
    ------
    InputError
        If the table does not keep the contract.
    """
    check_places(table, what, frozenset({"Point"}), mended=mended)


def check_places(
    table: gpd.GeoDataFrame,
    what: str,
    shapes: frozenset[str] | None = None,
    *,
    mended: bool = False,
) -> None:
    """
    Check what every table of places must have.

    That is: rows, a CRS, a unique index, and in every row a valid geometry of the right type
    within the bounds of the CRS.

    Parameters
    ----------
    table
        The table.
    what
        What to call it: "areas", "facilities" ...
    shapes
        Allowed geometry types; without it, those of `SHAPES`, or any.
    mended
        Whether `mend` has made the geometries valid, so that they need no second look.

    Raises
    ------
    InputError
        If the table does not keep the contract.
    """
    check_frame(table, what)
    check_cells(table, what)
    check_index(table, what)
    places = table.geometry.to_numpy()
    missing = shapely.is_missing(places) | shapely.is_empty(places)
    _refuse(missing, table, what, "have no geometry", "drop these rows")
    _check_types(table, what, SHAPES.get(what) if shapes is None else shapes)
    check_bounds(table, what)
    if mended:
        return
    drawn = shapely.get_dimensions(places) > 0  # a point with coordinates is valid
    invalid = np.zeros(len(table), dtype=bool)
    invalid[drawn] = ~_valid(places[drawn])
    _refuse(
        invalid, table, what, "have invalid geometries", "set_geometry(table.geometry.make_valid())"
    )


def _valid(shapes: NDArray[np.object_]) -> Mask:
    """Tell which shapes are valid; many are looked at on all cores."""
    if len(shapes) <= _MANY:
        return np.asarray(shapely.is_valid(shapes))
    parts = np.array_split(shapes, len(shapes) // _MANY + 1)
    with ThreadPoolExecutor(cores()) as threads:
        return np.concatenate(list(threads.map(shapely.is_valid, parts)))


def check_frame(table: Any, what: str) -> None:
    """
    Check that a table is a GeoDataFrame with rows, geometries and a CRS.

    Parameters
    ----------
    table
        Whatever was passed.
    what
        What to call it.

    Raises
    ------
    InputError
        If it is not.
    """
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(
            f"The {what} have to be a GeoDataFrame, not {type(table).__name__}. "
            f"Use quarterhour.read_{what}(...) or geopandas.GeoDataFrame(...)."
        )
    check_columns(table, what)
    if table.active_geometry_name is None:
        raise InputError(f"The {what} have no geometry column; call table.set_geometry(...).")
    if table.empty:
        raise InputError(f"The table of {what} is empty: there is not one row in it.")
    if table.crs is None:
        raise InputError(
            f"The {what} have no CRS, so nobody knows where they are. Pass crs=..., or call "
            "table.set_crs(4326) if they are longitudes and latitudes."
        )


def check_index(table: pd.DataFrame, what: str) -> None:
    """
    Check that every row has a label of its own.

    Parameters
    ----------
    table
        The table.
    what
        What to call it.

    Raises
    ------
    InputError
        If not.
    """
    check_one_index(table, what)
    if not table.index.is_unique:
        double = table.index[table.index.duplicated()].unique()
        raise InputError(
            f"The index of the {what} is not unique ({listed(double)} occur more than once); "
            "call table.reset_index()."
        )


def check_bounds(table: gpd.GeoDataFrame, what: str) -> None:
    """Refuse longitudes and latitudes that are none, or the wrong way round.

    Parameters
    ----------
    table
        A table with a CRS.
    what
        What to call it.

    Raises
    ------
    InputError
        If coordinates lie outside the globe.
    """
    xy = shapely.get_coordinates(table.geometry.to_numpy())
    if not np.isfinite(xy).all():
        raise InputError(f"The {what} have coordinates that are not finite numbers.")
    if not table.crs.is_geographic:
        return
    x, y = xy[:, 0], xy[:, 1]
    if fits_lonlat(x, y).all():
        return
    if fits_lonlat(y, x).all():
        raise InputError(
            f"The {what} have latitude and longitude the wrong way round: latitudes up to "
            f"{np.abs(y).max():g} fit only when swapped. For a file with two columns pass "
            'columns={"lon": ..., "lat": ...} with the names exchanged; otherwise swap them with '
            "shapely.transform(geometry, lambda xy: xy[:, ::-1])."
        )
    raise InputError(
        f"The {what} say that they hold degrees ({_crs_name(table.crs)}), but reach {x.max():g} / "
        f"{y.max():g}. Pass the CRS that they are really in, such as crs=4547."
    )


def fits_lonlat(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Mask:
    """
    Tell which pairs can be a longitude and a latitude.

    Parameters
    ----------
    lon, lat
        Degrees.

    Returns
    -------
    fits
        True where they can.
    """
    return np.asarray((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0))


def listed(labels: Any) -> Listing:
    """
    Return the first few labels of many, for a sentence.

    Parameters
    ----------
    labels
        Any iterable.

    Returns
    -------
    text
        Up to five labels, and how many more there are.
    """
    everything = [str(label) for label in labels]
    return Listing(everything[:_SHOWN], max(len(everything) - _SHOWN, 0))


def _check_types(table: gpd.GeoDataFrame, what: str, shapes: frozenset[str] | None) -> None:
    if shapes is None:
        return
    types = table.geometry.geom_type
    wrong = ~types.isin(shapes)
    if wrong.any():
        found = types[wrong].value_counts()
        counts = listed(f"{count} {kind}" for kind, count in found.items())
        raise InputError(
            f"The {what} have to be {' or '.join(sorted(shapes))}, but there are {counts} among "
            f"them (rows {listed(table.index[wrong])})."
        )


def _check_residents(residents: pd.Series[Any]) -> None:
    if not pd.api.types.is_numeric_dtype(residents) or residents.dtype == bool:
        raise InputError(
            f"The column 'residents' has to hold numbers; it holds {residents.dtype}. "
            "Convert it with pandas.to_numeric."
        )
    numbers = residents.to_numpy(dtype=float, na_value=np.nan)
    _refuse(numbers < 0, residents, "areas", "have a negative number of residents")
    _refuse(np.isinf(numbers), residents, "areas", "have an infinite number of residents")


def _refuse(wrong: Any, table: Any, what: str, fault: str, cure: str = "correct them") -> None:
    """Raise if any row is wrong, naming the first few."""
    mask = np.asarray(wrong, dtype=bool)
    if mask.any():
        labels = listed(table.index[mask])
        raise InputError(f"{int(mask.sum())} of the {what} {fault} ({labels}): {cure}.")


def _crs_name(crs: Any) -> str:
    return "no CRS" if crs is None else str(crs.name)
