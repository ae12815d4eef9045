"""How long a scenario takes beside a full run, with everyone in the score: one row per change.

    python benchmarks/what_if.py ../shared/data/las-palmas.osm.pbf

Prints a Markdown table in milliseconds of the processor (which other jobs of the machine disturb
less than the clock), each the best of several runs. A full run is ``quarterhour.assess`` of the
same inputs with nothing known beforehand: tables checked, facilities classified, places put on the
streets, every item searched and judged. A scenario of facilities alone makes its tables of walks
and matches, and its manifest, when they are looked at; so does a full run its walks and manifest.
"Told" is therefore timed too: until ``coverage`` of the answer and ``compare`` with the answer
before have said who gains, who loses and what turns; and "all tables": until everything that waits
is made. Every scenario is held against the full run
first: results, walks and matches are equal cell for cell, or the row says that they are not.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

import quarterhour as qh
from quarterhour.scoring.later import complete

RUNS = 7


def best_of(make: Callable[[], Any], runs: int = RUNS) -> float:
    """Give milliseconds of the processor of the quickest of several runs."""
    spent = []
    for _ in range(runs):
        began = time.process_time()
        make()
        spent.append(time.process_time() - began)
    return min(spent) * 1_000


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


def row_of(card: qh.Scorecard, what: str, change: Any) -> list[Any]:
    """Time one change."""
    after = qh.scenario(card, change)
    same = equal(after, full_run(after))
    quick = best_of(lambda: qh.scenario(card, change), 3 * RUNS)
    quick_told = best_of(lambda: told(card, qh.scenario(card, change)), 2 * RUNS)
    quick_whole = best_of(lambda: complete(qh.scenario(card, change)))
    whole = best_of(lambda: full_run(after))
    whole_told = best_of(lambda: told(card, full_run(after)))
    all_whole = best_of(lambda: complete(full_run(after)))
    pairs = ((quick, whole), (quick_told, whole_told), (quick_whole, all_whole))
    cells = [(f"{one:,.0f}", f"{full:,.0f}", f"1/{full / one:.1f}") for one, full in pairs]
    return [what, *(cell for three in cells for cell in three), same]


def main() -> None:
    """Print a table for each extract."""
    warnings.simplefilter("ignore")
    for name in sys.argv[1:]:
        city = qh.read_osm(Path(name), areas="all")
        homes = qh.origins(city.areas, city.buildings, city.gates)
        inputs = (city.areas, city.facilities, city.streets, "beijing-2011")
        card = qh.assess(*inputs, origins=homes)
        rows = [row_of(card, what, change) for what, change in changes(card).items()]
        columns = ["change", "scenario", "full run", "ratio", "scenario, told", "full run, told"]
        columns += ["ratio, told", "scenario, all tables", "full run, all tables"]
        columns += ["ratio, all tables", "equal"]
        print(f"{Path(name).name}: {len(homes):,} origins, {len(city.facilities):,} facilities\n")
        print(pd.DataFrame(rows, columns=columns).to_markdown(index=False))


if __name__ == "__main__":
    main()
