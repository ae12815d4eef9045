"""What circles are made from: residents, possible centres, walks to them, units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.planning.circle_programme import Sizes
from quarterhour.planning.circle_units import Homes, Limits, Units, units_of
from quarterhour.planning.location_problem import Sites, Walks
from quarterhour.planning.site_candidates import sites_of, street_candidates
from quarterhour.planning.site_walks import walks_to_candidates
from quarterhour.planning.sound import require_places
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.snap import start_positions

SPACING_M = 300.0
"""Centres of their own accord: junctions, at most one in a square of this side."""

MOST_PAIRS = 12_000
"""With more pairs of unit and centre the squares are made larger, so that proof can be had."""

WHOLE, PARTS = 2, 8
"""A community of at most ``at_least`` residents / 2 stays whole; parts of others have / 8."""


class Reach(NamedTuple):
    """How large circles are, how far members walk, and the district of each area if it binds."""

    sizes: Sizes
    limit: float
    border: Ints | None = None


@dataclass(frozen=True, eq=False)
class Prepared:
    """Candidates and what is said of them, the homes that can be in a circle, their units."""

    places: gpd.GeoDataFrame
    given: Mask
    sites: Sites
    walks: Walks
    homes: Homes
    units: Units
    reasons: pd.Series[str]


def people_of(card: Scorecard) -> pd.Series[float]:
    """Residents of each home: one counted before has none, and neither has an unknown one.

    Raises
    ------
    InputError
        If no area has a number of residents.
    """
    origins = card.origins
    known = origins["residents"].astype(float)
    if not known.sum() > 0:
        msg = (
            "No area has a number of residents: add a column residents, or estimate it with "
            "residents_by_floor_area(areas, buildings) before assess."
        )
        raise InputError(msg)
    again = origins.get("again", pd.Series(data=False, index=origins.index)).to_numpy(dtype=bool)
    once: pd.Series[float] = known.fillna(0.0).where(~again, 0.0)
    return once


def why_not(card: Scorecard) -> pd.Series[str]:
    """Say of homes that can be in no circle why, before any centre is looked at."""
    origins, network = card.origins, card.network
    reasons = pd.Series("", index=origins.index, dtype=object)
    if card.question is not None:
        positions = start_positions(origins, network, card.question.snap_limit_m)
        lost = np.ones(len(origins), dtype=bool)
        lost[positions.row] = False
        reasons[lost] = "not_snapped"
    reasons[origins["residents"].isna()] = "residents_unknown"
    return reasons


def prepared(
    card: Scorecard,
    where: tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None],
    people: Floats,
    reasons: pd.Series[str],
    asked: Reach,
) -> Prepared:
    """Find walks to the candidates and make units; fewer candidates where pairs are too many."""
    candidates, centres = where
    spacing_m, most_m = SPACING_M, 2 * SPACING_M
    while True:
        places = candidates
        if places is None:
            places = street_candidates(card.network, spacing_m)
        made = _with_places(card, places, centres, people, reasons, asked)
        few = len(made.units.pair_unit) <= MOST_PAIRS
        if few or candidates is not None or spacing_m * 1.2 > most_m:
            return made
        spacing_m *= 1.2


def _with_places(
    card: Scorecard,
    candidates: gpd.GeoDataFrame,
    centres: gpd.GeoDataFrame | None,
    people: Floats,
    reasons: pd.Series[str],
    asked: Reach,
) -> Prepared:
    sizes, limit, border = asked
    reasons = reasons.copy()
    places, given = _together(card, candidates, centres)
    sites = sites_of(places)
    sites = Sites(sites.required | given, sites.forbidden & ~given)
    walks = walks_to_candidates(card, places, limit * 60.0)
    lived = (people > 0) & ~np.isnan(people)
    walks = walks.take(lived[walks.home] & ~sites.forbidden[walks.candidate])
    if border is not None:
        copies, walks = _within_borders(card, (places, given), walks, border)
        places, given = places.iloc[copies].reset_index(drop=True), given[copies]
        sites = Sites(sites.required[copies], sites.forbidden[copies])
    within = np.bincount(walks.candidate, weights=people[walks.home], minlength=len(places))
    enough = within >= sizes.at_least
    if not (enough | sites.required).any():
        msg = (
            f"No circle can be made: at most {within.max():,.0f} residents live within {limit:g} "
            f"minutes of any of {len(places):,} possible centres, and a circle needs "
            f"{sizes.at_least:,.0f}: lower at_least, raise limit, or give other candidates."
        )
        raise InputError(msg)
    near = np.zeros(len(people), dtype=bool)
    near[walks.home] = True
    walks = walks.take((enough | sites.required)[walks.candidate])
    can = np.unique(walks.home)
    none = np.asarray(lived & ~near & (reasons != "residents_unknown").to_numpy())
    reasons[none & (reasons == "").to_numpy()] = "no_centre_within_limit"
    few = near.copy()
    few[can] = False
    reasons[few] = "too_few_within_limit"
    xy = shapely.get_coordinates(shapely.centroid(card.origins.geometry.array))
    area = card.areas.index.get_indexer(card.origins["area"])
    homes = Homes(can, area[can], people[can], xy[can])
    mine = Walks(np.searchsorted(can, walks.home), walks.candidate, walks.cost, len(places))
    units = units_of(homes, mine, Limits(sizes.at_least / WHOLE, sizes.at_least / PARTS))
    return Prepared(places, given, sites, mine, homes, units, reasons)


def border_codes(card: Scorecard, column: str | None) -> Ints | None:
    """Number the districts that a column of the areas names, area by area.

    Raises
    ------
    InputError
        If there is no such column, or an area is in none.
    """
    if column is None:
        return None
    if column not in card.areas:
        msg = (
            f"borders={column!r}: the areas have no such column; they have "
            f"{', '.join(map(str, card.areas.columns.drop(card.areas.geometry.name)))}."
        )
        raise InputError(msg)
    codes, _ = pd.factorize(card.areas[column])
    if (codes < 0).any():
        lost = card.areas.index[codes < 0]
        msg = (
            f"borders={column!r}: {len(lost)} areas are in no district ({listed(lost)}): say in "
            "which each of them lies."
        )
        raise InputError(msg)
    return np.asarray(codes, dtype=np.int64)


def _within_borders(
    card: Scorecard, where: tuple[gpd.GeoDataFrame, Mask], walks: Walks, border: Ints
) -> tuple[Ints, Walks]:
    """Make of each centre one for every district that walks to it; a given one has its own."""
    places, given = where
    code = border[card.areas.index.get_indexer(card.origins["area"])][walks.home]
    own = _district_of(card, places, border)
    stays = ~given[walks.candidate] | (code == own[walks.candidate])
    walks, code = walks.take(stays), code[stays]
    both = np.column_stack([walks.candidate, code])
    alone = np.setdiff1d(np.flatnonzero(given), walks.candidate)  # nobody walks there
    pairs = np.concatenate([both, np.column_stack([alone, own[alone]])])
    kinds, number = np.unique(pairs, axis=0, return_inverse=True)
    number = number.ravel()[: len(both)]
    return kinds[:, 0], Walks(walks.home, number, walks.cost, len(kinds))


def _district_of(card: Scorecard, places: gpd.GeoDataFrame, border: Ints) -> Ints:
    """The district of the area that is nearest to each place."""
    shapes = np.asarray(card.areas.geometry.to_crs(places.crs).array, dtype=object)
    at = np.asarray(places.geometry.array, dtype=object)
    near = shapely.STRtree(shapes).query_nearest(at, all_matches=False)[1]
    return np.asarray(border[near], dtype=np.int64)


def _together(
    card: Scorecard, candidates: gpd.GeoDataFrame, centres: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame, Mask]:
    """Given centres first, then the candidates, in the CRS of the streets."""
    crs = card.network.crs
    asked = {"Centres": centres, "Candidates": candidates}
    parts = [require_places(table, what) for what, table in asked.items() if table is not None]
    flat = [
        gpd.GeoDataFrame(
            pd.DataFrame(table.drop(columns=table.geometry.name)),
            geometry=table.geometry.to_crs(crs).to_numpy(),
            crs=crs,
        )
        for table in parts
    ]
    label = np.concatenate([table.index.to_numpy(dtype=object) for table in flat])
    places = gpd.GeoDataFrame(pd.concat(flat, ignore_index=True), crs=crs)
    given = np.zeros(len(places), dtype=bool)
    if centres is not None:
        given[: len(centres)] = True
    return places.assign(label=label), given
