"""Objects of Overture as nodes, ways and relations, so that one set of rules reads both sources."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from quarterhour.arrays import Floats
from quarterhour.sources.osm.file import OsmFile
from quarterhour.sources.osm.tag_text import Tags


class Objects:
    """Nodes, ways and relations as they are added; frozen into a file at the end.

    ``labels`` has the Overture id of each way and relation by its label in tables.
    """

    def __init__(self) -> None:
        self._lonlat: list[tuple[float, float]] = []
        self._node_tags: dict[int, Tags] = {}
        self._connectors: dict[str, int] = {}
        self._places: dict[str, tuple[float, float]] = {}
        self._same: dict[int, int] = {}
        self._ways: list[list[int]] = []
        self._way_ids: list[int] = []
        self._way_tags: list[Tags] = []
        self._relation_tags: list[Tags] = []
        self._members: list[tuple[tuple[str, int, str], ...]] = []
        self._number = 0
        self._at: dict[tuple[float, float], list[int]] | None = None
        self.labels: dict[str, str] = {}

    def __len__(self) -> int:
        """Give the number of nodes."""
        return len(self._lonlat)

    def place_connector(self, name: str, lonlat: Any) -> None:
        """Say where a connector is; it is a node once a segment has it."""
        self._places.setdefault(name, (float(lonlat[0]), float(lonlat[1])))

    def unused(self) -> tuple[int, int]:
        """Count the connectors that no segment has, and all whose position was said."""
        return len(self._places.keys() - self._connectors.keys()), len(self._places)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the connectors and vertices of ways."""
        lonlat = np.array([self._lonlat[node] for way in self._ways for node in way])
        (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
        return float(west), float(south), float(east), float(north)

    def node(self, lonlat: Any, tags: Tags | None = None, label: str = "") -> int:
        """Add a node; give its position among them."""
        self._lonlat.append((float(lonlat[0]), float(lonlat[1])))
        if tags:
            self._node_tags[len(self._lonlat) - 1] = tags
        if label:
            self.labels[f"node/{len(self._lonlat)}"] = label
        return len(self._lonlat) - 1

    def new_connector(self, name: str, lonlat: Any) -> int:
        """Add the node of a connector."""
        self._connectors[name] = self.node(lonlat)
        return self._connectors[name]

    def connector(self, name: str) -> int | None:
        """Give the node of a connector, if it is known where it is."""
        if name not in self._connectors and name in self._places:
            return self.new_connector(name, self._places[name])
        return self._connectors.get(name)

    def position(self, node: int) -> Floats:
        """Give longitude and latitude of a node."""
        return np.array(self._lonlat[node])

    def join(self, one: int, other: int) -> None:
        """Make one of two nodes that stand at one place of a segment."""
        one, other = self._first(one), self._first(other)
        if one != other:
            self._same[max(one, other)] = min(one, other)

    def _first(self, node: int) -> int:
        while node in self._same:
            node = self._same[node]
        return node

    def tag_nodes_at(self, lonlat: Any, tags: Tags, label: str) -> bool:
        """Tag the connectors at a position; tell whether there is one."""
        at = (round(float(lonlat[0]), 7), round(float(lonlat[1]), 7))
        if self._at is None:
            self._at = {}
            for node in self._connectors.values():
                lon, lat = self._lonlat[node]
                self._at.setdefault((round(lon, 7), round(lat, 7)), []).append(node)
        found = self._at.get(at, [])
        for node in found:
            self._node_tags[self._first(node)] = tags
            self.labels[f"node/{self._first(node) + 1}"] = label
        return bool(found)

    def way(self, nodes: list[int], tags: Tags, label: str = "", number: int | None = None) -> int:
        """Add a way; give its id, which is the given number where there is one."""
        self._number += 1
        osmid = -self._number if number is None else number
        self._ways.append(nodes)
        self._way_ids.append(osmid)
        self._way_tags.append(tags)
        if label:
            self.labels[f"way/{osmid}"] = label
        return osmid

    def shape(self, shape: Any, tags: Tags, label: str) -> None:
        """Add a line, polygon or several polygons: as a way, or as a relation of rings."""
        polygons = shapely.get_parts(shape)
        if all(kind == 1 for kind in shapely.get_type_id(polygons)):
            for line in polygons:
                self.way([self.node(at) for at in shapely.get_coordinates(line)], tags, label)
            return
        if len(polygons) == 1 and shapely.get_num_interior_rings(polygons[0]) == 0:
            self.way(self._ring(shapely.get_exterior_ring(polygons[0])), tags, label)
            return
        members: list[tuple[str, int, str]] = []
        for polygon in polygons:
            for place, ring in enumerate(shapely.get_rings(polygon)):
                role = "inner" if place else "outer"
                members.append(("w", self.way(self._ring(ring), {}), role))
        self._relation_tags.append({"type": "multipolygon", **tags})
        self._members.append(tuple(members))
        self.labels[f"relation/{-len(self._members)}"] = label

    def _ring(self, ring: Any) -> list[int]:
        nodes = [self.node(at) for at in shapely.get_coordinates(ring)[:-1]]
        return [*nodes, nodes[0]]

    def frozen(self, box: tuple[float, float, float, float] | None, sha256: str) -> OsmFile:
        """Give the file that holds them all."""
        flat = np.array([self._first(n) for way in self._ways for n in way], np.int64)
        lonlat = np.array(self._lonlat, dtype=float).reshape(-1, 2)
        return OsmFile(
            node_id=np.arange(1, len(lonlat) + 1, dtype=np.int64),
            lon=lonlat[:, 0].copy(),
            lat=lonlat[:, 1].copy(),
            node_tags=self._node_tags,
            way_id=np.array(self._way_ids, np.int64),
            way_offset=np.concatenate([[0], np.cumsum([len(way) for way in self._ways])]).astype(
                np.int64
            ),
            way_nodes=flat,
            way_tags=tuple(self._way_tags),
            relation_id=tuple(-n for n in range(1, len(self._members) + 1)),
            relation_tags=tuple(self._relation_tags),
            relation_members=tuple(self._members),
            box=box,
            timestamp="",
            sha256=sha256,
            notes=(),
        )
