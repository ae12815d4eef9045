"""Tiles are cut in one pass, whole objects in them, and are not cut again."""

from __future__ import annotations

import errno
import json
import shutil
import time

import numpy as np
import osmium
import pytest

import quarterhour as qh
from country_worlds import QUESTION, country
from quarterhour.errors import InputError, OutputError
from quarterhour.sources.country import extracts
from quarterhour.sources.country import survey as survey_of
from quarterhour.sources.country.tiles import NAME


def objects_in(path):
    """Nodes by id, members of ways and relations by id."""
    found = {}
    for one in osmium.FileProcessor(str(path)):
        if one.is_node():
            found["n", one.id] = (one.location.x, one.location.y, dict(one.tags))
        elif one.is_way():
            found["w", one.id] = ([node.ref for node in one.nodes], dict(one.tags))
        else:
            found["r", one.id] = ([(m.type, m.ref, m.role) for m in one.members], dict(one.tags))
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country")
    path = country(folder)
    return path, qh.split(path, folder / "tiles", QUESTION, tiles=4)


def test_every_object_is_somewhere_and_as_it_was(world):
    path, tiles = world
    whole = objects_in(path)
    parts = [objects_in(tiles.path(name)) for name in tiles.names()]
    assert set().union(*parts) == set(whole)
    for part in parts:
        assert all(whole[key] == one for key, one in part.items())


def test_ways_and_shapes_are_whole_in_every_tile(world):
    _, tiles = world
    for name in tiles.names():
        part = objects_in(tiles.path(name))
        for key, one in part.items():
            if key[0] == "w":
                assert all(("n", ref) in part for ref in one[0])
            if key[0] == "r":
                assert all((kind, ref) in part for kind, ref, _ in one[0])


def test_a_wide_park_is_there_with_its_entrance(world):
    """The street enters it far in the west; the tile in the east knows."""
    _, tiles = world
    held = [name for name in tiles.names() if ("w", 6600) in objects_in(tiles.path(name))]
    assert len(held) >= 2
    for name in held:
        assert ("w", 30_000) in objects_in(tiles.path(name))


def test_folders_are_named_from_where_one_is(world, tmp_path, monkeypatch):
    path, tiles = world
    monkeypatch.chdir(tmp_path)
    here = qh.split(path, "tiles", QUESTION, tiles=4)
    for one, other in zip(here.tiles, tiles.tiles, strict=True):
        assert objects_in(here.path(one.name)) == objects_in(tiles.path(other.name))


def test_the_same_command_twice_cuts_nothing(world):
    path, tiles = world
    before = {name: tiles.path(name).stat().st_mtime_ns for name in tiles.names()}
    again = qh.split(path, tiles.folder, QUESTION, tiles=4)
    assert again == tiles
    assert {name: again.path(name).stat().st_mtime_ns for name in again.names()} == before


def test_only_what_lacks_is_cut_again(world):
    path, tiles = world
    first, second, *rest = tiles.names()
    tiles.path(first).unlink()
    tiles.path(second).write_bytes(b"damaged")
    with pytest.raises(InputError, match=f"Tile {second} .* is damaged"):
        tiles.read(second)
    with pytest.raises(InputError, match=f"Tile {first} is not there"):
        tiles.read(first)
    before = {name: tiles.path(name).stat().st_mtime_ns for name in rest}
    again = qh.split(path, tiles.folder, QUESTION, tiles=4)
    assert {name: again.path(name).stat().st_mtime_ns for name in rest} == before
    assert len(again.read(first).areas)
    assert len(again.read(second).areas)


def test_a_folder_of_other_tiles_is_left_alone(world):
    path, tiles = world
    with pytest.raises(InputError, match=r"holds tiles of country\.osm, divided by even numbers"):
        qh.split(path, tiles.folder, QUESTION, tiles=3)


def test_what_is_not_sorted_is_refused(tmp_path):
    text = country(tmp_path).read_text(encoding="utf-8")
    first, _, rest = text.partition("</node>")
    head, _, node = first.rpartition("<node")
    last = rest.rpartition("</node>")
    path = tmp_path / "shuffled.osm"
    path.write_text(f"{head}{last[0]}</node><node{node}</node>{last[2]}", encoding="utf-8")
    with pytest.raises(InputError, match=r"is not sorted by id \(object 1 comes after"):
        qh.split(path, tmp_path / "tiles", QUESTION, tiles=2)
    assert not list((tmp_path / "tiles").iterdir())


@pytest.mark.parametrize("box", ["", '<bounds minlat="-1" minlon="179" maxlat="1" maxlon="-179"/>'])
def test_an_extract_across_180_degrees_is_refused(tmp_path, box):
    """Whether its header says so or its nodes alone do: no walk may be lost at the seam."""
    nodes = "".join(
        f'<node id="{k}" lat="0" lon="{lon}"/>' for k, lon in enumerate([179.99, -179.99], 1)
    )
    way = '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>'
    path = tmp_path / "islands.osm"
    path.write_text(f'<osm version="0.6">{box}{nodes}{way}</osm>', encoding="utf-8")
    with pytest.raises(InputError, match=r"lies on both sides of 180°: cut it there"):
        qh.split(path, tmp_path / "tiles", QUESTION, tiles=2)
    assert not (tmp_path / "tiles" / NAME).exists()


def test_a_packed_extract_is_surveyed_block_by_block(tmp_path, monkeypatch):
    """The same arrays, of the packed file in blocks as of the text as a whole."""
    path = country(tmp_path)
    packed = tmp_path / "country.osm.pbf"
    with osmium.SimpleWriter(str(packed)) as writer:
        osmium.apply(str(path), writer)
    found = []
    for number, one in enumerate((path, packed)):
        folder = tmp_path / str(number)
        folder.mkdir()
        if one is packed:
            monkeypatch.setattr(survey_of, "_whole", None)
        found.append(survey_of.survey(one, folder))
    for name in ("node_id", "node_xy", "way_id", "way_offset", "way_nodes", "way_flags"):
        assert np.array_equal(*(getattr(one, name) for one in found))
    assert [one.osmid for one in found[0].relations] == [one.osmid for one in found[1].relations]


def test_a_folder_without_tiles(tmp_path):
    with pytest.raises(InputError, match="holds no tiles"):
        qh.open_tiles(tmp_path)
    (tmp_path / NAME).write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        qh.open_tiles(tmp_path)


def test_tiles_are_opened_as_they_were_written(world):
    _, tiles = world
    assert qh.open_tiles(tiles.folder) == tiles
    told = json.loads((tiles.folder / NAME).read_text(encoding="utf-8"))
    assert told["cut_by"] in (extracts.OSMIUM, extracts.PYOSMIUM)
    assert told["whole"]["crs"] == "EPSG:32635"


@pytest.mark.skipif(shutil.which("osmium") is None, reason="osmium-tool is not installed")
def test_osmium_tool_and_pyosmium_cut_the_same(world, tmp_path, monkeypatch):
    path, _ = world
    found = {}
    for tool in (extracts.OSMIUM, extracts.PYOSMIUM):
        monkeypatch.setattr("quarterhour.sources.country.split.cutter", lambda *_, tool=tool: tool)
        tiles = qh.split(path, tmp_path / tool, QUESTION, tiles=4)
        assert tiles.cut_by == tool
        found[tool] = [objects_in(tiles.path(name)) for name in tiles.names()]
    for one, other in zip(*found.values(), strict=True):
        assert one == other


def _no_space(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_osmium_tool_cuts_where_the_machine_has_memory_for_it(tmp_path, monkeypatch):
    found = survey_of.survey(country(tmp_path), tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert extracts.cutter(found, 1) == extracts.PYOSMIUM
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(extracts, "_memory_bytes", lambda: 1 << 30)
    assert extracts.cutter(found, 4) == extracts.OSMIUM
    assert extracts.cutter(found, 64) == extracts.PYOSMIUM  # a GB for the ids of 64 tiles
    monkeypatch.setattr(extracts, "_memory_bytes", lambda: 1 << 40)
    assert extracts.cutter(found, 64) == extracts.OSMIUM
    assert extracts.cutter(found, 100) == extracts.PYOSMIUM  # 1.6 GB, however large the machine


def test_nothing_is_left_of_a_run_that_was_broken_off(world, tmp_path, monkeypatch):
    path, _ = world
    monkeypatch.setattr("quarterhour.sources.country.split.cut", _no_space)
    with pytest.raises(OutputError, match="No space left on device"):
        qh.split(path, tmp_path / "tiles", QUESTION, tiles=2)
    assert [p.name for p in (tmp_path / "tiles").iterdir()] == [NAME]
    monkeypatch.undo()
    begun = time.time()
    tiles = qh.split(path, tmp_path / "tiles", QUESTION, tiles=2)
    assert all(tiles.path(name).stat().st_mtime >= begun - 1 for name in tiles.names())
