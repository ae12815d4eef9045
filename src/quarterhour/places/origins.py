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
from quarterhour.places.contracts import check_areas, check_buildings, check_points

GATE_REACH_M = 15.0
"""A gate belongs to a compound if it lies this near to its outline."""

GRID_M = 50.0
"""Spacing of the points that stand for residents where no buildings are known."""

At = Literal["residence", "gate", "point"]


def origins(
    areas: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None = None,
    gates: gpd.GeoDataFrame | None = None,
    at: At = "residence",
) -> gpd.GeoDataFrame:
    """Say from where the residents of each area walk.

    ``at="residence"`` spreads the residents of an area over its residential buildings by floor
    area (footprint × levels). An area without one falls back to a grid of points, and a point
    area is its own origin. ``at="gate"`` starts the walk at the gates, as Hebi's DB4106/T
    91-2022 does; ``at="point"`` at one point inside the area.

    A compound with known gates is left through a gate, never through its wall: its origins
    carry the gates as ``exits``. That holds for areas that are ``walled`` or whose
    ``area_kind`` is compound, and for all areas where neither is given.

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

    Returns
    -------
    GeoDataFrame
        In a metric CRS, one row per origin: ``area`` (index label), ``share`` of the area's
        residents (sums to 1 per area), ``residents`` (NaN where the area has no number),
        ``kind`` (building, grid, point, gate), ``way_out`` (open, gates, wall_without_gate),
        ``exits`` (MultiPoint of gates, or None), geometry. ``attrs["notes"]`` says how it was
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
    metric = areas.to_crs(areas.estimate_utm_crs()) if not _is_metric(areas) else areas
    shapes = np.asarray(metric.geometry.array, dtype=object)
    exits, way_out = _ways_out(metric, shapes, gates)
    notes = [_gates_note(way_out)] if (way_out != "open").any() else []
    if at == "residence":
        row, points, weight, kind, said = _residences(shapes, buildings, metric.crs)
        notes += said
    elif at == "gate":
        row, points, weight, kind = _gates_or_points(shapes, exits)
        exits = np.full(len(shapes), None, dtype=object)
    else:
        row, points = np.arange(len(shapes)), _inner_points(shapes)
        weight, kind = np.ones(len(shapes)), np.full(len(shapes), "point", dtype=object)
    share = weight / np.bincount(row, weights=weight, minlength=len(shapes))[row]
    table = gpd.GeoDataFrame(
        {
            "area": areas.index.take(row),
            "share": share,
            "residents": _residents(areas)[row] * share,
            "kind": kind,
            "way_out": way_out[row],
            "exits": gpd.GeoSeries(exits[row], crs=metric.crs),
        },
        geometry=points,
        crs=metric.crs,
    )
    table.index.name = "origin"
    table.attrs = {"notes": notes, "at": at, "datum": areas.attrs.get("datum")}
    return table


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
    strange = origins.loc[~origins["area"].isin(areas.index), "area"].unique()
    bare = areas.index[~areas.index.isin(origins["area"])]
    for labels, fault in (
        (strange, "origins belong to areas that are not there"),
        (bare, "areas have no origin, so nobody walks from them"),
    ):
        if len(labels):
            some = ", ".join(map(str, labels[:5]))
            msg = f"{len(labels)} {fault} ({some}): make them with origins(areas)."
            raise InputError(msg)


def _is_metric(table: gpd.GeoDataFrame) -> bool:
    units = {axis.unit_name for axis in table.crs.axis_info}
    return bool(table.crs.is_projected and units == {"metre"})


def _residents(areas: gpd.GeoDataFrame) -> Floats:
    if "residents" not in areas:
        return np.full(len(areas), np.nan)
    return np.asarray(areas["residents"].to_numpy(dtype=np.float64, na_value=np.nan))


def _inner_points(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Centroids, or a point on the surface where the centroid is not inside."""
    centroid = shapely.centroid(shapes)
    inside = shapely.intersects(shapes, centroid)
    return np.where(inside, centroid, shapely.point_on_surface(shapes))


def _ways_out(
    areas: gpd.GeoDataFrame, shapes: npt.NDArray[np.object_], gates: gpd.GeoDataFrame | None
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Gates of each area as MultiPoints (or None), and how it is left."""
    n = len(areas)
    walled = _flag(areas, "walled")
    is_compound = _flag(areas, "area_kind", "compound") | walled
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


def _flag(areas: gpd.GeoDataFrame, column: str, value: Any = True) -> npt.NDArray[np.bool_]:
    if column not in areas:
        return np.zeros(len(areas), dtype=bool)
    return np.asarray(areas[column].eq(value).fillna(value=False), dtype=bool)


def _gates_note(way_out: npt.NDArray[np.object_]) -> str:
    gated, shut = int((way_out == "gates").sum()), int((way_out == "wall_without_gate").sum())
    note = f"{gated} of {len(way_out)} areas are left through their gates."
    if shut:
        note += (
            f" {shut} have a wall and no known gate: their residents are taken straight to the "
            "nearest street, which may be through the wall."
        )
    return note


def _residences(
    shapes: npt.NDArray[np.object_], buildings: gpd.GeoDataFrame | None, crs: Any
) -> tuple[Ints, npt.NDArray[np.object_], Floats, npt.NDArray[np.object_], list[str]]:
    row, points, weight, notes = _homes(shapes, buildings, crs)
    kind = np.full(len(row), "building", dtype=object)
    bare = np.setdiff1d(np.arange(len(shapes)), row)
    if len(bare) == 0:
        return row, points, weight, kind, notes
    is_point = shapely.get_type_id(shapes[bare]) == 0
    parts = [
        np.array([shape]) if dot else _grid(shape)
        for shape, dot in zip(shapes[bare], is_point, strict=True)
    ]
    counts = np.array([len(part) for part in parts])
    kinds = np.where(is_point, "point", "grid").astype(object)
    if (~is_point).any():
        notes.append(
            f"{int((~is_point).sum())} of {len(shapes)} areas have no known residential building:"
            f" their residents are spread evenly over a {GRID_M:g} m grid."
        )
    row = np.concatenate([row, np.repeat(bare, counts)])
    points = np.concatenate([points, *parts])
    weight = np.concatenate([weight, np.ones(counts.sum())])
    kind = np.concatenate([kind, np.repeat(kinds, counts)])
    order = np.argsort(row, kind="stable")
    return row[order], points[order], weight[order], kind[order], notes


def _homes(
    shapes: npt.NDArray[np.object_], buildings: gpd.GeoDataFrame | None, crs: Any
) -> tuple[Ints, npt.NDArray[np.object_], Floats, list[str]]:
    """Residential buildings by area, each with its floor area as weight."""
    nothing = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object), np.zeros(0)
    if buildings is None or buildings.empty:
        return *nothing, []
    check_buildings(buildings)
    homes = buildings.to_crs(crs)
    if "residential" in homes:
        lived_in = _flag(homes, "residential") | _flag(homes, "maybe_residential")
        homes = homes[lived_in]
    if homes.empty:
        return *nothing, ["None of the buildings is residential."]
    outlines = np.asarray(homes.geometry.array, dtype=object)
    points = _inner_points(outlines)
    tree = shapely.STRtree(shapes)
    building, area = tree.query(points, "intersects")
    # A building on a shared border belongs to the area that comes first.
    building, first = np.unique(building, return_index=True)
    area = area[first]
    known = np.full(len(homes), np.nan)
    if "levels" in homes:
        known = np.array(pd.to_numeric(homes["levels"], errors="coerce"), dtype=np.float64)
        known[~(known > 0)] = np.nan
    levels = known[building]
    guess = pd.Series(levels).groupby(area).transform("median").to_numpy()
    everywhere = np.nanmedian(levels) if np.isfinite(levels).any() else 1.0
    filled = np.where(np.isnan(levels), np.where(np.isnan(guess), everywhere, guess), levels)
    note = (
        f"Residents are spread over {len(building)} residential buildings by floor area "
        f"(footprint × levels; {int(np.isnan(levels).sum())} without levels take the median)."
    )
    weight = shapely.area(outlines[building]) * filled
    order = np.argsort(area, kind="stable")
    return area[order], points[building][order], weight[order], [note]


def _grid(shape: shapely.Geometry) -> npt.NDArray[np.object_]:
    """Points of a fixed grid inside a polygon, or one inner point where none falls in."""
    x0, y0, x1, y1 = np.asarray(shapely.bounds(shape)) / GRID_M
    x, y = np.meshgrid(np.arange(np.floor(x0), x1) + 0.5, np.arange(np.floor(y0), y1) + 0.5)
    points = np.asarray(shapely.points(x.ravel() * GRID_M, y.ravel() * GRID_M), dtype=object)
    inside = points[shapely.intersects(shape, points)]
    return inside if len(inside) else _inner_points(np.array([shape], dtype=object))


def _gates_or_points(
    shapes: npt.NDArray[np.object_], exits: npt.NDArray[np.object_]
) -> tuple[Ints, npt.NDArray[np.object_], Floats, npt.NDArray[np.object_]]:
    """One origin per area: all its gates together, or a point inside where there is none."""
    has_gates = ~shapely.is_missing(exits)
    points = np.where(has_gates, exits, _inner_points(shapes))
    kind = np.where(has_gates, "gate", "point").astype(object)
    return np.arange(len(shapes)), points, np.ones(len(shapes)), kind
