"""Linear and integer programmes on sparse rows, solved by HiGHS through scipy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from quarterhour.arrays import Floats, Ints
from quarterhour.planning.watched_solver import Programme, watched

Rows = tuple[Any, Floats, Floats]


class Found(NamedTuple):
    """The best point found, if any, and what no point can better."""

    x: Floats | None
    bound: float


def matrix(row: Ints, column: Ints, value: Floats, shape: tuple[int, int]) -> Any:
    """Make a sparse matrix; entries given twice add up."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - slow to load

    return csr_array((np.asarray(value, dtype=float), (row, column)), shape=shape)


def equal(column: Ints, value: Floats, total: float) -> Rows:
    """One row: the values of these columns sum to a total; widened to all columns later."""
    row = matrix(np.zeros(len(column), dtype=int), column, value, (1, int(column.max()) + 1))
    return row, np.array([total]), np.array([total])


def solve(
    costs: Floats,
    rows: list[Rows],
    limits: tuple[Floats, Floats, Floats],
    time_limit_s: float,
    *,
    gap: float = 0.0,
    start: Floats | None = None,
) -> Found:
    """Minimise with HiGHS until a gap is proven; what it could prove in time is the bound.

    ``start`` is a point to begin with. A search that is interrupted (Ctrl-C) gives the best so
    far and its bound; a terminal is told of the gap meanwhile.
    """
    from scipy.sparse import vstack  # noqa: PLC0415 - slow to load

    whole, lower, upper = limits
    n = len(costs)
    for left, _, _ in rows:
        left.resize((left.shape[0], n))
    programme = Programme(
        np.asarray(costs, dtype=float),
        vstack([left for left, _, _ in rows], format="csc"),
        np.concatenate([least for _, least, _ in rows]),
        np.concatenate([most for _, _, most in rows]),
        np.asarray(whole, dtype=float),
        np.asarray(lower, dtype=float),
        np.asarray(upper, dtype=float),
    )
    found = watched(programme, time_limit_s, gap, start)
    if found is None:
        return _unwatched(programme, time_limit_s, gap)
    return Found(found.x, found.bound)


def _unwatched(programme: Programme, time_limit_s: float, gap: float) -> Found:
    """Solve by scipy's own door."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to load

    found = milp(
        programme.costs,
        integrality=programme.whole.astype(np.int64),
        bounds=Bounds(programme.lower, programme.upper),
        constraints=LinearConstraint(programme.rows, programme.row_lower, programme.row_upper),
        options={"time_limit": time_limit_s, "mip_rel_gap": gap},
    )
    bound = getattr(found, "mip_dual_bound", None)
    proven = found.status == 0 and found.x is not None
    if bound is None or not np.isfinite(bound):
        bound = float(found.fun or 0.0) if proven else -np.inf
    x: Floats | None = found.x
    return Found(x, float(bound))
