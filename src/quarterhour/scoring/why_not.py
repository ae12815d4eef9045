"""缺什么补什么: why an item is not met, how much is lacking, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.scoring.at_hand import require_at_hand
from quarterhour.scoring.gaps import gaps, ranked, with_parts
from quarterhour.scoring.item_walks import walks_to_items
from quarterhour.scoring.judge import walks_of
from quarterhour.scoring.obstacles import LEAST_SHARE, Obstacle, Walkers, Ways
from quarterhour.scoring.parts import By
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.items import Item
from quarterhour.streets.snap import placed_ends, placed_starts
from quarterhour.walking.metres import Metres
from quarterhour.walking.pace import ADULT, off_street_speed_m_s
from quarterhour.walking.routes import Route

FAR = 100.0
"""Places are looked for up to this many times the limit."""

_WALKED = ("beyond_limit", "unreachable")


def why_not(card: Scorecard, by: By | None = None) -> pd.DataFrame:
    """Say of every unmet item why it is not met, how much is lacking, and what stands in the way.

    One walk stands for each area and item: that of the resident at the quota, who has to come
    within the limit for the item to be met. What the walk would be is asked without the walls of
    compounds, without stairs and closed streets, without waits at crossings, and with a link of
    at most 150 m; what saves most of it stands in the way, if that is half a minute and a fifth of
    what is lacking.

    Parameters
    ----------
    card
        The scorecard.
    by
        Rank items for the whole (``"city"``), each area (``"area"``), or each part, as in
        :func:`quarterhour.gaps`.

    Returns
    -------
    GeoDataFrame
        One row per unmet area and item, those that touch most residents first: ``area``, ``name``,
        ``item``, ``zh``, ``en``, ``reason``, ``residents_without``, ``share_without``, ``home``
        (label of the origin), ``place`` and ``place_name`` (the nearest), ``minutes`` and
        ``limit_minutes`` (of a limit in metres: at the walker's speed), ``minutes_short``,
        ``walk_m``, ``straight_m``, ``detour`` (one over the other), ``in_the_way`` (a word of
        :data:`quarterhour.scoring.obstacles.WORDS`), ``also`` (others, joined by "|"),
        ``saves_minutes`` (without it; infinite where there is no walk with it), ``enough``
        (whether that meets the limit), ``detail`` (edges that are closed or slow, seconds of
        waiting, metres of the link), ``edge_affected``, and as geometry, in the CRS of the
        streets, the obstacle or the missing link. With ``by`` the table of
        :func:`quarterhour.gaps` with ``minutes_short`` (the median), ``in_the_way`` (what mostly
        does) and ``enough`` (in how many areas it would do without).

    Raises
    ------
    InputError
        If the scorecard was read without its inputs, or ``by`` is no way to part the areas.

    Examples
    --------
    >>> qh.why_not(card)[["name", "item", "minutes_short", "in_the_way"]]  # doctest: +SKIP
    """
    made = explained(card, gaps(card))
    return made if by is None else _by_part(made, card, by)


def explained(card: Scorecard, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Say of some gaps what stands in the way: their rows of :func:`why_not`.

    Raises
    ------
    InputError
        If the scorecard was read without its inputs.
    """
    require_at_hand([*card.missing], card)
    found = found.reset_index(drop=True)
    rows = [_nothing(card, row) for row in found.to_dict("records")]
    for mine, item_rows in _walked(card, found):
        for row, told in zip(mine, item_rows, strict=True):
            rows[row] |= told
    table = pd.DataFrame(rows, columns=list(_EMPTY))
    columns = ["area", "name", "item", "zh", "en", "reason", "residents_without", "share_without"]
    whole = pd.concat([found[columns], table.drop(columns="geometry")], axis=1)
    whole["edge_affected"] = found["edge_affected"]
    shapes = gpd.GeoSeries(list(table["geometry"]), index=whole.index, crs=card.network.crs)
    return gpd.GeoDataFrame(whole, geometry=shapes)


_EMPTY: dict[str, Any] = {
    "home": None,
    "place": None,
    "place_name": None,
    "minutes": np.nan,
    "limit_minutes": np.nan,
    "minutes_short": np.nan,
    "walk_m": np.nan,
    "straight_m": np.nan,
    "detour": np.nan,
    "in_the_way": "distance",
    "also": "",
    "saves_minutes": np.nan,
    "enough": False,
    "detail": np.nan,
    "geometry": None,
}


def _nothing(card: Scorecard, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What there is to tell without a walk."""
    item = card.checklist[str(row["item"])]
    speed = off_street_speed_m_s(ADULT if card.question is None else card.question.pace)
    most = item.limit.most / (speed if item.limit.in_metres else 1.0) / 60.0
    reason = str(row["reason"])
    word = {"no_facility": "no_place", "not_in_service": "not_in_service"}.get(reason, "distance")
    return _EMPTY | {"limit_minutes": most, "in_the_way": word}


class _Asked(NamedTuple):
    """A walk that is asked for: row of the gap, of the home, label of the place, cost, limit."""

    row: int
    home: int
    place: Any
    cost: float
    most: float


def _walked(
    card: Scorecard, found: pd.DataFrame
) -> Iterator[tuple[list[int], list[dict[str, Any]]]]:
    """Trace the walks of gaps, home by home, and give what is told of each."""
    for in_metres in (False, True):
        items = [item for item in card.checklist if item.limit.in_metres == in_metres]
        asked = list(_asked_walks(card, found, items))
        if not asked or card.question is None:
            continue
        pace = Metres(card.question.pace) if in_metres else card.question.pace
        homes = sorted({one.home for one in asked})
        labels = list(dict.fromkeys(one.place for one in asked))
        places = card.facilities.loc[labels]
        walkers = Walkers.of(
            card.origins.iloc[homes], places, card.network, card.question.snap_limit_m
        )
        ways = Ways(card.network, pace, walkers)
        metres_s = off_street_speed_m_s(card.question.pace) if in_metres else 1.0
        where = {label: k for k, label in enumerate(labels)}
        for number, home in enumerate(homes):
            mine = [one for one in asked if one.home == home]
            at = np.array([where[one.place] for one in mine], dtype=np.int64)
            costs = [one.cost for one in mine if np.isfinite(one.cost)]
            most = max([*costs, *(FAR * one.most for one in mine if not np.isfinite(one.cost))])
            routes = ways.routes(number, at, most * (1 + 1e-9) + 1e-6)
            obstacles = ways.obstacles(number, at, routes, most * (1 + 1e-9) + 1e-6)
            told = [
                _told(one, (ways, number, int(place)), (route, some), metres_s)
                for one, place, route, some in zip(mine, at, routes, obstacles, strict=True)
            ]
            for one, row in zip(mine, told, strict=True):
                row |= {
                    "home": card.origins.index[home],
                    "place": one.place,
                    "place_name": _name(card, one.place),
                }
            yield [one.row for one in mine], told


def _name(card: Scorecard, label: Any) -> str | None:
    name = card.facilities["name"].get(label) if "name" in card.facilities else None
    return name if isinstance(name, str) and name.strip() else None


def _told(
    one: _Asked,
    ends: tuple[Ways, int, int],
    found: tuple[Route | None, list[Obstacle]],
    unit: float,
) -> dict[str, Any]:
    """Put what is known of a walk into columns; ``unit`` makes seconds of the cost."""
    (ways, home, place), (route, obstacles) = ends, found
    at = ways.walkers.home_at[home], ways.walkers.place_at[place]
    straight = float(shapely.distance(*at))
    told: dict[str, Any] = {"straight_m": straight}
    if route is not None:
        told |= {"minutes": one.cost / unit / 60, "walk_m": route.metres}
        told["minutes_short"] = max(0.0, (one.cost - one.most) / unit / 60)
        told["detour"] = route.metres / straight if straight > 0 else np.nan
    short = one.cost - one.most
    least = LEAST_SHARE * short if np.isfinite(short) else 0.0
    obstacles = [some for some in obstacles if not some.saves_s < least]
    if not obstacles:
        return told
    first, *others = obstacles
    told |= {
        "in_the_way": first.word,
        "also": "|".join(other.word for other in others),
        "saves_minutes": first.saves_s / unit / 60,
        "enough": bool(np.isfinite(short) and first.saves_s >= short - 1e-9),
        "detail": first.detail,
        "geometry": first.where,
    }
    return told


def _asked_walks(card: Scorecard, found: pd.DataFrame, items: list[Item]) -> Iterator[_Asked]:
    """Say for each gap whose walk stands for it, and to which place."""
    rows = found[found["reason"].isin(_WALKED) & found["item"].isin([item.key for item in items])]
    quota = 0.5 if card.question is None else card.question.quota
    area = card.areas.index.get_indexer(pd.Index(card.origins["area"]))
    order = np.argsort(area, kind="stable")
    bounds = np.searchsorted(area[order], np.arange(len(card.areas) + 1))
    share = card.origins["share"].to_numpy(dtype=float)
    far: list[tuple[int, int, Item]] = []
    times = card.times[~card.times["host"].astype(bool)]
    for item in items:
        mine = rows[rows["item"] == item.key]
        if mine.empty:
            continue
        walks = walks_of(times[times["item"] == item.key], card.origins.index, item.limit)
        for row, label in zip(mine.index, mine["area"], strict=True):
            k = int(pd.Index(card.areas.index).get_loc(label))
            homes = order[bounds[k] : bounds[k + 1]]
            home = _at_quota(homes, walks.cost, share, quota)
            if np.isfinite(walks.cost[home]):
                cost = float(walks.cost[home])
                yield _Asked(int(row), home, walks.facility[home], cost, item.limit.most)
            else:
                far.append((int(row), home, item))
    yield from _far_walks(card, far)


def _at_quota(homes: Ints, cost: Floats, share: Floats, quota: float) -> int:
    """Give the home of the resident who has to come within the limit for the item to be met."""
    mine = homes[np.lexsort((homes, cost[homes]))]
    before = np.cumsum(share[mine])
    place = int(np.searchsorted(before, quota * before[-1] - 1e-9))
    return int(mine[min(place, len(mine) - 1)])


def _far_walks(card: Scorecard, far: list[tuple[int, int, Item]]) -> Iterator[_Asked]:
    """Walks that were given up at the horizon are looked for farther on."""
    if not far or card.question is None:
        return
    homes = sorted({home for _, home, _ in far})
    keys = {item.key for _, _, item in far}
    items = [item for item in card.checklist if item.key in keys]
    matches = card.matches[card.matches["item"].isin(keys) & (card.matches["evidence"] != "host")]
    if "counts" in matches:
        matches = matches[matches["walk"].astype(bool) & (matches["counts"] == "yes")]
    matches = matches.drop(columns=["counts", "walk", "no_walk"], errors="ignore")
    if matches.empty:
        return
    origins = card.origins.iloc[homes]
    serving = card.facilities.loc[matches["facility"].unique()]
    snap = card.question.snap_limit_m
    at = placed_starts(origins, card.network, snap), placed_ends(serving, card.network, snap)
    if not (at[0].snapped.any() and at[1].snapped.any()):
        return
    checklist = replace(card.checklist, items=tuple(items), hosts=())
    asked = (origins, card.facilities, matches, card.network, checklist, card.question.pace)
    times = walks_to_items(*asked, at=at, horizon=FAR)
    walks = {
        item.key: walks_of(times[times["item"] == item.key], origins.index, item.limit)
        for item in items
    }
    for row, home, item in far:
        k = homes.index(home)
        place, cost = walks[item.key].facility[k], float(walks[item.key].cost[k])
        if place is None or place != place:  # noqa: PLR0124 - NaN
            place = _straight_nearest(card, home, matches, item)
        yield _Asked(row, home, place, cost, item.limit.most)


def _straight_nearest(card: Scorecard, home: int, matches: pd.DataFrame, item: Item) -> Any:
    """Give the place that is nearest as the crow flies, where none can be walked to."""
    labels = list(dict.fromkeys(matches.loc[matches["item"] == item.key, "facility"]))
    shapes = card.facilities.geometry.loc[labels].to_crs(card.network.crs)
    here = card.origins.geometry.iloc[[home]].to_crs(card.network.crs).iloc[0]
    return labels[int(np.argmin(shapely.distance(np.asarray(shapes.array, dtype=object), here)))]


def _by_part(made: gpd.GeoDataFrame, card: Scorecard, by: By) -> pd.DataFrame:
    """Rank items by part, with what mostly stands in the way."""
    table = ranked(made, card, by)
    rows = with_parts(made, card, by)
    groups = rows.groupby(["part", "item"], sort=False, dropna=False)
    people = rows["residents_without"].fillna(0.0) + 1e-9
    most = rows.assign(people=people).groupby(["part", "item", "in_the_way"])["people"].sum()
    first = most.sort_values(ascending=False, kind="stable").reset_index()
    word = first.drop_duplicates(["part", "item"]).set_index(["part", "item"])["in_the_way"]
    keys = pd.MultiIndex.from_frame(table[["part", "item"]])
    table["minutes_short"] = groups["minutes_short"].median().reindex(keys).to_numpy()
    table["in_the_way"] = word.reindex(keys).to_numpy()
    table["enough"] = groups["enough"].sum().reindex(keys).to_numpy(dtype=int)
    return table
