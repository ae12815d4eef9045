"""New places and service circles of a city, with proof, held against what `assess` finds.

    python benchmarks/plans.py ../shared/data/las-palmas.osm.pbf --write

Prints two Markdown tables; ``--write`` puts them into ``docs/benchmarks.md``. Residents are
estimated by floor area. For new places: what the greedy choice serves, what exchanging sites one
by one makes of it, the plan and its bound, the seconds with all walks, and the residents that
`assess` finds on the plan's scenario. For circles: how many, who is in one, the gap, and whether
each member walks to its centre within the limit by `travel_times`.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
from pages import put
from whole_calls import DOCUMENT, ROOT, commit_of

import quarterhour as qh
from quarterhour.planning.cover_search import covered, greedy, interchange, merged
from quarterhour.planning.site_candidates import sites_of, street_candidates
from quarterhour.planning.site_walks import nearest_already, walks_to_candidates, weights_of

BEGIN, END = "<!-- plans -->", "<!-- end of plans -->"
PLACES = """Everyone scored, residents by floor area (30 m² each; areas with a known home).
New places: residents within the limit before, with the greedy choice, after exchanging sites one by
one, with the plan, and what no plan can better; `assess` is what the assessment finds on the plan's
scenario. Seconds are those of `qh.site` with all walks."""
CIRCLES = """Circles of 12,000 to 20,000 residents within 15 minutes of the centre; the walks of all
members were asked again by `travel_times`, and differ by "off" at most:"""


def city(path: Path) -> qh.Scorecard:
    """Everyone scored, with residents by floor area."""
    read = qh.read_osm(path)
    areas = qh.residents_by_floor_area(read.areas, read.buildings)
    areas = areas[areas["residents"].notna()]  # the others have no known home
    homes = qh.origins(areas, read.buildings, read.gates)
    return qh.assess(areas, read.facilities, read.streets, "beijing-2011", origins=homes)


def served_by_search(
    card: qh.Scorecard, item: str, places: gpd.GeoDataFrame, k: int
) -> list[float]:
    """Residents served by the greedy choice, and after exchanges."""
    line = card.checklist[item]
    limit = line.limit.most
    weight, _ = weights_of(card.origins)
    have = nearest_already(card, line) <= limit
    walks = walks_to_candidates(card, places, limit)
    near, weights = merged(walks.take(~have[walks.home]), weight)
    sites = sites_of(places)
    first = greedy(near, weights, k, sites)
    both = (first, interchange(near, weights, first, sites))
    return [float(weight[have].sum()) + covered(near, weights, one) for one in both]


def found_by_assess(card: qh.Scorecard, plan: qh.Siting) -> float:
    """Residents within the limit of the item by itself, on the plan's scenario."""
    times = qh.scenario(card, plan.scenario).times
    mine = times[(times["item"] == plan.item.key) & ~times["host"].astype(bool)]
    near = mine.loc[mine["seconds"] <= plan.item.limit.most, "origin"]
    weight, _ = weights_of(card.origins)
    return float(weight[card.origins.index.isin(near)].sum())


def new_places(card: qh.Scorecard) -> list[str]:
    """Give the table of new places."""
    columns = "item, homes × candidates, k, before, greedy, exchanged, plan, bound, assess, s"
    lines = ["| " + columns.replace(", ", " | ") + " |", "|---|---|" + "--:|" * 8]
    everywhere = street_candidates(card.network)
    few = everywhere.sample(2_000, random_state=1).sort_index()
    for item, places, k in (
        ("pharmacy", everywhere, 10),
        ("food_market", everywhere, 10),
        ("pharmacy", few, 10),
        ("food_market", few, 10),
        ("food_market", few, 30),
    ):
        began = time.perf_counter()
        plan = qh.site(card, item, k=k, candidates=places)
        seconds = time.perf_counter() - began
        search = served_by_search(card, item, places, k)
        numbers = [plan.before, *search, plan.value, plan.bound, found_by_assess(card, plan)]
        told = " | ".join(f"{number:,.0f}" for number in numbers)
        size = f"{len(card.origins):,} × {len(places):,}"
        lines.append(f"| {item} | {size} | {k} | {told} | {seconds:.1f} |")
    began = time.perf_counter()
    rooms = qh.site_rooms(
        card, ["pharmacy", "food_market"], k={"pharmacy": 10, "food_market": 10}, candidates=few
    )
    seconds = time.perf_counter() - began
    return [*lines, "", f"One plan of both: `{rooms!r}`, {seconds:.1f} s."]


def service_circles(card: qh.Scorecard) -> list[str]:
    """Give the table of circles."""
    began = time.perf_counter()
    made = qh.circles(card)
    seconds = time.perf_counter() - began
    walks = qh.travel_times(card.origins, made.centres, card.network, 15).to_frame()
    number = walks["destination"].map(made.centres["circle"])
    known = walks.assign(circle=number).set_index(["origin", "circle"])["seconds"]
    pairs = made.homes.set_index(["origin", "circle"])
    by_table = known.reindex(pairs.index).to_numpy() / 60.0
    worst = float(np.nanmax(by_table))
    off = float(np.nanmax(np.abs(by_table - pairs["minutes"].to_numpy())))
    size = made.circles["residents"]
    inside = float(size.sum())
    total = inside + float(made.left_out["residents"].sum())
    several = made.members.groupby("area")["circle"].nunique()
    columns = "circles, residents in one, smallest, largest, communities in several, gap"
    columns += ", longest walk, off, s"
    why = made.left_out.groupby("why")["residents"].sum()
    told = "; ".join(f"{people:,.0f} because {reason}" for reason, people in why.items())
    row = (
        f"| {len(size)} | {inside:,.0f} of {total:,.0f} ({inside / total:.1%}) | "
        f"{size.min():,.0f} | {size.max():,.0f} | {int((several > 1).sum())} | {made.gap:.2%} | "
        f"{worst:.2f} min | {off:.1e} min | {seconds:.1f} |"
    )
    rest = (
        f"{int((made.circles['pieces'] == 1).sum())} of them hang together on the streets; "
        f"{int(np.isnan(by_table).sum())} members have no walk within the limit. In none: {told}."
    )
    return [
        "| " + columns.replace(", ", " | ") + " |",
        "|--:|---|" + "--:|" * 7,
        row,
        "",
        rest,
    ]


def main() -> None:
    """Run both."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--write", action="store_true", help="put the tables into the document")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    card = city(given.extract)
    sites, rings = new_places(card), service_circles(card)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    when = (
        f"Printed by `python benchmarks/plans.py {given.extract.name} --write` on "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} of commit {commit_of(ROOT)}; load average {load:.1f} "
        f"when begun, {os.getloadavg()[0]:.1f} at the end, {os.cpu_count()} cores. The whole run "
        f"took {most:,.0f} MB at most."
    )
    head = [BEGIN, "", "## New places and service circles, with proof", "", when, "", PLACES, ""]
    text = "\n".join([*head, *sites, "", CIRCLES, "", *rings, "", END])
    print(text)
    if given.write:
        put(DOCUMENT, text, BEGIN, END)


if __name__ == "__main__":
    main()
