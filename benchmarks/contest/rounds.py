"""Ask all contestants in turn, round after round, each in its own process.

Rounds are interleaved, so that a busy moment of the machine falls on all alike, and only one
contestant works at a time. This module and those that start processes import nothing large: a
child's peak memory would be counted from its parent's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]


@dataclass
class Runner:
    """A contestant's process, and what it has taken so far."""

    name: str
    process: subprocess.Popen[str]
    hello: dict[str, Any] = field(default_factory=dict)
    prepare: dict[str, float] = field(default_factory=dict)
    asked: list[dict[str, float]] = field(default_factory=list)

    def hear(self) -> dict[str, Any]:
        for line in self.process.stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        msg = f"{self.name} stopped: see its message above."
        raise RuntimeError(msg)

    def tell(self, command: str) -> dict[str, Any]:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.hear()

    def figures(self) -> dict[str, float]:
        """Best of all rounds, with what the process needed."""
        return {
            **{f"prepare_{key}": value for key, value in self.prepare.items()},
            "first_wall_s": self.asked[0]["wall_s"],
            "wall_s": min(one["wall_s"] for one in self.asked),
            "cpu_s": min(one["cpu_s"] for one in self.asked),
            "rounds": len(self.asked),
            "peak_mb": self.asked[-1]["peak_mb"],
            "base_mb": self.hello["base_mb"],
            "edges": self.hello["edges"],
            "isochrones": self.hello["isochrones"],
        }


def start(work: str, name: str, city: str, words: list[str]) -> Runner:
    command = [sys.executable, "-m", "contest.worker", work, name, city, *words]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE
    )
    return Runner(name, process)


def play(
    work: str, rounds: Mapping[str, int], city: str, words: list[str], folder: Path | None
) -> dict[str, dict[str, float]]:
    """Figures of each contestant; answers go to ``folder`` as ``<contestant>.npy``."""
    runners = []
    try:
        for name in rounds:
            say(f"  {work} {city}: {name} prepares")
            runners.append(start(work, name, city, words))
            runners[-1].hello = runners[-1].hear()
            runners[-1].prepare = runners[-1].tell("prepare")
        for number in range(max(rounds.values())):
            for runner in runners:
                if number < rounds[runner.name]:
                    runner.asked.append(runner.tell("ask"))
        found = {runner.name: runner.figures() for runner in runners}
        for runner in runners:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                runner.tell(f"save {folder / file_name(runner.name)}")
    finally:
        for runner in runners:
            runner.process.stdin.close()
            runner.process.wait()
    return found


def play_cities(
    work: str, rounds: Mapping[str, int], cities: Iterable[str], words: list[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """Figures by contestant and city; all cities of a contestant take turns."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, times in rounds.items():
        runners = {}
        try:
            for city in cities:
                say(f"  {work} grows: {name}, {city}")
                runners[city] = start(work, name, city, words)
                runners[city].hello = runners[city].hear()
                runners[city].prepare = runners[city].tell("prepare")
            for _ in range(times):
                for runner in runners.values():
                    runner.asked.append(runner.tell("ask"))
            found[name] = {city: runner.figures() for city, runner in runners.items()}
        finally:
            for runner in runners.values():
                runner.process.stdin.close()
                runner.process.wait()
    return found


def file_name(contestant: str) -> str:
    return contestant.replace(" ", "_").replace(",", "") + ".npy"


def run(task: str, *words: str) -> Any:
    """Run a function of :mod:`contest.judge` in its own process; its answer is JSON."""
    command = [sys.executable, "-m", "contest.judge", task, *words]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1].removeprefix("@"))


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
