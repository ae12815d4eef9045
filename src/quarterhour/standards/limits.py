"""How far is near enough: an item's threshold, in minutes or in metres of street."""

from __future__ import annotations

from dataclasses import dataclass

from quarterhour.errors import InputError

MINUTES = 15.0
"""The limit of an item that names none."""


@dataclass(frozen=True)
class Limit:
    """The threshold of an item: minutes of walking, or metres of street; metres outrank minutes.

    Metres are metres of the streets that the walker may use, the legs off the street included: a
    wheelchair's 500 m lead round the stairs. A limit that names neither is 15 minutes.

    Parameters
    ----------
    minutes
        Minutes of walking; none where the limit is in metres.
    metres
        Metres of street; none where the limit is in minutes.

    Examples
    --------
    >>> str(Limit(10)), str(Limit(metres=500)), str(Limit(10, 500)), str(Limit())
    ('10 min', '500 m', '500 m', '15 min')
    >>> Limit(10).reach_m(1.25), Limit(metres=500).reach_m(1.25)
    (750.0, 500.0)
    """

    minutes: float | None = None
    metres: float | None = None

    def __post_init__(self) -> None:
        for name in ("minutes", "metres"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                msg = f"{name}={value} is no limit: give a positive number of {name}."
                raise InputError(msg)
        minutes = MINUTES if self.minutes is None else float(self.minutes)
        object.__setattr__(self, "minutes", None if self.in_metres else minutes)

    @property
    def in_metres(self) -> bool:
        """Whether it is a length, not a time."""
        return self.metres is not None

    @property
    def column(self) -> str:
        """The column of walks that is compared with it: ``seconds`` or ``metres``."""
        return "metres" if self.in_metres else "seconds"

    @property
    def most(self) -> float:
        """What that column may be at most: seconds, or metres."""
        return 60.0 * float(self.minutes or 0) if self.metres is None else float(self.metres)

    def reach_m(self, speed_m_s: float) -> float:
        """Metres that it lets a walker of this speed go."""
        return self.most if self.in_metres else self.most * speed_m_s

    def __mul__(self, times: float) -> Limit:
        """Give a limit so many times as far."""
        if self.metres is not None:
            return Limit(metres=self.metres * times)
        return Limit(float(self.minutes or 0) * times)

    def __str__(self) -> str:
        if self.in_metres:
            return f"{self.metres:g} m"
        return f"{self.minutes:g} min"
