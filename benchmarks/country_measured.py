"""A country cut, scored and counted: time, memory and cost as it grows from 8 cities to 64.

``python benchmarks/country_measured.py --write`` makes countries of 8, 16, 32 and 64 copies of Las
Palmas (``../shared/data``; 64 are more than 200 MB), splits each by boundaries, a tile a city, with
a seam through the middle of every eighth city, scores each by two workers and the largest also by
one, and counts its coverage by city. Every step is the command that a user would say, in a process
of its own; ``docs/benchmarks.md`` takes the figures. ``--sizes 8`` is a trial, ``--folder`` keeps
what is made.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import psutil
import shapely
from country import DATA, PER_DEGREE, WEST, Extract, make_country
from whole_calls import ROOT, commit_of, cores, write

import quarterhour as qh

BEGIN, END = "<!-- country -->", "<!-- end of country -->"
SIZES = (8, 16, 32, 64)
CHECKLIST = "beijing-2011"
SEAM_EVERY = 8
MARGIN = 0.02
"""Degrees by which a city's ground begins west of its first node."""

MOST_MB, LEAST_EFFICIENCY, LEAST_MB, LEAST_CITIES = 1500, 0.8, 200, 64
MEASURED_S = 0.5
SMALL_MB = 150
"""Processes that do no work, such as the one that watches a worker, are smaller."""

FLAT = 0.15
"""Part by which the cost of a home may differ between the least and the largest country."""

STEPS = {
    "split": "split",
    "score 2": "score, 2 workers",
    "score 1": "score, 1 worker",
    "country": "coverage of the country",
    "district": "coverage by district",
}
LIKE = "las-palmas.osm.pbf"


class Run(NamedTuple):
    """What a command took: by the clock, on the processors, and the peak of each process in MB.

    What is ``own`` is without the files that are mapped, whose memory the kernel takes back.
    """

    clock_s: float
    processor_s: float
    peaks: dict[int, float]
    own: dict[int, float]
    first: int

    @property
    def most_mb(self) -> float:
        return max(self.peaks.values())

    @property
    def worker_mb(self) -> list[float]:
        """Peaks of the processes that score, least first; of all others, the most is told."""
        return sorted(mb for number, mb in self.peaks.items() if number != self.first)


class Size(NamedTuple):
    """A country of so many cities, and what was measured of it, by the name of the step."""

    cities: int
    mb: float
    tiles: int
    buildings: int
    homes: int
    areas: int
    cut_by: str
    runs: dict[str, Run]


class Seen(NamedTuple):
    """A process at a moment: its peak so far, its own memory now, its seconds of processor."""

    number: int
    peak_mb: float
    own_mb: float
    processor_s: float


def _memory_mb(number: int) -> tuple[float, float]:
    """Give the peak of a process (VmHWM), and what it holds without mapped files (RssAnon)."""
    text = (Path("/proc") / str(number) / "status").read_text(encoding="utf-8")
    peak, own = (int(text.partition(f"{name}:")[2].split()[0]) for name in ("VmHWM", "RssAnon"))
    return peak / 1024, own / 1024


def _watched(first: psutil.Process) -> Iterator[Seen]:
    """Look at a command and all that it has started."""
    try:
        every = [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for one in every:
        try:
            with one.oneshot():
                times = one.cpu_times()
                yield Seen(one.pid, *_memory_mb(one.pid), times.user + times.system)
        except (psutil.Error, OSError, ValueError, IndexError):  # it has ended meanwhile
            continue


def run(*words: object) -> Run:
    """Run a command of quarterhour and watch it."""
    command = [sys.executable, "-m", "quarterhour", *map(str, words)]
    begun, last, own = time.perf_counter(), dict[int, Seen](), dict[int, float]()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as done:
        first = psutil.Process(done.pid)
        while done.poll() is None:
            for seen in _watched(first):
                last[seen.number] = seen
                own[seen.number] = max(own.get(seen.number, 0), seen.own_mb)
            time.sleep(MEASURED_S)
        said = done.stdout.read().decode() if done.stdout else ""
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{said}")
    print(f"{words[0]}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    peaks = {number: seen.peak_mb for number, seen in last.items()}
    processor_s = sum(seen.processor_s for seen in last.values())
    return Run(time.perf_counter() - begun, processor_s, peaks, own, done.pid)


def boundaries(cities: int, like: Extract, to: Path) -> Path:
    """Write a ground a city; of every eighth city two, which meet in its middle."""
    grounds, names = [], []
    for place in range(cities):
        west, east = (WEST + k / PER_DEGREE - MARGIN for k in (place, place + 1))
        cuts = [west, east]
        if place % SEAM_EVERY == SEAM_EVERY // 2:
            cuts.insert(1, west + MARGIN + like.width / 2)
        for part, (a, b) in enumerate(pairwise(cuts)):
            grounds.append(shapely.box(a, like.south - MARGIN, b, like.north + MARGIN))
            names.append(f"city {place + 1}" + ("", " west", " east")[(len(cuts) - 2) * (part + 1)])
    gpd.GeoDataFrame({"name": names}, geometry=grounds, crs=4326).to_file(to)
    return to


def measured(cities: int, like: Extract, folder: Path, workers: Sequence[int]) -> Size:
    """Make a country, and take it through all steps."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "country.osm.pbf"
    begun = time.perf_counter()
    make_country([DATA / LIKE], cities, source)
    print(f"{cities} cities made: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    grounds = boundaries(cities, like, folder / "grounds.gpkg")
    question = ("--checklist", CHECKLIST)
    given = ("--boundaries", grounds, "--datum", "wgs84", *question)
    runs = {"split": run("split", source, "--out", folder / "tiles", *given)}
    for number in workers:
        out = folder / f"answers-{number}"
        words = ("--out", out, "--workers", number, "--no-progress", *question)
        runs[f"score {number}"] = run("score", folder / "tiles", *words)
    for step, more in (("country", ()), ("district", ("--by", grounds, "--datum", "wgs84"))):
        words = ("--measure", "residence", "--out", folder / f"{step}.csv")
        runs[step] = run("coverage", out, *words, *more)
    tiles, found = qh.open_tiles(folder / "tiles"), qh.open_results(out)
    return Size(
        cities,
        source.stat().st_size / 1e6,
        len(tiles),
        int(found.tiles["dwellings"].sum()),
        int(found.tiles["homes"].sum()),
        int(found.tiles["areas"].sum()),
        tiles.cut_by,
        runs,
    )


def table(sizes: Sequence[Size]) -> list[str]:
    """Give the steps of each size: time, peaks, and cost per thousand homes."""
    lines = [
        "| cities | MB | tiles | homes | step | s | CPU s | of 1,000 | workers MB | MB | own |",
        "|--:|--:|--:|--:|---|--:|--:|--:|---|--:|--:|",
    ]
    for one in sizes:
        for step, took in one.runs.items():
            least = [f"{mb:,.0f}" for mb in took.worker_mb if mb > SMALL_MB]
            cost = 1000 * took.processor_s / one.homes
            lines.append(
                f"| {one.cities} | {one.mb:.0f} | {one.tiles} | {one.homes:,} | {STEPS[step]} "
                f"| {took.clock_s:.0f} | {took.processor_s:.0f} | {cost:.2f} "
                f"| {', '.join(least) or '–'} | {took.peaks[took.first]:,.0f} "
                f"| {took.own[took.first]:,.0f} |"
            )
    return lines


def asked(sizes: Sequence[Size]) -> list[str]:
    """Say what was asked for, what came out, and whether it is met."""
    last = sizes[-1]
    most = max(took.most_mb for one in sizes for took in one.runs.values())
    big_enough = last.cities >= LEAST_CITIES and last.mb >= LEAST_MB
    rows = [
        (
            f"at least {LEAST_CITIES} cities and {LEAST_MB} MB of PBF, seams through cities",
            f"{last.cities} cities, {last.mb:.0f} MB, {last.cities // SEAM_EVERY} cut in two",
            big_enough,
        ),
        (f"every process below {MOST_MB:,} MB", f"{most:,.0f} MB at the most", most < MOST_MB),
    ]
    one, two = (last.runs.get(f"score {number}") for number in (1, 2))
    if one and two:
        efficiency = one.clock_s / (2 * two.clock_s)
        rows.append(
            (
                f"two workers: efficiency at least {LEAST_EFFICIENCY}",
                f"{efficiency:.2f} ({one.clock_s:.0f} s by one, {two.clock_s:.0f} s by two)",
                efficiency >= LEAST_EFFICIENCY,
            )
        )
    costs = [cost_of(size) for size in sizes]
    told = ", ".join(f"{1000 * cost:.2f}" for cost in costs)
    rows.append(
        (
            f"cost of a home flat from {sizes[0].cities} to {last.cities} cities",
            f"{told} CPU s per 1,000 homes, split and scored: {costs[-1] / costs[0] - 1:+.0%}",
            abs(costs[-1] / costs[0] - 1) <= FLAT,
        )
    )
    lines = [f"| {what} | {came} | {'yes' if met else 'no'} |" for what, came, met in rows]
    return ["| asked | measured | met |", "|---|---|---|", *lines]


def cost_of(size: Size) -> float:
    """Give the seconds of processor that a home costs, split and scored by two workers."""
    return (size.runs["split"].processor_s + size.runs["score 2"].processor_s) / size.homes


def _at_a_gigabyte(sizes: Sequence[Size], most: Callable[[Run], float]) -> float:
    """Give what splitting a gigabyte holds, on the line through the least and the largest here."""
    first, last = sizes[0], sizes[-1]
    least, largest = most(first.runs["split"]), most(last.runs["split"])
    growth = (largest - least) / (last.mb - first.mb) if last.mb > first.mb else 0.0
    return largest + growth * (1000 - last.mb)


def extrapolated(sizes: Sequence[Size]) -> str:
    """Say what a country of a gigabyte would cost if it grows as it did here."""
    size = sizes[-1]
    split, score = size.runs["split"], size.runs["score 2"]
    peak, own = (
        _at_a_gigabyte(sizes, most)
        for most in (lambda run: run.peaks[run.first], lambda run: run.own[run.first])
    )
    per_gb = 1000 / size.mb
    homes, tiles = size.homes * per_gb, size.tiles * per_gb
    clock = split.clock_s * per_gb
    worker = score.processor_s * per_gb
    return (
        f"**On paper: an extract of 1 GB** that is like this one has {homes / 1e6:.1f} million "
        f"homes in {tiles:,.0f} tiles. Splitting it takes {clock / 60:.0f} minutes of one processor"
        f" and {peak / 1000:.1f} GB at its peak, on the line from the least to the largest country "
        f"here: {own / 1000:.1f} GB are its own, the rest are mapped files, whose memory the "
        f"kernel takes back where it is short. Scoring it takes {worker / 60:.0f} minutes of "
        f"processor, with 2 workers {score.clock_s * per_gb / 60:.0f} minutes, with 16 of this "
        f"kind {worker / 16 / LEAST_EFFICIENCY / 60:.0f} minutes at an efficiency of "
        f"{LEAST_EFFICIENCY}. It assumes that time grows with tiles and bytes, as it does from "
        f"the least to the largest country here; that homes, streets and places stand to each "
        "other as in Las Palmas (where homes are few and large, the cost of a *resident* is lower, "
        "and in the country, where they are many and small, the cost of a *home* is lower); that "
        "no tile holds more than one of these does, which is for `--tiles` to see to: the densest "
        "metropolis decides the memory of a worker; that all workers see one disk. Between tiles "
        "nothing is sent, so that no part of it grows faster than their number; counting and the "
        "scheduler were not measured beyond this size."
    )


def document(sizes: Sequence[Size], load: tuple[float, float, float]) -> str:
    commit = commit_of(ROOT)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    told = (
        f"Printed by `python benchmarks/country_measured.py` on {now} of commit {commit}; load "
        f"average {load[0]:.1f} when begun, {os.getloadavg()[0]:.1f} at the end, "
        f"{cores()}. A country is made of copies of Las Palmas, shifted along their "
        "parallel and re-numbered, half a degree apart: of the shared extracts it has the most "
        "homes, and costs the most for a megabyte. It has no numbers of residents; *homes* are the "
        f"places from which residents walk. A tile a city, every {SEAM_EVERY}th city cut in two "
        f"through its middle; split by {sizes[-1].cut_by} for `{CHECKLIST}`. Every step is the "
        "command of the user in a process of its own, from its start to its end: seconds by the "
        "clock, of the processors, and these for 1,000 homes; peaks of workers and of the command "
        f"itself are the kernel's (VmHWM), of every process of more than {SMALL_MB} MB, read every "
        f"{MEASURED_S} s; *own* is what the command holds without mapped files (RssAnon)."
    )
    parts = [BEGIN, "", "## A country", "", told, "", *asked(sizes), "", *table(sizes), ""]
    return "\n".join([*parts, extrapolated(sizes), "", END])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="in cities")
    parser.add_argument("--folder", type=Path, help="keep what is made here")
    parser.add_argument("--write", action="store_true", help="put the table into the document")
    given = parser.parse_args()
    load, like = os.getloadavg(), Extract.of(DATA / LIKE)
    wanted = sorted(set(given.sizes))
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        sizes = [
            measured(n, like, folder / str(n), [2, 1] if n == wanted[-1] else [2]) for n in wanted
        ]
    text = document(sizes, load)
    print(text)
    if given.write:
        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
