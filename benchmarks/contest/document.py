"""docs/benchmarks.md, made of what was measured; no figure in it is typed by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from contest import verdicts

Figures = dict[str, Any]

INTRODUCTION = """\
# Measured against what one would pick instead

Made by `python benchmarks/peers.py`; do not edit. That command installs the peers into an
environment of their own, gives all of them the same streets, seconds and positions, looks whether
their answers agree, and only then compares times.

How to read the tables: every contestant runs in a process of its own; rounds are interleaved and
only one works at a time; *s* is the best round by the clock, *CPU s* the best round in processor
time (all threads together), *peak MB* the most memory that the whole process ever held, with
Python, libraries and the network in it. Compiling and loading code falls into preparation or
the first round. Two shared cores: read the ratios.
"""

STREAM = "stream"
OURS = "quarterhour"


def write(results: Path) -> str:
    """The whole document, of the parts that have been measured."""
    parts = {}
    for name in ("W1", "W2", "W3", "W4", "growth", "exactness"):
        path = results / f"{name}.json"
        if path.exists():
            parts[name] = json.loads(path.read_text(encoding="utf-8"))
    figures = {name: part["figures"] for name, part in parts.items()}
    chapters = [INTRODUCTION, _machine(parts), verdicts.chapter(figures)]
    writers = {
        "exactness": _exactness,
        "W1": _w1,
        "W2": _w2,
        "W3": _w3,
        "W4": _w4,
        "growth": _growth,
    }
    chapters += [writer(figures[name]) for name, writer in writers.items() if name in figures]
    return "\n".join(chapters)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown; all columns but the first are figures."""
    lines = [
        "| " + " | ".join(head) + " |",
        "|" + "|".join(["--"] + ["--:"] * (len(head) - 1)) + "|",
    ]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def title(city: str) -> str:
    return city.replace("-", " ").title()


def number(value: float) -> str:
    """Three digits that mean something."""
    if not math.isfinite(value):
        return "more than 500" if value > 0 else "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 4)}f}"


def _machine(parts: dict[str, Figures]) -> str:
    if not parts:
        return ""
    about = next(iter(parts.values()))["about"]
    lines = [f"- {about[key]}" for key in ("processor", "memory", "system", "packages")]
    rows = [
        [name, *(one["about"][key] for key in ("date", "load", "load_after", "commit"))]
        for name, one in parts.items()
    ]
    head = ["part", "begun", "load average before (1, 5, 15 min)", "after", "commit"]
    return "## The machine\n\n" + "\n".join(lines) + "\n\n" + table(head, rows)


def _w1(figures: Figures) -> str:
    text = (
        "## W1: the nearest facility of 30 categories, for every node\n\n"
        "20 to 600 facilities of a category, on nodes; 15 minutes at 1.25 m/s. The answer is a "
        "table of seconds, 30 rows by a column for each node. igraph, rustworkx and networkit "
        "know no limit and search on; a node that leads to the facilities in no time stands for "
        "each category. networkx answers 3 categories, and its time is multiplied by 10. The heap "
        "is the search that this library had before. *Worst difference* is against scipy, over "
        "all nodes that both reach; *lone* are nodes that only one of the two reaches.\n"
    )
    for city in ("porto", "las-palmas"):
        if city in figures:
            text += _w1_city(city, figures[city], figures["bandwidth"]["bytes_per_s"])
    return text


def _w1_city(city: str, figures: Figures, bytes_per_s: float) -> str:
    times, answers, sizes = figures["times"], figures["answers"], figures["sizes"]
    rows = [
        _timed(name, one, times[OURS], 10 if name == "networkx" else 1) + _agreement(answers[name])
        for name, one in times.items()
        if name != STREAM
    ]
    head = [
        "",
        "preparation s",
        "query s",
        "CPU s",
        "ratio",
        "peak MB",
        "worst difference s",
        "lone",
    ]
    text = f"\n### {title(city)}: {sizes['nodes']:,} nodes, {sizes['edges']:,} edges\n\n"
    text += table(head, rows)
    once = times[STREAM]["wall_s"]
    far = 30 * sizes["graph_bytes"] / bytes_per_s
    best, one_thread = times[OURS]["wall_s"], times["quarterhour, 1 thread"]["cpu_s"]
    return text + (
        f"\nThe physical limit: the graph's arrays are {sizes['graph_bytes'] / 1e6:.1f} MB. To "
        f"read them once for each of the 30 categories takes one thread {number(1000 * once)} ms "
        f"as they lie (in the processor's caches), and {number(1000 * far)} ms at the "
        f"speed of main memory ({bytes_per_s / 1e9:.1f} GB/s, measured on an array of 1 GiB). The "
        f"search "
        f"takes {number(best / once)} and {number(best / far)} times as long; on one thread, by "
        f"processor time, {number(one_thread / once)} and {number(one_thread / far)} times.\n"
    )


def _timed(name: str, one: Figures, ours: Figures, times: float = 1) -> list[str]:
    return [
        name,
        number(one["prepare_wall_s"]),
        number(one["wall_s"] * times),
        number(one["cpu_s"] * times),
        f"{number(one['wall_s'] * times / ours['wall_s'])} ×",
        number(one["peak_mb"]),
    ]


def _agreement(answer: Figures) -> list[str]:
    right = verdicts.agrees(answer)
    return [number(answer["worst_s"]) + ("" if right else " (disagrees)"), f"{answer['lone']:,}"]


def _w2(figures: Figures) -> str:
    text = (
        "## W2: isochrones of 15 minutes\n\n"
        "200, around junctions, so that nobody has to snap the origin. Ours are drawn in one call "
        "on a network that has drawn one isochrone so far, unless it says otherwise; *used before* "
        "is a network that has drawn 200 others and has kept what does not depend on the walk. The "
        "peers draw one by one. The OSMnx example: ego graph by time, edges buffered by 25 m, "
        "union, outer ring, without its slow look-ups. Valhalla: its own tiles of the same "
        "extract, default options; the time is that of its call, without making a polygon of the "
        "answer. Its streets and costs are its own, so part of its error is a "
        "different opinion of the streets.\n\n"
        "The definition is that of `qh.isochrones` with a reach of 50 m. *Worst m*: the largest "
        "error that `qh.verify` finds, which is how far a wrongly judged point lies from the true "
        "boundary. *Mean* and *95 %*: distances of points along the boundary from that of the "
        "exact method. *Area wrong*: what is in one and not in the other, as a share of the true "
        "area.\n"
    )
    for city in ("las-palmas", "porto"):
        if city in figures:
            text += _w2_city(city, figures[city])
    return text


def _w2_city(city: str, figures: Figures) -> str:
    times, answers = figures["times"], figures["answers"]
    ours = times["quarterhour fast"]
    any_answer = next(iter(answers.values()))
    rows = []
    for name, one in times.items():
        each, judged = 1000 / one["isochrones"], answers[name]
        rows.append(
            [
                name,
                number(one["prepare_wall_s"]),
                number(one["wall_s"] * each),
                number(one["cpu_s"] * each),
                f"{number(one['wall_s'] / ours['wall_s'])} ×",
                number(one["peak_mb"]),
                f"{judged['area_ratio']:.3f}",
                f"{100 * judged['wrong_share']:.2f} %",
                number(judged["error_m"]),
                number(judged["mean_m"]),
                number(judged["p95_m"]),
            ]
        )
    head = ["", "preparation s", "ms each", "CPU ms each", "ratio", "peak MB", "area (median)"]
    head += ["area wrong", "worst m", "mean m", "95 % m"]
    return (
        f"\n### {title(city)}\n\n{table(head, rows)}\n"
        f"`verify`: {any_answer['judged']} isochrones of each, {any_answer['samples']:,} samples "
        "per isochrone.\n"
    )


def _w3(figures: Figures) -> str:
    text = (
        "## W3: a table of 3,000 × 3,000 walking times within 15 minutes\n\n"
        "Between junctions. scipy searches in blocks of 250 origins; pandana answers 300 origins "
        "(contraction hierarchies, no limit), and its time is multiplied by 10; networkx answers "
        "10, multiplied by 300.\n"
    )
    factor = {"pandana": 10, "networkx": 300}
    for city, one in figures.items():
        times, answers = one["times"], one["answers"]
        rows = [
            _timed(name, taken, times[OURS], factor.get(name, 1)) + _agreement(answers[name])
            for name, taken in times.items()
        ]
        head = ["", "preparation s", "query s", "CPU s", "ratio", "peak MB"]
        head += ["worst difference s", "lone"]
        text += f"\n### {title(city)}\n\n{table(head, rows)}"
        text += f"\n{answers[OURS]['within']:,} pairs are within the limit.\n"
    return text


def _w4(figures: Figures) -> str:
    text = (
        "## W4: the whole process, Las Palmas to a scorecard\n\n"
        "From the start of Python to its end. *Cold*: no machine code kept from before (empty "
        "`NUMBA_CACHE_DIR`). The OSMnx + pandana script (`benchmarks/contest/osmnx_pandana.py`) "
        "does less: middles of areas and of facilities moved to the nearest junction, mapped "
        "residential areas only, tags only.\n\n"
    )
    head = ["", "s", "CPU s", "peak MB", "runs"]
    text += table(head, [_process(name, one) for name, one in figures["scorecards"].items()])
    text += (
        "\n### The first answer of a new process\n\n"
        "A table of about 100 × 100 walking times in Helsinki (8,190 edges).\n\n"
    )
    return text + table(head, [_process(n, one) for n, one in figures["first_tables"].items()])


def _process(name: str, one: Figures) -> list[str]:
    return [name, *(number(one[key]) for key in ("wall_s", "cpu_s", "peak_mb")), str(one["rounds"])]


def _growth(figures: Figures) -> str:
    text = (
        "## Growth\n\n"
        "The same work on networks of four sizes; Porto × 4 is four copies of Porto side by side. "
        "In W1 facilities grow with the city (Porto has 20 to 600 of a category). The origins of "
        "W2 are the same junctions in Porto and in the first copy "
        "of Porto × 4. *Added MB*: peak less what the process held with its libraries before it "
        "read the network. *Slope*: of the logarithm against that of the edges.\n"
    )
    for work, contestants in figures.items():
        some = next(iter(contestants.values()))["porto"]
        each = 1000 / (1 if work == "W1" else some["isochrones"])
        unit = "ms" if work == "W1" else "ms each"
        for name, cities in contestants.items():
            rows = [
                [
                    city,
                    f"{one['edges']:,}",
                    number(one["wall_s"] * each),
                    number(one["cpu_s"] * each),
                    number(one["peak_mb"] - one["base_mb"]),
                ]
                for city, one in cities.items()
            ]
            ones = list(cities.values())
            edges = [one["edges"] for one in ones]
            slopes = [
                verdicts.slope(edges, [one[key] for one in ones]) for key in ("wall_s", "cpu_s")
            ]
            added = [one["peak_mb"] - one["base_mb"] for one in ones]
            slopes.append(verdicts.slope(edges, added))
            rows.append(["slope", "", *(f"{value:.2f}" for value in slopes)])
            head = ["", "edges", unit, f"CPU {unit}", "added MB"]
            text += f"\n### {work}, {name}\n\n{table(head, rows)}"
    return text


def _exactness(figures: Figures) -> str:
    text = (
        "## Are the isochrones right?\n\n"
        "`qh.verify` on random positions on streets, 15 minutes, a reach of 50 m: a sample "
        "is a point about which the polygon and `travel_times` are asked. An error is as many "
        "metres as a wrongly judged point lies from the true boundary.\n\n"
    )
    rows = []
    for city, methods in figures.items():
        for method, one in methods.items():
            rows.append(
                [
                    f"{city}, {method}",
                    str(one["origins"]),
                    f"{one['samples']:,}",
                    f"{one['false_in'] + one['street_false_in']:,}",
                    f"{one['false_out']:,}",
                    f"{one['street_false_out']:,}",
                    number(one["median_error_m"]),
                    number(one["error_m"]),
                ]
            )
    head = ["", "origins", "samples each", "false in", "false out, off street"]
    head += ["false out, on street", "median of worst m", "worst m"]
    return text + table(head, rows)
