"""Compare quarterhour with what else one would pick, and write docs/benchmarks.md.

Run from anywhere: ``python benchmarks/peers.py`` (about 20 minutes), ``--only W1`` for one part,
``--quick`` to try it out on little work (nothing is written to the document then). The peers are
installed into ``.venv-peers`` on first use. Extracts are looked for in ``../shared/data``.

What was measured is kept in ``.cache/benchmarks/results``; the document is made of the last
figures of every part, each with its date.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from contest import document, machine, rounds, whole
from pages import kept_parts

CACHE = machine.ROOT / ".cache" / "benchmarks"
DOCUMENT = machine.ROOT / "docs" / "benchmarks.md"

W1 = {
    "quarterhour": 12,
    "quarterhour, 1 thread": 12,
    "numba heap, 1 thread": 6,
    "scipy": 8,
    "pandana": 2,
    "igraph": 4,
    "rustworkx": 3,
    "networkit": 3,
    "networkx": 2,
    "stream": 12,
}
W2 = {
    "quarterhour exact": 2,
    "quarterhour exact, network used before": 2,
    "quarterhour fast": 4,
    "quarterhour fast, network used before": 4,
    "quarterhour fast, 1 thread": 3,
    "quarterhour fast, network used before, 1 thread": 3,
    "quarterhour fast, one by one": 2,
    "OSMnx recipe": 1,
    "Valhalla": 5,
}
W3 = {"quarterhour": 4, "scipy": 2, "pandana": 1, "networkx": 2}
GROWTH = {
    "W1": {"quarterhour": 6, "quarterhour, 1 thread": 6},
    "W2": {"quarterhour exact": 2, "quarterhour fast": 3, "quarterhour fast, one by one": 2},
}
CITIES = ("helsinki", "las-palmas", "porto", "porto-x4")


def w1(quick: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"bandwidth": rounds.run("bandwidth")}
    for city in ("las-palmas",) if quick else ("porto", "las-palmas"):
        found[city] = _judged("W1", W1, city, quick, _tables)
        found[city]["sizes"] = rounds.run("sizes", city, _word(quick))
    return found


def w2(quick: bool) -> dict[str, Any]:
    cities = ("las-palmas",) if quick else ("las-palmas", "porto")
    return {city: _judged("W2", W2, city, quick, _isochrones) for city in cities}


def w3(quick: bool) -> dict[str, Any]:
    cities = ("las-palmas",) if quick else ("las-palmas", "porto")
    return {city: _judged("W3", W3, city, quick, _tables) for city in cities}


def w4(quick: bool) -> dict[str, Any]:
    rounds.run("sizes", "helsinki", _word(quick))  # makes the network that is loaded
    return {
        "scorecards": whole.scorecards(1 if quick else 3),
        "first_tables": whole.first_tables(1 if quick else 3),
    }


def growth(quick: bool) -> dict[str, Any]:
    """The same work on networks of every size; both sizes of Porto take turns."""
    found: dict[str, Any] = {}
    words = ["grows", "quick"] if quick else ["grows"]
    for work, contestants in GROWTH.items():
        found[work] = rounds.play_cities(work, contestants, CITIES, words)
    return found


def exactness(quick: bool) -> dict[str, Any]:
    """Verify isochrones of every city; nothing is timed, so the cities go side by side."""
    cities = ("helsinki",) if quick else ("helsinki", "las-palmas", "porto")

    def verified(city: str) -> Any:
        rounds.say(f"  verify: {city}")
        return rounds.run("exactness", city, _word(quick))

    with ThreadPoolExecutor() as threads:
        return dict(zip(cities, threads.map(verified, cities), strict=True))


PARTS = {"W1": w1, "W2": w2, "W3": w3, "W4": w4, "growth": growth, "exactness": exactness}


def _judged(work: str, contestants: dict[str, int], city: str, quick: bool, judge: Any) -> Any:
    folder = CACHE / "answers" / work / city
    asked = {name: min(2, count) if quick else count for name, count in contestants.items()}
    times = rounds.play(work, asked, city, ["quick"] if quick else [], folder)
    names = [name for name in contestants if name != "stream"]
    verdicts = judge(city, folder, quick, [rounds.file_name(name) for name in names])
    return {
        "times": times,
        "answers": {name: verdicts[rounds.file_name(name)] for name in names},
    }


def _tables(_: str, folder: Path, __: bool, names: list[str]) -> Any:
    return rounds.run("tables", str(folder), rounds.file_name("scipy"), *names)


def _isochrones(city: str, folder: Path, quick: bool, names: list[str]) -> Any:
    return rounds.run("isochrones", city, str(folder), _word(quick), *names)


def _word(quick: bool) -> str:
    return "yes" if quick else "no"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=[*PARTS, "none"], default=[*PARTS])
    parser.add_argument("--quick", action="store_true", help="little work; no document")
    chosen = parser.parse_args()
    python = machine.python_of_peers()
    if Path(sys.executable) != python:  # the same program, in the peers' environment
        os.execv(python, [str(python), *sys.argv])
    results = CACHE / ("results-quick" if chosen.quick else "results")
    results.mkdir(parents=True, exist_ok=True)
    for part in chosen.only:
        if part == "none":
            continue
        rounds.say(f"{part} …")
        begun = machine.now()
        figures = PARTS[part](chosen.quick)
        about = {**machine.description(), **begun, "load_after": machine.now()["load"]}
        text = json.dumps({"about": about, "figures": figures}, indent=1)
        (results / f"{part}.json").write_text(text, encoding="utf-8")
    text = document.write(results)
    sys.stdout.write(text)
    if not chosen.quick:
        text = text.rstrip() + "\n" + kept_parts(DOCUMENT.read_text(encoding="utf-8"))
        DOCUMENT.write_text(text, encoding="utf-8")
        rounds.say(f"Written to {DOCUMENT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
