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
    """Give a temporary path beside ``path``; it takes its place when all went well.

    Raises
    ------
    OutputError
        If the folder does not exist or cannot be written to.
    """
    path = Path(path)
    with _beside(path.parent) as folder:
        part = folder / path.name
        yield part
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
    parent = path
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    with _beside(parent if parent.is_dir() else parent.parent) as folder:
        yield folder
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"Cannot make the folder {path}: {error.strerror or error}."
            raise OutputError(msg) from error
        for part in sorted(folder.iterdir()):
            if (path / part.name).is_dir():
                msg = f"Cannot write {path / part.name}: there is a folder of this name."
                raise OutputError(msg)
        for part in sorted(folder.iterdir()):
            _into_place(part, path / part.name)


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".quarterhour-", dir=folder))
    except OSError as error:
        msg = f"Cannot write to {folder}: {error.strerror or error}."
        raise OutputError(msg) from error
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _into_place(part: Path, path: Path) -> None:
    try:
        part.replace(path)
    except OSError as error:
        msg = f"Cannot write {path}: {error.strerror or error}."
        raise OutputError(msg) from error
