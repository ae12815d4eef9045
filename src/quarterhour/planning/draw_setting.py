"""What draws are made from: a scorecard's places and homes, and places that may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Floats, Ints, Mask
from quarterhour.errors import InputError
from quarterhour.places.merged_places import ALSO
from quarterhour.planning.error_source import ErrorSource, World
from quarterhour.planning.missing_places import (
    columns_filled,
    missing_places,
    placed_sites,
    sites_of,
    together,
    walked_to,
)
from quarterhour.scoring.at_hand import require_at_hand
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.streets.positions import Placed
from quarterhour.streets.snap import placed_ends
from quarterhour.walking.pace import ADULT


@dataclass(frozen=True, eq=False)
class Setting:
    """What is drawn from: the world that was assessed, its places as slots, and missing places.

    A slot is a place, listed once or several times; the slots after these are places that exist
    and are not listed. ``serving`` are the facilities that serve an item and can be walked to,
    ``slot`` says which place each of them is, ``serves`` which column each of them fills: an item
    (below ``items``) by itself, or (beyond) through a host. ``ends`` are the serving facilities
    and, behind them, the ``sites`` at which places may be missing; ``extra`` says which.
    """

    card: Scorecard
    world: World
    ends: Placed
    serving: pd.Index
    slot: Ints
    serves: pd.DataFrame
    extra: pd.DataFrame
    sites: gpd.GeoDataFrame
    firm: Mask

    @property
    def n_slots(self) -> int:
        """Places, listed or missing."""
        return len(self.world.places) + len(self.extra)


def setting_of(card: Scorecard, sources: tuple[ErrorSource, ...], seed: int) -> Setting:
    """Prepare a scorecard for draws.

    Raises
    ------
    InputError
        If the scorecard does not know its question, or something of it cannot be drawn.
    """
    if card.question is None or card.asked is None:
        msg = "This scorecard was put together by hand: ask its question with quarterhour.assess."
        raise InputError(msg)
    require_at_hand(list(card.missing), card)
    matches = _walked(card)
    serving = pd.Index(matches["facility"].unique())
    place = matches.drop_duplicates("facility").set_index("facility")["place"]
    slot, _ = pd.factorize(place.reindex(serving))
    keys = pd.Index(card.checklist.keys())
    hosted = (matches["evidence"] == "host").to_numpy()
    serves = pd.DataFrame(
        {
            "facility": serving.get_indexer(pd.Index(matches["facility"])),
            "column": keys.get_indexer(pd.Index(matches["item"])) + len(keys) * hosted,
        }
    )
    serves["slot"] = slot[serves["facility"]]
    declared = serves.loc[(matches["evidence"] == "declared").to_numpy(), "slot"].unique()
    firm, surveyed = _firm(card)
    facilities = card.facilities.loc[serving].set_axis(np.arange(len(serving)))
    world = _world(card, facilities, serves, declared, firm & ~surveyed)
    ends = placed_ends(card.facilities.loc[serving], card.network, card.question.snap_limit_m)
    sites = sites_of(card)
    at_sites = placed_sites(card, sites)
    extra = missing_places(sources, world, np.flatnonzero(at_sites.snapped), seed)
    used, extra["site"] = np.unique(extra["site"].to_numpy(), return_inverse=True)
    sites, at_sites = sites.iloc[used], at_sites.take(used)
    slots = extra.assign(
        slot=len(world.places) + np.arange(len(extra)),
        facility=walked_to(card, sites, serving)[extra["site"]],
    ).merge(columns_filled(card, extra["item"].to_numpy()), on="item")
    serves = pd.concat([serves, slots[["facility", "column", "slot"]]], ignore_index=True)
    slot = slot.astype(np.int64)
    return Setting(card, world, together(ends, at_sites), serving, slot, serves, extra, sites, firm)


def _walked(card: Scorecard) -> pd.DataFrame:
    """Give the matches that count, of each facility and item by itself or through a host one."""
    matches = card.matches
    if "counts" in matches:
        if (matches["counts"] == "perhaps").any() or matches["no_walk"].any():
            msg = (
                "Some facilities have unknown hours or come to the home: their errors are not "
                "drawn. Ask the question without hours, card.again(at=None), or with "
                'mode="facility"; on the command line without --at, or with --mode facility.'
            )
            raise InputError(msg)
        matches = matches[matches["counts"] == "yes"]
    if matches.empty:
        msg = "No facility of this scorecard serves an item: there is nothing to be unsure of."
        raise InputError(msg)
    hosted = matches["evidence"] == "host"
    return matches[~matches.assign(h=hosted).duplicated(["facility", "item", "h"])]


def _world(
    card: Scorecard,
    facilities: gpd.GeoDataFrame,
    serves: pd.DataFrame,
    declared: Any,
    open_items: Mask,
) -> World:
    """Tell what sources ask of the world; the facilities are numbered as in ``serves``."""
    keys = pd.Index(card.checklist.keys())
    commercial = np.array([item.kind == "commercial" for item in card.checklist], dtype=bool)
    n = int(serves["slot"].max()) + 1
    # A place of several items is of the kind of the first that it serves by itself.
    first = serves.sort_values("column").drop_duplicates("slot").set_index("slot")["column"]
    kind = first.reindex(range(n)).to_numpy(dtype=np.int64) % len(keys)
    direct = serves[serves["column"] < len(keys)].drop_duplicates(["slot", "column"])
    listed = np.bincount(direct["column"], minlength=len(keys))
    sure = _confidence(facilities, serves, n)
    overture = np.isfinite(sure)[direct["slot"].to_numpy(dtype=np.int64)]
    told = np.bincount(direct["column"], weights=overture, minlength=len(keys))
    way_out = card.origins.get("way_out", pd.Series("", index=card.origins.index))
    return World(
        pace=card.question.pace if card.question else ADULT,
        places=pd.DataFrame(
            {
                "commercial": commercial[kind],
                "declared": np.isin(np.arange(n), declared),
                "confidence": sure,
                "both": _in_both(facilities, serves, n),
            }
        ),
        items=pd.DataFrame(
            {
                "places": np.where(open_items, listed, 0),
                "commercial": commercial,
                "overture": told / np.maximum(listed, 1),
            },
            index=keys,
        ),
        homes=pd.DataFrame(
            {
                "area": card.areas.index.get_indexer(card.origins["area"]),
                "shut": (way_out == "wall_without_gate").to_numpy(),
            }
        ),
    )


def _confidence(facilities: gpd.GeoDataFrame, serves: pd.DataFrame, n: int) -> Floats:
    """How sure the source of each place is that it exists, 0 to 1; NaN where it does not say."""
    if "confidence" not in facilities:
        return np.full(n, np.nan)
    known = pd.to_numeric(facilities["confidence"], errors="coerce")
    return np.asarray(_of_slots(known, serves, n).to_numpy(dtype=np.float64))


def _in_both(facilities: gpd.GeoDataFrame, serves: pd.DataFrame, n: int) -> Mask:
    """Whether each place is listed by two sources, as :func:`quarterhour.merge_places` says."""
    if ALSO not in facilities:
        return np.zeros(n, dtype=bool)
    return np.asarray(_of_slots(facilities[ALSO], serves, n).notna().to_numpy())


def _of_slots(said: pd.Series[Any], serves: pd.DataFrame, n: int) -> pd.Series[Any]:
    """Give what a column of the facilities says of each place."""
    of = serves.drop_duplicates("slot").set_index("slot")["facility"]
    return said.reindex(of).set_axis(of.index).reindex(range(n))


def _firm(card: Scorecard) -> tuple[Mask, Mask]:
    """Items of which the data would show a lack, and those of which they are complete."""
    keys = card.checklist.keys()
    surveyed = card.question.surveyed if card.question else ()
    full = np.array([key in surveyed or "all" in surveyed for key in keys], dtype=bool)
    shown = np.isin(np.array(keys, dtype=object), list(card.manifest["parameters"]["shown"]))
    itself = card.matches.loc[card.matches["evidence"] != "host", "item"]
    return full | (shown & np.isin(np.array(keys, dtype=object), itself.unique())), full
