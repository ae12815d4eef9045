"""The street grid of the synthetic new town, and walking distances on it in closed form.

All coordinates are metres from the south-western corner of the town, on a plane. Streets are
called h0 to h8 from south to north and v0 to v8 from west to east.
"""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass
from itertools import pairwise

# The street grid: west to east, south to north; the river lies between h3 and h4.
XS = (0.0, 300.0, 660.0, 1000.0, 1720.0, 2040.0, 2440.0, 2800.0, 3100.0)
YS = (0.0, 280.0, 600.0, 900.0, 1060.0, 1700.0, 2000.0, 2340.0, 2620.0)
SOUTH, NORTH = YS[:4], YS[4:]
BRIDGE_X = XS[4]
RIVER = (930.0, 1030.0)


@dataclass(frozen=True)
class OnStreet:
    """A position on a street: `on` says whether the street runs east (h) or north (v)."""

    x: float
    y: float
    on: str


def side_distance(p: OnStreet, q: OnStreet) -> float:
    """Return the shortest walk between two positions on the same side of the river.

    On one side every north-south street meets every east-west street. Take p on an east-west
    street. If q is on a north-south street, walk along p's street to x = q.x, then along q's
    street: |dx| + |dy|, which no path can undercut. If q is on the same street, it is |dx|. If q
    is on another east-west street, any path has to use some north-south street x = c to get
    there, so it covers at least |p.x - c| + |c - q.x| east-west and |dy| north-south, and
    the path p, (c, p.y), (c, q.y), q attains it: |dy| + the least of that sum over c. It is the
    Manhattan distance unless both are strictly inside the same column of blocks, where one has
    to walk round the corner. The other cases follow by swapping x and y.
    """
    dx, dy = abs(p.x - q.x), abs(p.y - q.y)
    if p.on != q.on:
        return dx + dy
    if p.on == "h":
        return dx if dy == 0.0 else dy + min(abs(p.x - c) + abs(c - q.x) for c in XS)
    lines = SOUTH if p.y <= SOUTH[-1] else NORTH
    return dy if dx == 0.0 else dx + min(abs(p.y - c) + abs(c - q.y) for c in lines)


def grid_distance(p: OnStreet, q: OnStreet) -> float:
    """Return the shortest walk between two positions anywhere in the town.

    Only one street crosses the river, so a walk from one bank to the other passes both ends of
    the bridge, and its length is the sum of three independent parts. A walk that stays on one
    bank never gains by crossing, since it would have to come back over the same bridge.
    """
    p_south, q_south = p.y <= SOUTH[-1], q.y <= SOUTH[-1]
    if p_south == q_south:
        return side_distance(p, q)
    if q_south:
        p, q = q, p
    foot, head = OnStreet(BRIDGE_X, SOUTH[-1], "h"), OnStreet(BRIDGE_X, NORTH[0], "h")
    return side_distance(p, foot) + (NORTH[0] - SOUTH[-1]) + side_distance(head, q)


def street_lines() -> list[tuple[str, float, float, float, float]]:
    """Return each stretch of street as (key, x0, y0, x1, y1), the bridge on its own."""
    lines = [(f"h{k}", XS[0], y, XS[-1], y) for k, y in enumerate(YS)]
    for k, x in enumerate(XS):
        lines.append((f"v{k}", x, SOUTH[0], x, SOUTH[-1]))
        lines.append((f"v{k}", x, NORTH[0], x, NORTH[-1]))
    lines.append(("bridge", BRIDGE_X, SOUTH[-1], BRIDGE_X, NORTH[0]))
    return lines


def snap(x: float, y: float) -> tuple[float, OnStreet, float]:
    """Return the nearest position on a street: its distance, itself, and the runner-up's lead."""
    found = []
    for key, x0, y0, x1, y1 in street_lines():
        px, py = min(max(x, x0), x1), min(max(y, y0), y1)
        away = math.sqrt((x - px) ** 2 + (y - py) ** 2)
        found.append((away, OnStreet(px, py, "h" if key.startswith("h") else "v"), key))
    found.sort(key=lambda f: (f[0], f[2]))
    away, position, _ = found[0]
    return away, position, found[1][0] - away


def place_on(street: str, along: float, offset: float) -> tuple[float, float]:
    """Return the point `offset` metres off a street's centre line."""
    k = int(street[1:])
    return (along, YS[k] + offset) if street[0] == "h" else (XS[k] + offset, along)


def nearest_street(x: float, y: float) -> str:
    _, position, _ = snap(x, y)
    lines = YS if position.on == "h" else XS
    value = position.y if position.on == "h" else position.x
    return f"{position.on}{lines.index(value)}"


def dijkstra_distance(p: OnStreet, q: OnStreet) -> float:
    """Return the same distance from an explicit graph with a node every ten metres or less."""
    graph: dict[tuple[float, float], dict[tuple[float, float], float]] = {}
    for _, x0, y0, x1, y1 in street_lines():
        steps = round((x1 - x0 + y1 - y0) / 10)
        stops = {(x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps) for k in range(steps + 1)}
        for z in (p, q):
            if (x0 == x1 == z.x and y0 <= z.y <= y1) or (y0 == y1 == z.y and x0 <= z.x <= x1):
                stops.add((z.x, z.y))
        ordered = sorted(stops)
        for a, b in pairwise(ordered):
            length = abs(a[0] - b[0]) + abs(a[1] - b[1])
            graph.setdefault(a, {})[b] = length
            graph.setdefault(b, {})[a] = length
    best = {(p.x, p.y): 0.0}
    queue = [(0.0, (p.x, p.y))]
    while queue:
        metres, here = heapq.heappop(queue)
        if here == (q.x, q.y):
            return metres
        if metres > best[here]:
            continue
        for there, length in graph[here].items():
            if metres + length < best.get(there, math.inf):
                best[there] = metres + length
                heapq.heappush(queue, (metres + length, there))
    return math.inf


def check_closed_form(pairs: int, rng: random.Random) -> float:
    """Return the largest difference between the closed form and Dijkstra over random pairs."""
    lines = [line for line in street_lines() if line[0] != "bridge"]
    worst = 0.0
    for _ in range(pairs):
        ends = []
        for key, x0, y0, x1, y1 in (lines[int(rng.random() * len(lines))] for _ in "pq"):
            t = round(rng.random(), 4)
            ends.append(OnStreet(x0 + t * (x1 - x0), y0 + t * (y1 - y0), key[0]))
        worst = max(worst, abs(grid_distance(*ends) - dijkstra_distance(*ends)))
    return worst
