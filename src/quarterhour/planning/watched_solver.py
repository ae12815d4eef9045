"""HiGHS as it comes with scipy, watched: progress on a terminal, and an end when asked for one.

``scipy.optimize.milp`` runs until it is done and takes no start. The solver below it does take
one, tells how far it is, and can be stopped; where a scipy has no such door, milp is used.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from quarterhour.arrays import Floats

TOLD_EVERY_S = 0.5
"""A terminal hears of the gap this often, beginning after one second."""


class Programme(NamedTuple):
    """Minimise ``costs @ x`` over rows and bounds; ``whole`` says which columns are integer."""

    costs: Floats
    rows: Any
    row_lower: Floats
    row_upper: Floats
    whole: Floats
    lower: Floats
    upper: Floats


class Outcome(NamedTuple):
    """The best point found, if any, what no point can better, and whether all was searched."""

    x: Floats | None
    bound: float
    done: bool


def watched(
    programme: Programme, time_limit_s: float, gap: float, start: Floats | None
) -> Outcome | None:
    """Solve and watch; nothing where this scipy cannot be watched."""
    try:
        highs: Any = import_module("scipy.optimize._highspy._core")
        solver = highs._Highs()  # noqa: SLF001 - scipy has no other door to it
        _pass(highs, solver, programme, time_limit_s, gap)
        if start is not None:
            point = highs.HighsSolution()
            point.col_value = list(map(float, start))
            solver.setSolution(point)
        with _interrupted() as asked:
            watch = _Watch(asked)
            solver.setCallback(watch, None)
            kinds = highs.cb.HighsCallbackType
            for kind in (kinds.kCallbackMipInterrupt, kinds.kCallbackSimplexInterrupt):
                solver.startCallback(kind)
            solver.run()
            watch.end()
        return _outcome(highs, solver, programme)
    except (ImportError, AttributeError, TypeError):
        return None


def _pass(highs: Any, solver: Any, programme: Programme, time_limit_s: float, gap: float) -> None:
    options = highs.HighsOptions()
    options.output_flag = False
    options.log_to_console = False
    options.time_limit = float(time_limit_s)
    options.mip_rel_gap = float(gap)
    solver.passOptions(options)
    columns = programme.rows.tocsc()
    lp = highs.HighsLp()
    lp.num_row_, lp.num_col_ = columns.shape
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = columns.shape
    lp.a_matrix_.format_ = highs.MatrixFormat.kColwise
    lp.a_matrix_.start_ = columns.indptr
    lp.a_matrix_.index_ = columns.indices
    lp.a_matrix_.value_ = columns.data
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = (
        programme.costs,
        programme.lower,
        programme.upper,
    )
    lp.row_lower_, lp.row_upper_ = programme.row_lower, programme.row_upper
    lp.integrality_ = [highs.HighsVarType(int(one)) for one in programme.whole]
    solver.passModel(lp)


def _outcome(highs: Any, solver: Any, programme: Programme) -> Outcome:
    info = solver.getInfo()
    done = solver.getModelStatus() == highs.HighsModelStatus.kOptimal
    feasible = info.primal_solution_status == highs.SolutionStatus.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value) if feasible else None
    bound = float(info.mip_dual_bound) if programme.whole.any() else -np.inf
    if done and x is not None and not np.isfinite(bound):
        bound = float(info.objective_function_value)
    return Outcome(x, bound if np.isfinite(bound) else -np.inf, done)


class _Watch:
    """What the solver calls: it tells a terminal of the gap, and ends the search if asked to."""

    def __init__(self, asked: threading.Event) -> None:
        self.asked = asked
        self.began = self.told = time.monotonic()
        self.line = ""

    def __call__(self, kind: Any, message: str, out: Any, answer: Any, data: Any) -> None:
        """Hear from the solver."""
        del kind, message, data
        if self.asked.is_set():
            answer.user_interrupt = True
        now = time.monotonic()
        terminal = sys.stderr is not None and sys.stderr.isatty()
        if terminal and now - self.told >= TOLD_EVERY_S and now - self.began >= 1.0:
            self.told = now
            self._tell(float(out.mip_primal_bound), float(out.mip_dual_bound), now - self.began)

    def _tell(self, best: float, bound: float, seconds: float) -> None:
        known = np.isfinite(best) and np.isfinite(bound) and best != 0
        gap = f"at most {abs(best - bound) / abs(best):.2%} from the best" if known else "no bound"
        line = f"Proving: {gap}, {seconds:.0f} s (Ctrl-C: take the best so far)"
        sys.stderr.write("\r" + line.ljust(len(self.line)))
        sys.stderr.flush()
        self.line = line

    def end(self) -> None:
        """Clear the line that was told."""
        if self.line:
            sys.stderr.write("\r" + " " * len(self.line) + "\r")
            sys.stderr.flush()


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Let the first Ctrl-C end the search and nothing else; the second one ends the program."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.getsignal(signal.SIGINT)

    def end(number: int, frame: Any) -> None:
        if asked.is_set() and callable(before):
            before(number, frame)
        asked.set()

    if before in {signal.SIG_IGN, None}:  # the program runs in the background
        yield asked
        return
    signal.signal(signal.SIGINT, end)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
