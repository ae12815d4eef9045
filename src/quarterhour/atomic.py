"""Files that are written whole or not at all.

A link at the output is followed; what another run left behind when it was killed is cleared a
day later; a full disk is said in a sentence that names the file that was asked for.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from quarterhour.errors import OutputError

FULL = {errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What a disk says that takes no more."""

DRIVERS = {"pyogrio", "pyarrow", "openpyxl", "sqlite3", "zipfile"}
"""Packages whose errors in the middle of writing are the disk's as a rule, and no OSError."""

WORDS_OF_A_DRIVER = 100
"""As much of a driver's own words as helps; some go on with a page of SQL."""

LEFT_BEHIND = re.compile(r"\.quarterhour-[a-z0-9_]{8}")
A_DAY_S = 86_400


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path; the file takes the place of ``path`` when all went well.

    The folder is made if need be.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to, or the disk is full.
    """
    with whole_files([Path(path)]) as parts:
        yield parts[Path(path)]


@contextmanager
def whole_files(paths: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """Give a temporary path for each file; all take their places when all went well, or none.

    Raises
    ------
    OutputError
        If a folder cannot be made or written to, or the disk is full.
    """
    targets = {path: target_of(path) for path in paths}
    with ExitStack() as stack:
        parts = {
            path: stack.enter_context(_scratch_for(target.parent)) / path.name
            for path, target in targets.items()
        }
        with _said_of({part: path for path, part in parts.items()}):
            yield parts
        for path, part in parts.items():
            _require_whole(part, path)
        for target in targets.values():
            _make(target.parent)
        for path, part in parts.items():
            _into_place(part, path)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder; its files move into ``path`` when all went well.

    Files of the same name are replaced, others are left alone; the folder is made if need be.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to, or the disk is full.
    """
    path = Path(path)
    place = _followed(path)
    with _scratch_for(place) as folder:
        with _said_of({folder: path}):
            yield folder
        for part in sorted(folder.iterdir()):
            _require_whole(part, path / part.name)
            target_of(path / part.name)
        _make(place)
        for part in sorted(folder.iterdir()):
            _into_place(part, path / part.name)


def target_of(path: Path) -> Path:
    """Give the file that will be written: where a link leads, if there is one.

    Raises
    ------
    OutputError
        If there is something that is no file.
    """
    target = _followed(path)
    if target.is_dir():
        msg = f"Cannot write {path}: there is a folder of this name."
        raise OutputError(msg)
    if target.exists() and not target.is_file():
        msg = f"Cannot write {path}: it is a pipe or a device; name a file."
        raise OutputError(msg)
    return target


def _followed(path: Path) -> Path:
    """Give where a link leads."""
    if not path.is_symlink():
        return path
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # the latter before Python 3.13
        msg = f"Cannot write {path}: the link leads round in a circle."
        raise OutputError(msg) from error


@contextmanager
def _said_of(names: Mapping[Path, Path]) -> Iterator[None]:
    """Say what goes wrong with a temporary path of the one that was asked for."""
    try:
        yield
    except OutputError as error:
        raise OutputError(_renamed(str(error), names)) from error
    except OSError as error:
        told = str(error.filename) if error.filename else ""
        ours = any(str(part) in told for part in names)
        if not ours and error.errno not in FULL:
            raise  # of something that is read, not written
        what = _renamed(told, names) or ", ".join(map(str, names.values()))
        msg = f"Cannot write {what}: {error.strerror or error}. Nothing was written."
        raise OutputError(msg) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in DRIVERS:
            raise
        what = ", ".join(map(str, names.values()))
        why = _renamed(" ".join(str(error).split()), names).rstrip(".")
        if _is_full(next(iter(names))):
            why = "No space left on device"
        elif len(why) > WORDS_OF_A_DRIVER:
            why = f"{why[:WORDS_OF_A_DRIVER].rsplit(' ', 1)[0]} …"
        msg = f"Cannot write {what}: {why}. Nothing was written."
        raise OutputError(msg) from error


def _renamed(text: str, names: Mapping[Path, Path]) -> str:
    for part, path in names.items():
        text = text.replace(str(part), str(path))
    return text


def _is_full(path: Path) -> bool:
    """Say whether the disk of a temporary path has no room for a page more."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free < 65_536


@contextmanager
def _scratch_for(folder: Path) -> Iterator[Path]:
    """Give a temporary folder on the disk of one that may still have to be made."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        msg = f"Cannot make the folder {folder}: {there} is a file."
        raise OutputError(msg)
    _clear_left_behind(there)
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".quarterhour-", dir=there))
    except OSError as error:
        msg = f"Cannot write to {there}: {error.strerror or error}."
        raise OutputError(msg) from error
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _clear_left_behind(folder: Path) -> None:
    """Remove what runs that were killed more than a day ago left in a folder."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if not LEFT_BEHIND.fullmatch(entry.name) or entry.is_symlink():
                continue
            inside = list(os.scandir(entry)) if entry.is_dir() else []
            newest = max(one.stat(follow_symlinks=False).st_mtime for one in (entry, *inside))
            if time.time() - newest < A_DAY_S:
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                Path(entry).unlink(missing_ok=True)


def _require_whole(part: Path, path: Path) -> None:
    """See that nothing is cut off: GDAL does not tell where the last that it writes has no room."""
    if not part.is_file():
        return
    size = part.stat().st_size
    with part.open("rb") as file:
        head = file.read(32)
        if head.startswith(b"SQLite format 3"):
            page = int.from_bytes(head[16:18], "big")
            cut = size < (65_536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
        elif part.suffix.lower() == ".geojson":
            file.seek(max(size - 64, 0))
            cut = not file.read().rstrip().endswith(b"}")
        else:
            return
    if cut:
        msg = f"Cannot write {path}: its end is cut off; is the disk full? Nothing was written."
        raise OutputError(msg)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {folder}: {error.strerror or error}."
        raise OutputError(msg) from error


def _into_place(part: Path, path: Path) -> None:
    """Put a file where it was asked for, through a link also onto another disk."""
    target = target_of(path)
    try:
        try:
            part.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with _scratch_for(target.parent) as there:
                shutil.copyfile(part, there / part.name)
                (there / part.name).replace(target)
    except OSError as error:
        msg = f"Cannot write {path}: {error.strerror or error}."
        raise OutputError(msg) from error
