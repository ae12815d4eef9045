"""What each home of a tile has, as a table; and a scorecard made of it, that can be counted."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from quarterhour.scoring.by_part import board_of
from quarterhour.scoring.later import with_beside
from quarterhour.scoring.near import Known, Near
from quarterhour.scoring.results_only import NotAtHand
from quarterhour.scoring.scorecard import Scorecard
from quarterhour.standards.checklist import Checklist

ITEM = "item_"
"""What columns of items begin with, in the tables of areas and of homes."""

_WORDS = np.array(["unknown", "unmet", "implied", "met"], dtype=object)


def homes_table(card: Scorecard) -> gpd.GeoDataFrame:
    """Say what each home has.

    Parameters
    ----------
    card
        A scorecard with its homes.

    Returns
    -------
    GeoDataFrame
        One row per home: ``area``, ``residents`` (NaN where nobody has counted), ``share`` of the
        area's residents, ``counted`` (False where a smaller area counts it too), for every item
        ``item_<key>`` (``met``, ``implied``: only by a host, ``unmet``, ``unknown``), and where it
        is.
    """
    board, homes = board_of(card), card.origins
    known = board.known[board.reached.home]
    near = board.reached.near.T
    code = np.where(known, 1 + board.here * (1 + near), 0).astype(np.int64)
    table = pd.DataFrame(
        {
            "area": homes["area"].to_numpy(dtype=object),
            "residents": homes["residents"].to_numpy(dtype=np.float64),
            "share": homes["share"].to_numpy(dtype=np.float64),
            "counted": board.reached.once,
            **{f"{ITEM}{key}": _WORDS[code[:, at]] for at, key in enumerate(board.keys)},
        }
    )
    return gpd.GeoDataFrame(table, geometry=homes.geometry.to_numpy(), crs=homes.crs)


def card_with_homes(
    areas: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, results: pd.DataFrame, checklist: Checklist
) -> Scorecard:
    """Give a scorecard that can be counted, and asked nothing else.

    Parameters
    ----------
    areas
        The areas, by their labels.
    homes
        What :func:`homes_table` gave.
    results
        One row per area and item.
    checklist
        What was asked for.
    """
    keys = checklist.keys()
    words = homes[[f"{ITEM}{key}" for key in keys]].to_numpy(dtype=object).T
    near = Near(words == "met", (words == "met") | (words == "implied"), walks=True)
    absent: dict[str, Any] = {
        name: NotAtHand(what)
        for name, what in (
            ("network", "the streets"),
            ("facilities", "the facilities"),
            ("matches", "the facilities"),
            ("times", "the walks"),
        )
    }
    origins = homes[["area", "residents", "share", "geometry"]].assign(again=~homes["counted"])
    card = Scorecard(
        results=results,
        areas=areas,
        origins=origins,
        checklist=checklist,
        manifest={},
        **absent,
    )
    return with_beside(card, lambda: Known(near))
