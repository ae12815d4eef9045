"""Who and what is in no score, and why: counted, and said wherever a score is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from quarterhour.arrays import Ints, Mask
from quarterhour.scoring.rows_before import RowsBefore
from quarterhour.streets.network import WalkNetwork
from quarterhour.streets.positions import NOWHERE, Placed
from quarterhour.streets.snap import end_positions, in_crs_of, start_positions

COLUMNS = ["what", "reason", "count", "of"]

COUNTED = "counted"
"""The reason of the rows that say how many are not left out."""

REASONS = (
    COUNTED,
    "in_no_area",
    "not_snapped",
    "in_several_areas",
    "residents_unknown",
    "serves_no_item",
    "beyond_extent",
    "behind_wall",
    "not_in_service",
    "listed_twice",
    "no_geometry",
)
"""Why something is left out; other reasons are those of a reader, in its own words."""

WHAT = (
    "areas",
    "residences",
    "residents",
    "numbers",
    "facilities",
    "area_rows",
    "facility_rows",
)
"""What is counted."""

_Counts = dict[str, float]


def left_out_of(
    areas: gpd.GeoDataFrame,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    matches: pd.DataFrame,
    network: WalkNetwork,
    at: tuple[Placed, Placed] | None = None,
    where: Where | None = None,
    rows: Ints | None = None,
) -> pd.DataFrame:
    """Count what is in the score and what is not, by reason.

    Parameters
    ----------
    areas, origins, facilities, matches, network
        Those of a scorecard.
    at
        Where the origins, and the facilities that serve an item, are on the network, where that
        is known already.
    where
        Where the facilities are beside the streets, where that is known already.
    rows
        Where the facility of each match is in the table, where that is known already.

    Returns
    -------
    DataFrame
        ``what`` (areas, residences, residents, numbers, facilities, area_rows, facility_rows),
        ``reason`` (``counted`` for what is in the score), ``count`` and ``of``, the number
        known in all. The counts of one ``what`` add up to ``of``.
    """
    if at is None:
        serving = facilities[facilities.index.isin(matches["facility"])]
        ends = end_positions(serving, network) if len(serving) else NOWHERE
        starts = Placed(origins.index, start_positions(origins, network))
        at = starts, Placed(serving.index, ends)
    if where is None:
        where = Where.of(areas, origins, facilities, network)
    if rows is None:
        rows = facilities.index.get_indexer(pd.Index(matches["facility"].array))
    parts: dict[str, _Counts] = {
        **_people(areas, origins, at[0], network),
        "facilities": _facilities(facilities, matches, at[1], where, rows),
    }
    for name, table in (("area_rows", areas), ("facility_rows", facilities)):
        if isinstance(lost := table.attrs.get("left_out"), Mapping) and lost:
            parts[name] = {COUNTED: float(len(table)), **{str(k): float(lost[k]) for k in lost}}
    return pd.DataFrame(list(_rows(parts)), columns=COLUMNS)


class Where(NamedTuple):
    """Where facilities are beside the streets: nowhere, behind a wall, beyond the extent."""

    nowhere: Mask
    behind: Mask
    beyond: Mask

    @classmethod
    def of(
        cls,
        areas: gpd.GeoDataFrame,
        origins: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        network: WalkNetwork,
        before: tuple[Where, RowsBefore] | None = None,
    ) -> Where:
        """Find it; ``before`` is what was found of another table, and which rows are the same."""
        n = len(facilities)
        if n == 0:
            return cls(*np.zeros((3, 0), dtype=bool))
        anew = np.arange(n)
        found = np.zeros((3, n), dtype=bool)
        if before is not None:
            known, rows = before
            found = np.array(known)[:, np.maximum(rows.row, 0)]
            anew = np.flatnonzero(~rows.shapes)
        if len(anew):
            shapes = in_crs_of(facilities.iloc[anew], network, "facilities")
            found[0, anew] = shapely.is_missing(shapes) | shapely.is_empty(shapes)
            found[1, anew] = _behind_walls(shapes, areas, origins, network)
            found[2, anew] = ~shapely.intersects(network.extent, shapes)
        return cls(*found)


def _behind_walls(
    shapes: npt.NDArray[np.object_],
    areas: gpd.GeoDataFrame,
    origins: gpd.GeoDataFrame,
    network: WalkNetwork,
) -> Mask:
    behind = np.zeros(len(shapes), dtype=bool)
    if "way_out" in origins:
        shut = origins.loc[origins["way_out"] == "wall_without_gate", "area"].unique()
        walled = in_crs_of(areas, network, "areas")[areas.index.isin(shut)]
        behind[np.unique(shapely.STRtree(walled).query(shapes, "within")[0])] = True
    return behind


def _rows(parts: Mapping[str, _Counts]) -> Iterator[tuple[str, str, int, int]]:
    for what, counts in parts.items():
        whole = round(sum(counts.values()))
        for reason, count in counts.items():
            if reason == COUNTED or count:
                yield what, reason, round(count), whole


def _people(
    areas: gpd.GeoDataFrame, origins: gpd.GeoDataFrame, starts: Placed, network: WalkNetwork
) -> dict[str, _Counts]:
    """Count areas, residences and residents; a residence in several areas is one."""
    kind = _column(origins, "kind", "")
    again = _column(origins, "again", False).astype(bool)
    lost = ~starts.snapped
    beyond = np.zeros(len(origins), dtype=bool)
    if lost.any():
        far = in_crs_of(origins[lost], network, "origins")
        beyond[np.flatnonzero(lost)[~shapely.intersects(network.extent, far)]] = True
        lost = lost & ~beyond
    gone = lost | beyond
    home = kind == "building"
    parts: dict[str, _Counts] = {"areas": {COUNTED: len(areas)}}
    outside = float(origins.attrs.get("left_out", {}).get("in_no_area", 0))
    if home.any() or outside:
        parts["residences"] = {
            COUNTED: float((home & ~again & ~gone).sum()),
            "not_snapped": float((home & ~again & lost).sum()),
            "beyond_extent": float((home & ~again & beyond).sum()),
            "in_no_area": outside,
        }
    people = np.asarray(origins["residents"].to_numpy(dtype=np.float64, na_value=np.nan))
    if np.isfinite(people).any():
        parts["residents"] = {
            COUNTED: float(np.nansum(people[~again & ~gone])),
            "not_snapped": float(np.nansum(people[~again & lost])),
            "beyond_extent": float(np.nansum(people[~again & beyond])),
            "in_several_areas": float(np.nansum(people[again])),
        }
        without = int(origins["residents"].isna().groupby(origins["area"]).all().sum())
        if without:
            parts["numbers"] = {
                COUNTED: len(areas) - without,
                "residents_unknown": without,
            }
    return parts


def _facilities(
    facilities: gpd.GeoDataFrame, matches: pd.DataFrame, ends: Placed, where: Where, row: Ints
) -> _Counts:
    """Count facilities by the first reason that holds, else as counted."""
    if len(facilities) == 0:
        return {COUNTED: 0.0}
    n = len(facilities)
    serves = _among(row, n)
    near = np.zeros(n, dtype=bool)
    if len(ends.labels) == np.count_nonzero(serves):  # those that serve, in their order
        near[np.flatnonzero(serves)[ends.snapped]] = True
    else:
        near = _among(facilities.index.get_indexer(ends.labels[ends.snapped]), n)
    comes = np.zeros(n, dtype=bool)
    works = serves.copy()
    if "counts" in matches:
        good = (matches["counts"] != "no").to_numpy(dtype=bool)
        works = _among(row[good], n)
        comes = _among(row[good & matches["no_walk"].to_numpy(dtype=bool)], n)
    twice = np.zeros(n, dtype=bool)
    if "place" in matches:
        place, label = (matches[name].to_numpy(dtype=object) for name in ("place", "facility"))
        twice = _among(row[place != label], n)
    lost = ~near & ~comes
    reasons = {
        "serves_no_item": ~serves,
        "no_geometry": where.nowhere & ~comes,
        "behind_wall": lost & where.behind,
        "beyond_extent": lost & where.beyond,
        "not_snapped": lost,
        "not_in_service": ~works,
        "listed_twice": twice,
    }
    first = np.select(list(reasons.values()), list(range(len(reasons))), len(reasons))
    *counts, counted = np.bincount(first, minlength=len(reasons) + 1).tolist()
    pairs = zip(reasons, counts, strict=True)
    return {COUNTED: float(counted), **{word: float(count) for word, count in pairs}}


def _among(rows: Ints, n: int) -> Mask:
    """Mark some of ``n`` rows; -1 is none of them."""
    found = np.zeros(n, dtype=bool)
    found[rows[rows >= 0]] = True
    return found


def _column(table: pd.DataFrame, name: str, otherwise: object) -> npt.NDArray[np.object_]:
    values = table[name] if name in table else pd.Series(otherwise, index=table.index)
    return values.to_numpy(dtype=object)
