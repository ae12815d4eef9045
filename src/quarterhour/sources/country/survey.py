"""A look over a whole extract in one pass: where everything is, in arrays on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import osmium
from osmium.io import Reader

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.places.attribution import OSM, SYNTHETIC
from quarterhour.sources.osm import opl
from quarterhour.sources.osm.areas import is_residential
from quarterhour.sources.osm.buildings import RESIDENTIAL
from quarterhour.sources.osm.objects import Members, Objects
from quarterhour.sources.osm.pbf import decoded_blocks
from quarterhour.sources.osm.places import facility_tags
from quarterhour.sources.osm.squares import is_walkable_area
from quarterhour.sources.osm.tag_text import Tags
from quarterhour.sources.osm.wire import UnfitError

AREA, FACILITY, DWELLING, RESIDENCE = 1, 2, 4, 8
"""What a way or a relation is, as flags."""

UNIT = 1e-7
"""Degrees of one unit of a stored position."""

_ACROSS = "{0} lies on both sides of 180°: cut it there, and split the halves."
_RIM = 179.5  # degrees; no halo is wider than what is left

_UNSORTED = (
    "{0} is not sorted by id (object {1} comes after {2}), or holds deleted objects: sort it with "
    "osmium sort."
)
_BATCH = 1 << 20
_FLAT = npt.NDArray[np.int32]


class Relation(NamedTuple):
    """A relation that makes a shape: what it is, and its members."""

    osmid: int
    flags: int
    ways: Ints
    nodes: Ints


class Header(NamedTuple):
    """What a file says of itself."""

    box: tuple[float, float, float, float] | None  # west, south, east, north
    timestamp: str
    attribution: str


class Survey(NamedTuple):
    """Where everything in an extract is.

    Nodes are sorted by id. Way ``w`` runs through the nodes at ``way_nodes[way_offset[w] :
    way_offset[w + 1]]``, -1 where the extract lacks one. The arrays lie on disk.
    """

    header: Header
    node_id: Ints
    node_xy: _FLAT  # (n, 2) longitude and latitude, in units of UNIT degrees
    way_id: Ints
    way_offset: Ints
    way_nodes: Ints
    way_flags: npt.NDArray[np.uint8]
    relations: tuple[Relation, ...]

    def lonlat(self, nodes: Ints) -> Floats:
        """Give the positions of nodes in degrees, ``(k, 2)``."""
        return np.asarray(self.node_xy[nodes], dtype=np.float64) * UNIT

    def has(self, flag: int) -> bool:
        """Tell whether anything is what a flag says."""
        related = any(one.flags & flag for one in self.relations)
        return related or bool((np.asarray(self.way_flags) & flag).any())

    def dwellings(self) -> Floats:
        """Give where the residential buildings stand, in degrees: the first corner of each."""
        ways = np.flatnonzero(np.asarray(self.way_flags) & DWELLING)
        first = np.asarray(self.way_nodes[np.asarray(self.way_offset[ways])])
        return self.lonlat(first[first >= 0])


def flags_of(tags: Tags) -> int:
    """Tell what an object is by its tags."""
    if not tags:
        return 0
    building = tags.get("building", "no")
    flags = DWELLING if building in RESIDENTIAL or building == "yes" else 0
    flags |= RESIDENCE if building in RESIDENTIAL else 0
    flags |= AREA if is_residential(tags) else 0
    return flags | (FACILITY if facility_tags(tags) else 0)


def survey(path: Path, folder: Path) -> Survey:
    """Look over an extract.

    Parameters
    ----------
    path
        An OpenStreetMap file, sorted by type and id.
    folder
        An empty folder for the arrays: about 40 bytes for each node of the extract.

    Returns
    -------
    Survey

    Raises
    ------
    InputError
        If the file cannot be read, is not sorted, or lies on both sides of 180°.
    """
    header = header_of(path)
    try:
        nodes, relations = _written(_blocks(path), folder)
    except UnfitError:
        try:
            nodes, relations = _written(_whole(path), folder)
        except RuntimeError as error:
            msg = f"{path} cannot be read as OpenStreetMap data ({error}). Download it again."
            raise InputError(msg) from error
    if not nodes:
        msg = f"{path} holds no nodes. Pass an extract with nodes and ways."
        raise InputError(msg)
    node_id, node_xy = _open(folder, "node_id", np.int64), _open(folder, "node_xy", np.int32)
    lon = node_xy[::2]
    if lon.max() > _RIM / UNIT and lon.min() < -_RIM / UNIT:
        raise InputError(_ACROSS.format(path))
    length = _open(folder, "way_length", np.int64)
    offset = _kept(folder, "way_offset", np.concatenate([[0], np.cumsum(length)]))
    refs = _open(folder, "way_refs", np.int64)
    with (folder / "way_nodes").open("wb") as file:
        for part in _parts(len(refs)):
            positions(node_id, np.asarray(refs[part])).tofile(file)
    return Survey(
        header=header,
        node_id=node_id,
        node_xy=node_xy.reshape(-1, 2),
        way_id=_open(folder, "way_id", np.int64),
        way_offset=offset,
        way_nodes=_open(folder, "way_nodes", np.int64),
        way_flags=_open(folder, "way_flags", np.uint8),
        relations=tuple(relations),
    )


def positions(sorted_ids: Ints, wanted: Ints) -> Ints:
    """Give where ids stand among sorted ones, -1 where they are not."""
    if not len(sorted_ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(sorted_ids, wanted), len(sorted_ids) - 1)
    return np.where(sorted_ids[at] == wanted, at, -1).astype(np.int64)


def header_of(path: Path) -> Header:
    """Read what a file says of itself.

    Raises
    ------
    InputError
        If there is no such file, or it is no extract.
    """
    if not path.is_file():
        msg = f"There is no file {path}."
        raise InputError(msg)
    try:
        with Reader(str(path), osmium.osm.NOTHING) as reader:
            header = reader.header()
    except RuntimeError as error:
        msg = f"{path} cannot be read as OpenStreetMap data ({error})."
        raise InputError(msg) from error
    if header.has_multiple_object_versions:
        msg = f"{path} is a history or change file; pass a plain extract."
        raise InputError(msg)
    box = header.box()
    corners = (
        (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
        if box.valid()
        else None
    )
    if corners is not None and corners[0] > corners[2]:
        raise InputError(_ACROSS.format(path))
    made_up = SYNTHETIC in header.get("generator").lower()
    timestamp = header.get("osmosis_replication_timestamp")
    return Header(corners, timestamp, SYNTHETIC if made_up else OSM)


def _blocks(path: Path) -> Iterator[Objects]:
    """Give the objects of a file piece by piece, in the order of their ids.

    Raises
    ------
    InputError
        If they are not in this order.
    """
    last = [-np.inf, -np.inf]
    for block in decoded_blocks(path):
        for k, ids in enumerate((block.node_id, block.way_id)):
            if len(ids):
                if ids[0] <= last[k]:
                    raise InputError(_UNSORTED.format(path, ids[0], int(last[k])))
                last[k] = float(ids[-1])
        yield block


def _whole(path: Path) -> Iterator[Objects]:
    """Give the objects of a file of another form, all at once."""
    last: dict[str, int] = {}
    one: Any
    for one in osmium.FileProcessor(str(path)):
        kind, osmid = one.type_str(), one.id
        if one.deleted or osmid <= last.get(kind, osmid - 1):
            raise InputError(_UNSORTED.format(path, osmid, last.get(kind, osmid)))
        last[kind] = osmid
    yield opl.decoded(path, dated=False)


def _written(blocks: Iterable[Objects], folder: Path) -> tuple[int, list[Relation]]:
    """Write where nodes and ways are; give the number of nodes and the relations with shapes."""
    count, found = 0, list[Relation]()
    names = ("node_id", "node_xy", "way_id", "way_length", "way_refs", "way_flags")
    with ExitStack() as stack:
        files = [stack.enter_context((folder / name).open("wb")) for name in names]
        for block in blocks:
            count += len(block.node_id)
            degrees = np.column_stack([block.lon, block.lat])
            flags = _way_flags(block)
            columns = (
                block.node_id,
                np.rint(degrees / UNIT).astype(np.int32),
                block.way_id,
                np.diff(block.way_offset),
                block.refs,
                flags,
            )
            for column, file in zip(columns, files, strict=True):
                np.ascontiguousarray(column).tofile(file)
            relations = (block.relation_id, block.relation_tags, block.relation_members)
            for osmid, tags, members in zip(*relations, strict=True):
                found += _relation(osmid, tags, members)
    return count, found


def _way_flags(block: Objects) -> npt.NDArray[np.uint8]:
    """Tell what closed ways are; equal tags are looked at once."""
    known: dict[int, int] = {}
    begin, end = block.way_offset[:-1], block.way_offset[1:]
    closed = np.flatnonzero(end - begin > 3)
    closed = closed[block.refs[begin[closed]] == block.refs[end[closed] - 1]]
    flags = np.zeros(len(begin), dtype=np.uint8)
    for way in closed.tolist():
        tags = block.way_tags[way]
        if id(tags) not in known:
            known[id(tags)] = flags_of(tags)
        flags[way] = known[id(tags)]
    return flags


def _relation(osmid: int, tags: Tags, members: Members) -> list[Relation]:
    flags = flags_of(tags)
    if not flags and not is_walkable_area(tags) and tags.get("type") != "multipolygon":
        return []
    refs = {kind: [ref for k, ref, _ in members if k == kind] for kind in "wn"}
    ways, nodes = (np.array(refs[kind], np.int64) for kind in "wn")
    return [Relation(osmid, flags, ways, nodes)]


def _parts(n: int) -> Iterator[slice]:
    return (slice(first, min(first + _BATCH, n)) for first in range(0, n, _BATCH))


def _open(folder: Path, name: str, kind: Any) -> Any:
    path = folder / name
    if path.stat().st_size == 0:
        return np.empty(0, dtype=kind)
    return np.memmap(path, dtype=kind, mode="r")


def _kept(folder: Path, name: str, values: Any) -> Any:
    values.astype(np.int64).tofile(folder / name)
    return _open(folder, name, np.int64)
