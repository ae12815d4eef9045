"""Three hundred random scenarios, seeded: what is worked out again equals a full run.

Each is one to five changes of any kind on the synthetic town or on Helsinki. The scorecard that
``quarterhour.scenario`` makes of the one before is held cell for cell against
``quarterhour.assess`` of the same inputs: results, walks, matches, summary, and all of the
manifest but the time of making. Run by ``make verify``; ``--count`` and ``--seed`` say how many
and which.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

import quarterhour as qh

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
PAIRS = ("results", "times", "matches")


@cache
def new_town() -> qh.Scorecard:
    """The synthetic town, asked for the list of Beijing."""
    town = SAMPLES / "new-town"
    areas = qh.read_areas(town / "compounds.geojson", datum="wgs84")
    buildings = qh.read_buildings(town / "buildings.geojson", datum="wgs84")
    gates = qh.read_gates(town / "gates.geojson", datum="wgs84")
    facilities = qh.read_facilities(town / "amap_poi.csv", datum="gcj02")
    homes = qh.origins(areas, buildings, gates)
    streets = qh.read_osm(town / "streets.osm").streets
    return qh.assess(areas, facilities, streets, "beijing-2011", origins=homes)


@cache
def helsinki() -> qh.Scorecard:
    """The real sample with its mapped areas, asked for the same."""
    city = qh.read_osm(SAMPLES / "helsinki.osm.pbf", areas="mapped")
    homes = qh.origins(city.areas, city.buildings, city.gates)
    return qh.assess(city.areas, city.facilities, city.streets, "beijing-2011", origins=homes)


class Dice:
    """Changes at random, of what a scorecard was asked of."""

    def __init__(self, card: qh.Scorecard, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.card = card
        self.streets = card.network
        self.crs = card.network.crs.to_string()
        self.serving = card.matches["facility"].unique()
        self.homes = np.asarray(card.origins.geometry.to_crs(self.crs).centroid.array)

    def changes(self) -> list[Any]:
        """Roll one to five."""
        kinds: Sequence[Callable[[], Any]] = (
            self.added, self.added, self.moved, self.closed, self.changed, self.gate, self.wall,
            self.link, self.street, self.item, self.walker,
        )  # fmt: skip
        count = int(self.rng.integers(1, 6))
        return [kinds[int(self.rng.integers(len(kinds)))]() for _ in range(count)]

    def spot(self) -> shapely.Point:
        """A place near a home, or on the spot of a facility that is there already."""
        if self.rng.random() < 0.2:
            label = self.one_of(self.serving)
            there = self.card.facilities.geometry.loc[[label]].to_crs(self.crs)
            return there.representative_point().iloc[0]
        home = self.homes[int(self.rng.integers(len(self.homes)))]
        return shapely.Point(home.x + self.rng.normal(0, 40), home.y + self.rng.normal(0, 40))

    def one_of(self, things: Any) -> Any:
        """One of several."""
        return things[int(self.rng.integers(len(things)))]

    def added(self) -> Any:
        """A facility more, now and then of two items, or called as another one."""
        keys = self.card.checklist.keys()
        item = self.one_of(keys)
        if self.rng.random() < 0.2:
            item = f"{item}|{self.one_of(keys)}"
        name = ""
        if self.rng.random() < 0.3:
            known = self.card.facilities["name"].dropna().to_numpy(dtype=object)
            name = self.one_of(known)
        return qh.AddFacility(self.spot(), item, name, crs=self.crs)

    def moved(self) -> Any:
        """A facility elsewhere."""
        return qh.MoveFacility(self.one_of(self.serving), self.spot(), crs=self.crs)

    def closed(self) -> Any:
        """A facility less."""
        return qh.CloseFacility(self.one_of(self.serving))

    def changed(self) -> Any:
        """A facility that is full, or is something else besides."""
        values: dict[str, Any] = {"capacity": 0}
        if self.rng.random() < 0.5:
            values = {"item": self.one_of(self.card.checklist.keys())}
        return qh.ChangeFacility(self.one_of(self.serving), values)

    def gate(self) -> Any:
        """A gate somewhere in the outline of an area."""
        shape = self.one_of(self.card.areas.geometry.to_crs(self.crs).array)
        return qh.OpenGate(shape.boundary.interpolate(self.rng.random(), True), crs=self.crs)

    def wall(self) -> Any:
        """A wall less."""
        return qh.RemoveWall(self.one_of(self.card.areas.index))

    def link(self) -> Any:
        """A way between two streets."""
        first = int(self.rng.integers(self.streets.n_edges))
        start = shapely.line_interpolate_point(self.streets.lines[first], 0.37, normalized=True)
        angle, far = self.rng.random() * 2 * np.pi, self.rng.uniform(20, 150)
        end = shapely.Point(start.x + far * np.cos(angle), start.y + far * np.sin(angle))
        tree = shapely.STRtree(self.streets.lines)
        near = self.streets.lines[int(tree.nearest(end))]
        end = shapely.line_interpolate_point(near, shapely.line_locate_point(near, end))
        return qh.AddLink([(start.x, start.y), (end.x, end.y)], "link", crs=self.crs)

    def street(self) -> Any:
        """A piece of street less."""
        edge = int(self.rng.integers(self.streets.n_edges))
        middle = shapely.line_interpolate_point(self.streets.lines[edge], 0.5, normalized=True)
        return qh.CloseStreet(at=middle, crs=self.crs)

    def item(self) -> Any:
        """Another limit."""
        limit = float(self.rng.integers(4, 20))
        return qh.ChangeItem(self.one_of(self.card.checklist.keys()), {"limit_minutes": limit})

    def walker(self) -> Any:
        """Another walker."""
        return qh.ChangeWalker(self.one_of(["elderly", "child", "wheelchair"]))


def full_run(card: qh.Scorecard) -> qh.Scorecard:
    """Ask the same of the same inputs, with nothing known beforehand."""
    asked, question = card.asked, card.question
    assert asked is not None
    assert question is not None
    return qh.assess(
        asked.areas, asked.facilities, asked.network, question.checklist,
        origins=asked.origins, pace=question.pace, quota=question.quota,
        surveyed=question.surveyed, mode=question.mode,
    )  # fmt: skip


def differences(one: qh.Scorecard, other: qh.Scorecard) -> list[str]:
    """Name what is not the same of two scorecards."""
    found = []
    pairs = [(name, getattr(one, name), getattr(other, name)) for name in PAIRS]
    for name, mine, theirs in [*pairs, ("summary", one.summary(), other.summary())]:
        try:
            pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
        except AssertionError as error:
            found.append(f"{name}: {' '.join(str(error).split())[:200]}")
    told = one.manifest.keys() | other.manifest.keys()
    keys = [key for key in told if one.manifest.get(key) != other.manifest.get(key)]
    return [*found, *(f"manifest: {key}" for key in keys if key not in ("made_at", "scenario"))]


def run(count: int, seed: int) -> tuple[Counter[str], int, float]:
    """Try scenarios; give the differences, how many were possible, and the ratio of the times."""
    warnings.simplefilter("ignore")
    found: Counter[str] = Counter()
    tried = number = 0
    spent = [0.0, 0.0]
    while tried < count:
        card = (new_town, helsinki)[number % 2]()
        plan = Dice(card, seed * 1_000_003 + number).changes()
        number += 1
        try:
            began = time.process_time()
            after = qh.scenario(card, plan)
            middle = time.process_time()
            whole = full_run(after)
            spent = [spent[0] + middle - began, spent[1] + time.process_time() - middle]
        except qh.QuarterhourError:  # no wall there, or the same facility closed twice
            continue
        tried += 1
        found.update(
            f"{number - 1}, {qh.Scenario(plan)}: {one}" for one in differences(after, whole)
        )
        if tried % 3 == 0:  # and one after the other
            try:
                more = qh.scenario(after, Dice(after, seed * 7_000_003 + number).changes())
                again = full_run(more)
            except qh.QuarterhourError:
                continue
            found.update(f"{number - 1}, again: {one}" for one in differences(more, again))
    return found, number, spent[0] / spent[1]


def main() -> int:
    """Run it and tell: exit code 1 if a scenario is not what a full run finds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=13)
    asked = parser.parse_args()
    found, rolled, ratio = run(asked.count, asked.seed)
    for what, times in found.most_common():
        print(f"{times:5} {what}")
    print(
        f"{asked.count} scenarios of {rolled} rolled (the others could not be): "
        f"{sum(found.values())} differ from a full run, in {ratio:.0%} of its time"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
