"""What draws are made from: a scorecard's places and homes, and places that may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.arrays import Ints, Mask
from quarterhour.errors import InputError
from quarterhour.planning.error_source import ErrorSource, World
from quarterhour.scoring.at_hand import require_at_hand
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.classify import classify
from quarterhour.streets.snap import Placed, placed_ends
from quarterhour.walking.pace import ADULT


@dataclass(frozen=True, eq=False)
class Setting:
    """What is drawn from: the world that was assessed, its places as slots, and missing places.

    A slot is a place, listed once or several times; the slots after these are places that exist
    and are not listed. ``serving`` are the facilities that serve an item and can be walked to,
    ``slot`` says which place each of them is, ``serves`` which column each of them fills: an item
    (below ``items``) by itself, or (beyond) through a host.
    """

    card: Scorecard
    world: World
    ends: Placed
    serving: pd.Index
    slot: Ints
    serves: pd.DataFrame
    extra: pd.DataFrame
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
    require_at_hand(list(card.missing), card.manifest)
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
    world = _world(card, serves, declared, firm & ~surveyed)
    ends = placed_ends(card.facilities.loc[serving], card.network, card.question.snap_limit_m)
    extra = _missing(sources, world, np.flatnonzero(ends.snapped), seed)
    serves = pd.concat([serves, _serving_too(card, extra, len(world.places))], ignore_index=True)
    return Setting(card, world, ends, serving, slot.astype(np.int64), serves, extra, firm)


def _walked(card: Scorecard) -> pd.DataFrame:
    """Give the matches that count, of each facility and item by itself or through a host one."""
    matches = card.matches
    if "counts" in matches:
        if (matches["counts"] == "perhaps").any() or matches["no_walk"].any():
            msg = (
                "Some facilities have unknown hours or come to the home: their errors are not "
                "drawn. Ask the question without hours, card.again(at=None), or with "
                'mode="facility".'
            )
            raise InputError(msg)
        matches = matches[matches["counts"] == "yes"]
    if matches.empty:
        msg = "No facility of this scorecard serves an item: there is nothing to be unsure of."
        raise InputError(msg)
    hosted = matches["evidence"] == "host"
    return matches[~matches.assign(h=hosted).duplicated(["facility", "item", "h"])]


def _world(card: Scorecard, serves: pd.DataFrame, declared: Any, open_items: Mask) -> World:
    """Tell what sources ask of the world."""
    keys = pd.Index(card.checklist.keys())
    commercial = np.array([item.kind == "commercial" for item in card.checklist], dtype=bool)
    n = int(serves["slot"].max()) + 1
    # A place of several items is of the kind of the first that it serves by itself.
    first = serves.sort_values("column").drop_duplicates("slot").set_index("slot")["column"]
    kind = first.reindex(range(n)).to_numpy(dtype=np.int64) % len(keys)
    direct = serves[serves["column"] < len(keys)].drop_duplicates(["slot", "column"])
    listed = np.bincount(direct["column"], minlength=len(keys))
    way_out = card.origins.get("way_out", pd.Series("", index=card.origins.index))
    return World(
        pace=card.question.pace if card.question else ADULT,
        places=pd.DataFrame(
            {"commercial": commercial[kind], "declared": np.isin(np.arange(n), declared)}
        ),
        items=pd.DataFrame(
            {"places": np.where(open_items, listed, 0), "commercial": commercial}, index=keys
        ),
        homes=pd.DataFrame(
            {
                "area": card.areas.index.get_indexer(card.origins["area"]),
                "shut": (way_out == "wall_without_gate").to_numpy(),
            }
        ),
    )


def _firm(card: Scorecard) -> tuple[Mask, Mask]:
    """Items of which the data would show a lack, and those of which they are complete."""
    keys = card.checklist.keys()
    surveyed = card.question.surveyed if card.question else ()
    full = np.array([key in surveyed or "all" in surveyed for key in keys], dtype=bool)
    shown = np.isin(np.array(keys, dtype=object), list(card.manifest["parameters"]["shown"]))
    itself = card.matches.loc[card.matches["evidence"] != "host", "item"]
    return full | (shown & np.isin(np.array(keys, dtype=object), itself.unique())), full


def _missing(
    sources: tuple[ErrorSource, ...], world: World, sites: Ints, seed: int
) -> pd.DataFrame:
    """Places that may exist and are not listed, by source and item, each at another place's door.

    There are more of them than any draw will have, so that draws differ in where they are.
    """
    rows = []
    random = np.random.default_rng([seed, 0])
    listed = world.items["places"].to_numpy(dtype=np.int64)
    for number, source in enumerate(sources):
        if (least := source.fewest_listed(world)) is None or len(sites) == 0:
            continue
        most = listed * (1 - least) / least
        room = np.where(most > 0, np.ceil(2 * most + 8 * np.sqrt(most) + 12), 0).astype(np.int64)
        item = np.repeat(np.arange(len(listed)), room)
        site = sites[random.integers(len(sites), size=len(item))]
        rows.append(pd.DataFrame({"source": number, "item": item, "facility": site}))
    columns = ["source", "item", "facility"]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns, dtype=int)


def _serving_too(card: Scorecard, extra: pd.DataFrame, n_listed: int) -> pd.DataFrame:
    """Say which columns the missing places would fill, hosts as the checklist has them."""
    keys = pd.Index(card.checklist.keys())
    kinds = np.unique(extra["item"]).astype(int)
    point = card.facilities.geometry.iloc[[0] * len(kinds)]
    table = gpd.GeoDataFrame({"item": keys[kinds]}, geometry=list(point), crs=point.crs)
    hosts = card.question is not None and card.question.mode == "function"
    if table.empty:
        return pd.DataFrame(columns=["facility", "column", "slot"], dtype=int)
    found = classify(table, card.checklist, hosts=hosts)
    column = keys.get_indexer(pd.Index(found["item"]))
    column = column + len(keys) * (found["evidence"] == "host").to_numpy()
    means = pd.DataFrame({"item": kinds[found["facility"].to_numpy(dtype=int)], "column": column})
    slots = extra.assign(slot=n_listed + np.arange(len(extra))).merge(means, on="item")
    return slots[["facility", "column", "slot"]]
