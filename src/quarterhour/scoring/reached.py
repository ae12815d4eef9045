"""Who has what within reach, as arrays: what every measure of a scorecard counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.scoring.later import beside
from quarterhour.scoring.near import Known, Near, Since
from quarterhour.scoring.scorecard import Scorecard

Counts = tuple[float, float, float, float]
"""Within reach, the part of them that only a host implies, known, and unknown."""


def of_known(status: npt.NDArray[np.object_], by_host: npt.NDArray[np.bool_]) -> Counts:
    """Count results that are met, met only by a host, known, and unknown."""
    met, unmet, unknown = (int((status == word).sum()) for word in ("met", "unmet", "unknown"))
    return met, int(by_host.sum()), met + unmet, unknown


def near_of(card: Scorecard) -> Near:
    """Say which homes have which items within the limit, of a scorecard that has its homes."""
    known: Known | None = beside(card)
    near = None if known is None else known.near
    return near or Near.of_table(card.times, card.origins.index, card.checklist)


def since_of(card: Scorecard, other: Scorecard) -> Since | None:
    """Say in which facilities alone a scorecard is another than the one that it was made from."""
    known: Known | None = beside(other)
    since = None if known is None else known.since
    return since if since is not None and since.card is card else None


@dataclass(frozen=True)
class Reached:
    """The results as arrays; ``rows`` are those of each item, ``area`` their positions.

    ``near`` says of each item which residences are within the limit of it, ``near_by_host`` of
    it or of a facility that houses it; ``home`` is the position of the area of each residence,
    ``once`` says which residences no smaller area has counted, ``part`` is the share of its
    area's residents who live there.
    """

    rows: list[Ints]
    area: Ints
    status: npt.NDArray[np.object_]
    by_host: npt.NDArray[np.bool_]
    share: Floats
    residents: Floats
    home: Ints
    once: npt.NDArray[np.bool_]
    part: Floats
    near: npt.NDArray[np.bool_]
    near_by_host: npt.NDArray[np.bool_]
    homes_known: bool = True
    people_known: bool = True

    @classmethod
    def of(cls, card: Scorecard) -> Reached:
        """Take it from a scorecard; from its results alone where the homes are not at hand."""
        if "origins" in card.missing:
            return cls._without_homes(card)
        results, origins, areas = card.results, card.origins, card.areas.index
        keys = pd.Index(card.checklist.keys())
        item = keys.get_indexer(pd.Index(results["item"]))
        residents = origins.groupby("area")["residents"].sum(min_count=1).reindex(areas)
        near = near_of(card)
        return cls(
            rows=[np.flatnonzero(item == number) for number in range(len(keys))],
            area=areas.get_indexer(pd.Index(results["area"])),
            status=results["status"].to_numpy(dtype=object),
            by_host=(results["reason"] == "implied_by_host").to_numpy(),
            share=results["share"].to_numpy(dtype=np.float64),
            residents=residents.to_numpy(dtype=np.float64),
            home=areas.get_indexer(pd.Index(origins["area"])),
            once=_once(origins),
            part=origins["share"].to_numpy(dtype=np.float64),
            near=near.itself,
            near_by_host=near.by_host,
        )

    @classmethod
    def _without_homes(cls, card: Scorecard) -> Reached:
        """Judge by the results alone; who lives in several areas is not known from them."""
        results, areas = card.results, card.areas.index
        item = pd.Index(card.checklist.keys()).get_indexer(pd.Index(results["item"]))
        nobody, nowhere = np.zeros(0, dtype=np.intp), np.zeros((len(card.checklist), 0), dtype=bool)
        told = card.manifest.get("left_out", [])
        overlap = any(row["reason"] == "in_several_areas" and row["count"] for row in told)
        return cls(
            rows=[np.flatnonzero(item == number) for number in range(len(card.checklist))],
            area=areas.get_indexer(pd.Index(results["area"])),
            status=results["status"].to_numpy(dtype=object),
            by_host=(results["reason"] == "implied_by_host").to_numpy(),
            share=results["share"].to_numpy(dtype=np.float64),
            residents=_residents_told(card),
            home=nobody,
            once=np.zeros(0, dtype=bool),
            part=np.zeros(0),
            near=nowhere,
            near_by_host=nowhere,
            homes_known=False,
            people_known=not overlap,
        )

    def population(self, item: int) -> Counts:
        """Count residents; whose answer is unknown is unknown."""
        rows = self.rows[item]
        people = self.residents[self.area[rows]]
        known = (self.status[rows] != "unknown") & ~np.isnan(people)
        share, whole = self.share[rows], np.ones(len(rows))
        if not self.once.all():
            # What a smaller area has counted already is taken off both.
            again = np.flatnonzero(~self.once)
            here = np.where(self._by_host(rows), self.near_by_host[item], self.near[item])[again]
            area, part, n = self.home[again], self.part[again], len(self.residents)
            share = share - np.bincount(area, part * here, minlength=n)[self.area[rows]]
            whole = whole - np.bincount(area, part, minlength=n)[self.area[rows]]
        if not self.people_known:
            return (float("nan"),) * 4
        within = float((share * people)[known].clip(0.0).sum())
        counted = (whole * people).clip(0.0)
        implied = self._people_by_host(item, known)
        return within, implied, float(counted[known].sum()), float(np.nansum(counted[~known]))

    def _people_by_host(self, item: int, known: npt.NDArray[np.bool_]) -> float:
        """Residents who have an item within reach only in a facility that usually holds it."""
        rows = self.rows[item][known]
        if not self.by_host[rows].any():
            return 0.0
        if not self.homes_known:
            return float("nan")
        only = self._by_host(rows) & self.near_by_host[item] & ~self.near[item] & self.once
        return float((self.part * np.nan_to_num(self.residents)[self.home])[only].sum())

    def residences(self, item: int) -> Counts:
        """Residences are judged one by one; those of an area that is unknown are unknown."""
        if not self.homes_known:
            return (float("nan"),) * 4
        rows = self.rows[item]
        known = np.zeros(len(self.residents), dtype=bool)
        known[self.area[rows]] = self.status[rows] != "unknown"
        known = known[self.home] & self.once
        reached = np.where(self._by_host(rows), self.near_by_host[item], self.near[item]) & known
        implied = reached & ~self.near[item]
        unknown = self.once & ~known
        return int(reached.sum()), int(implied.sum()), int(known.sum()), int(unknown.sum())

    @property
    def weight(self) -> Floats:
        """Residents of each home that no smaller area has counted; none where nobody has."""
        people = np.nan_to_num(self.residents)[self.home]
        return np.asarray(self.part * people * self.once)

    def table(self, word: str | None = None) -> Mask:
        """Areas by items: whose answer is known, or (``host``) met only by a host."""
        n = len(self.residents)
        found = np.zeros((n, len(self.rows)), dtype=bool)
        for item, rows in enumerate(self.rows):
            wanted = self.by_host[rows] if word == "host" else self.status[rows] != "unknown"
            found[self.area[rows], item] = wanted
        return found

    def here(self) -> Mask:
        """Homes by items: within the limit of it, of a host where the area has it only so."""
        hosted = self.table("host")[self.home]
        return np.where(hosted, self.near_by_host.T, self.near.T)

    def _by_host(self, rows: Ints) -> npt.NDArray[np.bool_]:
        """Whether each residence is of an area that has the item only through a host."""
        by_host = np.zeros(len(self.residents), dtype=bool)
        by_host[self.area[rows]] = self.by_host[rows]
        return np.asarray(by_host[self.home])


def _residents_told(card: Scorecard) -> Floats:
    """Give the residents of each area by whom its results leave without, else by its own number."""
    results = card.results
    beyond = 1 - results["share"].to_numpy(dtype=np.float64)
    told = results["residents_without"].to_numpy(dtype=np.float64)
    people = np.divide(told, beyond, out=np.full(len(told), np.nan), where=beyond > 1e-3)
    found = pd.Series(people).groupby(results["area"].to_numpy()).median()
    own = card.areas["residents"].astype(np.float64)
    return found.reindex(card.areas.index).fillna(own).to_numpy()


def _once(origins: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which origins no smaller area has counted: all of them where nothing is said."""
    if "again" not in origins:
        return np.ones(len(origins), dtype=bool)
    return ~origins["again"].fillna(value=False).to_numpy(dtype=bool)
