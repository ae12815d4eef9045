"""Places on the streets, as bare numbers: whoever has them asks for walks without tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quarterhour.arrays import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

    from quarterhour.streets.grounds import Grounds


class Positions(NamedTuple):
    """Places on the network; a row of a table has none, one or several.

    ``row`` is the position of the place in its table, ``edge`` and ``fraction`` where it meets
    the network, ``leg_m`` the straight leg off the network, in metres.
    """

    row: Ints
    edge: npt.NDArray[np.int64]
    fraction: Floats
    leg_m: Floats

    def take(self, keep: npt.NDArray[np.bool_] | Ints) -> Positions:
        """Only the positions that are asked for, in that order."""
        return Positions(self.row[keep], self.edge[keep], self.fraction[keep], self.leg_m[keep])


NOWHERE = Positions(
    np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
)
"""The positions of an empty table."""


class Placed(NamedTuple):
    """The rows of a table on the network: their index labels, and the positions they have.

    ``grounds`` says which of them lie inside walls, where any does.
    """

    labels: pd.Index
    at: Positions
    grounds: Grounds | None = None

    @property
    def snapped(self) -> npt.NDArray[np.bool_]:
        """Whether each row has a position at all."""
        return np.asarray(np.bincount(self.at.row, minlength=len(self.labels)) > 0)

    def take(self, rows: Ints) -> Placed:
        """Only the rows that are asked for, in that order; a row may be asked for twice."""
        first = np.searchsorted(self.at.row, rows, side="left")
        count = np.searchsorted(self.at.row, rows, side="right") - first
        which = np.repeat(np.arange(len(rows)), count)
        begin = np.cumsum(count) - count
        found = self.at.take(np.arange(len(which)) + np.repeat(first - begin, count))
        grounds = None if self.grounds is None else self.grounds.take(rows)
        return Placed(self.labels.take(rows), found._replace(row=which), grounds)

    def others(self, now: Placed) -> npt.NDArray[np.bool_] | None:
        """Mark the rows that are elsewhere now; None where the rows are not the same."""
        if not self.labels.equals(now.labels):
            return None
        n = len(self.labels)
        count = np.bincount(self.at.row, minlength=n)
        moved = np.asarray(count != np.bincount(now.at.row, minlength=n), dtype=bool)
        rows = np.flatnonzero(~moved)
        one, other = self.take(rows).at, now.take(rows).at
        apart = (one.edge != other.edge) | (one.fraction != other.fraction)
        moved[rows[one.row[apart | (one.leg_m != other.leg_m)]]] = True
        from quarterhour.streets.grounds import same_grounds  # noqa: PLC0415 - pandas is slow

        if not same_grounds(self.grounds, now.grounds):
            for grounds in (self.grounds, now.grounds):
                if grounds is not None:
                    moved |= grounds.number >= 0
        return moved


def numbered(n: int) -> Any:
    """Labels of places that have none: their numbers, for which no table has to be loaded."""
    return range(n)
