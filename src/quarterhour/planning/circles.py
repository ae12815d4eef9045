"""Service circles: which communities belong together, around which centre."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints
from quarterhour.errors import InputError
from quarterhour.planning.circle_ground import Neighbours, neighbours, pieces
from quarterhour.planning.circle_inputs import (
    Prepared,
    Reach,
    border_codes,
    people_of,
    prepared,
    why_not,
)
from quarterhour.planning.circle_programme import AWAY, Assigned, Sizes, assign
from quarterhour.planning.circle_tables import circle_table, member_table, standing
from quarterhour.planning.location_problem import Plan
from quarterhour.planning.sound import is_above_zero, require_scorecard, told_number
from quarterhour.scoring.scorecard import Scorecard

TIME_LIMIT_S = 45.0


@dataclass(frozen=True)
class CircleTerms:
    """What else circles are held to.

    Attributes
    ----------
    borders
        Column of the areas that says in which street office (街道) or district each lies: no
        circle has members of two. Not given: circles cross them.
    time_limit_s
        How long proof is looked for. It ends before when 0.5 % is proven, and then the same
        input gives the same circles on any machine.
    """

    borders: str | None = None
    time_limit_s: float = TIME_LIMIT_S


REASONS = {
    "residents_unknown": "nobody knows how many live there",
    "not_snapped": "the homes lie too far from any street",
    "no_centre_within_limit": "no possible centre is within the limit on foot",
    "too_few_within_limit": "too few residents live within the limit of any possible centre",
    "circles_full": "the circles within reach have no room for them",
    "not_connected": "they do not hang together with any circle on the streets",
    "no_circle_near": "beside the other circles too few are left there for one of their own",
}
"""Why residents are in no circle."""


@dataclass(frozen=True, eq=False, repr=False)
class Circles:
    """Service circles, who is in them and who is not, and how good they are known to be.

    Attributes
    ----------
    circles
        One row per circle: ``circle`` (1, 2 …), ``centre`` (label of the candidate or of the
        given centre), ``given``, ``pieces`` (1: its members hang together on the streets; more
        only where it would be too small without the others), ``residents``, ``areas`` (how many
        have residents in it),
        ``mean_minutes`` and ``longest_minutes`` on foot to the centre, ``items`` (met in at
        least one of its areas), ``items_missing`` (unmet in all), ``items_unknown``, and
        ``outside`` ("below" where fewer live in it than was asked: only around given
        centres); geometry: the ground around the homes.
    centres
        The same circles at their centres, as points.
    members
        One row per area and circle: ``area``, ``name``, ``circle``, ``residents``, ``share``
        of the area's residents, ``mean_minutes``, ``longest_minutes``.
    left_out
        Residents in no circle: ``area``, ``name``, ``residents`` (NaN: unknown), ``homes``,
        ``reason`` (a key of ``REASONS``) and ``why``.
    homes
        One row per home and circle: ``origin``, ``area``, ``circle``, ``residents``,
        ``minutes``.
    asked
        What was asked for, by name.
    value, bound
        Resident-minutes of the circles and what no circles can better, of these communities'
        parts and these candidates: all walks to the centres, each resident in none counted as
        twice the limit, and a minute for each resident by whom a circle misses the size asked
        for. Residents whom no centre can take are in neither.
    card
        The scorecard that was asked.
    """

    circles: gpd.GeoDataFrame
    centres: gpd.GeoDataFrame
    members: pd.DataFrame
    left_out: pd.DataFrame
    homes: pd.DataFrame
    asked: dict[str, float]
    value: float
    bound: float
    card: Scorecard

    @property
    def gap(self) -> float:
        """How far the circles may be from the best ones, as a share of their value."""
        return Plan(np.zeros(0, dtype=np.int64), self.value, self.bound).gap

    @property
    def assignments(self) -> pd.DataFrame:
        """Community and circle, for :func:`quarterhour.designation_coverage`."""
        columns = {"area": "community"}
        return self.members[["area", "circle"]].rename(columns=columns)

    def __repr__(self) -> str:
        inside = float(self.circles["residents"].sum())
        total = inside + float(self.left_out["residents"].sum())
        mean = float((self.homes["residents"] * self.homes["minutes"]).sum()) / max(inside, 1e-9)
        unknown = int(self.left_out["residents"].isna().sum())
        said = f"; residents of {unknown} areas unknown" if unknown else ""
        return (
            f"<Circles: {len(self.circles)} of {self.asked['at_least']:,.0f} to "
            f"{self.asked['at_most']:,.0f} residents; {inside:,.0f} of {total:,.0f} in one "
            f"({inside / max(total, 1e-9):.1%}), mean walk {mean:.1f} min; "
            f"at most {self.gap:.2%} from the best{said}>"
        )


def circles(
    card: Scorecard,
    residents: float = 15_000,
    *,
    at_least: float = 12_000,
    at_most: float = 20_000,
    limit: float = 15,
    candidates: gpd.GeoDataFrame | None = None,
    centres: gpd.GeoDataFrame | None = None,
    terms: CircleTerms | None = None,
) -> Circles:
    """Say which communities belong to which service circle (服务圈).

    Every resident of a circle walks to its centre within the limit, on the streets and by the
    walker of the scorecard; its members hang together on the streets (the streets that are
    nearest to them meet). Communities of at most half of ``at_least`` residents stay whole if
    their homes lie within 500 m; a large one may be divided between circles. Whoever can be in
    no circle is named with the reason.

    Parameters
    ----------
    card
        The scorecard; its areas need ``residents`` (where nobody has counted:
        :func:`quarterhour.residents_by_floor_area`). An area without a number is left out and
        named.
    residents, at_least, at_most
        How many should live in a circle, and may.
    limit
        Minutes on foot from each home to the centre.
    candidates
        Where a centre may be, with a CRS; ``required`` and ``forbidden`` (bool) are kept to.
        Not given: junctions of the streets, one in a square of 300 m (or larger).
    centres
        Centres that there are (stations): each keeps a circle, even where fewer than
        ``at_least`` are in it, which is then said.
    terms
        Borders that no circle crosses, and how long proof is looked for.

    Returns
    -------
    Circles

    Raises
    ------
    InputError
        If the sizes contradict each other, no number of residents is known, or no centre has
        enough residents within the limit: the sentence says how many there are.
    DatumError
        If candidates or centres lie in China and their datum is not declared.

    Notes
    -----
    A home in two areas, one in the other, counts once: in the smaller.
    """
    require_scorecard(card, "circles")
    require_sizes(residents, at_least, at_most, limit)
    people, reasons = np.array(people_of(card), dtype=float), why_not(card)
    sizes = Sizes(float(residents), float(at_least), float(at_most), AWAY * limit)
    terms = CircleTerms() if terms is None else terms
    reach = Reach(sizes, float(limit), border_codes(card, terms.borders))
    made = prepared(card, (candidates, centres), people, reasons, reach)
    known = neighbours(card, made.homes, made.units)
    done = assign(made.units, made.sites, sizes, terms.time_limit_s, known)
    if not np.isfinite(done.value):
        msg = "No circles were found in time: give more time, fewer candidates or a larger area."
        raise InputError(msg)
    asked = {"residents": residents, "at_least": at_least, "at_most": at_most, "limit": limit}
    return _told(card, made, done, people, asked, known)


def require_sizes(residents: float, at_least: float, at_most: float, limit: float) -> None:
    """See that sizes and limit do not contradict each other.

    Raises
    ------
    InputError
        If they do.
    """
    sound = all(is_above_zero(one) for one in (at_least, residents, at_most))
    if not (sound and at_least <= residents <= at_most):
        least, most, asked = map(told_number, (at_least, at_most, residents))
        msg = (
            f"A circle of {least} to {most} residents cannot have {asked}: "
            "give 0 < at_least <= residents <= at_most."
        )
        raise InputError(msg)
    if not is_above_zero(limit):
        msg = f"limit={told_number(limit)} is no walk: give minutes above 0, such as 15."
        raise InputError(msg)


def _told(
    card: Scorecard,
    made: Prepared,
    done: Assigned,
    people: Floats,
    asked: dict[str, float],
    known: Neighbours,
) -> Circles:
    number = np.zeros(len(made.places), dtype=np.int64)
    number[done.opened] = np.arange(1, len(done.opened) + 1)
    homes = _homes(card, made, done, number)
    reasons = _why_left(made, made.reasons, number, done.loose)
    left = people.copy()
    np.subtract.at(left, homes["row"].to_numpy(), homes["residents"].to_numpy())
    homes = homes.drop(columns="row")
    opened = made.places.iloc[done.opened]
    told = gpd.GeoDataFrame(
        {"circle": number[done.opened], "centre": opened["label"].to_numpy()},
        geometry=shapely.centroid(opened.geometry.array),
        crs=opened.crs,
    )
    told.insert(2, "given", made.given[done.opened])
    told.insert(3, "pieces", [_pieces(made, done, centre, known) for centre in done.opened])
    ground, table = circle_table(card, told, homes, asked["at_least"])
    return Circles(
        circles=ground,
        centres=table,
        members=member_table(card, homes),
        left_out=_left_out(card, left, reasons),
        homes=homes,
        asked=asked,
        value=done.value,
        bound=done.bound,
        card=card,
    )


def _homes(card: Scorecard, made: Prepared, done: Assigned, number: Ints) -> pd.DataFrame:
    """One row per home and circle, with residents and minutes."""
    units, taken = made.units, np.flatnonzero(done.share > 0)
    pairs = pd.DataFrame(
        {
            "unit": units.pair_unit[taken],
            "site": units.pair_centre[taken],
            "part": done.share[taken],
        }
    )
    homes = pd.DataFrame({"home": np.arange(len(units.unit)), "unit": units.unit})
    walked = pd.DataFrame(
        {"home": made.walks.home, "site": made.walks.candidate, "minutes": made.walks.cost / 60.0}
    )
    rows = homes.merge(pairs, on="unit").merge(walked, on=["home", "site"])
    rows = rows.sort_values(["home", "site"], kind="stable", ignore_index=True)
    row = made.homes.home[rows["home"]]
    return pd.DataFrame(
        {
            "row": row,
            "origin": card.origins.index.take(row),
            "area": card.origins["area"].to_numpy()[row],
            "circle": number[rows["site"]],
            "residents": made.homes.residents[rows["home"]] * rows["part"].to_numpy(),
            "minutes": rows["minutes"].to_numpy(),
        }
    )


def _pieces(made: Prepared, done: Assigned, centre: int, known: Neighbours) -> int:
    """How many pieces a circle has on the streets."""
    mine = made.units.pair_unit[(made.units.pair_centre == centre) & (done.share > 0)]
    return len(pieces(mine, known)) if len(mine) else 0


def _why_left(made: Prepared, reasons: pd.Series[str], number: Ints, loose: Ints) -> pd.Series[str]:
    """Say why units that could be in a circle are in none, or not wholly."""
    units = made.units
    near = np.zeros(len(units.residents), dtype=bool)
    near[units.pair_unit[number[units.pair_centre] > 0]] = True
    words = np.where(near, "circles_full", "no_circle_near").astype(object)
    words[loose] = "not_connected"
    reasons = reasons.copy()
    reasons[reasons.index[made.homes.home]] = words[units.unit]
    return reasons


def _left_out(card: Scorecard, left: Floats, reasons: pd.Series[str]) -> pd.DataFrame:
    """Add up by area and reason who is in no circle; nobody is dropped."""
    unknown = (reasons == "residents_unknown").to_numpy()
    out = (left > 1e-6 * np.maximum(1.0, left.sum() * 1e-3)) | unknown
    table = pd.DataFrame(
        {
            "area": card.origins["area"].to_numpy()[out],
            "reason": reasons.to_numpy()[out],
            "residents": np.where(unknown, np.nan, left)[out],
        }
    )
    grouped = table.groupby(["area", "reason"], sort=False)["residents"]
    counted = {"residents": grouped.sum(min_count=1), "homes": grouped.size()}
    told = pd.DataFrame(counted).reset_index()
    told.insert(1, "name", standing(card, told["area"]))
    told["why"] = told["reason"].map(REASONS)
    columns = ["area", "name", "residents", "homes", "reason", "why"]
    return told[columns].sort_values("residents", ascending=False, kind="stable", ignore_index=True)
