"""Travel time as a surface: one search, told at every cell of a raster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj

from quarterhour.arrays import Floats
from quarterhour.atomic import whole_file
from quarterhour.errors import InputError
from quarterhour.places.given import Given, places_given
from quarterhour.places.rasters import rasterio_for
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap import SNAP_LIMIT_M, end_positions, require_snapped, start_positions
from quarterhour.walking.areas import homes_of
from quarterhour.walking.engines import Engine, numba_engine
from quarterhour.walking.given import pace_of
from quarterhour.walking.isochrones.field_kernels import seconds_on_grid
from quarterhour.walking.isochrones.fields import (
    Direction,
    Walks,
    bounds_of,
    fields,
    streets_of,
    units_at,
    walks_of,
)
from quarterhour.walking.isochrones.isochrones import REACH_M
from quarterhour.walking.pace import ADULT, Pace
from quarterhour.walking.travel_times import seconds_of

MOST_CELLS = 100_000_000
"""More cells than this are asked for by mistake."""


@dataclass(frozen=True, eq=False, repr=False)
class TimeSurface:
    """Seconds of walking between a place and the centre of each cell.

    Attributes
    ----------
    seconds
        ``(rows, columns)`` float32, NaN beyond the limit or the reach; row 0 is northernmost.
    transform
        ``(a, b, c, d, e, f)``: the corner of column i, row j is at x = a i + b j + c and
        y = d i + e j + f, in ``crs``; the centre half a cell farther.
    crs
        The CRS of the network.
    minutes, reach_m
        The limits: of the whole walk, and of its leg off the street.
    direction
        ``"from"`` the place to the cells, or from them ``"to"`` it.
    pace
        The pace that made the seconds, as text.
    """

    seconds: npt.NDArray[np.float32]
    transform: tuple[float, float, float, float, float, float]
    crs: pyproj.CRS
    minutes: float
    reach_m: float
    direction: Direction
    pace: str

    def centres(self) -> tuple[Floats, Floats]:
        """Coordinates of the cells' centres: x of the columns, and y of the rows."""
        a, _, c, _, e, f = self.transform
        rows, columns = self.seconds.shape
        x, y = np.arange(columns) + 0.5, np.arange(rows) + 0.5
        return np.asarray(c + a * x, dtype=float), np.asarray(f + e * y, dtype=float)

    def save(self, path: str | Path) -> Path:
        """Write a GeoTIFF of one band, whole or not at all, with all parameters as its tags.

        Raises
        ------
        OutputError
            If the file cannot be written.
        MissingExtraError
            If rasterio is not installed.
        """
        rasterio = rasterio_for("Writing a GeoTIFF")
        rows, columns = self.seconds.shape
        tags = {
            "minutes": f"{self.minutes:g}",
            "reach_m": f"{self.reach_m:g}",
            "direction": self.direction,
            "pace": self.pace,
        }
        with (
            whole_file(path) as part,
            rasterio.open(
                part,
                "w",
                driver="GTiff",
                width=columns,
                height=rows,
                count=1,
                dtype="float32",
                nodata=float("nan"),
                crs=self.crs.to_wkt(),
                transform=rasterio.Affine(*self.transform),
                compress="deflate",
            ) as image,
        ):
            image.write(self.seconds, 1)
            image.set_band_description(1, f"seconds of walking {self.direction} the place")
            image.update_tags(**tags)
        return Path(path)

    def __repr__(self) -> str:
        rows, columns = self.seconds.shape
        share = np.isfinite(self.seconds).mean()
        return (
            f"<TimeSurface: {columns} × {rows} cells of {self.transform[0]:g} m, {share:.0%} "
            f"within {self.minutes:g} min {self.direction} the place; {self.pace}>"
        )


def time_surface(
    place: Given,
    network: WalkNetwork,
    minutes: float = 15,
    *,
    cell_m: float = 10.0,
    pace: Pace | str = ADULT,
    direction: Direction = "from",
    reach_m: float = REACH_M,
    engine: Engine = numba_engine,
) -> TimeSurface:
    """Walking time between a place and everywhere around it, as a raster.

    A cell holds what :func:`quarterhour.travel_times` says of its centre: both legs off the
    street, and the walk along it. It is the time whose contour is the isochrone.

    Parameters
    ----------
    place
        One place or several, with a CRS; of several the nearest counts. Areas are left from
        origins in them, as in :func:`quarterhour.isochrones`.
    network
        The streets.
    minutes
        Limit of the walk.
    cell_m
        Size of a cell in metres. Cell borders lie at whole multiples of it in the network's CRS,
        so that surfaces of the same size fit on each other.
    pace
        Network -> seconds per edge and direction.
    direction
        ``"from"`` the place or ``"to"`` it.
    reach_m
        How far off the street it reaches, in metres, as in :func:`quarterhour.isochrones`.
    engine
        What searches.

    Returns
    -------
    TimeSurface
        Seconds, cut to the cells that have any.

    Raises
    ------
    InputError
        If there is no CRS, a number is out of range, or the raster would be huge.
    NetworkError
        If no place lies near a street.
    """
    _require(cell_m, direction, reach_m)
    limit_s, cell_m, pace = seconds_of(minutes), float(cell_m), pace_of(pace)
    place = places_given(place, "places")
    walks = walks_of(network, pace, direction, engine)
    seconds, (left, top) = _seconds_of_cells(walks, _ends(place, walks), limit_s, cell_m, reach_m)
    row, column = _corner(seconds)
    seconds = seconds[row, column]
    west, north = left + column.start * cell_m, top - row.start * cell_m
    return TimeSurface(
        seconds=seconds.astype(np.float32),
        transform=(cell_m, 0.0, west, 0.0, -cell_m, north),
        crs=network.crs,
        minutes=minutes,
        reach_m=reach_m,
        direction=direction,
        pace=str(pace),
    )


def _require(cell_m: float, direction: str, reach_m: float) -> None:
    if not 0 < cell_m < np.inf:
        msg = f"cell_m={cell_m} is no size of a cell: give metres (10)."
        raise InputError(msg)
    if direction not in ("from", "to"):
        msg = f"direction={direction!r} is not known: use 'from' or 'to'."
        raise InputError(msg)
    if not 1 <= reach_m <= SNAP_LIMIT_M:
        msg = f"reach_m={reach_m} has to lie between 1 and {SNAP_LIMIT_M:g} m."
        raise InputError(msg)


def _ends(place: gpd.GeoDataFrame, walks: Walks) -> Positions:
    """Where the walks begin, or end: all positions of all places as those of one source."""
    if walks.direction == "from":
        homes = homes_of(place)
        at = start_positions(place if homes is None else homes.table, walks.network)
    else:
        at = end_positions(place, walks.network)
    require_snapped(at, len(place), "places", SNAP_LIMIT_M)
    return at._replace(row=np.zeros_like(at.row))


def _seconds_of_cells(
    walks: Walks, ends: Positions, limit_s: float, cell_m: float, reach_m: float
) -> tuple[Floats, tuple[float, float]]:
    """Seconds at the centres of all cells that may be reached, and the north-western corner."""
    found = next(fields(walks, ends, (0, 1), limit_s))  # its arrays last until the next one
    assert found is not None, "a place that is not snapped was refused before"  # noqa: S101
    unit = float(units_at(walks.network, ends, 1)[0])
    reach_m *= unit
    x0, y0, x1, y1 = bounds_of(walks.network, found.edges)
    west, south = (int((low - reach_m) // cell_m) for low in (x0, y0))
    east, north = (int((high + reach_m) // cell_m) + 1 for high in (x1, y1))
    if (east - west) * (north - south) > MOST_CELLS:
        msg = f"The surface would have {east - west} × {north - south} cells: enlarge cell_m."
        raise InputError(msg)
    corner = (float(west * cell_m), float(north * cell_m))
    grid = (*corner, cell_m, east - west, north - south)
    streets = streets_of(walks.network, round(reach_m))
    seconds = seconds_on_grid(streets, found.field, grid, walks.speed_m_s * unit, reach_m)
    return np.where(seconds <= limit_s, seconds, np.nan), corner


def _corner(seconds: Floats) -> tuple[slice, slice]:
    """Rows and columns around what is not NaN; all of them if nothing is."""
    known = np.isfinite(seconds)
    rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
    if len(rows) == 0:
        return slice(0, len(seconds)), slice(0, seconds.shape[1])
    (first, last), (left, right) = rows[[0, -1]].tolist(), columns[[0, -1]].tolist()
    return slice(first, last + 1), slice(left, right + 1)
