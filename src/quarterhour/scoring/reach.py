"""A question that is ready to be asked of any place: snapped, classified and searched once.

Importing this loads no table library: a new process opens a saved question and answers at a
doorstep before pandas would have been loaded.
"""

# ruff: noqa: PLC0415 - tables are loaded by whoever asks for tables

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from quarterhour.arrays import Floats
from quarterhour.errors import DatumError, InputError, NetworkError
from quarterhour.places.datum_shifts import in_mainland
from quarterhour.scoring.doorsteps import Answers, Doorsteps

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyproj

    from quarterhour.places.given import Given
    from quarterhour.scoring.scorecard import Scorecard


class Tables(Protocol):
    """What answers where tables are asked for; :class:`quarterhour.scoring.inquiry.Inquiry`."""

    def score(self, areas: gpd.GeoDataFrame, origins: gpd.GeoDataFrame | None) -> Scorecard:
        """Do what :meth:`Reach.score` does."""

    def isochrone(self, lon: float, lat: float, minutes: Sequence[float]) -> gpd.GeoDataFrame:
        """Do what :meth:`Reach.isochrone` does."""

    def answers(self, doorsteps: Doorsteps, places: Given) -> pd.DataFrame:
        """Do what :meth:`Reach.from_points` does."""

    def save(self, doorsteps: Doorsteps, folder: Path) -> Path:
        """Do what :meth:`Reach.save` does."""


@dataclass(frozen=True)
class Doorstep:
    """The answer at one place.

    Attributes
    ----------
    lon, lat
        The place, in WGS 84 degrees.
    leg_m
        Metres from there to the street.
    items
        For each item of the checklist its ``status`` and ``reason``, the ``minutes`` to the
        nearest facility (None beyond the search; ``metres`` too in a checklist with limits in
        metres), the label of that ``facility`` and its ``name``, and ``edge_affected``; as in
        :meth:`quarterhour.Scorecard.to_frame`.
    """

    lon: float
    lat: float
    leg_m: float
    items: tuple[dict[str, Any], ...]

    def to_frame(self) -> pd.DataFrame:
        """One row per item, in the order of the checklist."""
        import pandas as pd

        return pd.DataFrame(list(self.items))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as JSON takes it; labels that JSON does not know are their text."""
        items = [one | {"facility": _json(one["facility"])} for one in self.items]
        return {"lon": self.lon, "lat": self.lat, "leg_m": self.leg_m, "items": items}


@dataclass(frozen=True, eq=False, repr=False)
class Reach:
    """A prepared question: what residents reach from any place, on these streets, of this list.

    Make one with :func:`quarterhour.prepare`, or open a saved one with
    :func:`quarterhour.open_reach`. It does not change, is shared by threads, and goes to other
    processes as it is.
    """

    doorsteps: Doorsteps
    crs: pyproj.CRS
    tables: Tables

    def from_point(self, lon: float, lat: float, *, datum: str | None = None) -> Doorstep:
        """Answer at one place.

        Parameters
        ----------
        lon, lat
            Degrees.
        datum
            What they are in: "wgs84" (also outside China if nothing is said), "gcj02", "bd09".

        Returns
        -------
        Doorstep
            What :func:`quarterhour.assess` says of an area that is this point.

        Raises
        ------
        InputError
            If they are no longitude and latitude.
        DatumError
            If the place lies in China and its datum is not declared.
        NetworkError
            If no street lies within the snap limit.
        """
        where = _degrees([lon], [lat], datum)
        found = self._answers(where)
        if np.isnan(found.leg_m[0]):
            msg = (
                f"No street that can be walked lies within {self.doorsteps.snap_limit_m:g} m of "
                f"longitude {where[0, 0]:g}, latitude {where[0, 1]:g}: check that it is a place in "
                "the town that was prepared, and that the two are not exchanged."
            )
            raise NetworkError(msg)
        told = found.records(self.doorsteps, 0)
        x, y = where[0].tolist()
        return Doorstep(x, y, float(found.leg_m[0]), tuple(told))

    def from_points(self, places: Given) -> pd.DataFrame:
        """Answer at many places, each for itself.

        Parameters
        ----------
        places
            Points with a CRS, or pairs of longitude and latitude.

        Returns
        -------
        DataFrame
            A row for each place and item, in the order of both: ``place`` (index label), ``item``
            and what :class:`Doorstep` says; places that no street is near are ``unknown``,
            ``not_snapped``.
        """
        return self.tables.answers(self.doorsteps, places)

    def isochrone(
        self, lon: float, lat: float, minutes: Sequence[float] = (5, 10, 15)
    ) -> gpd.GeoDataFrame:
        """Draw how far one comes from a place; see :func:`quarterhour.isochrones`.

        Parameters
        ----------
        lon, lat
            Degrees in WGS 84.
        minutes
            Limits.
        """
        where = _degrees([lon], [lat], "wgs84")
        return self.tables.isochrone(float(where[0, 0]), float(where[0, 1]), minutes)

    def score(self, areas: gpd.GeoDataFrame, origins: gpd.GeoDataFrame | None = None) -> Scorecard:
        """Score areas: what :func:`quarterhour.assess` gives, without searching again.

        Parameters
        ----------
        areas, origins
            As in :func:`quarterhour.assess`.
        """
        return self.tables.score(areas, origins)

    def save(self, folder: str | Path) -> Path:
        """Write it to a folder, which :func:`quarterhour.open_reach` opens without reading it all.

        Parameters
        ----------
        folder
            Made if it is not there; the files are written all, or none.

        Raises
        ------
        InputError
            If the pace is a function that no file can hold.
        OutputError
            If the folder cannot be written to.
        """
        return self.tables.save(self.doorsteps, Path(folder))

    def _answers(self, degrees: Floats) -> Answers:
        return self.doorsteps.at(np.column_stack(self._to_streets.transform(*degrees.T)))

    @cached_property
    def _to_streets(self) -> Any:
        from pyproj import Transformer

        return Transformer.from_crs(4326, self.crs, always_xy=True)

    def __getstate__(self) -> dict[str, Any]:
        return {"doorsteps": self.doorsteps, "crs": self.crs, "tables": self.tables}

    def __setstate__(self, parts: dict[str, Any]) -> None:
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    def __repr__(self) -> str:
        steps = self.doorsteps
        return (
            f"<Reach: {len(steps.keys)} items, {len(steps.labels):,} facilities that serve one, "
            f"{self.crs.name}>"
        )


def _degrees(lon: Sequence[float], lat: Sequence[float], datum: str | None) -> Floats:
    """Hold longitudes and latitudes to what they can be, and give them in WGS 84.

    Raises
    ------
    InputError
        If they are none.
    DatumError
        If they lie in China and nobody says in which datum.
    """
    try:
        x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"lon={lon[0]!r}, lat={lat[0]!r} are no numbers: give degrees."
        raise InputError(msg) from error
    if not (np.isfinite(x).all() and np.isfinite(y).all()) or x.ndim != 1:
        msg = f"lon={lon[0]!r}, lat={lat[0]!r} are no place: give finite degrees."
        raise InputError(msg)
    if (np.abs(x) > 180).any() or (np.abs(y) > 90).any():
        msg = (
            f"lon={lon[0]:g}, lat={lat[0]:g} are no longitude and latitude in degrees (at most 180 "
            "and 90): give the longitude first, and degrees, not metres."
        )
        raise InputError(msg)
    if datum is None:
        if in_mainland(x, y).any():
            from quarterhour.places.datum import undeclared

            raise DatumError(undeclared("places"))
    elif datum != "wgs84":
        from quarterhour.places.datum import to_wgs84

        x, y = to_wgs84(x, y, datum)
    return np.column_stack([x, y])


def _json(label: Any) -> Any:
    return label if label is None or isinstance(label, (str, int, float, bool)) else str(label)
