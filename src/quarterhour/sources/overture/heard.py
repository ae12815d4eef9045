"""Files of which only some parts are read: how many bytes these were, and their hash."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path


class Heard:
    """Counts and hashes what is read of files, so that a box of large ones is known by that."""

    def __init__(self) -> None:
        self.read = 0
        self.size = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of all that was read, with where it stood, in the order in which it was."""
        return self._digest.hexdigest()

    def open(self, path: Path) -> io.BufferedIOBase:
        """Open a file, and count what is read of it."""
        self.size += path.stat().st_size
        return _Stream(path, self)

    def know(self, sha256: str) -> None:
        """Take note of what was read before, by its hash."""
        self._digest.update(sha256.encode())

    def hear(self, place: int, data: bytes) -> None:
        """Take note of bytes that stood at a place of a file."""
        self.read += len(data)
        self._digest.update(place.to_bytes(8, "little"))
        self._digest.update(data)


class _Stream(io.BufferedIOBase):
    """A file that tells what is read of it."""

    def __init__(self, path: Path, heard: Heard) -> None:
        self._file = path.open("rb")
        self._heard = heard

    def read(self, size: int | None = -1, /) -> bytes:
        place = self._file.tell()
        data = self._file.read(-1 if size is None else size)
        self._heard.hear(place, data)
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
