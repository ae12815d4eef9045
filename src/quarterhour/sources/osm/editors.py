"""What an XML file of an editor says beside its objects: what was deleted, and every bounds.

JOSM keeps what was deleted with ``action="delete"`` until it is uploaded, and writes one
``<bounds>`` for each download. libosmium passes neither on.
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

Box = tuple[float, float, float, float]

_PIECE = 1 << 22
_TELLS = re.compile(rb"action\s*=\s*['\"]delete|<bounds\b|<bound\b")
_SIDES = ("minlon", "minlat", "maxlon", "maxlat")


@dataclass
class Beside:
    """What stands beside the objects of a file.

    ``deleted`` names them as OPL does: ``n9``, ``w11``, ``r3``.
    """

    deleted: set[bytes] = field(default_factory=set)
    boxes: list[Box] = field(default_factory=list)


def is_xml(path: Path) -> bool:
    """Tell whether a file is OpenStreetMap XML, packed or not."""
    return not path.name.lower().endswith(".pbf")


def read_beside(path: Path) -> Beside:
    """Read what stands beside the objects; nothing where the file is no XML or is damaged."""
    found = Beside()
    if not is_xml(path):
        return found
    try:
        with _opened(path) as stream:
            if not _tells(stream):
                return found
        with _opened(path) as stream:
            _parse(stream, found)
    except (OSError, EOFError, expat.ExpatError):
        return Beside()  # the reader of the objects says what is wrong
    return found


def _opened(path: Path) -> BinaryIO | gzip.GzipFile | bz2.BZ2File:
    name = path.name.lower()
    if name.endswith(".gz"):
        return gzip.open(path)
    return bz2.open(path) if name.endswith(".bz2") else path.open("rb")


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


def _tells(stream: Any) -> bool:
    """Look for the few words that matter: most files have one bounds, and need no second look."""
    seen, rest = 0, b""
    for piece in _pieces(stream):
        whole = rest + piece
        words = _TELLS.findall(whole)
        if any(word.startswith(b"action") for word in words):
            return True
        seen += len(words)
        rest = whole[-64:]
        if _TELLS.search(rest):
            rest = b""
    return seen > 1


def _parse(stream: Any, found: Beside) -> None:
    def begin(name: str, attributes: dict[str, Any]) -> None:
        if name == "bounds" and all(side in attributes for side in _SIDES):
            west, south, east, north = (float(attributes[side]) for side in _SIDES)
            if west <= east and south <= north:
                found.boxes.append((west, south, east, north))
        elif attributes.get("action") == "delete" and name in ("node", "way", "relation"):
            found.deleted.add(f"{name[0]}{attributes.get('id')}".encode())

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        parser.ParseFile(stream)
    except ValueError:  # a bound that is no number
        found.boxes.clear()
