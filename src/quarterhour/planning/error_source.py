"""What a source of error is: what it is told of the world, and what it says of each draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Mask
from quarterhour.walking.pace import Pace


class Effect(NamedTuple):
    """What a source does in one draw; what is none stays as it is.

    ``factor`` is by how much all walks in minutes are longer; ``place_m`` and ``home_m`` are metres
    that the leg of each place and home is longer; ``gone`` says which places are not there.
    """

    factor: float = 1.0
    place_m: Floats | None = None
    home_m: Floats | None = None
    gone: Mask | None = None


@dataclass(frozen=True, eq=False)
class World:
    """What sources are told of the world that was assessed.

    Attributes
    ----------
    pace
        How its residents walk.
    places
        One row per place that serves an item: ``commercial``, ``declared`` (the owner of the table
        says so, nothing was recognised), ``confidence`` (0 to 1, NaN where the source says none),
        ``both`` (two sources list it).
    items
        One row per item of which places may be missing: ``places`` (how many are listed),
        ``commercial``, ``overture`` (the share of them that has a confidence).
    homes
        One row per home: ``area`` (its position) and ``shut`` (within a wall of which no gate is
        mapped).
    """

    pace: Pace
    places: pd.DataFrame
    items: pd.DataFrame
    homes: pd.DataFrame

    @cached_property
    def confidence(self) -> Floats:
        """Confidence of each place, as an array: every draw looks at it."""
        return self.places["confidence"].to_numpy(dtype=np.float64)

    @cached_property
    def marks(self) -> dict[str, Mask]:
        """The other columns of the places, as arrays."""
        names = ("commercial", "declared", "both")
        return {name: self.places[name].to_numpy(dtype=bool) for name in names}


@dataclass(frozen=True)
class ErrorSource:
    """A source of error that changes nothing; others derive from it."""

    @property
    def name(self) -> str:
        """What it is called in results: that of its class, in small letters."""
        kind = type(self).__name__
        return "".join("_" * (i > 0 and c.isupper()) + c.lower() for i, c in enumerate(kind))

    def draw(self, random: np.random.Generator, world: World) -> Effect:
        """Say what it does in one draw."""
        del random, world
        return Effect()

    def completeness(self, random: np.random.Generator, world: World) -> Floats | None:
        """Say for one draw which share of the places of each item is listed; none: all are."""
        del random, world
        return None

    def fewest_listed(self, world: World) -> Floats | None:
        """Give the smallest completeness that is ever drawn; none: all places are listed."""
        del world
        return None


def described(sources: tuple[ErrorSource, ...]) -> pd.DataFrame:
    """List sources with the sizes they have and where these come from."""
    rows = []
    for source in sources:
        told = {name: value for name, value in vars(source).items() if name != "citation"}
        size = ", ".join(f"{name}={value}" for name, value in told.items() if value is not None)
        rows.append((source.name, size, getattr(source, "citation", "")))
    return pd.DataFrame(rows, columns=["source", "size", "citation"])
