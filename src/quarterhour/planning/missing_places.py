"""Places that may exist and are not in the table: what they would be, and where."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from quarterhour.arrays import Ints
from quarterhour.planning.error_source import ErrorSource, World
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.classify import classify
from quarterhour.streets.compounds import closed_compounds, reached_by_gates
from quarterhour.streets.grounds import INSIDE, Grounds
from quarterhour.streets.positions import Placed, Positions
from quarterhour.streets.snap import placed_ends

FEW = 200
"""With fewer places in the table, missing ones may also stand where people live."""


OF = "site_of"
"""Column of sites: the label of the facility that is there; none at a home."""


def sites_of(card: Scorecard) -> gpd.GeoDataFrame:
    """Where missing places may be: where listed ones are, and at homes where these are few."""
    given = card.asked.facilities if card.asked else card.facilities
    where = [name for name in (given.geometry.name, "entrances", "exits") if name in given]
    sites = gpd.GeoDataFrame(given[where], geometry=where[0], crs=given.crs)
    sites = sites[~(sites.geometry.isna() | sites.geometry.is_empty)]
    sites = sites.assign(**{OF: np.asarray(sites.index, dtype=object)}).reset_index(drop=True)
    if len(sites) >= FEW:
        return sites
    points = shapely.point_on_surface(np.asarray(card.origins.geometry.to_crs(given.crs).array))
    homes = gpd.GeoDataFrame({where[0]: points}, geometry=where[0], crs=given.crs)
    homes[OF] = None
    for name in where[1:]:
        nowhere = np.full(len(homes), None, dtype=object)
        homes[name] = gpd.GeoSeries(nowhere, crs=getattr(given[name], "crs", None))
    return gpd.GeoDataFrame(
        pd.concat([sites, homes], ignore_index=True), geometry=where[0], crs=given.crs
    )


def walked_to(card: Scorecard, sites: gpd.GeoDataFrame, serving: pd.Index) -> Ints:
    """Give the row of the places walked to of each site: that of the facility there, or its own."""
    own = len(serving) + np.arange(len(sites))
    given = card.asked.facilities if card.asked else card.facilities
    if INSIDE in given:  # who walks on inside a place does not do so in another at its door
        return own
    there = serving.get_indexer(pd.Index(sites[OF], dtype=object))
    return np.where((there >= 0) & sites[OF].notna().to_numpy(), there, own)


def placed_sites(card: Scorecard, sites: gpd.GeoDataFrame) -> Placed:
    """Put the sites on the streets, as :func:`quarterhour.assess` puts facilities."""
    compounds = closed_compounds(card.areas, card.origins, card.network)
    reached, _ = reached_by_gates(sites, compounds, card.network)
    limit = card.question.snap_limit_m if card.question else 0.0
    return placed_ends(reached, card.network, limit)


def missing_places(
    sources: tuple[ErrorSource, ...], world: World, sites: Ints, seed: int
) -> pd.DataFrame:
    """Give ``source``, ``item`` and ``site`` of more places than any draw will find missing.

    So draws differ in which of them there are, and where.
    """
    rows = [pd.DataFrame({"source": [], "item": [], "site": []}, dtype=np.int64)]
    random = np.random.default_rng([seed, 0])
    listed = world.items["places"].to_numpy(dtype=np.int64)
    for number, source in enumerate(sources):
        if (least := source.fewest_listed(world)) is None or len(sites) == 0:
            continue
        most = listed * (1 - least) / least
        room = np.where(most > 0, np.ceil(2 * most + 8 * np.sqrt(most) + 12), 0).astype(np.int64)
        item = np.repeat(np.arange(len(listed)), room)
        site = sites[random.integers(len(sites), size=len(item))]
        rows.append(pd.DataFrame({"source": number, "item": item, "site": site}))
    return pd.concat(rows, ignore_index=True).astype(np.int64)


def columns_filled(card: Scorecard, items: Ints) -> pd.DataFrame:
    """Say which columns a place that is declared to be of an item fills, hosts included."""
    keys = pd.Index(card.checklist.keys())
    kinds = np.unique(items)
    if len(kinds) == 0:
        return pd.DataFrame({"item": [], "column": []}, dtype=np.int64)
    point = shapely.Point(0, 0)  # what a place is does not hang on where it is
    table = gpd.GeoDataFrame(
        {"item": keys[kinds]}, geometry=[point] * len(kinds), crs=card.network.crs
    )
    hosts = card.question is not None and card.question.mode == "function"
    found = classify(table, card.checklist, hosts=hosts)
    column = keys.get_indexer(pd.Index(found["item"]))
    column = column + len(keys) * (found["evidence"] == "host").to_numpy()
    return pd.DataFrame({"item": kinds[found["facility"].to_numpy(dtype=int)], "column": column})


def rows_of(card: Scorecard, sites: gpd.GeoDataFrame, extra: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rows of missing places for the table of facilities: declared to be what they are."""
    given = card.asked.facilities if card.asked else card.facilities
    rows = sites.drop(columns=OF).iloc[extra["site"].to_numpy()].copy()
    keys = np.array(card.checklist.keys(), dtype=object)
    rows["item"] = keys[extra["item"].to_numpy()]
    rows[INSIDE] = 0.0
    if card.question is not None and card.question.contracted_only:
        rows["contracted"] = True
    if card.question is not None and card.question.at is not None:
        rows["opening_hours"] = "24/7"
    label: Any = extra.index.to_numpy()
    if pd.api.types.is_integer_dtype(given.index.dtype):
        rows.index = pd.Index(label + int(given.index.max()) + 1, name=given.index.name)
    else:
        texts = [f"missing place {n}" for n in label]
        rows.index = pd.Index(texts, dtype=object, name=given.index.name)
    return rows


def together(one: Placed, other: Placed) -> Placed:
    """Two tables on the network as one, the rows of the second behind those of the first."""
    n = len(one.labels)
    second = other.at._replace(row=other.at.row + n)
    at = Positions(*(np.concatenate(pair) for pair in zip(one.at, second, strict=True)))
    labels = pd.Index(np.arange(n + len(other.labels)))
    parts = [part for part in (one.grounds, other.grounds) if part is not None]
    if not parts:
        return Placed(labels, at)
    known = pd.Index(np.unique(np.concatenate([part.labels.astype(str) for part in parts])))
    both = [_renumbered(placed, known) for placed in (one, other)]
    number, shapes, more_m, units = (np.concatenate(pair) for pair in zip(*both, strict=True))
    by_text = {str(label): label for part in parts for label in part.labels}
    names = pd.Index([by_text[text] for text in known], dtype=object)
    return Placed(labels, at, Grounds(number, names, shapes, more_m, units))


def _renumbered(placed: Placed, known: pd.Index) -> tuple[Any, Any, Any, Any]:
    n = len(placed.labels)
    if placed.grounds is None:
        return np.full(n, -1), np.full(n, None, dtype=object), np.zeros(n), np.ones(n)
    own = np.append(known.get_indexer(placed.grounds.labels.astype(str)), -1)
    grounds = placed.grounds
    return own[grounds.number], grounds.shapes, grounds.more_m, grounds.units
