"""Walking paces: a network goes in, seconds per edge and direction come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quarterhour.errors import InputError
from quarterhour.network import Floats, WalkNetwork

Seconds = Floats
"""``(m, 2)`` seconds of each edge, forward and backward; infinity where it cannot be walked."""

Pace = Callable[[WalkNetwork], Seconds]
"""Network -> seconds per edge and direction. Any callable will do; a profile is a frozen one."""

DEFAULT_SPEED_M_S = 1.25
"""4.5 km/h: 15 minutes are 1,125 m. Young walkers' speed at US crossings (TRR 1538)."""


@dataclass(frozen=True)
class Profile:
    """A walker with one speed on level ground.

    Parameters
    ----------
    name
        What the walker is called in results.
    speed_m_s
        Walking speed in metres per second, on and off the network.

    Examples
    --------
    >>> Profile("adult", 1.25)
    Profile(name='adult', speed_m_s=1.25)
    >>> print(Profile("adult", 1.25))
    adult, 1.25 m/s (4.50 km/h)
    """

    name: str = "adult"
    speed_m_s: float = DEFAULT_SPEED_M_S

    def __post_init__(self) -> None:
        if not 0.1 <= self.speed_m_s <= 5.0:
            msg = f"speed_m_s={self.speed_m_s} is no walking speed: give metres per second (1.25)."
            raise InputError(msg)

    def __call__(self, network: WalkNetwork) -> Seconds:
        """Seconds of each edge: its length over the speed, in the directions open on foot."""
        seconds = np.repeat(network.edge_length_m[:, None] / self.speed_m_s, 2, axis=1)
        one_way = network.traits["oneway_foot"]
        seconds[one_way > 0, 1] = np.inf
        seconds[one_way < 0, 0] = np.inf
        return seconds

    def __str__(self) -> str:
        return f"{self.name}, {self.speed_m_s:.2f} m/s ({self.speed_m_s * 3.6:.2f} km/h)"


ADULT = Profile()
"""The default walker."""


def off_street_speed_m_s(pace: Pace) -> float:
    """Speed of the legs between places and streets: the pace's own, else the default."""
    return float(getattr(pace, "speed_m_s", DEFAULT_SPEED_M_S))


def walked(pace: Pace, network: WalkNetwork) -> tuple[WalkNetwork, Seconds]:
    """Apply a pace: the streets it can walk, and their seconds.

    Edges closed both ways are left out of the network, so that places are snapped to streets
    that this walker can use.

    Raises
    ------
    InputError
        If the pace gives seconds that are not ``(m, 2)``, negative, or nowhere finite.
    """
    seconds = np.ascontiguousarray(pace(network), dtype=np.float64)
    if seconds.shape != (network.n_edges, 2):
        msg = f"A pace gives seconds of shape ({network.n_edges}, 2), not {seconds.shape}."
        raise InputError(msg)
    if np.isnan(seconds).any() or (seconds < 0).any() or not np.isfinite(seconds).any():
        msg = "A pace gives seconds of at least 0 (infinity where closed), some of them finite."
        raise InputError(msg)
    open_edge = np.asarray(np.isfinite(seconds).any(axis=1))
    return network.part(open_edge), seconds[open_edge]
