"""Coverage, always by name: what is counted, out of what, and how much is unknown."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from quarterhour.errors import InputError
from quarterhour.scoring.by_part import MEASURES, counted_by_part, require_homes
from quarterhour.scoring.designation import Circles
from quarterhour.scoring.parts import By, Parts, parts_of, whole
from quarterhour.scoring.reached import Reached, of_known
from quarterhour.scoring.scorecard import Scorecard

COLUMNS = [
    "measure",
    "item",
    "share",
    "share_observed",
    "numerator",
    "observed",
    "implied",
    "denominator",
    "unknown",
    "unit",
    "share_at_least",
    "share_at_most",
]
"""Columns of a coverage, in their order."""


def coverage(
    card: Scorecard,
    measure: str | Iterable[str] | None = None,
    by: By | None = None,
    *,
    circles: Circles | None = None,
) -> pd.DataFrame:
    """Give coverage measures of a scorecard with their numerators and denominators.

    - ``population``: residents within the limit of the item, of the residents whose answer is
      known; only areas with a number of residents count (standards: 人口覆盖率).
    - ``residence``: residences (origins) within the limit, of those whose answer is known
      (建筑覆盖率 where origins are buildings).
    - ``area``: areas that meet the item, of the areas where it is met or unmet.
    - ``item``: for all items together, area–item pairs that are met, of those met or unmet.
    - ``group``: the same, for the items of each group of the checklist.
    - ``all_items``: residents (residences where nobody has counted) who have every item whose
      answer is known in their area, all but one of them, all but two …
    - ``designation``: areas assigned to a circle, of all areas. The official 87.5 % is this one;
      no walking is in it.

    Where areas overlap, who lives in several of them counts once in what counts people or homes.

    Parameters
    ----------
    card
        The scorecard.
    measure
        One measure, or several; none: the first four.
    by
        Tell it by part: a column of the areas (``"district"``), polygons (districts; homes are
        where they are, an area is where its inner point is), the size of square cells in metres
        (``500``), or H3 cells (``"h3:9"``).
    circles
        For ``designation``: one row per community and circle, in columns ``community`` (label of
        the area) and ``circle``; or the column of the areas that names their circle.

    Returns
    -------
    DataFrame
        ``measure``, ``item`` (``"all"`` where it is all items together), ``share`` (NaN where the
        denominator is 0), ``share_observed`` (the part of it that rests on facilities which the
        data show), ``numerator``, and its two parts ``observed`` and ``implied`` (only by a host
        that usually holds the item), ``denominator``, ``unknown`` (what could not be judged, in
        the same unit), ``unit``, and the share of everything if none or all of the unknown were
        within reach (``share_at_least``, ``share_at_most``). An item that maps rarely show has no
        unmet area, only unknown ones: read its bounds, not its share. Of a scorecard that was
        read without its homes, ``residence`` is NaN, and so is ``population`` where areas overlap.

        Asked for a measure, or by part, it also has ``items``: the keys of the items that count,
        which are those whose answer is known somewhere there; by part, ``part`` before them
        (None: in no part), ``part_name`` where the polygons have names, and the geometry of the
        part where there is one. ``attrs["notes"]`` says who is in no part, or in several.

    Raises
    ------
    InputError
        If there is no such measure or part, circles are missing, or the scorecard has no homes.
    MissingExtraError
        If H3 cells are asked for and h3 is not installed.

    Examples
    --------
    >>> coverage(card, measure="population", by="h3:9")  # doctest: +SKIP
    >>> coverage(card, measure=["area", "all_items"], by="district")  # doctest: +SKIP
    """
    if measure is None and by is None:
        return _every_item(card)
    wanted = _measures(measure)
    if "designation" in wanted and circles is None:
        msg = (
            "Which communities are designated is in no scorecard: pass circles=, a table with the "
            "columns community and circle, or the column of the areas that names their circle."
        )
        raise InputError(msg)
    parts = _whole(card) if by is None else _homes_at_hand(card, by)
    table, notes = counted_by_part(card, wanted, parts, circles)
    table = with_shares(table)
    told = table["part"]
    front = ["measure", "item"] if by is None else ["measure", "item", "part"]
    table = table[[*front, *COLUMNS[2:], "items"]]
    number = {label: row for row, label in enumerate(parts.labels)}
    row = [number[label] for label in told]
    if parts.names is not None:
        table.insert(3, "part_name", pd.Series(list(parts.names[row]), dtype=object))
    if parts.shapes is not None:
        shapes = parts.shapes.take(row).set_axis(table.index)
        table = gpd.GeoDataFrame(table, geometry=shapes)
    table.attrs["notes"] = notes
    return table


def _measures(measure: str | Iterable[str] | None) -> list[str]:
    if measure is None:
        return list(MEASURES[:4])
    wanted = [measure] if isinstance(measure, str) else list(dict.fromkeys(measure))
    strange = [str(one) for one in wanted if one not in MEASURES]
    if strange or not wanted:
        told = ", ".join(strange) or "in an empty list"
        msg = f"There is no measure {told}: there are {', '.join(MEASURES)}."
        raise InputError(msg)
    return wanted


def _whole(card: Scorecard) -> Parts:
    require_homes(card)
    return whole(card)


def _homes_at_hand(card: Scorecard, by: By) -> Parts:
    require_homes(card)
    return parts_of(card, by)


def _every_item(card: Scorecard) -> pd.DataFrame:
    """Give the first four measures of the whole."""
    reached = Reached.of(card)
    met = [of_known(reached.status[rows], reached.by_host[rows]) for rows in reached.rows]
    items = list(enumerate(card.checklist.keys()))
    rows: list[tuple[str, str, float, float, float, float, str]]
    rows = [("population", key, *reached.population(k), "residents") for k, key in items]
    rows += [("residence", key, *reached.residences(k), "residences") for k, key in items]
    rows += [("area", key, *met[k], "areas") for k, key in items]
    rows.append(("item", "all", *of_known(reached.status, reached.by_host), "area-item pairs"))
    table = pd.DataFrame(
        rows, columns=["measure", "item", "numerator", "implied", "denominator", "unknown", "unit"]
    )
    return with_shares(table)[COLUMNS]


def with_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Add shares, and bounds where they are not told already."""
    whole = table["denominator"].where(table["denominator"] > 0)
    table = table.assign(
        share=table["numerator"] / whole,
        observed=(table["numerator"] - table["implied"]).clip(lower=0.0),
    )
    table["share_observed"] = table["observed"] / whole
    everything = (table["denominator"] + table["unknown"]).where(lambda total: total > 0)
    least = table["at_least"] if "at_least" in table else table["numerator"]
    table["share_at_least"] = least / everything
    table["share_at_most"] = (table["numerator"] + table["unknown"]) / everything
    return table
