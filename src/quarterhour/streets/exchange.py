"""Street networks to and from what others use: tables of lines, and OSMnx graphs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import NetworkError
from quarterhour.streets.street_arrays import TRAIT_DEFAULTS, StreetArrays

_SAME_PLACE_M = 0.01
_FALSE_WORDS = {"", "no", "false", "0", "nan", "none"}


def from_edges(edges: gpd.GeoDataFrame) -> StreetArrays:
    """Make a network of a table of street lines.

    Lines are joined where they share a vertex (to a centimetre), as OpenStreetMap ways are;
    lines that merely cross are not joined, so bridges stay apart. Columns named like a trait
    (``highway``, ``steps``, ``bridge`` …) and ``osmid`` are taken over.

    Parameters
    ----------
    edges
        LineStrings or MultiLineStrings with a CRS; a geographic one is projected to UTM.

    Raises
    ------
    NetworkError
        If there is no CRS, no line, or something that is not a line.

    Examples
    --------
    >>> from shapely import LineString
    >>> cross = [LineString([(0, 0), (9, 0), (20, 0)]), LineString([(9, -5), (9, 0)])]
    >>> from_edges(gpd.GeoDataFrame(geometry=cross, crs="EPSG:32650")).n_edges
    3
    """
    lines = _street_lines(edges)
    xy, part = shapely.get_coordinates(lines.geometry.array, return_index=True)
    keep = np.ones(len(xy), dtype=bool)
    keep[1:] = (part[1:] != part[:-1]) | (np.abs(np.diff(xy, axis=0)).max(axis=1) > _SAME_PLACE_M)
    xy, part = xy[keep], part[keep]
    full = np.bincount(part, minlength=len(lines)) >= 2
    xy, part = xy[full[part]], part[full[part]]
    if len(xy) == 0:
        msg = "The table of streets has no line of any length."
        raise NetworkError(msg)
    keys = np.round(xy / _SAME_PLACE_M).astype(np.int64)
    _, first, vertex, uses = np.unique(
        keys, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    vertex = vertex.ravel()
    ends = np.r_[True, part[1:] != part[:-1]] | np.r_[part[1:] != part[:-1], True]
    is_node = np.zeros(len(uses), dtype=bool)
    is_node[vertex[ends]] = True
    is_node |= uses > 1
    return _cut_at_nodes(lines, xy, part, vertex, is_node, xy[first])


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
    lines = filled.explode(ignore_index=True)
    if not lines.crs.is_projected or {a.unit_name for a in lines.crs.axis_info} != {"metre"}:
        lines = lines.to_crs(lines.estimate_utm_crs())
    return lines


def _cut_at_nodes(
    lines: gpd.GeoDataFrame,
    xy: Floats,
    part: npt.NDArray[np.int64],
    vertex: npt.NDArray[np.int64],
    is_node: npt.NDArray[np.bool_],
    vertex_xy: Floats,
) -> StreetArrays:
    cut = np.flatnonzero(is_node[vertex])
    same = part[cut[:-1]] == part[cut[1:]]
    start, stop = cut[:-1][same], cut[1:][same]
    counts = stop - start + 1
    offset = np.concatenate([[0], np.cumsum(counts)])
    index = np.arange(offset[-1]) - np.repeat(offset[:-1] - start, counts)
    number = np.cumsum(is_node) - 1
    row = part[start]
    traits = {
        name: _trait(lines[name].to_numpy()[row], default)
        for name, default in TRAIT_DEFAULTS.items()
        if name in lines
    }
    osmid = lines["osmid"].map(_first_id).to_numpy()[row] if "osmid" in lines else None
    return StreetArrays.build(
        crs=lines.crs,
        node_xy=vertex_xy[is_node],
        edge_nodes=np.column_stack([number[vertex[start]], number[vertex[stop]]]),
        coords=xy[index],
        coord_offset=offset,
        traits=traits,
        edge_osmid=osmid,
    )


def _trait(values: Iterable[Any], default: Any) -> npt.NDArray[Any]:
    if isinstance(default, str):
        words = ["" if _missing(v) else _word(v) for v in values]
        return np.array(words, dtype=object)
    if isinstance(default, bool):
        flags = [not _missing(v) and _word(v).lower() not in _FALSE_WORDS for v in values]
        return np.array(flags, dtype=bool)
    numbers = pd.to_numeric(pd.Series([_word(v) for v in values]), errors="coerce").fillna(0)
    return np.asarray(numbers.clip(-128, 127).astype(np.int8))


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA


def _word(value: Any) -> str:
    return str(value[0] if isinstance(value, (list, tuple)) and value else value)


def _first_id(value: Any) -> int:
    """OSMnx keeps a list where it merged ways: the first stands for the edge."""
    first = value[0] if isinstance(value, (list, tuple)) and value else value
    try:
        return int(first)
    except (TypeError, ValueError):
        return 0


def from_networkx(graph: nx.MultiDiGraph[Any]) -> StreetArrays:
    """Take a street graph as OSMnx makes it.

    Nodes need ``x`` and ``y``, the graph needs ``graph["crs"]``; edges may have ``length`` in
    metres (kept as the walking length), ``geometry``, ``osmid`` and traits. The two directions
    of one street become one edge; a street that has only one is walkable both ways, as one-way
    rules are for vehicles, unless it says ``oneway_foot``.

    Raises
    ------
    NetworkError
        If the CRS, coordinates or edges are missing.
    """
    if graph.graph.get("crs") is None:
        msg = "The graph has no CRS: set graph.graph['crs'], as OSMnx does."
        raise NetworkError(msg)
    if graph.number_of_edges() == 0:
        msg = "The graph has no edge: no street here can be walked."
        raise NetworkError(msg)
    nodes = list(graph.nodes)
    try:
        xy = np.array([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in nodes], dtype=float)
    except KeyError as error:
        msg = "Every node of the graph needs coordinates x and y, as OSMnx gives them."
        raise NetworkError(msg) from error
    number = {node: i for i, node in enumerate(nodes)}
    rows = _one_row_per_street(graph, number)
    lines = gpd.GeoSeries(
        [_edge_line(data, xy[u], xy[v]) for u, v, data in rows], crs=graph.graph["crs"]
    )
    points = gpd.GeoSeries(shapely.points(xy), crs=lines.crs)
    if not lines.crs.is_projected:
        utm = lines.estimate_utm_crs()
        lines, points = lines.to_crs(utm), points.to_crs(utm)
    coords, part = shapely.get_coordinates(lines.array, return_index=True)
    counts = np.bincount(part, minlength=len(rows))
    drawn = shapely.length(lines.array)
    length = [float(d.get("length", drawn[i])) for i, (_, _, d) in enumerate(rows)]
    traits = {
        name: _trait([_trait_value(d, name) for _, _, d in rows], default)
        for name, default in TRAIT_DEFAULTS.items()
    }
    return StreetArrays.build(
        crs=lines.crs,
        node_xy=shapely.get_coordinates(points.array),
        edge_nodes=[(u, v) for u, v, _ in rows],
        coords=coords,
        coord_offset=np.concatenate([[0], np.cumsum(counts)]),
        traits=traits,
        node_osmid=[int(n) if isinstance(n, (int, np.integer)) else -1 for n in nodes],
        edge_osmid=[_first_id(d.get("osmid", 0)) for _, _, d in rows],
        edge_length_m=length,
        metadata={"source": "networkx"},
    )


def _trait_value(data: dict[str, Any], name: str) -> Any:
    if name == "steps" and "steps" not in data:
        return _word(data.get("highway", "")) == "steps"
    return data.get(name)


def _one_row_per_street(
    graph: nx.MultiDiGraph[Any], number: dict[Any, int]
) -> list[tuple[int, int, dict[str, Any]]]:
    """Keep one of the two directions of each street; parallel streets stay apart."""
    rows: list[tuple[int, int, dict[str, Any]]] = []
    waiting: dict[tuple[int, int, str, int], int] = {}
    # Edges as they were drawn come first: their traits are told in that direction.
    for a, b, data in sorted(graph.edges(data=True), key=lambda e: e[2].get("reversed") is True):
        u, v = number[a], number[b]
        street = (str(data.get("osmid")), round(float(data.get("length", 0.0)) * 1000))
        if not isinstance(data.get("osmid"), (int, str, type(None))):
            street = (str(sorted(map(str, data["osmid"]))), street[1])
        if u != v and waiting.get((v, u, *street), 0) > 0:
            waiting[v, u, *street] -= 1
            continue
        if u == v and waiting.get((u, u, *street), 0) > 0 and data.get("reversed") is not None:
            waiting[u, u, *street] -= 1
            continue
        waiting[u, v, *street] = waiting.get((u, v, *street), 0) + 1
        rows.append((u, v, data))
    return rows


def _edge_line(data: dict[str, Any], start: Floats, end: Floats) -> shapely.LineString:
    line = data.get("geometry")
    if line is None:
        return shapely.LineString([start, end])
    xy = shapely.get_coordinates(line)
    if np.hypot(*(xy[0] - start)) > np.hypot(*(xy[-1] - start)):
        xy = xy[::-1]
    xy = xy.copy()
    xy[0], xy[-1] = start, end
    return shapely.LineString(xy)


def to_networkx(network: StreetArrays) -> nx.MultiDiGraph[Any]:
    """Give the network as a graph that OSMnx functions accept.

    Each edge appears in every direction that is open on foot, with ``osmid``, ``length`` in
    metres, ``geometry``, ``oneway``, ``reversed`` and its traits (``incline`` and
    ``oneway_foot`` as seen in that direction); nodes have ``x``, ``y`` and ``street_count`` and
    are named by OSM id where every node has one of its own, else by position.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (9, 0)])], crs="EPSG:32650")
    >>> to_networkx(from_edges(lines)).number_of_edges()
    2
    """
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=network.crs, created_with="quarterhour")
    ids = network.node_osmid
    unique = len(np.unique(ids)) == len(ids) and ids.min(initial=0) >= 0
    names = [int(i) for i in ids] if unique else list(range(network.n_nodes))
    degree = np.bincount(network.edge_nodes.ravel(), minlength=network.n_nodes)
    for i, name in enumerate(names):
        x, y = (float(c) for c in network.node_xy[i])
        graph.add_node(name, x=x, y=y, street_count=int(degree[i]))
    lines, reverse = network.lines, shapely.reverse(network.lines)
    traits = {name: values.tolist() for name, values in network.traits.items()}
    for e, (u, v) in enumerate(network.edge_nodes):
        data = {name: values[e] for name, values in traits.items()}
        data |= {"osmid": int(network.edge_osmid[e]), "length": float(network.edge_length_m[e])}
        only = int(data["oneway_foot"])
        data["oneway"] = only != 0
        if only >= 0:
            graph.add_edge(names[u], names[v], geometry=lines[e], reversed=False, **data)
        if only <= 0:
            data |= {"oneway_foot": -only, "incline": _turned(data["incline"])}
            graph.add_edge(names[v], names[u], geometry=reverse[e], reversed=True, **data)
    return graph


def _turned(incline: str) -> str:
    """An incline as it is for who walks the other way."""
    text = incline.strip()
    if text in ("up", "down"):
        return "down" if text == "up" else "up"
    if text[:1] in ("-", "+"):
        return text[1:] if text[0] == "-" else f"-{text[1:]}"
    return f"-{text}" if text[:1].isdigit() and text.strip("0.%° ") else text
