"""Isochrones of 2,000 areas and points on streets of whole metres: none fails, each is true.

Streets as CAD draws them, on whole metres, give ties at the corners of every square that is
traced. They are drawn as they are, a nanometre beside, as degrees and back, in blocks of odd
lengths, and as crooked lines between whole metres. Of each, areas and points on whole metres are
asked for in small portions, so that squares are traced, kept and used again; then some of the
isochrones are held to the search. Run by ``make verify``; ``--count`` and ``--seed`` say how many.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box

import quarterhour as qh
from quarterhour.walking.isochrones.isochrones import ERROR_M

CRS = "EPSG:32650"
EAST, NORTH = 448_000, 4_418_000
WIDE = 1_200
MINUTES = (2, 5)
PORTION = 25
VERIFIED = 4
Lines = list[LineString]


def grid(block: int) -> Lines:
    """Streets every so many metres, each between two crossings an edge."""
    at = range(0, WIDE + 1, block)
    across = [[(x, y), (x + block, y)] for y in at for x in at[:-1]]
    along = [[(x, y), (x, y + block)] for x in at for y in at[:-1]]
    return [LineString([(EAST + x, NORTH + y) for x, y in row]) for row in across + along]


def crooked(rng: np.random.Generator) -> Lines:
    """Streets between whole metres, at any angle, that meet at their ends."""
    nodes = {(i, j): (120 * i + rng.integers(-40, 41), 120 * j + rng.integers(-40, 41))
             for i in range(11) for j in range(11)}  # fmt: skip
    pairs = [((i, j), (i + 1, j)) for i in range(10) for j in range(11)]
    pairs += [((i, j), (i, j + 1)) for i in range(11) for j in range(10)]
    kept = [pair for pair in pairs if rng.random() < 0.85]
    return [
        LineString([(EAST + nodes[one][0], NORTH + nodes[one][1]) for one in pair]) for pair in kept
    ]


def beside(lines: Lines, rng: np.random.Generator) -> Lines:
    """The same, a nanometre off."""
    moved = [np.array(line.coords) for line in lines]
    return [LineString(xy + rng.choice([-1e-9, 0.0, 1e-9], xy.shape)) for xy in moved]


def worlds(seed: int) -> Iterator[tuple[str, qh.WalkNetwork]]:
    """The streets, by name."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, Callable[[], Lines]] = {
        "blocks of 100 m": lambda: grid(100),
        "blocks of 37 m": lambda: grid(37),
        "a nanometre beside": lambda: beside(grid(100), rng),
        "crooked": lambda: crooked(rng),
    }
    for name, lines in drawn.items():
        table = gpd.GeoDataFrame(geometry=lines(), crs=CRS)
        yield name, qh.WalkNetwork.from_edges(table)
    degrees = gpd.GeoDataFrame(geometry=grid(80), crs=CRS).to_crs(4326)
    yield "degrees and back", qh.WalkNetwork.from_edges(degrees.to_crs(CRS))


def asked(rng: np.random.Generator, count: int) -> gpd.GeoDataFrame:
    """Points and square areas, all on whole metres."""
    at = rng.integers(0, WIDE, (count, 2)) + np.array([EAST, NORTH])
    size = rng.choice([10, 20, 50], count)
    shapes = [
        Point(x, y) if number % 2 else box(x, y, x + wide, y + wide)
        for number, ((x, y), wide) in enumerate(zip(at, size, strict=True))
    ]
    return gpd.GeoDataFrame(geometry=shapes, crs=CRS)


def run(count: int, seed: int) -> tuple[list[str], pd.DataFrame]:
    """Draw them all; what failed or errs by more than is promised, and what was verified."""
    faults, checked = [], []
    for name, network in worlds(seed):
        rng = np.random.default_rng(seed)
        places = asked(rng, count // 5)
        for method in ("fast", "exact"):
            for first in range(0, len(places), PORTION):
                some = places.iloc[first : first + PORTION]
                try:
                    rings = qh.isochrones(some, network, minutes=MINUTES, method=method)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
                    faults.append(f"{name}, {method}, {first}: {type(error).__name__}: {error}")
                    continue
                if not rings.geometry.is_valid.all() or rings.geometry.is_empty.any():
                    faults.append(f"{name}, {method}, {first}: empty or not valid")
                picked = rings.iloc[rng.choice(len(rings), VERIFIED, replace=False)]
                picked.attrs = rings.attrs
                told = qh.verify(picked, network, samples=2_000, seed=seed)
                checked.append(told.assign(world=name, method=method))
    table = pd.concat(checked, ignore_index=True)
    wrong = table["error_m"] > table["method"].map(ERROR_M)
    faults += [
        f"{row['world']}, {row['method']}, place {row['origin']}, {row['minutes']:g} min: "
        f"off by {row['error_m']:g} m"
        for row in table[wrong].to_dict("records")
    ]
    return faults, table


def main() -> int:
    """Run it and tell: exit code 1 if one fails or errs by more than its method promises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=64)
    given = parser.parse_args()
    faults, table = run(given.count, given.seed)
    for fault in faults:
        print(fault)
    largest = table.groupby("method")["error_m"].max()
    told = ", ".join(f"{name} {error:g} m of {ERROR_M[name]:g}" for name, error in largest.items())
    print(
        f"{given.count} areas and points on whole metres, by both methods: {len(faults)} faults; "
        f"{len(table)} isochrones verified, largest error {told}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
