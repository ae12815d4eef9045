"""How long a scenario takes beside a full run, with everyone in the score: one row per change.

    python benchmarks/what_if.py ../shared/data/las-palmas.osm.pbf --write

Prints a Markdown table in milliseconds of the processor (which other jobs of the machine disturb
less than the clock); ``--write`` puts it into ``docs/benchmarks.md``. Scenario and full run are
timed in turn, the best of all rounds each. A full run is ``quarterhour.assess`` of the same inputs
with nothing known beforehand: tables checked, facilities classified, places put on the streets,
every item searched and judged. A scenario of facilities alone makes its tables of walks and
matches, and its manifest, when they are looked at; so does a full run its walks and manifest.
"Told" is therefore timed too: until ``coverage`` of the answer and ``compare`` with the answer
before have said who gains, who loses and what turns; and "all tables": until everything that waits
is made. "First" is the first scenario that a scorecard is asked, which finds out what the later
ones know: how the places are called, for one. Every scenario is held against the full run first:
results, walks and matches are equal cell for cell, or the row says that they are not.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely
from pages import put
from whole_calls import DOCUMENT, ROOT, commit_of

import quarterhour as qh
from quarterhour.scoring.later import complete

BEGIN, END = "<!-- what if -->", "<!-- end of what if -->"
TOLD = """`python benchmarks/what_if.py EXTRACT … --write` changes one thing in the middle of a
town in which everyone is scored, by `qh.scenario`, and holds the answer against a full run, which
is `qh.assess` of the same inputs with nothing known beforehand: results, walks and matches are
equal cell for cell. Milliseconds of the processor, scenario and full run in turn, each the
quickest of all rounds. The tables of walks and the manifest are made when they are looked at, by
a scenario as by a full run, and so are the tables of facilities and matches of a scenario of
facilities alone: "all tables" is until all are made. "Told" is until `coverage` of the answer and
`compare` with the answer before have said who gains, who loses and what turns: no table waits for
that. "First" is the first scenario that a scorecard is asked.
`python tests/verify/random_scenarios.py` holds 300 random scenarios of one to five changes on the
new town and on Helsinki against full runs, with their walks, summaries and manifests."""


def milliseconds(make: Callable[[], Any]) -> float:
    """Give milliseconds of the processor of one run."""
    began = time.process_time()
    make()
    return (time.process_time() - began) * 1_000


def changes(card: qh.Scorecard) -> dict[str, Any]:
    """Give one change of each kind, in the middle of the town."""
    crs, streets = card.network.crs.to_string(), card.network
    homes = card.origins.geometry.to_crs(streets.crs).centroid
    middle = shapely.Point(homes.x.median(), homes.y.median())
    home = homes.iloc[int(homes.distance(middle).argmin())]
    mine = card.matches.query("item == 'pharmacy' and evidence != 'host'")["facility"]
    places = card.facilities.geometry.loc[mine].to_crs(streets.crs)
    pharmacy = places.distance(middle).idxmin()
    edge = int(shapely.STRtree(streets.lines).nearest(middle))
    on_street = shapely.line_interpolate_point(streets.lines[edge], 0.5, normalized=True)
    far = int(shapely.STRtree(shapely.points(streets.node_xy)).nearest(
        shapely.Point(middle.x + 90, middle.y + 70)
    ))  # fmt: skip
    ends = [(on_street.x, on_street.y), tuple(streets.node_xy[far].tolist())]
    found = {
        "one facility more": qh.AddFacility(home, "pharmacy", crs=crs),
        "one facility closed": qh.CloseFacility(pharmacy),
        "one facility moved": qh.MoveFacility(pharmacy, home, crs=crs),
        "one link more": qh.AddLink(ends, crs=crs),
        "one street closed": qh.CloseStreet(at=on_street, crs=crs),
    }
    gated = card.origins.loc[card.origins["way_out"] == "gates", "area"]
    if len(gated):
        outline = card.areas.geometry.to_crs(streets.crs).loc[gated.iloc[0]].boundary
        found["one gate opened"] = qh.OpenGate(outline.interpolate(3.0), gated.iloc[0], crs=crs)
    return found


def full_run(card: qh.Scorecard) -> qh.Scorecard:
    """Ask the same of the same inputs, with nothing known beforehand."""
    asked = card.asked
    assert asked is not None
    return qh.assess(
        asked.areas, asked.facilities, asked.network, card.checklist, origins=asked.origins
    )


def equal(one: qh.Scorecard, other: qh.Scorecard) -> bool:
    """Tell whether two scorecards are the same cell for cell."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("results", "times", "matches")]
    return all(mine.equals(theirs) for mine, theirs in pairs)


def told(card: qh.Scorecard, after: qh.Scorecard) -> None:
    """Ask who has what now, who gains, who loses, and what turns."""
    found = qh.compare(card, after)
    assert qh.coverage(after)["numerator"].notna().any()
    assert found.gained >= 0
    assert len(found.turned) <= len(found.pairs)


def row_of(card: qh.Scorecard, what: str, change: Any, rounds: int) -> list[Any]:
    """Time one change."""
    fresh = full_run(card)
    first = milliseconds(lambda: qh.scenario(fresh, change))
    after = qh.scenario(card, change)
    same = equal(after, full_run(after))
    ways: list[tuple[int, Callable[[], Any]]] = [
        (4, lambda: qh.scenario(card, change)),
        (1, lambda: full_run(after)),
        (2, lambda: told(card, qh.scenario(card, change))),
        (1, lambda: told(card, full_run(after))),
        (1, lambda: complete(qh.scenario(card, change))),
        (1, lambda: complete(full_run(after))),
    ]
    best = [float("inf")] * len(ways)
    for _ in range(rounds):
        for number, (times, make) in enumerate(ways):
            best[number] = min(best[number], *(milliseconds(make) for _ in range(times)))
    pairs = zip(best[::2], best[1::2], strict=True)
    cells = [(f"{one:,.1f}", f"{full:,.0f}", f"1/{full / one:.1f}") for one, full in pairs]
    return [what, f"{first:,.0f}", *(cell for three in cells for cell in three), _yes(same)]


def _yes(same: bool) -> str:
    return "yes" if same else "NO"


def table_of(path: Path, rounds: int) -> str:
    """Give the table of an extract."""
    city = qh.read_osm(path, areas="all")
    homes = qh.origins(city.areas, city.buildings, city.gates)
    inputs = (city.areas, city.facilities, city.streets, "beijing-2011")
    card = qh.assess(*inputs, origins=homes)
    columns = ["change", "first", "scenario", "full run", "ratio", "scenario, told"]
    columns += ["full run, told", "ratio, told", "scenario, all tables", "full run, all tables"]
    columns += ["ratio, all tables", "equal"]
    rows = [row_of(card, what, change, rounds) for what, change in changes(card).items()]
    said = f"{path.name}: {len(homes):,} origins, {len(city.facilities):,} facilities"
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (columns, *rows)]
    lines.insert(1, "|---|" + "--:|" * (len(columns) - 2) + "---|")
    return "\n".join([said, "", *lines])


def main() -> None:
    """Print a table for each extract."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extracts", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="put the tables into the document")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    tables = [table_of(path, given.rounds) for path in given.extracts]
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    when = (
        f"Printed on {now} of commit {commit_of(ROOT)}; load average {load:.1f} when begun, "
        f"{os.getloadavg()[0]:.1f} at the end, {os.cpu_count()} cores."
    )
    parts = [BEGIN, "## What if: a scenario beside a full run", TOLD, when, *tables, END]
    text = "\n\n".join(parts)
    print(text)
    if given.write:
        put(DOCUMENT, text, BEGIN, END)


if __name__ == "__main__":
    main()
