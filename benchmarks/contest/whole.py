"""W4 and the cold start: whole processes, from the start of Python to its end.

Only the standard library is imported here: a child's peak memory would be counted from ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from contest.rounds import HERE, say

ROOT = HERE.parent
CACHE = ROOT / ".cache" / "benchmarks"
CITY = "las-palmas"
PBF = ROOT.parent / "shared" / "data" / f"{CITY}.osm.pbf"
SAMPLE = ROOT / "data" / "samples" / "helsinki.osm.pbf"
CHECKLIST = ROOT / "src" / "quarterhour" / "checklists" / "beijing-2011.toml"
TABLES = ("areas", "facilities", "buildings", "gates")

SAVE = f"""
import quarterhour as qh
city = qh.read_osm({str(PBF)!r}, progress=False)
city.streets.save({str(CACHE / "w4" / "network.npz")!r})
for name in {TABLES!r}:
    getattr(city, name).to_parquet(f"{CACHE / "w4"}/{{name}}.parquet")
"""

FIRST_TABLE = f"""
import geopandas as gpd, shapely
import quarterhour as qh
network = qh.WalkNetwork.load({str(CACHE / "helsinki.npz")!r})
points = gpd.GeoDataFrame(geometry=shapely.points(network.node_xy[::40]), crs=network.crs)
{{import_engine}}
assert len(qh.travel_times(points, points, network{{engine}})) > 0
"""


def clocked(command: list[str], cache: Path | None = None) -> dict[str, float]:
    """Run a process; its wall and CPU seconds and its peak memory."""
    env = dict(os.environ)
    if cache is not None:
        env["NUMBA_CACHE_DIR"] = str(cache)
    begun = time.perf_counter()
    log = CACHE / "w4" / "last.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=HERE, env=env, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    if status != 0:
        raise RuntimeError(log.read_text(encoding="utf-8", errors="replace")[-3000:])
    cpu = usage.ru_utime + usage.ru_stime
    return {"wall_s": wall, "cpu_s": cpu, "peak_mb": usage.ru_maxrss / 1024}


def best(runs: list[dict[str, float]]) -> dict[str, float]:
    return {
        "wall_s": min(run["wall_s"] for run in runs),
        "cpu_s": min(run["cpu_s"] for run in runs),
        "peak_mb": max(run["peak_mb"] for run in runs),
        "rounds": len(runs),
    }


def scorecards(rounds: int) -> dict[str, dict[str, float]]:
    """Las Palmas to a scorecard: cold and warm, PBF and saved network, and what peers take."""
    work = CACHE / "w4"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    warm, empty = work / "warm", work / "empty"
    say("  W4: saving network and tables")
    clocked([sys.executable, "-c", SAVE])
    score = [sys.executable, "-m", "quarterhour", "score", "--no-progress"]
    if not (ROOT / "src" / "quarterhour" / "__main__.py").exists():
        score[1:3] = ["-c", "from quarterhour.cli.main import main; main()"]
    saved = [f"--{name}={work / name}.parquet" for name in TABLES]
    saved += [f"--network={work / 'network.npz'}", "--datum=wgs84"]
    out = [f"--out={work / 'out'}"]
    peers = [sys.executable, "-m", "contest.osmnx_pandana", str(PBF), str(CHECKLIST)]
    ways = {
        "quarterhour, PBF, warm, printed": [*score, str(PBF)],
        "quarterhour, PBF, warm, files and map picture": [*score, str(PBF), *out],
        "quarterhour, saved network and tables, printed": [*score, *saved],
        "quarterhour, saved network and tables, files and map picture": [*score, *saved, *out],
        "quarterhour, PBF, cold, files and map picture": [*score, str(PBF), *out],
        "OSMnx + pandana, PBF": [*peers, str(work / "peers")],
    }
    clocked([*score, str(PBF)], warm)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, command in ways.items():
            slow = "cold" in name or "OSMnx" in name
            if slow and number > 1:
                continue
            say(f"  W4: {name}")
            cold = "cold" in name
            shutil.rmtree(empty, ignore_errors=True)
            shutil.rmtree(work / "out", ignore_errors=True)
            runs[name].append(clocked(command, empty if cold else warm))
    return {name: best(taken) for name, taken in runs.items()}


def first_tables(rounds: int) -> dict[str, dict[str, float]]:
    """A small travel-time table (Helsinki) in a new process: what compiling and loading cost."""
    work = CACHE / "w4"
    work.mkdir(parents=True, exist_ok=True)
    full, empty = work / "first-full", work / "first-empty"
    plain = FIRST_TABLE.format(import_engine="", engine="")
    by_networkx = FIRST_TABLE.format(
        import_engine="from quarterhour.walking.engines import networkx_engine",
        engine=", engine=networkx_engine",
    )
    nothing = FIRST_TABLE.split("assert", maxsplit=1)[0].format(import_engine="")
    ways = {
        "nothing searched: start, imports, network": (nothing, full),
        "numba, compiled anew (empty cache)": (plain, empty),
        "numba, machine code kept": (plain, full),
        "networkx engine": (by_networkx, full),
    }
    clocked([sys.executable, "-c", plain], full)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (code, cache) in ways.items():
            shutil.rmtree(empty, ignore_errors=True)
            runs[name].append(clocked([sys.executable, "-c", code], cache))
    return {name: best(taken) for name, taken in runs.items()}
