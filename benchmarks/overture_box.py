"""A box of a large file of Overture's places: how many bytes of it are read, and how long it takes.

``python benchmarks/overture_box.py`` makes a file of two million places of the sample in
``../shared/data/overture`` (each again and again, some way off, under ids of their own; row groups
sorted by place, as the release has them), in the folder for temporary files; ``--write`` puts the
table into ``docs/benchmarks.md``. Bytes are those that the reader asked its files for. A first
reading is one of which nothing is known: no page of the file is in memory, nor its footer.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pages import put

from quarterhour.sources.overture.box import Box
from quarterhour.sources.overture.files import FOOTERS, read_release
from quarterhour.sources.overture.places import read_places

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
DATA = Path(os.environ.get("QUARTERHOUR_DATA", ROOT.parent / "shared" / "data"))
BEGIN, END = "<!-- overture box -->", "<!-- end of overture box -->"
PLACES, GROUP = 2_000_000, 8_192
SPREAD_DEGREES = 0.3
TILES = 6


def made(folder: Path, places: int) -> tuple[Path, np.ndarray]:
    """Write the file, row group by row group; give it and where its places are."""
    sample = pq.read_table(DATA / "overture" / "places.parquet").drop_columns(["open"])
    random = np.random.default_rng(17)
    row = np.arange(places) % len(sample)
    points = shapely.from_wkb(np.array(sample.column("geometry").to_pylist(), dtype=object))
    lonlat = shapely.get_coordinates(points)[row]
    lonlat = np.clip(
        lonlat + random.normal(0, SPREAD_DEGREES, lonlat.shape), [-179, -80], [179, 80]
    )
    order = np.argsort(gpd.GeoSeries.from_xy(*lonlat.T).hilbert_distance().to_numpy())
    row, lonlat = row[order], lonlat[order]
    path = folder / "place.parquet"
    with pq.ParquetWriter(path, sample.schema, compression="zstd") as writer:
        for first in range(0, places, GROUP):
            some = slice(first, min(first + GROUP, places))
            writer.write_table(_group(sample.take(row[some]), lonlat[some], first), GROUP)
    return path, lonlat


def _group(table: pa.Table, lonlat: np.ndarray, first: int) -> pa.Table:
    ids = [f"08f{first + at:029x}" for at in range(len(table))]
    lon, lat = lonlat.T
    ends = {"xmax": lon, "xmin": lon, "ymax": lat, "ymin": lat}
    box = table.schema.field("bbox").type
    new = {
        "id": pa.array(ids, table.schema.field("id").type),
        "geometry": pa.array(shapely.to_wkb(shapely.points(lonlat)).tolist(), pa.binary()),
        "bbox": pa.StructArray.from_arrays(
            [pa.array(ends[field.name], field.type) for field in box], fields=list(box)
        ),
    }
    for name, values in new.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def box_of(lonlat: np.ndarray, part: float) -> Box:
    """Give the square box round the middle of the places that holds a part of them."""
    middle = np.median(lonlat, axis=0)
    away = np.quantile(np.abs(lonlat - middle).max(axis=1), part)
    (west, south), (east, north) = middle - away, middle + away
    return float(west), float(south), float(east), float(north)


class Reading(NamedTuple):
    """What was asked for, and what it took."""

    name: str
    places: int
    read_mb: float
    size_mb: float
    clock_s: float
    processor_s: float

    @property
    def line(self) -> str:
        share = 100 * self.read_mb / self.size_mb
        return (
            f"| {self.name} | {self.places:,} | {self.read_mb:,.1f} | {share:.2f} | "
            f"{self.clock_s:.2f} | {self.processor_s:.2f} |"
        )


def forget(path: Path) -> None:
    """Have the file's pages out of memory, and its footer unknown."""
    FOOTERS.clear()
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def reading(
    name: str, path: Path, boxes: list[Box | None], rounds: int, *, first: bool = False
) -> Reading:
    """Read boxes one after the other; the best of several rounds counts.

    A first reading begins each round with the file unknown, and its footer counts.
    """
    best: Reading | None = None
    for _ in range(rounds):
        if first:
            forget(path)
        clock, processor = time.perf_counter(), time.process_time()
        releases = [read_release(path, box, ["place"]) for box in boxes]
        told = Reading(
            name,
            sum(len(one.of("place")) for one in releases),
            sum(one.heard.read for one in releases) / 1e6,
            releases[0].heard.size / 1e6,
            time.perf_counter() - clock,
            time.process_time() - processor,
        )
        best = told if best is None or told.clock_s < best.clock_s else best
    assert best is not None
    return best


def table_of(name: str, path: Path, box: Box, rounds: int) -> str:
    """Time the whole table of facilities of a box, and give its line."""
    seconds = []
    for _ in range(rounds):
        clock, processor = time.perf_counter(), time.process_time()
        places = read_places(path, box)
        seconds.append((time.perf_counter() - clock, time.process_time() - processor))
    clock, processor = min(seconds)
    return f"| {name} | {len(places):,} | | | {clock:.2f} | {processor:.2f} |"


def tiles_of(path: Path, lonlat: np.ndarray, box: Box) -> str:
    """Read a larger box tile by tile, and see that every place is there and none twice."""
    west, south, east, north = box
    lon, lat = np.linspace(west, east, TILES + 1), np.linspace(south, north, TILES + 1)
    boxes: list[Box | None] = [
        (float(lon[i]), float(lat[j]), float(lon[i + 1]), float(lat[j + 1]))
        for i in range(TILES)
        for j in range(TILES)
    ]
    found = reading(f"10 %, in {TILES * TILES} tiles, again", path, boxes, 1)
    inside = ((lonlat >= [west, south]) & (lonlat <= [east, north])).all(axis=1).sum()
    if found.places < inside or found.places > inside + len(boxes):
        raise AssertionError((found.places, inside))
    return found.line


def document(lines: list[str], load: float) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    told = (
        f"Printed by `python benchmarks/overture_box.py` on {now}; load average {load:.1f} when "
        f"begun, {os.cpu_count()} cores. A file of {PLACES:,} places, made of the sample of 3,425, "
        f"in row groups of {GROUP:,} that are sorted by place. A box holds a part of the places; "
        "tiles are read straight from the same file. Bytes are counted as the reader asks for "
        "them. At first reading no page of the file is in memory and its footer counts; again, the "
        "footer is known. The best round counts."
    )
    head = [
        "| what is read | places | MB read | % of the bytes | s | processor s |",
        "|--|--:|--:|--:|--:|--:|",
    ]
    title = "## A box of a large file of Overture Maps"
    return "\n".join([BEGIN, "", title, "", told, "", *head, *lines, "", END])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the table into the document")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        path, lonlat = made(Path(folder), given.places)
        one = box_of(lonlat, 0.01)
        lines = [
            reading("1 %: the rows, at first reading", path, [one], given.rounds, first=True).line,
            reading("1 %: the rows, again", path, [one], given.rounds).line,
            table_of("1 %: the table of facilities, again", path, one, given.rounds),
            reading("0.1 %: the rows, again", path, [box_of(lonlat, 0.001)], given.rounds).line,
            reading("10 %: the rows, again", path, [box_of(lonlat, 0.1)], 1).line,
            tiles_of(path, lonlat, box_of(lonlat, 0.1)),
        ]
    text = document(lines, load)
    print(text)
    if given.write:
        put(DOCUMENT, text, BEGIN, END)


if __name__ == "__main__":
    main()
