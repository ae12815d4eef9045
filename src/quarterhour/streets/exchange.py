"""Street networks to and from the graphs of OSMnx."""

from __future__ import annotations

import re
import warnings
from typing import Any, TypeAlias

import geopandas as gpd
import networkx as nx
import numpy as np
import pyproj
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import NetworkError, QuarterhourWarning
from quarterhour.places.attribution import OSM
from quarterhour.streets.ellipsoid import GEODESIC, LENGTHS, ground_of, steps_along
from quarterhour.streets.lines import first_id
from quarterhour.streets.measure import in_true_metres, lengths_told
from quarterhour.streets.street_arrays import StreetArrays
from quarterhour.streets.traits import READ, open_edges, parts, said_in, traits_of

Row: TypeAlias = tuple[Any, Any, dict[str, Any]]

_HEX = re.compile(r"[0-9A-Fa-f]{18,}")
_ANOTHER_UNIT = 2.0
"""Given lengths whose median is so many times the drawn ones are in another unit."""

_WARN_AT = 4  # from a helper here, over WalkNetwork, to who called it


def from_networkx(graph: nx.MultiDiGraph[Any]) -> StreetArrays:
    """Take a street graph as OSMnx makes it.

    Nodes need ``x`` and ``y``, the graph needs ``graph["crs"]``; edges may have ``length`` in
    metres (kept as the walking length), ``geometry``, ``osmid`` and traits. The two directions
    of one street become one edge; a street that has only one is walkable both ways, as one-way
    rules are for vehicles, unless it says ``oneway_foot``. What ``highway``, ``foot`` and
    ``access`` close to walkers is left out.

    Raises
    ------
    NetworkError
        If the CRS, coordinates or edges are missing, or lengths are in another unit than metres.

    Warns
    -----
    QuarterhourWarning
        If edges are left out, or their lengths are not known.
    """
    if graph.graph.get("crs") is None:
        msg = "The graph has no CRS: set graph.graph['crs'], as OSMnx does."
        raise NetworkError(msg)
    if graph.number_of_edges() == 0:
        msg = "The graph has no edge: no street here can be walked."
        raise NetworkError(msg)
    crs = _crs_of(graph)
    rows = _open_rows(_one_row_per_street(graph))
    used = dict.fromkeys(node for u, v, _ in rows for node in (u, v))
    nodes = [node for node in graph.nodes if node in used]
    xy = np.array([_xy(node, graph.nodes[node]) for node in nodes])
    number = {node: i for i, node in enumerate(nodes)}
    ends = np.array([(number[u], number[v]) for u, v, _ in rows], dtype=np.int64)
    drawn = [_edge_line(d, xy[u], xy[v]) for (u, v), (_, _, d) in zip(ends, rows, strict=True)]
    lines = in_true_metres(gpd.GeoSeries(drawn, crs=crs), stacklevel=_WARN_AT)
    points = gpd.GeoSeries(shapely.points(xy), crs=crs).to_crs(lines.crs)
    coords, part = shapely.get_coordinates(lines.array, return_index=True)
    counts = np.bincount(part, minlength=len(rows))
    attributes = {name: [d.get(name) for _, _, d in rows] for name in READ}
    said = said_in({k: v for k, v in attributes.items() if any(one is not None for one in v)})
    ids = [first_id(d.get("osmid")) for _, _, d in rows]
    measured = lengths_told(crs, lines.crs)
    if graph.graph.get(LENGTHS) == GEODESIC:
        measured = {LENGTHS: GEODESIC}
    offset = np.concatenate([[0], np.cumsum(counts)])
    steps = steps_along(ground_of(lines.crs, measured), coords, offset)
    return StreetArrays.build(
        crs=lines.crs,
        node_xy=shapely.get_coordinates(points.array),
        edge_nodes=ends,
        coords=coords,
        coord_offset=offset,
        traits=traits_of(said),
        node_osmid=[_node_id(n) for n in nodes],
        edge_osmid=ids,
        edge_length_m=_lengths([d for *_, d in rows], np.add.reduceat(steps, offset[:-1])),
        metadata={"source": "networkx", **measured, **_attribution(graph, ids), **_ids_told(nodes)},
    )


def _ids_told(nodes: list[Any]) -> dict[str, str]:
    """Say which nodes have ids that cannot be kept: those of graphs that were simplified."""
    odd = [node for node in nodes if _node_id(node) == -1 and node != -1]
    if not odd:
        return {}
    told = (
        f"{len(odd):,} of {len(nodes):,} nodes have ids that are no whole numbers, such as "
        f"{odd[0]!r}: they are joined as the graph says, and their ids are not kept."
    )
    return {"notes": told}


def _attribution(graph: nx.MultiDiGraph[Any], ids: list[int]) -> dict[str, str]:
    """Say whose streets these are: what the graph says, or OpenStreetMap's by their ids."""
    said = str(graph.graph.get("attribution") or (OSM if any(ids) else ""))
    return {"attribution": said} if said else {}


def _crs_of(graph: nx.MultiDiGraph[Any]) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(graph.graph["crs"])
    except pyproj.exceptions.CRSError as error:
        named = graph.graph["crs"]
        msg = f"The graph names {named!r}, which is no CRS: set graph.graph['crs']."
        raise NetworkError(msg) from error


def _node_id(node: Any) -> int:
    is_id = isinstance(node, (int, np.integer)) and not isinstance(node, bool)
    return int(node) if is_id and abs(int(node)) < 2**63 else -1


def _xy(node: Any, data: dict[str, Any]) -> tuple[float, float]:
    found = _number(data.get("x")), _number(data.get("y"))
    if np.isfinite(found[0]) and np.isfinite(found[1]):
        return found
    msg = (
        "Every node of the graph needs coordinates x and y, as OSMnx gives them; those of node "
        f"{node!r} are {data.get('x')!r} and {data.get('y')!r}."
    )
    raise NetworkError(msg)


def _number(value: Any) -> float:
    """Return a number that an attribute holds, NaN where it holds none, or several."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _lengths(edges: list[dict[str, Any]], drawn: Floats) -> Floats:
    """Return the walking length of each edge: as given, and as drawn where that is not known.

    A length that is missing, or shorter by far than the straight line, is not known.
    """
    given = np.array([_number(data.get("length")) for data in edges])
    _check_unit(given, drawn)
    told = np.array([data.get("length") is not None or "length" in data for data in edges])
    bad = ~np.isfinite(given) | (given < 0) | ((given == 0) & (drawn > 1.0))
    if (bad & told).any():
        examples = sorted({repr(edges[i]["length"]) for i in np.flatnonzero(bad & told)})[:3]
        note = (
            f"{(bad & told).sum()} of {len(edges)} edges have a length that is none "
            f"({', '.join(examples)}): they are taken to be as long as they are drawn."
        )
        warnings.warn(note, QuarterhourWarning, stacklevel=_WARN_AT)
    return np.where(bad, drawn, given)


def _check_unit(given: Floats, drawn: Floats) -> None:
    """Hold given lengths against drawn ones: those of another unit are all off by one factor."""
    known = np.isfinite(given) & (given > 0) & (drawn > 1.0)
    if not known.any():
        return
    ratio = float(np.median(given[known] / drawn[known]))
    if 1 / _ANOTHER_UNIT < ratio < _ANOTHER_UNIT:
        return
    units = {"kilometres": 0.001, "miles": 1 / 1609.344, "feet": 1 / 0.3048, "centimetres": 100.0}
    near = [name for name, factor in units.items() if abs(np.log(ratio / factor)) < 0.3]
    msg = (
        f"The lengths of the graph are {ratio:.3g} times those of the lines that it draws (median "
        f"of {known.sum()} edges){f', as {near[0]} would be' if near else ''}: give lengths in "
        "metres, or leave them out, and the lines are measured."
    )
    raise NetworkError(msg)


def _open_rows(rows: list[Row]) -> list[Row]:
    names = ("highway", "foot", "access", "motorroad")
    said = said_in({name: [data.get(name) for *_, data in rows] for name in names})
    is_open = open_edges(said, len(rows), "streets of the graph", stacklevel=_WARN_AT)
    if not is_open.any():
        msg = "No street of the graph can be walked: all are closed to walkers, or not built."
        raise NetworkError(msg)
    return [row for row, kept in zip(rows, is_open, strict=True) if kept]


def _one_row_per_street(graph: nx.MultiDiGraph[Any]) -> list[Row]:
    """Keep one of the two directions of each street; parallel streets stay apart."""
    rows: list[Row] = []
    waiting: dict[tuple[Any, Any, str, str], int] = {}
    # Edges as they were drawn come first: their traits are told in that direction.
    for u, v, data in sorted(graph.edges(data=True), key=lambda e: _is_reversed(e[2])):
        length = _number(data.get("length"))
        known = f"{length:.3f}" if np.isfinite(length) else str(data.get("length"))
        street = (str(sorted(parts(data.get("osmid")))), known)
        if u != v and waiting.get((v, u, *street), 0) > 0:
            waiting[v, u, *street] -= 1
            continue
        if u == v and waiting.get((u, u, *street), 0) > 0 and data.get("reversed") is not None:
            waiting[u, u, *street] -= 1
            continue
        waiting[u, v, *street] = waiting.get((u, v, *street), 0) + 1
        rows.append((u, v, data))
    return rows


def _is_reversed(data: dict[str, Any]) -> bool:
    return str(data.get("reversed")).lower() in ("true", "1")


def _edge_line(data: dict[str, Any], start: Floats, end: Floats) -> shapely.LineString:
    line = data.get("geometry")
    if isinstance(line, str):
        read = shapely.from_wkb if _HEX.fullmatch(line) else shapely.from_wkt
        line = read(line, on_invalid="ignore")
    if not isinstance(line, shapely.LineString) or line.is_empty:
        if data.get("geometry") is not None and not _is_nan(data["geometry"]):
            msg = (
                f"An edge of the graph has the geometry {str(data['geometry'])[:60]!r}; it has to "
                "be a LineString, or its text as WKT or WKB."
            )
            raise NetworkError(msg)
        return shapely.LineString([start, end])
    xy = shapely.get_coordinates(line)
    if np.hypot(*(xy[0] - start)) > np.hypot(*(xy[-1] - start)):
        xy = xy[::-1]
    xy = xy.copy()
    xy[0], xy[-1] = start, end
    return shapely.LineString(xy)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and np.isnan(value)


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
    >>> from quarterhour.streets.lines import from_edges
    >>> to_networkx(from_edges(lines)).number_of_edges()
    2
    """
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=network.crs, created_with="quarterhour")
    for key in ("attribution", LENGTHS):
        if key in network.metadata:
            graph.graph[key] = network.metadata[key]
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
