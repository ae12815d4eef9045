"""What two scorecards side by side tell, as one noun with its tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from quarterhour.planning.change import Causes, causes_of
from quarterhour.scoring.scorecard import Scorecard

WHY = {
    "new_facility": "a facility that was not there before is within the limit",
    "facility_gone": "the facility that was nearest is there no more",
    "facility_changed": "the facility that is nearest has changed",
    "limit_changed": "the item asks for something else",
    "shorter_walk": "the way to the nearest facility is shorter",
    "longer_walk": "the way to the nearest facility is longer",
    "other_facility": "another facility is nearest",
    "few_more": "the share of residents within the limit has crossed the quota",
    "known_now": "what was unknown is known",
    "unknown_now": "what was known is unknown",
}
"""Why an answer turned, by the word in the column ``why``."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two scorecards side by side; areas are matched by id, else by land, items by their keys.

    All labels are those of the second scorecard.

    Attributes
    ----------
    turned
        One row per area and item whose status or reason is another: ``area``, ``item``,
        ``status_before``, ``status``, ``reason_before``, ``reason``, ``gained``, ``lost``,
        ``minutes_before``, ``minutes``, ``facility_before``, ``facility``, ``why`` (a word of
        :data:`quarterhour.planning.comparison.WHY`).
    pairs
        The same for every area and item of both.
    areas
        One row per area: ``name``, ``gained`` (who have an item more within the limit),
        ``lost`` (who have one less), ``met_before``, ``met``.
    items, groups
        One row per item, per group of items: ``gained``, ``lost``, and for items
        ``areas_turned_met``, ``areas_turned_unmet``.
    measure
        ``residents``; ``residences`` where residents are not known everywhere; or
        ``residents, net`` where homes are not the same in both, so that in each area who gained
        is set off against who lost.
    unmatched
        What is in one of them only: ``what`` (area or item), ``label``, ``where`` (before,
        after).
    matched
        One row per area of both: ``area_before`` and ``area`` (its labels in the two), ``how``
        ("id", "overlap") and ``overlap`` (of the land that either has, the part that both have).
    gained, lost
        Who have any item more, and who have any less; a home in two areas counts once.
    before, after
        The scorecards; the first with the labels of the second.
    """

    turned: pd.DataFrame
    pairs: pd.DataFrame
    areas: pd.DataFrame
    items: pd.DataFrame
    groups: pd.DataFrame
    measure: str
    unmatched: pd.DataFrame
    matched: pd.DataFrame
    gained: float
    lost: float
    before: Scorecard
    after: Scorecard

    @cached_property
    def causes(self) -> Causes:
        """What the change is due to: homes, streets, facilities, checklist, parameters, version.

        The question is asked anew of every mixture of what differs: of two causes twice, of
        three six times; of one not at all.

        Raises
        ------
        InputError
            If the question or an input of either scorecard is not at hand.
        NetworkError
            If what one has cannot be asked together with what the other has.
        """
        return causes_of(self.before, self.after)

    def __repr__(self) -> str:
        status = self.turned["status_before"] != self.turned["status"]
        met = int((status & (self.turned["status"] == "met")).sum())
        unmet = int((status & (self.turned["status_before"] == "met")).sum())
        alone = f"; {len(self.unmatched)} areas or items in one only" if len(self.unmatched) else ""
        return (
            f"<Comparison of {len(self.areas):,} areas × {len(self.items)} items: {met} turned "
            f"met, {unmet} met no more; {self.gained:,.0f} {self.measure} gained "
            f"an item, {self.lost:,.0f} lost one{alone}>"
        )
