"""Two versions of quarterhour side by side: import, reading, W1 to W4, growth; the best of each.

``python benchmarks/side_by_side.py OLD`` where OLD is a checkout of another version with its
``benchmarks``, and the extracts in ``OLD/../shared/data``; ``--write`` puts the table into
``docs/benchmarks.md``. Rounds of both versions take turns, so that a busy moment of the machine
falls on both. Each reads the extract itself: where the streets that are walked have changed, the
number of edges tells so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

NEW = Path(__file__).parents[1]
DOCUMENT = NEW / "docs" / "benchmarks.md"
BEGIN, END = "<!-- side by side -->", "<!-- end of side by side -->"
CITY = "las-palmas"
ASKED = {
    "W1": {"quarterhour": 12, "quarterhour, 1 thread": 8},
    "W2": {
        "quarterhour fast": 8,
        "quarterhour fast, network used before": 8,
        "quarterhour exact": 3,
    },
    "W3": {"quarterhour": 4},
}
GROWTH = ("helsinki", "porto", "porto-x4")
IMPORTS, SCORES, READS = 15, 4, 4
PARTS = ("import", "read", "W1", "W2", "W3", "W4", "growth")
Row = dict[str, str]


def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root / "src")}


def spent(command: list[str], root: Path) -> tuple[float, float]:
    """Return the seconds of a whole process: by the clock, and of the processor."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *command], env=environment(root), cwd=root, stdout=said, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        if status:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace")[-2000:])
    return wall, usage.ru_utime + usage.ru_stime


class Worker:
    """A contestant of one version, in a process of its own: see ``contest.worker``."""

    def __init__(self, root: Path, work: str, name: str, city: str, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "contest.worker", work, name, city, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root / "benchmarks",
            env=environment(root),
        )
        self.edges = int(self.hear()["edges"])
        self.tell("prepare")

    def hear(self) -> dict[str, float]:
        for line in self.process.stdout or ():
            if line.startswith("@"):
                return dict(json.loads(line[1:]))
        message = "A worker stopped: see its message above."
        raise RuntimeError(message)

    def tell(self, command: str) -> dict[str, float]:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.hear()

    def quit(self) -> None:
        self.process.communicate("quit\n")


def asked(old: Path, work: str, name: str, rounds: int, city: str = CITY, *words: str) -> Row:
    """Ask both versions in turn; the first answer of each, which compiles, is not counted."""
    workers = [Worker(root, work, name, city, *words) for root in (old, NEW)]
    try:
        best = [float("inf")] * 2
        processor = [float("inf")] * 2
        for number in range(rounds + 1):
            for side, worker in enumerate(workers):
                took = worker.tell("ask")
                if number:
                    best[side] = min(best[side], took["wall_s"])
                    processor[side] = min(processor[side], took["cpu_s"])
    finally:
        for worker in workers:
            worker.quit()
    edges = workers[1].edges / workers[0].edges
    where = f", {city}" if words else ""
    return row(
        f"{work}, {name}{where}", *best, f"{processor[1] / processor[0]:.2f}", f"{edges:.3f}"
    )


def row(what: str, old: float, new: float, processor: str = "", edges: str = "") -> Row:
    return {
        "what": what,
        "old": f"{old * 1000:,.1f} ms",
        "new": f"{new * 1000:,.1f} ms",
        "ratio": f"{new / old:.2f}",
        "processor": processor,
        "edges": edges,
    }


def imports(old: Path, rounds: int) -> list[Row]:
    """Time ``import quarterhour`` of both, beside ``import numpy`` and Python alone."""
    commands = {
        "python": ("pass", NEW),
        "numpy": ("import numpy", NEW),
        "old": ("import quarterhour", old),
        "new": ("import quarterhour", NEW),
    }
    best = dict.fromkeys(commands, (float("inf"), float("inf")))
    for _ in range(rounds):
        for name, (text, root) in commands.items():
            best[name] = less(best[name], spent(["-c", text], root))
    return [
        whole("import quarterhour, whole process", best["old"], best["new"]),
        whole("the same against import numpy", best["numpy"], best["new"]),
        whole("the same against Python alone", best["python"], best["new"]),
    ]


def less(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), min(one[1], other[1])


def whole(what: str, old: tuple[float, float], new: tuple[float, float]) -> Row:
    return row(what, old[0], new[0], f"{new[1] / old[1]:.2f}")


def scores(old: Path, rounds: int) -> list[Row]:
    """Time a whole scorecard of an extract, printed: of the areas that it maps, and of everyone.

    A version without ``--osm-areas`` scores mapped areas alone.
    """
    extract = NEW.parent / "shared" / "data" / f"{CITY}.osm.pbf"
    start = "from {}.main import main; main()"
    word = {old: start.format("quarterhour.cli"), NEW: start.format("quarterhour.cli")}
    if not (old / "src" / "quarterhour" / "cli").is_dir():
        word[old] = "from quarterhour.cli import main; main()"
    asked = {"old": (old, []), "mapped": (NEW, ["--osm-areas", "mapped"]), "all": (NEW, [])}
    if chooses(old):
        asked["old"] = (old, ["--osm-areas", "mapped"])
    best = dict.fromkeys(asked, (float("inf"), float("inf")))
    for number in range(rounds + 1):
        for name, (root, more) in asked.items():
            took = spent(["-c", word[root], "score", "--no-progress", *more, str(extract)], root)
            if number:
                best[name] = less(best[name], took)
    return [
        whole("W4, scorecard of the mapped areas of an extract", best["old"], best["mapped"]),
        whole("W4, now with everyone, against mapped areas before", best["old"], best["all"]),
    ]


def chooses(root: Path) -> bool:
    """Say whether a version can be asked for mapped areas."""
    return any("--osm-areas" in one.read_text("utf-8") for one in root.glob("src/*/cli/*.py"))


READ = """
import json, resource, sys, time
from quarterhour import read_osm
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
read_osm(sys.argv[1])
before, asked = peak(), json.loads(sys.argv[3])
wall, busy = time.perf_counter(), time.process_time()
read_osm(sys.argv[2], **asked)
print("@" + json.dumps([time.perf_counter() - wall, time.process_time() - busy, peak() - before]))
"""


def readings(old: Path, rounds: int) -> list[Row]:
    """Time ``read_osm``, and what it adds to the most memory of a process that has read before.

    A version that can be asked for mapped areas is, as the others read no more.
    """
    data = NEW.parent / "shared" / "data"
    rows = []
    for city in (CITY, "porto"):
        best = {root: (float("inf"),) * 3 for root in (old, NEW)}
        for _ in range(rounds):
            for root in (old, NEW):
                took = read_once(root, data / "beijing-bupt-2025.osm.pbf", data / f"{city}.osm.pbf")
                best[root] = tuple(map(min, best[root], took))
        (wall, busy, mb), (new_wall, new_busy, new_mb) = best[old], best[NEW]
        size = (data / f"{city}.osm.pbf").stat().st_size / 1e6
        what = f"read_osm of {city}, {size:.1f} MB"
        rows.append(row(what, wall, new_wall, f"{new_busy / busy:.2f}"))
        rows.append(
            {
                "what": f"{what}: memory",
                "old": f"{mb:,.0f} MB",
                "new": f"{new_mb:,.0f} MB",
                "ratio": f"{new_mb / mb:.2f}",
                "processor": "",
                "edges": "",
            }
        )
    return rows


def read_once(root: Path, small: Path, extract: Path) -> tuple[float, ...]:
    """Read an extract in a process of its own, which has read a small one before."""
    asked = {"areas": "mapped"} if chooses(root) else {}
    said = subprocess.run(
        [sys.executable, "-c", READ, str(small), str(extract), json.dumps(asked)],
        env=environment(root),
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(one for one in said.stdout.splitlines() if one.startswith("@"))
    return tuple(json.loads(line[1:]))


def document(rows: list[Row], old: Path) -> str:
    said = subprocess.run(
        ["git", "-C", str(NEW), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    before, after = (f"{load:.2f}" for load in os.getloadavg()[:2])
    told = (
        f"Printed by `python benchmarks/side_by_side.py {old.name}` on {now} of commit {said}, "
        "both versions in turn with the same packages, the best of all rounds; load "
        f"{before} (1 minute) and {after} (5 minutes) at the end. Ratios are new / old: below 1 is "
        "faster. On a busy machine processor time tells more than the clock."
    )
    head = "| what | old | new | new / old | processor time | edges walked |"
    lines = [
        BEGIN,
        "",
        "## Two versions side by side",
        "",
        told,
        "",
        head,
        "|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(str(value) for value in one.values()) + " |" for one in rows]
    return "\n".join([*lines, "", END])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path, help="checkout of another version")
    parser.add_argument("--only", nargs="*", default=PARTS)
    parser.add_argument("--rounds", type=int, default=15, help="no more rounds than this")
    parser.add_argument("--write", action="store_true", help="put the table into the document")
    given = parser.parse_args()
    old = given.old.resolve()
    rows: list[Row] = []
    if "import" in given.only:
        rows += imports(old, min(IMPORTS, given.rounds))
    if "read" in given.only:
        rows += readings(old, min(READS, given.rounds))
    for work, contestants in ASKED.items():
        for name, rounds in contestants.items() if work in given.only else ():
            rows.append(asked(old, work, name, min(rounds, given.rounds)))
            print(rows[-1], flush=True)
    for city in GROWTH if "growth" in given.only else ():
        rows.append(asked(old, "W1", "quarterhour", min(4, given.rounds), city, "grows"))
        print(rows[-1], flush=True)
    if "W4" in given.only:
        rows += scores(old, min(SCORES, given.rounds))
    text = document(rows, old)
    print(text)
    if given.write:
        page = DOCUMENT.read_text(encoding="utf-8")
        if BEGIN in page:
            page = page[: page.index(BEGIN)] + page[page.index(END) + len(END) :].lstrip("\n")
        DOCUMENT.write_text(page.rstrip() + "\n\n" + text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
