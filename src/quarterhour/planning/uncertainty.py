"""How sure a coverage is: the question asked a thousand times, of what the data may have wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.planning.draw_results import Counts, Judge, Judged, People
from quarterhour.planning.draw_setting import setting_of
from quarterhour.planning.draw_walks import Reach, walks_of
from quarterhour.planning.draws import Draw, Lottery, inputs_of
from quarterhour.planning.error_source import ErrorSource, described
from quarterhour.planning.error_sources import SOURCES
from quarterhour.planning.existence import existence
from quarterhour.planning.fragility import fragility
from quarterhour.scoring.coverage import coverage
from quarterhour.scoring.scorecard import Scorecard

CLOSE = 0.05
"""An answer is a close call where each of met and unmet comes in more than this share of draws."""

ALONE = 150
"""Draws in which one source alone is drawn, to tell its share of the variance."""

Seen = Callable[[int], object]
"""What is told how many draws more are done."""

MOST_CELLS = 24_000_000
"""Homes times columns times draws that are judged at once."""


@dataclass(frozen=True, eq=False, repr=False)
class Uncertainty:
    """How sure a scorecard is.

    Attributes
    ----------
    coverage
        As :func:`quarterhour.coverage` of the card, and a row ``all_items`` (residents who have
        every item whose answer is known in their area); with ``low``, ``median`` and ``high`` of
        the draws' shares, their standard deviation ``sd``, and the ``main_source`` of it.
    results
        One row per area and item: ``status``, ``p_met`` (share of draws that meet it; NaN where
        all are unknown), ``p_unknown`` (share that cannot tell), ``close_call`` (met and unmet
        both come in more than 5 % of the draws), and from :func:`quarterhour.fragility`
        ``flip_speed_m_s``, ``flip_limit`` and ``share_near_limit``.
    variance
        One row per measure, item and source: ``sd`` where only this source is drawn, and its
        ``share`` of the sum of these variances.
    sources
        What was drawn: ``source``, ``size``, ``citation``.
    level
        What share of the draws lies between ``low`` and ``high``.
    draws
        How many.
    seed
        Of which seed.
    shares
        The share of each measure (row of ``coverage``) in every draw: ``(rows, draws)``.
    """

    coverage: pd.DataFrame
    results: pd.DataFrame
    variance: pd.DataFrame
    sources: pd.DataFrame
    level: float
    draws: int
    seed: int
    shares: Floats
    lottery: Lottery

    @cached_property
    def existence(self) -> pd.DataFrame:
        """How sure it is that the places exist, of each class of confidence.

        Indexed by ``confidence`` (the classes of `ClosedPlaces`; ``none said``; ``said to be
        closed``): how many ``places`` serve an item, the mean share of them that is there in a
        draw (``p_exists``), and between which shares 95 of 100 draws lie (``low``, ``high``).
        Those that are said to be closed count in no draw.
        """
        return existence(self.lottery, self.draws)

    def inputs(self, number: int) -> dict[str, Any]:
        """Give draw ``number`` as tables and a pace: ``card.again(**inputs)`` runs it in full.

        Missing places are rows more, closed ones rows less, longer legs the column ``inside_m``
        of facilities and homes, slower walks a pace.

        Raises
        ------
        InputError
            If there is no such draw.
        """
        if not 0 <= number < self.draws:
            msg = f"There is no draw {number}: they are numbered 0 to {self.draws - 1}."
            raise InputError(msg)
        return inputs_of(self.lottery.setting, self.lottery.draw(number))

    def __repr__(self) -> str:
        close = int(self.results["close_call"].sum())
        whole = self.coverage.iloc[-1]
        between = f"between {100 * whole['low']:.0f} and {100 * whole['high']:.0f} of 100"
        return (
            f"<Uncertainty from {self.draws:,} draws of {len(self.sources)} sources: all items "
            f"{between} {whole['unit']}; {close:,} of {len(self.results):,} answers are close>"
        )


def uncertainty(
    card: Scorecard,
    draws: int = 1000,
    seed: int = 0,
    sources: Iterable[ErrorSource] | None = None,
    *,
    level: float = 0.95,
    progress: bool = False,
) -> Uncertainty:
    """Say how sure a scorecard is: an interval for each coverage, a probability for each answer.

    The question is asked again of as many worlds as there are draws. In each, walkers are
    quicker or slower, places and homes lie a little elsewhere, some places are gone, others exist
    that nobody listed. What is drawn of a place holds for all homes, so that errors are correlated
    as they really are. Walks are searched once; :meth:`Uncertainty.inputs` gives any draw as
    tables that a full run answers alike.

    Parameters
    ----------
    card
        The scorecard.
    draws
        How many.
    seed
        The same seed gives the same draws; a draw is the same however many there are.
    sources
        What is drawn, see :func:`quarterhour.error_sources`; none of them (``()``) gives the
        scorecard itself.
    level
        What share of the draws the interval holds.
    progress
        Show a progress bar.

    Returns
    -------
    Uncertainty

    Raises
    ------
    InputError
        If the card does not know its question, has facilities of unknown hours, or a number is
        none.
    """
    chosen = tuple(SOURCES if sources is None else sources)
    _require(draws, level, chosen)
    setting = setting_of(card, chosen, seed)
    lottery = Lottery(setting, chosen, seed)
    judge = Judge(setting, walks_of(setting, _reach(lottery, draws)), People.of(setting))
    table = _point(judge)
    alone = min(draws, ALONE)
    with _bar(draws + len(chosen) * alone, progress) as seen:
        whole = _asked(judge, lottery, draws, seen)
        variance = _variance(judge, lottery, table, alone, seen)
    tail = (1 - level) / 2
    unknown = table["share"].isna().to_numpy()  # what no one knows has no interval
    shares = np.where(unknown[:, None], np.nan, whole.shares)
    low, median, high = _quantiles(shares, [tail, 0.5, 1 - tail])
    table = table.assign(low=low, median=median, high=high, sd=_sd(shares))
    table["main_source"] = np.where(unknown, "", _main_source(variance, len(table)))
    results = card.results[["area", "item", "status"]].copy()
    results["p_met"] = np.where(whole.p_unknown < 1, whole.p_met, np.nan).ravel()
    results["p_unknown"] = whole.p_unknown.ravel()
    p_unmet = 1 - results["p_met"] - results["p_unknown"]
    results["close_call"] = (results["p_met"] > CLOSE) & (p_unmet > CLOSE)
    return Uncertainty(
        coverage=table,
        results=results.merge(fragility(card), on=["area", "item"], how="left"),
        variance=variance,
        sources=described(chosen),
        level=level,
        draws=draws,
        seed=seed,
        shares=whole.shares,
        lottery=lottery,
    )


def _require(draws: int, level: float, sources: tuple[ErrorSource, ...]) -> None:
    if not isinstance(draws, int) or draws < 1:
        msg = f"draws={draws!r} is no number of draws: give a whole number, such as 1000."
        raise InputError(msg)
    if not 0 < level < 1:
        msg = f"level={level} is no share of the draws: give a number between 0 and 1 (0.95)."
        raise InputError(msg)
    given: tuple[Any, ...] = sources
    for source in given:
        if not isinstance(source, ErrorSource):
            msg = (
                f"{source!r} is no source of error: give instances, such as qh.ClosedPlaces(), or "
                "some of qh.error_sources()."
            )
            raise InputError(msg)


def _reach(lottery: Lottery, draws: int) -> Reach:
    """How far the quickest walkers with the shortest legs come in any of the draws."""
    times, more = 1.0, 0.0
    for number in range(draws):
        draw = lottery.draw(number)
        times = max(times, 1.0 / draw.factor)
        more = max(more, -(draw.place_m.min(initial=0.0) + draw.home_m.min(initial=0.0)))
    return Reach(times, more)


class _Asked(NamedTuple):
    """Shares of each measure and draw; per area and item the share of draws, met and unknown."""

    shares: Floats
    p_met: Floats
    p_unknown: Floats


@contextmanager
def _bar(draws: int, shown: bool) -> Iterator[Seen]:
    """Give what is to be told how many draws are done."""
    if not shown:
        yield lambda _: None
        return
    from tqdm.auto import tqdm  # noqa: PLC0415 - only where there is time to look at it

    with tqdm(total=draws, desc="draws", unit="draw", leave=False) as bar:
        yield bar.update


def _asked(judge: Judge, lottery: Lottery, draws: int, seen: Seen) -> _Asked:
    """Ask all draws, some at a time."""
    shares: list[Floats] = []
    met, unknown = np.zeros(()), np.zeros(())
    for judged, counts in _answers(judge, lottery, draws, seen):
        shares.append(counts.share)
        met = met + judged.met.sum(axis=2)
        unknown = unknown + (~judged.known).sum(axis=2)
    return _Asked(np.concatenate(shares, axis=1), met / draws, unknown / draws)


def _answers(
    judge: Judge, lottery: Lottery, draws: int, seen: Seen
) -> Iterator[tuple[Judged, Counts]]:
    cells = max(1, len(judge.people.area) * len(judge.walks.limit))
    size = max(1, min(64, MOST_CELLS // cells))
    for first in range(0, draws, size):
        some: list[Draw] = [lottery.draw(n) for n in range(first, min(first + size, draws))]
        yield judge.of(some)
        seen(len(some))


def _point(judge: Judge) -> pd.DataFrame:
    """Give the coverage of the card, and of it the row that it has not."""
    card = judge.setting.card
    everything = coverage(card, measure="all_items").iloc[[0]]
    return pd.concat([coverage(card), everything[coverage(card).columns]], ignore_index=True)


def _variance(
    judge: Judge, lottery: Lottery, table: pd.DataFrame, draws: int, seen: Seen
) -> pd.DataFrame:
    """Draw every source alone: what it does to each measure, and its share of all that is done."""
    sd = np.zeros((len(lottery.sources), len(table)))
    for index in range(len(lottery.sources)):
        alone = Lottery(lottery.setting, lottery.sources, lottery.seed, frozenset([index]))
        parts = [counts.share for _, counts in _answers(judge, alone, draws, seen)]
        sd[index] = _sd(np.concatenate(parts, axis=1))
    total = (sd**2).sum(axis=0)
    share = np.divide(sd**2, total[None, :], out=np.zeros(sd.shape), where=total[None, :] > 0)
    n = len(lottery.sources)
    return pd.DataFrame(
        {
            "measure": table["measure"].to_numpy().repeat(n),
            "item": table["item"].to_numpy().repeat(n),
            "source": np.tile([source.name for source in lottery.sources], len(table)),
            "sd": sd.T.ravel(),
            "share": share.T.ravel(),
        }
    )


def _main_source(variance: pd.DataFrame, rows: int) -> list[str]:
    """Name the source that does most to each measure; none where none does anything."""
    if len(variance) == 0:
        return [""] * rows
    sd = variance["sd"].fillna(0.0).to_numpy().reshape(rows, -1)
    names = variance["source"].to_numpy()[: sd.shape[1]]
    return [str(names[row.argmax()]) if row.max() > 0 else "" for row in sd]


def _quantiles(shares: Floats, levels: list[float]) -> Floats:
    """Quantiles of each row over the draws in which there is a share."""
    found = np.full((len(levels), len(shares)), np.nan)
    some = np.isfinite(shares).any(axis=1)
    if some.any():
        found[:, some] = np.nanquantile(shares[some], levels, axis=1)
    return found


def _sd(shares: Floats) -> Floats:
    found = np.full(len(shares), np.nan)
    some = np.isfinite(shares).any(axis=1)
    if some.any():
        found[some] = np.nanstd(shares[some], axis=1)
    return found
