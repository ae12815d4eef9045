"""An OpenStreetMap file of any form, decoded by libosmium.

pyosmium hands out one Python object per node, way, tag and node reference. On a city of 380,000
nodes that alone takes 3.6 s. Here libosmium decodes the file in C++ (any of its formats)
and writes it as OPL, its documented format of one plain line per object, which is then cut up
with a handful of array operations: 1.4 s for the same city.

It also means that node positions come from our own index, so the order of the objects in the file
and the sign of their ids do not matter: the location index of pyosmium gives *silently* invalid
positions to ways that stand before their nodes and to the negative ids of the JOSM editor.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Set
from pathlib import Path

import numpy as np
import osmium
from osmium.io import File

from quarterhour.arrays import Floats, Ints
from quarterhour.places.notes import Note
from quarterhour.sources.osm.objects import Members, Objects
from quarterhour.sources.osm.tag_text import Tags, TagTexts, parsed_tags, unescaped

BLOCK_BYTES = 1 << 22

_NODE_TAGS = re.compile(rb" T(\S+) ")
_UNPLACED = re.compile(rb"^n.* x y\n", re.MULTILINE)
_LETTERS = bytes.maketrans(b"nxyNw,", b"      ")
_DELETED = re.compile(rb"^\S+ (?:v\d+ )?dD .*\n", re.MULTILINE)
_METADATA = re.compile(rb"^(\S+) d[VD] t(\S*)", re.MULTILINE)


def decoded(path: Path, deleted: Set[bytes] = frozenset(), *, dated: bool) -> Objects:
    """Decode a file.

    Parameters
    ----------
    path
        A file of any format that libosmium reads.
    deleted
        Objects that count as deleted, as OPL names them.
    dated
        Whether to find out when the newest object was edited, and which are marked as deleted.
    """
    collected = _Collected(deleted)
    with tempfile.TemporaryDirectory(prefix="quarterhour-") as folder:
        opl = Path(folder) / "data.opl"
        # Only objects with their metadata say that they are deleted.
        _to_opl(path, opl, with_timestamps=dated)
        for block in _blocks(opl):
            collected.add(block, with_timestamps=dated)
    return collected.objects()


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


def _numbers(text: bytes) -> Floats:
    # Ids stay exact: they are far below 2**53.
    return np.fromstring(text.decode("ascii"), dtype=np.float64, sep=" ")


class _Collected:
    """What has been read so far; ``freeze`` sorts it and joins ways to nodes."""

    def __init__(self, deleted: Set[bytes] = frozenset()) -> None:
        self.deleted = deleted
        self.n_deleted = 0
        self.nodes: list[Floats] = []  # rows of id, lon, lat
        self.node_tags: dict[int, Tags] = {}
        self.way_id: list[int] = []
        self.way_length: list[int] = []
        self.way_refs: list[Ints] = []
        self.way_tags: list[Tags] = []
        self.relation_id: list[int] = []
        self.relation_tags: list[Tags] = []
        self.members: list[Members] = []
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

    def objects(self) -> Objects:
        """Put together what was read: nodes by id, and the last version of what is there twice."""
        nodes = np.concatenate(self.nodes) if self.nodes else np.empty((0, 3))
        given_id = nodes[:, 0].astype(np.int64)
        node_id, last = np.unique(given_id[::-1], return_index=True)
        nodes = nodes[len(nodes) - 1 - last]
        refs = np.concatenate(self.way_refs) if self.way_refs else np.empty(0, np.int64)
        ways, relations = _last_of_each(self.way_id), _last_of_each(self.relation_id)
        kept = np.zeros(len(self.way_id), bool)
        kept[ways] = True
        lengths = np.array(self.way_length, dtype=np.int64)
        return Objects(
            node_id=node_id,
            lon=nodes[:, 1],
            lat=nodes[:, 2],
            node_tags=self._tags_by_position(node_id),
            way_id=np.array(self.way_id, np.int64)[ways],
            way_offset=np.concatenate([[0], np.cumsum(lengths[ways])]).astype(np.int64),
            refs=refs[np.repeat(kept, lengths)],
            way_tags=tuple(self.way_tags[w] for w in ways),
            relation_id=tuple(self.relation_id[r] for r in relations),
            relation_tags=tuple(self.relation_tags[r] for r in relations),
            relation_members=tuple(self.members[r] for r in relations),
            newest=self.newest,
            notes=tuple(self._notes(len(given_id) - len(node_id))),
        )

    def _tags_by_position(self, node_id: Ints) -> dict[int, Tags]:
        tagged = np.fromiter(self.node_tags, np.int64, len(self.node_tags))
        at = np.searchsorted(node_id, tagged)
        return dict(zip(at.tolist(), self.node_tags.values(), strict=True))

    def _notes(self, repeated: int) -> Iterator[str]:
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


def _last_of_each(osmids: list[int]) -> list[int]:
    """Return the positions of the last object of each id, in file order."""
    return sorted({osmid: at for at, osmid in enumerate(osmids)}.values())
