"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import pytest

from quarterhour.atomic import whole_file, whole_folder
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
