"""The steps from a question to its answer: classify, walk, judge; none is done twice."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import NetworkError
from quarterhour.places.contracts import check_areas
from quarterhour.places.datum import check_datum, needs_datum
from quarterhour.places.origins import check_origins
from quarterhour.places.origins import origins as origins_of
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.found import facilities_found, hold_facilities
from quarterhour.scoring.item_walks import walked_to_items
from quarterhour.scoring.kept import Kept, same_cells
from quarterhour.scoring.making import Making
from quarterhour.scoring.manifest import Manifest
from quarterhour.scoring.near import Near
from quarterhour.scoring.placed_before import PlacedBefore
from quarterhour.scoring.question import Question
from quarterhour.scoring.score import Homes, Terms, among, score, verdict
from quarterhour.scoring.searched import Searched, spliced
from quarterhour.scoring.times_table import Times
from quarterhour.streets.border import border_m
from quarterhour.streets.detect_datum import contradiction
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.own_ground import as_they_were, over_own_ground
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import in_crs_of, placed_starts
from quarterhour.walking.pace import off_street_speed_m_s


class Answer(NamedTuple):
    """The parts of a scorecard, and sentences that doubt its inputs.

    The table of walks and the manifest are put together when they are asked for.
    """

    results: pd.DataFrame
    facilities: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    matches: pd.DataFrame
    times: Times
    near: Callable[[], Near | None]
    manifest: Callable[[], Manifest]
    doubts: list[str]


def answer(question: Question, asked: Asked, kept: Kept) -> Answer:
    """Answer a question; what ``kept`` knows already is taken from there.

    Raises
    ------
    InputError
        If a table breaks its contract, or its datum is not that of the streets.
    NetworkError
        If the areas or the facilities lie nowhere near the streets.
    """
    areas, facilities, network = asked.areas, asked.facilities, asked.network
    area_mark, facility_mark = kept.table("areas", areas), kept.table("facilities", facilities)
    homes, home_mark = _homes(asked, kept, area_mark)
    snap = question.snap_limit_m
    kept.step("overlap", (area_mark, network, snap), lambda: _require_overlap(areas, network, snap))
    kept.step(
        "facilities", (facility_mark,), lambda: hold_facilities(facilities, kept, facility_mark)
    )
    doubts = {
        "facilities": kept.step(
            "doubts", (facility_mark, network), lambda: doubts_of(facilities, network)
        ),
        "areas": kept.step(
            "doubts of areas", (area_mark, network), lambda: doubts_of(areas, network)
        ),
    }
    # Tried: facilities classified in a thread while homes are put on the streets, and named while
    # places are. Neither saved a twentieth by the clock, as all of it needs Python.
    homes, home_mark, starts = _started(kept, (homes, home_mark), (area_mark, asked), snap)
    homes_at = (area_mark, home_mark)
    found = facilities_found(question, replace(asked, origins=homes), kept, facility_mark, homes_at)
    before = kept.last("searched")
    searched = Searched() if before is None else before[1].next()
    times = walked_to_items(
        (homes, found.facilities, found.matches),
        network,
        question.checklist,
        (question.pace, question.horizon),
        (starts, found.ends, searched),
    )
    kept.put("searched", (), searched)
    kept.put("days", (), question.rules.days)
    border = (network.extent, network.crs)
    edge_m = kept.step("edge", (home_mark, *border), lambda: _distance_to_edge(homes, network))
    judged = _Judging(question, homes, areas, found.shown, edge_m)
    people = _people(kept, (area_mark, *border), home_mark, judged)
    scored_of = (people, *border, question, found.shown)
    results = _scored(times, judged, kept, scored_of, searched)
    making = Making(
        question,
        (area_mark, facility_mark, home_mark),
        network,
        found._replace(matches=found.matches.copy()),  # which the card hands out
        starts,
        doubts,
        datetime.now(UTC),
        question.rules.days,
    )
    told = [f"{name.capitalize()}: {doubt}" for name, said in doubts.items() for doubt in said]
    made = partial(making.told, kept)
    near = partial(Near.of, searched, question.checklist, len(homes))
    return Answer(results, found.facilities, homes, found.matches, times, near, made, told)


class _Judging(NamedTuple):
    """What walks are judged by."""

    question: Question
    origins: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    shown: frozenset[str]
    edge_m: Floats

    def of(self, times: pd.DataFrame, items: Collection[str] | None = None) -> pd.DataFrame:
        """Judge all items of a table of walks, or some."""
        question, checklist = self.question, self.question.checklist
        checklist = checklist if items is None else among(checklist, items)
        mine = times if items is None else times[times["item"].isin(list(items))]
        return score(
            mine,
            self.origins,
            self.areas,
            checklist,
            quota=question.quota,
            surveyed=[key for key in question.surveyed if key in (*checklist.keys(), "all")],
            shown=self.shown,
            edge_m=self.edge_m,
            speed_m_s=off_street_speed_m_s(question.pace),
        )

    def again(self, searched: Searched, items: Collection[str], homes: Homes) -> pd.DataFrame:
        """Judge some items by the columns that were searched, of homes that were checked."""
        question = self.question
        speed = off_street_speed_m_s(question.pace)
        terms = Terms(question.quota, frozenset(question.surveyed), self.shown, speed)
        return verdict(searched.walks(items), homes, among(question.checklist, items), terms)


@dataclass(frozen=True, eq=False)
class _People:
    """What is asked of the homes when walks are judged: the same thing while it is the same."""

    homes: Homes
    of: gpd.GeoDataFrame


def _people(kept: Kept, depends: tuple[object, ...], mark: Any, judging: _Judging) -> _People:
    """Give what is asked of the homes; another gate makes nobody live elsewhere."""
    last, now = kept.last("people"), mark.copy
    if last is not None and last[0] == depends and _live_alike(last[1].of, now):
        known: _People = last[1]
        return known
    made = _People(Homes.of(judging.origins, judging.areas, judging.edge_m), now)
    kept.put("people", depends, made)
    return made


def _live_alike(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
    if one is other:
        return True
    if one.crs != other.crs or not one.index.equals(other.index):
        return False
    names = ("area", "share", "residents")
    return same_cells(one.geometry, other.geometry) and all(
        same_cells(one[name], other[name]) for name in names
    )


def _scored(
    times: Times,
    judging: _Judging,
    kept: Kept,
    depends: tuple[Any, ...],
    searched: Searched,
) -> pd.DataFrame:
    """Judge the walks; items that are walked to as they were are what they were."""
    last, changed = kept.last("results"), searched.changed()
    anew = last is None or changed is None or last[0] != depends
    homes = depends[0].homes
    if anew and searched.whole and searched.plain:
        results = judging.again(searched, judging.question.checklist.keys(), homes)
    elif last is None or changed is None or anew:
        results = judging.of(times.kept())
    elif not changed:
        results = last[1].copy()
    elif searched.plain:
        results = spliced(last[1], judging.again(searched, changed, homes), changed)
    else:
        results = spliced(last[1], judging.of(times.kept(), changed), changed)
    kept.put("results", depends, results.copy())
    return results


def _homes(asked: Asked, kept: Kept, area_mark: object) -> tuple[gpd.GeoDataFrame, object]:
    """Give the origins, made from the areas where there are none, and a mark of them."""
    areas = asked.areas

    def check() -> None:
        check_areas(areas)
        check_datum(areas, "areas")

    kept.step("areas", (area_mark,), check)
    if asked.origins is None:
        data = gpd.GeoSeries([asked.network.extent], crs=asked.network.crs)
        whose = (area_mark, asked.network)
        homes = kept.step("origins", whose, lambda: origins_of(areas, data=data))
    else:
        homes = asked.origins
    mark = kept.table("origins", homes)

    def check_homes() -> None:
        check_origins(homes, areas)
        if homes.attrs.get("datum") is not None:
            check_datum(homes, "origins")

    kept.step("homes", (area_mark, mark), check_homes)
    return homes, mark


def _started(
    kept: Kept,
    origins: tuple[gpd.GeoDataFrame, object],
    beside: tuple[object, Asked],
    snap: float,
) -> tuple[gpd.GeoDataFrame, object, Placed]:
    """Put the homes on the network; who lies far from it may walk over the ground of the area."""
    (given, mark), (area_mark, asked) = origins, beside
    network = asked.network
    were = kept.last("starts")
    there = were[1] if were and were[0][-1] == snap else None
    homes = kept.step("as they were", (mark,), lambda: as_they_were(given))
    placed = kept.step(
        "starts",
        (mark, network, snap),
        lambda: PlacedBefore.of(homes, network, snap, placed_starts, there),
    )
    over = kept.step(
        "over ground",
        (mark, area_mark, network, snap),
        lambda: over_own_ground(homes, asked.areas, network, snap, placed.at.snapped),
    )
    if over is homes:
        return homes, mark, placed.at
    mark = kept.table("over ground", over)
    moved = kept.step(
        "starts over ground",
        (mark, network, snap),
        lambda: PlacedBefore.of(over, network, snap, placed_starts, placed),
    )
    return over, mark, moved.at


def doubts_of(table: gpd.GeoDataFrame, network: WalkNetwork) -> list[str]:
    """Say so if the streets tell that a table has another datum than was declared."""
    source = str(table.attrs.get("source", ""))
    from_the_same_file = Path(source).name == network.metadata.get("source")
    if from_the_same_file or not needs_datum(table):
        return []
    doubt = contradiction(table, network)
    return [] if doubt is None else [doubt]


def _distance_to_edge(origins: gpd.GeoDataFrame, network: WalkNetwork) -> Floats:
    """Straight distance of each origin from the border of the data; 0 outside."""
    return border_m(network.extent, in_crs_of(origins, network, "origins"))


def _require_overlap(areas: gpd.GeoDataFrame, network: WalkNetwork, snap_limit_m: float) -> None:
    shapes = in_crs_of(areas, network, "areas")
    near = shapely.dwithin(shapes, network.extent, snap_limit_m)
    if not near.any():
        ours = shapely.total_bounds(shapes).round(0).tolist()
        streets = np.round(network.extent.bounds, 0).tolist()
        msg = (
            f"None of the {len(areas)} areas lies on the street network: areas span {ours}, "
            f"streets {streets} (metres, {network.crs.name}). Check their CRS and datum."
        )
        raise NetworkError(msg)
