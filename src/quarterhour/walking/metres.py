"""Walks measured in metres: a pace of another pace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import Pace, Seconds, checked_seconds


@dataclass(frozen=True)
class Metres:
    """A pace of which the seconds count metres: of the streets that a walker may use, no others.

    Stairs that are closed to the walker stay closed; what only slows the walker down (stairs,
    slopes, waits) makes no street longer.

    Parameters
    ----------
    walker
        Any pace.
    """

    walker: Pace

    @property
    def speed_m_s(self) -> float:
        """A metre off the street is a metre, too."""
        return 1.0

    def __call__(self, network: WalkNetwork) -> Seconds:
        """Metres of each edge and direction; infinity where the walker may not go."""
        is_open = np.isfinite(checked_seconds(self.walker, network))
        return np.where(is_open, network.edge_length_m[:, None], np.inf)

    def __str__(self) -> str:
        return f"metres open to {self.walker}"
