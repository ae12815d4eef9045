"""The example service under load: four workers, 200 requests a second, and their memory.

``python benchmarks/service_load.py`` prepares Las Palmas (``../shared/data``), starts
``examples/service.py`` behind uvicorn, and asks it for doorsteps at an even rate; ``--minutes 30``
for long, ``--write`` puts the figures into ``docs/benchmarks.md``. One request in fifty is a bad
one. Workers run on ``uvloop`` where it is installed: without it uvicorn leaves Nagle's delay of
40 ms in every answer of several workers (its issue 3149). The client shares the cores with the
service.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely
from whole_calls import DATA, ROOT, cores, write

import quarterhour as qh

BEGIN, END = "<!-- service -->", "<!-- end of service -->"
BAD = "/reach?lon=60.17&lat=24.94"
LOOP = " on uvloop" if importlib.util.find_spec("uvloop") else ""
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def prepared(folder: Path) -> list[tuple[float, float]]:
    """Save a prepared town, and give doorsteps in it."""
    city = qh.read_osm(DATA / "las-palmas.osm.pbf")
    qh.prepare(city.streets, city.facilities, "beijing-2011").save(folder)
    rng = np.random.default_rng(1)
    streets = city.streets
    at = streets.node_xy[rng.choice(streets.n_nodes, 2000)] + rng.normal(0, 15, (2000, 2))
    import geopandas as gpd  # noqa: PLC0415 - beside its use

    places = gpd.GeoSeries(shapely.points(at), crs=streets.crs).to_crs(4326)
    return list(zip(places.x.tolist(), places.y.tolist(), strict=True))


def memory_mb(parent: int) -> dict[int, tuple[float, float]]:
    """Resident and private megabytes of the processes of a server."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = (folder / "status").read_text(encoding="utf-8")
            rollup = (folder / "smaps_rollup").read_text(encoding="utf-8")
        except OSError:
            continue
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        if int(fields["PPid"]) != parent or "VmRSS" not in fields:
            continue
        private = sum(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_")
        )
        found[int(folder.name)] = int(fields["VmRSS"].split()[0]) / 1024, private / 1024
    # Processes that do no work (the one that watches over resources) are small.
    return {number: both for number, both in found.items() if both[0] > 50}


def processor_s(parent: int) -> float:
    """Seconds of processor that the processes of a server have used."""
    ticks = 0
    for number in memory_mb(parent):
        fields = (Path("/proc") / str(number) / "stat").read_text(encoding="utf-8")
        ticks += sum(map(int, fields.rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Client:
    """Connections that are kept open, each with one request at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[tuple[float, Connection]] = []
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.lost = 0

    async def connection(self) -> Connection:
        while self.idle:
            since, (reader, writer) = self.idle.pop()
            # The server closes what was idle for five seconds.
            if time.perf_counter() - since < 3 and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, path: str, due: float) -> None:
        reader, writer = await self.connection()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.lost += 1
            return
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        await reader.readexactly(length)
        self.statuses[int(head.split()[1])] += 1
        self.took.append(time.perf_counter() - due)  # with the wait for its turn
        self.idle.append((time.perf_counter(), (reader, writer)))

    async def load(self, paths: list[str], rate: float, seconds: float) -> None:
        begun, asked = time.perf_counter(), []
        for number in range(int(rate * seconds)):
            due = begun + number / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            asked.append(asyncio.create_task(self.ask(paths[number % len(paths)], due)))
            if len(asked) > 500:
                asked = [task for task in asked if not task.done()]
        await asyncio.gather(*asked)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def served(folder: Path, port: int, workers: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT / "examples"), "service:app"]
    options = ["--port", str(port), "--workers", str(workers), "--log-level", "warning"]
    environment = {**os.environ, "QUARTERHOUR_REACH": str(folder)}
    return subprocess.Popen([*command, *options, "--no-access-log"], env=environment)


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = "The service did not start."
    raise RuntimeError(message)


def run(given: argparse.Namespace) -> list[str]:
    """Load the service minute by minute; a row each."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "town.reach"
        places = prepared(folder)
        paths = [f"/reach?lon={lon:.6f}&lat={lat:.6f}" for lon, lat in places]
        paths = [BAD if number % 50 == 49 else path for number, path in enumerate(paths)]
        port = free_port()
        server = served(folder, port, given.workers)
        try:
            wait_for(port)
            time.sleep(3)
            asyncio.run(Client(port).load(paths, given.rate, 5))  # every worker has begun
            for minute in range(given.minutes):
                client, begun = Client(port), time.perf_counter()
                busy = processor_s(server.pid)
                asyncio.run(client.load(paths, given.rate, 60))
                rate = len(client.took) / (time.perf_counter() - begun)
                cost = (processor_s(server.pid) - busy) / len(client.took)
                rows.append(told(minute + 1, client, (rate, cost), memory_mb(server.pid)))
                print(rows[-1], flush=True)
        finally:
            server.terminate()
            server.wait(20)
    return rows


def told(
    minute: int,
    client: Client,
    pace: tuple[float, float],
    memory: dict[int, tuple[float, float]],
) -> str:
    middle, most, worst = (np.percentile(client.took, [50, 99, 100]) * 1000).tolist()
    statuses = ", ".join(f"{n:,} × {code}" for code, n in sorted(client.statuses.items()))
    statuses += f", {client.lost} unanswered" if client.lost else ""
    sizes = [f"{sum(part):.0f}" for part in zip(*memory.values(), strict=True)]
    rate, cost = pace
    cells = [minute, f"{rate:.0f}", statuses, f"{middle:.1f}", f"{most:.1f}", f"{worst:.0f}"]
    cells += [f"{cost * 1000:.2f}", *sizes]
    return "| " + " | ".join(map(str, cells)) + " |"


def document(rows: list[str], given: argparse.Namespace, load: tuple[float, ...]) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    shown = rows if len(rows) <= 8 else [*rows[:3], *rows[4:-3:5], *rows[-3:]]
    text = (
        f"Printed by `python benchmarks/service_load.py --minutes {given.minutes}` on {now}; load "
        f"average {load[0]:.1f} when begun, {os.getloadavg()[0]:.1f} at the end, {cores()}. "
        "`examples/service.py` of Las Palmas (30 items) behind uvicorn with "
        f"{given.workers} workers{LOOP} is asked for {given.rate:g} doorsteps a second by a "
        "client on the same machine; "
        "milliseconds are from when a request was due until all of its answer was there. Memory is "
        "that of all workers: resident counts what they share once for each, private does not. "
        "Processor time of the workers tells what a request costs on a quiet machine."
    )
    columns = "minute | requests/s | answers | median ms | 99 % ms | worst ms | processor ms"
    head = [
        f"| {columns} | resident MB | private MB |",
        "|--:|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    return "\n".join([BEGIN, "", "## The service under load", "", text, "", *head, *shown, "", END])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=2)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--write", action="store_true", help="put the table into the document")
    given = parser.parse_args()
    load = os.getloadavg()
    text = document(run(given), given, load)
    print(text)
    if given.write:
        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
