"""Since when: what a change between two scorecards is due to, in parts that sum to the whole."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import factorial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import NetworkError, QuarterhourWarning
from quarterhour.places.notes import Note
from quarterhour.planning.differences import differences, versions
from quarterhour.planning.gained import common, once, within
from quarterhour.planning.parts import Inputs
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.manifest import manifest
from quarterhour.scoring.scorecard import Scorecard, answered

CAUSES = ("homes", "streets", "facilities", "checklist", "parameters", "version")
"""What a change can be due to: who lives where, what is walked on, which places there are (on the
day that is asked for), what is asked for, of whom and how strictly, and what worked it out."""


@dataclass(frozen=True, eq=False, repr=False)
class Causes:
    """What the change from one scorecard to another is due to.

    Each cause has its Shapley value: what it adds when the causes are changed one after the
    other, the mean over all orders. The parts sum to the whole, and no order is preferred.

    Attributes
    ----------
    table
        One row per cause: ``changed`` (whether it differs), ``turned`` (answers that turned, by
        area and item), ``met`` (how many more are met), ``within`` (how many more residents are
        within the limit, summed over items).
    items
        One row per item: ``before`` and ``after`` (who is within the limit, of all areas of
        either), and what each cause adds.
    areas
        One row per area of both: ``before`` and ``after`` (items met), and what each cause adds.
    turned
        One row per answer with another status: ``area``, ``item``, ``status_before``,
        ``status``, the part of each cause (they sum to 1), and ``cause``, the largest of them.
    inputs
        ``cause`` and ``what``: what differs in it, in sentences.
    measure
        What is counted: residents, or residences where residents are not known everywhere.
    runs
        How often the question was asked anew.
    """

    table: pd.DataFrame
    items: pd.DataFrame
    areas: pd.DataFrame
    turned: pd.DataFrame
    inputs: pd.DataFrame
    measure: str
    runs: int

    def __repr__(self) -> str:
        parts = self.table.loc[self.table["changed"], "turned"]
        told = ", ".join(f"{cause} {part:g}" for cause, part in parts.round(2).items())
        return f"<Causes of {len(self.turned):,} answers that turned: {told or 'none'}>"


def causes_of(card: Scorecard, other: Scorecard) -> Causes:
    """Say what the change between two scorecards, with the labels of the second, is due to.

    Raises
    ------
    InputError
        If the question or an input of either is not at hand.
    NetworkError
        If what one has cannot be asked together with what the other has.
    """
    one, two = Inputs.of(card), Inputs.of(other)
    told = differences(one, two)
    here = manifest({}, {})
    made = [card.manifest, other.manifest, here]
    said = versions(*made)
    changed = [cause for cause in CAUSES if cause in told]
    again = bool(said) or not changed
    if again:
        text = "Inputs and parameters are the same in both."
        told["version"] = said or [Note("nothing_else", text)]
    frame = _Frame.of(card, other)
    runs = _Runs(one, two, changed, frame, (card, other, again))
    values = runs.values()
    ends = frame.values(card), frame.values(other)
    return _causes(frame, changed, values, ends, (told, runs.asked))


class _Values(NamedTuple):
    """What is looked at in an answer: statuses, and who is within the limit, by item and in all."""

    status: npt.NDArray[np.object_]
    within: Floats


@dataclass(frozen=True)
class _Frame:
    """Areas and items that both have, and what is counted."""

    areas: pd.Index
    items: pd.Index
    measure: str

    @classmethod
    def of(cls, card: Scorecard, other: Scorecard) -> _Frame:
        keys = pd.Index(card.checklist.keys()), pd.Index(other.checklist.keys())
        residents = [one.origins["residents"].to_numpy(dtype=float) for one in (card, other)]
        known = all(bool(np.isfinite(some).all() and some.sum() > 0) for some in residents)
        areas = common(card.areas.index, other.areas.index)
        return cls(areas, common(*keys), "residents" if known else "residences")

    def values(self, card: Scorecard) -> _Values:
        pairs = pd.MultiIndex.from_product([self.areas, self.items], names=["area", "item"])
        status = card.results.set_index(["area", "item"])["status"].reindex(pairs)
        people = card.origins["residents"].to_numpy(dtype=float)
        weight = people if self.measure == "residents" else np.ones(len(people))
        weight = weight * once(card.origins)
        there = within(card, self.items)
        shape = len(self.areas), len(self.items)
        return _Values(status.to_numpy(dtype=object).reshape(shape), there @ weight)


class _Runs:
    """The question asked of every mixture of two scorecards' inputs."""

    def __init__(
        self,
        one: Inputs,
        two: Inputs,
        changed: list[str],
        frame: _Frame,
        known: tuple[Scorecard, Scorecard, bool],
    ) -> None:
        self.one, self.two, self.changed, self.frame = one, two, changed, frame
        self.known, self.asked = known, 0

    def values(self) -> dict[int, _Values]:
        """Values of every mixture, by the bits of the causes that are as in the second.

        One after the other in an order in which only one cause changes, so that what stays is
        not worked out again.
        """
        card, other, again = self.known
        found: dict[int, _Values] = {}
        kept = card.kept
        for turn in range(2 ** len(self.changed)):
            bits = turn ^ (turn >> 1)
            ready = {0: card, 2 ** len(self.changed) - 1: other}.get(bits)
            if ready is not None and not again:
                found[bits] = self.frame.values(ready)
                continue
            causes = [cause for k, cause in enumerate(self.changed) if bits >> k & 1]
            mixed = self._mixed(causes, kept)
            kept, found[bits] = mixed.kept, self.frame.values(mixed)
        return found

    def _mixed(self, causes: list[str], kept: Kept) -> Scorecard:
        self.asked += 1
        question, asked = self.one.with_parts(self.two, causes).asked
        steps: Kept = kept.copy()
        # Whether the streets contradict the datum of a table, the scorecards have told.
        for name, table in (("facilities", asked.facilities), ("areas", asked.areas)):
            doubts = "doubts" if name == "facilities" else f"doubts of {name}"
            steps.put(doubts, (steps.table(name, table), asked.network), [])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", QuarterhourWarning)
            try:
                return answered(question, asked, steps)
            except NetworkError as error:
                msg = (
                    f"The change cannot be split into causes: with {', '.join(causes)} of the "
                    f"second and all else of the first, {error}"
                )
                raise NetworkError(msg) from error


def _shapley(
    n: int, values: dict[int, _Values], of: Callable[[_Values], Floats]
) -> Iterator[Floats]:
    """Give for each of n causes its Shapley value of some numbers.

    Orders are counted in whole numbers and divided once, so that parts of whole numbers are exact.
    """
    numbers = {bits: of(one) for bits, one in values.items()}
    for cause in range(n):
        total = np.zeros_like(numbers[0])
        for bits, before in numbers.items():
            if not bits >> cause & 1:
                size = bits.bit_count()
                orders = factorial(size) * factorial(n - size - 1)
                total = total + orders * (numbers[bits | 1 << cause] - before)
        yield total / factorial(n)


def _parts(
    changed: list[str],
    values: dict[int, _Values],
    ends: tuple[_Values, _Values],
    of: Callable[[_Values], Floats],
) -> dict[str, Floats]:
    """What each cause adds; the version adds what the same inputs give another answer to."""
    nothing = np.zeros_like(of(ends[0]))
    found = dict.fromkeys(CAUSES, nothing)
    found |= dict(zip(changed, _shapley(len(changed), values, of), strict=True))
    first, last = values[0], values[2 ** len(changed) - 1]
    found["version"] = (of(first) - of(ends[0])) + (of(ends[1]) - of(last))
    return found


def _causes(
    frame: _Frame,
    changed: list[str],
    values: dict[int, _Values],
    ends: tuple[_Values, _Values],
    told: tuple[dict[str, list[Note]], int],
) -> Causes:
    before, after = ends
    turned = before.status != after.status

    def like_after(one: _Values) -> Floats:
        return np.asarray((one.status == after.status)[turned], dtype=np.float64)

    def is_met(one: _Values) -> Floats:
        return np.asarray((one.status == "met").sum(axis=1), dtype=np.float64)

    def people(one: _Values) -> Floats:
        return one.within

    turns, mets, moved = (_parts(changed, values, ends, of) for of in (like_after, is_met, people))
    rows, columns = np.nonzero(turned)
    answers = pd.DataFrame(
        {
            "area": frame.areas[rows],
            "item": frame.items[columns],
            "status_before": before.status[turned],
            "status": after.status[turned],
            **turns,
        }
    )
    parts = answers[list(CAUSES)].to_numpy(dtype=float)
    largest = parts.argmax(axis=1) if len(parts) else np.zeros(0, dtype=np.intp)
    answers["cause"] = np.array(CAUSES, dtype=object)[largest]
    notes, asked = told
    return Causes(
        table=pd.DataFrame(
            {
                "changed": [cause in notes for cause in CAUSES],
                "turned": [float(turns[cause].sum()) for cause in CAUSES],
                "met": [float(mets[cause].sum()) for cause in CAUSES],
                "within": [float(moved[cause].sum()) for cause in CAUSES],
            },
            index=pd.Index(CAUSES, name="cause"),
        ),
        items=pd.DataFrame(
            {"before": before.within, "after": after.within, **moved},
            index=frame.items.rename("item"),
        ),
        areas=pd.DataFrame(
            {"before": is_met(before), "after": is_met(after), **mets},
            index=frame.areas.rename("area"),
        ),
        turned=answers,
        inputs=pd.DataFrame(
            [(cause, note) for cause in CAUSES for note in notes.get(cause, [])],
            columns=["cause", "what"],
            dtype=object,  # a column of text would keep the sentences and forget the notes
        ),
        measure=frame.measure,
        runs=asked,
    )
