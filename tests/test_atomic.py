"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from quarterhour.atomic import whole_file, whole_files, whole_folder
from quarterhour.errors import OutputError


def names(folder) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def write(target, text):
    with whole_file(target) as part:
        part.write_text(text)


def write_all(folder, fail=False, **texts):
    """Write files a=... as a.txt, and fail at the end if asked to."""
    with whole_folder(folder) as scratch:
        for name, text in texts.items():
            (scratch / f"{name}.txt").write_text(text)
        if fail:
            raise RuntimeError("half-way")


def test_a_file_takes_its_place_at_the_end(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with whole_file(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
        assert part.suffix == ".txt"
    assert target.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


def test_after_an_error_the_old_file_stands(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(TypeError):
        write(target, 3)
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_the_folder_of_a_file_is_made_with_its_parents(tmp_path):
    write(tmp_path / "x" / "y" / "a.txt", "new")
    assert names(tmp_path) == ["x", "x/y", "x/y/a.txt"]


def test_after_an_error_the_folder_of_a_file_is_not_there(tmp_path):
    with pytest.raises(TypeError):
        write(tmp_path / "x" / "y" / "a.txt", 3)
    assert names(tmp_path) == []


def test_a_file_below_a_file_is_said_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file" / "a.txt", tmp_path / "file" / "x" / "a.txt"):
        said = "Cannot make the folder .*: .*file is a file"
        with pytest.raises(OutputError, match=said), whole_file(target):
            pytest.fail("the work began")
    assert names(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(OutputError, match=r"Cannot make the folder .*x: Permission denied"):
        write(tmp_path / "x" / "a.txt", "new")
    assert names(tmp_path) == []


def test_a_folder_gets_its_files_at_the_end_and_keeps_its_others(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    (out / "a.txt").write_text("old")
    with whole_folder(out) as scratch:
        (scratch / "a.txt").write_text("new")
        (scratch / "b.txt").write_text("new")
        assert (out / "a.txt").read_text() == "old"
    assert names(out) == ["a.txt", "b.txt", "mine.txt"]
    assert (out / "a.txt").read_text() == "new"


def test_a_folder_is_made_with_its_parents(tmp_path):
    with whole_folder(tmp_path / "x" / "y") as scratch:
        (scratch / "a.txt").write_text("new")
    assert names(tmp_path) == ["x", "x/y", "x/y/a.txt"]


def test_after_an_error_no_folder_is_left(tmp_path):
    with pytest.raises(RuntimeError, match="half-way"):
        write_all(tmp_path / "out", fail=True, a="half")
    assert names(tmp_path) == []


def test_a_folder_below_a_file_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file" / "out", tmp_path / "file" / "x" / "out"):
        with pytest.raises(OutputError, match="Cannot make the folder"):
            write_all(target, a="new")
    assert names(tmp_path) == ["file"]


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="Cannot make the folder"):
        write_all(tmp_path / "out", a="new")
    assert names(tmp_path) == ["out"]


def test_a_folder_in_the_place_of_a_file_leaves_all_as_it_was(tmp_path):
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(OutputError, match="there is a folder of this name"):
        write_all(tmp_path, a="new", b="new")
    assert names(tmp_path) == ["b.txt"]


def test_a_folder_in_the_place_of_one_file_is_said(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OutputError, match="Cannot write"):
        write(tmp_path / "a.txt", "new")
    assert names(tmp_path) == ["a.txt"]


# A full disk


@pytest.fixture
def little_room():
    """Allow files of no more than so many bytes, as a disk that is nearly full does."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def allow(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    yield allow
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def circles(path):
    circle = Point(24, 60).buffer(0.01)
    table = gpd.GeoDataFrame({"name": ["a"] * 300}, geometry=[circle] * 300, crs=4326)
    with whole_file(path) as part:
        if path.suffix == ".parquet":
            table.to_parquet(part)
        elif path.suffix == ".txt":
            part.write_text("a" * 100_000)
        else:
            table.to_file(part)
    return path.stat().st_size


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "txt", "parquet"])
@pytest.mark.parametrize("share", [0.01, 0.5])
def test_a_file_for_which_there_is_no_room_is_said_whoever_writes_it(
    suffix, share, tmp_path, little_room
):
    size = circles(tmp_path / f"whole.{suffix}")
    little_room(int(size * share))
    with pytest.raises(OutputError, match=rf"^Cannot write .*little\.{suffix}: .*Nothing was writ"):
        circles(tmp_path / "out" / f"little.{suffix}")
    assert names(tmp_path) == [f"whole.{suffix}"]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg"])
@pytest.mark.parametrize("lacking", [1, 20, 200, 4_000, 20_000])
def test_what_is_put_in_place_is_whole(suffix, lacking, tmp_path, little_room):
    size = circles(tmp_path / f"whole.{suffix}")
    little_room(size - lacking)
    out = tmp_path / f"little.{suffix}"
    try:
        circles(out)
    except OutputError:
        assert not out.exists()
    else:
        assert len(gpd.read_file(out)) == 300


def test_one_of_several_files_that_fails_keeps_them_all_back(tmp_path, little_room):
    wanted = [tmp_path / "a" / "one.txt", tmp_path / "b" / "two.txt"]
    little_room(1000)

    def save():
        with whole_files(wanted) as parts:
            parts[wanted[0]].write_text("short")
            parts[wanted[1]].write_text("long" * 1000)

    with pytest.raises(OutputError, match=r"^Cannot write .*two\.txt|File too large"):
        save()
    assert names(tmp_path) == []


def test_a_folder_names_the_file_that_has_no_room(tmp_path, little_room):
    little_room(1000)
    with pytest.raises(OutputError) as said:
        write_all(tmp_path / "out", a="a", b="b" * 5000)
    assert ".quarterhour-" not in str(said.value)
    assert names(tmp_path) == []


def test_an_error_of_what_is_read_meanwhile_stays_as_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "a.txt"):
        (tmp_path / "nowhere").read_text()


# Links, folders and devices at the output


def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "real.txt").write_text("old")
    (tmp_path / "latest.txt").symlink_to(tmp_path / "disk" / "real.txt")
    (tmp_path / "next.txt").symlink_to(Path("disk") / "new" / "next.txt")
    write(tmp_path / "latest.txt", "new")
    write(tmp_path / "next.txt", "more")
    assert (tmp_path / "latest.txt").is_symlink()
    assert (tmp_path / "disk" / "real.txt").read_text() == "new"
    assert (tmp_path / "disk" / "new" / "next.txt").read_text() == "more"


def test_links_of_folders_and_in_folders_are_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "a.txt").symlink_to(tmp_path / "kept.txt")
    write_all(tmp_path / "out", a="1", b="2")
    assert (tmp_path / "kept.txt").read_text() == "1"
    assert (tmp_path / "elsewhere" / "b.txt").read_text() == "2"
    assert (tmp_path / "out").is_symlink()
    (tmp_path / "coming").symlink_to(tmp_path / "made later")
    write_all(tmp_path / "coming", a="3")
    assert (tmp_path / "made later" / "a.txt").read_text() == "3"


def test_a_link_onto_another_disk_is_followed(tmp_path, monkeypatch):
    (tmp_path / "a.txt").symlink_to(tmp_path / "disk" / "a.txt")
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").symlink_to(tmp_path / "disk" / "a.txt")
    replace = Path.replace

    def across(part, target):
        if part.parent.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", across)
    write_all(tmp_path / "out", a="1")
    assert (tmp_path / "disk" / "a.txt").read_text() == "1"
    assert names(tmp_path / "disk") == ["a.txt"]


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "round").symlink_to(tmp_path / "round")
    os.mkfifo(tmp_path / "pipe")
    said = {"folder": "a folder of this name", "round": "circle", "pipe": "a pipe or a device"}
    for name, what in said.items():
        with pytest.raises(OutputError, match=what):
            write(tmp_path / name, "new")
        with pytest.raises(OutputError, match=what), whole_folder(tmp_path) as scratch:
            (scratch / name).write_text("new")
    assert names(tmp_path) == ["folder", "pipe", "round"]


# What was left behind


def test_what_a_killed_run_left_is_cleared_a_day_later(tmp_path):
    old, fresh = tmp_path / ".quarterhour-abcd_123", tmp_path / ".quarterhour-abcdefgh"
    busy, mine = tmp_path / ".quarterhour-aaaaaaaa", tmp_path / ".quarterhour-of-mine"
    lone = tmp_path / ".quarterhour-bbbbbbbb"
    for folder in (old, fresh, busy, mine):
        folder.mkdir()
        (folder / "part.txt").write_text("")
    lone.write_text("")
    two_days_ago = time.time() - 2 * 86_400
    for path in (old / "part.txt", old, busy, mine / "part.txt", mine, lone):
        os.utime(path, (two_days_ago, two_days_ago))
    (tmp_path / ".quarterhour-cccccccc").symlink_to(mine)
    write(tmp_path / "a.txt", "new")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {fresh.name, busy.name, mine.name, ".quarterhour-cccccccc", "a.txt"}
    assert (mine / "part.txt").exists()
