"""What an answer is made of, part by part, so that parts of two answers can be mixed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import geopandas as gpd

from quarterhour.planning.sides import require_asked
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.question import Question
from quarterhour.scoring.rules import Period
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Pace, Sloped


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that made a scorecard, but for the version."""

    areas: gpd.GeoDataFrame
    origins: gpd.GeoDataFrame
    network: WalkNetwork
    facilities: gpd.GeoDataFrame
    day: date
    question: Question

    @classmethod
    def of(cls, card: Scorecard) -> Self:
        """Take a scorecard apart.

        Raises
        ------
        InputError
            If its question or an input is not at hand.
        """
        question, asked = require_asked(card)
        day = date.fromisoformat(card.manifest["parameters"]["valid_on"])
        return cls(asked.areas, card.origins, asked.network, asked.facilities, day, question)

    def with_parts(self, other: Inputs, causes: Collection[str]) -> Inputs:
        """Give the same with what belongs to some causes taken from another."""
        homes, streets, places = (
            other if cause in causes else self for cause in ("homes", "streets", "facilities")
        )
        words = other if "parameters" in causes else self
        checklist = (other if "checklist" in causes else self).question.checklist
        keys = {*checklist.keys(), "all"}
        question = replace(
            words.question,
            checklist=checklist,
            pace=_pace(words, streets),
            surveyed=tuple(key for key in words.question.surveyed if key in keys),
        )
        return Inputs(
            homes.areas, homes.origins, streets.network, places.facilities, places.day, question
        )

    @property
    def days(self) -> Period:
        """The day on which facilities have to be there, as its first and last."""
        return self.day, self.day

    @property
    def asked(self) -> tuple[Question, Asked]:
        """The question on its day, and what it is asked of."""
        question = replace(self.question, valid_on=self.day)
        return question, Asked(self.areas, self.facilities, self.network, self.origins)


def _pace(words: Inputs, streets: Inputs) -> Pace:
    """Give a walker for streets: heights are those of the streets that are walked."""
    pace, there = words.question.pace, streets.question.pace
    if words.network is streets.network:
        return pace
    if isinstance(pace, Sloped) and isinstance(there, Sloped):
        return Sloped(pace.walker, there.elevation)
    return there if isinstance(pace, Sloped) or isinstance(there, Sloped) else pace
