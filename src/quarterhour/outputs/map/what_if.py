"""What the map page needs to answer "what if" by itself: the numbers of a scorecard's question."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Ints, in_order_of_labels
from quarterhour.outputs.map.plane import box_around, plane_block
from quarterhour.outputs.map.walkers import packed, walkers_block
from quarterhour.outputs.map.what_if_places import (
    Frame,
    compounds_block,
    facilities_block,
    homes_block,
)
from quarterhour.places.same_places import SamePlaces
from quarterhour.scoring.assessable import items_shown
from quarterhour.scoring.question import Question
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist
from quarterhour.standards.classify import classify
from quarterhour.streets.border import border_m
from quarterhour.streets.snap import in_crs_of
from quarterhour.walking.pace import Pace

Block = dict[str, Any]


def can_be_asked(card: Scorecard) -> bool:
    """Whether the page can ask the scorecard again: its question and its homes are known."""
    return card.question is not None and card.asked is not None and "origins" not in card.missing


def what_if_block(card: Scorecard, pace: Pace, edges: Ints, facilities: gpd.GeoDataFrame) -> Block:
    """Give all that a change made in the page is judged by.

    ``edges`` are those that the page has; ``facilities`` those of the scorecard that it has.
    """
    question, network = card.question, card.network
    if question is None or card.asked is None:
        return {}
    lines = network.lines[edges]
    around = box_around(lines, 2 * question.snap_limit_m)
    unit = float(network.units_per_metre(np.array([shapely.box(*around)]))[0])
    plane = plane_block(network.crs, around, unit)
    frame = Frame(network, edges, plane["origin"], unit, question.snap_limit_m)
    as_given = card.asked.facilities.loc[facilities.index]
    return {
        "plane": plane,
        "whole": len(edges) == network.n_edges,
        "streets": {
            "passed_over": np.flatnonzero(network.passed_over[edges]).tolist(),
            **walkers_block(network, pace, edges),
        },
        "homes": {**_people(card), **homes_block(card, frame)},
        "places": facilities_block(facilities, frame),
        "compounds": compounds_block(card, as_given, frame),
        "matches": _matches(card, facilities),
        "twins": _twins(card, facilities),
        "items": _items(card, question),
        "quota": question.quota,
        "horizon": question.horizon,
        "snap_limit_m": question.snap_limit_m,
        "surveyed_all": "all" in question.surveyed,
        "addable": question.at is None and not question.contracted_only,
    }


def _people(card: Scorecard) -> Block:
    """Give who lives where: area, share of it, and how many, residents or residences."""
    origins = card.origins
    residents = origins["residents"].to_numpy(dtype=float)
    known = bool(np.isfinite(residents).all() and residents.sum() > 0)
    again = origins.get("again", pd.Series(data=False, index=origins.index))
    of_area = origins.groupby("area")["residents"].sum(min_count=1).reindex(card.areas.index)
    at_gate = origins["kind"].eq("gate") if "kind" in origins else np.zeros(len(origins))
    return {
        "area": card.areas.index.get_indexer(origins["area"]).tolist(),
        "share": packed(origins["share"]),
        "weight": packed(residents if known else np.ones(len(origins))),
        "measure": "residents" if known else "residences",
        "again": np.flatnonzero(again.fillna(value=False).to_numpy(dtype=bool)).tolist(),
        "at_gates": bool(origins.attrs.get("at") == "gate" or np.any(at_gate)),
        "residents": packed(of_area.to_numpy(dtype=float)),
        "edge_m": packed(_nearest_edge_m(card)),
    }


def _nearest_edge_m(card: Scorecard) -> npt.NDArray[np.float64]:
    """Give how far from the border of the data the nearest home of each area is; 0 outside."""
    points = in_crs_of(card.origins, card.network, "origins")
    far = border_m(card.network.extent, points)
    nearest = pd.Series(far).groupby(card.origins["area"].to_numpy()).min()
    return np.asarray(nearest.reindex(card.areas.index), dtype=np.float64)


def _matches(card: Scorecard, facilities: gpd.GeoDataFrame) -> Block:
    """Give what facilities serve and count for: by row and item, and whether as a host."""
    matches = card.matches.drop_duplicates(["facility", "item"])
    if "counts" in matches:
        matches = matches[(matches["counts"] == "yes") & matches["walk"]]
    matches = matches.iloc[in_order_of_labels(matches["facility"])]
    return {
        "place": facilities.index.get_indexer(pd.Index(matches["facility"])).tolist(),
        "item": pd.Index(card.checklist.keys()).get_indexer(pd.Index(matches["item"])).tolist(),
        "host": (matches["evidence"] == "host").astype(int).tolist(),
        "declared": (matches["evidence"] == "declared").astype(int).tolist(),
    }


def _twins(card: Scorecard, facilities: gpd.GeoDataFrame) -> dict[str, list[int]]:
    """Give the rows that close with a facility, as they are the same place."""
    if "place" in card.matches and card.matches["place"].equals(card.matches["facility"]):
        return {}
    same = SamePlaces.of(facilities)
    place = facilities.index.get_indexer(pd.Index(same.place))
    groups: dict[int, list[int]] = {}
    for row, kept in enumerate(place.tolist()):
        groups.setdefault(kept, []).append(row)
    found: dict[str, list[int]] = {}
    for members in groups.values():
        for row in members if len(members) > 1 else ():
            if same.reason[row] != "entrance":
                found[str(row)] = [one for one in members if one != row]
    return found


def _items(card: Scorecard, question: Question) -> list[Block]:
    """Give what is asked of each item, and what can be known of it."""
    checklist, matches = card.checklist, card.matches
    none = matches.iloc[:0]
    without = items_shown(checklist, card.asked.facilities if card.asked else card.facilities, none)
    odd, idle = set(), set()
    if "counts" in matches:
        odd = set(matches.loc[(matches["counts"] == "perhaps") | matches["no_walk"], "item"])
        direct = matches[matches["evidence"] != "host"]
        idle = set(direct.loc[direct["counts"] == "no", "item"])
    serves = _declared_ones(checklist, hosts=question.mode == "function")
    surveyed = set(question.surveyed)
    return [
        {
            "most": item.limit.most,
            "in_metres": item.limit.in_metres,
            "shown": item.key in without,
            "surveyed": item.key in surveyed or "all" in surveyed,
            "asked": item.at_least == 1 and item.key not in odd,
            "idle": item.key in idle,
            "weight": item.weight,
            "serves": serves[item.key],
        }
        for item in checklist
    ]


def _declared_ones(checklist: Checklist, *, hosts: bool) -> dict[str, list[list[int]]]:
    """Give what a new facility serves that says of itself which item it is, by item."""
    keys = checklist.keys()
    table = gpd.GeoDataFrame(
        {"name": [f"new/{key}/1" for key in keys], "item": list(keys)},
        geometry=[shapely.Point(k, 0) for k in range(len(keys))],
        crs=3857,
        index=pd.Index(list(keys), dtype=object),
    )
    found: dict[str, list[list[int]]] = {key: [] for key in keys}
    place = {key: k for k, key in enumerate(keys)}
    for one in classify(table, checklist, hosts=hosts).to_dict("records"):
        by_host = str(one["evidence"]) == "host"
        found[str(one["facility"])].append([place[str(one["item"])], int(by_host)])
    return found
