"""One doorstep of a prepared question, with 28, 2,000 and 20,000 places, and a new process.

``python benchmarks/doorsteps.py`` on the streets of Las Palmas (``../shared/data``); ``--write``
puts the table into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from whole_calls import DATA, cores, write

import quarterhour as qh

BEGIN, END = "<!-- doorsteps -->", "<!-- end of doorsteps -->"
CHECKLIST = "beijing-2011-current"
PLACES = (28, 2_000, 20_000)
NEW = """
import sys, time
import quarterhour as qh
found = qh.open_reach(sys.argv[1]).from_point(float(sys.argv[2]), float(sys.argv[3]))
print(len(found.to_dict()["items"]), time.process_time())
"""


def strewn(streets: qh.WalkNetwork, n: int, seed: int) -> gpd.GeoSeries:
    rng = np.random.default_rng(seed)
    edge = rng.choice(streets.n_edges, n, p=streets.edge_length_m / streets.edge_length_m.sum())
    on = shapely.line_interpolate_point(streets.lines[edge], rng.random(n), normalized=True)
    xy = shapely.get_coordinates(on) + rng.normal(0, 15, (n, 2))
    return gpd.GeoSeries(shapely.points(xy), crs=streets.crs)


def row(streets: qh.WalkNetwork, n: int, rounds: int) -> str:
    keys = qh.Checklist.load(CHECKLIST).keys()
    places = gpd.GeoDataFrame(
        {
            "items": [keys[k % len(keys)] for k in range(n)],
            "name": [f"place {k}" for k in range(n)],
        },
        geometry=strewn(streets, n, 1),
    )
    begun = time.perf_counter()
    reach = qh.prepare(streets, places, CHECKLIST)
    made_s = time.perf_counter() - begun
    near = strewn(streets, 3 * rounds, 2).to_frame("geometry")
    near = near[qh.snap_places(near, streets)["status"].eq("snapped").to_numpy()]
    doors = [(p.x, p.y) for p in near.geometry.to_crs(4326)][:rounds]
    took = []
    for lon, lat in doors:
        begun = time.perf_counter()
        reach.from_point(lon, lat)
        took.append(time.perf_counter() - begun)
    area = gpd.GeoDataFrame(geometry=[shapely.Point(doors[0])], crs=4326)
    whole = min(timed(lambda: qh.assess(area, places, streets, CHECKLIST)) for _ in range(3))
    first = [first_answer(reach, *doors[0]) for _ in range(5)]
    ms = np.percentile(took, [50, 99]) * 1000
    cells = (
        f"{n:,}",
        f"{made_s:.2f}",
        f"{ms[0]:.2f}",
        f"{ms[1]:.2f}",
        f"{whole * 1000:.0f}",
        f"{min(one[0] for one in first):.2f}",
        f"{min(one[1] for one in first):.2f}",
    )
    line = "| " + " | ".join(cells) + " |"
    print(line, flush=True)
    return line


def timed(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def first_answer(reach: qh.Reach, lon: float, lat: float) -> tuple[float, float]:
    """Seconds of a whole new process: by the clock, and of the processor."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = reach.save(Path(scratch) / "town.reach")
        command = [sys.executable, "-c", NEW, str(folder), str(lon), str(lat)]
        begun = time.perf_counter()
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return time.perf_counter() - begun, float(said.split()[1])


def document(rows: list[str], load: float) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    told = (
        f"Printed by `python benchmarks/doorsteps.py` on {now}; load average {load:.1f} when "
        f"begun, {os.getloadavg()[0]:.1f} at the end, {cores()}. Streets of Las "
        f"Palmas, places strewn over them for the 28 items of `{CHECKLIST}`. `from_point` is one "
        "doorstep after the other in one thread; `assess` the same of an area of one point, asked "
        "anew. The new process opens the saved question and answers once: from the start of Python "
        "to its end. On a busy machine the median and the processor tell more than 99 % and the "
        "clock."
    )
    columns = "places | `prepare` s | `from_point` ms, median | 99 % | `assess` ms | new process s"
    head = [f"| {columns} | its processor s |", "|--:|--:|--:|--:|--:|--:|--:|"]
    title = "## A doorstep of a prepared question"
    return "\n".join([BEGIN, "", title, "", told, "", *head, *rows, "", END])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help="put the table into the document")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    streets = qh.read_network(DATA / "las-palmas.osm.pbf")
    row(streets, 100, 10)  # compiles
    text = document([row(streets, n, given.rounds) for n in PLACES], load)
    print(text)
    if given.write:
        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
