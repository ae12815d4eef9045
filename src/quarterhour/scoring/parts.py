"""The parts by which a coverage is told: districts, cells of a grid, values of a column."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.cells import h3_cells, h3_labels, square_labels, squares_at
from quarterhour.places.contracts import POLYGONS, check_places
from quarterhour.places.datum import check_same_datum
from quarterhour.places.grids import inner_points
from quarterhour.places.overlaps import homes_of_areas
from quarterhour.scoring.scorecard import Scorecard

By: TypeAlias = str | float | gpd.GeoDataFrame
"""A column of the areas, ``"h3:9"``, the size of a square cell in metres, or polygons."""

_H3 = re.compile(r"h3[:\-_ ]?(\d+)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Parts:
    """Which homes and which areas are in which part.

    Attributes
    ----------
    labels
        Of each part; the last is None where something lies in none of them.
    home, home_part, area, area_part
        Pairs of positions: a home (an area) in several polygons that overlap is in each.
    shapes
        Outlines of the parts, where they have any, in the CRS of the areas.
    names
        Names of the parts, where a layer has them.
    """

    labels: npt.NDArray[np.object_]
    home: Ints
    home_part: Ints
    area: Ints
    area_part: Ints
    shapes: gpd.GeoSeries | None = None
    names: npt.NDArray[np.object_] | None = None

    @property
    def n(self) -> int:
        """How many parts there are."""
        return len(self.labels)

    def of_homes(self, values: Floats) -> Floats:
        """Add up what each home has, by part."""
        found = np.bincount(self.home_part, values[self.home], minlength=self.n)
        return np.asarray(found, dtype=np.float64)

    def of_areas(self, values: Floats) -> Floats:
        """Add up what each area has, by part."""
        found = np.bincount(self.area_part, values[self.area], minlength=self.n)
        return np.asarray(found, dtype=np.float64)

    def repeated(self) -> int:
        """How many homes are in several parts, so that parts add up to more than the whole."""
        return int((np.bincount(self.home) > 1).sum())


def whole(card: Scorecard) -> Parts:
    """Give the one part that everything is in."""
    homes, areas = len(card.origins), len(card.areas)
    return Parts(
        np.array(["all"], dtype=object),
        np.arange(homes),
        np.zeros(homes, dtype=np.int64),
        np.arange(areas),
        np.zeros(areas, dtype=np.int64),
    )


def parts_of(card: Scorecard, by: By) -> Parts:
    """Say which homes and areas are in which part.

    Homes are where they are; an area is where its inner point is.

    Raises
    ------
    InputError
        If there is no such column, the polygons break their contract, or ``by`` is nothing of
        this kind.
    DatumError
        If the polygons are in another datum than the areas.
    MissingExtraError
        If H3 cells are asked for and h3 is not installed.
    """
    if isinstance(by, gpd.GeoDataFrame):
        return _by_polygons(card, by)
    if isinstance(by, str) and by in card.areas:
        return _by_column(card, by)
    if isinstance(by, str) and (found := _H3.fullmatch(by.strip())):
        return _by_cells(card, int(found[1]), None)
    if isinstance(by, (int, float, np.integer, np.floating)) and not isinstance(by, bool):
        return _by_cells(card, None, float(by))
    own = [str(name) for name in card.areas.columns if name != card.areas.geometry.name]
    msg = (
        f"by={by!r} is no way to part the areas: give one of their columns ({', '.join(own)}), a "
        "GeoDataFrame of polygons, the size of square cells in metres (500), or 'h3:9'."
    )
    raise InputError(msg)


def _by_column(card: Scorecard, column: str) -> Parts:
    code, labels = pd.factorize(card.areas[column], sort=False)
    home_area = card.areas.index.get_indexer(pd.Index(card.origins["area"]))
    code = np.asarray(code, dtype=np.int64)
    names = np.array([*labels], dtype=object)
    areas = np.arange(len(code))
    return _with_rest(names, (np.arange(len(home_area)), code[home_area]), (areas, code))


def _by_polygons(card: Scorecard, layer: gpd.GeoDataFrame) -> Parts:
    check_places(layer, "polygons", POLYGONS)
    check_same_datum(card.areas, layer, "polygons")
    homes, areas = _where(card)
    shapes = layer.geometry.to_crs(card.origins.crs)
    outlines = np.asarray(shapes.array, dtype=object)
    pairs = [homes_of_areas(points, outlines) for points in (homes, areas)]
    both = [
        _every(np.asarray(place), np.asarray(part), len(points))
        for (place, part), points in zip(pairs, (homes, areas), strict=True)
    ]
    labels = np.array([*layer.index], dtype=object)
    found = _with_rest(labels, *both)
    name = layer["name"].to_numpy(dtype=object) if "name" in layer else None
    return _with_shapes(found, layer.geometry.to_crs(card.areas.crs), name)


def _by_cells(card: Scorecard, resolution: int | None, cell_m: float | None) -> Parts:
    homes, areas = _where(card)
    xy = shapely.get_coordinates(np.concatenate([homes, areas]))
    if cell_m is not None:
        named = square_labels(xy, cell_m)
    else:
        named = h3_labels(xy, card.origins.crs, resolution or 0)
    code, labels = pd.factorize(named, sort=True)
    code = np.asarray(code, dtype=np.int64)
    n = len(homes)
    names = np.asarray(labels, dtype=object)
    found = _with_rest(names, (np.arange(n), code[:n]), (np.arange(len(areas)), code[n:]))
    if cell_m is not None:
        first = np.unique(code, return_index=True)[1]
        outlines = gpd.GeoSeries(squares_at(xy[first], cell_m), crs=card.origins.crs)
    else:
        outlines = h3_cells(labels)
    return _with_shapes(found, outlines.to_crs(card.areas.crs), None)


def _where(card: Scorecard) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Points of the homes and of the areas, in the metric CRS of the homes."""
    homes = np.asarray(card.origins.geometry.array, dtype=object)
    areas = np.asarray(card.areas.geometry.to_crs(card.origins.crs).array, dtype=object)
    return _points(homes), inner_points(areas)


def _points(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Points as they are; of the gates of a compound, one that stands for them all."""
    several = shapely.get_type_id(shapes) != 0
    found = shapes.copy()
    found[several] = shapely.point_on_surface(shapes[several])
    return found


_Pairs = tuple[Ints, Ints]


def _every(place: Ints, part: Ints, n: int) -> _Pairs:
    """Pairs, and one with -1 for each place that is in no part."""
    lost = np.setdiff1d(np.arange(n), place)
    return np.concatenate([place, lost]), np.concatenate([part, np.full(len(lost), -1)])


def _with_rest(labels: npt.NDArray[np.object_], homes: _Pairs, areas: _Pairs) -> Parts:
    """Make what is in no part a part of its own, without a label."""
    if (homes[1] < 0).any() or (areas[1] < 0).any():
        rest = len(labels)
        labels = np.concatenate([labels, np.array([None], dtype=object)])
        homes = homes[0], np.where(homes[1] < 0, rest, homes[1])
        areas = areas[0], np.where(areas[1] < 0, rest, areas[1])
    return Parts(labels, *homes, *areas)


def _with_shapes(
    parts: Parts, shapes: gpd.GeoSeries, names: npt.NDArray[np.object_] | None
) -> Parts:
    n = parts.n - len(shapes)
    crs = shapes.crs
    outlines = np.concatenate([np.asarray(shapes.array, dtype=object), [None] * n])
    if names is not None:
        names = np.concatenate([names, np.array([None] * n, dtype=object)])
    return replace(parts, shapes=gpd.GeoSeries(outlines, crs=crs), names=names)
