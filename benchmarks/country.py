"""A country made of cities: copies of extracts, shifted along their parallels and re-numbered.

``python benchmarks/country.py make COUNTRY.osm.pbf --cities 72`` writes it (72 copies of Las Palmas
of ``../shared/data`` are 205 MB). A copy is shifted by longitude alone, so that on the ellipsoid
every street keeps its length and every walk its seconds. Ids are unique; nodes stand before ways
and ways before relations, each sorted by id. In memory is one city at a time.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import osmium
from osmium.io import File, FileBuffer, Header, Reader

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("QUARTERHOUR_DATA", ROOT.parent / "shared" / "data"))

WEST = 70
"""Degree of longitude at which the country begins."""

PER_DEGREE = 2
"""Cities to a degree of longitude."""

_STEPS = 10**7  # to a degree, as the format has them
_DIGITS = 11
_COPY, _DEGREE = b"\x01", b"\x02"
_NODE = re.compile(r"n(\d+)(.*) x(-?[\d.]+) (y-?[\d.]+)")


class Extract(NamedTuple):
    """The lines of an extract, with blanks for the number of a copy and its degree of longitude.

    ``nodes`` has them once for each place that a city may have within a degree; a copy's ids are
    those of the extract with its number before them.
    """

    nodes: tuple[bytes, ...]
    ways: bytes
    relations: bytes
    width: float
    south: float
    north: float

    @classmethod
    def of(cls, path: Path) -> Extract:
        """Read an extract whose ids are positive and whose nodes all have a place."""
        with tempfile.TemporaryDirectory() as folder:
            opl = Path(folder) / "city.opl"
            with osmium.SimpleWriter(File(str(opl), "opl")) as writer:
                osmium.apply(str(path), writer)
            lines = opl.read_text(encoding="utf-8").splitlines()
        of_kind = {kind: [line for line in lines if line.startswith(kind)] for kind in "nwr"}
        nodes = [_NODE.fullmatch(line) for line in of_kind["n"]]
        if None in nodes or any("-" in line.split(" ", 1)[0] for line in lines):
            msg = f"{path} has nodes without a place, or negative ids: it cannot be copied."
            raise ValueError(msg)
        placed = [found for found in nodes if found]
        lon = [round(float(found[3]) * _STEPS) for found in placed]
        lat = [float(found[4][1:]) for found in placed]
        west, width = min(lon), max(lon) - min(lon)
        if width >= _STEPS // PER_DEGREE:
            msg = f"{path} is {width / _STEPS:.2f} degrees wide: at most {1 / PER_DEGREE} fit."
            raise ValueError(msg)
        east = [one - west for one in lon]
        begins = (part * _STEPS // PER_DEGREE for part in range(PER_DEGREE))
        return cls(
            tuple(_nodes(placed, [one + begin for one in east]) for begin in begins),
            _with_members(of_kind["w"], " N"),
            _with_members(of_kind["r"], " M"),
            width / _STEPS,
            min(lat),
            max(lat),
        )

    def copy(self, part: str, number: int, place: int) -> bytes:
        """Give the lines of one part (nodes, ways or relations) of the copy of a number at a place.

        Places are counted from the west of the country.
        """
        if part != "nodes":
            text: bytes = getattr(self, part)
            return text.replace(_COPY, str(number).encode())
        degree, within = divmod(place, PER_DEGREE)
        text = self.nodes[within].replace(_COPY, str(number).encode())
        return text.replace(_DEGREE, str(WEST + degree).encode())


def _id(number: str) -> str:
    return _COPY.decode() + number.zfill(_DIGITS)


def _nodes(placed: Sequence[re.Match[str]], east: Sequence[int]) -> bytes:
    blank = _DEGREE.decode()
    lines = (
        f"n{_id(found[1])}{found[2]} x{blank}.{steps:07d} {found[4]}\n"
        for found, steps in zip(placed, east, strict=True)
    )
    return "".join(lines).encode()


def _with_members(lines: Sequence[str], mark: str) -> bytes:
    """Blank the ids of ways or relations, and of what they refer to."""
    told = []
    for line in lines:
        head, _, members = line.rpartition(mark)
        number, _, rest = head.partition(" ")
        refs = (re.sub(r"\d+", lambda ref: _id(ref[0]), one, count=1) for one in members.split(","))
        told.append(f"{number[0]}{_id(number[1:])} {rest}{mark}{','.join(refs)}\n")
    return "".join(told).encode()


def make_country(sources: Sequence[Path], n_cities: int, to: Path) -> Path:
    """Write a country of copies of extracts, in turns, from west to east.

    Parameters
    ----------
    sources
        Extracts of cities, each less than half a degree wide.
    n_cities
        How many copies, at most 200.
    to
        The ``.osm.pbf`` file to write; it is replaced.
    """
    extracts = [Extract.of(source) for source in sources]
    cities = [extracts[k % len(extracts)] for k in range(n_cities)]
    header = Header()
    header.set("generator", "quarterhour benchmarks/country.py")
    last = WEST + (n_cities - 1) / PER_DEGREE + cities[-1].width
    south, north = min(one.south for one in cities), max(one.north for one in cities)
    corners = osmium.osm.Location(WEST, south), osmium.osm.Location(last, north)
    header.add_box(osmium.osm.Box(*corners))
    with osmium.SimpleWriter(File(str(to), "pbf"), header=header, overwrite=True) as writer:
        for part in ("nodes", "ways", "relations"):
            for place, city in enumerate(cities):
                if lines := city.copy(part, place + 1, place):
                    with Reader(FileBuffer(lines, "opl")) as reader:
                        osmium.apply(reader, writer)
    return to


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make", help="write a country")
    making.add_argument("to", type=Path)
    making.add_argument("--cities", type=int, default=72)
    making.add_argument("--of", type=Path, nargs="+", default=[DATA / "las-palmas.osm.pbf"])
    making.set_defaults(run=lambda told: print(make_country(told.of, told.cities, told.to)))
    told = parser.parse_args()
    told.run(told)


if __name__ == "__main__":
    main()
