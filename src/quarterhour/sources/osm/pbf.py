"""An OpenStreetMap PBF file, decoded into arrays.

Of the format's many forms this knows the one that every tool writes today: blobs packed by zlib
or not at all, dense nodes, 1e-7 degrees, objects sorted by type and id. Of anything else, and of
whatever does not add up, it says :class:`UnfitError`: libosmium, which knows all, reads it then
(:mod:`quarterhour.sources.osm.opl`), and the same comes out of it.

The format: https://wiki.openstreetmap.org/wiki/PBF_Format.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints
from quarterhour.sources.osm.objects import Members, Objects
from quarterhour.sources.osm.tag_text import NO_TAGS, Tags
from quarterhour.sources.osm.wire import (
    PAD,
    Bytes,
    Column,
    UnfitError,
    columns,
    fields,
    numbers,
    packed,
    parts,
    running,
    signed,
)

_KNOWN = {b"OsmSchema-V0.6", b"DenseNodes"}
_MOST_BYTES = 1 << 25
_GRANULARITY, _OFFSET, _DATE_GRANULARITY = 100, 0, 1000
_MEMBERS = "nwr"
_LARGEST = 180 * 10**7, 90 * 10**7


class TextError(ValueError):
    """A text is no UTF-8: whoever writes it on does not survive it."""


def decoded(path: Path, *, dated: bool) -> Objects:
    """Decode a file.

    Parameters
    ----------
    path
        A ``.pbf`` file.
    dated
        Whether to find out when the newest object was edited.

    Raises
    ------
    UnfitError
        If the file is of a form that is not known here, or damaged.
    TextError
        If a text in it is none.
    """
    read = _Read(dated=dated)
    try:
        with path.open("rb") as stream:
            for place, (kind, blob) in enumerate(_blobs(stream)):
                if kind != (b"OSMData" if place else b"OSMHeader"):
                    raise UnfitError("a blob of another kind")
                take = read.add if place else _check_header
                take(_inflated(blob))
        return read.objects()
    except TextError:
        raise
    except (IndexError, ValueError, OverflowError, zlib.error) as error:
        raise UnfitError(str(error)) from error


def decoded_blocks(path: Path) -> Iterator[Objects]:
    """Decode a file block by block, for whoever cannot hold all of it.

    Each block comes as :func:`decoded` gives a file; that the next one goes on where it ends is
    for the caller to see.

    Parameters
    ----------
    path
        A ``.pbf`` file.

    Raises
    ------
    UnfitError
        If the file is of a form that is not known here, or damaged.
    """
    try:
        with path.open("rb") as stream:
            for place, (kind, blob) in enumerate(_blobs(stream)):
                if kind != (b"OSMData" if place else b"OSMHeader"):
                    raise UnfitError("a blob of another kind")
                if place == 0:
                    _check_header(_inflated(blob))
                    continue
                read = _Read(dated=False)
                read.add(_inflated(blob))
                yield read.objects()
    except (IndexError, ValueError, OverflowError, zlib.error) as error:
        raise UnfitError(str(error)) from error


def _blobs(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    while size := stream.read(4):
        header = dict(fields(_whole(stream, int.from_bytes(size, "big"))))
        kind, length = header.get(1), header.get(3)
        if not isinstance(kind, bytes) or not isinstance(length, int):
            raise UnfitError("no header of a blob")
        yield kind, _whole(stream, length)


def _whole(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length) if length <= _MOST_BYTES else b""
    if len(data) != length:
        raise UnfitError("a blob is cut off")
    return data


def _inflated(blob: bytes) -> bytes:
    found = dict(fields(blob))
    plain = found.get(1)
    if isinstance(packed_up := found.get(3), bytes):
        plain = zlib.decompress(packed_up)
        if len(plain) != found.get(2):
            raise UnfitError("a blob has another size than it says")
    if not isinstance(plain, bytes):
        raise UnfitError("a blob is packed in another way")
    return plain


def _check_header(data: bytes) -> None:
    if not {value for number, value in fields(data) if number == 4} <= _KNOWN:
        raise UnfitError("a feature is needed that is not known")


class _Texts:
    """Texts of all blocks by number, and the sets of tags that there are."""

    def __init__(self) -> None:
        self.number: dict[bytes, int] = {}
        self.text: list[str] = []
        self.sets: dict[bytes, Tags] = {}

    def numbered(self, table: bytes) -> Ints:
        """Number the texts of a block."""
        begins, ends = parts(table).get(1, ((), ()))
        found = []
        for begin, end in zip(begins, ends, strict=True):
            raw = table[begin:end]
            if (number := self.number.setdefault(raw, len(self.text))) == len(self.text):
                self.text.append(_text(raw))
            found.append(number)
        return np.array(found, dtype=np.int64)

    def tags(self, pairs: Ints, offset: Ints) -> list[Tags]:
        """Give the tags of objects, whose keys and values follow each other; equal ones once."""
        raw, found = pairs.astype(np.int32).tobytes(), []
        for begin, end in pairwise((4 * offset).tolist()):
            if begin == end:
                found.append(NO_TAGS)
                continue
            key = raw[begin:end]
            if (tags := self.sets.get(key)) is None:
                texts = [self.text[k] for k in np.frombuffer(key, dtype=np.int32).tolist()]
                tags = self.sets[key] = dict(zip(texts[::2], texts[1::2], strict=True))
            found.append(tags)
        return found


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise TextError(str(error)) from error
    if "\0" in text:
        raise TextError("a text has a character that is none")
    return text


class _Block(NamedTuple):
    """What the objects of a block share: its bytes, and the numbers of its texts."""

    data: Bytes
    text: Ints


class _Read:
    """What has been read so far."""

    def __init__(self, *, dated: bool) -> None:
        self.dated = dated
        self.newest = 0
        self.texts = _Texts()
        self.node_id: list[Ints] = []
        self.at: list[Floats] = []
        self.n_nodes = 0
        self.node_tags: dict[int, Tags] = {}
        self.way_id: list[Ints] = []
        self.way_length: list[Ints] = []
        self.refs: list[Ints] = []
        self.way_tags: list[Tags] = []
        self.relation_id: list[Ints] = []
        self.relation_tags: list[Tags] = []
        self.members: list[Members] = []

    def add(self, block: bytes) -> None:
        """Read a block of objects."""
        groups, table = [], b""
        said = {17: _GRANULARITY, 18: _DATE_GRANULARITY, 19: _OFFSET, 20: _OFFSET}
        for number, value in fields(block):
            if isinstance(value, bytes):
                groups += [value] if number == 2 else []
                table = value if number == 1 else table
            elif said.get(number, value) != value:
                raise UnfitError("coordinates or dates are of another size")
        text = self.texts.numbered(table)
        for group in groups:
            mine = _Block(np.frombuffer(group + PAD, dtype=np.uint8), text)
            kinds = {2: self._nodes, 3: self._ways, 4: self._relations}
            for number, (begin, end) in parts(group).items():
                if number not in kinds:
                    raise UnfitError("objects of another kind")
                kinds[number](mine, begin, end)

    def _nodes(self, block: _Block, begin: Ints, end: Ints) -> None:
        for one in range(len(begin)):
            ids, info, *sides, pairs = (
                block.data[column.begin[0] : column.begin[0] + column.value[0]]
                for column in columns(block.data, begin[[one]], end[[one]], (), (1, 5, 8, 9, 10))
            )
            node_id = np.cumsum(signed(numbers(ids)))
            lat, lon = (np.cumsum(signed(numbers(side))) for side in sides)
            if len({len(node_id), len(lat), len(lon)}) > 1 or _beyond(lon, lat):
                raise UnfitError("nodes without a position")
            self.node_id.append(node_id)
            self.at.append(np.column_stack([lon, lat]) / 1e7)
            self._tag_nodes(numbers(pairs), block.text, len(node_id))
            self.n_nodes += len(node_id)
            if len(info):
                self._date_nodes(info)

    def _tag_nodes(self, pairs: Ints, text: Ints, n: int) -> None:
        """Keys and values of one node after the other, each followed by a 0."""
        if not len(pairs):
            return
        stop = np.flatnonzero(pairs == 0)
        length = np.diff(stop, prepend=-1) - 1
        if len(stop) != n or stop[-1] != len(pairs) - 1 or (length % 2).any():
            raise UnfitError("tags of other nodes")
        tagged = np.flatnonzero(length)
        offset = np.concatenate([[0], np.cumsum(length[tagged])])
        tags = self.texts.tags(text[pairs[pairs != 0]], offset)
        self.node_tags.update(zip((tagged + self.n_nodes).tolist(), tags, strict=True))

    def _date_nodes(self, info: Bytes) -> None:
        data = np.concatenate([info, np.frombuffer(PAD, dtype=np.uint8)])
        whole = np.array([0]), np.array([len(info)])
        times, visible = columns(data, *whole, (), (2, 6))
        if visible.begin[0]:
            raise UnfitError("nodes may be deleted")
        if self.dated:
            self._see(np.cumsum(signed(packed(data, times)[0])))

    def _ways(self, block: _Block, begin: Ints, end: Ints) -> None:
        osmid, keys, values, info, refs, places = columns(
            block.data, begin, end, (1,), (2, 3, 4, 8, 9)
        )
        if places.begin.any():
            raise UnfitError("ways with positions of their own")
        self.way_id.append(osmid.value)
        self.way_tags += self._tags(block, keys, values)
        flat, offset = packed(block.data, refs)
        self.refs.append(running(signed(flat), offset))
        self.way_length.append(np.diff(offset))
        self._date(block, info)

    def _relations(self, block: _Block, begin: Ints, end: Ints) -> None:
        osmid, keys, values, info, *member = columns(
            block.data, begin, end, (1,), (2, 3, 4, 8, 9, 10)
        )
        self.relation_id.append(osmid.value)
        self.relation_tags += self._tags(block, keys, values)
        (role, offset), (ref, other), (kind, third) = (packed(block.data, one) for one in member)
        if not (np.array_equal(offset, other) and np.array_equal(offset, third)):
            raise UnfitError("members without a role or a type")
        roles = [self.texts.text[k] for k in block.text[role].tolist()]
        kinds = [_MEMBERS[k] for k in kind.tolist()]
        rows = list(zip(kinds, running(signed(ref), offset).tolist(), roles, strict=True))
        self.members += [tuple(rows[a:b]) for a, b in pairwise(offset.tolist())]
        self._date(block, info)

    def _tags(self, block: _Block, keys: Column, values: Column) -> list[Tags]:
        (key, offset), (value, other) = packed(block.data, keys), packed(block.data, values)
        if not np.array_equal(offset, other):
            raise UnfitError("keys without values")
        return self.texts.tags(block.text[np.column_stack([key, value]).ravel()], 2 * offset)

    def _date(self, block: _Block, info: Column) -> None:
        if self.dated:
            times, visible = columns(block.data, info.begin, info.begin + info.value, (2, 6))
            if visible.begin.any():
                raise UnfitError("objects may be deleted")
            self._see(times.value)

    def _see(self, times: Ints) -> None:
        self.newest = max(self.newest, int(times.max(initial=0)))

    def objects(self) -> Objects:
        """Put together what was read."""
        ids = [_ascending(part) for part in (self.node_id, self.way_id, self.relation_id)]
        at = np.concatenate([np.empty((0, 2)), *self.at])
        newest = ""
        if self.newest:
            newest = datetime.fromtimestamp(self.newest, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        length = _joined(self.way_length)
        return Objects(
            node_id=ids[0],
            lon=at[:, 0],
            lat=at[:, 1],
            node_tags=self.node_tags,
            way_id=ids[1],
            way_offset=np.concatenate([[0], np.cumsum(length)]),
            refs=_joined(self.refs),
            way_tags=tuple(self.way_tags),
            relation_id=tuple(ids[2].tolist()),
            relation_tags=tuple(self.relation_tags),
            relation_members=tuple(self.members),
            newest=newest,
        )


def _beyond(lon: Ints, lat: Ints) -> bool:
    east, north = _LARGEST
    return bool((np.abs(lon) > east).any() or (np.abs(lat) > north).any())


def _ascending(found: list[Ints]) -> Ints:
    ids = _joined(found)
    if (np.diff(ids) <= 0).any():
        raise UnfitError("objects are not sorted, or there twice")
    return ids


def _joined(found: list[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *found])
