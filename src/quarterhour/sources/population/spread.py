"""Pieces of a count laid over places: by land, by floor area, or point by point; mass is kept."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.errors import InputError
from quarterhour.places.frames import is_in_metres, utm_of
from quarterhour.places.homes import homes_by_floor_area, residential
from quarterhour.places.overlaps import homes_of_areas
from quarterhour.sources.population.pieces import Pieces

_Shapes = npt.NDArray[np.object_]


class Spread(NamedTuple):
    """Who lives in each place, and who lives elsewhere.

    Attributes
    ----------
    people
        Of each place; NaN where nothing is told of it.
    placed
        People in any of the places, each once.
    elsewhere
        People of the pieces who are in none of the places.
    homeless
        Of those elsewhere, the people of pieces in which no residential building is known.
    """

    people: Floats
    placed: float
    elsewhere: float
    homeless: float = 0.0


def spread(pieces: Pieces, places: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> Spread:
    """Say how many of the people live in each place.

    Points belong to the polygons around them. The people of a polygon or cell live all over it,
    or, with buildings, in its residential buildings by floor area; a place has its share of the
    land, or the buildings whose inner points it holds. Places that are points share alike in the
    piece around them.
    """
    shapes, metric = _metric(places)
    if not pieces.is_land:
        return _of_points(pieces, shapes, metric)
    if buildings is not None:
        return _by_buildings(pieces, (places, shapes, metric), buildings)
    kinds = np.unique(shapely.get_dimensions(shapes))
    if len(kinds) > 1:
        msg = (
            "Some places are points and some polygons: residents of cells cannot be shared among "
            "both. Pass them one by one, or pass buildings=."
        )
        raise InputError(msg)
    if (kinds == 0).all():
        return _among_points(pieces, shapes, metric)
    if pieces.kind == "raster" or pieces.crs is None:
        return _by_land(pieces.shapes, pieces.people, _in(places, pieces.crs))
    return _by_land(_in(pieces.table(), metric), pieces.people, shapes)


def _metric(places: gpd.GeoDataFrame) -> tuple[_Shapes, object]:
    metric = places if is_in_metres(places) else places.to_crs(utm_of(places))
    return np.asarray(metric.geometry.array, dtype=object), metric.crs


def _in(table: gpd.GeoDataFrame, crs: object) -> _Shapes:
    return np.asarray(table.geometry.to_crs(crs).array, dtype=object)


def _summed(place: Ints, piece: Ints, amount: Floats, n: int, people: Floats) -> Spread:
    """Add up what places have of whole pieces or of their parts."""
    found = np.bincount(place, amount, minlength=n)
    told = np.bincount(place, minlength=n) > 0
    once = np.unique(piece)
    placed = float(people[once].sum())
    return Spread(np.where(told, found, np.nan), placed, float(people.sum()) - placed)


def _of_points(pieces: Pieces, shapes: _Shapes, metric: object) -> Spread:
    if not (shapely.get_dimensions(shapes) == 2).all():
        msg = (
            "Points of residents belong to polygons; these places are points too. If they are the "
            "same places, join them by their label; else give polygons, or cells with cell_m=."
        )
        raise InputError(msg)
    piece, place = homes_of_areas(_in(pieces.table(), metric), shapes)
    return _summed(place, piece, pieces.people[piece], len(shapes), pieces.people)


def _among_points(pieces: Pieces, shapes: _Shapes, metric: object) -> Spread:
    point, piece = homes_of_areas(shapes, _in(pieces.table(), metric))
    sharing = np.bincount(piece, minlength=len(pieces.people))
    amount = pieces.people[piece] / sharing[piece]
    return _summed(point, piece, amount, len(shapes), pieces.people)


def _by_buildings(
    pieces: Pieces,
    where: tuple[gpd.GeoDataFrame, _Shapes, object],
    buildings: gpd.GeoDataFrame,
) -> Spread:
    places, shapes, metric = where
    bare = buildings.drop(columns="residents", errors="ignore")
    land = _in(pieces.table(), metric)
    piece, points, floor_m2, building, _ = homes_by_floor_area(land, bare, metric)
    whole = np.bincount(piece, floor_m2, minlength=len(land))
    lives = pieces.people[piece] * floor_m2 / whole[piece]
    homeless = float(pieces.people[whole <= 0].sum())
    if places is buildings:
        labels = np.flatnonzero(residential(bare))
        found = np.bincount(labels[building], lives, minlength=len(places))
        told = np.bincount(labels[building], minlength=len(places)) > 0
        people = np.where(told, found, np.nan)
        return Spread(people, float(lives.sum()), homeless, homeless)
    home, place = homes_of_areas(points, shapes)
    found = np.bincount(place, lives[home], minlength=len(shapes))
    told = np.bincount(place, minlength=len(shapes)) > 0
    placed = float(lives[np.unique(home)].sum())
    elsewhere = float(pieces.people.sum()) - placed
    return Spread(np.where(told, found, np.nan), placed, elsewhere, homeless)


def _by_land(land: _Shapes, people: Floats, shapes: _Shapes) -> Spread:
    """Share the people of pieces by how much of their land lies in each place."""
    tree = shapely.STRtree(land)
    place, piece = tree.query(shapes, "intersects")
    whole = _pairs_among(tree.query(shapes, "contains"), (place, piece), len(land))
    parts = land[piece].copy()
    parts[~whole] = shapely.intersection(shapes[place[~whole]], land[piece[~whole]])
    size = shapely.area(parts)
    some = size > 0
    place, piece, parts, size = place[some], piece[some], parts[some], size[some]
    share = size / shapely.area(land)[piece]
    found = np.bincount(place, people[piece] * share, minlength=len(shapes))
    told = np.bincount(place, minlength=len(shapes)) > 0
    once = np.asarray(np.bincount(piece, share, minlength=len(land)), dtype=np.float64)
    several = _overlapping(shapes)[place]
    _once_where_shared(once, piece, parts, several, shapely.area(land))
    placed = float((people * np.minimum(once, 1.0)).sum())
    elsewhere = float((people * np.maximum(1.0 - once, 0.0)).sum())
    return Spread(np.where(told, found, np.nan), placed, elsewhere)


def _pairs_among(some: Any, pairs: tuple[Ints, Ints], n: int) -> Mask:
    """Mark the pairs that are among some of them."""
    numbers, known = pairs[0] * n + pairs[1], some[0] * n + some[1]
    return np.isin(numbers, known)


def _overlapping(shapes: _Shapes) -> Mask:
    """Mark the places that share any land with another, be it a sliver."""
    first, second = shapely.STRtree(shapes).query(shapes, "intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second])) > 0
    found = np.zeros(len(shapes), dtype=bool)
    found[np.concatenate([first[shared], second[shared]])] = True
    return found


def _once_where_shared(
    once: Floats, piece: Ints, parts: _Shapes, several: Mask, size: Floats
) -> None:
    """Count land that lies in several places once, in the pieces that have such land."""
    doubted = np.bincount(piece[several], minlength=len(once)) > 1
    rows = np.flatnonzero(doubted[piece])
    order = rows[np.argsort(piece[rows], kind="stable")]
    pieces, first, count = np.unique(piece[order], return_index=True, return_counts=True)
    for n, at, many in zip(pieces, first, count, strict=True):
        mine = parts[order[at : at + many]]
        once[n] = float(shapely.area(shapely.union_all(mine))) / size[n]
