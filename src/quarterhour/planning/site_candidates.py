"""Where new places could be: junctions, the middles of areas, rooms that became free, or given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.planning.location_problem import Sites
from quarterhour.planning.proposal import Proposal
from quarterhour.planning.sound import require_places
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.scoring.service import valid_in
from quarterhour.streets.network import WalkNetwork

SPACING_M = 150.0
"""Candidates on the streets: at most one junction in a square of this side."""

WORDS = ("streets", "areas", "vacated")
"""Candidates that are found by themselves."""


def candidates_of(card: Scorecard, given: Any) -> gpd.GeoDataFrame:
    """Give the candidates: those that were given, or those that a word says.

    Raises
    ------
    InputError
        If it is no table with a CRS and no such word, or there is none of them.
    DatumError
        If it is a table in China whose datum is not declared.
    """
    if given is None:
        return street_candidates(card.network)
    if isinstance(given, str):
        found = {
            "streets": lambda: street_candidates(card.network),
            "areas": lambda: area_candidates(card),
            "vacated": lambda: vacated_candidates(card),
        }.get(given)
        if found is None:
            msg = f"candidates={given!r} is none of {', '.join(WORDS)}: or give a table of places."
            raise InputError(msg)
        return found()
    if not isinstance(given, gpd.GeoDataFrame):
        kind = type(given).__name__
        msg = f"Candidates are a GeoDataFrame or one of {', '.join(WORDS)}, not {kind}."
        raise InputError(msg)
    require_places(given, "Candidates")
    if len(given) == 0:
        msg = "The table of candidates is empty: there is not one place in it."
        raise InputError(msg)
    missing = given.geometry.isna() | given.geometry.is_empty
    if missing.any():
        msg = (
            f"{int(missing.sum())} candidates have no place ({listed(given.index[missing])}): "
            "leave them out, or say where they are."
        )
        raise InputError(msg)
    return given


def street_candidates(network: WalkNetwork, spacing_m: float = SPACING_M) -> gpd.GeoDataFrame:
    """Junctions of the best connected streets, at most one in each square of a grid."""
    degree = np.bincount(network.edge_nodes.ravel(), minlength=network.n_nodes)
    nodes = np.flatnonzero(network.component == 0)
    square = np.floor(network.node_xy[nodes] / spacing_m).astype(np.int64)
    # In each square the junction of most streets stands for all, of several the first.
    order = np.lexsort((nodes, -degree[nodes]))
    _, first = np.unique(square[order], axis=0, return_index=True)
    kept = np.sort(nodes[order[first]])
    points = shapely.points(network.node_xy[kept])
    return gpd.GeoDataFrame({"node": kept}, geometry=points, crs=network.crs)


def area_candidates(card: Scorecard) -> gpd.GeoDataFrame:
    """A point in the middle of each area, labelled as the area: a room inside the compound."""
    places = card.areas.geometry.to_crs(card.network.crs)
    names = card.areas.get("name", "")
    middle = places.centroid
    points = middle.where(
        places.contains(middle) | (places.area == 0), places.representative_point()
    )
    table = gpd.GeoDataFrame({"name": names}, geometry=points, index=card.areas.index)
    table.attrs["datum"] = card.areas.attrs.get("datum")
    return table


def vacated_candidates(card: Scorecard) -> gpd.GeoDataFrame:
    """Premises whose place has closed: facilities whose ``valid_to`` has passed.

    Raises
    ------
    InputError
        If the facilities do not say how long they are valid, or none has closed.
    """
    to = Proposal.of(card)
    table = to.facilities
    if "valid_to" not in table:
        msg = (
            "No facility says until when it was there (a column valid_to, 停用日期), so nobody "
            "knows which premises are vacated: give them as a table of candidates."
        )
        raise InputError(msg)
    closed = ~valid_in(table[["valid_to"]], to.question.rules.days, [])
    if not closed.any():
        msg = "No facility has closed by its valid_to: there are no vacated premises."
        raise InputError(msg)
    return table[closed]


def sites_of(places: gpd.GeoDataFrame, budget: float | None = None) -> Sites:
    """Read which candidates have to be opened, which may not, and what each costs.

    Raises
    ------
    InputError
        If there is a budget and no price, or a price is no number of at least 0.
    """
    none = pd.Series(data=False, index=places.index)
    flags = [places.get(name, none).fillna(value=False) for name in ("required", "forbidden")]
    required, forbidden = (np.asarray(flag, dtype=bool) for flag in flags)
    price = _prices(places)
    if budget is None:
        return Sites(required, forbidden, price)
    if price is None:
        msg = "A budget needs prices: give the candidates a column 'price'."
        raise InputError(msg)
    needed = float(price[required].sum())
    if not budget >= needed or not budget < np.inf:
        msg = f"A budget of {budget:g} does not pay for the required candidates ({needed:g})."
        raise InputError(msg)
    return Sites(required, forbidden, price, float(budget))


def _prices(places: gpd.GeoDataFrame) -> Floats | None:
    if "price" not in places:
        return None
    price = pd.to_numeric(places["price"], errors="coerce").to_numpy(dtype=float)
    bad = ~(np.isfinite(price) & (price >= 0))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        row, told = places.index[first], places["price"].tolist()[first]
        msg = (
            f"The price of candidate {row!r} is {told!r}: give each of the "
            f"{len(places)} candidates a number of at least 0."
        )
        raise InputError(msg)
    return np.asarray(price, dtype=np.float64)


def group_weights(card: Scorecard, weights: Mapping[str, float]) -> Floats:
    """Weigh homes by groups: people in columns of the areas, each person counting so much.

    Raises
    ------
    InputError
        If a column is missing or holds no numbers, or a weight is none.
    """
    origins = card.origins
    total = np.zeros(len(origins))
    row = card.areas.index.get_indexer(origins["area"])
    for column, weight in weights.items():
        if column not in card.areas:
            numbers = card.areas.select_dtypes("number").columns
            msg = (
                f"The areas have no column {column!r} to weigh people by; their columns of "
                f"numbers are {', '.join(map(str, numbers)) or 'none'}."
            )
            raise InputError(msg)
        people = pd.to_numeric(card.areas[column], errors="coerce").to_numpy(dtype=float)
        if not (np.isfinite(people).all() and (people >= 0).all()):
            msg = f"Column {column!r} of the areas has to hold a number of people for each area."
            raise InputError(msg)
        if not 0 <= weight < np.inf:
            msg = f"A person of {column!r} cannot count {weight!r}: give a weight of at least 0."
            raise InputError(msg)
        total += weight * people[row] * origins["share"].to_numpy(dtype=float)
    again = origins.get("again", pd.Series(data=False, index=origins.index)).to_numpy(dtype=bool)
    return np.where(again, 0.0, total)
