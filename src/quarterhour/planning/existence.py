"""Whether places are still there: how many of each confidence, and how often they are in draws."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints
from quarterhour.planning.draws import Lottery
from quarterhour.planning.error_sources import ClosedPlaces

SILENT, SHUT = "none said", "said to be closed"


def existence(lottery: Lottery, draws: int) -> pd.DataFrame:
    """Tell how sure it is that places exist, by the confidence that their source has in them.

    Parameters
    ----------
    lottery
        The draws, of which those of `ClosedPlaces` alone are taken.
    draws
        How many.

    Returns
    -------
    DataFrame
        Indexed by ``confidence``, see :attr:`quarterhour.Uncertainty.existence`.
    """
    setting, sources = lottery.setting, lottery.sources
    closing = [k for k, one in enumerate(sources) if isinstance(one, ClosedPlaces)]
    alone = Lottery(setting, sources, lottery.seed, frozenset(closing))
    sure = setting.world.places["confidence"].to_numpy(dtype=np.float64)
    classes = next((sources[k].open_by_confidence for k in closing), ())  # type: ignore[attr-defined]
    names, kind = _classes(sure, tuple(upto for upto, *_ in classes))
    places = np.bincount(kind, minlength=len(names))
    there = np.zeros((draws, len(names)))
    for number in range(draws):
        alive = alone.draw(number).alive[: len(sure)]
        there[number] = np.bincount(kind, weights=alive, minlength=len(names))
    share = there[:, places > 0] / places[places > 0]
    table = pd.DataFrame({"places": places}, index=pd.Index(names, name="confidence"))
    table = table[table["places"] > 0]
    table["p_exists"] = share.mean(axis=0)
    table["low"], table["high"] = np.quantile(share, [0.025, 0.975], axis=0)
    if shut := _shut(lottery):
        table.loc[SHUT] = [shut, 0.0, 0.0, 0.0]
    return table.astype({"places": np.int64})


def _classes(sure: Floats, upto: tuple[float, ...]) -> tuple[list[str], Ints]:
    """Name the classes of confidence, and say in which each place is; the last says none."""
    ends = [0.0, *upto] if upto else [0.0, 1.0]
    names = [f"{low:g} to {high:g}" for low, high in pairwise(ends)]
    kind = np.minimum(np.searchsorted(ends[1:], np.nan_to_num(sure)), len(names) - 1)
    return [*names, SILENT], np.where(np.isnan(sure), len(names), kind).astype(np.int64)


def _shut(lottery: Lottery) -> int:
    """Count the places that serve an item and do not count, as their source says they closed."""
    matches = lottery.setting.card.matches
    if "why" not in matches:
        return 0
    gone = matches[(matches["counts"] == "no") & (matches["why"] == "gone")]
    return int(gone["place"].nunique())
