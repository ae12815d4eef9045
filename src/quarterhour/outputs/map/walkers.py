"""Walkers of the map page: what makes of the length of an edge the seconds that it takes."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints
from quarterhour.scoring.question import pace_text
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import (
    ADULT,
    Pace,
    Profile,
    checked_seconds,
    off_street_speed_m_s,
    profile,
    profiles,
)

SAME_S = 1e-6
"""A walker is offered in the page only if the page's seconds are this near on every edge."""

_DIGITS = 12


def packed(values: npt.ArrayLike) -> str:
    """Write numbers as they are, to the last bit."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode("ascii")


def walkers_block(network: WalkNetwork, pace: Pace, edges: Ints) -> dict[str, Any]:
    """Give the walkers that the page can put in the place of the scorecard's own, which is first.

    Each has shares of its speed by kind of edge, and waits. The own one has its seconds instead,
    where they are more than that: with slopes, or as a pace of the user's.
    """
    signal = _waits(network, replace(ADULT, signal_wait_s=1.0))
    other = _waits(network, replace(ADULT, crossing_wait_s=1.0))
    own = pace if type(pace) is Profile else None
    named = [profile(str(name)) for name in profiles()["name"]]
    some = [one for one in ([own, *named] if own else named) if one is not None]
    ways = [_ways(one, network) for one in some]
    kinds, kind = np.unique(np.hstack(ways), axis=0, return_inverse=True)
    kind = np.asarray(kind).ravel()
    found: list[dict[str, Any]] = []
    for k, walker in enumerate(some):
        shares = kinds[:, 2 * k : 2 * k + 2]
        waits = walker.signal_wait_s * signal + walker.crossing_wait_s * other
        with np.errstate(divide="ignore"):
            seconds = network.edge_length_m[:, None] / walker.speed_m_s / shares[kind]
        seconds = seconds + waits[:, None]
        true = checked_seconds(walker, network)
        is_open = np.isfinite(true)
        same = np.array_equal(is_open, np.isfinite(seconds))
        if same and np.allclose(seconds[is_open], true[is_open], rtol=0, atol=SAME_S):
            told = {
                "shares": shares.tolist(),
                "waits": [walker.signal_wait_s, walker.crossing_wait_s],
            }
            found.append({"name": walker.name, "speed_m_s": walker.speed_m_s, **told})
        elif walker is own:
            own = None
    waiting = np.flatnonzero((signal[edges] > 0) | (other[edges] > 0))
    block: dict[str, Any] = {
        "kind": kind[edges].tolist(),
        "waiting": waiting.tolist(),
        "signal": packed(signal[edges][waiting]),
        "crossing": packed(other[edges][waiting]),
        "length": packed(network.edge_length_m[edges]),
        "walkers": found,
    }
    if own is None:
        seconds = checked_seconds(pace, network)[edges]
        told = {"ahead": packed(seconds[:, 0]), "back": packed(seconds[:, 1])}
        first = {"name": pace_text(pace), "speed_m_s": off_street_speed_m_s(pace), **told}
        found.insert(0, first)
    return block


def _ways(walker: Profile, network: WalkNetwork) -> Floats:
    """Shares of the speed that are kept on each edge, ahead and back; 0 where it is closed."""
    still = replace(walker, signal_wait_s=0.0, crossing_wait_s=0.0)
    level = network.edge_length_m[:, None] / walker.speed_m_s
    seconds = still(network)
    share = np.divide(level, seconds, out=np.zeros_like(seconds), where=np.isfinite(seconds))
    nothing = np.isfinite(seconds) & (seconds == 0)  # an edge of no length is walked at any speed
    return np.asarray(np.round(np.where(nothing, 1.0, share), _DIGITS))


def _waits(network: WalkNetwork, walker: Profile) -> Floats:
    """Seconds that a walker who waits one at some crossings waits on each edge."""
    more, none = checked_seconds(walker, network), checked_seconds(ADULT, network)
    with np.errstate(invalid="ignore"):  # an edge may be closed to both
        ahead, back = (more - none).T
        found: Floats = np.where(np.isfinite(none[:, 0]), ahead, back)
    return np.asarray(np.round(np.nan_to_num(found), _DIGITS))
