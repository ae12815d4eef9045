"""Walls bind whoever walks in: places inside a closed compound are reached by its gates."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.places.cell_words import is_true
from quarterhour.places.notes import Note
from quarterhour.places.origins import BEHIND, GATE_REACH_M
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.snap import end_positions, in_crs_of, places_of_entry

FRONT_M = 10.0
"""Where no wall is declared, a place this near to the outline is a shop front: the street side."""

IN_WALL_M = 2.0
"""A place this near to a declared wall stands in it: outlines are drawn no better."""

_ALONG_M = 0.5
"""A street this near to a wall runs along it, not behind it."""


class Compounds(NamedTuple):
    """Areas that are left and entered by gates: their shapes, and their gates as MultiPoints.

    ``front_m`` is how near to the outline a place is still entered from the street; ``labels``
    are those of the areas.
    """

    shapes: npt.NDArray[np.object_]
    gates: npt.NDArray[np.object_]
    front_m: Floats
    labels: pd.Index


def closed_compounds(
    areas: gpd.GeoDataFrame, origins: gpd.GeoDataFrame, network: WalkNetwork
) -> Compounds:
    """Find the areas whose residents leave by gates, in the CRS of the network."""
    nothing = np.zeros(0, dtype=object)
    if "way_out" not in origins or not (gated := origins["way_out"].eq("gates")).any():
        return Compounds(nothing, nothing, np.zeros(0), areas.index[:0])
    mine = origins[gated]
    doors = gpd.GeoSeries(mine["exits"], crs=getattr(mine["exits"], "crs", None) or mine.crs)
    at_gates = mine["kind"].eq("gate") if "kind" in mine else np.zeros(len(mine), dtype=bool)
    doors = doors.where(~at_gates, mine.geometry).to_crs(network.crs)
    row = areas.index.get_indexer(mine["area"])
    shapes = in_crs_of(areas, network, "areas")
    points, which = shapely.get_parts(np.asarray(doors.array, dtype=object), return_index=True)
    owner = row[which]
    # A residence may leave by the gates of a smaller compound: those are not the area's own.
    own = shapely.dwithin(shapely.boundary(shapes[owner]), points, 1.01 * GATE_REACH_M)
    points, owner = points[own], owner[own]
    found = np.unique(owner)
    gates = [shapely.union_all(points[owner == one]) for one in found]
    gates_of = np.empty(len(found), dtype=object)
    gates_of[:] = [shapely.multipoints(shapely.get_parts(gate)) for gate in gates]
    declared = np.zeros(len(areas), dtype=bool)
    if "walled" in areas:
        declared = is_true(areas["walled"], "walled")
    front_m = np.where(declared[found], IN_WALL_M, FRONT_M)
    return Compounds(shapes[found], gates_of, front_m, areas.index.take(found))


def reached_by_gates(
    facilities: gpd.GeoDataFrame, compounds: Compounds, network: WalkNetwork
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Give places inside closed compounds the gates as their ``exits``.

    Such a place lies wholly inside, and the nearest street that it would be joined to lies
    beyond the wall, or there is none within the snap limit. Whoever goes there passes a gate
    and walks straight on inside. A place at the outline (:data:`FRONT_M`; :data:`IN_WALL_M`
    where the area is declared ``walled``) is a shop front and is entered from the street. A
    place that has ``exits`` already keeps them. The column ``behind_gates_of`` says in which
    compound each place lies that is no shop front: who lives in the same walks straight there.

    Returns
    -------
    tuple
        The table, as it was where no place is concerned, and notes.
    """
    if len(facilities) == 0 or len(compounds.shapes) == 0:
        return facilities, []
    shapes = places_of_entry(facilities, network)
    row, compound = _inside(shapes, compounds)
    if len(row) == 0:
        return facilities, []
    at = end_positions(facilities.iloc[row], network)
    streets = network.lines[at.edge]
    where = shapely.line_interpolate_point(streets, at.fraction, normalized=True)
    within = shapely.dwithin(compounds.shapes[compound[at.row]], where, _ALONG_M)
    good = np.bincount(at.row, weights=within, minlength=len(row))
    any_way = np.bincount(at.row, minlength=len(row))
    outline = shapely.boundary(compounds.shapes[compound])
    front = shapely.distance(outline, shapes[row]) <= compounds.front_m[compound]
    inside = ~front | (any_way == 0)
    if not inside.any():
        return facilities, []
    labels = compounds.labels.take(compound[inside])
    table = facilities.assign(**{BEHIND: _behind(facilities, row[inside], labels)})
    table.attrs = dict(facilities.attrs)
    bound = inside & ((good < any_way) | (any_way == 0))
    if not bound.any():
        return table, []
    doors = np.full(len(facilities), None, dtype=object)
    doors[row[bound]] = compounds.gates[compound[bound]]
    exits = gpd.GeoSeries(doors, index=facilities.index, crs=network.crs)
    if "exits" in facilities:
        given = gpd.GeoSeries(facilities["exits"])
        given = given.to_crs(network.crs) if given.crs is not None else given
        exits = given.where(given.notna(), exits)
    note = Note(
        "facilities_by_gates",
        "{0} facilities lie inside closed compounds and are reached through their gates, {1} of "
        "them far from every street.",
        int(bound.sum()),
        int((any_way[bound] == 0).sum()),
    )
    table["exits"] = exits
    return table, [note]


def _behind(facilities: gpd.GeoDataFrame, row: Ints, labels: pd.Index) -> pd.Series[Any]:
    """Say in which compound places lie; whoever has ways in of their own lies in none."""
    known = np.full(len(facilities), None, dtype=object)
    known[row] = np.asarray(labels, dtype=object)
    if "exits" in facilities:
        known[gpd.GeoSeries(facilities["exits"]).notna().to_numpy()] = None
    found = pd.Series(known, index=facilities.index, dtype=object)
    if BEHIND in facilities:  # of a wall that a scenario took away
        given = facilities[BEHIND].astype(object)
        found = given.where(given.notna(), found)
    return found


def _inside(shapes: npt.NDArray[np.object_], compounds: Compounds) -> tuple[Ints, Ints]:
    """Places wholly inside a compound, and which: of several the smallest."""
    tree = shapely.STRtree(compounds.shapes)
    known = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    row, compound = tree.query(shapes[known], "within")
    order = np.lexsort((shapely.area(compounds.shapes[compound]), row))
    row, first = np.unique(row[order], return_index=True)
    return known[row], compound[order][first]
