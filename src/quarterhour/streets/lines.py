"""Street networks from tables of lines."""

from __future__ import annotations

import warnings
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Ints
from quarterhour.errors import InputError, NetworkError, QuarterhourWarning
from quarterhour.places.attribution import attribution_of
from quarterhour.streets.joints import JOIN_M, crossings, joined, with_vertices
from quarterhour.streets.measure import in_true_metres, lengths_told
from quarterhour.streets.street_arrays import StreetArrays
from quarterhour.streets.traits import open_edges, parts, said_in, traits_of

_WARN_AT = 4  # from a helper here, over WalkNetwork, to who called it


def from_edges(
    edges: gpd.GeoDataFrame, *, split_crossings: bool = False, join_m: float = JOIN_M
) -> StreetArrays:
    """Make a network of a table of street lines.

    Lines are joined where they share a vertex, as OpenStreetMap ways are; lines that merely
    cross are not joined, so bridges stay apart. Columns named like a trait (``highway``,
    ``steps``, ``bridge`` …) and ``osmid`` are taken over; what ``highway``, ``foot`` and
    ``access`` close to walkers is left out.

    Parameters
    ----------
    edges
        LineStrings or MultiLineStrings with a CRS; one whose unit is no true metre is projected
        to UTM.
    split_crossings
        Join lines wherever they cross or end on each other, too, for tables that draw a whole
        street as one line. What ``bridge``, ``tunnel``, ``layer`` or ``level`` part stays apart.
    join_m
        Vertices so near to each other are one. Those of lines with heights have to be within
        2 m of height as well.

    Raises
    ------
    NetworkError
        If there is no CRS, no line, or something that is not a line.

    Warns
    -----
    QuarterhourWarning
        If lines are left out, cross without a joint, or lie in a CRS of untrue metres.

    Examples
    --------
    >>> from shapely import LineString
    >>> cross = [LineString([(0, 0), (9, 0), (20, 0)]), LineString([(9, -5), (9, 0)])]
    >>> from_edges(gpd.GeoDataFrame(geometry=cross, crs="EPSG:32650")).n_edges
    3
    """
    if not 0 < join_m < np.inf:
        msg = f"join_m={join_m!r} is no distance: give a positive number of metres, such as 0.5."
        raise InputError(msg)
    table = _street_lines(edges)
    said = said_in({str(name): table[name].tolist() for name in table if name != "geometry"})
    is_open = open_edges(said, len(table), "street lines", stacklevel=_WARN_AT)
    if not is_open.any():
        msg = "No line of the table can be walked: all are closed to walkers, or not built."
        raise NetworkError(msg)
    table = table[is_open].reset_index(drop=True)
    traits = {name: values[is_open] for name, values in traits_of(said).items()}
    osmid = [first_id(v) for v in table["osmid"]] if "osmid" in table else None
    lines = np.asarray(table.geometry.array, dtype=object)
    at, points = crossings(lines, _levels(table, traits), join_m)
    if split_crossings:
        lines = with_vertices(lines, at, points)
    measured = lengths_told(edges.crs, table.crs)
    network = _joined_lines(lines, table.crs, (traits, osmid), join_m, measured)
    if whose := attribution_of(edges):
        network = replace(
            network, metadata=MappingProxyType({**network.metadata, "attribution": whose})
        )
    if len(at) and not split_crossings:
        _tell_crossings(points, network)
    return network


def _levels(table: gpd.GeoDataFrame, traits: dict[str, npt.NDArray[Any]]) -> Ints:
    """Number the levels that lines may be on: those of one number can meet."""
    words = [str(parts(v)) for v in table["level"]] if "level" in table else [""] * len(table)
    told = [traits[name] for name in ("off_ground", "layer") if name in traits]
    keys = np.column_stack([np.unique(words, return_inverse=True)[1], *told])
    return np.asarray(np.unique(keys, axis=0, return_inverse=True)[1].ravel(), dtype=np.int64)


def _tell_crossings(points: npt.NDArray[np.object_], network: StreetArrays) -> None:
    places = len(np.unique(np.round(shapely.get_coordinates(points), 2), axis=0))
    count = len(network.component_length_m)
    fall = "hang together" if count == 1 else f"fall into {count} parts"
    note = (
        f"The streets {fall}, and at {places} places lines cross or touch without a common vertex "
        "and are not joined there. If one can walk from one to the other there, pass "
        "split_crossings=True; bridges and tunnels that the table names stay apart."
    )
    warnings.warn(note, QuarterhourWarning, stacklevel=_WARN_AT)


def _street_lines(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if edges.crs is None:
        msg = "The street lines have no CRS. Set one, for example with set_crs('EPSG:4326')."
        raise NetworkError(msg)
    shapes = np.asarray(edges.geometry.array, dtype=object)
    filled = edges[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if filled.empty:
        msg = "The table of streets has no line in it."
        raise NetworkError(msg)
    kinds = set(filled.geom_type) - {"LineString", "MultiLineString"}
    if kinds:
        msg = f"Streets have to be lines, but the table also holds {', '.join(sorted(kinds))}."
        raise NetworkError(msg)
    lines = filled.rename_geometry("geometry") if filled.geometry.name != "geometry" else filled
    lines = lines.explode(ignore_index=True)
    return lines.set_geometry(in_true_metres(lines.geometry, stacklevel=_WARN_AT))


def _joined_lines(
    lines: npt.NDArray[np.object_],
    crs: Any,
    told: tuple[dict[str, npt.NDArray[Any]], list[int] | None],
    join_m: float,
    measured: dict[str, str],
) -> StreetArrays:
    """Cut lines at their joints, and number these; ``told`` are the traits and ids of lines."""
    traits, osmid = told
    xyz, part = shapely.get_coordinates(lines, include_z=True, return_index=True)
    xy, height = xyz[:, :2], xyz[:, 2]
    keep = np.ones(len(xy), dtype=bool)
    keep[1:] = (part[1:] != part[:-1]) | (np.abs(np.diff(xy, axis=0)).max(axis=1) > join_m)
    xy, height, part = xy[keep], height[keep], part[keep]
    full = np.bincount(part, minlength=len(lines)) >= 2
    xy, height, part = xy[full[part]], height[full[part]], part[full[part]]
    if len(xy) == 0:
        msg = "The table of streets has no line of any length."
        raise NetworkError(msg)
    vertex = joined(xy, height, join_m)
    _, first, uses = np.unique(vertex, return_index=True, return_counts=True)
    moved = len(np.unique(xy, axis=0)) - len(np.unique(xy[first], axis=0))
    ends = np.r_[True, part[1:] != part[:-1]] | np.r_[part[1:] != part[:-1], True]
    is_node = uses > 1
    is_node[vertex[ends]] = True
    start, stop = _pieces(part, is_node[vertex])
    counts = stop - start + 1
    offset = np.concatenate([[0], np.cumsum(counts)])
    index = np.arange(offset[-1]) - np.repeat(offset[:-1] - start, counts)
    number = np.cumsum(is_node) - 1
    # An edge ends where its joint is, so that drawn lines meet.
    at_joint = np.where(is_node[vertex][:, None], xy[first][vertex], xy)
    row = part[start]
    return StreetArrays.build(
        crs=crs,
        node_xy=xy[first][is_node],
        edge_nodes=np.column_stack([number[vertex[start]], number[vertex[stop]]]),
        coords=at_joint[index],
        coord_offset=offset,
        traits={name: values[row] for name, values in traits.items()},
        edge_osmid=None if osmid is None else np.array(osmid, dtype=np.int64)[row],
        metadata=_joints_told(moved, join_m) | measured,
    )


def _joints_told(moved: int, join_m: float) -> dict[str, str]:
    """Say how many vertices were moved onto others that are near and not the same."""
    told = f"{moved:,} vertices lie within {join_m:g} m of another and were joined to it."
    return {"notes": told} if moved else {}


def _pieces(part: Ints, is_cut: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the first and the last vertex of each piece between two cuts of one line."""
    cut = np.flatnonzero(is_cut)
    same = part[cut[:-1]] == part[cut[1:]]
    return cut[:-1][same], cut[1:][same]


def first_id(value: Any) -> int:
    """Return the id of an edge; where OSMnx merged ways, the first stands for it; else 0."""
    words = parts(value)
    try:
        found = int(words[0].removesuffix(".0")) if words else 0
    except ValueError:
        return 0
    return found if abs(found) < 2**63 else 0
