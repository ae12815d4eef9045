"""Where the rows of a table are, and in which datum: from geometries, or from its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import DatumError, InputError
from quarterhour.places.baidu_mercator import is_baidu_mercator, to_bd09
from quarterhour.places.contracts import check_frame
from quarterhour.places.datum import datum_name
from quarterhour.places.mending import mend
from quarterhour.places.notes import Note
from quarterhour.sources.tables import cells, columns, positions
from quarterhour.sources.tables.projected import check_axes

BAIDU_METRES = "bd09mc"


@dataclass(frozen=True)
class Request:
    """What the caller of a reader asked for."""

    what: str
    datum: str | None = None
    crs: Any = None
    columns: Mapping[str, str] | None = None
    layer: str | None = None
    rejects: str | Path | None = None


@dataclass
class Opened:
    """A table as it came, what there is to tell, and rows that cannot be trusted."""

    table: pd.DataFrame
    source: str
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reasons: pd.Series[str] = field(default_factory=lambda: pd.Series(dtype=object))
    service: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def locate(opened: Opened, request: Request) -> tuple[gpd.GeoDataFrame, pd.DataFrame, str | None]:
    """
    Find where the rows of a table are.

    Parameters
    ----------
    opened
        The table as it came.
    request
        What is wanted.

    Returns
    -------
    located
        The rows with a usable place.
    rejected
        Those without, and why.
    declared
        The datum that the caller, the table, its columns or its CRS declare.
    """
    table = opened.table
    spatial = isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name is not None
    if len(table) == 0:
        raise InputError(f"{opened.source} has no rows: the table of {request.what} is empty.")
    names = [str(name) for name in table.columns if not spatial or name != table.geometry.name]
    columns.check_said(request.columns or {}, names, request.what)
    place = None if spatial else _position(opened, names, request)
    recognised = columns.recognise(names, request.what, request.columns, place)
    opened.notes.extend(recognised.notes)
    opened.headers = recognised.column
    original = table
    if spatial:
        reasons = pd.Series("", index=table.index, dtype=object)
        places = _with_crs(table, request)
        table = columns.rename(table, recognised)
        places = gpd.GeoDataFrame(
            table.drop(columns=places.geometry.name), geometry=places.geometry, crs=places.crs
        )
        places.attrs = dict(original.attrs)
    else:
        places, reasons = _from_columns(recognised, place, opened, request)
    check_axes(places, request.what, place.column if place is not None else {})
    reasons[opened.reasons.index] = opened.reasons
    declared = _declared(places, place, opened, request)
    kept, lost, notes = mend(places[(reasons == "").to_numpy()], request.what)
    opened.warnings.extend(notes)
    reasons[lost.index] = reasons[lost.index].where(reasons[lost.index] != "", lost)
    bad = (reasons != "").to_numpy()
    rejected = pd.DataFrame(original[bad]).assign(reason=reasons[bad])
    return kept, rejected, declared


def _position(opened: Opened, names: list[str], request: Request) -> positions.Position | None:
    """Return the columns that say where a row is, those of the declared datum first."""
    said = dict(request.columns or {})
    if columns.columns_place(said):
        own = {role: name for role, name in said.items() if role in columns.PLACE_ROLES}
        return positions.Position(own, positions.datum_of(own))
    datum = _said(request)
    found = positions.found(names, said)
    degrees = request.crs is None or _crs(request.crs).is_geographic
    degrees = degrees and datum != BAIDU_METRES
    chosen, notes = positions.choose(opened.table, found, datum, degrees=degrees)
    doubts = [note for note in notes if "do not agree" in note]
    opened.warnings.extend(doubts)
    opened.notes.extend(note for note in notes if note not in doubts)
    return chosen


def _from_columns(
    recognised: columns.Recognised,
    place: positions.Position | None,
    opened: Opened,
    request: Request,
) -> tuple[gpd.GeoDataFrame, pd.Series[str]]:
    """Make places of the columns that say where a row is."""
    table = opened.table
    if place is None:
        raise InputError(
            f"No column of {opened.source} says where a row is; it has "
            f"{', '.join(map(str, table.columns))}. "
            'Pass columns={"lon": ..., "lat": ...}, {"location": ...} ("lon,lat") or {"wkt": ...}.'
        )
    crs = _crs(request.crs if request.crs is not None else 4326)
    baidu = BAIDU_METRES in (place.datum, _said(request))
    degrees = crs.is_geographic and not baidu
    shapes, why = cells.places(table, place.column, degrees=degrees)
    opened.notes.extend(cells.position_notes(table, place.column, degrees=degrees))
    renamed = columns.rename(table, recognised)
    used = [role for role in columns.PLACE_ROLES if role in renamed.columns]
    places = gpd.GeoDataFrame(renamed.drop(columns=used), geometry=shapes, crs=crs)
    if request.what == "facilities" and "entr_location" in renamed.columns:
        _add_entrances(places, renamed, place, opened, degrees=degrees)
    if baidu:
        places = _from_baidu_metres(places, request.what)
    return places, pd.Series(why, index=table.index, dtype=object)


def _add_entrances(
    places: gpd.GeoDataFrame,
    renamed: pd.DataFrame,
    place: positions.Position,
    opened: Opened,
    *,
    degrees: bool,
) -> None:
    """Read the entrances, which are in the datum of Amap's or Baidu's own location."""
    if place.datum is not None and "location" not in place.column:
        opened.warnings.append(
            Note(
                "entrances_not_read",
                "entr_location is not read: the position comes from {0} in {1}, and nothing "
                "says that the entrances are in this datum too.",
                place,
                place.datum,
            )
        )
        return
    doors, _ = cells.places(renamed, {"location": "entr_location"}, degrees=degrees)
    places["entrances"] = gpd.GeoSeries(doors, index=places.index, crs=places.crs)
    known = int((~shapely.is_missing(doors)).sum())
    opened.notes.append(Note("entrances_read", "{0} entrances read from entr_location.", known))


def _from_baidu_metres(places: gpd.GeoDataFrame, what: str) -> gpd.GeoDataFrame:
    """Return a table in Baidu's metres as one in Baidu's degrees."""

    def convert(xy: Floats) -> Floats:
        return np.column_stack(to_bd09(xy[:, 0], xy[:, 1]))

    reach = np.abs(places.total_bounds).max()
    if reach <= 360:
        raise InputError(
            f"datum={BAIDU_METRES!r} means Baidu's metres, but the coordinates of the {what} reach "
            f'no farther than {reach:g}. Pass datum="bd09" if they are degrees of Baidu.'
        )
    result = places.copy()
    for name in places.columns[places.dtypes == "geometry"]:
        shapes = shapely.transform(places[name].to_numpy(), convert)
        result[name] = gpd.GeoSeries(shapes, index=places.index, crs=4326)
    return result.set_crs(4326, allow_override=True)


def _with_crs(table: gpd.GeoDataFrame, request: Request) -> gpd.GeoDataFrame:
    """Return the table with the CRS that it has or that the caller gave."""
    if _said(request) == BAIDU_METRES:
        return _from_baidu_metres(table, request.what)
    if request.crs is None:
        check_frame(table, request.what)
        return table
    crs = _crs(request.crs)
    if table.crs is not None and table.crs != crs:
        raise InputError(
            f"crs= says {crs.name}, but the {request.what} are in {table.crs.name}. "
            "If the file is wrong, correct it with table.set_crs(..., allow_override=True)."
        )
    return table.set_crs(crs)


def _crs(crs: Any) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise InputError(f"crs={crs!r} is not a CRS; pass a number such as 4326.") from error


def _said(request: Request) -> str | None:
    """Return the datum that the caller declares."""
    if request.datum is None:
        return None
    return BAIDU_METRES if is_baidu_mercator(request.datum) else datum_name(request.datum)


def _declared(
    places: gpd.GeoDataFrame, place: positions.Position | None, opened: Opened, request: Request
) -> str | None:
    """Return the datum that the caller, the table, its columns or its CRS declare."""
    named = place.datum if place is not None else None
    said = _said(request)
    if said is not None:
        if place is not None:
            wrong = positions.contradiction(place, said, opened.source)
            if wrong is not None:
                raise DatumError(wrong)
        elif (own := places.attrs.get("datum")) is not None:
            return _agreed(said, datum_name(own), places, request.what)
        return "bd09" if said == BAIDU_METRES else said
    if places.attrs.get("datum") is not None:
        return datum_name(places.attrs["datum"])
    if named is not None:
        opened.notes.append(
            Note("datum_of_columns", "The datum {0} was taken from the column names.", named)
        )
        return "bd09" if named == BAIDU_METRES else named
    if "China 2000" in str(getattr(places.crs.geodetic_crs, "datum", "")):
        opened.notes.append(
            Note("datum_of_crs", "The datum {0} was taken from the CRS.", "cgcs2000")
        )
        return "cgcs2000"
    return None


def _agreed(said: str, own: str, places: gpd.GeoDataFrame, what: str) -> str:
    """Return the datum of a table that says so itself; refuse to convert it twice."""
    before = places.attrs.get("declared_datum")
    if said == own or {said, own} == {"wgs84", "cgcs2000"}:
        return said
    if own == "wgs84" and before is None:  # it lies where nobody had to declare anything
        return said
    came = f", to which they were converted from {before}" if before not in (None, own) else ""
    raise DatumError(
        f"datum={said!r} contradicts the table of {what} itself: it says that its coordinates are "
        f"in {own}{came}. Leave datum= away; or, if the table is wrong, correct it with "
        f"quarterhour.declare_datum(table, {said!r}) first."
    )
