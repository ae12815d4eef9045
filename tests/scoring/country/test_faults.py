"""What goes wrong in one tile costs that tile and nothing else, and nothing is done twice."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from dataclasses import replace

import pandas as pd
import pytest

import quarterhour as qh
from country_worlds import QUESTION
from quarterhour.errors import InputError, OutputError
from quarterhour.scoring.country import assess_tiles as running
from quarterhour.scoring.country import tile_files


@pytest.fixture
def distributed():
    """Give the package for clusters, which is loaded by the tests that need it."""
    return pytest.importorskip("distributed", reason="the extra cluster is not installed")


@pytest.fixture
def world(cut, tmp_path):
    """Tiles that a test may damage, a folder for answers, and what the whole answers."""
    _, tiles, card = cut
    shutil.copytree(tiles.folder, tmp_path / "tiles")
    return qh.open_tiles(tmp_path / "tiles"), tmp_path / "out", card


def answers(out, table="results"):
    parts = [pd.read_parquet(path) for path in sorted((out / table).glob("*.parquet"))]
    return pd.concat(parts, ignore_index=True)


def statuses(table):
    return table.set_index(["area", "item"])["status"].astype(object).sort_index().to_dict()


def written(out):
    return {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}


def test_the_answers_of_the_tiles_are_those_of_the_whole(cut, finished):
    (_, _, card), (done, out) = cut, finished
    assert (len(done.answered), done.before, dict(done.failed)) == (4, (), {})
    assert statuses(answers(out)) == statuses(card.results)
    assert sorted(answers(out, "areas")["area"]) == sorted(card.areas.index)
    told = answers(out, "coverage").groupby(["measure", "item"], dropna=False)
    sums = told[["numerator", "denominator", "unknown"]].sum()
    want = qh.coverage(card)
    want["item"] = want["item"].astype("string")
    want = want.set_index(["measure", "item"])[["numerator", "denominator", "unknown"]]
    counted = want.index.get_level_values("measure") != "all_items"  # rows of it are made of levels
    pd.testing.assert_frame_equal(
        sums.reindex(want.index[counted]), want[counted].astype(float), check_index_type=False
    )


def test_the_same_command_twice_does_nothing_twice(world, finished):
    tiles, out, _ = world
    first = finished[0]
    shutil.copytree(finished[1], out)
    before = written(out)
    again = qh.assess_tiles(tiles.folder, QUESTION, out=out)
    assert again.before == first.answered == tiles.names()
    assert again.answered == ()
    assert written(out) == before


def test_a_corrupt_tile_is_named_and_can_be_run_alone(world):
    tiles, out, card = world
    bad = tiles.names()[1]
    whole_file = tiles.path(bad).read_bytes()
    tiles.path(bad).write_bytes(whole_file[: len(whole_file) // 2])
    done = qh.assess_tiles(tiles, QUESTION, out=out)
    assert list(done.failed) == [bad]
    assert f"Tile {bad}" in done.failed[bad]
    assert "split the country again" in done.failed[bad]
    assert set(done.answered) == set(tiles.names()) - {bad}
    tiles.path(bad).write_bytes(whole_file)
    alone = qh.assess_tiles(tiles, QUESTION, out=out, only=[bad])
    assert alone.answered == (bad,)
    assert qh.assess_tiles(tiles, QUESTION, out=out).failed == {}
    assert statuses(answers(out)) == statuses(card.results)


def test_what_a_tile_lacks_is_judged_by_what_the_others_have(world):
    """While the only tile with a pharmacy is damaged, nobody knows of one; then all do."""
    tiles, out, card = world
    west = tiles.names()[0]
    whole_file = tiles.path(west).read_bytes()
    tiles.path(west).write_bytes(b"")
    qh.assess_tiles(tiles, QUESTION, out=out)
    mine = answers(out)
    silent = mine[mine["item"] == "pharmacy"]
    assert set(silent["reason"]) == {"no_facility"}
    tiles.path(west).write_bytes(whole_file)
    qh.assess_tiles(tiles, QUESTION, out=out)
    assert statuses(answers(out)) == statuses(card.results)


def test_a_run_that_was_killed_goes_on_where_it_was(world, monkeypatch):
    tiles, out, card = world
    third, write = tiles.names()[2], tile_files.write

    def killed(folder, tile, *rest):
        if tile.name == third:
            raise KeyboardInterrupt
        write(folder, tile, *rest)

    monkeypatch.setattr(tile_files, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        qh.assess_tiles(tiles, QUESTION, out=out)
    monkeypatch.undo()
    before = written(out)
    done = qh.assess_tiles(tiles, QUESTION, out=out)
    assert done.before == tiles.names()[:2]
    assert done.answered == tiles.names()[2:]
    assert before.items() <= written(out).items()
    assert statuses(answers(out)) == statuses(card.results)


def test_a_full_disk_costs_one_tile(world, monkeypatch):
    tiles, out, card = world
    full, tables = tiles.names()[0], tile_files._tables

    def no_space(scorecard, tile):
        if tile.name == full:
            raise OutputError("Cannot write areas: No space left on device. Nothing was written.")
        return tables(scorecard, tile)

    monkeypatch.setattr(tile_files, "_tables", no_space)
    done = qh.assess_tiles(tiles, QUESTION, out=out)
    assert list(done.failed) == [full]
    assert "No space left" in done.failed[full]
    assert not list(out.glob(f"*/{full}.parquet"))
    monkeypatch.undo()
    assert qh.assess_tiles(tiles, QUESTION, out=out).answered == (full,)
    assert statuses(answers(out)) == statuses(card.results)


def test_an_answer_that_was_cut_off_is_made_again(world, finished):
    tiles, out, card = world
    shutil.copytree(finished[1], out)
    cut = tile_files.table_path(out, "results", tiles.names()[3])
    cut.write_bytes(cut.read_bytes()[:100])
    assert qh.assess_tiles(tiles, QUESTION, out=out).answered == tiles.names()[3:]
    assert statuses(answers(out)) == statuses(card.results)


def test_a_folder_of_other_answers_is_left_alone(world, finished):
    tiles, out, _ = world
    shutil.copytree(finished[1], out)
    with pytest.raises(InputError, match=r"answers to another question \(quota\)"):
        qh.assess_tiles(tiles, replace(QUESTION, quota=0.9), out=out)
    with pytest.raises(InputError, match="There is no tile nowhere"):
        qh.assess_tiles(tiles, QUESTION, out=out, only=["nowhere"])


def test_a_cluster_answers_as_one_process_does(world, distributed):
    tiles, out, card = world
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as client:
        done = qh.assess_tiles(tiles, QUESTION, out=out, client=client)
    assert done.answered == tiles.names()
    assert statuses(answers(out)) == statuses(card.results)


@pytest.fixture
def cluster(distributed):
    """Two workers, each a process, that know the modules of the tests by value."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as workers,
        distributed.Client(workers) as client,
    ):
        yield workers, client


@pytest.mark.long
def test_a_worker_that_is_killed_loses_nothing(world, cluster):
    tiles, out, card = world
    workers, client = cluster
    victim = next(iter(workers.workers.values())).pid
    killed = []

    def kill():
        until = time.monotonic() + 60
        while time.monotonic() < until and not (out / "done").is_dir():
            time.sleep(0.02)
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)

    killer = threading.Thread(target=kill)
    killer.start()
    done = qh.assess_tiles(tiles, QUESTION, out=out, client=client)
    killer.join()
    assert killed == [victim]
    assert (len(done.answered), dict(done.failed)) == (4, {})
    assert statuses(answers(out)) == statuses(card.results)


class _Deadly:
    """A pace that kills the process in which one network is walked."""

    speed_m_s, name = 1.25, "deadly"

    def __init__(self, edges):
        self.edges = edges

    def __call__(self, network):
        if network.n_edges == self.edges:
            os._exit(1)
        return QUESTION.pace(network)

    def __str__(self):
        return "deadly"


@pytest.mark.long
def test_a_tile_that_kills_every_worker_is_named(world, cluster):
    import sys  # noqa: PLC0415

    import cloudpickle  # noqa: PLC0415

    tiles, out, _ = world
    _, client = cluster
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    bad = tiles.names()[1]
    deadly = replace(QUESTION, pace=_Deadly(tiles.read(bad).streets.n_edges))
    done = qh.assess_tiles(tiles, deadly, out=out, client=client)
    assert list(done.failed) == [bad]
    assert "workers were killed" in done.failed[bad]
    assert set(done.answered) == set(tiles.names()) - {bad}


def _no_large_files(bytes_):
    import resource  # noqa: PLC0415
    import signal  # noqa: PLC0415

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))


@pytest.mark.long
def test_no_space_on_the_disk_of_one_worker(world, cluster):
    import sys  # noqa: PLC0415

    import cloudpickle  # noqa: PLC0415

    tiles, out, card = world
    _, client = cluster
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    first = next(iter(client.scheduler_info()["workers"]))
    client.run(_no_large_files, 4_000, workers=[first])
    done = qh.assess_tiles(tiles, QUESTION, out=out, client=client)
    assert 0 < len(done.failed) < 4
    assert all("Cannot write" in why for why in done.failed.values())
    assert set(done.answered) | set(done.failed) == set(tiles.names())
    again = qh.assess_tiles(tiles, QUESTION, out=out)
    assert set(again.answered) == set(done.failed)
    assert statuses(answers(out)) == statuses(card.results)


def test_unexpected_errors_are_told_with_their_kind():
    assert running._sentence(MemoryError("much")) == "MemoryError: much"
