"""The streets of the map page: drawn as its base, and walked on when someone clicks."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap import SNAP_LIMIT_M, end_positions, start_positions
from quarterhour.walking.pace import Seconds

DEGREE = 1_000_000
"""Steps per degree in which coordinates are written: a step is 0.11 m or less."""

SECOND = 20
"""Steps per second in which walking times of edges are written."""

LINE_M = 0.2
"""How far a street may be moved to spare points."""

_FRACTION = 65_535
_MAIN = frozenset({"trunk", "primary", "secondary", "tertiary"})
_PATHS = frozenset({"footway", "path", "pedestrian", "cycleway", "track", "steps", "corridor"})

# What the page knows of an edge, as bits.
MAIN, PATH, STEPS, SQUARE, PASSED_OVER = 1, 2, 4, 8, 16


def steps(values: npt.ArrayLike) -> list[int]:
    """Write whole numbers as the steps from one to the next, which compress well."""
    whole = np.asarray(values, dtype=np.int64)
    found: list[int] = np.diff(whole, prepend=0).tolist()
    return found


def degrees(xy: Floats, crs: pyproj.CRS, degree: int = DEGREE) -> tuple[Ints, Ints]:
    """Longitudes and latitudes of metric coordinates, as whole parts of a degree."""
    to_wgs84 = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    lon, lat = to_wgs84.transform(xy[:, 0], xy[:, 1])
    return (
        np.rint(np.asarray(lon) * degree).astype(np.int64),
        np.rint(np.asarray(lat) * degree).astype(np.int64),
    )


def edges_near(network: WalkNetwork, shapes: npt.NDArray[np.object_], reach_m: float) -> Ints:
    """Edges that a walk which begins near the areas can touch; all of them in a small network.

    Walks are answered within ``reach_m`` of the box around the areas, and end within ``reach_m``
    of where they begin.
    """
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    margin = 2 * reach_m + SNAP_LIMIT_M
    box = shapely.box(x0 - margin, y0 - margin, x1 + margin, y1 + margin)
    return np.flatnonzero(shapely.intersects(network.lines, box))


def pack_streets(network: WalkNetwork, seconds: Seconds, edges: Ints) -> dict[str, Any]:
    """Columns of the chosen edges: what they are, what they join, how long, and their lines.

    Nodes are numbered as they occur. Seconds ahead are in steps of 1/20 s, those back are told
    by how much they differ; -1 is an edge that is closed that way.
    """
    lines = shapely.simplify(network.lines[edges], LINE_M, preserve_topology=True)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    lon, lat = degrees(xy, network.crs)
    u, v = _renumbered(network.edge_nodes[edges]).T
    ahead, back = (_whole_seconds(column) for column in seconds[edges].T)
    return {
        "kind": _kinds(network, edges).tolist(),
        "u": steps(u),
        "v": (v - u).tolist(),
        "ahead": ahead.tolist(),
        "back": (back - ahead).tolist(),
        "points": np.bincount(line, minlength=len(edges)).tolist(),
        "lon": steps(lon),
        "lat": steps(lat),
    }


def _renumbered(nodes: npt.NDArray[np.int32]) -> Ints:
    """Number nodes in the order in which they occur: neighbours get near numbers."""
    flat = nodes.ravel()
    _, first, place = np.unique(flat, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[place].reshape(-1, 2))


def _whole_seconds(seconds: Floats) -> Ints:
    is_open = np.isfinite(seconds)
    return np.where(is_open, np.rint(np.where(is_open, seconds, 0.0) * SECOND), -1).astype(np.int64)


def _kinds(network: WalkNetwork, edges: Ints) -> Ints:
    highway = [str(kind).removesuffix("_link") for kind in network.traits["highway"][edges]]
    traits = network.traits
    kind = np.array([MAIN if h in _MAIN else PATH if h in _PATHS else 0 for h in highway])
    kind |= np.where(traits["steps"][edges].astype(bool), STEPS, 0)
    kind |= np.where(traits["square"][edges].astype(bool), SQUARE, 0)
    kind |= np.where(network.passed_over[edges], PASSED_OVER, 0)
    return np.asarray(kind, dtype=np.int64)


def pack_ends(
    facilities: gpd.GeoDataFrame, network: WalkNetwork, edges: Ints
) -> dict[str, list[int]]:
    """Where walks to each facility end: its row, the edge, how far along, and metres beside it."""
    return _packed(end_positions(facilities, network), network, edges)


def pack_starts(
    origins: gpd.GeoDataFrame, areas: pd.Index, network: WalkNetwork, edges: Ints
) -> dict[str, list[int]]:
    """Where walks from the homes of each area begin, as :func:`pack_ends` has it; each once."""
    starts = start_positions(origins, network)
    area = areas.get_indexer(origins["area"])[starts.row]
    return _packed(starts._replace(row=np.asarray(area, dtype=np.int64)), network, edges)


def _packed(at: Positions, network: WalkNetwork, edges: Ints) -> dict[str, list[int]]:
    number = np.full(network.n_edges, -1, dtype=np.int64)
    number[edges] = np.arange(len(edges))
    at = at.take(number[at.edge] >= 0)
    fraction, leg = np.rint(at.fraction * _FRACTION), np.rint(at.leg_m * 10)
    told = np.column_stack([at.row, number[at.edge], fraction, leg]).astype(np.int64)
    row, edge, fraction, leg = np.unique(told, axis=0).T
    return {
        "of": steps(row),
        "edge": steps(edge),
        "fraction": fraction.tolist(),
        "leg_dm": leg.tolist(),
    }
