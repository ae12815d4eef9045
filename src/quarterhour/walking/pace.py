"""Walking paces: a network goes in, seconds per edge and direction come out.

Where the speeds come from is said in ``docs/walking-models.md``, and in :func:`profiles`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.streets.elevation import Elevation
from quarterhour.streets.network import WalkNetwork

Seconds = Floats
"""``(m, 2)`` seconds of each edge, forward and backward; infinity where it cannot be walked."""

Pace = Callable[[WalkNetwork], Seconds]
"""Network -> seconds per edge and direction. Any callable will do; a profile is a frozen one."""

DEFAULT_SPEED_M_S = 1.25
"""4.5 km/h: 15 minutes are 1,125 m. Young walkers' speed at US crossings (TRR 1538)."""

STEPS_UP, STEPS_DOWN = 0.35, 0.5
"""Share of the level speed kept on stairs (IES VE, walking speeds in buildings). 0.35 × 1.25 m/s
is 0.44 m/s, within the 0.4 to 0.5 m/s that Kretz et al. measured up a long stairway."""

SIGNAL_WAIT_S, CROSSING_WAIT_S = 30.0, 10.0
"""Mean wait at a crossing with signals, and at any other. A judgement: by HCM 2000 a cycle of
120 s with 30 s of green costs 33.8 s; Beijing's standard of 2021 allows at most 90 s."""

MAX_SLOPE = 0.08
"""Steepest street for a wheelchair: a judgement."""


@dataclass(frozen=True)
class Profile:
    """A walker, on level ground unless :class:`Sloped`.

    Parameters
    ----------
    name
        What the walker is called in results.
    speed_m_s
        Walking speed in metres per second, on and off the network.
    steps_up, steps_down
        Share of the speed that is kept on stairs; 1 is no penalty, 0 closes them.
    signal_wait_s, crossing_wait_s
        Wait at a crossing with signals, and at any other; spread over the crossing's length.
    max_slope
        Streets steeper than this (0.08 is 8 %) are closed, by their tag or by their heights.
    raised_kerbs
        Whether edges with ``kerb=raised`` can be walked.

    Examples
    --------
    >>> print(Profile("adult", 1.25))
    adult, 1.25 m/s (4.50 km/h)
    >>> from dataclasses import replace
    >>> print(replace(profile("elderly"), name="frail", speed_m_s=0.7, signal_wait_s=60))
    frail, 0.70 m/s (2.52 km/h), stairs at 35 % up and 50 % down, waits 60 s at signals and 10 s \
at other crossings
    """

    name: str = "adult"
    speed_m_s: float = DEFAULT_SPEED_M_S
    steps_up: float = 1.0
    steps_down: float = 1.0
    signal_wait_s: float = 0.0
    crossing_wait_s: float = 0.0
    max_slope: float = float("inf")
    raised_kerbs: bool = True

    def __post_init__(self) -> None:
        if not 0.1 <= self.speed_m_s <= 5.0:
            msg = f"speed_m_s={self.speed_m_s} is no walking speed: give metres per second (1.25)."
            raise InputError(msg)
        if not (0 <= self.steps_up <= 1 and 0 <= self.steps_down <= 1):
            msg = f"steps_up={self.steps_up} and steps_down={self.steps_down} have to be 0 to 1."
            raise InputError(msg)
        if not (0 <= self.signal_wait_s < np.inf and 0 <= self.crossing_wait_s < np.inf):
            waits = f"signal_wait_s={self.signal_wait_s}, crossing_wait_s={self.crossing_wait_s}"
            msg = f"{waits} are no waits: give seconds of at least 0."
            raise InputError(msg)
        if not self.max_slope > 0:
            msg = f"max_slope={self.max_slope} is no slope: give a share above 0 (0.08 is 8 %)."
            raise InputError(msg)

    def __call__(self, network: WalkNetwork) -> Seconds:
        """Seconds of each edge on level ground, in the directions open on foot."""
        return self.seconds(network, np.zeros(network.n_edges))

    def seconds(self, network: WalkNetwork, slope: Floats) -> Seconds:
        """Seconds of each edge, given its rise over run from u to v."""
        share = np.column_stack([tobler(slope), tobler(-slope)])
        on_steps = network.traits["steps"].astype(bool)
        if min(self.steps_up, self.steps_down) < 1 and on_steps.any():
            # The slower of the two, so that heights never make a staircase quicker.
            stairs = self._stairs(_rise(network, slope)[on_steps])
            share[on_steps] = np.minimum(share[on_steps], stairs)
        closed = share == 0
        closed |= self._barred(network, slope)[:, None]
        one_way = network.traits["oneway_foot"]
        closed[one_way > 0, 1] = True
        closed[one_way < 0, 0] = True
        walk = network.edge_length_m[:, None] / self.speed_m_s / np.where(closed, 1.0, share)
        return np.where(closed, np.inf, walk + self._waits(network)[:, None])

    def _stairs(self, rise: Floats) -> Floats:
        """Share of speed on stairs, forward and backward; both ways alike if none is up."""
        up, down = self.steps_up, self.steps_down
        mean = 2 * up * down / (up + down) if min(up, down) > 0 else 0.0
        forward = np.select([rise > 0, rise < 0], [up, down], mean)
        return np.column_stack([forward, np.select([rise > 0, rise < 0], [down, up], mean)])

    def _barred(self, network: WalkNetwork, slope: Floats) -> npt.NDArray[np.bool_]:
        barred = np.zeros(network.n_edges, dtype=bool)
        if self.max_slope < np.inf:
            tagged = np.nan_to_num(_by_word(network, "incline", _incline))
            # A hair's breadth, so that 8 % computed from heights is not above 8 %.
            limit = self.max_slope * (1 + 1e-9)
            barred |= (np.abs(slope) > limit) | (np.abs(tagged) > limit)
        if not self.raised_kerbs and "kerb" in network.traits:
            barred |= _by_word(network, "kerb", lambda word: word == "raised") > 0
        return barred

    def _waits(self, network: WalkNetwork) -> Floats:
        if self.signal_wait_s == self.crossing_wait_s == 0:
            return np.zeros(network.n_edges)
        wait = _by_word(network, "crossing", self._wait_at)
        # A crossing is cut in two where it meets the carriageway: each part has its share.
        return wait * np.asarray(network.traits.get("crossing_share", 1.0), dtype=np.float64)

    def _wait_at(self, crossing: str) -> float:
        if crossing in _NO_CROSSING:
            return 0.0
        return self.signal_wait_s if crossing in _SIGNALS else self.crossing_wait_s

    def __str__(self) -> str:
        said = [self.name, f"{self.speed_m_s:.2f} m/s ({self.speed_m_s * 3.6:.2f} km/h)"]
        up, down = self.steps_up, self.steps_down
        if up == down == 0:
            said.append("no stairs")
        elif min(up, down) < 1:
            said.append(f"stairs at {up * 100:g} % up and {down * 100:g} % down")
        if not self.raised_kerbs:
            said.append("no raised kerbs")
        if self.max_slope < np.inf:
            said.append(f"no slope above {self.max_slope * 100:g} %")
        if self.signal_wait_s or self.crossing_wait_s:
            waits = (self.signal_wait_s, self.crossing_wait_s)
            said.append("waits {:g} s at signals and {:g} s at other crossings".format(*waits))
        return ", ".join(said)


@dataclass(frozen=True, eq=False)
class Sloped:
    """A walker whom heights slow down and speed up, by Tobler's function.

    Level ground is walked at the walker's own speed. Steps take the slower of slope and stairs;
    bridges, tunnels and edges of unknown height are level.

    Parameters
    ----------
    walker
        The walker.
    elevation
        Heights of the nodes of the network that is walked; see
        :func:`quarterhour.elevation_at_nodes`.
    """

    walker: Profile
    elevation: Elevation

    @property
    def name(self) -> str:
        """What the walker is called in results."""
        return self.walker.name

    @property
    def speed_m_s(self) -> float:
        """Speed on level ground, and off the network."""
        return self.walker.speed_m_s

    def __call__(self, network: WalkNetwork) -> Seconds:
        """Seconds of each edge, uphill and downhill.

        Raises
        ------
        InputError
            If the heights are of another network, or no edge has a slope.
        """
        slope = self.elevation.slopes(network)
        # All that slopes may be closed to this walker, and left out before.
        closes = self.walker.max_slope < np.inf or self.walker.steps_up == 0
        heights = self.elevation.node_m[self.elevation.known]
        flat = len(heights) == 0 or heights.min() == heights.max()
        if not slope.any() and (flat or not closes):
            msg = (
                f"No edge has a slope by {self.elevation}: the heights change nothing. Check that "
                "they are those of this place, or leave them out."
            )
            raise InputError(msg)
        return self.walker.seconds(network, slope)

    def __str__(self) -> str:
        return f"{self.walker}, slopes by Tobler from {self.elevation}"


def tobler(slope: npt.ArrayLike) -> Floats:
    """Share of the level speed on a slope (rise over run): exp(-3.5 (|s + 0.05| - 0.05)).

    Tobler's hiking function over its value on level ground.

    Examples
    --------
    >>> tobler([-0.05, 0, 0.05]).round(3).tolist()
    [1.191, 1.0, 0.839]
    """
    s = np.asarray(slope, dtype=np.float64)
    if not s.any():
        return np.ones(s.shape)
    return np.asarray(np.where(s == 0, 1.0, np.exp(-3.5 * (np.abs(s + 0.05) - 0.05))))


ADULT = Profile()
"""The default walker."""

_CAREFUL = Profile(
    steps_up=STEPS_UP,
    steps_down=STEPS_DOWN,
    signal_wait_s=SIGNAL_WAIT_S,
    crossing_wait_s=CROSSING_WAIT_S,
)
_WHEELED = replace(_CAREFUL, speed_m_s=4.0 / 3.6, steps_up=0.0, steps_down=0.0, raised_kerbs=False)

_SHIPPED: dict[str, tuple[Profile, str]] = {
    "adult": (ADULT, "young walkers at US crossings, TRR 1538"),
    "elderly": (
        replace(_CAREFUL, name="elderly", speed_m_s=0.9),
        "men of 65 and over, random UK sample of about 3,145 (SafetyLit 534728_26); women 0.8",
    ),
    "child": (
        replace(_CAREFUL, name="child", speed_m_s=0.95),
        "15th percentile of 8 children, dry streets, Helsinki (15_minute_city_for_all); mean 1.20",
    ),
    "wheelchair": (
        replace(_WHEELED, name="wheelchair", max_slope=MAX_SLOPE),
        "4.0 km/h: Valhalla's default for wheelchairs; greatest slope: judgement",
    ),
    "stroller": (
        replace(_WHEELED, name="stroller"),
        "judgement: the wheelchair's speed, without a greatest slope",
    ),
    "planning-cn": (
        replace(ADULT, name="planning-cn", speed_m_s=1.0),
        "radii of GB 50180-2018: 300 m in 5 min, about 500 m in 10, 800 to 1,000 m in 15",
    ),
}


def profile(name: str, *, speed_m_s: float | None = None) -> Profile:
    """Look a walker up by name; see :func:`profiles` for the names.

    Parameters
    ----------
    name
        ``adult``, ``elderly``, ``child``, ``wheelchair``, ``stroller`` or ``planning-cn``.
    speed_m_s
        Speed to walk at instead. Anything else is changed with ``dataclasses.replace``.

    Returns
    -------
    Profile

    Raises
    ------
    InputError
        If there is no walker of this name.

    Examples
    --------
    >>> print(profile("planning-cn"))
    planning-cn, 1.00 m/s (3.60 km/h)
    """
    if name not in _SHIPPED:
        msg = f"There is no walker named {name!r}: use {', '.join(_SHIPPED)}."
        raise InputError(msg)
    found = _SHIPPED[name][0]
    return found if speed_m_s is None else replace(found, speed_m_s=speed_m_s)


def profiles() -> pd.DataFrame:
    """List the walkers that are shipped, with what they do and where the speed comes from.

    Returns
    -------
    DataFrame
        ``name``, ``speed_m_s``, ``speed_kmh``, ``steps_up``, ``steps_down`` (share of speed;
        0: closed), ``signal_wait_s``, ``crossing_wait_s``, ``max_slope``, ``raised_kerbs``,
        ``source`` (of the speed).
    """
    rows = [
        {
            "name": name,
            "speed_m_s": walker.speed_m_s,
            "speed_kmh": walker.speed_m_s * 3.6,
            "steps_up": walker.steps_up,
            "steps_down": walker.steps_down,
            "signal_wait_s": walker.signal_wait_s,
            "crossing_wait_s": walker.crossing_wait_s,
            "max_slope": walker.max_slope,
            "raised_kerbs": walker.raised_kerbs,
            "source": source,
        }
        for name, (walker, source) in _SHIPPED.items()
    ]
    return pd.DataFrame(rows)


_SIGNALS = {"signals", "traffic_signals"}
_NO_CROSSING = {"", "no", "nan", "None"}
_INCLINE = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(%|°)")


def _incline(tag: str) -> float:
    """Slope of an incline tag, such as "10%" or "-5°"; NaN for "up" and the like."""
    match = _INCLINE.fullmatch(tag.strip().replace(",", "."))
    if match is None:
        return float("nan")
    number = float(match[1])
    return number / 100 if match[2] == "%" else float(np.tan(np.radians(number)))


def _rise(network: WalkNetwork, slope: Floats) -> Floats:
    """Positive where an edge leads up from u to v: by its tag, else by its heights, else 0."""
    ways = {"up": 1.0, "down": -1.0}
    tagged = np.nan_to_num(_by_word(network, "incline", lambda w: ways.get(w, _incline(w))))
    return np.where(tagged == 0, slope, tagged)


def _by_word(network: WalkNetwork, trait: str, value: Callable[[str], float]) -> Floats:
    """Give each edge the value of its word, looked up once per word."""
    codes, words = pd.factorize(network.traits[trait].astype(str))
    return np.array([value(str(word)) for word in words], dtype=np.float64)[codes]


def off_street_speed_m_s(pace: Pace) -> float:
    """Speed of the legs between places and streets: the pace's own, else the default."""
    return float(getattr(pace, "speed_m_s", DEFAULT_SPEED_M_S))


FASTEST_M_S = 100.0
"""A pace that is faster on any street has its numbers wrong: zeros, or minutes for seconds."""


def checked_seconds(pace: Pace, network: WalkNetwork) -> Seconds:
    """Apply a pace and see that what it gives can be walked.

    An edge closed both ways stays where it is: what has it nearest cannot be reached, so that
    every walker has the same nearest streets, and no one with more closed edges reaches more.

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
    length_m = network.edge_length_m[:, None]
    if (fast := (length_m > 1.0) & (seconds * FASTEST_M_S < length_m)).any():
        edge = int(np.flatnonzero(fast.any(axis=1))[0])
        msg = (
            f"A pace walks {fast.any(axis=1).sum():,} edges in no time, such as "
            f"{network.edge_length_m[edge]:,.0f} m in {seconds[edge].min():g} s (edge {edge}): "
            "nobody is so fast. Give seconds, and infinity where an edge is closed."
        )
        raise InputError(msg)
    return seconds


def closed_streets(pace: Pace, network: WalkNetwork) -> dict[str, float]:
    """Say how many edges a pace closes both ways, and how much street that is."""
    closed = np.isinf(checked_seconds(pace, network)).all(axis=1)
    return {
        "edges": int(closed.sum()),
        "metres": float(network.edge_length_m[closed].sum().round(1)),
    }
