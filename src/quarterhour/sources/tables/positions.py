"""Which columns make the position of a row: one pair, in one datum.

Tables often hold several: Amap's own beside the converted one, degrees beside metres. Longitude
and latitude are never taken from different pairs; the datum that is declared chooses the pair, and
pairs that do not agree with each other are told of or refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import DatumError, InputError
from quarterhour.places.baidu_mercator import to_bd09
from quarterhour.places.contracts import fits_lonlat
from quarterhour.places.datum import to_wgs84
from quarterhour.places.notes import Listing, Note
from quarterhour.sources.tables import cells
from quarterhour.sources.tables.headers import Header, read_header

AGREE_M = 25.0
"""Two positions of one row that are farther apart, in the median, are not the same place."""

_SINGLE = ("wkt", "location", "latlon")
_EQUAL = {"cgcs2000": "wgs84"}  # the same numbers within decimetres
_PREFERENCE = ("wgs84", "gcj02", "bd09", "bd09mc")


@dataclass(frozen=True)
class Position:
    """Columns that together say where a row is."""

    column: dict[str, str]
    datum: str | None

    def __str__(self) -> str:
        return ", ".join(self.column.values())


def found(names: list[str], said: Mapping[str, str]) -> list[Position]:
    """
    Find all columns, and pairs of columns, that are called like positions.

    Parameters
    ----------
    names
        The columns of a table.
    said
        Role to column name, as the caller says; a longitude may be among them without a latitude.

    Returns
    -------
    positions
        In the order in which they are preferred, all else being equal.
    """
    role = {name: key for key, name in said.items()}
    headers = {
        name: header
        for name in names
        if (header := read_header(name)) is not None and role.get(name, header.axis) == header.axis
    }
    for axis in ("lon", "lat"):
        if axis in said:
            known = read_header(said[axis]) or Header(axis, None, -1, "")
            headers = {name: h for name, h in headers.items() if h.axis != axis}
            headers[said[axis]] = Header(axis, known.datum, known.family, known.stem)
    single = [
        Position({kind: name}, header.datum)
        for kind in _SINGLE
        for name, header in headers.items()
        if header.axis == kind
    ]
    return [*single, *_pairs(headers)]


def datum_of(column: Mapping[str, str]) -> str | None:
    """
    Return the datum that the names of position columns speak of.

    Parameters
    ----------
    column
        Role to column name.

    Returns
    -------
    datum
        None if they name none.

    Raises
    ------
    DatumError
        If longitude and latitude name different ones.
    """
    headers = {
        role: header
        for role in (*_SINGLE, "lon", "lat")
        if role in column and (header := read_header(column[role])) is not None
    }
    named = {header.datum for header in headers.values() if header.datum is not None}
    if len(named) > 1:
        raise DatumError(
            f"The columns {', '.join(column[role] for role in headers)} are in different datums "
            f"({', '.join(sorted(named))}). A position is one pair of columns in one datum."
        )
    return named.pop() if named else None


def choose(
    table: pd.DataFrame, positions: list[Position], datum: str | None, *, degrees: bool
) -> tuple[Position | None, list[str]]:
    """
    Choose the columns that a table's positions are read from.

    Parameters
    ----------
    table
        The table, as text.
    positions
        What `found` found.
    datum
        The datum that the caller declares.
    degrees
        Whether the positions have to be longitudes and latitudes.

    Returns
    -------
    position, notes
        The columns, None if there are none; and which others there were.

    Raises
    ------
    DatumError
        If every column contradicts the declared datum, or nobody can tell which ones to take.
    """
    if len(positions) < 2:
        return (positions[0] if positions else None), []
    points = {id(one): _points(table, one, degrees=degrees) for one in positions}
    usable = [one for one in positions if points[id(one)] is not None] or positions
    chosen, *others = sorted(usable, key=lambda one: _rank(one, datum))
    if not others:
        return chosen, []
    same = [other for other in others if other.datum == chosen.datum]
    for other in same:
        apart = _apart(points[id(chosen)], points[id(other)])
        if chosen.datum is None and apart > AGREE_M:
            raise InputError(
                f"The columns {chosen} and the columns {other} say different places, "
                f"{apart:,.0f} m apart in the median. Say which ones to read with columns=, "
                f"such as columns={other.column!r}, and their datum with datum=."
            )
    notes: list[str] = [
        Note(
            "position_chosen",
            "The position is read from {0}, not from {1}.",
            chosen,
            Listing(map(str, others)),
        )
    ]
    known = chosen.datum or datum
    for other in others:
        if known is not None and other.datum is not None:
            here = _wgs84(points[id(chosen)], known)
            apart = _apart(here, _wgs84(points[id(other)], other.datum))
            if apart > AGREE_M:
                notes.append(
                    Note(
                        "positions_disagree",
                        "{0} (read as {1}) and {2} ({3}) do not agree: they are {4:,.0f} m "
                        "apart in the median. One of the datums is wrong.",
                        chosen,
                        known,
                        other,
                        other.datum,
                        apart,
                    )
                )
    return chosen, notes


def contradiction(position: Position, datum: str, source: str) -> str | None:
    """
    Return the sentence that refuses columns which name another datum than the declared one.

    Parameters
    ----------
    position
        The columns.
    datum
        The declared datum.
    source
        What to call the table.

    Returns
    -------
    sentence
        None if they agree.
    """
    if position.datum is None or _EQUAL.get(position.datum, position.datum) == _EQUAL.get(
        datum, datum
    ):
        return None
    return (
        f"datum={datum!r} contradicts the column names of {source} ({position}), which say "
        f'{position.datum}. Pass datum="{position.datum}", or name the right columns with columns=.'
    )


def _pairs(headers: Mapping[str, Header]) -> Iterator[Position]:
    """Put longitudes and latitudes together that belong together."""
    lats = {name: header for name, header in headers.items() if header.axis == "lat"}
    lons = {name: header for name, header in headers.items() if header.axis == "lon"}
    for how in (
        lambda a, b: (a.datum, a.family, a.stem) == (b.datum, b.family, b.stem),
        lambda a, b: (a.datum, a.stem) == (b.datum, b.stem),
        lambda a, b: (a.datum, a.family) == (b.datum, b.family),
        lambda a, b: a.datum == b.datum,
        lambda a, b: None in (a.datum, b.datum) and len(lons) == len(lats) == 1,
    ):
        for lon, east in list(lons.items()):
            lat = next((name for name, north in lats.items() if how(east, north)), None)
            if lat is not None:
                yield Position({"lon": lon, "lat": lat}, east.datum or lats[lat].datum)
                del lons[lon], lats[lat]
                if not lons or not lats:
                    return


def _rank(position: Position, datum: str | None) -> tuple[int, int]:
    """Order positions: shapes first, then what the declared datum fits, then WGS 84."""
    own = _EQUAL.get(position.datum or "", position.datum)
    shape = 0 if "wkt" in position.column else 1
    if datum is not None:
        said = _EQUAL.get(datum, datum)
        return (0 if own == said else 1 if own is None else 2), shape
    return (shape, len(_PREFERENCE) if own is None else _PREFERENCE.index(own))


def _points(
    table: pd.DataFrame, position: Position, *, degrees: bool
) -> tuple[Floats, Floats] | None:
    """Return the numbers of columns; None where not one row of them can be a position."""
    if "wkt" in position.column:
        text = table[position.column["wkt"]].dropna().astype(str).str.strip()
        shapes = text.str.match(
            r"(?i)(srid=\d+;)?(multi)?(point|polygon|linestring)|^[0-9a-f]{42,}$|\{"
        )
        nothing = np.full(len(table), np.nan)
        return (nothing, nothing) if shapes.any() else None
    x, y = cells.coordinates(table, position.column, degrees=degrees)
    good = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    fits = fits_lonlat(x[good], y[good]) | fits_lonlat(y[good], x[good])
    if not good.any():
        return None
    metric = position.datum == "bd09mc" or not degrees
    return (x, y) if (not fits.all() if metric else fits.mean() >= 0.5) else None


def _wgs84(points: tuple[Floats, Floats] | None, datum: str) -> tuple[Floats, Floats] | None:
    if points is None:
        return None
    x, y = to_bd09(*points) if datum == "bd09mc" else points
    good = fits_lonlat(x, y)
    x, y = np.where(good, x, np.nan), np.where(good, y, np.nan)
    lon, lat = to_wgs84(x, y, "bd09" if datum == "bd09mc" else datum)
    return np.asarray(lon), np.asarray(lat)


def _apart(one: tuple[Floats, Floats] | None, other: tuple[Floats, Floats] | None) -> float:
    """Return the median distance of two columns of positions, in metres; 0 where unknown."""
    if one is None or other is None:
        return 0.0
    east = (one[0] - other[0]) * np.cos(np.radians(np.clip(one[1], -90, 90)))
    metres = np.hypot(east, one[1] - other[1]) * 111_195
    return float(np.nanmedian(metres)) if np.isfinite(metres).any() else 0.0
