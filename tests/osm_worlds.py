"""OpenStreetMap files written by hand: metres in, an .osm file out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import networkx as nx
import numpy as np
import pyproj

from quarterhour.streets.network import WalkNetwork

EAST, NORTH = 500_000.0, 6_670_000.0
_MIDDLE = pyproj.Transformer.from_crs("EPSG:32635", "EPSG:4326", always_xy=True)
_LON, _LAT = _MIDDLE.transform(EAST, NORTH)
TRUE_METRES = pyproj.CRS(
    f"+proj=tmerc +lon_0={_LON!r} +lat_0={_LAT!r} +x_0={EAST} +y_0={NORTH} +ellps=WGS84"
)
TO_DEGREES = pyproj.Transformer.from_crs(TRUE_METRES, "EPSG:4326", always_xy=True)

Tags = Mapping[str, str]
FOOTWAY = {"highway": "footway"}
STREET = {"highway": "residential"}


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def node_xml(osmid: int, x: float, y: float, tags: Tags | None = None) -> str:
    lon, lat = TO_DEGREES.transform(EAST + x, NORTH + y)
    return f'<node id="{osmid}" lat="{lat:.7f}" lon="{lon:.7f}">{_tags(tags or {})}</node>'


def way_xml(osmid: int, refs: Sequence[int], tags: Tags) -> str:
    inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{osmid}">{inside}{_tags(tags)}</way>'


def relation_xml(osmid: int, members: Sequence[tuple[str, int, str]], tags: Tags) -> str:
    inside = "".join(f'<member type="{t}" ref="{r}" role="{role}"/>' for t, r, role in members)
    return f'<relation id="{osmid}">{inside}{_tags(tags)}</relation>'


def write(folder: Path, *parts: str, name: str = "world.osm") -> Path:
    """Write an OSM file of nodes, ways and relations in the order given."""
    path = folder / name
    path.write_text(f'<osm version="0.6">{"".join(parts)}</osm>', encoding="utf-8")
    return path


def nodes(places: Mapping[int, tuple[float, float]], **tags: Tags) -> str:
    """Nodes by id; tags as ``n7={...}``."""
    return "".join(node_xml(osmid, x, y, tags.get(f"n{osmid}")) for osmid, (x, y) in places.items())


def box(first: int, west: float, south: float, east: float, north: float) -> tuple[str, list[int]]:
    """Four corner nodes, and the refs of the closed ring over them."""
    corners = [(west, south), (east, south), (east, north), (west, north)]
    ids = range(first, first + 4)
    return nodes(dict(zip(ids, corners, strict=True))), [*ids, first]


def metres(network: WalkNetwork, start: int, end: int) -> float:
    """The shortest walk between two OSM nodes, infinite where there is none."""
    graph = nx.Graph()
    for (u, v), length in zip(network.edge_nodes, network.edge_length_m, strict=True):
        known = graph.get_edge_data(int(u), int(v), {"length": np.inf})["length"]
        graph.add_edge(int(u), int(v), length=min(float(length), known))
    of = {int(osmid): at for at, osmid in enumerate(network.node_osmid)}
    try:
        return float(nx.shortest_path_length(graph, of[start], of[end], weight="length"))
    except (nx.NetworkXNoPath, KeyError):
        return float("inf")
