"""Designated circles in the terms of walking: who belongs to one, and who can walk to it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.errors import InputError, QuarterhourWarning
from quarterhour.places.given import check_walked_datum
from quarterhour.planning.circle_inputs import people_of
from quarterhour.planning.circle_tables import items_of, member_table, standing
from quarterhour.planning.circles import Circles
from quarterhour.planning.published import designation_coverage
from quarterhour.planning.site_walks import walks_to_candidates
from quarterhour.planning.sound import require_scorecard
from quarterhour.scoring.scorecard import Scorecard

HORIZON = 60.0
"""Minutes beyond which a walk to a centre is not measured any more."""


@dataclass(frozen=True, eq=False, repr=False)
class JudgedCircles:
    """What designated circles are worth on foot.

    Attributes
    ----------
    circles
        One row per circle: ``circle``, ``areas``, ``residents``, ``mean_minutes`` and
        ``longest_minutes`` to its centre (of those within an hour; NaN without a centre),
        ``within`` and ``beyond`` (residents within the limit of the centre and not; NaN
        without a centre), ``shared`` (residents who belong to another circle too), ``items``,
        ``items_missing``, ``items_unknown``.
    members
        One row per area and circle: ``area``, ``name``, ``circle``, ``residents``, ``share``,
        ``mean_minutes``, ``longest_minutes``.
    left_out
        Areas that belong to no circle, with their residents.
    coverage
        In the form of :func:`quarterhour.coverage`: ``designation`` (the official measure),
        ``own_centre`` (residents within the limit of the centre of a circle of theirs) and
        ``any_centre`` (residents within the limit of any centre).
    limit
        Minutes on foot to a centre.
    """

    circles: pd.DataFrame
    members: pd.DataFrame
    left_out: pd.DataFrame
    coverage: pd.DataFrame
    limit: float

    def __repr__(self) -> str:
        share = self.coverage.set_index("measure")["share"]
        own = share["own_centre"]
        walked = "centres unknown" if np.isnan(own) else f"{own:.1%} of residents walk there"
        return (
            f"<JudgedCircles: {len(self.circles)}; {share['designation']:.1%} of areas belong to "
            f"one, {walked} within {self.limit:g} min>"
        )


def judge_circles(
    circles: Circles | pd.DataFrame, card: Scorecard, *, limit: float | None = None
) -> JudgedCircles:
    """Judge circles that were designated, or planned, by the walks of a scorecard.

    Parameters
    ----------
    circles
        One row per community and circle, in columns ``community`` (index label of the area) and
        ``circle``; the geometry, where it is a GeoDataFrame, is the centre of the row's circle,
        as a point, or empty where nobody knows it. Or what :func:`quarterhour.circles` gives.
    card
        The scorecard; its areas need ``residents``.
    limit
        Minutes on foot to the centre; 15, or that of the circles.

    Returns
    -------
    JudgedCircles

    Raises
    ------
    InputError
        If a column is missing, no community of the table is in the scorecard, a circle has two
        centres, or no number of residents is known.
    DatumError
        If the centres lie in China and their datum is not declared.
    """
    require_scorecard(card, "judge_circles")
    _require_circles(circles)
    people = people_of(card)
    if isinstance(circles, Circles):
        minutes = float(circles.asked["limit"]) if limit is None else float(limit)
        pairs, centres = circles.assignments, circles.centres.set_index("circle").geometry
    else:
        minutes = 15.0 if limit is None else float(limit)
        pairs, centres = _pairs(circles, card), _centres(circles)
    if not 0 < minutes < np.inf:
        msg = f"limit={minutes:g} is no walk: give minutes above 0, such as 15."
        raise InputError(msg)
    homes, near = _walks(card, pairs, centres, people)
    if isinstance(circles, Circles):
        homes = circles.homes.copy()
    designated = designation_coverage(card.areas, pairs)
    return JudgedCircles(
        circles=_judged(card, pairs, homes, set(centres.index), minutes),
        members=member_table(card, homes),
        left_out=_in_none(card, pairs),
        coverage=pd.concat(
            [designated, _on_foot(card, homes, near, people, minutes)], ignore_index=True
        ),
        limit=minutes,
    )


def _require_circles(circles: Any) -> None:
    if not isinstance(circles, Circles | pd.DataFrame):
        msg = (
            "The circles are what quarterhour.circles gives, or a table of one row per community "
            f"and circle, not {type(circles).__name__}."
        )
        raise InputError(msg)


def _pairs(table: pd.DataFrame, card: Scorecard) -> pd.DataFrame:
    if missing := [name for name in ("community", "circle") if name not in table]:
        msg = (
            f"The table of circles has no column {' and no column '.join(missing)}: it needs one "
            "row per community and circle."
        )
        raise InputError(msg)
    told = pd.DataFrame(table[["community", "circle"]])
    pairs = told.dropna().drop_duplicates()
    if empty := int(told.isna().any(axis=1).sum()):
        warnings.warn(
            f"{empty} rows of the table of circles name no community, or no circle: they do not "
            "count.",
            QuarterhourWarning,
            stacklevel=3,
        )
    if len(pairs) == 0:
        msg = "The table of circles is empty: it needs one row per community and circle."
        raise InputError(msg)
    if not pairs["community"].isin(card.areas.index).any():
        some = ", ".join(map(repr, pairs["community"].head(3)))
        msg = (
            f"None of the communities of the circles ({some}) is an area of the scorecard (such "
            f"as {card.areas.index[0]!r}): use the index labels of the areas."
        )
        raise InputError(msg)
    return pairs.reset_index(drop=True)


def _centres(table: pd.DataFrame) -> gpd.GeoSeries:
    """The centre of each circle that has one."""
    if not isinstance(table, gpd.GeoDataFrame):
        return gpd.GeoSeries([], crs=4326)
    if table.crs is None:
        msg = "The centres of the circles name no CRS: set it with set_crs."
        raise InputError(msg)
    check_walked_datum(table, "centres of the circles")
    shapes = table.geometry
    known = table[~(shapes.isna() | shapes.is_empty) & table["circle"].notna()]
    if not known.geometry.geom_type.eq("Point").all():
        msg = "The geometry of the circles has to be their centres, as points."
        raise InputError(msg)
    places = known.groupby("circle", sort=True).geometry.agg(lambda s: s.to_wkb().nunique())
    if (places > 1).any():
        msg = f"Circle {places.idxmax()!r} has {places.max()} centres: give it one."
        raise InputError(msg)
    return known.drop_duplicates("circle").set_index("circle").geometry.sort_index()


def _walks(
    card: Scorecard, pairs: pd.DataFrame, centres: gpd.GeoSeries, people: pd.Series[float]
) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Homes of each circle with their walk to its centre, and each home's to the nearest."""
    origins = card.origins
    homes = pd.DataFrame({"origin": origins.index, "area": origins["area"].to_numpy()})
    homes["residents"] = people.to_numpy()
    homes = pairs.rename(columns={"community": "area"}).merge(homes, on="area")
    nearest = pd.Series(np.nan, index=origins.index)
    if len(centres) == 0:
        return homes.assign(minutes=np.nan), nearest
    spots = gpd.GeoDataFrame(geometry=centres)
    found = walks_to_candidates(card, spots, HORIZON * 60.0)
    walked = pd.DataFrame(
        {
            "origin": origins.index.take(found.home),
            "circle": centres.index.take(found.candidate),
            "minutes": found.cost / 60.0,
        }
    )
    nearest = walked.groupby("origin")["minutes"].min().reindex(origins.index)
    return homes.merge(walked, on=["origin", "circle"], how="left"), nearest


def _judged(
    card: Scorecard,
    pairs: pd.DataFrame,
    homes: pd.DataFrame,
    with_centre: set[object],
    limit: float,
) -> pd.DataFrame:
    count = homes[homes["residents"] > 0].groupby("origin")["circle"].transform("nunique")
    shared = homes["residents"].where(count.reindex(homes.index).gt(1), 0.0)
    rows = []
    for circle, mine in pairs.groupby("circle", sort=True):
        here = homes[homes["circle"] == circle]
        people = here["residents"].to_numpy(dtype=float)
        minutes = here["minutes"].to_numpy(dtype=float)
        reached = np.isfinite(minutes) & (people > 0)
        total, walkers = float(people.sum()), float(people[reached].sum())
        within = float(people[minutes <= limit].sum()) if circle in with_centre else np.nan
        mean = float(people[reached] @ minutes[reached]) / walkers if walkers else np.nan
        longest = float(minutes[reached].max()) if reached.any() else np.nan
        own = float(shared[here.index].sum())
        items = items_of(card, mine["community"])
        rows.append((circle, len(mine), total, mean, longest, within, total - within, own, *items))
    columns = ["circle", "areas", "residents", "mean_minutes", "longest_minutes", "within"]
    columns += ["beyond", "shared", "items", "items_missing", "items_unknown"]
    return pd.DataFrame(rows, columns=columns)


def _in_none(card: Scorecard, pairs: pd.DataFrame) -> pd.DataFrame:
    out = card.areas.index[~card.areas.index.isin(pairs["community"])]
    table = pd.DataFrame({"area": out})
    table["name"] = standing(card, table["area"])
    table["residents"] = card.summary()["residents"].reindex(out).to_numpy()
    return table


def _on_foot(
    card: Scorecard,
    homes: pd.DataFrame,
    nearest: pd.Series[float],
    people: pd.Series[float],
    limit: float,
) -> pd.DataFrame:
    """Residents who walk to the centre of a circle of theirs, or to any, within the limit."""
    total = float(people.sum())
    known = bool(nearest.notna().any())
    own = homes.groupby("origin")["minutes"].min().reindex(people.index)
    rows = []
    for measure, minutes in (("own_centre", own), ("any_centre", nearest)):
        reached = float(people[minutes <= limit].sum())
        share = reached / total if known else np.nan
        unknown = int(card.areas["residents"].isna().sum()) if "residents" in card.areas else 0
        rows.append(
            {
                "measure": measure,
                "item": "all",
                "share": share,
                "numerator": reached if known else np.nan,
                "denominator": total,
                "unknown": unknown,
                "unit": "residents",
                "share_at_least": share,
                "share_at_most": share,
            }
        )
    return pd.DataFrame(rows)
