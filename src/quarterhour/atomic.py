"""Files that are written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quarterhour.errors import OutputError


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path; the file takes the place of ``path`` when all went well.

    The folder is made if need be.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    path = Path(path)
    with _scratch_for(path.parent) as folder:
        part = folder / path.name
        yield part
        _make(path.parent)
        _into_place(part, path)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder; its files move into ``path`` when all went well.

    Files of the same name are replaced, others are left alone; the folder is made if need be.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    path = Path(path)
    with _scratch_for(path) as folder:
        yield folder
        _make(path)
        for part in sorted(folder.iterdir()):
            if (path / part.name).is_dir():
                msg = f"Cannot write {path / part.name}: there is a folder of this name."
                raise OutputError(msg)
        for part in sorted(folder.iterdir()):
            _into_place(part, path / part.name)


@contextmanager
def _scratch_for(folder: Path) -> Iterator[Path]:
    """Give a temporary folder on the disk of one that may still have to be made."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        msg = f"Cannot make the folder {folder}: {there} is a file."
        raise OutputError(msg)
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".quarterhour-", dir=there))
    except OSError as error:
        msg = f"Cannot write to {there}: {error.strerror or error}."
        raise OutputError(msg) from error
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {folder}: {error.strerror or error}."
        raise OutputError(msg) from error


def _into_place(part: Path, path: Path) -> None:
    try:
        part.replace(path)
    except OSError as error:
        msg = f"Cannot write {path}: {error.strerror or error}."
        raise OutputError(msg) from error
