"""Ask Valhalla which streets one walks: lengths of random walks, side by side, by cause.

Run from anywhere: ``python benchmarks/second_opinion.py`` (about two minutes), with
``--pairs 50 helsinki`` for less. Both walk from street position to street position, 500 random
pairs of buildings of each extract, 100 to 2,000 m apart as the crow flies. Valhalla walks at
4.5 km/h with its penalties at 0. Printed is a table for docs/decisions/0016; every pair that is
off by more than 20 % is listed with what only one of the two walks on, and drawn on maps with
``--draw FOLDER``: ours in blue, Valhalla's in red, islands of our streets in orange. Valhalla is
installed into ``.venv-peers`` on first use; extracts are looked for in ``../shared/data``.
"""

# ruff: noqa: PLC0415 - only the environment of the peers has Valhalla

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from contest import machine
from contest.ground import DATA
from contest.polygons import valhalla_tiles
from pairs_drawn import Pair, draw

import quarterhour as qh
from quarterhour.streets.positions import Positions
from quarterhour.streets.snap import end_positions

CITIES = ("helsinki", "monaco", "las-palmas", "beijing-haidian-2017")
SEED = 15
NEAR_M, FAR_M = 100.0, 2000.0
OFF = 1.2
POLYGON = 3
ZERO = ("step", "elevator", "service", "destination_only", "gate", "country_crossing")
COSTS = {
    "walking_speed": 4.5,
    "use_ferry": 0,
    "max_hiking_difficulty": 6,
    "gate_cost": 0,
    "private_access_penalty": 0,
} | {f"{name}_penalty": 0 for name in ZERO}
COSTS |= {f"{name}_factor": 1 for name in ("walkway", "sidewalk", "alley", "driveway", "service")}


def drawn(city: qh.City, count: int) -> tuple[np.ndarray, Positions]:
    """Random pairs of buildings that have a street, as rows; and where each meets its street."""
    points = gpd.GeoDataFrame(geometry=city.buildings.geometry.representative_point())
    network = city.streets
    at = end_positions(points, network, 100.0)
    place = points.geometry.to_crs(network.crs)
    xy = shapely.get_coordinates(place.array)
    inside = np.flatnonzero(place.iloc[at.row].within(network.extent).to_numpy())
    rng, pairs = np.random.default_rng(SEED), []
    while len(pairs) < count:
        a, b = rng.choice(inside, 2, replace=False)
        apart = np.hypot(*(xy[at.row[a]] - xy[at.row[b]]))
        if NEAR_M <= apart <= FAR_M:
            pairs.append((a, b))
    return np.array(pairs), at


def our_metres(network: qh.WalkNetwork, on_street: gpd.GeoDataFrame, pairs: np.ndarray) -> Any:
    """Metres of our walk of each pair; NaN where there is none."""
    pace = qh.Profile("walker", 1.25)
    starts = np.unique(pairs[:, 0])
    times = qh.travel_times(
        on_street.iloc[starts], on_street, network, np.inf, pace=pace, snap_limit_m=1.0
    )
    found = np.full((len(starts), len(on_street)), np.nan)
    found[times.origin, times.destination] = times.seconds * pace.speed_m_s
    return found[np.searchsorted(starts, pairs[:, 0]), pairs[:, 1]]


def their_walk(actor: Any, ends: np.ndarray) -> tuple[float, list[int], Any]:
    """Metres of Valhalla's walk between two positions, its ways, and its line; NaN if none."""
    question = {
        "locations": [{"lon": lon, "lat": lat} for lon, lat in ends],
        "costing": "pedestrian",
        "costing_options": {"pedestrian": COSTS},
    }
    try:
        trip = json.loads(actor.route(json.dumps(question)))["trip"]
    except RuntimeError:
        return np.nan, [], None
    trace = {k: v for k, v in question.items() if k != "locations"}
    trace |= {"encoded_polyline": trip["legs"][0]["shape"], "shape_match": "walk_or_snap"}
    try:
        edges = json.loads(actor.trace_attributes(json.dumps(trace)))["edges"]
    except RuntimeError:
        edges = []
    line = decoded(trip["legs"][0]["shape"])
    return trip["summary"]["length"] * 1000, [edge["way_id"] for edge in edges], line


def decoded(text: str) -> Any:
    """Read a polyline of Valhalla, in millionths of a degree, latitude first."""
    values, number, shift = [], 0, 0
    for letter in text:
        bits = ord(letter) - 63
        number |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            values.append(~(number >> 1) if number & 1 else number >> 1)
            number = shift = 0
    lat_lon = np.cumsum(np.reshape(values, (-1, 2)), axis=0) / 1e6
    return shapely.LineString(lat_lon[:, ::-1])


def cause(network: qh.WalkNetwork, ours: float, theirs: float, ways: list[int], at: Any) -> str:
    """Say why two walks differ; ``at`` are the ways on which ours begins and ends."""
    known = set(network.edge_osmid.tolist())
    left_out = [way for way in ways if way not in known]
    if not np.isfinite(theirs):
        return "Valhalla finds no walk"
    if not ways:
        return "Valhalla does not say which ways it takes"
    elsewhere = [way for way in at if way not in (*ways[:2], *ways[-2:])]
    if elsewhere:
        islands = network.component[network.edge_nodes[np.isin(network.edge_osmid, elsewhere), 0]]
        where = "a street that is an island" if islands.any() else "a way that it does not walk"
        return f"Valhalla begins or ends elsewhere: the home lies on {where}"
    if left_out and not ours < theirs:
        return "Valhalla walks on a way that we leave out"
    if ours < theirs:
        return "we cross a square, platform or path that it does not"
    return "the same ways, joined or directed otherwise"


def compare(city: str, count: int, drawings: Path | None) -> dict[str, Any]:
    """Walk the pairs of one extract with both; returns a row of the table, and what is off."""
    import valhalla

    read = qh.read_osm(DATA / f"{city}.osm.pbf")
    network = read.streets
    pairs, at = drawn(read, count)
    spots = shapely.line_interpolate_point(network.lines[at.edge], at.fraction, normalized=True)
    on_street = gpd.GeoDataFrame(geometry=np.asarray(spots), crs=network.crs)
    degrees = shapely.get_coordinates(on_street.to_crs(4326).geometry.array)
    ours = our_metres(network, on_street, pairs)
    actor = valhalla.Actor(valhalla_tiles(city))
    off, ratios, causes, shown = [], [], Counter[tuple[str, str]](), []
    for (a, b), metres in zip(pairs, ours, strict=True):
        theirs, ways, line = their_walk(actor, degrees[[a, b]])
        ratio = metres / theirs
        if np.isfinite(ratio):
            ratios.append(ratio)
            if 1 / OFF <= ratio <= OFF:
                continue
            side = "longer" if ratio > 1 else "shorter"
        elif np.isnan(metres) and np.isnan(theirs):
            continue
        else:
            side = "only Valhalla" if np.isnan(metres) else "only we"
        ends = network.edge_osmid[at.edge[[a, b]]].tolist()
        why = cause(network, metres, theirs, ways, ends)
        causes[side, why] += 1
        where = tuple((int(at.edge[k]), float(at.fraction[k])) for k in (a, b))
        told = f"{len(off) + 1}. {metres:.0f} m, Valhalla {theirs:.0f} m, from {ends}\n{why}"
        there = gpd.GeoSeries([line], crs=4326).to_crs(network.crs).iloc[0]
        shown.append(Pair(where, there, told))
        unknown = sorted(set(ways) - set(network.edge_osmid.tolist()))
        off.append(f"{side}: {metres:.0f} m, Valhalla {theirs:.0f} m; from {ends}; {unknown}")
    if drawings is not None:
        homes = np.asarray(read.buildings.geometry.to_crs(network.crs).array, dtype=object)
        homes = homes[shapely.get_type_id(homes) == POLYGON]
        draw(network, shapely.get_exterior_ring(homes), shown, drawings / city)
    return {"city": city, "ratios": np.array(ratios), "causes": causes, "off": off}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cities", nargs="*", default=CITIES)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--draw", type=Path, help="folder for maps of the pairs that are off")
    given = parser.parse_args()
    if find_spec("valhalla") is None:
        command = [str(machine.python_of_peers()), __file__, *sys.argv[1:]]
        sys.exit(subprocess.run(command, check=False).returncode)
    found = [compare(city, given.pairs, given.draw) for city in given.cities]
    print("| extract | pairs that both walk | median | 5 % | 95 % | longer | shorter |")
    print("|--|--:|--:|--:|--:|--:|--:|")
    for one in found:
        r = one["ratios"]
        low, middle, high = np.percentile(r, [5, 50, 95])
        sides = f"{(r > OFF).sum()} | {(r < 1 / OFF).sum()}"
        print(f"| {one['city']} | {len(r)} | {middle:.3f} | {low:.2f} | {high:.2f} | {sides} |")
    print("\n| extract | our walk is | cause | pairs |\n|--|--|--|--:|")
    for one in found:
        for (side, why), pairs in one["causes"].most_common():
            print(f"| {one['city']} | {side} | {why} | {pairs} |")
    for one in found:
        print(f"\n{one['city']}: off by more than 20 %, with the ways that we do not have")
        print("\n".join(one["off"]))


if __name__ == "__main__":
    main()
