"""Towns whose truth is known, seen with errors: how often an interval holds the truth.

Each town has shops that are listed a little off, shops that nobody listed, listed ones that are
not there, and residents of one speed that nobody knows. Its coverage in truth comes from a full
assessment of what is really there, which knows nothing of draws. Run by ``make verify``;
``--count`` and ``--seed`` say how many towns and which.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import quarterhour as qh
from quarterhour.planning import uncertainty as drawn
from quarterhour.planning.error_sources import FARTHEST
from worlds import checklist, grid_world, item, points, squares

SHOPS, LISTED, GHOSTS, OFF_M = 12.0, (0.6, 0.95), 0.15, 20.0
SPEED = qh.WalkingSpeed(mean_m_s=1.3, slow_m_s=1.15)
SOURCES = (
    SPEED,
    qh.PlacePosition(OFF_M),
    qh.ClosedPlaces(commercial_a_year=GHOSTS),
    qh.MissingPlaces(commercial=LISTED),
)
SIDE_M = 1500.0


def town(random: np.random.Generator, draws: int) -> tuple[float, float, float] | None:
    """Give the truth of a town and the interval from what is seen of it; none if nothing is."""
    share = random.uniform(*LISTED)
    there = random.uniform(0, SIDE_M, (random.poisson(SHOPS), 2))
    seen = random.random(len(there)) < share
    ghosts = random.uniform(0, SIDE_M, (random.poisson(SHOPS * share * GHOSTS / (1 - GHOSTS)), 2))
    # Off by so much in the mean, in any direction.
    off = random.normal(0, OFF_M / np.sqrt(np.pi / 2), (int(seen.sum()), 2))
    listed = np.vstack([there[seen] + off, ghosts])
    if len(listed) == 0 or len(there) == 0:
        return None
    z = random.standard_normal()
    while abs(z) > FARTHEST:
        z = random.standard_normal()
    areas = squares(*random.uniform(0, SIDE_M, (40, 2)).tolist(), residents=100.0, name="a")
    items = checklist(item("shop", kind="commercial", limit_minutes=4.0))
    shops = points(*listed.tolist(), item="shop", name=None)
    card = qh.assess(areas, shops, STREETS, items)
    found = qh.uncertainty(card, draws, int(random.integers(1 << 30)), SOURCES)
    speed = card.question.pace.speed_m_s * float(np.exp(SPEED.spread(card.question.pace) * z))
    truth = card.again(
        facilities=points(*there.tolist(), item="shop", name=None),
        pace=qh.profile("adult", speed_m_s=speed),
        surveyed="all",
    )
    row = qh.coverage(truth).query("measure == 'residence'").iloc[0]
    mine = found.coverage.query("measure == 'residence'").iloc[0]
    return row["share"], mine["low"], mine["high"]


STREETS = grid_world(16, 100.0)


def run(count: int, seed: int, draws: int = 300) -> float:
    """Give the share of towns whose truth lies in its interval."""
    warnings.simplefilter("ignore")
    random = np.random.default_rng(seed)
    alone, drawn.ALONE = drawn.ALONE, 1  # shares of the variance are not asked for here
    try:
        towns = [one for _ in range(count) if (one := town(random, draws)) is not None]
    finally:
        drawn.ALONE = alone
    held = [low - 1e-9 <= truth <= high + 1e-9 for truth, low, high in towns]
    return float(np.mean(held))


def main() -> int:
    """Try many towns; fail where intervals of 95 % hold too little or too much of the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    held = run(asked.count, asked.seed)
    print(f"{asked.count} towns: intervals of 95 % hold the truth in {100 * held:.1f} %")
    return 0 if 0.93 <= held <= 0.97 else 1


if __name__ == "__main__":
    sys.exit(main())
