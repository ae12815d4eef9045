"""An answer where a few facilities are others: only what these serve is searched and judged again.

Nothing here is as long as the table of facilities or of walks. What cannot be told from the few
rows alone is not told here: then the question is asked of the whole tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Ints, in_order_of_labels
from quarterhour.places.contracts import check_facilities
from quarterhour.places.datum import check_datum
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.assessable import kind_of, shown_of
from quarterhour.scoring.classified import Classified
from quarterhour.scoring.item_walks import rounds_of
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.near import Near
from quarterhour.scoring.question import Question
from quarterhour.scoring.score import Homes, Terms, among, verdict
from quarterhour.scoring.searched import Column, Searched, Walk, joined_places, spliced
from quarterhour.scoring.service import service_of
from quarterhour.standards.classify import classify
from quarterhour.streets.compounds import reached_by_gates
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import placed_ends
from quarterhour.walking.pace import off_street_speed_m_s
from quarterhour.walking.travel_times import seconds_of

_ROW_BY_ROW = frozenset({"item", "name", "name_zh", "name_en", "capacity", "opening_hours"})
"""Columns that a row may bring along: they say something of it, and nothing of the others."""


_DATUM = ("datum", "declared_datum")
"""What a table carries of which rows by themselves can be at odds with it."""


class _Change(NamedTuple):
    """What changes of the places of an item: those that come, and which facilities go."""

    more: Placed
    lost: frozenset[Any]


_Touched = dict[tuple[bool, str], _Change]
"""By hosts or not, and item."""


class Patch(NamedTuple):
    """Other facilities: labels of those that go, and rows that come, or replace those called so.

    Rows that are ``only_moved`` say of themselves what those said that they replace.
    """

    gone: list[Any]
    rows: gpd.GeoDataFrame
    only_moved: bool = False


class Patched(NamedTuple):
    """What is known of the answer at once: who has what, and the verdicts on some items.

    ``part`` has the rows of the results that may be others than in ``before``.
    """

    before: pd.DataFrame
    part: pd.DataFrame
    near: Near

    def results(self) -> pd.DataFrame:
        """Give all results."""
        if len(self.part) == 0:
            return self.before.copy()
        return spliced(self.before, self.part, set(self.part["item"]), self.part["area"].unique())


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
    plain = searched.whole and searched.plain
    known: Classified = sorted_out[1]
    said = _said(known, asked, patch) if patch.only_moved else None
    new = _placed(question, asked, compounds[1], (patch.rows, said)) if plain else None
    if homes_at is None or new is None:
        return None
    gone = np.asarray(asked.facilities.index.get_indexer([*patch.gone, *patch.rows.index]))
    gone = gone[gone >= 0]
    touched = _touched(question, asked, new, (known, gone))
    after = _searched(question, asked.network, (searched, homes_at), touched)
    if not after.now:  # whether any facility is near a street, the whole table says
        return None
    now = _shown(question, asked, known, gone, (new[0], patch.rows))
    items = set(question.checklist.keys()) if now != shown else {item for _, item in touched}
    if not items:
        return Patched(last[1], last[1].iloc[:0], near)
    checklist = among(question.checklist, items)
    terms = Terms(
        question.quota, frozenset(question.surveyed), now, off_street_speed_m_s(question.pace)
    )
    homes, walks = people.homes, after.walks(items)
    there = near.but(after.now, question.checklist, items)
    if now == shown and (areas := _other_areas(homes, (searched, after), touched)) is not None:
        homes, rows = homes.within(areas)
        walks = {pair: one.take(rows) for pair, one in walks.items()}
    some = len(homes.areas) > 0
    part = verdict(walks, homes, checklist, terms) if some else last[1].iloc[:0]
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


def _said(known: Classified, asked: Asked, patch: Patch) -> pd.DataFrame:
    """Give what is known of facilities that are elsewhere now: where one is says not what it is."""
    row = asked.facilities.index.get_indexer(patch.rows.index)
    return known.matches.iloc[np.flatnonzero(np.isin(known.row, row))]


def _placed(
    question: Question,
    asked: Asked,
    compounds: Any,
    new: tuple[gpd.GeoDataFrame, pd.DataFrame | None],
) -> tuple[pd.DataFrame, Placed] | None:
    """Say what new rows serve, and where they are; None where more than these rows tells it.

    What they serve is taken from what is known of them, if anything is.
    """
    rows, matches = new
    if len(rows) == 0:
        return pd.DataFrame({"facility": [], "item": [], "evidence": []}), placed_ends(
            rows, asked.network
        )
    more = {str(name) for name in rows.columns} - {str(name) for name in asked.facilities.columns}
    if more - _ROW_BY_ROW:
        return None
    said = asked.facilities.attrs  # of which each look at a column makes a copy
    rows.attrs = {name: said[name] for name in _DATUM if name in said}
    check_facilities(rows)
    check_datum(rows, "facilities")
    if matches is None:
        matches = classify(rows, question.checklist, hosts=question.mode == "function")
    service = service_of(rows, question.rules)
    serving = rows.index.isin(matches["facility"].tolist())
    if (service.why[serving] != "").any() or service.no_walk[serving].any():
        return None
    reached, _ = reached_by_gates(rows, compounds, asked.network)
    ends = placed_ends(reached, asked.network, question.snap_limit_m)
    # One that is far from every street may be reached over the ground of its area.
    return (matches, ends) if ends.snapped.all() else None


def _touched(
    question: Question,
    asked: Asked,
    new: tuple[pd.DataFrame, Placed],
    old: tuple[Classified, Ints],
) -> _Touched:
    """Give the items that are concerned, and what changes of their places."""
    (matches, ends), (known, gone) = new, old
    keys = question.checklist.keys()
    mine = np.flatnonzero(np.isin(known.row, gone))
    pairs = {
        (word == "host", keys[item])
        for word, item in zip(known.cells[0][mine], known.item[mine], strict=True)
    }
    rows: dict[tuple[bool, str], list[int]] = {}
    at = {label: row for row, label in enumerate(ends.labels)}
    named = (matches[name].tolist() for name in ("facility", "item", "evidence"))
    for label, item, word in zip(*named, strict=True):
        rows.setdefault((word == "host", item), []).append(at[label])
    lost = frozenset(asked.facilities.index[gone])
    found: _Touched = {}
    for pair in pairs | rows.keys():
        more = ends.take(np.array(rows.get(pair, []), dtype=np.int64))
        found[pair] = _Change(_by_label(more), lost if pair in pairs else frozenset())
    return found


def _by_label(places: Placed) -> Placed:
    """Give places in the order of their labels, as a search has them."""
    return places.take(in_order_of_labels(places.labels))


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
    touched: _Touched,
) -> Searched:
    """Search for what changes; the walks to other places are what they were."""
    searched, homes = known
    after = searched.beside(touched)
    for items, minutes, pace in rounds_of(question.checklist, question.pace, question.horizon):
        keys, in_metres = [item.key for item in items], items[0].limit.in_metres
        walk = Walk(homes, network, seconds_of(minutes), pace, in_metres)
        mine = {pair: one for pair, one in touched.items() if pair[1] in keys}
        left = _left(walk, {pair: searched.now.get(pair) for pair in mine}, mine)
        # What comes is searched for by itself: who has it nearer goes there.
        alone = {pair: mine[pair].more for pair in left if len(mine[pair].more.labels)}
        if alone:
            after.found(walk, alone)
        for pair, stays in left.items():
            both = stays.nearer(after.now[pair]) if pair in alone else stays
            if both is not None:
                after.now[pair] = both
                del mine[pair]
        whole = {pair: _places(searched.now.get(pair), one) for pair, one in mine.items()}
        if whole := {pair: one for pair, one in whole.items() if len(one.labels)}:
            after.found(walk, whole)
    return after


def _left(
    walk: Walk, known: Mapping[tuple[bool, str], Column | None], changes: _Touched
) -> dict[tuple[bool, str], Column]:
    """Give the walks to places that stay: only who went to one that goes is searched for again."""
    found = {pair: one for pair, one in known.items() if one is not None}
    fewer = {pair: _stays(one.places, changes[pair].lost) for pair, one in found.items()}
    fewer = {pair: one for pair, one in fewer.items() if one is not found[pair].places}
    for pair in [pair for pair, one in fewer.items() if len(one.labels) == 0]:
        del found[pair], fewer[pair]
    if not fewer:
        return found
    hanging = [found[pair].hang_on(changes[pair].lost) for pair in fewer]
    rows = np.unique(np.concatenate(hanging))
    again = Searched()
    again.found(walk._replace(homes=walk.homes.take(rows)), fewer)
    for pair in fewer:
        found[pair] = found[pair].with_rows(rows, again.now[pair])._replace(walk=walk)
    return found


def _stays(places: Placed, lost: frozenset[Any]) -> Placed:
    """Give places without some of them; the very same, where none of these is among them."""
    stays = [label not in lost for label in places.labels] if lost else [True]
    return places if all(stays) else places.take(np.flatnonzero(stays))


def _places(before: Column | None, change: _Change) -> Placed:
    """Give all places of an item as they are after a change, in the order of their labels."""
    if before is None:
        return change.more
    return _by_label(joined_places(_stays(before.places, change.lost), change.more))


def _shown(
    question: Question,
    asked: Asked,
    known: Classified,
    gone: Ints,
    new: tuple[pd.DataFrame, gpd.GeoDataFrame],
) -> frozenset[str]:
    """Say which items the facilities can show, as :func:`items_shown` says of their table."""
    matches, rows = new
    keys = np.array(question.checklist.keys(), dtype=object)
    there = known.cells[0] == "declared"
    if len(gone):
        there &= ~np.isin(known.row, gone)
    told = zip(matches["item"].tolist(), matches["evidence"].tolist(), strict=True)
    declared = {*keys[known.item[there]], *(item for item, word in told if word == "declared")}
    table = asked.facilities
    coded = "typecode" in rows and bool(rows["typecode"].notna().any())
    if not coded and "typecode" in table:
        has = table["typecode"].notna().to_numpy(copy=True)
        has[gone] = False
        coded = bool(has.any())
    kind = kind_of((*table.columns, *rows.columns), question.checklist)
    return shown_of(question.checklist, declared, "typecodes" if coded else kind)
