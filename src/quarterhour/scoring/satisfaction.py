"""How content residents are with the places that they have within reach."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from quarterhour.arrays import Floats
from quarterhour.errors import InputError
from quarterhour.places.ratings import DIMENSIONS, RATING, Ratings, ratings_of
from quarterhour.scoring.judge import costs
from quarterhour.scoring.scorecard import Scorecard


def satisfaction(card: Scorecard, *, by: Literal["item", "area"] = "item") -> pd.DataFrame:
    """Weigh what residents have within reach with what residents think of it.

    Parameters
    ----------
    card
        A scorecard whose facilities have ratings: ``satisfaction``, or ``satisfaction_attitude``
        and ``satisfaction_ability``.
    by
        A row per item, or per area and item.

    Returns
    -------
    DataFrame
        ``item`` (and ``area``); ``unit`` (residents, or residences where no number of residents
        is known); ``within``, those within the limit of a place that serves the item itself;
        ``rated``, those of them whose nearest place was rated; ``satisfaction``, the mean rating
        of that place, as a share of the best one, over them, and of each dimension that was
        asked; ``weighted_at_least`` and ``weighted_at_most``, the share of everybody that is
        within the limit, each counted with the rating of that place: with nothing, or with
        everything, for a place that nobody rated. By item also ``places`` that count,
        ``places_rated`` and the ``mean`` of their ratings, weighted by how many people rated
        (``satisfaction_n``) where every one of them says so.

    Raises
    ------
    InputError
        If the facilities have no ratings, the scorecard was read without its homes, or ``by`` is
        not known.
    """
    if by not in ("item", "area"):
        msg = f"by={by!r} is not known: 'item' or 'area'."
        raise InputError(msg)
    if {"origins", "facilities"} & set(card.missing):
        msg = (
            "Ratings need the homes and the facilities, which the folder of this scorecard does "
            "not hold: score it anew."
        )
        raise InputError(msg)
    if not {RATING, *DIMENSIONS} & set(card.facilities.columns):
        msg = (
            "The facilities have no ratings: a column 'satisfaction' (满意度), "
            "'satisfaction_attitude' (服务态度) or 'satisfaction_ability' (服务能力)."
        )
        raise InputError(msg)
    ratings = ratings_of(card.facilities)
    people, unit = _people(card)
    walks = _nearest(card, ratings, people)
    keys = ["item"] if by == "item" else ["area", "item"]
    items = card.checklist.keys()
    if by == "item":
        rows = pd.DataFrame({"item": items})
        whole = np.full(len(rows), people.sum())
    else:
        pairs = pd.MultiIndex.from_product([card.areas.index, items], names=keys)
        rows = pairs.to_frame(index=False)
        whole = people.groupby(card.origins["area"]).sum().reindex(rows["area"]).to_numpy(float)
    sums = walks.drop(columns=["area", "item"]).groupby([walks[key] for key in keys]).sum()
    sums = sums.reindex(pd.MultiIndex.from_frame(rows) if by == "area" else rows["item"])
    found = {name: sums[name].fillna(0.0).to_numpy(float) for name in sums}
    table = rows.assign(unit=unit, within=found["within"], rated=found["rated"])
    table[RATING] = _over(found[RATING], found["rated"])
    for name in ratings.dimensions:
        table[name] = _over(found[name], found[f"rated_{name}"])
    table["weighted_at_least"] = _over(found[RATING], whole)
    unrated = found["within"] - found["rated"]
    table["weighted_at_most"] = _over(found[RATING] + unrated, whole)
    if by == "item":
        table = table.join(pd.DataFrame([_places(card, ratings, item) for item in items]))
    table.attrs["notes"] = ratings.notes
    return table


def _people(card: Scorecard) -> tuple[pd.Series[float], str]:
    """How many each home stands for; who lives in several areas counts once."""
    once = pd.Series(True, index=card.origins.index)
    if "again" in card.origins:
        once = ~card.origins["again"].fillna(value=False).astype(bool)
    residents = card.origins["residents"].astype(float)
    if residents.notna().any():
        return residents.where(once, 0.0).fillna(0.0), "residents"
    return once.astype(float), "residences"


def _nearest(card: Scorecard, ratings: Ratings, people: pd.Series[float]) -> pd.DataFrame:
    """The homes within the limit of a place of its own, with the ratings of it."""
    cost, most = costs(card.times, card.checklist)
    within = (cost <= most) & ~card.times["host"].to_numpy(dtype=bool)
    walks = card.times[within]
    row = card.facilities.index.get_indexer(pd.Index(walks["facility"]))
    known = row >= 0
    weight = people.reindex(walks["origin"]).to_numpy(float)
    table: dict[str, Any] = {
        "area": card.origins["area"].reindex(walks["origin"]).to_numpy(),
        "item": walks["item"].to_numpy(),
        "within": weight,
    }
    for name, values in {RATING: ratings.score, **ratings.dimensions}.items():
        rating = np.where(known, values[np.maximum(row, 0)], np.nan)
        rated = np.where(np.isfinite(rating), weight, 0.0)
        table["rated" if name == RATING else f"rated_{name}"] = rated
        table[name] = np.where(np.isfinite(rating), weight * rating, 0.0)
    return pd.DataFrame(table)


def _places(card: Scorecard, ratings: Ratings, item: str) -> dict[str, Any]:
    """The places that serve an item and count, and what they are rated."""
    mine = card.matches[(card.matches["item"] == item) & (card.matches["evidence"] != "host")]
    counted = mine[mine["counts"] != "no"] if "counts" in mine else mine
    where = "place" if "place" in mine else "facility"
    row = card.facilities.index.get_indexer(pd.Index(counted.drop_duplicates(where)["facility"]))
    score, n = ratings.score[row], ratings.n[row]
    rated = np.isfinite(score)
    weight = n[rated] if rated.any() and np.isfinite(n[rated]).all() else np.ones(int(rated.sum()))
    mean = float(score[rated] @ weight / weight.sum()) if rated.any() else np.nan
    return {"places": len(row), "places_rated": int(rated.sum()), "mean": mean}


def _over(part: Floats, whole: Floats) -> Floats:
    nothing: Floats = np.full(len(part), np.nan)
    return np.divide(part, whole, out=nothing, where=whole > 0)
