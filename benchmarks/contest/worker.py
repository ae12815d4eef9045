"""One contestant in a process of its own: it prepares, answers and saves when it is told to.

``python -m contest.worker WORK CONTESTANT CITY [quick] [grows]`` reads commands from standard
input (``prepare``, ``ask``, ``save PATH``, ``quit``) and answers each with a line of JSON.
"""

# ruff: noqa: PLC0415 - only the process that needs a library loads it

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely


def memory_mb(field: str) -> float:
    """A field of this process's status: VmRSS (now) or VmHWM (the most so far)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def main() -> None:
    work, contestant, city, *words = sys.argv[1:]
    from contest import ground as grounds
    from contest import nearest, polygons, table

    contestants = {"W1": nearest, "W2": polygons, "W3": table}[work].CONTESTANTS
    base = memory_mb("VmRSS")
    ground = grounds.load(city, quick="quick" in words, grows="grows" in words)
    ask: Any = None
    answer: Any = None
    tell({"base_mb": base, "edges": ground.network.n_edges, "isochrones": ground.isochrones})
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        wall, cpu = time.perf_counter(), time.process_time()
        if command == "prepare":
            ask = contestants[contestant](ground)
        elif command == "ask":
            answer = None  # the last answer's memory is not this one's
            if hasattr(ask, "before"):
                ask.before()
            wall, cpu = time.perf_counter(), time.process_time()
            answer = ask()
        elif command == "quit":
            break
        spent = (time.perf_counter() - wall, time.process_time() - cpu)
        if command == "save":
            save(answer, Path(rest), ground)
        tell({"wall_s": spent[0], "cpu_s": spent[1], "peak_mb": memory_mb("VmHWM")})


def save(answer: Any, path: Path, ground: Any) -> None:
    from contest import polygons

    if answer.dtype == object:
        answer = np.array(shapely.to_wkb(polygons.read(answer, ground)), dtype=object)
    np.save(path, answer, allow_pickle=True)


def tell(what: dict[str, float]) -> None:
    sys.__stdout__.write("@" + json.dumps(what) + "\n")
    sys.__stdout__.flush()


if __name__ == "__main__":
    main()
