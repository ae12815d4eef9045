"""Are the answers right? Asked before anybody's time is compared."""

# ruff: noqa: PLC0415 - only the process that needs a library loads it

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

import quarterhour as qh
from contest import ground as grounds
from contest.ground import LIMIT_S, REACH_M
from contest.polygons import PACE
from quarterhour.walking.isochrones.isochrones import ERROR_M

JUDGED = 5
"""Isochrones of each contestant that ``verify`` samples, out of all that were drawn."""

SAMPLES = 20_000
BOUNDARY_STEP_M = 5.0


def tables(folder: str, reference: str, *names: str) -> dict[str, dict[str, float]]:
    """Compare tables of seconds with the reference's, row by row where a row was answered."""
    truth = np.load(Path(folder) / reference, allow_pickle=True)
    found = {}
    for name in names:
        mine = np.load(Path(folder) / name, allow_pickle=True)
        rows = ~np.isnan(mine).any(axis=1)
        a, b = truth[rows], np.where(mine[rows] > LIMIT_S, np.inf, mine[rows])
        both = np.isfinite(a) & np.isfinite(b)
        # Within a hair of the limit, rounding decides who is in.
        nearest = np.minimum(np.where(np.isfinite(a), a, LIMIT_S), np.where(np.isfinite(b), b, a))
        lone = (np.isfinite(a) != np.isfinite(b)) & (nearest < LIMIT_S - 0.5)
        found[name] = {
            "answered": float(rows.mean()),
            "within": int(np.isfinite(b).sum()),
            "worst_s": float(np.abs(a[both] - b[both]).max(initial=0.0)),
            "lone": int(lone.sum()),
        }
    return found


def isochrones(city: str, folder: str, quick: str, *names: str) -> dict[str, dict[str, Any]]:
    """Area and boundary error of each contestant's polygons against the definition."""
    ground = grounds.load(city, quick=quick == "yes")
    truth = _shapes(folder, "quarterhour_exact.npy")
    chosen = np.linspace(0, len(truth) - 1, 3 if quick == "yes" else JUDGED).astype(int)
    found: dict[str, dict[str, Any]] = {}
    judged: dict[bytes, dict[str, Any]] = {}
    for name in names:
        mine = _shapes(folder, name)
        same = b"".join(shapely.to_wkb(mine))
        if same in judged:  # drawn another way, and the same to the byte
            found[name] = judged[same]
            continue
        wrong = shapely.area(shapely.symmetric_difference(mine, truth)) / shapely.area(truth)
        away = np.concatenate([_from_boundary(a, b) for a, b in zip(mine, truth, strict=True)])
        found[name] = {
            "area_ratio": float(np.median(shapely.area(mine) / shapely.area(truth))),
            "wrong_share": float(wrong.mean()),
            "mean_m": float(away.mean()),
            "p95_m": float(np.percentile(away, 95)),
            "far_m": float(away.max()),
            **_verified(mine[chosen], ground, chosen),
        }
        judged[same] = found[name]
    return found


def _shapes(folder: str, name: str) -> np.ndarray:
    return shapely.from_wkb(np.load(Path(folder) / name, allow_pickle=True))


def _from_boundary(mine: shapely.Geometry, truth: shapely.Geometry) -> np.ndarray:
    """Distances of points along one boundary from the other."""
    line = shapely.segmentize(shapely.boundary(mine), BOUNDARY_STEP_M)
    border = shapely.boundary(truth)
    shapely.prepare(border)
    return np.asarray(shapely.distance(shapely.points(shapely.get_coordinates(line)), border))


def _verified(shapes: np.ndarray, ground: grounds.Ground, chosen: np.ndarray) -> dict[str, Any]:
    places = ground.points(ground.origins[chosen])
    table = gpd.GeoDataFrame(
        {"origin": places.index, "minutes": LIMIT_S / 60}, geometry=shapes, crs=places.crs
    )
    table.attrs["reach_m"] = REACH_M
    said = qh.verify(table, ground.network, places=places, pace=PACE, samples=SAMPLES // 10)
    return {
        "judged": len(said),
        "samples": int((said["samples"] + said["street_samples"]).iloc[0]),
        "false_in": int((said["false_in"] + said["street_false_in"]).sum()),
        "false_out": int((said["false_out"] + said["street_false_out"]).sum()),
        "street_false_out": int(said["street_false_out"].sum()),
        "error_m": float(said["error_m"].max()),
        "median_error_m": float(said["error_m"].median()),
    }


def exactness(city: str, quick: str) -> dict[str, dict[str, Any]]:
    """``verify`` both methods on random positions on streets, not only junctions."""
    ground = grounds.load(city)
    count, samples = (4, 2_000) if quick == "yes" else (50, SAMPLES)
    places = _street_positions(ground.network, count)
    found = {}
    for method in ("exact", "fast"):
        begun = time.perf_counter()
        asked = {"pace": PACE, "method": method, "reach_m": REACH_M}
        drawn = qh.isochrones(places, ground.network, (15,), **asked)
        said = qh.verify(drawn, ground.network, pace=PACE, samples=samples)
        found[method] = {
            "origins": count,
            "samples": samples,
            **{key: int(said[key].sum()) for key in COUNTS},
            "wrong_origins": int((said["error_m"] > ERROR_M[method]).sum()),
            "error_m": float(said["error_m"].max()),
            "median_error_m": float(said["error_m"].median()),
            "took_s": time.perf_counter() - begun,
        }
    return found


COUNTS = ("false_in", "false_out", "street_false_in", "street_false_out")


def _street_positions(network: qh.WalkNetwork, count: int) -> gpd.GeoDataFrame:
    """Random positions on the streets of the largest component."""
    rng = np.random.default_rng(50)
    mine = np.flatnonzero(network.component[network.edge_nodes[:, 0]] == 0)
    length = network.edge_length_m[mine]
    edge = rng.choice(mine, count, p=length / length.sum())
    at = shapely.line_interpolate_point(network.lines[edge], rng.random(count), normalized=True)
    return gpd.GeoDataFrame(geometry=at, crs=network.crs)


def bandwidth() -> dict[str, float]:
    """Bytes a second read from main memory: the best pass over an array larger than caches."""
    from numba import njit

    @njit
    def add(words: np.ndarray) -> int:
        total = 0
        for i in range(words.size):
            total += words[i]
        return total

    words = np.ones(1 << 27, dtype=np.int64)
    add(words[:8])
    passes = []
    for _ in range(5):
        begun = time.perf_counter()
        add(words)
        passes.append(time.perf_counter() - begun)
    return {"bytes_per_s": words.nbytes / min(passes)}


def sizes(city: str, quick: str) -> dict[str, int]:
    """What the graph weighs and how much is asked of it."""
    from contest.nearest import stream_bytes

    ground = grounds.load(city, quick=quick == "yes")
    return {
        "nodes": ground.network.n_nodes,
        "edges": ground.network.n_edges,
        "graph_bytes": stream_bytes(ground),
        "facilities": int(sum(map(len, ground.categories))),
    }


TASKS = {
    "tables": tables,
    "isochrones": isochrones,
    "exactness": exactness,
    "bandwidth": bandwidth,
    "sizes": sizes,
}

if __name__ == "__main__":
    answer = TASKS[sys.argv[1]](*sys.argv[2:])
    sys.stdout.write("@" + json.dumps(answer) + "\n")
