"""One doorstep or many, answered by what every node of the streets knows of its nearest places.

Nothing here needs a table: a new process answers before pandas would have been loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.scoring.alone import REASONS, Alone, Silence, Walked, judge_alone
from quarterhour.streets.border import border_m
from quarterhour.streets.positions import Placed, Positions, numbered
from quarterhour.streets.snap_grid import StreetGrid
from quarterhour.walking.node_walks import STATUSES, NodeWalks

_LOST, _NOWHERE = STATUSES.index("not_snapped"), STATUSES.index("no_facility")


class ItemWalks(NamedTuple):
    """Walks to items that were searched together: through hosts or not, in seconds or metres.

    ``item`` is the place in the checklist of each column, ``facility`` the facility of each place.
    """

    hosts: bool
    walks: NodeWalks
    item: Ints
    facility: Ints


@dataclass(frozen=True, eq=False)
class Doorsteps:
    """All that the answer at a doorstep is made of, as arrays.

    Attributes
    ----------
    grid
        The streets, by which a doorstep joins them.
    blocks
        Walks to the items.
    keys
        The items, in the order of the checklist.
    most, in_metres
        Limit of each item in its unit, and whether that is metres.
    silence
        What it means of each item if none is found.
    speed_m_s, snap_limit_m
        Of whoever walks, and how far off the streets.
    extent
        What the data cover.
    labels, names
        Labels and names of the facilities that serve an item.
    """

    grid: StreetGrid
    blocks: tuple[ItemWalks, ...]
    keys: tuple[str, ...]
    most: Floats
    in_metres: Mask
    silence: Silence
    speed_m_s: float
    snap_limit_m: float
    extent: shapely.Geometry
    labels: tuple[Any, ...]
    names: tuple[str, ...]

    def at(self, xy: Floats) -> Answers:
        """Answer at points in the CRS of the streets."""
        edge, fraction, leg_m = self.grid.nearest(xy, self.snap_limit_m)
        row = np.flatnonzero(edge >= 0)
        here = Positions(row, edge[row], fraction[row], leg_m[row])
        direct, host = self._walked(Placed(numbered(len(xy)), here))
        found = judge_alone(direct, host, self.most, self.silence)
        return Answers(found, np.where(edge >= 0, leg_m, np.nan), self._edge_affected(xy, found))

    def _walked(self, origins: Placed) -> tuple[Walked, Walked]:
        """Give the walks to each item, by itself and through a host."""
        shape = len(origins.labels), len(self.keys)
        both = tuple(
            Walked(np.full(shape, np.inf), np.full(shape, -1), np.full(shape, _NOWHERE, np.int8))
            for _ in range(2)
        )
        for block in self.blocks:
            cost, place, code = block.walks.look_up(origins)
            mine = both[block.hosts]
            mine.cost[:, block.item] = np.where(np.isnan(cost), np.inf, cost)
            mine.facility[:, block.item] = np.where(place < 0, -1, block.facility[place])
            # What is there and cannot be walked to is lost, not missing.
            mine.code[:, block.item] = np.where(code == _NOWHERE, _LOST, code)
        return both[0], both[1]

    def _edge_affected(self, xy: Floats, found: Alone) -> Mask:
        points = shapely.points(xy)
        edge_m = border_m(self.extent, np.asarray(points, dtype=object))
        reach_m = np.where(self.in_metres, self.most, self.most * self.speed_m_s)
        return np.asarray((found.status != 0) & (edge_m[:, None] < reach_m))


class Answers(NamedTuple):
    """What was found at some points: arrays of points × items.

    ``leg_m`` is NaN where no street is within the limit.
    """

    found: Alone
    leg_m: Floats
    edge_affected: Mask

    def minutes(self, asked: Doorsteps) -> tuple[Floats, Floats]:
        """Give the minutes of each walk, and its metres where the limit is in metres; else NaN."""
        cost = self.found.cost / 60
        minutes = np.where(asked.in_metres, cost / asked.speed_m_s, cost)
        metres = np.where(asked.in_metres, cost * 60, np.nan)
        return _finite(minutes), _finite(metres)

    def records(self, asked: Doorsteps, row: int) -> list[dict[str, Any]]:
        """Give one point's answers as plain data, in the order of the checklist."""
        minutes, metres = (part[row].tolist() for part in self.minutes(asked))
        status, reason, facility = (
            part[row].tolist()
            for part in (self.found.status, self.found.reason, self.found.facility)
        )
        near_edge = self.edge_affected[row].tolist()
        told = []
        for k, key in enumerate(asked.keys):
            place = facility[k]
            one = {
                "item": key,
                "status": ("met", "unmet", "unknown")[status[k]],
                "reason": REASONS[reason[k]],
                "minutes": _or_none(minutes[k]),
                "facility": None if place < 0 else asked.labels[place],
                "name": None if place < 0 else asked.names[place],
                "edge_affected": near_edge[k],
            }
            if asked.in_metres.any():
                one["metres"] = _or_none(metres[k])
            told.append(one)
        return told


def _finite(numbers: Floats) -> Floats:
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _or_none(number: float) -> float | None:
    return None if number != number else number  # noqa: PLR0124 - NaN is not itself


def flags(keys: tuple[str, ...], among: Any) -> npt.NDArray[np.bool_]:
    """Tell which items are among some."""
    return np.array([key in among for key in keys], dtype=bool)
