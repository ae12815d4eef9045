"""What draws come to: areas judged, and coverage counted, as a scorecard judges and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.planning.draw_kernels import area_sums, whole_list
from quarterhour.planning.draw_setting import Setting
from quarterhour.planning.draw_walks import Walks
from quarterhour.planning.draws import Draw

TOLERANCE = 1e-9


class Judged(NamedTuple):
    """Answers of some draws, each ``(areas, items, draws)``."""

    met: Mask
    known: Mask
    by_host: Mask


class Counts(NamedTuple):
    """Numerator, denominator and unknown of every measure, each ``(rows, draws)``."""

    numerator: Floats
    denominator: Floats
    unknown: Floats

    @property
    def share(self) -> Floats:
        """The share of those whose answer is known; NaN where nothing is."""
        some = self.denominator > 0
        nothing = np.full(some.shape, np.nan)
        return np.asarray(np.divide(self.numerator, self.denominator, out=nothing, where=some))


@dataclass(frozen=True, eq=False)
class People:
    """Who is judged: area, share of its residents, and weights of each home.

    Columns of ``weight`` are the share of the area's residents, the residents and the residences
    that no smaller area has counted.
    """

    area: Ints
    weight: Floats
    residents: Mask
    n_areas: int

    @classmethod
    def of(cls, setting: Setting) -> People:
        """Weigh the homes of a scorecard."""
        card = setting.card
        origins, areas = card.origins, card.areas.index
        area = np.asarray(areas.get_indexer(origins["area"]), dtype=np.int64)
        again = origins.get("again", pd.Series(data=False, index=origins.index))
        once = ~again.fillna(value=False).to_numpy(dtype=bool)
        people = origins.groupby("area")["residents"].sum(min_count=1).reindex(areas).to_numpy()
        share = origins["share"].to_numpy(dtype=np.float64)
        lived = np.nan_to_num(people.astype(np.float64))[area] * share * once
        weight = np.ascontiguousarray(np.column_stack([share, lived, once.astype(np.float64)]))
        return cls(area, weight, ~np.isnan(people.astype(np.float64)), len(areas))


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges draws as :func:`quarterhour.scoring.judge.judge` judges a scorecard."""

    setting: Setting
    walks: Walks
    people: People

    def of(self, draws: list[Draw]) -> tuple[Judged, Counts]:
        """Judge some draws."""
        people, walks = self.people, self.walks
        within = walks.within(draws)
        n_items = len(walks.host)
        sums = np.zeros((2, 3, people.n_areas, n_items, len(draws)))
        area_sums(within, walks.host, people.area, people.weight, sums)
        judged = self._judged(sums[0, 0], sums[1, 0], draws)
        counts = self._counts(sums, judged)
        whole = np.zeros((3, len(draws)))
        column = 1 if people.weight[:, 1].sum() > 0 else 2
        weight = np.ascontiguousarray(people.weight[:, column])
        whole_list(within, walks.host, people.area, weight, (judged.known, judged.by_host), whole)
        return judged, Counts(
            *(np.vstack([one, more]) for one, more in zip(counts, whole, strict=True))
        )

    def _judged(self, itself: Floats, either: Floats, draws: list[Draw]) -> Judged:
        setting = self.setting
        question = setting.card.question
        least = (1.0 if question is None else question.quota) - TOLERANCE
        met, by_itself = either >= least, itself >= least
        lost = self._lost(draws)
        open_question = (either + lost >= least) & (lost > 0)
        known = met | (~open_question & setting.firm[None, :, None])
        return Judged(met, known, met & ~by_itself)

    def _lost(self, draws: list[Draw]) -> Floats:
        """Share of each area that cannot be judged, as it lies off the streets or all places do."""
        setting, people = self.setting, self.people
        n_items = len(self.walks.host)
        share = people.weight[:, 0]
        off = np.bincount(people.area, share * ~self.walks.snapped, minlength=people.n_areas)
        everyone = np.bincount(people.area, share, minlength=people.n_areas)
        serves = setting.serves[setting.serves["column"] < n_items]
        slot, item = serves["slot"].to_numpy(), serves["column"].to_numpy()
        near = setting.ends.snapped[serves["facility"].to_numpy()]
        alive = np.array([draw.alive for draw in draws])[:, slot]
        lost = np.zeros((people.n_areas, n_items, len(draws)))
        for d in range(len(draws)):
            listed = np.bincount(item[alive[d]], minlength=n_items) > 0
            there = np.bincount(item[alive[d] & near], minlength=n_items) > 0
            lost[:, :, d] = np.where(there, off[:, None], everyone[:, None]) * listed
        return lost

    def _counts(self, sums: Floats, judged: Judged) -> Counts:
        people = self.people
        met, known, by_host = judged
        here = np.where(by_host, sums[1], sums[0])
        every = np.array(
            [
                np.bincount(people.area, people.weight[:, w], minlength=people.n_areas)
                for w in (1, 2)
            ]
        )
        parts: list[tuple[Floats, Floats, Floats]] = []
        for w, whole in zip((1, 2), every, strict=True):
            total = np.broadcast_to(whole[:, None, None], known.shape)
            parts.append(
                (
                    (here[w] * known).sum(axis=0),
                    (total * known).sum(axis=0),
                    (total * ~known).sum(axis=0),
                )
            )
        areas = met.sum(axis=0), known.sum(axis=0), (~known).sum(axis=0)
        parts.append((areas[0].astype(float), areas[1].astype(float), areas[2].astype(float)))
        pairs = [one.sum(axis=0, keepdims=True) for one in parts[-1]]
        parts.append((pairs[0], pairs[1], pairs[2]))
        return Counts(*(np.vstack(one) for one in zip(*parts, strict=True)))
