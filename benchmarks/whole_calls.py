"""W5: whole public calls against the best recipe of scipy (and pandana), with the same table.

``python benchmarks/whole_calls.py`` on the extracts in ``../shared/data``; ``--write`` puts the
table into ``docs/benchmarks.md``. Every call and its recipes take turns in one process, so that a
busy moment of the machine falls on all of them; the best round of each counts.

A recipe is what one would write with scipy or pandana: homes and facilities are put on their
nearest nodes by a k-d tree, what lies between is searched within the limit, and a table of the
same rows and columns is made of it (words as categories). Its graph and its tree are built
beforehand, as ours keeps what it knows of its streets. It walks from node to node: positions on
edges, gates, walls and levels, which our calls see to, are none of its work.

So that all answer the same, homes and facilities stand on nodes of streets to which places are
joined, those that share their place with another node or street left out; how far the answers are
apart is said below the table. In `assess` they stand where they stand, and the answers differ.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pages import put
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

import quarterhour as qh

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
DATA = Path(os.environ.get("QUARTERHOUR_DATA", ROOT.parent / "shared" / "data"))
BEGIN, END = "<!-- whole calls -->", "<!-- end of whole calls -->"
LIMIT_S = 900.0
ITEMS, BLOCK = 30, 128


class Town(NamedTuple):
    """Streets, homes on their nodes, and facilities of 30 items on nodes, 20 to 600 of each."""

    name: str
    streets: qh.WalkNetwork
    homes: gpd.GeoDataFrame
    shops: gpd.GeoDataFrame

    @classmethod
    def of(cls, name: str, streets: qh.WalkNetwork) -> Town:
        rng = np.random.default_rng(5)
        counts = np.linspace(20, 600, ITEMS).astype(int)
        on = nodes_joined(streets)
        at = np.concatenate([rng.choice(len(on), n, replace=False) for n in counts])
        item = np.repeat([f"item {k:02}" for k in range(ITEMS)], counts)
        points = shapely.points(streets.node_xy[on])
        homes = gpd.GeoDataFrame(geometry=points, crs=streets.crs)
        shops = gpd.GeoDataFrame({"item": item}, geometry=points[at], crs=streets.crs)
        return cls(name, streets, homes, shops)


def nodes_joined(streets: qh.WalkNetwork) -> np.ndarray:
    """Nodes of streets that places are joined to, alone in their place and on no other street."""
    joined = np.unique(streets.edge_nodes[~streets.passed_over])
    _, at, count = np.unique(streets.node_xy, axis=0, return_inverse=True, return_counts=True)
    alone = joined[count[at.ravel()[joined]] == 1]
    points = gpd.GeoDataFrame(geometry=shapely.points(streets.node_xy[alone]), crs=streets.crs)
    edge = qh.snap_places(points, streets)["edge"].to_numpy()
    own: np.ndarray = alone[(streets.edge_nodes[edge] == alone[:, None]).any(axis=1)]
    return own


class Nodes:
    """What a recipe prepares: the graph as scipy has it, turned round, and a tree of the nodes.

    Walks end at the places from which scipy searches; a few streets lead one way alone.
    """

    def __init__(self, streets: qh.WalkNetwork) -> None:
        u, v = streets.edge_nodes.T
        seconds = np.maximum(qh.ADULT(streets), 1e-9).T.ravel()
        table = pd.DataFrame({"tail": np.r_[u, v], "head": np.r_[v, u], "s": seconds})
        table = table[np.isfinite(seconds)]
        least = table.groupby(["tail", "head"], as_index=False)["s"].min()  # scipy adds them up
        n = streets.n_nodes
        self.matrix = coo_array((least["s"], (least["head"], least["tail"])), shape=(n, n)).tocsr()
        self.tree = cKDTree(streets.node_xy)
        self.crs = streets.crs
        self.xy = streets.node_xy
        self.arcs = least

    def at(self, table: gpd.GeoDataFrame) -> np.ndarray:
        shapes = table.geometry.to_crs(self.crs)
        shapes = shapes if shapes.geom_type.eq("Point").all() else shapes.representative_point()
        found: np.ndarray = self.tree.query(shapely.get_coordinates(shapes.array))[1]
        return found


def nearest_scipy(town: Town, nodes: Nodes) -> pd.DataFrame:
    home, shop = nodes.at(town.homes), nodes.at(town.shops)
    codes, items = pd.factorize(town.shops["item"], sort=True)
    n, k = len(home), len(items)
    seconds, facility = np.empty((n, k)), np.empty((n, k), dtype=np.int64)
    for item in range(k):
        rows = np.flatnonzero(codes == item)
        found = dijkstra(
            nodes.matrix, indices=shop[rows], min_only=True, limit=LIMIT_S, return_predecessors=True
        )
        label = np.full(len(nodes.xy), -1)
        label[shop[rows[::-1]]] = rows[::-1]
        source = found[2]
        near = np.where(source >= 0, label[source], -1)
        seconds[:, item], facility[:, item] = found[0][home], near[home]
    within = np.isfinite(seconds)
    seconds[~within] = np.nan
    labels = np.append(np.asarray(town.shops.index, dtype=object), None)
    words = ["beyond_limit", "within_limit"]
    columns = {
        "origin": town.homes.index.repeat(k),
        "item": pd.Categorical.from_codes(np.tile(np.arange(k, dtype=np.int8), n), items),
        "seconds": seconds.ravel(),
        "facility": pd.Series(labels[facility.ravel()], dtype=object, copy=False),
        "status": pd.Categorical.from_codes(within.ravel().astype(np.int8), words),
    }
    return pd.DataFrame(columns, copy=False)


def blocks(nodes: Nodes, shops: gpd.GeoDataFrame) -> Any:
    """Seconds from every node to a block of shops at a time, infinite beyond the limit."""
    at = nodes.at(shops)
    for first in range(0, len(at), BLOCK):
        yield first, dijkstra(nodes.matrix, indices=at[first : first + BLOCK], limit=LIMIT_S)


def times_scipy(homes: gpd.GeoDataFrame, shops: gpd.GeoDataFrame, nodes: Nodes) -> pd.DataFrame:
    home = nodes.at(homes)
    parts = []
    for first, found in blocks(nodes, shops):
        mine = found[:, home]
        row, origin = np.nonzero(np.isfinite(mine))
        parts.append((origin, row + first, mine[row, origin]))
    origin, shop, seconds = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((shop, origin))
    columns = {
        "origin": homes.index.take(origin[order]),
        "destination": shops.index.take(shop[order]),
        "seconds": seconds[order],
    }
    return pd.DataFrame(columns)


def counts_scipy(homes: gpd.GeoDataFrame, shops: gpd.GeoDataFrame, nodes: Nodes) -> pd.DataFrame:
    counts = np.zeros((len(nodes.xy), 3), dtype=np.int64)
    for _, found in blocks(nodes, shops):
        for k, minutes in enumerate((5, 10, 15)):
            counts[:, k] += (found <= minutes * 60).sum(axis=0)
    return pd.DataFrame(counts[nodes.at(homes)], index=homes.index, columns=[5, 10, 15])


def three_scipy(homes: gpd.GeoDataFrame, shops: gpd.GeoDataFrame, nodes: Nodes) -> pd.DataFrame:
    best, which = np.full((3, len(nodes.xy)), np.inf), np.full((3, len(nodes.xy)), -1)
    for first, found in blocks(nodes, shops):
        near = np.argpartition(found, 2, axis=0)[:3]
        both = np.concatenate([best, np.take_along_axis(found, near, 0)])
        rows = np.concatenate([which, near + first])
        order = np.argsort(both, axis=0, kind="stable")[:3]
        best, which = np.take_along_axis(both, order, 0), np.take_along_axis(rows, order, 0)
    home = nodes.at(homes)
    seconds, row = best[:, home].T.ravel(), which[:, home].T.ravel()
    return _three(homes, shops, seconds, row)


def _three(homes: Any, shops: Any, seconds: np.ndarray, row: np.ndarray) -> pd.DataFrame:
    within = np.isfinite(seconds) & (seconds <= LIMIT_S)
    labels = np.append(np.asarray(shops.index, dtype=object), None)
    words = ["beyond_limit", "within_limit"]
    columns = {
        "origin": homes.index.repeat(3),
        "rank": np.tile([1, 2, 3], len(homes)),
        "seconds": np.where(within, seconds, np.nan),
        "facility": pd.Series(labels[np.where(within, row, -1)], dtype=object, copy=False),
        "status": pd.Categorical.from_codes(within.astype(np.int8), words),
    }
    return pd.DataFrame(columns, copy=False)


def pandana_of(nodes: Nodes) -> Any:
    """The network as pandana has it; none where it is not installed."""
    try:
        import pandana  # noqa: PLC0415 - a peer, where it is installed
    except ImportError:
        return None
    xy = pd.DataFrame(nodes.xy, columns=["x", "y"])
    arcs = nodes.arcs
    ends = arcs["tail"], arcs["head"]
    net = pandana.Network(xy["x"], xy["y"], *ends, arcs[["s"]], twoway=False)
    net.precompute(LIMIT_S)
    return net


def nearest_pandana(town: Town, net: Any) -> pd.DataFrame:
    """Pandana puts places on nodes itself; the table is made as that of scipy is."""
    home = net.get_node_ids(town.homes.geometry.x, town.homes.geometry.y).to_numpy()
    codes, items = pd.factorize(town.shops["item"], sort=True)
    n, k = len(home), len(items)
    seconds, facility = np.empty((n, k)), np.empty((n, k))
    for item in range(k):
        mine = town.shops[codes == item]
        net.set_pois("shops", LIMIT_S, 1, mine.geometry.x, mine.geometry.y)
        found = net.nearest_pois(
            LIMIT_S, "shops", num_pois=1, max_distance=np.inf, include_poi_ids=True
        )
        seconds[:, item], facility[:, item] = (
            found[1].to_numpy()[home],
            found["poi1"].to_numpy()[home],
        )
    within = np.isfinite(seconds)
    row = np.where(within, np.nan_to_num(facility, nan=-1), -1).astype(np.int64)
    labels = np.append(np.asarray(town.shops.index, dtype=object), None)
    columns = {
        "origin": town.homes.index.repeat(k),
        "item": pd.Categorical.from_codes(np.tile(np.arange(k, dtype=np.int8), n), items),
        "seconds": np.where(within, seconds, np.nan).ravel(),
        "facility": pd.Series(labels[row.ravel()], dtype=object, copy=False),
        "status": pd.Categorical.from_codes(
            within.ravel().astype(np.int8), ["beyond_limit", "within_limit"]
        ),
    }
    return pd.DataFrame(columns, copy=False)


def three_pandana(homes: Any, shops: Any, net: Any) -> pd.DataFrame:
    home = net.get_node_ids(homes.geometry.x, homes.geometry.y).to_numpy()
    net.set_pois("shops", LIMIT_S, 3, shops.geometry.x, shops.geometry.y)
    found = net.nearest_pois(
        LIMIT_S, "shops", num_pois=3, max_distance=np.inf, include_poi_ids=True
    )
    seconds = found[[1, 2, 3]].to_numpy()[home].ravel()
    label = found[["poi1", "poi2", "poi3"]].to_numpy()[home].ravel()
    row = shops.index.get_indexer(pd.Index(np.nan_to_num(label.astype(float), nan=-1)))
    return _three(homes, shops, seconds, row)


def times_pandana(homes: Any, shops: Any, net: Any) -> pd.DataFrame:
    """All places within the limit: as many of the nearest as there are places."""
    home = net.get_node_ids(homes.geometry.x, homes.geometry.y).to_numpy()
    net.set_pois("shops", LIMIT_S, len(shops), shops.geometry.x, shops.geometry.y)
    found = net.nearest_pois(
        LIMIT_S, "shops", num_pois=len(shops), max_distance=np.inf, include_poi_ids=True
    )
    seconds = found.iloc[:, : len(shops)].to_numpy()[home]
    label = found.iloc[:, len(shops) :].to_numpy()[home]
    origin, rank = np.nonzero(np.isfinite(seconds))
    shop = shops.index.get_indexer(pd.Index(label[origin, rank].astype(np.int64)))
    order = np.lexsort((shop, origin))
    columns = {
        "origin": homes.index.take(origin[order]),
        "destination": shops.index.take(shop[order]),
        "seconds": seconds[origin, rank][order],
    }
    return pd.DataFrame(columns)


def counts_pandana(homes: Any, shops: Any, net: Any) -> pd.DataFrame:
    home = net.get_node_ids(homes.geometry.x, homes.geometry.y).to_numpy()
    net.set(net.get_node_ids(shops.geometry.x, shops.geometry.y), name="shops")
    found = [net.aggregate(m * 60, type="count", decay="flat", name="shops") for m in (5, 10, 15)]
    table = np.column_stack([one.to_numpy()[home] for one in found]).astype(np.int64)
    return pd.DataFrame(table, index=homes.index, columns=[5, 10, 15])


def assessed(city: qh.City, homes: gpd.GeoDataFrame, checklist: Any, search: Any) -> Any:
    """Classified by `qh.classify`, as no peer does; node to node; half of each area.

    ``search`` gives for rows of facilities and a limit the seconds from each home, and which row.
    """
    matches = qh.classify(city.facilities, checklist)
    row = city.facilities.index.get_indexer(matches["facility"])
    area = city.areas.index.get_indexer(homes["area"])
    share = homes["share"].to_numpy()
    tables = []
    for item in checklist:
        rows = row[(matches["item"] == item.key).to_numpy()]
        reach, facility = np.full(len(homes), np.inf), np.full(len(homes), -1)
        if len(rows):
            reach, facility = search(rows, 2 * item.limit.most)
        walks = pd.DataFrame({"area": area, "s": reach, "share": share, "facility": facility})
        within = np.bincount(area, share * (reach <= item.limit.most), minlength=len(city.areas))
        walks = walks.iloc[np.lexsort((reach, area))]
        half = walks.groupby("area")["share"].cumsum() >= 0.5 - 1e-9
        median = walks[half].groupby("area").first()
        tables.append(
            pd.DataFrame(
                {
                    "area": city.areas.index,
                    "item": item.key,
                    "status": np.where(within >= 0.5, "met", "unmet" if len(rows) else "unknown"),
                    "share": within,
                    "median_minutes": median["s"].reindex(range(len(city.areas))).to_numpy() / 60,
                    "worst_minutes": walks.groupby("area")["s"].max().to_numpy() / 60,
                    "facility": median["facility"].reindex(range(len(city.areas))).to_numpy(),
                }
            )
        )
    return pd.concat(tables).sort_values(["area"], kind="stable", ignore_index=True)


def assess_scipy(city: qh.City, homes: gpd.GeoDataFrame, nodes: Nodes, checklist: Any) -> Any:
    home, shop = nodes.at(homes), nodes.at(city.facilities)

    def search(rows: np.ndarray, limit_s: float) -> tuple[np.ndarray, np.ndarray]:
        found = dijkstra(
            nodes.matrix,
            indices=np.unique(shop[rows]),
            min_only=True,
            limit=limit_s,
            return_predecessors=True,
        )
        label = np.full(len(nodes.xy), -1)
        label[shop[rows[::-1]]] = rows[::-1]
        return found[0][home], label[found[2][home]]

    return assessed(city, homes, checklist, search)


def assess_pandana(city: qh.City, homes: gpd.GeoDataFrame, net: Any, checklist: Any) -> Any:
    crs = city.streets.crs
    at = shapely.get_coordinates(homes.geometry.to_crs(crs).representative_point().array)
    home = net.get_node_ids(pd.Series(at[:, 0]), pd.Series(at[:, 1])).to_numpy()
    to = city.facilities.geometry.to_crs(crs).representative_point()
    x, y = pd.Series(to.x.to_numpy()), pd.Series(to.y.to_numpy())

    def search(rows: np.ndarray, limit_s: float) -> tuple[np.ndarray, np.ndarray]:
        net.set_pois("places", limit_s, 1, x.iloc[rows], y.iloc[rows])
        found = net.nearest_pois(
            limit_s, "places", num_pois=1, max_distance=np.inf, include_poi_ids=True
        )
        facility = np.nan_to_num(found["poi1"].to_numpy()[home].astype(float), nan=-1)
        return found[1].to_numpy()[home], facility.astype(np.int64)

    return assessed(city, homes, checklist, search)


Job = tuple[str, str, dict[str, Callable[[], Any]]]


def jobs_of(town: Town) -> list[Job]:
    nodes = Nodes(town.streets)
    net = pandana_of(nodes)
    homes, streets = town.homes, town.streets
    one = town.shops[town.shops["item"] == f"item {ITEMS // 2:02}"]
    some = town.shops.sample(2000, random_state=3)
    size = f"{len(homes):,} homes"
    made: list[Job] = [
        (
            "nearest",
            f"{size} × {ITEMS} items, long table",
            {
                "ours": lambda: qh.nearest(homes, town.shops, streets),
                "scipy": lambda: nearest_scipy(town, nodes),
                "pandana": lambda: nearest_pandana(town, net),
            },
        ),
        (
            "travel_times",
            f"{size} × {len(one):,} places, table of pairs",
            {
                "ours": lambda: qh.travel_times(homes, one, streets).to_frame(),
                "scipy": lambda: times_scipy(homes, one, nodes),
                "pandana": lambda: times_pandana(homes, one, net),
            },
        ),
        (
            "count_within",
            f"{size} × {len(some):,} places, 5, 10 and 15 minutes",
            {
                "ours": lambda: qh.count_within(homes, some, streets),
                "scipy": lambda: counts_scipy(homes, some, nodes),
                "pandana": lambda: counts_pandana(homes, some, net),
            },
        ),
        (
            "k_nearest",
            f"{size} × {len(one):,} places, the nearest three",
            {
                "ours": lambda: qh.k_nearest(homes, one, streets, 3),
                "scipy": lambda: three_scipy(homes, one, nodes),
                "pandana": lambda: three_pandana(homes, one, net),
            },
        ),
    ]
    return [with_peers(job, net) for job in made]


def with_peers(job: Job, net: Any) -> Job:
    """Leave pandana out where it is not installed."""
    name, told, ways = job
    return name, told, {who: ask for who, ask in ways.items() if who != "pandana" or net}


def job_of_city(city: qh.City) -> Job:
    checklist = qh.Checklist.load("beijing-2011")
    homes = qh.origins(city.areas, city.buildings, city.gates)
    nodes = Nodes(city.streets)
    net = pandana_of(nodes)
    told = f"{len(city.areas):,} areas, {len(homes):,} homes, {len(city.facilities):,} facilities"
    ways: dict[str, Callable[[], Any]] = {
        "ours": lambda: qh.assess(
            city.areas, city.facilities, city.streets, checklist, origins=homes
        ),
        "scipy": lambda: assess_scipy(city, homes, nodes, checklist),
        "pandana": lambda: assess_pandana(city, homes, net, checklist),
    }
    return with_peers(("assess", told, ways), net)


def measured(job: Job, rounds: int) -> tuple[dict[str, tuple[float, float]], dict[str, str]]:
    """Best seconds by the clock and of the processor, and how far peers' answers are from ours.

    The first round, which compiles, counts for the answers alone.
    """
    best = dict.fromkeys(job[2], (np.inf, np.inf))
    answers, off = {}, {}
    for number in range(rounds + 1):
        for name, ask in job[2].items():
            begun, busy = time.perf_counter(), time.process_time()
            answer = ask()
            took = time.perf_counter() - begun, time.process_time() - busy
            if number:
                best[name] = min(best[name][0], took[0]), min(best[name][1], took[1])
            else:
                answers[name] = answer
            del answer
        if not number:
            ours = answers["ours"]
            off = {who: apart(job[0], ours, it) for who, it in answers.items() if it is not ours}
            answers.clear()
    return best, off


def apart(call: str, ours: Any, theirs: Any) -> str:
    """Say how far an answer is from ours: seconds where both have some, and what one alone has."""
    if call == "assess":
        return ""
    if call == "count_within":
        other = int((ours.to_numpy() != theirs.to_numpy()).sum())
        return f"{other:,} of {ours.size:,} counts differ"
    if call == "travel_times":
        keys = ["origin", "destination"]
        both = ours.merge(theirs, how="outer", on=keys, suffixes=("", "_theirs"))
        one, other = both["seconds"].to_numpy(), both["seconds_theirs"].to_numpy()
    else:
        one, other = ours["seconds"].to_numpy(), theirs["seconds"].to_numpy()
    lone = int((np.isnan(one) != np.isnan(other)).sum())
    worst = float(np.nanmax(np.abs(one - other)))
    return f"{worst:.2g} s at most, {lone:,} of {len(one):,} rows in one answer alone"


def row(where: str, job: Job, rounds: int, told: list[str]) -> str:
    best, off = measured(job, rounds)
    name, what, ways = job
    told += [f"{where}, `{name}`, {who}: {how}" for who, how in off.items() if how]
    cells = [where, f"`{name}`", what, "{:.3f} ({:.3f})".format(*best["ours"])]
    for peer in ("scipy", "pandana"):
        if peer in ways:
            ratio = tuple(best[peer][i] / best["ours"][i] for i in (0, 1))
            cells.append("{:.3f} ({:.3f})".format(*best[peer]))
            cells.append("**{:.1f} ×** ({:.1f} ×)".format(*ratio))
        else:
            cells += ["–", "–"]
    line = "| " + " | ".join(cells) + " |"
    print(line, *(f"  {who}: {how}" for who, how in off.items()), sep="\n", flush=True)
    return line


def commit_of(folder: Path) -> str:
    """Name the commit of a checkout; nothing where it is none."""
    command = ["git", "-C", str(folder), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def cores() -> str:
    """Name the cores, and what this process may take of them where others work beside it."""
    niceness = os.nice(0)
    return f"{os.cpu_count()} cores" + (f", at a niceness of {niceness}" if niceness else "")


def document(rows: list[str], off: list[str], load: tuple[float, float, float]) -> str:
    commit = commit_of(ROOT)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    told = (
        f"Printed by `python benchmarks/whole_calls.py` on {now} of commit {commit}; load average "
        f"{load[0]:.1f} when begun, {os.getloadavg()[0]:.1f} at the end, {cores()}. "
        "Whole public calls, from the tables that a user has to the table that a user gets, and "
        "the recipe that one would write instead, in turn; seconds of the best round by the clock, "
        "and (of the processor). A ratio above 1 says that ours is faster. The recipes snap to "
        "nodes and know no gates, walls or levels; their graph and tree are built beforehand, and "
        "pandana's hierarchies and ranges. Facilities are classified by `qh.classify` in all of "
        "`assess`."
    )
    head = [
        "| streets | call | what is asked | ours s | scipy s | ratio | pandana s | ratio |",
        "|---|---|---|--:|--:|--:|--:|--:|",
    ]
    how = f"How far the answers are from ours: {'; '.join(off)}."
    return "\n".join(
        [BEGIN, "", "## W5: whole calls", "", told, "", *head, *rows, "", how, "", END]
    )


def write(text: str, begin: str, end: str) -> None:
    """Put a part into the document, in place of the one between the same marks."""
    put(DOCUMENT, text, begin, end)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", nargs="*", default=["porto", "las-palmas"])
    parser.add_argument("--only", nargs="*", help="calls, such as nearest; all by default")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--write", action="store_true", help="put the table into the document")
    given = parser.parse_args()
    load = os.getloadavg()
    rows: list[str] = []
    off: list[str] = []
    for name in given.cities:
        city = qh.read_osm(DATA / f"{name}.osm.pbf", areas="all")
        jobs = jobs_of(Town.of(name, city.streets))
        if len(city.areas) and len(city.facilities):
            jobs.append(job_of_city(city))
        jobs = [job for job in jobs if job[0] in (given.only or job[0])]
        rows += [row(name, job, given.rounds, off) for job in jobs]
    text = document(rows, off, load)
    print(text)
    if given.write:
        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
