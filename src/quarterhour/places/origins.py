"""Origins: the points from which the residents of an area walk."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.cell_words import unread_truths
from quarterhour.places.contracts import check_areas, check_points
from quarterhour.places.datum import check_same_datum
from quarterhour.places.datum_fit import doubt_beside
from quarterhour.places.frames import counted_residents, is_in_metres, utm_of
from quarterhour.places.grids import GRID_M, grid, inner_points, numbered, within_data
from quarterhour.places.homes import Said, flag, homes_by_floor_area
from quarterhour.places.notes import Note
from quarterhour.places.overlaps import (
    counted_before,
    overlap_notes,
    shared_land,
)

BEHIND = "behind_gates_of"
"""Of homes and of facilities: the label of the closed compound that they lie in, or none."""

GATE_REACH_M = 15.0
"""A gate belongs to a compound if it lies this near to its outline."""

DATA_REACH_M = 100.0
"""Farther than this beyond the streets nobody is joined to them."""

At = Literal["residence", "gate", "point"]


def origins(
    areas: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None = None,
    gates: gpd.GeoDataFrame | None = None,
    at: At = "residence",
    *,
    data: gpd.GeoSeries | None = None,
) -> gpd.GeoDataFrame:
    """Say from where the residents of each area walk.

    ``at="residence"`` spreads the residents of an area over its residential buildings by floor
    area (footprint × levels), or by a column ``residents`` of theirs. An area without one falls
    back to a grid of points, and a point area is its own origin. ``at="gate"`` starts the walk at
    the gates, as Hebi's DB4106/T 91-2022 does; ``at="point"`` at one point inside the area.

    A compound with known gates is left through a gate, never through its wall: its origins
    carry the gates as ``exits``. That holds for areas that are ``walled`` or whose
    ``area_kind`` is compound, and for all areas where neither is given.

    Areas may overlap, as a compound and the community around it do: a residence in both counts
    in both, and leaves through the gates of the compound either way. The same area given twice
    has the same answer twice, with a warning.

    Parameters
    ----------
    areas
        Polygons or points with a unique index and a CRS; ``name``, ``residents``, ``walled``
        and ``area_kind`` are used where they are there.
    buildings
        Polygons; ``levels``, ``residential`` and ``maybe_residential`` are used. Without
        ``residential``, every building counts as one.
    gates
        Points; one within ``GATE_REACH_M`` of an area's outline is a gate of that area.
    at
        ``"residence"``, ``"gate"`` or ``"point"``.
    data
        What the streets cover, as one polygon in a CRS
        (``gpd.GeoSeries([network.extent], crs=network.crs)``): no grid reaches farther than
        ``DATA_REACH_M`` beyond it.

    Returns
    -------
    GeoDataFrame
        In a metric CRS, one row per origin: ``area`` (index label), ``share`` of the area's
        residents (sums to 1 per area), ``residents`` (NaN where the area has no number),
        ``kind`` (building, grid, point, gate), ``way_out`` (open, gates, wall_without_gate),
        ``exits`` (MultiPoint of gates, or None), ``behind_gates_of`` (label of the compound
        whose gates these are, or None), geometry. ``attrs["notes"]`` says how it was
        made, in sentences.

    Raises
    ------
    InputError
        If a table breaks its contract, or ``at`` is none of the three.

    Examples
    --------
    >>> from shapely import Point, box
    >>> area = gpd.GeoDataFrame({"residents": [900]}, geometry=[box(0, 0, 200, 100)], crs=32650)
    >>> homes = gpd.GeoDataFrame({"levels": [6, 3]}, crs=32650,
    ...     geometry=[box(10, 10, 30, 30), box(60, 10, 80, 30)])
    >>> origins(area, homes)["residents"].tolist()
    [600.0, 300.0]
    """
    if at not in ("residence", "gate", "point"):
        msg = f"at={at!r} is not a kind of origin: use 'residence', 'gate' or 'point'."
        raise InputError(msg)
    check_areas(areas)
    check_same_datum(areas, buildings, "buildings")
    check_same_datum(areas, gates, "gates")
    metric = areas.to_crs(utm_of(areas)) if not is_in_metres(areas) else areas
    shapes = np.asarray(metric.geometry.array, dtype=object)
    exits, way_out = _ways_out(metric, shapes, gates)
    said = Said([])
    notes = unread_truths(areas, "walled")
    notes += [_gates_note(way_out)] if (way_out != "open").any() else []
    pairs = shared_land(shapes)
    notes += overlap_notes(areas, shapes, pairs)
    for what, laid_over in (("buildings", buildings), ("gates", gates)):
        notes += doubt_beside(laid_over, metric, shapes, what)
    if at == "residence":
        row, points, weight, kind, home, said = _residences(
            shapes, buildings, metric.crs, _reach_of(data, metric.crs)
        )
        notes += said.notes
        wall = _nearest_wall(row, home, exits, shapes)
    else:
        row, home = np.arange(len(shapes)), _one_home_each(len(shapes), pairs)
        weight, kind = np.ones(len(shapes)), np.full(len(shapes), "point", dtype=object)
        points, wall = inner_points(shapes), np.where(shapely.is_missing(exits), -1, row)
        if at == "gate":
            points, kind = _gates_or_points(points, exits)
    leaving = (wall >= 0) & (at != "gate")
    share = weight / np.bincount(row, weights=weight, minlength=len(shapes))[row]
    table = gpd.GeoDataFrame(
        {
            "area": areas.index.take(row),
            "share": share,
            "residents": _residents(areas, said, notes)[row] * share,
            "kind": kind,
            "way_out": way_out[row],
            "exits": gpd.GeoSeries(_or_none(exits[wall], leaving), crs=metric.crs),
            BEHIND: _or_none(areas.index.take(wall), wall >= 0),
            "again": counted_before(row, home, shapely.area(shapes)),
        },
        geometry=points,
        crs=metric.crs,
    )
    table.index.name = "origin"
    table.attrs = {"notes": notes, "at": at, "datum": areas.attrs.get("datum")}
    table.attrs["left_out"] = {"in_no_area": said.in_no_area}
    return table


def _residents(areas: gpd.GeoDataFrame, said: Said, notes: list[str]) -> Floats:
    """Give the residents of areas; where nobody has counted them, those of their buildings."""
    people = counted_residents(areas)
    known = said.people or {}
    filled = [row for row in np.flatnonzero(np.isnan(people)).tolist() if row in known]
    if filled:
        people = people.copy()
        people[filled] = [known[row] for row in filled]
        told = "{0} of {1} areas have no number of residents and take that of their buildings."
        notes.append(Note("residents_of_their_buildings", told, len(filled), len(areas)))
    return people


def check_origins(origins: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> None:
    """Refuse origins that are not those of the areas.

    Raises
    ------
    InputError
        If a column is missing, an index label occurs twice, or an area is left out or strange.
    """
    if missing := [name for name in ("area", "share", "residents") if name not in origins]:
        msg = f"The origins have no column {', '.join(missing)}: make them with origins(areas)."
        raise InputError(msg)
    if not origins.index.is_unique:
        msg = "The index of the origins is not unique: call reset_index(drop=True)."
        raise InputError(msg)
    said = pd.unique(origins["area"])
    found = pd.Index(said, dtype=said.dtype)
    row = areas.index.get_indexer(found)
    strange = found[row < 0]
    bare = areas.index[np.setdiff1d(np.arange(len(areas)), row)]
    for labels, fault in (
        (strange, "origins belong to areas that are not there"),
        (bare, "areas have no origin, so nobody walks from them"),
    ):
        if len(labels):
            some = ", ".join(map(str, labels[:5]))
            msg = f"{len(labels)} {fault} ({some}): make them with origins(areas)."
            raise InputError(msg)


def _ways_out(
    areas: gpd.GeoDataFrame, shapes: npt.NDArray[np.object_], gates: gpd.GeoDataFrame | None
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Gates of each area as MultiPoints (or None), and how it is left."""
    n = len(areas)
    walled = flag(areas, "walled")
    is_compound = flag(areas, "area_kind", "compound") | walled
    if "walled" not in areas and "area_kind" not in areas:
        is_compound = np.ones(n, dtype=bool)
    is_compound &= np.isin(shapely.get_type_id(shapes), (3, 6))
    exits = np.full(n, None, dtype=object)
    if gates is not None and len(gates):
        check_points(gates, "gates")
        at = np.asarray(gates.geometry.to_crs(areas.crs).array, dtype=object)
        compound = np.flatnonzero(is_compound)
        tree = shapely.STRtree(shapely.boundary(shapes[compound]))
        gate, hit = tree.query(at, "dwithin", distance=GATE_REACH_M)
        order = np.argsort(hit, kind="stable")
        for k, mine in zip(*_runs(hit[order], gate[order]), strict=True):
            exits[compound[k]] = shapely.MultiPoint(at[mine])
    has_gates = ~shapely.is_missing(exits)
    way_out = np.full(n, "open", dtype=object)
    way_out[is_compound & walled] = "wall_without_gate"
    way_out[has_gates] = "gates"
    return exits, way_out


def _runs(keys: Ints, values: Ints) -> tuple[Ints, list[Ints]]:
    found, first = np.unique(keys, return_index=True)
    return found, np.split(values, first[1:]) if len(found) else []


def _gates_note(way_out: npt.NDArray[np.object_]) -> str:
    gated, shut = int((way_out == "gates").sum()), int((way_out == "wall_without_gate").sum())
    told = "{0} of {1} areas are left through their gates."
    if not shut:
        return Note("areas_by_gates", told, gated, len(way_out))
    walled = (
        " {2} have a wall and no known gate: their residents are taken straight to the "
        "nearest street, which may be through the wall."
    )
    return Note("areas_by_gates_or_walled", told + walled, gated, len(way_out), shut)


def _one_home_each(n: int, pairs: pd.DataFrame) -> Ints:
    """Number the areas; one that has the outline of another has its number."""
    home = np.arange(n)
    for first, second in pairs.loc[pairs["same"], ["first", "second"]].to_numpy():
        home[second] = home[first]
    return home


def _or_none(values: Any, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    found = np.full(len(values), None, dtype=object)
    found[known] = np.asarray(values, dtype=object)[known]
    return found


def _nearest_wall(
    row: Ints,
    home: Ints,
    exits: npt.NDArray[np.object_],
    shapes: npt.NDArray[np.object_],
) -> Ints:
    """Row of the area by whose gates each residence leaves: the smallest gated one around it.

    A compound's wall stands also for who is counted with the community around it; -1: no gates.
    """
    wall = np.where(shapely.is_missing(exits[row]), -1, row)
    _, which, count = np.unique(home, return_inverse=True, return_counts=True)
    several = np.flatnonzero((count[which] > 1) & (home >= 0) & (wall >= 0))
    if len(several) == 0:
        return wall
    order = several[np.lexsort((shapely.area(shapes[row[several]]), which[several]))]
    gated, at = np.unique(which[order], return_index=True)
    best = np.full(len(count), -1)
    best[gated] = row[order[at]]
    return np.where(best[which] >= 0, best[which], wall)


_Homes = tuple[Ints, npt.NDArray[np.object_], Floats, npt.NDArray[np.object_], Ints, "Said"]
"""Area, point, weight, kind and number (below 0: of its own) of each residence, and notes."""


def _reach_of(data: gpd.GeoSeries | None, crs: Any) -> shapely.Geometry | None:
    if data is None:
        return None
    reach: shapely.Geometry = shapely.buffer(data.to_crs(crs).union_all(), DATA_REACH_M)
    return reach


def _residences(
    shapes: npt.NDArray[np.object_],
    buildings: gpd.GeoDataFrame | None,
    crs: Any,
    data: shapely.Geometry | None,
) -> _Homes:
    row, points, weight, home, said = homes_by_floor_area(shapes, buildings, crs)
    kind = np.full(len(row), "building", dtype=object)
    bare = np.setdiff1d(np.arange(len(shapes)), row)
    if len(bare) == 0:
        return row, points, weight, kind, home, said
    is_point = shapely.get_type_id(shapes[bare]) == 0
    cut, beyond = within_data(shapes[bare], data)
    grids = [
        (np.array([shape]), GRID_M) if dot else grid(shape)
        for shape, dot in zip(cut, is_point | (shapely.get_type_id(cut) == 0), strict=True)
    ]
    parts = [part for part, _ in grids]
    counts = np.array([len(part) for part in parts])
    kinds = np.where(is_point, "point", "grid").astype(object)
    if (~is_point).any():
        coarse = sum(spacing > GRID_M for _, spacing in grids)
        said.notes.append(
            Note(
                "areas_on_coarse_grid" if coarse else "areas_on_grid",
                "{0} of {1} areas have no known residential building: their residents are spread "
                "evenly over a {2:g} m grid"
                + (", {3} very large ones over a coarser one." if coarse else "."),
                (~is_point).sum(),
                len(shapes),
                GRID_M,
                coarse,
            )
        )
    if beyond:
        told = (
            "{0} areas without known buildings reach beyond the streets: their residents are "
            "spread over the part that the streets cover."
        )
        said.notes.append(Note("areas_beyond_data", told, beyond))
    numbers = numbered(np.concatenate(parts), np.repeat(~is_point, counts), len(home))
    row = np.concatenate([row, np.repeat(bare, counts)])
    points = np.concatenate([points, *parts])
    weight = np.concatenate([weight, np.ones(counts.sum())])
    kind = np.concatenate([kind, np.repeat(kinds, counts)])
    home = np.concatenate([home, numbers])
    order = np.argsort(row, kind="stable")
    return row[order], points[order], weight[order], kind[order], home[order], said


def _gates_or_points(
    points: npt.NDArray[np.object_], exits: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """One origin per area: all its gates together, or a point inside where there is none."""
    has_gates = ~shapely.is_missing(exits)
    kind = np.where(has_gates, "gate", "point").astype(object)
    return np.where(has_gates, exits, points), kind
