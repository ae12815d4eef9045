"""The judgement of homes that are areas of their own, as :mod:`quarterhour.scoring.judge` has it.

Whoever lives alone in an area is its median, its worst and all of its residents: what the judgement
of areas adds up and sorts is one number each, and all items are judged at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.walking.node_walks import STATUSES

MET, UNMET, UNKNOWN = range(3)

REASONS = (
    "within_limit",
    "implied_by_host",
    "beyond_limit",
    "unreachable",
    "not_snapped",
    "no_facility",
    "not_assessable",
)
"""Why; numbered as :class:`Alone` has them."""


class Walked(NamedTuple):
    """Walks of homes (rows) to items (columns): cost (infinite), facility (-1), code of why."""

    cost: Floats
    facility: Ints
    code: npt.NDArray[np.int8]


class Silence(NamedTuple):
    """Of each item whether the data can show it, were surveyed for it, and have any at all."""

    can_show: Mask
    surveyed: Mask
    present: Mask


class Alone(NamedTuple):
    """Status, reason (:data:`REASONS`), cost (infinite) and facility (-1): homes × items."""

    status: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int8]
    cost: Floats
    facility: Ints


def judge_alone(direct: Walked, host: Walked, most: Floats, silence: Silence) -> Alone:
    """
    Judge every item of every home by itself.

    Parameters
    ----------
    direct, host
        Walks to what serves an item itself, and to what only implies it.
    most
        Limit of each item, in the unit of its walks.
    silence
        What it means if nothing is found.
    """
    by_itself = direct.cost <= most
    within = np.minimum(direct.cost, host.cost) <= most
    lost = ~within & (direct.code == STATUSES.index("not_snapped"))
    status = np.where(within, MET, np.where(lost, UNKNOWN, UNMET)).astype(np.int8)
    unreachable = direct.code == STATUSES.index("unreachable")
    reason = np.where(unreachable, REASONS.index("unreachable"), REASONS.index("beyond_limit"))
    reason[lost] = REASONS.index("not_snapped")
    reason[within] = REASONS.index("implied_by_host")
    reason[by_itself] = REASONS.index("within_limit")
    # An item of which nothing is found, where the data could not have shown it, is not missing.
    told = silence.can_show | silence.surveyed
    silent = (status == UNMET) & ~(silence.present & told)
    named = np.where(told, REASONS.index("no_facility"), REASONS.index("not_assessable"))
    reason = np.where(silent, named, reason).astype(np.int8)
    status[silent & ~silence.surveyed] = UNKNOWN
    implied = ~by_itself & within
    nearer = implied & (host.cost < direct.cost)
    cost = np.where(nearer, host.cost, direct.cost)
    facility = np.where(nearer, host.facility, direct.facility)
    return Alone(status, reason, cost, facility)
