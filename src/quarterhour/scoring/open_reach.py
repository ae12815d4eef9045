"""Saved questions are opened at once; tables are read when somebody asks for tables."""

# ruff: noqa: PLC0415 - which is what this module is for

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quarterhour.scoring import doorsteps_file
from quarterhour.scoring.doorsteps import Doorsteps
from quarterhour.scoring.reach import Reach

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from quarterhour.places.given import Given
    from quarterhour.scoring.inquiry import Inquiry
    from quarterhour.scoring.scorecard import Scorecard


def open_reach(folder: str | Path) -> Reach:
    """Open a prepared question that :meth:`Reach.save` wrote.

    What a doorstep needs is mapped into memory and shared by all processes that open it; streets
    and facilities are read when areas are scored or isochrones drawn.

    Parameters
    ----------
    folder
        Where it was saved.

    Returns
    -------
    Reach
        It answers as the one that was saved.

    Raises
    ------
    InputError
        If there is none, or it is damaged or of another version.
    """
    path = Path(folder)
    doorsteps, crs = doorsteps_file.read(path)
    return Reach(doorsteps, crs, Later(path))


@dataclass(frozen=True)
class Later:
    """The tables of a saved question, read when they are first asked for."""

    folder: Path

    @cached_property
    def inquiry(self) -> Inquiry:
        """The question, the streets and the facilities."""
        from quarterhour.scoring import inquiry, inquiry_file

        return inquiry.Inquiry(*inquiry_file.read(self.folder))

    def score(self, areas: gpd.GeoDataFrame, origins: gpd.GeoDataFrame | None) -> Scorecard:
        """Do what :meth:`Reach.score` does."""
        return self.inquiry.score(areas, origins)

    def isochrone(self, lon: float, lat: float, minutes: Sequence[float]) -> gpd.GeoDataFrame:
        """Do what :meth:`Reach.isochrone` does."""
        return self.inquiry.isochrone(lon, lat, minutes)

    def answers(self, doorsteps: Doorsteps, places: Given) -> pd.DataFrame:
        """Do what :meth:`Reach.from_points` does."""
        return self.inquiry.answers(doorsteps, places)

    def save(self, doorsteps: Doorsteps, folder: Path) -> Path:
        """Do what :meth:`Reach.save` does."""
        return self.inquiry.save(doorsteps, folder)
