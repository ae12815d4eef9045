"""PBF decoded by arrays is what libosmium reads of it, and what is not known here is left to it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osm_worlds import node_xml, relation_xml, way_xml, write
from quarterhour.errors import InputError
from quarterhour.sources.osm import opl, pbf
from quarterhour.sources.osm.file import read_file
from quarterhour.sources.osm.objects import Objects
from quarterhour.sources.osm.wire import (
    PAD,
    Column,
    UnfitError,
    columns,
    numbers,
    packed,
    running,
    signed,
)

CITIES = ["helsinki", "las-palmas", "monaco", "porto", "porto-alegre", "beijing-haidian-2017"]


def same(one: Objects, other: Objects) -> None:
    for name, mine, theirs in zip(Objects._fields, one, other, strict=True):
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype, name
            assert np.array_equal(mine, theirs), name
        else:
            assert mine == theirs, name
    assert list(one.node_tags) == list(other.node_tags)
    assert [list(tags) for tags in one.way_tags] == [list(tags) for tags in other.way_tags]


def as_pbf(path: Path, options: str = "") -> Path:
    """The same file as PBF, written by libosmium."""
    packed_up = path.with_suffix(".osm.pbf")
    packed_up.unlink(missing_ok=True)
    with osmium.SimpleWriter(osmium.io.File(str(packed_up), f"pbf{options}")) as writer:
        osmium.apply(str(path), writer)
    return packed_up


def world(folder: Path, *more: str) -> Path:
    return write(
        folder,
        node_xml(-5, 0, 0),
        node_xml(1, 0, 0, {"name": "東, 50 % = \U00020b9f\n", "shop": "yes"}),
        node_xml(2, 30, -10, {"shop": "yes", "name": "東, 50 % = \U00020b9f\n"}),
        node_xml(9_000_000_000, 60, 5, {"shop": "yes", "name": ""}),
        way_xml(3, [1, 2, 9_000_000_000, 1], {"highway": "footway"}),
        way_xml(4, [2, 77], {}),
        way_xml(5, [], {"note": "x" * 300}),
        relation_xml(6, [("node", 2, ""), ("way", 4, "門"), ("relation", 6, "outer")], {"a": "b"}),
        relation_xml(7, [], {}),
        *more,
    )


@pytest.mark.parametrize("options", ["", ",pbf_compression=none"])
@pytest.mark.parametrize("dated", [False, True])
def test_a_small_world_is_what_libosmium_reads(tmp_path, options, dated):
    path = as_pbf(world(tmp_path), options)
    same(pbf.decoded(path, dated=dated), opl.decoded(path, dated=dated))


def test_the_sample_is_what_libosmium_reads(samples):
    path = samples / "helsinki.osm.pbf"
    same(pbf.decoded(path, dated=True), opl.decoded(path, dated=True))


@pytest.mark.long
@pytest.mark.parametrize("name", CITIES)
def test_every_extract_is_what_libosmium_reads(shared_data, name):
    path = shared_data(f"{name}.osm.pbf")
    same(pbf.decoded(path, dated=False), opl.decoded(path, dated=False))


def unfit(path: Path, *, dated: bool = False) -> None:
    """The fast way says no, and the file is read all the same."""
    with pytest.raises(UnfitError):
        pbf.decoded(path, dated=dated)
    theirs = opl.decoded(path, dated=dated or not read_timestamp(path))
    file = read_file(path)
    assert np.array_equal(file.node_id, theirs.node_id)
    assert np.array_equal(file.lon, theirs.lon)
    assert file.node_tags == theirs.node_tags
    assert file.way_tags == theirs.way_tags


def read_timestamp(path: Path) -> str:
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        return reader.header().get("osmosis_replication_timestamp")


@pytest.mark.parametrize(
    "options",
    [",pbf_dense_nodes=false", ",pbf_compression=lz4", ",locations_on_ways=true"],
)
def test_other_forms_are_left_to_libosmium(tmp_path, options):
    try:
        path = as_pbf(world(tmp_path), options)
    except (RuntimeError, ValueError) as error:
        pytest.skip(f"this libosmium does not write it: {error}")
    if "locations" in options:
        with pytest.raises(UnfitError):
            pbf.decoded(path, dated=False)
        return
    unfit(path)


@pytest.mark.parametrize(
    "more",
    [
        node_xml(1, 5, 5),  # a node twice
        way_xml(2, [1, 2], {"highway": "path"}),  # ways out of order
        relation_xml(6, [], {"a": "c"}),  # a relation twice
    ],
)
def test_objects_out_of_order_or_twice_are_left_to_libosmium(tmp_path, more):
    unfit(as_pbf(world(tmp_path, more)))


@pytest.mark.parametrize("dated", [False, True])
def test_deleted_nodes_are_left_to_libosmium(tmp_path, dated):
    gone = '<node id="5" version="2" timestamp="2020-01-01T00:00:00Z" visible="false"/>'
    path = as_pbf(write(tmp_path, node_xml(1, 0, 0), gone, node_xml(7, 9, 9), name="gone.osm"))
    with pytest.raises(UnfitError):
        pbf.decoded(path, dated=dated)
    file = read_file(path)
    assert file.node_id.tolist() == [1, 7]
    assert "1 nodes without a position" in file.notes[0]


@pytest.mark.parametrize("group", [b"\x12\x04\x2a\x02\x32\x00", b"\x1a\x04\x22\x02\x30\x00"])
def test_objects_that_may_be_deleted_are_left_to_libosmium(tmp_path, group):
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(blob(b"OSMHeader", b"") + blob(b"OSMData", b"\x12" + number(6) + group))
    with pytest.raises(UnfitError, match="deleted"):
        pbf.decoded(path, dated=True)


def test_damaged_bytes_are_refused_or_read_as_libosmium_reads_them(tmp_path):
    """A bit of every third byte is another one: blobs that are not packed have no checksum."""
    whole = as_pbf(world(tmp_path), ",pbf_compression=none,add_metadata=false").read_bytes()
    path = tmp_path / "broken.osm.pbf"
    refused = 0
    for place in range(0, len(whole), 3):
        broken = bytearray(whole)
        broken[place] ^= 1 << place % 7
        path.write_bytes(broken)
        try:
            mine = pbf.decoded(path, dated=False)
        except (UnfitError, pbf.TextError):
            refused += 1
            continue
        same(mine, opl.decoded(path, dated=False))
    assert 50 < refused < len(whole) // 3 - 50


def test_texts_that_are_none_are_one_sentence(tmp_path):
    whole = as_pbf(world(tmp_path), ",pbf_compression=none").read_bytes()
    for broken in ("門".encode()[:2] + b"\xff", b"a\0b"):
        path = tmp_path / "broken.osm.pbf"
        path.write_bytes(whole.replace("門".encode(), broken))
        with pytest.raises(InputError, match="damaged"):
            read_file(path)


def test_a_file_cut_off_anywhere_is_refused(samples, tmp_path):
    whole = (samples / "helsinki.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    for length in (150, 5_000, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="damaged, cut off"):
            read_file(path)


def number(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


@given(st.lists(st.lists(st.integers(-(2**62), 2**62), max_size=5), min_size=1, max_size=6))
def test_numbers_of_many_messages_come_back(rows):
    texts = [b"".join(number(2 * v if v >= 0 else -2 * v - 1) for v in row) for row in rows]
    raw = [b"\x08\x05" + b"\x42" + number(len(text)) + text for text in texts]
    data = np.frombuffer(b"".join(raw) + PAD, dtype=np.uint8)
    end = np.cumsum([len(one) for one in raw])
    begin = end - [len(one) for one in raw]
    five, eight, nine = columns(data, begin, end, (1,), (8, 9))
    assert five.value.tolist() == [5] * len(rows)
    assert not nine.begin.any()
    values, offset = packed(data, eight)
    assert np.diff(offset).tolist() == [len(row) for row in rows]
    assert signed(values).tolist() == [value for row in rows for value in row]
    small = np.array([value % 1000 for row in rows for value in row], dtype=np.int64)
    sums = [np.cumsum([v % 1000 for v in row]).tolist() for row in rows]
    assert running(small, offset).tolist() == [value for row in sums for value in row]


@pytest.mark.parametrize("raw", [b"\x80", b"\xff" * 11 + b"\x01"])
def test_numbers_that_are_none_are_refused(raw):
    with pytest.raises(UnfitError):
        numbers(np.frombuffer(raw, dtype=np.uint8))


@pytest.mark.parametrize(
    "raw",
    [
        b"\x42\x05ab",
        b"\x0a\x00",
        b"\x40\x01",
        b"\x02\x00",
        b"\x45abcd",
        b"\x08\x01\x08\x02",
        b"\x08\x80",
    ],
)
def test_messages_that_are_none_are_refused(raw):
    data = np.frombuffer(raw + PAD, dtype=np.uint8)
    with pytest.raises(UnfitError):
        columns(data, np.array([0]), np.array([len(raw)]), (1,), (8,))


def test_a_packed_number_that_is_cut_off_is_refused():
    data = np.frombuffer(b"\x80\x01\x80" + PAD, dtype=np.uint8)
    with pytest.raises(UnfitError):
        packed(data, Column(np.array([0, 2]), np.array([2, 1])))


def blob(kind: bytes, data: bytes, raw_size: int | None = None) -> bytes:
    size = len(data) if raw_size is None else raw_size
    body = b"\x10" + number(size) + b"\x1a"
    packed_up = zlib.compress(data)
    body += number(len(packed_up)) + packed_up
    header = b"\x0a" + number(len(kind)) + kind + b"\x18" + number(len(body))
    return struct.pack(">i", len(header)) + header + body


@pytest.mark.parametrize(
    ("kind", "data", "raw_size"),
    [
        (b"OSMHeader", b"\x22\x0bnot-known-X", None),
        (b"OSMData", b"\x0a\x00", 7),
        (b"OSMData", b"\x88\x01\x07", None),  # another granularity
        (b"OSMData", b"\x12\x02\x0a\x00", None),  # nodes that are not dense
        (b"OSMData", b"\x12\x04\x1a\x02\x42\x00\x00", None),
    ],
)
def test_blobs_that_say_something_else_are_refused(tmp_path, kind, data, raw_size):
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(blob(kind, data, raw_size))
    with pytest.raises(UnfitError):
        pbf.decoded(path, dated=False)
