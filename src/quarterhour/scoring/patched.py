"""An answer where a few facilities are others: only what these serve is searched and judged again.

Nothing here is as long as the table of facilities or of walks. What cannot be told from the few
rows alone is not told here: then the question is asked of the whole tables.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Ints, Mask
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.item_walks import rounds_of
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.near import Near
from quarterhour.scoring.patch import (
    Change,
    Gone,
    Patch,
    Touched,
    by_label,
    placed,
    still_shown,
    touched_items,
)
from quarterhour.scoring.question import Question
from quarterhour.scoring.score import Homes, Terms, among, verdict_cells
from quarterhour.scoring.searched import Column, Searched, Walk, joined_places, same_places, spliced
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.walking.pace import off_street_speed_m_s
from quarterhour.walking.travel_times import seconds_of


class Patched(NamedTuple):
    """What is known of the answer at once: who has what, and the verdicts on some items.

    ``part`` are the columns of the rows of the results that may be others than in ``before``.
    """

    before: pd.DataFrame
    part: dict[str, Any]
    near: Near

    def results(self) -> pd.DataFrame:
        """Give all results."""
        part = pd.DataFrame(self.part)
        if len(part) == 0:
            return self.before.copy()
        return spliced(self.before, part, set(part["item"]), part["area"].unique())


def patched(
    question: Question, asked: Asked, kept: Kept, near: Near | None, patch: Patch
) -> Patched | None:
    """Answer a question again where some facilities are others; None where all have to be asked.

    ``kept`` is what was worked out for the same question, of tables that are :func:`untouched`,
    ``near`` what came of it.

    Raises
    ------
    InputError
        If a new row breaks the contract of facilities.
    """
    last, compounds = kept.last("results"), kept.last("compounds")
    sorted_out, before = kept.last("matches"), kept.last("searched")
    if not (near and last and compounds and sorted_out and before and _plain(question, kept)):
        return None
    searched: Searched = before[1]
    people, extent, _, of, shown = last[0]
    if of != question or extent is not asked.network.extent:
        return None
    homes_at = _homes_of(searched, asked.network)
    index, keys = asked.facilities.index, question.checklist.keys()
    gone = Gone.of(sorted_out[1], index, patch)
    served = gone.served(index, keys, patch.rows.index) if patch.only_moved else None
    plain = searched.whole and searched.plain
    new = placed(question, asked, compounds[1], patch.rows, served) if plain else None
    if homes_at is None or new is None:
        return None
    touched = touched_items(question, asked, new, gone)
    after = _searched(question, asked.network, (searched, homes_at), touched)
    if not after.now:  # whether any facility is near a street, the whole table says
        return None
    now = still_shown(question, asked, kept, gone, new)
    items = set(keys) if now != shown else {item for _, item in touched}
    if not items:
        return Patched(last[1], {}, near)
    checklist = among(question.checklist, items)
    terms = Terms(
        question.quota, frozenset(question.surveyed), now, off_street_speed_m_s(question.pace)
    )
    homes, walks = people.homes, after.walks(items)
    there = near.but(after.now, question.checklist, items)
    if now == shown and (areas := _other_areas(homes, (searched, after), touched)) is not None:
        homes, rows = homes.within(areas)
        walks = {pair: one.take(rows) for pair, one in walks.items()}
    part = verdict_cells(walks, homes, checklist, terms) if len(homes.areas) else {}
    return Patched(last[1], part, there)


def _other_areas(
    homes: Homes, both: tuple[Searched, Searched], touched: Collection[tuple[bool, str]]
) -> Ints | None:
    """Rows of the areas in which a home walks elsewhere than it did; None: perhaps in all."""
    before, after = (one.now for one in both)
    if any(pair not in before or pair not in after for pair in touched):
        return None
    moved = np.zeros(len(homes.group), dtype=bool)
    for pair in touched:
        moved |= after[pair].others(before[pair])
    return np.unique(homes.group[moved])


def _plain(question: Question, kept: Kept) -> bool:
    """Whether a facility counts, or not, by its own row alone, and those of before still do."""
    rules, days = question.rules, kept.last("days")
    if days is None or days[1] != rules.days:
        return False
    asked_for = (rules.at, rules.period, rules.min_satisfaction)
    return all(one is None for one in asked_for) and not rules.contracted_only


def untouched(asked: Asked, kept: Kept) -> bool:
    """Whether nobody has changed the tables in place since they were asked."""
    return (
        kept.still("areas", asked.areas)
        and kept.still("facilities", asked.facilities)
        and kept.still("origins", asked.origins)
    )


def _homes_of(searched: Searched, network: WalkNetwork) -> Placed | None:
    """Give the homes from which all was searched on these streets; none where nothing was."""
    walks = [column.walk for column in searched.now.values()]
    if not walks or any(one.network is not network for one in walks):
        return None
    homes = walks[0].homes
    return homes if all(one.homes is homes for one in walks) else None


def _searched(
    question: Question,
    network: WalkNetwork,
    known: tuple[Searched, Placed],
    touched: Touched,
) -> Searched:
    """Search for what changes; the walks to other places are what they were."""
    searched, homes = known
    after = searched.beside(touched)
    for items, minutes, pace in rounds_of(question.checklist, question.pace, question.horizon):
        keys, in_metres = [item.key for item in items], items[0].limit.in_metres
        walk = Walk(homes, network, seconds_of(minutes), pace, in_metres)
        mine = {pair: one for pair, one in touched.items() if pair[1] in keys}
        alone, whole = _sought(searched, mine, after)
        # What comes beside places that stay is searched for alone: who has it nearer goes there.
        if alone:
            after.found(walk, alone)
        for pair in alone:
            both = searched.now[pair].nearer(after.now[pair])
            if both is None:
                whole[pair] = _places(searched.now[pair], mine[pair])
            else:
                after.now[pair] = both
        if whole:
            after.found(walk, whole)
    return after


def _sought(
    before: Searched, changes: Touched, after: Searched
) -> tuple[dict[tuple[bool, str], Placed], dict[tuple[bool, str], Placed]]:
    """Give the places that come to items of which none goes, and all places of the others.

    Walks to places that are what they were are put into ``after``.
    """
    alone: dict[tuple[bool, str], Placed] = {}
    whole: dict[tuple[bool, str], Placed] = {}
    for pair, change in changes.items():
        known = before.now.get(pair)
        if known is not None and not _goes(known.places, change).any():
            if len(change.more.labels):
                alone[pair] = change.more
            else:
                after.now[pair] = known
            continue
        places = _places(known, change)
        if known is not None and same_places(places, known.places):
            after.now[pair] = known
        elif len(places.labels):
            whole[pair] = places
    return alone, whole


def _goes(places: Placed, change: Change) -> Mask:
    """Mark the places that go."""
    return np.asarray(places.labels.isin(list(change.lost)), dtype=bool)


def _places(before: Column | None, change: Change) -> Placed:
    """Give all places of an item as they are after a change, in the order of their labels."""
    if before is None:
        return change.more
    stay = before.places.take(np.flatnonzero(~_goes(before.places, change)))
    return by_label(joined_places(stay, change.more))
