"""Walkers and limits as callers write them: a name for a walker, one number for a limit."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from quarterhour.errors import InputError
from quarterhour.streets.network import WalkNetwork
from quarterhour.walking.pace import DEFAULT_SPEED_M_S, Pace, Seconds, profile

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True)
class Told:
    """A pace whose text is an address in memory, told by its name and the digest of its source."""

    pace: Pace
    text: str

    @property
    def speed_m_s(self) -> float:
        """Speed of the legs off the streets."""
        return float(getattr(self.pace, "speed_m_s", DEFAULT_SPEED_M_S))

    def __call__(self, network: WalkNetwork) -> Seconds:
        """Seconds of the pace that it tells of."""
        return self.pace(network)

    def __str__(self) -> str:
        return self.text


def pace_of(pace: Pace | str) -> Pace:
    """
    Give the walker that was asked for, by its name or as a callable.

    Parameters
    ----------
    pace
        A name, such as "elderly" (see :func:`quarterhour.profiles`); or network -> seconds.

    Returns
    -------
    Pace
        A callable whose text says which one it is, the same every time.

    Raises
    ------
    InputError
        If there is no such walker, or it is none.

    Examples
    --------
    >>> print(pace_of("adult"))
    adult, 1.25 m/s (4.50 km/h)
    """
    if isinstance(pace, str):
        return profile(pace)
    if not callable(pace) or isinstance(pace, type):
        msg = (
            f"pace={pace!r} is no walker: give a name, such as 'adult' or 'elderly', a profile "
            "(quarterhour.profile('adult', speed_m_s=1.2)), or network -> seconds."
        )
        raise InputError(msg)
    text = str(pace)
    return Told(pace, _named(pace, text)) if _ADDRESS.search(text) else pace


def paces_of(pace: Any) -> list[Pace]:
    """Give one walker or several as a list of at least one."""
    several = [pace] if callable(pace) or isinstance(pace, str) else pace
    if not isinstance(several, Iterable):
        return [pace_of(several)]
    walkers = [pace_of(one) for one in several]
    if not walkers:
        msg = "pace=[] is nobody: give a profile (quarterhour.ADULT), or several."
        raise InputError(msg)
    return walkers


def limits_of(minutes: Any) -> list[Any]:
    """
    Give one limit or several as a sorted list.

    Raises
    ------
    InputError
        If there is none, or one is no number.
    """
    several = [minutes] if isinstance(minutes, Real) else minutes
    if isinstance(several, str) or not isinstance(several, Iterable):
        msg = f"minutes={minutes!r} is no limit: give a number, or several, such as (5, 10, 15)."
        raise InputError(msg)
    limits = list(several)
    if not limits:
        msg = f"minutes={minutes!r} gives no limit: name at least one, such as (5, 10, 15)."
        raise InputError(msg)
    if strange := [one for one in limits if not isinstance(one, Real) or one != one]:  # noqa: PLR0124
        msg = f"minutes={strange[0]!r} is no limit: give a positive number of minutes."
        raise InputError(msg)
    return sorted(limits)


def _named(pace: Any, text: str) -> str:
    """Name a callable without its address: its own name, and what it is made of."""
    name = getattr(pace, "__qualname__", None) or _ADDRESS.sub("", text).strip("<>")
    try:
        source = inspect.getsource(pace if hasattr(pace, "__code__") else type(pace))
    except (OSError, TypeError):
        source = repr(getattr(getattr(pace, "__code__", None), "co_code", name))
    closed_over = [cell.cell_contents for cell in getattr(pace, "__closure__", None) or ()]
    state = [closed_over, getattr(pace, "__defaults__", None), getattr(pace, "__dict__", None)]
    parts = _ADDRESS.sub("", f"{source}\n{state!r}\n{getattr(pace, 'args', '')!r}")
    digest = hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:12]
    return f"{name.replace('<locals>.', '')} (source sha256 {digest})"
