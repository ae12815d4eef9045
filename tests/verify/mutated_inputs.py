"""A thousand mutated inputs over all formats, seeded: a sentence or a table, never a traceback.

Each input is a small sound file with bytes turned, cut, doubled, swapped or overwritten, or with a
cell made odd. Run by ``make verify``; ``--count`` and ``--seed`` say how many and which.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Point

import quarterhour as qh
from quarterhour.arrays import Floats

HANG_S = 30.0
MOST_GROWTH_KB = 1_000_000
ODD = [
    "inf",
    "-inf",
    "nan",
    "1e309",
    "=1+1",
    "",
    "\x00",
    "９９",
    "1e20",
    "-1",
    "[" * 3_000,
    "a" * 70_000,
]
STREETS = """<osm version="0.6">
<node id="1" lat="60.1" lon="24.9" timestamp="2026-01-01T00:00:00Z"/>
<node id="2" lat="60.101" lon="24.9"/><node id="3" lat="60.101" lon="24.902"/>
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way></osm>"""
LIST = """key = "a"
zh = "a"
en = "a"
status = "verified"
citation = "none"
[[groups]]
key = "g"
zh = "g"
en = "g"
[[items]]
key = "i"
zh = "i"
en = "i"
group = "g"
kind = "public"
checkability = "A"
status = "verified"
citation = "none"
limit_minutes = 15
include = '市场(综合)?'
"""


def sound_files(folder: Path) -> dict[Path, Callable[[Path], object]]:
    """Write one small sound file of every kind, each with the function that reads it."""
    xy = [(24.9 + 0.001 * i, 60.1) for i in range(6)]
    places = gpd.GeoDataFrame(
        {"name": list("菜市场药店a"), "residents": range(6)},
        geometry=[Point(p) for p in xy],
        crs=4326,
    )
    areas = places.set_geometry(places.to_crs(32635).buffer(20).to_crs(4326))
    lines = gpd.GeoDataFrame(geometry=[LineString(xy), LineString([(24.9, 60.1), (24.9, 60.11)])])
    lines = lines.set_crs(4326)
    files: dict[Path, Callable[[Path], object]] = {}
    rows = "".join(f"{name},{lon},{lat}\n" for name, (lon, lat) in zip("abcdef", xy, strict=True))
    texts: dict[str, tuple[str, Callable[[Path], object]]] = {
        "a.csv": (f"name,lon,lat\n{rows}", qh.read_facilities),
        "a.json": (
            json.dumps({"pois": [{"name": "a", "location": f"{x},{y}"} for x, y in xy]}),
            lambda path: qh.read_facilities(path, datum="gcj02"),
        ),
        "a.osm": (STREETS, qh.read_osm),
        "a.toml": (LIST, qh.Checklist.load),
    }
    for name, (text, read) in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        files[folder / name] = read
    for name, table, reader in (
        ("p.geojson", places, qh.read_facilities),
        ("p.gpkg", places, qh.read_facilities),
        ("p.fgb", places, qh.read_facilities),
        ("a.geojson", areas, qh.read_areas),
        ("a.parquet", areas, qh.read_areas),
        ("b.geojson", areas, qh.read_buildings),
        ("l.geojson", lines, qh.read_network),
        ("l.gpkg", lines, qh.read_network),
    ):
        path = folder / name
        table.to_parquet(path) if path.suffix == ".parquet" else table.to_file(path)
        files[path] = reader
    files[qh.read_network(lines).save(folder / "n.npz")] = qh.read_network
    places.drop(columns="geometry").assign(lon=24.9, lat=60.1).to_excel(folder / "x.xlsx")
    files[folder / "x.xlsx"] = qh.read_facilities
    return files


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes of a file with a few faults."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(max(len(made), 1))
        size = rng.choice((1, 1, 4, 64))
        kind = rng.randrange(6)
        if kind == 0 and made:
            made[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            made[at : at + size] = rng.randbytes(size)
        elif kind == 2:
            del made[at : at + size]
        elif kind == 3:
            made[at:at] = made[at : at + size] * 3
        elif kind == 4:
            made = made[: max(at, 1)]
        else:
            made[at : at + size] = rng.choice(ODD).encode()
    return bytes(made)


def odd_geometry(rng: random.Random) -> object:
    """Return a geometry as broken programs make them."""
    far = rng.choice((1.0, 90.0, 180.0, 1e9, 1e300, float("nan"), float("inf")))
    xy = np.array([(rng.uniform(-1, 1) * far, rng.uniform(-1, 1)) for _ in range(4)])
    return rng.choice(
        (
            None,
            Point(),
            shapely.Polygon(),
            Point(*xy[0]),
            LineString(xy) if np.isfinite(xy).all() else Point(*xy[0]),
            LineString(xy[[0, 0]]),
            _ring(xy),
            _ring(xy[[0, 1, 0]]),
            shapely.MultiPolygon([_ring(xy), _ring(xy + 0.1)]),
            shapely.GeometryCollection([Point(*xy[0]), LineString(xy)]),
            shapely.points(*xy[0], 5.0),
        )
    )


def _ring(xy: Floats) -> shapely.Polygon:
    """Return a polygon, which may be none; not-a-number leaves it empty."""
    return shapely.Polygon(xy) if np.isfinite(xy).all() else shapely.Polygon()


def fails(call: Callable[[], object]) -> str | None:
    """Say where a call ends in something else than a result or a sentence."""
    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call()
        except qh.QuarterhourError:
            pass
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            where = traceback.extract_tb(error.__traceback__)
            own = [one for one in where if "quarterhour" in one.filename] or list(where)
            return (
                f"{type(error).__name__} in {Path(own[-1].filename).name}:{own[-1].lineno}: {error}"
            )
    took = time.monotonic() - began
    return f"{took:.0f} s" if took > HANG_S else None


def run(count: int, geometries: int, seed: int) -> Counter[str]:
    """Try so many mutated files and odd geometries; count the faults by cause."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    faults: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = sound_files(folder)
        network = qh.read_network(folder / "l.geojson")
        for path, read in files.items():
            if fault := fails(lambda read=read, path=path: read(path)):
                faults[f"sound {path.name}: {fault}"] += 1
        for _ in range(count):
            path = rng.choice(list(files))
            odd = folder / f"odd{path.suffix}"
            odd.write_bytes(mutated(path.read_bytes(), rng))
            if fault := fails(lambda read=files[path], odd=odd: read(odd)):
                faults[f"{path.suffix}: {fault[:160]}"] += 1
        for _ in range(geometries):
            shapes = [odd_geometry(rng) for _ in range(rng.choice((1, 2, 3)))]
            crs = rng.choice((4326, 32635, 3857))
            calls: list[Callable[[], object]] = [
                lambda s=shapes, c=crs: qh.origins(gpd.GeoDataFrame(geometry=s, crs=c)),
                lambda s=shapes, c=crs: qh.read_areas(gpd.GeoDataFrame(geometry=s, crs=c)),
                lambda s=shapes, c=crs: qh.read_network(gpd.GeoDataFrame(geometry=s, crs=c)),
                lambda s=shapes, c=crs: qh.nearest(
                    gpd.GeoDataFrame(geometry=s, crs=c),
                    gpd.GeoDataFrame(geometry=[Point(24.9, 60.1)], crs=4326),
                    network,
                ),
            ]
            if fault := fails(rng.choice(calls)):
                faults[f"geometry: {fault[:160]}"] += 1
    return faults


def main() -> int:
    """Run it and tell: exit code 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--geometries", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=12)
    asked = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    faults = run(asked.count, asked.geometries, asked.seed)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if grown > MOST_GROWTH_KB:
        faults[f"memory grew by {grown // 1000:,} MB"] += 1
    for fault, times in faults.most_common():
        print(f"{times:5} {fault}")
    print(
        f"{asked.count:,} mutated inputs, {asked.geometries:,} calls with odd geometries: "
        f"{sum(faults.values()):,} faults of {len(faults)} causes; "
        f"memory grew by {grown // 1000:,} MB"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
