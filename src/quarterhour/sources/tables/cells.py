"""The cells of a text table as numbers, dates and places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.places.cell_words import half_width
from quarterhour.places.contracts import fits_lonlat, listed
from quarterhour.places.notes import Note
from quarterhour.sources.tables.numbers import comma_note, plain_numbers
from quarterhour.sources.tables.position_cells import (
    EAST_WEST,
    NORTH_SOUTH,
    degree,
    split_pairs,
)

Objects = NDArray[np.object_]


def dates(column: pd.Series[Any]) -> pd.Series[Any]:
    """
    Return a column of days; NaT where there is none.

    Parameters
    ----------
    column
        2024-05-01, 2024/5/1, 20240501, 2024年5月1日 ...

    Returns
    -------
    values
        Days without a time zone.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    text = column.astype(object).where(column.notna(), "").map(half_width)
    text = text.str.replace(r"[年月/.]", "-", regex=True).str.replace("日", "", regex=False)
    return pd.to_datetime(text.replace("", None), errors="coerce", format="mixed")


def places(
    table: pd.DataFrame, column: Mapping[str, str], *, degrees: bool
) -> tuple[Objects, Objects]:
    """
    Read where each row is.

    Parameters
    ----------
    table
        The table as read.
    column
        Role to column name; "wkt" goes before "location", "latlon", and "lon" and "lat".
    degrees
        Whether the numbers have to be longitudes and latitudes.

    Returns
    -------
    shapes
        One geometry per row, None where there is none.
    reasons
        Why there is none; "" where there is one.
    """
    if "wkt" in column:
        return _from_wkt(table[column["wkt"]])
    x_text, y_text = _texts(table, column)
    x, y = _pair(x_text, y_text, degrees=degrees)
    reasons = _why_not(x_text, y_text, x, y)
    if degrees:
        _check_degrees(x, y, reasons, column)
    good = reasons == ""
    shapes = np.full(len(table), None, dtype=object)
    shapes[good] = shapely.points(x[good], y[good])
    return shapes, reasons


def coordinates(
    table: pd.DataFrame, column: Mapping[str, str], *, degrees: bool
) -> tuple[Floats, Floats]:
    """
    Read the two numbers of each row's position.

    Parameters
    ----------
    table
        The table as read.
    column
        Role to column name: "location", "latlon", or "lon" and "lat".
    degrees
        Whether they are to be longitudes and latitudes.

    Returns
    -------
    x, y
        NaN where there is none.
    """
    return _pair(*_texts(table, column), degrees=degrees)


def position_notes(table: pd.DataFrame, column: Mapping[str, str], *, degrees: bool) -> list[str]:
    """
    Tell how the cells of positions were understood: commas, and third numbers.

    Parameters
    ----------
    table
        The table as read.
    column
        Role to column name, as in `coordinates`.
    degrees
        Whether they are longitudes and latitudes.
    """
    if "wkt" in column:
        return []
    for role in ("location", "latlon"):
        if role in column:
            higher = int((split_pairs(table[column[role]]).str.len() > 2).sum())
            text = "{0} cells of {1} hold a third number, which is taken for a height and not read."
            return [Note("third_number", text, higher, column[role])] if higher else []
    return [
        note
        for role in ("lon", "lat")
        for note in comma_note(table[column[role]], column[role], degrees=degrees)
    ]


def _pair(
    x_text: pd.Series[Any], y_text: pd.Series[Any], *, degrees: bool
) -> tuple[Floats, Floats]:
    """Read two columns of coordinates; a degree has no thousands, and may name its side."""
    if degrees:
        x_text, y_text = _sides_right(x_text, y_text)
    x = plain_numbers(x_text, decimal_comma=degrees)
    return x, plain_numbers(y_text, decimal_comma=degrees)


def _sides_right(
    x_text: pd.Series[Any], y_text: pd.Series[Any]
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return degrees as numbers, and in their own column where a letter says which that is."""
    if pd.api.types.is_numeric_dtype(x_text) and pd.api.types.is_numeric_dtype(y_text):
        return x_text, y_text
    x, y = (pd.DataFrame([degree(cell) for cell in text]) for text in (x_text, y_text))
    if len(x) == 0:
        return x_text, y_text
    swap = x[1].isin(list(NORTH_SOUTH)) & y[1].isin(list(EAST_WEST))
    lon, lat = x[0].where(~swap, y[0]), y[0].where(~swap, x[0])
    return lon.set_axis(x_text.index), lat.set_axis(y_text.index)


def _texts(table: pd.DataFrame, column: Mapping[str, str]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return the cells of longitude and latitude, or easting and northing."""
    if "location" in column:
        return _split(table[column["location"]])
    if "latlon" in column:
        lat, lon = _split(table[column["latlon"]])
        return lon, lat
    return table[column["lon"]], table[column["lat"]]


def _why_not(x_text: Any, y_text: Any, x: Floats, y: Floats) -> Objects:
    """Return why a pair of texts is not a position."""
    reasons = np.full(len(x), "", dtype=object)
    for text, value, name in ((y_text, y, "latitude"), (x_text, x, "longitude")):
        bad = ~np.isfinite(value)
        missing = text.isna().to_numpy() | (text.astype(str).str.strip() == "").to_numpy()
        reasons[bad & missing] = f"no {name}"
        odd = bad & ~missing
        reasons[odd] = [f"{name} {value!r} is not a number" for value in text[odd]]
    reasons[(x == 0) & (y == 0)] = "position 0, 0"
    return reasons


def _check_degrees(x: Floats, y: Floats, reasons: Objects, column: Mapping[str, str]) -> None:
    """Mark what lies off the globe; refuse a table that does so as a whole."""
    good = reasons == ""
    fits = fits_lonlat(x, y)
    if not good.any() or fits[good].all():
        return
    off = good & ~fits
    swapped = off & fits_lonlat(y, x)
    if swapped.sum() * 2 >= good.sum():
        raise InputError(_swapped_sentence(column, float(np.abs(y[swapped]).max())))
    if off.sum() * 2 >= good.sum():
        raise InputError(
            f"The positions are no degrees: they reach {x[off].max():g} / {y[off].max():g}. "
            "Pass the CRS that they are in, such as crs=4547 (CGCS2000 / 3-degree, 114° E)"
            f"{_perhaps_baidu(x[off], y[off])}."
        )
    for row in np.flatnonzero(off):
        hint = ", longitude and latitude swapped?" if swapped[row] else ""
        reasons[row] = f"{x[row]:g}, {y[row]:g} is not on the globe{hint}"


def _perhaps_baidu(x: Floats, y: Floats) -> str:
    """Return what to do if numbers may be Baidu's metres, or millionths of a degree."""
    if fits_lonlat(x / 1e6, y / 1e6).all() and (x > 1.8e7).all():
        return "; or divide by 1,000,000, if they are millionths of a degree"
    in_range = (x > 7.5e6) & (x < 15.5e6) & (y > 0.3e6) & (y < 7.2e6)
    return '; or datum="bd09mc", if they are Baidu\'s metres' if in_range.all() else ""


def _swapped_sentence(column: Mapping[str, str], latitude: float) -> str:
    head = f"Longitude and latitude are the wrong way round: a latitude of {latitude:g}° "
    if "location" in column:
        cure = f'columns={{"latlon": {column["location"]!r}}}'
    elif "latlon" in column:
        cure = f'columns={{"location": {column["latlon"]!r}}}'
    else:
        cure = f'columns={{"lon": {column["lat"]!r}, "lat": {column["lon"]!r}}}'
    return head + f"fits only when they are swapped. Pass {cure}."


def _split(column: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Split texts like "116.39,39.90" in two; a third number is a height."""
    pair = split_pairs(column)
    return pair.str[0].replace("", None), pair.str[1]


def _from_wkt(column: pd.Series[Any]) -> tuple[Objects, Objects]:
    """Read well-known text, or the geometries of GeoJSON."""
    text = column.astype(object).where(column.notna(), None)
    first = next((str(cell).lstrip() for cell in text if cell is not None), "")
    if first.startswith("{"):
        shapes = np.asarray(
            shapely.from_geojson(text.to_numpy(), on_invalid="ignore"), dtype=object
        )
        text = text.where(~shapely.is_missing(shapes) | text.isna(), "no GeoJSON")
    else:
        shapes = np.asarray(shapely.from_wkt(text.to_numpy(), on_invalid="ignore"), dtype=object)
    reasons = np.full(len(shapes), "", dtype=object)
    reasons[shapely.is_missing(shapes)] = "WKT that cannot be read"
    reasons[text.isna().to_numpy()] = "no WKT"
    if (reasons != "").all():
        raise InputError(
            f"Not one cell of column {column.name!r} is well-known text such as "
            f"'POINT (116.39 39.9)'; the first are: {listed(text.dropna()[:3])}."
        )
    return shapes, reasons
