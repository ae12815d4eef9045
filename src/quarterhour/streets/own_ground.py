"""Homes and places deep inside an area without mapped paths: the way leads over its ground.

Extracts often map a residential plot as one outline, with houses and nothing between them. A house
in its middle is farther from every street than the snap limit, though a street passes the plot.
Whoever lives there walks over the ground of the plot, as behind walls to the gate: the leg is the
straight line to where the plot is left, and from there to the street, which has to be near.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Ints, Mask
from quarterhour.places.frames import bare
from quarterhour.places.notes import Note
from quarterhour.places.origins import BEHIND
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import in_crs_of, places_of_entry
from quarterhour.streets.street_arrays import kept_with

OWN_GROUND_M = 500.0
"""Nobody walks farther than this over unmapped ground: the length of a superblock."""

OVER_GROUND = "over_own_ground"
"""Column of origins: whether the way out leads over the ground of the area; only where one does."""

_KINDS = ("building", "point")


def over_own_ground(
    homes: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    network: WalkNetwork,
    limit_m: float,
    snapped: Mask,
) -> gpd.GeoDataFrame:
    """
    Give homes that lie far from every street a way out over the ground of their area.

    Parameters
    ----------
    homes
        Origins.
    areas
        The areas; one with a wall and no known gate is left by nobody knows where.
    network
        The streets.
    limit_m
        How far from a street the way out may end: the snap limit.
    snapped
        Which homes lie near a street, or leave by a gate that does.

    Returns
    -------
    GeoDataFrame
        The homes as they were where none is concerned, else a copy with further ``exits``,
        ``behind_gates_of`` (who lives in the same area walks straight there) and
        ``over_own_ground``, and a note.
    """
    if "kind" not in homes or "exits" not in homes:
        return homes
    far = ~snapped & homes["kind"].isin(_KINDS).to_numpy() & homes["exits"].isna().to_numpy()
    row, area, exits = _ways_over(
        in_crs_of(homes, network, "origins"), far, unwalled(areas, homes), network, limit_m
    )
    if len(row) == 0:
        return homes
    table = _with_exits(homes, row, exits, areas.index.take(area), network)
    table[OVER_GROUND] = np.isin(np.arange(len(homes)), row)
    note = Note(
        "homes_over_own_ground",
        "{0} residences lie farther than {1:g} m from every street, in areas that a street passes: "
        "their residents walk over the ground of the area.",
        len(row),
        limit_m,
    )
    table.attrs = {**homes.attrs, "notes": [*homes.attrs.get("notes", []), note]}
    return table


def as_they_were(homes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take ways over the ground away again: streets may have come or gone since."""
    if OVER_GROUND not in homes:
        return homes
    over = homes[OVER_GROUND].astype(bool)
    table = homes.drop(columns=OVER_GROUND)
    for name in ("exits", BEHIND):
        table[name] = homes[name].where(~over, None)
    notes = [
        note
        for note in homes.attrs.get("notes", [])
        if getattr(note, "code", "") != "homes_over_own_ground"
    ]
    table.attrs = {**homes.attrs, "notes": notes}
    return table


def reached_over_ground(
    facilities: gpd.GeoDataFrame,
    lost: Mask,
    areas: gpd.GeoDataFrame,
    network: WalkNetwork,
    limit_m: float,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """
    Give places that lie far from every street a way in over the ground of the area around them.

    Parameters
    ----------
    facilities, areas, network, limit_m
        As for :func:`over_own_ground`.
    lost
        Which facilities are concerned.

    Returns
    -------
    tuple
        The facilities as they were where none is concerned, and notes.
    """
    row, area, exits = _ways_over(
        places_of_entry(facilities, network), lost, areas, network, limit_m
    )
    if len(row) == 0:
        return facilities, []
    note = Note(
        "facilities_over_ground",
        "{0} facilities lie farther than {1:g} m from every street, in areas that a street passes: "
        "they are reached over the ground of the area.",
        len(row),
        limit_m,
    )
    return _with_exits(facilities, row, exits, areas.index.take(area), network), [note]


def unwalled(areas: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the areas without those that have a wall and no known gate."""
    if "way_out" not in homes:
        return areas
    table = bare(homes)
    shut = table.loc[(table["way_out"] == "wall_without_gate").to_numpy(dtype=bool), "area"]
    return areas if shut.empty else areas[~areas.index.isin(shut.unique())]


def _with_exits(
    table: gpd.GeoDataFrame,
    row: Ints,
    exits: npt.NDArray[np.object_],
    labels: pd.Index,
    network: WalkNetwork,
) -> gpd.GeoDataFrame:
    """Give some rows a way out, and the label of the area that it leads through."""
    doors = np.full(len(table), None, dtype=object)
    behind = np.full(len(table), None, dtype=object)
    crs: Any = network.crs
    if "exits" in table:
        given = gpd.GeoSeries(table["exits"])
        crs = given.crs if given.crs is not None else crs
        doors = np.array(given.array, dtype=object)
    if BEHIND in table:
        behind = table[BEHIND].to_numpy(dtype=object, copy=True)
    doors[row] = np.asarray(gpd.GeoSeries(exits, crs=network.crs).to_crs(crs).array, dtype=object)
    behind[row] = np.asarray(labels, dtype=object)
    result = table.assign(exits=gpd.GeoSeries(doors, index=table.index, crs=crs))
    result[BEHIND] = pd.Series(behind, index=table.index, dtype=object)
    result.attrs = dict(table.attrs)
    return result


def _joined(network: WalkNetwork) -> tuple[npt.NDArray[np.object_], shapely.STRtree]:
    """The streets that places are joined to, and a tree of them."""
    streets = network.lines[~network.passed_over]
    return streets, shapely.STRtree(streets)


def _ways_over(
    shapes: npt.NDArray[np.object_],
    far: Mask,
    areas: gpd.GeoDataFrame,
    network: WalkNetwork,
    limit_m: float,
) -> tuple[Ints, Ints, npt.NDArray[np.object_]]:
    """Rows with a way over the ground of the smallest area around them, that area, and its exit."""
    rows = np.flatnonzero(far & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    none = np.zeros(0, dtype=np.int64)
    if len(rows) == 0 or len(areas) == 0:
        return none, none, np.zeros(0, dtype=object)
    grounds = in_crs_of(areas, network, "areas")
    at, area = shapely.STRtree(grounds).query(shapes[rows], "within")
    order = np.lexsort((shapely.area(grounds[area]), at))
    at, first = np.unique(at[order], return_index=True)
    area = area[order][first]
    streets, tree = kept_with(network, "joined streets", lambda: _joined(network))
    exits = [
        _exit(shapes[rows[one]], grounds[ground], streets, tree, limit_m)
        for one, ground in zip(at, area, strict=True)
    ]
    found = np.array([way is not None for way in exits], dtype=bool)
    points = np.array([way for way in exits if way is not None], dtype=object)
    return rows[at[found]], area[found], points


def _exit(
    place: shapely.Geometry,
    ground: shapely.Geometry,
    streets: npt.NDArray[np.object_],
    tree: shapely.STRtree,
    limit_m: float,
) -> shapely.Geometry | None:
    """Where the shorter of two ways leaves the ground, as a MultiPoint: none if none may be walked.

    One leads straight to the street nearest to the place, the other to the one nearest to the
    ground.
    """
    straight = shapely.shortest_line(place, streets[tree.nearest(place)])
    inside = shapely.points(shapely.get_coordinates(shapely.intersection(straight, ground)))
    last = shapely.line_locate_point(straight, inside).max(initial=0.0)
    leaves = shapely.line_interpolate_point(straight, last)
    beside = shapely.shortest_line(ground, streets[tree.nearest(ground)])
    ways = [
        (shapely.length(straight), shapely.length(shapely.difference(straight, ground)), leaves),
        (
            shapely.distance(place, shapely.get_point(beside, 0)) + shapely.length(beside),
            shapely.length(beside),
            shapely.get_point(beside, 0),
        ),
    ]
    good = [
        (whole, way)
        for whole, outside, way in ways
        if outside <= limit_m and whole - outside <= OWN_GROUND_M
    ]
    return shapely.MultiPoint([min(good, key=lambda one: one[0])[1]]) if good else None
