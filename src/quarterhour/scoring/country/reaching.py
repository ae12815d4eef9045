"""How far around its own ground a tile has to reach, so that no answer hangs on what is beyond."""

from __future__ import annotations

import numpy as np

from quarterhour.errors import InputError
from quarterhour.scoring.item_walks import rounds_of
from quarterhour.scoring.question import Question
from quarterhour.sources.country.regions import SETTLED_M, WIDE_M
from quarterhour.sources.country.tiles import Tiles
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import Pace, Sloped, checked_seconds, off_street_speed_m_s
from quarterhour.walking.travel_times import seconds_of

_ROUND_EARTH = 1.01
"""Metres of a projection are not quite metres of the ground."""


def reach_m(question: Question, fastest_m_s: float | None = None) -> float:
    """Say how far anybody may walk in an answer, as the crow flies at the most.

    Parameters
    ----------
    question
        What is asked: places are looked for up to ``question.horizon`` times their limit.
    fastest_m_s
        The fastest that is walked on any street; none: the speed of the pace.
    """
    speed = off_street_speed_m_s(question.pace) if fastest_m_s is None else fastest_m_s
    reaches = [0.0]
    for items, minutes, _ in rounds_of(question.checklist, question.pace, question.horizon):
        in_metres = items[0].limit.in_metres
        most = max(item.limit.most for item in items) * question.horizon
        reaches.append(most if in_metres else seconds_of(minutes) * speed)
    return max(reaches)


def halo_of(question: Question) -> float:
    """Give the halo that tiles need for a question, in metres.

    What anybody may walk, and beyond it what streets, homes and premises need to be what they are
    in the whole: areas and clusters of homes that reach beyond the tile's own ground (1,000 m), and
    streets that are judged by what they join (1,200 m).

    Raises
    ------
    InputError
        If the pace hangs on heights, which are those of one network.

    Examples
    --------
    >>> round(halo_of(Question.of("moreno-2016")))
    4472
    """
    if isinstance(question.pace, Sloped):
        msg = (
            "A walker with heights is one of a single network: for tiles, give a walker "
            "without heights."
        )
        raise InputError(msg)
    return _ROUND_EARTH * reach_m(question) + WIDE_M + SETTLED_M


def require_halo(tiles: Tiles, question: Question, network: WalkNetwork) -> None:
    """See that the halo of tiles is wide enough for a question.

    Raises
    ------
    InputError
        If it is not.
    """
    needed = _ROUND_EARTH * reach_m(question, _fastest(question.pace, network)) + WIDE_M + SETTLED_M
    if needed > tiles.halo_m * (1 + 1e-9):
        msg = (
            f"The tiles in {tiles.folder} reach {tiles.halo_m:,.0f} m beyond their own ground, and "
            f"this question needs {needed:,.0f} m: split the country again for this question."
        )
        raise InputError(msg)


def _fastest(pace: Pace, network: WalkNetwork) -> float:
    """Give the fastest that is walked on any street, or beside them."""
    if isinstance(pace, Metres):
        return off_street_speed_m_s(pace)
    seconds = checked_seconds(pace, network).min(axis=1)
    walked = (network.edge_length_m > 0) & np.isfinite(seconds) & (seconds > 0)
    speeds = network.edge_length_m[walked] / seconds[walked]
    return max(float(speeds.max(initial=0.0)), off_street_speed_m_s(pace))
