"""An OpenStreetMap file as a few flat arrays.

pyosmium hands out one Python object per node, way, tag and node reference. On a city of 380,000
nodes that alone takes 3.6 s. Here libosmium decodes the file in C++ (any of its formats)
and writes it as OPL, its documented format of one plain line per object, which is then cut up
with a handful of array operations: 1.4 s for the same city.

It also means that node positions come from our own index, so the order of the objects in the file
and the sign of their ids do not matter: the location index of pyosmium gives *silently* invalid
positions to ways that stand before their nodes and to the negative ids of the JOSM editor.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
from osmium.io import File, Reader

from quarterhour.errors import InputError
from quarterhour.places.attribution import OSM, SYNTHETIC
from quarterhour.places.notes import Note
from quarterhour.sources.osm.editors import Box, is_xml, read_beside
from quarterhour.sources.osm.tag_text import (
    Tags,
    TagTexts,
    asked_of,
    parsed_tags,
    sets_of,
    unescaped,
)

FORMATS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")
BLOCK_BYTES = 1 << 22
MISSING = -1  # position of a node that a way names but the file does not hold

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_NODE_TAGS = re.compile(rb" T(\S+) ")
_UNPLACED = re.compile(rb"^n.* x y\n", re.MULTILINE)
_LETTERS = bytes.maketrans(b"nxyNw,", b"      ")
_DELETED = re.compile(rb"^\S+ (?:v\d+ )?dD .*\n", re.MULTILINE)
_METADATA = re.compile(rb"^(\S+) d[VD] t(\S*)", re.MULTILINE)


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
    relation_members: tuple[tuple[tuple[str, int, str], ...], ...]
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
    def way_index(self) -> dict[int, int]:
        """The position of each way by its id."""
        return {int(osmid): w for w, osmid in enumerate(self.way_id)}


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
    collected = _Collected(beside.deleted)
    try:
        with Reader(str(path), osmium.osm.NOTHING) as reader:
            header = reader.header()
            if header.has_multiple_object_versions:
                raise InputError(f"{path} is a history or change file; pass a plain extract.")
            box = header.box()
            timestamp = header.get("osmosis_replication_timestamp")
            made_up = SYNTHETIC in header.get("generator").lower()
        with tempfile.TemporaryDirectory(prefix="quarterhour-") as folder:
            opl = Path(folder) / "data.opl"
            # Only objects with their metadata say that they are deleted.
            dated = not timestamp or is_xml(path)
            _to_opl(path, opl, with_timestamps=dated)
            for block in _blocks(opl):
                collected.add(block, with_timestamps=dated)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} cannot be read as OpenStreetMap data: it is damaged, cut off or of another "
            f"format ({str(error).rstrip('.')}). Download it again, or check its file name ending."
        ) from error
    if not sum(map(len, collected.nodes)):
        what = "no nodes, so nothing in it has a position" if collected.way_id else "no objects"
        raise InputError(f"{path} holds {what}. Pass an extract with nodes and ways.")
    corners = (
        (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
        if box.valid()
        else None
    )
    read = collected.freeze(corners, timestamp or collected.newest, sha256)
    read = replace(read, attribution=SYNTHETIC if made_up else OSM)
    if len(beside.boxes) < 2:
        return read
    sides = np.array(beside.boxes)
    hull = (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist())
    return replace(read, box=hull, boxes=tuple(beside.boxes))


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


def _to_opl(path: Path, opl: Path, *, with_timestamps: bool) -> None:
    metadata = "timestamp" if with_timestamps else "false"
    with osmium.SimpleWriter(File(str(opl), f"opl,add_metadata={metadata}")) as writer:
        osmium.apply(str(path), writer)


def _blocks(opl: Path) -> Iterator[bytes]:
    """Yield the file in pieces that end with a whole line."""
    with opl.open("rb") as stream:
        rest = b""
        while piece := stream.read(BLOCK_BYTES):
            piece = rest + piece
            cut = piece.rfind(b"\n") + 1
            rest = piece[cut:]
            yield piece[:cut]
        if rest:
            yield rest


def _nodes_first(block: bytes) -> tuple[bytes, bytes]:
    """Part the lines of nodes from those of ways and relations, which mostly follow them."""
    ends = [at + 1 for at in (block.find(b"\nw"), block.find(b"\nr")) if at >= 0]
    end = min(ends, default=len(block)) if block.startswith(b"n") else 0
    nodes, rest = block[:end], block[end:]
    if b"\nn" in rest or rest.startswith(b"n"):
        lines = block.splitlines(keepends=True)
        nodes = b"".join([line for line in lines if line.startswith(b"n")])
        rest = b"".join([line for line in lines if not line.startswith(b"n")])
    return nodes, rest


def _numbers(text: bytes) -> FloatArray:
    # Ids stay exact: they are far below 2**53.
    return np.fromstring(text.decode("ascii"), dtype=np.float64, sep=" ")


class _Collected:
    """What has been read so far; ``freeze`` sorts it and joins ways to nodes."""

    def __init__(self, deleted: Set[bytes] = frozenset()) -> None:
        self.deleted = deleted
        self.n_deleted = 0
        self.nodes: list[FloatArray] = []  # rows of id, lon, lat
        self.node_tags: dict[int, Tags] = {}
        self.way_id: list[int] = []
        self.way_length: list[int] = []
        self.way_refs: list[IntArray] = []
        self.way_tags: list[Tags] = []
        self.relation_id: list[int] = []
        self.relation_tags: list[Tags] = []
        self.members: list[tuple[tuple[str, int, str], ...]] = []
        self.parsed = TagTexts()
        self.unplaced = 0
        self.newest = ""

    def add(self, block: bytes, *, with_timestamps: bool) -> None:
        if with_timestamps:
            block = self._without_deleted(block)
            times = {time for _, time in _METADATA.findall(block)}
            self.newest = max(self.newest, max(times, default=b"").decode())
            block = _METADATA.sub(rb"\1", block)
        nodes, rest = _nodes_first(block)
        self._add_nodes(nodes)
        lines = rest.split(b"\n")
        self._add_ways([line for line in lines if line.startswith(b"w")])
        for line in lines:
            if line.startswith(b"r"):
                self._add_relation(line.decode())

    def _without_deleted(self, block: bytes) -> bytes:
        block, gone = _DELETED.subn(b"", block)
        if self.deleted:
            lines = block.splitlines(keepends=True)
            kept = [line for line in lines if line.split(b" ", 1)[0] not in self.deleted]
            gone += len(lines) - len(kept)
            block = b"".join(kept)
        self.n_deleted += gone
        return block

    def _add_nodes(self, lines: bytes) -> None:
        if b" x y\n" in lines:
            lines, unplaced = _UNPLACED.subn(b"", lines)
            self.unplaced += unplaced
        # Most nodes have no tags; a plain replacement is many times faster than the pattern.
        parts = _NODE_TAGS.split(lines.replace(b" T ", b" "))
        nodes = _numbers(b" ".join(parts[::2]).translate(_LETTERS)).reshape(-1, 3)
        self.nodes.append(nodes)
        line = np.cumsum([part.count(b"\n") for part in parts[:-1:2]], dtype=np.int64)
        parsed = map(self.parsed.__getitem__, parts[1::2])
        self.node_tags.update(zip(nodes[line, 0].astype(np.int64).tolist(), parsed, strict=True))

    def _add_ways(self, lines: list[bytes]) -> None:
        if not lines:
            return
        rows = [line.split(b" ") for line in lines]
        self.way_id.extend([int(row[0][1:]) for row in rows])
        self.way_tags.extend([self.parsed[row[1][1:]] for row in rows])
        # an empty way is a lone "N": it has no "n" to count
        self.way_length.extend([row[2].count(b"n") for row in rows])
        refs = b" ".join([row[2] for row in rows]).translate(_LETTERS)
        self.way_refs.append(_numbers(refs).astype(np.int64))

    def _add_relation(self, line: str) -> None:
        osmid, tags, members = line.split(" ")
        self.relation_id.append(int(osmid[1:]))
        self.relation_tags.append(parsed_tags(tags[1:]))
        found = [member.partition("@") for member in members[1:].split(",") if member]
        self.members.append(
            tuple((ref[0], int(ref[1:]), unescaped(role)) for ref, _, role in found)
        )

    def freeze(
        self, box: tuple[float, float, float, float] | None, timestamp: str, sha256: str
    ) -> OsmFile:
        nodes = np.concatenate(self.nodes) if self.nodes else np.empty((0, 3))
        given_id = nodes[:, 0].astype(np.int64)
        # The last version of a node that stands in the file twice is the one that counts.
        node_id, last = np.unique(given_id[::-1], return_index=True)
        nodes = nodes[len(nodes) - 1 - last]
        refs = np.concatenate(self.way_refs) if self.way_refs else np.empty(0, np.int64)
        ways = _last_of_each(self.way_id)
        offset = np.concatenate([[0], np.cumsum(self.way_length, dtype=np.int64)])
        kept = np.zeros(len(self.way_id), bool)
        kept[ways] = True
        lengths = np.diff(offset)
        relations = _last_of_each(self.relation_id)
        positions = _positions(node_id, refs[np.repeat(kept, lengths)])
        return OsmFile(
            node_id=node_id,
            lon=nodes[:, 1],
            lat=nodes[:, 2],
            node_tags=self._tags_by_position(node_id),
            way_id=np.array(self.way_id, np.int64)[ways],
            way_offset=np.concatenate([[0], np.cumsum(lengths[ways])]).astype(np.int64),
            way_nodes=positions,
            way_tags=tuple(self.way_tags[w] for w in ways),
            relation_id=tuple(self.relation_id[r] for r in relations),
            relation_tags=tuple(self.relation_tags[r] for r in relations),
            relation_members=tuple(self.members[r] for r in relations),
            box=box,
            timestamp=timestamp,
            sha256=sha256,
            notes=tuple(self._notes(len(given_id) - len(node_id), positions)),
        )

    def _tags_by_position(self, node_id: IntArray) -> dict[int, Tags]:
        at = _positions(node_id, np.fromiter(self.node_tags, np.int64, len(self.node_tags)))
        return dict(zip(at.tolist(), self.node_tags.values(), strict=True))

    def _notes(self, repeated: int, positions: IntArray) -> Iterator[str]:
        if self.n_deleted:
            yield Note(
                "objects_deleted", "{0} objects are marked as deleted: left out.", self.n_deleted
            )
        if self.unplaced:
            yield Note(
                "nodes_unplaced", "{0} nodes without a position were left out.", self.unplaced
            )
        if repeated:
            yield Note(
                "nodes_repeated",
                "{0} nodes stand in the file more than once; the last version counts.",
                repeated,
            )
        missing = int((positions == MISSING).sum())
        if missing:
            yield Note(
                "nodes_missing",
                "{0} of {1} way nodes are not in the file (cut at its edge).",
                missing,
                len(positions),
            )


def _last_of_each(osmids: list[int]) -> list[int]:
    """Return the positions of the last object of each id, in file order."""
    return sorted({osmid: at for at, osmid in enumerate(osmids)}.values())


def _positions(node_id: IntArray, refs: IntArray) -> IntArray:
    """Return where each referenced node stands in the sorted ids, ``MISSING`` if nowhere."""
    if not len(node_id):
        return np.full(len(refs), MISSING, np.int64)
    at = np.minimum(np.searchsorted(node_id, refs), len(node_id) - 1)
    return np.where(node_id[at] == refs, at, MISSING).astype(np.int64)
