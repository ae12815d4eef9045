"""The verdict: every area by the share of its residents within each item's limit."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.places.origins import check_origins
from quarterhour.scoring.assessable import MAPPED
from quarterhour.scoring.judge import Judged, judge, walks_of, what_silence_means
from quarterhour.scoring.question import require_share, surveyed_of
from quarterhour.standards.checklist import Checklist


def score(  # noqa: PLR0913 - each is asked for by a caller of its own
    times: pd.DataFrame,
    origins: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    checklist: Checklist,
    *,
    quota: float = 0.5,
    surveyed: Collection[str] = (),
    shown: Collection[str] | None = None,
    edge_m: npt.ArrayLike | None = None,
    speed_m_s: float = 1.25,
) -> pd.DataFrame:
    """Judge every area by the share of its residents within each item's limit.

    Parameters
    ----------
    times
        ``origin``, ``item``, ``seconds``, ``facility``, ``status`` as
        :func:`quarterhour.nearest` gives them; ``host`` (bool), whether the facility only
        implies the item, is false where it is not given. Items with a limit in metres need
        ``metres``, the length of the walk, as :attr:`quarterhour.Scorecard.times` have it.
    origins
        As :func:`quarterhour.origins` gives them.
    areas
        The areas, for their index.
    checklist
        Items with their limits.
    quota
        Share of residents that has to be within the limit for an item to be met.
    surveyed
        Keys of items of which the facilities are complete: none nearby then means unmet.
        ``"all"`` in it stands for every item.
    shown
        Keys of items that the source of the facilities can show, as
        :func:`quarterhour.scoring.assessable.items_shown` tells; none: those of checkability A
        and B.
    edge_m
        Distance of each origin from the border of the data, in metres; none: no border.
    speed_m_s
        Speed at which a limit in minutes becomes the distance compared with ``edge_m``.

    Returns
    -------
    DataFrame
        As :meth:`quarterhour.Scorecard.to_frame` describes.

    Raises
    ------
    InputError
        If the quota is not a share, ``surveyed`` names an item that is not in the list, the
        times lack a column, or the origins are not those of the areas.
    """
    require_share(quota)
    surveyed = surveyed_of(surveyed, checklist)
    check_origins(origins, areas)
    group = areas.index.get_indexer(origins["area"])
    share = origins["share"].to_numpy(dtype=np.float64)
    edge = np.full(len(origins), np.inf) if edge_m is None else np.asarray(edge_m, dtype=float)
    by_area = pd.DataFrame({"edge": edge, "residents": origins["residents"].to_numpy()})
    by_area = by_area.groupby(group).agg({"edge": "min", "residents": _sum_of_known})
    by_area = by_area.reindex(range(len(areas)))
    nearest_edge, residents = by_area["edge"].to_numpy(), by_area["residents"].to_numpy()
    judged: list[Judged] = []
    metres: list[tuple[Floats, Floats]] = []
    times = _checked_walks(times, checklist)
    walks = dict(tuple(times.groupby(["item", "host"])))
    for item in checklist:
        direct, host = (
            walks_of(walks.get((item.key, h)), origins.index, item.limit) for h in (False, True)
        )
        full = item.key in surveyed or "all" in surveyed
        found = judge(direct, host, (group, share, len(areas)), item.limit.most, quota)
        length = np.full(len(areas), np.nan), np.full(len(areas), np.nan)
        if item.limit.in_metres:  # told in minutes at the walker's speed, too
            length = found.median_minutes * 60, found.worst_minutes * 60
            minutes = found.median_minutes / speed_m_s, found.worst_minutes / speed_m_s
            found = found._replace(median_minutes=minutes[0], worst_minutes=minutes[1])
        metres.append(length)
        present = bool((direct.status != "no_facility").any())
        can_show = item.checkability in MAPPED if shown is None else item.key in shown
        judged.append(what_silence_means(found, can_show=can_show, surveyed=full, present=present))
    # A column per item, so that the rows come out area by area.
    columns = {
        name: np.column_stack([getattr(one, name) for one in judged]) for name in Judged._fields
    }
    named = ["median_minutes", "worst_minutes"]
    if any(item.limit.in_metres for item in checklist):
        for place, name in enumerate(("median_metres", "worst_metres")):
            columns[name] = np.column_stack([one[place] for one in metres])
            named.append(name)
    without = (1 - columns["share"]) * residents[:, None]
    columns["residents_without"] = np.where(columns["status"] == "unknown", np.nan, without)
    reach_m = [item.limit.reach_m(speed_m_s) for item in checklist]
    near_edge = nearest_edge[:, None] < np.array(reach_m)
    columns["edge_affected"] = (columns["status"] != "met") & near_edge
    table = pd.DataFrame(
        {
            "area": areas.index.repeat(len(judged)),
            "item": np.tile(np.array(checklist.keys(), dtype=object), len(areas)),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )
    # Labels as they are, and None where there is none, whatever pandas makes of such a column.
    table["facility"] = pd.Series(columns["facility"].ravel(), dtype=object)
    return table[
        [
            "area",
            "item",
            "status",
            "reason",
            "share",
            "residents_without",
            *named,
            "facility",
            "edge_affected",
        ]
    ]


def _sum_of_known(numbers: pd.Series[float]) -> float:
    return float(numbers.sum(min_count=1))


def _checked_walks(times: pd.DataFrame, checklist: Checklist) -> pd.DataFrame:
    """See that the walks have what the limits are compared with; walks are to places by default.

    Raises
    ------
    InputError
        If they have not.
    """
    needed = ["origin", "item", "seconds", "facility", "status"]
    in_metres = [item.key for item in checklist if item.limit.in_metres]
    if "item" in times and times["item"].isin(in_metres).any():
        needed.append("metres")
    if missing := [name for name in needed if name not in times]:
        why = f" The limit of {in_metres[0]} is in metres." if "metres" in missing else ""
        msg = (
            f"The times have no column {', '.join(missing)}.{why} Give walks as "
            "quarterhour.assess makes them (the times of a scorecard), or as "
            "quarterhour.nearest does for limits in minutes."
        )
        raise InputError(msg)
    return times if "host" in times else times.assign(host=False)
