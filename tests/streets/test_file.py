"""A network in one file: the same arrays come back, and bad files are refused in a sentence."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import shapely

import worlds
from quarterhour.errors import InputError, OutputError
from quarterhour.sources.osm.read import read_osm
from quarterhour.streets.network import WalkNetwork

ARRAYS = (
    "node_xy",
    "node_osmid",
    "edge_nodes",
    "edge_length_m",
    "edge_osmid",
    "coords",
    "coord_offset",
)


def assert_same(a: WalkNetwork, b: WalkNetwork) -> None:
    for name in ARRAYS:
        mine, other = getattr(a, name), getattr(b, name)
        assert mine.dtype == other.dtype, name
        assert np.array_equal(mine, other), name
    assert set(a.traits) == set(b.traits)
    for name, values in a.traits.items():
        assert values.dtype == b.traits[name].dtype, name
        assert values.tolist() == b.traits[name].tolist(), name
    assert a.crs == b.crs
    assert a.extent.equals(b.extent)
    assert dict(a.metadata) == dict(b.metadata)
    assert a.sha256 == b.sha256


def awkward() -> WalkNetwork:
    """Chinese names, an id beyond 32 bits, a third of a metre, a one-way, an extent of its own."""
    return WalkNetwork.build(
        crs=worlds.CRS,
        node_xy=[(1 / 3, 0), (100, 0.1), (100, 50)],
        edge_nodes=[(0, 1), (2, 1)],
        coords=[(1 / 3, 0), (60, 0), (100, 0.1), (100, 50), (100, 0.1)],
        coord_offset=[0, 3, 5],
        node_osmid=[2**40, 8, 9],
        edge_osmid=[2**41, 0],
        traits={
            "name": np.array(["学院路", "rue de l’Église"], dtype=object),
            "oneway_foot": np.array([1, -1], dtype=np.int8),
            "own": np.array([1.5, np.nan]),
        },
        extent=shapely.Point(0, 0).buffer(1 / 7),
        metadata={"source": "街道.osm", "osm_timestamp": "2026-01-01"},
    )


@pytest.mark.parametrize(
    "make", [awkward, worlds.grid_world, worlds.island_world], ids=lambda f: f.__name__
)
def test_round_trip_is_exact(make, tmp_path):
    network = make()
    path = network.save(tmp_path / "streets.npz")
    assert path == tmp_path / "streets.npz"
    again = WalkNetwork.load(path)
    nan_safe = {k: v for k, v in network.traits.items() if k != "own"}
    if "own" in network.traits:
        assert np.array_equal(again.traits["own"], network.traits["own"], equal_nan=True)
    for name, values in nan_safe.items():
        assert values.tolist() == again.traits[name].tolist()
    for name in ARRAYS:
        assert np.array_equal(getattr(network, name), getattr(again, name))
    assert again.sha256 == network.sha256
    assert again.extent.equals(network.extent)
    assert dict(again.metadata) == dict(network.metadata)
    assert not again.node_xy.flags.writeable


def test_file_name_gets_its_ending(tmp_path):
    path = worlds.line_world().save(tmp_path / "helsinki.osm")
    assert path.name == "helsinki.osm.npz"
    assert [p.name for p in tmp_path.iterdir()] == ["helsinki.osm.npz"]


def test_an_older_file_is_replaced(tmp_path):
    worlds.grid_world().save(tmp_path / "a.npz")
    worlds.line_world().save(tmp_path / "a.npz")
    assert WalkNetwork.load(tmp_path / "a.npz").n_edges == 1


def test_real_streets_come_back_the_same(tmp_path):
    network = worlds.helsinki().streets
    assert_same(network, WalkNetwork.load(network.save(tmp_path / "helsinki.npz")))


# --- bad files ----------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"There is no file .*nowhere\.npz"):
        WalkNetwork.load(tmp_path / "nowhere.npz")


def saved(tmp_path):
    return worlds.grid_world().save(tmp_path / "a.npz")


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribbled(path):
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(255 - b for b in data[middle : middle + 64])
    path.write_bytes(bytes(data))


def emptied(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("not a network")


def another_archive(path):
    np.savez(path, a=np.arange(3))


def other_header(path):
    np.savez(path, header=np.array("[1, 2]"))


def no_arrays(path):
    header = {"format": 1, "crs": "EPSG:32650", "extent": "POLYGON EMPTY", "metadata": {}}
    np.savez(path, header=np.array(json.dumps(header)))


def pickled(path):
    np.savez(path, header=np.array([{"format": 1}], dtype=object))


def a_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [
        cut,
        scribbled,
        emptied,
        text,
        another_archive,
        other_header,
        no_arrays,
        pickled,
        a_folder,
    ],
    ids=lambda f: f.__name__,
)
def test_damaged_and_foreign_files_are_refused(spoil, tmp_path):
    path = saved(tmp_path)
    spoil(path)
    with pytest.raises(InputError, match=r"a\.npz is not a network saved by quarterhour"):
        WalkNetwork.load(path)


def test_another_version_is_refused(tmp_path):
    path = saved(tmp_path)
    with np.load(path) as file:
        data = dict(file)
    header = json.loads(str(data["header"])) | {"format": 99}
    np.savez(path, **(data | {"header": np.array(json.dumps(header))}))
    with pytest.raises(InputError, match="another version of quarterhour"):
        WalkNetwork.load(path)


def test_the_folder_is_made_or_the_fault_is_said_and_nothing_is_left(tmp_path):
    path = worlds.line_world().save(tmp_path / "new" / "a.npz")
    assert WalkNetwork.load(path).n_edges == 1
    with pytest.raises(OutputError, match="Cannot make the folder"):
        worlds.line_world().save(path / "a.npz")
    assert [p.name for p in tmp_path.rglob("*")] == ["new", "a.npz"]


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path):
    (tmp_path / "a.npz").mkdir()
    with pytest.raises(OutputError, match="Cannot write"):
        worlds.line_world().save(tmp_path / "a.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.slow
def test_loading_takes_a_fraction_of_reading_the_extract(shared_data, tmp_path):
    source = shared_data("las-palmas.osm.pbf")
    began = time.perf_counter()
    network = read_osm(source).streets
    reading_s = time.perf_counter() - began
    path = network.save(tmp_path / "las-palmas.npz")
    began = time.perf_counter()
    again = WalkNetwork.load(path)
    loading_s = time.perf_counter() - began
    assert_same(network, again)
    assert loading_s < reading_s / 3
