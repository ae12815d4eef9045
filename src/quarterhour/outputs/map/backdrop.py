"""The ground of the map page: water, green, railways, buildings, and the names of streets."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from quarterhour.arrays import Ints
from quarterhour.errors import InputError
from quarterhour.outputs.map.streets import degrees, steps
from quarterhour.streets.network import WalkNetwork

KINDS = ("green", "water", "railway", "building")

THIN_M = {"green": 1.0, "water": 1.0, "railway": 1.0, "building": 0.6}
"""How far shapes may be moved to spare points."""


def street_names(network: WalkNetwork, edges: Ints) -> dict[str, Any]:
    """Give the names of edges: each name once, and which edges have it."""
    names = network.traits["name"][edges].astype(str)
    named = np.flatnonzero((names != "") & (names != "nan"))
    texts, code = np.unique(names[named], return_inverse=True)
    return {"texts": texts.tolist(), "edge": steps(named), "text": np.ravel(code).tolist()}


def backdrop_block(table: gpd.GeoDataFrame, network: WalkNetwork) -> dict[str, Any]:
    """Give the shapes of a ground by kind, and the names of what has one.

    Raises
    ------
    InputError
        If the table has no column ``kind``, no CRS, or a kind that is not known.
    """
    if "kind" not in table or table.crs is None:
        msg = "The ground of a map is a table with a CRS and a column kind: read it with "
        raise InputError(msg + "quarterhour.sources.osm.backdrop.read_backdrop.")
    if strange := sorted(set(table["kind"]) - set(KINDS)):
        msg = f"kind={strange[0]!r} is no ground of a map: use {', '.join(KINDS)}."
        raise InputError(msg)
    here = table.to_crs(network.crs)
    block: dict[str, Any] = {}
    for kind in KINDS:
        shapes = np.asarray(here.geometry[here["kind"] == kind].array, dtype=object)
        shapes = shapely.simplify(shapes, THIN_M[kind])
        block[kind] = (
            _lines(shapes, network.crs) if kind == "railway" else _rings(shapes, network.crs)
        )
    block["labels"] = _labels(here)
    return block


def _lines(shapes: npt.NDArray[np.object_], crs: pyproj.CRS) -> dict[str, list[int]]:
    parts = shapely.get_parts(shapes)
    return _points(parts, crs)


def _rings(shapes: npt.NDArray[np.object_], crs: pyproj.CRS) -> dict[str, list[int]]:
    """Give polygons as rings, with how many each has."""
    parts = shapely.get_parts(shapes)
    parts = parts[(shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)]
    rings, owner = shapely.get_rings(parts, return_index=True)
    return {"rings": np.bincount(owner, minlength=len(parts)).tolist(), **_points(rings, crs)}


def _points(lines: npt.NDArray[np.object_], crs: pyproj.CRS) -> dict[str, list[int]]:
    xy, line = shapely.get_coordinates(lines, return_index=True)
    lon, lat = degrees(xy, crs)
    points = np.bincount(line, minlength=len(lines)).tolist()
    return {"points": points, "lon": steps(lon), "lat": steps(lat)}


def _labels(table: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Where the names of water and green stand, and how wide each is, in metres."""
    named = table["name"].notna() & table["kind"].isin(["water", "green"])
    some = table[named.to_numpy()]
    shapes = np.asarray(some.geometry.array, dtype=object)
    at = shapely.get_coordinates(shapely.point_on_surface(shapes))
    lon, lat = degrees(at, some.crs) if len(some) else (np.zeros(0, int), np.zeros(0, int))
    west, _, east, _ = shapely.bounds(shapes).T if len(some) else np.zeros((4, 0))
    return {
        "text": [str(name) for name in some["name"]],
        "kind": some["kind"].tolist(),
        "wide_m": np.rint(east - west).astype(int).tolist(),
        "lon": steps(lon),
        "lat": steps(lat),
    }
