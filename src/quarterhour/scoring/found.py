"""What facilities serve, where they are on the streets, and what is said of them."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Ints, Mask
from quarterhour.errors import InputError
from quarterhour.places.contracts import check_facilities, check_index
from quarterhour.places.datum import check_datum
from quarterhour.places.notes import Note
from quarterhour.places.origins import BEHIND
from quarterhour.places.same_places import SamePlaces
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.assessable import items_shown, source_kind
from quarterhour.scoring.classified import classified
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.placed_before import PlacedBefore
from quarterhour.scoring.question import Question
from quarterhour.scoring.rows_before import RowsBefore
from quarterhour.scoring.service import in_service
from quarterhour.streets.compounds import closed_compounds, reached_by_gates
from quarterhour.streets.grounds import INSIDE
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.own_ground import reached_over_ground, unwalled
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import end_positions, placed_ends, require_snapped
from quarterhour.streets.traits import GOES_ON


class Found(NamedTuple):
    """Which facilities serve what, where they are on the network, and what is said of them.

    Places inside closed compounds have the gates of these as their ``exits``; ``rows`` are the
    positions of the facilities of the matches in the table.
    """

    facilities: gpd.GeoDataFrame
    matches: pd.DataFrame
    rows: Ints
    ends: Placed
    shown: frozenset[str]
    kind: str
    notes: list[str]


def hold_facilities(facilities: gpd.GeoDataFrame, kept: Kept, mark: object) -> None:
    """Hold the facilities to their contract before anything is asked of them.

    Rows that are as they were have been held to it.

    Raises
    ------
    InputError
        If they do not keep it.
    DatumError
        If they lie in China and their datum is not that of the streets.
    """
    before = Since.of(kept, mark, facilities).known(kept, "facilities")
    if before is None or not before[1].few_others:
        check_facilities(facilities)
    else:
        rows = before[1]
        check_index(facilities, "facilities")
        anew = np.flatnonzero(~rows.same)
        try:
            if len(anew):
                check_facilities(facilities.iloc[anew])
        except InputError:
            check_facilities(facilities)  # the sentence tells of the whole table
            raise
    check_datum(facilities, "facilities")


class Since(NamedTuple):
    """The facilities held against those of the last answer, whose mark is kept beside."""

    before: Any
    rows: RowsBefore | None

    @classmethod
    def of(cls, kept: Kept, mark: Any, facilities: gpd.GeoDataFrame) -> Since:
        """Hold them, if they are others."""
        last = kept.last("since")
        if last is not None and last[0][0] is mark:
            known: Since = last[1]
            return known
        rows = None if last is None else RowsBefore.of(facilities, last[0][0].copy)
        found = cls(None if last is None else last[0][0], rows)
        kept.put("since", (mark,), found)
        return found

    def known(self, kept: Kept, step: str, *also: object) -> tuple[Any, RowsBefore] | None:
        """Give what a step found of the facilities before, and which are as they were.

        ``also`` is what else it depends on; nothing where any of it was another.
        """
        last = kept.last(step)
        if last is None or self.rows is None or last[0][0] is not self.before:
            return None
        return (last[1], self.rows) if last[0][1:] == also else None


def facilities_found(
    question: Question,
    asked: Asked,
    kept: Kept,
    mark: object,
    homes_at: tuple[object, object],
) -> Found:
    """Classify the facilities, put them on the network, and say which count."""
    facilities, network, checklist = asked.facilities, asked.network, question.checklist
    since = Since.of(kept, mark, facilities)
    hosts = question.mode == "function"
    whose = (mark, checklist, hosts)
    before = since.known(kept, "matches", *whose[1:])
    sorted_out = kept.step(
        "matches", whose, lambda: classified(facilities, checklist, hosts=hosts, before=before)
    )
    found, rows = sorted_out.matches, sorted_out.row
    matches, service_notes = in_service(found, facilities, checklist, question.rules, rows)
    inside = (mark, *homes_at, network)
    at_homes = (*homes_at, network)
    compounds = kept.step(
        "compounds", at_homes, lambda: closed_compounds(asked.areas, asked.origins, network)
    )
    # Places inside closed compounds have the gates that the homes there have.
    reached, walled = kept.step(
        "reached", inside, lambda: reached_by_gates(facilities, compounds, network)
    )
    serves = np.zeros(len(facilities), dtype=bool)
    serves[rows] = True
    ways_in = [name for name in ("entrances", "exits", BEHIND, INSIDE) if name in reached]
    serving = reached[[reached.geometry.name, *ways_in]][serves]
    snap = question.snap_limit_m
    where = (*whose, *inside, snap)
    known = kept.last("ends")
    there = known[1] if known and known[0][-1] == snap else None
    ends = kept.step(
        "ends", where, lambda: PlacedBefore.of(serving, network, snap, placed_ends, there)
    ).at
    if not ends.snapped.all():
        far = np.isin(np.arange(len(facilities)), np.flatnonzero(serves)[~ends.snapped])
        args = (far, unwalled(asked.areas, asked.origins), network, snap)
        near, over = kept.step("over", where, lambda: reached_over_ground(reached, *args))
        if near is not reached:
            reached, walled = near, [*walled, *over]
            serving = near[serves]
            ends = kept.step("ends over", where, lambda: placed_ends(serving, network, snap))
    lost = kept.step("lost", where, lambda: _lost(ends, reached, network, snap))
    twins = since.known(kept, "places", *whose[1:])
    places = kept.step("places", whose, lambda: _places(facilities, serves, twins))
    matches["place"] = places.place[np.cumsum(serves)[rows] - 1]
    shown = kept.step("shown", whose, lambda: items_shown(checklist, facilities, found))
    kind = kept.step("kind", whose, lambda: source_kind(facilities, checklist))
    notes = [*walled, *lost, *_listed_already(places), *service_notes]
    return Found(reached, matches, rows, ends, shown, kind, notes)


def _lost(
    serving: Placed, facilities: gpd.GeoDataFrame, network: WalkNetwork, snap_limit_m: float
) -> list[str]:
    """Count the facilities that serve an item and lie near no street; refuse if all lie so."""
    near = int(serving.snapped.sum())
    if near == 0 and GOES_ON not in network.traits:
        everything = end_positions(facilities, network, snap_limit_m)
        require_snapped(everything, len(facilities), "facilities", snap_limit_m)
    if lost := len(serving.labels) - near:
        told = "{0} facilities lie farther than {1:g} m from every street."
        return [Note("facilities_off_street", told, lost, snap_limit_m)]
    return []


def _places(
    facilities: gpd.GeoDataFrame, serves: Mask, known: tuple[SamePlaces, RowsBefore] | None
) -> SamePlaces:
    """Say of each facility that serves an item which place it is."""
    before = None if known is None else (known[0], known[1].same[serves])
    return SamePlaces.of(facilities, np.flatnonzero(serves), before)


def _listed_already(places: SamePlaces) -> list[str]:
    """Count the facilities that are a place which is listed already."""
    said = {
        "duplicate": "Places listed already: {0} that serve an item.",
        "entrance": "Entrances listed as places: {0} that serve an item.",
    }
    counts = Counter(places.reason[places.reason != ""].tolist())
    return [Note(f"listed_{word}", said[word], count) for word, count in counts.most_common()]
