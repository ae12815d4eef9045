"""Is an item within reach of enough residents: the judgement, area by area."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints, read_only
from quarterhour.scoring.judge_kernels import numbered, spread
from quarterhour.scoring.rows_before import addresses
from quarterhour.standards.items import Lines
from quarterhour.standards.limits import Limit
from quarterhour.walking.node_walks import STATUSES

WORDS = (*STATUSES, "needs_no_walk", "hours_unknown", "not_in_service")
"""What is said of a walk; those of the search keep its numbers."""

NO_FACILITY, NOT_SNAPPED = WORDS.index("no_facility"), WORDS.index("not_snapped")


_LITTLE = 64
"""Homes of which so few are judged waits for no compiler."""


class Walks(NamedTuple):
    """Walks of every origin to one item: cost (infinite where none), facility, status.

    The cost is in the unit of the item's limit: seconds, or metres. ``code`` is a position in
    :data:`WORDS`, or -1.
    """

    cost: Floats
    facility: npt.NDArray[np.object_]
    code: npt.NDArray[np.int8]

    def take(self, rows: Ints) -> Walks:
        """Only the walks of some origins."""
        return Walks(self.cost[rows], self.facility[rows], self.code[rows])


def no_walks(n: int) -> Walks:
    """Give the walks to an item that is nowhere."""
    return Walks(np.full(n, np.inf), np.full(n, None), np.full(n, NO_FACILITY, dtype=np.int8))


def walks_of(mine: pd.DataFrame, origins: pd.Index, limit: Limit) -> Walks:
    """Give the walks to an item in the order of the origins; nothing where there is none."""
    mine = mine.set_index("origin").reindex(origins)
    cost = mine[limit.column].to_numpy(dtype=np.float64)
    return Walks(
        np.where(np.isnan(cost), np.inf, cost),
        mine["facility"].to_numpy(dtype=object),
        pd.Index(WORDS).get_indexer(pd.Index(mine["status"].fillna("no_facility"))).astype(np.int8),
    )


class Judged(NamedTuple):
    """What is said of one item: one entry per area."""

    status: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]
    share: Floats
    median_minutes: Floats
    worst_minutes: Floats
    facility: npt.NDArray[np.object_]


def judge(
    direct: Walks,
    host: Walks,
    people: tuple[Ints, Floats, int],
    limit: float,
    quota: float,
) -> Judged:
    """Status, reason, share, minutes and facility per area, before silence is weighed."""
    area, share, n = people

    def total(flags: npt.NDArray[np.bool_]) -> Floats:
        return np.asarray(np.bincount(area, weights=share * flags, minlength=n))

    tolerance = 1e-9
    here = direct.cost <= limit
    within = within_by_itself = total(here)
    minutes = direct_minutes = _spread(direct, area, share, n)
    if np.isfinite(host.cost).any():
        nearer = host.cost < direct.cost
        either = direct._replace(
            cost=np.minimum(direct.cost, host.cost),
            facility=np.where(nearer, host.facility, direct.facility),
        )
        within, minutes = total(either.cost <= limit), _spread(either, area, share, n)
    by_itself, with_host = (one >= quota - tolerance for one in (within_by_itself, within))
    served = direct.code == WORDS.index("needs_no_walk")
    by_walk = total(here & ~served) >= quota - tolerance if served.any() else by_itself
    said = _shares_of_words(direct.code, area, share, n)
    lost, shut = said["not_snapped"], said["hours_unknown"]
    open_question = (within + lost + shut >= quota - tolerance) & (lost + shut > 0)
    status = np.select([with_host, open_question], ["met", "unknown"], "unmet").astype(object)
    why_not = ("beyond_limit", "unreachable", "not_in_service")
    most = np.argmax([said[word] for word in why_not], axis=0)
    reason = np.array(why_not, dtype=object)[most]
    reason[open_question] = np.where(shut > lost, "hours_unknown", "not_snapped")[open_question]
    reason[with_host] = "implied_by_host"
    reason[by_itself] = np.where(by_walk, "within_limit", "needs_no_walk")[by_itself]
    implied = ~by_itself & with_host
    within = np.minimum(np.where(implied, within, within_by_itself), 1.0)  # or a hair more
    pairs = zip(minutes, direct_minutes, strict=True)
    nearest = (np.where(implied, with_it, without) for with_it, without in pairs)
    return Judged(status, reason, within, *nearest)


def _shares_of_words(
    code: npt.NDArray[np.int8], area: Ints, share: Floats, n: int
) -> dict[str, Floats]:
    """Give the share of each area's residents of whose walk each word is said."""
    size = len(WORDS) + 1
    cell = (code.astype(np.int64) + 1) * n + area
    found = np.bincount(cell, weights=share, minlength=size * n).reshape(size, n)
    return dict(zip(WORDS, found[1:], strict=True))


def _spread(
    walks: Walks, area: Ints, share: Floats, n: int
) -> tuple[Floats, Floats, npt.NDArray[np.object_]]:
    """Minutes of the median and the worst resident, and the facility most of them go to."""
    place, most = _numbered(walks.facility)
    median, worst, home = np.empty(n), np.empty(n), np.empty(n, dtype=np.int64)
    walked = read_only(walks.cost, np.argsort(walks.cost), place)
    out = median, worst, home
    spread(read_only(area, share), *walked, most, out, little=len(area) <= _LITTLE)
    facility = walks.facility[home]
    facility[home < 0] = None
    return (
        np.where(np.isfinite(median), median / 60, np.nan),
        np.where(np.isfinite(worst), worst / 60, np.nan),
        facility,
    )


def _numbered(labels: npt.NDArray[np.object_]) -> tuple[Ints, int]:
    """Number labels: most are the very same objects, and only others have to be compared."""
    n = len(labels)
    code, one = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    count = numbered(*read_only(addresses(labels)), code, one, little=n <= _LITTLE)
    known: dict[object, int] = {}
    number = [known.setdefault(label, len(known)) for label in labels[one[:count]]]
    return np.array(number, dtype=np.int64)[code], len(known)


def costs(times: pd.DataFrame, checklist: Lines) -> tuple[Floats, Floats]:
    """Give what each walk costs, in the unit of its item's limit, and what it may cost at most."""
    limits = {item.key: item.limit for item in checklist}
    keys = pd.Index(list(limits))
    # What is not in the list is within no limit.
    most = np.array([*(limit.most for limit in limits.values()), -np.inf])
    in_metres = np.array([*(limit.in_metres for limit in limits.values()), False])
    item = np.asarray(keys.get_indexer(pd.Index(times["item"])), dtype=np.int64)
    cost = times["seconds"].to_numpy(dtype=np.float64)
    if in_metres.any():
        cost = np.where(in_metres[item], times["metres"].to_numpy(dtype=np.float64), cost)
    return cost, most[item]


def what_silence_means(judged: Judged, *, can_show: bool, surveyed: bool, present: bool) -> Judged:
    """Turn an item not found into unknown where the data could not have shown it."""
    if present and (can_show or surveyed):
        return judged
    unmet = judged.status == "unmet"
    reason = "no_facility" if can_show or surveyed else "not_assessable"
    return judged._replace(
        status=np.where(unmet & (not surveyed), "unknown", judged.status),
        reason=np.where(unmet, reason, judged.reason),
    )
