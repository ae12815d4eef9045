"""What a coverage may be wrong by: each source of error with its size and where that was published.

A source is a frozen dataclass. For every draw it says what it does to the world that was assessed:
walks take longer or shorter, legs are longer or shorter, places are not there, places are there
that nobody listed. Replace its numbers, leave it out, or write one of your own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi, sqrt
from typing import Any

import numpy as np

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.planning.error_source import Effect, ErrorSource, World
from quarterhour.walking.pace import CROSSING_WAIT_S, Pace, off_street_speed_m_s

FIFTEENTH = 1.0364333894937896
"""Standard deviations between the mean and the 15th percentile of a normal distribution."""

FARTHEST = 2.5
"""Speeds are drawn within so many standard deviations: beyond, nobody walks to the shop."""


@dataclass(frozen=True)
class WalkingSpeed(ErrorSource):
    """Residents of one group do not walk alike: each draw is one of them.

    The scorecard's own speed stays in the middle; what is drawn is by how much a walker is quicker
    or slower than that, on a logarithmic scale.

    Parameters
    ----------
    mean_m_s, slow_m_s
        Mean and 15th percentile of the group's speed. Not given: those of 65 and over for a walker
        of at most 1 m/s, else those of the younger.
    citation
        Where the numbers come from.
    """

    mean_m_s: float | None = None
    slow_m_s: float | None = None
    citation: str = (
        "Knoblauch, Pietrucha and Nitzburg 1996 (TRR 1538): under 65 mean 1.51 m/s and 15th "
        "percentile 1.25; 65 and over 1.25 and 0.97"
    )

    def __post_init__(self) -> None:
        if (self.mean_m_s is None) != (self.slow_m_s is None):
            msg = "WalkingSpeed needs both mean_m_s and slow_m_s (the 15th percentile), or neither."
            raise InputError(msg)
        if self.mean_m_s is not None and not 0 < (self.slow_m_s or 0) <= self.mean_m_s:
            msg = (
                f"mean_m_s={self.mean_m_s} and slow_m_s={self.slow_m_s} are no mean and 15th "
                "percentile of a speed: the second is above 0 and not above the first."
            )
            raise InputError(msg)

    def spread(self, pace: Pace) -> float:
        """Give the standard deviation of the logarithm of the speed."""
        if self.mean_m_s is not None and self.slow_m_s is not None:
            return log(self.mean_m_s / self.slow_m_s) / FIFTEENTH
        old = off_street_speed_m_s(pace) <= 1.0
        return log(1.25 / 0.97 if old else 1.51 / 1.25) / FIFTEENTH

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Draw a walker."""
        z = random.standard_normal()
        while abs(z) > FARTHEST:
            z = random.standard_normal()
        return Effect(factor=float(np.exp(-self.spread(world.pace) * z)))


@dataclass(frozen=True)
class CrossingWaits(ErrorSource):
    """Waits at crossings are longer in one town than in another, for all its walks.

    Parameters
    ----------
    low_s, high_s
        Between which the mean wait at a crossing lies; the middle is what the speed stands for.
    per_km
        Crossings with a wait on a kilometre of walking.
    citation
        Where the numbers come from.
    """

    low_s: float = CROSSING_WAIT_S
    high_s: float = 45.0
    per_km: float = 3.0
    citation: str = (
        "Beijing 步行和自行车交通环境规划设计标准 (2021): at most 90 s at signals, so 45 s in the "
        "mean; 10 s where there are none, and 3 crossings on a kilometre: judgements"
    )

    def __post_init__(self) -> None:
        _require_range(self, "low_s", "high_s")
        _require(self, "per_km", 0.0, 100.0)

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Draw a town's mean wait."""
        walk_s = 1000.0 / off_street_speed_m_s(world.pace)
        wait, middle = random.uniform(self.low_s, self.high_s), (self.low_s + self.high_s) / 2
        return Effect(factor=(walk_s + self.per_km * wait) / (walk_s + self.per_km * middle))


@dataclass(frozen=True)
class PlacePosition(ErrorSource):
    """A place is drawn some metres from where it is; whoever goes there walks more or less.

    Parameters
    ----------
    metres
        Mean distance between where it is drawn and where it is.
    citation
        Where the number comes from.
    """

    metres: float = 6.0
    citation: str = "Haklay 2010 (doi 10.1068/b35097): OpenStreetMap is about 6 m off in the mean"

    def __post_init__(self) -> None:
        _require(self, "metres", 0.0, 1000.0)

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Draw by how much the way to each place is longer."""
        return Effect(place_m=_shifts(random, self.metres, len(world.places)))


@dataclass(frozen=True)
class HomePosition(ErrorSource):
    """A home is drawn some metres from where it is; each on its own.

    Parameters
    ----------
    metres
        Mean distance between where it is drawn and where it is.
    citation
        Where the number comes from.
    """

    metres: float = 6.0
    citation: str = "Haklay 2010 (doi 10.1068/b35097): OpenStreetMap is about 6 m off in the mean"

    def __post_init__(self) -> None:
        _require(self, "metres", 0.0, 1000.0)

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Draw by how much the way from each home is longer."""
        return Effect(home_m=_shifts(random, self.metres, len(world.homes)))


@dataclass(frozen=True)
class UnmappedGates(ErrorSource):
    """A wall of which no gate is mapped has gates somewhere: a way round for all within.

    Parameters
    ----------
    median_m
        How many metres more half of the residents walk at most.
    citation
        Where the number comes from.
    """

    median_m: float = 50.0
    citation: str = (
        "Yang and others 2021 (doi 10.3390/su13020598): opening all gated communities saves 52 % "
        "of Shanghai's residents 50 m or more"
    )

    def __post_init__(self) -> None:
        _require(self, "median_m", 0.0, 5000.0)

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Draw the way round of every area; it counts where a wall has no gate."""
        area = world.homes["area"].to_numpy()
        n = int(area.max()) + 1 if len(area) else 0
        round_m = random.exponential(self.median_m / log(2), size=n) if self.median_m else None
        if round_m is None or not world.homes["shut"].any():
            return Effect()
        return Effect(home_m=np.where(world.homes["shut"], round_m[area], 0.0))


OPEN_BY_CONFIDENCE = ((0.7, 305, 393), (0.9, 885, 1008), (0.95, 425, 456), (1.0, 1497, 1568))
"""Of places of Overture Maps with a confidence up to so much: how many were open, of how many.

3,425 places of the United States, each with a label whether it was still open when it was checked
(project-terraforma/pro_rice_open_closed_prediction, data/project_c_samples); 313 were closed.
"""


@dataclass(frozen=True)
class ClosedPlaces(ErrorSource):
    """A place in the table is no longer there.

    Parameters
    ----------
    commercial_a_year, public_a_year
        Share of the shops, and of all other places, that close in a year.
    years
        Age of the table.
    open_by_confidence
        For places with a ``confidence`` (those of Overture Maps): up to which confidence, how many
        of a sample were open, and how many it had. In each draw a share is drawn for each class
        by Bayes' rule from a flat prior, so that a small sample is less sure. Of a place that two
        sources list the surer one counts.
    citation
        Where the numbers come from.
    """

    commercial_a_year: float = 0.08
    public_a_year: float = 0.01
    years: float = 1.0
    open_by_confidence: tuple[tuple[float, int, int], ...] = OPEN_BY_CONFIDENCE
    citation: str = (
        "US Small Business Administration 2018: 7 to 9 % of all businesses close in a year; a "
        "mapper's count in Málaga (OpenStreetMap diary of alan_gr, 2024): 34 % of places gone or "
        "another kind in five years, of 15 in health none; places with a confidence: 3,425 of "
        "Overture Maps checked in the United States "
        "(project-terraforma/pro_rice_open_closed_prediction)"
    )

    def __post_init__(self) -> None:
        _require(self, "commercial_a_year", 0.0, 0.99)
        _require(self, "public_a_year", 0.0, 0.99)
        _require(self, "years", 0.0, 100.0)
        for upto, still, of in self.open_by_confidence:
            if not (0 <= upto <= 1 and 0 <= still <= of and of > 0):
                told = (upto, still, of)
                msg = (
                    f"open_by_confidence: {told} is no confidence, count of open ones, and of all."
                )
                raise InputError(msg)

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Draw which places have closed."""
        a_year = np.where(world.marks["commercial"], self.commercial_a_year, self.public_a_year)
        gone = 1.0 - (1.0 - a_year) ** self.years
        sure = world.confidence
        if np.isfinite(sure).any() and self.open_by_confidence:
            upto, still, of = np.array(self.open_by_confidence, dtype=float).T
            shut = 1.0 - random.beta(still + 1.0, of - still + 1.0)
            kind = np.minimum(np.searchsorted(upto, sure), len(upto) - 1)
            told = np.where(world.marks["both"], np.minimum(gone, shut[kind]), shut[kind])
            gone = np.where(np.isnan(sure), gone, told)
        return Effect(gone=random.random(len(gone)) < gone)


@dataclass(frozen=True)
class MissingPlaces(ErrorSource):
    """Places that exist are not in the table; how many depends on what they are.

    In each draw one completeness is drawn for all shops and one for all else; the places that are
    missing then stand where other places stand. Items that are ``surveyed`` miss none.

    Parameters
    ----------
    commercial, public
        Between which the share of the shops, and of all other places, that are listed lies.
    citation
        Where the numbers come from.
    """

    commercial: tuple[float, float] = (0.8, 1.0)
    public: tuple[float, float] = (0.6, 1.0)
    citation: str = (
        "Klinkhardt and others 2023 (doi 10.1177/03611981231169280) and Kagerbauer and others 2024 "
        "(HEUREKA, 129 areas surveyed): eateries and shops are largely complete in OpenStreetMap, "
        "of services and health many are missing; the shares are a judgement of that"
    )

    def __post_init__(self) -> None:
        for name in ("commercial", "public"):
            low, high = getattr(self, name)
            if not 0.05 <= low <= high <= 1:
                msg = f"{name}={(low, high)} is no completeness: give two shares from 0.05 to 1."
                raise InputError(msg)

    def completeness(self, random: np.random.Generator, world: World) -> Floats:
        """Draw which share of the places of each item is listed."""
        u = random.random(2)
        shop, other = (
            low + (high - low) * one
            for one, (low, high) in zip(u, (self.commercial, self.public), strict=True)
        )
        return np.asarray(np.where(world.items["commercial"], shop, other))

    def fewest_listed(self, world: World) -> Floats:
        """Give the smallest share of each item that may be listed."""
        return np.asarray(
            np.where(world.items["commercial"], *(self.commercial[0], self.public[0]))
        )


@dataclass(frozen=True)
class WrongKind(ErrorSource):
    """A place was recognised as what it is not, or was not recognised as what it is.

    What the owner of the table declared is taken at its word.

    Parameters
    ----------
    precision
        Of what was recognised, the share that is right.
    recall
        Of what is in the table, the share that was recognised.
    overture_precision, overture_recall
        The same of places with a ``confidence``, whose categories are those of Overture Maps.
    citation
        Where the numbers come from.
    """

    precision: float = 0.979
    recall: float = 0.959
    overture_precision: float = 0.910
    overture_recall: float = 0.916
    citation: str = (
        "How well facilities are recognised: names never seen before (untouched.csv); of Overture "
        "Maps 350 places labelled by hand and held out (overture.csv)"
    )

    def __post_init__(self) -> None:
        for name in ("precision", "recall", "overture_precision", "overture_recall"):
            _require(self, name, 0.05, 1.0)

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Draw which places are something else."""
        overture = ~np.isnan(world.confidence)
        right = np.where(overture, self.overture_precision, self.precision)
        right = np.where(world.marks["both"], max(self.overture_precision, self.precision), right)
        wrong = random.random(len(world.places)) < 1.0 - right
        return Effect(gone=wrong & ~world.marks["declared"])

    def completeness(self, random: np.random.Generator, world: World) -> Floats:
        """Give the recall for every item."""
        del random
        return self.fewest_listed(world)

    def fewest_listed(self, world: World) -> Floats:
        """Give the recall for every item: of the source from which its places are."""
        overture = world.items["overture"].to_numpy(dtype=np.float64)
        return overture * self.overture_recall + (1.0 - overture) * self.recall


def _shifts(random: np.random.Generator, metres: float, n: int) -> Floats:
    """Metres by which ways are longer where things are off by so much in the mean, any way."""
    return random.standard_normal(n) * (metres / sqrt(pi / 2))


def _require(source: Any, name: str, low: float, high: float) -> None:
    value = getattr(source, name)
    if not low <= value <= high:
        msg = f"{name}={value} of {type(source).__name__}: give a number from {low:g} to {high:g}."
        raise InputError(msg)


def _require_range(source: Any, low: str, high: str) -> None:
    if not 0 <= getattr(source, low) <= getattr(source, high) < float("inf"):
        msg = (
            f"{low}={getattr(source, low)} and {high}={getattr(source, high)} of "
            f"{type(source).__name__} are no range: give two numbers of at least 0, in order."
        )
        raise InputError(msg)


SOURCES: tuple[ErrorSource, ...] = (
    WalkingSpeed(),
    CrossingWaits(),
    PlacePosition(),
    HomePosition(),
    UnmappedGates(),
    ClosedPlaces(),
    MissingPlaces(),
    WrongKind(),
)
"""What is drawn where no sources are given."""


def error_sources() -> tuple[ErrorSource, ...]:
    """Give the sources of error that are drawn where none are given; each is a frozen dataclass.

    Returns
    -------
    tuple of ErrorSource

    Examples
    --------
    >>> [source.name for source in error_sources()][:3]
    ['walking_speed', 'crossing_waits', 'place_position']
    """
    return SOURCES
