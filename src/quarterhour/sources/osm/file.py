"""An OpenStreetMap file as a few flat arrays, checked and with its ways joined to their nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
import osmium
from osmium.io import Reader

from quarterhour.arrays import Floats, Whole, narrow, pieces
from quarterhour.errors import InputError
from quarterhour.places.attribution import OSM, SYNTHETIC
from quarterhour.places.notes import Note
from quarterhour.sources.osm import opl, pbf
from quarterhour.sources.osm.editors import Box, is_xml, read_beside
from quarterhour.sources.osm.objects import Members, Objects
from quarterhour.sources.osm.tag_text import Tags, asked_of, sets_of
from quarterhour.sources.osm.wire import UnfitError

FORMATS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")
IntArray = Whole
FloatArray = Floats

MISSING = -1  # position of a node that a way names but the file does not hold


@dataclass(frozen=True)
class OsmFile:
    """Everything in an OSM file, nodes sorted by id.

    Ways are a ragged array: way ``w`` runs through the nodes
    ``way_nodes[way_offset[w]:way_offset[w + 1]]``, which are positions in the node arrays, or
    ``MISSING``. Relation members are ``(type, ref, role)`` with the file's own ids.
    """

    node_id: IntArray
    lon: FloatArray
    lat: FloatArray
    node_tags: Mapping[int, Tags]  # by position; only the nodes that have tags
    way_id: IntArray
    way_offset: IntArray
    way_nodes: IntArray
    way_tags: tuple[Tags, ...]
    relation_id: tuple[int, ...]
    relation_tags: tuple[Tags, ...]
    relation_members: tuple[Members, ...]
    box: tuple[float, float, float, float] | None  # west, south, east, north, from the header
    timestamp: str
    sha256: str
    notes: tuple[str, ...]
    boxes: tuple[Box, ...] = ()  # those of an XML file that has several
    attribution: str = OSM

    def nodes_of(self, way: int) -> IntArray:
        """Return the node positions of one way, ``MISSING`` where the file lacks the node."""
        return self.way_nodes[self.way_offset[way] : self.way_offset[way + 1]]

    @cached_property
    def way_sets(self) -> tuple[list[Tags], IntArray]:
        """The sets of tags that ways have, and which of them each has."""
        return sets_of(self.way_tags)

    @cached_property
    def _node_sets(self) -> tuple[list[Tags], IntArray]:
        return sets_of(self.node_tags.values())

    @cached_property
    def tagged_nodes(self) -> IntArray:
        """Positions of the nodes that have tags."""
        return np.fromiter(self.node_tags, np.int64, len(self.node_tags))

    def ways_where(self, tells: Callable[[Tags], bool]) -> list[int]:
        """Give the ways whose tags are told; those that many ways have are asked once."""
        sets, which = self.way_sets
        found: list[int] = np.flatnonzero(asked_of(sets, tells)[which]).tolist()
        return found

    def nodes_where(self, tells: Callable[[Tags], bool]) -> list[int]:
        """Give the positions of the nodes whose tags are told."""
        sets, which = self._node_sets
        found: list[int] = self.tagged_nodes[asked_of(sets, tells)[which]].tolist()
        return found

    @cached_property
    def member_index(self) -> dict[int, int]:
        """The position of each way that a relation names, by its id."""
        named = {ref for one in self.relation_members for kind, ref, _ in one if kind == "w"}
        if not named:
            return {}
        found = np.flatnonzero(np.isin(self.way_id, np.fromiter(named, np.int64, len(named))))
        return dict(zip(self.way_id[found].tolist(), found.tolist(), strict=True))


_SHARED = frozenset(Objects._fields) & {one.name for one in fields(OsmFile)} - {"notes"}
"""What a file has of its objects as it is."""


def read_file(path: Path) -> OsmFile:
    """Decode an OSM file, or say in one sentence why that cannot be done.

    Parameters
    ----------
    path
        A ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2`` file.

    Returns
    -------
    OsmFile
        The whole file as arrays.
    """
    _check(path)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    beside = read_beside(path)
    try:
        with Reader(str(path), osmium.osm.NOTHING) as reader:
            header = reader.header()
            if header.has_multiple_object_versions:
                raise InputError(f"{path} is a history or change file; pass a plain extract.")
            box = header.box()
            timestamp = header.get("osmosis_replication_timestamp")
            made_up = SYNTHETIC in header.get("generator").lower()
        dated = not timestamp or is_xml(path)
        read = _decoded(path, beside.deleted, dated=dated)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} cannot be read as OpenStreetMap data: it is damaged, cut off or of another "
            f"format ({str(error).rstrip('.')}). Download it again, or check its file name ending."
        ) from error
    if not len(read.node_id):
        what = "no nodes, so nothing in it has a position" if len(read.way_id) else "no objects"
        raise InputError(f"{path} holds {what}. Pass an extract with nodes and ways.")
    corners = (
        (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
        if box.valid()
        else None
    )
    if len(beside.boxes) > 1:
        sides = np.array(beside.boxes)
        corners = (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())
    positions = _positions(read.node_id, read.refs)
    found = {name: part for name, part in read._asdict().items() if name in _SHARED}
    return OsmFile(
        **found,
        way_nodes=positions,
        box=corners,
        timestamp=timestamp or read.newest,
        sha256=sha256,
        notes=(*read.notes, *_missing(positions)),
        boxes=tuple(beside.boxes) if len(beside.boxes) > 1 else (),
        attribution=SYNTHETIC if made_up else OSM,
    )


def _decoded(path: Path, deleted: Set[bytes], *, dated: bool) -> Objects:
    """Decode the objects: by libosmium where the fast way does not know the form of the file."""
    if not is_xml(path):
        with suppress(UnfitError):
            return pbf.decoded(path, dated=dated)
    return opl.decoded(path, deleted, dated=dated)


def _missing(positions: IntArray) -> Iterator[str]:
    if missing := int((positions == MISSING).sum()):
        yield Note(
            "nodes_missing",
            "{0} of {1} way nodes are not in the file (cut at its edge).",
            missing,
            len(positions),
        )


def _check(path: Path) -> None:
    if not path.exists():
        raise InputError(f"There is no file {path}.")
    if path.is_dir():
        raise InputError(f"{path} is a folder; pass one OpenStreetMap file.")
    if not path.name.lower().endswith(FORMATS):
        raise InputError(
            f"{path} has none of the file name endings of OpenStreetMap data: {', '.join(FORMATS)}."
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes).")


def _positions(node_id: IntArray, refs: IntArray) -> IntArray:
    """Return where each referenced node stands in the sorted ids, ``MISSING`` if nowhere."""
    if not len(node_id):
        return np.full(len(refs), MISSING, np.int32)
    at = np.empty(len(refs), narrow(len(node_id)))
    for piece in pieces(len(refs)):
        found = np.minimum(np.searchsorted(node_id, refs[piece]), len(node_id) - 1)
        at[piece] = np.where(node_id[found] == refs[piece], found, MISSING)
    return at
