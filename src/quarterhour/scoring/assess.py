"""The sentence: assess these areas, on these streets, to these facilities, against this list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import geopandas as gpd

from quarterhour.places.swapped import require_areas
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.question import Question
from quarterhour.scoring.rules import Mode, Period
from quarterhour.scoring.scorecard import Scorecard, answered
from quarterhour.standards.checklist import Checklist
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import ADULT, Pace


def assess(  # noqa: PLR0913 - the sentence has all its words in one place
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    checklist: Checklist | str,
    *,
    origins: gpd.GeoDataFrame | None = None,
    pace: Pace | str = ADULT,
    quota: float = 0.5,
    surveyed: Collection[str] = (),
    at: str | datetime | None = None,
    contracted_only: bool = False,
    mode: Mode = "function",
    min_satisfaction: float | None = None,
    period: str | Period | None = None,
) -> Scorecard:
    """Score areas against a checklist: classify, walk, judge.

    Parameters
    ----------
    areas
        Residential areas: polygons or points with a CRS; ``name`` and ``residents`` if known.
    facilities
        Places with a CRS and names, OSM tags, typecodes or declared items. The same place
        listed twice counts once where an item asks for several.
    network
        The streets.
    checklist
        What residents should reach, and within which limit; or the key of a shipped one.
    origins
        From where residents walk, as :func:`quarterhour.origins` gives them; made from the
        areas alone (a grid of points in each) if not given.
    pace
        How they walk: a pace, or the name of a walker (``"elderly"``).
    quota
        Share of an area's residents that has to be within the limit: 0.5 is the median one.
    surveyed
        Items of which ``facilities`` is known to be complete (``["all"]`` for every one): not
        finding them is then unmet, where it would be unknown for what maps rarely show.
    at
        When, as local time ("2026-11-24 20:00"): what is closed then does not count, and what
        has no hours that can be read counts perhaps. Not given: hours do not matter. Facilities
        have to be valid on that day, or today (``valid_from``, ``valid_to``).
    contracted_only
        Whether commercial and specialised items count only where ``contracted`` is true.
    mode
        "function": what is delivered, shared by an employer or implied by a host counts;
        "facility": only places of their own.
    min_satisfaction
        Rating, as a share of the best one (0.8), below which a place does not count
        (``satisfaction``); what nobody rated counts, and is told.
    period
        A month ("2026-11"), a week ("2026-W48"), a day, or first and last day
        ("2026-11-01/2026-11-14"): what comes at times (``recurrence``) counts if it comes then.

    Returns
    -------
    Scorecard

    Raises
    ------
    InputError
        If a table breaks its contract, or its datum is not that of the streets.
    NetworkError
        If the areas or the facilities lie nowhere near the streets.
    MissingExtraError
        If ``at`` is given and the packages that read opening hours are not installed.

    Warns
    -----
    QuarterhourWarning
        If the streets contradict the datum that the facilities were declared to have.
    """
    require_areas(areas, facilities)
    question = Question.of(
        checklist,
        pace=pace,
        quota=quota,
        surveyed=surveyed,
        at=at,
        contracted_only=contracted_only,
        mode=mode,
        min_satisfaction=min_satisfaction,
        period=period,
    )
    return answered(question, Asked(areas, facilities, network, origins))
